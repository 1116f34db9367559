//! Who sends the person here, and whom they mean.

use super::{LogoutQuery, LogoutRefusal};
use crate::id_token::Hint;
use crate::issuer::Issuer;
use crate::model::ClientId;

/// What a request says of its client: by a hint, by `client_id`, by both or by nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    hint: Option<Hint>,
    client: Option<ClientId>,
}

impl Wish {
    /// Reads what was sent.
    ///
    /// # Errors
    /// [`LogoutRefusal::Hint`] if there is a hint that this issuer has not signed; [`LogoutRefusal::Client`] if
    /// `client_id` is no id, or another than the hint's: the issuer "MUST verify that the Client Identifier
    /// matches the one used when issuing the ID Token" (RP-Initiated Logout §2).
    pub fn read(query: &LogoutQuery, issuer: &Issuer<'_>) -> Result<Self, LogoutRefusal> {
        let hint = match &query.id_token_hint {
            Some(text) => Some(Hint::read(text, issuer).ok_or(LogoutRefusal::Hint)?),
            None => None,
        };
        let client = match &query.client_id {
            Some(text) => Some(ClientId::parse(text).map_err(|_| LogoutRefusal::Client)?),
            None => None,
        };
        match (&hint, &client) {
            (Some(hint), Some(client)) if hint.client != *client => Err(LogoutRefusal::Client),
            _ => Ok(Self { hint, client }),
        }
    }

    /// The client that was named.
    pub fn client(&self) -> Option<&ClientId> {
        self.hint.as_ref().map(|hint| &hint.client).or(self.client.as_ref())
    }

    pub(super) const fn hint(&self) -> Option<&Hint> {
        self.hint.as_ref()
    }

    pub(super) fn names_a_client(&self) -> bool {
        self.client().is_some()
    }

    /// What to say if the client that was named is not there (any more).
    pub(super) const fn refusal_without_client(&self) -> LogoutRefusal {
        match &self.hint {
            Some(_) => LogoutRefusal::Hint,
            None => LogoutRefusal::Client,
        }
    }
}
