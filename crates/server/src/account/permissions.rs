//! What an app may do, in a person's words.

use hallpass_protocol::model::{Scope, ScopeCatalogue, ScopeGroup, ScopeSet};

/// How many things are told before the rest is folded away.
const IN_A_LINE: usize = 3;

/// What one app may do, what weighs most first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Permissions {
    /// Each the end of the sentence "This app may …".
    texts: Vec<String>,
}

impl Permissions {
    /// What `scopes` mean. A scope that the operator no longer explains is told by its name: it is
    /// allowed all the same.
    pub(super) fn of(scopes: &ScopeSet, catalogue: &ScopeCatalogue) -> Self {
        let mut told: Vec<_> = scopes.iter().map(|scope| told(scope, catalogue)).collect();
        told.sort_by_key(|(weight, _)| *weight);
        Self { texts: told.into_iter().map(|(_, text)| text).collect() }
    }

    /// The beginning, in a line: "Change your playlists; see your e-mail address; see …".
    pub(super) fn line(&self) -> String {
        let told = &self.texts[..self.texts.len().min(IN_A_LINE)];
        if told.is_empty() {
            // Whatever else is allowed, this always is (wire.md, "Scopes of the demo").
            return "See your public profile: name, picture, public playlists".to_owned();
        }
        // Operators write commas into their texts, so the line is held together by something else.
        with_capital(&told.join("; "))
    }

    /// What the line does not tell.
    pub(super) fn rest(&self) -> &[String] {
        self.texts.get(IN_A_LINE..).unwrap_or_default()
    }

    /// All of it.
    pub(super) fn all(&self) -> &[String] {
        &self.texts
    }
}

/// A scope in words, with its place: acting for somebody weighs more than reading about them.
fn told(scope: &Scope, catalogue: &ScopeCatalogue) -> (u8, String) {
    match catalogue.definition(scope) {
        Some(definition) => {
            let weight = match definition.group {
                ScopeGroup::Partner => 0,
                ScopeGroup::Act => 1,
                ScopeGroup::Data => 2,
                ScopeGroup::Activity => 3,
            };
            (weight, definition.text.clone())
        }
        None => (4, scope.as_str().to_owned()),
    }
}

fn with_capital(line: &str) -> String {
    let mut letters = line.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use hallpass_protocol::model::ScopeDefinition;

    use super::*;

    fn permissions(scopes: &str) -> Permissions {
        let definition = |name: &str, text: &str, group| ScopeDefinition {
            scope: Scope::parse(name).unwrap(),
            text: text.to_owned(),
            group,
        };
        let catalogue = ScopeCatalogue::new([
            definition("email", "see your e-mail address", ScopeGroup::Data),
            definition("history", "see what you listened to", ScopeGroup::Activity),
            definition("playlists", "change your playlists", ScopeGroup::Act),
        ]);
        Permissions::of(&ScopeSet::parse(scopes).unwrap(), &catalogue)
    }

    #[test]
    fn what_weighs_most_is_told_first_and_in_a_sentence() {
        for (scopes, line) in [
            ("email", "See your e-mail address"),
            ("history email", "See your e-mail address; see what you listened to"),
            (
                "email history playlists",
                "Change your playlists; see your e-mail address; see what you listened to",
            ),
        ] {
            assert_eq!(permissions(scopes).line(), line);
            assert!(permissions(scopes).rest().is_empty());
        }
    }

    #[test]
    fn a_long_list_is_folded_and_nothing_of_it_is_lost() {
        let permissions = permissions("old email history playlists older");
        assert_eq!(
            permissions.line(),
            "Change your playlists; see your e-mail address; see what you listened to"
        );
        assert_eq!(permissions.rest(), ["old", "older"], "told by their names");
        assert_eq!(permissions.all().len(), 5);
    }

    #[test]
    fn an_app_that_asked_for_nothing_still_sees_what_is_public() {
        let nothing = Permissions::of(&ScopeSet::default(), &ScopeCatalogue::default());
        assert!(nothing.line().contains("public profile"));
    }
}
