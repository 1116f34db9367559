//! What a person may tell of themselves: the form, its rules, and what is wrong with it in their words.
//!
//! Every field may be empty. [`judge`] makes a [`Profile`] of what was typed, or names a problem for each
//! field that has one. Whether an address or a number is known to be theirs is nothing that a form can say:
//! the store keeps that.

mod field;
mod text;
mod value;

use thiserror::Error;

use crate::model::{PostalAddress, Profile, ProfileField};

/// What was typed, field by field, nothing judged yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileForm([String; ProfileField::ALL.len()]);

impl ProfileForm {
    /// What `typed` says of each field.
    pub fn read(mut typed: impl FnMut(ProfileField) -> String) -> Self {
        Self(ProfileField::ALL.map(&mut typed))
    }

    /// What a person would have typed to tell this.
    pub fn of(profile: &Profile) -> Self {
        Self::read(|field| field.told(profile).cloned().unwrap_or_default())
    }

    /// What was typed into one field.
    pub fn typed(&self, field: ProfileField) -> &str {
        &self.0[field as usize]
    }
}

/// What is wrong with what was typed into one field, and how its person mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProfileProblem {
    /// Longer than this many characters.
    #[error("Use at most {0} characters.")]
    TooLong(usize),
    /// More lines than an address has.
    #[error("Use at most {0} lines.")]
    TooManyLines(usize),
    /// No address that a browser opens as a page.
    #[error("Enter a whole address that begins with https:// or http://.")]
    NotAWebAddress,
    /// Another form than OpenID Connect Core §5.1 has, or a day that no calendar has.
    #[error(
        "Enter a date like 1990-12-31, 0000-12-31 if you leave out the year, or the year alone."
    )]
    NotADate,
    /// No name of the tz database.
    #[error("Enter a time zone by its region and city, like Europe/Berlin.")]
    NotATimeZone,
    /// No language tag.
    #[error("Enter a language and maybe a region, like en or pt-BR.")]
    NotALanguage,
    /// No E.164 number.
    #[error(
        "Enter the number with + and the code of its country, like +44 1632 960000. An extension is \
         written as ;ext=12 at the end."
    )]
    NotANumber,
}

/// What is wrong with a form: at most one problem a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileProblems(Vec<(ProfileField, ProfileProblem)>);

impl ProfileProblems {
    /// What is wrong with one field.
    pub fn of(&self, field: ProfileField) -> Option<ProfileProblem> {
        self.iter().find(|(found, _)| *found == field).map(|(_, problem)| problem)
    }

    /// All of them, in the order of the form.
    pub fn iter(&self) -> impl Iterator<Item = (ProfileField, ProfileProblem)> {
        self.0.iter().copied()
    }

    /// How many fields have one.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Judges what was typed. What comes of it says nothing of what is known to be true.
///
/// # Errors
/// Everything that is wrong, not only the first.
pub fn judge(form: &ProfileForm) -> Result<Profile, ProfileProblems> {
    let mut problems = ProfileProblems::default();
    let mut told = |field: ProfileField| {
        field::judge(field, form.typed(field)).unwrap_or_else(|problem| {
            problems.0.push((field, problem));
            None
        })
    };
    let profile = Profile {
        name: told(ProfileField::Name),
        given_name: told(ProfileField::GivenName),
        family_name: told(ProfileField::FamilyName),
        middle_name: told(ProfileField::MiddleName),
        nickname: told(ProfileField::Nickname),
        profile: told(ProfileField::Profile),
        picture: told(ProfileField::Picture),
        website: told(ProfileField::Website),
        gender: told(ProfileField::Gender),
        birthdate: told(ProfileField::Birthdate),
        zoneinfo: told(ProfileField::Zoneinfo),
        locale: told(ProfileField::Locale),
        phone_number: told(ProfileField::PhoneNumber),
        phone_number_verified: false,
        email_verified: false,
        address: PostalAddress {
            street_address: told(ProfileField::StreetAddress),
            locality: told(ProfileField::Locality),
            region: told(ProfileField::Region),
            postal_code: told(ProfileField::PostalCode),
            country: told(ProfileField::Country),
        },
        updated_at: None,
    };
    if problems.is_empty() { Ok(profile) } else { Err(problems) }
}

#[cfg(test)]
mod tests;
