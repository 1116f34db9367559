//! The list of one's apps: `/dashboard`.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use hallpass_store::{Listing, Page};

use super::access::Developer;
use super::pages::{AppCard, AppsPage};
use crate::fault::Fault;
use crate::http::page::{self, FormAction};
use crate::layout::When;
use crate::state::AppState;

/// How many apps stand on one page.
const PER_PAGE: u32 = 24;

pub(super) async fn list(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    developer: Developer,
) -> Result<Response, Fault> {
    let query = query.unwrap_or_default();
    let owner = developer.0.account.id;
    let mut number = page_number(&query);
    let mut listing = app.store.clients_of(owner, rows(number)).await?;
    let pages = listing.total.div_ceil(u64::from(PER_PAGE)).max(1);
    if u64::from(number) > pages {
        // Beyond the end: the last page there is.
        number = u32::try_from(pages).unwrap_or(u32::MAX);
        listing = app.store.clients_of(owner, rows(number)).await?;
    }
    let Listing { rows, total } = listing;
    let now = app.now();
    let page = AppsPage {
        frame: developer.frame(&app, "Your apps"),
        apps: rows
            .into_iter()
            .map(|client| {
                let registered = When::told(client.created_at, now);
                AppCard::of(client, registered)
            })
            .collect(),
        total,
        page: u64::from(number),
        pages,
        notice: has(&query, "deleted").then_some("The app is deleted."),
    };
    page::answer(StatusCode::OK, &page, &FormAction::SELF)
}

/// Whether a query brings the bare word `name`: what was just done, after a redirect.
pub(super) fn has(query: &str, name: &str) -> bool {
    query.split('&').any(|word| word == name)
}

/// The page that is asked for, from 1; what is no such number counts as 1 (refusals DB-08).
fn page_number(query: &str) -> u32 {
    let asked = query.split('&').find_map(|word| word.strip_prefix("page="));
    asked.and_then(|number| number.parse().ok()).filter(|number| *number > 0).unwrap_or(1)
}

fn rows(number: u32) -> Page {
    Page { offset: (number - 1).saturating_mul(PER_PAGE), limit: PER_PAGE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn db_08_a_page_number_out_of_range_does_no_harm() {
        for (query, number) in [
            ("page=2", 2),
            ("deleted&page=3", 3),
            ("", 1),
            ("page=0", 1),
            ("page=-1", 1),
            ("page=x", 1),
            ("page=99999999999", 1),
            ("page=4294967295", u32::MAX),
        ] {
            assert_eq!(page_number(query), number, "{query}");
        }
        assert_eq!(rows(u32::MAX).offset, u32::MAX);
    }
}
