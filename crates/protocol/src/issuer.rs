//! Who answers: what the operator has settled, and the installation's keys.

use crate::access_token::TokenKeys;
use crate::model::{AccountId, Client, Policy, Subject};

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
