//! The HTTP layer: what holds for every address, whatever is there. Names are rows of the table of
//! refusals; what takes a real socket is in `sockets.rs`.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::support::{
    Answer, Form, MIXTAPE, MIXTAPE_URI, Setup, TestServer, Trouble, escape, link,
};

const FORM: &str = "application/x-www-form-urlencoded";
/// Every address that takes forms, with the method that fits it.
const FORMS: [&str; 5] = ["/authorize", "/authorize/answer", "/sign-in", "/sign-up", "/sign-out"];

async fn post(server: &TestServer, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path).header(CONTENT_TYPE, kind).body(body.into()).unwrap();
    server.browser().send(request).await
}

#[tokio::test]
async fn ht_01_line_ends_in_a_value_end_no_header() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let split = "x\r\nset-cookie: evil=1\r\n\r\n<script>";
    let page = ada.get(&link(&[("state", split)])).await;
    for answer in [
        ada.agree(&page).await,
        server.browser().get(&link(&[("state", split)])).await,
        post(&server, "/authorize", FORM, format!("state={split}")).await,
    ] {
        assert_eq!(answer.status, 303, "{answer:#?}");
        let location = answer.location();
        assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{location}");
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert!(!cookies.iter().any(|cookie| cookie.to_str().unwrap().contains("evil")));
    }
}

#[tokio::test]
async fn ht_06_a_body_beyond_the_limit_is_refused() {
    let server = TestServer::start().await;
    for path in FORMS {
        let answer = post(&server, path, FORM, "x".repeat(200 * 1024)).await;
        answer.assert_page(413, "This request is too large");
    }
}

#[tokio::test]
async fn ht_08_a_compressed_body_is_not_unpacked() {
    let server = TestServer::start().await;
    for path in FORMS {
        let request =
            Request::post(path).header(CONTENT_TYPE, FORM).header(CONTENT_ENCODING, "gzip");
        let answer = server.browser().send(request.body(Body::from("x=1")).unwrap()).await;
        answer.assert_page(415, "This request is in a form that is not taken here");
    }
}

#[tokio::test]
async fn ht_09_what_cannot_be_decoded_is_not_guessed_at() {
    let server = TestServer::start().await;
    let bad = ["%", "%4", "%zz", "%C3%28", "%ff", "%c0%80", "%ed%a0%80"];
    for path in ["/authorize/answer", "/sign-in", "/sign-up", "/sign-out"] {
        for escape in bad {
            let answer = post(&server, path, FORM, format!("username={escape}")).await;
            answer.assert_page(400, "This request could not be read");
        }
    }
    for escape in bad {
        let answer = server.browser().get(&format!("{}&scope={escape}", link(&[]))).await;
        assert_eq!(answer.landing().fragment("error"), Some("invalid_request"), "{escape}");
        let answer = server.browser().get(&format!("/sign-in?return_to={escape}")).await;
        assert!(matches!(answer.status.as_u16(), 200 | 403), "{escape}: {answer:#?}");
    }
}

#[tokio::test]
async fn ht_09_a_plus_and_an_escape_are_the_same_space() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for space in ["+", "%20"] {
        let page = ada.get(&format!("{}&scope=email{space}history", link(&[]))).await;
        assert!(page.text().contains("see what you listened to"), "{space}");
    }
}

#[tokio::test]
async fn ht_10_one_spelling_of_a_path_is_an_address_and_no_other() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let query = link(&[]).replace("/authorize", "");
    for path in [
        "//authorize",
        "/./authorize",
        "/../authorize",
        "/en//authorize",
        "/en/../authorize",
        "/en/authorize/",
        "/AUTHORIZE",
        "/%61uthorize",
        "/authorize;x",
        "/authorize%2f",
        "/authorize/answer/",
        "/authorize/x",
        "/x_y/authorize",
        "/dashboard/",
        "/Dashboard",
        "/sign-in/",
        "/sign-in;x",
        "/introspect/",
    ] {
        let answer = ada.get(&format!("{path}{query}")).await;
        answer.assert_page(404, "There is no such page");
        let fields = [("client_id", MIXTAPE), ("redirect_uri", MIXTAPE_URI)];
        let answer = ada.submit(Form::new(path, &fields)).await;
        answer.assert_page(404, "There is no such page");
    }
}

#[tokio::test]
async fn ht_11_ten_thousand_fields_are_too_many() {
    let server = TestServer::start().await;
    let many: String = (0..10_000).map(|n| format!("x{n}=&")).collect();
    for path in FORMS {
        let answer = post(&server, path, FORM, many.clone()).await;
        assert!(matches!(answer.status.as_u16(), 413 | 414), "{path}: {answer:#?}");
    }
}

#[tokio::test]
async fn ht_12_only_forms_of_one_kind_are_read() {
    let server = TestServer::start().await;
    for path in FORMS {
        for kind in [
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/x-www-form-urlencoded; charset=utf-16",
            "application/x-www-form-urlencoded, text/plain",
            "",
        ] {
            let answer = post(&server, path, kind, "username=ada").await;
            answer.assert_page(415, "This request is in a form that is not taken here");
        }
        let twice = Request::post(path).header(CONTENT_TYPE, FORM).header(CONTENT_TYPE, FORM);
        let answer = server.browser().send(twice.body(Body::from("x=1")).unwrap()).await;
        assert_eq!(answer.status, 415, "{path}");
    }
}

#[tokio::test]
async fn ht_13_the_method_is_the_method() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let request = Request::get("/sign-out?_method=POST")
        .header("x-http-method-override", "POST")
        .header("x-method-override", "DELETE");
    let answer = ada.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(ada.get("/dashboard").await.status, 200, "ada is still signed in");
}

#[tokio::test]
async fn ht_15_every_answer_carries_the_headers_that_keep_people_safe() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let consent = ada.get(&link(&[])).await;
    let mut answers = vec![ada.agree(&consent).await, consent];
    for path in ["/", "/sign-in", "/sign-up", "/sign-out", "/dashboard", "/nowhere", "/authorize"] {
        answers.push(ada.get(path).await);
    }
    answers.push(post(&server, "/introspect", FORM, "token=x").await);
    for answer in answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}: {answer:#?}");
        }
        let is_page = answer.header("content-type") == Some("text/html; charset=utf-8");
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert_eq!(is_page, !policy.is_empty(), "{answer:#?}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn ht_16_a_panic_ends_one_request_and_nothing_else() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    server.trouble_store(Trouble::Panics);
    let answer = ada.get(&link(&[])).await;
    answer.assert_page(500, "Something went wrong");
    assert!(!answer.body.contains("a defect in"), "{}", answer.body);
    server.trouble_store(Trouble::None);
    assert_eq!(ada.get(&link(&[])).await.status, 200);
}

/// What has broken one program or another.
const HOSTILE: [&str; 14] = [
    "\0",
    "\r\n",
    "%",
    "%00",
    "..",
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{7*7}}${7*7}",
    "-1",
    "99999999999999999999999999",
    "\u{202e}\u{feff}",
    "\u{1f3b7}",
    "\u{fffd}",
    "a.b.c:d//e?f#g&h=i;j",
];

/// Neither our fault nor a way off the site, unless to the client's own address.
fn assert_harmless(answer: &Answer, sent: &str) {
    assert!(!answer.status.is_server_error(), "{sent:?}: {answer:#?}");
    let location = answer.header("location").unwrap_or("/");
    let is_ours = location.starts_with('/') && !location.starts_with("//");
    assert!(is_ours || location.starts_with(MIXTAPE_URI), "{sent:?} leads to {location}");
}

#[tokio::test]
async fn ht_16_no_value_anywhere_breaks_anything() {
    let server = TestServer::start().await;
    let long = "x".repeat(20_000);
    let fields = ["form_token", "return_to", "query", "answer", "username", "email", "password"];
    for mut browser in [server.browser(), server.browser_of("ada").await] {
        for value in HOSTILE.into_iter().chain([&*long]) {
            for name in ["client_id", "redirect_uri", "response_type", "scope", "state", "x[y]"] {
                assert_harmless(&browser.get(&link(&[(name, value)])).await, value);
            }
            let escaped = escape(value);
            for path in ["/sign-in?return_to=", "/sign-up?return_to=", "/dashboard?page="] {
                assert_harmless(&browser.get(&format!("{path}{escaped}")).await, value);
            }
            for path in ["/", "/dashboard/apps/", "/assets/"] {
                assert_harmless(&browser.get(&format!("{path}{escaped}")).await, value);
            }
            for path in FORMS.into_iter().chain(["/dashboard/create", "/introspect"]) {
                let all = fields.map(|field| (field, value));
                assert_harmless(&browser.submit(Form::new(path, &all)).await, value);
            }
        }
    }
}

#[tokio::test]
async fn ht_18_what_a_stranger_says_about_itself_is_not_believed() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    ada.agree(&page).await;
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "host=evil.example;proto=http"),
    ] {
        for path in [&*link(&[]), "/sign-in", "/sign-out"] {
            let request = Request::get(path).header(name, value).body(Body::empty()).unwrap();
            let answer = ada.send(request).await;
            let told = format!("{}{:?}", answer.body, answer.header("location"));
            assert!(!told.contains("evil.example"), "{name}: {told}");
            assert!(answer.header("strict-transport-security").is_some(), "{name}");
        }
        let request = Request::get(link(&[])).header(name, value).body(Body::empty()).unwrap();
        let issuer = ada.send(request).await.landing();
        assert_eq!(issuer.fragment("iss"), Some(crate::support::ISSUER), "{name}");
    }
}

#[tokio::test]
async fn ht_19_a_page_about_an_error_says_nothing_about_the_server() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let mut answers = vec![
        ada.get("/nowhere").await,
        ada.get("/authorize/answer").await,
        post(&server, "/sign-in", FORM, "x".repeat(200 * 1024)).await,
        post(&server, "/sign-in", "text/plain", "x").await,
    ];
    server.trouble_store(Trouble::Fails);
    answers.push(ada.get("/dashboard").await);
    server.trouble_store(Trouble::Panics);
    answers.push(ada.get("/dashboard").await);
    let statuses = [404, 405, 413, 415, 503, 500];
    for (answer, status) in answers.into_iter().zip(statuses) {
        let sentence = answer.h1();
        answer.assert_page(status, &sentence);
        assert_eq!(answer.header("server"), None);
        let shown = answer.body.to_lowercase();
        for secret in [env!("CARGO_PKG_VERSION"), "panicked", ".rs", "sqlite", "/var/", "axum"] {
            assert!(!shown.contains(secret), "{secret}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn ht_21_pages_are_whole_and_never_answered_from_a_cache() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for path in [&*link(&[]), "/dashboard"] {
        let request = Request::get(path)
            .header("range", "bytes=0-9")
            .header("if-none-match", "*")
            .header("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT");
        let answer = ada.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200);
        assert_eq!((answer.header("etag"), answer.header("last-modified")), (None, None));
    }
}

#[tokio::test]
async fn ht_05_many_cookies_are_read_like_few() {
    let server = TestServer::with(Setup::default()).await;
    let mut ada = server.browser_of("ada").await;
    for number in 0..100 {
        ada.cookies.insert(format!("other-{number}"), escape("a=b; c"));
    }
    assert_eq!(ada.get("/dashboard").await.status, 200);
}
