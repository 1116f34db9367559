#![allow(clippy::unwrap_used)]

use super::*;

/// What comes of `typed` in one field.
fn told(field: ProfileField, typed: &str) -> Result<Option<String>, ProfileProblem> {
    let form =
        ProfileForm::read(|asked| if asked == field { typed.to_owned() } else { String::new() });
    match judge(&form) {
        Ok(profile) => Ok(field.told(&profile).cloned()),
        Err(problems) => {
            assert_eq!(problems.iter().count(), 1);
            Err(problems.of(field).unwrap())
        }
    }
}

/// In one field these texts become those, and each of the others has that problem.
fn check(field: ProfileField, good: &[(&str, &str)], problem: ProfileProblem, bad: &[&str]) {
    for (typed, kept) in good {
        assert_eq!(told(field, typed), Ok(Some((*kept).to_owned())), "{typed:?}");
        assert_eq!(told(field, kept), Ok(Some((*kept).to_owned())), "it stays as it is kept");
    }
    for typed in bad {
        assert_eq!(told(field, typed), Err(problem), "{typed:?}");
    }
}

#[test]
fn every_field_may_be_empty_and_what_cannot_be_seen_is_nothing() {
    assert_eq!(judge(&ProfileForm::default()), Ok(Profile::default()));
    for blank in [" ", "\t\r\n", "\u{a0}\u{202e}\0"] {
        assert_eq!(judge(&ProfileForm::read(|_| blank.to_owned())), Ok(Profile::default()));
    }
}

#[test]
fn what_is_told_is_what_is_shown_in_the_form_again() {
    let form = ProfileForm::read(|field| match field {
        ProfileField::Profile | ProfileField::Picture | ProfileField::Website => {
            "https://example.com/".to_owned()
        }
        ProfileField::Birthdate => "1815-12-10".to_owned(),
        ProfileField::Zoneinfo => "Europe/London".to_owned(),
        ProfileField::Locale => "en-GB".to_owned(),
        ProfileField::PhoneNumber => "+441632960000".to_owned(),
        ProfileField::StreetAddress => "Flat 2\n1 Long Lane".to_owned(),
        other => other.as_str().to_owned(),
    });
    let profile = judge(&form).unwrap();
    assert_eq!(ProfileForm::of(&profile), form);
    assert!(!profile.email_verified && !profile.phone_number_verified);
}

#[test]
fn every_problem_is_told_and_not_only_the_first() {
    let problems = judge(&ProfileForm::read(|_| "x".repeat(501))).unwrap_err();
    let wrong: Vec<_> = problems.iter().map(|(field, _)| field).collect();
    assert_eq!(wrong, ProfileField::ALL);
    assert_eq!((problems.len(), problems.is_empty()), (18, false));
}

#[test]
fn co_07_names_keep_their_script_and_lose_what_nobody_sees() {
    for (typed, kept) in [
        ("  Ada\u{a0} \t Lovelace ", "Ada Lovelace"),
        ("Ada\u{202e}ecalevoL\u{2069}\0", "AdaecalevoL"),
        ("<b>Ada</b> & \"co\"", "<b>Ada</b> & \"co\""),
        ("می\u{200c}نا 👩\u{200d}🚀", "می\u{200c}نا 👩\u{200d}🚀"),
    ] {
        assert_eq!(told(ProfileField::Name, typed), Ok(Some(kept.to_owned())), "{typed:?}");
    }
    let long = "é".repeat(150);
    assert_eq!(told(ProfileField::Name, &long), Ok(Some(long.clone())));
    assert_eq!(told(ProfileField::Name, &(long + "e")), Err(ProfileProblem::TooLong(150)));
}

#[test]
fn an_address_may_have_lines() {
    let typed = " Flat 2 \r\n\r\n 1  Long Lane\n";
    let kept = Ok(Some("Flat 2\n1 Long Lane".to_owned()));
    assert_eq!(told(ProfileField::StreetAddress, typed), kept);
    assert_eq!(told(ProfileField::Locality, "Lon\ndon"), Ok(Some("Lon don".to_owned())));
    let six = "a\nb\nc\nd\ne\nf";
    assert_eq!(told(ProfileField::StreetAddress, six), Err(ProfileProblem::TooManyLines(5)));
}

#[test]
fn rg_10_addresses_of_pages_are_of_the_web() {
    for field in [ProfileField::Profile, ProfileField::Picture, ProfileField::Website] {
        check(
            field,
            &[
                (" https://example.com/a?b=c#d ", "https://example.com/a?b=c#d"),
                ("HTTP://Example.COM", "http://example.com/"),
                ("https://example.com/ü", "https://example.com/%C3%BC"),
            ],
            ProfileProblem::NotAWebAddress,
            &[
                "example.com",
                "/me",
                "//example.com/",
                "javascript:alert(1)",
                "data:text/html,x",
                "ftp://example.com/",
                "mailto:ada@example.com",
                "https://",
                "https://ada@example.com/",
                "https://:secret@example.com/",
            ],
        );
    }
    let long = format!("https://example.com/{}", "x".repeat(500));
    assert_eq!(told(ProfileField::Picture, &long), Err(ProfileProblem::TooLong(500)));
}

#[test]
fn core_5_1_a_birthdate_has_three_forms_and_is_a_real_day() {
    check(
        ProfileField::Birthdate,
        &[
            ("1815-12-10", "1815-12-10"),
            ("2000-02-29", "2000-02-29"),
            ("0000-02-29", "0000-02-29"),
            ("0000-12-31", "0000-12-31"),
            ("1815", "1815"),
        ],
        ProfileProblem::NotADate,
        &[
            "1900-02-29",
            "2001-02-29",
            "1815-04-31",
            "1815-13-01",
            "1815-00-01",
            "1815-01-00",
            "0000",
            "0000-00-00",
            "1815-12",
            "10.12.1815",
            "12/10/1815",
            "1815-1-1",
            "+815-12-10",
            "181",
            "18150",
            "1815-12-10T00:00:00Z",
            "--12-10",
            "١٨١٥",
        ],
    );
}

#[test]
fn a_time_zone_has_the_shape_of_the_tz_databases_names() {
    check(
        ProfileField::Zoneinfo,
        &[
            ("Europe/Paris", "Europe/Paris"),
            ("America/Argentina/ComodRivadavia", "America/Argentina/ComodRivadavia"),
            ("America/Port-au-Prince", "America/Port-au-Prince"),
            ("Etc/GMT+5", "Etc/GMT+5"),
            ("UTC", "UTC"),
        ],
        ProfileProblem::NotATimeZone,
        &[
            "Paris",
            "CET",
            "/Paris",
            "Europe/",
            "../etc/passwd",
            "Europe//Paris",
            "Europe/Paris/x/y",
            "Europe/Saint Petersburg",
            "Europe/Abcdefghijklmno",
            "Europe/Zürich",
            "+01:00",
        ],
    );
}

#[test]
fn rfc_5646_a_language_tag_is_well_formed_and_written_as_recommended() {
    check(
        ProfileField::Locale,
        &[
            ("en", "en"),
            ("EN-gb", "en-GB"),
            ("pt_BR", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("zh-yue-HK", "zh-yue-HK"),
            ("es-419", "es-419"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("de-CH-1901", "de-CH-1901"),
            ("de-latn-de-u-co-phonebk", "de-Latn-DE-u-co-phonebk"),
            ("en-x-Us", "en-x-us"),
        ],
        ProfileProblem::NotALanguage,
        &[
            "e",
            "english language",
            "en-",
            "-en",
            "en--gb",
            "en-g",
            "en-gb-us",
            "en-gb-u",
            "en-x",
            "en-x-a-toolongpart",
            "abcdefghi",
            "12",
            "en-ü",
            "en-a-bbb-x-private-and-so-on-and-on-x",
        ],
    );
}

#[test]
fn a_number_is_kept_as_e_164_writes_it() {
    check(
        ProfileField::PhoneNumber,
        &[
            ("+44 1632 960000", "+441632960000"),
            ("+1 (555) 010-0199", "+15550100199"),
            ("+49.30.1234567", "+49301234567"),
            ("+1 555 0100 ;ext= 12", "+15550100;ext=12"),
            ("+39 06 1234 5678", "+390612345678"),
        ],
        ProfileProblem::NotANumber,
        &[
            "01632 960000",
            "0044 1632 960000",
            "+44 (0)1632 960000",
            "+0 1632 960000",
            "+44",
            "+1234567890123456",
            "+44 1632 96OOOO",
            "+44 1632 960000 x12",
            "+44 1632 960000;ext=",
            "+44 1632 960000;ext=a",
            "+44 1632 960000;ext=12345678901",
            "++441632960000",
            "+٤٤١٦٣٢٩٦٠٠٠٠",
        ],
    );
}

/// What a person tells stands in ID tokens, which are read up to a length.
#[test]
fn all_that_can_be_told_is_shorter_than_the_longest_id_token() {
    let letters = |count: usize| "𝔸".repeat(count);
    let form = ProfileForm::read(|field| match field {
        ProfileField::Name => letters(150),
        ProfileField::Gender => letters(50),
        ProfileField::PostalCode => letters(20),
        ProfileField::StreetAddress => letters(300),
        ProfileField::Profile | ProfileField::Picture | ProfileField::Website => {
            format!("https://example.com/{}", "x".repeat(480))
        }
        ProfileField::Birthdate => "1815-12-10".to_owned(),
        ProfileField::Zoneinfo => "America/Argentina/ComodRivadavia".to_owned(),
        ProfileField::Locale => "de-latn-de-u-co-phonebk-x-abcdefgh".to_owned(),
        ProfileField::PhoneNumber => "+123456789012345;ext=1234567890".to_owned(),
        _ => letters(100),
    });
    let profile = judge(&form).unwrap();
    let told: usize = ProfileField::ALL
        .into_iter()
        .filter_map(|field| field.told(&profile))
        .map(String::len)
        .sum();
    // The address stands there twice, in parts and as a letter; base64 makes four letters of three bytes.
    let address: usize = 4 * (300 + 3 * 100 + 20);
    assert!((told + address) * 4 / 3 + 2_000 < crate::id_token::MAX_LENGTH, "{told}");
}
