//! ID tokens (OpenID Connect Core §2): how somebody signed in, told to one client, signed; and their way
//! back as a hint.
//!
//! | claim | what |
//! |---|---|
//! | `iss`, `sub`, `aud`, `exp`, `iat` | as in §2; `aud` and `azp` are the client |
//! | `auth_time`, `acr`, `amr` | when and how the person proved who they are |
//! | `sid` | the session, by a name that only this client has for it (Back-Channel Logout §2.1) |
//! | `nonce` | what came with the request |
//! | `at_hash`, `c_hash` | what binds the token or the code of the same answer (§3.1.3.6, §3.3.2.11) |
//!
//! After them stand the claims about the person, if this is where the client is told them.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::issuer::{Issuer, NoKey};
use crate::jose::{self, Object, ObjectWriter, Value};
use crate::model::{
    AccountId, Authentication, ClaimSet, Client, ClientId, Person, Secret, SessionId,
    SignatureAlgorithm, Timestamp,
};

/// The kind of text (`typ`); no access token and no logout token has it.
pub const TYP: &str = "JWT";

/// How long one is good. Its client looks at it once, when it gets it.
pub const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How a person proves who they are here (`acr`): with a password. It says no more than that.
pub const ACR: &str = "1";

/// By which methods (`amr`, RFC 8176 §2).
const AMR: [&str; 1] = ["pwd"];

/// The longest text that is looked at as a hint; one with every claim a person can fill is shorter.
pub const MAX_LENGTH: usize = 16 * 1024;

/// What one ID token is made of.
#[derive(Clone, Copy)]
pub struct IdToken<'a> {
    /// To whom it is told.
    pub client: &'a Client,
    /// Of whom.
    pub account: AccountId,
    /// How they signed in.
    pub authentication: &'a Authentication,
    /// The code of the same answer.
    pub code: Option<&'a Secret>,
    /// The access token of the same answer.
    pub access_token: Option<&'a Secret>,
    /// What else is told of them, and what there is to tell; nothing without a person.
    pub claims: ClaimSet,
    /// Who they are, if there are claims.
    pub person: Option<&'a Person>,
}

impl IdToken<'_> {
    /// Signs it with the client's algorithm.
    ///
    /// # Errors
    /// [`NoKey`].
    pub fn sign(&self, issuer: &Issuer<'_>, now: Timestamp) -> Result<String, NoKey> {
        let algorithm = self.client.openid.id_token_algorithm;
        let signer = issuer.keys.signing.signer(algorithm, now).ok_or(NoKey(algorithm))?;
        let authentication = self.authentication;
        let mut payload = ObjectWriter::default()
            .text("iss", issuer.name())
            .text("sub", issuer.subject(self.client, self.account).as_str())
            .text("aud", self.client.id.as_str())
            .text("azp", self.client.id.as_str())
            .integer("iat", now.seconds())
            .integer("exp", now.plus(LIFETIME).seconds())
            .integer("auth_time", authentication.at.seconds())
            .text("acr", ACR)
            .texts("amr", AMR)
            .text("sid", &sid(&authentication.session, &self.client.id));
        if let Some(nonce) = &authentication.nonce {
            payload = payload.text("nonce", nonce);
        }
        if let Some(token) = self.access_token {
            payload = payload.text("at_hash", &half_hash(token, algorithm));
        }
        if let Some(code) = self.code {
            payload = payload.text("c_hash", &half_hash(code, algorithm));
        }
        if let Some(person) = self.person {
            payload = crate::claims::write(payload, self.claims, person);
        }
        Ok(jose::sign(TYP, payload.finish().as_bytes(), signer))
    }
}

/// What binds a text to an ID token: the left half of its hash, by the hash of the token's algorithm
/// (OpenID Connect Core §3.1.3.6). Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
fn half_hash(text: &Secret, algorithm: SignatureAlgorithm) -> String {
    let hash = match algorithm {
        SignatureAlgorithm::Rs256 | SignatureAlgorithm::Es256 => &SHA256,
        SignatureAlgorithm::EdDsa => &SHA512,
    };
    let hash = digest(hash, text.reveal().as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// By what `client` knows a session: nobody else has the same name for it, and it leads nowhere.
pub fn sid(session: &SessionId, client: &ClientId) -> String {
    let text =
        [b"hallpass sid".as_slice(), session.as_bytes(), client.as_str().as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, &text).as_ref()[..16])
}

/// What an ID token says that comes back from the client it was given to: whom and which session the client
/// means. Its time does not matter (RP-Initiated Logout §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// To whom it was given.
    pub client: ClientId,
    /// Who is meant, as that client knows them.
    pub subject: String,
    /// In which session they were signed in.
    pub sid: String,
}

impl Hint {
    /// Reads a text that somebody presented; `None` if this issuer has not signed it as an ID token, with a
    /// key that is still published.
    pub fn read(text: &str, issuer: &Issuer<'_>) -> Option<Self> {
        let payload = jose::verify(text, TYP, issuer.keys.signing.public(), MAX_LENGTH).ok()?;
        let payload = Object::parse(&payload)?;
        // Other things that are signed with these keys have none of these (RFC 8725 §3.12).
        let is_one = payload.text("iss") == Some(issuer.name())
            && payload.integer("iat").is_some()
            && payload.integer("exp").is_some()
            && payload.integer("auth_time").is_some()
            && !matches!(payload.get("events"), Some(Value::Object(_)));
        if !is_one {
            return None;
        }
        Some(Self {
            client: ClientId::parse(payload.text("aud")?).ok()?,
            subject: payload.text("sub")?.to_owned(),
            sid: payload.text("sid")?.to_owned(),
        })
    }
}
