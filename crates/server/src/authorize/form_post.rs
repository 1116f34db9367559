//! The page that sends a client's answer to it by POST (OAuth 2.0 Form Post Response Mode).

use askama::Template;
use hallpass_protocol::authorize::ClientForm;

use crate::layout::PageFrame;
use crate::state::App;

/// How the form is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// By the page's script; where there are no scripts, by its button.
    AtOnce,
    /// By its button: the person is asked first.
    ByHand,
}

/// The form, and the button that sends it.
#[derive(Template)]
#[template(path = "authorize/form_post.html")]
pub(super) struct FormPostPage<'a> {
    frame: PageFrame,
    form: &'a ClientForm,
    sent: Sent,
}

pub(super) fn page<'a>(app: &App, form: &'a ClientForm, sent: Sent) -> FormPostPage<'a> {
    FormPostPage { frame: app.layout.frame("Back to the app", None), form, sent }
}
