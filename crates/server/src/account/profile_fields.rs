//! The fields of the profile's form as a person sees them: in sections, with labels, hints and what a browser
//! may fill in.

use hallpass_protocol::model::ProfileField;
use hallpass_protocol::profile::{ProfileForm, ProfileProblems};

/// Fields that belong together.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) fields: Vec<Field>,
}

/// One field, with what was typed into it.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) value: String,
    pub(super) problem: Option<String>,
    field: ProfileField,
}

impl Field {
    pub(super) const fn name(&self) -> &'static str {
        self.field.as_str()
    }

    pub(super) const fn label(&self) -> &'static str {
        match self.field {
            ProfileField::Name => "Full name",
            ProfileField::GivenName => "First name",
            ProfileField::FamilyName => "Last name",
            ProfileField::MiddleName => "Middle name",
            ProfileField::Nickname => "Nickname",
            ProfileField::Profile => "A page about you",
            ProfileField::Picture => "A picture of you",
            ProfileField::Website => "Your website",
            ProfileField::Gender => "Gender",
            ProfileField::Birthdate => "Birthday",
            ProfileField::Zoneinfo => "Time zone",
            ProfileField::Locale => "Language",
            ProfileField::PhoneNumber => "Telephone number",
            ProfileField::StreetAddress => "Street address",
            ProfileField::Locality => "City or town",
            ProfileField::Region => "State or region",
            ProfileField::PostalCode => "Postal code",
            ProfileField::Country => "Country",
        }
    }

    /// What helps to fill it in.
    pub(super) const fn hint(&self) -> Option<&'static str> {
        match self.field {
            ProfileField::Birthdate => {
                Some("Like 1990-12-31. Without the year 0000-12-31, or the year alone.")
            }
            ProfileField::Picture => Some("The address of an image, like https://…"),
            ProfileField::Zoneinfo => Some("Region and city, like Europe/Berlin."),
            ProfileField::Locale => Some("Like en, or pt-BR with its region."),
            ProfileField::PhoneNumber => {
                Some("With + and the code of the country, like +44\u{a0}1632\u{a0}960000.")
            }
            ProfileField::Gender => Some("In your own words."),
            ProfileField::Name
            | ProfileField::GivenName
            | ProfileField::FamilyName
            | ProfileField::MiddleName
            | ProfileField::Nickname
            | ProfileField::Profile
            | ProfileField::Website
            | ProfileField::StreetAddress
            | ProfileField::Locality
            | ProfileField::Region
            | ProfileField::PostalCode
            | ProfileField::Country => None,
        }
    }

    /// By what a browser knows what belongs here (HTML, "Autofill").
    pub(super) const fn autocomplete(&self) -> &'static str {
        match self.field {
            ProfileField::Name => "name",
            ProfileField::GivenName => "given-name",
            ProfileField::FamilyName => "family-name",
            ProfileField::MiddleName => "additional-name",
            ProfileField::Nickname => "nickname",
            ProfileField::Picture => "photo",
            ProfileField::Website => "url",
            ProfileField::Gender => "sex",
            ProfileField::Birthdate => "bday",
            ProfileField::Locale => "language",
            ProfileField::PhoneNumber => "tel",
            ProfileField::StreetAddress => "street-address",
            ProfileField::Locality => "address-level2",
            ProfileField::Region => "address-level1",
            ProfileField::PostalCode => "postal-code",
            ProfileField::Country => "country-name",
            ProfileField::Profile | ProfileField::Zoneinfo => "off",
        }
    }

    /// Which keys a telephone shows for it.
    pub(super) const fn keys(&self) -> &'static str {
        match self.field {
            ProfileField::Profile | ProfileField::Picture | ProfileField::Website => "url",
            ProfileField::PhoneNumber => "tel",
            _ => "text",
        }
    }

    /// Whether it is no text of a language, to be left alone by who corrects those.
    pub(super) fn is_code(&self) -> bool {
        self.keys() != "text"
            || matches!(
                self.field,
                ProfileField::Birthdate | ProfileField::Zoneinfo | ProfileField::Locale
            )
    }

    /// Whether it has several lines.
    pub(super) fn is_lines(&self) -> bool {
        self.field == ProfileField::StreetAddress
    }

    /// Whether it takes the whole width.
    pub(super) fn is_wide(&self) -> bool {
        self.is_lines() || matches!(self.field, ProfileField::Name | ProfileField::Picture)
    }

    /// Whether something stands below it: what is wrong, or else what helps.
    pub(super) const fn is_explained(&self) -> bool {
        self.problem.is_some() || self.hint().is_some()
    }
}

/// All fields, in the order of the page.
pub(super) fn sections(form: &ProfileForm, problems: &ProfileProblems) -> [Section; 4] {
    let section = |title, fields: &[ProfileField]| {
        let fields = fields.iter().map(|field| Field {
            value: form.typed(*field).to_owned(),
            problem: problems.of(*field).map(|problem| problem.to_string()),
            field: *field,
        });
        Section { title, fields: fields.collect() }
    };
    [
        section(
            "Your name",
            &[
                ProfileField::Name,
                ProfileField::GivenName,
                ProfileField::MiddleName,
                ProfileField::FamilyName,
                ProfileField::Nickname,
            ],
        ),
        section(
            "About you",
            &[
                ProfileField::Picture,
                ProfileField::Birthdate,
                ProfileField::Gender,
                ProfileField::Locale,
                ProfileField::Zoneinfo,
                ProfileField::Website,
                ProfileField::Profile,
            ],
        ),
        section("How to reach you", &[ProfileField::PhoneNumber]),
        section(
            "Your address",
            &[
                ProfileField::StreetAddress,
                ProfileField::PostalCode,
                ProfileField::Locality,
                ProfileField::Region,
                ProfileField::Country,
            ],
        ),
    ]
}
