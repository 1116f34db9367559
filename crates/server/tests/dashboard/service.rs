//! A whole accounts service in a temporary directory, and the people who come to its dashboard.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{HeaderMap, Request, StatusCode};
use hallpass::clock::Clock;
use hallpass::config::{PublicUrl, Settings};
use hallpass::installation::Installation;
use hallpass::router::router;
use hallpass::state::AppState;
use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, EmailAddress, Timestamp, Username,
};
use hallpass_protocol::sign_in::open_session;
use hallpass_store::AccountCreation;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::keys::{MASTER_KEY, begin};

/// The time at which everything happens.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_356_300);

/// A clock that shows [`NOW`].
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// The service, and the directory that goes away with it.
pub(crate) struct Service {
    pub(crate) app: AppState,
    router: Router,
    _directory: TempDir,
}

/// Somebody's browser, signed in.
pub(crate) struct Developer<'a> {
    service: &'a Service,
    cookie: String,
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let data = directory.path().join("data");
        begin(&data, NOW).await;
        let settings =
            Settings { data: Some(data), hashing_threads: Some(1), ..Settings::default() };
        let config = settings.into_config().unwrap();
        let master_key = Some(MASTER_KEY.to_owned().into());
        let installation = Installation::open(config, master_key, Arc::new(Stopped)).await.unwrap();
        let issuer = PublicUrl::parse("http://127.0.0.1:8080").unwrap();
        let app = installation.into_node(issuer).await.unwrap().0.app();
        Self {
            router: Router::new().fallback_service(router(Arc::clone(&app))),
            app,
            _directory: directory,
        }
    }

    /// Somebody with an account, in a browser of their own.
    pub(crate) async fn developer(&self, name: &str) -> Developer<'_> {
        let mut rng = self.app.rng();
        let account = Account {
            id: AccountId::mint(&mut rng, NOW),
            username: Username::parse(name).unwrap(),
            email: EmailAddress::parse(&format!("{name}@example.com")).unwrap(),
            status: AccountStatus::Active,
            created_at: NOW,
        };
        let created = self.app.store.create_account(&account, "no password opens this").await;
        assert_eq!(created.unwrap(), AccountCreation::Created);
        let (secret, session) = open_session(&account, Duration::from_secs(60), &mut rng, NOW);
        self.app.store.open_session(&session, None).await.unwrap();
        let cookie = format!("hallpass-session={}", secret.reveal());
        Developer { service: self, cookie }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            html: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

impl Developer<'_> {
    /// The cookie that this browser sends.
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }

    /// Opens a page.
    pub(crate) async fn open(&self, path: &str) -> Page {
        let request = Request::get(path).header(COOKIE, &self.cookie);
        self.service.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form, without regard to any token.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form(fields);
        let request = Request::post(path)
            .header(COOKIE, &self.cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.service.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Opens the page at `page`, and sends its form to `action` with these fields.
    pub(crate) async fn fill_in(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.open(page).await.form_token();
        let fields: Vec<(&str, &str)> =
            fields.iter().copied().chain([("form_token", token.as_str())]).collect();
        self.post(action, &fields).await
    }

    /// Registers a public app, and answers the path of its page.
    pub(crate) async fn register(&self, name: &str) -> String {
        let fields = [
            ("name", name),
            ("redirect_uri", "https://app.example/callback"),
            ("grant", "implicit"),
            ("type", "public"),
        ];
        let page = self.fill_in("/dashboard/create", "/dashboard/create", &fields).await;
        page.leads_to().trim_end_matches("?created").to_owned()
    }
}

impl Page {
    /// Where the answer sends the browser.
    pub(crate) fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.html);
        self.headers[LOCATION].to_str().unwrap().trim_end_matches('#')
    }

    /// The value of the page's form token.
    pub(crate) fn form_token(&self) -> String {
        let value = self.html.split(r#"name="form_token" value=""#).nth(1);
        value.expect("a page with a form").split('"').next().unwrap().to_owned()
    }

    /// The page without the parts that differ from one request to the next.
    pub(crate) fn without_reference(&self) -> String {
        let (before, after) = self.html.split_once(r#"id="reference">"#).unwrap();
        format!("{before}{}", &after["K3JQ-88VA".len()..])
    }
}

/// The text of a form.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
