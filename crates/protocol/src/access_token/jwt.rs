//! Access tokens as JWTs (RFC 9068), for APIs that check them offline.
//!
//! | claim | what |
//! |---|---|
//! | `iss`, `aud`, `exp`, `iat`, `jti` | as in RFC 9068 §2.2; one audience; whole seconds |
//! | `sub` | the person, or the client itself where there is none; the two never look alike |
//! | `client_id`, `scope` | the client and what it may do; no `scope` if that is only what is public |
//! | `authorization_id`, `consent_id` | private: what the list of revocations names |

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;
use uuid::Uuid;

use super::{Claims, MAX_LENGTH, TokenSubject};
use crate::jose::{self, Object, ObjectWriter, PublicKeys, Signer};
use crate::model::{
    AuthorizationId, ClaimSet, ClientId, Randomness, ScopeSet, Secret, Subject, Timestamp,
};

/// The kind of text (RFC 9068 §2.1); nothing else that is signed with the same keys has it.
pub const TYP: &str = "at+jwt";

/// How far the clock of who checks may be off (refusals JW-13).
pub const CLOCK_SKEW: Duration = Duration::from_secs(30);

/// Why a text is not a good token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JwtProblem {
    /// It is no access token of this issuer for this audience, whatever is wrong with it.
    #[error("not an access token of this issuer for this API")]
    NotOurs,
    /// It was one, and its time is over.
    #[error("the access token has expired")]
    Expired,
}

/// Whether `text` looks signed by a key that is not among `keys`: perhaps they are too old.
pub fn names_unknown_key(text: &str, keys: &PublicKeys) -> bool {
    jose::claimed_key(text, MAX_LENGTH).is_some_and(|name| keys.find(&name).is_none())
}

/// Signs `claims` as a token of `issuer`. Times are cut to whole seconds.
pub fn encode(
    claims: &Claims,
    issuer: &str,
    signer: &(impl Signer + ?Sized),
    rng: &mut dyn Randomness,
) -> Secret {
    let mut id = [0; 16];
    rng.fill(&mut id);
    let subject = match claims.subject {
        TokenSubject::Account(account) => account.subject().to_string(),
        TokenSubject::Client => claims.client.to_string(),
    };
    let mut payload = ObjectWriter::default()
        .text("iss", issuer)
        .text("aud", &claims.audience)
        .text("sub", &subject)
        .text("client_id", claims.client.as_str())
        .integer("iat", claims.issued_at.seconds())
        .integer("exp", claims.expires_at.seconds())
        .text("jti", &URL_SAFE_NO_PAD.encode(id))
        .text("authorization_id", &claims.authorization.as_uuid().to_string());
    if let Some(consent) = claims.consent {
        payload = payload.text("consent_id", &consent.as_uuid().to_string());
    }
    if !claims.scopes.is_empty() {
        payload = payload.text("scope", &claims.scopes.to_string());
    }
    Secret::presented(jose::sign(TYP, payload.finish().as_bytes(), signer))
}

/// What a text says that somebody presented as an access token, if `issuer` has signed it with one of
/// `keys` for one of `audiences` and its time is not over. [`CLOCK_SKEW`] is allowed for; who has the
/// issuer's own clock asks [`Claims::is_expired`] as well.
///
/// # Errors
/// [`JwtProblem`].
pub fn decode(
    text: &str,
    keys: &PublicKeys,
    issuer: &str,
    audiences: &[&str],
    now: Timestamp,
) -> Result<Claims, JwtProblem> {
    let payload = jose::verify(text, TYP, keys, MAX_LENGTH).map_err(|_| JwtProblem::NotOurs)?;
    let payload = Object::parse(&payload).ok_or(JwtProblem::NotOurs)?;
    let claims = read(&payload, issuer)
        .filter(|claims| audiences.contains(&claims.audience.as_str()))
        .ok_or(JwtProblem::NotOurs)?;
    judge_time(&claims, now)?;
    Ok(claims)
}

/// Judges the time of a token that was verified, as [`decode`] does: all else that it says stays true.
///
/// # Errors
/// [`JwtProblem`].
pub fn judge_time(claims: &Claims, now: Timestamp) -> Result<(), JwtProblem> {
    if claims.issued_at > now.plus(CLOCK_SKEW) {
        return Err(JwtProblem::NotOurs);
    }
    if now >= claims.expires_at.plus(CLOCK_SKEW) {
        return Err(JwtProblem::Expired);
    }
    Ok(())
}

/// Every claim must be there in its own type: a wrong type is never taken for an absent claim, and an
/// absent end never for no end (RFC 8725 §2.8; RFC 9068 §2.2: all are REQUIRED).
fn read(payload: &Object, issuer: &str) -> Option<Claims> {
    let time =
        |name| payload.integer(name).filter(|seconds| *seconds >= 0).map(Timestamp::from_seconds);
    let family = |name| Uuid::try_parse(payload.text(name)?).ok().map(AuthorizationId::from_uuid);
    // RFC 9068 §4: "The issuer identifier […] MUST exactly match the value of the "iss" claim."
    let _ = payload.text("iss").filter(|sent| *sent == issuer)?;
    let _ = payload.text("jti")?;
    let client = ClientId::parse(payload.text("client_id")?).ok()?;
    let subject = match payload.text("sub")? {
        own if own == client.as_str() => TokenSubject::Client,
        person => TokenSubject::Account(Subject::account(person)?),
    };
    Some(Claims {
        subject,
        client,
        authorization: family("authorization_id")?,
        consent: match payload.get("consent_id") {
            Some(_) => Some(family("consent_id")?),
            None => None,
        },
        scopes: match payload.get("scope") {
            Some(_) => ScopeSet::parse(payload.text("scope")?).ok()?,
            None => ScopeSet::empty(),
        },
        // Userinfo is asked with a token for the issuer itself, and those are sealed.
        userinfo: ClaimSet::EMPTY,
        audience: payload.text("aud")?.to_owned(),
        issued_at: time("iat")?,
        expires_at: time("exp")?,
    })
}
