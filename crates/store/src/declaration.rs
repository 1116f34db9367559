//! What an operator's file brings, and what comes of it.

use hallpass_protocol::model::{
    Account, AccountId, Api, Client, Profile, Revocation, ScopeDefinition, Timestamp,
};

/// What an operator's file declares, made ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Accounts, each with the hash of its password.
    pub accounts: Vec<(Account, String)>,
    /// What the owners of some of these accounts tell of themselves, and what is known to be true of it;
    /// `at` is its date.
    pub profiles: Vec<(AccountId, Profile)>,
    /// Scopes, in the order in which they are shown.
    pub scopes: Vec<ScopeDefinition>,
    /// Clients, secrets included.
    pub clients: Vec<Client>,
    /// APIs that tokens can be asked for.
    pub apis: Vec<Api>,
    /// What ends with it: the tokens of accounts and clients that it shuts.
    pub revocations: Vec<Revocation>,
    /// When it is taken over.
    pub at: Timestamp,
}

impl Declaration {
    /// Nothing yet, taken over at `at`.
    pub const fn new(at: Timestamp) -> Self {
        Self {
            accounts: Vec::new(),
            profiles: Vec::new(),
            scopes: Vec::new(),
            clients: Vec::new(),
            apis: Vec::new(),
            revocations: Vec::new(),
            at,
        }
    }
}

/// What came of [`Store::declare`](crate::Store::declare).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declared {
    /// Everything is as declared.
    Applied,
    /// Nothing was changed: this account's username belongs to an account of another id.
    UsernameTaken(AccountId),
    /// Nothing was changed: this account's address belongs to an account of another id.
    EmailTaken(AccountId),
}
