//! An app at a glance: `/dashboard/apps/{client_id}`.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::access::OwnedApp;
use super::first_request::FirstRequests;
use super::pages::{AppHead, OverviewPage};
use crate::fault::Fault;
use crate::http::page::{self, FormAction};
use crate::http::paging::has;
use crate::layout::When;
use crate::state::AppState;

pub(super) async fn show(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    OwnedApp { developer, client }: OwnedApp,
) -> Result<Response, Fault> {
    let query = query.unwrap_or_default();
    let page = OverviewPage {
        frame: developer.frame(&app, &client.name),
        app: AppHead::of(&client),
        made: When::told(client.created_at, app.now()),
        requests: FirstRequests::of(&client, &app.policy.issuer),
        notice: has(&query, "created").then_some("Your app is ready."),
        client,
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}
