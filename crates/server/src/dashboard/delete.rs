//! Deleting an app: `/dashboard/apps/{client_id}/delete`. It asks first, here or in a dialog.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::access::{OwnedApp, not_there};
use super::pages::{AppHead, DeletePage};
use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::onward::out_of_date;
use crate::http::page::{self, FormAction};
use crate::http::redirect::{self, Asked};
use crate::state::{App, AppState};

pub(super) async fn ask(State(app): State<AppState>, owned: OwnedApp) -> Result<Response, Fault> {
    confirm(&app, &owned)
}

pub(super) async fn delete(
    State(app): State<AppState>,
    owned: OwnedApp,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let OwnedApp { developer, client } = &owned;
    if !developer.sent(&app, &headers, &form) {
        let path = format!("/dashboard/apps/{}/settings", client.id);
        return out_of_date(&app, &path, None);
    }
    if form.text("confirmed") != "yes" {
        return confirm(&app, &owned);
    }
    let account = &developer.0.account;
    if !app.delete_client(account.id, &client.id).await? {
        return Ok(not_there());
    }
    tracing::info!(client = %client.id, owner = %account.username, "app deleted");
    Ok(redirect::to_page("/dashboard?deleted", Asked::ByForm))
}

fn confirm(app: &App, OwnedApp { developer, client }: &OwnedApp) -> Result<Response, Fault> {
    let page = DeletePage {
        frame: developer.frame(app, &format!("Delete {}", client.name)),
        app: AppHead::of(client),
        form_token: developer.form_token(app),
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}
