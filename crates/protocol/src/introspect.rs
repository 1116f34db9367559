//! Token introspection (RFC 7662): is this token good, and for what?

use crate::access_token::{Claims, RevocationList};
use crate::model::Timestamp;

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
