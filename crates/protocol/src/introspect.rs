//! Token introspection (RFC 7662): is this token good, and for what?

use crate::access_token::{Claims, RevocationList};
use crate::issuer::Issuer;
use crate::model::{Account, Api, Client, ClientId, Subject, SubjectType, Timestamp, Username};

/// What a caller is told about a token. Of a token that is not good it is told nothing else, whatever
/// is wrong with it (RFC 7662 §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// It is good, and this is what it says.
    Active(Claims),
    /// It is not.
    Inactive,
}

/// Judges a token that was opened, with what is true now: its time, and whether its client, its
/// account, its consent or its authorization has ended since it was issued. All of those are on the
/// list, because whatever ends one of them puts it there; so nothing else has to be asked.
pub fn decide(claims: Claims, ended: &RevocationList, now: Timestamp) -> Introspection {
    if claims.is_expired(now) || ended.covers(&claims) {
        Introspection::Inactive
    } else {
        Introspection::Active(claims)
    }
}

/// Whether `caller` may know about a token for `audience`: the introspector of an API about the tokens
/// for that API and no others, anybody else about those that no introspector is named for (RFC 7662 §4,
/// RFC 9700 §4.10).
pub fn may_ask(caller: &ClientId, audience: &str, apis: &[Api]) -> bool {
    let api = apis.iter().find(|api| api.identifier.as_str() == audience);
    match api.and_then(|api| api.introspector.as_ref()) {
        Some(introspector) => introspector == caller,
        None => apis.iter().all(|api| api.introspector.as_ref() != Some(caller)),
    }
}

/// By what `caller` is told of a person. One that is to know people by subjects of its own is told that one and
/// no username: else it could ask about its own token and learn what all other clients know the person by
/// (OpenID Connect Core §8.1).
pub fn names<'a>(
    account: &'a Account,
    caller: &Client,
    issuer: &Issuer<'_>,
) -> (Subject, Option<&'a Username>) {
    let username = match caller.openid.subject_type {
        SubjectType::Public => Some(&account.username),
        SubjectType::Pairwise => None,
    };
    (issuer.subject(caller, account.id), username)
}
