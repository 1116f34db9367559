//! What the stories are told with: a server of its own for each test, a clock that stands still until
//! it is moved, a browser with a cookie jar, and the page or redirect that it got.
//!
//! ```ignore
//! let server = TestServer::start().await;
//! let mut ada = server.browser();
//! ada.sign_in("ada").await;
//! let page = ada.get(&link(&[("scope", "email")])).await;
//! let answer = ada.submit(page.form("/authorize/answer").with("answer", "agree")).await;
//! assert_eq!(answer.landing().fragment("token_type"), Some("Bearer"));
//! ```

mod answer;
mod browser;
mod client;
mod clock;
mod html;
mod keys;
mod nodes;
mod server;
mod store;
mod wire;
mod world;

pub(crate) use answer::{Answer, Part};
pub(crate) use browser::{Browser, Site};
pub(crate) use client::{CHALLENGE, Client, Tokens, VERIFIER, basic};
pub(crate) use clock::{AFTERNOON, ManualClock};
pub(crate) use html::Form;
pub(crate) use keys::{MASTER_KEY, begin};
pub(crate) use nodes::Nodes;
pub(crate) use server::{Setup, TestServer};
pub(crate) use store::{Sharing, Trouble, before_keys};
pub(crate) use wire::{Wire, read_to_end};
pub(crate) use world::{
    APIS, CASSETTE, CASSETTE_URI, ISSUER, MIXTAPE, MIXTAPE_URI, NIGHT_TRAIN, NIGHT_TRAIN_SECRET,
    PASSWORD, TURNTABLE, TURNTABLE_SECRET, TURNTABLE_URI, WORLD, escape, link,
};
