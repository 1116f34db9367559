//! Authorization endpoint: what the person reads when nobody can be redirected, and what such a page
//! must never do.

use axum::body::Body;
use axum::http::{HeaderName, Request};
use hallpass_protocol::model::{ClientId, ClientStatus};
use hallpass_store::Declaration;

use crate::support::{MIXTAPE, MIXTAPE_URI, TestServer, Trouble, link};

const INVALID_CLIENT: &str = "INVALID_CLIENT: Invalid client";
const INVALID_URI: &str = "INVALID_CLIENT: Invalid redirect URI";

#[tokio::test]
async fn az_01_an_absent_unknown_or_disabled_client_gets_a_page_and_no_sign_in() {
    let server = TestServer::start().await;
    let mut nobody = server.browser();
    let absent = nobody.get(&link(&[("client_id", "")])).await;
    absent.assert_page(400, "Missing required parameter: client_id");
    let unknown = nobody.get(&link(&[("client_id", &"0".repeat(32))])).await;
    unknown.assert_page(400, INVALID_CLIENT);

    let id = ClientId::parse(MIXTAPE).unwrap();
    let mut client = server.store().client(&id).await.unwrap().unwrap();
    client.status = ClientStatus::Disabled;
    let declaration = Declaration { clients: vec![client], ..Declaration::new(server.now()) };
    server.store().declare(&declaration).await.unwrap();
    let disabled = nobody.get(&link(&[])).await;
    disabled.assert_page(400, INVALID_CLIENT);
    let without_reference = |lines: Vec<String>| lines[..lines.len() - 2].to_vec();
    assert_eq!(without_reference(disabled.lines()), without_reference(unknown.lines()));
    for page in [absent, unknown, disabled] {
        assert!(!page.body.contains("password"), "{}", page.body);
    }
}

#[tokio::test]
async fn az_02_unregistered_redirect_never_redirects() {
    let server = TestServer::start().await;
    let evil = ("redirect_uri", "https://evil.example/callback");
    for mut browser in [server.browser(), server.browser_of("ada").await] {
        for with in [
            ("response_type", "code"),
            ("response_type", "nonsense"),
            ("response_type", ""),
            ("response_mode", "web_message"),
            ("scope", "no  such\tscope"),
            ("prompt", "none"),
            ("show_dialog", "perhaps"),
            ("request", "eyJhbGciOiJub25lIn0.e30."),
            ("state", &"s".repeat(5000)),
        ] {
            browser.get(&link(&[evil, with])).await.assert_page(400, INVALID_URI);
        }
    }
}

#[tokio::test]
async fn az_03_an_absent_redirect_uri_is_not_inferred() {
    let server = TestServer::start().await;
    let page = server.browser().get(&link(&[("redirect_uri", "")])).await;
    page.assert_page(400, "Missing required parameter: redirect_uri");
}

#[tokio::test]
async fn az_09_a_doubled_client_or_redirect_uri_is_a_page() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let twice = format!("{}&client_id={MIXTAPE}", link(&[]));
    ada.get(&twice).await.assert_page(400, INVALID_CLIENT);
    let twice = format!("{}&redirect_uri=https://mixtape.example/callback", link(&[]));
    ada.get(&twice).await.assert_page(400, INVALID_URI);
}

#[tokio::test]
async fn az_11_a_client_as_an_array_or_json_is_a_page() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for query in ["client_id[]=x", "client_id%5Ba%5D=b", "client_id={\"a\":1}"] {
        let query = query.replace('"', "%22");
        let rest = link(&[("client_id", "")]);
        ada.get(&format!("{rest}&{query}")).await.assert_page(400, INVALID_CLIENT);
    }
}

#[tokio::test]
async fn az_38_a_page_tells_nobody_where_the_person_was() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let sign_in = ada.visit(&link(&[])).await;
    let answer = ada.sign_in_on(&sign_in, "ada").await;
    let consent = ada.follow(answer).await;
    let token = ada.agree(&consent).await;
    let refusal = ada.get(&link(&[("client_id", "x")])).await;
    for answer in [sign_in, consent, token, refusal] {
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{answer:#?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:#?}");
        for elsewhere in ["src=\"http", "src=\"//", "@import", "url(http"] {
            assert!(!answer.body.contains(elsewhere), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn az_41_no_page_can_be_framed() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let mut pages = vec![ada.visit(&link(&[])).await, ada.get("/sign-up").await];
    ada.sign_in("ada").await;
    for path in [&*link(&[]), "/sign-out", "/logout", "/dashboard", "/", "/nowhere"] {
        pages.push(ada.get(path).await);
    }
    for page in pages {
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{page:#?}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}

#[tokio::test]
async fn az_42_no_other_origin_may_read_the_authorization_endpoint() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    for method in ["GET", "POST", "OPTIONS"] {
        let request = Request::builder()
            .method(method)
            .uri(link(&[]))
            .header("origin", "https://mixtape.example")
            .header("access-control-request-method", "GET")
            .body(Body::empty())
            .unwrap();
        let answer = ada.send(request).await;
        let mut names = answer.headers.keys().map(HeaderName::as_str);
        assert!(!names.any(|name| name.starts_with("access-control-")), "{answer:#?}");
        assert_eq!(method == "OPTIONS", answer.status == 405, "{answer:#?}");
    }
}

#[tokio::test]
async fn az_43_nothing_of_the_request_is_on_a_page_unescaped() {
    let server = TestServer::start().await;
    let attack = "\"><script>alert(1)</script><b x='";
    for mut browser in [server.browser(), server.browser_of("ada").await] {
        for name in
            ["client_id", "redirect_uri", "state", "login_hint", "error_hint", "ui_locales", "x"]
        {
            let page = browser.visit(&link(&[(name, attack)])).await;
            assert!(!page.body.contains("<script>alert"), "{name}: {}", page.body);
            assert!(!page.body.contains("<b x="), "{name}: {}", page.body);
            let text = page.text();
            assert!(!text.contains("alert(1)"), "{name} is reflected: {text}");
        }
    }
}

#[tokio::test]
async fn az_44_a_link_to_sign_in_made_for_another_browser_leads_nowhere() {
    let server = TestServer::start().await;
    let mut attacker = server.browser();
    let prepared = attacker.get(&link(&[("state", "attackers")])).await;
    let mut victim = server.browser();
    let page = victim.get(prepared.location()).await;
    page.assert_page(403, "This page is out of date");
    assert_eq!(page.link("Start again"), "/sign-in");

    let own = victim.visit(&link(&[])).await.form("/sign-in");
    let theirs = attacker.visit(&link(&[])).await.form("/sign-in");
    let mixed = own.with("return_to", theirs.value("return_to"));
    let answer = victim.submit(mixed.with("username", "ada").with("password", "x")).await;
    answer.assert_page(403, "This page is out of date");
}

#[tokio::test]
async fn az_46_a_request_beyond_the_limits_is_refused_before_it_is_looked_at() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    server.calls();
    let long = link(&[("state", &"s".repeat(33 * 1024))]);
    let many = format!("{}&{}", link(&[]), "x=1&".repeat(5000));
    for path in [long, many] {
        ada.get(&path).await.assert_page(414, "This request is too large");
    }
    assert_eq!(server.calls(), [""; 0], "the store was not asked");
}

#[tokio::test]
async fn az_52_a_cookie_of_a_service_on_https_is_never_sent_in_clear() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let page = ada.visit(&link(&[])).await;
    let answer = ada.sign_in_on(&page, "ada").await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-hallpass-session="), "{cookie}");
    for flag in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn az_56_a_nul_byte_names_nobody() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let nul = format!("{MIXTAPE}\0");
    ada.get(&link(&[("client_id", &nul)])).await.assert_page(400, INVALID_CLIENT);
    let nul = format!("{MIXTAPE_URI}\0");
    ada.get(&link(&[("redirect_uri", &nul)])).await.assert_page(400, INVALID_URI);
    let mut nobody = server.browser();
    let form = nobody.get("/sign-in").await.form("/sign-in");
    let answer = nobody.submit(form.with("username", "ada\0").with("password", "x\0y")).await;
    assert_eq!(answer.status, 422, "{answer:#?}");
}

#[tokio::test]
async fn a_fault_of_ours_is_a_page_that_says_so_and_nothing_more() {
    let server = TestServer::start().await;
    let mut ada = server.browser_of("ada").await;
    let page = ada.get(&link(&[])).await;
    server.trouble_store(Trouble::Fails);
    for answer in [ada.get(&link(&[])).await, ada.agree(&page).await] {
        answer.assert_page(503, "Something went wrong");
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert!(!answer.body.contains("/var/lib") && !answer.body.contains("disk"));
    }
    server.trouble_store(Trouble::None);
    assert_eq!(ada.agree(&page).await.status, 303);
}

#[tokio::test]
async fn az_33_no_cookie_holds_anything_of_a_request() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    let page = ada.visit(&link(&[("scope", "email"), ("state", "remember-me")])).await;
    let answer = ada.sign_in_on(&page, "ada").await;
    ada.follow(answer).await;
    assert_eq!(ada.cookies.len(), 2, "{:?}", ada.cookies);
    for value in ada.cookies.values() {
        // 256 random bits in base64url, which is too short for any of it.
        assert_eq!(value.len(), 43, "{value}");
    }
}
