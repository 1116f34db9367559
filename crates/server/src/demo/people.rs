//! The sample API's users are the accounts of the store.

use std::sync::Arc;

use async_trait::async_trait;
use hallpass_guard::Subject;
use hallpass_protocol::model::AccountStatus;
use hallpass_store::Store;
use hallpass_web_api::{People, PeopleUnavailable, Person};

/// Looks users up in the store.
pub(super) struct StorePeople(pub(super) Arc<dyn Store>);

#[async_trait]
impl People for StorePeople {
    async fn person(&self, subject: &Subject) -> Result<Option<Person>, PeopleUnavailable> {
        let Some(id) = Subject::account(subject.as_str()) else { return Ok(None) };
        let account = self.0.account(id).await.map_err(|error| {
            tracing::error!("the sample API's users: {error}");
            PeopleUnavailable
        })?;
        Ok(account
            .filter(|account| account.status == AccountStatus::Active)
            .map(|account| Person::new(account.username.as_str(), account.email.as_str())))
    }
}
