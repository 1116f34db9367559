//! A server of one's own: a real installation in a directory that goes away, served without sockets.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hallpass::config::{PublicUrl, Settings};
use hallpass::installation::Installation;
use hallpass::router::router;
use hallpass::state::AppState;
use hallpass_protocol::access_token::{self, Claims};
use hallpass_store::Store;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::answer::Answer;
use super::browser::Browser;
use super::clock::ManualClock;
use super::store::{Trouble, WatchedStore};
use super::world::{ISSUER, WORLD};

/// See the module.
pub(crate) struct TestServer {
    pub(crate) router: Router,
    pub(crate) app: AppState,
    clock: Arc<ManualClock>,
    store: Arc<WatchedStore>,
    _directory: TempDir,
}

/// How a server differs from the usual one.
pub(crate) struct Setup {
    /// The settings; directory and threads are the test's.
    pub(crate) settings: Settings,
    /// Who the service says it is.
    pub(crate) issuer: &'static str,
    /// Who is there.
    pub(crate) apps: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self { settings: Settings::default(), issuer: ISSUER, apps: WORLD.to_owned() }
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

    /// Another one.
    pub(crate) async fn with(setup: Setup) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let is_usual = setup.apps == WORLD;
        if is_usual {
            install_world(&data).await;
        }
        let clock = Arc::new(ManualClock::new());
        let settings = Settings { data: Some(data), ..setup.settings };
        let installation = open(settings, clock.clone()).await;
        if !is_usual {
            installation.apply_text("apps.toml", &setup.apps).await.unwrap();
        }
        let issuer = PublicUrl::parse(setup.issuer).unwrap();
        let mut app = installation.into_app(issuer).await.unwrap();
        let state = Arc::get_mut(&mut app).expect("nobody else has the state yet");
        let store = Arc::new(WatchedStore::around(Arc::clone(&state.store)));
        state.store = store.clone();
        Self { router: router(app.clone()), app, clock, store, _directory: directory }
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

    /// What the access token says that `answer` carries in its fragment.
    pub(crate) fn claims(&self, answer: &Answer) -> Claims {
        let landing = answer.landing();
        let token = landing.fragment("access_token").unwrap_or_else(|| panic!("{landing:?}"));
        access_token::open(token, &self.app.keys).unwrap()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// The store, to look into it or to change what the server knows behind its back.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.app.store
    }

    /// What was asked of the store since this was asked last.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.store.calls()
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
        let installation = open(settings, Arc::new(ManualClock::new())).await;
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
