//! The nearest right name for a wrong one, in files and in the environment. (On the command line, clap
//! does the same.)

/// The name of `known` that is most like `wrong`, if one is like it at all.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

/// What a TOML parser says, with the line it says it of, and the nearest right name for a key that is
/// unknown.
pub(crate) fn explain_toml(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let suggestion = unknown_field(error.message())
        .and_then(|(wrong, known)| nearest(wrong, known))
        .map(|name| format!("did you mean {name}?"));
    match suggestion {
        Some(suggestion) => format!("{}\n{suggestion}", text.trim_end()),
        None => text.trim_end().to_owned(),
    }
}

/// Takes serde's sentence "unknown field `x`, expected one of `a`, `b`" apart.
fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    Some((wrong, quoted.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_likely_name_is_suggested() {
        let known = ["listen", "token_lifetime", "public_url"];
        assert_eq!(nearest("tokenlifetime", known), Some("token_lifetime"));
        assert_eq!(nearest("lisen", known), Some("listen"));
        assert_eq!(nearest("colour", known), None);
    }
}
