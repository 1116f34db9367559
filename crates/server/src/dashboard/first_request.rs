//! An app's first request, ready to be sent: the addresses and the command that its owner would
//! otherwise have to put together.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::model::{Client, ClientStatus, ClientType, GrantType, RedirectUri};

/// The verifier of the first request. It is the same for everybody and says so: an app that kept it
/// would gain nothing by PKCE.
const VERIFIER: &str = "for-a-first-try-only-everybody-knows-this-verifier";

/// The requests that an app can make.
#[derive(Debug, Default)]
pub(crate) struct FirstRequests {
    /// For a code, and the code for tokens.
    pub(crate) code: Option<CodeRequest>,
    /// For a token in the fragment.
    pub(crate) implicit: Option<String>,
}

/// A request for a code with PKCE, and what comes after it.
#[derive(Debug)]
pub(crate) struct CodeRequest {
    /// Where a browser is sent.
    pub(crate) address: String,
    /// The command that exchanges the code.
    pub(crate) exchange: String,
    /// What the challenge in the address is made of.
    pub(crate) verifier: &'static str,
}

impl FirstRequests {
    /// Those of `client` at the service `issuer`; none for an app that is shut or has nowhere to
    /// return to.
    pub(crate) fn of(client: &Client, issuer: &str) -> Self {
        let Some(redirect_uri) = client.redirect_uris.first() else { return Self::default() };
        if client.status == ClientStatus::Disabled {
            return Self::default();
        }
        let issuer = issuer.trim_end_matches('/');
        let uses = |grant| client.grant_types.contains(grant);
        Self {
            code: uses(GrantType::AuthorizationCode).then(|| CodeRequest {
                address: code_address(client, redirect_uri, issuer),
                exchange: exchange(client, redirect_uri, issuer),
                verifier: VERIFIER,
            }),
            implicit: uses(GrantType::Implicit)
                .then(|| address(client, redirect_uri, issuer, "token", &[])),
        }
    }
}

fn code_address(client: &Client, redirect_uri: &RedirectUri, issuer: &str) -> String {
    let challenge = challenge(VERIFIER);
    let proof = [("code_challenge_method", "S256"), ("code_challenge", &challenge)];
    address(client, redirect_uri, issuer, "code", &proof)
}

fn address(
    client: &Client,
    redirect_uri: &RedirectUri,
    issuer: &str,
    response_type: &str,
    more: &[(&str, &str)],
) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", response_type)
        .append_pair("client_id", client.id.as_str())
        .append_pair("redirect_uri", redirect_uri.as_str())
        .append_pair("state", "first-request")
        .extend_pairs(more)
        .finish();
    format!("{issuer}/authorize?{query}")
}

/// RFC 7636 §4.2: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// The token request (RFC 6749 §4.1.3) for a shell; its owner puts the code in, and the secret if
/// there is one.
fn exchange(client: &Client, redirect_uri: &RedirectUri, issuer: &str) -> String {
    let caller = match client.client_type {
        ClientType::Public => format!("-d client_id={}", client.id),
        ClientType::Confidential { .. } => format!("-u '{}:CLIENT_SECRET'", client.id),
    };
    // A redirect URI may hold an apostrophe, which would end the quotation.
    let redirect_uri = redirect_uri.as_str().replace('\'', r"'\''");
    [
        format!("curl {issuer}/api/token"),
        caller,
        "-d grant_type=authorization_code".to_owned(),
        "-d code=CODE".to_owned(),
        format!("--data-urlencode 'redirect_uri={redirect_uri}'"),
        format!("-d code_verifier={VERIFIER}"),
    ]
    .join(" \\\n  ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use hallpass_protocol::dashboard::{ClientForm, OpenIdForm, judge};
    use hallpass_protocol::model::{
        AccountId, ClientId, Denial, Randomness, RedirectUriPolicy, Secret, Timestamp, Username,
    };
    use hallpass_protocol::pkce::CodeChallenge;

    use super::*;
    use crate::state::SystemRandomness;

    fn client(client_type: ClientType, grants: &[GrantType], redirect_uri: &str) -> Client {
        let mut rng = SystemRandomness;
        let form = ClientForm {
            name: "Mixtape".to_owned(),
            description: String::new(),
            website: String::new(),
            redirect_uris: vec![redirect_uri.to_owned()],
            grant_types: grants.iter().copied().collect(),
            denial: Denial::Query,
            openid: OpenIdForm::default(),
        };
        let now = Timestamp::from_seconds(0);
        let settings = judge(&form, &client_type, RedirectUriPolicy { localhost: true }).unwrap();
        let (id, owner) = (ClientId::mint(&mut rng), AccountId::mint(&mut rng, now));
        settings.register(id, client_type, owner, &Username::parse("grace").unwrap(), now)
    }

    fn secret(rng: &mut dyn Randomness) -> ClientType {
        ClientType::Confidential { secrets: vec![Secret::mint("hps_", rng).digest()] }
    }

    const ISSUER: &str = "https://accounts.example";
    const URI: &str = "https://app.example/callback";

    #[test]
    fn the_challenge_in_the_address_is_met_by_the_verifier_in_the_command() {
        let client = client(ClientType::Public, &[GrantType::AuthorizationCode], URI);
        let FirstRequests { code, implicit } = FirstRequests::of(&client, ISSUER);
        let code = code.unwrap();
        assert_eq!(implicit, None);
        let (_, challenge) = code.address.split_once("&code_challenge=").unwrap();
        assert!(CodeChallenge::parse(challenge).unwrap().is_met_by(code.verifier));
        assert!(code.exchange.ends_with(&format!("-d code_verifier={}", code.verifier)));
        assert!(code.exchange.contains(&format!("-d client_id={}", client.id)));
    }

    #[test]
    fn a_confidential_app_proves_who_it_is() {
        let grants = [GrantType::AuthorizationCode, GrantType::Implicit];
        let client = client(secret(&mut SystemRandomness), &grants, "https://app.example/it's");
        let requests = FirstRequests::of(&client, ISSUER);
        let code = requests.code.unwrap();
        assert!(code.exchange.contains(&format!("-u '{}:CLIENT_SECRET'", client.id)));
        assert!(code.exchange.contains(r"'redirect_uri=https://app.example/it'\''s'"));
        assert!(requests.implicit.unwrap().contains("response_type=token"));
    }

    #[test]
    fn an_app_that_is_shut_has_no_first_request() {
        let mut client = client(ClientType::Public, &[GrantType::Implicit], URI);
        client.status = ClientStatus::Disabled;
        let requests = FirstRequests::of(&client, ISSUER);
        assert!(requests.code.is_none() && requests.implicit.is_none());
    }
}
