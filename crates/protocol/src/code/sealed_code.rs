//! Codes that carry what they stand for, so that issuing one on a remembered consent stores nothing: only its
//! exchange does.
//!
//! One is sealed as an access token is. Its record:
//!
//! ```text
//! issued 8 | authorization 16 | consent 16 | account 16 | session 32 | flags 1
//! | client: length 2, bytes | redirect URI: length 2, bytes | scopes: length 2, bytes
//! | resource: length 2, bytes (flag 1) | challenge 43 (flag 2)
//! | signed in 8, claims of the ID token 4, of userinfo 4 (flag 4) | nonce: length 2, bytes (flag 8)
//! ```
//!
//! Numbers are big-endian; times are milliseconds since the Unix epoch. Nothing may follow. It lives for
//! [`CODE_LIFETIME`].

use super::{CODE_LIFETIME, CodeRecord, StoredCode};
use crate::model::{
    AccountId, ApiIdentifier, Authentication, AuthorizationId, ClaimSet, ClientId, CodeKey, Digest,
    KeySet, Randomness, RequestedClaims, ScopeSet, SealingKey, Secret, SessionId, Timestamp,
};
use crate::pkce::CodeChallenge;
use crate::sealed::Envelope;
use crate::sealed::field::{take, take_text, take_time, take_uuid, write_text};

/// A longer one is not sent: it has to find its way through an address.
const MAX_LENGTH: usize = 768;

/// One is longer than a code that is recorded, by which the two are told apart.
const ENVELOPE: Envelope = Envelope {
    prefix: CodeKey::PREFIX,
    context: b"hallpass authorization code",
    max_length: MAX_LENGTH,
};
const FORMAT: u8 = 1;

const RESOURCE: u8 = 1;
const CHALLENGE: u8 = 2;
const AUTHENTICATION: u8 = 4;
const NONCE: u8 = 8;

/// A code that rests on a remembered consent and is on record nowhere until it is exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCode {
    /// What would be on record.
    pub code: StoredCode,
    /// The session in which it was issued; it is exchanged only while that is open.
    pub session: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// A code that somebody brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresentedCode {
    /// It may be on record by this key.
    Recorded(CodeKey),
    /// It was sealed here.
    Sealed(Box<SealedCode>),
}

impl PresentedCode {
    /// What `code` may be; `None` for a text that is no code.
    pub fn of(code: &Secret, keys: &KeySet) -> Option<Self> {
        CodeKey::of(code)
            .map(Self::Recorded)
            .or_else(|| SealedCode::open(code, keys).map(|code| Self::Sealed(Box::new(code))))
    }
}

impl SealedCode {
    /// A new code on the remembered `consent`, of what would be recorded; `None` if it would be too long to
    /// send.
    pub fn seal(
        record: &CodeRecord,
        consent: AuthorizationId,
        key: &SealingKey,
        rng: &mut dyn Randomness,
    ) -> Option<Secret> {
        let code = ENVELOPE.seal(FORMAT, key, rng, |bytes| write(record, consent, bytes));
        (code.reveal().len() <= MAX_LENGTH).then_some(code)
    }

    /// Opens a code that somebody presented. Whether its time is over is the caller's question.
    pub fn open(code: &Secret, keys: &KeySet) -> Option<Self> {
        ENVELOPE.open(code.reveal(), keys, |format, bytes| match format {
            FORMAT => read(bytes),
            _ => None,
        })
    }
}

/// A text longer than a field takes makes the whole too long to send.
fn write(record: &CodeRecord, consent: AuthorizationId, bytes: &mut Vec<u8>) {
    let nonce = record.authentication.as_ref().and_then(|known| known.nonce.as_deref());
    let flags = [
        (RESOURCE, record.resource.is_some()),
        (CHALLENGE, record.challenge.is_some()),
        (AUTHENTICATION, record.authentication.is_some()),
        (NONCE, nonce.is_some()),
    ];
    bytes.extend_from_slice(&record.issued_at.millis().to_be_bytes());
    bytes.extend_from_slice(record.authorization.as_uuid().as_bytes());
    bytes.extend_from_slice(consent.as_uuid().as_bytes());
    bytes.extend_from_slice(record.account.as_uuid().as_bytes());
    bytes.extend_from_slice(record.session.as_bytes());
    bytes.push(flags.iter().filter(|(_, is_there)| *is_there).map(|(flag, _)| flag).sum());
    write_text(record.client.as_str(), bytes);
    write_text(&record.redirect_uri, bytes);
    write_text(&record.scopes.to_string(), bytes);
    if let Some(resource) = &record.resource {
        write_text(resource.as_str(), bytes);
    }
    if let Some(challenge) = &record.challenge {
        bytes.extend_from_slice(challenge.as_str().as_bytes());
    }
    if let Some(authentication) = &record.authentication {
        bytes.extend_from_slice(&authentication.at.millis().to_be_bytes());
        bytes.extend_from_slice(&authentication.claims.id_token.bits().to_be_bytes());
        bytes.extend_from_slice(&authentication.claims.userinfo.bits().to_be_bytes());
    }
    if let Some(nonce) = nonce {
        write_text(nonce, bytes);
    }
}

fn read(bytes: &[u8]) -> Option<SealedCode> {
    let mut rest = bytes;
    let issued_at = take_time(&mut rest)?;
    let authorization = AuthorizationId::from_uuid(take_uuid(&mut rest)?);
    let consent = AuthorizationId::from_uuid(take_uuid(&mut rest)?);
    let account = AccountId::from_uuid(take_uuid(&mut rest)?);
    let session = SessionId::from_digest(take(&mut rest).map(Digest::from_bytes)?);
    let [flags] = take::<1>(&mut rest)?;
    let has = |flag| flags & flag != 0;
    let client = ClientId::parse(take_text(&mut rest)?).ok()?;
    let redirect_uri = take_text(&mut rest)?.to_owned();
    let scopes = ScopeSet::parse(take_text(&mut rest)?).ok()?;
    let resource = match has(RESOURCE) {
        true => Some(ApiIdentifier::parse(take_text(&mut rest)?).ok()?),
        false => None,
    };
    let challenge = match has(CHALLENGE) {
        true => Some(take_challenge(&mut rest)?),
        false => None,
    };
    let mut authentication = match has(AUTHENTICATION) {
        true => Some(take_authentication(&mut rest, session)?),
        false => None,
    };
    if has(NONCE) {
        authentication.as_mut()?.nonce = Some(take_text(&mut rest)?.to_owned());
    }
    let code = StoredCode {
        key: CodeKey::of_sealed(issued_at, authorization),
        authorization,
        consent,
        client,
        account,
        redirect_uri,
        scopes,
        resource,
        challenge,
        authentication,
        expires_at: issued_at.plus(CODE_LIFETIME),
        redeemed_at: None,
    };
    rest.is_empty().then_some(SealedCode { code, session, issued_at })
}

fn take_challenge(rest: &mut &[u8]) -> Option<CodeChallenge> {
    let text = take::<{ CodeChallenge::LENGTH }>(rest)?;
    CodeChallenge::parse(std::str::from_utf8(&text).ok()?)
}

fn take_authentication(rest: &mut &[u8], session: SessionId) -> Option<Authentication> {
    let at = take_time(rest)?;
    let claims = RequestedClaims { id_token: take_claims(rest)?, userinfo: take_claims(rest)? };
    Some(Authentication { session, at, nonce: None, claims })
}

fn take_claims(rest: &mut &[u8]) -> Option<ClaimSet> {
    take(rest).map(u32::from_be_bytes).map(ClaimSet::from_bits)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use uuid::Uuid;

    use super::*;
    use crate::code::CodeGround;
    use crate::model::{KeyPurpose, MasterKey};

    struct Counted(u8);
    impl Randomness for Counted {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    const ISSUED: Timestamp = Timestamp::from_seconds(1_000);

    fn keys(seed: u8) -> KeySet {
        let master = MasterKey::new(&[seed; 32]);
        let mut rng = Counted(seed);
        let at = Timestamp::from_seconds(0);
        let stored = KeyPurpose::SYMMETRIC.map(|purpose| master.mint_key(purpose, &mut rng, at));
        KeySet::open(&master, &stored).expect("their own master key")
    }

    fn id(value: u128) -> AuthorizationId {
        AuthorizationId::from_uuid(Uuid::from_u128(value))
    }

    /// What a request brings that asks for nothing it could leave out.
    fn bare() -> CodeRecord {
        CodeRecord {
            key: CodeKey::of_sealed(ISSUED, id(1)),
            authorization: id(1),
            ground: CodeGround::Remembered(id(2)),
            session: SessionId::from_digest(Digest::from_bytes([3; 32])),
            account: AccountId::from_uuid(Uuid::from_u128(4)),
            client: ClientId::parse("app").expect("a client id"),
            redirect_uri: "https://app.example/é".to_owned(),
            scopes: ScopeSet::default(),
            resource: None,
            challenge: None,
            authentication: None,
            issued_at: ISSUED,
            expires_at: ISSUED.plus(CODE_LIFETIME),
        }
    }

    fn full() -> CodeRecord {
        let claims = RequestedClaims {
            id_token: ClaimSet::of_scope("email"),
            userinfo: ClaimSet::of_scope("phone"),
        };
        CodeRecord {
            scopes: ScopeSet::parse("openid a").expect("scopes"),
            resource: Some(ApiIdentifier::parse("https://api.example").expect("an identifier")),
            challenge: CodeChallenge::parse(&"A".repeat(43)),
            authentication: Some(Authentication {
                session: bare().session,
                at: Timestamp::from_millis(999_001),
                nonce: Some("n".to_owned()),
                claims,
            }),
            ..bare()
        }
    }

    fn opened(record: &CodeRecord) -> SealedCode {
        let code = StoredCode {
            key: record.key,
            authorization: record.authorization,
            consent: id(2),
            client: record.client.clone(),
            account: record.account,
            redirect_uri: record.redirect_uri.clone(),
            scopes: record.scopes.clone(),
            resource: record.resource.clone(),
            challenge: record.challenge.clone(),
            authentication: record.authentication.clone(),
            expires_at: record.expires_at,
            redeemed_at: None,
        };
        SealedCode { code, session: record.session, issued_at: record.issued_at }
    }

    fn seal(record: &CodeRecord) -> Option<Secret> {
        SealedCode::seal(record, id(2), keys(1).active(ISSUED), &mut Counted(7))
    }

    #[test]
    fn a_code_opens_to_what_it_was_sealed_of() {
        let without_nonce =
            full().authentication.map(|known| Authentication { nonce: None, ..known });
        let records = [
            bare(),
            full(),
            CodeRecord { authentication: without_nonce, ..full() },
            CodeRecord { challenge: None, ..full() },
            CodeRecord { resource: None, ..full() },
        ];
        for record in records {
            let code = seal(&record).expect("a short code");
            assert_eq!(SealedCode::open(&code, &keys(1)), Some(opened(&record)));
            assert!(matches!(PresentedCode::of(&code, &keys(1)), Some(PresentedCode::Sealed(_))));
        }
    }

    #[test]
    fn a_recorded_code_is_told_from_a_sealed_one() {
        let (code, key) = CodeKey::mint(&mut Counted(9), ISSUED);
        assert_eq!(PresentedCode::of(&code, &keys(1)), Some(PresentedCode::Recorded(key)));
        assert_eq!(SealedCode::open(&code, &keys(1)), None);
    }

    #[test]
    fn tk_27_a_code_shows_nothing_and_holds_only_what_an_address_may() {
        let code = seal(&full()).expect("a short code");
        let text = code.reveal().strip_prefix("hpc_").expect("the prefix of codes");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        let bytes = URL_SAFE_NO_PAD.decode(text).expect("base64url");
        assert!(!bytes.windows(6).any(|part| part == b"openid"));
    }

    #[test]
    fn tk_05_a_code_changed_cut_or_of_another_installation_is_none() {
        let code = seal(&full()).expect("a short code");
        assert_eq!(SealedCode::open(&code, &keys(2)), None);
        let good = code.reveal();
        for position in 0..good.len() {
            let mut bad = good.as_bytes().to_vec();
            bad[position] = if bad[position] == b'A' { b'B' } else { b'A' };
            let bad = Secret::presented(String::from_utf8(bad).expect("ASCII"));
            assert_eq!(PresentedCode::of(&bad, &keys(1)), None, "position {position}");
            let cut = Secret::presented(&good[..position]);
            assert_eq!(SealedCode::open(&cut, &keys(1)), None, "length {position}");
        }
    }

    #[test]
    fn what_would_be_too_long_for_an_address_is_not_sealed() {
        for length in [2_000, 70_000] {
            let redirect_uri = format!("https://app.example/{}", "x".repeat(length));
            assert_eq!(
                seal(&CodeRecord { redirect_uri, ..full() }).map(|code| code.reveal().len()),
                None
            );
        }
    }

    #[test]
    fn a_record_cut_short_or_followed_by_anything_is_none() {
        for record in [bare(), full()] {
            let mut bytes = Vec::new();
            write(&record, id(2), &mut bytes);
            assert_eq!(read(&bytes), Some(opened(&record)));
            for length in 0..bytes.len() {
                assert_eq!(read(&bytes[..length]), None, "{length} bytes");
            }
            bytes.push(0);
            assert_eq!(read(&bytes), None);
        }
    }
}
