//! Token introspection (RFC 7662): is this token good, and for what?

use crate::access_token::{Claims, TokenSubject};
use crate::model::{Account, AccountStatus, Client, ClientStatus, Consent, Timestamp};

/// What the store knows when a token is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The client that asks, whatever its status.
    pub caller: Option<Client>,
    /// The client that the token was issued to, whatever its status.
    pub client: Option<Client>,
    /// The account on whose behalf it was issued, whatever its status.
    pub account: Option<Account>,
    /// What that account allows that client now.
    pub consent: Option<Consent>,
}

/// What a caller is told about a token. Of a token that is not good it is told nothing else, whatever
/// is wrong with it (RFC 7662 §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// It is good.
    Active {
        /// What it says.
        claims: Claims,
        /// The name of the person it stands for, if it stands for one.
        username: Option<String>,
    },
    /// It is not.
    Inactive,
}

/// Judges a token that was opened, with what is true now: its time, its client, its account, and
/// whether the approval it came from still stands.
pub fn decide(claims: Claims, facts: &Facts, now: Timestamp) -> Introspection {
    let client = facts.client.as_ref().filter(|client| client.id == claims.client);
    let client_is_active = client.is_some_and(|client| client.status == ClientStatus::Active);
    if claims.is_expired(now) || !client_is_active {
        return Introspection::Inactive;
    }
    let username = match claims.subject {
        TokenSubject::Client => None,
        TokenSubject::Account(id) => {
            let account = facts
                .account
                .as_ref()
                .filter(|account| account.id == id && account.status == AccountStatus::Active);
            let still_stands = facts.consent.as_ref().is_some_and(|consent| {
                Some(consent.authorization) == claims.consent && consent.is_of(&id, &claims.client)
            });
            let (Some(account), true) = (account, still_stands) else {
                return Introspection::Inactive;
            };
            Some(account.username.as_str().to_owned())
        }
    };
    Introspection::Active { claims, username }
}
