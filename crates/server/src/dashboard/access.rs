//! Whose app a page of the dashboard is about.

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use hallpass_protocol::model::{Client, ClientId};

use crate::fault::Fault;
use crate::http::person::Person;
use crate::state::AppState;

/// One app of the person at the dashboard. Anybody else's is not there.
pub(super) struct OwnedApp {
    pub(super) developer: Person,
    pub(super) client: Client,
}

impl FromRequestParts<AppState> for OwnedApp {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let developer = Person::from_request_parts(parts, app).await?;
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, app).await;
        let id = path.ok().and_then(|Path(id)| ClientId::parse(&id).ok());
        let client = match id {
            Some(id) => {
                let owned = app.store.owned_client(developer.0.account.id, &id).await;
                owned.map_err(|error| Fault::from(error).into_response())?
            }
            None => None,
        };
        match client {
            Some(client) => Ok(Self { developer, client }),
            None => Err(not_there()),
        }
    }
}

/// The answer for an app that is absent, and for one that is somebody else's.
pub(super) fn not_there() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
