//! Signing out at a client's wish (OpenID Connect RP-Initiated Logout 1.0), and telling clients of it
//! (OpenID Connect Back-Channel Logout 1.0).
//!
//! Owns the parameters of the logout endpoint, every rule about them, where the browser may be sent
//! afterwards, and the logout token. Does not own the sessions or who is to be told: the store does.
//!
//! ```text
//! LogoutQuery::parse   what was sent                                       query
//! Wish::read           whom the hint means, and which client sends them    wish
//! decide               refuse? ask? sign out? nobody here?                 here
//! Onward               to the client's own address, or to our own page     onward
//! LogoutToken::sign    what a client is told behind the scenes             token
//! ```

mod onward;
mod query;
mod token;
mod wish;

use thiserror::Error;

use crate::id_token;
use crate::issuer::Issuer;
use crate::model::{Client, ClientStatus, SignedIn};

pub use onward::{LogoutRedirect, MAX_STATE, Onward};
pub use query::{LogoutQuery, MAX_LENGTH};
pub use token::{LIFETIME, LogoutToken, TYP};
pub use wish::Wish;

/// Why a request to sign out is not followed. The person gets a page; nobody is signed out and nobody is
/// redirected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LogoutRefusal {
    /// A parameter came twice, or cannot be read.
    #[error("a parameter of the request came twice or cannot be read")]
    Unreadable,
    /// The hint is no ID token of ours, or its client is gone: the same whatever is wrong with it.
    #[error(
        "id_token_hint is not an ID token that this service gave to an app which is still here"
    )]
    Hint,
    /// There is no such client, or it is not the one of the hint.
    #[error("client_id names no app, or another one than id_token_hint")]
    Client,
    /// The client has not registered the address, or it is not known which client it is.
    #[error("post_logout_redirect_uri is not registered for the app, character for character")]
    RedirectUri,
}

/// What is known of a request to sign out.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The client of the [`Wish`].
    pub client: Option<&'a Client>,
    /// Who is signed in at the browser now.
    pub signed_in: Option<&'a SignedIn>,
}

/// Whether the person was asked already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Not yet.
    NotAsked,
    /// They want to sign out: said in a form of ours, in this very session.
    Given,
}

/// What happens now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The person gets a page, and that is all.
    Refuse(LogoutRefusal),
    /// The person is asked.
    Ask(Question<'a>),
    /// The session ends, then the browser goes on.
    SignOut(&'a SignedIn, Onward),
    /// Nobody is signed in; the browser goes on.
    GoOn(Onward),
}

/// What the person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// Who is signed in.
    pub signed_in: &'a SignedIn,
    /// Which client sends them, if it is known.
    pub client: Option<&'a Client>,
    /// Where they go if they sign out.
    pub onward: Onward,
}

/// Says what happens.
///
/// > At the Logout Endpoint, the OP SHOULD ask the End-User whether to log out of the OP as well. Furthermore,
/// > the OP MUST ask the End-User this question if an `id_token_hint` was not provided or if the supplied ID
/// > Token does not belong to the current OP session with the RP and/or currently logged in End-User.
/// > (RP-Initiated Logout §2)
///
/// Deviation: where the ID token does belong to both, nobody is asked. They have just asked for it at the app,
/// and nobody but the app has that token.
pub fn decide<'a>(
    query: &LogoutQuery,
    wish: &Wish,
    facts: Facts<'a>,
    issuer: &Issuer<'_>,
    confirmation: Confirmation,
) -> Decision<'a> {
    let client = facts.client.filter(|client| client.status == ClientStatus::Active);
    if client.is_none() && wish.names_a_client() {
        return Decision::Refuse(wish.refusal_without_client());
    }
    let onward = match Onward::prove(query, client, issuer.policy) {
        Ok(onward) => onward,
        Err(refusal) => return Decision::Refuse(refusal),
    };
    let Some(signed_in) = facts.signed_in else { return Decision::GoOn(onward) };
    let is_meant = client.is_some_and(|client| is_meant(wish, client, signed_in, issuer));
    match confirmation {
        Confirmation::Given => Decision::SignOut(signed_in, onward),
        Confirmation::NotAsked if is_meant => Decision::SignOut(signed_in, onward),
        Confirmation::NotAsked => Decision::Ask(Question { signed_in, client, onward }),
    }
}

/// Whether the hint is of this very person in this very session.
fn is_meant(wish: &Wish, client: &Client, signed_in: &SignedIn, issuer: &Issuer<'_>) -> bool {
    wish.hint().is_some_and(|hint| {
        hint.subject == issuer.subject(client, signed_in.account.id).as_str()
            && hint.sid == id_token::sid(&signed_in.session.id, &client.id)
    })
}
