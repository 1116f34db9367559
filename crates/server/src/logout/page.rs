//! What the pages of the logout endpoint show.

use askama::Template;
use hallpass_protocol::logout::{LogoutRefusal, Question};
use hallpass_protocol::model::FormPurpose;

use crate::http::form_token;
use crate::http::page::Words;
use crate::layout::PageFrame;
use crate::state::App;

/// Asks before signing out: nobody is signed out by a link of a stranger.
#[derive(Debug, Template)]
#[template(path = "logout/confirm.html")]
pub(super) struct ConfirmPage {
    frame: PageFrame,
    /// Who is signed in.
    username: String,
    /// Which app sends them, if that is known.
    app_name: Option<String>,
    /// The request, as it came.
    raw_query: String,
    /// Binds the form to this session.
    form_token: String,
}

/// Sends a request once more, from a page of ours.
#[derive(Debug, Template)]
#[template(path = "logout/again.html")]
pub(super) struct AgainPage {
    pub(super) frame: PageFrame,
    /// The request, as it came.
    pub(super) raw_query: String,
}

impl ConfirmPage {
    pub(super) fn of(app: &App, question: &Question<'_>, raw: &str) -> Self {
        let username = question.signed_in.account.username.to_string();
        let session = &question.signed_in.session.id;
        let token = form_token::for_session(app, FormPurpose::SignOut, session);
        Self {
            frame: app.layout.frame("Sign out", Some(&username)),
            username,
            app_name: question.client.map(|client| client.name.clone()),
            raw_query: raw.to_owned(),
            form_token: token.as_str().to_owned(),
        }
    }
}

/// What a person reads whose sign-out an app has asked for in a wrong way. Of a hint it is said only that it is
/// no good.
pub(super) fn words(refusal: LogoutRefusal) -> Words {
    let sentence = match refusal {
        LogoutRefusal::Unreadable => "Invalid request to sign out",
        LogoutRefusal::Hint => "Invalid id_token_hint",
        LogoutRefusal::Client => "Invalid client",
        LogoutRefusal::RedirectUri => "Invalid post_logout_redirect_uri",
    };
    Words {
        sentence: sentence.to_owned(),
        explanation: format!(
            "The app that sent you here made a mistake, which its developer can mend: {refusal}. Nobody was signed out."
        ),
        next_step: "You can sign out here without the app.".to_owned(),
        link: Some(("Sign out".to_owned(), "/sign-out".to_owned())),
    }
}
