//! Where a person goes on to after signing in or up: the signed return address that their browser
//! carries, and who is waiting for them there.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hallpass_protocol::authorize::{AuthorizationQuery, Facts, visit};
use hallpass_protocol::model::{ClientId, FormPurpose};
use hallpass_protocol::sign_in::{ReturnAddress, ReturnAddressProblem};

use super::form::Form;
use super::form_token;
use super::page::{self, FormAction, Words};
use super::visitor::Visitor;
use crate::fault::Fault;
use crate::state::App;

/// More than any name or address has.
const LONGEST_HINT: usize = 320;

/// Where people go who came from nowhere in particular.
const HOME: &str = "/dashboard";

/// A return address that was verified, with the text that carries it.
pub(crate) struct Onward {
    verified: Option<(ReturnAddress, String)>,
}

/// Who is waiting at the return address.
#[derive(Default)]
pub(crate) struct Origin {
    /// The name of the app whose request waits there.
    pub(crate) app_name: Option<String>,
    /// By what name the app thinks the person signs in.
    pub(crate) login_hint: Option<String>,
    /// Where that request may lead in the end, which the form that goes there must allow.
    pub(crate) form_action: FormAction,
}

impl Onward {
    /// Verifies what the browser carried, if it carried anything.
    ///
    /// # Errors
    /// It must not be followed. `Some` target if it was ours once and may be started again.
    pub(crate) fn read(
        app: &App,
        text: Option<&str>,
        visitor: &Visitor,
    ) -> Result<Self, Option<String>> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(Self { verified: None });
        };
        match ReturnAddress::verify(app.keys.forms(), text, visitor.binding(), app.now()) {
            Ok(address) => Ok(Self { verified: Some((address, text.to_owned())) }),
            Err(ReturnAddressProblem::Expired(address)) => Err(Some(address.as_str().to_owned())),
            Err(ReturnAddressProblem::Foreign) => Err(None),
        }
    }

    /// The browser that sent a form of ours for `purpose`, and where it goes on to.
    ///
    /// # Errors
    /// The form or its address was not made for this browser, or too long ago. `Some` target if it may
    /// be started again.
    pub(crate) fn of_form(
        app: &App,
        headers: &HeaderMap,
        form: &Form,
        purpose: FormPurpose,
    ) -> Result<(Visitor, Self), Option<String>> {
        let visitor = Visitor::known(app, headers).ok_or(None)?;
        let onward = Self::read(app, form.field("return_to"), &visitor)?;
        if !form_token::is_visitors(app, headers, form, purpose, &visitor) {
            return Err(Some(onward.target().to_owned()));
        }
        Ok((visitor, onward))
    }

    /// The path to go on to.
    pub(crate) fn target(&self) -> &str {
        self.verified.as_ref().map_or(HOME, |(address, _)| address.as_str())
    }

    /// The signed text, for a hidden field.
    pub(crate) fn signed(&self) -> Option<&str> {
        self.verified.as_ref().map(|(_, text)| text.as_str())
    }

    /// `path` with the return address.
    pub(crate) fn link(&self, path: &str) -> String {
        match self.signed() {
            Some(signed) => format!("{path}?{}", query("return_to", signed)),
            None => path.to_owned(),
        }
    }

    /// Who is waiting: no read of the store if it is an app that is remembered.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn origin(&self, app: &App) -> Result<Origin, Fault> {
        let raw = self.target().strip_prefix("/authorize?");
        let Some(Ok(query)) = raw.map(AuthorizationQuery::parse) else {
            return Ok(Origin::default());
        };
        let sent = query.client_id.once().map(|sent| ClientId::parse(sent));
        let Some(Ok(client)) = sent else { return Ok(Origin::default()) };
        let facts = Facts { client: app.caller(&client).await?, ..Facts::default() };
        Ok(visit(&query, &facts, &app.policy).map_or_else(
            |_| Origin::default(),
            |visit| Origin {
                app_name: Some(visit.client.name.clone()),
                login_hint: query
                    .login_hint
                    .once()
                    .filter(|hint| hint.len() <= LONGEST_HINT)
                    .cloned(),
                form_action: FormAction::And(visit.destination.form_action_source()),
            },
        ))
    }
}

/// `name=value`, escaped.
pub(crate) fn query(name: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

/// The page for a form or an address that is no longer good: a button starts again, at `again` if that
/// is known to be a path of ours, else at `path`.
///
/// # Errors
/// [`Fault::Page`].
pub(crate) fn out_of_date(app: &App, path: &str, again: Option<String>) -> Result<Response, Fault> {
    let words = Words {
        sentence: "This page is out of date".to_owned(),
        explanation:
            "It was open for too long, or it was opened in another browser. Nothing was done."
                .to_owned(),
        next_step: String::new(),
        link: Some(("Start again".to_owned(), again.unwrap_or_else(|| path.to_owned()))),
    };
    page::refuse(app, StatusCode::FORBIDDEN, words)
}
