//! Cross-origin answers for apps that run in a browser: to the origins of a public client's redirect
//! URIs and to nobody else, and never with cookies (RFC 9700 §2.6).

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hallpass_protocol::model::{Client, ClientType, RedirectUri};

use crate::fault::Fault;
use crate::state::App;

/// The answer to a preflight: it comes before it is known which client will call, so it is asked
/// whether the origin is any public client's.
///
/// # Errors
/// The store's.
pub(crate) async fn preflight(app: &App, headers: &HeaderMap) -> Result<Response, Fault> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let origin = headers.get(ORIGIN);
    let text = origin.and_then(|origin| origin.to_str().ok());
    if let (Some(origin), Some(text)) = (origin, text)
        && knows(app, text).await?
    {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        let allowed = HeaderValue::from_static("authorization, content-type");
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
    Ok(response)
}

/// Lets the page that called read the answer, error or not, if it is one of `client`'s.
pub(crate) fn allow(response: &mut Response, headers: &HeaderMap, client: Option<&Client>) {
    response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = headers.get(ORIGIN) else { return };
    let is_clients = client
        .filter(|client| client.client_type == ClientType::Public)
        .is_some_and(|client| is_of(client, origin));
    if is_clients {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

async fn knows(app: &App, origin: &str) -> Result<bool, Fault> {
    if app.store.knows_origin(origin).await? {
        return Ok(true);
    }
    match RedirectUri::portless_loopback(origin) {
        Some(portless) => Ok(app.store.knows_origin(portless).await?),
        None => Ok(false),
    }
}

fn is_of(client: &Client, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let portless = RedirectUri::portless_loopback(origin);
    client
        .redirect_uris
        .iter()
        .filter_map(RedirectUri::web_origin)
        .any(|known| known == origin || portless.is_some_and(|portless| known == portless))
}
