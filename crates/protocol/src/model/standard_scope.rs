//! The scopes that OpenID Connect defines (Core §5.4, §11): there without the operator's doing.

use super::{Scope, ScopeDefinition, ScopeGroup};

/// The scope that makes a request an OpenID request.
pub const OPENID: &str = "openid";

/// The scope that asks for access while the person is not there.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Their names, sentences and groups, in the order in which they are shown.
const STANDARD: [(&str, &str, ScopeGroup); 6] = [
    (OPENID, "know that it is you when you come back", ScopeGroup::Data),
    (
        "profile",
        "see your profile: name, picture, birthday and what else you filled in",
        ScopeGroup::Data,
    ),
    ("email", "see your e-mail address", ScopeGroup::Data),
    ("address", "see your postal address", ScopeGroup::Data),
    ("phone", "see your telephone number", ScopeGroup::Data),
    (OFFLINE_ACCESS, "keep its access while you are away", ScopeGroup::Act),
];

/// What a person reads of the standard scopes, if the operator has no words of their own.
pub fn standard_scopes() -> impl Iterator<Item = ScopeDefinition> {
    STANDARD.into_iter().filter_map(|(name, text, group)| {
        Some(ScopeDefinition { scope: Scope::parse(name).ok()?, text: text.to_owned(), group })
    })
}

/// Whether a scope is one of the standard ones. They are about who the person is, not about any API.
pub fn is_standard(scope: &Scope) -> bool {
    STANDARD.iter().any(|(name, ..)| *name == scope.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Claim;

    #[test]
    fn every_standard_scope_can_be_asked_for_and_every_claim_has_one() {
        assert_eq!(standard_scopes().count(), STANDARD.len());
        for claim in Claim::ALL {
            assert!(is_standard(&Scope::parse(claim.scope()).expect("a scope")), "{claim:?}");
        }
    }
}
