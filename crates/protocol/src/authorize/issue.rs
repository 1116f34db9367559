//! From a granted request to what the store records and what the client gets.

use std::time::Duration;

use super::answer::CodeSeed;
use super::destination::{ClientAnswer, Destination};
use super::request::{AuthorizationRequest, Wanted};
use super::{Approval, CodeGround, CodeRecord, Policy};
use crate::access_token::{Claims, TokenKeys, TokenSubject};
use crate::model::{
    AccountId, ApiIdentifier, AuthorizationId, ClaimSet, ClientId, CodeKey, Randomness, ScopeSet,
    Secret, SessionId, SignedIn, Timestamp,
};

/// How long a code lives (RFC 6749 §4.1.2 allows ten minutes; FAPI 2.0 one).
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// The client gets what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    client: ClientId,
    wanted: Wanted,
    account: AccountId,
    session: SessionId,
    scopes: ScopeSet,
    resource: Option<ApiIdentifier>,
    scopes_as_sent: bool,
    ground: Ground,
    destination: Destination,
}

/// On what ground it is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// The person agreed before; this is the consent.
    Remembered(AuthorizationId),
    /// The person agreed now.
    AgreedNow(CodeSeed),
}

/// What is to be recorded, and then sent.
pub enum Plan {
    /// A token on an earlier consent: nothing is recorded. See [`Issue::token`].
    RememberedToken {
        /// The consent.
        consent: AuthorizationId,
    },
    /// A token on an approval, which must be on record first; the store answers with the consent in
    /// force. See [`Issue::token`].
    ApprovedToken(Approval),
    /// A code, which must be on record first. See [`Issue::code`].
    Code {
        /// What the store keeps.
        record: Box<CodeRecord>,
        /// What the client gets.
        code: Secret,
    },
}

impl Issue {
    pub(super) fn of(
        request: AuthorizationRequest<'_>,
        signed_in: &SignedIn,
        ground: Ground,
        destination: Destination,
    ) -> Self {
        Self {
            client: request.client.id.clone(),
            wanted: request.wanted,
            account: signed_in.account.id,
            session: signed_in.session.id,
            scopes: request.scopes,
            resource: request.resource,
            scopes_as_sent: request.scopes_as_sent,
            ground,
            destination,
        }
    }

    /// What is to be recorded before anything is sent.
    pub fn plan(&self, rng: &mut dyn Randomness, now: Timestamp) -> Plan {
        match (&self.wanted, self.ground) {
            (Wanted::Token, Ground::Remembered(consent)) => Plan::RememberedToken { consent },
            (Wanted::Token, Ground::AgreedNow(_)) => Plan::ApprovedToken(self.approval(rng, now)),
            (Wanted::Code(challenge), ground) => {
                let ((code, key), ground) = match ground {
                    Ground::Remembered(consent) => {
                        (CodeKey::mint(rng, now), CodeGround::Remembered(consent))
                    }
                    Ground::AgreedNow(seed) => (
                        CodeKey::derive(seed.time, &seed.bytes),
                        CodeGround::Approved(self.approval(rng, now)),
                    ),
                };
                let record = CodeRecord {
                    key,
                    authorization: AuthorizationId::mint(rng, now),
                    ground,
                    session: self.session,
                    account: self.account,
                    client: self.client.clone(),
                    redirect_uri: self.destination.as_sent().to_owned(),
                    scopes: self.scopes.clone(),
                    resource: self.resource.clone(),
                    challenge: challenge.clone(),
                    authentication: None,
                    issued_at: now,
                    expires_at: now.plus(CODE_LIFETIME),
                };
                Plan::Code { record: Box::new(record), code }
            }
        }
    }

    fn approval(&self, rng: &mut dyn Randomness, now: Timestamp) -> Approval {
        Approval {
            session: self.session,
            account: self.account,
            client: self.client.clone(),
            scopes: self.scopes.clone(),
            authorization: AuthorizationId::mint(rng, now),
            given_at: now,
        }
    }

    /// Makes the access token, resting on `consent`, and the answer that carries it.
    pub fn token(
        &self,
        consent: AuthorizationId,
        keys: &TokenKeys<'_>,
        policy: &Policy,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> ClientAnswer {
        let claims = Claims {
            client: self.client.clone(),
            subject: TokenSubject::Account(self.account),
            authorization: AuthorizationId::mint(rng, now),
            consent: Some(consent),
            scopes: self.scopes.clone(),
            userinfo: ClaimSet::EMPTY,
            audience: policy.audience(self.resource.as_ref()),
            issued_at: now,
            expires_at: now.plus(policy.token_lifetime),
        };
        let format = policy.format(self.resource.as_ref());
        let token = keys.mint(&claims, format, &policy.issuer, rng);
        let expires_in = policy.token_lifetime.as_secs().to_string();
        let granted = [
            ("access_token", token.reveal()),
            ("token_type", "Bearer"),
            ("expires_in", expires_in.as_str()),
        ];
        // RFC 6749 §4.2.2: scope is "REQUIRED if it differs from the scope requested by the client".
        let scope = (!self.scopes_as_sent).then(|| self.scopes.to_string());
        self.destination.success(&granted, scope.as_deref())
    }

    /// The answer that carries the code (RFC 6749 §4.1.2). What was granted is told with the token.
    pub fn code(&self, code: &Secret) -> ClientAnswer {
        self.destination.success(&[("code", code.reveal())], None)
    }
}
