//! Who is signed in, for pages that are somebody's own: the dashboard and the account pages.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use hallpass_protocol::model::{FormPurpose, SignedIn};
use hallpass_protocol::sign_in::ReturnAddress;

use super::form::Form;
use super::form_token;
use super::onward;
use super::redirect::{self, Asked};
use super::visitor::Visitor;
use crate::layout::PageFrame;
use crate::state::{App, AppState};

/// The person whose page it is. Who is not signed in is sent to sign in, and back here afterwards.
pub(crate) struct Person(pub(crate) SignedIn);

impl Person {
    /// The frame of a page that this person sees.
    pub(crate) fn frame(&self, app: &App, title: &str) -> PageFrame {
        app.layout.frame(title, Some(self.0.account.username.as_str()))
    }

    /// A token for the forms of such a page.
    pub(crate) fn form_token(&self, app: &App) -> String {
        let token = form_token::for_session(app, FormPurpose::Page, &self.0.session.id);
        token.as_str().to_owned()
    }

    /// Whether a form came from a page of ours in this person's session.
    pub(crate) fn sent(&self, app: &App, headers: &HeaderMap, form: &Form) -> bool {
        form_token::is_sessions(app, headers, form, FormPurpose::Page, &self.0.session.id)
    }
}

impl FromRequestParts<AppState> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        match app.signed_in(&parts.headers).await {
            Ok(Some(signed_in)) => Ok(Self(signed_in)),
            Ok(None) => Err(sign_in_first(app, parts)),
            Err(fault) => Err(fault.into_response()),
        }
    }
}

/// To the sign-in page, with a signed way back to the page that was asked for. A form that was sent is
/// lost: its token was the ended session's, so it could not be accepted afterwards either.
fn sign_in_first(app: &App, parts: &Parts) -> Response {
    let visitor = Visitor::of(app, &parts.headers);
    let (target, asked) = match parts.uri.path_and_query() {
        Some(target) if parts.method.is_safe() => (target.as_str(), Asked::ByLink),
        _ => (parts.uri.path(), Asked::ByForm),
    };
    let address = ReturnAddress::to(target).map(|address| {
        let (key, now) = (app.keys.forms(), app.now());
        address.sign(key, visitor.binding(), &mut app.rng(), now)
    });
    let query = address.map(|signed| format!("?{}", onward::query("return_to", &signed)));
    let path = format!("/sign-in{}", query.unwrap_or_default());
    let mut response = redirect::to_page(&path, asked);
    visitor.remember(&mut response);
    response
}
