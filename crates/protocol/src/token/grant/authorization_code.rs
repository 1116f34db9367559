//! `authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.6).

use std::sync::Arc;

use crate::access_token::TokenSubject;
use crate::code::SealedCode;
pub use crate::code::StoredCode;
use crate::model::{
    Account, AccountStatus, Authentication, AuthorizationId, Client, CodeKey, Consent, GrantType,
    RefreshFamily, Secret, SignedIn, Timestamp,
};
use crate::token::{Granted, RefreshLifetimes, TokenError, TokenErrorCode};

/// What one read brings about a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The client that calls, whatever its status.
    pub client: Option<Arc<Client>>,
    /// The code, whatever became of it.
    pub code: Option<StoredCode>,
    /// The account it was issued for, whatever its status.
    pub account: Option<Account>,
    /// What that account allows the code's client now.
    pub consent: Option<Consent>,
}

impl Facts {
    /// What one read would bring about `code` if it were on record, of what is known of the caller and of the
    /// session in which it was issued.
    pub fn of_sealed(
        code: &SealedCode,
        client: Option<Arc<Client>>,
        signed_in: Option<SignedIn>,
        consent: Option<Consent>,
        now: Timestamp,
    ) -> Self {
        let is_open = |known: &SignedIn| known.session.id == code.session && known.is_live(now);
        let account = signed_in.filter(is_open).map(|known| known.account);
        Self { client, code: Some(code.code.clone()), account, consent }
    }
}

/// What happens to a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is exchanged, if the store finds it still unused: one guarded act.
    Redeem(Box<Redemption>),
    /// It was exchanged before, and whoever comes now has proven to be its client: one of the two
    /// stole it, so all that followed from it ends (RFC 6749 §4.1.2, §10.5).
    Replay(AuthorizationId),
}

impl Decision {
    /// What the client gets, if it gets anything.
    pub const fn granted(&self) -> Option<&Granted> {
        match self {
            Self::Redeem(redemption) => Some(&redemption.granted),
            Self::Replay(_) => None,
        }
    }
}

/// One exchange, for the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Which code.
    pub key: CodeKey,
    /// When.
    pub at: Timestamp,
    /// The family that begins, if the client uses refresh tokens.
    pub family: Option<RefreshFamily>,
    /// What the client gets once that is on record.
    pub granted: Granted,
}

/// Judges what `client`, which has proven to be the caller, brings.
///
/// The order is: the code, its client, its place, its proof; only then whether it was used. So a
/// stranger who holds somebody's code can neither use it nor end what its owner got for it (RFC 9700
/// §4.5; refusals TK-03).
///
/// # Errors
/// [`TokenError`].
pub fn decide(
    client: &Client,
    redirect_uri: Option<&str>,
    code_verifier: Option<&Secret>,
    facts: &Facts,
    lifetimes: RefreshLifetimes,
    now: Timestamp,
) -> Result<Decision, TokenError> {
    if !client.grant_types.contains(GrantType::AuthorizationCode) {
        let description = "The authorization code grant is not switched on for this app";
        return Err(TokenError::new(TokenErrorCode::UnauthorizedClient, description));
    }
    let code = facts
        .code
        .as_ref()
        .filter(|code| code.client == client.id)
        .ok_or(TokenError::grant("Invalid authorization code"))?;
    if redirect_uri != Some(code.redirect_uri.as_str()) {
        return Err(TokenError::grant("Invalid redirect URI"));
    }
    // RFC 9700 §2.1.1: a verifier for a code without a challenge must be refused as well; and whether
    // the client may do without is judged again, for it may have changed since.
    let is_proven = match (&code.challenge, code_verifier) {
        (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier.reveal()),
        (None, None) => !client.needs_pkce(),
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !is_proven {
        return Err(TokenError::grant("code_verifier was incorrect"));
    }
    if code.redeemed_at.is_some() {
        return Ok(Decision::Replay(code.authorization));
    }
    if now >= code.expires_at {
        return Err(TokenError::grant("Authorization code expired"));
    }
    judge_person(code, facts)?;
    Ok(Decision::Redeem(Box::new(redemption(client, code, lifetimes, now))))
}

/// The account may have been shut and the consent withdrawn since the code was issued.
fn judge_person(code: &StoredCode, facts: &Facts) -> Result<(), TokenError> {
    let account = facts.account.as_ref().filter(|account| account.id == code.account);
    let is_active = account.is_some_and(|account| account.status == AccountStatus::Active);
    let consent = facts.consent.as_ref();
    let still_stands = consent.is_some_and(|consent| {
        consent.authorization == code.consent && consent.is_of(&code.account, &code.client)
    });
    if is_active && still_stands {
        return Ok(());
    }
    Err(TokenError::grant("Invalid authorization code"))
}

fn redemption(
    client: &Client,
    code: &StoredCode,
    lifetimes: RefreshLifetimes,
    now: Timestamp,
) -> Redemption {
    let refreshes = client.grant_types.contains(GrantType::RefreshToken);
    let absolute_until = now.plus(lifetimes.absolute);
    let family = refreshes.then(|| RefreshFamily {
        authorization: code.authorization,
        consent: code.consent,
        client: client.id.clone(),
        account: code.account,
        scopes: code.scopes.clone(),
        resource: code.resource.clone(),
        authentication: code
            .authentication
            .clone()
            .map(|authentication| Authentication { nonce: None, ..authentication }),
        generation: 0,
        created_at: now,
        idle_until: now.plus(lifetimes.idle).min(absolute_until),
        absolute_until,
        ended_at: None,
    });
    Redemption {
        key: code.key,
        at: now,
        granted: Granted {
            client: client.id.clone(),
            subject: TokenSubject::Account(code.account),
            authorization: code.authorization,
            consent: Some(code.consent),
            scopes: code.scopes.clone(),
            resource: code.resource.clone(),
            authentication: code.authentication.clone(),
            refresh_generation: family.as_ref().map(|family| family.generation),
        },
        family,
    }
}
