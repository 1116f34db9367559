//! The consent page: who asks, for what, for how long, and where the answer goes.

use std::time::Duration;

use askama::Template;
use hallpass_protocol::authorize::{Answer, Prompt};
use hallpass_protocol::model::{Client, GrantType, ScopeGroup};

use crate::layout::{PageFrame, initials};
use crate::state::App;

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
    /// How long the app can renew it without another question, if it can.
    pub(crate) renewal: Option<String>,
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
    fn of(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            description: client.description.clone(),
            website: client.website.clone(),
            owner_name: client.owner_name.clone(),
            client_id: client.id.as_str().to_owned(),
        }
    }

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

/// The page that puts `prompt` to the person, for the request `raw_query`.
pub(super) fn page(
    app: &App,
    prompt: &Prompt<'_>,
    raw_query: &str,
    switch_url: String,
) -> ConsentPage {
    let session = &prompt.signed_in.session.id;
    let username = prompt.signed_in.account.username.as_str();
    let key = app.keys.forms();
    let form_token = Answer::form_token(key, raw_query, session, &mut app.rng(), app.now());
    ConsentPage {
        frame: app.layout.frame(prompt.client.name.as_str(), Some(username)),
        app: ConsentApp::of(prompt.client),
        returns_to: prompt.destination.origin(),
        username: username.to_owned(),
        switch_url,
        groups: permission_groups(prompt),
        has_previous: prompt.approved_before,
        until: in_words(app.policy.token_lifetime),
        renewal: prompt
            .client
            .grant_types
            .contains(GrantType::RefreshToken)
            .then(|| in_words(app.config.refresh_lifetimes.absolute)),
        raw_query: raw_query.to_owned(),
        form_token: form_token.as_str().to_owned(),
    }
}

fn permission_groups(prompt: &Prompt<'_>) -> Vec<PermissionGroup> {
    let groups = [ScopeGroup::Data, ScopeGroup::Activity, ScopeGroup::Act, ScopeGroup::Partner];
    let items = |group| {
        let of_group = prompt.asked.iter().filter(move |asked| asked.definition.group == group);
        of_group
            .map(|asked| Permission {
                name: asked.definition.scope.as_str().to_owned(),
                text: asked.definition.text.clone(),
                is_new: asked.is_new && prompt.approved_before,
            })
            .collect::<Vec<_>>()
    };
    groups
        .into_iter()
        .map(|group| PermissionGroup { group, items: items(group) })
        .filter(|group| !group.items.is_empty())
        .collect()
}

/// A lifetime as people say it, in the largest unit that fits without a rest.
fn in_words(lifetime: Duration) -> String {
    let seconds = lifetime.as_secs();
    let (count, unit) = match seconds {
        _ if seconds >= 86_400 && seconds.is_multiple_of(86_400) => (seconds / 86_400, "day"),
        _ if seconds >= 3_600 && seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        _ if seconds >= 60 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
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
            renewal: Some("180 days".to_owned()),
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
            "180 days",
            "public profile",
            "You can remove it at any time",
            "Apps with access",
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
