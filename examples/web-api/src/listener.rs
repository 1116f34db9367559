//! The user on whose behalf a request comes.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use hallpass_guard::{Access, Denied, Subject};
use http::request::Parts;

use crate::answer::Problem;
use crate::people::Person;
use crate::router::Api;

/// A user, and what the app may do on their behalf.
pub(crate) struct Listener {
    pub(crate) subject: Subject,
    pub(crate) person: Person,
    pub(crate) access: Access,
}

impl FromRequestParts<Api> for Listener {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Response> {
        // Every route of a listener is guarded; a forgotten guard must not let anybody in.
        let Some(access) = parts.extensions.remove::<Access>() else {
            return Err(api.guard.denial(&Denied::NoToken));
        };
        let subject = access.user().ok_or_else(|| Problem::NoUser.into_response())?;
        let mut person = match api.people.person(&subject).await {
            Ok(Some(person)) => person,
            Ok(None) => return Err(api.guard.denial(&Denied::Unknown)),
            Err(_) => return Err(Problem::Unavailable.into_response()),
        };
        // The accounts service knows best what its user is called.
        if let Some(username) = &access.username {
            person.username.clone_from(username);
        }
        Ok(Self { subject, person, access })
    }
}
