//! What holds whatever is sent.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hallpass_protocol::access_token::{self, Claims, NotOurs, TokenSubject};
use hallpass_protocol::authorize::Verdict;
use hallpass_protocol::authorize::{AuthorizationQuery, Policy, UnknownScopes};
use hallpass_protocol::client_auth::ClientCredentials;
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::id_token::Hint;
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClaimSet, CodeKey, GrantType, RedirectUri, RedirectUriPolicy,
    RefreshToken, Scope, ScopeSet, Secret, Timestamp,
};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::revoke;
use hallpass_protocol::token::TokenRequest;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::*;

const HERE: RedirectUriPolicy = RedirectUriPolicy { localhost: true };

/// Queries made of what means something, so that many get past the first check.
fn query() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("client_id"),
        Just("redirect_uri"),
        Just("response_type"),
        Just("scope"),
        Just("state"),
        Just("show_dialog"),
        Just("response_mode"),
        Just("request"),
        Just("prompt"),
        Just("max_age"),
        Just("nonce"),
        Just("claims"),
        Just("id_token_hint"),
        Just("x"),
        Just("scope[]"),
        Just("st%61te"),
        Just("%"),
    ];
    let value = prop_oneof![
        Just(CLIENT_ID.to_owned()),
        Just(CALLBACK.to_owned()),
        Just("http://127.0.0.1:5000/cb".to_owned()),
        Just("token".to_owned()),
        Just("code%20id_token%20token".to_owned()),
        Just("openid%20email".to_owned()),
        Just("{%22id_token%22:{%22email%22:null,%22sub%22:{%22value%22:%22x%22}}}".to_owned()),
        "\\{%22(id_token|userinfo)%22:\\{%22(acr|sub|name)%22:[ -~]{0,9}",
        Just("streaming%20user-top-read".to_owned()),
        Just("true".to_owned()),
        "[ -~]{0,12}",
        "\\PC{0,8}",
        "(%[0-9a-fA-F]{2}){0,8}",
    ];
    let pairs = prop::collection::vec((name, value), 0..8);
    (pairs, 0..4_u8).prop_map(|(pairs, base)| {
        let extra: String = pairs.iter().map(|(name, value)| format!("&{name}={value}")).collect();
        match base {
            0 => extra,
            1 => ask(&[]) + &extra,
            2 => openid_request() + &extra,
            _ => ask(&[("redirect_uri", "http://127.0.0.1:5000/cb")]) + &extra,
        }
    })
}

/// A good one for everything at once.
fn openid_request() -> String {
    let everything = ("response_type", "code id_token token");
    ask_code(&[everything, ("scope", "openid"), ("nonce", "n")])
}

fn storyteller() -> Story {
    let mut story = Story::approved("streaming user-top-read openid email");
    story.app().grant_types = GrantType::ALL.into_iter().collect();
    story.app().redirect_uris.push(redirect_uri("http://127.0.0.1/cb"));
    story.policy = Policy { unknown_scopes: UnknownScopes::Ignore, ..story.policy };
    story
}

fn is_well_formed(location: &str, uri: &str) {
    assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{location}");
    let ours = location.strip_prefix(uri).expect("it begins with the proven redirect URI");
    assert!(location.matches('#').count() <= 1, "{location}");
    let pairs = ours.trim_start_matches(['?', '#', '&']).trim_end_matches('#');
    for pair in pairs.split('&') {
        assert_eq!(pair.matches('=').count(), 1, "{pair} in {location}");
    }
}

fn claims() -> impl Strategy<Value = Claims> {
    let own = Just((TokenSubject::Client, None));
    let persons = (any::<u128>(), prop::option::of(1..u128::MAX)).prop_map(|(account, consent)| {
        let account = AccountId::from_uuid(uuid::Uuid::from_u128(account));
        let consent = consent.map(uuid::Uuid::from_u128).map(AuthorizationId::from_uuid);
        (TokenSubject::Account(account), consent)
    });
    let subject = prop_oneof![own, persons];
    let scopes = prop::collection::vec("[!#-\\[\\]-~]{1,20}", 0..8);
    let times = (-1_i64 << 40..1 << 40, -1_i64 << 40..1 << 40);
    ("[A-Za-z0-9._~-]{1,35}", subject, any::<u128>(), scopes, "\\PC{0,60}", times).prop_map(
        |(client, (subject, consent), family, scopes, audience, (issued, expires))| Claims {
            client: client_id(&client),
            subject,
            consent,
            authorization: AuthorizationId::from_uuid(uuid::Uuid::from_u128(family)),
            scopes: scopes.iter().map(|scope| Scope::parse(scope).unwrap()).collect(),
            userinfo: ClaimSet::EMPTY,
            audience,
            issued_at: Timestamp::from_seconds(issued),
            expires_at: Timestamp::from_seconds(expires),
        },
    )
}

/// The same cases every time, and no file of past failures: what once failed becomes a story.
pub(crate) fn settled() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(settled())]

    #[test]
    fn no_text_makes_the_parser_panic(raw in "\\PC{0,400}") {
        let _ = AuthorizationQuery::parse(&raw);
    }

    #[test]
    fn nobody_is_redirected_unless_client_and_redirect_uri_are_proven(raw in query()) {
        let story = storyteller();
        let parsed = AuthorizationQuery::parse(&raw).unwrap();
        let location = match story.authorize(&raw) {
            Outcome::Token(location) | Outcome::Error(location) => location,
            Outcome::Code(location, _) => location,
            _ => return Ok(()),
        };
        let uri = parsed.redirect_uri.once().expect("sent once");
        prop_assert_eq!(parsed.client_id.once().map(String::as_str), Some(CLIENT_ID));
        prop_assert!(uri == CALLBACK || uri == "http://127.0.0.1:5000/cb");
        is_well_formed(location.as_str(), uri);
    }

    #[test]
    fn a_host_that_may_be_registered_is_one_that_a_browser_reads_as_it_is_written(
        host in "([a-z0-9-]{0,5}|xn--[a-z0-9-]{0,5}|[0-9]{1,3}|0x[0-9a-f]{1,2})(\\.([a-z0-9-]{0,3}|[0-9]{1,3}|xn--[a-z]{1,3}|0x1)){0,3}",
        port in "|:[0-9]{0,6}",
    ) {
        let text = format!("https://{host}{port}/cb");
        if RedirectUri::register(&text, RedirectUriPolicy { localhost: false }).is_ok() {
            let url = url::Url::parse(&text).expect("what a browser can read");
            prop_assert_eq!(url.host_str(), Some(host.as_str()));
        }
    }

    #[test]
    fn no_arbitrary_text_is_ever_redirected(raw in "\\PC{0,200}") {
        let outcome = Story::approved("").authorize(&raw);
        prop_assert!(matches!(outcome, Outcome::Page(_)));
    }

    #[test]
    fn a_state_comes_back_byte_for_byte(state in prop::collection::vec(any::<u8>(), 1..200)) {
        let escaped: String = state.iter().map(|byte| format!("%{byte:02X}")).collect();
        let request = ask(&[]) + "&state=" + &escaped;
        let story = Story::approved("");
        let token = story.authorize(&request).token();
        prop_assert_eq!(token.bytes("state"), Some(state.clone()));
        let denial = story.answer(&request, Verdict::Deny).error();
        prop_assert_eq!(denial.bytes("state"), Some(state));
        is_well_formed(token.as_str(), CALLBACK);
        is_well_formed(denial.as_str(), CALLBACK);
    }

    #[test]
    fn a_nonce_comes_back_letter_for_letter(nonce in "\\PC{1,120}") {
        let request = ask_code(&[
            ("response_type", "id_token"), ("scope", "openid"), ("nonce", &nonce),
        ]);
        let location = storyteller().authorize(&request).token();
        let id_token = read(location.raw("id_token").unwrap());
        prop_assert_eq!(id_token.text("nonce"), Some(&*nonce));
    }

    #[test]
    fn no_text_makes_the_reader_of_hints_panic_or_believe_it(text in "\\PC{1,200}|[A-Za-z0-9_-]{1,80}(\\.[A-Za-z0-9_-]{0,80}){1,4}") {
        prop_assert_eq!(Hint::read(&text, &Story::begins().issuer()), None);
    }

    #[test]
    fn registering_never_panics_and_lets_nothing_dangerous_in(
        text in prop_oneof![
            "\\PC{0,60}",
            "(https?|[a-z.+-]{1,8}|javascript)(:|://|:/)[!-~]{0,40}",
            "https://[a-z;,'!$()=+_~.\\[\\]:@%0-9-]{1,20}(/[!-~]{0,20})?",
        ],
    ) {
        let Ok(uri) = RedirectUri::register(&text, HERE) else { return Ok(()) };
        prop_assert_eq!(uri.as_str(), text.as_str());
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
        prop_assert!(!text.contains(['#', '*', '\\', '"', '<', '>', '`']));
        let lower = text.to_ascii_lowercase();
        for scheme in ["javascript:", "data:", "vbscript:", "file:", "blob:", "about:"] {
            prop_assert!(!lower.starts_with(scheme));
        }
        prop_assert!(uri.admits(&text));
        prop_assert_eq!(RedirectUri::from_stored(&text), Some(uri));
    }

    #[test]
    fn whatever_is_registered_can_be_shown_and_named_in_a_policy_of_the_page(
        text in "(https://[a-z0-9.-]{1,12}|https?://127.0.0.1|http://localhost|[a-z][a-z.+-]{0,8}:/?/?)(:[0-9]{1,5})?[/?]?[!-~]{0,24}",
    ) {
        let Ok(uri) = RedirectUri::register(&text, HERE) else { return Ok(()) };
        let mut story = Story::signed_in();
        story.app().redirect_uris = vec![uri];
        let request = ask(&[("redirect_uri", &text)]);
        let dialog = story.authorize(&request).dialog();
        prop_assert!(!dialog.origin.contains([';', ',', '\'', '"', '@', '?']), "{}", dialog.origin);
        prop_assert!(text.starts_with(dialog.origin.trim_end_matches(':')));
        is_well_formed(story.answer(&request, Verdict::Approve).token().as_str(), &text);
        is_well_formed(story.answer(&request, Verdict::Deny).error().as_str(), &text);
    }

    #[test]
    fn what_was_sealed_is_what_is_opened(claims in claims(), seed in any::<u8>()) {
        let keys = keys(seed);
        let token = access_token::seal(&claims, keys.active(claims.issued_at), &mut Counted(seed));
        prop_assert_eq!(access_token::open(token.reveal(), &keys), Ok(claims));
    }

    #[test]
    fn a_token_that_was_changed_is_not_ours(
        claims in claims(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let keys = keys(1);
        let token = access_token::seal(&claims, keys.active(claims.issued_at), &mut Counted(1));
        let mut changed = token.reveal().as_bytes().to_vec();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        let Ok(changed) = String::from_utf8(changed) else { return Ok(()) };
        prop_assert_eq!(access_token::open(&changed, &keys), Err(NotOurs));
    }

    #[test]
    fn a_list_of_scopes_is_read_as_it_is_written(
        names in prop::collection::vec("[!#-\\[\\]-~]{1,10}", 0..20),
    ) {
        let set: ScopeSet = names.iter().map(|name| Scope::parse(name).unwrap()).collect();
        prop_assert_eq!(ScopeSet::parse(&set.to_string()), Ok(set));
    }

    #[test]
    fn no_authorization_header_makes_the_reader_panic(
        text in "\\PC{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let _ = ClientCredentials::read(Some(&text), None, None);
        let _ = ClientCredentials::read(Some(&format!("Basic {text}")), Some(&text), Some(&text));
        let header = format!("Basic {}", STANDARD.encode(bytes));
        let _ = ClientCredentials::read(Some(&header), None, None);
    }

    #[test]
    fn no_form_makes_the_reader_of_token_requests_panic(
        grant in prop_oneof![
            Just("authorization_code".to_owned()), Just("refresh_token".to_owned()),
            Just("client_credentials".to_owned()), Just("implicit".to_owned()), "\\PC{0,30}",
        ],
        values in prop::collection::hash_map(
            prop_oneof![
                Just("code"), Just("redirect_uri"), Just("code_verifier"), Just("refresh_token"),
                Just("scope"), Just("state"),
            ],
            "\\PC{0,60}", 0..6,
        ),
    ) {
        let field = |name: &str| match name {
            "grant_type" => Some(grant.as_str()),
            name => values.get(name).map(String::as_str),
        };
        match TokenRequest::read(field) {
            Ok(request) => prop_assert_eq!(request.grant.grant_type().as_str(), grant),
            // RFC 6749 §5.2: characters of %x20-21 / %x23-5B / %x5D-7E.
            Err(error) => prop_assert!(error.description.bytes().all(
                |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)
            )),
        }
    }

    #[test]
    fn no_text_makes_the_readers_of_secrets_panic_or_believe_it(text in "(hp[acr]_)?\\PC{0,200}") {
        let keys = keys(1);
        let secret = Secret::presented(text.as_str());
        prop_assert_eq!(access_token::open(&text, &keys), Err(NotOurs));
        prop_assert_eq!(keys.open_refresh_token(&secret), None);
        prop_assert_eq!(revoke::read(&secret, &app(), &keys), revoke::Presented::Nothing);
        let _ = CodeKey::of(&secret);
        prop_assert_eq!(SealedCode::open(&secret, &keys), None);
        let _ = CodeChallenge::parse(&text);
    }

    #[test]
    fn a_refresh_token_is_what_it_was_sealed_as_and_changed_it_is_none(
        family in any::<u128>(), generation in any::<u32>(),
        at in any::<prop::sample::Index>(), byte in 0_u8..128,
    ) {
        let keys = keys(1);
        let authorization = AuthorizationId::from_uuid(uuid::Uuid::from_u128(family));
        let token = RefreshToken { authorization, generation };
        let text = keys.seal_refresh_token(token, Timestamp::from_seconds(0));
        prop_assert_eq!(keys.open_refresh_token(&text), Some(token));
        let mut changed = text.reveal().as_bytes().to_vec();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        let changed = Secret::presented(String::from_utf8(changed).unwrap());
        prop_assert_eq!(keys.open_refresh_token(&changed), None);
    }

    #[test]
    fn a_code_leads_to_its_key_and_changed_to_another_or_none(
        seed in any::<[u8; 32]>(), millis in 0_i64..1 << 47,
        at in any::<prop::sample::Index>(), byte in 0_u8..128,
    ) {
        let (code, key) = CodeKey::derive(Timestamp::from_millis(millis), &seed);
        prop_assert_eq!(CodeKey::of(&code), Some(key));
        let mut changed = code.reveal().as_bytes().to_vec();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != byte);
        changed[at] = byte;
        let changed = Secret::presented(String::from_utf8(changed).unwrap());
        prop_assert_ne!(CodeKey::of(&changed), Some(key));
    }

    #[test]
    fn only_the_verifier_that_a_challenge_was_made_of_fits(
        verifier in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}",
    ) {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        let challenge = CodeChallenge::parse(&URL_SAFE_NO_PAD.encode(hash)).unwrap();
        prop_assert!(challenge.is_met_by(&verifier));
        prop_assert_eq!(challenge.is_met_by(&other), other == verifier);
    }
}
