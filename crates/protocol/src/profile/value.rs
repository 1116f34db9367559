//! Values of a form that a standard gives: addresses of pages, dates, time zones, languages, numbers. Each
//! comes out as the standard writes it.

use url::Url;

use super::ProfileProblem;

/// The longest address of a page, in bytes.
const MAX_ADDRESS: usize = 500;
/// The longest language tag (RFC 5646 §4.4.1).
const MAX_LANGUAGE: usize = 35;
/// The longest part of a time zone's name; the tz database keeps to this.
const MAX_ZONE_PART: usize = 14;
/// How many digits an international number has, the code of its country included (E.164 §6.2.1).
const NUMBER: std::ops::RangeInclusive<usize> = 7..=15;
/// The most digits of an extension.
const MAX_EXTENSION: usize = 10;

/// An http or https address, as a browser writes it.
pub(super) fn web_address(told: &str) -> Result<String, ProfileProblem> {
    let url = Url::parse(told).map_err(|_| ProfileProblem::NotAWebAddress)?;
    let is_page = matches!(url.scheme(), "http" | "https");
    // What stands before an @ looks like a host to many people.
    let has_user = !url.username().is_empty() || url.password().is_some();
    if !is_page || has_user {
        return Err(ProfileProblem::NotAWebAddress);
    }
    let address = String::from(url);
    if address.len() > MAX_ADDRESS {
        Err(ProfileProblem::TooLong(MAX_ADDRESS))
    } else {
        Ok(address)
    }
}

/// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY` (OpenID Connect Core §5.1).
pub(super) fn date(told: String) -> Result<String, ProfileProblem> {
    let parts: Vec<&str> = told.split('-').collect();
    let is_date = match parts[..] {
        [year] => digits(year, 4).is_some_and(|year| year > 0),
        [year, month, day] => match (digits(year, 4), digits(month, 2), digits(day, 2)) {
            (Some(year), Some(month), Some(day)) => (1..=days(year, month)).contains(&day),
            _ => false,
        },
        _ => false,
    };
    if is_date { Ok(told) } else { Err(ProfileProblem::NotADate) }
}

/// How many days a month has; none if there is no such month. Of a year that is not told (0) it is not known
/// whether it has a 29th of February.
const fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let are_digits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| are_digits)
}

/// A name as the tz database has them: `Area/Location`, maybe with a place in between, or `UTC`. Which
/// names there are changes from year to year, so no list is asked.
pub(super) fn time_zone(told: String) -> Result<String, ProfileProblem> {
    let is_part = |part: &str| {
        part.len() <= MAX_ZONE_PART
            && part.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    let has_place = (2..=3).contains(&told.split('/').count());
    let is_zone = told == "UTC" || (has_place && told.split('/').all(is_part));
    if is_zone { Ok(told) } else { Err(ProfileProblem::NotATimeZone) }
}

/// A language tag (RFC 5646 §2.1), in the letters that §2.1.1 recommends. `_` is taken for `-`, since
/// OpenID Connect Core §5.1 knows that some write it so.
pub(super) fn language(told: &str) -> Result<String, ProfileProblem> {
    let told = told.replace('_', "-").to_ascii_lowercase();
    let parts: Vec<&str> = told.split('-').collect();
    if told.len() > MAX_LANGUAGE || !is_language(&parts) {
        return Err(ProfileProblem::NotALanguage);
    }
    // RFC 5646 §2.1.1: regions in capitals and scripts with one, but not within an extension.
    let mut in_extension = false;
    let written = parts.iter().enumerate().map(|(place, part)| {
        in_extension |= part.len() == 1;
        match part.len() {
            2 if place > 0 && !in_extension => part.to_ascii_uppercase(),
            4 if place > 0 && !in_extension && is_letters(part) => {
                part[..1].to_ascii_uppercase() + &part[1..]
            }
            _ => (*part).to_owned(),
        }
    });
    Ok(written.collect::<Vec<_>>().join("-"))
}

/// `langtag` of RFC 5646 §2.1, in small letters.
fn is_language(parts: &[&str]) -> bool {
    let [language, rest @ ..] = parts else { return false };
    if !is_letters(language) || !(2..=8).contains(&language.len()) {
        return false;
    }
    let mut rest = rest;
    if language.len() <= 3 {
        rest = skip(rest, 3, |part| part.len() == 3 && is_letters(part));
    }
    rest = skip(rest, 1, |part| part.len() == 4 && is_letters(part));
    rest = skip(rest, 1, |part| match part.len() {
        2 => is_letters(part),
        3 => part.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    });
    rest = skip(rest, usize::MAX, |part| match part.len() {
        4 => part.starts_with(|letter: char| letter.is_ascii_digit()) && is_alphanumeric(part),
        5..=8 => is_alphanumeric(part),
        _ => false,
    });
    are_extensions(rest)
}

/// Any number of a letter or digit with texts behind it; behind `x` they may be of any length, and nothing
/// else follows.
fn are_extensions(mut rest: &[&str]) -> bool {
    while let [singleton, texts @ ..] = rest {
        let is_private = *singleton == "x";
        let shortest = if is_private { 1 } else { 2 };
        let behind = skip(texts, usize::MAX, |part| {
            (shortest..=8).contains(&part.len()) && is_alphanumeric(part)
        });
        let is_extension = singleton.len() == 1 && is_alphanumeric(singleton);
        if !is_extension || behind.len() == texts.len() || (is_private && !behind.is_empty()) {
            return false;
        }
        rest = behind;
    }
    true
}

/// `parts` without the first ones that fit, of which at most `most` are passed over.
fn skip<'a, 'b>(parts: &'a [&'b str], most: usize, fits: impl Fn(&str) -> bool) -> &'a [&'b str] {
    let passed = parts.iter().take(most).take_while(|part| fits(part)).count();
    &parts[passed..]
}

fn is_letters(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_alphanumeric(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// An international number (E.164), with its extension if it has one (RFC 3966 §5.3). What people write to
/// make a number readable is left out.
///
/// A zero in parentheses is refused: in some countries it belongs to the number, in others it does not.
pub(super) fn number(told: &str) -> Result<String, ProfileProblem> {
    let (number, extension) = match told.split_once(";ext=") {
        Some((number, extension)) => (number, Some(plain(extension))),
        None => (told, None),
    };
    if number.contains("(0)") {
        return Err(ProfileProblem::NotANumber);
    }
    let number = plain(number);
    let is_number = number.strip_prefix('+').is_some_and(|digits| {
        NUMBER.contains(&digits.len()) && are_digits(digits) && !digits.starts_with('0')
    });
    let is_extension = extension.as_ref().is_none_or(|extension| {
        (1..=MAX_EXTENSION).contains(&extension.len()) && are_digits(extension)
    });
    if !is_number || !is_extension {
        return Err(ProfileProblem::NotANumber);
    }
    Ok(match extension {
        Some(extension) => format!("{number};ext={extension}"),
        None => number,
    })
}

/// Without RFC 3966's visual separators and spaces.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ' ' | '-' | '.' | '(' | ')')).collect()
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
