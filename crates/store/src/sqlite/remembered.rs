//! What facts have in common, kept in memory for as long as no act has touched it: sessions, accounts with what
//! they allow a client, and clients.
//!
//! Facts that are put together of several such pieces and a row are what one read would have brought: each piece
//! was read before the moment at which that begins ([`Remembered::now`]) and is untouched when it is taken, so
//! it was the same all the while.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;

use quick_cache::sync::Cache;

use hallpass_protocol::model::{
    Account, AccountId, Client, ClientId, Consent, Session, SessionId, SignedIn,
};

use super::touched::{Moment, Moments, Touched};

/// How many sessions are kept: some three megabytes.
const SESSIONS: usize = 16 * 1024;
/// How many accounts are kept, each with one client: some eight megabytes.
const PEOPLE: usize = 16 * 1024;
/// How many clients are kept: some ten megabytes.
const CLIENTS: usize = 8 * 1024;

/// See the module.
pub(super) struct Remembered {
    moments: Arc<Moments>,
    sessions: Kept<Session>,
    people: Kept<Person>,
    clients: Kept<Arc<Client>>,
}

/// An account, and what it allows a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) account: Account,
    /// Which client is meant, if it is allowed anything or nothing.
    client: ClientId,
    pub(super) consent: Option<Consent>,
}

impl Remembered {
    pub(super) fn new(moments: &Arc<Moments>) -> Self {
        Self {
            moments: Arc::clone(moments),
            sessions: Kept::new(SESSIONS),
            people: Kept::new(PEOPLE),
            clients: Kept::new(CLIENTS),
        }
    }

    /// To be asked before anything else is, and before anything is read.
    pub(super) fn now(&self) -> Moment {
        self.moments.now()
    }

    /// A session with its account, and what that allows `client`.
    pub(super) fn signed_in(
        &self,
        id: &SessionId,
        client: &ClientId,
        now: Moment,
    ) -> Option<(SignedIn, Option<Consent>)> {
        let session = self.sessions.get(id.as_bytes(), now)?;
        let depends = [Touched::Session(*id), Touched::Account(session.value.account)];
        let session = session.of(|session| session.id == *id, &depends, &self.moments)?;
        let Person { account, consent, .. } = self.person(session.account, client, now)?;
        Some((SignedIn { session, account }, consent))
    }

    /// An account, and what it allows `client`.
    pub(super) fn person(&self, id: AccountId, client: &ClientId, now: Moment) -> Option<Person> {
        let person = self.people.get((id, client), now)?;
        let is_meant = |person: &Person| person.account.id == id && person.client == *client;
        person.of(is_meant, &[Touched::Account(id)], &self.moments)
    }

    /// A client.
    pub(super) fn client(&self, id: &ClientId, now: Moment) -> Option<Arc<Client>> {
        let client = self.clients.get(id, now)?;
        client.of(|client| client.id == *id, &[Touched::Nothing], &self.moments)
    }

    /// Keeps a session that was read after `as_of`.
    pub(super) fn keep_session(&self, session: &Session, as_of: Moment) {
        self.sessions.insert(session.id.as_bytes(), session.clone(), as_of);
    }

    /// Keeps an account that was read after `as_of`, with what it allows `client`.
    pub(super) fn keep_person(
        &self,
        account: &Account,
        client: &ClientId,
        consent: Option<&Consent>,
        as_of: Moment,
    ) {
        let (account, client, consent) = (account.clone(), client.clone(), consent.cloned());
        let person = Person { account, client, consent };
        self.people.insert((person.account.id, &person.client.clone()), person, as_of);
    }

    /// Keeps a client that was read after `as_of`.
    pub(super) fn keep_client(&self, client: &Arc<Client>, as_of: Moment) {
        self.clients.insert(&client.id, Arc::clone(client), as_of);
    }
}

/// Pieces of one kind, by the hashes of what they are asked for by: two that share one take each other's place.
struct Kept<T> {
    pieces: Cache<u64, Arc<Piece<T>>>,
    hasher: RandomState,
}

struct Piece<T> {
    value: T,
    as_of: Moment,
}

impl<T: Clone> Kept<T> {
    fn new(capacity: usize) -> Self {
        Self { pieces: Cache::new(capacity), hasher: RandomState::new() }
    }

    /// What is kept under this hash, if it was read before `now`.
    fn get(&self, key: impl Hash, now: Moment) -> Option<Arc<Piece<T>>> {
        let piece = self.pieces.get(&self.hasher.hash_one(key))?;
        piece.as_of.is_not_after(now).then_some(piece)
    }

    fn insert(&self, key: impl Hash, value: T, as_of: Moment) {
        self.pieces.insert(self.hasher.hash_one(key), Arc::new(Piece { value, as_of }));
    }
}

impl<T: Clone> Piece<T> {
    /// The value, if it is the one that is meant and all it depends on is untouched.
    fn of(
        &self,
        is_meant: impl Fn(&T) -> bool,
        depends: &[Touched],
        moments: &Moments,
    ) -> Option<T> {
        let holds = |touched| moments.is_untouched_since(touched, self.as_of);
        (is_meant(&self.value) && depends.iter().all(holds)).then(|| self.value.clone())
    }
}
