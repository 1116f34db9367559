//! Flows: what people, apps and attackers do, each told as a story through the router, from the first
//! request to the last. Rules are tested in `hallpass_protocol`, the store by its own suite.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod account;
mod apis;
mod apps_file;
mod authorization_code;
mod client_credentials;
mod code_exchange;
mod consent;
mod cors;
mod dashboard;
mod disabled;
mod forward_auth;
mod http_layer;
mod implicit_grant;
mod interaction;
mod introspect;
mod keys;
mod logout;
mod metadata;
mod nodes;
mod openid;
mod pkce;
mod profile;
mod refresh_races;
mod refresh_token;
mod refusals;
mod response_modes;
mod revocations;
mod revoke;
mod sign_in;
mod sign_out;
mod sign_up;
mod sockets;
mod support;
mod token;
mod userinfo;
