//! `hallpass demo`: what it prints, what it leaves behind, how it ends.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use serde_json::Value;

use crate::support::{Answer, Browser, Program, UnderWay, Workshop, taken_port};

const ANY_PORTS: [&str; 7] = ["demo", "--port", "0", "--api-port", "0", "--app-port", "0"];

/// A demo on free ports, with the object that it prints first.
fn demo(workshop: &Workshop, more: &[&str]) -> (Program, Value) {
    let arguments: Vec<&str> = ANY_PORTS.iter().chain(&["--json"]).chain(more).copied().collect();
    let mut program = workshop.start(&arguments, &[]);
    let line = program.output.next().expect("a first line");
    (program, serde_json::from_str(&line).expect("JSON"))
}

fn address(url: &Value) -> SocketAddr {
    let url = url::Url::parse(url.as_str().unwrap()).unwrap();
    format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap()
}

fn temporary_directories(workshop: &Workshop) -> Vec<String> {
    let names = workshop.list("").into_iter();
    names.filter(|name| name.starts_with("hallpass-demo-")).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_first_line_is_one_json_object_of_the_promised_shape() {
    let workshop = Workshop::new();
    let (_program, world) = demo(&workshop, &[]);
    assert_eq!(keys(&world), ["accounts", "api", "app", "apps", "pkce_app", "users"]);
    let url = |name: &str| world[name].as_str().unwrap();
    for name in ["accounts", "api", "app", "pkce_app"] {
        assert!(url(name).starts_with("http://127.0.0.1:"), "{world}");
    }
    assert!(url("api").ends_with("/v1"), "{world}");
    for user in world["users"].as_array().unwrap() {
        assert_eq!(keys(user), ["email", "password", "username"]);
        assert!(user.as_object().unwrap().values().all(Value::is_string), "{user}");
    }
    let mut types = Vec::new();
    for app in world["apps"].as_array().unwrap() {
        let expected =
            ["client_id", "client_secret", "grants", "name", "owner", "redirect_uris", "type"];
        assert_eq!(keys(app), expected);
        let id = app["client_id"].as_str().unwrap();
        assert!(id.len() == 32 && id.bytes().all(|b| b"0123456789abcdef".contains(&b)), "{id}");
        assert!(app["name"].is_string() && app["owner"].is_string(), "{app}");
        for list in ["redirect_uris", "grants"] {
            let list = app[list].as_array().unwrap();
            assert!(!list.is_empty() && list.iter().all(Value::is_string), "{app}");
        }
        match app["type"].as_str().unwrap() {
            "public" => assert!(app["client_secret"].is_null(), "{app}"),
            "confidential" => assert!(app["client_secret"].is_string(), "{app}"),
            other => panic!("{other}"),
        }
        types.push(app["type"].as_str().unwrap());
    }
    assert!(types.contains(&"public") && types.contains(&"confidential"), "{types:?}");
}

#[test]
fn everybody_it_names_can_sign_in_and_everything_it_names_answers() {
    let workshop = Workshop::new();
    let (_program, world) = demo(&workshop, &[]);
    for user in world["users"].as_array().unwrap() {
        let mut browser = Browser::at(address(&world["accounts"]));
        let text = |name: &str| user[name].as_str().unwrap();
        assert_eq!(browser.sign_in(text("username"), text("password")).status, 303, "{user}");
    }
    for app in ["app", "pkce_app"] {
        let uri = format!("{}/callback", world[app].as_str().unwrap());
        let registered =
            |app: &&Value| app["redirect_uris"].as_array().unwrap().contains(&uri.as_str().into());
        let client = world["apps"].as_array().unwrap().iter().find(registered).expect("an app");
        let mut browser = Browser::at(address(&world[app]));
        assert_eq!(browser.get("/callback").status, 200);
        let settings = browser.get("/config.js").body;
        assert!(settings.contains(client["client_id"].as_str().unwrap()), "{settings}");
    }
    assert_eq!(Browser::at(address(&world["api"])).get("/v1/me").status, 401);
}

#[test]
fn either_signal_ends_it_with_code_0_and_its_directory_is_gone() {
    for signal in ["TERM", "INT"] {
        let workshop = Workshop::new();
        let (program, _) = demo(&workshop, &[]);
        assert_eq!(temporary_directories(&workshop).len(), 1);
        let ended = program.stop(signal);
        assert_eq!((ended.code, ended.log.as_str()), (Some(0), ""), "{signal}");
        assert_eq!(workshop.list(""), [""; 0], "{signal}");
    }
}

#[test]
fn a_request_under_way_is_finished_before_the_end() {
    let workshop = Workshop::new();
    let (program, world) = demo(&workshop, &[]);
    let request = UnderWay::at(address(&world["accounts"]));
    program.signal("INT");
    assert_eq!(request.finish().status, 403, "answered, though there is no form token");
    assert_eq!(program.end().code, Some(0));
}

#[test]
fn with_a_directory_of_ones_own_everything_is_there_the_next_time() {
    let workshop = Workshop::new();
    let data = workshop.text("kept");
    let (program, first) = demo(&workshop, &["--data", &data]);
    let mut browser = Browser::at(address(&first["accounts"]));
    assert_eq!(browser.sign_up("newcomer", "a newcomer's password").status, 303);
    assert_eq!(temporary_directories(&workshop), [""; 0]);
    assert_eq!(program.stop("TERM").code, Some(0));
    assert_eq!(workshop.mode("kept"), 0o700);

    let (_program, second) = demo(&workshop, &["--data", &data]);
    let ids = |world: &Value| -> Vec<Value> {
        world["apps"].as_array().unwrap().iter().map(|app| app["client_id"].clone()).collect()
    };
    assert_eq!(ids(&first), ids(&second));
    let mut browser = Browser::at(address(&second["accounts"]));
    assert_eq!(browser.sign_in("newcomer", "a newcomer's password").status, 303);
}

#[test]
fn the_curl_line_of_the_text_works_as_it_stands() {
    let workshop = Workshop::new();
    let mut program = workshop.start(&ANY_PORTS, &[]);
    let line = program.output.until("curl -H ");
    let words: Vec<&str> = line.trim().split('\'').collect();
    let ["curl -H ", header, url] = words.as_slice() else { panic!("{line}") };
    let url = url::Url::parse(url.trim()).unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{header}\r\n\r\n",
        url.path(),
        url.authority()
    );
    let answer = Answer::to(address(&Value::from(url.as_str())), &request);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let me: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&me["display_name"], &me["email"]), (&"ada".into(), &"ada@demo.example".into()));
    assert!(!line.contains('\x1b'), "no colour where there is no terminal");
}

#[test]
fn an_operators_file_adds_to_the_demo() {
    let workshop = Workshop::new();
    let apps = workshop.write(
        "apps.toml",
        r#"
            [[user]]
            username = "mary"
            email = "mary@example.com"
            password = "mary's own password"

            [[app]]
            name = "Orrery"
            type = "confidential"
            redirect_uris = ["https://orrery.example/callback"]
            grants = ["implicit"]
            owner = "mary"
        "#,
    );
    let (_program, world) = demo(&workshop, &["--apps", &apps]);
    let orrery = world["apps"].as_array().unwrap().iter().find(|app| app["name"] == "Orrery");
    let secret = orrery.expect("the app of the file")["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("hps_"), "a secret made for it is told here and nowhere else");
    let mut browser = Browser::at(address(&world["accounts"]));
    assert_eq!(browser.sign_in("mary", "mary's own password").status, 303);
}

#[test]
fn a_port_that_is_taken_is_told_with_its_flag() {
    for flag in ["--port", "--api-port", "--app-port", "--pkce-app-port"] {
        let workshop = Workshop::new();
        let (_somebody, port) = taken_port();
        let port = port.to_string();
        let mut arguments = [&ANY_PORTS[..], &["--pkce-app-port", "0"]].concat();
        let position = arguments.iter().position(|argument| *argument == flag).unwrap();
        arguments[position + 1] = &port;
        let ended = workshop.run(&arguments, &[]);
        ended.said(1, &[&format!("127.0.0.1:{port}"), &format!("with {flag} ")]);
        assert_eq!(workshop.list(""), [""; 0], "its directory is gone");
    }
}

#[test]
fn who_does_not_ask_for_the_port_of_the_second_app_is_not_kept_from_the_demo_by_it() {
    let workshop = Workshop::new();
    let (_somebody, port) = neighbours();
    let before = (port - 1).to_string();
    let arguments = ["demo", "--port", "0", "--api-port", "0", "--app-port", &before, "--json"];
    let mut program = workshop.start(&arguments, &[]);
    let line = program.output.next().expect("a first line");
    let world: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(Browser::at(address(&world["pkce_app"])).get("/").status, 200);
}

/// A port that somebody has, while the one before it is free.
fn neighbours() -> (TcpListener, u16) {
    loop {
        let (somebody, port) = taken_port();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port - 1)).is_ok() {
            return (somebody, port);
        }
    }
}

#[test]
fn a_file_that_is_wrong_ends_it_with_the_line() {
    let workshop = Workshop::new();
    let apps = workshop.write("apps.toml", "[[user]]\nusername = \"mary\"\n");
    let arguments = [&ANY_PORTS[..], &["--apps", &apps]].concat();
    workshop.run(&arguments, &[]).said(1, &["apps.toml: line 1: ", "email"]);
    assert_eq!(workshop.list(""), ["apps.toml"], "its directory is gone");
}

#[test]
fn a_token_lifetime_out_of_range_is_refused() {
    let workshop = Workshop::new();
    let arguments = [&ANY_PORTS[..], &["--token-lifetime", "59"]].concat();
    workshop.run(&arguments, &[]).said(1, &["token_lifetime is \"59\"", "between 60"]);
}
