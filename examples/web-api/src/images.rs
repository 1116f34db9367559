//! Pictures of users, albums and playlists, drawn from their ids.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};

use crate::answer::Problem;
use crate::router::Api;
use crate::seed::Seed;

/// Width and height of a picture in pixels.
pub(crate) const SIZE: u32 = 300;

const MAX_ID: usize = 64;

pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/images/{file}", get(picture))
}

async fn picture(Path(file): Path<String>) -> Result<Response, Problem> {
    let id = file.strip_suffix(".svg").filter(|id| is_id(id)).ok_or(Problem::NotFound)?;
    let headers: [(HeaderName, &'static str); 4] = [
        (CONTENT_TYPE, "image/svg+xml"),
        (CACHE_CONTROL, "public, max-age=86400"),
        // Opened by itself, a picture is a document: it may do nothing.
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Ok((headers, drawn(id)).into_response())
}

/// Only what a username or an id holds, so there is nothing to escape in the drawing.
fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(allowed)
}

/// Three discs on a coloured ground, with the first letter of the id.
fn drawn(id: &str) -> String {
    let mut seed = Seed::of(&["picture", id]);
    let hue = seed.below(360);
    let mut discs = String::new();
    for _ in 0..3 {
        let (x, y, radius) = (seed.below(300), seed.below(300), 60 + seed.below(90));
        let shade = 30 + seed.below(25);
        discs.push_str(&format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"hsl({hue} 45% {shade}%)\" opacity=\".7\"/>"
        ));
    }
    let letter = id.chars().next().unwrap_or('?').to_ascii_uppercase();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIZE}\" height=\"{SIZE}\" viewBox=\"0 0 300 300\">\
         <rect width=\"300\" height=\"300\" fill=\"hsl({hue} 50% 28%)\"/>{discs}\
         <text x=\"150\" y=\"150\" fill=\"#fff\" font-family=\"system-ui, sans-serif\" font-size=\"140\" \
         font-weight=\"600\" text-anchor=\"middle\" dominant-baseline=\"central\">{letter}</text></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_ids_are_drawn() {
        for id in ["ada", "Ada.Lovelace-2_3", "0aB"] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", "<script>", "a b", "é", "../x", "a\"b", &"a".repeat(65)] {
            assert!(!is_id(id), "{id}");
        }
    }
}
