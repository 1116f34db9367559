//! `refresh_token` (RFC 6749 §6): lossless rotation.
//!
//! A family has one newest token, its generation. What a presented token leads to:
//!
//! ```text
//! the newest          first use of it: the next generation is issued                  Rotate
//! its predecessor     the answer with the newest was lost, or a second tab came:
//!                     the newest again, the same to the letter                        Repeat
//! anything older      its successor has been used by somebody: one of the two stole
//!                     it, and the family ends, and no other (RFC 9700 §4.14.2)        Reuse
//! ```
//!
//! So a token stays good until its successor is first used, and an honest client that loses an answer
//! loses nothing, as long as none of its calls with an older token is still under way when it uses a
//! newer one.
//!
//! Of a thief and an honest client that both go on, one falls two generations behind the other as soon
//! as either refreshes twice in between; with its next use both are out. The known limit: as long as
//! the two take turns, in lockstep, neither ever falls behind, and nothing tells a thief's call from a
//! second tab's. That is the price of losing nothing; the family's absolute lifetime bounds it, and
//! only a sender constraint (RFC 9449) would end it.

use std::sync::Arc;

use crate::access_token::TokenSubject;
use crate::model::{
    Account, AccountStatus, AuthorizationId, Client, Consent, GrantType, RefreshFamily,
    RefreshToken, ScopeCatalogue, ScopeSet, Timestamp,
};
use crate::token::{Granted, RefreshLifetimes, TokenError, TokenErrorCode};

/// What one read brings about a family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The client that calls, whatever its status.
    pub client: Option<Arc<Client>>,
    /// The family that the token names, whatever became of it.
    pub family: Option<RefreshFamily>,
    /// The account it stands for, whatever its status.
    pub account: Option<Account>,
    /// What that account allows the family's client now.
    pub consent: Option<Consent>,
}

/// What happens to a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The next generation is issued, if the store finds this one still the newest: one guarded act.
    Rotate(Box<Rotation>),
    /// The newest generation is issued again; nothing is recorded.
    Repeat(Granted),
    /// The family ends.
    Reuse(AuthorizationId),
}

impl Decision {
    /// What the client gets, if it gets anything.
    pub const fn granted(&self) -> Option<&Granted> {
        match self {
            Self::Rotate(rotation) => Some(&rotation.granted),
            Self::Repeat(granted) => Some(granted),
            Self::Reuse(_) => None,
        }
    }
}

/// One rotation, for the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Which family.
    pub authorization: AuthorizationId,
    /// The generation that must still be the newest.
    pub from_generation: u32,
    /// When it ends unless it is used again.
    pub idle_until: Timestamp,
    /// When.
    pub at: Timestamp,
    /// What the client gets once that is on record.
    pub granted: Granted,
}

/// Judges the refresh token that `client`, which has proven to be the caller, brings. `token` is what
/// the presented text says, if this installation made it; `scope` is what less is asked.
///
/// If the store finds that the generation was no longer the newest, another call came first: read the
/// facts again and decide again.
///
/// # Errors
/// [`TokenError`].
pub fn decide(
    client: &Client,
    token: Option<RefreshToken>,
    scope: Option<&ScopeSet>,
    facts: &Facts,
    lifetimes: RefreshLifetimes,
    catalogue: &ScopeCatalogue,
    now: Timestamp,
) -> Result<Decision, TokenError> {
    if !client.grant_types.contains(GrantType::RefreshToken) {
        let description = "The refresh token grant is not switched on for this app";
        return Err(TokenError::new(TokenErrorCode::UnauthorizedClient, description));
    }
    let token = token.ok_or(TokenError::grant("Invalid refresh token"))?;
    let family = family_of(&token, client, facts)?;
    judge_life(family, facts, now)?;
    let behind = family.generation - token.generation;
    if behind > 1 {
        return Ok(Decision::Reuse(family.authorization));
    }
    let scopes = judge_scope(client, family, scope, catalogue)?;
    let granted = |generation| Granted {
        client: client.id.clone(),
        subject: TokenSubject::Account(family.account),
        authorization: family.authorization,
        consent: Some(family.consent),
        scopes: scopes.clone(),
        resource: family.resource.clone(),
        authentication: family.authentication.clone(),
        refresh_generation: Some(generation),
    };
    if behind == 1 {
        return Ok(Decision::Repeat(granted(family.generation)));
    }
    let next =
        family.generation.checked_add(1).ok_or(TokenError::grant("Refresh token expired"))?;
    Ok(Decision::Rotate(Box::new(Rotation {
        authorization: family.authorization,
        from_generation: family.generation,
        idle_until: now.plus(lifetimes.idle).min(family.absolute_until),
        at: now,
        granted: granted(next),
    })))
}

/// The family that the token names, if it is one of this client's.
fn family_of<'a>(
    token: &RefreshToken,
    client: &Client,
    facts: &'a Facts,
) -> Result<&'a RefreshFamily, TokenError> {
    // A token of ours whose family is gone was revoked together with what it rested on.
    let family = facts
        .family
        .as_ref()
        .filter(|family| family.authorization == token.authorization)
        .ok_or(TokenError::grant("Refresh token revoked"))?;
    // Another client's token is unknown to this one, and its family goes on (refusals RF-06).
    if family.client != client.id || token.generation > family.generation {
        return Err(TokenError::grant("Invalid refresh token"));
    }
    Ok(family)
}

/// Judged at use, not when a sweep comes by (refusals RF-18).
fn judge_life(family: &RefreshFamily, facts: &Facts, now: Timestamp) -> Result<(), TokenError> {
    let account = facts.account.as_ref().filter(|account| account.id == family.account);
    let is_active = account.is_some_and(|account| account.status == AccountStatus::Active);
    let consent = facts.consent.as_ref();
    let still_stands = consent.is_some_and(|consent| {
        consent.authorization == family.consent && consent.is_of(&family.account, &family.client)
    });
    if family.ended_at.is_some() || !is_active || !still_stands {
        return Err(TokenError::grant("Refresh token revoked"));
    }
    if now >= family.idle_until || now >= family.absolute_until {
        return Err(TokenError::grant("Refresh token expired"));
    }
    Ok(())
}

/// RFC 6749 §6: "The requested scope MUST NOT include any scope not originally granted". Less counts
/// for this access token only. And what the operator has taken from the client since, or from the
/// catalogue, is not granted again: a family may live for half a year.
fn judge_scope(
    client: &Client,
    family: &RefreshFamily,
    asked: Option<&ScopeSet>,
    catalogue: &ScopeCatalogue,
) -> Result<ScopeSet, TokenError> {
    let granted = family.scopes.iter().filter(|scope| client.scopes.admit(scope, catalogue));
    let granted: ScopeSet = granted.cloned().collect();
    let Some(asked) = asked else { return Ok(granted) };
    match asked.iter().find(|scope| !granted.contains(scope)) {
        None => Ok(asked.clone()),
        Some(scope) => Err(TokenError::new(
            TokenErrorCode::InvalidScope,
            format!("The scope {scope} was not granted"),
        )),
    }
}
