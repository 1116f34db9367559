//! Settings in a file, in the environment and on the command line.

use hallpass::config::judge_environment;

use crate::support::{Browser, Workshop};

/// What the service calls itself on its front page.
fn service_name(workshop: &Workshop, more: &[&str], variables: &[(&str, &str)]) -> String {
    let (_program, address) = workshop.serve(more, variables);
    let page = Browser::at(address).get("/").body;
    let (_, rest) = page.split_once("<title>").unwrap();
    let (title, _) = rest.split_once("</title>").unwrap();
    title.rsplit(" · ").next().unwrap().to_owned()
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let workshop = Workshop::installed();
    let file = workshop.write("hallpass.toml", "service_name = \"From the file\"\n");
    let environment = [("HALLPASS_SERVICE_NAME", "From the environment")];
    let flag = ["--config", &file, "--service-name", "From the flag"];
    assert_eq!(service_name(&workshop, &[], &[]), "Hallpass");
    assert_eq!(service_name(&workshop, &flag[..2], &[]), "From the file");
    assert_eq!(service_name(&workshop, &[], &[("HALLPASS_CONFIG", &file)]), "From the file");
    assert_eq!(service_name(&workshop, &flag[..2], &environment), "From the environment");
    assert_eq!(service_name(&workshop, &flag, &environment), "From the flag");
}

#[test]
fn a_wrong_key_in_the_file_is_refused_with_its_line_and_the_nearest_right_one() {
    let workshop = Workshop::new();
    let file = workshop.write("hallpass.toml", "# ours\nsession_lifetme = 600\n");
    let parts = ["hallpass.toml", "line 2", "did you mean session_lifetime?"];
    workshop.refused(&["--config", &file], &[]).said(1, &parts);
    assert_eq!(workshop.list(""), ["hallpass.toml"], "nothing was made");
}

#[test]
fn a_file_that_is_no_toml_or_is_not_there_is_refused_by_its_name() {
    let workshop = Workshop::new();
    let file = workshop.write("hallpass.toml", "listen = 127.0.0.1:0\n");
    workshop.refused(&["--config", &file], &[]).said(1, &["hallpass.toml", "line 1"]);
    workshop.refused(&["--config", "nowhere.toml"], &[]).said(1, &["nowhere.toml cannot be read"]);
}

#[test]
fn a_wrong_variable_is_refused_with_the_nearest_right_one() {
    let workshop = Workshop::new();
    let wrong = [("HALLPASS_TOKEN_LIFETIM", "60")];
    let parts = ["HALLPASS_TOKEN_LIFETIM", "did you mean HALLPASS_TOKEN_LIFETIME?"];
    workshop.refused(&[], &wrong).said(1, &parts);
    assert_eq!(workshop.list(""), [""; 0], "nothing was made");
}

#[test]
fn values_out_of_range_are_refused_with_the_range() {
    let workshop = Workshop::new();
    for (flag, value, told) in [
        ("--token-lifetime", "59", "between 60 (a minute) and 86400 (a day)"),
        ("--token-lifetime", "86401", "between 60"),
        ("--session-lifetime", "299", "between 300"),
        ("--hashing-threads", "0", "at least 1"),
        ("--max-connections", "0", "at least 1"),
        ("--drain", "301", "between 0 and 300"),
        ("--accent", "blue", "a colour such as #1d5c4b"),
        ("--service-name", "two\nlines", "on one line"),
        ("--log", "hallpass=loud", "log is"),
    ] {
        workshop.refused(&[flag, value], &[]).said(1, &[told]);
    }
    assert_eq!(workshop.list(""), [""; 0], "nothing was made");
}

#[test]
fn az_52_a_public_url_without_tls_is_refused_except_on_loopback() {
    let workshop = Workshop::new();
    let insecure = ["--public-url", "http://accounts.example"];
    workshop.refused(&insecure, &[]).said(1, &["only a loopback address may be http"]);
    for url in ["accounts.example", "https://accounts.example/path", "ftp://accounts.example"] {
        workshop.refused(&["--public-url", url], &[]).said(1, &["public_url is", url]);
    }
    let listen = ["serve", "--listen", "0.0.0.0:0"];
    workshop.run(&listen, &[]).said(1, &["listen is \"0.0.0.0:0\"", "set public_url"]);
    assert_eq!(workshop.list(""), [""; 0], "nothing was made");
    for url in ["http://localhost:9", "https://accounts.example/"] {
        let (program, _) = workshop.serve(&["--public-url", url], &[]);
        program.stop("TERM").said(0, &[&format!("known as {}", url.trim_end_matches('/'))]);
    }
}

#[test]
fn the_readmes_settings_flags_and_file_are_real() {
    let readme = include_str!("../../../../README.md");
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let variables = readme.split(|c| !is_name(c)).filter(|word| word.starts_with("HALLPASS_"));
    assert_eq!(judge_environment(variables), Ok(()));

    let workshop = Workshop::new();
    for command in ["demo", "serve"] {
        let help = workshop.run(&[command, "--help"], &[]).output;
        let lines = readme.lines().filter(|line| line.contains(&format!("hallpass {command} ")));
        for flag in lines.flat_map(str::split_whitespace).filter(|word| word.starts_with("--")) {
            let flag = flag.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
            assert!(
                help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n")),
                "{flag}"
            );
        }
    }

    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let apps = workshop.write("apps.toml", rest.split("```").next().unwrap());
    let (program, _) = workshop.serve(&["--apps", &apps], &[]);
    assert_eq!(program.stop("TERM").code, Some(0));
}
