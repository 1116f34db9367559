//! Who the users of the API are, behind a trait: this API keeps no accounts of its own.

use std::borrow::Cow;

use async_trait::async_trait;
use hallpass_guard::Subject;
use thiserror::Error;

use crate::seed::Seed;

/// Knows the users on whose behalf apps come.
#[async_trait]
pub trait People: Send + Sync {
    /// The person that a token speaks of; none if there is no such user any more.
    ///
    /// # Errors
    /// [`PeopleUnavailable`] if it cannot be said now. The app is told to try again.
    async fn person(&self, subject: &Subject) -> Result<Option<Person>, PeopleUnavailable>;
}

/// What the API knows of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name that the user signs in with: `id` and `display_name` of the profile.
    pub username: String,
    /// Shown to apps with `user-read-email`.
    pub email: String,
    /// Two letters, ISO 3166-1. Shown to apps with `user-read-private`.
    pub country: Cow<'static, str>,
    /// What the user pays for: `free` or `premium`. Shown to apps with `user-read-private`.
    pub product: Cow<'static, str>,
}

/// The place where users are kept did not answer; its own log says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the users cannot be read at the moment")]
pub struct PeopleUnavailable;

impl Person {
    /// A person of whom no more is known than this; country and product are invented from the name.
    pub fn new(username: impl Into<String>, email: impl Into<String>) -> Self {
        let username = username.into();
        let mut seed = Seed::of(&["person", &username]);
        Self {
            email: email.into(),
            country: seed.choose(&["BR", "CA", "DE", "IN", "KE", "NL", "SE"]).into(),
            product: seed.choose(&["free", "premium"]).into(),
            username,
        }
    }
}

/// Invents a person for each subject, for an API that runs without the accounts beside it. Where
/// introspection tells the user's name, the profile shows that one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Invented;

#[async_trait]
impl People for Invented {
    async fn person(&self, subject: &Subject) -> Result<Option<Person>, PeopleUnavailable> {
        let mut seed = Seed::of(&["listener", subject.as_str()]);
        let name = format!("listener-{:04}", seed.below(10_000));
        let email = format!("{name}@example.com");
        Ok(Some(Person::new(name, email)))
    }
}
