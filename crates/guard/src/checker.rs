//! Checks a token: is it known, is it for this API, is its time over, was it ended, does it carry the
//! scopes.

use std::sync::Arc;

use hallpass_protocol::access_token::{self, Claims};
use hallpass_protocol::model::{KeySet, ScopeSet, Secret, Timestamp};

use crate::introspection::{Introspection, IntrospectionEndpoint, IntrospectionProblem};
use crate::{Access, Clock, Denied, Revocations, Standing};

/// Checks access tokens, with the keys that sealed them or by asking who has those.
pub struct Checker {
    source: Source,
    clock: Box<dyn Clock>,
}

/// Who knows what a token means.
enum Source {
    /// This process does: it holds the keys.
    Keys(Opener),
    /// The accounts service does, over HTTP.
    Introspection(Box<Introspection>),
}

/// What opens a sealed token and judges it without asking anybody.
struct Opener {
    keys: Arc<KeySet>,
    audience: String,
    revocations: Option<Arc<dyn Revocations>>,
}

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
        let source = Source::Keys(Opener { keys, audience: audience.into(), revocations: None });
        Self { source, clock: Box::new(clock) }
    }

    /// Refuses tokens that were ended before their time, and every token while it is not known which
    /// those are. Changes nothing for a checker with introspection: there the accounts service has judged
    /// that already.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Arc<dyn Revocations>) -> Self {
        if let Source::Keys(opener) = &mut self.source {
            opener.revocations = Some(revocations);
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
        let now = self.clock.now();
        let access = match &self.source {
            Source::Keys(opener) => opener.open(token, now)?,
            Source::Introspection(introspection) => {
                let access = introspection.ask(token, now).await?;
                // Time has passed on the way.
                if self.clock.now() >= access.expires_at {
                    return Err(Denied::Expired);
                }
                access
            }
        };
        if !access.covers(needed) {
            return Err(Denied::InsufficientScope(needed.clone()));
        }
        Ok(access)
    }
}

impl Opener {
    fn open(&self, token: &Secret, now: Timestamp) -> Result<Access, Denied> {
        let claims = access_token::open(token.reveal(), &self.keys).map_err(|_| Denied::Unknown)?;
        if claims.audience != self.audience {
            return Err(Denied::Unknown);
        }
        // Before the list is asked: it has forgotten what ended tokens that are over by themselves.
        if claims.is_expired(now) {
            return Err(Denied::Expired);
        }
        match self.standing(&claims, now) {
            Standing::Good => {}
            Standing::Revoked => return Err(Denied::Revoked),
            Standing::Unknown => return Err(Denied::Unavailable),
        }
        Ok(Access {
            client: claims.client,
            subject: claims.subject,
            scopes: claims.scopes,
            expires_at: claims.expires_at,
            username: None,
        })
    }

    fn standing(&self, claims: &Claims, now: Timestamp) -> Standing {
        let known = self.revocations.as_ref();
        known.map_or(Standing::Good, |revocations| revocations.judge(claims, now))
    }
}
