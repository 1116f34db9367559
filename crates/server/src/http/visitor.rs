//! The cookie that names a browser before anybody is signed in: what sign-in forms and return
//! addresses are bound to.

use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use hallpass_protocol::model::Secret;

use super::cookie::{self, CookieKind};
use crate::state::App;

const NAME: &str = "visitor";

/// A browser, known by its visitor cookie or just given one.
pub(crate) struct Visitor {
    value: Secret,
    is_new: bool,
    kind: CookieKind,
}

impl Visitor {
    /// The browser of a request, if it has a visitor cookie.
    pub(crate) fn known(app: &App, headers: &HeaderMap) -> Option<Self> {
        let kind = app.cookie_kind();
        let value = cookie::read(headers, &kind.name(NAME))?;
        Some(Self { value: Secret::presented(value), is_new: false, kind })
    }

    /// The browser of a request; one without a cookie gets one by [`Visitor::remember`].
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Self {
        Self::known(app, headers).unwrap_or_else(|| Self {
            value: Secret::mint("", &mut app.rng()),
            is_new: true,
            kind: app.cookie_kind(),
        })
    }

    /// What a form or an address is bound to.
    pub(crate) fn binding(&self) -> &str {
        self.value.reveal()
    }

    /// Gives the browser its cookie if it has none.
    pub(crate) fn remember(&self, response: &mut Response) {
        if !self.is_new {
            return;
        }
        if let Some(value) = self.kind.set(NAME, self.value.reveal(), None) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
}
