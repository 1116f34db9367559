//! Users, apps and scopes declared in a file: applied at every start, all of it or nothing.

use std::sync::Arc;

use hallpass::apps_file::{Applied, KnownSecret};
use hallpass::clock::SystemClock;
use hallpass::config::{PublicUrl, Settings};
use hallpass::installation::{Installation, InstallationError};
use hallpass::state::AppState;
use hallpass_protocol::model::{
    Account, Client, ClientId, LogoutUri, OpenIdSettings, RedirectUri, SignatureAlgorithm,
    SubjectType, Username,
};
use hallpass_store::{Identifier, Page};
use tempfile::TempDir;

use crate::support::{
    AFTERNOON, APIS, CASSETTE, ISSUER, MASTER_KEY, MIXTAPE, NIGHT_TRAIN, WORLD, begin,
};

/// A service that is started again and again on one directory.
struct Service {
    directory: TempDir,
}

impl Service {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// Starts with this file; what it says, and what is then in the store.
    async fn start(&self, text: &str) -> Result<Applied, String> {
        let installation = self.open().await;
        let applied = installation.apply_text("apps.toml", text).await;
        self.end(installation).await;
        applied.map(|(_, applied)| applied).map_err(|error| error.to_string())
    }

    /// Everything that the file could have changed, as one text.
    async fn content(&self) -> String {
        let installation = self.open().await;
        let app = state(installation).await;
        let mut content = format!("{:#?}", app.policy.catalogue);
        for name in ["ada", "grace", "linus", "mary"] {
            let known = app.store.credentials(&named(name)).await.unwrap();
            content.push_str(&format!("{known:#?}"));
            let Some(known) = known else { continue };
            let person = app.store.person(known.account.id).await.unwrap();
            content.push_str(&format!("{person:#?}"));
            let page = Page { offset: 0, limit: 100 };
            let apps = app.store.clients_of(known.account.id, page).await.unwrap();
            content.push_str(&format!("{apps:#?}"));
        }
        app.store.close().await;
        content
    }

    async fn account(&self, name: &str) -> Account {
        let app = state(self.open().await).await;
        let known = app.store.credentials(&named(name)).await.unwrap().unwrap();
        app.store.close().await;
        known.account
    }

    async fn client(&self, id: &str) -> Option<Client> {
        let app = state(self.open().await).await;
        let client = app.store.client(&ClientId::parse(id).unwrap()).await.unwrap();
        app.store.close().await;
        client
    }

    async fn open(&self) -> Installation {
        let data = self.directory.path().join("data");
        begin(&data, AFTERNOON).await;
        let settings =
            Settings { data: Some(data), hashing_threads: Some(1), ..Settings::default() };
        let config = settings.into_config().unwrap();
        let master_key = Some(MASTER_KEY.to_owned().into());
        Installation::open(config, master_key, Arc::new(SystemClock)).await.unwrap()
    }

    async fn end(&self, installation: Installation) {
        state(installation).await.store.close().await;
    }
}

async fn state(installation: Installation) -> AppState {
    installation.into_node(PublicUrl::parse(ISSUER).unwrap()).await.unwrap().0.app()
}

fn named(name: &str) -> Identifier {
    Identifier::Username(Username::parse(name).unwrap())
}

/// The usual file, changed in one place.
fn world(old: &str, new: &str) -> String {
    assert_eq!(WORLD.matches(old).count(), 1, "{old}");
    WORLD.replace(old, new)
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    let first = service.content().await;
    for name in ["\"ada\"", "Mixtape", "Night Train Radio", "change your playlists"] {
        assert!(first.contains(name), "{name}\n{first}");
    }
    service.start(WORLD).await.unwrap();
    assert_eq!(service.content().await, first);
}

#[tokio::test]
async fn what_the_file_changes_is_changed_and_keeps_its_identity() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    let (ada, mixtape) = (service.account("ada").await, service.client(MIXTAPE).await.unwrap());

    let file = world("\"ada\"", "\"Ada\"").replace("ada@people", "lovelace@people");
    let file = file.replace("name = \"Mixtape\"", "name = \"Mixtape Deluxe\"");
    let file = file.replace("grants = [\"implicit\"]", "grants = [\"authorization_code\"]");
    service.start(&file).await.unwrap();
    let (new, deluxe) = (service.account("ada").await, service.client(MIXTAPE).await.unwrap());
    assert_eq!((new.id, new.created_at), (ada.id, ada.created_at));
    assert_eq!((new.username.as_str(), new.email.as_str()), ("Ada", "lovelace@people.example"));
    assert_eq!((deluxe.owner, deluxe.created_at), (mixtape.owner, mixtape.created_at));
    assert_eq!(deluxe.name, "Mixtape Deluxe");
    assert_ne!(deluxe.grant_types, mixtape.grant_types);
}

#[tokio::test]
async fn what_the_file_no_longer_names_stays_as_it_is() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    let first = service.content().await;
    service.start("").await.unwrap();
    assert_eq!(service.content().await, first);
}

#[tokio::test]
async fn a_changed_password_counts_and_an_unchanged_one_is_not_hashed_again() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    let hash = async || {
        let app = state(service.open().await).await;
        let known = app.store.credentials(&named("ada")).await.unwrap().unwrap();
        app.store.close().await;
        known.password_hash
    };
    let first = hash().await;
    service.start(WORLD).await.unwrap();
    assert_eq!(hash().await, first);
    let ada = "email = \"ada@people.example\"\npassword = \"a long enough password\"";
    service.start(&world(ada, &ada.replace("long", "longer"))).await.unwrap();
    assert_ne!(hash().await, first);
}

#[tokio::test]
async fn whatever_is_wrong_in_the_file_nothing_of_it_is_applied() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    let first = service.content().await;
    let line = |part: &str| WORLD[..WORLD.find(part).unwrap()].matches('\n').count() + 1;
    for (old, new, told) in [
        ("email = \"linus@people.example\"", "email = \"linus\"", "Enter an e-mail address"),
        ("ls\"]\nowner = \"linus\"", "ls\"]\nowner = \"nobody\"", "there is no user nobody"),
        ("\"mixtape.app:/callback\"", "\"http://mixtape.example\"", "http is only for localhost"),
        ("client_secret = \"a-", "client_secrt = \"a-", "did you mean client_secret?"),
        ("group = \"partner\"", "group = \"friends\"", "group is \"friends\""),
        ("name = \"partners\"", "name = \"part ners\"", "scope"),
        ("text = \"do what partners do\"", "text = \" \"", "say what the scope lets an app do"),
        ("username = \"linus\"", "username = \"ADA\"", "the username ada stands at line 2 already"),
        ("linus@people.example", "Ada@People.Example", "the email ada@people.example stands"),
    ] {
        // The beginning of the file, good by itself, would change something.
        let file = world(old, new).replace("Makes tapes.", "Makes better tapes.");
        let error = service.start(&file).await.err().unwrap_or_else(|| panic!("{old} -> {new}"));
        assert!(error.contains(told), "{told}\n{error}");
        let number = error.strip_prefix("apps.toml: line ").unwrap_or_else(|| panic!("{error}"));
        let number: usize = number.split(':').next().unwrap().parse().unwrap();
        assert!(number <= line(old) && number + 12 > line(old), "{number} {}\n{error}", line(old));
        assert_eq!(service.content().await, first, "{error}");
    }
}

#[tokio::test]
async fn an_address_that_another_account_has_is_told_with_the_line() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    let first = service.content().await;
    let mary =
        "\n[[user]]\nusername = \"mary\"\nemail = \"ADA@people.example\"\npassword = \"x\"\n";
    let error = service.start(mary).await.err().unwrap();
    assert_eq!(error, "apps.toml: line 2: another account has that email already");
    assert_eq!(service.content().await, first);
}

#[tokio::test]
async fn a_secret_is_made_once_and_kept() {
    let service = Service::new();
    let secret = "client_secret = \"a-secret-that-only-the-radio-knows\"\n";
    for id in [format!("client_id = \"{NIGHT_TRAIN}\"\n"), String::new()] {
        let file = world(secret, "").replace(&format!("client_id = \"{NIGHT_TRAIN}\"\n"), &id);
        let file = file.replace("Night Train Radio", &format!("Radio {}", id.len()));
        let first = service.start(&file).await.unwrap();
        let (client, KnownSecret::Minted(minted)) = &first.clients[1] else {
            panic!("a secret is made")
        };
        let stored = service.client(client.id.as_str()).await.unwrap();
        let secrets = stored.client_type.clone();
        let digest = format!("{:?}", minted.digest());
        assert!(format!("{secrets:?}").contains(&digest), "only its digest is stored");

        let again = service.start(&file).await.unwrap();
        let (same, KnownSecret::Unknown) = &again.clients[1] else { panic!("it is kept") };
        assert_eq!((&same.id, &same.client_type), (&client.id, &secrets));
    }
}

#[tokio::test]
async fn an_app_without_an_id_is_the_owners_app_of_that_name() {
    let service = Service::new();
    let anonymous = world(&format!("client_id = \"{MIXTAPE}\"\n"), "");
    let first = service.start(&anonymous).await.unwrap().clients[0].0.id.clone();
    let again = service.start(&anonymous).await.unwrap().clients[0].0.id.clone();
    assert_eq!(first, again);
    let others = anonymous.replace("owner = \"grace\"", "owner = \"ada\"");
    let new = service.start(&others).await.unwrap().clients[0].0.id.clone();
    assert_ne!(first, new, "another person's app of that name is another app");
}

#[tokio::test]
async fn an_app_may_belong_to_somebody_whom_the_file_does_not_name() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    let app = WORLD[WORLD.find("[[app]]").unwrap()..WORLD.rfind("[[app]]").unwrap()].to_owned();
    service.start(&app.replace("Makes tapes.", "Makes many tapes.")).await.unwrap();
    let mixtape = service.client(MIXTAPE).await.unwrap();
    assert_eq!(mixtape.description, "Makes many tapes.");
    assert_eq!(mixtape.owner, service.account("grace").await.id);
}

#[tokio::test]
async fn only_a_confidential_app_may_ask_for_an_api() {
    let service = Service::new();
    let installation = service.open().await;
    let nobodys = format!("{WORLD}{}", APIS.replacen(NIGHT_TRAIN, "nobody", 1));
    let refused = installation.apply_text("apps.toml", &nobodys).await.err().unwrap();
    assert!(matches!(refused, InstallationError::Apply(_)));
    assert!(refused.to_string().contains("nobody is no confidential app"), "{refused}");
}

#[tokio::test]
async fn what_the_file_says_about_openid_connect_is_so_until_it_says_otherwise() {
    let service = Service::new();
    service.start(WORLD).await.unwrap();
    assert_eq!(service.client(CASSETTE).await.unwrap().openid, OpenIdSettings::default());
    let uris =
        "redirect_uris = [\"https://cassette.example/callback\", \"http://127.0.0.1/callback\"]";
    let settled = "redirect_uris = [\"https://cassette.example/callback\"]
id_token_algorithm = \"EdDSA\"
userinfo_algorithm = \"RS256\"
subject_type = \"pairwise\"
post_logout_redirect_uris = [\"https://cassette.example/\", \"cassette.app:/out\"]
backchannel_logout_uri = \"https://cassette.example/logout\"";
    service.start(&world(uris, settled)).await.unwrap();
    let openid = service.client(CASSETTE).await.unwrap().openid;
    let uri = |text| RedirectUri::from_stored(text).unwrap();
    let expected = OpenIdSettings {
        id_token_algorithm: SignatureAlgorithm::EdDsa,
        userinfo_algorithm: Some(SignatureAlgorithm::Rs256),
        subject_type: SubjectType::Pairwise,
        post_logout_redirect_uris: vec![uri("https://cassette.example/"), uri("cassette.app:/out")],
        backchannel_logout_uri: LogoutUri::parse("https://cassette.example/logout").ok(),
    };
    assert_eq!(openid, expected);
    service.start(WORLD).await.unwrap();
    assert_eq!(service.client(CASSETTE).await.unwrap().openid, OpenIdSettings::default());
}
