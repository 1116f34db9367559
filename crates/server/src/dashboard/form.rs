//! The form of an app: what the browser sent, and what it is shown again.

use askama::Template;
use hallpass_protocol::dashboard::{ClientForm, FormProblems};
use hallpass_protocol::model::{
    Client, ClientType, Denial, GrantType, GrantTypes, RedirectUri, RedirectUriPolicy,
};

use crate::http::form::Form;

/// The fields that creating and editing an app have in common.
#[derive(Debug, Template)]
#[template(path = "dashboard/form.html")]
pub(crate) struct FormFields {
    name: Field,
    description: Field,
    website: Field,
    redirect_uris_problem: Option<String>,
    rows: Vec<Row>,
    grants_problem: Option<String>,
    grants: Vec<Tick>,
    denial: Denial,
}

/// What was typed into one field, and what is wrong with it.
#[derive(Debug)]
struct Field {
    value: String,
    problem: Option<String>,
}

/// One redirect URI.
#[derive(Debug)]
struct Row {
    number: usize,
    value: String,
    problem: Option<String>,
    caution: Option<String>,
}

/// One way of getting tokens.
#[derive(Debug)]
struct Tick {
    grant: GrantType,
    ticked: bool,
}

impl Tick {
    fn label(&self) -> &'static str {
        match self.grant {
            GrantType::AuthorizationCode => "Authorization code with PKCE",
            GrantType::RefreshToken => "Refresh tokens",
            GrantType::ClientCredentials => "Client credentials",
            GrantType::Implicit => "Implicit grant",
        }
    }

    fn hint(&self) -> &'static str {
        match self.grant {
            GrantType::AuthorizationCode => {
                "For every kind of app: a page, an installed app, a server. Each request brings a challenge (PKCE, S256)."
            }
            GrantType::RefreshToken => {
                "New access tokens after the first one ends, without sending the person here again."
            }
            GrantType::ClientCredentials => {
                "The app acts for itself, for nobody in particular. It needs a secret."
            }
            GrantType::Implicit => {
                "A page without server code gets its access token in its own address."
            }
        }
    }

    /// RFC 9700 §2.1.2, in plain words.
    fn warning(&self) -> Option<&'static str> {
        match self.grant {
            GrantType::Implicit => Some(
                "This grant has known security flaws: the token lies open in the browser’s address and history, and whoever gets it can use it. Authorization code with PKCE needs no server code either. Use that instead.",
            ),
            GrantType::AuthorizationCode
            | GrantType::RefreshToken
            | GrantType::ClientCredentials => None,
        }
    }
}

impl FormFields {
    /// The fields as they were typed, with what is wrong, and with `spare` empty rows for more
    /// redirect URIs.
    pub(crate) fn typed(
        form: &ClientForm,
        problems: &FormProblems,
        policy: RedirectUriPolicy,
        spare: usize,
    ) -> Self {
        let field =
            |value: &str, problem: Option<String>| Field { value: value.to_owned(), problem };
        Self {
            name: field(&form.name, problems.name.map(|problem| problem.to_string())),
            description: field(
                &form.description,
                problems.description.map(|problem| problem.to_string()),
            ),
            website: field(&form.website, problems.website.map(|problem| problem.to_string())),
            redirect_uris_problem: problems.redirect_uris.map(|problem| problem.to_string()),
            rows: rows(form, problems, policy, spare),
            grants_problem: problems.grant_types.map(|problem| problem.to_string()),
            grants: GrantType::ALL
                .map(|grant| Tick { grant, ticked: form.grant_types.contains(grant) })
                .into(),
            denial: form.denial,
        }
    }

    /// The fields of a client that nobody has changed yet.
    pub(crate) fn unchanged(client: &Client, policy: RedirectUriPolicy) -> Self {
        let form = ClientForm {
            name: client.name.clone(),
            description: client.description.clone(),
            website: client.website.clone().unwrap_or_default(),
            redirect_uris: client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect(),
            grant_types: client.grant_types,
            denial: client.denial,
        };
        Self::typed(&form, &FormProblems::default(), policy, 0)
    }

    /// The fields of an app that is not there yet: on its way to codes and refresh tokens. The implicit
    /// grant is off until somebody ticks it (product decision 6).
    pub(crate) fn empty(policy: RedirectUriPolicy) -> Self {
        let form = ClientForm {
            name: String::new(),
            description: String::new(),
            website: String::new(),
            redirect_uris: Vec::new(),
            grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken]
                .into_iter()
                .collect(),
            denial: Denial::Query,
        };
        Self::typed(&form, &FormProblems::default(), policy, 1)
    }

    /// How many things are wrong.
    pub(crate) fn problem_count(&self) -> usize {
        let fields = [&self.name, &self.description, &self.website];
        let lists = [&self.redirect_uris_problem, &self.grants_problem];
        fields.into_iter().filter(|field| field.problem.is_some()).count()
            + self.rows.iter().filter(|row| row.problem.is_some()).count()
            + lists.into_iter().flatten().count()
    }
}

fn rows(
    form: &ClientForm,
    problems: &FormProblems,
    policy: RedirectUriPolicy,
    spare: usize,
) -> Vec<Row> {
    let typed = form.redirect_uris.iter().enumerate().map(|(position, value)| {
        let problem = problems.rows.get(position).and_then(Option::as_ref);
        let caution =
            RedirectUri::register(value.trim(), policy).ok().and_then(|uri| uri.caution());
        let caution = caution.filter(|_| problem.is_none()).map(|caution| caution.to_string());
        Row {
            number: position + 1,
            value: value.clone(),
            problem: problem.map(ToString::to_string),
            caution,
        }
    });
    // There is always a field to type into, and never more rows than an app may have.
    let count = form.redirect_uris.len();
    let wanted = (count + spare).clamp(1, ClientForm::MAX_REDIRECT_URIS.max(count));
    let empty = |number| Row { number, value: String::new(), problem: None, caution: None };
    typed.chain((count + 1..=wanted).map(empty)).collect()
}

/// What the browser sent. Fields that are none of the form's are passed over (refusals RG-06).
pub(crate) fn read(form: &Form) -> ClientForm {
    ClientForm {
        name: form.text("name").to_owned(),
        description: form.text("description").to_owned(),
        website: form.text("website").to_owned(),
        redirect_uris: form.all("redirect_uri").map(str::to_owned).collect(),
        grant_types: form.all("grant").filter_map(GrantType::parse).collect::<GrantTypes>(),
        denial: match form.text("denial") {
            "fragment" => Denial::Fragment,
            _ => Denial::Query,
        },
    }
}

/// Whether the browser asks for one more row, and for nothing to be saved yet.
pub(crate) fn wants_row(form: &Form) -> bool {
    form.field("add_row").is_some()
}

/// What kind of client is meant, in a word for pages.
pub(crate) const fn kind(client_type: &ClientType) -> &'static str {
    match client_type {
        ClientType::Public => "Public",
        ClientType::Confidential { .. } => "Confidential",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    const POLICY: RedirectUriPolicy = RedirectUriPolicy { localhost: true };
    const SCRIPT: &str = include_str!("../layout/script.js");

    #[test]
    fn the_script_judges_redirect_uris_in_the_servers_words() {
        for (typed, varying) in [
            ("https://a.example/b c", "the space"),
            ("https://a.example/#x", ""),
            ("https://a.example/*", ""),
            ("a.example", ""),
            ("https:a.example", ""),
            ("javascript:alert(1)", "javascript"),
            ("app:/", "app"),
            ("https://u@a.example/", ""),
            ("https://", ""),
            ("https://A.example/", "a.example"),
            ("http://a.example/", ""),
        ] {
            let problem = RedirectUri::register(typed, POLICY).expect_err(typed).to_string();
            let parts: Vec<&str> = match varying {
                "" => vec![&problem],
                varying => problem.split(varying).collect(),
            };
            for part in parts {
                assert!(SCRIPT.contains(part), "{typed}: {part:?}");
            }
        }
    }

    #[test]
    fn db_04_what_was_typed_is_shown_as_text() {
        let hostile = "\"><script>alert(1)</script>".to_owned();
        let form = ClientForm {
            name: hostile.clone(),
            description: format!("</textarea>{hostile}"),
            website: hostile.clone(),
            redirect_uris: vec![hostile.clone()],
            grant_types: GrantTypes::default(),
            denial: Denial::Query,
        };
        let html = FormFields::typed(&form, &FormProblems::default(), POLICY, 0).render().unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert_eq!(html.matches("&#60;script&#62;").count(), 4, "{html}");
    }

    #[test]
    fn there_is_always_a_row_to_type_into_and_never_one_too_many() {
        let with = |count: usize, spare| {
            let form = ClientForm {
                name: String::new(),
                description: String::new(),
                website: String::new(),
                redirect_uris: vec!["https://a.example/".to_owned(); count],
                grant_types: GrantTypes::default(),
                denial: Denial::Query,
            };
            FormFields::typed(&form, &FormProblems::default(), POLICY, spare).rows.len()
        };
        assert_eq!(with(0, 0), 1);
        assert_eq!(with(2, 0), 2);
        assert_eq!(with(2, 1), 3);
        assert_eq!(with(50, 1), 50);
        assert_eq!(with(60, 1), 60);
    }

    #[test]
    fn the_implicit_grant_is_off_until_it_is_ticked_and_warns() {
        let html = FormFields::empty(POLICY).render().unwrap();
        let implicit = html.split("id=\"grant-implicit\"").nth(1).unwrap();
        assert!(!implicit.split('>').next().unwrap().contains("checked"), "{html}");
        assert!(implicit.contains("security flaws") && implicit.contains("PKCE"), "{html}");
    }
}
