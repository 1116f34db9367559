//! Checks a token: is it known, is it for this API, is its time over, does it carry the scopes.

use std::sync::Arc;

use hallpass_protocol::access_token;
use hallpass_protocol::model::{KeySet, ScopeSet, Secret};

use crate::introspection::{Introspection, IntrospectionEndpoint, IntrospectionProblem};
use crate::{Access, Clock, Denied};

/// Checks access tokens, with the keys that sealed them or by asking who has those.
pub struct Checker {
    source: Source,
    clock: Box<dyn Clock>,
}

/// Who knows what a token means.
enum Source {
    /// This process does: it holds the keys.
    Keys { keys: Arc<KeySet>, audience: String },
    /// The accounts service does, over HTTP.
    Introspection(Box<Introspection>),
}

impl Checker {
    /// Opens tokens with the keys that sealed them, for an API in the same process as the accounts
    /// service. No I/O, about a microsecond a token. Tokens for another `audience` (`aud`) are unknown.
    pub fn with_keys(
        keys: Arc<KeySet>,
        audience: impl Into<String>,
        clock: impl Clock + 'static,
    ) -> Self {
        let source = Source::Keys { keys, audience: audience.into() };
        Self { source, clock: Box::new(clock) }
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
        let access = match &self.source {
            Source::Keys { keys, audience } => self.opened(token, keys, audience)?,
            Source::Introspection(introspection) => {
                introspection.ask(token, self.clock.now()).await?
            }
        };
        if self.clock.now() >= access.expires_at {
            return Err(Denied::Expired);
        }
        if !access.covers(needed) {
            return Err(Denied::InsufficientScope(needed.clone()));
        }
        Ok(access)
    }

    fn opened(&self, token: &Secret, keys: &KeySet, audience: &str) -> Result<Access, Denied> {
        let claims = access_token::open(token.reveal(), keys).map_err(|_| Denied::Unknown)?;
        if claims.audience != audience {
            return Err(Denied::Unknown);
        }
        Ok(Access {
            client: claims.client,
            subject: claims.subject,
            scopes: claims.scopes,
            expires_at: claims.expires_at,
            username: None,
        })
    }
}
