//! The address that the service is known by.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::SettingsError;

/// The address that the service is known by: `https://host`, or `http://` on a loopback address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(pub(super) Arc<str>);

impl PublicUrl {
    /// Takes scheme, host and port, with or without a slash at the end.
    ///
    /// Plain http is taken only for a loopback address: anywhere else passwords and tokens would cross
    /// a network in clear (RFC 6749 §3.1, RFC 9700 §2.6).
    ///
    /// # Errors
    /// [`SettingsError::Value`].
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let wrong = |expected| SettingsError::Value {
            setting: "public_url",
            value: text.to_owned(),
            expected,
        };
        let form = "write scheme, host and port, such as https://accounts.example.com";
        let url = url::Url::parse(text).map_err(|_| wrong(form))?;
        let origin = url.origin().ascii_serialization();
        if text.trim_end_matches('/') != origin {
            return Err(wrong(form));
        }
        match (url.scheme(), url.host_str()) {
            ("https", _) | ("http", Some("localhost" | "127.0.0.1" | "[::1]")) => {
                Ok(Self(origin.into()))
            }
            _ => {
                Err(wrong("only a loopback address may be http; put https here, and TLS in front"))
            }
        }
    }

    /// The address that a listener at `address` is known by if nothing else was written.
    pub fn of_listener(address: SocketAddr) -> Self {
        Self(format!("http://{address}").into())
    }

    /// The text, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_52_the_public_url_is_https_or_loopback() {
        for (text, stored) in [
            ("https://accounts.example/", "https://accounts.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(PublicUrl::parse(text).expect("good").as_str(), stored);
        }
    }
}
