//! The registered redirect URI: what may be registered, and what a sent one is compared with.
//!
//! The `url` crate examines a candidate at registration. It never takes part in a comparison: the
//! guide wants an exact match, "including upper or lowercase, terminating slashes, and such", and
//! every clever comparison of URIs has been somebody's hole (RFC 9700 §4.1).

use std::fmt;

use thiserror::Error;
use url::Url;

/// A registered redirect URI, byte for byte; absolute and without a fragment (RFC 6749 §3.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RedirectUri(Box<str>);

/// Where any port is as good as another (RFC 8252 §7.3).
const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// What the operator permits beyond the fixed rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedirectUriPolicy {
    /// Whether `http://localhost` may be used. The guide's own sample does.
    pub localhost: bool,
}

/// Parameter names that an answer carries; a registered URI must not bring its own.
pub const RESERVED_PARAMETERS: [&str; 14] = [
    "access_token",
    "code",
    "error",
    "error_description",
    "error_uri",
    "expires_in",
    "id_token",
    "iss",
    "refresh_token",
    "response",
    "scope",
    "session_state",
    "state",
    "token_type",
];

/// Schemes that mean something to a browser or a system and therefore belong to no app.
const FOREIGN_SCHEMES: &str = "
    about acct afp android-app app-settings blob callto chrome chrome-extension cid content data
    devtools dict dns facetime feed file filesystem finger ftp geo git gopher hcp help im imap intent
    irc ircs itms itms-apps itms-appss itms-services jar javascript ldap ldaps livescript magnet
    mailto market message mhtml microsoft-edge mid mk mms mmsto mocha moz-extension news nfs nntp
    prefs rdp res resource rsync rtsp search search-ms sftp shell sip sips smb sms smsto snews ssh
    svn tel telnet tftp urn vbscript view-source vnc webcal ws wss wyciwyg xmpp";

/// What Windows names its own schemes with.
const WINDOWS_PREFIX: &str = "ms-";

/// Why a URI cannot be registered, in words for the app's developer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RedirectUriProblem {
    /// Nothing was typed.
    #[error("Enter a redirect URI.")]
    Missing,
    /// More than [`RedirectUri::MAX_LENGTH`] bytes.
    #[error("A redirect URI is at most 2,048 characters long.")]
    TooLong,
    /// A space, a control character, a letter outside ASCII, or a character no URI may hold.
    #[error(
        "A redirect URI holds only ASCII characters that RFC 3986 allows; escape {0} as %XX, and write an international host name in its xn-- form."
    )]
    Character(String),
    /// A `%` without two hexadecimal digits, or the escape of a control character.
    #[error(
        "Every % is followed by two hexadecimal digits, and control characters cannot be used even escaped."
    )]
    Escape,
    /// A `#`, even a bare one.
    #[error(
        "A redirect URI has no fragment: remove the # and what follows it. The answer's own data goes there."
    )]
    Fragment,
    /// A `*` anywhere.
    #[error("Wildcards are not possible: register each redirect URI in full.")]
    Wildcard,
    /// No scheme, or one in capitals.
    #[error("Begin with a scheme in lower case, such as https://.")]
    Scheme,
    /// A scheme that does not lead to an app.
    #[error("{0}: cannot be used: it does not lead to your app.")]
    ForeignScheme(String),
    /// `http` to somewhere else than the developer's own machine.
    #[error("http is only for localhost and loopback addresses (127.0.0.1 and [::1]); use https.")]
    InsecureHttp,
    /// `http://localhost`, where the operator forbids it.
    #[error("localhost is not allowed here; use http://127.0.0.1 or http://[::1].")]
    Localhost,
    /// `user:password@`.
    #[error("A redirect URI has no user name or password: remove what stands before the @.")]
    UserInfo,
    /// No host, or one that cannot be read.
    #[error("This is not a host name or address that a browser could open.")]
    Host,
    /// A spelling that a browser would change.
    #[error("Write the host as a browser does: {0}.")]
    HostSpelling(String),
    /// `.` or `..` as a step of the path, escaped or not.
    #[error("Write the path without . and .. steps.")]
    DotSegment,
    /// A query that names a parameter of the answer.
    #[error("The query cannot contain {0}: the answer brings its own.")]
    ReservedParameter(&'static str),
    /// Nothing after a private scheme.
    #[error("Add something after the scheme, such as {0}:/callback.")]
    NothingAfterScheme(String),
}

/// What a developer should know about a URI that is registered all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// A private scheme without a dot: another app could claim the same one (RFC 8252 §7.1).
    UndottedScheme,
    /// `localhost` can be answered by somebody else than the own machine (RFC 8252 §8.3).
    Localhost,
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UndottedScheme => {
                "Another app could claim this scheme. One that begins with a domain name of yours, backwards, is safer: com.example.app:/callback."
            }
            Self::Localhost => {
                "localhost is for development. 127.0.0.1 is safer: nothing but your own machine answers there."
            }
        })
    }
}

impl RedirectUri {
    /// The longest URI, in bytes.
    pub const MAX_LENGTH: usize = 2048;

    /// Takes a URI that somebody wants to register.
    ///
    /// Registrable are `https`, private schemes, and `http` on `localhost`, `127.0.0.1` and `[::1]`
    /// (product decision 4; RFC 9700 §2.6; RFC 8252 §7).
    ///
    /// # Errors
    /// The first [`RedirectUriProblem`] found.
    pub fn register(text: &str, policy: RedirectUriPolicy) -> Result<Self, RedirectUriProblem> {
        judge_characters(text)?;
        let (scheme, rest) = text.split_once(':').ok_or(RedirectUriProblem::Scheme)?;
        match scheme {
            "http" | "https" => judge_web_uri(text, scheme, rest, policy)?,
            _ => judge_private_uri(text, scheme, rest)?,
        }
        judge_query(text)?;
        Ok(Self(text.into()))
    }

    /// A URI that was registered before and stored. It is not judged again: rules may have become
    /// stricter since, and policy has its own question ([`RedirectUri::is_permitted`]). `None` for a
    /// text that no rule ever let through, and that must not reach a header.
    pub fn from_stored(text: &str) -> Option<Self> {
        let is_safe = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        (text.contains(':') && text.bytes().all(is_safe)).then(|| Self(text.into()))
    }

    /// Whether the rules and the operator's policy of today still let it be registered.
    pub fn is_permitted(&self, policy: RedirectUriPolicy) -> bool {
        Self::register(&self.0, policy).is_ok()
    }

    /// The registered string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `sent` means this URI: the same bytes, or the same but for the port if this is
    /// `http://127.0.0.1` or `http://[::1]` registered without one.
    ///
    /// > The authorization server MUST allow any port to be specified at the time of the request for
    /// > loopback IP redirect URIs (RFC 8252 §7.3)
    pub fn admits(&self, sent: &str) -> bool {
        *self.0 == *sent || self.admits_loopback(sent).unwrap_or(false)
    }

    fn admits_loopback(&self, sent: &str) -> Option<bool> {
        let host = LOOPBACK.into_iter().find(|host| self.0.starts_with(host))?;
        let registered_rest = &self.0[host.len()..];
        if !(registered_rest.is_empty() || registered_rest.starts_with(['/', '?'])) {
            return None; // registered with a port, or another host that begins alike
        }
        let port_and_rest = sent.strip_prefix(host)?.strip_prefix(':')?;
        let end = port_and_rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(port_and_rest.len());
        let (port, rest) = port_and_rest.split_at(end);
        // One spelling a port: no port 0, no leading zeros, so the URI that goes out stays short.
        let is_port = !port.starts_with('0') && port.parse::<u16>().is_ok();
        Some(is_port && rest == registered_rest)
    }

    /// The web origin of the page that it leads to, as a browser sends it (`https://host:port`, RFC 6454
    /// §6.2); `None` for a private scheme.
    pub fn web_origin(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
    }

    /// The web origin under which a redirect URI for pages of `origin` may be registered instead: a
    /// loopback address without its port, because such a URI stands for any port (RFC 8252 §7.3).
    pub fn portless_loopback(origin: &str) -> Option<&'static str> {
        LOOPBACK.into_iter().find(|host| {
            let port = origin.strip_prefix(host).and_then(|rest| rest.strip_prefix(':'));
            port.is_some_and(|port| port.parse::<u16>().is_ok())
        })
    }

    /// What the developer should know about it.
    pub fn caution(&self) -> Option<Caution> {
        let scheme = self.scheme();
        if self.is_localhost() {
            Some(Caution::Localhost)
        } else if !matches!(scheme, "http" | "https") && !scheme.contains('.') {
            Some(Caution::UndottedScheme)
        } else {
            None
        }
    }

    fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    fn is_localhost(&self) -> bool {
        let rest = self.0.strip_prefix("http://localhost");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', ':']))
    }
}

fn judge_characters(text: &str) -> Result<(), RedirectUriProblem> {
    if text.is_empty() {
        return Err(RedirectUriProblem::Missing);
    }
    if text.len() > RedirectUri::MAX_LENGTH {
        return Err(RedirectUriProblem::TooLong);
    }
    refuse_characters(text, |c| {
        !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    })?;
    if text.contains('#') {
        return Err(RedirectUriProblem::Fragment);
    }
    if text.contains('*') {
        return Err(RedirectUriProblem::Wildcard);
    }
    for escape in text.split('%').skip(1) {
        let byte = escape.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        // `from_str_radix` takes `+f` too; that is 15 at most, and so refused as a control character.
        if byte.is_none_or(|byte| byte.is_ascii_control()) {
            return Err(RedirectUriProblem::Escape);
        }
    }
    Ok(())
}

fn refuse_characters(
    text: &str,
    is_forbidden: impl Fn(char) -> bool,
) -> Result<(), RedirectUriProblem> {
    let Some(character) = text.chars().find(|c| is_forbidden(*c)) else { return Ok(()) };
    let shown = match character {
        ' ' => "the space".to_owned(),
        _ => character.escape_default().to_string(),
    };
    Err(RedirectUriProblem::Character(shown))
}

/// Square brackets stand round an IPv6 address and nowhere else (RFC 3986 §3.2.2).
fn refuse_brackets(text: &str) -> Result<(), RedirectUriProblem> {
    refuse_characters(text, |c| matches!(c, '[' | ']'))
}

fn judge_scheme(scheme: &str) -> Result<(), RedirectUriProblem> {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')
    };
    let lower = scheme.to_ascii_lowercase();
    let is_foreign = FOREIGN_SCHEMES.split_ascii_whitespace().any(|foreign| foreign == lower);
    if is_foreign || lower.starts_with(WINDOWS_PREFIX) {
        return Err(RedirectUriProblem::ForeignScheme(scheme.to_owned()));
    }
    if !scheme.starts_with(|c: char| c.is_ascii_lowercase()) || !scheme.bytes().all(allowed) {
        return Err(RedirectUriProblem::Scheme);
    }
    Ok(())
}

fn judge_web_uri(
    text: &str,
    scheme: &str,
    rest: &str,
    policy: RedirectUriPolicy,
) -> Result<(), RedirectUriProblem> {
    let after = rest.strip_prefix("//").ok_or(RedirectUriProblem::Scheme)?;
    let authority_end = after.find(['/', '?']).unwrap_or(after.len());
    let (authority, path_and_query) = after.split_at(authority_end);
    if authority.contains('@') {
        return Err(RedirectUriProblem::UserInfo);
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if !(is_evident_host(host) && port.is_none_or(is_evident_port)) {
        judge_host(text, host, port)?;
    }
    refuse_brackets(path_and_query)?;
    judge_steps(path_and_query.split('?').next().unwrap_or_default())?;
    match (scheme, host) {
        ("http", "localhost") if !policy.localhost => Err(RedirectUriProblem::Localhost),
        ("https", _) | ("http", "localhost" | "127.0.0.1" | "[::1]") => Ok(()),
        _ => Err(RedirectUriProblem::InsecureHttp),
    }
}

/// Whether a browser surely reads this host as it is written: one of those that stand for the own
/// machine, or labels of lower-case letters, digits and `-`, none of them in Punycode, of which the last
/// begins with a letter and so is no number. Each request judges its redirect URI again, and for all
/// other hosts that takes ten times as long ([`judge_host`]).
fn is_evident_host(host: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let is_label = |label: &str| {
        !label.is_empty() && !label.starts_with("xn--") && label.bytes().all(is_plain)
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    matches!(host, "127.0.0.1" | "[::1]")
        || (last.starts_with(|c: char| c.is_ascii_lowercase()) && host.split('.').all(is_label))
}

fn is_evident_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

/// Asks how a browser reads the host; it must be as it is written.
fn judge_host(text: &str, written: &str, port: Option<&str>) -> Result<(), RedirectUriProblem> {
    let url = Url::parse(text).map_err(|_| RedirectUriProblem::Host)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(RedirectUriProblem::Host)?;
    if !is_plain_host(host) {
        return Err(RedirectUriProblem::Host);
    }
    if written != host || port == Some("") {
        return Err(RedirectUriProblem::HostSpelling(host.to_owned()));
    }
    Ok(())
}

/// An IPv6 address in brackets, or labels of letters, digits, `-` and `_`. A browser takes many more
/// characters; some of them (`;` `,` `'`) would mean something in a page's security policy.
fn is_plain_host(host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut labels = host.strip_suffix('.').unwrap_or(host).split('.');
    host.starts_with('[') || labels.all(|label| !label.is_empty() && label.bytes().all(is_plain))
}

/// `.` and `..` are no steps, escaped or not.
fn judge_steps(path: &str) -> Result<(), RedirectUriProblem> {
    let is_dots = |step: &str| {
        step.starts_with(['.', '%'])
            && matches!(&*step.to_ascii_lowercase().replace("%2e", "."), "." | "..")
    };
    if path.split(['/', ';']).any(is_dots) {
        return Err(RedirectUriProblem::DotSegment);
    }
    Ok(())
}

fn judge_private_uri(text: &str, scheme: &str, rest: &str) -> Result<(), RedirectUriProblem> {
    judge_scheme(scheme)?;
    if rest.trim_matches('/').is_empty() {
        return Err(RedirectUriProblem::NothingAfterScheme(scheme.to_owned()));
    }
    refuse_brackets(rest)?;
    // No browser would follow a redirect to what it cannot read.
    Url::parse(text).map(drop).map_err(|_| RedirectUriProblem::Host)
}

fn judge_query(text: &str) -> Result<(), RedirectUriProblem> {
    let Some((_, query)) = text.split_once('?') else {
        return Ok(());
    };
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        if let Some(reserved) = RESERVED_PARAMETERS.into_iter().find(|reserved| *reserved == name) {
            return Err(RedirectUriProblem::ReservedParameter(reserved));
        }
    }
    Ok(())
}
