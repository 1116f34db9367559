//! A server of one's own: a real installation in a directory that goes away, served without sockets.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::future::Future;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hallpass::config::{PublicUrl, Settings};
use hallpass::installation::Installation;
use hallpass::revocations::LONGEST_TOKEN;
use hallpass::router::router;
use hallpass::state::AppState;
use hallpass_protocol::access_token::{self, Claims};
use hallpass_protocol::model::{self, Account, ClientId, Revocation, Revoked, Timestamp, Username};
use hallpass_store::{Identifier, Store};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::answer::Answer;
use super::browser::Browser;
use super::client::Client;
use super::clock::{AFTERNOON, ManualClock};
use super::store::{Trouble, WatchedStore};
use super::world::{
    CASSETTE, CASSETTE_URI, ISSUER, JUKEBOX, JUKEBOX_SECRET, JUKEBOX_URI, NIGHT_TRAIN,
    NIGHT_TRAIN_SECRET, TURNTABLE, TURNTABLE_SECRET, TURNTABLE_URI, WORLD,
};

/// See the module.
pub(crate) struct TestServer {
    pub(crate) router: Router,
    pub(crate) app: AppState,
    clock: Arc<ManualClock>,
    store: Arc<WatchedStore>,
    settings: Settings,
    directory: TempDir,
}

/// How a server differs from the usual one.
pub(crate) struct Setup {
    /// The settings; directory and threads are the test's.
    pub(crate) settings: Settings,
    /// Who the service says it is.
    pub(crate) issuer: &'static str,
    /// Who is there.
    pub(crate) apps: String,
    /// What its clock shows.
    pub(crate) now: Timestamp,
}

impl Default for Setup {
    fn default() -> Self {
        let (settings, apps) = (Settings::default(), WORLD.to_owned());
        Self { settings, issuer: ISSUER, apps, now: AFTERNOON }
    }
}

impl TestServer {
    /// The usual one.
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// The usual one with these settings.
    pub(crate) async fn with_settings(settings: Settings) -> Self {
        Self::with(Setup { settings, ..Setup::default() }).await
    }

    /// One with keys and people of its own: the usual ones are copies of one installation.
    pub(crate) async fn elsewhere() -> Self {
        Self::with(Setup { apps: format!("{WORLD}\n"), ..Setup::default() }).await
    }

    /// Another one.
    pub(crate) async fn with(setup: Setup) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let is_usual = setup.apps == WORLD;
        if is_usual {
            install_world(&data).await;
        }
        let clock = Arc::new(ManualClock::at(setup.now));
        let settings = Settings { data: Some(data), ..setup.settings };
        let installation = open(settings.clone(), clock.clone()).await;
        if !is_usual {
            installation.apply_text("apps.toml", &setup.apps).await.unwrap();
        }
        let issuer = PublicUrl::parse(setup.issuer).unwrap();
        Self::serve(installation, issuer, clock, settings, directory).await
    }

    /// The same one after it was stopped and started again: what it knows now is what it wrote down.
    pub(crate) async fn restarted(self) -> Self {
        self.restarted_with("").await
    }

    /// The same one after it was stopped and started again with this file.
    pub(crate) async fn restarted_with(self, apps: &str) -> Self {
        let Self { router, app, clock, store, settings, directory } = self;
        let issuer = PublicUrl::parse(&app.policy.issuer).unwrap();
        app.store.close().await;
        drop((router, app, store));
        let installation = open(settings.clone(), clock.clone()).await;
        installation.apply_text("apps.toml", apps).await.unwrap();
        Self::serve(installation, issuer, clock, settings, directory).await
    }

    async fn serve(
        installation: Installation,
        issuer: PublicUrl,
        clock: Arc<ManualClock>,
        settings: Settings,
        directory: TempDir,
    ) -> Self {
        let mut app = installation.into_app(issuer).await.unwrap();
        let state = Arc::get_mut(&mut app).expect("nobody else has the state yet");
        let store = Arc::new(WatchedStore::around(Arc::clone(&state.store)));
        state.store = store.clone();
        Self { router: router(app.clone()), app, clock, store, settings, directory }
    }

    /// A new browser, in which nobody is known.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), &self.app.policy.issuer)
    }

    /// A browser in which `username` is signed in.
    pub(crate) async fn browser_of(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(username).await;
        browser
    }

    /// The app without a secret.
    pub(crate) fn cassette(&self) -> Client {
        Client::new(&self.router, CASSETTE, None, CASSETTE_URI)
    }

    /// The app with a secret that may do without PKCE.
    pub(crate) fn turntable(&self) -> Client {
        Client::new(&self.router, TURNTABLE, Some(TURNTABLE_SECRET), TURNTABLE_URI)
    }

    /// The app with a secret and without refresh tokens.
    pub(crate) fn jukebox(&self) -> Client {
        Client::new(&self.router, JUKEBOX, Some(JUKEBOX_SECRET), JUKEBOX_URI)
    }

    /// The app that has no people, and asks about others' tokens.
    pub(crate) fn night_train(&self) -> Client {
        Client::new(&self.router, NIGHT_TRAIN, Some(NIGHT_TRAIN_SECRET), "")
    }

    /// What introspection tells about this access token.
    pub(crate) async fn told_of(&self, token: &str) -> Value {
        let answer = self.night_train().post("/introspect", &[("token", token)]).await;
        assert_eq!(answer.status, 200, "{answer:#?}");
        answer.json()
    }

    /// Whether this access token is good.
    pub(crate) async fn is_good(&self, token: &str) -> bool {
        self.told_of(token).await["active"] == true
    }

    /// What the access token says that `answer` carries in its fragment.
    pub(crate) fn claims(&self, answer: &Answer) -> Claims {
        let landing = answer.landing();
        let token = landing.fragment("access_token").unwrap_or_else(|| panic!("{landing:?}"));
        access_token::open(token, &self.app.keys).unwrap()
    }

    /// A token of these claims, as the server would have made it.
    pub(crate) fn sealed(&self, claims: &Claims) -> String {
        let token = access_token::seal(claims, self.app.keys.active(), &mut self.app.rng());
        token.reveal().to_owned()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// What its clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// The store, to look into it or to change what the server knows behind its back.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.app.store
    }

    /// What was asked of the store since this was asked last.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.store.calls()
    }

    /// Whom the store knows by this name.
    pub(crate) async fn account(&self, username: &str) -> Account {
        let identifier = Identifier::Username(Username::parse(username).unwrap());
        self.store().credentials(&identifier).await.unwrap().unwrap().account
    }

    /// Takes back what `username` allows this client, as that person would.
    pub(crate) async fn withdraw(&self, username: &str, client: &str) {
        let until = self.app.now().plus(LONGEST_TOKEN);
        let account = self.account(username).await.id;
        let client = ClientId::parse(client).unwrap();
        let at = self.app.now();
        let withdrawn = self.store().withdraw_consent(account, &client, at, until).await.unwrap();
        self.app.revocations.add(&withdrawn.expect("a consent"));
    }

    /// Deletes an app, as its owner would.
    pub(crate) async fn delete(&self, client: &model::Client) {
        let at = self.app.now();
        let revoked = Revoked::Client(client.id.clone());
        let revocation = Revocation { revoked, at, until: at.plus(LONGEST_TOKEN) };
        let store = self.store();
        assert!(store.delete_client(client.owner, &client.id, &revocation).await.unwrap());
        self.app.revocations.add(&revocation);
    }

    /// Once, between a read of the store and this `act` that follows from it, this happens.
    pub(crate) fn meanwhile(
        &self,
        act: &'static str,
        interlude: impl Future<Output = ()> + Send + 'static,
    ) {
        self.store.before(act, Box::pin(interlude));
    }

    /// From now on the store fails, panics, or is well again.
    pub(crate) fn trouble_store(&self, trouble: Trouble) {
        self.store.trouble(trouble);
    }
}

async fn open(settings: Settings, clock: Arc<ManualClock>) -> Installation {
    let settings = Settings { hashing_threads: Some(1), ..settings };
    Installation::open(settings.into_config().unwrap(), None, clock).await.unwrap()
}

/// Makes `data` an installation in which [`WORLD`] is applied. That is done once and copied then:
/// hashing everybody's password again would take most of a test's time.
async fn install_world(data: &Path) {
    static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
    let files = FILES.get_or_init(|| async {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings { data: Some(directory.path().to_owned()), ..Settings::default() };
        let installation = open(settings, Arc::new(ManualClock::at(AFTERNOON))).await;
        installation.apply_text("apps.toml", WORLD).await.unwrap();
        let app = installation.into_app(PublicUrl::parse(ISSUER).unwrap()).await.unwrap();
        app.store.close().await;
        let entries = fs::read_dir(directory.path()).unwrap().map(Result::unwrap);
        entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
    });
    fs::create_dir(data).unwrap();
    for (name, content) in files.await {
        let mut file = OpenOptions::new();
        let mut file = file.write(true).create_new(true).mode(0o600).open(data.join(name)).unwrap();
        file.write_all(content).unwrap();
    }
}
