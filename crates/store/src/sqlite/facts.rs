//! The facts that are asked for all the time: from memory as far as they are there, the rest with one read.
//!
//! What is read comes first and what is in memory is looked at after it, so that all of it held when it was read.
//! Who has to read the client reads all with it.

use std::sync::Arc;

use hallpass_protocol::model::{
    AuthorizationId, Client, ClientId, CodeKey, Consent, SessionId, SignedIn,
};
use hallpass_protocol::token::grant::{authorization_code, refresh_token};

use super::{SqliteStore, authorize, client, code, refresh_family};
use crate::StoreError;

impl SqliteStore {
    pub(super) fn session_and_consent(
        &self,
        id: &SessionId,
        client: &ClientId,
    ) -> Result<Option<(SignedIn, Option<Consent>)>, StoreError> {
        let now = self.remembered.now();
        if let Some(known) = self.remembered.signed_in(id, client, now) {
            return Ok(Some(known));
        }
        let known = self.read("read a session and a consent", |connection| {
            authorize::signed_in(connection, id, client)
        })?;
        if let Some((SignedIn { session, account }, consent)) = &known {
            self.remembered.keep_session(session, now);
            self.remembered.keep_person(account, client, consent.as_ref(), now);
        }
        Ok(known)
    }

    /// A client, whatever its status; it is in memory afterwards.
    pub(super) fn known_client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        let now = self.remembered.now();
        if let Some(known) = self.remembered.client(id, now) {
            return Ok(Some(known));
        }
        let client = self.read("read a client", |connection| client::client(connection, id))?;
        let client = client.map(Arc::new);
        if let Some(client) = &client {
            self.remembered.keep_client(client, now);
        }
        Ok(client)
    }

    pub(super) fn facts_of_code(
        &self,
        caller: &ClientId,
        key: &CodeKey,
    ) -> Result<authorization_code::Facts, StoreError> {
        const FACT: &str = "read the facts of a code";
        let now = self.remembered.now();
        if self.remembered.client(caller, now).is_some()
            && let Some(stored) = self.read(FACT, |connection| code::stored(connection, key))?
            && let Some(person) = self.remembered.person(stored.account, &stored.client, now)
            && let Some(client) = self.remembered.client(caller, now)
        {
            return Ok(authorization_code::Facts {
                client: Some(client),
                code: Some(stored),
                account: Some(person.account),
                consent: person.consent,
            });
        }
        let facts = self.read(FACT, |connection| code::facts(connection, caller, key))?;
        if let Some(client) = &facts.client {
            self.remembered.keep_client(client, now);
        }
        if let (Some(code), Some(account)) = (&facts.code, &facts.account) {
            self.remembered.keep_person(account, &code.client, facts.consent.as_ref(), now);
        }
        Ok(facts)
    }

    pub(super) fn facts_of_family(
        &self,
        caller: &ClientId,
        id: AuthorizationId,
    ) -> Result<refresh_token::Facts, StoreError> {
        const FACT: &str = "read the facts of a refresh token";
        let now = self.remembered.now();
        if self.remembered.client(caller, now).is_some()
            && let Some(stored) =
                self.read(FACT, |connection| refresh_family::stored(connection, id))?
            && let Some(person) = self.remembered.person(stored.account, &stored.client, now)
            && let Some(client) = self.remembered.client(caller, now)
        {
            return Ok(refresh_token::Facts {
                client: Some(client),
                family: Some(stored),
                account: Some(person.account),
                consent: person.consent,
            });
        }
        let facts = self.read(FACT, |connection| refresh_family::facts(connection, caller, id))?;
        if let Some(client) = &facts.client {
            self.remembered.keep_client(client, now);
        }
        if let (Some(family), Some(account)) = (&facts.family, &facts.account) {
            self.remembered.keep_person(account, &family.client, facts.consent.as_ref(), now);
        }
        Ok(facts)
    }
}
