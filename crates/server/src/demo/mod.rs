//! The guide's whole world in one process: the accounts service, the sample API and the sample apps,
//! each on a listener of its own, with people and apps to try it with.

mod people;
mod sample_app;
mod sample_token;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hallpass_guard::Guard;
use hallpass_protocol::model::{Client, ClientType, GrantType, Secret, Timestamp};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::apps_file::{AppsFile, KnownSecret};
use crate::clock::Clock;
use crate::config::{Config, PublicUrl};
use crate::installation::{Installation, InstallationError};
use crate::listener::{self, Shutdown};
use crate::node::Node;
use crate::state::AppState;
use crate::{logout_notices, upkeep};
use people::RememberedPeople;

const SEEDS: &str = include_str!("demo.toml");

/// The names of the apps that the sample pages use.
const IMPLICIT_APP: &str = "Mixtape";
const PKCE_APP: &str = "Mixtape PKCE";

/// Where the parts listen.
pub struct Listeners {
    /// The accounts service.
    pub accounts: TcpListener,
    /// The sample API.
    pub api: TcpListener,
    /// The sample app of the guide: the implicit grant.
    pub app: TcpListener,
    /// The same app with an authorization code and PKCE.
    pub pkce_app: TcpListener,
}

/// A demo that is ready to serve.
pub struct Demo {
    /// What there is to try.
    pub world: World,
    /// An access token that the sample API takes, for a first `curl`.
    pub token: Option<Secret>,
    node: Arc<Node>,
    listeners: Listeners,
}

/// What there is to try, as `hallpass demo --json` prints it.
#[derive(Debug, Serialize)]
pub struct World {
    /// The address of the accounts service: the issuer.
    pub accounts: String,
    /// The address of the sample API, `/v1` included.
    pub api: String,
    /// The address of the sample app.
    pub app: String,
    /// The address of the sample app with PKCE.
    pub pkce_app: String,
    /// Who can sign in.
    pub users: Vec<WorldUser>,
    /// Which apps are registered.
    pub apps: Vec<WorldApp>,
}

/// Somebody who can sign in to the demo.
#[derive(Debug, Serialize)]
pub struct WorldUser {
    /// Their name.
    pub username: String,
    /// Their address.
    pub email: String,
    /// Their password: the demo's own, or from the operator's file. It is no secret here.
    pub password: String,
}

/// An app of the demo.
#[derive(Debug, Serialize)]
pub struct WorldApp {
    /// What it is called.
    pub name: String,
    /// Its id.
    pub client_id: String,
    /// Its secret, if it has one and it is known.
    pub client_secret: Option<String>,
    /// `public` or `confidential`.
    pub r#type: &'static str,
    /// Its allowlist.
    pub redirect_uris: Vec<String>,
    /// What it may use to get tokens.
    pub grants: Vec<&'static str>,
    /// Who owns it.
    pub owner: String,
}

impl Demo {
    /// Opens an installation, fills it, and makes everything ready. `apps` is an operator's file,
    /// applied after the demo's own.
    ///
    /// # Errors
    /// [`InstallationError`].
    pub async fn prepare(
        config: Config,
        apps: Option<&Path>,
        listeners: Listeners,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InstallationError> {
        let accounts = PublicUrl::of_listener(listeners.accounts.local_addr()?);
        let api = PublicUrl::of_listener(listeners.api.local_addr()?);
        let app_address = listeners.app.local_addr()?;
        let pkce_address = listeners.pkce_app.local_addr()?;
        let installation = Installation::open(config, None, clock).await?;
        let seeds = SEEDS
            .replace("{port}", &app_address.port().to_string())
            .replace("{pkce_port}", &pkce_address.port().to_string());
        let mut world = World {
            accounts: accounts.to_string(),
            api: format!("{api}/v1"),
            app: format!("http://{app_address}"),
            pkce_app: format!("http://{pkce_address}"),
            users: Vec::new(),
            apps: Vec::new(),
        };
        world.add(&installation, "the demo's own apps", &seeds).await?;
        if let Some(path) = apps {
            let text = read(path)?;
            world.add(&installation, &path.display().to_string(), &text).await?;
        }
        // The store is the demo's own, so there is nobody to follow.
        let (node, _) = installation.into_node(accounts).await?;
        let token = sample_token::issue(&node.app()).await?;
        Ok(Self { world, token, node, listeners })
    }

    /// Serves until `shutdown`, lets the requests under way finish, and closes the store.
    pub async fn serve(self, shutdown: Shutdown) {
        let Self { world, node, listeners, .. } = self;
        let app = node.app();
        let max = app.config.max_connections;
        let api = sample_api(&app, &world);
        let implicit_app = sample_app::implicit(&world, world.client_id_of(IMPLICIT_APP));
        let pkce_app = sample_app::pkce(&world, world.client_id_of(PKCE_APP));
        let mut servers = JoinSet::new();
        servers.spawn(listener::serve(listeners.accounts, node.front(), max, shutdown.clone()));
        servers.spawn(listener::serve(listeners.api, api, max, shutdown.clone()));
        servers.spawn(upkeep::run(Arc::clone(&node), shutdown.clone().over()));
        servers.spawn(logout_notices::run(Arc::clone(&node), shutdown.clone().over()));
        servers.spawn(listener::serve(listeners.pkce_app, pkce_app, max, shutdown.clone()));
        servers.spawn(listener::serve(listeners.app, implicit_app, max, shutdown));
        servers.join_all().await;
        app.store.close().await;
    }
}

impl World {
    async fn add(
        &mut self,
        installation: &Installation,
        name: &str,
        text: &str,
    ) -> Result<(), InstallationError> {
        let (file, applied) = installation.apply_text(name, text).await?;
        self.add_users(&file);
        for (client, secret) in applied.clients {
            let app = WorldApp::of(&client, &secret);
            self.apps.retain(|known| known.client_id != app.client_id);
            self.apps.push(app);
        }
        Ok(())
    }

    fn add_users(&mut self, file: &AppsFile) {
        for user in &file.users {
            let key = user.username.key();
            self.users.retain(|known| known.username.to_ascii_lowercase() != key);
            self.users.push(WorldUser {
                username: user.username.to_string(),
                email: user.email.to_string(),
                password: String::from_utf8_lossy(user.password.as_bytes()).into_owned(),
            });
        }
    }

    /// The app that a sample page uses.
    fn client_id_of(&self, name: &str) -> &str {
        let sample = self.apps.iter().find(|app| app.name == name);
        sample.map_or("", |app| app.client_id.as_str())
    }
}

impl WorldApp {
    fn of(client: &Client, secret: &KnownSecret) -> Self {
        Self {
            name: client.name.clone(),
            client_id: client.id.to_string(),
            client_secret: match secret {
                KnownSecret::Unknown => None,
                KnownSecret::Given(secret) | KnownSecret::Minted(secret) => {
                    Some(secret.reveal().to_owned())
                }
            },
            r#type: match client.client_type {
                ClientType::Public => "public",
                ClientType::Confidential { .. } => "confidential",
            },
            redirect_uris: client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
            grants: client.grant_types.iter().map(GrantType::as_str).collect(),
            owner: client.owner_name.clone(),
        }
    }
}

/// The sample API, with the keys and the revocations of this process: it checks tokens without asking
/// anybody.
fn sample_api(app: &AppState, world: &World) -> hallpass_web_api::Answering {
    let clock = Arc::clone(&app.clock);
    let people = Arc::new(RememberedPeople(Arc::clone(app)));
    let config = hallpass_web_api::Config {
        base_url: world.api.trim_end_matches("/v1").to_owned(),
        clock: Arc::new(move || -> Timestamp { clock.now() }),
    };
    hallpass_web_api::router(Guard::new(app.checker()), people, config)
}

fn read(path: &Path) -> Result<String, InstallationError> {
    std::fs::read_to_string(path).map_err(|error| InstallationError::File {
        path: PathBuf::from(path),
        reason: error.to_string(),
    })
}
