//! What every handler has at hand: the one axum state.
//!
//! An [`App`] never changes. What others may change at the store (keys, scopes, APIs) is read into a new
//! one that takes its place (`node`); what lasts is behind pointers that they share.

use std::sync::Arc;

use axum::http::HeaderMap;
use hallpass_protocol::access_token::{self, Claims, TokenKeys};
use hallpass_protocol::authorize::Policy;
use hallpass_protocol::issuer::Issuer;
use hallpass_protocol::model::{KeySet, SessionId, SignedIn, Timestamp};
use hallpass_store::Store;

use crate::clock::Clock;
use crate::config::Config;
use crate::departure::Departure;
use crate::fault::Fault;
use crate::hashing::Hasher;
use crate::hearing::Hearing;
use crate::http::cookie::CookieKind;
use crate::http::session_cookie;
use crate::layout::Layout;
use crate::outgoing::Outgoing;
pub use crate::randomness::SystemRandomness;
use crate::remembered::Remembered;
use crate::revocations::Revocations;
use crate::sessions::Sessions;
use crate::signing::Signers;

/// The state behind the shared pointer that axum clones.
pub struct App {
    /// What lasts.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The installation's keys, opened.
    pub keys: Arc<KeySet>,
    /// The installation's keys that sign.
    pub signers: Signers,
    /// What the operator has settled about authorization.
    pub policy: Policy,
    /// What the operator has settled about everything.
    pub config: Arc<Config>,
    /// Whether what is in memory can be believed.
    pub hearing: Arc<Hearing>,
    /// Whether this node is about to end.
    pub departure: Arc<Departure>,
    /// What ended before its time.
    pub revocations: Arc<Revocations>,
    /// What need not be read again at every check.
    pub remembered: Arc<Remembered>,
    /// How sessions end.
    pub sessions: Arc<Sessions>,
    /// What makes requests to addresses that others chose.
    pub outgoing: Arc<Outgoing>,
    /// Where passwords are hashed.
    pub hasher: Hasher,
    pub(crate) layout: Arc<Layout>,
}

/// The state as axum carries it.
pub type AppState = Arc<App>;

/// The part of the state that all nodes of an installation have in common, as it was read from the store.
pub struct Common {
    /// The installation's keys, opened.
    pub keys: Arc<KeySet>,
    /// The installation's keys that sign.
    pub signers: Signers,
    /// What the operator has settled about authorization.
    pub policy: Policy,
}

impl App {
    /// The same with another common part.
    pub(crate) fn with(&self, common: Common) -> Self {
        let Common { keys, signers, policy } = common;
        Self {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            keys,
            signers,
            policy,
            config: Arc::clone(&self.config),
            hearing: Arc::clone(&self.hearing),
            departure: Arc::clone(&self.departure),
            revocations: Arc::clone(&self.revocations),
            remembered: Arc::clone(&self.remembered),
            sessions: Arc::clone(&self.sessions),
            outgoing: Arc::clone(&self.outgoing),
            hasher: self.hasher.clone(),
            layout: Arc::clone(&self.layout),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A source of unguessable bytes.
    pub const fn rng(&self) -> SystemRandomness {
        SystemRandomness
    }

    /// What new tokens are made with.
    fn token_keys(&self) -> TokenKeys<'_> {
        TokenKeys { sealing: &self.keys, signing: &self.signers }
    }

    /// Who answers, with all that tokens are made of.
    pub(crate) fn issuer(&self) -> Issuer<'_> {
        Issuer { policy: &self.policy, keys: self.token_keys() }
    }

    /// What a presented access token says, in whichever form it was issued, for whichever API; whether it
    /// was ended is another question.
    pub(crate) fn open_token(&self, text: &str) -> Option<Claims> {
        if let Ok(claims) = access_token::open(text, &self.keys) {
            return Some(claims);
        }
        self.signers.open_token(text, &self.policy, self.now())
    }

    /// How this installation's cookies are marked.
    pub(crate) fn cookie_kind(&self) -> CookieKind {
        CookieKind::of_issuer(&self.policy.issuer)
    }

    /// The session that the browser's cookie names, whether or not there is one in the store.
    pub(crate) fn session_id(&self, headers: &HeaderMap) -> Option<SessionId> {
        session_cookie::read(headers, self.cookie_kind()).map(|cookie| SessionId::of(&cookie))
    }

    /// The live session of the browser, with its account: one read of the store.
    pub(crate) async fn signed_in(&self, headers: &HeaderMap) -> Result<Option<SignedIn>, Fault> {
        let Some(id) = self.session_id(headers) else { return Ok(None) };
        let signed_in = self.store.session(&id).await?;
        Ok(signed_in.filter(|signed_in| signed_in.is_live(self.now())))
    }
}
