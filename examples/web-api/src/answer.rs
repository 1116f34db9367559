//! Answers: JSON, and errors in the guide's shape.

use axum::response::{IntoResponse, Response};
use hallpass_guard::ErrorShape;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// As long as most answers, so that they are written in one piece.
const BODY: usize = 1024;

/// The errors that the API itself gives. Those about tokens are the guard's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Problem {
    /// The app sent something that cannot be meant.
    #[error("{0}")]
    BadRequest(String),
    /// There is nothing at that address.
    #[error("Not found")]
    NotFound,
    /// There is something, but not for that method.
    #[error("Method not allowed")]
    MethodNotAllowed,
    /// The app's body is longer than any that is needed.
    #[error("Request body too large")]
    BodyTooLarge,
    /// The token is an app's own; this address needs a user's.
    #[error("This address needs a user's access token: this one was issued to an app alone")]
    NoUser,
    /// The users could not be read; the app may try again.
    #[error("The user could not be read. Try again in a moment")]
    Unavailable,
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoUser => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        ErrorShape::Guide.answer(self.status(), &self.to_string())
    }
}

/// A JSON answer.
pub(crate) struct Json<T = Value>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(BODY);
        if serde_json::to_writer(&mut body, &self.0).is_err() {
            // What is answered here has text keys and finite numbers, and can always be written.
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let mut response = Response::new(body.into());
        let content_type = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    }
}
