//! The feed of what ended before its time: what the accounts service tells an API, signed.
//!
//! An answer is a JWS of the type `revocations+jwt` with the payload
//!
//! ```text
//! iss, aud       who tells whom: the issuer, and the client id of the API that asked
//! iat            when, in seconds since 1970
//! nonce          what the API sent along, so that no older answer passes for this one
//! held           for how many milliseconds the question was held before this was found out
//! cursor         what to ask after the next time
//! complete       true: this is all there is, and the API forgets what it had
//! more           true: there is more after this cursor already
//! keys           which text of the key set is in force (its SHA-256): an API that has another one reads it
//!                anew, so a key that was revoked is forgotten as soon as a token that was
//! revocations    [{ kind: "authorization" | "consent" | "account" | "client", id, at, until }]
//! ```
//!
//! `at` and `until` are in milliseconds since 1970, because tokens issued within the second of an act may
//! be good ones. What each kind covers is said at [`Revoked`].

use std::time::Duration;

use thiserror::Error;
use uuid::Uuid;

use crate::jose::{self, Object, ObjectWriter, PublicKeys, Signer, Value};
use crate::model::{AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp};

/// The kind of text that an answer is (`typ`).
pub const TYPE: &str = "revocations+jwt";

/// The longest wait for news that an API can ask for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// How many acts one answer tells of; the rest follows at once.
pub const PAGE: usize = 4_000;

/// The longest answer that is read; one page of the longest client ids is shorter.
pub const MAX_LENGTH: usize = 4 << 20;

/// The longest nonce that is sent back.
pub const MAX_NONCE: usize = 64;

/// What is told to one API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Who tells.
    pub issuer: String,
    /// Who asked.
    pub audience: ClientId,
    /// When it was told.
    pub issued_at: Timestamp,
    /// What came with the question.
    pub nonce: String,
    /// For how long the question was held before the acts were looked up: they are all there were that
    /// much later than it was asked.
    pub held: Duration,
    /// The number of the last act that is told of, or that was known.
    pub cursor: u64,
    /// Whether these are all acts, and not only those after the cursor that was asked about.
    pub complete: bool,
    /// Whether there are further acts already.
    pub more: bool,
    /// The [`jose::fingerprint`] of the key set in force.
    pub keys: String,
    /// The acts.
    pub revocations: Vec<Revocation>,
}

/// Why a text is not what the accounts service told this API now. There is only one reason to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not this accounts service's answer to this question")]
pub struct NotNews;

impl News {
    /// The answer's text.
    pub fn sign(&self, signer: &(impl Signer + ?Sized)) -> String {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let payload = ObjectWriter::default()
            .text("iss", &self.issuer)
            .text("aud", self.audience.as_str())
            .integer("iat", self.issued_at.seconds())
            .text("nonce", &self.nonce)
            .integer("held", millis(self.held))
            // No store counts beyond its engine's integers, which are these.
            .integer("cursor", i64::try_from(self.cursor).unwrap_or(i64::MAX))
            .boolean("complete", self.complete)
            .boolean("more", self.more)
            .text("keys", &self.keys)
            .objects("revocations", self.revocations.iter().map(write))
            .finish();
        jose::sign(TYPE, payload.as_bytes(), signer)
    }

    /// Reads a text that should be the answer of `issuer` to the question that `audience` sent with
    /// `nonce`.
    ///
    /// # Errors
    /// [`NotNews`] for anything else, whatever is wrong with it.
    pub fn verify(
        text: &str,
        keys: &PublicKeys,
        issuer: &str,
        audience: &ClientId,
        nonce: &str,
    ) -> Result<Self, NotNews> {
        let payload = jose::verify(text, TYPE, keys, MAX_LENGTH).map_err(|_| NotNews)?;
        let news = Object::parse(&payload).and_then(|payload| Self::read(&payload));
        let is_ours = |news: &Self| {
            news.issuer == issuer && news.audience == *audience && news.nonce == nonce
        };
        news.filter(is_ours).ok_or(NotNews)
    }

    fn read(payload: &Object) -> Option<Self> {
        Some(Self {
            issuer: payload.text("iss")?.to_owned(),
            audience: ClientId::parse(payload.text("aud")?).ok()?,
            issued_at: Timestamp::from_seconds(payload.integer("iat")?),
            nonce: payload.text("nonce")?.to_owned(),
            held: Duration::from_millis(payload.integer("held")?.try_into().ok()?),
            cursor: payload.integer("cursor")?.try_into().ok()?,
            complete: payload.boolean("complete")?,
            more: payload.boolean("more")?,
            keys: payload.text("keys")?.to_owned(),
            // One act that is not understood may be the one that matters: then nothing is.
            revocations: payload.list("revocations")?.iter().map(read).collect::<Option<_>>()?,
        })
    }
}

fn write(revocation: &Revocation) -> ObjectWriter {
    let (kind, id) = match &revocation.revoked {
        Revoked::Authorization(id) => ("authorization", id.as_uuid().to_string()),
        Revoked::Consent(id) => ("consent", id.as_uuid().to_string()),
        Revoked::Account(id) => ("account", id.as_uuid().to_string()),
        Revoked::Client(id) => ("client", id.to_string()),
    };
    ObjectWriter::default()
        .text("kind", kind)
        .text("id", &id)
        .integer("at", revocation.at.millis())
        .integer("until", revocation.until.millis())
}

fn read(value: &Value) -> Option<Revocation> {
    let Value::Object(act) = value else { return None };
    let id = act.text("id")?;
    let uuid = || Uuid::try_parse(id).ok();
    let revoked = match act.text("kind")? {
        "authorization" => Revoked::Authorization(AuthorizationId::from_uuid(uuid()?)),
        "consent" => Revoked::Consent(AuthorizationId::from_uuid(uuid()?)),
        "account" => Revoked::Account(AccountId::from_uuid(uuid()?)),
        "client" => Revoked::Client(ClientId::parse(id).ok()?),
        _ => return None,
    };
    let at = Timestamp::from_millis(act.integer("at")?);
    let until = Timestamp::from_millis(act.integer("until")?);
    Some(Revocation { revoked, at, until })
}
