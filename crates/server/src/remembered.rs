//! What each check of a token and each authorization would otherwise read again: the client that asks, and
//! the person it is about.
//!
//! With it, a question about a token reads nothing from the store, and an authorization only the session with
//! its consent. Either is kept until it is changed:
//! by an act of this process, or by another that is heard of. While nothing is heard
//! ([`Hearing`](crate::hearing::Hearing)) what is remembered is not believed, and the store is asked. So
//! what another node changes holds here within the bound that revocations have. Whether client and account
//! may still do what they did is not asked here: that is on the list of
//! [`Revocations`](crate::revocations::Revocations).

use std::sync::Arc;

use hallpass_protocol::authorize::Facts;
use hallpass_protocol::model::{
    AccountId, AccountStatus, Client, ClientId, Person, Profile, ProfileField, SessionId,
};
use hallpass_store::StoreError;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::state::App;

/// How many clients are kept: some ten megabytes, if all of them are there.
const CLIENTS: usize = 10_000;
/// How many bytes of people are kept, whatever they tell of themselves. Who tells nothing takes some 700, who
/// fills the longest form 8,000.
const PEOPLE: u64 = 32 * 1024 * 1024;
/// What a place in the map takes beside what is in it.
const PLACE: usize = 100;

/// See the module.
#[derive(Debug)]
pub struct Remembered {
    /// That there is none as well: whoever asks under a name that is nobody's must not be told so by
    /// another amount of work.
    clients: Cache<ClientId, Option<Arc<Client>>>,
    /// Only those whose account can be used.
    people: Cache<AccountId, Arc<Person>, Size>,
}

/// How much memory a person takes.
#[derive(Clone, Copy, Debug)]
struct Size;

impl Weighter<AccountId, Arc<Person>> for Size {
    fn weight(&self, _: &AccountId, person: &Arc<Person>) -> u64 {
        let Person { account, profile } = &**person;
        let told = ProfileField::ALL.into_iter().filter_map(|field| field.told(profile));
        let texts = told.map(String::len).sum::<usize>();
        let names = account.username.as_str().len() + account.email.as_str().len();
        (size_of::<Person>() + PLACE + texts + names) as u64
    }
}

impl Default for Remembered {
    fn default() -> Self {
        let nobody = size_of::<Person>() + PLACE;
        let people = usize::try_from(PEOPLE).unwrap_or(usize::MAX) / nobody;
        Self { clients: Cache::new(CLIENTS), people: Cache::with_weighter(people, PEOPLE, Size) }
    }
}

impl Remembered {
    /// Forgets a client that was changed. A reading of it that is under way is not kept either.
    pub fn forget_client(&self, id: &ClientId) {
        self.clients.remove(id);
    }

    /// Forgets a person who has changed. A reading that is under way is not kept either.
    pub fn forget_person(&self, id: AccountId) {
        self.people.remove(&id);
    }

    /// Forgets everything, and what is being read at this moment too.
    pub(crate) fn forget_all(&self) {
        self.clients.clear();
        self.people.clear();
    }
}

impl App {
    /// The client of this id, whatever its status, as it was at most [`BOUND`](crate::hearing::BOUND) ago.
    /// Of many who ask at once, one reads the store.
    ///
    /// # Errors
    /// The store's; nothing is kept then.
    pub(crate) async fn caller(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let read = async { Ok(self.store.client(id).await?.map(Arc::new)) };
        match self.hearing.judge() {
            Ok(()) => self.remembered.clients.get_or_insert_async(id, read).await,
            Err(_deaf) => read.await,
        }
    }

    /// What a decision needs to know of a client and a session, the client as [`App::caller`] has it.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn authorization_facts(
        &self,
        client: &ClientId,
        session: Option<&SessionId>,
    ) -> Result<Facts, StoreError> {
        if self.hearing.judge().is_err() {
            return self.store.authorization_facts(client, session).await;
        }
        let caller = self.caller(client).await?;
        let known = match session {
            Some(session) => self.store.session_with_consent(session, client).await?,
            None => None,
        };
        let (signed_in, consent) = known.unzip();
        Ok(Facts { client: caller, signed_in, consent: consent.flatten() })
    }

    /// A person whose account can be used, as they were at most [`BOUND`](crate::hearing::BOUND) ago; `None`
    /// if there is no such account. Of many who ask at once, one reads the store.
    ///
    /// # Errors
    /// The store's; nothing is kept then.
    pub(crate) async fn person(&self, id: AccountId) -> Result<Option<Arc<Person>>, StoreError> {
        if self.hearing.judge().is_err() {
            return self.read_person(id).await;
        }
        // A place of its own, so that what is forgotten while it is read is not kept.
        let place = match self.remembered.people.get_value_or_guard_async(&id).await {
            Ok(person) => return Ok(Some(person)),
            Err(place) => place,
        };
        let person = self.read_person(id).await?;
        if let Some(person) = &person {
            let _ = place.insert(Arc::clone(person));
        }
        Ok(person)
    }

    async fn read_person(&self, id: AccountId) -> Result<Option<Arc<Person>>, StoreError> {
        let person = self.store.person(id).await?;
        let active = person.filter(|person| person.account.status == AccountStatus::Active);
        Ok(active.map(Arc::new))
    }

    /// Puts what `account` tells of itself in the place of what it told before; answers whether there is
    /// such an account.
    ///
    /// # Errors
    /// The store's; then nothing has changed.
    pub(crate) async fn set_profile(
        &self,
        account: AccountId,
        profile: &Profile,
    ) -> Result<bool, StoreError> {
        let is_set = self.store.set_profile(account, profile, self.now()).await;
        self.remembered.forget_person(account);
        is_set
    }

    /// Adds a client. Whoever asked for its id before knows now that there is one.
    ///
    /// # Errors
    /// The store's; then there is none.
    pub(crate) async fn create_client(&self, client: &Client) -> Result<(), StoreError> {
        let is_created = self.store.create_client(client).await;
        self.remembered.forget_client(&client.id);
        is_created
    }

    /// Puts `client`'s settings in the place of the old ones, if its owner owns it; answers whether so.
    ///
    /// # Errors
    /// The store's; then nothing has changed.
    pub(crate) async fn update_client(&self, client: &Client) -> Result<bool, StoreError> {
        let is_updated = self.store.update_client(client, self.now()).await;
        self.remembered.forget_client(&client.id);
        is_updated
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use hallpass_protocol::model::{Account, EmailAddress, Timestamp, Username};
    use uuid::Uuid;

    use super::*;

    fn id(number: u64) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number.into()))
    }

    fn person(name: &str) -> Arc<Person> {
        let account = Account {
            id: id(1),
            username: Username::parse("ada").unwrap(),
            email: EmailAddress::parse("ada@example.com").unwrap(),
            status: AccountStatus::Active,
            created_at: Timestamp::from_seconds(0),
        };
        let profile = Profile { name: Some(name.to_owned()), ..Profile::default() };
        Arc::new(Person { account, profile })
    }

    #[tokio::test]
    async fn a_person_who_changes_while_they_are_read_is_not_kept() {
        let remembered = Remembered::default();
        for forget in [
            |remembered: &Remembered| remembered.forget_person(id(1)),
            |remembered: &Remembered| remembered.forget_all(),
        ] {
            let place = remembered.people.get_value_or_guard_async(&id(1)).await.unwrap_err();
            forget(&remembered);
            let _ = place.insert(person("as she was"));
            assert_eq!(remembered.people.get(&id(1)), None);
        }
        let place = remembered.people.get_value_or_guard_async(&id(1)).await.unwrap_err();
        place.insert(person("as she is")).unwrap();
        assert_eq!(remembered.people.get(&id(1)), Some(person("as she is")));
    }

    #[test]
    fn the_memory_is_bounded_whatever_people_tell() {
        for name in ["", &"n".repeat(8_000)] {
            let (remembered, person) = (Remembered::default(), person(name));
            let size = Size.weight(&id(1), &person);
            let many = 2 * PEOPLE / size;
            for number in 0..many {
                remembered.people.insert(id(number), Arc::clone(&person));
            }
            let kept = remembered.people.weight();
            assert!((PEOPLE / 2..=PEOPLE).contains(&kept), "{kept} bytes of {many} people");
        }
    }
}
