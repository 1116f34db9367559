//! What people tell of themselves, in rows.

use hallpass_protocol::model::{Person, PostalAddress, Profile, ProfileField};

use super::{Columns, Corrupt, Row, account};

/// How many columns [`read`] reads.
const WIDTH: usize = 22;

/// All columns, in the order in which they are read and written.
macro_rules! profile_names {
    () => {
        "account_id, name, given_name, family_name, middle_name, nickname, profile, picture, website,
            gender, birthdate, zoneinfo, locale, phone_number, street_address, locality, region,
            postal_code, country, updated_at, phone_number_verified, email_verified"
    };
}
pub(crate) use profile_names;

/// What [`read`] reads, where the table is called `p` in the statement.
macro_rules! profile_columns {
    () => {
        "p.account_id, p.name, p.given_name, p.family_name, p.middle_name, p.nickname, p.profile,
            p.picture, p.website, p.gender, p.birthdate, p.zoneinfo, p.locale, p.phone_number,
            p.street_address, p.locality, p.region, p.postal_code, p.country, p.updated_at,
            p.phone_number_verified, p.email_verified"
    };
}
pub(crate) use profile_columns;

/// Puts what a person tells in the place of what they told before: all columns but the key, and what is
/// known to be true.
macro_rules! profile_told_anew {
    () => {
        "name = excluded.name, given_name = excluded.given_name,
            family_name = excluded.family_name, middle_name = excluded.middle_name,
            nickname = excluded.nickname, profile = excluded.profile, picture = excluded.picture,
            website = excluded.website, gender = excluded.gender, birthdate = excluded.birthdate,
            zoneinfo = excluded.zoneinfo, locale = excluded.locale,
            phone_number = excluded.phone_number, street_address = excluded.street_address,
            locality = excluded.locality, region = excluded.region,
            postal_code = excluded.postal_code, country = excluded.country,
            updated_at = excluded.updated_at"
    };
}
pub(crate) use profile_told_anew;

/// The texts that a profile holds, in the order of their columns, which is that of the fields.
pub(crate) fn texts(profile: &Profile) -> [Option<&str>; ProfileField::ALL.len()] {
    ProfileField::ALL.map(|field| field.told(profile).map(String::as_str))
}

/// Reads an account and, behind it, what its owner tells, which is nothing if there is no row.
pub(crate) fn read_person<R: Row>(columns: &mut Columns<'_, R>) -> Result<Person, Corrupt> {
    let account = columns.noun("account", account::read)?;
    let profile = columns.joined("profile", WIDTH, read)?.unwrap_or_default();
    Ok(Person { account, profile })
}

fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<Profile, Corrupt> {
    columns.uuid("account_id")?;
    Ok(Profile {
        name: text(columns, "name")?,
        given_name: text(columns, "given_name")?,
        family_name: text(columns, "family_name")?,
        middle_name: text(columns, "middle_name")?,
        nickname: text(columns, "nickname")?,
        profile: text(columns, "profile")?,
        picture: text(columns, "picture")?,
        website: text(columns, "website")?,
        gender: text(columns, "gender")?,
        birthdate: text(columns, "birthdate")?,
        zoneinfo: text(columns, "zoneinfo")?,
        locale: text(columns, "locale")?,
        phone_number: text(columns, "phone_number")?,
        address: PostalAddress {
            street_address: text(columns, "street_address")?,
            locality: text(columns, "locality")?,
            region: text(columns, "region")?,
            postal_code: text(columns, "postal_code")?,
            country: text(columns, "country")?,
        },
        updated_at: Some(columns.timestamp("updated_at")?),
        phone_number_verified: is_verified(columns, "phone_number_verified")?,
        email_verified: is_verified(columns, "email_verified")?,
    })
}

fn text<R: Row>(
    columns: &mut Columns<'_, R>,
    column: &'static str,
) -> Result<Option<String>, Corrupt> {
    Ok(columns.text_or_null(column)?.map(str::to_owned))
}

fn is_verified<R: Row>(
    columns: &mut Columns<'_, R>,
    column: &'static str,
) -> Result<bool, Corrupt> {
    match columns.integer(column)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(columns.corrupt(column)),
    }
}
