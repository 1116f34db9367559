//! `hallpass serve`: the accounts service for real.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use hallpass_store::Location;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::signals::Signals;
use crate::apps_file::{Applied, KnownSecret};
use crate::clock::SystemClock;
use crate::config::{Config, PublicUrl, Settings, judge_environment};
use crate::installation::Installation;
use crate::node::Node;
use crate::operator::{self, OperatorSocket};
use crate::state::App;
use crate::{listener, logout_notices, upkeep};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hallpass serve
  hallpass serve --public-url https://accounts.example.com --data /var/lib/hallpass --apps apps.toml
  HALLPASS_TOKEN_LIFETIME=600 hallpass serve --config hallpass.toml
  HALLPASS_DATABASE=postgres://hallpass@db.example/accounts hallpass serve --listen 127.0.0.1:8081

A setting can stand in the file (token_lifetime = 600), in the environment (HALLPASS_TOKEN_LIFETIME)
and on the command line (--token-lifetime); the later wins. The master key lies in the data directory,
or in HALLPASS_MASTER_KEY; all nodes of one database have the same.")]
pub(super) struct Arguments {
    /// A settings file (TOML), with the names below and _ for -
    #[arg(long, env = "HALLPASS_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = read_config(arguments.config.as_deref(), arguments.settings)?;
    super::start_log(&config)?;
    super::runtime()?.block_on(serve(config))
}

/// What is meant by these settings, the environment and the file.
pub(super) fn read_config(file: Option<&Path>, settings: Settings) -> anyhow::Result<Config> {
    let names: Vec<String> =
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    judge_environment(names.iter().map(String::as_str))?;
    let file = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            Settings::parse_file(&path.display().to_string(), &text)?
        }
        None => Settings::default(),
    };
    Ok(settings.or(file).into_config()?)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let listener = super::bind(config.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let issuer = config.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(address));
    if config.public_url.is_none() && matches!(config.database, Location::Postgres(_)) {
        tracing::warn!(
            "public_url is not set, so this node is known as {issuer}: all nodes of one database must have the same"
        );
    }
    let max_connections = config.max_connections;
    let installation =
        Installation::open(config.clone(), master_key(), Arc::new(SystemClock)).await?;
    if let Some(path) = &config.apps {
        let applied = installation.apply_file(path).await?;
        tell_minted_secrets(&applied);
    }
    let (node, follower) = installation.into_node(issuer).await?;
    let app = node.app();
    let operator = operator_socket(&node);
    tracing::info!("listening on http://{address}, known as {}", app.policy.issuer);
    let (trigger, shutdown) = listener::shutdown();
    let (last_trigger, all_served) = listener::shutdown();
    let follower = tokio::spawn(follower.run(all_served.clone().over()));
    let sweeper = tokio::spawn(upkeep::run(Arc::clone(&node), all_served.clone().over()));
    let teller = tokio::spawn(logout_notices::run(Arc::clone(&node), all_served.clone().over()));
    let operator = operator.map(|socket| tokio::spawn(socket.serve(Arc::clone(&node), all_served)));
    let server = tokio::spawn(listener::serve(listener, node.front(), max_connections, shutdown));
    signals.wait().await;
    drain(&app, &mut signals).await;
    tracing::info!("finishing the requests under way");
    trigger.pull();
    server.await?;
    // Until now the last requests needed to know what others had ended.
    last_trigger.pull();
    sweeper.await?;
    teller.await?;
    follower.await?;
    if let Some(operator) = operator {
        operator.await?;
    }
    app.store.close().await;
    Ok(())
}

/// Where `hallpass key` reaches a server that has the database for itself. Without it everything else
/// works, so it is no reason not to serve.
fn operator_socket(node: &Node) -> Option<OperatorSocket> {
    let app = node.app();
    if app.store.is_shared() {
        return None;
    }
    let bound = OperatorSocket::bind(&app.config.data);
    let told = bound.inspect_err(|error| {
        let path = operator::path(&app.config.data);
        tracing::warn!("{} cannot be made: {error}. `hallpass key` will work only while this server is stopped.", path.display());
    });
    told.ok()
}

/// Says that this node is about to end, and serves on for a while. A second signal ends that.
async fn drain(app: &App, signals: &mut Signals) {
    app.departure.announce();
    if app.config.drain.is_zero() {
        return;
    }
    tracing::info!("not ready any more; serving for {:?} longer", app.config.drain);
    // Whichever comes first.
    let _ = timeout(app.config.drain, signals.wait()).await;
}

/// The text of the variable; it is taken out of nobody's environment but kept out of every log.
pub(super) fn master_key() -> Option<Zeroizing<String>> {
    std::env::var("HALLPASS_MASTER_KEY").ok().map(Zeroizing::new)
}

/// New secrets go to standard output, once; the database holds only their digests, and the log nothing.
fn tell_minted_secrets(applied: &Applied) {
    for (client, secret) in &applied.clients {
        if let KnownSecret::Minted(secret) = secret {
            println!("{}: client_id {}", client.name, client.id);
            println!("  client_secret {}  (shown this once: keep it)", secret.reveal());
        }
    }
}
