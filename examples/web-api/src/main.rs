//! The sample API as a program of its own: tokens are checked by asking the accounts service.

mod listen;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs, io};

use anyhow::{Context as _, bail};
use clap::Parser;
use hallpass_guard::{Checker, ClientId, Guard, IntrospectionEndpoint, Secret, SystemClock};
use hallpass_web_api::{Config, Invented, router};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

const SECRET_VARIABLE: &str = "HALLPASS_CLIENT_SECRET";

/// A small music API, protected with access tokens that a Hallpass accounts service issued.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:
  hallpass-web-api --introspect http://127.0.0.1:8080/introspect \\
      --client-id 5b0c4f3e9d2a4b6f8e1d7c3a9f0e2b4d --client-secret-file api.secret

Then: curl -H 'Authorization: Bearer hpa_…' http://127.0.0.1:8081/v1/me"
)]
struct Arguments {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,

    /// Where the API is reached from outside; links in answers begin with it [default: http:// and the
    /// address where it listens].
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,

    /// The introspection endpoint of the accounts service.
    #[arg(long, value_name = "URL")]
    introspect: String,

    /// The client id under which this API is registered there, as a confidential app.
    #[arg(long, value_name = "ID")]
    client_id: String,

    /// The file that holds that app's secret. Without it, the secret is read from the environment
    /// variable HALLPASS_CLIENT_SECRET. There is no flag for the secret itself: command lines are
    /// visible to others.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let log = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(log)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> anyhow::Result<()> {
    let endpoint = IntrospectionEndpoint {
        url: arguments.introspect,
        client_id: ClientId::parse(&arguments.client_id).context("--client-id")?,
        client_secret: secret(arguments.client_secret_file.as_deref())?,
    };
    let checker = Checker::with_introspection(endpoint, SystemClock).context("--introspect")?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener.local_addr().context("cannot tell where it listens")?;
    let base_url = arguments.base_url.unwrap_or_else(|| format!("http://{address}"));
    tracing::info!(%address, %base_url, "the API listens");
    let config = Config { base_url, clock: Arc::new(SystemClock) };
    let api = router(Guard::new(checker).with_realm("music"), Arc::new(Invented), config);
    listen::until_told_to_stop(listener, api).await
}

/// The secret, without the line end that editors put after it.
fn secret(file: Option<&Path>) -> anyhow::Result<Secret> {
    let text = match file {
        Some(file) => fs::read_to_string(file)
            .with_context(|| format!("--client-secret-file: cannot read {}", file.display()))?,
        None => match env::var(SECRET_VARIABLE) {
            Ok(text) => text,
            Err(_) => bail!("give the client's secret: --client-secret-file, or {SECRET_VARIABLE}"),
        },
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("the client's secret is empty");
    }
    Ok(Secret::presented(text))
}
