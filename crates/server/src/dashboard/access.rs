//! Who is at the dashboard, and whose app it is about.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hallpass_protocol::model::{Client, ClientId, FormPurpose, SignedIn};
use hallpass_protocol::sign_in::ReturnAddress;

use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::form_token;
use crate::http::onward;
use crate::http::redirect::{self, Asked};
use crate::http::visitor::Visitor;
use crate::layout::PageFrame;
use crate::state::{App, AppState};

/// The person at the dashboard. Who is not signed in is sent to sign in, and back here afterwards.
pub(super) struct Developer(pub(super) SignedIn);

/// One app of the person at the dashboard. Anybody else's is not there.
pub(super) struct OwnedApp {
    pub(super) developer: Developer,
    pub(super) client: Client,
}

impl Developer {
    /// The frame of a page that this person sees.
    pub(super) fn frame(&self, app: &App, title: &str) -> PageFrame {
        app.layout.frame(title, Some(self.0.account.username.as_str()))
    }

    /// A token for the forms of such a page.
    pub(super) fn form_token(&self, app: &App) -> String {
        let token = form_token::for_session(app, FormPurpose::Page, &self.0.session.id);
        token.as_str().to_owned()
    }

    /// Whether a form came from a page of ours in this person's session.
    pub(super) fn sent(&self, app: &App, headers: &HeaderMap, form: &Form) -> bool {
        form_token::is_sessions(app, headers, form, FormPurpose::Page, &self.0.session.id)
    }
}

impl FromRequestParts<AppState> for Developer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        match app.signed_in(&parts.headers).await {
            Ok(Some(signed_in)) => Ok(Self(signed_in)),
            Ok(None) => Err(sign_in_first(app, parts)),
            Err(fault) => Err(fault.into_response()),
        }
    }
}

impl FromRequestParts<AppState> for OwnedApp {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let developer = Developer::from_request_parts(parts, app).await?;
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, app).await;
        let id = path.ok().and_then(|Path(id)| ClientId::parse(&id).ok());
        let client = match id {
            Some(id) => {
                let owned = app.store.owned_client(developer.0.account.id, &id).await;
                owned.map_err(|error| Fault::from(error).into_response())?
            }
            None => None,
        };
        match client {
            Some(client) => Ok(Self { developer, client }),
            None => Err(not_there()),
        }
    }
}

/// The answer for an app that is absent, and for one that is somebody else's.
pub(super) fn not_there() -> Response {
    StatusCode::NOT_FOUND.into_response()
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
