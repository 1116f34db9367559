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
use hallpass::node::{FollowProblem, Follower, Node};
use hallpass::revocations::LONGEST_TOKEN;
use hallpass::state::AppState;
use hallpass_protocol::access_token::{self, Claims};
use hallpass_protocol::model::{
    self, Account, ClientId, MasterKey, Revocation, Revoked, Timestamp, Username,
};
use hallpass_store::{Identifier, SqliteStore, Store};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use super::answer::Answer;
use super::browser::Browser;
use super::client::Client;
use super::clock::{AFTERNOON, ManualClock};
use super::keys::begin;
use super::store::{Sharing, Trouble, WatchedStore};
use super::world::{
    CASSETTE, CASSETTE_URI, ISSUER, JUKEBOX, JUKEBOX_SECRET, JUKEBOX_URI, NIGHT_TRAIN,
    NIGHT_TRAIN_SECRET, TURNTABLE, TURNTABLE_SECRET, TURNTABLE_URI, WORLD,
};

/// See the module.
pub(crate) struct TestServer {
    pub(crate) router: Router,
    pub(crate) app: AppState,
    pub(crate) node: Arc<Node>,
    clock: Arc<ManualClock>,
    store: Arc<WatchedStore>,
    settings: Settings,
    directory: Arc<TempDir>,
    follower: Mutex<Follower>,
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
    /// Whether there may be other nodes.
    pub(crate) sharing: Sharing,
}

impl Default for Setup {
    fn default() -> Self {
        let (settings, apps) = (Settings::default(), WORLD.to_owned());
        Self { settings, issuer: ISSUER, apps, now: AFTERNOON, sharing: Sharing::Alone }
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
        let store = Arc::new(WatchedStore::around(open(&settings), setup.sharing));
        let place = Place { store, clock, settings, directory: Arc::new(directory) };
        let apps = if is_usual { "" } else { &setup.apps };
        Self::serve(place, setup.issuer, apps).await
    }

    /// Another node of the same installation, on another machine whose clock shows `now`.
    pub(crate) async fn beside(&self, now: Timestamp) -> Self {
        self.join(now, "").await
    }

    /// Another node of the same installation that is started with this file.
    pub(crate) async fn beside_with(&self, apps: &str) -> Self {
        self.join(self.now(), apps).await
    }

    async fn join(&self, now: Timestamp, apps: &str) -> Self {
        let place = Place {
            store: Arc::new(self.store.beside()),
            clock: Arc::new(ManualClock::at(now)),
            settings: self.settings.clone(),
            directory: Arc::clone(&self.directory),
        };
        Self::serve(place, &self.app.policy.issuer, apps).await
    }

    /// The same one after it was stopped and started again: what it knows now is what it wrote down.
    pub(crate) async fn restarted(self) -> Self {
        self.restarted_with("").await
    }

    /// The same one after it was stopped and started again with this file.
    pub(crate) async fn restarted_with(self, apps: &str) -> Self {
        let Self { router, app, node, clock, store, settings, directory, follower } = self;
        let issuer = app.policy.issuer.to_string();
        store.close().await;
        drop((router, app, node, store, follower));
        let store = Arc::new(WatchedStore::around(open(&settings), Sharing::Alone));
        Self::serve(Place { store, clock, settings, directory }, &issuer, apps).await
    }

    async fn serve(place: Place, issuer: &str, apps: &str) -> Self {
        let Place { store, clock, settings, directory } = place;
        let installation = install(store.clone(), &settings, clock.clone()).await;
        if !apps.is_empty() {
            installation.apply_text("apps.toml", apps).await.unwrap();
        }
        let issuer = PublicUrl::parse(issuer).unwrap();
        let (node, follower) = installation.into_node(issuer).await.unwrap();
        let router = Router::new().fallback_service(node.front());
        let follower = Mutex::new(follower);
        Self { router, app: node.app(), node, clock, store, settings, directory, follower }
    }

    /// Asks the store what others have changed.
    pub(crate) async fn follow(&self) -> Result<(), FollowProblem> {
        self.follower.lock().await.ask().await
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
        let token =
            access_token::seal(claims, self.app.keys.active(claims.issued_at), &mut self.app.rng());
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

    /// The owner of `client` gives it new settings, in another window.
    pub(crate) async fn edit(&self, client: &model::Client) {
        assert!(self.app.store.update_client(client, self.now()).await.unwrap());
        self.app.remembered.forget_client(&client.id);
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
        self.app.remembered.forget_client(&client.id);
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

/// What a server needs to start.
struct Place {
    store: Arc<WatchedStore>,
    clock: Arc<ManualClock>,
    settings: Settings,
    directory: Arc<TempDir>,
}

fn open(settings: &Settings) -> Arc<dyn Store> {
    let data = settings.data.as_ref().unwrap();
    fs::create_dir_all(data).unwrap();
    Arc::new(SqliteStore::open(&data.join("hallpass.db")).unwrap())
}

async fn install(
    store: Arc<dyn Store>,
    settings: &Settings,
    clock: Arc<ManualClock>,
) -> Installation {
    let settings = Settings { hashing_threads: Some(1), ..settings.clone() };
    let master = Some(MasterKey::new(&[7; 32]));
    Installation::on(store, settings.into_config().unwrap(), master, clock).await.unwrap()
}

/// Makes `data` an installation in which [`WORLD`] is applied. That is done once and copied then:
/// hashing everybody's password again would take most of a test's time.
async fn install_world(data: &Path) {
    static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
    let files = FILES.get_or_init(|| async {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings { data: Some(directory.path().to_owned()), ..Settings::default() };
        begin(directory.path(), AFTERNOON).await;
        let store = open(&settings);
        let clock = Arc::new(ManualClock::at(AFTERNOON));
        let installation = install(store.clone(), &settings, clock).await;
        installation.apply_text("apps.toml", WORLD).await.unwrap();
        let (node, _) = installation.into_node(PublicUrl::parse(ISSUER).unwrap()).await.unwrap();
        drop(node);
        store.close().await;
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
