//! Tokens that were ended before their time: how soon every checker knows. Turntable is the app that they
//! are issued to, Night Train the API that asks about them. Names that begin with an id are rows of the
//! list of refusals.

mod feed;
mod guard;
mod introspection;

use std::time::Duration;

use hallpass_protocol::access_token::{Claims, TokenSubject};
use hallpass_protocol::model::{AuthorizationId, ClaimSet, ClientId, ScopeSet};

use crate::support::{ISSUER, TURNTABLE, TestServer};

/// What a token says that ada has just given the app.
async fn claims(server: &TestServer) -> Claims {
    let now = server.now();
    let id = || AuthorizationId::mint(&mut server.app.rng(), now);
    Claims {
        client: ClientId::parse(TURNTABLE).unwrap(),
        subject: TokenSubject::Account(server.account("ada").await.id),
        authorization: id(),
        consent: Some(id()),
        scopes: ScopeSet::empty(),
        userinfo: ClaimSet::EMPTY,
        audience: ISSUER.to_owned(),
        issued_at: now,
        expires_at: now.plus(Duration::from_secs(3600)),
    }
}
