//! The record inside an opaque token: compact, and read strictly.
//!
//! ```text
//! subject kind 1 | account 16, consent 16 (if a person's) | authorization 16 | issued 8 | expires 8
//! | client: length 2, bytes | audience: length 2, bytes | scopes: length 2, bytes
//! | claims asked of userinfo 4 (in the format that has them)
//! ```
//!
//! Numbers are big-endian; times are milliseconds since the Unix epoch; scopes are one list separated by
//! spaces. Nothing may follow.

use uuid::Uuid;

use super::{Claims, TokenSubject};
use crate::model::{AccountId, AuthorizationId, ClaimSet, ClientId, ScopeSet};
use crate::sealed::field::{take, take_text, take_time, take_uuid, write_text};

const ACCOUNT: u8 = 1;
const CLIENT: u8 = 2;

pub(super) fn write(claims: &Claims, bytes: &mut Vec<u8>) {
    match claims.subject {
        TokenSubject::Account(account) => {
            bytes.push(ACCOUNT);
            bytes.extend_from_slice(account.as_uuid().as_bytes());
            let consent = claims.consent.map_or(Uuid::nil(), |consent| *consent.as_uuid());
            bytes.extend_from_slice(consent.as_bytes());
        }
        TokenSubject::Client => bytes.push(CLIENT),
    }
    bytes.extend_from_slice(claims.authorization.as_uuid().as_bytes());
    bytes.extend_from_slice(&claims.issued_at.millis().to_be_bytes());
    bytes.extend_from_slice(&claims.expires_at.millis().to_be_bytes());
    // Bounded far below 64 KiB: client ids by their type, scopes by `ScopeSet::MAX_LENGTH`, audiences by the
    // settings.
    write_text(claims.client.as_str(), bytes);
    write_text(&claims.audience, bytes);
    write_text(&claims.scopes.to_string(), bytes);
    if !claims.userinfo.is_empty() {
        bytes.extend_from_slice(&claims.userinfo.bits().to_be_bytes());
    }
}

pub(super) fn read(bytes: &[u8], asks_userinfo: bool) -> Option<Claims> {
    let mut rest = bytes;
    let (subject, consent) = match take::<1>(&mut rest)? {
        [ACCOUNT] => {
            let account = AccountId::from_uuid(take_uuid(&mut rest)?);
            let consent = take_uuid(&mut rest).filter(|consent| !consent.is_nil());
            (TokenSubject::Account(account), consent.map(AuthorizationId::from_uuid))
        }
        [CLIENT] => (TokenSubject::Client, None),
        _ => return None,
    };
    let claims = Claims {
        subject,
        consent,
        authorization: AuthorizationId::from_uuid(take_uuid(&mut rest)?),
        issued_at: take_time(&mut rest)?,
        expires_at: take_time(&mut rest)?,
        client: ClientId::parse(take_text(&mut rest)?).ok()?,
        audience: take_text(&mut rest)?.to_owned(),
        scopes: ScopeSet::parse(take_text(&mut rest)?).ok()?,
        userinfo: match asks_userinfo {
            true => ClaimSet::from_bits(u32::from_be_bytes(take(&mut rest)?)),
            false => ClaimSet::EMPTY,
        },
    };
    rest.is_empty().then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn id(value: u128) -> Uuid {
        Uuid::from_u128(value)
    }

    fn claims() -> Claims {
        Claims {
            client: ClientId::parse("app").expect("a client id"),
            subject: TokenSubject::Account(AccountId::from_uuid(id(1))),
            authorization: AuthorizationId::from_uuid(id(3)),
            consent: Some(AuthorizationId::from_uuid(id(2))),
            scopes: ScopeSet::parse("a b").expect("scopes"),
            userinfo: ClaimSet::EMPTY,
            audience: "https://é".to_owned(),
            issued_at: Timestamp::from_millis(5),
            expires_at: Timestamp::from_millis(-6),
        }
    }

    fn written(claims: &Claims) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(claims, &mut bytes);
        bytes
    }

    fn own() -> Claims {
        Claims { subject: TokenSubject::Client, consent: None, ..claims() }
    }

    /// Tokens outlive the process that made them: whoever changes this changes the format's number.
    #[test]
    fn a_persons_record_lies_as_it_is_described() {
        let parts: [&[u8]; 12] = [
            &[ACCOUNT],
            &1_u128.to_be_bytes(),
            &2_u128.to_be_bytes(),
            &3_u128.to_be_bytes(),
            &5_i64.to_be_bytes(),
            &(-6_i64).to_be_bytes(),
            &[0, 3],
            b"app",
            &[0, 10],
            "https://é".as_bytes(),
            &[0, 3],
            b"a b",
        ];
        assert_eq!(written(&claims()), parts.concat());
    }

    #[test]
    fn a_clients_own_record_names_neither_account_nor_consent() {
        let bytes = written(&own());
        assert_eq!(bytes.len() + 32, written(&claims()).len());
        assert_eq!((bytes[0], &bytes[1..17]), (CLIENT, &3_u128.to_be_bytes()[..]));
        assert_eq!(read(&bytes, false), Some(own()));
    }

    #[test]
    fn a_person_without_a_consent_comes_back_without_one() {
        let claims = Claims { consent: None, ..claims() };
        assert_eq!(read(&written(&claims), false), Some(claims));
    }

    #[test]
    fn what_is_asked_of_userinfo_lies_at_the_end() {
        let claims = Claims { userinfo: ClaimSet::from_bits(0x0102), ..claims() };
        let bytes = written(&claims);
        assert_eq!(bytes[bytes.len() - 4..], [0, 0, 1, 2]);
        assert_eq!((read(&bytes, true), read(&bytes, false)), (Some(claims), None));
    }

    #[test]
    fn a_record_cut_short_or_followed_by_anything_is_none() {
        for claims in [claims(), own()] {
            let mut bytes = written(&claims);
            for length in 0..bytes.len() {
                assert_eq!(read(&bytes[..length], false), None, "{length} bytes");
            }
            bytes.push(0);
            assert_eq!(read(&bytes, false), None);
        }
    }

    #[test]
    fn a_record_of_an_unknown_kind_or_with_bad_text_is_none() {
        for kind in [0, 3, 255] {
            let mut bytes = written(&claims());
            bytes[0] = kind;
            assert_eq!(read(&bytes, false), None, "kind {kind}");
        }
        let client = 1 + 3 * 16 + 2 * 8 + 2;
        for (position, byte) in [(client, b' '), (client + 6, 0xff), (client + 16, b'"')] {
            let mut bytes = written(&claims());
            bytes[position] = byte;
            assert_eq!(read(&bytes, false), None, "position {position}");
        }
    }
}
