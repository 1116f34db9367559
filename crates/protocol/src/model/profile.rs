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
