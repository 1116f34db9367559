//! The nouns and rules of Hallpass: pure functions from what was sent and what is known to what
//! happens. Nothing here waits, reads a clock, draws a random number, or touches a file: `now` and
//! `rng` are handed in, so every rule can be tested with any time and any chance.
//!
//! # The story of one request
//!
//! A page sends its visitor to `/authorize?client_id=…&response_type=token&redirect_uri=…&scope=…&state=…`.
//!
//! 1. [`authorize::AuthorizationQuery::parse`] reads the parameters, each once, believing none.
//! 2. The store brings [`authorize::Facts`] in one read: the client, the browser's session, what its
//!    account has allowed this client before.
//! 3. [`authorize::decide`] looks at the two and says what happens: a page for the person
//!    ([`authorize::Refusal`]), an error for the client, signing in, the question, or the token.
//! 4. The person's [`authorize::Answer`] is believed only with the form token of that very page; then
//!    step 3 is taken again with it, on fresh facts.
//! 5. [`authorize::Issue`] says what must be on record, seals the access token ([`access_token`]), and
//!    makes the only kind of value that can become a redirect off the site
//!    ([`authorize::ClientRedirect`]).
//!
//! The API that gets the token opens it with [`access_token::open`], or asks about it
//! ([`introspect`]).

pub mod access_token;
pub mod authorize;
pub mod claims;
pub mod client_auth;
pub mod code;
pub mod dashboard;
pub mod id_token;
pub mod introspect;
pub mod issuer;
pub mod jose;
pub mod logout;
pub mod model;
pub mod pkce;
pub mod profile;
pub mod revocations;
pub mod revoke;
mod sealed;
pub mod sign_in;
pub mod token;
pub mod userinfo;
