//! Sign-in for apps: OpenID Connect through the router, with Cassette, which uses all grant types here. Names
//! that begin with an id are rows of the list of refusals.

mod consent;
mod discovery;
mod id_tokens;
mod response_types;
mod silent;

use hallpass_protocol::model::{Client, ClientId, GrantType};
use serde_json::Value;

use crate::keys::verifier::Verifier;
use crate::support::{Answer, Browser, CASSETTE, TestServer};

/// What Cassette sends along.
const NONCE: &str = "n-0S6_WzA2Mj";

/// A server on which Cassette may ask for every response type.
async fn start() -> TestServer {
    with_every_grant(TestServer::start().await).await
}

async fn with_every_grant(server: TestServer) -> TestServer {
    settle(&server, |cassette| cassette.grant_types = GrantType::ALL.into_iter().collect()).await;
    server
}

/// Cassette's owner changes its settings.
async fn settle(server: &TestServer, change: impl FnOnce(&mut Client)) {
    let id = ClientId::parse(CASSETTE).unwrap();
    let mut cassette = server.store().client(&id).await.unwrap().unwrap();
    change(&mut cassette);
    server.edit(&cassette).await;
}

/// Cassette's link for this response type, with the scope `openid`, changed in the way of
/// [`crate::support::link`].
fn wish(server: &TestServer, response_type: &str, changed: &[(&str, &str)]) -> String {
    let mut own = vec![("response_type", response_type), ("scope", "openid"), ("nonce", NONCE)];
    own.retain(|(name, _)| changed.iter().all(|(changed, _)| changed != name));
    server.cassette().link(&[&own, changed].concat())
}

/// The answer to a link, to which this person agrees if they are asked.
async fn ask(browser: &mut Browser, link: &str) -> Answer {
    let answer = browser.get(link).await;
    match answer.status.as_u16() {
        200 => browser.agree(&answer).await,
        _ => answer,
    }
}

/// What an ID token for Cassette says, as an independent verifier reads it with the published keys.
async fn read(server: &TestServer, id_token: &str) -> Value {
    Verifier::default().read(server, id_token, CASSETTE).await.1
}
