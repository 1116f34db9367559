//! Lists in pages: `limit` and `offset` in, and links to the neighbours out.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use serde_json::{Value, json};

use crate::answer::Problem;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 50;
/// Far beyond any list here, so that no arithmetic on an offset can overflow.
const MAX_OFFSET: usize = 100_000;

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    limit: usize,
    offset: usize,
}

impl Paging {
    fn parse(query: &[(String, String)]) -> Result<Self, Problem> {
        let limit = one(query, "limit")?.map_or(Some(DEFAULT_LIMIT), number);
        let offset = one(query, "offset")?.map_or(Some(0), number);
        match (limit, offset) {
            (Some(limit), _) if !(1..=MAX_LIMIT).contains(&limit) => Err(invalid_limit()),
            (None, _) => Err(invalid_limit()),
            (_, None) | (_, Some(MAX_OFFSET..)) => {
                Err(Problem::BadRequest("Invalid offset: it is a whole number from 0".to_owned()))
            }
            (Some(limit), Some(offset)) => Ok(Self { limit, offset }),
        }
    }

    /// The page of `items` that is asked for; `list` is the address of the list, with what else
    /// belongs to it in the query.
    pub(crate) fn page<T>(&self, list: &str, items: &[T], show: impl Fn(&T) -> Value) -> Value {
        let Self { limit, offset } = *self;
        let link = |offset: usize| {
            let mark = if list.contains('?') { '&' } else { '?' };
            format!("{list}{mark}offset={offset}&limit={limit}")
        };
        let shown: Vec<Value> = items.iter().skip(offset).take(limit).map(show).collect();
        json!({
            "href": link(offset),
            "items": shown,
            "limit": limit,
            "next": (offset + limit < items.len()).then(|| link(offset + limit)),
            "offset": offset,
            "previous": (offset > 0).then(|| link(offset.saturating_sub(limit))),
            "total": items.len(),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(&query(parts)?)
    }
}

/// The query of a request, decoded.
pub(crate) fn query(parts: &Parts) -> Result<Vec<(String, String)>, Problem> {
    let unreadable = |_| Problem::BadRequest("Invalid query".to_owned());
    Query::try_from_uri(&parts.uri).map(|Query(pairs)| pairs).map_err(unreadable)
}

/// The one value of a parameter; twice is refused, because there is no telling which one is meant.
pub(crate) fn one<'a>(
    query: &'a [(String, String)],
    name: &str,
) -> Result<Option<&'a str>, Problem> {
    let mut values = query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Problem::BadRequest(format!("Invalid {name}: it was sent twice"))),
    }
}

/// Digits only: `str::parse` alone would take a `+` before them.
fn number(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn invalid_limit() -> Problem {
    Problem::BadRequest(format!("Invalid limit: it is a whole number from 1 to {MAX_LIMIT}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn parse(query: &[(&str, &str)]) -> Result<Paging, Problem> {
        let owned: Vec<_> = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Paging::parse(&owned)
    }

    #[test]
    fn without_a_wish_it_is_the_first_twenty() {
        assert_eq!(parse(&[]), Ok(Paging { limit: 20, offset: 0 }));
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused() {
        for value in ["0", "51", "-1", "+5", "1.5", "", "abc", "99999999999999999999999"] {
            assert!(parse(&[("limit", value)]).is_err(), "limit={value}");
        }
        for value in ["-1", "+5", "1.5", "", "abc", "99999999999999999999999", "100000"] {
            assert!(parse(&[("offset", value)]).is_err(), "offset={value}");
        }
        assert!(parse(&[("limit", "5"), ("limit", "5")]).is_err());
    }

    #[test]
    fn a_page_links_to_its_neighbours() {
        let items: Vec<u32> = (0..25).collect();
        let page =
            |limit, offset| Paging { limit, offset }.page("http://a/x", &items, |n| json!(n));

        let first = page(10, 0);
        assert_eq!(first["items"].as_array().unwrap().len(), 10);
        assert_eq!((&first["total"], &first["previous"]), (&json!(25), &Value::Null));
        assert_eq!(first["next"], "http://a/x?offset=10&limit=10");

        let last = page(10, 20);
        assert_eq!(last["items"], json!([20, 21, 22, 23, 24]));
        assert_eq!(last["next"], Value::Null);
        assert_eq!(last["previous"], "http://a/x?offset=10&limit=10");

        let beyond = page(10, 5000);
        assert_eq!((&beyond["items"], &beyond["next"]), (&json!([]), &Value::Null));
    }

    #[test]
    fn what_else_belongs_to_a_list_stays_in_its_links() {
        let page = Paging { limit: 1, offset: 0 }.page("http://a/x?y=z", &[1, 2], |n| json!(n));
        assert_eq!(page["next"], "http://a/x?y=z&offset=1&limit=1");
    }
}
