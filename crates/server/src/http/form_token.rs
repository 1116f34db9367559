//! Proof that a posted form came from a page of ours, in this browser.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use hallpass_protocol::model::{FormPurpose, FormToken, SessionId};

use super::form::Form;
use super::visitor::Visitor;
use crate::state::App;

/// The name of the hidden field.
pub(crate) const FIELD: &str = "form_token";

/// A token for a form shown to a browser in which nobody is known yet.
pub(crate) fn for_visitor(app: &App, purpose: FormPurpose, visitor: &Visitor) -> FormToken {
    mint(app, purpose, visitor.binding().as_bytes())
}

/// A token for a form shown in a session.
pub(crate) fn for_session(app: &App, purpose: FormPurpose, session: &SessionId) -> FormToken {
    mint(app, purpose, session.as_bytes())
}

/// Whether a form came from a page of ours in this browser.
pub(crate) fn is_visitors(
    app: &App,
    headers: &HeaderMap,
    form: &Form,
    purpose: FormPurpose,
    visitor: &Visitor,
) -> bool {
    is_same_origin(app, headers) && verify(app, form, purpose, visitor.binding().as_bytes())
}

/// Whether a form came from a page of ours in this session.
pub(crate) fn is_sessions(
    app: &App,
    headers: &HeaderMap,
    form: &Form,
    purpose: FormPurpose,
    session: &SessionId,
) -> bool {
    is_same_origin(app, headers) && verify(app, form, purpose, session.as_bytes())
}

/// Whether the browser says that the form was sent from a page of this site.
///
/// Pages with `Referrer-Policy: no-referrer` send `Origin: null`, so that says nothing; a browser that
/// sends neither header leaves it all to the token.
pub(crate) fn is_same_origin(app: &App, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None | Some("null")) => true,
        (None, Some(origin)) => origin == &*app.policy.issuer,
    }
}

fn mint(app: &App, purpose: FormPurpose, binding: &[u8]) -> FormToken {
    app.keys.forms().mint(purpose, &[binding], &mut app.rng(), app.now())
}

fn verify(app: &App, form: &Form, purpose: FormPurpose, binding: &[u8]) -> bool {
    app.keys.forms().verify(form.text(FIELD), purpose, &[binding], app.now()).is_ok()
}
