//! Reads Rust sources as far as the walls need: which names of the crate's root a file imports.

use std::path::{Path, PathBuf};

/// One source file.
pub(crate) struct Source {
    /// Inside the crate's `src`.
    pub(crate) path: PathBuf,
    /// `authorize` for `authorize/mod.rs`, `authorize/query.rs` and `authorize.rs`.
    pub(crate) room: String,
    /// As written.
    pub(crate) raw: String,
    /// Without comments and string literals, line numbers kept.
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &Path, raw: String) -> Source {
        let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = first.trim_end_matches(".rs").to_owned();
        let text = without_comments_and_strings(&raw);
        Source { path: path.to_owned(), room, raw, text }
    }

    /// How many `super` lead from here to the crate's root, outside and inside an inline module.
    fn depth(&self) -> usize {
        let names = self.path.components().count();
        let is_root = ["lib.rs", "main.rs"].iter().any(|root| self.path == Path::new(root));
        if is_root || self.path.ends_with("mod.rs") { names - 1 } else { names }
    }
}

/// The names that a file imports from the crate's root, each with its line: `crate::a`,
/// `crate::{a, b::c}`, and as many `super::` as lead there. `*` stands for all of them.
pub(crate) fn imports(source: &Source) -> Vec<(usize, String)> {
    let text = source.text.as_str();
    let tests = first_inline_module(text);
    let mut found = Vec::new();
    for (at, start) in text.match_indices("crate::").chain(text.match_indices("super::")) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | ':')) {
            continue;
        }
        let mut rest = &text[at + start.len()..];
        if start == "super::" {
            let mut climbed = 1;
            while let Some(further) = rest.strip_prefix("super::") {
                (rest, climbed) = (further, climbed + 1);
            }
            // The tests at the bottom are a module of their own, so one level further in.
            if climbed < source.depth() + usize::from(at >= tests) {
                continue;
            }
        }
        let line = text[..at].matches('\n').count() + 1;
        found.extend(first_names(rest).into_iter().map(|name| (line, name)));
    }
    found
}

/// The first names of what follows `crate::`: of `a::b` it is `a`, of `{a::b, c}` they are `a`, `c`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![first_name(path)];
    };
    let mut names = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(first_name(&group[start..at]));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_name(path: &str) -> String {
    let path = path.trim_start();
    if path.starts_with('*') {
        return "*".to_owned();
    }
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Where the first `mod name {` begins, or the end.
fn first_inline_module(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        if code.starts_with("mod ") && code.trim_end().ends_with('{') {
            return at;
        }
        at += line.len();
    }
    text.len()
}

/// Blanks comments and string literals. Enough of Rust's grammar for code that rustfmt has seen: raw
/// strings and character literals included, nested block comments not.
fn without_comments_and_strings(raw: &str) -> String {
    let letters: Vec<char> = raw.chars().collect();
    let mut text = String::with_capacity(raw.len());
    let mut at = 0;
    while at < letters.len() {
        let end = skipped_until(&letters, at);
        if end == at {
            text.push(letters[at]);
            at += 1;
        } else {
            text.extend(letters[at..end].iter().filter(|c| **c == '\n'));
            at = end;
        }
    }
    text
}

/// The end of the comment or literal that begins at `at`; `at` itself if none does.
fn skipped_until(letters: &[char], at: usize) -> usize {
    let rest = &letters[at..];
    let find = |from: usize, what: &str| {
        let what: Vec<char> = what.chars().collect();
        let found = rest[from..].windows(what.len()).position(|window| window == what);
        found.map_or(letters.len(), |found| at + from + found + what.len())
    };
    let inside_a_name = at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_');
    match rest {
        ['/', '/', ..] => find(2, "\n").saturating_sub(1).max(at + 2),
        ['/', '*', ..] => find(2, "*/"),
        ['\'', '\\', _, ..] => find(3, "'"),
        ['\'', _, '\'', ..] => at + 3,
        ['r', '"', ..] if !inside_a_name => find(2, "\""),
        ['r', '#', ..] if !inside_a_name => {
            let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
            if rest.get(1 + hashes) == Some(&'"') {
                find(2 + hashes, &format!("\"{}", "#".repeat(hashes)))
            } else {
                at // a raw name: r#type
            }
        }
        ['"', ..] => {
            let mut end = 1;
            while end < rest.len() && rest[end] != '"' {
                end += if rest[end] == '\\' { 2 } else { 1 };
            }
            (at + end + 1).min(letters.len())
        }
        _ => at,
    }
}

/// Every Rust file below `src`.
pub(crate) fn sources(src: &Path) -> Vec<Source> {
    let rust = files(src, "rs").into_iter();
    rust.map(|(path, raw)| Source::new(path.strip_prefix(src).unwrap(), raw)).collect()
}

/// Every file below `folder` whose name ends so, with its text, in the order of their paths.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut waiting = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|is| is == extension) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn names_in(path: &str, text: &str) -> BTreeMap<String, usize> {
        let source = Source::new(Path::new(path), text.to_owned());
        imports(&source).into_iter().map(|(line, name)| (name, line)).collect()
    }

    #[test]
    fn comments_strings_and_other_crates_are_not_imports() {
        let text = concat!(
            "//! see crate::sign_in\n/* crate::sign_in */\n",
            "const A: &str = \"crate::sign_in \\\" crate::sign_in\";\n",
            "const B: &str = r#\"crate::sign_in \"\"#;\nconst C: [char; 2] = ['\"', '\\''];\n",
            "use other_crate::sign_in; macro_rules! m { () => { $crate::sign_in } }\n",
            "use crate::state::App;\n",
        );
        assert_eq!(names_in("authorize/mod.rs", text), [("state".to_owned(), 7)].into());
    }
}
