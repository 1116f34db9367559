//! `/forward-auth`: a reverse proxy asks about each request before it passes it on to an API.
//!
//! ```text
//! client ──> proxy ──(Authorization)──> /forward-auth?scope=user-read-email
//!              │ <── 200 and X-Auth-*, or the answer that the client is to get
//!              └──(X-Auth-*)──> API, in any language
//! ```
//!
//! The proxy names the scopes that are needed; the token is where `hallpass_guard` looks for one and
//! nowhere else. Any method will do, for some proxies ask with the client's. Some also append the
//! client's path and query: then the end of the query is not the proxy's, and a repeated `scope` only
//! ever asks for more. Samples for four proxies stand in `packaging/`.
//!
//! Nothing here reads the store. The answers have no body and become part of another site, so they are
//! neither pages nor carry the headers of ours.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use hallpass_guard::{Access, Denied, Guard, ScopeSet, Subject};
use hallpass_protocol::model::ScopeProblem;
use thiserror::Error;
use url::form_urlencoded;

use crate::state::{App, AppState};

/// Where a proxy asks in its own words only.
const PATH: &str = "/forward-auth";

/// How much of an unknown parameter's name is shown in the log.
const MAX_SHOWN: usize = 40;

/// The person, by the name that the app knows them by; the app itself where there is nobody, as
/// introspection has it (RFC 9068 §2.2).
const SUBJECT: HeaderName = HeaderName::from_static("x-auth-subject");
/// The app.
const CLIENT: HeaderName = HeaderName::from_static("x-auth-client");
/// The token's scopes, separated by spaces.
const SCOPE: HeaderName = HeaderName::from_static("x-auth-scope");
/// When the token ends: seconds since 1970.
const EXPIRES: HeaderName = HeaderName::from_static("x-auth-expires");

/// The routes of this endpoint.
pub(crate) fn routes(app: &App) -> Router<AppState> {
    let guard = Guard::new(app.checker()).with_realm(&app.config.service_name);
    Router::new()
        .route(PATH, any(answer))
        .route("/forward-auth/", any(answer))
        .route("/forward-auth/{*rest}", any(answer))
        .with_state(guard)
}

/// Whether a request for `path` comes here.
pub(crate) fn is_asked_at(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn answer(State(guard): State<Guard>, request: Request) -> Response {
    let (asked, _) = request.into_parts();
    let needed = match needed_scopes(&asked.uri) {
        Ok(needed) => needed,
        Err(problem) => {
            // Fails closed: what is not understood may have been meant as a scope that the token lacks.
            tracing::warn!("a proxy asked what cannot be answered: {problem}");
            let message = "The question cannot be read";
            return guard.errors().answer(StatusCode::BAD_REQUEST, message);
        }
    };
    let checked = guard.check(&asked.headers, &asked.uri, &needed).await;
    checked.and_then(|access| let_through(&access)).unwrap_or_else(|denied| guard.denial(&denied))
}

/// Why nobody can say which scopes a proxy meant. Its operator mends its settings.
#[derive(Debug, PartialEq, Eq, Error)]
enum QuestionProblem {
    /// The scopes are not such.
    #[error("the scopes are not understood: {0}")]
    Scope(#[from] ScopeProblem),
    /// A parameter that means nothing.
    #[error("there is no parameter {0:?}, only \"scope\"; ask below {PATH}/ if it is the client's")]
    Parameter(String),
}

/// The scopes of `scope=a%20b` and of every further `scope`.
fn needed_scopes(uri: &Uri) -> Result<ScopeSet, QuestionProblem> {
    let mut named = Vec::new();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "scope" if value.is_empty() => {}
            "scope" => named.push(value),
            // A misspelt `scope` must not ask for nothing. Below, it may be the client's word.
            _ if uri.path() == PATH => {
                return Err(QuestionProblem::Parameter(name.chars().take(MAX_SHOWN).collect()));
            }
            _ => {}
        }
    }
    // One list, so that its limits hold for all of them together.
    Ok(ScopeSet::parse(&named.join(" "))?)
}

/// All four headers, always: a proxy that copies what is there leaves nothing of the client's own.
fn let_through(access: &Access) -> Result<Response, Denied> {
    let (user, client) = (access.user(), access.client.as_str());
    let told = [
        (SUBJECT, HeaderValue::from_str(user.as_ref().map_or(client, Subject::as_str))),
        (CLIENT, HeaderValue::from_str(client)),
        (SCOPE, HeaderValue::try_from(access.scopes.to_list())),
        (EXPIRES, Ok(access.expires_at.seconds().into())),
    ];
    let mut headers = HeaderMap::with_capacity(told.len() + 1);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in told {
        // Ids and scopes are printable ASCII by their types; whoever could not be told is not let in.
        headers.insert(name, value.map_err(|_| Denied::Unavailable)?);
    }
    Ok((StatusCode::OK, headers).into_response())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn needed(address: &str) -> Result<String, QuestionProblem> {
        needed_scopes(&address.parse().unwrap()).map(|scopes| scopes.to_string())
    }

    #[test]
    fn every_scope_of_the_query_is_needed() {
        for (query, scopes) in [
            ("", ""),
            ("?", ""),
            ("?scope=", ""),
            ("?scope=a", "a"),
            ("?scope=a%20b", "a b"),
            ("?scope=a+b&scope=&scope=c+a", "a b c"),
        ] {
            assert_eq!(needed(&format!("/forward-auth{query}")).as_deref(), Ok(scopes), "{query}");
        }
    }

    #[test]
    fn below_the_end_of_the_query_is_the_clients_who_can_only_ask_for_more() {
        let appended = "/forward-auth/?scope=a&path=/v1/me?x=1&scope=b&scopes=c";
        assert_eq!(needed(appended).as_deref(), Ok("a b"));
        assert_eq!(needed("/forward-auth/v1/me?x=1").as_deref(), Ok(""));
    }

    #[test]
    fn a_misspelt_parameter_does_not_ask_for_nothing() {
        for name in ["scopes", "Scope", "access_token", "scope[]"] {
            let problem = Err(QuestionProblem::Parameter(name.to_owned()));
            assert_eq!(needed(&format!("/forward-auth?scope=a&{name}=b")), problem);
        }
    }

    #[test]
    fn az_12_scopes_that_cannot_be_read_are_a_problem_with_bounded_work() {
        for query in ["scope=a%22", "scope=+", "scope=a%20%20b", "scope=a&scope=%ff", "scope=%0a"] {
            let problem = Err(QuestionProblem::Scope(ScopeProblem::Characters));
            assert_eq!(needed(&format!("/forward-auth?{query}")), problem, "{query}");
        }
        let many: Vec<String> = (0..101).map(|n| format!("scope=s{n}")).collect();
        let problem = Err(QuestionProblem::Scope(ScopeProblem::TooMany));
        assert_eq!(needed(&format!("/forward-auth?{}", many.join("&"))), problem);
    }
}
