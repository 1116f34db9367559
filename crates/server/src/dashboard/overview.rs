//! An app at a glance: `/dashboard/apps/{client_id}`.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use hallpass_protocol::model::{Client, ClientStatus, GrantType};

use super::access::OwnedApp;
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
        first_request: first_request(&app.policy.issuer, &client),
        notice: has(&query, "created").then_some("Your app is ready."),
        client,
    };
    page::answer(StatusCode::OK, &page, &FormAction::SELF)
}

/// The address that the guide's sample would build for this app.
fn first_request(issuer: &str, client: &Client) -> Option<String> {
    let redirect_uri = client.redirect_uris.first()?;
    let usable =
        client.grant_types.contains(GrantType::Implicit) && client.status == ClientStatus::Active;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "token")
        .append_pair("client_id", client.id.as_str())
        .append_pair("redirect_uri", redirect_uri.as_str())
        .append_pair("state", "first-request")
        .finish();
    usable.then(|| format!("{}/authorize?{query}", issuer.trim_end_matches('/')))
}
