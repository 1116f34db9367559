//! A password on its way to being hashed.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password as somebody typed it, in Unicode normal form C; wiped when dropped.
///
/// Like [`super::Secret`] it has no `Debug`, `Display` or serialisation.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Why a password is refused, in words for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordProblem {
    /// Nothing was typed.
    #[error("Enter a password.")]
    Missing,
    /// Fewer than [`Password::MIN_CHARACTERS`].
    #[error("Choose a password of at least 8 characters.")]
    TooShort,
    /// More than [`Password::MAX_BYTES`].
    #[error("Choose a password of at most 1,024 bytes.")]
    TooLong,
    /// It holds a NUL, which some systems take for the end.
    #[error("A password cannot hold a NUL character.")]
    Nul,
    /// It is the username or the address.
    #[error("Choose a password that is not your username or e-mail address.")]
    IsTheName,
}

impl Password {
    /// The fewest characters of a password that a person chooses (ASVS 6.2.1).
    pub const MIN_CHARACTERS: usize = 8;
    /// The most bytes that are hashed; more are refused, never cut off.
    pub const MAX_BYTES: usize = 1024;

    /// Takes what somebody typed to sign in, or what an operator wrote into a file.
    ///
    /// # Errors
    /// [`PasswordProblem::Missing`], [`PasswordProblem::TooLong`] or [`PasswordProblem::Nul`].
    pub fn parse(text: &str) -> Result<Self, PasswordProblem> {
        if text.is_empty() {
            return Err(PasswordProblem::Missing);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(PasswordProblem::TooLong);
        }
        if text.contains('\0') {
            return Err(PasswordProblem::Nul);
        }
        let composed: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
        // A few letters are longer in normal form C than as they were typed.
        if composed.len() > Self::MAX_BYTES {
            return Err(PasswordProblem::TooLong);
        }
        Ok(Self(composed))
    }

    /// Takes what somebody chose as their new password; `names` are their username and address.
    ///
    /// # Errors
    /// Any [`PasswordProblem`].
    pub fn choose(text: &str, names: &[&str]) -> Result<Self, PasswordProblem> {
        let password = Self::parse(text)?;
        if password.0.chars().count() < Self::MIN_CHARACTERS {
            return Err(PasswordProblem::TooShort);
        }
        if names.iter().any(|name| name.eq_ignore_ascii_case(&password.0)) {
            return Err(PasswordProblem::IsTheName);
        }
        Ok(password)
    }

    /// The bytes to hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(result: Result<Password, PasswordProblem>) -> Option<PasswordProblem> {
        result.err()
    }

    #[test]
    fn lg_21_a_long_password_is_refused_before_hashing_and_never_cut() {
        assert_eq!(problem(Password::parse(&"x".repeat(1025))), Some(PasswordProblem::TooLong));
        let longest = Password::parse(&"x".repeat(1024)).expect("within the limit");
        assert_eq!(longest.as_bytes().len(), 1024);
        let grows = "\u{1d160}".repeat(256);
        assert_eq!(problem(Password::parse(&grows)), Some(PasswordProblem::TooLong));
    }

    #[test]
    fn lg_24_composed_and_decomposed_letters_are_the_same_password() {
        let composed = Password::parse("caf\u{e9} au lait").expect("good");
        let decomposed = Password::parse("cafe\u{301} au lait").expect("good");
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
        assert_eq!(problem(Password::parse("nul\0nul")), Some(PasswordProblem::Nul));
    }

    #[test]
    fn a_chosen_password_is_long_enough_and_not_the_name() {
        assert_eq!(problem(Password::choose("seven77", &[])), Some(PasswordProblem::TooShort));
        assert_eq!(
            problem(Password::choose("ADA.LOVELACE", &["ada.lovelace"])),
            Some(PasswordProblem::IsTheName)
        );
        assert!(Password::choose("correct horse", &["ada"]).is_ok());
    }
}
