//! `hallpass serve`: how it comes up, ends, and comes up again.

use crate::support::{Browser, UnderWay, Workshop, taken_port};

#[test]
fn its_directory_and_files_are_its_owners_alone() {
    let workshop = Workshop::new();
    let (_program, _) = workshop.serve(&[], &[]);
    assert_eq!(workshop.mode("data"), 0o700);
    for name in workshop.list("data") {
        assert_eq!(workshop.mode(&format!("data/{name}")), 0o600, "{name}");
    }
    for name in ["hallpass.db", "master.key"] {
        assert!(workshop.list("data").iter().any(|found| found == name), "{name}");
    }
}

#[test]
fn either_signal_ends_it_with_code_0() {
    for signal in ["TERM", "INT"] {
        let workshop = Workshop::installed();
        let (program, _) = workshop.serve(&[], &[]);
        program.stop(signal).said(0, &["finishing the requests under way"]);
    }
}

#[test]
fn a_request_under_way_is_finished_before_the_end() {
    let workshop = Workshop::installed();
    let (mut program, address) = workshop.serve(&[], &[]);
    let request = UnderWay::at(address);
    program.signal("TERM");
    program.log.until("finishing the requests under way");
    let answer = request.finish();
    assert_eq!(answer.status, 403, "answered, though there is no form token: {}", answer.body);
    assert_eq!(program.end().code, Some(0));
}

#[test]
fn a_node_that_ends_serves_on_for_as_long_as_it_is_told() {
    let workshop = Workshop::installed();
    let (mut program, address) = workshop.serve(&["--drain", "60"], &[]);
    assert_eq!(Browser::at(address).get("/health/ready").status, 200);
    program.signal("TERM");
    program.log.until("not ready any more; serving for 60s longer");
    assert_eq!(Browser::at(address).get("/health/ready").status, 503);
    assert_eq!(Browser::at(address).get("/").status, 200);
    // A second signal is for those who do not want to wait.
    program.stop("TERM").said(0, &["finishing the requests under way"]);
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let workshop = Workshop::installed();
    let (program, address) = workshop.serve(&[], &[]);
    let mut browser = Browser::at(address);
    assert_eq!(browser.sign_up("ada", "a password of ada's").status, 303);
    assert_eq!(program.stop("KILL").code, None);

    let (_program, address) = workshop.serve(&[], &[]);
    let mut browser = Browser::at(address);
    assert_eq!(browser.sign_in("ada", "a password of ada's").status, 303);
}

#[test]
fn a_session_outlives_the_process() {
    let workshop = Workshop::installed();
    let (program, address) = workshop.serve(&["--public-url", "http://127.0.0.1:1"], &[]);
    let mut browser = Browser::at(address);
    assert_eq!(browser.sign_up("ada", "a password of ada's").status, 303);
    assert_eq!(program.stop("TERM").code, Some(0));

    let (_program, address) = workshop.serve(&["--public-url", "http://127.0.0.1:1"], &[]);
    browser.address = address;
    assert_eq!(browser.get("/dashboard").status, 200);
}

#[test]
fn a_port_that_is_taken_is_told_with_its_flag_and_nothing_is_made() {
    let workshop = Workshop::new();
    let (_somebody, port) = taken_port();
    let listen = format!("127.0.0.1:{port}");
    let ended = workshop.run(&["serve", "--listen", &listen], &[]);
    ended.said(1, &[&listen, "Choose another with --listen "]);
    assert_eq!(workshop.list(""), [""; 0]);
}

#[test]
fn a_secret_made_for_a_declared_app_is_told_once_and_kept() {
    let workshop = Workshop::installed();
    let apps = workshop.write(
        "apps.toml",
        r#"
            [[user]]
            username = "ada"
            email = "ada@example.com"
            password = "a password of ada's"

            [[app]]
            name = "Night Train"
            type = "confidential"
            redirect_uris = ["https://night.example/callback"]
            grants = ["implicit"]
            owner = "ada"
        "#,
    );
    let (program, _) = workshop.serve(&["--apps", &apps], &[]);
    let first = program.stop("TERM");
    let word = |label: &str| {
        let (_, rest) =
            first.output.split_once(label).unwrap_or_else(|| panic!("{}", first.output));
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let (id, secret) = (word("client_id "), word("client_secret "));
    assert!(secret.starts_with("hps_"), "{secret}");
    assert!(!first.log.contains(&secret), "not in the log");

    let (program, address) = workshop.serve(&["--apps", &apps], &[]);
    let fields = [("client_id", &*id), ("client_secret", &*secret), ("token", "none")];
    let answer = Browser::at(address).post("/introspect", &fields);
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"active\":false}"));
    assert_eq!(program.stop("TERM").output, "", "told once");
}
