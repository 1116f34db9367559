//! Data directories that `hallpass serve` refuses. Each time it says what is wrong and who can mend
//! it, ends with code 1, and leaves everything as it was.

use crate::support::Workshop;

/// Serves the directory `data` and expects `parts` in the refusal, and nothing changed.
#[track_caller]
fn refuses(workshop: &Workshop, variables: &[(&str, &str)], parts: &[&str]) {
    let before = workshop.picture("data");
    workshop.refused(&[], variables).said(1, parts);
    let names = |picture: &[(String, u32, Vec<u8>)]| -> Vec<String> {
        picture.iter().map(|(name, ..)| name.clone()).collect()
    };
    let after = workshop.picture("data");
    assert_eq!(names(&before), names(&after));
    assert!(before == after, "a file was changed");
}

/// Puts a big-endian number into the header of the database.
fn stamp(workshop: &Workshop, offset: usize, number: u32) {
    let path = workshop.path("data/hallpass.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[offset..offset + 4].copy_from_slice(&number.to_be_bytes());
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn st_07_a_database_of_a_newer_version_is_refused() {
    let workshop = Workshop::installed();
    stamp(&workshop, 60, 99);
    let parts = ["hallpass.db was written by a newer version", "schema 99", "Start that version"];
    refuses(&workshop, &[], &parts);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let workshop = Workshop::installed();
    stamp(&workshop, 68, 0x0bad_cafe);
    refuses(&workshop, &[], &["is not a database of hallpass", "Choose another data directory"]);
    workshop.write("data/hallpass.db", &"not a database at all, by any means. ".repeat(9));
    refuses(&workshop, &[], &["is not a database of hallpass"]);
}

#[test]
fn a_database_that_another_hallpass_holds_is_refused_and_that_one_serves_on() {
    let workshop = Workshop::installed();
    let (program, address) = workshop.serve(&[], &[]);
    workshop.refused(&[], &[]).said(1, &["is in use by another process", "Stop that one first"]);
    assert_eq!(crate::support::Browser::at(address).get("/").status, 200);
    assert_eq!(program.stop("TERM").code, Some(0));
}

#[test]
fn a_master_key_that_is_gone_is_asked_for() {
    let workshop = Workshop::installed();
    std::fs::remove_file(workshop.path("data/master.key")).unwrap();
    refuses(&workshop, &[], &["master.key", "Put the file back", "HALLPASS_MASTER_KEY"]);
}

#[test]
fn st_08_a_master_key_that_others_can_read_is_refused() {
    let workshop = Workshop::installed();
    workshop.set_mode("data/master.key", 0o644);
    refuses(&workshop, &[], &["others can read the master key (mode 644)", "chmod 600 "]);
}

#[test]
fn a_wrong_master_key_is_refused_wherever_it_lies() {
    let workshop = Workshop::installed();
    let right = std::fs::read_to_string(workshop.path("data/master.key")).unwrap();
    let wrong = "A".repeat(43);
    let parts = ["Put back the master key that belongs to this database"];
    refuses(&workshop, &[("HALLPASS_MASTER_KEY", &wrong)], &parts);
    std::fs::write(workshop.path("data/master.key"), &wrong).unwrap();
    refuses(&workshop, &[], &parts);
    refuses(&workshop, &[("HALLPASS_MASTER_KEY", "short")], &["43 characters of base64url"]);
    std::fs::write(workshop.path("data/master.key"), "short").unwrap();
    refuses(&workshop, &[], &["this is not a master key", "Put the right file back"]);

    let (program, _) = workshop.serve(&[], &[("HALLPASS_MASTER_KEY", right.trim())]);
    let ended = program.stop("TERM");
    assert_eq!(ended.code, Some(0));
    assert!(!ended.log.contains(right.trim()), "not in the log");
}

#[test]
fn a_wrong_master_key_makes_no_directory() {
    let workshop = Workshop::new();
    workshop.refused(&[], &[("HALLPASS_MASTER_KEY", "")]).said(1, &["is not a master key"]);
    assert_eq!(workshop.list(""), [""; 0]);
}

#[test]
fn a_master_key_from_the_environment_leaves_no_file() {
    let workshop = Workshop::new();
    let key = "mQ7vN0kZ3sYp1bXc5dRf8gThJ2lWnVu4oAi6eEyCx-M";
    let (program, _) = workshop.serve(&[], &[("HALLPASS_MASTER_KEY", key)]);
    assert!(!workshop.list("data").iter().any(|name| name == "master.key"));
    assert_eq!(program.stop("TERM").code, Some(0));
    let (program, _) = workshop.serve(&[], &[("HALLPASS_MASTER_KEY", key)]);
    assert_eq!(program.stop("TERM").code, Some(0));
}

#[test]
fn st_06_a_database_that_is_gone_is_not_made_anew_beside_its_key() {
    let workshop = Workshop::installed();
    std::fs::remove_file(workshop.path("data/hallpass.db")).unwrap();
    let parts = ["the master key is here, but its database is gone", "Restore the database"];
    refuses(&workshop, &[], &parts);
}

#[test]
fn st_06_a_database_that_was_emptied_is_not_made_anew_beside_its_key() {
    let workshop = Workshop::installed();
    std::fs::write(workshop.path("data/hallpass.db"), "").unwrap();
    let parts = ["the master key is here, but its database is gone", "Restore the database"];
    refuses(&workshop, &[], &parts);
}

#[test]
fn a_file_in_the_place_of_the_directory_is_told() {
    let workshop = Workshop::new();
    let data = workshop.write("data", "a file");
    workshop.refused(&[], &[]).said(1, &[&data]);
    assert_eq!(std::fs::read(workshop.path("data")).unwrap(), b"a file");
}

#[test]
fn an_apps_file_that_cannot_be_read_is_named() {
    let workshop = Workshop::new();
    workshop.refused(&["--apps", "nowhere.toml"], &[]).said(1, &["nowhere.toml"]);
}
