//! The command line: its help, and arguments that make no sense.

use crate::support::Workshop;

#[test]
fn each_commands_help_shows_examples() {
    let workshop = Workshop::new();
    for command in ["demo", "serve"] {
        let ended = workshop.run(&[command, "--help"], &[]);
        assert_eq!(ended.code, Some(0));
        assert!(ended.output.contains("Examples:"), "{}", ended.output);
        assert!(ended.output.contains(&format!("  hallpass {command}\n")), "{}", ended.output);
    }
    let ended = workshop.run(&["--help"], &[]);
    for part in ["demo", "key", "serve", "The accounts service"] {
        assert!(ended.output.contains(part), "{}", ended.output);
    }
}

#[test]
fn the_help_never_shows_the_master_key() {
    let key = "mQ7vN0kZ3sYp1bXc5dRf8gThJ2lWnVu4oAi6eEyCx-M";
    let ended = Workshop::new().run(&["serve", "--help"], &[("HALLPASS_MASTER_KEY", key)]);
    assert_eq!(ended.code, Some(0));
    assert!(!ended.output.contains(key), "{}", ended.output);
}

#[test]
fn a_wrong_word_is_refused_with_the_nearest_right_one() {
    let workshop = Workshop::new();
    for (arguments, nearest) in [
        (vec!["serv"], "'serve'"),
        (vec!["serve", "--lisen", "127.0.0.1:0"], "'--listen'"),
        (vec!["serve", "--token-lifetme", "60"], "'--token-lifetime'"),
        (vec!["demo", "--apiport", "0"], "'--api-port'"),
        (vec!["serve", "--unknown-scopes", "ignre"], "'ignore'"),
    ] {
        let ended = workshop.run(&arguments, &[]);
        ended.said(2, &["error:", nearest]);
    }
    assert_eq!(workshop.list(""), [""; 0], "nothing was made");
}

#[test]
fn a_value_that_cannot_be_read_is_refused_with_its_flag() {
    let workshop = Workshop::new();
    for arguments in [
        ["serve", "--listen", "8080"],
        ["serve", "--token-lifetime", "an hour"],
        ["serve", "--hashing-threads", "all"],
        ["serve", "--allow-localhost", "maybe"],
        ["demo", "--port", "65536"],
    ] {
        workshop.run(&arguments, &[]).said(2, &[arguments[1]]);
    }
    workshop.run(&["serve", "stray"], &[]).said(2, &["stray"]);
    workshop.run(&[], &[]).said(2, &["Usage: hallpass <COMMAND>"]);
    assert_eq!(workshop.list(""), [""; 0], "nothing was made");
}
