//! Both engines are asked only for what sharded PostgreSQL engines understand as well, and every unique
//! key begins with what its table is distributed by (`docs/scale.md`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What some of them lack, or do in another way.
const FORBIDDEN: [&str; 24] = [
    "SERIAL",
    "BIGSERIAL",
    "SMALLSERIAL",
    "AUTOINCREMENT",
    "IDENTITY",
    "SEQUENCE",
    "NEXTVAL",
    "LISTEN",
    "NOTIFY",
    "PG_ADVISORY_LOCK",
    "PG_ADVISORY_XACT_LOCK",
    "PG_TRY_ADVISORY_LOCK",
    "PG_TRY_ADVISORY_XACT_LOCK",
    "TRIGGER",
    "FUNCTION",
    "PROCEDURE",
    "DEFERRABLE",
    "DOMAIN",
    "SKIP LOCKED",
    "TEMP",
    "TEMPORARY",
    "MERGE",
    "VIEW",
    "TYPE",
];

/// By what each table is distributed: the first column of its primary key.
const DISTRIBUTION: [(&str, &str); 16] = [
    ("account", "id"),
    ("api", "identifier"),
    ("change", "seq"),
    ("change_number", "id"),
    ("client", "id"),
    ("client_origin", "origin"),
    ("code", "key"),
    ("consent", "account_id"),
    ("profile", "account_id"),
    ("refresh_family", "authorization_id"),
    ("scope", "name"),
    ("sealed_key", "id"),
    ("session", "id"),
    ("session_client", "session_id"),
    ("sign_in_name", "name"),
    ("used_code", "key"),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files of an engine with this ending, in the order of their names.
fn files(engine: &str, ending: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![source().join(engine)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The SQL of a file: all of it, or the literals of a program in which there is a verb of SQL.
fn statements(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "sql") {
        return vec![words(&without_comments(&text))];
    }
    // Tests may look at an engine in its own way.
    let program = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let literals = literals(&without_line_comments(program));
    literals.iter().map(|literal| words(literal)).filter(|sql| is_statement(sql)).collect()
}

fn without_line_comments(program: &str) -> String {
    let lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn without_comments(sql: &str) -> String {
    sql.lines().map(|line| line.split("--").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The texts between quotation marks. (No file of ours has a raw text, or the mark as a character.)
fn literals(program: &str) -> Vec<String> {
    let (mut found, mut open, mut escaped) = (Vec::new(), None::<String>, false);
    for letter in program.chars() {
        match (&mut open, letter) {
            (Some(text), _) if escaped => {
                text.push(' ');
                escaped = false;
            }
            (Some(_), '\\') => escaped = true,
            (Some(_), '"') => found.extend(open.take()),
            (Some(text), _) => text.push(letter),
            (None, '"') => open = Some(String::new()),
            (None, _) => {}
        }
    }
    found
}

/// In capitals, words and signs with one space between them.
fn words(sql: &str) -> String {
    let spaced: String = sql
        .chars()
        .flat_map(|letter| match letter {
            '(' | ')' | ',' | ';' => vec![' ', letter, ' '],
            _ => letter.to_uppercase().collect(),
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_statement(sql: &str) -> bool {
    ["SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "WITH", "CREATE", "ALTER", "LEFT JOIN"]
        .iter()
        .any(|verb| contains(sql, verb))
}

fn contains(sql: &str, wanted: &str) -> bool {
    format!(" {sql} ").contains(&format!(" {wanted} "))
}

fn of_both_engines() -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for path in ["sqlite", "postgres"]
        .iter()
        .flat_map(|engine| [files(engine, "rs"), files(engine, "sql")].concat())
    {
        all.extend(statements(&path).into_iter().map(|sql| (path.clone(), sql)));
    }
    all
}

#[test]
fn no_statement_asks_for_what_sharded_engines_lack() {
    let all = of_both_engines();
    for known in
        ["CREATE TABLE CONSENT", "INSERT INTO REFRESH_FAMILY (", "DELETE FROM SESSION WHERE"]
    {
        let found = all.iter().filter(|(_, sql)| sql.contains(known)).count();
        assert!(found >= 2, "the scan finds no {known} of each engine");
    }
    for (path, sql) in all {
        for word in FORBIDDEN {
            assert!(!contains(&sql, word), "{}: {word} in {sql}", path.display());
        }
        assert!(!sql.contains("ADVISORY"), "{}: {sql}", path.display());
    }
}

#[test]
fn every_statement_names_its_columns() {
    for (path, sql) in of_both_engines() {
        assert!(!sql.contains("SELECT *") && !sql.contains(".*"), "{}: {sql}", path.display());
        for insert in sql.split("INSERT INTO ").skip(1) {
            let mut words = insert.split_whitespace();
            let (table, next) = (words.next(), words.next());
            assert_eq!(next, Some("("), "{}: {table:?} in {sql}", path.display());
        }
    }
}

/// Of each table the first columns of its primary key, its unique columns and its unique indexes, after
/// all steps.
fn unique_keys(engine: &str) -> BTreeMap<String, Vec<String>> {
    let mut keys = BTreeMap::<String, Vec<String>>::new();
    for path in files(engine, "sql") {
        let sql = words(&without_comments(&fs::read_to_string(path).unwrap()));
        for statement in sql.split(" ;") {
            let words: Vec<_> = statement.split_whitespace().collect();
            match words[..] {
                ["CREATE", "TABLE", table, ..] => {
                    keys.insert(table.to_lowercase(), keys_of_table(&words[3..]));
                }
                ["CREATE", "UNIQUE", "INDEX", _, "ON", table, "(", column, ..] => {
                    keys.entry(table.to_lowercase()).or_default().push(column.to_lowercase());
                }
                ["DROP", "TABLE", table, ..] => {
                    keys.remove(&table.to_lowercase());
                }
                ["ALTER", "TABLE", table, "RENAME", "TO", name] => {
                    let moved = keys.remove(&table.to_lowercase()).unwrap();
                    keys.insert(name.to_lowercase(), moved);
                }
                ["ALTER", "TABLE", table, "DROP", "COLUMN", column] => {
                    let keys = keys.get_mut(&table.to_lowercase()).unwrap();
                    keys.retain(|key| *key != column.to_lowercase());
                }
                _ => {}
            }
        }
    }
    keys
}

/// What is unique in the body of a CREATE TABLE, by its first column.
fn keys_of_table(body: &[&str]) -> Vec<String> {
    let mut keys = Vec::new();
    let (mut depth, mut column) = (0, "");
    for (at, word) in body.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 1 && matches!(*word, "(" | ",") {
            column = body.get(at + 1).copied().unwrap_or_default();
        }
        let begins = match (*word, body.get(at + 1).copied()) {
            ("PRIMARY", Some("KEY")) => body.get(at + 2) == Some(&"("),
            ("UNIQUE", _) => body.get(at + 1) == Some(&"("),
            _ => continue,
        };
        let named = if begins {
            let list = &body[at..];
            let open = list.iter().position(|word| *word == "(").unwrap();
            list[open + 1]
        } else {
            column
        };
        keys.push(named.to_lowercase());
    }
    keys
}

#[test]
fn every_unique_key_begins_with_what_its_table_is_distributed_by() {
    let expected: BTreeMap<_, _> = DISTRIBUTION
        .iter()
        .map(|(table, column)| ((*table).to_owned(), vec![(*column).to_owned()]))
        .collect();
    for engine in ["sqlite", "postgres"] {
        assert_eq!(unique_keys(engine), expected, "{engine}");
    }
}

#[test]
fn the_document_distributes_the_tables_by_the_same_columns() {
    let scale = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scale.md");
    let scale = fs::read_to_string(scale).unwrap();
    for (table, column) in DISTRIBUTION {
        let row = format!("| `{table}` | `{column}` |");
        assert!(scale.contains(&row), "docs/scale.md has no row {row}");
    }
}
