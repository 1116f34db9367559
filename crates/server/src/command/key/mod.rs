//! `hallpass key`: the keys that seal and sign.
//!
//! The database tells which keys there are, and changing them is an act of the store; so the command does it
//! itself where it can open the database. Where a server has the embedded database for itself, it asks
//! that server ([`crate::operator`]).

mod keys;
mod text;

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use hallpass_protocol::model::{KeyId, KeyPurpose};
use serde::Serialize;

use crate::config::Settings;
use crate::keyring::{KeyRow, PurposeName};
use keys::Keys;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hallpass key list --data /var/lib/hallpass
  HALLPASS_DATABASE=postgres://… hallpass key list
  hallpass key rotate
  hallpass key rotate --purpose sign-rs256
  hallpass key revoke 1f0a93c7

Keys are changed every 90 days by themselves (key_lifetime); rotate does it now, and nobody notices.
revoke is for a key that somebody else may know. Both work while the server runs. The key for
pairwise-subject is one for ever: with another, apps would take every person for somebody new.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Show all keys, what they are for, and until when
    List(Place),
    /// Make the next key of each kind, to be used as soon as everybody can know it
    Rotate {
        /// Only the key for this: access-token, form, refresh-token, sign-ed25519, sign-es256 or
        /// sign-rs256; can be given several times
        #[arg(long, value_parser = purpose, value_name = "PURPOSE")]
        purpose: Vec<KeyPurpose>,

        #[command(flatten)]
        place: Place,
    },
    /// End a key now, with everything that it made
    Revoke {
        /// The key, as the list shows it
        #[arg(value_parser = id, value_name = "ID")]
        id: KeyId,

        /// Do not ask
        #[arg(long)]
        yes: bool,

        #[command(flatten)]
        place: Place,
    },
}

/// Settings that say where the keys are; the others are read too, so that one file serves all commands.
const OF_PLACE: [&str; 3] = ["config", "data", "database"];

#[derive(Args, Debug)]
#[command(mut_args(|argument| {
    let is_setting = argument.get_env().is_some();
    let is_hidden = is_setting && !OF_PLACE.contains(&argument.get_id().as_str());
    if is_hidden { argument.hide(true) } else { argument }
}))]
struct Place {
    /// A settings file (TOML), the server's
    #[arg(long, env = "HALLPASS_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print JSON instead of a text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings,
}

fn purpose(text: &str) -> Result<KeyPurpose, String> {
    let known = PurposeName::parse(text).map(|name| name.0);
    known.ok_or_else(|| {
        let rotated = KeyPurpose::all().filter(|purpose| purpose.is_rotated());
        let names: Vec<_> = rotated.map(|purpose| PurposeName(purpose).to_string()).collect();
        format!("there are {}", names.join(", "))
    })
}

fn id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text).ok_or_else(|| "an id has eight hexadecimal digits".to_owned())
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<()> {
    super::runtime()?.block_on(Box::pin(act(arguments.act)))
}

async fn act(act: Act) -> anyhow::Result<()> {
    match act {
        Act::List(place) => {
            let is_json = place.json;
            let keys = Keys::open(place).await?;
            let listed = keys.list().await;
            keys.close().await;
            let listed = listed?;
            show(is_json, &listed, || text::table(&listed))
        }
        Act::Rotate { purpose, place } => {
            let is_json = place.json;
            let keys = Keys::open(place).await?;
            let rotated = keys.rotate(purpose).await;
            keys.close().await;
            let rotated = rotated?;
            show(is_json, &rotated, || text::rotated(&rotated))
        }
        Act::Revoke { id, yes, place } => {
            let is_json = place.json;
            let keys = Keys::open(place).await?;
            let ended = match yes {
                true => keys.revoke(id).await,
                false => keys.revoke_if(id, confirmed).await,
            };
            keys.close().await;
            let ended = ended?;
            show(is_json, &ended, || text::ended(&ended))
        }
    }
}

/// Prints the one or the other. Whoever reads it may be gone already; what was done is done.
fn show<T: Serialize>(is_json: bool, value: &T, text: impl Fn() -> String) -> anyhow::Result<()> {
    let text = if is_json { format!("{}\n", serde_json::to_string(value)?) } else { text() };
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Whether the person at the terminal wants it, having read what it means.
fn confirmed(key: &KeyRow) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        anyhow::bail!("there is nobody to ask: say --yes to revoke {} without a question", key.id);
    }
    eprint!("{}\nRevoke {}? Type yes to go on: ", text::consequence(key), key.id);
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => anyhow::bail!("nothing was changed"),
    }
}
