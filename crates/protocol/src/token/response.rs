//! What the client gets (RFC 6749 §5.1).

use std::time::Duration;

use crate::access_token::{Claims, TokenKeys, TokenSubject};
use crate::model::{
    ApiIdentifier, Authentication, AuthorizationId, ClaimSet, ClientId, Policy, Randomness,
    RefreshToken, ScopeSet, Secret, Timestamp,
};

/// A grant that was decided and is on record: tokens may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// To whom.
    pub client: ClientId,
    /// On whose behalf.
    pub subject: TokenSubject,
    /// The authorization that the tokens belong to.
    pub authorization: AuthorizationId,
    /// The consent that it rests on, if there is a person.
    pub consent: Option<AuthorizationId>,
    /// For what.
    pub scopes: ScopeSet,
    /// For which API, if one was named.
    pub resource: Option<ApiIdentifier>,
    /// How the person signed in, if an ID token goes with it.
    pub authentication: Option<Authentication>,
    /// The generation of the refresh token that goes with it, if one does.
    pub refresh_generation: Option<u32>,
}

/// The members of a successful answer.
pub struct TokenResponse {
    /// The access token.
    pub access_token: Secret,
    /// How long it lives.
    pub expires_in: Duration,
    /// What it is for; always told, because two published clients cannot do without.
    pub scope: String,
    /// The refresh token, if one was issued.
    pub refresh_token: Option<Secret>,
}

impl Granted {
    /// Makes the tokens. The refresh token is the same each time; the access token is a new one.
    pub fn respond(
        &self,
        keys: &TokenKeys<'_>,
        policy: &Policy,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> TokenResponse {
        let claims = Claims {
            client: self.client.clone(),
            subject: self.subject,
            authorization: self.authorization,
            consent: self.consent,
            scopes: self.scopes.clone(),
            userinfo: ClaimSet::EMPTY,
            audience: policy.audience(self.resource.as_ref()),
            issued_at: now,
            expires_at: now.plus(policy.token_lifetime),
        };
        let refresh = self
            .refresh_generation
            .map(|generation| RefreshToken { authorization: self.authorization, generation });
        let format = policy.format(self.resource.as_ref());
        TokenResponse {
            access_token: keys.mint(&claims, format, &policy.issuer, rng),
            expires_in: policy.token_lifetime,
            scope: self.scopes.to_string(),
            refresh_token: refresh.map(|token| keys.sealing.seal_refresh_token(token, now)),
        }
    }
}
