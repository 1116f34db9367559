//! The form of an app: what the browser sent, and what it is shown again.

use askama::Template;
use hallpass_protocol::dashboard::{ClientForm, FormProblems, OpenIdForm};
use hallpass_protocol::model::{
    Client, ClientType, Denial, GrantType, GrantTypes, RedirectUriPolicy,
};

use super::openid::{self, OpenIdFields};
use super::rows::{Rows, UriList};
use crate::http::form::Form;

/// The fields that creating and editing an app have in common.
#[derive(Debug, Template)]
#[template(path = "dashboard/form.html")]
pub(crate) struct FormFields {
    name: Field,
    description: Field,
    website: Field,
    redirect_uris: Rows,
    grants_problem: Option<String>,
    grants: Vec<Tick>,
    denial: Denial,
    openid: OpenIdFields,
}

/// What was typed into one field, and what is wrong with it.
#[derive(Debug)]
struct Field {
    value: String,
    problem: Option<String>,
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
    /// The fields as they were typed, with what is wrong, and with one more row in the list that is to
    /// have it.
    pub(crate) fn typed(
        form: &ClientForm,
        problems: &FormProblems,
        policy: RedirectUriPolicy,
        one_more: Option<UriList>,
    ) -> Self {
        let spare = |list| usize::from(one_more == Some(list));
        let of_list = problems.redirect_uris.map(|problem| problem.to_string());
        let field =
            |value: &str, problem: Option<String>| Field { value: value.to_owned(), problem };
        Self {
            name: field(&form.name, problems.name.map(|problem| problem.to_string())),
            description: field(
                &form.description,
                problems.description.map(|problem| problem.to_string()),
            ),
            website: field(&form.website, problems.website.map(|problem| problem.to_string())),
            redirect_uris: Rows::typed(
                UriList::Redirect,
                &form.redirect_uris,
                (&problems.rows, of_list),
                policy,
                spare(UriList::Redirect),
            ),
            grants_problem: problems.grant_types.map(|problem| problem.to_string()),
            grants: GrantType::ALL
                .map(|grant| Tick { grant, ticked: form.grant_types.contains(grant) })
                .into(),
            denial: form.denial,
            openid: OpenIdFields::typed(form, &problems.openid, policy, spare(UriList::PostLogout)),
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
            openid: OpenIdForm::of(&client.openid),
        };
        Self::typed(&form, &FormProblems::default(), policy, None)
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
            openid: OpenIdForm::default(),
        };
        Self::typed(&form, &FormProblems::default(), policy, Some(UriList::Redirect))
    }

    /// How many things are wrong.
    pub(crate) fn problem_count(&self) -> usize {
        let fields = [&self.name, &self.description, &self.website];
        fields.into_iter().filter(|field| field.problem.is_some()).count()
            + usize::from(self.grants_problem.is_some())
            + self.redirect_uris.problem_count()
            + self.openid.problem_count()
    }
}

/// What the browser sent. Fields that are none of the form's are passed over (refusals RG-06).
pub(crate) fn read(form: &Form) -> ClientForm {
    ClientForm {
        name: form.text("name").to_owned(),
        description: form.text("description").to_owned(),
        website: form.text("website").to_owned(),
        redirect_uris: form.all(UriList::Redirect.field()).map(str::to_owned).collect(),
        grant_types: form.all("grant").filter_map(GrantType::parse).collect::<GrantTypes>(),
        denial: match form.text("denial") {
            "fragment" => Denial::Fragment,
            _ => Denial::Query,
        },
        openid: openid::read(form),
    }
}

/// The list for which the browser asks one more row, and nothing to be saved yet.
pub(crate) fn wants_row(form: &Form) -> Option<UriList> {
    form.field("add_row").map(|field| UriList::parse(field).unwrap_or(UriList::Redirect))
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

    use hallpass_protocol::model::RedirectUri;

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
            openid: OpenIdForm {
                post_logout_redirect_uris: vec![hostile.clone()],
                backchannel_logout_uri: hostile.clone(),
                ..OpenIdForm::default()
            },
        };
        let fields = FormFields::typed(&form, &FormProblems::default(), POLICY, None);
        let html = fields.render().unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert_eq!(html.matches("&#60;script&#62;").count(), 6, "{html}");
    }

    #[test]
    fn the_implicit_grant_is_off_until_it_is_ticked_and_warns() {
        let html = FormFields::empty(POLICY).render().unwrap();
        let implicit = html.split("id=\"grant-implicit\"").nth(1).unwrap();
        assert!(!implicit.split('>').next().unwrap().contains("checked"), "{html}");
        assert!(implicit.contains("security flaws") && implicit.contains("PKCE"), "{html}");
    }
}
