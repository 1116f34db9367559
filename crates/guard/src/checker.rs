//! Checks a token: is it known, is it for this API, is its time over, was it ended, does it carry the
//! scopes.

use std::sync::Arc;

use hallpass_protocol::access_token::jwt::{self, JwtProblem};
use hallpass_protocol::access_token::{self, Claims};
use hallpass_protocol::jose::PublicKeys;
use hallpass_protocol::model::{KeySet, ScopeSet, Secret, Timestamp};

use crate::introspection::{Introspection, IntrospectionEndpoint, IntrospectionProblem};
use crate::{Access, Clock, Denied, Feed, Revocations, Standing};

/// Checks access tokens, with the keys that sealed them or by asking who has those.
pub struct Checker {
    source: Source,
    clock: Box<dyn Clock>,
}

/// Who knows what a token means.
enum Source {
    /// This process does: it holds the keys.
    Keys(Opener),
    /// This process does: it holds the public keys.
    Jwks(Verifier),
    /// The accounts service does, over HTTP.
    Introspection(Box<Introspection>),
}

/// What opens a sealed token and judges it without asking anybody.
struct Opener {
    keys: Arc<KeySet>,
    audience: String,
    known: Known,
}

/// What verifies a signed token and judges it without asking anybody.
struct Verifier {
    keys: VerifyingKeys,
    issuer: String,
    audience: String,
    known: Known,
}

/// Which public keys are in force.
enum VerifyingKeys {
    /// These, until the process ends.
    Given(PublicKeys),
    /// Those that the accounts service publishes, whatever it does with them.
    Followed(Arc<Feed>),
}

/// Who knows what ended before its time, if anybody was named.
#[derive(Default)]
struct Known(Option<Arc<dyn Revocations>>);

impl Checker {
    /// Opens tokens with the keys that sealed them, for an API in the same process as the accounts
    /// service. No I/O, about a microsecond a token. Tokens for another `audience` (`aud`) are unknown.
    ///
    /// Alone, this lets a token through until its time is over, even if it was ended before: say with
    /// [`Checker::with_revocations`] who knows of that.
    pub fn with_keys(
        keys: Arc<KeySet>,
        audience: impl Into<String>,
        clock: impl Clock + 'static,
    ) -> Self {
        let source =
            Source::Keys(Opener { keys, audience: audience.into(), known: Known::default() });
        Self { source, clock: Box::new(clock) }
    }

    /// Verifies signed tokens (RFC 9068) with the public keys of `issuer`, for an API that is called
    /// `audience` there and is somewhere else. No I/O; 40 to 60 microseconds a token. Anything that is not
    /// such a token for that audience is unknown; clocks may differ by half a minute.
    ///
    /// Alone, this lets a token through until its time is over, even if it was ended before: say with
    /// [`Checker::with_revocations`] who knows of that. And it knows no other keys than these: the accounts
    /// service changes its own from time to time. [`Checker::with_feed`] takes care of both.
    pub fn with_jwks(
        keys: PublicKeys,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        clock: impl Clock + 'static,
    ) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        let keys = VerifyingKeys::Given(keys);
        let verifier = Verifier { keys, issuer, audience, known: Known::default() };
        Self { source: Source::Jwks(verifier), clock: Box::new(clock) }
    }

    /// Verifies signed tokens (RFC 9068) with the public keys that are in force at the accounts service of
    /// `feed`, for an API that is called `audience` there. New keys are known before they are used; a key
    /// that was revoked, and a token that was ended, are refused within [`BOUND`](crate::BOUND). While
    /// nothing is heard, every token is [`Denied::Unavailable`].
    pub fn with_feed(
        feed: Arc<Feed>,
        audience: impl Into<String>,
        clock: impl Clock + 'static,
    ) -> Self {
        let (issuer, audience) = (feed.issuer().to_owned(), audience.into());
        let known = Known(Some(Arc::clone(&feed) as Arc<dyn Revocations>));
        let verifier = Verifier { keys: VerifyingKeys::Followed(feed), issuer, audience, known };
        Self { source: Source::Jwks(verifier), clock: Box::new(clock) }
    }

    /// Refuses tokens that were ended before their time, and every token while it is not known which
    /// those are. Changes nothing for a checker with introspection: there the accounts service has judged
    /// that already.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Arc<dyn Revocations>) -> Self {
        match &mut self.source {
            Source::Keys(opener) => opener.known = Known(Some(revocations)),
            Source::Jwks(verifier) => verifier.known = Known(Some(revocations)),
            Source::Introspection(_) => {}
        }
        self
    }

    /// Asks the accounts service about each token (RFC 7662). Nothing is cached for now: an answer is
    /// never older than the request that it is for, and every request costs one round trip.
    ///
    /// Whether a token is for this API is judged by the accounts service, which knows by `client_id` who
    /// asks (RFC 7662 §4).
    ///
    /// # Errors
    /// [`IntrospectionProblem`] if the address cannot be one; nothing is fetched yet.
    pub fn with_introspection(
        endpoint: IntrospectionEndpoint,
        clock: impl Clock + 'static,
    ) -> Result<Self, IntrospectionProblem> {
        let source = Source::Introspection(Box::new(Introspection::new(endpoint)?));
        Ok(Self { source, clock: Box::new(clock) })
    }

    /// Checks a token and that it carries every scope of `needed`.
    ///
    /// # Errors
    /// [`Denied`]: the token does not give that access, or cannot be checked now.
    pub async fn check(&self, token: &Secret, needed: &ScopeSet) -> Result<Access, Denied> {
        match self.check_here(token.reveal(), needed) {
            Some(checked) => checked,
            None => self.ask(token).await.and_then(|access| covering(access, needed)),
        }
    }

    /// Checks as [`Checker::check`] does, as long as nobody has to be asked; `None` if somebody has.
    pub(crate) fn check_here(
        &self,
        token: &str,
        needed: &ScopeSet,
    ) -> Option<Result<Access, Denied>> {
        let now = self.clock.now();
        let checked = match &self.source {
            Source::Keys(opener) => opener.open(token, now),
            Source::Jwks(verifier) => verifier.verify(token, now)?,
            Source::Introspection(_) => return None,
        };
        Some(checked.and_then(|access| covering(access, needed)))
    }

    async fn ask(&self, token: &Secret) -> Result<Access, Denied> {
        let now = self.clock.now();
        match &self.source {
            Source::Keys(opener) => opener.open(token.reveal(), now),
            Source::Jwks(verifier) => verifier.verify_by_next_keys(token.reveal(), now).await,
            Source::Introspection(introspection) => {
                let access = introspection.ask(token, now).await?;
                // Time has passed on the way.
                match self.clock.now() >= access.expires_at {
                    true => Err(Denied::Expired),
                    false => Ok(access),
                }
            }
        }
    }
}

fn covering(access: Access, needed: &ScopeSet) -> Result<Access, Denied> {
    match access.covers(needed) {
        true => Ok(access),
        false => Err(Denied::InsufficientScope(needed.clone())),
    }
}

impl Opener {
    fn open(&self, token: &str, now: Timestamp) -> Result<Access, Denied> {
        let claims = access_token::open(token, &self.keys).map_err(|_| Denied::Unknown)?;
        if claims.audience != self.audience {
            return Err(Denied::Unknown);
        }
        // Before the list is asked: it has forgotten what ended tokens that are over by themselves.
        if claims.is_expired(now) {
            return Err(Denied::Expired);
        }
        self.known.judge(&claims, now)?;
        Ok(access(claims))
    }
}

impl Verifier {
    /// `None` if the token names a key that is not known yet.
    fn verify(&self, token: &str, now: Timestamp) -> Option<Result<Access, Denied>> {
        let feed = match &self.keys {
            VerifyingKeys::Given(keys) => return Some(self.verify_by(keys, token, now)),
            VerifyingKeys::Followed(feed) => feed,
        };
        match feed.keys() {
            Some(keys) if jwt::names_unknown_key(token, &keys) => None,
            Some(keys) => Some(self.verify_by(&keys, token, now)),
            None => Some(Err(Denied::Unavailable)),
        }
    }

    async fn verify_by_next_keys(&self, token: &str, now: Timestamp) -> Result<Access, Denied> {
        match &self.keys {
            VerifyingKeys::Given(keys) => self.verify_by(keys, token, now),
            VerifyingKeys::Followed(feed) => {
                let keys = feed.next_keys().await.ok_or(Denied::Unavailable)?;
                self.verify_by(&keys, token, now)
            }
        }
    }

    fn verify_by(&self, keys: &PublicKeys, token: &str, now: Timestamp) -> Result<Access, Denied> {
        let audiences = [self.audience.as_str()];
        let decoded = jwt::decode(token, keys, &self.issuer, &audiences, now);
        let claims = decoded.map_err(|problem| match problem {
            JwtProblem::NotOurs => Denied::Unknown,
            JwtProblem::Expired => Denied::Expired,
        })?;
        self.known.judge(&claims, now)?;
        Ok(access(claims))
    }
}

impl Known {
    fn judge(&self, claims: &Claims, now: Timestamp) -> Result<(), Denied> {
        let standing = self.0.as_ref().map(|revocations| revocations.judge(claims, now));
        match standing.unwrap_or(Standing::Good) {
            Standing::Good => Ok(()),
            Standing::Revoked => Err(Denied::Revoked),
            Standing::Unknown => Err(Denied::Unavailable),
        }
    }
}

fn access(claims: Claims) -> Access {
    Access {
        client: claims.client,
        subject: claims.subject,
        scopes: claims.scopes,
        expires_at: claims.expires_at,
        username: None,
    }
}
