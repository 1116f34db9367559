//! `hallpass copy`: what was given by a server goes on being good at one that is started on the copy.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::support::{Answer, Browser, Schema, Workshop};

const URI: &str = "https://mixtape.example/callback";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// The same for both servers: it is what sessions and tokens are made for.
const ISSUER: [&str; 2] = ["--public-url", "http://127.0.0.1:1"];

const APPS: &str = r#"
[[user]]
username = "ada"
email = "ada@example.com"
password = "a password of ada's"

[[app]]
name = "Mixtape"
client_id = "mixtape"
type = "confidential"
client_secret = "a secret of mixtape's"
redirect_uris = ["https://mixtape.example/callback"]
grants = ["implicit", "authorization_code", "refresh_token"]
owner = "ada"
"#;

/// The app, with its name and secret in the form.
fn post(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Value {
    let app = [("client_id", "mixtape"), ("client_secret", "a secret of mixtape's")];
    let answer = browser.post(path, &[&app, fields].concat());
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn authorize(browser: &mut Browser, response_type: &str) -> Answer {
    let uri: String = byte_serialize(URI.as_bytes()).collect();
    let proof = match response_type {
        "code" => format!("&code_challenge={CHALLENGE}&code_challenge_method=S256"),
        _ => String::new(),
    };
    browser.get(&format!(
        "/authorize?response_type={response_type}&client_id=mixtape&redirect_uri={uri}{proof}"
    ))
}

/// What stands after `name` in the address that an answer leads to.
fn value(answer: &Answer, name: &str) -> String {
    let (_, rest) = answer.location().split_once(name).unwrap_or_else(|| panic!("no {name}"));
    rest.split('&').next().unwrap().to_owned()
}

fn exchange(browser: &mut Browser) -> String {
    let code = value(&authorize(browser, "code"), "?code=");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", URI),
        ("code_verifier", VERIFIER),
    ];
    text(&post(browser, "/api/token", &fields), "refresh_token")
}

fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("{json}")).to_owned()
}

/// What an app and a browser hold of an installation.
struct Held {
    browser: Browser,
    access: String,
    refresh: String,
}

impl Held {
    /// Signs in, agrees and gets a token and a family, at a server that then ends.
    fn of_installation(workshop: &Workshop) -> Self {
        let apps = workshop.write("apps.toml", APPS);
        let (program, address) = workshop.serve(&[&ISSUER[..], &["--apps", &apps]].concat(), &[]);
        let mut browser = Browser::at(address);
        assert_eq!(browser.sign_in("ada", "a password of ada's").status, 303);
        let page = authorize(&mut browser, "token");
        let agreed = browser.submit(&page, "/authorize/answer", &[("answer", "agree")]);
        let access = value(&agreed, "#access_token=");
        let refresh = exchange(&mut browser);
        assert_eq!(program.stop("TERM").code, Some(0));
        Self { browser, access, refresh }
    }

    /// Uses all of it at a server that is started on `database`.
    fn stays_good_at(mut self, workshop: &Workshop, database: &str) {
        let key = std::fs::read_to_string(workshop.path("data/master.key")).unwrap();
        let variables = [("HALLPASS_MASTER_KEY", key.trim()), ("HALLPASS_DATABASE", database)];
        let data = workshop.text("elsewhere");
        let serve = ["serve", "--listen", "127.0.0.1:0", "--data", &data];
        let mut program = workshop.start(&[&serve[..], &ISSUER].concat(), &variables);
        self.browser.address = program.listening();
        let browser = &mut self.browser;
        assert_eq!(post(browser, "/introspect", &[("token", &self.access)])["active"], true);
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &self.refresh)];
        text(&post(browser, "/api/token", &fields), "access_token");
        // Without a page, because session and consent are there.
        value(&authorize(browser, "token"), "#access_token=");
    }
}

#[test]
fn what_one_server_gave_stays_good_at_one_that_is_started_on_the_copy() {
    let workshop = Workshop::installed();
    let held = Held::of_installation(&workshop);
    let (old, new) = (workshop.text("data/hallpass.db"), workshop.text("moved.db"));
    let ended = workshop.run(&["copy", "--from", &old, "--to", &new], &[]);
    ended.said(0, &["rows, of which 0 are in the target", "copying account", "comparing account"]);
    for part in [
        "account                        1   verified\n",
        "refresh_family                 1   verified\n",
        &format!("{new} is now the same as {old}."),
        "take that along",
        &workshop.text("data/master.key"),
        &format!("hallpass serve --database {new}\n"),
    ] {
        assert!(ended.output.contains(part), "{part:?} is not in:\n{}", ended.output);
    }
    held.stays_good_at(&workshop, &new);
}

#[test]
fn it_is_as_good_on_the_other_engine_and_back_again() {
    let (workshop, schema) = (Workshop::installed(), Schema::new());
    let held = Held::of_installation(&workshop);
    let (old, back) = (workshop.text("data/hallpass.db"), workshop.text("back.db"));
    let there = workshop.run(&["copy", "--from", &old, "--to", &schema.url()], &[]);
    there.said(0, &["comparing change_number"]);
    assert!(there.output.contains("HALLPASS_DATABASE=<the URL of --to> hallpass serve\n"));
    held.stays_good_at(&workshop, &schema.url());

    workshop
        .run(&["copy", "--from", &schema.url(), "--to", &back], &[])
        .said(0, &["copying used_code"]);
    let key = std::fs::read_to_string(workshop.path("data/master.key")).unwrap();
    let variables = [("HALLPASS_MASTER_KEY", key.trim()), ("HALLPASS_DATABASE", &back)];
    let (_program, address) = workshop.serve(&ISSUER, &variables);
    assert_eq!(Browser::at(address).sign_in("ada", "a password of ada's").status, 303);
}

#[test]
fn a_signal_ends_it_after_the_page_under_way_and_it_can_go_on() {
    let (workshop, schema) = (Workshop::installed(), Schema::new());
    let (old, new) = (workshop.text("data/hallpass.db"), workshop.text("copy.db"));
    workshop.run(&["copy", "--from", &old, "--to", &schema.url()], &[]).said(0, &[]);
    let lock = schema.lock("session");
    let mut program = workshop.start(&["copy", "--from", &schema.url(), "--to", &new], &[]);
    program.log.until("from database hallpass");
    program.signal("INT");
    program.log.until("stopping after the page under way");
    lock.release();
    program.end().said(1, &["stopped. What was copied stays: the same command goes on"]);
    workshop.run(&["copy", "--from", &schema.url(), "--to", &new], &[]).said(0, &["comparing"]);
}

#[test]
fn a_copy_that_is_there_is_only_compared() {
    let workshop = Workshop::installed();
    let (old, new) = (workshop.text("data/hallpass.db"), workshop.text("copy.db"));
    let variables = [("HALLPASS_COPY_FROM", &*old), ("HALLPASS_COPY_TO", &*new)];
    workshop.run(&["copy"], &variables).said(0, &["copying sealed_key"]);
    let before = std::fs::read(&new).unwrap();
    let again = workshop.run(&["copy"], &variables);
    again.said(0, &["comparing sealed_key"]);
    assert!(!again.log.contains("copying"), "{}", again.log);
    assert!(std::fs::read(&new).unwrap() == before);
}

#[test]
fn a_database_in_use_is_not_copied() {
    let workshop = Workshop::installed();
    let (_program, _) = workshop.serve(&[], &[]);
    let (old, new) = (workshop.text("data/hallpass.db"), workshop.text("copy.db"));
    let refused = workshop.run(&["copy", "--from", &old, "--to", &new], &[]);
    refused.said(1, &[&old, "is in use by another process. Stop that one first"]);
    assert!(!workshop.path("copy.db").exists());
}

#[test]
fn what_cannot_be_copied_is_said_in_words_and_without_a_password() {
    let workshop = Workshop::installed();
    let old = workshop.text("data/hallpass.db");
    let url = "postgres://ann:hush@127.0.0.1:1/accounts";
    for (from, to, part) in [
        (workshop.text("data"), url.to_owned(), "hallpass.db"),
        (workshop.text("none.db"), url.to_owned(), "there is no database of hallpass"),
        (old.clone(), old.clone(), "cannot be copied to itself"),
        (old.clone(), url.to_owned(), "cannot reach database accounts at 127.0.0.1:1, as ann"),
        (url.to_owned(), workshop.text("copy.db"), "cannot reach database accounts"),
    ] {
        let refused = workshop.run(&["copy", "--from", &from, "--to", &to], &[]);
        refused.said(1, &["hallpass: ", part]);
        assert!(!refused.log.contains("hush"), "{}", refused.log);
    }
    assert!(!workshop.path("copy.db").exists());
}

#[test]
fn the_help_shows_examples_and_no_urls_of_the_environment() {
    let workshop = Workshop::new();
    let variables = [("HALLPASS_COPY_FROM", "postgres://ann:hush@db.example/accounts")];
    let ended = workshop.run(&["copy", "--help"], &variables);
    assert_eq!(ended.code, Some(0));
    assert!(ended.output.contains("Examples:\n  hallpass copy --from "), "{}", ended.output);
    assert!(!ended.output.contains("hush"), "{}", ended.output);
    let refused = workshop.run(&["copy"], &variables);
    refused.said(2, &["--to <DATABASE>"]);
    assert!(!refused.log.contains("hush"), "{}", refused.log);
}
