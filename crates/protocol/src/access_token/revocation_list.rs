//! The short list of what ended before its time: what every checker of tokens keeps in memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Claims, TokenSubject};
use crate::code::SealedCode;
use crate::model::{AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp};

/// All acts that concern a token which could still be alive.
///
/// A check is at most four look-ups and no read of a store. The list stays short by itself: an act is
/// forgotten when the last token that it could concern has expired.
#[derive(Clone, Debug, Default)]
pub struct RevocationList {
    acts: BTreeMap<Revoked, Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ended {
    at: Timestamp,
    until: Timestamp,
}

impl RevocationList {
    /// Adds an act; answers whether it says anything new. Of two acts about the same, the later counts.
    pub fn add(&mut self, revocation: &Revocation) -> bool {
        let act = Ended { at: revocation.at, until: revocation.until };
        match self.acts.entry(revocation.revoked.clone()) {
            Entry::Vacant(place) => {
                place.insert(act);
                true
            }
            Entry::Occupied(mut place) => {
                let known = *place.get();
                let both = Ended { at: known.at.max(act.at), until: known.until.max(act.until) };
                *place.get_mut() = both;
                both != known
            }
        }
    }

    /// Whether an act ended the token of `claims`.
    ///
    /// An authorization and a consent never come back, so their tokens are dead whenever they were
    /// issued; a client or an account may be switched on again, so of theirs only those are dead that
    /// were issued before the act.
    pub fn covers(&self, claims: &Claims) -> bool {
        if self.acts.is_empty() {
            return false;
        }
        let account = match claims.subject {
            TokenSubject::Account(account) => Some(account),
            TokenSubject::Client => None,
        };
        self.has_ended(claims.authorization)
            || claims.consent.is_some_and(|consent| self.has(&Revoked::Consent(consent)))
            || self.has_shut(account, &claims.client, claims.issued_at)
    }

    /// Whether an act ended a code that is not on record. Its authorization nobody knew before it was exchanged,
    /// and its consent is asked for when it is.
    pub fn covers_code(&self, code: &SealedCode) -> bool {
        self.has_shut(Some(code.code.account), &code.code.client, code.issued_at)
    }

    fn has_shut(
        &self,
        account: Option<AccountId>,
        client: &ClientId,
        issued_at: Timestamp,
    ) -> bool {
        let before = |revoked| self.acts.get(&revoked).is_some_and(|ended| issued_at <= ended.at);
        account.is_some_and(|account| before(Revoked::Account(account)))
            || before(Revoked::Client(client.clone()))
    }

    fn has(&self, revoked: &Revoked) -> bool {
        self.acts.contains_key(revoked)
    }

    /// Whether an act ended this authorization, which never comes back.
    pub fn has_ended(&self, authorization: AuthorizationId) -> bool {
        self.has(&Revoked::Authorization(authorization))
    }

    /// Forgets the acts whose last token has expired.
    pub fn forget_ended(&mut self, now: Timestamp) {
        self.acts.retain(|_, ended| now < ended.until);
    }

    /// How many acts there are.
    pub fn len(&self) -> usize {
        self.acts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }
}
