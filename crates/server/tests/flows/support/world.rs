//! Who is there: the people, apps and scopes of most stories, and the guide's link.

use std::fmt::Write as _;

/// Who the service says it is.
pub(crate) const ISSUER: &str = "https://accounts.example";
/// Everybody's password.
pub(crate) const PASSWORD: &str = "a long enough password";

/// The guide's app: public, implicit, owned by grace.
pub(crate) const MIXTAPE: &str = "5c1e0f8a7b3d49e6a2c4d8f01b6e7a93";
/// Where it gets its answers.
pub(crate) const MIXTAPE_URI: &str = "https://mixtape.example/callback";
/// An app that keeps a secret and has the implicit grant switched off, owned by linus.
pub(crate) const NIGHT_TRAIN: &str = "9d24b7e05f6c41d8b3a1e7c90f8d2a64";
/// The secret.
pub(crate) const NIGHT_TRAIN_SECRET: &str = "a-secret-that-only-the-radio-knows";

/// An app without a secret that uses the authorization code grant and refresh tokens.
pub(crate) const CASSETTE: &str = "1f6a90c3b8e24d7795d0a3fe62c4b817";
/// Where it gets its answers.
pub(crate) const CASSETTE_URI: &str = "https://cassette.example/callback";
/// An app with a secret for which the operator does not insist on PKCE.
pub(crate) const TURNTABLE: &str = "b07d5e21c94f4a6e8813f5a9d6c02e74";
/// Its secret.
pub(crate) const TURNTABLE_SECRET: &str = "33 and a third, all night";
/// Where it gets its answers.
pub(crate) const TURNTABLE_URI: &str = "https://turntable.example/callback?side=a";
/// An app with a secret that keeps no refresh tokens.
pub(crate) const JUKEBOX: &str = "e45c8b1290fd4e63a7d1096cfb82e35a";
/// Its secret.
pub(crate) const JUKEBOX_SECRET: &str = "one-more-coin";
/// Where it gets its answers.
pub(crate) const JUKEBOX_URI: &str = "https://jukebox.example/callback";

/// The file that a test's server is started with, unless it brings its own.
pub(crate) const WORLD: &str = r#"
[[user]]
username = "ada"
email = "ada@people.example"
password = "a long enough password"

[[user]]
username = "grace"
email = "grace@people.example"
password = "a long enough password"

[[user]]
username = "linus"
email = "linus@people.example"
password = "a long enough password"

[[app]]
name = "Mixtape"
description = "Makes tapes."
website = "https://mixtape.example/about"
client_id = "5c1e0f8a7b3d49e6a2c4d8f01b6e7a93"
type = "public"
redirect_uris = [
    "https://mixtape.example/callback",
    "https://mixtape.example/callback?from=hallpass",
    "http://localhost:8888/callback",
    "http://127.0.0.1/callback",
    "mixtape.app:/callback",
]
grants = ["implicit"]
owner = "grace"

[[app]]
name = "Night Train Radio"
client_id = "9d24b7e05f6c41d8b3a1e7c90f8d2a64"
type = "confidential"
client_secret = "a-secret-that-only-the-radio-knows"
redirect_uris = ["https://radio.example/callback"]
grants = ["client_credentials"]
owner = "linus"

[[app]]
name = "Cassette"
client_id = "1f6a90c3b8e24d7795d0a3fe62c4b817"
type = "public"
redirect_uris = ["https://cassette.example/callback", "http://127.0.0.1/callback"]
grants = ["authorization_code", "refresh_token"]
owner = "linus"

[[app]]
name = "Turntable"
client_id = "b07d5e21c94f4a6e8813f5a9d6c02e74"
type = "confidential"
client_secret = "33 and a third, all night"
redirect_uris = ["https://turntable.example/callback?side=a"]
grants = ["authorization_code", "refresh_token", "client_credentials"]
pkce = "if-sent"
owner = "linus"

[[app]]
name = "Jukebox"
client_id = "e45c8b1290fd4e63a7d1096cfb82e35a"
type = "confidential"
client_secret = "one-more-coin"
redirect_uris = ["https://jukebox.example/callback"]
grants = ["authorization_code"]
owner = "linus"

[[scope]]
name = "email"
text = "see your e-mail address"
group = "data"

[[scope]]
name = "history"
text = "see what you listened to"
group = "activity"

[[scope]]
name = "playlists"
text = "change your playlists"
group = "act"

[[scope]]
name = "partners"
text = "do what partners do"
group = "partner"
"#;

/// A file of APIs that have tokens of their own: one for each algorithm of a signature, and one whose
/// tokens are sealed. The first asks about its tokens as Night Train.
pub(crate) const APIS: &str = r#"
[[api]]
identifier = "https://music.example"
format = "jwt"
client_id = "9d24b7e05f6c41d8b3a1e7c90f8d2a64"

[[api]]
identifier = "https://video.example"
format = "jwt"
algorithm = "ES256"

[[api]]
identifier = "https://old.example"
format = "jwt"
algorithm = "RS256"

[[api]]
identifier = "https://sealed.example"
format = "opaque"
"#;

/// Mixtape's link to `/authorize` in the guide's form, with these parameters in the place of its own or
/// after them. A parameter with an empty value is left out.
pub(crate) fn link(changed: &[(&str, &str)]) -> String {
    let own = [("response_type", "token"), ("client_id", MIXTAPE), ("redirect_uri", MIXTAPE_URI)];
    link_with(&own, changed)
}

/// A link to `/authorize` with its `own` parameters, changed in the way of [`link`].
pub(super) fn link_with(own: &[(&str, &str)], changed: &[(&str, &str)]) -> String {
    let is_changed = |name| changed.iter().any(|(changed, _)| *changed == name);
    let kept = own.iter().filter(|(name, _)| !is_changed(*name));
    let mut path = String::from("/authorize");
    for (name, value) in kept.chain(changed).filter(|(_, value)| !value.is_empty()) {
        let separator = if path.contains('?') { '&' } else { '?' };
        write!(path, "{separator}{name}={}", escape(value)).unwrap();
    }
    path
}

/// Escapes like JavaScript's `encodeURIComponent`.
pub(crate) fn escape(value: &str) -> String {
    let mut escaped = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => escaped.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                escaped.push(char::from(byte));
            }
            _ => write!(escaped, "%{byte:02X}").unwrap(),
        }
    }
    escaped
}
