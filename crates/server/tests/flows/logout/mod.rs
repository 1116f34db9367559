//! Signing out at an app's wish, of every browser at once, and telling apps of it. Names that begin with an id
//! are rows of the list of refusals.

mod back_channel;
mod end_session;
mod everywhere;
mod listening_app;

use hallpass::config::Settings;
use hallpass::outgoing::Reach;
use hallpass_protocol::access_token::TokenKeys;
use hallpass_protocol::id_token::IdToken;
use hallpass_protocol::issuer::Issuer;
use hallpass_protocol::model::{
    Authentication, ClaimSet, Client, ClientId, LogoutUri, RedirectUri, RequestedClaims, Secret,
    SessionId,
};

use crate::support::{Browser, MIXTAPE, Setup, Sharing, TestServer};

const SESSION: &str = "__Host-hallpass-session";
/// Where Mixtape wants people when they have signed out.
const AFTERWARDS: &str = "https://mixtape.example/signed-out";

/// The usual server, which may ask apps on this machine.
async fn server() -> TestServer {
    server_that(Sharing::Alone).await
}

async fn server_that(sharing: Sharing) -> TestServer {
    let settings = Settings { outgoing_requests: Some(Reach::Loopback), ..Settings::default() };
    let server = TestServer::with(Setup { settings, sharing, ..Setup::default() }).await;
    settle(&server, None).await;
    server
}

/// Mixtape has an address for afterwards and, if there is one, an address by which it is told.
async fn settle(server: &TestServer, told_at: Option<&str>) -> Client {
    let mut client = mixtape(server).await;
    client.openid.post_logout_redirect_uris = vec![RedirectUri::from_stored(AFTERWARDS).unwrap()];
    client.openid.backchannel_logout_uri = told_at.map(|uri| LogoutUri::parse(uri).unwrap());
    server.edit(&client).await;
    client
}

async fn mixtape(server: &TestServer) -> Client {
    server.store().client(&ClientId::parse(MIXTAPE).unwrap()).await.unwrap().unwrap()
}

/// The session of this browser.
fn session(browser: &Browser) -> SessionId {
    SessionId::of(&Secret::presented(&*browser.cookies[SESSION]))
}

fn issuer(server: &TestServer) -> Issuer<'_> {
    let keys = TokenKeys { sealing: &server.app.keys, signing: &server.app.signers };
    Issuer { policy: &server.app.policy, keys }
}

/// What Mixtape got when `username` signed in through it in this browser.
async fn hint(server: &TestServer, browser: &Browser, username: &str) -> String {
    let authentication = Authentication {
        session: session(browser),
        at: server.now(),
        nonce: None,
        claims: RequestedClaims::default(),
    };
    let token = IdToken {
        client: &mixtape(server).await,
        account: server.account(username).await.id,
        authentication: &authentication,
        code: None,
        access_token: None,
        claims: ClaimSet::EMPTY,
        person: None,
    };
    token.sign(&issuer(server), server.now()).unwrap()
}
