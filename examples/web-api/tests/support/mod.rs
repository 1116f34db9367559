//! The API with keys of its own, a clock that stands still, and two people: Ada and Grace.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Request, StatusCode};
use hallpass_guard::{
    Checker, ClientId, Guard, KeySet, ScopeSet, Subject, Timestamp, TokenSubject,
};
use hallpass_protocol::access_token::{Claims, seal};
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClaimSet, KeyPurpose, MasterKey, Randomness,
};
use hallpass_web_api::{Answering, Config, People, PeopleUnavailable, Person, router};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const BASE: &str = "http://127.0.0.1:8081";
const AUDIENCE: &str = "https://accounts.example";
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

struct Counted(u8);

impl Randomness for Counted {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
    }
}

/// Who a test's token speaks of.
#[derive(Clone, Copy)]
pub(crate) enum Who {
    Ada,
    Grace,
    /// Somebody whose account is gone.
    Nobody,
    /// Somebody about whom the store cannot be asked now.
    Unreadable,
    /// No user: the app itself.
    App,
}

impl Who {
    fn account(self) -> AccountId {
        AccountId::mint(&mut Counted(self as u8), NOW)
    }

    pub(crate) fn subject(self) -> Subject {
        self.account().subject()
    }
}

struct Two;

#[async_trait]
impl People for Two {
    async fn person(&self, subject: &Subject) -> Result<Option<Person>, PeopleUnavailable> {
        let known = |who: Who| *subject == who.subject();
        if known(Who::Unreadable) {
            return Err(PeopleUnavailable);
        }
        let person = |name: &str| Some(Person::new(name, format!("{name}@example.com")));
        Ok(match () {
            () if known(Who::Ada) => person("ada"),
            () if known(Who::Grace) => person("grace"),
            () => None,
        })
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The error's message, if the body is an error object whose status is that of the answer.
    pub(crate) fn message(&self) -> String {
        let body = self.json();
        assert_eq!(body["error"]["status"], self.status.as_u16(), "{}", self.body);
        body["error"]["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// One running API.
pub(crate) struct Api {
    router: Answering,
    keys: Arc<KeySet>,
}

impl Api {
    /// Opened some seconds after its tokens were issued.
    pub(crate) fn at(seconds: i64) -> Self {
        let master = MasterKey::new(&[1; 32]);
        let stored =
            KeyPurpose::SYMMETRIC.map(|purpose| master.mint_key(purpose, &mut Counted(1), NOW));
        let keys = Arc::new(KeySet::open(&master, &stored).unwrap());
        let clock = move || Timestamp::from_seconds(NOW.seconds() + seconds);
        let guard = Guard::new(Checker::with_keys(Arc::clone(&keys), AUDIENCE, clock));
        let config = Config { base_url: format!("{BASE}/"), clock: Arc::new(clock) };
        Self { router: router(guard.with_realm("music"), Arc::new(Two), config), keys }
    }

    pub(crate) fn new() -> Self {
        Self::at(1)
    }

    /// The value of `Authorization` for somebody's token with these scopes.
    pub(crate) fn bearer(&self, who: Who, scopes: &str) -> String {
        let subject = match who {
            Who::App => TokenSubject::Client,
            _ => TokenSubject::Account(who.account()),
        };
        let claims = Claims {
            client: ClientId::mint(&mut Counted(5)),
            subject,
            authorization: AuthorizationId::mint(&mut Counted(7), NOW),
            consent: Some(AuthorizationId::mint(&mut Counted(9), NOW)),
            scopes: ScopeSet::parse(scopes).unwrap(),
            userinfo: ClaimSet::EMPTY,
            audience: AUDIENCE.to_owned(),
            issued_at: NOW,
            expires_at: Timestamp::from_seconds(NOW.seconds() + 3600),
        };
        format!(
            "Bearer {}",
            seal(&claims, self.keys.active(claims.issued_at), &mut Counted(1)).reveal()
        )
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A request with somebody's token and without a body.
    pub(crate) async fn ask(&self, method: &str, path: &str, who: Who, scopes: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(AUTHORIZATION, self.bearer(who, scopes))
            .body(Body::empty())
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn get(&self, path: &str, who: Who, scopes: &str) -> Answer {
        self.ask("GET", path, who, scopes).await
    }

    /// A request without a token.
    pub(crate) async fn bare(&self, method: &str, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        self.send(request).await
    }
}
