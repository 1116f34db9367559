//! The fields of the form, and by which rule each is judged.

use super::ProfileProblem;
use super::text::{line, lines};
use super::value;
use crate::model::Profile;

/// One thing that a person can tell of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileField {
    /// The full name.
    Name,
    /// The given name or names.
    GivenName,
    /// The family name or names.
    FamilyName,
    /// The middle name or names.
    MiddleName,
    /// What friends say.
    Nickname,
    /// A page about them.
    Profile,
    /// A picture of them.
    Picture,
    /// Their own page.
    Website,
    /// Their gender.
    Gender,
    /// The day of birth.
    Birthdate,
    /// The time zone.
    Zoneinfo,
    /// Language and region.
    Locale,
    /// The telephone number.
    PhoneNumber,
    /// House number, street, post box.
    StreetAddress,
    /// City or town.
    Locality,
    /// State or province.
    Region,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
}

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

impl ProfileField {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 18] = [
        Self::Name,
        Self::GivenName,
        Self::FamilyName,
        Self::MiddleName,
        Self::Nickname,
        Self::Profile,
        Self::Picture,
        Self::Website,
        Self::Gender,
        Self::Birthdate,
        Self::Zoneinfo,
        Self::Locale,
        Self::PhoneNumber,
        Self::StreetAddress,
        Self::Locality,
        Self::Region,
        Self::PostalCode,
        Self::Country,
    ];

    /// The name of the claim, or of the part of the address, that tells it (OpenID Connect Core §5.1).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::MiddleName => "middle_name",
            Self::Nickname => "nickname",
            Self::Profile => "profile",
            Self::Picture => "picture",
            Self::Website => "website",
            Self::Gender => "gender",
            Self::Birthdate => "birthdate",
            Self::Zoneinfo => "zoneinfo",
            Self::Locale => "locale",
            Self::PhoneNumber => "phone_number",
            Self::StreetAddress => "street_address",
            Self::Locality => "locality",
            Self::Region => "region",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
        }
    }

    /// What `profile` tells here.
    pub const fn told(self, profile: &Profile) -> Option<&String> {
        let address = &profile.address;
        let told = match self {
            Self::Name => &profile.name,
            Self::GivenName => &profile.given_name,
            Self::FamilyName => &profile.family_name,
            Self::MiddleName => &profile.middle_name,
            Self::Nickname => &profile.nickname,
            Self::Profile => &profile.profile,
            Self::Picture => &profile.picture,
            Self::Website => &profile.website,
            Self::Gender => &profile.gender,
            Self::Birthdate => &profile.birthdate,
            Self::Zoneinfo => &profile.zoneinfo,
            Self::Locale => &profile.locale,
            Self::PhoneNumber => &profile.phone_number,
            Self::StreetAddress => &address.street_address,
            Self::Locality => &address.locality,
            Self::Region => &address.region,
            Self::PostalCode => &address.postal_code,
            Self::Country => &address.country,
        };
        told.as_ref()
    }

    /// What `typed` tells; nothing if nothing was typed that anybody could see.
    pub(super) fn judge(self, typed: &str) -> Result<Option<String>, ProfileProblem> {
        let told = match self {
            Self::StreetAddress => lines(typed)?,
            _ => line(typed),
        };
        if told.is_empty() {
            return Ok(None);
        }
        match self {
            Self::Name => at_most(MAX_NAME, told),
            Self::GivenName
            | Self::FamilyName
            | Self::MiddleName
            | Self::Nickname
            | Self::Locality
            | Self::Region
            | Self::Country => at_most(MAX_PART, told),
            Self::Gender => at_most(MAX_GENDER, told),
            Self::PostalCode => at_most(MAX_POSTAL_CODE, told),
            Self::StreetAddress => at_most(MAX_STREET, told),
            Self::Profile | Self::Picture | Self::Website => value::web_address(&told),
            Self::Birthdate => value::date(told),
            Self::Zoneinfo => value::time_zone(told),
            Self::Locale => value::language(&told),
            Self::PhoneNumber => value::number(&told),
        }
        .map(Some)
    }
}

fn at_most(limit: usize, text: String) -> Result<String, ProfileProblem> {
    if text.chars().count() > limit { Err(ProfileProblem::TooLong(limit)) } else { Ok(text) }
}
