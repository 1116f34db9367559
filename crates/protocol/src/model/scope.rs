//! What an app may be allowed to do: single scopes, sets of them, and the operator's catalogue.

use std::fmt;

use thiserror::Error;

/// One scope token (RFC 6749 §3.3): printable ASCII without space, `"` and `\`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Box<str>);

/// Why a text is not a scope, or not a list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScopeProblem {
    /// A character outside `%x21 / %x23-5B / %x5D-7E`, or a space too many.
    #[error("a scope list holds printable ASCII names separated by single spaces")]
    Characters,
    /// A name longer than [`Scope::MAX_LENGTH`].
    #[error("a scope name is at most 128 characters long")]
    TooLong,
    /// More names than [`ScopeSet::MAX_SCOPES`], or a longer list than [`ScopeSet::MAX_LENGTH`].
    #[error("too many scopes")]
    TooMany,
}

impl Scope {
    /// The longest name, in bytes.
    pub const MAX_LENGTH: usize = 128;

    /// Takes one scope token.
    ///
    /// # Errors
    /// A [`ScopeProblem`] if it is empty, too long, or holds a character that RFC 6749 §3.3 forbids.
    pub fn parse(text: &str) -> Result<Self, ScopeProblem> {
        if text.len() > Self::MAX_LENGTH {
            return Err(ScopeProblem::TooLong);
        }
        // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        // All of it is looked at without stopping, many bytes at a time.
        if text.is_empty() || !text.bytes().fold(true, |all, byte| all & allowed(byte)) {
            return Err(ScopeProblem::Characters);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Scopes in the order in which they were first named, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// The most scopes in one list.
    pub const MAX_SCOPES: usize = 100;
    /// The longest list, in bytes.
    pub const MAX_LENGTH: usize = 4096;

    /// No scopes: only what is public.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Takes a list as it is sent: names separated by single spaces; the empty text is the empty set.
    /// The length is judged before any name is looked at, so the work is bounded.
    ///
    /// # Errors
    /// A [`ScopeProblem`] if the list is not of RFC 6749 §3.3's form or beyond the limits.
    pub fn parse(text: &str) -> Result<Self, ScopeProblem> {
        if text.len() > Self::MAX_LENGTH {
            return Err(ScopeProblem::TooMany);
        }
        let mut set = Self::empty();
        let mut rest = Some(text).filter(|text| !text.is_empty());
        while let Some(list) = rest {
            let word;
            (word, rest) = first_word(list);
            set.insert(Scope::parse(word)?);
            if set.0.len() > Self::MAX_SCOPES {
                return Err(ScopeProblem::TooMany);
            }
        }
        Ok(set)
    }

    /// Adds a scope at the end unless it is there already.
    pub fn insert(&mut self, scope: Scope) {
        if !self.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// Takes a scope out; answers whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|scope| scope.as_str() != name);
        self.0.len() < before
    }

    /// Whether a scope of this name is there.
    pub fn names(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == name)
    }

    /// Whether the scope is there.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The list as it is sent: names separated by single spaces.
    pub fn to_list(&self) -> String {
        let length = self.0.iter().map(|scope| scope.as_str().len() + 1).sum();
        let mut list = String::with_capacity(length);
        for scope in &self.0 {
            if !list.is_empty() {
                list.push(' ');
            }
            list.push_str(scope.as_str());
        }
        list
    }

    /// This set and what `other` adds to it, in that order.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        for scope in other.iter() {
            all.insert(scope.clone());
        }
        all
    }
}

/// The name at the front of a list, and the list after the space behind it. Names are short, and a plain walk
/// to their end costs less than to set up a search.
fn first_word(list: &str) -> (&str, Option<&str>) {
    match list.bytes().position(|byte| byte == b' ') {
        Some(end) => (&list[..end], Some(&list[end + 1..])),
        None => (list, None),
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_list())
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::empty();
        for scope in scopes {
            set.insert(scope);
        }
        set
    }
}

/// Under which heading the consent page shows a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScopeGroup {
    /// See your data.
    Data,
    /// See your activity.
    Activity,
    /// Act for you.
    Act,
    /// For partners only: refused to a client unless the operator has listed it for that client.
    Partner,
}

/// A scope as the operator defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeDefinition {
    /// Its name on the wire.
    pub scope: Scope,
    /// What it lets an app do, as the end of the sentence "This app wants to …", for the user.
    pub text: String,
    /// Under which heading it stands.
    pub group: ScopeGroup,
}

/// All scopes that the operator has defined, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeCatalogue(Vec<ScopeDefinition>);

impl ScopeCatalogue {
    /// The catalogue of these definitions; a later one of the same name replaces the earlier.
    pub fn new(definitions: impl IntoIterator<Item = ScopeDefinition>) -> Self {
        let mut catalogue = Self::default();
        for definition in definitions {
            match catalogue.0.iter_mut().find(|known| known.scope == definition.scope) {
                Some(known) => *known = definition,
                None => catalogue.0.push(definition),
            }
        }
        catalogue
    }

    /// What the operator says of `scope`, or `None` if they say nothing.
    pub fn definition(&self, scope: &Scope) -> Option<&ScopeDefinition> {
        self.0.iter().find(|definition| &definition.scope == scope)
    }

    /// All definitions in order.
    pub fn iter(&self) -> impl Iterator<Item = &ScopeDefinition> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_the_order_and_drops_what_comes_twice() {
        let set = ScopeSet::parse("b a b c").expect("a good list");
        assert_eq!((set.to_string(), set.to_list()), ("b a c".to_owned(), "b a c".to_owned()));
        assert_eq!(ScopeSet::empty().to_list(), "");
        assert_eq!(set.len(), 3);
    }

    #[test]
    fn az_12_scope_lists_outside_the_grammar_are_refused_with_bounded_work() {
        for text in ["a  b", " a", "a ", "a\tb", "a\"b", "a\\b", "a\u{7f}", "é", "a\nb", "\0"] {
            assert_eq!(ScopeSet::parse(text), Err(ScopeProblem::Characters), "{text:?}");
        }
        let many: Vec<String> = (0..10_000).map(|n| format!("s{n}")).collect();
        assert_eq!(ScopeSet::parse(&many.join(" ")), Err(ScopeProblem::TooMany));
        assert_eq!(ScopeSet::parse(&many[..101].join(" ")), Err(ScopeProblem::TooMany));
        assert!(ScopeSet::parse(&many[..100].join(" ")).is_ok());
        assert_eq!(ScopeSet::parse(&"x".repeat(129)), Err(ScopeProblem::TooLong));
    }

    #[test]
    fn a_union_appends_only_what_is_new() {
        let one = ScopeSet::parse("a b").expect("good");
        let two = ScopeSet::parse("c b").expect("good");
        assert_eq!(one.union(&two).to_string(), "a b c");
    }
}
