//! Logout tokens (Back-Channel Logout §2.4): a client is told, signed, that a session is over.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::id_token;
use crate::issuer::{Issuer, NoKey};
use crate::jose::{self, ObjectWriter};
use crate::model::{AccountId, Client, Randomness, SessionId, Timestamp};

/// The kind of text (`typ`), which tells it from every other that is signed with the same keys
/// (RFC 8725 §3.11).
pub const TYP: &str = "logout+jwt";

/// How long one is good: "preferably at most two minutes in the future" (§4).
pub const LIFETIME: Duration = Duration::from_secs(120);

/// What has happened.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What one logout token is made of.
#[derive(Clone, Copy)]
pub struct LogoutToken<'a> {
    /// Who is told.
    pub client: &'a Client,
    /// Who was signed in.
    pub account: AccountId,
    /// The session that is over.
    pub session: &'a SessionId,
}

impl LogoutToken<'_> {
    /// Signs it with the algorithm of the client's ID tokens. It never has a `nonce`, so that nobody takes it
    /// for an ID token (§2.4).
    ///
    /// # Errors
    /// [`NoKey`].
    pub fn sign(
        &self,
        issuer: &Issuer<'_>,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> Result<String, NoKey> {
        let algorithm = self.client.openid.id_token_algorithm;
        let signer = issuer.keys.signing.signer(algorithm, now).ok_or(NoKey(algorithm))?;
        let mut id = [0; 16];
        rng.fill(&mut id);
        let events = ObjectWriter::default().object(EVENT, ObjectWriter::default());
        let payload = ObjectWriter::default()
            .text("iss", issuer.name())
            .text("sub", issuer.subject(self.client, self.account).as_str())
            .text("aud", self.client.id.as_str())
            .integer("iat", now.seconds())
            .integer("exp", now.plus(LIFETIME).seconds())
            .text("jti", &URL_SAFE_NO_PAD.encode(id))
            .text("sid", &id_token::sid(self.session, &self.client.id))
            .object("events", events);
        Ok(jose::sign(TYP, payload.finish().as_bytes(), signer))
    }
}
