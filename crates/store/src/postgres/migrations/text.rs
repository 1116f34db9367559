//! Reading the steps: their statements, and the columns that they make.
//!
//! This reads our own files only, which keep to one form: `--` begins a comment, a column has a line of
//! its own, and nothing but a statement's end and a quoted text holds a semicolon. That what it says of
//! the columns is so is tested against the engine.

use std::collections::BTreeSet;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::postgres) struct Column {
    pub(in crate::postgres) table: String,
    pub(in crate::postgres) name: String,
}

/// The statements of a step, with the comments that stand between them.
pub(super) fn statements(step: &str) -> impl Iterator<Item = &str> {
    let mut rest = step;
    std::iter::from_fn(move || {
        let end = end_of_statement(rest)?;
        let (statement, others) = rest.split_at(end);
        rest = others.get(1..).unwrap_or_default();
        Some(statement.trim())
    })
}

/// Where the first semicolon stands that is in no comment and no quotes.
fn end_of_statement(sql: &str) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_comment = false;
    let mut before = ' ';
    for (at, character) in sql.char_indices() {
        match character {
            '\n' => is_comment = false,
            '-' if before == '-' && !is_quoted => is_comment = true,
            '\'' if !is_comment => is_quoted = !is_quoted,
            ';' if !is_comment && !is_quoted => return Some(at),
            _ => {}
        }
        before = character;
    }
    None
}

/// The columns that there are after these steps.
pub(super) fn columns<'a>(steps: impl Iterator<Item = &'a str>) -> BTreeSet<Column> {
    let mut columns = BTreeSet::new();
    for statement in steps.flat_map(statements) {
        let code: Vec<&str> = statement.lines().map(without_comment).collect();
        let words: Vec<&str> = code.iter().flat_map(|line| line.split_whitespace()).collect();
        match words.as_slice() {
            ["CREATE", "TABLE", table, ..] => {
                columns.extend(code.iter().filter_map(|line| declared(table, line)));
            }
            ["ALTER", "TABLE", table, "ADD", "COLUMN", name, ..] => {
                columns.insert(column(table, name));
            }
            ["ALTER", "TABLE", table, "DROP", "COLUMN", name] => {
                columns.remove(&column(table, name));
            }
            ["ALTER", "TABLE", old, "RENAME", "TO", new] => rename(&mut columns, old, new),
            ["DROP", "TABLE", table] => columns.retain(|column| column.table != *table),
            _ => {}
        }
    }
    columns
}

fn without_comment(line: &str) -> &str {
    line.split("--").next().unwrap_or_default()
}

/// The column of a line within `CREATE TABLE`. Keys and references begin with capitals.
fn declared(table: &str, line: &str) -> Option<Column> {
    let name = line.strip_prefix("    ")?.split_whitespace().next()?;
    name.starts_with(|first: char| first.is_ascii_lowercase()).then(|| column(table, name))
}

fn column(table: &str, name: &str) -> Column {
    Column { table: table.to_owned(), name: name.to_owned() }
}

fn rename(columns: &mut BTreeSet<Column>, old: &str, new: &str) {
    let renamed = |column: Column| match column.table == old {
        true => Column { table: new.to_owned(), ..column },
        false => column,
    };
    *columns = std::mem::take(columns).into_iter().map(renamed).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: &str = "-- One; two.
CREATE TABLE note (
    id BIGINT NOT NULL, -- its number; by us
    text TEXT NOT NULL DEFAULT ';',
    PRIMARY KEY (id)
);

INSERT INTO note (id, text) VALUES (1, '-- it''s; so');
";

    #[test]
    fn a_semicolon_in_a_comment_or_in_quotes_ends_nothing() {
        let statements: Vec<_> = statements(STEP).collect();
        assert_eq!(statements.len(), 2, "{statements:?}");
        assert!(statements[0].ends_with(')'));
        assert!(statements[1].starts_with("INSERT") && statements[1].ends_with("so')"));
    }

    #[test]
    fn columns_are_those_of_the_last_state() {
        let later = "ALTER TABLE note ADD COLUMN at BIGINT; ALTER TABLE note DROP COLUMN text;
            ALTER TABLE note RENAME TO letter; CREATE TABLE gone (
    id BIGINT
); DROP TABLE gone;";
        let columns = columns([STEP, later].into_iter());
        assert_eq!(columns, BTreeSet::from([column("letter", "at"), column("letter", "id")]));
    }
}
