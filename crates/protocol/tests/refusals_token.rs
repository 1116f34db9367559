//! Attacks and bad input at the token endpoint (TK), as far as rules alone show them; what needs HTTP or
//! a store is shown by the tests of those.

use std::time::Duration;

use hallpass_protocol::access_token::{self, TokenSubject};
use hallpass_protocol::code::PresentedCode;
use hallpass_protocol::model::{
    AccountId, AccountStatus, AuthorizationId, ClientId, ClientStatus, ClientType, CodeKey,
    GrantType, Secret,
};

use crate::support::*;

#[test]
fn tk_01_a_replayed_code_ends_its_own_family_and_no_other() {
    let mut desk = Desk::opens();
    let other = desk.session();
    let code = desk.code();
    let first = desk.exchange(&code, &[]).unwrap();
    assert_eq!(desk.exchange(&code, &[]), invalid_grant("Invalid authorization code"));
    assert_eq!(desk.check(&first), None);
    let refused = desk.refresh(first.refresh_token.as_ref().unwrap(), &[]);
    assert_eq!(refused, invalid_grant("Refresh token revoked"));
    assert!(desk.check(&other).is_some());
    desk.refresh(other.refresh_token.as_ref().unwrap(), &[]).unwrap();
}

#[test]
fn tk_03_who_cannot_prove_to_be_the_client_cannot_end_its_tokens() {
    let mut desk = Desk::opens();
    let code = desk.code();
    let tokens = desk.exchange(&code, &[]).unwrap();
    for wrong in [
        ("code_verifier", "x"),
        ("code_verifier", ""),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", ""),
    ] {
        assert_eq!(desk.exchange(&code, &[wrong]).unwrap_err().0, "invalid_grant");
    }
    let (grants, public) = (desk.story.app().grant_types, desk.story.facts.client.take());
    desk.story.facts.client = Some(app().into());
    desk.story.app().grant_types = grants;
    desk.story.app().id = client_id("another");
    let refused = desk.exchange(&code, &[("client_id", "another")]);
    assert_eq!(refused, invalid_grant("Invalid authorization code"));
    desk.story.facts.client = public;
    assert!(desk.check(&tokens).is_some());
    desk.refresh(tokens.refresh_token.as_ref().unwrap(), &[]).unwrap();
}

#[test]
fn tk_04_a_code_of_one_client_is_unknown_to_another() {
    let mut desk = Desk::opens();
    let code = desk.code();
    desk.story.app().id = client_id("another");
    let refused = desk.exchange(&code, &[("client_id", "another")]);
    assert_eq!(refused, invalid_grant("Invalid authorization code"));
    desk.story.app().id = client_id(CLIENT_ID);
    desk.exchange(&code, &[]).unwrap();
}

#[test]
fn tk_05_what_is_no_code_or_another_kinds_secret_is_refused() {
    let mut desk = Desk::opens();
    let tokens = desk.session();
    let code = desk.code();
    let refresh_token = tokens.refresh_token.unwrap();
    let form = desk.story.form(&ask_code(&[]));
    let renamed = refresh_token.replacen("hpr_", "hpc_", 1);
    let mut wrong = vec![
        "x".to_owned(),
        "hpc_".to_owned(),
        code.to_uppercase(),
        code[1..].to_owned(),
        format!("{code}A"),
        format!("{code}="),
        format!(" {code}"),
        "A".repeat(1 << 20),
        tokens.access_token,
        refresh_token,
        renamed,
        form.clone(),
        format!("hpc_{form}"),
    ];
    wrong.extend((1..code.len()).map(|length| code[..length].to_owned()));
    for text in wrong {
        let refused = desk.exchange(&text, &[]);
        assert_eq!(refused, invalid_grant("Invalid authorization code"), "{text:.60}");
    }
    desk.exchange(&code, &[]).unwrap();
}

#[test]
fn tk_06_a_code_is_over_after_sixty_seconds() {
    let mut desk = Desk::opens();
    let code = desk.code();
    desk.wait(Duration::from_secs(61));
    assert_eq!(desk.exchange(&code, &[]), invalid_grant("Authorization code expired"));
}

#[test]
fn tk_07_ru_27_a_redirect_uri_that_differs_in_one_byte_is_refused() {
    let mut desk = Desk::opens();
    let code = desk.code();
    for wrong in ["", "https://example.com/callbacl", "https://example.com/callback?"] {
        let refused = desk.exchange(&code, &[("redirect_uri", wrong)]);
        assert_eq!(refused, invalid_grant("Invalid redirect URI"), "{wrong}");
    }
}

/// Something that happens to what is on record.
pub(crate) type Change = fn(&mut Desk);

/// What may happen between two calls, that takes the person's leave away.
pub(crate) const LOSSES: [(&str, Change); 5] = [
    ("the account was shut", |desk| {
        desk.story.person().account.status = AccountStatus::Disabled;
    }),
    ("the account is gone", |desk| desk.story.facts.signed_in = None),
    ("the consent was withdrawn", |desk| desk.story.facts.consent = None),
    ("the consent was withdrawn and given again", |desk| {
        let again = AuthorizationId::mint(&mut Counted(7), NOW);
        desk.story.facts.consent.as_mut().unwrap().authorization = again;
    }),
    ("another account's consent was read", |desk| {
        desk.story.facts.consent.as_mut().unwrap().account = account("eve", 60).id;
    }),
];

#[test]
fn tk_08_a_code_is_worth_nothing_once_account_or_consent_is_gone() {
    for (what, change) in LOSSES {
        let mut desk = Desk::opens();
        let code = desk.code();
        change(&mut desk);
        let refused = desk.exchange(&code, &[]);
        assert_eq!(refused, invalid_grant("Invalid authorization code"), "{what}");
    }
    let mut desk = Desk::opens();
    let code = desk.code();
    desk.story.app().status = ClientStatus::Disabled;
    assert_eq!(desk.exchange(&code, &[]).unwrap_err().0, "invalid_client");
}

#[test]
fn tk_09_a_grant_type_is_one_that_is_offered_and_switched_on() {
    let mut desk = Desk::opens();
    let post = |desk: &mut Desk, grant| {
        desk.post(&[("client_id", CLIENT_ID), ("grant_type", grant)]).unwrap_err().0
    };
    assert_eq!(post(&mut desk, ""), "invalid_request");
    for unknown in ["implicit", "Authorization_Code", "authorization_code ", "x", "\0", "☃"] {
        assert_eq!(post(&mut desk, unknown), "unsupported_grant_type", "{unknown}");
    }
    assert_eq!(post(&mut desk, "client_credentials"), "unauthorized_client");
    let code = desk.code();
    desk.story.app().grant_types = [GrantType::RefreshToken].into_iter().collect();
    assert_eq!(desk.exchange(&code, &[]).unwrap_err().0, "unauthorized_client");
}

#[test]
fn tk_10_tk_13_there_is_no_password_and_no_assertion_grant() {
    let mut desk = Desk::opens();
    for grant in [
        "password",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        let fields = [
            ("client_id", CLIENT_ID),
            ("grant_type", grant),
            ("username", "ada"),
            ("password", "p"),
            ("assertion", "a.b.c"),
        ];
        assert_eq!(desk.post(&fields).unwrap_err().0, "unsupported_grant_type", "{grant}");
    }
}

#[test]
fn tk_11_a_client_for_itself_gets_neither_a_persons_scopes_nor_a_refresh_token() {
    let mut desk = Desk::opens();
    desk.keeps_a_secret();
    desk.story.app().grant_types = GrantType::ALL.into_iter().collect();
    let mut post = |scope| {
        desk.post(&[
            ("client_id", CLIENT_ID),
            ("client_secret", "secret"),
            ("grant_type", "client_credentials"),
            ("scope", scope),
        ])
    };
    for scope in ["openid", "offline_access", "openid offline_access"] {
        assert_eq!(post(scope).unwrap_err().0, "invalid_scope", "{scope}");
    }
    assert_eq!(post("").unwrap().refresh_token, None, "RF-13");
    desk.story.app().client_type = ClientType::Public;
    let public = desk.post(&[("client_id", CLIENT_ID), ("grant_type", "client_credentials")]);
    assert_eq!(public.unwrap_err().0, "unauthorized_client");
}

#[test]
fn tk_12_a_clients_own_token_stands_for_nobody() {
    let user = AccountId::mint(&mut Counted(1), NOW);
    assert!(ClientId::parse(user.subject().as_str()).is_err());
    let mut desk = Desk::opens();
    desk.keeps_a_secret();
    desk.story.app().grant_types = [GrantType::ClientCredentials].into_iter().collect();
    let fields = [
        ("client_id", CLIENT_ID),
        ("client_secret", "secret"),
        ("grant_type", "client_credentials"),
    ];
    let tokens = desk.post(&fields).unwrap();
    assert_eq!(desk.check(&tokens).unwrap().subject, TokenSubject::Client);
}

/// A published client posts both along with the code: they are passed over, and widen nothing.
#[test]
fn tk_20_a_scope_beside_a_code_changes_nothing() {
    let mut desk = Desk::opens();
    let code = desk.code_of(&ask_code(&[("scope", "streaming")]));
    let extra = [("scope", "streaming user-soa-link a\"b"), ("state", "xyz")];
    assert_eq!(desk.exchange(&code, &extra).unwrap().scope, "streaming");
}

/// Bytes that cannot be foretold are wanted for 256 bits of each code, and all of them are used.
#[test]
fn tk_27_a_code_holds_256_random_bits_and_its_key_gives_none_away() {
    let mut codes = std::collections::BTreeSet::new();
    for byte in 0..32 {
        for bit in 0..8 {
            let mut seed = [0; 32];
            seed[byte] = 1 << bit;
            let (code, key) = CodeKey::derive(NOW, &seed);
            assert!(!code.reveal().as_bytes().windows(22).any(|part| part == key.as_bytes()));
            codes.insert((code.reveal().to_owned(), key));
        }
    }
    assert_eq!(codes.len(), 256);
    let keys: std::collections::BTreeSet<_> = codes.iter().map(|(_, key)| key).collect();
    assert_eq!(keys.len(), 256);
}

#[test]
fn tk_05_a_code_is_no_access_token_and_an_access_token_no_code() {
    let mut desk = Desk::opens();
    let code = desk.code();
    let tokens = desk.session();
    let as_token = code.replacen("hpc_", access_token::PREFIX, 1);
    assert!(access_token::open(&as_token, &desk.story.keys).is_err());
    let as_code = tokens.access_token.replacen(access_token::PREFIX, "hpc_", 1);
    assert_eq!(PresentedCode::of(&Secret::presented(as_code), &desk.story.keys), None);
}

#[test]
fn tk_27_tokens_show_nothing_and_no_two_are_alike() {
    let mut desk = Desk::opens();
    let tokens = desk.session();
    let refresh_token = tokens.refresh_token.clone().unwrap();
    let [one, two] = [(); 2].map(|()| desk.refresh(&refresh_token, &[]).unwrap());
    assert_ne!(one.access_token, two.access_token);
    assert_eq!(one.refresh_token, two.refresh_token, "RF-15");
    for shown in [CLIENT_ID, "streaming", "ada", "example"] {
        assert!(!tokens.access_token.contains(shown));
    }
}

/// Style 15 and ST-03: what a code is made of is in a decision, which can be shown.
#[test]
fn st_03_a_decision_that_is_shown_gives_no_code_away() {
    use hallpass_protocol::authorize::Verdict::Approve;
    let desk = Desk::opens();
    let shown = format!("{:?}", desk.story.believed(&ask_code(&[]), Approve));
    assert!(shown.contains("[redacted]"), "{shown}");
}
