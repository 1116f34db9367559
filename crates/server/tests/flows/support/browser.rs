//! A browser: cookies, forms, redirects within our own site, and the headers by which Chromium tells
//! where a request comes from.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use axum::http::{HeaderValue, Method, Request};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::answer::Answer;
use super::html::Form;
use super::world::PASSWORD;

/// The most redirects that a browser follows.
const PATIENCE: usize = 10;

/// One person's browser.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    issuer: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// On whose page a form was that is sent to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// On ours.
    Ours,
    /// On that of a sibling host, which has our cookies sent along.
    Sibling,
    /// On a stranger's: `SameSite=Lax` keeps the cookies of a form back.
    Strangers,
}

impl Browser {
    pub(super) fn new(router: Router, issuer: &str) -> Self {
        Self { router, issuer: issuer.to_owned(), cookies: BTreeMap::new() }
    }

    /// Opens a path of ours, or an address of ours in full, by a link or by typing it.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(self.path(path)).body(Body::empty()).unwrap()).await
    }

    /// Opens a path of ours and follows redirects for as long as they stay with us.
    pub(crate) async fn visit(&mut self, path: &str) -> Answer {
        let answer = self.get(path).await;
        self.follow(answer).await
    }

    /// Follows redirects for as long as they stay with us.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..PATIENCE {
            let target = answer.header("location").unwrap_or_default().to_owned();
            let is_ours = target.starts_with('/') || target.starts_with(&self.issuer);
            if !is_ours {
                return answer;
            }
            answer = self.get(&target).await;
        }
        panic!("redirected for ever: {answer:#?}")
    }

    /// Sends a form of one of our pages.
    pub(crate) async fn submit(&mut self, form: Form) -> Answer {
        self.submit_from(Site::Ours, form).await
    }

    /// Sends a form of somebody's page to us.
    pub(crate) async fn submit_from(&mut self, from: Site, form: Form) -> Answer {
        let (site, origin) = match from {
            // Our pages have no referrer, so Chromium keeps the origin of their forms back too.
            Site::Ours => ("same-origin", "null"),
            Site::Sibling => ("same-site", "https://sibling.example"),
            Site::Strangers => ("cross-site", "https://stranger.example"),
        };
        let request = Request::post(self.path(&form.action))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ORIGIN, origin)
            .header("sec-fetch-site", site)
            .body(Body::from(form.encoded()))
            .unwrap();
        if from == Site::Strangers {
            let kept_back = std::mem::take(&mut self.cookies);
            let answer = self.send(request).await;
            self.cookies.extend(kept_back);
            return answer;
        }
        self.send(request).await
    }

    /// Sends any request, with the cookies.
    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            headers.insert(COOKIE, HeaderValue::try_from(pairs.join("; ")).unwrap());
        }
        let is_head = request.method() == Method::HEAD;
        let answer = answer_of(self.router.clone().oneshot(request).await.unwrap()).await;
        assert!(!is_head || answer.body.is_empty(), "a HEAD with a body: {answer:#?}");
        self.keep_cookies(&answer);
        answer
    }

    /// Signs in on the sign-in page.
    pub(crate) async fn sign_in(&mut self, username: &str) -> Answer {
        let page = self.get("/sign-in").await;
        self.sign_in_on(&page, username).await
    }

    /// Signs in on a sign-in page that is open.
    pub(crate) async fn sign_in_on(&mut self, page: &Answer, username: &str) -> Answer {
        let form = page.form("/sign-in").with("username", username).with("password", PASSWORD);
        let answer = self.submit(form).await;
        assert_eq!(answer.status, 303, "{username} cannot sign in: {answer:#?}");
        answer
    }

    /// Agrees on a consent page that is open.
    pub(crate) async fn agree(&mut self, page: &Answer) -> Answer {
        self.submit(page.form("/authorize/answer").with("answer", "agree")).await
    }

    /// Cancels on a consent page that is open.
    pub(crate) async fn cancel(&mut self, page: &Answer) -> Answer {
        self.submit(page.form("/authorize/answer").with("answer", "cancel")).await
    }

    /// The path and query of what may be an address in full, without its fragment.
    fn path(&self, address: &str) -> String {
        let path = address.strip_prefix(&self.issuer).unwrap_or(address);
        let path = path.split('#').next().unwrap_or_default();
        assert!(path.starts_with('/'), "{address} is not ours");
        path.to_owned()
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("; Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

async fn answer_of(response: axum::response::Response) -> Answer {
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: head.status, headers: head.headers, body }
}
