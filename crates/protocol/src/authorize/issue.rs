//! From a granted request to what the store records and what the client gets.
//!
//! ```text
//! plan                  what must be on record first: nothing, an approval, or a code with its approval
//! code                  the code, where that is not in the plan
//! answer                token, code and ID token, in one answer to the client
//! ```

use super::answer::CodeSeed;
use super::destination::{ClientAnswer, Destination};
use super::request::AuthorizationRequest;
use crate::access_token::{Claims, TokenSubject};
use crate::code::{Approval, CODE_LIFETIME, CodeGround, CodeRecord, SealedCode};
use crate::id_token::IdToken;
use crate::issuer::{Issuer, NoKey};
use crate::model::{
    AccountId, Authentication, AuthorizationId, ClaimSet, Client, CodeKey, KeySet, Person,
    Randomness, Secret, Session, Timestamp,
};

/// The client gets what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue<'a> {
    request: AuthorizationRequest<'a>,
    session: &'a Session,
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

/// What is to be recorded before anything is sent.
pub enum Plan {
    /// Nothing: the answer rests on an earlier consent.
    Remembered {
        /// The consent.
        consent: AuthorizationId,
    },
    /// An approval; the store answers with the consent in force, on which the answer rests.
    Approved(Approval),
    /// A code with its approval. No access token goes with it, so it does not matter here which consent is in
    /// force.
    Code(Box<CodeRecord>, Secret),
}

/// A code that the client gets.
pub enum NewCode {
    /// It carries what it stands for: nothing is to be recorded.
    Sealed(Secret),
    /// This must be on record before it is sent.
    Recorded(Box<CodeRecord>, Secret),
}

impl NewCode {
    /// What the client gets.
    pub const fn secret(&self) -> &Secret {
        match self {
            Self::Sealed(code) | Self::Recorded(_, code) => code,
        }
    }
}

/// What is on record when the answer is made.
#[derive(Clone, Copy, Default)]
pub struct Granted<'a> {
    /// The consent that an access token rests on.
    pub consent: Option<AuthorizationId>,
    /// The code.
    pub code: Option<&'a Secret>,
    /// Who it is about, if [`Issue::tells_of`] somebody.
    pub person: Option<&'a Person>,
}

impl<'a> Issue<'a> {
    pub(super) const fn of(
        request: AuthorizationRequest<'a>,
        session: &'a Session,
        ground: Ground,
        destination: Destination,
    ) -> Self {
        Self { request, session, ground, destination }
    }

    /// What is to be recorded before anything is sent.
    pub fn plan(&self, rng: &mut dyn Randomness, now: Timestamp) -> Plan {
        let wanted = self.request.response_type;
        match self.ground {
            Ground::Remembered(consent) => Plan::Remembered { consent },
            Ground::AgreedNow(seed) if wanted.has_code() && !wanted.has_token() => {
                let (code, key) = CodeKey::derive(seed.time, &seed.bytes);
                let ground = CodeGround::Approved(self.approval(rng, now));
                let record = CodeRecord { key, ..self.record(ground, rng, now) };
                Plan::Code(Box::new(record), code)
            }
            Ground::AgreedNow(_) => Plan::Approved(self.approval(rng, now)),
        }
    }

    /// The code, resting on the `consent` that is in force; `None` if there is none in the answer.
    ///
    /// On a remembered consent it carries its record itself, if it does not get too long: that it is exchanged
    /// once is seen to by the exchange. A person's answer may be sent twice, so what comes of that is recorded:
    /// a second code that looks like the first would end what was got for the first.
    pub fn code(
        &self,
        consent: AuthorizationId,
        keys: &KeySet,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> Option<NewCode> {
        if !self.request.response_type.has_code() {
            return None;
        }
        let record = self.record(CodeGround::Remembered(consent), rng, now);
        let (code, key) = match self.ground {
            Ground::AgreedNow(seed) => CodeKey::derive(seed.time, &seed.bytes),
            Ground::Remembered(_) => {
                match SealedCode::seal(&record, consent, keys.active(now), rng) {
                    Some(sealed) => return Some(NewCode::Sealed(sealed)),
                    None => CodeKey::mint(rng, now),
                }
            }
        };
        Some(NewCode::Recorded(Box::new(CodeRecord { key, ..record }), code))
    }

    /// Whom the ID token of the answer tells something of beyond who they are, if it does.
    pub fn tells_of(&self) -> Option<AccountId> {
        (!self.id_token_claims().is_empty()).then_some(self.session.account)
    }

    /// The client and the session that it takes part in from now on, if it wants to hear of its end
    /// (OpenID Connect Back-Channel Logout §2.1).
    pub fn joins(&self) -> Option<(&'a Session, &'a Client)> {
        let is_told = self.request.client.openid.backchannel_logout_uri.is_some();
        (self.request.openid.is_some() && is_told).then_some((self.session, self.request.client))
    }

    /// The answer that carries all that was asked for.
    ///
    /// # Errors
    /// [`NoKey`] if there is none to sign the ID token with.
    pub fn answer(
        &self,
        granted: Granted<'_>,
        issuer: &Issuer<'_>,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> Result<ClientAnswer, NoKey> {
        let wanted = self.request.response_type;
        let consent = granted.consent.filter(|_| wanted.has_token());
        let token = consent.map(|consent| self.access_token(consent, issuer, rng, now));
        let authentication = wanted.has_id_token().then(|| self.authentication()).flatten();
        let id_token = match authentication {
            Some(authentication) => {
                let id_token = IdToken {
                    client: self.request.client,
                    account: self.session.account,
                    authentication: &authentication,
                    code: granted.code,
                    access_token: token.as_ref(),
                    claims: self.id_token_claims(),
                    person: granted.person,
                };
                Some(id_token.sign(issuer, now)?)
            }
            None => None,
        };
        let expires_in = issuer.policy.token_lifetime.as_secs().to_string();
        let mut parameters = Vec::with_capacity(5);
        if let Some(token) = &token {
            parameters.push(("access_token", token.reveal()));
            parameters.push(("token_type", "Bearer"));
            parameters.push(("expires_in", expires_in.as_str()));
        }
        parameters.extend(granted.code.map(|code| ("code", code.reveal())));
        parameters.extend(id_token.as_ref().map(|id_token| ("id_token", id_token.as_str())));
        // RFC 6749 §4.2.2: scope is "REQUIRED if it differs from the scope requested by the client". With a code
        // alone it is told with the token.
        let is_told = token.is_some() && !self.request.scopes_as_sent;
        let scope = is_told.then(|| self.request.scopes.to_string());
        Ok(self.destination.success(&parameters, scope.as_deref()))
    }

    /// What a code stands for. Its key is that of a sealed one.
    fn record(&self, ground: CodeGround, rng: &mut dyn Randomness, now: Timestamp) -> CodeRecord {
        let authorization = AuthorizationId::mint(rng, now);
        CodeRecord {
            key: CodeKey::of_sealed(now, authorization),
            authorization,
            ground,
            session: self.session.id,
            account: self.session.account,
            client: self.request.client.id.clone(),
            redirect_uri: self.destination.as_sent().to_owned(),
            scopes: self.request.scopes.clone(),
            resource: self.request.resource.clone(),
            challenge: self.request.challenge.clone(),
            authentication: self.authentication(),
            issued_at: now,
            expires_at: now.plus(CODE_LIFETIME),
        }
    }

    fn approval(&self, rng: &mut dyn Randomness, now: Timestamp) -> Approval {
        Approval {
            session: self.session.id,
            account: self.session.account,
            client: self.request.client.id.clone(),
            scopes: self.request.permissions().into_owned(),
            authorization: AuthorizationId::mint(rng, now),
            given_at: now,
        }
    }

    /// Makes the access token, resting on `consent`.
    fn access_token(
        &self,
        consent: AuthorizationId,
        issuer: &Issuer<'_>,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> Secret {
        let request = &self.request;
        let claims = Claims {
            client: request.client.id.clone(),
            subject: TokenSubject::Account(self.session.account),
            authorization: AuthorizationId::mint(rng, now),
            consent: Some(consent),
            scopes: request.scopes.clone(),
            userinfo: request
                .openid
                .as_ref()
                .map_or(ClaimSet::EMPTY, |asked| asked.claims.userinfo),
            audience: issuer.policy.audience(request.resource.as_ref()),
            issued_at: now,
            expires_at: now.plus(issuer.policy.token_lifetime),
        };
        let format = issuer.policy.format(request.resource.as_ref());
        issuer.keys.mint(&claims, format, issuer.name(), rng)
    }

    /// How the person signed in, for an OpenID request.
    fn authentication(&self) -> Option<Authentication> {
        let asked = self.request.openid.as_ref()?;
        Some(Authentication {
            session: self.session.id,
            at: self.session.created_at,
            nonce: asked.nonce.clone(),
            claims: asked.claims,
        })
    }

    /// What the ID token of this answer tells of the person: what is asked for by name, and what the scopes
    /// bring if no access token is ever issued with which to ask userinfo (OpenID Connect Core §5.4).
    fn id_token_claims(&self) -> ClaimSet {
        let wanted = self.request.response_type;
        let Some(asked) = self.request.openid.as_ref().filter(|_| wanted.has_id_token()) else {
            return ClaimSet::EMPTY;
        };
        match wanted.brings_access_token() {
            true => asked.claims.id_token,
            false => asked.claims.id_token.union(ClaimSet::of_scopes(&self.request.scopes)),
        }
    }
}
