//! What an account has allowed a client, remembered.

use super::{AccountId, AuthorizationId, ClientId, ScopeSet, Timestamp};

/// What one account has allowed one client to do, until it takes it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Who allowed it.
    pub account: AccountId,
    /// Whom they allowed.
    pub client: ClientId,
    /// All that was ever agreed to and not taken back.
    pub scopes: ScopeSet,
    /// The family that tokens issued under this consent belong to.
    pub authorization: AuthorizationId,
    /// When it was first given.
    pub given_at: Timestamp,
}

impl Consent {
    /// Whether `account` gave it to `client`: of anybody else's it says nothing.
    pub fn is_of(&self, account: &AccountId, client: &ClientId) -> bool {
        self.account == *account && self.client == *client
    }

    /// Whether `asked` needs no further question. An empty request is covered by any consent.
    pub fn covers(&self, asked: &ScopeSet) -> bool {
        asked.iter().all(|scope| self.scopes.contains(scope))
    }
}
