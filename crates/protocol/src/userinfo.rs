//! Userinfo (OpenID Connect Core §5.3): what a client is told of a person for an access token.
//!
//! ```text
//! judge(claims)                what the token, which is good, is good for here
//! decide(client, person)       whether both are still there
//! Answer::write                JSON, or JSON that is signed, as the client has settled
//! ```

use thiserror::Error;

use crate::access_token::{Claims, TokenSubject};
use crate::claims;
use crate::issuer::{Issuer, NoKey};
use crate::jose::{self, ObjectWriter};
use crate::model::{
    AccountId, AccountStatus, ClaimSet, Client, ClientId, ClientStatus, OPENID, Person, Policy,
    Timestamp,
};

/// The kind of a signed answer (`typ`): the only one that common clients take. What else is signed with the
/// same keys is kept apart by its claims (RFC 8725 §3.12): this has neither `exp` nor `iat`, so it is no ID token
/// (OpenID Connect Core §2), and no hint of one either.
pub const TYP: &str = "JWT";

/// Why nothing is told (RFC 6750 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UserinfoError {
    /// There is no token.
    #[error("No access token was sent")]
    NoToken,
    /// There is more than one, or it came in a way that is not taken.
    #[error("Send one access token, in the Authorization header or in a posted form")]
    Unreadable,
    /// It is not a token of ours for this endpoint, its time is over, it was ended, or it is nobody's.
    #[error("The access token is not good, or not good here")]
    InvalidToken,
    /// It is good, and not for this.
    #[error("The access token does not carry the scope openid")]
    InsufficientScope,
}

impl UserinfoError {
    /// The value of `error`; none where nothing was tried.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::NoToken => None,
            Self::Unreadable => Some("invalid_request"),
            Self::InvalidToken => Some("invalid_token"),
            Self::InsufficientScope => Some("insufficient_scope"),
        }
    }
}

/// What a token asks for here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which client asks.
    pub client: ClientId,
    /// Of whom.
    pub account: AccountId,
    claims: ClaimSet,
}

/// Judges what a token says whose time is not over and which was not ended.
///
/// # Errors
/// [`UserinfoError::InvalidToken`] if it is for another API, or if there is no person (refusals UI-06);
/// [`UserinfoError::InsufficientScope`] if it is no OpenID token.
pub fn judge(token: &Claims, policy: &Policy) -> Result<Asked, UserinfoError> {
    if *token.audience != *policy.issuer {
        return Err(UserinfoError::InvalidToken);
    }
    let TokenSubject::Account(account) = token.subject else {
        return Err(UserinfoError::InvalidToken);
    };
    if !token.scopes.names(OPENID) {
        return Err(UserinfoError::InsufficientScope);
    }
    let claims = token.userinfo.union(ClaimSet::of_scopes(&token.scopes));
    Ok(Asked { client: token.client.clone(), account, claims })
}

/// What is told, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    client: &'a Client,
    person: &'a Person,
    claims: ClaimSet,
}

/// Decides with what is known now of the client and the person who were asked about.
///
/// # Errors
/// [`UserinfoError::InvalidToken`] if one of them is not there or was shut (refusals UI-09).
pub fn decide<'a>(
    asked: &Asked,
    client: Option<&'a Client>,
    person: Option<&'a Person>,
) -> Result<Answer<'a>, UserinfoError> {
    let client = client.filter(|client| client.status == ClientStatus::Active);
    let person = person.filter(|person| person.account.status == AccountStatus::Active);
    let (Some(client), Some(person)) = (client, person) else {
        return Err(UserinfoError::InvalidToken);
    };
    Ok(Answer { client, person, claims: asked.claims })
}

/// What goes to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A JSON object.
    Plain(String),
    /// The same with `iss` and `aud`, signed.
    Signed(String),
}

impl Answer<'_> {
    /// Writes it in the form that the client has settled.
    ///
    /// # Errors
    /// [`NoKey`].
    pub fn write(&self, issuer: &Issuer<'_>, now: Timestamp) -> Result<Told, NoKey> {
        let subject = issuer.subject(self.client, self.person.id());
        let subject = ObjectWriter::default().text("sub", subject.as_str());
        let Some(algorithm) = self.client.openid.userinfo_algorithm else {
            return Ok(Told::Plain(claims::write(subject, self.claims, self.person).finish()));
        };
        let signer = issuer.keys.signing.signer(algorithm, now).ok_or(NoKey(algorithm))?;
        // OpenID Connect Core §5.3.2: a signed answer "SHOULD contain the Claims iss (issuer) and aud
        // (audience)".
        let payload = subject.text("iss", issuer.name()).text("aud", self.client.id.as_str());
        let payload = claims::write(payload, self.claims, self.person).finish();
        Ok(Told::Signed(jose::sign(TYP, payload.as_bytes(), signer)))
    }
}
