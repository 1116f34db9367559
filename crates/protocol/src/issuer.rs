//! Who answers: what the operator has settled, and the installation's keys.

use thiserror::Error;

use crate::access_token::TokenKeys;
use crate::model::{AccountId, Client, Policy, SignatureAlgorithm, Subject};

/// There is no key to sign with: an installation has one for each algorithm, so its database is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no {} signing key", .0.as_str())]
pub struct NoKey(pub SignatureAlgorithm);

/// What every token is made with.
#[derive(Clone, Copy)]
pub struct Issuer<'a> {
    /// What the operator has settled.
    pub policy: &'a Policy,
    /// The keys.
    pub keys: TokenKeys<'a>,
}

impl Issuer<'_> {
    /// The issuer identifier (`iss`).
    pub fn name(&self) -> &str {
        &self.policy.issuer
    }

    /// By what `client` knows `account` (`sub`).
    pub fn subject(&self, client: &Client, account: AccountId) -> Subject {
        self.keys.sealing.subjects().subject(client, account)
    }
}
