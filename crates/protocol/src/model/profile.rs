//! What a person tells of themselves on the account page, for clients that they let read it.

use super::{Account, AccountId, Timestamp};

/// What a person tells of themselves; all of it is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The full name, as it is shown.
    pub name: Option<String>,
    /// The given name or names.
    pub given_name: Option<String>,
    /// The family name or names.
    pub family_name: Option<String>,
    /// The middle name or names.
    pub middle_name: Option<String>,
    /// What friends say.
    pub nickname: Option<String>,
    /// An http or https address of a page about them.
    pub profile: Option<String>,
    /// An http or https address of a picture of them.
    pub picture: Option<String>,
    /// An http or https address of their own page.
    pub website: Option<String>,
    /// Their gender, in their own words.
    pub gender: Option<String>,
    /// The day of birth: `YYYY-MM-DD`, `0000-MM-DD` without the year, or `YYYY`.
    pub birthdate: Option<String>,
    /// The time zone, by its name in the tz database.
    pub zoneinfo: Option<String>,
    /// The language and region, as a language tag (BCP 47).
    pub locale: Option<String>,
    /// The telephone number (E.164), with an extension if there is one (RFC 3966).
    pub phone_number: Option<String>,
    /// Whether that number is known to be theirs.
    pub phone_number_verified: bool,
    /// Whether the account's e-mail address is known to be theirs.
    pub email_verified: bool,
    /// The postal address.
    pub address: PostalAddress,
    /// When any of it was last changed; the account's own date if it never was.
    pub updated_at: Option<Timestamp>,
}

/// A postal address (OpenID Connect Core §5.1.1). The form that is written on a letter is made of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostalAddress {
    /// House number, street, post box; may have several lines.
    pub street_address: Option<String>,
    /// The city.
    pub locality: Option<String>,
    /// The state, province or region.
    pub region: Option<String>,
    /// The post code.
    pub postal_code: Option<String>,
    /// The country's name.
    pub country: Option<String>,
}

/// One thing that a person can tell of themselves: a text of a [`Profile`].
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
}

/// An account with what its owner tells of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub account: Account,
    /// What.
    pub profile: Profile,
}

impl Person {
    /// Its name for ever.
    pub const fn id(&self) -> AccountId {
        self.account.id
    }
}
