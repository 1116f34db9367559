//! That `tests/refusals.md` tells the truth: it names tests that exist, it leaves no row of the
//! authorization endpoint, redirect URIs, consent and the token service out, and it forgets none of
//! their tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The sections that this much of the product must answer whole, each with its last row.
const WHOLE: [(&str, u32); 12] = [
    ("AZ", 56),
    ("RU", 27),
    ("CO", 16),
    ("PK", 11),
    ("TK", 29),
    ("CA", 18),
    ("RF", 18),
    ("IN", 9),
    ("RV", 8),
    ("LO", 8),
    ("SF", 8),
    ("UI", 11),
];

/// One row: the id, the tests as `file::function`, and the words beside them.
struct Row {
    id: String,
    tests: Vec<String>,
    words: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("crates/server/tests/refusals.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = lines.map(|line| line.split(" | ").collect::<Vec<_>>());
    let rows = cells.filter(|cells| cells[0].contains('-')).map(|cells| {
        let [id, told] = cells[..] else { panic!("a row of two cells: {cells:?}") };
        let (mut tests, mut words) = (Vec::new(), String::new());
        for (place, piece) in told.split('`').enumerate() {
            match place % 2 {
                1 if piece.contains("::") => tests.push(piece.to_owned()),
                _ => words.push_str(piece),
            }
        }
        Row { id: id.to_owned(), tests, words: words.replace("<br>", "").trim().to_owned() }
    });
    rows.collect()
}

/// The names of all functions in a source.
fn functions(file: &Path) -> BTreeSet<String> {
    let source = fs::read_to_string(file).unwrap_or_else(|_| panic!("{}", file.display()));
    let names = source.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
    names.map(str::to_owned).collect()
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|extension| extension.to_str()) {
            None if path.is_dir() => sources(&path, found),
            Some("rs") => found.push(path),
            _ => {}
        }
    }
}

#[test]
fn every_test_that_the_table_names_exists() {
    for row in rows() {
        for test in &row.tests {
            let (file, function) = test.rsplit_once("::").unwrap();
            let known = functions(&root().join(file));
            assert!(known.contains(function), "{}: there is no {test}", row.id);
        }
    }
}

#[test]
fn every_row_is_tested_or_says_why_not() {
    let rows = rows();
    let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    let unique: BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "a row stands twice");
    for (section, last) in WHOLE {
        for number in 1..=last {
            let id = format!("{section}-{number:02}");
            assert!(ids.contains(&&*id), "{id} is not in the table");
        }
    }
    for row in rows {
        assert!(!row.tests.is_empty() || !row.words.is_empty(), "{}: why?", row.id);
    }
}

#[test]
fn every_test_that_bears_an_id_of_these_sections_is_in_the_table() {
    let listed: BTreeSet<String> = rows().into_iter().flat_map(|row| row.tests).collect();
    let mut files = Vec::new();
    sources(&root().join("crates/protocol/tests"), &mut files);
    sources(&root().join("crates/server/tests"), &mut files);
    for file in files {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        for function in functions(&file) {
            let bears = |section: &str| {
                let number = function.strip_prefix(&format!("{section}_").to_lowercase());
                number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
            };
            if WHOLE.iter().any(|(section, _)| bears(section)) {
                let name = format!("{path}::{function}");
                assert!(listed.contains(&name), "{name} is not in the table");
            }
        }
    }
}
