//! The URL of a database becomes an address: hosts, who signs in, and whether the way is sealed.
//!
//! `postgres://[user[:password]@][host[:port],…]/[database][?name=value&…]`, as the engine's own programs
//! read it; a host may be the directory of a Unix socket (`?host=/var/run/postgresql`). Ours are:
//!
//! - `sslmode`: `disable`, or one of `require`, `verify-ca` and `verify-full`, which all mean that the
//!   server must show a certificate for its name by an authority that is trusted. Without it hosts other
//!   than this machine need that too. A mode that may fall back is refused: it protects nobody.
//! - `sslrootcert`: a file (PEM) with the authorities to trust instead of the system's.
//! - `application_name` is `hallpass` and `target_session_attrs` is `read-write`, so that of several hosts
//!   the one that takes writes is found, unless the URL says otherwise.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, SslNegotiation, TargetSessionAttrs};
use url::form_urlencoded;

use crate::OpenError;

/// How long all hosts of an address together may take to take a connection. A host that has gone without
/// a word must not use up the time of the one that has its place.
const CONNECTING: Duration = Duration::from_secs(1);

/// After how long without traffic a connection is tried, so that a way that was cut in silence (a
/// firewall's memory, a host without power) is found out before somebody wants it.
const KEEPALIVE: Duration = Duration::from_secs(5);
const KEEPALIVE_TRIES: u32 = 3;

/// After how long without a sign that it arrived a connection is given up on which something was sent.
const UNHEARD: Duration = Duration::from_millis(1_500);

/// Ends on the server what this side has given up: a statement, and a transaction of a process that is
/// gone. Written before the URL's own options, which may say otherwise.
const LIMITS: &str = "-c statement_timeout=2s -c idle_in_transaction_session_timeout=10s";

/// Where a database is, and how to get in.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) seal: Seal,
    /// In words, without the password.
    pub(super) place: String,
}

/// How the way to the server is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seal {
    /// It does not leave the machine, or the URL says that it needs nothing.
    None,
    /// TLS, by the authorities in this file, or the system's.
    Verified { authorities: Option<PathBuf> },
}

impl Address {
    /// Reads a URL. `pooled` says that a pooler takes the connections: it has no options to set.
    pub(super) fn parse(url: &str, pooled: bool) -> Result<Self, OpenError> {
        let parts = Parts::of(url)?;
        let mut config: Config = parts.rest.parse().map_err(|error| malformed(&error))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(OpenError::BadUrl { reason: "it names no host".to_owned() });
        }
        let is_near = is_near(&config);
        let seal = parts.seal(is_near)?;
        config.ssl_mode(match seal {
            Seal::None => SslMode::Disable,
            Seal::Verified { .. } => SslMode::Require,
        });
        if config.get_application_name().is_none() {
            config.application_name("hallpass");
        }
        if !parts.names("target_session_attrs") {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        set_patience(&mut config, &parts);
        if !pooled {
            let own = config.get_options().unwrap_or_default();
            let options = format!("{LIMITS} {own}");
            config.options(options.trim_end());
        }
        let place = in_words(&config);
        Ok(Self { config, seal, place })
    }

    /// Whether the server expects TLS from the first byte on.
    pub(super) fn is_direct(&self) -> bool {
        self.config.get_ssl_negotiation() == SslNegotiation::Direct
    }
}

// Not derived: the configuration holds the password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

/// A URL, with the parameters taken out that only we understand.
struct Parts {
    rest: String,
    names: Vec<String>,
    mode: Option<String>,
    authorities: Option<PathBuf>,
}

impl Parts {
    fn of(url: &str) -> Result<Self, OpenError> {
        if !is_url(url) {
            let reason = "it does not begin with postgres:// or postgresql://".to_owned();
            return Err(OpenError::BadUrl { reason });
        }
        let (rest, query) = url.split_once('?').unwrap_or((url, ""));
        let mut parts =
            Self { rest: rest.to_owned(), names: Vec::new(), mode: None, authorities: None };
        let mut separator = '?';
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = decode(pair);
            match name.as_str() {
                "sslmode" => parts.mode = Some(value),
                "sslrootcert" => parts.authorities = Some(PathBuf::from(value)),
                _ => {
                    parts.rest.push(separator);
                    parts.rest.push_str(pair);
                    separator = '&';
                }
            }
            parts.names.push(name);
        }
        Ok(parts)
    }

    fn names(&self, name: &str) -> bool {
        self.names.iter().any(|named| named == name)
    }

    fn seal(&self, is_near: bool) -> Result<Seal, OpenError> {
        let verified = || Seal::Verified { authorities: self.authorities.clone() };
        match self.mode.as_deref() {
            None if is_near => Ok(Seal::None),
            None | Some("require" | "verify-ca" | "verify-full") => Ok(verified()),
            Some("disable") => Ok(Seal::None),
            Some(other) => {
                let reason = format!("sslmode={other} protects nobody: say verify-full or disable");
                Err(OpenError::BadUrl { reason })
            }
        }
    }
}

/// Whether this is the URL of a PostgreSQL database.
pub(crate) fn is_url(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// A parameter's name and value. Unlike in a form, `+` is a plus.
fn decode(pair: &str) -> (String, String) {
    let pair = pair.replace('+', "%2B");
    form_urlencoded::parse(pair.as_bytes()).into_owned().next().unwrap_or_default()
}

fn malformed(error: &tokio_postgres::Error) -> OpenError {
    // The driver's reasons name parameters, never their values.
    OpenError::BadUrl { reason: super::failure::in_words(error) }
}

fn set_patience(config: &mut Config, parts: &Parts) {
    let hosts = config.get_hosts().len().max(config.get_hostaddrs().len());
    let share = CONNECTING / u32::try_from(hosts).unwrap_or(u32::MAX).max(1);
    if !parts.names("connect_timeout") {
        config.connect_timeout(share);
    }
    if !parts.names("keepalives_idle") {
        config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE);
        config.keepalives_retries(KEEPALIVE_TRIES);
    }
    if !parts.names("tcp_user_timeout") {
        config.tcp_user_timeout(UNHEARD);
    }
}

/// Whether no host is on another machine.
fn is_near(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn in_words(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(directory) => directory.display().to_string(),
        }
    });
    let mut place: Vec<String> = hosts.collect();
    if place.is_empty() {
        place = config.get_hostaddrs().iter().map(IpAddr::to_string).collect();
    }
    let user = config.get_user().unwrap_or("the user that runs this program");
    let database = config.get_dbname().unwrap_or(user);
    format!("database {database} at {}, as {user}", place.join(","))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn address(url: &str) -> Address {
        Address::parse(url, false).unwrap()
    }

    fn refusal(url: &str) -> String {
        Address::parse(url, false).unwrap_err().to_string()
    }

    #[test]
    fn what_the_url_leaves_open_is_set() {
        let address = address("postgres://ann:secret@db.example/accounts");
        assert_eq!(address.config.get_application_name(), Some("hallpass"));
        assert_eq!(address.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(1)));
        assert_eq!(address.config.get_options(), Some(LIMITS));
    }

    #[test]
    fn what_the_url_says_is_kept() {
        let address = address(
            "postgresql://db.example/accounts?application_name=other&target_session_attrs=any\
             &connect_timeout=7&options=-c%20search_path%3Dours",
        );
        assert_eq!(address.config.get_application_name(), Some("other"));
        assert_eq!(address.config.get_target_session_attrs(), TargetSessionAttrs::Any);
        assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(7)));
        let options = format!("{LIMITS} -c search_path=ours");
        assert_eq!(address.config.get_options(), Some(options.as_str()));
    }

    #[test]
    fn a_pooler_is_sent_no_options() {
        let address = Address::parse("postgres://localhost/accounts", true).unwrap();
        assert_eq!(address.config.get_options(), None);
    }

    #[test]
    fn several_hosts_share_the_time_of_connecting() {
        let address = address("postgres://ann@one.example:1,two.example:2/accounts");
        assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_millis(500)));
        assert_eq!(address.place, "database accounts at one.example:1,two.example:2, as ann");
    }

    #[test]
    fn only_the_way_within_this_machine_may_be_open() {
        for near in [
            "postgres://localhost/a",
            "postgres://127.0.0.1:5433/a",
            "postgres://[::1]/a",
            "postgres:///a?host=/var/run/postgresql",
            "postgres://%2Fvar%2Frun%2Fpostgresql/a",
            "postgres://db.example/a?sslmode=disable",
        ] {
            assert_eq!(address(near).seal, Seal::None, "{near}");
        }
        for far in [
            "postgres://db.example/a",
            "postgres://10.0.0.5/a",
            "postgres://localhost,db.example/a",
            "postgres://localhost/a?hostaddr=10.0.0.5",
            "postgres://localhost/a?sslmode=require",
            "postgres://db.example/a?sslmode=verify-full",
        ] {
            assert_eq!(address(far).seal, Seal::Verified { authorities: None }, "{far}");
            assert_eq!(address(far).config.get_ssl_mode(), SslMode::Require, "{far}");
        }
    }

    #[test]
    fn own_authorities_are_named_by_a_file() {
        let address = address("postgres://db.example/a?sslrootcert=%2Fetc%2Four+ca.pem");
        let authorities = Some(PathBuf::from("/etc/our+ca.pem"));
        assert_eq!(address.seal, Seal::Verified { authorities });
    }

    #[test]
    fn a_mode_that_may_fall_back_is_refused() {
        for mode in ["prefer", "allow", "Require", ""] {
            let told = refusal(&format!("postgres://localhost/a?sslmode={mode}"));
            assert!(told.contains("say verify-full or disable"), "{told}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_database_is_refused_without_its_secrets() {
        for (url, reason) in [
            ("mysql://ann:secret@localhost/a", "postgres://"),
            ("postgres://ann:secret@/a", "no host"),
            ("postgres://ann:secret@localhost:port/a", "port"),
            ("postgres://ann:secret@localhost/a?colour=secret", "colour"),
        ] {
            let told = refusal(url);
            assert!(told.contains(reason), "{url}: {told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn no_password_is_ever_shown() {
        for url in
            ["postgres://ann:secret@localhost/a", "postgres://ann@localhost/a?password=secret"]
        {
            let address = address(url);
            assert!(!format!("{address:?} {}", address.place).contains("secret"));
        }
    }
}
