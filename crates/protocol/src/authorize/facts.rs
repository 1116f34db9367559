//! What one read of the store brings for a decision, and what one act leaves there.

use std::sync::Arc;

use crate::model::{
    AccountId, ApiIdentifier, Authentication, AuthorizationId, Client, ClientId, CodeKey, Consent,
    ScopeSet, SessionId, SignedIn, Timestamp,
};
use crate::pkce::CodeChallenge;

/// What the store knows about a request. Whether a client is disabled, a session over or a consent
/// wide enough is for [`super::decide`] to judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The client that the request names, whatever its status.
    pub client: Option<Arc<Client>>,
    /// The session that the browser's cookie names, with its account, whatever their state.
    pub signed_in: Option<SignedIn>,
    /// What that account has allowed that client before.
    pub consent: Option<Consent>,
}

impl Facts {
    /// The consent, if it is `account`'s for `client`: another one that was read says nothing here.
    pub(super) fn consent_of(&self, account: &AccountId, client: &ClientId) -> Option<&Consent> {
        self.consent.as_ref().filter(|consent| consent.is_of(account, client))
    }
}

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
