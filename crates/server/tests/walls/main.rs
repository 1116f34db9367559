//! The inner walls: who may import whom inside a crate, and between the crates.
//!
//! Cargo keeps dependencies from being circular and clippy keeps single functions out (each crate's
//! `clippy.toml`); these tests read the sources and manifests and keep the rest of the section "Who
//! may import whom" of ARCHITECTURE.md. The reader of `use` lines (`source.rs`) and this judge of
//! them are themselves tested, on planted violations.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use source::{Source, files, imports, sources};

// --- the arrows between crates -------------------------------------------------------------------

/// Every crate of the workspace, and the workspace's crates that it may depend on.
const CRATE_ARROWS: [(&str, &[&str]); 6] = [
    ("crates/protocol", &[]),
    ("crates/store", &["hallpass-protocol"]),
    ("crates/guard", &["hallpass-protocol"]),
    ("examples/web-api", &["hallpass-guard", "hallpass-protocol"]),
    // It measures from outside.
    ("bench", &[]),
    (
        "crates/server",
        &["hallpass-protocol", "hallpass-store", "hallpass-guard", "hallpass-web-api"],
    ),
];

/// Crates that could do for `protocol` what clippy forbids it to do itself.
const OUTSIDE_WORLD: [&str; 10] = [
    "tokio",
    "hyper",
    "axum",
    "reqwest",
    "rusqlite",
    "rand",
    "getrandom",
    "jiff",
    "chrono",
    "clap",
];

#[test]
fn every_crate_depends_only_on_the_crates_further_in() {
    for (folder, allowed) in CRATE_ARROWS {
        for dependency in dependencies(folder, &["dependencies", "dev-dependencies"]) {
            let inside = dependency.starts_with("hallpass");
            assert!(
                !inside || allowed.contains(&dependency.as_str()),
                "{folder} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn every_crate_of_the_workspace_has_its_arrows_written_here() {
    let manifest = manifest("");
    let members = manifest["workspace"]["members"].as_array().unwrap();
    for member in members {
        let member = member.as_str().unwrap();
        assert!(
            CRATE_ARROWS.iter().any(|(folder, _)| *folder == member),
            "say in CRATE_ARROWS what {member} may depend on"
        );
    }
}

#[test]
fn protocol_has_few_dependencies_and_none_that_reaches_outside() {
    let direct = dependencies("crates/protocol", &["dependencies"]);
    assert!(direct.len() <= 8, "protocol has {} direct dependencies: {direct:?}", direct.len());
    for crate_name in OUTSIDE_WORLD {
        assert!(!direct.contains(crate_name), "protocol is pure; {crate_name} is not");
    }
}

#[test]
fn every_dependency_says_why_it_is_here() {
    let text = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let section = text.split("[workspace.dependencies]").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    for line in section.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')) {
        assert!(line.contains("path = ") || line.contains("# "), "no reason given: {line}");
    }
}

// --- the arrows inside crates --------------------------------------------------------------------

/// Inside `protocol`, the rooms that every endpoint may use; each uses only `model` and those before it.
const PROTOCOL_SHARED: [&str; 9] = [
    "pkce",
    "jose",
    "client_auth",
    "sealed",
    "code",
    "access_token",
    "issuer",
    "claims",
    "id_token",
];

/// Inside `store`, what the engines share; they never use one another.
const STORE_SHARED: [&str; 3] = ["row", "names", "transfer"];

/// Inside `store`, what knows both engines.
const STORE_ASSEMBLY: [&str; 3] = ["lib", "location", "ends"];

/// Inside `server`, what every folder may use, with what the state is made of; none of these may use
/// a folder.
const SERVER_SHARED: [&str; 17] = [
    "state",
    "clock",
    "config",
    "departure",
    "fault",
    "hashing",
    "hearing",
    "http",
    "keyring",
    "layout",
    "outgoing",
    "randomness",
    "remembered",
    "revocations",
    "sessions",
    "signing",
    "suggest",
];

/// Inside `server`, those that put the folders together, and what runs beside them until the end.
const SERVER_ASSEMBLY: [&str; 10] = [
    "main",
    "lib",
    "router",
    "command",
    "demo",
    "installation",
    "node",
    "operator",
    "upkeep",
    "logout_notices",
];

#[test]
fn inside_protocol_endpoints_never_import_each_other() {
    keep_arrows("crates/protocol", |from, to| match from {
        "lib" => true,
        "model" => false,
        room => {
            let place = PROTOCOL_SHARED.iter().position(|shared| *shared == room);
            let usable = &PROTOCOL_SHARED[..place.unwrap_or(PROTOCOL_SHARED.len())];
            to == "model" || usable.contains(&to)
        }
    });
}

#[test]
fn inside_store_engines_never_import_each_other() {
    keep_arrows("crates/store", |from, to| {
        STORE_ASSEMBLY.contains(&from) || to == "lib" || STORE_SHARED.contains(&to)
    });
}

#[test]
fn inside_server_folders_never_import_each_other() {
    keep_arrows("crates/server", |from, to| {
        SERVER_ASSEMBLY.contains(&from) || SERVER_SHARED.contains(&to)
    });
}

#[test]
fn only_redirect_rs_writes_a_location_header() {
    for source in sources(&workspace().join("crates/server/src")) {
        if source.path.ends_with("http/redirect.rs") {
            continue;
        }
        let written = source.text.contains("LOCATION") || source.raw.contains("\"location\"");
        assert!(!written, "{}: answer with http/redirect.rs instead", source.path.display());
    }
}

#[test]
fn no_page_has_anything_inline_or_from_elsewhere() {
    let src = workspace().join("crates/server/src");
    let templates = files(&src, "html");
    assert!(!templates.is_empty(), "no template found");
    for (path, html) in templates {
        for (number, line) in html.lines().enumerate() {
            let inline = line.contains(" style=")
                || line.contains("<style")
                || line.contains("<script>")
                || line.contains(" onclick=")
                || line.contains("javascript:");
            let elsewhere = ["src=\"http", "href=\"http", "src=\"//", "href=\"//"];
            let elsewhere = elsewhere.iter().any(|address| line.contains(address));
            assert!(
                !inline && !elsewhere,
                "{}:{}: the content security policy forbids this: {line}",
                path.display(),
                number + 1
            );
        }
    }
}

/// Panics with every line of `crate_folder` that imports against `may_import(from, to)`. A room is
/// the first name of a path inside the crate; `lib` is what lies in `lib.rs` itself.
fn keep_arrows(crate_folder: &str, may_import: impl Fn(&str, &str) -> bool) {
    let sources = sources(&workspace().join(crate_folder).join("src"));
    assert!(!sources.is_empty(), "no source found in {crate_folder}");
    let rooms: BTreeSet<String> = sources.iter().map(|source| source.room.clone()).collect();
    let wrong: Vec<String> =
        sources.iter().flat_map(|source| violations(source, &rooms, &may_import)).collect();
    assert!(wrong.is_empty(), "imports against ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

fn violations(
    source: &Source,
    rooms: &BTreeSet<String>,
    may_import: &impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (line, name) in imports(source) {
        // A name that is no file is an item of lib.rs.
        let to = if rooms.contains(&name) { name.as_str() } else { "lib" };
        if name == "*" || (to != source.room && !may_import(&source.room, to)) {
            wrong.push(format!("  {}:{line}: {} -> {name}", source.path.display(), source.room));
        }
    }
    wrong
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manifest(folder: &str) -> toml::Table {
    let text = std::fs::read_to_string(workspace().join(folder).join("Cargo.toml")).unwrap();
    text.parse().unwrap()
}

fn dependencies(folder: &str, tables: &[&str]) -> BTreeSet<String> {
    let manifest = manifest(folder);
    let tables = tables.iter().filter_map(|table| manifest.get(*table)?.as_table());
    tables.flat_map(|table| table.keys().cloned()).collect()
}

// --- the judge, tried on planted lines -----------------------------------------------------------

mod planted_violations {
    use super::*;

    fn planted(path: &str, text: &str) -> Vec<String> {
        let rooms = ["state", "authorize", "sign_in"].map(str::to_owned).into();
        let source = Source::new(Path::new(path), text.to_owned());
        violations(&source, &rooms, &|_, to| to == "state")
    }

    #[test]
    fn a_folder_that_imports_another_is_found() {
        let found =
            planted("authorize/mod.rs", "use crate::state::App;\nuse crate::sign_in::Page;\n");
        assert_eq!(found, ["  authorize/mod.rs:2: authorize -> sign_in"]);
    }

    #[test]
    fn a_violation_hidden_in_a_group_or_in_a_body_is_found() {
        let grouped = "use crate::{\n    state::{App, Clock},\n    sign_in,\n};\n";
        assert_eq!(planted("authorize/query.rs", grouped).len(), 1);
        let in_body = "fn f() { crate::sign_in::page(); }";
        assert_eq!(planted("authorize/query.rs", in_body).len(), 1);
    }

    #[test]
    fn a_violation_by_super_is_found() {
        assert_eq!(planted("authorize/mod.rs", "use super::sign_in::Page;\n").len(), 1);
        assert_eq!(planted("authorize.rs", "use super::sign_in::Page;\n").len(), 1);
        assert_eq!(planted("authorize/query.rs", "use super::super::sign_in::Page;\n").len(), 1);
        let in_tests = "mod tests {\n    use super::super::sign_in::Page;\n}\n";
        assert_eq!(planted("authorize/mod.rs", in_tests).len(), 1);
    }

    #[test]
    fn the_own_room_and_the_allowed_ones_are_no_violation() {
        let own = "use crate::authorize::query::Query;\nuse super::query::Query;\nuse self::query::Query;\n";
        assert!(planted("authorize/answer.rs", own).is_empty());
        let tests = concat!(
            "use crate::state::App;\n#[cfg(test)]\nmod tests {\n    use super::*;\n",
            "    use super::super::query::Query;\n}\n",
        );
        assert!(planted("authorize/answer.rs", tests).is_empty());
    }

    #[test]
    fn everything_at_once_is_refused() {
        assert_eq!(planted("authorize/query.rs", "use crate::*;\n").len(), 1);
    }
}
