//! Who there is, by their numbers.

use std::str::FromStr;

use anyhow::{Context as _, bail};

use crate::server::Who;

/// How many sessions, and consents, each person has.
const SESSIONS_EACH: u64 = 10;

/// How many of each there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Population {
    /// Sessions; and as many consents and refresh families.
    pub(crate) sessions: u64,
    /// Apps.
    pub(crate) apps: u64,
}

impl Population {
    /// How many people.
    pub(crate) const fn accounts(self) -> u64 {
        self.sessions.div_ceil(SESSIONS_EACH)
    }

    /// How many rows in all: an account has two names, an app one origin.
    pub(crate) const fn rows(self) -> u64 {
        3 * self.accounts() + 3 * self.sessions + 2 * self.apps
    }

    /// The owner of a session, and of the consent and the family of the same number.
    pub(crate) const fn account_of(session: u64) -> u64 {
        session / SESSIONS_EACH
    }

    /// The app of a consent. With as many apps as somebody has consents, no two are for the same one.
    pub(crate) const fn app_of(self, session: u64) -> u64 {
        session % self.apps
    }

    /// Anybody: the `draw`th of a series that goes through all of them without order.
    pub(crate) fn person(self, draw: u64) -> Who {
        let session = self.session(draw);
        let cookie = format!("hallpass-session={}", cookie_value(session));
        Who { cookie, app: app_id(self.app_of(session)) }
    }

    const fn session(self, draw: u64) -> u64 {
        scattered(draw) % self.sessions
    }
}

/// What the cookie of a session holds. A real one holds what nobody can guess.
pub(super) fn cookie_value(session: u64) -> String {
    format!("seeded-{session:016}")
}

pub(super) fn app_id(app: u64) -> String {
    format!("seeded-app-{app:08}")
}

/// A number from another one, without any order: the finaliser of SplitMix64.
const fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// `sessions` or `sessions:apps`, with numbers such as 1000 or 1e3.
impl FromStr for Population {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (sessions, apps) = text.split_once(':').unwrap_or((text, "10"));
        let number = |text: &str| {
            let number: f64 = text.parse().with_context(|| format!("{text:?} is no number"))?;
            if !(10.0..=1e9).contains(&number) {
                bail!("{text} is not between 10 and 1e9");
            }
            Ok(number as u64)
        };
        Ok(Self { sessions: number(sessions)?, apps: number(apps)? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nobody_has_two_consents_for_one_app() {
        let all: Population = "1e3:10".parse().unwrap();
        let pairs: HashSet<_> = (0..all.sessions)
            .map(|session| (Population::account_of(session), all.app_of(session)))
            .collect();
        assert_eq!(pairs.len(), 1000);
        assert_eq!((all.accounts(), all.rows()), (100, 3 * 100 + 3 * 1000 + 20));
    }

    #[test]
    fn anybody_is_drawn() {
        let all: Population = "1000".parse().unwrap();
        let drawn: HashSet<u64> = (0..5000).map(|draw| all.session(draw)).collect();
        assert!(drawn.len() > 900, "{}", drawn.len());
    }

    #[test]
    fn a_population_is_written_in_either_way() {
        let all: Population = "1e5:1e5".parse().unwrap();
        assert_eq!(all, Population { sessions: 100_000, apps: 100_000 });
        assert!("x".parse::<Population>().is_err() && "1".parse::<Population>().is_err());
    }
}
