//! Taking back what was allowed: `/account/apps/remove`. It asks first, here or in a dialog.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hallpass_protocol::model::ClientId;

use super::APPS;
use super::permissions::Permissions;
use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::onward::out_of_date;
use crate::http::page::{self, FormAction};
use crate::http::paging::Paging;
use crate::http::person::Person;
use crate::http::redirect::{self, Asked};
use crate::layout::{PageFrame, When, initials};
use crate::state::{App, AppState};

/// Asks before an app loses its access, and says what happens then.
#[derive(Debug, Template)]
#[template(path = "account/remove.html")]
struct RemovePage {
    /// What stands around it.
    frame: PageFrame,
    name: String,
    client_id: String,
    /// Which page of the list to go back to.
    page: u32,
    permissions: Permissions,
    since: When,
    /// Binds the form to this session.
    form_token: String,
}

impl RemovePage {
    fn initials(&self) -> String {
        initials(&self.name)
    }
}

pub(super) async fn ask(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Result<Response, Fault> {
    let query = query.unwrap_or_default();
    let named = query.split('&').find_map(|word| word.strip_prefix("client_id="));
    let asked = match named.map(ClientId::parse) {
        Some(Ok(client)) => question(&app, &person, &client, Paging::asked(&query)).await?,
        Some(Err(_)) | None => None,
    };
    match asked {
        Some(page) => page::answer(StatusCode::OK, &page, &FormAction::SelfOnly),
        None => Ok(StatusCode::NOT_FOUND.into_response()),
    }
}

pub(super) async fn remove(
    State(app): State<AppState>,
    person: Person,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    if !person.sent(&app, &headers, &form) {
        return out_of_date(&app, APPS, None);
    }
    let Ok(client) = ClientId::parse(form.text("client_id")) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let paging = Paging::typed(form.text("page"));
    if form.text("confirmed") != "yes"
        && let Some(page) = question(&app, &person, &client, paging).await?
    {
        return page::answer(StatusCode::OK, &page, &FormAction::SelfOnly);
    }
    // What is gone already, by another tab, is as gone as it was meant to be.
    let account = &person.0.account;
    if app.withdraw(account.id, &client).await? {
        tracing::info!(%client, account = %account.username, "access removed");
    }
    let path = format!("{APPS}?removed={client}&page={}", paging.number());
    Ok(redirect::to_page(&path, Asked::ByForm))
}

/// The page that asks; `None` if this person allows that app nothing.
async fn question(
    app: &App,
    person: &Person,
    client: &ClientId,
    paging: Paging,
) -> Result<Option<RemovePage>, Fault> {
    let session = &person.0.session.id;
    let facts = app.store.authorization_facts(client, Some(session)).await?;
    let (Some(client), Some(consent)) = (facts.client, facts.consent) else { return Ok(None) };
    Ok(Some(RemovePage {
        frame: person.frame(app, &format!("Remove {}", client.name)),
        permissions: Permissions::of(&consent.scopes, &app.policy.catalogue),
        since: When::told(consent.given_at, app.now()),
        client_id: client.id.to_string(),
        name: client.name.clone(),
        page: paging.number(),
        form_token: person.form_token(app),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use hallpass_protocol::model::{ScopeCatalogue, ScopeSet, Timestamp};

    use super::*;
    use crate::layout::tests::layout;

    #[test]
    fn the_question_states_the_effect_and_a_way_back() {
        let now = Timestamp::from_seconds(1_795_356_300);
        let html = RemovePage {
            frame: layout().frame("Remove Mixtape", Some("ada")),
            name: "Mixtape".to_owned(),
            client_id: "5c1e0f8a7b3d49e6a2c4d8f01b6e7a93".to_owned(),
            permissions: Permissions::of(
                &ScopeSet::parse("email").unwrap(),
                &ScopeCatalogue::default(),
            ),
            page: 2,
            since: When::told(now, now),
            form_token: "token".to_owned(),
        }
        .render()
        .unwrap();
        for told in [
            "Mixtape",
            "It stops working within a second, everywhere.",
            "Next time it will ask you again.",
            r#"<form method="post" action="/account/apps/remove""#,
            r#"name="client_id" value="5c1e0f8a7b3d49e6a2c4d8f01b6e7a93""#,
            r#"name="form_token" value="token""#,
            r#"name="confirmed" value="yes""#,
            r#"name="page" value="2""#,
            r#"href="/account/apps?page=2""#,
        ] {
            assert!(html.contains(told), "{told}\n{html}");
        }
    }
}
