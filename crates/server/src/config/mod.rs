//! Settings (what was written) and Config (what is meant).
//!
//! Every setting can stand in a file, in the environment and on the command line; the later wins over
//! the earlier. Its documentation is the comment of its field, which `hallpass serve --help` prints.

mod choice;
mod database;
mod environment;
mod judgement;
mod public_url;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use hallpass_protocol::authorize::{Policy, RememberConsent, UnknownScopes};
use hallpass_protocol::model::{Api, RedirectUriPolicy, ScopeCatalogue};
use hallpass_protocol::token::RefreshLifetimes;
use hallpass_store::Location;
use serde::Deserialize;
use thiserror::Error;

use crate::layout::Accent;
use crate::outgoing::Reach;

pub use choice::{LogFormat, RememberConsentSetting, UnknownScopesSetting};
pub(crate) use database::DATABASE;
pub use database::DatabaseText;
pub use environment::{ENVIRONMENT_PREFIX, judge_environment};
use judgement::{MONTH, accent, count, judge_listen, refresh_lifetimes, seconds, service_name};
pub use public_url::PublicUrl;

/// What was written, in one of the three places.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "HALLPASS_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// The address that browsers and apps know this service by, without a slash at the end: the issuer.
    /// https, or http on a loopback address [default: http:// and the listening address]
    #[arg(long, env = "HALLPASS_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Directory of the database and its key [default: hallpass-data]
    #[arg(long, env = "HALLPASS_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// The database: a path, or a postgres:// URL, which any number of nodes may share. A URL with a
    /// password is better given in the environment or the file [default: hallpass.db in the directory]
    #[arg(long, env = "HALLPASS_DATABASE", hide_env_values = true, value_name = "PATH or URL")]
    pub database: Option<DatabaseText>,

    /// The most connections of this node to PostgreSQL, 2 to 1000 [default: 16]
    #[arg(long, env = "HALLPASS_DATABASE_CONNECTIONS", value_name = "COUNT")]
    pub database_connections: Option<u32>,

    /// Whether statements are prepared once for each connection to PostgreSQL; false if a pooler is
    /// between that gives each transaction to another connection [default: true]
    #[arg(long, env = "HALLPASS_DATABASE_PREPARED", value_name = "BOOL")]
    pub database_prepared: Option<bool>,

    /// For how long a node that is told to end (SIGTERM) goes on serving while it says that it is not
    /// ready, 0 to 300 [default: 1 if other nodes may share its database, 0 if not]
    #[arg(long, env = "HALLPASS_DRAIN", value_name = "SECONDS")]
    pub drain: Option<u64>,

    /// A file that declares users, apps and scopes, applied at every start
    #[arg(long, env = "HALLPASS_APPS", value_name = "FILE")]
    pub apps: Option<PathBuf>,

    /// What the service calls itself on its pages [default: Hallpass]
    #[arg(long, env = "HALLPASS_SERVICE_NAME", value_name = "NAME")]
    pub service_name: Option<String>,

    /// The colour of buttons, such as #1d5c4b
    #[arg(long, env = "HALLPASS_ACCENT", value_name = "#RRGGBB")]
    pub accent: Option<String>,

    /// How long an access token lives, 60 to 86400 [default: 3600]
    #[arg(long, env = "HALLPASS_TOKEN_LIFETIME", value_name = "SECONDS")]
    pub token_lifetime: Option<u64>,

    /// How long a refresh token lives that is not used, 3600 to 31536000 [default: 2592000, 30 days]
    #[arg(long, env = "HALLPASS_REFRESH_IDLE", value_name = "SECONDS")]
    pub refresh_idle: Option<u64>,

    /// How long refresh tokens can be renewed at all, 3600 to 315360000 [default: 15552000, 180 days]
    #[arg(long, env = "HALLPASS_REFRESH_ABSOLUTE", value_name = "SECONDS")]
    pub refresh_absolute: Option<u64>,

    /// How long a browser stays signed in, 300 to 31536000 [default: 2592000, 30 days]
    #[arg(long, env = "HALLPASS_SESSION_LIFETIME", value_name = "SECONDS")]
    pub session_lifetime: Option<u64>,

    /// How long a key is in use before the next one takes its place, 86400 to 315360000 [default: 7776000,
    /// 90 days]
    #[arg(long, env = "HALLPASS_KEY_LIFETIME", value_name = "SECONDS")]
    pub key_lifetime: Option<u64>,

    /// Whether apps may register http://localhost; loopback addresses they always may [default: true]
    #[arg(long, env = "HALLPASS_ALLOW_LOCALHOST", value_name = "BOOL")]
    pub allow_localhost: Option<bool>,

    /// What happens to a scope that is not declared [default: refuse]
    #[arg(long, env = "HALLPASS_UNKNOWN_SCOPES", value_enum)]
    pub unknown_scopes: Option<UnknownScopesSetting>,

    /// When an earlier approval saves the consent page: always, or not for public apps on a loopback
    /// address or a private scheme, whose place another program could take [default: always]
    #[arg(long, env = "HALLPASS_REMEMBER_CONSENT", value_enum)]
    pub remember_consent: Option<RememberConsentSetting>,

    /// Whether a person is asked before an app's faulty request leads them on to the app [default: false]
    #[arg(long, env = "HALLPASS_CONFIRM_ERROR_REDIRECTS", value_name = "BOOL")]
    pub confirm_error_redirects: Option<bool>,

    /// How far requests go to addresses that apps have registered, such as for back-channel logout
    /// [default: public]
    #[arg(long, env = "HALLPASS_OUTGOING_REQUESTS", value_enum)]
    pub outgoing_requests: Option<Reach>,

    /// Threads that hash passwords, each with 19 MiB of its own [default: one for each core]
    #[arg(long, env = "HALLPASS_HASHING_THREADS", value_name = "COUNT")]
    pub hashing_threads: Option<usize>,

    /// The most connections at one time [default: 10000]
    #[arg(long, env = "HALLPASS_MAX_CONNECTIONS", value_name = "COUNT")]
    pub max_connections: Option<usize>,

    /// What is logged, such as info or hallpass=debug [default: info]
    #[arg(long, env = "HALLPASS_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// The form of the log [default: text]
    #[arg(long, env = "HALLPASS_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
}

/// What is meant: every setting judged and filled in.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The issuer: scheme, host and port, without a slash at the end. `None` until the port is known.
    pub public_url: Option<PublicUrl>,
    /// The directory of the key, and of the database if that is nowhere else.
    pub data: PathBuf,
    /// Where the database is.
    pub database: Location,
    /// For how long a node that ends goes on serving.
    pub drain: Duration,
    /// The file of users, apps and scopes.
    pub apps: Option<PathBuf>,
    /// How long an access token lives.
    pub token_lifetime: Duration,
    /// How long refresh tokens live.
    pub refresh_lifetimes: RefreshLifetimes,
    /// How long a browser stays signed in.
    pub session_lifetime: Duration,
    /// How long a key is in use.
    pub key_lifetime: Duration,
    /// What may be registered.
    pub redirect_uris: RedirectUriPolicy,
    /// What happens to an unknown scope.
    pub unknown_scopes: UnknownScopes,
    /// When an earlier approval saves the page.
    pub remember_consent: RememberConsent,
    /// Whether a person is asked before an error leads them on.
    pub confirm_error_redirects: bool,
    /// How far requests go to addresses that others chose.
    pub outgoing_requests: Reach,
    /// How many threads hash passwords.
    pub hashing_threads: usize,
    /// How many connections at once.
    pub max_connections: usize,
    /// What is logged.
    pub log: String,
    /// In which form.
    pub log_format: LogFormat,
    pub(crate) service_name: String,
    pub(crate) accent: Accent,
}

/// What is wrong with the settings, and who can mend it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// A value that makes no sense.
    #[error("{setting} is {value:?}: {expected}")]
    Value {
        /// The setting's name.
        setting: &'static str,
        /// What was written.
        value: String,
        /// What could be.
        expected: &'static str,
    },
    /// The file is not TOML, or has a key that is none.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// The parser's words, with the line.
        problem: String,
    },
    /// An environment variable that looks like a setting and is none.
    #[error("the environment variable {name} is no setting{}", did_you_mean(.nearest.as_deref()))]
    Variable {
        /// Its name.
        name: String,
        /// The one that was perhaps meant.
        nearest: Option<String>,
    },
}

fn did_you_mean(name: Option<&str>) -> String {
    name.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

impl Settings {
    /// Reads the text of a settings file.
    ///
    /// # Errors
    /// [`SettingsError::File`] with the line, and the nearest right name for a wrong one.
    pub fn parse_file(file: &str, text: &str) -> Result<Self, SettingsError> {
        toml::from_str(text).map_err(|error| SettingsError::File {
            file: file.to_owned(),
            problem: database::without_secrets(text, &error)
                .unwrap_or_else(|| crate::suggest::explain_toml(&error)),
        })
    }

    /// These settings where they are written, `other` where they are not.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            public_url: self.public_url.or(other.public_url),
            data: self.data.or(other.data),
            database: self.database.or(other.database),
            database_connections: self.database_connections.or(other.database_connections),
            database_prepared: self.database_prepared.or(other.database_prepared),
            drain: self.drain.or(other.drain),
            apps: self.apps.or(other.apps),
            service_name: self.service_name.or(other.service_name),
            accent: self.accent.or(other.accent),
            token_lifetime: self.token_lifetime.or(other.token_lifetime),
            refresh_idle: self.refresh_idle.or(other.refresh_idle),
            refresh_absolute: self.refresh_absolute.or(other.refresh_absolute),
            session_lifetime: self.session_lifetime.or(other.session_lifetime),
            key_lifetime: self.key_lifetime.or(other.key_lifetime),
            allow_localhost: self.allow_localhost.or(other.allow_localhost),
            unknown_scopes: self.unknown_scopes.or(other.unknown_scopes),
            remember_consent: self.remember_consent.or(other.remember_consent),
            confirm_error_redirects: self.confirm_error_redirects.or(other.confirm_error_redirects),
            outgoing_requests: self.outgoing_requests.or(other.outgoing_requests),
            hashing_threads: self.hashing_threads.or(other.hashing_threads),
            max_connections: self.max_connections.or(other.max_connections),
            log: self.log.or(other.log),
            log_format: self.log_format.or(other.log_format),
        }
    }

    /// Judges what was written and fills in the rest.
    ///
    /// # Errors
    /// [`SettingsError::Value`] for the first value that makes no sense.
    pub fn into_config(self) -> Result<Config, SettingsError> {
        let token_lifetime =
            seconds("token_lifetime", self.token_lifetime.unwrap_or(3600), 60..=86_400)?;
        let session_lifetime =
            seconds("session_lifetime", self.session_lifetime.unwrap_or(MONTH), 300..=31_536_000)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let listen = self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let public_url = self.public_url.map(|url| PublicUrl::parse(&url)).transpose()?;
        judge_listen(listen, public_url.as_ref())?;
        let data = self.data.unwrap_or_else(|| PathBuf::from("hallpass-data"));
        let database = database::location(
            self.database,
            &data,
            self.database_connections,
            self.database_prepared,
        )?;
        let drain = self.drain.unwrap_or(match database {
            Location::File(_) => 0,
            Location::Postgres(_) => 1,
        });
        Ok(Config {
            listen,
            public_url,
            data,
            database,
            drain: seconds("drain", drain, 0..=300)?,
            apps: self.apps,
            token_lifetime,
            refresh_lifetimes: refresh_lifetimes(self.refresh_idle, self.refresh_absolute)?,
            session_lifetime,
            key_lifetime: seconds(
                "key_lifetime",
                self.key_lifetime.unwrap_or(3 * MONTH),
                86_400..=315_360_000,
            )?,
            redirect_uris: RedirectUriPolicy { localhost: self.allow_localhost.unwrap_or(true) },
            unknown_scopes: match self.unknown_scopes {
                Some(UnknownScopesSetting::Ignore) => UnknownScopes::Ignore,
                Some(UnknownScopesSetting::Refuse) | None => UnknownScopes::Refuse,
            },
            remember_consent: match self.remember_consent {
                Some(RememberConsentSetting::Verified) => RememberConsent::Verified,
                Some(RememberConsentSetting::Always) | None => RememberConsent::Always,
            },
            confirm_error_redirects: self.confirm_error_redirects.unwrap_or(false),
            outgoing_requests: self.outgoing_requests.unwrap_or_default(),
            hashing_threads: count("hashing_threads", self.hashing_threads.unwrap_or(cores))?,
            max_connections: count("max_connections", self.max_connections.unwrap_or(10_000))?,
            log: self.log.unwrap_or_else(|| "info".to_owned()),
            log_format: self.log_format.unwrap_or_default(),
            service_name: service_name(self.service_name)?,
            accent: accent(self.accent)?,
        })
    }
}

impl Config {
    /// The rules' share of the configuration, for the service known as `issuer`.
    pub fn policy(&self, issuer: &PublicUrl, catalogue: ScopeCatalogue, apis: Vec<Api>) -> Policy {
        Policy {
            issuer: Arc::clone(&issuer.0),
            redirect_uris: self.redirect_uris,
            catalogue,
            apis,
            unknown_scopes: self.unknown_scopes,
            remember_consent: self.remember_consent,
            token_lifetime: self.token_lifetime,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_has_a_default() {
        let config = Settings::default().into_config().expect("the defaults make sense");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.token_lifetime, Duration::from_secs(3600));
    }

    #[test]
    fn a_wrong_key_in_a_file_is_refused_with_its_line_and_the_nearest_right_one() {
        let error =
            Settings::parse_file("hallpass.toml", "listen = \"127.0.0.1:1\"\ntoken_lifetme = 60\n")
                .expect_err("no such key");
        let text = error.to_string();
        assert!(text.contains("hallpass.toml") && text.contains("line 2"), "{text}");
        assert!(text.contains("did you mean token_lifetime?"), "{text}");
    }

    #[test]
    fn values_out_of_range_are_refused_with_the_range() {
        for (text, told) in [
            ("token_lifetime = 59", "token_lifetime is \"59\": between 60"),
            ("token_lifetime = 86401", "and 86400"),
            ("session_lifetime = 1", "between 300"),
            ("key_lifetime = 3600", "between 86400 (a day)"),
            ("hashing_threads = 0", "at least 1"),
            ("accent = \"red\"", "a colour such as"),
            ("service_name = \"\"", "1 to 40 characters"),
            ("public_url = \"http://accounts.example\"", "only a loopback address may be http"),
            ("public_url = \"https://accounts.example/path\"", "write scheme, host and port"),
            ("listen = \"0.0.0.0:8080\"", "set public_url"),
            ("listen = \"[::]:8080\"", "set public_url"),
        ] {
            let settings = Settings::parse_file("f", text).expect("TOML");
            let error = settings.into_config().expect_err(text).to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
