//! From a granted request to what the store records and what the client gets.

use std::time::Duration;

use super::destination::{ClientRedirect, Destination};
use super::request::AuthorizationRequest;
use super::{Approval, Policy};
use crate::access_token::{self, Claims, TokenSubject};
use crate::model::{
    Account, AccountId, AuthorizationId, ClientId, KeySet, Randomness, ScopeSet, SessionId,
    Timestamp,
};

/// A token is to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    client: ClientId,
    account: AccountId,
    scopes: ScopeSet,
    scopes_as_sent: bool,
    ground: Ground,
    destination: Destination,
}

/// On what ground it is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// The person agreed before; the consent's family goes on.
    Remembered(AuthorizationId),
    /// The person agreed now, in this session.
    AgreedNow(SessionId),
}

/// What must be on record before the token may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Nothing new: the token belongs to this family.
    Kept(AuthorizationId),
    /// This approval; the store answers with the family in force.
    New(Approval),
}

impl Issue {
    pub(super) fn of(
        request: AuthorizationRequest<'_>,
        account: &Account,
        ground: Ground,
        destination: Destination,
    ) -> Self {
        Self {
            client: request.client.id.clone(),
            account: account.id,
            scopes: request.scopes,
            scopes_as_sent: request.scopes_as_sent,
            ground,
            destination,
        }
    }

    /// What must be on record before [`Issue::mint`].
    pub fn record(&self, rng: &mut dyn Randomness, now: Timestamp) -> Record {
        match self.ground {
            Ground::Remembered(authorization) => Record::Kept(authorization),
            Ground::AgreedNow(session) => Record::New(Approval {
                session,
                account: self.account,
                client: self.client.clone(),
                scopes: self.scopes.clone(),
                authorization: AuthorizationId::mint(rng, now),
                given_at: now,
            }),
        }
    }

    /// Makes the access token, of the family `authorization`, and the redirect that carries it.
    pub fn mint(
        &self,
        authorization: AuthorizationId,
        keys: &KeySet,
        policy: &Policy,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> ClientRedirect {
        let issued_at = Timestamp::from_seconds(now.seconds());
        let lifetime = Duration::from_secs(policy.token_lifetime.as_secs());
        let claims = Claims {
            client: self.client.clone(),
            subject: TokenSubject::Account(self.account),
            authorization,
            scopes: self.scopes.clone(),
            audience: policy.issuer.to_string(),
            issued_at,
            expires_at: issued_at.plus(lifetime),
        };
        let token = access_token::seal(&claims, keys.active(), rng);
        let expires_in = lifetime.as_secs().to_string();
        let granted = [
            ("access_token", token.reveal()),
            ("token_type", "Bearer"),
            ("expires_in", expires_in.as_str()),
        ];
        // RFC 6749 §4.2.2: scope is "REQUIRED if it differs from the scope requested by the client".
        let scope = (!self.scopes_as_sent).then(|| self.scopes.to_string());
        self.destination.success(&granted, scope.as_deref())
    }
}
