//! Hallpass as a server: HTTP and HTML around the rules of `hallpass_protocol` and the store.
//!
//! ```text
//! Settings -> Config -> Installation (directory, keys, store) -> App (state) -> router -> listener
//! ```
//!
//! Each endpoint or page is a folder of its own with its handlers and its HTML; folders know the state,
//! `http` and `layout`, and never one another: they link by URL. A handler reads the request, asks the
//! store once for the facts, lets the rules decide, and carries the decision out.

mod account;
pub mod apps_file;
mod authorize;
pub mod clock;
pub mod command;
pub mod config;
mod dashboard;
pub mod demo;
pub mod departure;
pub mod fault;
mod forward_auth;
pub mod hashing;
mod health;
pub mod hearing;
mod home;
mod http;
pub mod installation;
mod introspect;
mod jwks;
pub mod keyring;
mod layout;
pub mod listener;
mod logout;
pub mod logout_notices;
mod metadata;
pub mod node;
pub mod operator;
pub mod outgoing;
pub mod randomness;
pub mod remembered;
pub mod revocations;
mod revoke;
pub mod router;
pub mod sessions;
mod sign_in;
mod sign_out;
mod sign_up;
pub mod signing;
pub mod state;
mod suggest;
mod token;
pub mod upkeep;
mod userinfo;
