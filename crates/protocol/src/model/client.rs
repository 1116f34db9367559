//! The RFC's client. "App" is a word for pages only.

use std::fmt;

use thiserror::Error;
use uuid::Uuid;

use super::randomness::random_bytes;
use super::{
    AccountId, Digest, OpenIdSettings, Randomness, RedirectUri, Scope, ScopeCatalogue, ScopeGroup,
    ScopeSet, Timestamp,
};

/// Names a client. Those that Hallpass makes are 32 lower-case hexadecimal characters, as the
/// guide's service makes them; those an operator brings along may be 1 to 128 of `A–Z a–z 0–9 - . _ ~`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(Box<str>);

/// Why a text cannot be a client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClientIdProblem {
    /// Empty or longer than 128 characters.
    #[error("a client id has 1 to 128 characters")]
    Length,
    /// Something else than `A–Z a–z 0–9 - . _ ~`.
    #[error("a client id holds only the letters A to Z and a to z, digits, and - . _ ~")]
    Characters,
    /// It has the form of a user's subject; a token of the client could be taken for the user's.
    #[error("a client id cannot be a UUID: users are named by those")]
    LooksLikeAUser,
}

impl ClientId {
    /// A new id of 128 random bits.
    pub fn mint(rng: &mut dyn Randomness) -> Self {
        let mut text = String::with_capacity(32);
        for byte in random_bytes::<16>(rng) {
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(u32::from(digit), 16));
            }
        }
        Self(text.into())
    }

    /// Takes an id from a request, a file or a row.
    ///
    /// # Errors
    /// The [`ClientIdProblem`]; in a request it means that there is no such client.
    pub fn parse(text: &str) -> Result<Self, ClientIdProblem> {
        if !(1..=128).contains(&text.len()) {
            return Err(ClientIdProblem::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) {
            return Err(ClientIdProblem::Characters);
        }
        if text.len() == 36 && Uuid::try_parse(text).is_ok() {
            return Err(ClientIdProblem::LooksLikeAUser);
        }
        Ok(Self(text.into()))
    }

    /// The id as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A registered client with all that the rules ask of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its public name on the wire.
    pub id: ClientId,
    /// Whether it can keep a secret (RFC 6749 §2.1).
    pub client_type: ClientType,
    /// What people see.
    pub name: String,
    /// What it is, in its owner's words; may be empty.
    pub description: String,
    /// Where people can read more: an http or https address.
    pub website: Option<String>,
    /// Who registered it.
    pub owner: AccountId,
    /// The owner's username, for the consent page.
    pub owner_name: String,
    /// The allowlist, in the owner's order.
    pub redirect_uris: Vec<RedirectUri>,
    /// What it may use to get tokens.
    pub grant_types: GrantTypes,
    /// What it may ask for.
    pub scopes: AllowedScopes,
    /// Where a person's refusal goes when `response_type` is `token`.
    pub denial: Denial,
    /// Whether a code needs a proof key.
    pub pkce: PkceRule,
    /// What it has settled about OpenID Connect.
    pub openid: OpenIdSettings,
    /// Whether it may be used.
    pub status: ClientStatus,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Whether a client can keep a secret (RFC 6749 §2.1). A public client has none: not an `Option`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientType {
    /// A page or an installed app: whoever has the code has all it knows.
    Public,
    /// A server: proves who it is with one of these secrets, of which only digests are known.
    Confidential {
        /// The live secrets' digests: one, or two while the owner changes them.
        secrets: Vec<Digest>,
    },
}

/// Whether a client may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientStatus {
    /// It may.
    Active,
    /// The operator has shut it; it is answered like a client that does not exist.
    Disabled,
}

/// Where a person's refusal goes when `response_type` is `token` (product decision 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Into the query, as the guide says.
    Query,
    /// Into the fragment, as RFC 6749 §4.2.2.1 says.
    Fragment,
}

/// Whether a code needs a proof key (RFC 7636; product decision 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PkceRule {
    /// Every request for a code brings a challenge. Always so for public clients.
    Required,
    /// A challenge that is sent counts; a confidential client may do without one.
    IfSent,
}

/// What a client may use to get tokens (RFC 6749 §1.3, §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// RFC 6749 §4.2: a token straight from the authorization endpoint.
    Implicit,
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
}

impl GrantType {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::Implicit];

    /// The name on the wire and in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The grant type of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == text)
    }
}

/// A set of grant types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantTypes(u8);

impl GrantTypes {
    /// Whether the client may use `grant`.
    pub const fn contains(self, grant: GrantType) -> bool {
        self.0 & (1 << grant as u8) != 0
    }

    /// The grant types in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = GrantType> {
        GrantType::ALL.into_iter().filter(move |grant| self.contains(*grant))
    }
}

impl FromIterator<GrantType> for GrantTypes {
    fn from_iter<I: IntoIterator<Item = GrantType>>(grants: I) -> Self {
        Self(grants.into_iter().fold(0, |bits, grant| bits | 1 << grant as u8))
    }
}

/// What a client may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedScopes {
    /// Everything in the catalogue except the partners' scopes.
    Ordinary,
    /// These and no others, partners' scopes included.
    Only(ScopeSet),
}

impl AllowedScopes {
    /// Whether `scope`, which `catalogue` knows, may be asked for.
    pub fn admit(&self, scope: &Scope, catalogue: &ScopeCatalogue) -> bool {
        match (self, catalogue.definition(scope)) {
            (_, None) => false,
            (Self::Ordinary, Some(definition)) => definition.group != ScopeGroup::Partner,
            (Self::Only(listed), Some(_)) => listed.contains(scope),
        }
    }
}

impl Client {
    /// Whether it can keep a secret.
    pub const fn is_confidential(&self) -> bool {
        matches!(self.client_type, ClientType::Confidential { .. })
    }

    /// Whether a request for a code needs a challenge (RFC 9700 §2.1.1: public clients MUST use PKCE).
    pub fn needs_pkce(&self) -> bool {
        self.client_type == ClientType::Public || self.pkce == PkceRule::Required
    }

    /// Whether `redirect_uri`, as it was sent, is one of the registered ones (product decision 3).
    pub fn redirect_uri(&self, sent: &str) -> Option<&RedirectUri> {
        self.redirect_uris.iter().find(|registered| registered.admits(sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counted(u8);

    impl Randomness for Counted {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(17);
            }
        }
    }

    #[test]
    fn a_minted_client_id_is_32_lower_case_hexadecimal_characters() {
        let id = ClientId::mint(&mut Counted(0));
        assert_eq!(id.as_str(), "00112233445566778899aabbccddeeff");
    }

    #[test]
    fn tk_12_no_client_id_has_the_form_of_a_users_subject() {
        let subject = AccountId::from_uuid(Uuid::from_u128(1)).subject();
        assert_eq!(ClientId::parse(subject.as_str()), Err(ClientIdProblem::LooksLikeAUser));
    }

    #[test]
    fn az_56_a_client_id_holds_no_nul_and_nothing_outside_its_alphabet() {
        for text in ["", "a\0b", "a b", "é", "a'b", &"x".repeat(129)] {
            assert!(ClientId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn grant_types_are_a_set() {
        let grants: GrantTypes = [GrantType::Implicit, GrantType::Implicit].into_iter().collect();
        assert!(grants.contains(GrantType::Implicit));
        assert!(!grants.contains(GrantType::RefreshToken));
        assert_eq!(grants.iter().count(), 1);
    }
}
