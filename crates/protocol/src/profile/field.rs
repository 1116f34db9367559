//! By which rule each field is judged.

use super::ProfileProblem;
use super::text::{line, lines};
use super::value;
use crate::model::ProfileField;

/// The longest name, in characters.
const MAX_NAME: usize = 150;
/// The longest part of a name, and of an address, in characters.
const MAX_PART: usize = 100;
/// The longest gender, in characters.
const MAX_GENDER: usize = 50;
/// The longest postal code, in characters.
const MAX_POSTAL_CODE: usize = 20;
/// The longest street, with all its lines, in characters.
const MAX_STREET: usize = 300;

/// What `typed` tells; nothing if nothing was typed that anybody could see.
pub(super) fn judge(field: ProfileField, typed: &str) -> Result<Option<String>, ProfileProblem> {
    let told = match field {
        ProfileField::StreetAddress => lines(typed)?,
        _ => line(typed),
    };
    if told.is_empty() {
        return Ok(None);
    }
    match field {
        ProfileField::Name => at_most(MAX_NAME, told),
        ProfileField::GivenName
        | ProfileField::FamilyName
        | ProfileField::MiddleName
        | ProfileField::Nickname
        | ProfileField::Locality
        | ProfileField::Region
        | ProfileField::Country => at_most(MAX_PART, told),
        ProfileField::Gender => at_most(MAX_GENDER, told),
        ProfileField::PostalCode => at_most(MAX_POSTAL_CODE, told),
        ProfileField::StreetAddress => at_most(MAX_STREET, told),
        ProfileField::Profile | ProfileField::Picture | ProfileField::Website => {
            value::web_address(&told)
        }
        ProfileField::Birthdate => value::date(told),
        ProfileField::Zoneinfo => value::time_zone(told),
        ProfileField::Locale => value::language(&told),
        ProfileField::PhoneNumber => value::number(&told),
    }
    .map(Some)
}

fn at_most(limit: usize, text: String) -> Result<String, ProfileProblem> {
    if text.chars().count() > limit { Err(ProfileProblem::TooLong(limit)) } else { Ok(text) }
}
