//! Signing out at an app's wish: `/logout`, the end-session endpoint (OpenID Connect RP-Initiated Logout 1.0).
//!
//! Owns what is HTTP about it. The rules are `hallpass_protocol::logout`. No address that is built here ever
//! holds the hint: a request that came as a form goes on as one.
//!
//! ```text
//! GET  /logout?…         -> refuse, ask, or sign out and go on
//! POST /logout           -> a page of ours that sends the same again, with our cookies
//! POST /logout/again     -> as the GET
//! POST /logout/confirm   -> the form token, then the same once more, now that the person was asked
//! ```

mod page;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use hallpass_protocol::logout::{
    Confirmation, Decision, Facts, LogoutQuery, LogoutRefusal, Onward, Wish, decide,
};
use hallpass_protocol::model::FormPurpose;

use crate::fault::Fault;
use crate::http::form::{Form, RawForm};
use crate::http::form_token;
use crate::http::onward::out_of_date;
use crate::http::page::{self as http_page, FormAction};
use crate::http::redirect::{self, Asked};
use crate::http::session_cookie;
use crate::state::{App, AppState};
use page::{AgainPage, ConfirmPage, words};

/// Where a person signs out by themselves, and reads that nobody is signed in.
const SIGN_OUT: &str = "/sign-out";

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/logout", get(show).post(send_again))
        .route("/logout/again", post(show_again))
        .route("/logout/confirm", post(confirm))
}

async fn show(
    State(app): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    follow(&app, &headers, &raw.unwrap_or_default(), Confirmation::NotAsked).await
}

/// From another site a form comes without the session's cookie (`SameSite=Lax`); from a page of ours it comes
/// with it.
async fn send_again(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    RawForm(body): RawForm,
) -> Result<Response, Fault> {
    let raw = match query.as_deref() {
        None | Some("") => body,
        Some(query) => format!("{query}&{body}"),
    };
    match LogoutQuery::parse(&raw) {
        Ok(_) => {
            let page = AgainPage { frame: app.layout.frame("Signing out", None), raw_query: raw };
            http_page::answer(StatusCode::OK, &page, &FormAction::Client)
        }
        Err(refusal) => refuse(&app, refusal),
    }
}

async fn show_again(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    follow(&app, &headers, form.text("query"), Confirmation::NotAsked).await
}

async fn confirm(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let Some(session) = app.session_id(&headers) else {
        return follow(&app, &headers, form.text("query"), Confirmation::NotAsked).await;
    };
    if !form_token::is_sessions(&app, &headers, &form, FormPurpose::SignOut, &session) {
        return out_of_date(&app, SIGN_OUT, None);
    }
    follow(&app, &headers, form.text("query"), Confirmation::Given).await
}

/// Reads what was sent, decides, and does it.
async fn follow(
    app: &App,
    headers: &HeaderMap,
    raw: &str,
    confirmation: Confirmation,
) -> Result<Response, Fault> {
    let issuer = app.issuer();
    let read = LogoutQuery::parse(raw).and_then(|query| {
        let wish = Wish::read(&query, &issuer)?;
        Ok((query, wish))
    });
    let (query, wish) = match read {
        Ok(read) => read,
        Err(refusal) => return refuse(app, refusal),
    };
    let client = match wish.client() {
        Some(id) => app.caller(id).await?,
        None => None,
    };
    let signed_in = app.signed_in(headers).await?;
    let facts = Facts { client: client.as_deref(), signed_in: signed_in.as_ref() };
    match decide(&query, &wish, facts, &issuer, confirmation) {
        Decision::Refuse(refusal) => refuse(app, refusal),
        Decision::Ask(question) => {
            let form_action = match question.onward.form_action_source() {
                Some(source) => FormAction::And(source),
                None => FormAction::SelfOnly,
            };
            let page = ConfirmPage::of(app, &question, raw);
            http_page::answer(StatusCode::OK, &page, &form_action)
        }
        Decision::SignOut(signed_in, onward) => {
            app.close_session(&signed_in.session.id).await?;
            Ok(go_on(app, headers, &onward))
        }
        Decision::GoOn(onward) => Ok(go_on(app, headers, &onward)),
    }
}

fn go_on(app: &App, headers: &HeaderMap, onward: &Onward) -> Response {
    let mut response = match onward {
        Onward::Page => redirect::to_page(SIGN_OUT, Asked::ByLink),
        Onward::Client(address) => redirect::after_logout(address),
    };
    session_cookie::clear_if_sent(&mut response, headers, app.cookie_kind());
    response
}

fn refuse(app: &App, refusal: LogoutRefusal) -> Result<Response, Fault> {
    http_page::refuse(app, StatusCode::BAD_REQUEST, words(refusal))
}
