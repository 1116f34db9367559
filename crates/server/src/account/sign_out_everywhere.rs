//! Signing out of every browser at once: `/account/sign-out-everywhere`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::SIGN_OUT_EVERYWHERE;
use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::onward::out_of_date;
use crate::http::page::{self, FormAction};
use crate::http::person::Person;
use crate::http::session_cookie;
use crate::layout::PageFrame;
use crate::state::AppState;

/// Asks, with the effect stated.
#[derive(Debug, Template)]
#[template(path = "account/sign_out_everywhere.html")]
struct SignOutEverywherePage {
    /// What stands around it.
    frame: PageFrame,
    /// Who is signed in.
    username: String,
    /// In how many browsers, this one included.
    browsers: u64,
    /// Binds the form to this session.
    form_token: String,
}

/// Says that it has happened.
#[derive(Debug, Template)]
#[template(path = "account/signed_out_everywhere.html")]
struct SignedOutEverywherePage {
    /// What stands around it.
    frame: PageFrame,
}

pub(super) async fn ask(State(app): State<AppState>, person: Person) -> Result<Response, Fault> {
    let account = &person.0.account;
    let page = SignOutEverywherePage {
        frame: person.frame(&app, "Sign out everywhere"),
        username: account.username.to_string(),
        browsers: app.store.open_sessions(account.id, app.now()).await?,
        form_token: person.form_token(&app),
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}

pub(super) async fn sign_out(
    State(app): State<AppState>,
    person: Person,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    if !person.sent(&app, &headers, &form) {
        return out_of_date(&app, SIGN_OUT_EVERYWHERE, None);
    }
    let account = &person.0.account;
    let sessions = app.close_sessions_of(account.id).await?;
    tracing::info!(account = %account.username, sessions, "signed out everywhere");
    let page = SignedOutEverywherePage { frame: app.layout.frame("Signed out", None) };
    let mut response = page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)?;
    session_cookie::clear_if_sent(&mut response, &headers, app.cookie_kind());
    Ok(response)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::layout::tests::layout;

    fn page(browsers: u64) -> String {
        let page = SignOutEverywherePage {
            frame: layout().frame("Sign out everywhere", Some("ada")),
            username: "ada".to_owned(),
            browsers,
            form_token: "token".to_owned(),
        };
        page.render().unwrap()
    }

    #[test]
    fn the_question_states_the_effect_and_a_way_back() {
        for told in [
            "in <strong>3 browsers</strong>",
            "What you allowed apps stays until you",
            r#"<form method="post" action="/account/sign-out-everywhere""#,
            r#"name="form_token" value="token""#,
        ] {
            assert!(page(3).contains(told), "{told}\n{}", page(3));
        }
        assert!(page(1).contains("in <strong>this browser</strong> only"));
    }
}
