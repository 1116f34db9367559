//! Refresh tokens: the family that the store keeps, and the bearer string of each generation.
//!
//! A family is one row; a refresh token names the family and a generation and carries a tag that only
//! this installation can make. No token is stored in any form: the successor that a lost answer held
//! can be made again, the same to the letter, for as long as it has not been used.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{
    AccountId, ApiIdentifier, Authentication, AuthorizationId, ClientId, ScopeSet, Secret,
    Timestamp,
};

const PREFIX: &str = "hpr_";
const FAMILY: usize = 16;
const GENERATION: usize = 4;
const HEAD: usize = FAMILY + GENERATION;
const TAG: usize = 32;

/// The refresh tokens that follow from one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshFamily {
    /// The authorization that all of the family's tokens belong to.
    pub authorization: AuthorizationId,
    /// The consent that it rests on.
    pub consent: AuthorizationId,
    /// Whose tokens they are.
    pub client: ClientId,
    /// Whom they stand for.
    pub account: AccountId,
    /// What was granted; a refresh may ask for less, never for more.
    pub scopes: ScopeSet,
    /// For which API, if one was named.
    pub resource: Option<ApiIdentifier>,
    /// How the person signed in for it, if the scope is `openid`; without the nonce, which is the first ID
    /// token's alone (OpenID Connect Core §12.2).
    pub authentication: Option<Authentication>,
    /// The newest token that was issued; the first is 0.
    pub generation: u32,
    /// When the code was exchanged.
    pub created_at: Timestamp,
    /// When it ends unless it is used.
    pub idle_until: Timestamp,
    /// When it ends however much it is used.
    pub absolute_until: Timestamp,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
}

/// What a refresh token says: which family, and the how-many-eth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The family's authorization.
    pub authorization: AuthorizationId,
    /// Its generation.
    pub generation: u32,
}

/// The key that makes refresh tokens (HMAC-SHA-256).
pub struct RefreshKey(hmac::Key);

impl RefreshKey {
    /// The key of these 32 random bytes.
    pub fn new(material: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, material))
    }

    /// The text of `token`: the same each time.
    pub fn seal(&self, token: RefreshToken) -> Secret {
        let mut bytes = [0; HEAD + TAG];
        bytes[..FAMILY].copy_from_slice(token.authorization.as_uuid().as_bytes());
        bytes[FAMILY..HEAD].copy_from_slice(&token.generation.to_be_bytes());
        let tag = self.tag(&bytes[..HEAD]);
        bytes[HEAD..].copy_from_slice(tag.as_ref());
        Secret::presented(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads a text that somebody presented; `None` for anything that this key did not make.
    pub fn open(&self, text: &Secret) -> Option<RefreshToken> {
        let text = text.reveal().strip_prefix(PREFIX).filter(|text| text.len() < 128)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (head, tag) = bytes.split_at_checked(HEAD)?;
        constant_time::verify_slices_are_equal(self.tag(head).as_ref(), tag).ok()?;
        let (family, generation) = head.split_first_chunk::<FAMILY>()?;
        Some(RefreshToken {
            authorization: AuthorizationId::from_uuid(Uuid::from_bytes(*family)),
            generation: u32::from_be_bytes(generation.try_into().ok()?),
        })
    }

    fn tag(&self, head: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"hallpass refresh token");
        context.update(head);
        context.sign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_the_same_each_time_and_only_its_own_key_makes_it() {
        let token = RefreshToken {
            authorization: AuthorizationId::from_uuid(Uuid::from_u128(9)),
            generation: 3,
        };
        let key = RefreshKey::new(&[1; 32]);
        let text = key.seal(token);
        assert_eq!(text.reveal(), key.seal(token).reveal());
        assert_eq!(key.open(&text), Some(token));
        assert_eq!(RefreshKey::new(&[2; 32]).open(&text), None);
        let next = key.seal(RefreshToken { generation: 4, ..token });
        assert_ne!(text.reveal(), next.reveal());
        for position in 0..text.reveal().len() {
            let mut bad = text.reveal().to_owned().into_bytes();
            bad[position] = if bad[position] == b'A' { b'B' } else { b'A' };
            let bad = Secret::presented(String::from_utf8(bad).expect("ASCII"));
            assert_eq!(key.open(&bad), None);
        }
        assert!(text.reveal().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    }
}
