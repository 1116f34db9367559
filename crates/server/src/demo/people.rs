//! The sample API's users are the people of the accounts service.

use async_trait::async_trait;
use hallpass_guard::Subject;
use hallpass_web_api::{People, PeopleUnavailable, Person};

use crate::state::{App, AppState};

/// Looks users up where the accounts service itself does: in memory, as long as that can be believed.
pub(super) struct RememberedPeople(pub(super) AppState);

#[async_trait]
impl People for RememberedPeople {
    async fn person(&self, subject: &Subject) -> Result<Option<Person>, PeopleUnavailable> {
        let Some(id) = Subject::account(subject.as_str()) else { return Ok(None) };
        let app: &App = &self.0;
        let person = app.person(id).await.map_err(|error| {
            tracing::error!("the sample API's users: {error}");
            PeopleUnavailable
        })?;
        Ok(person.map(|person| {
            Person::new(person.account.username.as_str(), person.account.email.as_str())
        }))
    }
}
