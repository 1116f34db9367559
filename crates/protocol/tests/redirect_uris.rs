//! One table of redirect URIs, by the ids of the list of refusals: what may be registered, and which
//! sent value is which registered one. A table of data, so it may be long.

use hallpass_protocol::model::RedirectUriProblem::*;
use hallpass_protocol::model::{Caution, RedirectUri, RedirectUriPolicy, RedirectUriProblem};

use crate::support::*;

/// What becomes of a URI at registration.
type Registered = Result<Option<Caution>, RedirectUriProblem>;

const FINE: Registered = Ok(None);
const LOCALHOST: Registered = Ok(Some(Caution::Localhost));
const UNDOTTED: Registered = Ok(Some(Caution::UndottedScheme));

/// What becomes of a URI in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// It is the registered one: the answer goes there.
    Goes,
    /// The person gets a page; nobody is redirected.
    Page,
}
use Sent::{Goes, Page};

const APP: &str = "https://app.example/cb";

#[track_caller]
fn register(rows: &[(&str, Registered)]) {
    for (text, expected) in rows {
        let registered = RedirectUri::register(text, RedirectUriPolicy { localhost: true });
        let verdict = registered.map(|uri| {
            assert_eq!(uri.as_str(), *text, "kept byte for byte");
            uri.caution()
        });
        assert_eq!(&verdict, expected, "{text:?}");
    }
}

/// Each sent value goes through the whole decision, escaped as a client would.
#[track_caller]
fn request(registered: &str, rows: &[(&str, Sent)]) {
    let mut story = Story::approved("");
    story.app().redirect_uris = vec![redirect_uri(registered)];
    for (sent, expected) in rows {
        let verdict = match story.authorize(&ask(&[("redirect_uri", sent)])) {
            Outcome::Token(location) => {
                assert!(
                    location.as_str().starts_with(&format!("{sent}#access_token=")),
                    "{sent:?}"
                );
                Goes
            }
            Outcome::Page(refusal) => {
                assert_eq!(refusal.to_string(), "INVALID_CLIENT: Invalid redirect URI", "{sent:?}");
                Page
            }
            other => panic!("{sent:?}: {other:?}"),
        };
        assert_eq!(verdict, *expected, "{sent:?} for {registered:?}");
    }
}

fn character(text: &str) -> Registered {
    Err(Character(text.to_owned()))
}

fn spelling(text: &str) -> Registered {
    Err(HostSpelling(text.to_owned()))
}

fn foreign(scheme: &str) -> Registered {
    Err(ForeignScheme(scheme.to_owned()))
}

#[test]
fn ru_01_no_prefix_and_no_suffix_of_a_registered_uri_matches() {
    request(
        APP,
        &[
            (APP, Goes),
            ("https://app.example.evil.test/cb", Page),
            ("https://app.example@evil.test/cb", Page),
            ("https://evilapp.example/cb", Page),
            ("https://evil.test/https://app.example/cb", Page),
            ("https://evil.test/?https://app.example/cb", Page),
            ("https://app.example/c", Page),
            ("https://app.example/cbx", Page),
            ("https://app.example/cb/x", Page),
            ("https://app.example", Page),
            ("app.example/cb", Page),
            ("//app.example/cb", Page),
            ("/cb", Page),
            ("https://app.example/cb https://evil.test/", Page),
            ("https://app.example/cb,https://evil.test/", Page),
        ],
    );
    register(&[
        ("https://app.example@evil.test/cb", Err(UserInfo)),
        ("https://a:b@c.test/", Err(UserInfo)),
    ]);
}

#[test]
fn ru_02_no_path_is_resolved_before_it_is_compared() {
    request(
        APP,
        &[
            ("https://app.example/cb/../evil", Page),
            ("https://app.example/x/../cb", Page),
            ("https://app.example/./cb", Page),
            ("https://app.example/%2e/cb", Page),
            ("https://app.example/cb/%2e%2e/cb", Page),
            ("https://app.example/cb/%252e%252e/cb", Page),
            ("https://app.example/cb/..;/x", Page),
            ("https://app.example/cb;x", Page),
            ("https://app.example//cb", Page),
            ("https://app.example/%63b", Page),
            ("https://app.example/cb%2f..%2fevil", Page),
        ],
    );
    register(&[
        ("https://app.example/cb/../evil", Err(DotSegment)),
        ("https://app.example/./cb", Err(DotSegment)),
        ("https://app.example/%2e%2E/cb", Err(DotSegment)),
        ("https://app.example/.%2e/cb", Err(DotSegment)),
        ("https://app.example/cb/..;/x", Err(DotSegment)),
        ("https://app.example/cb/..", Err(DotSegment)),
        ("https://app.example/.well-known/cb..x", FINE),
        ("https://app.example/cb?to=../x", FINE),
        ("https://app.example//cb", FINE),
        ("https://app.example/%252e%252e/cb", FINE),
    ]);
    request("https://app.example/%252e%252e/cb", &[("https://app.example/%2e%2e/cb", Page)]);
}

#[test]
fn ru_03_wildcards_cannot_be_registered() {
    register(&[
        ("https://*.example/cb", Err(Wildcard)),
        ("https://app.example/cb/*", Err(Wildcard)),
        ("https://app.example/cb?x=*", Err(Wildcard)),
        ("https://*", Err(Wildcard)),
        ("*", Err(Wildcard)),
        ("com.example.*:/cb", Err(Wildcard)),
    ]);
}

#[test]
fn ru_04_what_looks_like_a_pattern_is_a_literal() {
    register(&[
        ("https://app.example/(a|b)", character("|")),
        ("https://app.example/^cb$", character("^")),
        ("https://app.example/cb.+", FINE),
    ]);
    request(
        "https://app.example/cb.+",
        &[("https://app.example/cb.+", Goes), ("https://app.example/cbxx", Page)],
    );
    request(APP, &[("https://appxexample/cb", Page), ("https://app-example/cb", Page)]);
}

#[test]
fn ru_05_backslash_tab_newline_never_match() {
    request(
        APP,
        &[
            ("https://evil.test\\@app.example/cb", Page),
            ("https:/\\evil.test", Page),
            ("https:\\\\app.example\\cb", Page),
            ("https://app.example\\cb", Page),
            ("https://app.example%09/cb", Page),
            ("https://app.example/cb\t", Page),
            ("\thttps://app.example/cb", Page),
            ("https://app.example/\ncb", Page),
            ("https://app.example/cb\r\n", Page),
            ("https:/app.example/cb", Page),
            ("https:app.example/cb", Page),
        ],
    );
    register(&[
        ("https://evil.test\\@app.example/cb", character("\\\\")),
        ("https:/\\evil", character("\\\\")),
        ("https:/evil.test", Err(Scheme)),
        ("https:evil.test", Err(Scheme)),
        ("https:///evil.test/cb", spelling("evil.test")),
        ("https://app.example%09", Err(Escape)),
        ("https://app.example/\tcb", character("\\t")),
        ("https://app.example/cb\n", character("\\n")),
    ]);
}

#[test]
fn ru_06_case_matters_everywhere() {
    request(
        APP,
        &[
            ("https://app.example/CB", Page),
            ("https://APP.example/cb", Page),
            ("HTTPS://app.example/cb", Page),
            ("Https://App.Example/Cb", Page),
        ],
    );
    request("https://app.example/c%2fb", &[("https://app.example/c%2Fb", Page)]);
    register(&[
        ("https://APP.example/cb", spelling("app.example")),
        ("HTTPS://app.example/cb", Err(Scheme)),
        ("Com.Example.App:/cb", Err(Scheme)),
        ("https://app.example/CB", FINE),
    ]);
}

#[test]
fn ru_07_the_query_is_part_of_the_uri() {
    request(
        "https://app.example/cb?a=1&b=2",
        &[
            ("https://app.example/cb?a=1&b=2", Goes),
            ("https://app.example/cb", Page),
            ("https://app.example/cb?", Page),
            ("https://app.example/cb?a=1", Page),
            ("https://app.example/cb?b=2&a=1", Page),
            ("https://app.example/cb?a=1&b=2&c=3", Page),
            ("https://app.example/cb?a=1&b=2&", Page),
            ("https://app.example/cb?a=1;b=2", Page),
            ("https://app.example/cb?a=%31&b=2", Page),
        ],
    );
    request(APP, &[("https://app.example/cb?a=1", Page), ("https://app.example/cb&a=1", Page)]);
}

#[test]
fn ru_08_a_slash_a_port_a_question_mark_or_a_hash_more_is_another_uri() {
    request(
        APP,
        &[
            ("https://app.example/cb/", Page),
            ("https://app.example:443/cb", Page),
            ("https://app.example:/cb", Page),
            ("https://app.example:8443/cb", Page),
            ("https://app.example/cb?", Page),
            ("https://app.example/cb#", Page),
            ("https://app.example/cb#x", Page),
            ("https://app.example./cb", Page),
            ("http://app.example/cb", Page),
        ],
    );
    request(
        "https://app.example",
        &[("https://app.example", Goes), ("https://app.example/", Page)],
    );
    request(
        "https://app.example:443/",
        &[("https://app.example:443/", Goes), ("https://app.example/", Page)],
    );
    register(&[
        ("https://app.example:443/cb", FINE),
        ("https://app.example:8443/cb", FINE),
        ("https://app.example:/cb", spelling("app.example")),
        ("https://app.example:65536/cb", Err(Host)),
        ("https://app.example:x/cb", Err(Host)),
        ("https://app.example/cb?", FINE),
    ]);
}

#[test]
fn ru_09_a_fragment_cannot_be_registered() {
    register(&[
        ("https://app.example/cb#", Err(Fragment)),
        ("https://app.example/cb#x", Err(Fragment)),
        ("https://app.example/cb?x#", Err(Fragment)),
        ("https://app.example#@evil.test", Err(Fragment)),
        ("com.example.app:/cb#x", Err(Fragment)),
        ("#", Err(Fragment)),
        ("https://app.example/cb%23x", FINE),
    ]);
}

#[test]
fn ru_10_http_cannot_be_registered_except_for_the_own_machine() {
    register(&[
        ("http://app.example/cb", Err(InsecureHttp)),
        ("http://10.0.0.1/cb", Err(InsecureHttp)),
        ("http://192.168.1.7:3000/cb", Err(InsecureHttp)),
        ("http://localhost.evil.test/cb", Err(InsecureHttp)),
        ("http://mylocalhost/cb", Err(InsecureHttp)),
        ("http://localhost./cb", Err(InsecureHttp)),
        ("http://127.0.0.1.evil.test/cb", Err(InsecureHttp)),
        ("http://127.0.0.2/cb", Err(InsecureHttp)),
        ("http://[::2]/cb", Err(InsecureHttp)),
        ("http://localhost/cb", LOCALHOST),
        ("http://localhost:8888/callback", LOCALHOST),
        ("http://localhost", LOCALHOST),
        ("http://127.0.0.1/cb", FINE),
        ("http://127.0.0.1:8888/cb", FINE),
        ("http://[::1]/cb", FINE),
        ("http://[::1]:8888/cb", FINE),
        ("https://app.example/cb", FINE),
        ("https://localhost:8443/cb", FINE),
    ]);
    let forbidden = RedirectUriPolicy { localhost: false };
    assert_eq!(RedirectUri::register("http://localhost/cb", forbidden), Err(Localhost));
    assert!(RedirectUri::register("http://127.0.0.1/cb", forbidden).is_ok());
}

#[test]
fn ru_11_schemes_that_run_or_read_something_cannot_be_registered() {
    register(&[
        ("javascript:alert(1)", foreign("javascript")),
        ("JavaScript:alert(1)", foreign("JavaScript")),
        ("javascript://app.example/%0aalert(1)", Err(Escape)),
        ("javascript://app.example/alert(1)", foreign("javascript")),
        (" javascript:alert(1)", character("the space")),
        ("java%0ascript:alert(1)", Err(Escape)),
        ("java\nscript:alert(1)", character("\\n")),
        ("java%73cript:alert(1)", Err(Scheme)),
        ("data:text/html,x", foreign("data")),
        ("DATA:text/html,x", foreign("DATA")),
        ("vbscript:x", foreign("vbscript")),
        ("file:///etc/passwd", foreign("file")),
        ("blob:https://app.example/x", foreign("blob")),
        ("about:blank", foreign("about")),
        ("view-source:https://app.example/", foreign("view-source")),
        ("filesystem:https://app.example/x", foreign("filesystem")),
        ("wss://app.example/cb", foreign("wss")),
        ("ws://app.example/cb", foreign("ws")),
        ("ftp://app.example/cb", foreign("ftp")),
    ]);
    request(
        APP,
        &[("javascript:alert(1)", Page), ("data:text/html,x", Page), ("about:blank", Page)],
    );
}

#[test]
fn ru_11_a_row_that_the_rules_of_today_forbid_is_never_redirected_to() {
    for uri in ["javascript:alert(1)", "http://app.example/cb", "https://a;script-src/cb", "x:"] {
        let mut story = Story::approved("");
        story.app().redirect_uris = vec![RedirectUri::from_stored(uri).unwrap()];
        let page = story.authorize(&ask(&[("redirect_uri", uri)])).page();
        assert_eq!(page, "INVALID_CLIENT: Insecure redirect URI", "{uri}");
    }
    for uri in ["https://app.example/cb\r\nSet-Cookie:a=b", "https://app.example/#", "x", ""] {
        assert_eq!(RedirectUri::from_stored(uri), None, "{uri:?}");
    }
}

#[test]
fn ru_12_private_schemes_can_be_registered_and_well_known_ones_not() {
    register(&[
        ("my-awesome-app-login://callback", UNDOTTED),
        ("myapp:callback", UNDOTTED),
        ("com.example.app:/oauth2redirect", FINE),
        ("com.example.app://callback?x=1", FINE),
        ("mailto:a@app.example", foreign("mailto")),
        ("intent://x/#Intent;end", Err(Fragment)),
        ("intent://x/", foreign("intent")),
        ("tel:123", foreign("tel")),
        ("sms:123", foreign("sms")),
        ("chrome-extension://abc/cb", foreign("chrome-extension")),
        ("ms-msdt:/id", foreign("ms-msdt")),
        ("search-ms:query=x", foreign("search-ms")),
        ("itms-services://?action=download-manifest", foreign("itms-services")),
        ("my_app://callback", Err(Scheme)),
        ("1app://callback", Err(Scheme)),
        ("://callback", Err(Scheme)),
        ("myapp", Err(Scheme)),
        ("myapp:", Err(NothingAfterScheme("myapp".to_owned()))),
        ("myapp://", Err(NothingAfterScheme("myapp".to_owned()))),
        ("myapp://cb?code=1", Err(ReservedParameter("code"))),
    ]);
    request(
        "my-awesome-app-login://callback",
        &[
            ("my-awesome-app-login://callback", Goes),
            ("my-awesome-app-login://callback/", Page),
            ("my-awesome-app-login:callback", Page),
            ("my-awesome-app-login2://callback", Page),
            ("my-awesome-app-login://evil", Page),
        ],
    );
}

#[test]
fn ru_13_a_loopback_address_may_have_any_port() {
    request(
        "http://127.0.0.1/cb",
        &[
            ("http://127.0.0.1/cb", Goes),
            ("http://127.0.0.1:51004/cb", Goes),
            ("http://127.0.0.1:1/cb", Goes),
            ("http://127.0.0.1:65535/cb", Goes),
            ("http://127.0.0.1:0/cb", Page),
            ("http://127.0.0.1:65536/cb", Page),
            ("http://127.0.0.1:/cb", Page),
            ("http://127.0.0.1:00080/cb", Page),
            ("http://127.0.0.1:+80/cb", Page),
            ("http://127.0.0.1:80:80/cb", Page),
            ("http://127.0.0.1:٣/cb", Page),
        ],
    );
    request("http://[::1]/cb", &[("http://[::1]:51004/cb", Goes), ("http://[::1]:x/cb", Page)]);
    request(
        "http://127.0.0.1?a=1",
        &[("http://127.0.0.1:5?a=1", Goes), ("http://127.0.0.1:5/?a=1", Page)],
    );
    request("http://127.0.0.1", &[("http://127.0.0.1:5", Goes), ("http://127.0.0.1:5/", Page)]);
    request(
        "http://127.0.0.1:8888/cb",
        &[("http://127.0.0.1:8889/cb", Page), ("http://127.0.0.1/cb", Page)],
    );
}

#[test]
fn ru_14_of_a_loopback_address_only_the_port_may_differ() {
    request(
        "http://127.0.0.1/cb",
        &[
            ("http://127.0.0.1:5/evil", Page),
            ("http://127.0.0.1:5/cb/", Page),
            ("http://127.0.0.1:5/cb/../x", Page),
            ("http://127.0.0.1:5/CB", Page),
            ("http://127.0.0.1:5/cb?x", Page),
            ("http://127.0.0.1:5/cb#", Page),
            ("http://127.0.0.1:5", Page),
            ("http://u:p@127.0.0.1/cb", Page),
            ("http://127.0.0.1:5@evil.test/cb", Page),
            ("http://127.0.0.1:@evil.test/cb", Page),
            ("http://127.0.0.1:80.evil.test/cb", Page),
            ("https://127.0.0.1:5/cb", Page),
            ("HTTP://127.0.0.1:5/cb", Page),
        ],
    );
}

#[test]
fn ru_15_a_host_that_begins_like_a_local_one_is_another_host() {
    request(
        "http://localhost:80/cb",
        &[
            ("http://localhost:80@evil.test/cb", Page),
            ("http://localhost.evil.test/cb", Page),
            ("http://localhost:80.evil.test/cb", Page),
        ],
    );
    request(
        "http://127.0.0.1/cb",
        &[("http://127.0.0.1.evil.test/cb", Page), ("http://127.0.0.1.evil.test:5/cb", Page)],
    );
    register(&[
        ("http://localhost:80@evil.test/cb", Err(UserInfo)),
        ("http://127.0.0.1@evil.test/cb", Err(UserInfo)),
        ("http://localhost%2eevil.test/cb", spelling("localhost.evil.test")),
    ]);
}

#[test]
fn ru_16_localhost_has_no_free_port() {
    request(
        "http://localhost:8888/cb",
        &[
            ("http://localhost:8888/cb", Goes),
            ("http://localhost:9999/cb", Page),
            ("http://localhost/cb", Page),
        ],
    );
    request("http://localhost/cb", &[("http://localhost:8888/cb", Page)]);
}

#[test]
fn ru_17_no_spelling_of_a_loopback_address_stands_for_another() {
    let spellings = [
        "http://localhost/cb",
        "http://[::1]/cb",
        "http://127.1/cb",
        "http://0x7f.1/cb",
        "http://2130706433/cb",
        "http://0177.0.0.1/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "http://[0:0:0:0:0:0:0:1]/cb",
        "http://127.0.0.1./cb",
        "http://127.000.000.001/cb",
        "http://127.0.0.1:080/cb",
    ];
    request("http://127.0.0.1/cb", &spellings.map(|spelling| (spelling, Page)));
    request("http://[::1]/cb", &[("http://127.0.0.1/cb", Page), ("http://[0:0::1]:5/cb", Page)]);
    register(&[
        ("http://127.1/cb", spelling("127.0.0.1")),
        ("http://0x7f.1/cb", spelling("127.0.0.1")),
        ("http://2130706433/cb", spelling("127.0.0.1")),
        ("http://0177.0.0.1/cb", spelling("127.0.0.1")),
        ("http://[0:0:0:0:0:0:0:1]/cb", spelling("[::1]")),
        ("http://[::ffff:127.0.0.1]/cb", spelling("[::ffff:7f00:1]")),
        ("http://[::ffff:7f00:1]/cb", Err(InsecureHttp)),
    ]);
}

#[test]
fn ru_18_only_http_on_a_loopback_address_has_a_free_port() {
    request(
        "https://127.0.0.1/cb",
        &[("https://127.0.0.1/cb", Goes), ("https://127.0.0.1:5/cb", Page)],
    );
    request(APP, &[("https://app.example:5/cb", Page)]);
    register(&[("http://0.0.0.0/cb", Err(InsecureHttp)), ("http://[::]/cb", Err(InsecureHttp))]);
}

#[test]
fn ru_19_a_host_is_ascii_and_stays_as_it_was_sent() {
    register(&[
        ("https://\u{430}pp.example/cb", character("\\u{430}")),
        ("https://app\u{3002}example/cb", character("\\u{3002}")),
        ("https://xn--pp-6kc.example/cb", FINE),
        ("https://xn--app-.example/cb", Err(Host)),
        ("https://%61pp.example/cb", spelling("app.example")),
    ]);
    request(APP, &[("https://\u{430}pp.example/cb", Page), ("https://xn--app-.example/cb", Page)]);
    request("https://xn--pp-6kc.example/cb", &[("https://\u{430}pp.example/cb", Page)]);
}

#[test]
fn ru_20_control_characters_and_spaces_are_never_in_a_uri() {
    register(&[
        ("", Err(Missing)),
        ("https://app.example/\0", character("\\u{0}")),
        ("https://app.example/\r\nSet-Cookie:a=b", character("\\r")),
        ("https://app.example/a b", character("the space")),
        ("https://app.example/\u{7f}", character("\\u{7f}")),
        ("https://app.example/\u{2028}", character("\\u{2028}")),
        ("https://app.example/%00", Err(Escape)),
        ("https://app.example/%0d%0a", Err(Escape)),
        ("https://app.example/%7F", Err(Escape)),
        ("https://app.example/%", Err(Escape)),
        ("https://app.example/%2", Err(Escape)),
        ("https://app.example/%zz", Err(Escape)),
        ("https://app.example/%+1", Err(Escape)),
        ("https://app.example/%+f", Err(Escape)),
        ("https://app.example/%-1", Err(Escape)),
        ("https://app.example/\"><script>", character("\\\"")),
        ("https://app.example/{id}", character("{")),
        ("https://app.example/[id]", character("[")),
    ]);
    request(
        APP,
        &[
            ("https://app.example/cb\0", Page),
            ("https://app.example/cb%00", Page),
            ("https://app.example/cb ", Page),
            (" https://app.example/cb", Page),
            ("https://app.example/cb\r\nSet-Cookie: a=b", Page),
            ("https://app.example/cb\u{7f}", Page),
            ("https://app.example/cb\u{200b}", Page),
            ("\u{feff}https://app.example/cb", Page),
        ],
    );
    let mut story = Story::approved("");
    story.app().redirect_uris = vec![redirect_uri(APP)];
    for raw in
        ["https://app.example/cb%ff", "https://app.example/cb%C0%80", "https://app.example/cb%"]
    {
        let request = format!("{}&redirect_uri={raw}", ask_without("redirect_uri"));
        assert_eq!(
            story.authorize(&request).page(),
            "INVALID_CLIENT: Invalid redirect URI",
            "{raw}"
        );
    }
}

#[test]
fn ru_21_a_malformed_host_is_refused_and_nothing_breaks() {
    register(&[
        ("http://[::1/cb", Err(Host)),
        ("http://[:", Err(Host)),
        ("http://[]/cb", Err(Host)),
        ("http://[::1]x/cb", Err(Host)),
        ("https://", Err(Host)),
        ("https:///", Err(Host)),
        ("https://:443/cb", Err(Host)),
        ("https://?x", Err(Host)),
        ("https://app..example/cb", Err(Host)),
        ("https://.app.example/cb", Err(Host)),
        ("https://app.example;script-src/cb", Err(Host)),
        ("https://app.example,evil.test/cb", Err(Host)),
        ("https://'self'/cb", Err(Host)),
        ("https://a=b/cb", Err(Host)),
        ("https://300.1.1.1/cb", Err(Host)),
        ("https://my_host.example/cb", FINE),
    ]);
    request(
        "http://[::1]/cb",
        &[
            ("http://[::1/cb", Page),
            ("http://[:", Page),
            ("http://[::1]:", Page),
            ("http://[::1]:/cb", Page),
        ],
    );
}

#[test]
fn ru_22_a_uri_has_a_longest_length() {
    let of = |length: usize| format!("https://app.example/{}", "x".repeat(length - 20));
    register(&[(&of(2048), FINE), (&of(2049), Err(TooLong)), (&of(100_000), Err(TooLong))]);
    request(APP, &[(&of(20_000), Page)]);
}

#[test]
fn ru_23_the_redirect_uri_of_another_client_is_not_this_clients() {
    let mut story = Story::approved("");
    let mut other = app();
    other.id = client_id("another-app-of-the-same-owner");
    other.redirect_uris = vec![redirect_uri("https://other.example/cb")];
    let request = ask(&[("redirect_uri", "https://other.example/cb")]);
    story.authorize(&request).page();
    story.facts.client = Some(other.into());
    assert_eq!(story.authorize(&request).page(), "INVALID_CLIENT: Invalid client");
}

#[test]
fn ru_24_an_open_redirector_on_the_registered_host_is_out_of_reach() {
    request(
        APP,
        &[
            ("https://app.example/redirect?to=https://evil.test", Page),
            ("https://app.example/cb?next=https://evil.test", Page),
            ("https://app.example/cb/..%2fredirect?to=//evil.test", Page),
        ],
    );
}

#[test]
fn ru_26_a_uri_deleted_while_the_person_reads_the_page_gets_no_token() {
    use hallpass_protocol::authorize::Verdict;
    for verdict in [Verdict::Approve, Verdict::Deny] {
        let mut story = Story::signed_in();
        let believed = story.believed(&ask(&[]), verdict);
        story.app().redirect_uris = vec![redirect_uri("https://example.com/new")];
        let page = story.decide(&ask(&[]), Some(believed)).page();
        assert_eq!(page, "INVALID_CLIENT: Invalid redirect URI");
    }
}
