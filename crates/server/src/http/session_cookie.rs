//! The cookie that holds a session's secret: read, handed out, taken away.

use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use hallpass_protocol::model::{Account, Secret};
use hallpass_protocol::sign_in::open_session;

use super::cookie::{self, CookieKind};
use super::redirect::{self, Asked};
use crate::fault::Fault;
use crate::state::App;

const NAME: &str = "session";

/// The cookie's value, if the browser sent one.
pub(crate) fn read(headers: &HeaderMap, kind: CookieKind) -> Option<Secret> {
    cookie::read(headers, &kind.name(NAME)).map(Secret::presented)
}

/// Signs `account` in and sends its browser on to `target`: a new session in the place of the one
/// before, whose id never outlives a change of who is there.
///
/// # Errors
/// The store's.
pub(crate) async fn sign_in_and_go_on(
    app: &App,
    headers: &HeaderMap,
    account: &Account,
    target: &str,
) -> Result<Response, Fault> {
    let lifetime = app.config.session_lifetime;
    let (cookie, session) = open_session(account, lifetime, &mut app.rng(), app.now());
    app.open_session(&session, app.session_id(headers).as_ref()).await?;
    let mut response = redirect::to_page(target, Asked::ByForm);
    let age = Some(lifetime.as_secs());
    if let Some(value) = app.cookie_kind().set(NAME, cookie.reveal(), age) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    Ok(response)
}

/// Takes the cookie away from a browser that has sent it. A form from another site comes without it
/// (`SameSite=Lax`), and its answer could take it away all the same: that would be signing somebody out.
pub(crate) fn clear_if_sent(response: &mut Response, headers: &HeaderMap, kind: CookieKind) {
    if read(headers, kind).is_none() {
        return;
    }
    if let Some(value) = kind.set(NAME, "", Some(0)) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}
