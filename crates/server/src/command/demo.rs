//! `hallpass demo`: everything at once, for a first look.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;

use super::signals::Signals;
use crate::clock::SystemClock;
use crate::config::{Config, Settings};
use crate::demo::{Demo, Listeners, World};
use crate::listener;
use crate::outgoing::Reach;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hallpass demo
  hallpass demo --token-lifetime 60
  hallpass demo --apps apps.toml --port 0 --api-port 0 --app-port 0 --json")]
pub(super) struct Arguments {
    /// Port of the accounts service; 0 is any that is free
    #[arg(long, default_value_t = 8080, value_name = "PORT")]
    port: u16,

    /// Port of the sample API; 0 is any that is free
    #[arg(long, default_value_t = 8081, value_name = "PORT")]
    api_port: u16,

    /// Port of the sample app; 0 is any that is free
    #[arg(long, default_value_t = 8888, value_name = "PORT")]
    app_port: u16,

    /// Port of the sample app with PKCE; 0 is any that is free [default: the one after the sample
    /// app's, or any if that is taken]
    #[arg(long, value_name = "PORT")]
    pkce_app_port: Option<u16>,

    /// Keep everything in this directory [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// A file that declares more users, apps and scopes
    #[arg(long, value_name = "FILE")]
    apps: Option<PathBuf>,

    /// How long an access token lives, 60 to 86400
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    token_lifetime: u64,

    /// Print one JSON object instead of a text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<()> {
    // Nothing here reads the environment, so no variable of anybody's can be a mistake.
    let temporary = match &arguments.data {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("hallpass-demo-")
                .tempdir()
                .context("a temporary directory could not be made; choose one with --data")?,
        ),
    };
    let data = arguments.data.clone().or_else(|| temporary.as_ref().map(|dir| dir.path().into()));
    let settings = Settings {
        data,
        token_lifetime: Some(arguments.token_lifetime),
        log: Some("warn".to_owned()),
        // The demo's apps are on this machine.
        outgoing_requests: Some(Reach::Loopback),
        ..Settings::default()
    };
    let config = settings.into_config()?;
    super::start_log(&config)?;
    let served = super::runtime()?.block_on(show(arguments, config));
    if let Some(directory) = temporary {
        directory.close().context("the temporary directory could not be removed")?;
    }
    served
}

async fn show(arguments: Arguments, config: Config) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let listeners = listen(&arguments).await?;
    let clock = Arc::new(SystemClock);
    let demo = Demo::prepare(config, arguments.apps.as_deref(), listeners, clock).await?;
    let text = if arguments.json {
        format!("{}\n", serde_json::to_string(&demo.world)?)
    } else {
        let paint = Paint { is_on: std::io::stdout().is_terminal() };
        let token = demo.token.as_ref().map(hallpass_protocol::model::Secret::reveal);
        welcome(&demo.world, token, &paint)?
    };
    let (trigger, shutdown) = listener::shutdown();
    let serving = tokio::spawn(demo.serve(shutdown));
    // Whoever reads this line may be gone already; the demo serves on.
    let _ = std::io::stdout().write_all(text.as_bytes());
    let _ = std::io::stdout().flush();
    signals.wait().await;
    trigger.pull();
    serving.await?;
    Ok(())
}

async fn listen(arguments: &Arguments) -> anyhow::Result<Listeners> {
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    Ok(Listeners {
        accounts: super::bind(loopback(arguments.port), "--port").await?,
        api: super::bind(loopback(arguments.api_port), "--api-port").await?,
        app: super::bind(loopback(arguments.app_port), "--app-port").await?,
        pkce_app: match (arguments.pkce_app_port, arguments.app_port) {
            (Some(port), _) => super::bind(loopback(port), "--pkce-app-port").await?,
            (None, 0 | u16::MAX) => super::bind(loopback(0), "--pkce-app-port").await?,
            // Nobody asked for this very port, so that somebody has it is no reason to give up.
            (None, port) => match super::bind(loopback(port + 1), "--pkce-app-port").await {
                Ok(listener) => listener,
                Err(_) => super::bind(loopback(0), "--pkce-app-port").await?,
            },
        },
    })
}

/// Colours, on a terminal.
struct Paint {
    is_on: bool,
}

impl Paint {
    fn bold(&self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn link(&self, text: &str) -> String {
        self.wrap("4;36", text)
    }

    fn dim(&self, text: &str) -> String {
        self.wrap("2", text)
    }

    fn wrap(&self, code: &str, text: &str) -> String {
        if self.is_on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn welcome(world: &World, token: Option<&str>, paint: &Paint) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "\n{} is running. Open the sample app:\n", paint.bold("Hallpass"))?;
    writeln!(text, "    {}", paint.link(&world.app))?;
    writeln!(
        text,
        "    {}   the same with an authorization code and PKCE\n",
        paint.link(&world.pkce_app)
    )?;
    writeln!(text, "{}", paint.bold("Sign in as"))?;
    for user in &world.users {
        writeln!(text, "    {:<10} {}", user.username, user.password)?;
    }
    writeln!(text, "\n{}", paint.bold("Also here"))?;
    writeln!(text, "    accounts   {}", paint.link(&world.accounts))?;
    writeln!(text, "    dashboard  {}", paint.link(&format!("{}/dashboard", world.accounts)))?;
    writeln!(text, "    API        {}", paint.link(&world.api))?;
    for app in &world.apps {
        writeln!(text, "    {:<18} client_id {}", app.name, app.client_id)?;
    }
    if let Some(token) = token {
        writeln!(text, "\n{}", paint.bold("Call the API with a token of ada's"))?;
        writeln!(text, "    curl -H 'Authorization: Bearer {token}' {}/me", world.api)?;
    }
    writeln!(text, "\n{}", paint.dim("Everything is on this machine only. Ctrl-C ends it."))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_welcome_has_no_colour_where_there_is_no_terminal() {
        let world = World {
            accounts: "http://127.0.0.1:1".to_owned(),
            api: "http://127.0.0.1:2/v1".to_owned(),
            app: "http://127.0.0.1:3".to_owned(),
            pkce_app: "http://127.0.0.1:4".to_owned(),
            users: Vec::new(),
            apps: Vec::new(),
        };
        let text = welcome(&world, Some("hpa_x"), &Paint { is_on: false }).expect("a string");
        assert!(!text.contains('\x1b'), "{text}");
        assert!(text.contains("http://127.0.0.1:4   the same"), "{text}");
        assert!(text.contains("curl -H 'Authorization: Bearer hpa_x' http://127.0.0.1:2/v1/me"));
    }
}
