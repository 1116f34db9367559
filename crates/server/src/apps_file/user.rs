//! `[[user]]` as it is written, and what it means: who signs in, and what they tell of themselves.

use hallpass_protocol::model::{EmailAddress, Password, Profile, ProfileField, Username};
use hallpass_protocol::profile::{ProfileForm, judge};
use serde::Deserialize;
use toml::Spanned;

use super::entry::judged;
use super::{AppsFileError, DeclaredUser, Place};

/// The keys that tell something of a person are named like the claims (OpenID Connect Core §5.1).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenUser {
    username: Spanned<String>,
    email: Spanned<String>,
    password: Spanned<String>,
    disabled: Option<bool>,
    name: Option<Spanned<String>>,
    given_name: Option<Spanned<String>>,
    family_name: Option<Spanned<String>>,
    middle_name: Option<Spanned<String>>,
    nickname: Option<Spanned<String>>,
    profile: Option<Spanned<String>>,
    picture: Option<Spanned<String>>,
    website: Option<Spanned<String>>,
    gender: Option<Spanned<String>>,
    birthdate: Option<Spanned<String>>,
    zoneinfo: Option<Spanned<String>>,
    locale: Option<Spanned<String>>,
    phone_number: Option<Spanned<String>>,
    phone_number_verified: Option<Spanned<bool>>,
    email_verified: Option<bool>,
    address: Option<WrittenAddress>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAddress {
    street_address: Option<Spanned<String>>,
    locality: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    postal_code: Option<Spanned<String>>,
    country: Option<Spanned<String>>,
}

pub(super) fn user(
    place: &Place<'_>,
    written: Spanned<WrittenUser>,
) -> Result<DeclaredUser, AppsFileError> {
    let line = place.line(Some(written.span()));
    let user = written.into_inner();
    Ok(DeclaredUser {
        username: judged(place, &user.username, Username::parse)?,
        email: judged(place, &user.email, EmailAddress::parse)?,
        password: judged(place, &user.password, Password::parse)?,
        disabled: user.disabled,
        profile: user.profile(place)?,
        line,
    })
}

impl WrittenUser {
    /// What the file says of this field.
    fn told(&self, field: ProfileField) -> Option<&Spanned<String>> {
        let address = self.address.as_ref();
        match field {
            ProfileField::Name => self.name.as_ref(),
            ProfileField::GivenName => self.given_name.as_ref(),
            ProfileField::FamilyName => self.family_name.as_ref(),
            ProfileField::MiddleName => self.middle_name.as_ref(),
            ProfileField::Nickname => self.nickname.as_ref(),
            ProfileField::Profile => self.profile.as_ref(),
            ProfileField::Picture => self.picture.as_ref(),
            ProfileField::Website => self.website.as_ref(),
            ProfileField::Gender => self.gender.as_ref(),
            ProfileField::Birthdate => self.birthdate.as_ref(),
            ProfileField::Zoneinfo => self.zoneinfo.as_ref(),
            ProfileField::Locale => self.locale.as_ref(),
            ProfileField::PhoneNumber => self.phone_number.as_ref(),
            ProfileField::StreetAddress => address?.street_address.as_ref(),
            ProfileField::Locality => address?.locality.as_ref(),
            ProfileField::Region => address?.region.as_ref(),
            ProfileField::PostalCode => address?.postal_code.as_ref(),
            ProfileField::Country => address?.country.as_ref(),
        }
    }

    /// What is told of the person; `None` if no key says anything, and all stays as it is.
    fn profile(&self, place: &Place<'_>) -> Result<Option<Profile>, AppsFileError> {
        let is_told = ProfileField::ALL.into_iter().any(|field| self.told(field).is_some());
        let is_known = self.email_verified.is_some() || self.phone_number_verified.is_some();
        if !is_told && !is_known && self.address.is_none() {
            return Ok(None);
        }
        let typed = |field| self.told(field).map(|told| told.get_ref().clone()).unwrap_or_default();
        let mut profile = judge(&ProfileForm::read(typed)).map_err(|problems| {
            let first = problems.iter().find_map(|(field, problem)| {
                self.told(field).map(|told| place.error(told.span(), &problem))
            });
            first.unwrap_or_else(|| {
                place.error(self.username.span(), &"this profile cannot be told")
            })
        })?;
        profile.email_verified = self.email_verified.unwrap_or_default();
        if let Some(verified) = &self.phone_number_verified {
            profile.phone_number_verified = *verified.get_ref();
            if profile.phone_number.is_none() {
                let problem = "phone_number_verified speaks of a phone_number: add that too";
                return Err(place.error(verified.span(), &problem));
            }
        }
        Ok(Some(profile))
    }
}
