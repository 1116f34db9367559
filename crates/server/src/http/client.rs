//! What endpoints for clients share: the form, the credentials in it, and how an error is told.

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hallpass_protocol::client_auth::{ClientAuthError, ClientCredentials};
use hallpass_protocol::token::{TokenError, TokenErrorCode};

use super::basic;
use super::form::{Form, FormProblem};
use super::json::{self, ErrorBody};
use crate::fault::Fault;

/// A client's form.
///
/// # Errors
/// [`Unreadable`].
pub(crate) fn read_form(form: Result<Form, FormProblem>) -> Result<Form, Unreadable> {
    form.map_err(|problem| {
        let description = match problem {
            FormProblem::NotAForm => "Expected application/x-www-form-urlencoded",
            FormProblem::TooLarge | FormProblem::TooSlow | FormProblem::Unreadable => {
                "The form could not be read"
            }
        };
        Unreadable { status: problem.status(), description }
    })
}

/// > Request and response parameters MUST NOT be included more than once. (RFC 6749 §3.2)
///
/// # Errors
/// `invalid_request`; which of the two was meant is not guessed.
pub(crate) fn judge_form(form: &Form) -> Result<(), TokenError> {
    if form.has_repetition() {
        let description = "A parameter was sent more than once";
        return Err(TokenError::new(TokenErrorCode::InvalidRequest, description));
    }
    Ok(())
}

/// A form that says nothing, not even who sent it.
pub(crate) struct Unreadable {
    status: StatusCode,
    description: &'static str,
}

impl IntoResponse for Unreadable {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: "invalid_request", error_description: self.description };
        json::answer(self.status, &body)
    }
}

/// Who calls, and how they said so.
pub(crate) struct Caller {
    /// What they presented.
    pub(crate) credentials: Result<ClientCredentials, ClientAuthError>,
    used_header: bool,
}

impl Caller {
    /// Reads the header and the fields of a form.
    pub(crate) fn read(headers: &HeaderMap, form: &Form) -> Self {
        let authorization = basic::authorization(headers);
        let client_id = form.field("client_id").filter(|id| !id.is_empty());
        let secret = form.field("client_secret");
        Self {
            credentials: ClientCredentials::read(authorization, client_id, secret),
            used_header: authorization.is_some(),
        }
    }

    /// Reads the header alone, for an endpoint without a form.
    pub(crate) fn of_header(headers: &HeaderMap) -> Self {
        let authorization = basic::authorization(headers);
        Self {
            credentials: ClientCredentials::read(authorization, None, None),
            used_header: authorization.is_some(),
        }
    }

    /// The error as the token endpoint tells it (RFC 6749 §5.2): 401 with a challenge for a caller that
    /// used the header and is not believed, 400 otherwise.
    pub(crate) fn refuse(&self, error: &TokenError) -> Response {
        let is_challenged = self.used_header && error.code == TokenErrorCode::InvalidClient;
        let status = if is_challenged { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let body = ErrorBody { error: error.code.as_str(), error_description: &error.description };
        let mut response = json::answer(status, &body);
        if is_challenged {
            let challenge = HeaderValue::from_static("Basic realm=\"hallpass\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Our own fault, in JSON: nothing was granted, ended or found out.
pub(crate) fn fault(fault: Fault) -> Response {
    match &fault {
        // Said once, when it began, by whoever follows.
        Fault::Deaf(_) => tracing::debug!("{fault}"),
        _ => tracing::error!("{fault}"),
    }
    let bare = fault.into_response();
    let retry_after = bare.headers().get("retry-after").cloned();
    let body = ErrorBody {
        error: "temporarily_unavailable",
        error_description: "This is our fault. Try again in a moment",
    };
    let mut response = json::answer(bare.status(), &body);
    retry_after.map(|seconds| response.headers_mut().insert("retry-after", seconds));
    response
}
