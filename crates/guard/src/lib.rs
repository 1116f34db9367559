//! One line in front of an API's routes: checks the access tokens that Hallpass issued.
//!
//! A request bears its token in `Authorization: Bearer …` (RFC 6750 §2.1). The [`Guard`] takes it to a
//! [`Checker`], which opens it with the keys of the accounts service ([`Checker::with_keys`], for an API
//! in the same process), verifies it with the public keys ([`Checker::with_feed`], RFC 9068, for an API
//! that gets signed tokens), or asks the accounts service ([`Checker::with_introspection`], RFC 7662). A good
//! token becomes an [`Access`] in the request's extensions; anything else is answered at once, and the
//! route behind is not called.
//!
//! ```
//! use axum::{Extension, Router, routing::get};
//! use hallpass_guard::{Access, Checker, ClientId, ErrorShape, Guard, IntrospectionEndpoint};
//! use hallpass_guard::{Secret, SystemClock};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = IntrospectionEndpoint {
//!     url: "https://accounts.example/introspect".to_owned(),
//!     client_id: ClientId::parse("f3a4c0de5b6e4c1b8d7a9e0f1a2b3c4d")?,
//!     client_secret: Secret::presented("read it from a file"),
//! };
//! let checker = Checker::with_introspection(endpoint, SystemClock)?;
//! let guard = Guard::new(checker).with_realm("music").with_errors(ErrorShape::Guide);
//!
//! let app: Router = Router::new()
//!     .route("/v1/me", get(me).route_layer(guard.require_token()))
//!     .route("/v1/me/email", get(email).route_layer(guard.require(&["user-read-email"])));
//!
//! async fn me(Extension(access): Extension<Access>) -> String {
//!     match access.user() {
//!         Some(user) => format!("user {user}, by way of app {}", access.client),
//!         None => format!("app {} itself", access.client),
//!     }
//! }
//!
//! async fn email() -> &'static str {
//!     "ada@example.com"
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What a denied request is answered
//!
//! | [`Denied`] | status | message | after `Bearer realm="…"` |
//! |---|---|---|---|
//! | `NoToken` | 401 | No token provided | nothing |
//! | `NotBearer` | 400 | Only valid bearer authentication supported | `error="invalid_request"` |
//! | `Unknown` | 401 | Invalid access token | `error="invalid_token"`, `error_description` |
//! | `Expired` | 401 | The access token expired | `error="invalid_token"`, `error_description` |
//! | `Revoked` | 401 | The access token was revoked | `error="invalid_token"`, `error_description` |
//! | `InsufficientScope` | 403 | Insufficient client scope | `error="insufficient_scope"`, `scope` |
//! | `Unavailable` | 503 | The access token could not be checked… | no challenge; `Retry-After` |
//!
//! The message is the body in the shape of [`ErrorShape::Guide`]; [`ErrorShape::Rfc6750`] has no body.
//! Every such answer is `Cache-Control: no-store`.
//!
//! # Tokens that were ended before their time
//!
//! By introspection they are unknown: the accounts service says no more than that they are not active
//! (RFC 7662 §2.2). A checker with keys of either kind asks its [`Revocations`], if it was given any
//! ([`Checker::with_revocations`]): a token that was ended is `Revoked`, and while nobody knows what was
//! ended, every token is `Unavailable`, never good. Of several reasons the first of this order is told:
//! unknown, expired, revoked, a missing scope.
//!
//! Who knows of that elsewhere is a [`Feed`]: it follows the accounts service and forgets nothing. A token
//! that was ended is refused within one second ([`BOUND`]); when the feed has heard nothing for so long,
//! every token is `Unavailable`. It knows the keys too: new ones before they are used, and which are
//! no longer good.
//!
//! ```no_run
//! use hallpass_guard::{Checker, ClientId, Feed, FeedEndpoint, Secret, SystemClock};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let feed = Feed::follow(
//!     FeedEndpoint {
//!         revocations_url: "https://accounts.example/revocations".to_owned(),
//!         jwks_url: "https://accounts.example/jwks".to_owned(),
//!         issuer: "https://accounts.example".to_owned(),
//!         client_id: ClientId::parse("f3a4c0de5b6e4c1b8d7a9e0f1a2b3c4d")?,
//!         client_secret: Secret::presented("read it from a file"),
//!     },
//!     SystemClock,
//! )?;
//! feed.heard().await;
//! let checker = Checker::with_feed(feed, "https://music.example", SystemClock);
//! # Ok(())
//! # }
//! ```
//!
//! # Apps that run in a browser
//!
//! Their pages are of other origins than the API, and are to read its answers and errors: that is what
//! [`OpenToPages`] is for, a layer outside of all others, which also answers the preflights.
//!
//! # What it does not do
//!
//! Tokens in a query or in a body are never used. Answers of the introspection endpoint are not kept:
//! each request asks anew.

mod access;
mod answer;
mod bearer;
mod checker;
mod clock;
mod denied;
mod feed;
mod guarding;
mod introspection;
mod layer;
mod pages;
mod revocations;

pub use access::Access;
pub use answer::ErrorShape;
pub use bearer::token as bearer_token;
pub use checker::Checker;
pub use clock::{Clock, SystemClock};
pub use denied::Denied;
pub use feed::{BOUND, Feed, FeedEndpoint};
pub use guarding::Guarding;
pub use introspection::{IntrospectionEndpoint, IntrospectionProblem};
pub use layer::{Guard, Guarded, RequireScopes};
pub use pages::{OpenToPages, Opened, Opening};
pub use revocations::{Revocations, Standing};

pub use hallpass_protocol::access_token::{Claims, TokenSubject};
pub use hallpass_protocol::jose::PublicKeys;
pub use hallpass_protocol::model::{ClientId, KeySet, Scope, ScopeSet, Secret, Subject, Timestamp};
