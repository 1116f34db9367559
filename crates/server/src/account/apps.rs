//! The list of apps with access: `/account/apps`.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use hallpass_protocol::model::{ClientId, ClientStatus, ScopeCatalogue, SessionId, Timestamp};
use hallpass_store::ConsentedClient;

use super::permissions::Permissions;
use crate::fault::Fault;
use crate::http::page::{self, FormAction};
use crate::http::paging::{Pages, Paging};
use crate::http::person::Person;
use crate::layout::{PageFrame, When, initials};
use crate::state::{App, AppState};

/// The apps that a person allows something.
#[derive(Debug, Template)]
#[template(path = "account/apps.html")]
struct AppsPage {
    /// What stands around it.
    frame: PageFrame,
    /// The rows of this page of the list.
    apps: Vec<AllowedApp>,
    /// Which page of the list it is.
    at: Pages,
    /// The app that has just lost its access.
    removed: Option<String>,
    /// Binds the forms to this session.
    form_token: String,
}

/// One row.
#[derive(Debug)]
struct AllowedApp {
    name: String,
    owner_name: String,
    client_id: String,
    status: ClientStatus,
    permissions: Permissions,
    since: When,
    last_used: When,
}

impl AllowedApp {
    fn of(allowed: ConsentedClient, catalogue: &ScopeCatalogue, now: Timestamp) -> Self {
        let ConsentedClient { client, consent, last_used_at } = allowed;
        Self {
            name: client.name,
            owner_name: client.owner_name,
            client_id: client.id.to_string(),
            status: client.status,
            permissions: Permissions::of(&consent.scopes, catalogue),
            since: When::told(consent.given_at, now),
            last_used: When::told(last_used_at, now),
        }
    }

    fn initials(&self) -> String {
        initials(&self.name)
    }
}

pub(super) async fn list(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Result<Response, Fault> {
    let query = query.unwrap_or_default();
    let account = person.0.account.id;
    let mut paging = Paging::asked(&query);
    let mut listing = app.store.consents_of(account, paging.rows()).await?;
    if let Some(last) = paging.if_beyond(listing.total) {
        paging = last;
        listing = app.store.consents_of(account, paging.rows()).await?;
    }
    let now = app.now();
    let page = AppsPage {
        frame: person.frame(&app, "Apps with access"),
        at: paging.of(listing.total),
        apps: listing
            .rows
            .into_iter()
            .map(|allowed| AllowedApp::of(allowed, &app.policy.catalogue, now))
            .collect(),
        removed: removed(&app, &query, &person.0.session.id).await?,
        form_token: person.form_token(&app),
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}

/// The name of the app that the address says has lost its access. Anybody can write such an address, so
/// it is believed only if the app has none.
async fn removed(app: &App, query: &str, session: &SessionId) -> Result<Option<String>, Fault> {
    let named = query.split('&').find_map(|word| word.strip_prefix("removed="));
    let Some(Ok(client)) = named.map(ClientId::parse) else { return Ok(None) };
    let facts = app.store.authorization_facts(&client, Some(session)).await?;
    Ok(facts.client.filter(|_| facts.consent.is_none()).map(|client| client.name.clone()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use hallpass_protocol::model::ScopeSet;

    use super::*;
    use crate::layout::tests::layout;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_356_300);

    fn app(name: &str, scopes: &str) -> AllowedApp {
        let scopes = ScopeSet::parse(scopes).unwrap();
        AllowedApp {
            name: name.to_owned(),
            owner_name: "grace".to_owned(),
            client_id: "5c1e0f8a7b3d49e6a2c4d8f01b6e7a93".to_owned(),
            status: ClientStatus::Active,
            permissions: Permissions::of(&scopes, &ScopeCatalogue::default()),
            since: When::told(Timestamp::from_seconds(1_795_356_300 - 86_400 * 3), NOW),
            last_used: When::told(NOW, NOW),
        }
    }

    fn page(apps: Vec<AllowedApp>) -> AppsPage {
        let total = apps.len() as u64;
        AppsPage {
            frame: layout().frame("Apps with access", Some("ada")),
            apps,
            at: Paging::asked("").of(total),
            removed: None,
            form_token: "token".to_owned(),
        }
    }

    #[test]
    fn a_row_tells_who_what_since_when_and_how_to_take_it_back() {
        let html = page(vec![app("Mixtape", "email a b c d")]).render().unwrap();
        for told in [
            "Mixtape",
            "Not verified",
            "grace",
            "Email; a; b",
            "2 more",
            "3 days ago",
            "just now",
            "2026-11-22 14:05:00 UTC",
            r#"action="/account/apps/remove""#,
            r#"name="client_id" value="5c1e0f8a7b3d49e6a2c4d8f01b6e7a93""#,
            r#"name="form_token" value="token""#,
            "It stops working within a second, everywhere",
        ] {
            assert!(html.contains(told), "{told}\n{html}");
        }
    }

    #[test]
    fn an_empty_list_explains_itself() {
        let html = page(Vec::new()).render().unwrap();
        assert!(html.contains("No app has access"), "{html}");
        assert!(!html.contains("Remove access</button>"), "{html}");
    }

    #[test]
    fn what_was_removed_is_told_once_and_as_text() {
        let removed = Some("<b>Mixtape</b>".to_owned());
        let html = AppsPage { removed, ..page(Vec::new()) }.render().unwrap();
        assert!(html.contains(r#"role="status""#), "{html}");
        assert!(html.contains("&#60;b&#62;Mixtape&#60;/b&#62; no longer has access."), "{html}");
    }

    #[test]
    fn co_07_a_name_with_markup_is_text() {
        let html = page(vec![app(r#""><script>alert(1)</script>"#, "a")]).render().unwrap();
        assert!(!html.contains("<script>"), "{html}");
    }

    #[test]
    fn the_page_speaks_the_persons_language() {
        let html = page(vec![app("Mixtape", "email")]).render().unwrap().to_lowercase();
        for word in ["oauth", "scope", "grant", "consent"] {
            assert!(!html.contains(word), "{word}\n{html}");
        }
    }
}
