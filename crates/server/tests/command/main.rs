//! The program as an operator meets it: the real binary, on free ports, in directories of the test's
//! own. What it says is read from its output; nothing here waits by the clock.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod arguments;
mod client_library;
mod copy;
mod demo;
mod installation;
mod keys;
mod openid_client;
mod secrets;
mod serve;
mod settings;
mod support;
