//! The standard claims about a person (OpenID Connect Core §5.1), sets of them, and which scope brings which.

use std::fmt;

use super::ScopeSet;

/// A claim about a person that a client can be told. `sub` is none of them: it is always told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The full name, as it is shown.
    Name,
    /// The given name or names.
    GivenName,
    /// The family name or names.
    FamilyName,
    /// The middle name or names.
    MiddleName,
    /// What friends say.
    Nickname,
    /// The username.
    PreferredUsername,
    /// The address of a page about the person.
    Profile,
    /// The address of a picture of the person.
    Picture,
    /// The address of the person's own page.
    Website,
    /// The gender, in the person's words.
    Gender,
    /// The day of birth.
    Birthdate,
    /// The time zone, by its name in the tz database.
    Zoneinfo,
    /// The language and region, as a language tag.
    Locale,
    /// When any of these was last changed.
    UpdatedAt,
    /// The e-mail address.
    Email,
    /// Whether that address is known to be the person's.
    EmailVerified,
    /// The postal address.
    Address,
    /// The telephone number.
    PhoneNumber,
    /// Whether that number is known to be the person's.
    PhoneNumberVerified,
}

impl Claim {
    /// All of them, in the order of OpenID Connect Core §5.1.
    pub const ALL: [Self; 19] = [
        Self::Name,
        Self::GivenName,
        Self::FamilyName,
        Self::MiddleName,
        Self::Nickname,
        Self::PreferredUsername,
        Self::Profile,
        Self::Picture,
        Self::Website,
        Self::Gender,
        Self::Birthdate,
        Self::Zoneinfo,
        Self::Locale,
        Self::UpdatedAt,
        Self::Email,
        Self::EmailVerified,
        Self::Address,
        Self::PhoneNumber,
        Self::PhoneNumberVerified,
    ];

    /// The name of the member.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::MiddleName => "middle_name",
            Self::Nickname => "nickname",
            Self::PreferredUsername => "preferred_username",
            Self::Profile => "profile",
            Self::Picture => "picture",
            Self::Website => "website",
            Self::Gender => "gender",
            Self::Birthdate => "birthdate",
            Self::Zoneinfo => "zoneinfo",
            Self::Locale => "locale",
            Self::UpdatedAt => "updated_at",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::Address => "address",
            Self::PhoneNumber => "phone_number",
            Self::PhoneNumberVerified => "phone_number_verified",
        }
    }

    /// The claim of that name, compared with its case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|claim| claim.as_str() == name)
    }

    /// The standard scope that brings it (OpenID Connect Core §5.4).
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Email | Self::EmailVerified => "email",
            Self::Address => "address",
            Self::PhoneNumber | Self::PhoneNumberVerified => "phone",
            Self::Name
            | Self::GivenName
            | Self::FamilyName
            | Self::MiddleName
            | Self::Nickname
            | Self::PreferredUsername
            | Self::Profile
            | Self::Picture
            | Self::Website
            | Self::Gender
            | Self::Birthdate
            | Self::Zoneinfo
            | Self::Locale
            | Self::UpdatedAt => "profile",
        }
    }
}

/// A set of claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimSet(u32);

impl ClaimSet {
    /// No claim.
    pub const EMPTY: Self = Self(0);

    /// The claims of these bits, as a sealed token holds them; bits of no claim are dropped.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & ((1 << Claim::ALL.len()) - 1))
    }

    /// The bits of these claims. A claim keeps its bit for ever.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set that [`Display`](fmt::Display) wrote; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        text.split(' ').filter(|_| !text.is_empty()).map(Claim::parse).collect()
    }

    /// What the scope of that name brings; nothing if it is none of the standard ones.
    pub fn of_scope(scope: &str) -> Self {
        Claim::ALL.into_iter().filter(|claim| claim.scope() == scope).collect()
    }

    /// What these scopes bring together.
    pub fn of_scopes(scopes: &ScopeSet) -> Self {
        let brought = scopes.iter().map(|scope| Self::of_scope(scope.as_str()));
        brought.fold(Self::EMPTY, Self::union)
    }

    /// Whether the claim is in it.
    pub const fn contains(self, claim: Claim) -> bool {
        self.0 & (1 << claim as u32) != 0
    }

    /// Adds a claim.
    pub const fn insert(&mut self, claim: Claim) {
        self.0 |= 1 << claim as u32;
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The claims in the order of OpenID Connect Core §5.1.
    pub fn iter(self) -> impl Iterator<Item = Claim> {
        Claim::ALL.into_iter().filter(move |claim| self.contains(*claim))
    }
}

impl Extend<Claim> for ClaimSet {
    fn extend<I: IntoIterator<Item = Claim>>(&mut self, claims: I) {
        for claim in claims {
            self.insert(claim);
        }
    }
}

impl FromIterator<Claim> for ClaimSet {
    fn from_iter<I: IntoIterator<Item = Claim>>(claims: I) -> Self {
        let mut set = Self::EMPTY;
        set.extend(claims);
        set
    }
}

/// Their names, separated by spaces.
impl fmt::Display for ClaimSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, claim) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(claim.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_was_written() {
        for set in [ClaimSet::EMPTY, ClaimSet::of_scope("email"), Claim::ALL.into_iter().collect()]
        {
            assert_eq!(ClaimSet::parse(&set.to_string()), Some(set));
            assert_eq!(ClaimSet::from_bits(set.bits()), set);
        }
        assert_eq!(ClaimSet::parse("name name"), Some([Claim::Name].into_iter().collect()));
        for text in [" ", "name ", "Name", "sub"] {
            assert_eq!(ClaimSet::parse(text), None, "{text:?}");
        }
        assert_eq!(ClaimSet::from_bits(u32::MAX), Claim::ALL.into_iter().collect());
    }

    #[test]
    fn each_standard_scope_brings_the_claims_of_core_5_4() {
        assert_eq!(ClaimSet::of_scope("email").to_string(), "email email_verified");
        assert_eq!(ClaimSet::of_scope("phone").to_string(), "phone_number phone_number_verified");
        assert_eq!(ClaimSet::of_scope("address").to_string(), "address");
        assert_eq!(ClaimSet::of_scope("profile").iter().count(), 14);
        assert_eq!(ClaimSet::of_scope("openid"), ClaimSet::EMPTY);
    }
}
