//! The dashboard through the router: a developer's first minutes, and who may not do what.
//! Names that begin with an id are rows of the list of refusals.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../flows/support/keys.rs"]
mod keys;
mod service;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use hallpass_protocol::model::{ClientId, ClientType, Secret};

use service::{Page, Service};

#[tokio::test]
async fn a_developer_registers_an_app_edits_it_and_deletes_it() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    assert!(grace.open("/dashboard").await.html.contains("No apps yet"));

    let app = grace.register("Mixtape").await;
    let overview = grace.open(&app).await;
    let id = app.rsplit('/').next().unwrap();
    assert_eq!(id.len(), 32);
    assert!(overview.html.contains(id) && overview.html.contains("https://app.example/callback"));
    let request = format!(
        "http://127.0.0.1:8080/authorize?response_type=token&#38;client_id={id}&#38;redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
    );
    assert!(overview.html.contains(&request), "{}", overview.html);

    let settings = format!("{app}/settings");
    let fields = [
        ("name", "Night Train"),
        ("description", "Plays."),
        ("redirect_uri", "https://app.example/callback"),
        ("redirect_uri", ""),
        ("redirect_uri", "http://127.0.0.1/cb"),
        ("grant", "implicit"),
        ("denial", "fragment"),
    ];
    let saved = grace.fill_in(&settings, &settings, &fields).await;
    assert_eq!(saved.leads_to(), format!("{settings}?saved"));
    assert!(grace.open(saved.leads_to()).await.html.contains("Your changes are saved."));
    let list = grace.open("/dashboard").await.html;
    assert!(list.contains("Night Train") && !list.contains("Mixtape"), "{list}");

    let delete = format!("{app}/delete");
    let asked = grace.fill_in(&settings, &delete, &[]).await;
    assert!(asked.html.contains("Delete Night Train?"), "{}", asked.html);
    let deleted = grace.fill_in(&delete, &delete, &[("confirmed", "yes")]).await;
    assert_eq!(deleted.leads_to(), "/dashboard?deleted");
    assert_eq!(grace.open(&app).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_told_and_what_was_typed_is_kept() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let fields = [
        ("name", "Mixtape"),
        ("redirect_uri", "http://app.example/callback"),
        ("redirect_uri", "https://app.example/callback#x"),
        ("type", "confidential"),
    ];
    let page = grace.fill_in("/dashboard/create", "/dashboard/create", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "3 things need to be changed",
        "http is only for localhost and loopback addresses",
        "A redirect URI has no fragment",
        "Tick at least one way of getting tokens.",
        r#"value="Mixtape""#,
        r#"value="http://app.example/callback""#,
        r#"value="confidential" checked"#,
    ] {
        assert!(page.html.contains(told), "{told}\n{}", page.html);
    }
    assert!(grace.open("/dashboard").await.html.contains("No apps yet"));
}

#[tokio::test]
async fn a_row_can_be_added_without_script() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let fields = [("name", "Mixtape"), ("redirect_uri", "half a URI"), ("add_row", "yes")];
    let page = grace.fill_in("/dashboard/create", "/dashboard/create", &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.html.matches(r#"name="redirect_uri""#).count(), 2);
    assert!(page.html.contains(r#"value="half a URI""#), "{}", page.html);
    assert!(!page.html.contains("to be changed"), "{}", page.html);
}

#[tokio::test]
async fn db_01_another_persons_app_is_as_absent_as_one_that_never_was() {
    let service = Service::start().await;
    let (grace, mallory) = (service.developer("grace").await, service.developer("mallory").await);
    let app = grace.register("Mixtape").await;
    let absent = format!("/dashboard/apps/{}", "0".repeat(32));
    let no_id = "/dashboard/apps/%FF%00";

    for below in ["", "/settings", "/delete"] {
        let others = mallory.open(&format!("{app}{below}")).await;
        let never = mallory.open(&format!("{absent}{below}")).await;
        assert_eq!(others.status, StatusCode::NOT_FOUND);
        assert_eq!(never.status, StatusCode::NOT_FOUND);
        assert_eq!(others.without_reference(), never.without_reference());
        let unreadable = mallory.open(&format!("{no_id}{below}")).await;
        assert_eq!(unreadable.status, StatusCode::NOT_FOUND);
    }
    // Her own token is good for her own forms; it opens nobody else's.
    let fields =
        [("name", "Stolen"), ("redirect_uri", "https://evil.example/"), ("grant", "implicit")];
    for (below, more) in [("/settings", ("x", "x")), ("/delete", ("confirmed", "yes"))] {
        let fields: Vec<_> = fields.into_iter().chain([more]).collect();
        let page = mallory.fill_in("/dashboard/create", &format!("{app}{below}"), &fields).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    assert!(!mallory.open("/dashboard").await.html.contains("Mixtape"));
    let html = grace.open(&app).await.html;
    assert!(html.contains("Mixtape") && !html.contains("evil.example"), "{html}");
}

#[tokio::test]
async fn db_02_a_secret_is_shown_once_and_only_its_digest_is_stored() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let fields = [
        ("name", "Server"),
        ("redirect_uri", "https://app.example/callback"),
        ("grant", "authorization_code"),
        ("type", "confidential"),
    ];
    let page = grace.fill_in("/dashboard/create", "/dashboard/create", &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[CACHE_CONTROL], "no-store");
    let shown = |id: &str| {
        let text = page.html.split(&format!(r#"id="{id}">"#)).nth(1).unwrap();
        text.split('<').next().unwrap().to_owned()
    };
    let (id, secret) = (shown("client-id"), shown("client-secret"));
    assert!(secret.starts_with("hps_") && secret.len() == 47, "{secret}");

    for path in [
        "/dashboard".to_owned(),
        format!("/dashboard/apps/{id}"),
        format!("/dashboard/apps/{id}/settings"),
    ] {
        assert!(!grace.open(&path).await.html.contains(&secret[4..]), "{path}");
    }
    let client = service.app.store.client(&ClientId::parse(&id).unwrap()).await.unwrap().unwrap();
    let digest = Secret::presented(secret).digest();
    assert_eq!(client.client_type, ClientType::Confidential { secrets: vec![digest] });
}

#[tokio::test]
async fn db_03_nothing_changes_without_a_form_of_this_session() {
    let service = Service::start().await;
    let (grace, mallory) = (service.developer("grace").await, service.developer("mallory").await);
    let app = grace.register("Mixtape").await;
    let foreign = mallory.open("/dashboard/create").await.form_token();
    let sign_out = grace.open("/sign-out").await.form_token();

    for token in ["", "AAAA", foreign.as_str(), sign_out.as_str()] {
        for path in
            ["/dashboard/create".to_owned(), format!("{app}/settings"), format!("{app}/delete")]
        {
            let fields = [
                ("name", "Changed"),
                ("redirect_uri", "https://evil.example/"),
                ("grant", "implicit"),
                ("confirmed", "yes"),
                ("form_token", token),
            ];
            let page = grace.post(&path, &fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            assert!(page.html.contains("This page is out of date"), "{}", page.html);
        }
    }
    let list = grace.open("/dashboard").await.html;
    assert!(list.contains("Mixtape") && !list.contains("Changed"), "{list}");
}

#[tokio::test]
async fn db_03_a_form_from_another_site_is_refused_even_with_a_good_token() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let token = grace.open("/dashboard/create").await.form_token();
    let body = service::form(&[
        ("name", "Planted"),
        ("redirect_uri", "https://evil.example/"),
        ("grant", "implicit"),
        ("form_token", &token),
    ]);
    for (site, origin) in [("cross-site", "https://evil.example"), ("same-site", "null")] {
        let request = Request::post("/dashboard/create")
            .header(COOKIE, grace.cookie())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .header("origin", origin);
        let page = service.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{site}");
    }
    let json = Request::post("/dashboard/create")
        .header(COOKIE, grace.cookie())
        .header(CONTENT_TYPE, "text/plain");
    let page = service.send(json.body(Body::from(body)).unwrap()).await;
    assert_eq!(page.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(grace.open("/dashboard").await.html.contains("No apps yet"));
}

#[tokio::test]
async fn db_04_a_hostile_name_is_text_on_every_page() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let app = grace.register("\"><script>alert(1)</script><img src=x onerror=y>").await;
    for path in
        ["/dashboard".to_owned(), app.clone(), format!("{app}/settings"), format!("{app}/delete")]
    {
        let page = grace.open(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.html.contains("&#60;script&#62;alert(1)"), "{}", page.html);
        assert!(!page.html.contains("<script>") && !page.html.contains("<img"), "{}", page.html);
        let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn db_08_a_list_of_200_comes_in_pages_and_no_page_number_does_harm() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let first = grace.register("App 0").await;
    let id = ClientId::parse(first.rsplit('/').next().unwrap()).unwrap();
    let client = service.app.store.client(&id).await.unwrap().unwrap();
    for number in 1..200 {
        let mut another = client.clone();
        another.id = ClientId::mint(&mut service.app.rng());
        another.name = format!("App {number}");
        service.app.store.create_client(&another).await.unwrap();
    }
    let cards = |page: &Page| page.html.matches(r#"<li class="card">"#).count();
    for (query, number, count) in [
        ("", 1, 24),
        ("?page=2", 2, 24),
        ("?page=9", 9, 8),
        ("?page=10", 9, 8),
        ("?page=4294967295", 9, 8),
        ("?page=0", 1, 24),
        ("?page=-1", 1, 24),
        ("?page='%20OR%201=1", 1, 24),
    ] {
        let page = grace.open(&format!("/dashboard{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(page.html.contains(&format!("Page {number} of 9, 200 apps")), "{query}");
        assert_eq!(cards(&page), count, "{query}");
    }
}

#[tokio::test]
async fn rg_06_a_form_cannot_set_what_is_not_its_own() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let app = grace.register("Mixtape").await;
    let id = ClientId::parse(app.rsplit('/').next().unwrap()).unwrap();
    let before = service.app.store.client(&id).await.unwrap().unwrap();
    let settings = format!("{app}/settings");
    let fields = [
        ("name", "Mixtape"),
        ("redirect_uri", "https://app.example/callback"),
        ("grant", "implicit"),
        ("grant", "password"),
        ("client_id", "f00"),
        ("owner", "mallory"),
        ("type", "confidential"),
        ("status", "disabled"),
        ("scopes", "soa-manage-partner"),
        ("client_secret", "known"),
    ];
    assert_eq!(grace.fill_in(&settings, &settings, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(service.app.store.client(&id).await.unwrap(), Some(before));
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let service = Service::start().await;
    let grace = service.developer("grace").await;
    let app = grace.register("Mixtape").await;
    for path in ["/dashboard".to_owned(), "/dashboard/create".to_owned(), format!("{app}/settings")]
    {
        let page = service.send(Request::get(&path).body(Body::empty()).unwrap()).await;
        let escaped = path.replace('/', "%2F");
        assert!(page.leads_to().starts_with("/sign-in?return_to="), "{}", page.leads_to());
        assert!(page.leads_to().ends_with(&escaped), "{}", page.leads_to());
        assert!(page.html.is_empty(), "{}", page.html);
    }
    let post = Request::post(format!("{app}/delete"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let page = service.send(post.body(Body::from("confirmed=yes")).unwrap()).await;
    assert!(page.leads_to().starts_with("/sign-in"), "{}", page.leads_to());
    assert_eq!(grace.open(&app).await.status, StatusCode::OK);
}
