//! What the tests' stories are made of: an app, a person, an operator's settings, one point in time.

mod desk;
pub(crate) mod house;
mod location;
mod signers;
mod story;

pub(crate) use desk::{Desk, Refused, Tokens, VERIFIER, confidential, invalid_grant};
pub(crate) use location::Location;
pub(crate) use signers::{Nobody, Read, SIGNERS, read};
pub(crate) use story::{Outcome, Posted, Story};

use std::time::Duration;

use hallpass_protocol::access_token::TokenKeys;
use hallpass_protocol::authorize::{Policy, RememberConsent, UnknownScopes};
use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, AllowedScopes, Client, ClientId, ClientStatus, ClientType,
    Denial, EmailAddress, GrantType, KeyPurpose, KeySet, MasterKey, OpenIdSettings, Person,
    PkceRule, PostalAddress, Profile, Randomness, RedirectUri, RedirectUriPolicy, Scope,
    ScopeCatalogue, ScopeDefinition, ScopeGroup, ScopeSet, Secret, Session, SessionId, SignedIn,
    Timestamp, Username, standard_scopes,
};

/// When every story happens.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
/// Who answers.
pub(crate) const ISSUER: &str = "https://accounts.example";
/// The app's client id.
pub(crate) const CLIENT_ID: &str = "0123456789abcdef0123456789abcdef";
/// The challenge of [`VERIFIER`], as in RFC 7636 appendix B.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The app's registered redirect URI, the guide's own example.
pub(crate) const CALLBACK: &str = "https://example.com/callback";

/// Randomness that can be foretold: bytes counted up.
pub(crate) struct Counted(pub(crate) u8);

impl Randomness for Counted {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
    }
}

/// The parameters of a good request, each `(name, value)` of `changes` put over or added to it.
pub(crate) fn ask(changes: &[(&str, &str)]) -> String {
    let mut parameters =
        vec![("client_id", CLIENT_ID), ("response_type", "token"), ("redirect_uri", CALLBACK)];
    for change in changes {
        match parameters.iter_mut().find(|(name, _)| *name == change.0) {
            Some(parameter) => *parameter = *change,
            None => parameters.push(*change),
        }
    }
    encode(&parameters)
}

/// The parameters of a good request for a code, `changes` put over or added to it.
pub(crate) fn ask_code(changes: &[(&str, &str)]) -> String {
    let code = [
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    ask(&[&code, changes].concat())
}

/// A good request without the parameter `name`.
pub(crate) fn ask_without(name: &str) -> String {
    ask(&[]).split('&').filter(|pair| !pair.starts_with(name)).collect::<Vec<_>>().join("&")
}

fn encode(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// A list of scopes.
pub(crate) fn scopes(list: &str) -> ScopeSet {
    ScopeSet::parse(list).unwrap()
}

/// A client id.
pub(crate) fn client_id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

/// A registered redirect URI.
pub(crate) fn redirect_uri(text: &str) -> RedirectUri {
    RedirectUri::register(text, RedirectUriPolicy { localhost: true }).unwrap()
}

/// The guide's app: a page without server code, for which the implicit grant is switched on.
pub(crate) fn app() -> Client {
    Client {
        id: client_id(CLIENT_ID),
        client_type: ClientType::Public,
        name: "Song Diary".to_owned(),
        description: "Keeps a diary of what you heard.".to_owned(),
        website: Some("https://example.com".to_owned()),
        owner: account("olga", 1).id,
        owner_name: "olga".to_owned(),
        redirect_uris: vec![redirect_uri(CALLBACK)],
        grant_types: [GrantType::Implicit].into_iter().collect(),
        scopes: AllowedScopes::Ordinary,
        denial: Denial::Query,
        pkce: PkceRule::Required,
        openid: OpenIdSettings::default(),
        status: ClientStatus::Active,
        created_at: NOW,
    }
}

/// Somebody who can sign in.
pub(crate) fn account(username: &str, seed: u8) -> Account {
    Account {
        id: AccountId::mint(&mut Counted(seed), NOW),
        username: Username::parse(username).unwrap(),
        email: EmailAddress::parse(&format!("{username}@example.com")).unwrap(),
        status: AccountStatus::Active,
        created_at: NOW,
    }
}

/// A browser in which `account` signed in; `cookie` tells one browser from another.
pub(crate) fn browser_of(account: Account, cookie: &str) -> SignedIn {
    let session = Session {
        id: SessionId::of(&Secret::presented(cookie)),
        account: account.id,
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(60 * 60)),
    };
    SignedIn { session, account }
}

/// An installation's keys.
pub(crate) fn keys(seed: u8) -> KeySet {
    let master = MasterKey::new(&[seed; 32]);
    let mut rng = Counted(seed);
    let stored = KeyPurpose::SYMMETRIC.map(|purpose| master.mint_key(purpose, &mut rng, NOW));
    KeySet::open(&master, &stored).unwrap()
}

/// What new tokens are made with: these keys that seal, and the [`SIGNERS`].
pub(crate) fn token_keys(keys: &KeySet) -> TokenKeys<'_> {
    TokenKeys { sealing: keys, signing: &*SIGNERS }
}

/// Somebody who tells of themselves in all that can be told.
pub(crate) fn person(account: &Account) -> Person {
    let told = |text: &str| Some(text.to_owned());
    let profile = Profile {
        name: told("Ada Lovelace"),
        given_name: told("Ada"),
        family_name: told("Lovelace"),
        middle_name: told("King"),
        nickname: told("Enchantress"),
        profile: told("https://people.example/ada"),
        picture: told("https://people.example/ada.png"),
        website: told("https://ada.example"),
        gender: told("female"),
        birthdate: told("1815-12-10"),
        zoneinfo: told("Europe/London"),
        locale: told("en-GB"),
        phone_number: told("+441632960000"),
        phone_number_verified: true,
        email_verified: true,
        address: PostalAddress {
            street_address: told("1 Long Lane"),
            locality: told("London"),
            region: told("England"),
            postal_code: told("EC1A"),
            country: told("UK"),
        },
        updated_at: Some(NOW),
    };
    Person { account: account.clone(), profile }
}

/// What the operator of the demo has settled.
pub(crate) fn policy() -> Policy {
    Policy {
        issuer: ISSUER.into(),
        redirect_uris: RedirectUriPolicy { localhost: true },
        catalogue: catalogue(),
        apis: vec![],
        unknown_scopes: UnknownScopes::Refuse,
        remember_consent: RememberConsent::Always,
        token_lifetime: Duration::from_secs(3600),
    }
}

/// The scopes of the demo.
fn catalogue() -> ScopeCatalogue {
    let groups = [
        (ScopeGroup::Data, "user-read-email user-read-private"),
        (
            ScopeGroup::Activity,
            "user-read-playback-state user-read-currently-playing user-read-playback-position \
             user-top-read user-read-recently-played user-follow-read user-library-read \
             playlist-read-private playlist-read-collaborative",
        ),
        (
            ScopeGroup::Act,
            "ugc-image-upload user-modify-playback-state app-remote-control streaming \
             playlist-modify-private playlist-modify-public user-follow-modify user-library-modify",
        ),
        (
            ScopeGroup::Partner,
            "user-soa-link user-soa-unlink soa-manage-entitlements soa-manage-partner \
             soa-create-partner",
        ),
    ];
    let own = groups.into_iter().flat_map(|(group, names)| {
        names.split(' ').map(move |name| ScopeDefinition {
            scope: Scope::parse(name).unwrap(),
            text: format!("do what {name} means"),
            group,
        })
    });
    ScopeCatalogue::new(standard_scopes().chain(own))
}
