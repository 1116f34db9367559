//! Names and descriptions that cannot deceive by what is not seen.

/// `text` on one line, without the characters that nobody sees: controls, marks that turn the
/// direction of reading, spaces without width, fillers (refusals CO-07, RG-12).
///
/// They are dropped, not refused: they come with text copied from elsewhere, and nobody could find
/// them in order to remove them.
pub(super) fn visible_line(text: &str) -> String {
    let seen: String = text
        .chars()
        .filter_map(|c| match c {
            _ if c.is_whitespace() => Some(' '),
            _ if c.is_control() || is_invisible(c) => None,
            _ => Some(c),
        })
        .collect();
    seen.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Unicode's `Default_Ignorable_Code_Point`, the annotation marks, and the blanks that count as letters or symbols.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn co_07_what_nobody_sees_is_dropped() {
        for (typed, kept) in [
            ("Mixtape", "Mixtape"),
            ("  Night\r\n\ttrain\u{a0}radio ", "Night train radio"),
            ("Mix\u{202e}epat", "Mixepat"),
            ("Mix\u{200b}\u{feff}\u{ad}tape\0\u{7}", "Mixtape"),
            ("\u{3164}\u{2800}\u{200d}", ""),
            ("Übergröße ✈ 音楽", "Übergröße ✈ 音楽"),
        ] {
            assert_eq!(visible_line(typed), kept, "{typed:?}");
        }
    }
}
