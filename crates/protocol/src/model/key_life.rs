//! The life of a key: coming, active, retired, over. It follows from the time alone, so no node has to be
//! up at a certain moment, and none can forget to turn a key on or off.
//!
//! ```text
//! made ──── coming ──── active_from ──── active ──── successor's active_from ──── retired ──── over
//!      known to all, unused         makes what is new                  opens what it made    removed
//! ```
//!
//! All keys that are not over are opened and published, whatever their state; only which of them makes what
//! is new is asked of the clock. Nodes whose clocks differ may therefore use two keys for a while, and
//! each reads what the other made.

use std::cmp::Ordering;
use std::time::Duration;

use super::{CLOCK_DIFFERENCE, FormToken, KeyId, KeyPurpose, SealedKey, Timestamp};

/// How long whoever verifies our signatures may keep the published keys: the `max-age` of the answer.
pub const JWKS_MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// How soon every node knows of a new key, with much to spare: it hears of changes within a second.
const HEARD: Duration = Duration::from_secs(60);

/// Two nodes, one clock too slow and one too fast.
const CLOCKS: Duration = CLOCK_DIFFERENCE.saturating_mul(2);

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Known to everybody who will need it, and not used yet.
    Coming,
    /// It makes what is new.
    Active,
    /// It only opens or verifies what it made before.
    Retired,
    /// Nothing is left that it made: it can be removed.
    Over,
}

impl KeyState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Over => "over",
        }
    }
}

/// A key with its place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyLife<'a> {
    /// Which; from [`SealedKey::active_from`] on it is active.
    pub key: &'a SealedKey,
    /// Its state now.
    pub state: KeyState,
    /// When that state ends, if that is known yet.
    pub until: Option<Timestamp>,
}

/// The longest life that an access token can be given, whatever its form.
pub const LONGEST_ACCESS_TOKEN: Duration = Duration::from_secs(86_400);

/// How long a refresh token can lie unused at the longest. One that is used is replaced by one of the
/// active key, so nothing longer is to be waited for.
pub const LONGEST_IDLE: Duration = Duration::from_secs(365 * 86_400);

/// How long a key must stay when its successor has become active. (OpenID Connect Core 1.0 §10.1.1: retired
/// keys remain published "for a reasonable period of time".)
///
/// By what can be set, not by what is: a setting that is shortened ends nothing that was made before.
const fn after_use(purpose: KeyPurpose) -> Duration {
    let longest = match purpose {
        KeyPurpose::AccessToken | KeyPurpose::Sign(_) => LONGEST_ACCESS_TOKEN,
        KeyPurpose::RefreshToken => LONGEST_IDLE,
        KeyPurpose::Form => FormToken::LIFETIME,
        KeyPurpose::PairwiseSubject => Duration::MAX,
    };
    longest.saturating_add(CLOCKS)
}

/// How long before its first use a key must be known: to all nodes, and one that signs to everybody who
/// keeps the published keys as long as they may (refusals DS-05).
pub const fn ahead(purpose: KeyPurpose) -> Duration {
    let known = match purpose {
        KeyPurpose::AccessToken
        | KeyPurpose::Form
        | KeyPurpose::RefreshToken
        | KeyPurpose::PairwiseSubject => HEARD,
        KeyPurpose::Sign(_) => HEARD.saturating_add(JWKS_MAX_AGE),
    };
    known.saturating_add(CLOCKS)
}

/// The lives of the keys for `purpose`, in the order in which they become active.
pub fn lives<'a>(keys: &'a [SealedKey], purpose: KeyPurpose, now: Timestamp) -> Vec<KeyLife<'a>> {
    let keys = in_order(keys.iter().filter(|key| key.purpose == purpose));
    // Where none has begun, a clock is behind: the first is in use all the same, as in `Succession`.
    let begun = keys.iter().rposition(|key| key.active_from <= now).unwrap_or(0);
    let life = |(place, key): (usize, &&'a SealedKey)| {
        let successor = keys.get(place + 1).map(|next| next.active_from);
        let end = successor.map(|from| from.plus(after_use(purpose)));
        let (state, until) = match place.cmp(&begun) {
            Ordering::Greater => (KeyState::Coming, Some(key.active_from)),
            Ordering::Equal => (KeyState::Active, successor),
            Ordering::Less if end.is_some_and(|end| end <= now) => (KeyState::Over, None),
            Ordering::Less => (KeyState::Retired, end),
        };
        KeyLife { key, state, until }
    };
    keys.iter().enumerate().map(life).collect()
}

/// The keys that can be removed.
pub fn over(keys: &[SealedKey], now: Timestamp) -> Vec<KeyId> {
    let lives = KeyPurpose::all().flat_map(|purpose| lives(keys, purpose, now));
    lives.filter(|life| life.state == KeyState::Over).map(|life| life.key.id).collect()
}

/// The newest key for `purpose`, whether it is in use yet or not: the one that a next key comes after.
pub fn newest(keys: &[SealedKey], purpose: KeyPurpose) -> Option<&SealedKey> {
    in_order(keys.iter().filter(|key| key.purpose == purpose)).pop()
}

/// The key for `purpose` after which it is time to make the next, so that none is in use for longer than
/// `lifetime`. Where one is coming already there is nothing to do.
pub fn due(
    keys: &[SealedKey],
    purpose: KeyPurpose,
    lifetime: Duration,
    now: Timestamp,
) -> Option<&SealedKey> {
    let newest = newest(keys, purpose).filter(|_| purpose.is_rotated());
    newest.filter(|key| key.active_from.plus(lifetime) <= now.plus(ahead(purpose)))
}

/// Keys in the order in which they become active; of two at one moment the higher id is the later.
pub(super) fn in_order<'a>(keys: impl Iterator<Item = &'a SealedKey>) -> Vec<&'a SealedKey> {
    let mut keys: Vec<_> = keys.collect();
    keys.sort_by_key(|key| (key.active_from, key.id));
    keys
}

/// Keys that follow one another in use.
pub struct Succession<K> {
    first: K,
    later: Vec<(Timestamp, K)>,
}

impl<K> Succession<K> {
    /// One key alone, in use until another is.
    pub const fn of(first: K) -> Self {
        Self { first, later: Vec::new() }
    }

    /// Adds a key that is in use from `from` on; they are added in the order of their times.
    pub fn add(&mut self, from: Timestamp, key: K) {
        self.later.push((from, key));
    }

    /// The key that makes what is new at `now`.
    pub fn active(&self, now: Timestamp) -> &K {
        let begun = self.later.iter().rev().find(|(from, _)| *from <= now);
        begun.map_or(&self.first, |(_, key)| key)
    }

    /// All of them, the newest first: most of what is presented is new.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.later.iter().rev().map(|(_, key)| key).chain(std::iter::once(&self.first))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::model::SignatureAlgorithm;

    const DAY: Duration = Duration::from_secs(86_400);
    const SIGN: KeyPurpose = KeyPurpose::Sign(SignatureAlgorithm::Rs256);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_000_000).plus(Duration::from_secs(seconds))
    }

    fn key(id: u32, purpose: KeyPurpose, active_from: Timestamp) -> SealedKey {
        let (id, sealed) = (KeyId::from_u32(id), Vec::new());
        SealedKey { id, purpose, active_from, created_at: at(0), sealed }
    }

    fn states(keys: &[SealedKey], purpose: KeyPurpose, now: Timestamp) -> Vec<KeyState> {
        lives(keys, purpose, now).iter().map(|life| life.state).collect()
    }

    #[test]
    fn a_key_is_coming_active_retired_and_over_by_the_time_alone() {
        use KeyState::{Active, Coming, Over, Retired};
        let keys = [key(2, SIGN, at(1_000)), key(1, SIGN, at(0)), key(3, KeyPurpose::Form, at(9))];
        assert_eq!(states(&keys, SIGN, at(999)), [Active, Coming]);
        assert_eq!(states(&keys, SIGN, at(1_000)), [Retired, Active]);
        let end = at(1_000).plus(DAY).plus(CLOCKS);
        assert_eq!(
            states(&keys, SIGN, Timestamp::from_millis(end.millis() - 1)),
            [Retired, Active]
        );
        assert_eq!(states(&keys, SIGN, end), [Over, Active]);
        assert_eq!(over(&keys, end), [KeyId::from_u32(1)]);
        assert_eq!(states(&keys, KeyPurpose::Sign(SignatureAlgorithm::Es256), end), []);
    }

    #[test]
    fn each_state_says_when_it_ends() {
        let keys = [0, 1_000, 2_000].map(|from| key(1, SIGN, at(from)));
        let lives = lives(&keys, SIGN, at(1_500));
        let until: Vec<_> = lives.iter().map(|life| life.until).collect();
        let retired = at(1_000).plus(DAY).plus(CLOCKS);
        assert_eq!(until, [Some(retired), Some(at(2_000)), Some(at(2_000))]);
    }

    #[test]
    fn ds_05_a_key_stays_as_long_as_what_it_made_is_good() {
        for (purpose, longest) in [
            (KeyPurpose::AccessToken, DAY),
            (KeyPurpose::Sign(SignatureAlgorithm::EdDsa), DAY),
            (KeyPurpose::RefreshToken, LONGEST_IDLE),
            (KeyPurpose::Form, FormToken::LIFETIME),
        ] {
            let keys = [key(1, purpose, at(0)), key(2, purpose, at(60))];
            // Made by a node whose clock is slow, in the last moment before it changed to the next key.
            let made_last = at(60).plus(CLOCK_DIFFERENCE);
            assert_eq!(over(&keys, made_last.plus(longest)), []);
            let later = made_last.plus(longest).plus(CLOCK_DIFFERENCE);
            assert_eq!(over(&keys, later), [KeyId::from_u32(1)]);
        }
    }

    #[test]
    fn ds_05_a_key_is_known_before_any_clock_says_that_it_is_used() {
        for purpose in KeyPurpose::SIGNING {
            // Made where the clock is slow, used where it is fast.
            let known = ahead(purpose) - CLOCK_DIFFERENCE - CLOCK_DIFFERENCE;
            assert!(known >= JWKS_MAX_AGE + HEARD);
        }
        for purpose in KeyPurpose::SYMMETRIC {
            assert!(ahead(purpose) - CLOCK_DIFFERENCE - CLOCK_DIFFERENCE >= HEARD);
        }
    }

    #[test]
    fn the_next_key_is_due_in_time_to_be_known_and_only_one_is() {
        let lifetime = DAY * 90;
        let keys = [key(1, SIGN, at(0))];
        let due_at = at(0).plus(lifetime - ahead(SIGN));
        let before = Timestamp::from_millis(due_at.millis() - 1);
        assert_eq!(due(&keys, SIGN, lifetime, before), None);
        assert_eq!(due(&keys, SIGN, lifetime, due_at), Some(&keys[0]));
        let [first] = keys;
        let keys = [first, key(2, SIGN, due_at.plus(ahead(SIGN)))];
        assert_eq!(due(&keys, SIGN, lifetime, due_at), None);
        assert_eq!(due(&keys, KeyPurpose::Form, lifetime, due_at), None, "there is none to follow");
    }

    #[test]
    fn a_clock_that_is_behind_the_first_key_uses_it_all_the_same() {
        let keys = [key(1, SIGN, at(60)), key(2, SIGN, at(120))];
        assert_eq!(states(&keys, SIGN, at(0)), [KeyState::Active, KeyState::Coming]);
        let mut succession = Succession::of('a');
        succession.add(at(120), 'b');
        succession.add(at(180), 'c');
        let used = [0, 119, 120, 180, 999].map(|now| *succession.active(at(now)));
        assert_eq!(used, ['a', 'a', 'b', 'c', 'c']);
        assert_eq!(succession.iter().collect::<String>(), "cba");
    }
}
