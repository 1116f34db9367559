//! Our own fault: the only 5xx answers in the program.
//!
//! A handler gives up with a [`Fault`]; the page that the person sees is put around it by the layer
//! `http::page::dress`, which knows the layout. What went wrong goes to the log, under the
//! reference that the page shows, and to nobody else.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hallpass_protocol::issuer::NoKey;
use hallpass_store::StoreError;
use thiserror::Error;

use crate::hearing::Deaf;

/// Why a request could not be served, though nothing is wrong with it.
#[derive(Debug, Error)]
pub enum Fault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is in memory may be too old to answer from.
    #[error("this node {0}")]
    Deaf(#[from] Deaf),
    /// Every hashing thread is busy and the queue is full.
    #[error("too many passwords are being checked at this moment")]
    Busy,
    /// Every place to wait for news is taken.
    #[error("too many APIs wait for revocations at this moment")]
    Crowded,
    /// There is nothing to sign with.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// A page could not be put together.
    #[error("a page could not be rendered: {0}")]
    Page(#[from] askama::Error),
    /// A handler panicked.
    #[error("a handler panicked")]
    Panic,
}

/// What the layer needs to know of a [`Fault`] to put a page around it.
#[derive(Clone, Debug)]
pub(crate) struct FaultReport(pub(crate) String);

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Store(_) | Self::Deaf(_) | Self::Busy | Self::Crowded => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::NoKey(_) | Self::Page(_) | Self::Panic => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut response = status.into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = HeaderValue::from_static("2");
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(FaultReport(self.to_string()));
        response
    }
}
