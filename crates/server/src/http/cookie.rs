//! Reading and setting cookies.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// How the cookies of an installation are marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieKind {
    /// Behind https: `Secure`, and named `__Host-…`, so that no sibling host can plant one.
    Secure,
    /// On http, which only a loopback address may use: browsers would not send a `Secure` cookie there.
    Loopback,
}

impl CookieKind {
    /// The kind for pages of this issuer.
    pub(crate) fn of_issuer(issuer: &str) -> Self {
        if issuer.starts_with("https:") { Self::Secure } else { Self::Loopback }
    }

    /// The full name of the cookie called `name`.
    pub(crate) fn name(self, name: &str) -> String {
        match self {
            Self::Secure => format!("__Host-hallpass-{name}"),
            Self::Loopback => format!("hallpass-{name}"),
        }
    }

    /// A `Set-Cookie` value. `SameSite=Lax`, because an app's link to `/authorize` is a cross-site
    /// navigation that must find the session. Without `max_age` it ends with the browser.
    pub(crate) fn set(self, name: &str, value: &str, max_age: Option<u64>) -> Option<HeaderValue> {
        let secure = match self {
            Self::Secure => "; Secure",
            Self::Loopback => "",
        };
        let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let name = self.name(name);
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// The value of the cookie `name` (its full name). Two of the same name are none: one of them was
/// planted, and it is not known which.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    let value = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&'static str]) -> HeaderMap {
        cookies.iter().map(|cookie| (COOKIE, HeaderValue::from_static(cookie))).collect()
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers = headers(&["a=1; hallpass-session=x=y", "b=2"]);
        assert_eq!(read(&headers, "hallpass-session"), Some("x=y"));
        assert_eq!(read(&headers, "b"), Some("2"));
        assert_eq!(read(&headers, "session"), None);
    }

    #[test]
    fn lg_19_two_cookies_of_one_name_are_none() {
        assert_eq!(read(&headers(&["a=1; a=2"]), "a"), None);
        assert_eq!(read(&headers(&["a=1", "a=1"]), "a"), None);
    }

    #[test]
    fn lg_18_behind_https_a_cookie_is_bound_to_the_host() {
        let value = CookieKind::of_issuer("https://a.example").set("session", "x", Some(60));
        assert_eq!(
            value.as_ref().and_then(|value| value.to_str().ok()),
            Some("__Host-hallpass-session=x; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60")
        );
    }
}
