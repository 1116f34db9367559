//! The files that pages refer to: embedded, named by their content, kept by browsers for ever.

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{Accent, Layout};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const ICON: &str = include_str!("icon.svg");

/// One file under its name.
#[derive(Clone, Debug)]
pub(super) struct Asset {
    url: String,
    content: Arc<str>,
    content_type: HeaderValue,
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, content: String) -> Self {
        let digest = digest::digest(&digest::SHA256, content.as_bytes());
        let hash: String =
            digest.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self {
            url: format!("/assets/{stem}.{hash}.{extension}"),
            content: content.into(),
            content_type: HeaderValue::from_static(content_type),
        }
    }

    /// Where the file is served.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    fn response(&self) -> Response {
        let headers = [
            (CONTENT_TYPE, self.content_type.clone()),
            (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        (headers, self.content.to_string()).into_response()
    }
}

/// All of them.
#[derive(Debug)]
pub(super) struct Assets {
    pub(super) style: Asset,
    pub(super) script: Asset,
    pub(super) icon: Asset,
}

impl Assets {
    pub(super) fn new(accent: Accent) -> Self {
        let style = format!("{}{STYLE}", accent.rules());
        Self {
            style: Asset::new("style", "css", "text/css; charset=utf-8", style),
            script: Asset::new("script", "js", "text/javascript; charset=utf-8", SCRIPT.to_owned()),
            icon: Asset::new("icon", "svg", "image/svg+xml", ICON.to_owned()),
        }
    }
}

/// The routes of `layout`'s assets. A name of another version is not there.
pub(crate) fn routes<S>(layout: &Layout) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let assets = &layout.assets;
    [&assets.style, &assets.script, &assets.icon].into_iter().cloned().fold(
        Router::new(),
        |router, asset| {
            let path = asset.url.clone();
            router.route(&path, get(async move || asset.response()))
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    use super::super::tests::layout;
    use super::*;

    #[test]
    fn the_style_of_all_pages_stays_below_20_kb_and_calls_nobody() {
        let style = Assets::new(Accent::default()).style.content;
        assert!(style.len() < 20_000, "{} bytes", style.len());
        for content in [&*style, SCRIPT] {
            assert!(!content.contains("://") || !content.contains("url("), "no outside resource");
            assert!(!content.contains("@import"));
        }
    }

    #[test]
    fn another_accent_is_another_style() {
        let blue = Assets::new(Accent::parse("#0000ff").unwrap());
        assert_ne!(blue.style.url, Assets::new(Accent::default()).style.url);
    }

    #[tokio::test]
    async fn assets_may_be_kept_for_ever_under_the_name_of_their_content() {
        let layout = layout();
        let router: Router = routes(&layout);
        for (asset, content_type) in [
            (&layout.assets.style, "text/css; charset=utf-8"),
            (&layout.assets.script, "text/javascript; charset=utf-8"),
            (&layout.assets.icon, "image/svg+xml"),
        ] {
            let request = Request::get(asset.url()).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            let headers = response.headers();
            assert_eq!(headers[CACHE_CONTROL], "public, max-age=31536000, immutable");
            assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(headers[CONTENT_TYPE], content_type);
        }
        let old = Request::get("/assets/style.000000000000.css").body(Body::empty()).unwrap();
        assert_eq!(router.oneshot(old).await.unwrap().status(), StatusCode::NOT_FOUND);
    }
}
