//! The rules, document by document: what a sentence of the guide or of an RFC asks, a test shows.
//!
//! | file | whose words |
//! |---|---|
//! | `guide` | the guide to the implicit grant, sentence by sentence |
//! | `rfc6749`, `rfc6749_token`, `rfc7009`, `rfc7636`, `rfc8252`, `rfc8707`, `rfc9207`, `rfc9700` | the standards, by section |
//! | `oidc_core`, `userinfo` | OpenID Connect Core 1.0, by section |
//! | `rp_initiated_logout`, `back_channel_logout` | OpenID Connect's ways to sign out, by section |
//! | `response_modes` | how answers travel: Multiple Response Types, Form Post Response Mode |
//! | `redirect_uris` | one table of redirect URIs, at registration and in a request |
//! | `refusals`, `refusals_pkce`, `refusals_token`, `refusals_refresh`, `refusals_jwt`, `consent`, `client_auth`, `introspect`, `revocation_list` | attacks and bad input, by the ids of the list of refusals |
//! | `properties`, `refresh_interleavings` | what holds whatever is sent |

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod back_channel_logout;
mod client_auth;
mod consent;
mod guide;
mod introspect;
mod oidc_core;
mod properties;
mod redirect_uris;
mod refresh_interleavings;
mod refusals;
mod refusals_jwt;
mod refusals_pkce;
mod refusals_refresh;
mod refusals_token;
mod response_modes;
mod revocation_list;
mod rfc6749;
mod rfc6749_token;
mod rfc7009;
mod rfc7636;
mod rfc8252;
mod rfc8707;
mod rfc9207;
mod rfc9700;
mod rp_initiated_logout;
mod support;
mod userinfo;
