//! The consent page: who asks, for what, for how long, and where the answer goes.

use askama::Template;
use hallpass_protocol::model::ScopeGroup;

use crate::layout::{PageFrame, initials};

/// The pass: a stub that names the app, and what it may do.
#[derive(Debug, Template)]
#[template(path = "authorize/consent.html")]
pub(crate) struct ConsentPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// Who asks.
    pub(crate) app: ConsentApp,
    /// The origin that the answer goes to, in full; for a private scheme, the scheme.
    pub(crate) returns_to: String,
    /// Who would agree.
    pub(crate) username: String,
    /// Where another person signs in and comes back here.
    pub(crate) switch_url: String,
    /// What is asked, under its headings; empty if the app asks only for what is public.
    pub(crate) groups: Vec<PermissionGroup>,
    /// Whether this person allowed this app something before.
    pub(crate) has_previous: bool,
    /// How long the access lasts, such as "1 hour".
    pub(crate) until: String,
    /// The request that is answered, as it came.
    pub(crate) raw_query: String,
    /// Binds the answer to this browser and this request.
    pub(crate) form_token: String,
}

/// The app as a person sees it.
#[derive(Debug)]
pub(crate) struct ConsentApp {
    /// What it calls itself.
    pub(crate) name: String,
    /// What it says it is; may be empty.
    pub(crate) description: String,
    /// Where it tells more: an http or https address.
    pub(crate) website: Option<String>,
    /// The username of who registered it.
    pub(crate) owner_name: String,
    /// What its developer knows it by.
    pub(crate) client_id: String,
}

/// Permissions under one heading.
#[derive(Debug)]
pub(crate) struct PermissionGroup {
    /// Which heading.
    pub(crate) group: ScopeGroup,
    /// What is asked.
    pub(crate) items: Vec<Permission>,
}

/// One thing that the app wants to do.
#[derive(Debug)]
pub(crate) struct Permission {
    /// What the app's developer knows it by.
    pub(crate) name: String,
    /// The end of the sentence "This app wants to …".
    pub(crate) text: String,
    /// Not allowed before, though something else was.
    pub(crate) is_new: bool,
}

impl ConsentApp {
    fn initials(&self) -> String {
        initials(&self.name)
    }

    /// The website without its scheme.
    fn website_shown(&self) -> &str {
        let website = self.website.as_deref().unwrap_or_default();
        website.split_once("://").map_or(website, |(_, rest)| rest.trim_end_matches('/'))
    }
}

impl ConsentPage {
    fn has_new(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.items).any(|item| item.is_new)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::layout::tests::layout;

    fn page(name: &str) -> ConsentPage {
        ConsentPage {
            frame: layout().frame(name, Some("ada")),
            app: ConsentApp {
                name: name.to_owned(),
                description: "Makes <b>tapes</b>.".to_owned(),
                website: Some("https://mixtape.example/?a=1&b=\"2\"".to_owned()),
                owner_name: "grace".to_owned(),
                client_id: "0".repeat(32),
            },
            returns_to: "https://mixtape.example:8443".to_owned(),
            username: "ada".to_owned(),
            switch_url: "/sign-in?return_to=x".to_owned(),
            groups: vec![PermissionGroup {
                group: ScopeGroup::Data,
                items: vec![Permission {
                    name: "user-read-email".to_owned(),
                    text: "see your e-mail address".to_owned(),
                    is_new: true,
                }],
            }],
            has_previous: true,
            until: "1 hour".to_owned(),
            raw_query: "client_id=x&state=\"><script>".to_owned(),
            form_token: "token".to_owned(),
        }
    }

    #[test]
    fn co_09_the_page_hides_nothing_of_what_is_asked() {
        let html = page("Mixtape").render().unwrap();
        for told in [
            "Mixtape",
            "grace",
            "https://mixtape.example:8443",
            "ada",
            "Not you?",
            "see your e-mail address",
            "user-read-email",
            "Not verified",
            "New",
            "1 hour",
            "public profile",
            "You can remove it at any time",
        ] {
            assert!(html.contains(told), "{told}\n{html}");
        }
    }

    #[test]
    fn co_07_a_name_with_markup_is_text() {
        let html = page("<script>alert(1)</script>").render().unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
        assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
    }

    #[test]
    fn the_answers_have_the_names_and_ids_that_scripts_look_for() {
        let html = page("Mixtape").render().unwrap();
        for element in [
            r#"id="auth-accept" data-testid="auth-accept""#,
            r#"id="auth-cancel" data-testid="auth-cancel""#,
            r#"name="answer" value="agree""#,
            r#"name="answer" value="cancel""#,
            r#"action="/authorize/answer""#,
            r#"name="query" value="client_id=x&#38;state=&#34;&#62;&#60;script&#62;""#,
            r#"name="form_token" value="token""#,
        ] {
            assert!(html.contains(element), "{element}\n{html}");
        }
    }

    #[test]
    fn the_page_speaks_the_persons_language() {
        let html = page("Mixtape").render().unwrap().to_lowercase();
        for word in ["oauth", "scope", "grant"] {
            assert!(!html.contains(word), "{word}");
        }
    }
}
