//! What acts touch, and since when something is untouched.
//!
//! One process owns the file, so whatever changes it is an act of this store. An act says what it touches when
//! it comes and until it is answered; what is kept in memory says as of which moment it was read.
//!
//! ```text
//! act:   it begins to touch -- transaction, COMMIT -- it has touched, a moment later -- answer
//! fact:  the moment -- read -- keep                    and later: untouched since that moment?
//! ```
//!
//! So what is believed is what a read at this moment would bring. An act that says nothing touches everything:
//! to forget to say something makes a store slow and never wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use hallpass_protocol::model::{AccountId, SessionId};

/// Among how many places sessions and accounts are spread: an act touches one, and with it all that share it.
const PLACES: usize = 1024;

/// What an act may change of what is kept in memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Touched {
    /// Neither a session, nor a consent, nor an account or a client that was there.
    Nothing,
    /// One session.
    Session(SessionId),
    /// The sessions and consents of one account.
    Account(AccountId),
    /// Any of them.
    Everything,
}

/// How many acts have touched something by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(u64);

impl Moment {
    /// Whether this one was before the other, or is the same.
    pub(super) const fn is_not_after(self, other: Self) -> bool {
        self.0 <= other.0
    }
}

/// When what was touched.
pub(super) struct Moments {
    now: AtomicU64,
    everything: Place,
    places: Box<[Place]>,
}

/// What some sessions and accounts share.
#[derive(Default)]
struct Place {
    /// How many acts that touch it are not answered yet.
    under_way: AtomicU64,
    /// When the last one was.
    last: AtomicU64,
}

impl Place {
    /// Looks at what is under way first: an act that is not has left the moment of its end.
    fn is_untouched_since(&self, moment: Moment) -> bool {
        self.under_way.load(SeqCst) == 0 && self.last.load(SeqCst) <= moment.0
    }
}

impl Moments {
    pub(super) fn new() -> Arc<Self> {
        let places = (0..PLACES).map(|_| Place::default()).collect();
        Arc::new(Self { now: AtomicU64::new(0), everything: Place::default(), places })
    }

    /// To be asked before something is read that is to be kept: what is touched meanwhile is perhaps not seen.
    pub(super) fn now(&self) -> Moment {
        Moment(self.now.load(SeqCst))
    }

    /// Whether what depends on `touched` is as it was at `moment`.
    pub(super) fn is_untouched_since(&self, touched: &Touched, moment: Moment) -> bool {
        let mut places = self.place(touched).into_iter().chain([&self.everything]);
        places.all(|place| place.is_untouched_since(moment))
    }

    fn place(&self, touched: &Touched) -> Option<&Place> {
        // Of a digest any part will do; of what begins with a time the end, where chance is.
        let end = match touched {
            Touched::Nothing => return None,
            Touched::Everything => return Some(&self.everything),
            Touched::Session(id) => id.as_bytes().last_chunk()?,
            Touched::Account(id) => id.as_uuid().as_bytes().last_chunk()?,
        };
        self.places.get(usize::from(u16::from_be_bytes(*end)) % self.places.len())
    }
}

/// An act on its way, from before its transaction until it is over, however it ends.
pub(super) struct Touching {
    moments: Arc<Moments>,
    touched: Touched,
}

impl Touching {
    pub(super) fn begin(moments: &Arc<Moments>, touched: Touched) -> Self {
        if let Some(place) = moments.place(&touched) {
            place.under_way.fetch_add(1, SeqCst);
        }
        Self { moments: Arc::clone(moments), touched }
    }
}

impl Drop for Touching {
    fn drop(&mut self) {
        if let Some(place) = self.moments.place(&self.touched) {
            let moment = self.moments.now.fetch_add(1, SeqCst) + 1;
            place.last.fetch_max(moment, SeqCst);
            place.under_way.fetch_sub(1, SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use hallpass_protocol::model::Secret;
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn an_act_touches_what_it_says_and_everything_all() {
        let (mine, others) = (Touched::Account(account(7)), Touched::Account(account(8)));
        let session = Touched::Session(SessionId::of(&Secret::presented("cookie")));
        for (touched, expected) in [
            (mine, [false, true, true]),
            (session, [true, true, false]),
            (Touched::Nothing, [true, true, true]),
            (Touched::Everything, [false, false, false]),
        ] {
            let moments = Moments::new();
            let before = moments.now();
            drop(Touching::begin(&moments, touched));
            let untouched =
                [mine, others, session].map(|kept| moments.is_untouched_since(&kept, before));
            assert_eq!(untouched, expected, "{touched:?}");
            let after = moments.now();
            assert!(moments.is_untouched_since(&mine, after));
        }
    }

    #[test]
    fn nothing_holds_that_an_act_under_way_may_change() {
        let (moments, mine) = (Moments::new(), Touched::Account(account(7)));
        let (one, other) =
            (Touching::begin(&moments, mine), Touching::begin(&moments, Touched::Everything));
        assert!(!moments.is_untouched_since(&mine, moments.now()));
        drop(one);
        assert!(!moments.is_untouched_since(&mine, moments.now()));
        drop(other);
        assert!(moments.is_untouched_since(&mine, moments.now()));
    }

    #[test]
    fn what_was_read_while_an_act_ended_does_not_hold() {
        let (moments, mine) = (Moments::new(), Touched::Account(account(7)));
        let act = Touching::begin(&moments, mine);
        let read = moments.now();
        drop(act);
        assert!(!moments.is_untouched_since(&mine, read));
    }
}
