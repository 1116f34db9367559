//! Client authentication (RFC 6749 §2.3): the refusals CA-01 to CA-08 as far as rules alone show them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hallpass_protocol::client_auth::{ClientAuthError, ClientCredentials, Method};
use hallpass_protocol::model::{Client, ClientStatus, ClientType, Digest, Secret};

use crate::support::*;

const SECRET: &str = "hps_a-secret-of-enough-random-characters";

fn digest(secret: &str) -> Digest {
    Secret::presented(secret).digest()
}

/// A server-side app with one secret.
fn confidential() -> Client {
    Client { client_type: ClientType::Confidential { secrets: vec![digest(SECRET)] }, ..app() }
}

fn basic(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

/// Who is believed, with what the store knows under the name that was given.
fn prove(
    authorization: Option<&str>,
    client_id: Option<&str>,
    client_secret: Option<&str>,
    known: &Client,
) -> Result<Method, ClientAuthError> {
    let credentials = ClientCredentials::read(authorization, client_id, client_secret)?;
    credentials.prove_confidential(Some(known)).map(|_| credentials.method)
}

#[test]
fn the_right_secret_is_believed_in_the_header_and_in_the_form() {
    let header = basic(&format!("{CLIENT_ID}:{SECRET}"));
    assert_eq!(prove(Some(&header), None, None, &confidential()), Ok(Method::Basic));
    assert_eq!(prove(Some(&header), Some(CLIENT_ID), None, &confidential()), Ok(Method::Basic));
    assert_eq!(prove(None, Some(CLIENT_ID), Some(SECRET), &confidential()), Ok(Method::Form));
}

#[test]
fn ca_01_two_methods_at_once_are_refused() {
    let header = basic(&format!("{CLIENT_ID}:{SECRET}"));
    for secret in [SECRET, "another"] {
        let result = prove(Some(&header), Some(CLIENT_ID), Some(secret), &confidential());
        assert_eq!(result, Err(ClientAuthError::TwoMethods));
    }
}

#[test]
fn ca_02_the_header_and_the_form_name_the_same_client() {
    let header = basic(&format!("{CLIENT_ID}:{SECRET}"));
    let result = prove(Some(&header), Some("another"), None, &confidential());
    assert_eq!(result, Err(ClientAuthError::TwoMethods));
}

#[test]
fn ca_02_nobody_is_proven_to_be_a_client_that_they_did_not_name() {
    let credentials = ClientCredentials::read(None, Some("another"), Some(SECRET));
    let known = confidential();
    let proven = credentials.unwrap().prove_confidential(Some(&known)).map(|client| &client.id);
    assert_eq!(proven, Err(ClientAuthError::UnknownClient));
}

#[test]
fn ca_03_a_confidential_client_without_a_secret_is_not_believed() {
    let result = prove(None, Some(CLIENT_ID), None, &confidential());
    assert_eq!(result, Err(ClientAuthError::WrongSecret));
    let nobody = ClientCredentials::read(None, None, None).err();
    assert_eq!(nobody, Some(ClientAuthError::UnknownClient));
}

#[test]
fn ca_04_a_public_client_is_never_taken_for_a_confidential_one() {
    for secret in [Some(SECRET), Some(""), None] {
        let result = prove(None, Some(CLIENT_ID), secret, &app());
        assert_eq!(result, Err(ClientAuthError::WrongSecret), "{secret:?}");
    }
}

#[test]
fn ca_04_an_empty_secret_never_matches_not_even_a_stored_one() {
    for secrets in [vec![], vec![digest("")], vec![digest(SECRET), digest("")]] {
        let known = Client { client_type: ClientType::Confidential { secrets }, ..app() };
        for result in [
            prove(None, Some(CLIENT_ID), Some(""), &known),
            prove(None, Some(CLIENT_ID), None, &known),
            prove(Some(&basic(&format!("{CLIENT_ID}:"))), None, None, &known),
        ] {
            assert_eq!(result, Err(ClientAuthError::WrongSecret));
        }
    }
}

/// The texts are the token endpoint's. Client ids are public, so which of the two is wrong is no
/// secret; a disabled client is told the same as one that never was.
#[test]
fn ca_06_wrong_secrets_unknown_and_disabled_clients_get_the_stable_texts() {
    let wrong = prove(None, Some(CLIENT_ID), Some("wrong"), &confidential()).unwrap_err();
    assert_eq!(wrong.to_string(), "Invalid client secret");
    let credentials = ClientCredentials::read(None, Some(CLIENT_ID), Some(SECRET)).unwrap();
    let unknown = credentials.prove_confidential(None).unwrap_err();
    assert_eq!(unknown.to_string(), "Invalid client");
    let disabled = Client { status: ClientStatus::Disabled, ..confidential() };
    assert_eq!(prove(None, Some(CLIENT_ID), Some(SECRET), &disabled), Err(unknown));
}

#[test]
fn ca_08_a_header_that_cannot_be_read_names_no_client() {
    let long = basic(&"x".repeat(100 * 1024));
    for header in [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Bearer abc",
        "Basic\tAAAA",
        &basic("no colon"),
        &basic(":secret"),
        &basic("a b:secret"),
        &basic("%00:secret"),
        &format!("Basic {}", STANDARD.encode([0xff, b':', 0xfe])),
        &long,
    ] {
        let error = ClientCredentials::read(Some(header), None, None).err();
        assert_eq!(error, Some(ClientAuthError::UnknownClient), "{header:.40}");
    }
}

#[test]
fn ca_08_id_and_secret_are_decoded_exactly_once() {
    for (sent, secret) in [
        ("a%3Ab", "a:b"),
        ("a%253Ab", "a%3Ab"),
        ("a+b%20c", "a b c"),
        ("100%", "100%"),
        ("a&b=c:d", "a&b=c:d"),
    ] {
        let secrets = vec![digest(secret)];
        let known = Client { client_type: ClientType::Confidential { secrets }, ..app() };
        let header = basic(&format!("{CLIENT_ID}:{sent}"));
        assert_eq!(prove(Some(&header), None, None, &known), Ok(Method::Basic), "{sent}");
    }
}

#[test]
fn ca_08_the_base64_of_published_clients_is_understood() {
    let secret = "a?b>c~secret?>";
    let known =
        Client { client_type: ClientType::Confidential { secrets: vec![digest(secret)] }, ..app() };
    let text = format!("{CLIENT_ID}:{secret}");
    for encoded in
        [STANDARD.encode(&text), STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)]
    {
        for scheme in ["Basic", "basic", "BASIC"] {
            let header = format!("{scheme} {encoded}");
            assert_eq!(prove(Some(&header), None, None, &known), Ok(Method::Basic), "{header}");
        }
    }
}

#[test]
fn ca_17_two_secrets_are_good_while_the_owner_changes_them_and_no_third() {
    let secrets = vec![digest("old"), digest("new")];
    let known = Client { client_type: ClientType::Confidential { secrets }, ..app() };
    for (secret, believed) in [("old", true), ("new", true), ("older", false)] {
        let result = prove(None, Some(CLIENT_ID), Some(secret), &known);
        assert_eq!(result.is_ok(), believed, "{secret}");
    }
}

/// Who is believed at an endpoint that is for public clients as well.
fn prove_any(client_secret: Option<&str>, known: &Client) -> Result<(), ClientAuthError> {
    let credentials = ClientCredentials::read(None, Some(CLIENT_ID), client_secret)?;
    credentials.prove(Some(known)).map(|_| ())
}

#[test]
fn ca_03_where_public_clients_call_a_confidential_one_still_needs_its_secret() {
    assert_eq!(prove_any(Some(SECRET), &confidential()), Ok(()));
    for secret in [None, Some(""), Some("wrong")] {
        let wrong = Err(ClientAuthError::WrongSecret);
        assert_eq!(prove_any(secret, &confidential()), wrong, "{secret:?}");
    }
}

#[test]
fn ca_04_a_public_client_is_believed_by_its_name_and_not_with_a_secret() {
    assert_eq!(prove_any(None, &app()), Ok(()));
    for secret in ["", SECRET] {
        let wrong = Err(ClientAuthError::WrongSecret);
        assert_eq!(prove_any(Some(secret), &app()), wrong, "{secret}");
    }
    let header = basic(&format!("{CLIENT_ID}:"));
    let credentials = ClientCredentials::read(Some(&header), None, None).unwrap();
    let refused = credentials.prove(Some(&app())).err();
    assert_eq!(refused, Some(ClientAuthError::WrongSecret));
}

#[test]
fn ca_06_a_public_client_that_is_not_there_not_named_or_shut_is_unknown() {
    let unknown = Err(ClientAuthError::UnknownClient);
    let disabled = Client { status: ClientStatus::Disabled, ..app() };
    let another = Client { id: client_id("another"), ..app() };
    for known in [&disabled, &another] {
        assert_eq!(prove_any(None, known), unknown);
    }
    let credentials = ClientCredentials::read(None, Some(CLIENT_ID), None).unwrap();
    assert_eq!(credentials.prove(None).err(), Some(ClientAuthError::UnknownClient));
}

/// What the token endpoint makes of it: the values of RFC 6749 §5.2.
#[test]
fn ca_01_ca_06_each_error_has_its_value_at_the_token_endpoint() {
    use hallpass_protocol::token::TokenError;
    for (error, told) in [
        (ClientAuthError::TwoMethods, "invalid_request: Use one method of client authentication"),
        (ClientAuthError::UnknownClient, "invalid_client: Invalid client"),
        (ClientAuthError::WrongSecret, "invalid_client: Invalid client secret"),
    ] {
        assert_eq!(TokenError::from(error).to_string(), told);
    }
}
