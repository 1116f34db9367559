//! Editing an app: `/dashboard/apps/{client_id}/settings`.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hallpass_protocol::dashboard::{FormProblems, judge};
use hallpass_protocol::model::Client;

use super::access::{OwnedApp, not_there};
use super::form::{self, FormFields};
use super::pages::{AppHead, SettingsPage};
use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::onward::out_of_date;
use crate::http::page::{self, FormAction};
use crate::http::paging::has;
use crate::http::person::Person;
use crate::http::redirect::{self, Asked};
use crate::state::{App, AppState};

pub(super) async fn show(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    OwnedApp { developer, client }: OwnedApp,
) -> Result<Response, Fault> {
    let fields = FormFields::unchanged(&client, app.policy.redirect_uris);
    let saved = has(&query.unwrap_or_default(), "saved");
    let page = SettingsPage {
        notice: saved.then_some("Your changes are saved."),
        ..settings_page(&app, &developer, &client, fields)
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}

pub(super) async fn save(
    State(app): State<AppState>,
    OwnedApp { developer, client }: OwnedApp,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let path = format!("/dashboard/apps/{}/settings", client.id);
    if !developer.sent(&app, &headers, &form) {
        return out_of_date(&app, &path, None);
    }
    let typed = form::read(&form);
    let again = |status, problems: &FormProblems, one_more| {
        let fields = FormFields::typed(&typed, problems, app.policy.redirect_uris, one_more);
        let page = settings_page(&app, &developer, &client, fields);
        page::answer(status, &SettingsPage { unsaved: true, ..page }, &FormAction::SelfOnly)
    };
    if let Some(list) = form::wants_row(&form) {
        return again(StatusCode::OK, &FormProblems::default(), Some(list));
    }
    match judge(&typed, &client.client_type, app.policy.redirect_uris) {
        Err(problems) => again(StatusCode::UNPROCESSABLE_ENTITY, &problems, None),
        Ok(settings) => {
            if !app.update_client(&settings.edit(client.clone())).await? {
                return Ok(not_there());
            }
            tracing::info!(client = %client.id, owner = %developer.0.account.username, "app edited");
            Ok(redirect::to_page(&format!("{path}?saved"), Asked::ByForm))
        }
    }
}

fn settings_page(
    app: &App,
    developer: &Person,
    client: &Client,
    fields: FormFields,
) -> SettingsPage {
    SettingsPage {
        frame: developer.frame(app, &format!("Settings of {}", client.name)),
        app: AppHead::of(client),
        fields,
        unsaved: false,
        notice: None,
        form_token: developer.form_token(app),
    }
}
