//! OpenID Connect RP-Initiated Logout 1.0: who is signed out, who is asked, and where the browser goes. By
//! section; names that begin with an id are rows of the list of refusals.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::logout::{
    Confirmation, Decision, Facts, LogoutQuery, LogoutRefusal, MAX_STATE, Onward, Wish, decide,
};
use hallpass_protocol::model::{Client, ClientStatus, RedirectUriPolicy, SignedIn};
use url::form_urlencoded::Serializer;

use super::support::house::{AFTERWARDS, House, openid_app, read};
use super::support::{CLIENT_ID, account, browser_of, redirect_uri};

/// Ada is signed in at her laptop, and the app's request comes from there.
struct Door {
    house: House,
    client: Option<Client>,
    signed_in: Option<SignedIn>,
    confirmation: Confirmation,
}

/// What came of a request.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Refused(LogoutRefusal),
    Asked { names_the_app: bool },
    SignedOut(Option<String>),
    GoneOn(Option<String>),
}

fn address(onward: &Onward) -> Option<String> {
    match onward {
        Onward::Page => None,
        Onward::Client(redirect) => Some(redirect.as_str().to_owned()),
    }
}

impl Door {
    fn opens() -> Self {
        Self {
            house: House::of(1),
            client: Some(openid_app()),
            signed_in: Some(ada()),
            confirmation: Confirmation::NotAsked,
        }
    }

    /// What the app got when Ada signed in.
    fn hint(&self) -> String {
        self.house.id_token(&openid_app(), &ada())
    }

    fn knock(&self, parameters: &[(&str, &str)]) -> Outcome {
        self.knock_raw(&Serializer::new(String::new()).extend_pairs(parameters).finish())
    }

    fn knock_raw(&self, raw: &str) -> Outcome {
        let issuer = self.house.issuer();
        let read = LogoutQuery::parse(raw).and_then(|query| {
            let wish = Wish::read(&query, &issuer)?;
            Ok((query, wish))
        });
        let (query, wish) = match read {
            Ok(read) => read,
            Err(refusal) => return Outcome::Refused(refusal),
        };
        let client = self.client.as_ref().filter(|client| wish.client() == Some(&client.id));
        let facts = Facts { client, signed_in: self.signed_in.as_ref() };
        match decide(&query, &wish, facts, &issuer, self.confirmation) {
            Decision::Refuse(refusal) => Outcome::Refused(refusal),
            Decision::Ask(question) => Outcome::Asked { names_the_app: question.client.is_some() },
            Decision::SignOut(_, onward) => Outcome::SignedOut(address(&onward)),
            Decision::GoOn(onward) => Outcome::GoneOn(address(&onward)),
        }
    }
}

fn ada() -> SignedIn {
    browser_of(account("ada", 50), "her laptop")
}

const REFUSED: Outcome = Outcome::Refused(LogoutRefusal::Hint);

fn somewhere(state: &str) -> Option<String> {
    Some(format!("{AFTERWARDS}{state}"))
}

/// Section 2: with the ID token of the current session nobody needs to be asked. Section 3: "If supplied, the
/// OP SHOULD honor this request following the logout."
#[test]
fn section_2_who_is_meant_is_signed_out_at_once() {
    let door = Door::opens();
    let hint = door.hint();
    assert_eq!(door.knock(&[("id_token_hint", &hint)]), Outcome::SignedOut(None));
    let afterwards = [("id_token_hint", &*hint), ("post_logout_redirect_uri", AFTERWARDS)];
    assert_eq!(door.knock(&afterwards), Outcome::SignedOut(somewhere("")));
    let with_client = [&afterwards[..], &[("client_id", CLIENT_ID)]].concat();
    assert_eq!(door.knock(&with_client), Outcome::SignedOut(somewhere("")));
}

/// Section 2: "The OP SHOULD accept ID Tokens when the RP identified by the ID Token's aud claim and/or sid
/// claim has a current session or had a recent session at the OP, even when the exp time has passed."
#[test]
fn section_2_a_hint_does_not_expire() {
    let door = Door::opens();
    let (header, payload) = read(&door.hint());
    let old = payload.replace("\"exp\":17", "\"exp\":1");
    assert_ne!(old, payload);
    let old = door.house.signed(&header, &old);
    assert_eq!(door.knock(&[("id_token_hint", &old)]), Outcome::SignedOut(None));
}

/// Section 2: "the OP MUST ask the End-User this question if an id_token_hint was not provided".
#[test]
fn section_2_without_a_hint_the_person_is_asked() {
    let mut door = Door::opens();
    let by_name = [("client_id", CLIENT_ID), ("post_logout_redirect_uri", AFTERWARDS)];
    assert_eq!(door.knock(&[]), Outcome::Asked { names_the_app: false });
    assert_eq!(door.knock(&by_name), Outcome::Asked { names_the_app: true });
    assert_eq!(door.knock(&[("logout_hint", "ada")]), Outcome::Asked { names_the_app: false });

    door.confirmation = Confirmation::Given;
    assert_eq!(door.knock(&[]), Outcome::SignedOut(None));
    assert_eq!(door.knock(&by_name), Outcome::SignedOut(somewhere("")));
}

/// Section 2: "or if the supplied ID Token does not belong to the current OP session with the RP and/or
/// currently logged in End-User".
#[test]
fn lo_05_the_hint_of_another_person_or_session_signs_nobody_out_unasked() {
    let mut door = Door::opens();
    let request = [("id_token_hint", &*door.hint()), ("post_logout_redirect_uri", AFTERWARDS)]
        .map(|(name, value)| (name, value.to_owned()));
    let request = request.each_ref().map(|(name, value)| (*name, value.as_str()));
    for other in
        [browser_of(account("ben", 90), "her laptop"), browser_of(account("ada", 50), "her phone")]
    {
        door.signed_in = Some(other);
        door.confirmation = Confirmation::NotAsked;
        assert_eq!(door.knock(&request), Outcome::Asked { names_the_app: true });
        door.confirmation = Confirmation::Given;
        assert_eq!(door.knock(&request), Outcome::SignedOut(somewhere("")));
    }
}

/// Section 2: where nobody is signed in there is nobody to ask.
#[test]
fn section_2_where_nobody_is_signed_in_the_browser_goes_on() {
    let door = Door { signed_in: None, ..Door::opens() };
    let hint = door.hint();
    assert_eq!(door.knock(&[]), Outcome::GoneOn(None));
    let afterwards = [("id_token_hint", &*hint), ("post_logout_redirect_uri", AFTERWARDS)];
    assert_eq!(door.knock(&afterwards), Outcome::GoneOn(somewhere("")));
}

#[test]
fn lo_01_a_bad_hint_is_refused_the_same_whatever_is_wrong_with_it() {
    let mut door = Door::opens();
    let hint = door.hint();
    let (header, payload) = read(&hint);
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let none = format!("{}.{}.", encode(r#"{"alg":"none","typ":"JWT"}"#), encode(&payload));
    let other = |from: &str, to: &str| {
        let changed = payload.replace(from, to);
        assert_ne!(changed, payload, "{from}");
        door.house.signed(&header, &changed)
    };
    let bad = [
        none,
        House::of(2).id_token(&openid_app(), &ada()),
        other(CLIENT_ID, "another-client"),
        other(&format!("\"aud\":\"{CLIENT_ID}\""), &format!("\"aud\":[\"{CLIENT_ID}\"]")),
        other("https://accounts.example", "https://other.example"),
        other("\"sid\"", "\"xid\""),
        door.house.signed(&header, &format!("[{payload}]")),
        door.house.signed(&header, "[]"),
        door.house.signed(&header, "\"text\""),
        hint[..hint.len() - 2].to_owned(),
        format!("{hint}."),
        "x".repeat(20 * 1024),
        "x".repeat(1024 * 1024),
        "a.b.c".to_owned(),
        "%00".to_owned(),
    ];
    for hint in &bad {
        let start = &hint[..hint.len().min(40)];
        assert_eq!(door.knock(&[("id_token_hint", hint)]), REFUSED, "{start}");
        let with_address =
            [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTERWARDS)];
        assert_eq!(door.knock(&with_address), REFUSED, "{start}");
    }
    door.client = Some(Client { status: ClientStatus::Disabled, ..openid_app() });
    assert_eq!(door.knock(&[("id_token_hint", &hint)]), REFUSED, "its client is shut");
    door.client = None;
    assert_eq!(door.knock(&[("id_token_hint", &hint)]), REFUSED, "its client is gone");
}

/// Section 2: "When both client_id and id_token_hint are present, the OP MUST verify that the Client Identifier
/// matches".
#[test]
fn section_2_another_client_than_the_hints_is_refused() {
    let door = Door::opens();
    let hint = door.hint();
    for client in ["another-client", "no id at all!", &CLIENT_ID.to_uppercase()] {
        let request = [("id_token_hint", &*hint), ("client_id", client)];
        assert_eq!(door.knock(&request), Outcome::Refused(LogoutRefusal::Client), "{client}");
    }
    let unknown = door.knock(&[("client_id", "another-client")]);
    assert_eq!(unknown, Outcome::Refused(LogoutRefusal::Client));
}

/// Section 3: "The OP MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied
/// does not exactly match one of the previously registered post_logout_redirect_uris values."
#[test]
fn lo_02_only_a_registered_address_is_gone_to_and_nobody_is_signed_out_for_another() {
    let mut door = Door::opens();
    let hint = door.hint();
    for address in [
        "https://example.com/",
        "https://example.com/signed",
        "https://example.com/signed-out/",
        "https://example.com/signed-out?a=b",
        "https://example.com/signed-out?",
        "https://example.com/signed-out#x",
        "https://example.com:443/signed-out",
        "HTTPS://example.com/signed-out",
        "https://example.com.evil.example/signed-out",
        "https://example.com@evil.example/signed-out",
        "https://evil.example/",
        "//evil.example",
        "/signed-out",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://example.com/callback",
        "\u{0}",
    ] {
        for request in [
            [("id_token_hint", &*hint), ("post_logout_redirect_uri", address)],
            [("client_id", CLIENT_ID), ("post_logout_redirect_uri", address)],
        ] {
            let refused = Outcome::Refused(LogoutRefusal::RedirectUri);
            assert_eq!(door.knock(&request), refused, "{address}");
        }
    }
    let without_client = [("post_logout_redirect_uri", AFTERWARDS)];
    let refused = Outcome::Refused(LogoutRefusal::RedirectUri);
    assert_eq!(door.knock(&without_client), refused, "whose address is it?");
    door.confirmation = Confirmation::Given;
    assert_eq!(door.knock(&without_client), refused);
    door.signed_in = None;
    assert_eq!(door.knock(&without_client), refused);
}

/// RFC 8252 §7.3 frees the port of a redirect URI, not that of this address; and what the operator does not
/// permit any more is not gone to.
#[test]
fn lo_02_a_loopback_address_is_gone_to_as_it_is_registered_and_while_it_is_permitted() {
    let mut door = Door::opens();
    let mut client = openid_app();
    client.openid.post_logout_redirect_uris =
        vec![redirect_uri("http://127.0.0.1/out"), redirect_uri("http://localhost:9/out")];
    door.client = Some(client);
    let hint = door.hint();
    let knock = |door: &Door, address: &str| {
        door.knock(&[("id_token_hint", &hint), ("post_logout_redirect_uri", address)])
    };
    let refused = Outcome::Refused(LogoutRefusal::RedirectUri);
    let gone_to = Outcome::SignedOut(Some("http://127.0.0.1/out".to_owned()));
    assert_eq!(knock(&door, "http://127.0.0.1/out"), gone_to);
    assert_eq!(knock(&door, "http://127.0.0.1:8080/out"), refused);
    let gone_to = Outcome::SignedOut(Some("http://localhost:9/out".to_owned()));
    assert_eq!(knock(&door, "http://localhost:9/out"), gone_to);
    door.house.policy.redirect_uris = RedirectUriPolicy { localhost: false };
    assert_eq!(knock(&door, "http://localhost:9/out"), refused);
}

/// Section 2: "If included in the logout request, the OP passes this value back to the RP using the state
/// parameter when redirecting".
#[test]
fn lo_08_a_state_comes_back_as_it_was_and_breaks_nothing() {
    let mut door = Door::opens();
    let hint = door.hint();
    let knock = |door: &Door, address: &str, state: &str| {
        door.knock(&[
            ("id_token_hint", &hint),
            ("post_logout_redirect_uri", address),
            ("state", state),
        ])
    };
    for (state, sent) in [
        ("xyz-._~", "xyz-._~"),
        ("a b+c&d=e#f", "a%20b%2Bc%26d%3De%23f"),
        ("\r\nSet-Cookie: a=b", "%0D%0ASet-Cookie%3A%20a%3Db"),
        ("<script>\"'", "%3Cscript%3E%22%27"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("%41", "%2541"),
    ] {
        let gone_to = Outcome::SignedOut(somewhere(&format!("?state={sent}")));
        assert_eq!(knock(&door, AFTERWARDS, state), gone_to, "{state:?}");
    }
    assert_eq!(knock(&door, AFTERWARDS, ""), Outcome::SignedOut(somewhere("")));
    let too_long = "s".repeat(MAX_STATE + 1);
    let refused = Outcome::Refused(LogoutRefusal::Unreadable);
    assert_eq!(knock(&door, AFTERWARDS, &too_long), refused);
    assert!(matches!(knock(&door, AFTERWARDS, &too_long[1..]), Outcome::SignedOut(Some(_))));

    let with_query = "https://example.com/?out=1";
    let mut client = openid_app();
    client.openid.post_logout_redirect_uris = vec![redirect_uri(with_query)];
    door.client = Some(client);
    let gone_to = Outcome::SignedOut(Some("https://example.com/?out=1&state=s".to_owned()));
    assert_eq!(knock(&door, with_query, "s"), gone_to);
}

#[test]
fn lo_03_a_parameter_that_comes_twice_or_cannot_be_read_is_refused() {
    let door = Door::opens();
    let refused = Outcome::Refused(LogoutRefusal::Unreadable);
    for raw in [
        "state=a&state=a",
        "client_id=a&client_id=b",
        "colour=red&colour=blue",
        "st%61te=a&state=b",
        "state=%ff",
        "%ff=a",
        &(0..101).map(|number| format!("p{number}=x")).collect::<Vec<_>>().join("&"),
    ] {
        assert_eq!(door.knock_raw(raw), refused, "{raw}");
    }
    let asked = Outcome::Asked { names_the_app: false };
    for raw in ["", "&&", "state=&state=&id_token_hint=", "ui_locales=sv&unknown=x", "client_id"] {
        assert_eq!(door.knock_raw(raw), asked, "{raw}");
    }
}

/// Content Security Policy 3 §6.3.2: the page that asks must name where its form may lead in the end.
#[test]
fn az_55_the_page_that_asks_lets_its_form_lead_to_the_client() {
    let door = Door::opens();
    for (address, source) in [
        (AFTERWARDS, Some("https://example.com")),
        ("http://127.0.0.1:9/out", Some("http://127.0.0.1:9")),
        ("http://[::1]:9/out", Some("http:")),
        ("com.example.app:/out", Some("com.example.app:")),
        ("", None),
    ] {
        let mut client = openid_app();
        if !address.is_empty() {
            client.openid.post_logout_redirect_uris = vec![redirect_uri(address)];
        }
        let parameters = [("client_id", CLIENT_ID), ("post_logout_redirect_uri", address)];
        let raw = Serializer::new(String::new()).extend_pairs(parameters).finish();
        let query = LogoutQuery::parse(&raw).unwrap();
        let wish = Wish::read(&query, &door.house.issuer()).unwrap();
        let facts = Facts { client: Some(&client), signed_in: door.signed_in.as_ref() };
        let issuer = door.house.issuer();
        let decision = decide(&query, &wish, facts, &issuer, Confirmation::NotAsked);
        let Decision::Ask(question) = decision else { panic!("{decision:?}") };
        assert_eq!(question.onward.form_action_source().as_deref(), source, "{address}");
    }
}
