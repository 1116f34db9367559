//! The sample API as an app sees it: wire.md's section on it, through the router.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use support::{Api, BASE, Who};

const LISTS: [(&str, &str); 5] = [
    ("/v1/me/playlists", "playlist-read-private"),
    ("/v1/me/top/artists", "user-top-read"),
    ("/v1/me/top/tracks", "user-top-read"),
    ("/v1/me/tracks", "user-library-read"),
    ("/v1/me/player/recently-played", "user-read-recently-played"),
];

// ---- The profile ----

#[tokio::test]
async fn any_token_opens_the_public_profile_and_nothing_more() {
    let api = Api::new();
    for path in ["/v1/me", "/v1/me/", "/v1/users/ada"] {
        let answer = api.get(path, Who::Ada, "").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        let profile = answer.json();
        assert_eq!(profile["id"], "ada");
        assert_eq!(profile["display_name"], "ada");
        assert_eq!(profile["account_id"], Who::Ada.subject().as_str());
        assert_eq!(profile["type"], "user");
        assert_eq!(profile["uri"], "hallpass:user:ada");
        assert_eq!(profile["href"], format!("{BASE}/v1/users/ada"));
        assert_eq!(profile["external_urls"]["hallpass"], format!("{BASE}/v1/users/ada"));
        assert!(profile["followers"]["total"].is_u64());
        for field in ["email", "country", "product", "explicit_content"] {
            assert_eq!(profile.get(field), None, "{field}");
        }
    }
}

#[tokio::test]
async fn each_scope_adds_its_fields_to_the_profile() {
    let api = Api::new();
    let email = api.get("/v1/me", Who::Ada, "user-read-email").await.json();
    assert_eq!(email["email"], "ada@example.com");
    assert_eq!(email.get("country"), None);

    let private = api.get("/v1/me", Who::Ada, "user-read-private").await.json();
    assert_eq!(private.get("email"), None);
    assert!(private["country"].is_string() && private["product"].is_string());
    assert_eq!(private["explicit_content"]["filter_enabled"], false);
}

#[tokio::test]
async fn a_profile_has_a_picture_that_anybody_can_load() {
    let api = Api::new();
    let profile = api.get("/v1/me", Who::Ada, "").await.json();
    let url = profile["images"][0]["url"].as_str().unwrap();
    let picture = api.bare("GET", url.strip_prefix(BASE).unwrap()).await;
    assert_eq!(picture.status, StatusCode::OK);
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.body.starts_with("<svg "));
    assert!(picture.header("content-security-policy").contains("default-src 'none'"));
    for path in ["/images/ada", "/images/ada.png", "/images/%3Cscript%3E.svg", "/images/.svg"] {
        assert_eq!(api.bare("GET", path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn another_users_name_is_not_found_like_one_that_nobody_has() {
    let api = Api::new();
    let grace = api.get("/v1/users/grace", Who::Ada, "").await;
    let nobody = api.get("/v1/users/nobody", Who::Ada, "").await;
    assert_eq!((grace.status, grace.body), (nobody.status, nobody.body));
}

// ---- Tokens ----

#[tokio::test]
async fn ui_03_without_a_token_it_is_401_and_the_challenge_names_no_error() {
    let answer = Api::new().bare("GET", "/v1/me").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="music""#);
    assert_eq!(
        answer.body,
        "{\n  \"error\": {\n    \"status\": 401,\n    \"message\": \"No token provided\"\n  }\n}"
    );
}

#[tokio::test]
async fn ui_04_an_expired_token_is_401_and_says_so() {
    let answer = Api::at(3600).get("/v1/me", Who::Ada, "").await;
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (StatusCode::UNAUTHORIZED, "The access token expired")
    );
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn ui_06_an_apps_own_token_gets_no_user() {
    let api = Api::new();
    for (path, scope) in [("/v1/me", ""), LISTS[0]] {
        let answer = api.get(path, Who::App, scope).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.message().contains("user's access token"));
    }
}

#[tokio::test]
async fn a_token_of_a_user_who_is_gone_is_invalid() {
    let answer = Api::new().get("/v1/me", Who::Nobody, "").await;
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (StatusCode::UNAUTHORIZED, "Invalid access token")
    );
    assert!(answer.header("www-authenticate").contains(r#"error="invalid_token""#));
}

#[tokio::test]
async fn users_that_cannot_be_read_are_a_503_and_not_a_guess() {
    let answer = Api::new().get("/v1/me", Who::Unreadable, "").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    answer.message();
}

#[tokio::test]
async fn every_list_needs_its_scope() {
    let api = Api::new();
    let others = "user-read-email user-library-modify streaming";
    for (path, scope) in LISTS {
        assert_eq!(api.get(path, Who::Ada, scope).await.status, StatusCode::OK, "{path}");
        let refused = api.get(path, Who::Ada, others).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(refused.message(), "Insufficient client scope");
        let needed = format!(r#"error="insufficient_scope", scope="{scope}""#);
        assert!(refused.header("www-authenticate").ends_with(&needed), "{path}");
    }
}

#[tokio::test]
async fn changing_saved_tracks_needs_another_scope_than_reading_them() {
    let api = Api::new();
    for method in ["PUT", "DELETE"] {
        let answer = api.ask(method, "/v1/me/tracks?ids=x", Who::Ada, "user-library-read").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method}");
        assert!(answer.header("www-authenticate").contains(r#"scope="user-library-modify""#));
    }
}

// ---- Lists ----

#[tokio::test]
async fn a_list_can_be_walked_by_its_links() {
    let api = Api::new();
    for (path, scope) in LISTS {
        let mut next = Some(format!("{path}?limit=11"));
        let (mut seen, mut total) = (0, 0);
        while let Some(path) = next {
            let page = api.get(&path, Who::Ada, scope).await.json();
            seen += page["items"].as_array().unwrap().len();
            total = usize::try_from(page["total"].as_u64().unwrap()).unwrap();
            next = page["next"].as_str().map(|url| url.strip_prefix(BASE).unwrap().to_owned());
        }
        assert!(total > 11, "{path} has enough to page");
        assert_eq!(seen, total, "{path}");
    }
}

#[tokio::test]
async fn a_page_has_twenty_items_unless_asked_otherwise_and_the_same_each_time() {
    let api = Api::new();
    for (path, scope) in LISTS {
        let page = api.get(path, Who::Ada, scope).await;
        assert_eq!((&page.json()["limit"], &page.json()["offset"]), (&json!(20), &json!(0)));
        assert_eq!(page.json()["previous"], Value::Null);
        assert_eq!(page.body, Api::new().get(path, Who::Ada, scope).await.body);
        assert_ne!(page.body, api.get(path, Who::Grace, scope).await.body, "{path}");
    }
}

#[tokio::test]
async fn a_limit_or_offset_that_cannot_be_meant_is_400() {
    let api = Api::new();
    for (path, scope) in LISTS {
        for query in [
            "limit=0",
            "limit=51",
            "limit=x",
            "offset=-1",
            "offset=",
            "limit=1&limit=2",
            "limit=%ff",
        ] {
            let answer = api.get(&format!("{path}?{query}"), Who::Ada, scope).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}?{query}");
            assert!(answer.message().starts_with("Invalid"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn playlists_of_several_people_need_a_scope_of_their_own() {
    let api = Api::new();
    let total = async |scopes| {
        api.get("/v1/me/playlists", Who::Ada, scopes).await.json()["total"].as_u64().unwrap()
    };
    let own = total("playlist-read-private").await;
    assert!(own < total("playlist-read-private playlist-read-collaborative").await);
}

#[tokio::test]
async fn top_lists_exist_for_artists_and_tracks_over_three_times() {
    let api = Api::new();
    let get =
        async |rest: &str| api.get(&format!("/v1/me/top/{rest}"), Who::Ada, "user-top-read").await;
    assert_eq!(get("artists").await.json()["items"][0]["type"], "artist");
    assert_eq!(get("tracks").await.json()["items"][0]["type"], "track");
    assert_ne!(get("tracks?time_range=short_term").await.body, get("tracks").await.body);
    assert_eq!(get("tracks?time_range=never").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(get("albums").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_links_of_a_track_lead_somewhere() {
    let api = Api::new();
    let page = api.get("/v1/me/tracks?limit=1", Who::Ada, "user-library-read").await.json();
    let item = &page["items"][0];
    assert!(item["added_at"].as_str().unwrap().ends_with('Z'));
    let track = &item["track"];
    for object in [track, &track["album"], &track["artists"][0]] {
        let href = object["href"].as_str().unwrap().strip_prefix(BASE).unwrap();
        let found = api.get(href, Who::Ada, "").await;
        assert_eq!((found.status, &found.json()["id"]), (StatusCode::OK, &object["id"]), "{href}");
    }
    let lists = api.get("/v1/me/playlists?limit=1", Who::Ada, "playlist-read-private").await.json();
    let list = &lists["items"][0];
    let href = list["href"].as_str().unwrap().strip_prefix(BASE).unwrap();
    let found = api.get(href, Who::Ada, "playlist-read-private").await;
    assert_eq!(found.json(), *list);
    assert_eq!(
        api.get(href, Who::Grace, "playlist-read-private").await.status,
        StatusCode::NOT_FOUND
    );
}

// ---- Around all of it ----

#[tokio::test]
async fn unknown_addresses_and_methods_are_answered_in_the_same_shape() {
    let api = Api::new();
    for path in ["/", "/v1", "/v2/me", "/v1/me/nothing", "/v1/ME", "//v1/me"] {
        let answer = api.bare("GET", path).await;
        assert_eq!(
            (answer.status, answer.message().as_str()),
            (StatusCode::NOT_FOUND, "Not found"),
            "{path}"
        );
    }
    let answer = api.ask("POST", "/v1/me", Who::Ada, "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.message(), "Method not allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn every_answer_may_be_read_by_pages_from_anywhere() {
    let api = Api::new();
    let answers = [
        api.get("/v1/me", Who::Ada, "").await,
        api.bare("GET", "/v1/me").await,
        api.get("/v1/me/tracks", Who::Ada, "").await,
        api.get("/v1/me/tracks?limit=x", Who::Ada, "user-library-read").await,
        api.bare("GET", "/nowhere").await,
        api.bare("POST", "/v1/me").await,
        api.bare("GET", "/images/ada.svg").await,
    ];
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{}", answer.status);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_preflight_needs_no_token() {
    let api = Api::new();
    for path in ["/v1/me", "/v1/me/tracks"] {
        let request = Request::options(path)
            .header("origin", "http://localhost:8888")
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "authorization, content-type")
            .body(Body::empty())
            .unwrap();
        let answer = api.send(request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-max-age"), "604800");
        let allowed = answer.header("access-control-allow-headers").to_lowercase();
        for name in ["authorization", "content-type", "accept", "origin", "retry-after"] {
            assert!(allowed.split(',').any(|word| word.trim() == name), "{name}: {allowed}");
        }
        let methods = answer.header("access-control-allow-methods");
        assert!(
            ["GET", "PUT", "DELETE"].iter().all(|method| methods.contains(method)),
            "{methods}"
        );
    }
}
