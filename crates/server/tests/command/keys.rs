//! `hallpass key`: beside a server, and without one.

use std::os::unix::fs::FileTypeExt as _;

use serde_json::Value;

use crate::support::{Browser, Schema, Workshop};

impl Workshop {
    /// What `hallpass key` answers with, for the installation in the directory `data`.
    fn key(&self, arguments: &[&str]) -> Value {
        self.key_with(arguments, &[])
    }

    /// The same with these variables.
    fn key_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
        let data = self.text("data");
        let arguments = [&["key"], arguments, &["--data", &data, "--json"]].concat();
        let ended = self.run(&arguments, variables);
        assert_eq!((ended.code, &*ended.log), (Some(0), ""), "{arguments:?}");
        serde_json::from_str(&ended.output).unwrap()
    }

    /// The ids of the keys that are in this state.
    fn keys(&self, state: &str) -> Vec<String> {
        let listed = self.key(&["list"]);
        let listed = listed.as_array().unwrap().iter().filter(|key| key["state"] == state);
        listed.map(|key| key["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn the_keys_are_the_same_beside_a_server_and_without_one() {
    let workshop = Workshop::installed();
    let before = workshop.keys("active");
    assert_eq!(before.len(), 7, "four that nobody sees, and three that sign");

    let (program, _) = workshop.serve(&[], &[]);
    assert_eq!(workshop.keys("active"), before);
    let rotated = workshop.key(&["rotate", "--purpose", "form"]);
    assert_eq!(
        (rotated[0]["is_new"].as_bool(), rotated.as_array().unwrap().len()),
        (Some(true), 1)
    );
    let coming = workshop.keys("coming");
    assert_eq!(coming, [rotated[0]["key"]["id"].as_str().unwrap()]);
    assert_eq!(program.stop("TERM").code, Some(0));

    assert_eq!(workshop.keys("coming"), coming);
    let again = workshop.key(&["rotate"]);
    let is_new: Vec<_> =
        again.as_array().unwrap().iter().map(|rotated| rotated["is_new"] == true).collect();
    assert_eq!(is_new, [true, false, true, true, true, true], "one at a time");
    assert_eq!((workshop.keys("coming").len(), workshop.keys("active")), (6, before));
}

#[test]
fn a_revoked_key_is_gone_at_once_from_the_server_that_runs() {
    let workshop = Workshop::installed();
    let (_program, address) = workshop.serve(&[], &[]);
    let published = || -> Vec<String> {
        let keys: Value = serde_json::from_str(&Browser::at(address).get("/jwks").body).unwrap();
        let keys = keys["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let before = published();
    let key = &before[0];
    let ended = workshop.key(&["revoke", key, "--yes"]);
    assert_eq!(ended["key"]["id"], **key);
    let after = published();
    assert!(after.contains(&ended["successor"]["id"].as_str().unwrap().to_owned()));
    assert!(!after.contains(key) && after.len() == before.len());

    let data = workshop.text("data");
    let again = workshop.run(&["key", "revoke", key, "--yes", "--data", &data], &[]);
    again.said(1, &[&format!("there is no key {key}"), "hallpass key list"]);
}

/// The command and the server are two processes at one database: the server hears of what was changed.
#[test]
fn on_postgresql_the_server_that_runs_hears_of_other_keys() {
    let (workshop, schema) = (Workshop::new(), Schema::new());
    let url = schema.url();
    let database = [("HALLPASS_DATABASE", &*url)];
    let (_program, address) = workshop.serve(&[], &database);
    let listed = workshop.key_with(&["list"], &database);
    let is_it = |key: &&Value| key["purpose"] == "sign-es256";
    let key = listed.as_array().unwrap().iter().find(is_it).unwrap()["id"].as_str().unwrap();
    let published = || Browser::at(address).get("/jwks").body;
    assert!(published().contains(key), "{listed}");

    let ended = workshop.key_with(&["revoke", key, "--yes"], &database);
    while published().contains(key) {}
    assert!(published().contains(ended["successor"]["id"].as_str().unwrap()));
    assert_eq!(workshop.list("data"), ["master.key"], "nobody needs a socket");
}

#[test]
fn nothing_is_revoked_that_nobody_has_agreed_to() {
    let workshop = Workshop::installed();
    let before = workshop.keys("active");
    let arguments = ["key", "revoke", &before[0], "--data", &workshop.text("data")];
    workshop.run(&arguments, &[]).said(1, &["nobody to ask", "--yes"]);
    assert_eq!(workshop.keys("active"), before);
}

#[test]
fn the_key_of_pairwise_subjects_is_listed_and_left_alone() {
    let workshop = Workshop::installed();
    let listed = workshop.key(&["list"]);
    let is_it = |key: &&Value| key["purpose"] == "pairwise-subject";
    let key = listed.as_array().unwrap().iter().find(is_it).unwrap();
    assert_eq!((&key["state"], &key["until"]), (&"active".into(), &Value::Null));
    let (id, data) = (key["id"].as_str().unwrap(), workshop.text("data"));
    let told = ["the pairwise-subject key is one for ever", "another subject"];
    for act in [
        &["revoke", id, "--yes"][..],
        &["revoke", id],
        &["rotate", "--purpose", "pairwise-subject"],
    ] {
        let arguments = [&["key"], act, &["--data", &data]].concat();
        workshop.run(&arguments, &[]).said(1, &told);
    }
    assert_eq!(workshop.key(&["list"]), listed);
    let shown = workshop.run(&["key", "list", "--data", &data], &[]).output;
    let line = shown.lines().find(|line| line.contains("pairwise-subject")).unwrap();
    assert!(line.starts_with(id) && line.ends_with("for ever"), "{line}");
}

#[test]
fn the_operators_socket_is_its_owners_and_goes_with_the_server() {
    let workshop = Workshop::installed();
    let (program, _) = workshop.serve(&[], &[]);
    let socket = "data/operator.sock";
    assert!(workshop.path(socket).symlink_metadata().unwrap().file_type().is_socket());
    assert_eq!((workshop.mode(socket), workshop.mode("data")), (0o600, 0o700));
    // Killed, it leaves the socket behind; the next server has its own in that place.
    program.stop("KILL");
    assert!(workshop.path(socket).exists());
    let (program, _) = workshop.serve(&[], &[]);
    assert_eq!(workshop.keys("active").len(), 7);
    assert_eq!(program.stop("TERM").code, Some(0));
    assert!(!workshop.path(socket).exists());
}

#[test]
fn where_neither_way_works_the_command_says_why() {
    let workshop = Workshop::new();
    let data = workshop.text("data");
    let list = ["key", "list", "--data", &data];
    workshop.run(&list, &[]).said(1, &["there is no database here", "--data"]);
    assert_eq!(workshop.list(""), [""; 0], "nothing was made");

    let (program, _) = workshop.serve(&[], &[]);
    std::fs::remove_file(workshop.path("data/operator.sock")).unwrap();
    workshop.run(&list, &[]).said(1, &["in use by another process", "no server answers"]);
    assert_eq!(program.stop("TERM").code, Some(0));

    let other = [("HALLPASS_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    workshop.run(&list, &other).said(1, &["Put back the master key"]);
    std::fs::remove_file(workshop.path("data/master.key")).unwrap();
    workshop.run(&list, &[]).said(1, &["the master key of this database is not here"]);
}

#[test]
fn a_wrong_id_or_purpose_is_refused_with_the_right_ones() {
    let workshop = Workshop::new();
    workshop.run(&["key", "revoke", "7"], &[]).said(2, &["eight hexadecimal digits"]);
    let purposes = ["access-token", "sign-rs256"];
    workshop.run(&["key", "rotate", "--purpose", "token"], &[]).said(2, &purposes);
}
