//! Who signs in, and what a client may know them by.

use std::fmt;

use thiserror::Error;
use uuid::Uuid;

use super::authorization::mint_uuid;
use super::{Randomness, Timestamp};

/// Names an account for ever; never given to anybody else after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Uuid);

impl AccountId {
    /// A new id, ordered by time (UUID version 7).
    pub fn mint(rng: &mut dyn Randomness, now: Timestamp) -> Self {
        Self(mint_uuid(rng, now))
    }

    /// An id that was stored.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The id to store.
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }

    /// The `sub` that clients see for this account.
    pub fn subject(&self) -> Subject {
        Subject(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned())
    }
}

/// What a client knows an account by (`sub`): stable, unique, never reassigned.
///
/// It is a hyphenated UUID of 36 characters. Client ids are never of that form
/// ([`super::ClientId`]), so a token without a user can never be taken for a user's (RFC 9700 §4.15).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// A subject that only the clients of one sector see. (See [`super::SubjectKey`].)
    pub(super) const fn of_sector(text: String) -> Self {
        Self(text)
    }

    /// The text that is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account behind a subject that [`AccountId::subject`] made; `None` for any other text.
    pub fn account(text: &str) -> Option<AccountId> {
        let id = Uuid::try_parse(text).ok()?;
        let is_one = id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text;
        is_one.then_some(AccountId(id))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name for ever.
    pub id: AccountId,
    /// What its owner types to sign in, and what others see.
    pub username: Username,
    /// Where mail goes.
    pub email: EmailAddress,
    /// Whether it may be used.
    pub status: AccountStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    /// It may.
    Active,
    /// The operator has shut it: nobody signs in to it, and its sessions count for nothing.
    Disabled,
}

/// Why a username or an e-mail address is refused, in words for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameProblem {
    /// Nothing was typed.
    #[error("Choose a username.")]
    UsernameMissing,
    /// More than [`Username::MAX_LENGTH`] characters.
    #[error("Choose a username of at most 64 characters.")]
    UsernameTooLong,
    /// A character that two people could read differently.
    #[error(
        "A username may hold the letters a to z, digits, and . _ - and begins with a letter or a digit."
    )]
    UsernameCharacters,
    /// It could be taken for an account's internal id or a client's.
    #[error("That username is not available.")]
    UsernameReserved,
    /// Not an address that mail can be sent to.
    #[error("Enter an e-mail address like name@example.com.")]
    Email,
}

/// The name that a person signs in with: 1 to 64 of `A–Z a–z 0–9 . _ -`, beginning with a letter or a digit.
///
/// The alphabet is ASCII on purpose: no look-alike letter can make a second "admin". Upper and lower
/// case are kept for display and count as the same name ([`Username::key`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Takes what somebody typed; white space around it is dropped.
    ///
    /// # Errors
    /// The [`NameProblem`] that tells the person what to change.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameProblem::UsernameMissing);
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(NameProblem::UsernameTooLong);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !text.bytes().all(allowed) || !text.as_bytes()[0].is_ascii_alphanumeric() {
            return Err(NameProblem::UsernameCharacters);
        }
        if Uuid::try_parse(text).is_ok() {
            return Err(NameProblem::UsernameReserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which names are compared and must be unique: lower case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address: one `@`, an unquoted local part, a host name.
///
/// Narrower than RFC 5322 on purpose: quoted local parts, comments and address literals have been
/// used to pass one parser as one address and another parser as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes what somebody typed; white space around it is dropped.
    ///
    /// # Errors
    /// [`NameProblem::Email`] for anything else than `local@host.name`.
    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        let text = text.trim();
        let (local, host) = text.split_once('@').ok_or(NameProblem::Email)?;
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte));
        let host_ok = host.len() <= 253
            && host.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            });
        if local_ok && host_ok { Ok(Self(text.to_owned())) } else { Err(NameProblem::Email) }
    }

    /// The address as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared and must be unique: lower case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `atext` of RFC 5322 §3.2.3.
fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_compared_without_case_and_shown_with_it() {
        let name = Username::parse("  Ada.Lovelace ").expect("a good name");
        assert_eq!(name.as_str(), "Ada.Lovelace");
        assert_eq!(name.key(), "ada.lovelace");
    }

    #[test]
    fn names_that_could_be_read_as_others_are_refused() {
        for text in
            ["", " ", "аdmin", "ad min", "admin\0", "-admin", "a@b", "ad\u{200b}min", "ａdmin"]
        {
            assert!(Username::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            Username::parse("01890a5d-ac96-774b-bcce-b302099a8057"),
            Err(NameProblem::UsernameReserved)
        );
        assert_eq!(Username::parse(&"a".repeat(65)), Err(NameProblem::UsernameTooLong));
    }

    #[test]
    fn lg_25_an_email_address_has_one_at_sign_no_quotes_and_a_host() {
        for text in ["ada@example.com", "a.b+tag@example.co.uk", "x@localhost"] {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a@b@c",
            "\"a@b\"@c.d",
            "ada@example.com.",
            "ada@.com",
            "ada@exa mple.com",
            "a..b@example.com",
            "ada@-example.com",
            "ada@example.com\r\nBcc: x@y",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_subject_leads_back_to_its_account_and_nothing_else_does() {
        let id = AccountId::from_uuid(Uuid::from_u128(7));
        assert_eq!(Subject::account(id.subject().as_str()), Some(id));
        assert_eq!(Subject::account("0123456789abcdef0123456789abcdef"), None);
        assert_eq!(Subject::account("{00000000-0000-0000-0000-000000000007}"), None);
    }
}
