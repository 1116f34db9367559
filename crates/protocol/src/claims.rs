//! What a client is told of a person: the standard claims as members of a JSON object (OpenID Connect Core
//! §5.1), the same in an ID token and at userinfo.
//!
//! A claim that the person says nothing about is left out: OpenID Connect Core §5.3.2 wants neither `null` nor
//! an empty text.

use crate::jose::ObjectWriter;
use crate::model::{Claim, ClaimSet, Person, PostalAddress};

/// Adds to `object` what there is to say of `person` about `claims`.
pub fn write(mut object: ObjectWriter, claims: ClaimSet, person: &Person) -> ObjectWriter {
    for claim in claims.iter() {
        object = write_one(object, claim, person);
    }
    object
}

fn write_one(object: ObjectWriter, claim: Claim, person: &Person) -> ObjectWriter {
    let (account, profile) = (&person.account, &person.profile);
    let text = match claim {
        Claim::Name => &profile.name,
        Claim::GivenName => &profile.given_name,
        Claim::FamilyName => &profile.family_name,
        Claim::MiddleName => &profile.middle_name,
        Claim::Nickname => &profile.nickname,
        Claim::Profile => &profile.profile,
        Claim::Picture => &profile.picture,
        Claim::Website => &profile.website,
        Claim::Gender => &profile.gender,
        Claim::Birthdate => &profile.birthdate,
        Claim::Zoneinfo => &profile.zoneinfo,
        Claim::Locale => &profile.locale,
        Claim::PhoneNumber => &profile.phone_number,
        Claim::PreferredUsername => return object.text(claim.as_str(), account.username.as_str()),
        Claim::Email => return object.text(claim.as_str(), account.email.as_str()),
        Claim::EmailVerified => return object.boolean(claim.as_str(), profile.email_verified),
        Claim::UpdatedAt => {
            let at = profile.updated_at.unwrap_or(account.created_at);
            return object.integer(claim.as_str(), at.seconds());
        }
        Claim::PhoneNumberVerified => {
            return match &profile.phone_number {
                Some(_) => object.boolean(claim.as_str(), profile.phone_number_verified),
                None => object,
            };
        }
        Claim::Address => {
            return match formatted(&profile.address) {
                Some(letter) => object.object(claim.as_str(), address(&profile.address, &letter)),
                None => object,
            };
        }
    };
    match text {
        Some(text) => object.text(claim.as_str(), text),
        None => object,
    }
}

fn address(address: &PostalAddress, letter: &str) -> ObjectWriter {
    let parts = [
        ("street_address", &address.street_address),
        ("locality", &address.locality),
        ("region", &address.region),
        ("postal_code", &address.postal_code),
        ("country", &address.country),
    ];
    let mut object = ObjectWriter::default().text("formatted", letter);
    for (name, part) in parts {
        if let Some(part) = part {
            object = object.text(name, part);
        }
    }
    object
}

/// The address as it stands on a letter; `None` if there is none.
fn formatted(address: &PostalAddress) -> Option<String> {
    let place = [&address.postal_code, &address.locality, &address.region];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    let place = (!place.is_empty()).then(|| place.join(" "));
    let lines = [address.street_address.as_deref(), place.as_deref(), address.country.as_deref()];
    let lines: Vec<&str> = lines.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use uuid::Uuid;

    use super::*;
    use crate::model::{
        Account, AccountId, AccountStatus, EmailAddress, Profile, Timestamp, Username,
    };

    fn ada() -> Person {
        let account = Account {
            id: AccountId::from_uuid(Uuid::from_u128(1)),
            username: Username::parse("ada").unwrap(),
            email: EmailAddress::parse("ada@example.com").unwrap(),
            status: AccountStatus::Active,
            created_at: Timestamp::from_seconds(1_000),
        };
        Person { account, profile: Profile::default() }
    }

    fn told(person: &Person) -> String {
        write(ObjectWriter::default(), Claim::ALL.into_iter().collect(), person).finish()
    }

    #[test]
    fn core_5_3_2_what_is_not_known_is_left_out() {
        assert_eq!(
            told(&ada()),
            r#"{"preferred_username":"ada","updated_at":1000,"email":"ada@example.com","email_verified":false}"#
        );
    }

    #[test]
    fn core_5_1_1_an_address_has_its_parts_and_the_form_for_a_letter() {
        let mut ada = ada();
        ada.profile.address.street_address = Some("1 Long Lane".to_owned());
        ada.profile.address.locality = Some("London".to_owned());
        assert!(told(&ada).contains(
            r#""address":{"formatted":"1 Long Lane\u000aLondon","street_address":"1 Long Lane","locality":"London"}"#
        ));
    }

    #[test]
    fn a_number_brings_whether_it_is_known_to_be_theirs() {
        let mut ada = ada();
        ada.profile.phone_number = Some("+441632960000".to_owned());
        assert!(
            told(&ada).contains(r#""phone_number":"+441632960000","phone_number_verified":false"#)
        );
    }
}
