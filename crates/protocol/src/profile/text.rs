//! Texts as a person meant them, without what came along unseen.

use super::ProfileProblem;

/// The most lines of an address.
const MAX_LINES: usize = 5;

/// `typed` on one line, without spaces around it, controls, and marks that turn the direction of reading,
/// which would make a name look like another at whoever is shown it.
///
/// They are dropped, not refused: they come with text copied from elsewhere, and nobody could find them in
/// order to remove them. The marks that join letters, or keep them apart, belong to some scripts.
pub(super) fn line(typed: &str) -> String {
    let seen: String = typed
        .chars()
        .filter_map(|letter| match letter {
            _ if letter.is_whitespace() => Some(' '),
            _ if letter.is_control() || turns_direction(letter) => None,
            _ => Some(letter),
        })
        .collect();
    seen.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `typed` with each line as [`line()`] has it, and without empty lines.
pub(super) fn lines(typed: &str) -> Result<String, ProfileProblem> {
    let lines: Vec<String> = typed.lines().map(line).filter(|line| !line.is_empty()).collect();
    if lines.len() > MAX_LINES {
        return Err(ProfileProblem::TooManyLines(MAX_LINES));
    }
    Ok(lines.join("\n"))
}

const fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
