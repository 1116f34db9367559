//! Codes on their way: as they are recorded, as they lie there, and as they carry themselves.

mod sealed_code;

use std::time::Duration;

pub use sealed_code::{PresentedCode, SealedCode};

use crate::model::{
    AccountId, ApiIdentifier, Authentication, AuthorizationId, ClientId, CodeKey, ScopeSet,
    SessionId, Timestamp,
};
use crate::pkce::CodeChallenge;

/// How long a code lives (RFC 6749 §4.1.2 allows ten minutes; FAPI 2.0 one).
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// A person's approval, to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The session in which it was given; the approval counts only while that is open.
    pub session: SessionId,
    /// Who gave it.
    pub account: AccountId,
    /// To whom.
    pub client: ClientId,
    /// What they agreed to now; what they agreed to before stays.
    pub scopes: ScopeSet,
    /// The family to begin if this is the first approval of this client by this account.
    pub authorization: AuthorizationId,
    /// When.
    pub given_at: Timestamp,
}

/// A code to be remembered until it is exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRecord {
    /// What the store knows it by; the code itself is not stored.
    pub key: CodeKey,
    /// The authorization that everything that follows from it belongs to.
    pub authorization: AuthorizationId,
    /// On what ground it was issued.
    pub ground: CodeGround,
    /// The session in which it was issued; the code counts only if that is open at this moment.
    pub session: SessionId,
    /// For whom.
    pub account: AccountId,
    /// To whom.
    pub client: ClientId,
    /// Where it was sent, byte for byte as in the request.
    pub redirect_uri: String,
    /// What was granted.
    pub scopes: ScopeSet,
    /// For which API, if one was named.
    pub resource: Option<ApiIdentifier>,
    /// What the client must prove when it comes with the code.
    pub challenge: Option<CodeChallenge>,
    /// How the person signed in, if the scope is `openid`. Its session is the record's.
    pub authentication: Option<Authentication>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// On what ground a code is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeGround {
    /// An earlier consent, by its id; it must still be there.
    Remembered(AuthorizationId),
    /// This approval, recorded in the same transaction.
    Approved(Approval),
}

/// A code as it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// What it is known by.
    pub key: CodeKey,
    /// The authorization that begins with it.
    pub authorization: AuthorizationId,
    /// The consent that it rests on.
    pub consent: AuthorizationId,
    /// To whom it was issued.
    pub client: ClientId,
    /// For whom.
    pub account: AccountId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What was granted.
    pub scopes: ScopeSet,
    /// For which API, if one was named.
    pub resource: Option<ApiIdentifier>,
    /// What its bearer must prove.
    pub challenge: Option<CodeChallenge>,
    /// How the person signed in, if the scope is `openid`.
    pub authentication: Option<Authentication>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was exchanged, if it was.
    pub redeemed_at: Option<Timestamp>,
}
