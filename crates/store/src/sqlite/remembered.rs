//! The facts of authorization requests that were read lately, for as long as no act has touched them.
//!
//! One process owns the file, so whatever changes it is an act of this store. An act says what it touches
//! when it comes and until it is answered; facts say as of which moment they were read.
//!
//! ```text
//! act:   it begins to touch -- transaction, COMMIT -- it has touched, a moment later -- answer
//! fact:  the moment -- read -- keep                    and later: untouched since that moment?
//! ```
//!
//! So what is believed is what a read at this moment would bring. An act that says nothing touches everything:
//! to forget to say something makes a store slow and never wrong.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use quick_cache::sync::Cache;

use hallpass_protocol::model::{AccountId, ClientId, Consent, SessionId, SignedIn};

/// How many requests are remembered: some ten megabytes.
const FACTS: usize = 16 * 1024;
/// Among how many places sessions and accounts are spread: an act touches one, and with it all that share it.
const PLACES: usize = 1024;

/// What a request's session and client lead to.
pub(super) type Known = (SignedIn, Option<Consent>);

/// What an act may change of what is remembered here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Touched {
    /// Neither a session, nor an account, nor a consent.
    Nothing,
    /// One session.
    Session(SessionId),
    /// One account and its consents.
    Account(AccountId),
    /// Any of them.
    Everything,
}

/// See the module.
pub(super) struct Remembered {
    facts: Cache<u64, Arc<Fact>>,
    hasher: RandomState,
    /// Rises by one with each act that has touched something.
    moment: AtomicU64,
    everything: Place,
    places: Box<[Place]>,
}

struct Fact {
    client: ClientId,
    known: Known,
    as_of: u64,
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
    /// Looks at what is under way first: who is not has left the moment of their end.
    fn is_untouched_since(&self, moment: u64) -> bool {
        self.under_way.load(SeqCst) == 0 && self.last.load(SeqCst) <= moment
    }
}

impl Remembered {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            facts: Cache::new(FACTS),
            hasher: RandomState::new(),
            moment: AtomicU64::new(0),
            everything: Place::default(),
            places: (0..PLACES).map(|_| Place::default()).collect(),
        })
    }

    /// What is known of a session and a client, from memory or else by `read`.
    pub(super) fn or_read<E>(
        &self,
        session: &SessionId,
        client: &ClientId,
        read: impl FnOnce() -> Result<Option<Known>, E>,
    ) -> Result<Option<Known>, E> {
        let key = self.hasher.hash_one((session.as_bytes(), client.as_str()));
        let fact = self.facts.get(&key);
        let fact = fact.filter(|fact| {
            fact.client == *client && fact.known.0.session.id == *session && self.holds(fact)
        });
        if let Some(fact) = fact {
            return Ok(Some(fact.known.clone()));
        }
        // Before it is read: what is touched meanwhile was perhaps not seen.
        let as_of = self.moment.load(SeqCst);
        let known = read()?;
        if let Some(known) = &known {
            let fact = Fact { client: client.clone(), known: known.clone(), as_of };
            self.facts.insert(key, Arc::new(fact));
        }
        Ok(known)
    }

    fn holds(&self, fact: &Fact) -> bool {
        let session = &fact.known.0.session;
        [&self.everything, self.of_session(&session.id), self.of_account(&session.account)]
            .into_iter()
            .all(|place| place.is_untouched_since(fact.as_of))
    }

    /// By the digest, of which any part will do.
    fn of_session(&self, id: &SessionId) -> &Place {
        let [.., high, low] = *id.as_bytes();
        self.place(high, low)
    }

    /// By the end of the id, where chance is; the beginning is a time.
    fn of_account(&self, id: &AccountId) -> &Place {
        let [.., high, low] = *id.as_uuid().as_bytes();
        self.place(high, low)
    }

    fn place(&self, high: u8, low: u8) -> &Place {
        &self.places[usize::from(u16::from_be_bytes([high, low])) % PLACES]
    }

    fn touched(&self, touched: &Touched) -> Option<&Place> {
        match touched {
            Touched::Nothing => None,
            Touched::Session(id) => Some(self.of_session(id)),
            Touched::Account(id) => Some(self.of_account(id)),
            Touched::Everything => Some(&self.everything),
        }
    }
}

/// An act on its way, from before its transaction until it is over, however it ends.
pub(super) struct Touching {
    remembered: Arc<Remembered>,
    touched: Touched,
}

impl Touching {
    pub(super) fn begin(remembered: &Arc<Remembered>, touched: Touched) -> Self {
        if let Some(place) = remembered.touched(&touched) {
            place.under_way.fetch_add(1, SeqCst);
        }
        Self { remembered: Arc::clone(remembered), touched }
    }
}

impl Drop for Touching {
    fn drop(&mut self) {
        if let Some(place) = self.remembered.touched(&self.touched) {
            let moment = self.remembered.moment.fetch_add(1, SeqCst) + 1;
            place.last.fetch_max(moment, SeqCst);
            place.under_way.fetch_sub(1, SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::Cell;
    use std::convert::Infallible;

    use hallpass_protocol::model::{
        Account, AccountStatus, EmailAddress, Secret, Session, Timestamp, Username,
    };
    use uuid::Uuid;

    use super::*;

    /// A memory, and somebody who counts how often it has to be read to.
    struct Story {
        remembered: Arc<Remembered>,
        session: SessionId,
        account: AccountId,
        reads: Cell<u32>,
    }

    fn story() -> Story {
        Story {
            remembered: Remembered::new(),
            session: SessionId::of(&Secret::presented("cookie")),
            account: AccountId::from_uuid(Uuid::from_u128(7)),
            reads: Cell::new(0),
        }
    }

    impl Story {
        fn known(&self) -> Known {
            let now = Timestamp::from_millis(0);
            let session = Session {
                id: self.session,
                account: self.account,
                created_at: now,
                expires_at: now,
            };
            let account = Account {
                id: self.account,
                username: Username::parse("ada").unwrap(),
                email: EmailAddress::parse("ada@example.com").unwrap(),
                status: AccountStatus::Active,
                created_at: now,
            };
            (SignedIn { session, account }, None)
        }

        fn ask_for(&self, client: &str, meanwhile: impl FnOnce()) {
            let client = ClientId::parse(client).unwrap();
            let read = || {
                self.reads.set(self.reads.get() + 1);
                meanwhile();
                Ok::<_, Infallible>(Some(self.known()))
            };
            let known = self.remembered.or_read(&self.session, &client, read).unwrap();
            assert_eq!(known, Some(self.known()));
        }

        fn reads_of(&self, asked: impl FnOnce(&Self)) -> u32 {
            let before = self.reads.get();
            asked(self);
            self.reads.get() - before
        }

        fn reads(&self) -> u32 {
            self.reads_of(|story| story.ask_for("app", || ()))
        }

        fn touch(&self, touched: Touched) -> Touching {
            Touching::begin(&self.remembered, touched)
        }
    }

    #[test]
    fn what_was_read_is_known_for_that_client() {
        let story = story();
        assert_eq!(story.reads(), 1);
        assert_eq!(story.reads(), 0);
        assert_eq!(story.reads_of(|story| story.ask_for("other", || ())), 1);
        assert_eq!(story.reads(), 0);
    }

    #[test]
    fn what_was_touched_is_read_again() {
        let story = story();
        let others = AccountId::from_uuid(Uuid::from_u128(8));
        for (touched, reads) in [
            (Touched::Session(story.session), 1),
            (Touched::Account(story.account), 1),
            (Touched::Everything, 1),
            (Touched::Account(others), 0),
            (Touched::Nothing, 0),
        ] {
            story.reads();
            drop(story.touch(touched));
            assert_eq!(story.reads(), reads, "{touched:?}");
        }
    }

    #[test]
    fn until_an_act_is_answered_its_facts_are_read_each_time() {
        let story = story();
        story.reads();
        let (one, other) =
            (story.touch(Touched::Account(story.account)), story.touch(Touched::Everything));
        assert_eq!((story.reads(), story.reads()), (1, 1));
        drop(one);
        assert_eq!((story.reads(), story.reads()), (1, 1));
        drop(other);
        assert_eq!((story.reads(), story.reads()), (1, 0));
    }

    #[test]
    fn what_was_read_while_an_act_ended_is_not_believed() {
        let story = story();
        let act = story.touch(Touched::Session(story.session));
        story.ask_for("app", || drop(act));
        assert_eq!((story.reads(), story.reads()), (1, 0));
    }
}
