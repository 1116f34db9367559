//! What a good token gives: who may do what, until when.

use hallpass_protocol::access_token::TokenSubject;
use hallpass_protocol::model::{ClientId, ScopeSet, Subject, Timestamp};

/// What the bearer of a checked token may do. The layer puts it into the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The app that the token was issued to.
    pub client: ClientId,
    /// On whose behalf the app acts.
    pub subject: TokenSubject,
    /// What the token may be used for.
    pub scopes: ScopeSet,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// The user's name, where the source knows it: introspection tells it, a sealed token does not hold it.
    pub username: Option<String>,
}

impl Access {
    /// The user on whose behalf the app acts; none if it acts for itself (RFC 6749 §4.4).
    pub fn user(&self) -> Option<Subject> {
        match self.subject {
            TokenSubject::Account(account) => Some(account.subject()),
            TokenSubject::Client => None,
        }
    }

    /// Whether the token carries the scope of this name.
    pub fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held.as_str() == scope)
    }

    /// Whether the token carries every scope of `needed`.
    pub fn covers(&self, needed: &ScopeSet) -> bool {
        needed.iter().all(|scope| self.scopes.contains(scope))
    }
}
