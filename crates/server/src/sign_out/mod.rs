//! Signing out: `/sign-out`. A link only asks; the form does it. At an app's wish it happens at `/logout`.

mod page;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use hallpass_protocol::model::FormPurpose;

use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::form_token;
use crate::http::onward::out_of_date;
use crate::http::page::{self as http_page, FormAction};
use crate::http::session_cookie;
use crate::state::AppState;
use page::{SignOutPage, SignedOutPage};

/// The routes of this page.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/sign-out", get(show).post(sign_out))
}

async fn show(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, Fault> {
    let Some(signed_in) = app.signed_in(&headers).await? else {
        let page = SignedOutPage { frame: app.layout.frame("Signed out", None) };
        return http_page::answer(StatusCode::OK, &page, &FormAction::SelfOnly);
    };
    let username = signed_in.account.username.to_string();
    let token = form_token::for_session(&app, FormPurpose::SignOut, &signed_in.session.id);
    let page = SignOutPage {
        frame: app.layout.frame("Sign out", Some(&username)),
        username,
        form_token: token.as_str().to_owned(),
    };
    http_page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}

async fn sign_out(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    if let Some(session) = app.session_id(&headers) {
        if !form_token::is_sessions(&app, &headers, &form, FormPurpose::SignOut, &session) {
            return out_of_date(&app, "/sign-out", None);
        }
        app.close_session(&session).await?;
    }
    let page = SignedOutPage { frame: app.layout.frame("Signed out", None) };
    let mut response = http_page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)?;
    session_cookie::clear_if_sent(&mut response, &headers, app.cookie_kind());
    Ok(response)
}
