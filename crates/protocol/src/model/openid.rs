//! What OpenID Connect adds to the nouns: a client's settings, and how a person signed in.

use thiserror::Error;
use url::Url;

use super::{ClaimSet, RedirectUri, SessionId, SignatureAlgorithm, Timestamp};

/// What a client has settled about OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIdSettings {
    /// What its ID tokens and logout tokens are signed with.
    pub id_token_algorithm: SignatureAlgorithm,
    /// What its userinfo is signed with; without one it is plain JSON.
    pub userinfo_algorithm: Option<SignatureAlgorithm>,
    /// By what it knows people.
    pub subject_type: SubjectType,
    /// Where people may be sent when they have signed out, in the owner's order.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it is told that somebody has signed out, if it wants to be.
    pub backchannel_logout_uri: Option<LogoutUri>,
}

impl Default for OpenIdSettings {
    /// What a client has that settles nothing (OpenID Connect Dynamic Client Registration §2).
    fn default() -> Self {
        Self {
            id_token_algorithm: SignatureAlgorithm::Rs256,
            userinfo_algorithm: None,
            subject_type: SubjectType::Public,
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
        }
    }
}

/// By what a client knows people (OpenID Connect Core §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectType {
    /// By the same `sub` as every other client.
    Public,
    /// By a `sub` that no client at another host has.
    Pairwise,
}

impl SubjectType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Public, Self::Pairwise];

    /// The value of `subject_type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }

    /// The type of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a client is told that somebody has signed out (OpenID Connect Back-Channel Logout §2.2): an http or
/// https address. Which hosts may really be asked is judged when it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutUri(Box<str>);

/// Why a text is no such address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "Enter an address that begins with https:// (http:// only for localhost and loopback addresses), without \
     a user name or a #, of at most 512 ASCII characters."
)]
pub struct LogoutUriProblem;

impl LogoutUri {
    /// The longest address, in bytes.
    pub const MAX_LENGTH: usize = 512;

    /// Takes an address.
    ///
    /// # Errors
    /// [`LogoutUriProblem`].
    pub fn parse(text: &str) -> Result<Self, LogoutUriProblem> {
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let url = Url::parse(text).map_err(|_| LogoutUriProblem)?;
        let is_here = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let is_web = url.scheme() == "https" || (url.scheme() == "http" && is_here);
        let is_bare = url.username().is_empty() && url.password().is_none();
        let is_good = is_printable && is_web && is_bare && !text.contains('#');
        match is_good && text.len() <= Self::MAX_LENGTH {
            true => Ok(Self(text.into())),
            false => Err(LogoutUriProblem),
        }
    }

    /// The address, as it was registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a person signed in for an authorization, and what its client wants to be told beyond the scopes: what
/// the ID tokens that follow from it are made of. Only an authorization with the scope `openid` has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// The session in which it was asked for, which may have been closed since.
    pub session: SessionId,
    /// When the person proved who they are (`auth_time`).
    pub at: Timestamp,
    /// What the client sent along to know the first ID token by.
    pub nonce: Option<String>,
    /// What was asked for by the `claims` parameter.
    pub claims: RequestedClaims,
}

/// What a client asks to be told by the `claims` parameter (OpenID Connect Core §5.5), and the person has
/// agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestedClaims {
    /// In the ID token.
    pub id_token: ClaimSet,
    /// At userinfo.
    pub userinfo: ClaimSet,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sf_04_a_logout_address_is_of_the_web_and_nothing_else() {
        for good in [
            "https://app.example/logout",
            "https://app.example:8443/a?b=c",
            "http://127.0.0.1:9/x",
            "http://[::1]/x",
            "http://localhost/x",
        ] {
            assert_eq!(
                LogoutUri::parse(good).map(|uri| uri.as_str().to_owned()).as_deref(),
                Ok(good)
            );
        }
        let long = format!("https://app.example/{}", "x".repeat(512));
        for bad in [
            "",
            "/logout",
            "http://app.example/",
            "https://user@app.example/",
            "https://:secret@app.example/",
            "https://app.example/#",
            "https:\\\\app.example/",
            "ftp://app.example/",
            "gopher://app.example/",
            "unix:/run/app",
            "javascript:alert(1)",
            "https://app.example/ x",
            &long,
        ] {
            assert_eq!(LogoutUri::parse(bad), Err(LogoutUriProblem), "{bad}");
        }
    }
}
