//! What one read of the store brings for a decision.

use std::sync::Arc;

use crate::model::{AccountId, Client, ClientId, Consent, SignedIn};

/// What the store knows about a request. Whether a client is disabled, a session over or a consent
/// wide enough is for [`super::decide`] to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The client that the request names, whatever its status.
    pub client: Option<Arc<Client>>,
    /// The session that the browser's cookie names, with its account, whatever their state.
    pub signed_in: Option<SignedIn>,
    /// What that account has allowed that client before.
    pub consent: Option<Consent>,
}

impl Facts {
    /// The consent, if it is `account`'s for `client`: another one that was read says nothing here.
    pub(super) fn consent_of(&self, account: &AccountId, client: &ClientId) -> Option<&Consent> {
        self.consent.as_ref().filter(|consent| consent.is_of(account, client))
    }
}
