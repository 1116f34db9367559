//! Registering an app: `/dashboard/create`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hallpass_protocol::dashboard::{ClientForm, FormProblems, judge};
use hallpass_protocol::model::{ClientId, ClientType, Secret};

use super::form::{self, FormFields};
use super::pages::{AppHead, CreatePage, CreatedPage};
use super::rows::UriList;
use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::onward::out_of_date;
use crate::http::page::{self, FormAction};
use crate::http::person::Person;
use crate::http::redirect::{self, Asked};
use crate::state::{App, AppState};

/// What a client secret begins with, so that one that leaks is recognised.
const SECRET_PREFIX: &str = "hps_";

pub(super) async fn show(
    State(app): State<AppState>,
    developer: Person,
) -> Result<Response, Fault> {
    let page = CreatePage {
        frame: developer.frame(&app, "Create app"),
        fields: FormFields::empty(app.policy.redirect_uris),
        confidential: false,
        unsaved: false,
        form_token: developer.form_token(&app),
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}

pub(super) async fn create(
    State(app): State<AppState>,
    developer: Person,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    if !developer.sent(&app, &headers, &form) {
        return out_of_date(&app, "/dashboard/create", None);
    }
    let confidential = form.text("type") == "confidential";
    let attempt =
        Attempt { app: &app, developer: &developer, typed: form::read(&form), confidential };
    if let Some(list) = form::wants_row(&form) {
        return attempt.show(StatusCode::OK, &FormProblems::default(), Some(list));
    }
    let secret = confidential.then(|| Secret::mint(SECRET_PREFIX, &mut app.rng()));
    let client_type = match &secret {
        Some(secret) => ClientType::Confidential { secrets: vec![secret.digest()] },
        None => ClientType::Public,
    };
    match judge(&attempt.typed, &client_type, app.policy.redirect_uris) {
        Err(problems) => attempt.show(StatusCode::UNPROCESSABLE_ENTITY, &problems, None),
        Ok(settings) => {
            let id = ClientId::mint(&mut app.rng());
            let account = &developer.0.account;
            let client =
                settings.register(id, client_type, account.id, &account.username, app.now());
            app.create_client(&client).await?;
            tracing::info!(client = %client.id, owner = %account.username, "app registered");
            match secret {
                None => {
                    let path = format!("/dashboard/apps/{}?created", client.id);
                    Ok(redirect::to_page(&path, Asked::ByForm))
                }
                Some(secret) => show_secret(&app, &developer, AppHead::of(&client), &secret),
            }
        }
    }
}

/// The secret is on this page and nowhere else; only its digest is stored (refusals DB-02).
fn show_secret(
    app: &App,
    developer: &Person,
    head: AppHead,
    secret: &Secret,
) -> Result<Response, Fault> {
    let page = CreatedPage {
        frame: developer.frame(app, "Your app is ready"),
        app: head,
        secret: secret.clone(),
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}

/// A form that was sent and did not become an app.
struct Attempt<'a> {
    app: &'a App,
    developer: &'a Person,
    typed: ClientForm,
    confidential: bool,
}

impl Attempt<'_> {
    /// The form again, as it was typed, with one more row in the list that is to have it.
    fn show(
        &self,
        status: StatusCode,
        problems: &FormProblems,
        one_more: Option<UriList>,
    ) -> Result<Response, Fault> {
        let policy = self.app.policy.redirect_uris;
        let page = CreatePage {
            frame: self.developer.frame(self.app, "Create app"),
            fields: FormFields::typed(&self.typed, problems, policy, one_more),
            confidential: self.confidential,
            unsaved: true,
            form_token: self.developer.form_token(self.app),
        };
        page::answer(status, &page, &FormAction::SelfOnly)
    }
}
