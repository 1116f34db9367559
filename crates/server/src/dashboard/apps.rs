//! The list of one's apps: `/dashboard`.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::pages::{AppCard, AppsPage};
use crate::fault::Fault;
use crate::http::page::{self, FormAction};
use crate::http::paging::{Paging, has};
use crate::http::person::Person;
use crate::layout::When;
use crate::state::AppState;

pub(super) async fn list(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    developer: Person,
) -> Result<Response, Fault> {
    let query = query.unwrap_or_default();
    let owner = developer.0.account.id;
    let mut paging = Paging::asked(&query);
    let mut listing = app.store.clients_of(owner, paging.rows()).await?;
    if let Some(last) = paging.if_beyond(listing.total) {
        paging = last;
        listing = app.store.clients_of(owner, paging.rows()).await?;
    }
    let now = app.now();
    let page = AppsPage {
        frame: developer.frame(&app, "Your apps"),
        at: paging.of(listing.total),
        apps: listing
            .rows
            .into_iter()
            .map(|client| {
                let registered = When::told(client.created_at, now);
                AppCard::of(client, registered)
            })
            .collect(),
        notice: has(&query, "deleted").then_some("The app is deleted."),
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}
