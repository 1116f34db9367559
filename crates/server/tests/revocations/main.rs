//! Tokens that were ended before their time: how soon every checker knows. Names that begin with an id
//! are rows of the list of refusals.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod feed;
mod guard;
mod introspection;
mod support;
