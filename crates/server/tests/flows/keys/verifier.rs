//! Somebody else who verifies our tokens: a published library, and a copy of the published keys that is kept
//! for as long as the answer allows and not a moment less.

use std::time::Duration;

use hallpass_protocol::model::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::support::{ISSUER, TestServer};

/// See the module.
#[derive(Default)]
pub(crate) struct Verifier {
    copy: Option<(JwkSet, Timestamp)>,
}

impl Verifier {
    /// Verifies a token for `audience`; answers which key has signed it.
    pub(crate) async fn verify(
        &mut self,
        server: &TestServer,
        token: &str,
        audience: &str,
    ) -> String {
        self.read(server, token, audience).await.0
    }

    /// Verifies a token for `audience`; answers which key has signed it, and what it says. A key that is not in
    /// the copy is a failure: nobody must have to read the keys early.
    pub(crate) async fn read(
        &mut self,
        server: &TestServer,
        token: &str,
        audience: &str,
    ) -> (String, Value) {
        let now = server.now();
        if self.copy.as_ref().is_none_or(|(_, until)| *until <= now) {
            self.read_anew(server).await;
        }
        let (keys, _) = self.copy.as_ref().unwrap();
        let header = decode_header(token).unwrap();
        let name = header.kid.unwrap();
        let key = keys.find(&name).unwrap_or_else(|| panic!("{name} is not published: {keys:?}"));
        let mut expected = Validation::new(header.alg);
        expected.set_issuer(&[ISSUER]);
        expected.set_audience(&[audience]);
        // The library would look at the machine's clock; the server's is looked at below.
        expected.validate_exp = false;
        let key = DecodingKey::from_jwk(key).unwrap();
        let claims = decode::<Value>(token, &key, &expected).unwrap().claims;
        assert!(claims["exp"].as_i64().unwrap() > now.seconds());
        (name, claims)
    }

    /// Throws its copy away and makes another.
    pub(crate) async fn read_anew(&mut self, server: &TestServer) {
        let answer = server.browser().get("/jwks").await;
        let max_age = answer.header("cache-control").unwrap().split("max-age=").nth(1).unwrap();
        let max_age = Duration::from_secs(max_age.parse().unwrap());
        let keys = serde_json::from_str(&answer.body).unwrap();
        self.copy = Some((keys, server.now().plus(max_age)));
    }
}
