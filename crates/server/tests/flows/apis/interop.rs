//! Our signed tokens in the hands of a published library, and the library's in ours.

use hallpass::clock::{Clock as _, SystemClock};
use hallpass_guard::Denied;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::Value;

use super::{check, header, jwks, start, start_with, token};
use crate::support::{ISSUER, Setup};

const APIS: [(&str, Algorithm); 3] = [
    ("https://music.example", Algorithm::EdDSA),
    ("https://video.example", Algorithm::ES256),
    ("https://old.example", Algorithm::RS256),
];

#[tokio::test]
async fn a_published_library_verifies_our_tokens_with_our_key_set() {
    // The library looks at the machine's clock.
    let server = start_with(Setup { now: SystemClock.now(), ..Setup::default() }).await;
    let keys: JwkSet = serde_json::from_str(&jwks(&server).await).unwrap();
    for (api, algorithm) in APIS {
        let token = token(&server, api).await.unwrap();
        let kid = header(&token)["kid"].as_str().unwrap().to_owned();
        let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
        let mut expected = Validation::new(algorithm);
        expected.set_issuer(&[ISSUER]);
        expected.set_audience(&[api]);
        let claims = decode::<Value>(&token, &key, &expected).unwrap().claims;
        assert_eq!((&claims["aud"], &claims["scope"]), (&api.into(), &"history".into()));
        assert_eq!(claims["sub"], claims["client_id"]);
    }
}

/// JW-02, with somebody else's writer: the public key as the secret of a shared-secret signature.
#[tokio::test]
async fn jw_02_a_librarys_token_with_a_shared_secret_is_unknown() {
    let server = start().await;
    let jwks = jwks(&server).await;
    for (api, _) in APIS {
        let token = token(&server, api).await.unwrap();
        let kid = header(&token)["kid"].as_str().unwrap().to_owned();
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&token).unwrap().claims;
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(kid),
            ..Header::new(Algorithm::HS256)
        };
        let forged = encode(&header, &claims, &EncodingKey::from_secret(jwks.as_bytes())).unwrap();
        assert_eq!(check(&server, &jwks, api, &forged).await, Err(Denied::Unknown));
    }
}
