//! Signing in: `/sign-in`.
//!
//! The form is bound to the browser's visitor cookie. Where to go afterwards is a signed address;
//! without one it is the dashboard. A browser that is signed in already goes on at once, unless it
//! comes to switch accounts (`switch=true`, the consent page's "Not you?").

mod page;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use hallpass_protocol::model::{EmailAddress, FormPurpose, Password, Username};
use hallpass_protocol::sign_in::Credentials;
use hallpass_store::Identifier;
use serde::Deserialize;

use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::form_token;
use crate::http::onward::{Onward, out_of_date};
use crate::http::page as http_page;
use crate::http::redirect::{self, Asked};
use crate::http::session_cookie::sign_in_and_go_on;
use crate::http::visitor::Visitor;
use crate::state::{App, AppState};
use page::SignInPage;

/// The one answer to a wrong name and a wrong password.
const MISMATCH: &str = "That username and password do not match. Check both and try again.";

/// The routes of this page.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/sign-in", get(show).post(sign_in))
}

#[derive(Debug, Default, Deserialize)]
struct Parameters {
    return_to: Option<String>,
    #[serde(default)]
    switch: bool,
}

async fn show(
    State(app): State<AppState>,
    query: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let Query(Parameters { return_to, switch }) = query.unwrap_or_default();
    let visitor = Visitor::of(&app, &headers);
    let onward = match Onward::read(&app, return_to.as_deref(), &visitor) {
        Ok(onward) => onward,
        Err(expired) => return out_of_date(&app, "/sign-in", expired),
    };
    if !switch && app.signed_in(&headers).await?.is_some() {
        return Ok(redirect::to_page(onward.target(), Asked::ByLink));
    }
    form_page(&app, &visitor, &onward, Attempt::default()).await
}

async fn sign_in(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let (visitor, onward) = match Onward::of_form(&app, &headers, &form, FormPurpose::SignIn) {
        Ok(known) => known,
        Err(again) => return out_of_date(&app, "/sign-in", again),
    };
    let username = form.text("username").trim().to_owned();
    match credentials(&app, &username, form.text("password")).await? {
        Some(Credentials { account, .. }) => {
            sign_in_and_go_on(&app, &headers, &account, onward.target()).await
        }
        None => {
            let attempt = Attempt { username: Some(username), error: Some(MISMATCH.to_owned()) };
            form_page(&app, &visitor, &onward, attempt).await
        }
    }
}

/// Whom the name and the password belong to. Whatever is wrong, the work is the same.
async fn credentials(app: &App, typed: &str, password: &str) -> Result<Option<Credentials>, Fault> {
    let Ok(password) = Password::parse(password) else { return Ok(None) };
    let found = match identifier(typed) {
        Some(identifier) => app.store.credentials(&identifier).await?,
        None => None,
    };
    let phc = found.as_ref().map(|credentials| credentials.password_hash.clone());
    let is_right = app.hasher.verify(password, phc).await?;
    Ok(found.filter(|credentials| is_right && credentials.may_sign_in()))
}

fn identifier(typed: &str) -> Option<Identifier> {
    if typed.contains('@') {
        EmailAddress::parse(typed).ok().map(Identifier::Email)
    } else {
        Username::parse(typed).ok().map(Identifier::Username)
    }
}

/// What was typed before, and what was wrong with it.
#[derive(Default)]
struct Attempt {
    username: Option<String>,
    error: Option<String>,
}

async fn form_page(
    app: &App,
    visitor: &Visitor,
    onward: &Onward,
    attempt: Attempt,
) -> Result<Response, Fault> {
    let origin = onward.origin(app).await?;
    let status =
        if attempt.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SignInPage {
        frame: app.layout.frame("Sign in", None),
        continue_to: origin.app_name,
        // Whether there is such an account is told to nobody: it is only what the app wrote.
        username: attempt.username.or(origin.login_hint).unwrap_or_default(),
        error: attempt.error,
        form_token: form_token::for_visitor(app, FormPurpose::SignIn, visitor).as_str().to_owned(),
        return_to: onward.signed().map(str::to_owned),
        sign_up_url: onward.link("/sign-up"),
    };
    let mut response = http_page::answer(status, &page, &origin.form_action)?;
    visitor.remember(&mut response);
    Ok(response)
}
