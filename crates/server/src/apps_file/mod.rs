//! Users, apps, scopes and APIs declared in a file that an operator keeps in git (`apps.toml`).
//!
//! Reading it is pure ([`AppsFile::parse`]): every entry is judged with the rules that the dashboard
//! uses, and what is wrong is told with its line. Applying it ([`apply`]) is one act of the store: all
//! of it, or nothing. What the file does not name stays as it is.

mod apply;
mod entry;
mod user;

use std::collections::HashMap;
use std::fmt::Display;
use std::ops::Range;

use hallpass_protocol::dashboard::ClientSettings;
use hallpass_protocol::model::{
    AllowedScopes, Api, ClientId, EmailAddress, Password, PkceRule, Profile, RedirectUriPolicy,
    ScopeDefinition, Secret, Username,
};
use thiserror::Error;

pub use apply::{Applied, ApplyError, KnownSecret, apply};

/// The file, every entry judged.
pub struct AppsFile {
    name: String,
    /// The people, in the file's order.
    pub users: Vec<DeclaredUser>,
    /// The apps, in the file's order.
    pub apps: Vec<DeclaredApp>,
    /// The scopes, in the file's order.
    pub scopes: Vec<ScopeDefinition>,
    /// The APIs, in the file's order.
    pub apis: Vec<DeclaredApi>,
}

/// `[[user]]`
pub struct DeclaredUser {
    /// What they sign in with.
    pub username: Username,
    /// Where mail goes.
    pub email: EmailAddress,
    /// Their password, as it stands in the file.
    pub password: Password,
    /// Whether the account is shut; what is not said stays as it is.
    pub disabled: Option<bool>,
    /// What is told of them, and what of it is known to be true; what is not said stays as it is.
    pub profile: Option<Profile>,
    line: usize,
}

/// `[[app]]`
pub struct DeclaredApp {
    /// Its id; without one, the owner's app of the same name is meant, or a new one.
    pub client_id: Option<ClientId>,
    /// Whether it can keep a secret.
    pub secret: DeclaredSecret,
    /// What its owner may decide.
    pub settings: ClientSettings,
    /// What it is called.
    pub name: String,
    /// What it may ask for.
    pub scopes: AllowedScopes,
    /// Whether a code needs a proof key.
    pub pkce: PkceRule,
    /// Whether the app is shut; what is not said stays as it is.
    pub disabled: Option<bool>,
    /// Whose it is.
    pub owner: Username,
    line: usize,
}

/// `[[api]]`
pub struct DeclaredApi {
    /// What it says.
    pub api: Api,
    line: usize,
}

/// What the file says about an app's secret.
pub enum DeclaredSecret {
    /// It is public and has none.
    Public,
    /// It is confidential, and this is its secret.
    Given(Secret),
    /// It is confidential; it keeps the secret it has, or gets a new one.
    Minted,
}

/// What is wrong with the file, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}: line {line}: {problem}")]
pub struct AppsFileError {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub problem: String,
}

impl AppsFile {
    /// Reads the text of the file called `name`.
    ///
    /// # Errors
    /// [`AppsFileError`] for the first thing that is wrong.
    pub fn parse(name: &str, text: &str, policy: RedirectUriPolicy) -> Result<Self, AppsFileError> {
        let place = Place { file: name, text };
        let written: entry::Written = toml::from_str(text).map_err(|error| AppsFileError {
            file: name.to_owned(),
            line: place.line(error.span()),
            problem: crate::suggest::explain_toml(&error),
        })?;
        let user = |written| user::user(&place, written);
        let app = |written| entry::app(&place, written, policy);
        let api = |written| entry::api(&place, written);
        let scope = |written: &entry::WrittenScope| entry::scope(&place, written);
        let file = Self {
            name: name.to_owned(),
            users: written.user.into_iter().map(user).collect::<Result<_, _>>()?,
            apps: written.app.into_iter().map(app).collect::<Result<_, _>>()?,
            scopes: written.scope.iter().map(scope).collect::<Result<_, _>>()?,
            apis: written.api.into_iter().map(api).collect::<Result<_, _>>()?,
        };
        file.judge_names()?;
        Ok(file)
    }

    fn error(&self, line: usize, problem: String) -> AppsFileError {
        AppsFileError { file: self.name.clone(), line, problem }
    }

    /// Names that must be unique in the file.
    fn judge_names(&self) -> Result<(), AppsFileError> {
        let users = self.users.iter().map(|user| (user.username.key(), "username", user.line));
        let emails = self.users.iter().map(|user| (user.email.key(), "email", user.line));
        let clients = self.apps.iter().filter_map(|app| {
            app.client_id.as_ref().map(|id| (id.as_str().to_owned(), "client_id", app.line))
        });
        let unnamed = self.apps.iter().filter(|app| app.client_id.is_none());
        let names = unnamed.map(|app| {
            (format!("{} of {}", app.name, app.owner.key()), "app without client_id", app.line)
        });
        let apis = self
            .apis
            .iter()
            .map(|declared| (declared.api.identifier.to_string(), "identifier", declared.line));
        let mut seen = HashMap::new();
        for (name, kind, line) in users.chain(emails).chain(clients).chain(names).chain(apis) {
            if let Some(earlier) = seen.insert((kind, name.clone()), line) {
                let problem = format!("the {kind} {name} stands at line {earlier} already");
                return Err(self.error(line, problem));
            }
        }
        Ok(())
    }
}

/// The file, to tell lines of.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn error(&self, span: Range<usize>, problem: &dyn Display) -> AppsFileError {
        let line = self.line(Some(span));
        AppsFileError { file: self.file.to_owned(), line, problem: problem.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use hallpass_protocol::model::{SignatureAlgorithm, TokenFormat};

    use super::*;

    const GOOD: &str = r#"
        [[user]]
        username = "ada"
        email = "ada@example.com"
        password = "correct horse"

        [[scope]]
        name = "read"
        text = "see your things"
        group = "data"

        [[app]]
        name = "Mixtape"
        type = "public"
        redirect_uris = ["http://localhost:8888/callback"]
        grants = ["implicit"]
        owner = "ada"

        [[api]]
        identifier = "https://api.example"
        format = "jwt"
        algorithm = "ES256"
        scopes = ["read"]
        client_id = "radio"
    "#;

    fn parse(text: &str) -> Result<AppsFile, AppsFileError> {
        AppsFile::parse("apps.toml", text, RedirectUriPolicy { localhost: true })
    }

    fn problem(old: &str, new: &str) -> String {
        assert!(GOOD.contains(old), "{old}");
        parse(&GOOD.replace(old, new)).err().expect("a problem").to_string()
    }

    #[test]
    fn a_good_file_is_taken() {
        let file = parse(GOOD).expect("good");
        assert_eq!((file.users.len(), file.apps.len(), file.scopes.len()), (1, 1, 1));
        assert!(parse("").is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (old, new, told) in [
            ("email =", "mail =", "did you mean email?"),
            ("[[scope]]", "[[scopes]]", "did you mean scope?"),
            ("\"ada@example.com\"", "\"ada\"", "line 4: Enter an e-mail address"),
            ("username = \"ada\"", "username = \"a b\"", "line 3: A username may hold"),
            ("\"correct horse\"", "\"\"", "line 5: Enter a password"),
            ("password =", "birthdate = \"1815-13\"\npassword =", "line 5: Enter a date"),
            ("password =", "givenname = \"x\"\npassword =", "did you mean given_name?"),
            ("password =", "website = \"me\"\npassword =", "line 5: Enter a whole address"),
            (
                "password =",
                "phone_number_verified = true\npassword =",
                "line 5: phone_number_verified",
            ),
            ("password =", "address = { city = \"x\" }\npassword =", "unknown field `city`"),
            ("group = \"data\"", "group = \"dat\"", "line 10: group is \"dat\""),
            ("name = \"read\"", "name = \"re ad\"", "line 8: a scope"),
            ("\"public\"", "\"pubic\"", "line 14: type is \"pubic\""),
            ("http://localhost", "http://example.com", "line 15: http is only for localhost"),
            ("\"implicit\"", "\"password\"", "line 16: password is no grant type"),
            ("\"implicit\"", "\"client_credentials\"", "Only a confidential app"),
            ("grants =", "client_secret = \"x\"\ngrants =", "line 16: a public app has no secret"),
            ("grants =", "client_id = \"a b\"\ngrants =", "line 16: a client id holds only"),
            ("grants =", "denial = \"nowhere\"\ngrants =", "line 16: denial is \"nowhere\""),
            ("owner = \"ada\"", "owner = \"\"", "line 17: Choose a username"),
            ("redirect_uris =", "redirect_uri =", "did you mean redirect_uris?"),
            ("https://api.example", "/v1", "line 20: an API is called by an absolute URI"),
            ("format = \"jwt\"", "format = \"jws\"", "line 21: format is \"jws\""),
            ("format = \"jwt\"", "format = \"opaque\"", "line 22: opaque tokens are not signed"),
            ("\"ES256\"", "\"HS256\"", "line 22: algorithm is \"HS256\"; it can be \"EdDSA\""),
            ("client_id = \"radio\"", "client_id = \"a b\"", "line 24: a client id holds only"),
        ] {
            let told_in_fact = problem(old, new);
            assert!(told_in_fact.contains(told), "{told}\n{told_in_fact}");
            assert!(told_in_fact.starts_with("apps.toml: line "), "{told_in_fact}");
        }
    }

    #[test]
    fn what_is_wrong_about_openid_connect_is_told_with_its_line() {
        for (old, new, told) in [
            (
                "owner =",
                "id_token_algorithm = \"none\"\nowner =",
                "line 17: id_token_algorithm is \"none\"; it can be \"EdDSA\", \"ES256\", \"RS256\"",
            ),
            (
                "owner =",
                "userinfo_algorithm = \"HS256\"\nowner =",
                "line 17: userinfo_algorithm is \"HS256\"; it can be",
            ),
            (
                "owner =",
                "subject_type = \"private\"\nowner =",
                "line 17: subject_type is \"private\"; it can be \"public\", \"pairwise\"",
            ),
            (
                "owner =",
                "post_logout_redirect_uris = [\"https://a.example/\",\n\"http://a.example/\"]\nowner =",
                "line 18: http is only for localhost",
            ),
            (
                "owner =",
                "post_logout_redirect_uris = [\"https://a.example/?state=x\"]\nowner =",
                "line 17: The query cannot contain state",
            ),
            (
                "owner =",
                "backchannel_logout_uri = \"http://a.example/\"\nowner =",
                "line 17: Enter an address that begins with https://",
            ),
            (
                "redirect_uris = [\"http://localhost:8888/callback\"]",
                "redirect_uris = [\"https://a.example\", \"https://b.example\"]\nsubject_type = \"pairwise\"",
                "line 16: Pairwise subjects need redirect URIs that are all https at one host",
            ),
            (
                "owner =",
                "post_logout_uris = []\nowner =",
                "did you mean post_logout_redirect_uris?",
            ),
        ] {
            let told_in_fact = problem(old, new);
            assert!(told_in_fact.contains(told), "{told}\n{told_in_fact}");
        }
    }

    #[test]
    fn az_53_an_api_is_what_the_file_says() {
        let file = parse(GOOD).expect("good");
        let [DeclaredApi { api, .. }] = file.apis.as_slice() else { panic!("one API") };
        assert_eq!(api.identifier.as_str(), "https://api.example");
        assert_eq!(api.format, TokenFormat::Jwt(SignatureAlgorithm::Es256));
        assert_eq!(api.introspector.as_ref().map(ClientId::as_str), Some("radio"));
        let bare = "[[api]]\nidentifier = \"urn:a\"\nformat = \"jwt\"\n";
        let file = parse(bare).expect("good");
        assert_eq!(file.apis[0].api.format, TokenFormat::Jwt(SignatureAlgorithm::EdDsa));
        assert!(file.apis[0].api.scopes.is_empty());
        let told = parse(&bare.repeat(2)).err().expect("a problem").to_string();
        assert!(told.contains("the identifier urn:a stands at line 1 already"), "{told}");
    }

    #[test]
    fn a_name_stands_only_once() {
        let twice =
            format!("{GOOD}\n[[user]]\nusername = \"ADA\"\nemail = \"b@c\"\npassword = \"x\"\n");
        let told = parse(&twice).err().expect("a problem").to_string();
        assert!(told.contains("the username ada stands at line 2 already"), "{told}");
    }
}
