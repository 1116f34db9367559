//! What the client gets (RFC 6749 §5.1).

use std::time::Duration;

use crate::access_token::{Claims, TokenSubject};
use crate::id_token::IdToken;
use crate::issuer::{Issuer, NoKey};
use crate::model::{
    AccountId, ApiIdentifier, Authentication, AuthorizationId, ClaimSet, Client, ClientId, OPENID,
    Person, Randomness, RefreshToken, ScopeSet, Secret, Timestamp,
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
    /// The ID token, if the scope is `openid` (OpenID Connect Core §3.1.3.3, §12.2).
    pub id_token: Option<String>,
}

/// Whom the answer goes to, and what it may tell.
#[derive(Clone, Copy)]
pub struct Recipient<'a> {
    /// The client.
    pub client: &'a Client,
    /// Who it is about, if [`Granted::tells_of`] somebody.
    pub person: Option<&'a Person>,
}

impl Granted {
    /// Whom the ID token tells something of beyond who they are, if it does.
    pub fn tells_of(&self) -> Option<AccountId> {
        match (self.authentication(), self.subject) {
            (Some(authentication), TokenSubject::Account(account)) => {
                (!authentication.claims.id_token.is_empty()).then_some(account)
            }
            _ => None,
        }
    }

    /// Makes the tokens. The refresh token is the same each time; the others are new ones.
    ///
    /// # Errors
    /// [`NoKey`] if there is none to sign the ID token with.
    pub fn respond(
        &self,
        recipient: Recipient<'_>,
        issuer: &Issuer<'_>,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> Result<TokenResponse, NoKey> {
        let (keys, policy) = (issuer.keys, issuer.policy);
        let access_token = self.access_token(issuer, rng, now);
        let refresh = self
            .refresh_generation
            .map(|generation| RefreshToken { authorization: self.authorization, generation });
        let id_token = match (self.authentication(), self.subject) {
            (Some(authentication), TokenSubject::Account(account)) => {
                let id_token = IdToken {
                    client: recipient.client,
                    account,
                    authentication,
                    code: None,
                    access_token: Some(&access_token),
                    claims: authentication.claims.id_token,
                    person: recipient.person,
                };
                Some(id_token.sign(issuer, now)?)
            }
            _ => None,
        };
        Ok(TokenResponse {
            access_token,
            expires_in: policy.token_lifetime,
            scope: self.scopes.to_string(),
            refresh_token: refresh.map(|token| keys.sealing.seal_refresh_token(token, now)),
            id_token,
        })
    }

    fn access_token(
        &self,
        issuer: &Issuer<'_>,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> Secret {
        let policy = issuer.policy;
        let claims = Claims {
            client: self.client.clone(),
            subject: self.subject,
            authorization: self.authorization,
            consent: self.consent,
            scopes: self.scopes.clone(),
            userinfo: self.authentication().map_or(ClaimSet::EMPTY, |known| known.claims.userinfo),
            audience: policy.audience(self.resource.as_ref()),
            issued_at: now,
            expires_at: now.plus(policy.token_lifetime),
        };
        issuer.keys.mint(&claims, policy.format(self.resource.as_ref()), issuer.name(), rng)
    }

    /// How the person signed in, if this grant is still one of OpenID: a refresh may have asked for less.
    fn authentication(&self) -> Option<&Authentication> {
        self.authentication.as_ref().filter(|_| self.scopes.names(OPENID))
    }
}
