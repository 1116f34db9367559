//! The tracks that users saved: seeded for each, and changed in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hallpass_guard::{Subject, Timestamp};

use crate::catalogue::Catalogue;
use crate::seed::Seed;

/// When the invented past begins: 2026-03-01T08:00:00Z.
pub(crate) const FIRST_DAY: Timestamp = Timestamp::from_seconds(1_772_352_000);

/// How many tracks a user has saved who never changed anything.
const SEEDED: usize = 64;
/// Of how many users changes are remembered. Each takes at most the catalogue's length, so this bounds
/// the memory; the one who began first falls back to the seeded tracks.
const MAX_CHANGED: usize = 1000;

/// Who saved what.
pub(crate) struct SavedTracks {
    catalogue: Arc<Catalogue>,
    changed: Mutex<Changed>,
}

#[derive(Default)]
struct Changed {
    lists: HashMap<String, Vec<SavedTrack>>,
    by_age: VecDeque<String>,
}

/// A track in the catalogue, and when it was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SavedTrack {
    pub(crate) track: usize,
    pub(crate) added_at: Timestamp,
}

impl SavedTracks {
    pub(crate) fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, changed: Mutex::default() }
    }

    /// What a user saved, the newest first.
    pub(crate) fn of(&self, user: &Subject) -> Vec<SavedTrack> {
        let changed = self.changed().lists.get(user.as_str()).cloned();
        changed.unwrap_or_else(|| self.seeded(user))
    }

    /// Saves tracks; one that is saved already stays where it is.
    pub(crate) fn save(&self, user: &Subject, tracks: &[usize], now: Timestamp) {
        self.change(user, |saved| {
            for track in tracks.iter().rev() {
                if saved.iter().all(|held| held.track != *track) {
                    saved.insert(0, SavedTrack { track: *track, added_at: now });
                }
            }
        });
    }

    /// Takes tracks out again; one that is not saved is no mistake.
    pub(crate) fn remove(&self, user: &Subject, tracks: &[usize]) {
        self.change(user, |saved| saved.retain(|held| !tracks.contains(&held.track)));
    }

    fn change(&self, user: &Subject, edit: impl FnOnce(&mut Vec<SavedTrack>)) {
        let mut changed = self.changed();
        if !changed.lists.contains_key(user.as_str()) {
            changed.make_room();
            changed.by_age.push_back(user.as_str().to_owned());
        }
        let saved =
            changed.lists.entry(user.as_str().to_owned()).or_insert_with(|| self.seeded(user));
        edit(saved);
    }

    fn seeded(&self, user: &Subject) -> Vec<SavedTrack> {
        let mut seed = Seed::of(&["saved", user.as_str()]);
        let tracks = seed.draw(SEEDED, self.catalogue.track_count());
        let mut added_at = FIRST_DAY;
        let save = |track| {
            added_at = added_at.plus(Duration::from_secs(3600 + seed.below(100_000) as u64));
            SavedTrack { track, added_at }
        };
        let mut saved: Vec<SavedTrack> = tracks.into_iter().map(save).collect();
        saved.reverse();
        saved
    }

    fn changed(&self) -> MutexGuard<'_, Changed> {
        // Each change leaves the lists whole, so a panic elsewhere does not spoil them.
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changed {
    fn make_room(&mut self) {
        while self.by_age.len() >= MAX_CHANGED {
            if let Some(oldest) = self.by_age.pop_front() {
                self.lists.remove(&oldest);
            }
        }
    }
}

/// A moment as the API writes it: `2026-03-01T08:00:00Z`.
pub(crate) fn written(at: Timestamp) -> String {
    // Only a clock beyond the year 9999 has no such form.
    jiff::Timestamp::from_second(at.seconds()).unwrap_or(jiff::Timestamp::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use hallpass_protocol::model::{AccountId, Randomness};

    use super::*;

    struct Fixed(u8);
    impl Randomness for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn user(number: i64) -> Subject {
        AccountId::mint(&mut Fixed(1), Timestamp::from_millis(number)).subject()
    }

    fn saved() -> SavedTracks {
        SavedTracks::new(Arc::new(Catalogue::invented()))
    }

    #[test]
    fn a_saved_track_comes_first_and_one_saved_before_keeps_its_time() {
        let saved = saved();
        let before = saved.of(&user(1));
        let absent: Vec<usize> =
            (0..288).filter(|track| before.iter().all(|held| held.track != *track)).collect();
        let now = Timestamp::from_seconds(1_900_000_000);
        saved.save(&user(1), &[absent[0], before[5].track, absent[1]], now);
        let after = saved.of(&user(1));
        assert_eq!(after.len(), before.len() + 2);
        assert_eq!((after[0].track, after[1].track), (absent[0], absent[1]));
        assert_eq!(after[0].added_at, now);
        assert_eq!(after[2..], before[..]);
    }

    #[test]
    fn what_one_user_removes_others_keep() {
        let saved = saved();
        let track = saved.of(&user(1))[0].track;
        saved.save(&user(2), &[track], FIRST_DAY);
        saved.remove(&user(1), &[track, track]);
        assert!(saved.of(&user(1)).iter().all(|held| held.track != track));
        assert!(saved.of(&user(2)).iter().any(|held| held.track == track));
    }

    #[test]
    fn changes_of_so_many_users_are_remembered_and_no_more() {
        let saved = saved();
        let count = i64::try_from(MAX_CHANGED).unwrap_or(i64::MAX);
        for number in 0..=count {
            saved.remove(&user(number), &[0, 1, 2]);
        }
        assert_eq!(saved.changed().lists.len(), MAX_CHANGED);
        assert!(!saved.changed().lists.contains_key(user(0).as_str()));
    }

    #[test]
    fn times_are_written_to_the_second_in_utc() {
        assert_eq!(written(FIRST_DAY), "2026-03-01T08:00:00Z");
        assert_eq!(written(Timestamp::from_millis(1_772_352_000_987)), "2026-03-01T08:00:00Z");
    }
}
