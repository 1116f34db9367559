//! Refresh tokens whatever happens in whatever order (refusals RF-01, 02, 03, 05, 09, 15, 17).
//!
//! One family, as the store keeps it; an honest app with two tabs that share one storage, whose answers
//! get lost and whose calls overlap; and a thief who copies any refresh token that the app was ever
//! given, or uses one that he got himself, at any time. Each call is two steps, reading the facts and
//! acting on what was decided, so that calls come between one another; the act has the store's guard,
//! and a call that came too late reads again, as the server does.
//!
//! What is assumed of the honest app: when it uses a token, no call of its own with an earlier one is
//! still under way. An app refreshes about once in an access token's life, an hour; a call that takes
//! as long has been given up.
//!
//! The known limit: a thief who takes turns with the app, in lockstep, stays at most one generation
//! behind, and nothing tells his call from a second tab's: see [`in_lockstep_both_go_on`]. As soon as
//! one of the two moves two generations ahead, the other's next use ends both.

use std::collections::BTreeSet;
use std::time::Duration;

use hallpass_protocol::model::{Client, RefreshFamily, RefreshToken, ScopeCatalogue, Timestamp};
use hallpass_protocol::token::grant::refresh_token::{Decision, Facts, decide};
use hallpass_protocol::token::{RefreshLifetimes, TokenError};
use proptest::prelude::*;

use crate::properties::settled;
use crate::support::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LIFETIMES: RefreshLifetimes = RefreshLifetimes {
    idle: Duration::from_secs(30 * DAY.as_secs()),
    absolute: Duration::from_secs(180 * DAY.as_secs()),
};

/// The store: one family, with the guard of its one act.
#[derive(Clone)]
struct World {
    app: Client,
    facts: Facts,
    now: Timestamp,
    catalogue: ScopeCatalogue,
    /// Every generation that anybody was ever given.
    issued: BTreeSet<u32>,
}

/// What came of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Came {
    /// This token, with an access token.
    Token(RefreshToken),
    /// An error; nothing happened.
    Refused(TokenError),
    /// The family ended by this call.
    Ended,
}

impl World {
    /// A code was exchanged just now; this is the first token.
    fn begins() -> (Self, RefreshToken) {
        let mut desk = Desk::opens();
        desk.lifetimes = LIFETIMES;
        desk.session();
        let family = desk.families.remove(0);
        let token = RefreshToken { authorization: family.authorization, generation: 0 };
        let facts = Facts {
            client: desk.story.facts.client.clone(),
            family: Some(family),
            account: Some(desk.story.person().account.clone()),
            consent: desk.story.facts.consent.clone(),
        };
        let app = facts.client.as_deref().unwrap().clone();
        let (catalogue, now) = (desk.story.policy.catalogue, desk.story.now);
        (Self { app, facts, now, catalogue, issued: BTreeSet::from([0]) }, token)
    }

    fn family(&self) -> &RefreshFamily {
        self.facts.family.as_ref().unwrap()
    }

    fn has_ended(&self) -> bool {
        self.family().ended_at.is_some()
    }

    fn is_over(&self) -> bool {
        self.now >= self.family().idle_until || self.now >= self.family().absolute_until
    }

    /// A call without anything in between.
    fn call(&mut self, token: RefreshToken) -> Came {
        let facts = self.facts.clone();
        self.act(token, &facts)
    }

    /// Acts on what is decided on `read`, the facts of this moment or an earlier one; if the guard says
    /// that it came too late, it is decided again.
    fn act(&mut self, token: RefreshToken, read: &Facts) -> Came {
        match decide(&self.app, Some(token), None, read, LIFETIMES, &self.catalogue, self.now) {
            Err(error) => Came::Refused(error),
            Ok(Decision::Repeat(granted)) => self.give(granted.refresh_generation.unwrap()),
            Ok(Decision::Reuse(authorization)) => {
                assert_eq!(authorization, token.authorization, "that family and no other");
                self.facts.family.as_mut().unwrap().ended_at.get_or_insert(self.now);
                Came::Ended
            }
            Ok(Decision::Rotate(rotation)) => {
                let family = self.facts.family.as_mut().unwrap();
                // UPDATE … SET generation = generation + 1 WHERE generation = … AND ended_at IS NULL
                if family.generation != rotation.from_generation || family.ended_at.is_some() {
                    return self.call(token);
                }
                assert!(rotation.idle_until <= family.absolute_until, "RF-09");
                family.generation += 1;
                family.idle_until = rotation.idle_until;
                self.give(rotation.granted.refresh_generation.unwrap())
            }
        }
    }

    fn give(&mut self, generation: u32) -> Came {
        assert!(!self.is_over(), "RF-09: past its time a family gives nothing");
        self.issued.insert(generation);
        Came::Token(RefreshToken { authorization: self.family().authorization, generation })
    }
}

/// One step of somebody's.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A tab of the honest app takes the token from the storage and calls, unless its last call is
    /// still under way.
    Call(usize),
    /// The server reads what it needs for that call.
    Read(usize),
    /// The server acts, and the answer comes in.
    Answer(usize),
    /// The server acts, and the answer is lost: the tab may try again.
    Lose(usize),
    /// The thief uses a token that he copied: the how-many-eth of all that he could have.
    Steal(prop::sample::Index),
    /// The thief's call is read at one such step, and acts at the next.
    StealSlowly(prop::sample::Index),
    /// Time goes by.
    Wait(u32),
}

fn honest_step() -> impl Strategy<Value = Step> {
    let tab = 0_usize..2;
    prop_oneof![
        4 => tab.clone().prop_map(Step::Call),
        4 => tab.clone().prop_map(Step::Read),
        4 => tab.clone().prop_map(Step::Answer),
        3 => tab.prop_map(Step::Lose),
        1 => (0_u32..2_000).prop_map(Step::Wait),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => honest_step(),
        1 => any::<prop::sample::Index>().prop_map(Step::Steal),
        1 => any::<prop::sample::Index>().prop_map(Step::StealSlowly),
    ]
}

/// A call under way: its token, and the facts once they were read.
type Call = (RefreshToken, Option<Facts>);

/// The honest app and the thief.
struct Play {
    world: World,
    /// What the honest app holds.
    storage: RefreshToken,
    tabs: [Option<Call>; 2],
    /// All that the thief could have copied.
    seen: Vec<RefreshToken>,
    thiefs: Option<Call>,
    /// What came of each call, and whether the family had ended when it acted.
    came: Vec<(Came, bool)>,
}

impl Play {
    fn begins() -> Self {
        let (world, token) = World::begins();
        Self {
            world,
            storage: token,
            tabs: [None, None],
            seen: vec![token],
            thiefs: None,
            came: vec![],
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Call(tab) => {
                let same = |call: &Call| call.0 == self.storage;
                if self.tabs[tab].is_none() && self.tabs.iter().flatten().all(same) {
                    self.tabs[tab] = Some((self.storage, None));
                }
            }
            Step::Read(tab) => {
                if let Some((_, facts)) = &mut self.tabs[tab] {
                    facts.get_or_insert_with(|| self.world.facts.clone());
                }
            }
            Step::Answer(tab) => {
                let call = self.tabs[tab].take();
                if let Some(Came::Token(token)) = call.map(|call| self.act(call)) {
                    self.storage = token;
                }
            }
            Step::Lose(tab) => {
                let call = self.tabs[tab].take();
                call.map(|call| self.act(call));
            }
            Step::Steal(which) => {
                self.act((*which.get(&self.seen), None));
            }
            Step::StealSlowly(which) => match self.thiefs.take() {
                None => {
                    let facts = self.world.facts.clone();
                    self.thiefs = Some((*which.get(&self.seen), Some(facts)));
                }
                Some(call) => {
                    self.act(call);
                }
            },
            Step::Wait(minutes) => {
                let minutes = Duration::from_secs(60 * u64::from(minutes));
                self.world.now = self.world.now.plus(minutes);
            }
        }
    }

    fn act(&mut self, (token, facts): Call) -> Came {
        let had_ended = self.world.has_ended();
        let facts = facts.unwrap_or_else(|| self.world.facts.clone());
        let came = self.world.act(token, &facts);
        if let Came::Token(token) = &came {
            self.seen.push(*token);
        }
        self.came.push((came.clone(), had_ended));
        came
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..settled() })]

    /// RF-15: nothing that an honest app does or suffers costs it its session before its time.
    #[test]
    fn rf_15_an_honest_app_alone_never_loses_its_session(
        steps in prop::collection::vec(honest_step(), 1..150),
    ) {
        let mut play = Play::begins();
        for step in steps {
            play.step(step);
            if play.world.is_over() {
                return Ok(());
            }
            let holds = play.world.clone().call(play.storage);
            prop_assert!(matches!(holds, Came::Token(_)), "what it holds is good: {holds:?}");
        }
        for (came, _) in &play.came {
            prop_assert!(matches!(came, Came::Token(_)), "each call brought a token: {came:?}");
        }
    }

    /// RF-02: there is one newest token at any time, and no branch beside the one line to it.
    #[test]
    fn rf_02_there_is_one_newest_token_and_no_branch(
        steps in prop::collection::vec(any_step(), 1..150),
    ) {
        let mut play = Play::begins();
        for step in steps {
            play.step(step);
            let newest = play.world.family().generation;
            prop_assert_eq!(&play.world.issued, &(0..=newest).collect::<BTreeSet<_>>());
        }
    }

    /// RF-01, RF-17: at any time, whatever went before, a token two generations behind gets the end of
    /// the family, and then neither the thief nor the app gets anything for any token.
    #[test]
    fn rf_17_two_generations_behind_get_nothing_but_the_end_of_both(
        steps in prop::collection::vec(any_step(), 1..150),
    ) {
        let mut play = Play::begins();
        for step in steps {
            play.step(step);
            let world = &play.world;
            if world.has_ended() || world.is_over() {
                break;
            }
            let newest = world.family().generation;
            for generation in 0..newest.saturating_sub(1) {
                let mut world = world.clone();
                let token = RefreshToken { generation, ..play.storage };
                prop_assert_eq!(world.call(token), Came::Ended);
                for generation in 0..=newest {
                    let came = world.call(RefreshToken { generation, ..play.storage });
                    prop_assert!(matches!(came, Came::Refused(_)), "{came:?}");
                }
            }
        }
    }

    /// RF-03: after the end the family never moves again. A repetition that was decided before the end
    /// and is sent after it holds a token that is dead already; the access token beside it is on the list
    /// of revocations by its authorization.
    #[test]
    fn rf_03_after_the_end_nothing_that_lives_is_given(
        steps in prop::collection::vec(any_step(), 1..150),
    ) {
        let mut play = Play::begins();
        let mut end = None;
        for step in steps {
            play.step(step);
            if play.world.has_ended() {
                let newest = play.world.family().generation;
                prop_assert_eq!(*end.get_or_insert(newest), newest);
            }
        }
        for (came, had_ended) in &play.came {
            if let (Came::Token(token), true) = (came, had_ended) {
                let came = play.world.clone().call(*token);
                prop_assert!(matches!(came, Came::Refused(_)), "{came:?}");
            }
        }
    }
}

fn token(came: Came) -> RefreshToken {
    match came {
        Came::Token(token) => token,
        other => panic!("a token was expected, not {other:?}"),
    }
}

/// RF-15: the answer is lost any number of times, and each retry brings the same token.
#[test]
fn rf_15_a_retry_brings_the_same_token_until_that_is_used() {
    let (mut world, first) = World::begins();
    let second = token(world.call(first));
    for _ in 0..10 {
        assert_eq!(world.call(first), Came::Token(second));
    }
    let third = token(world.call(second));
    assert_eq!(world.call(second), Came::Token(third));
    assert_eq!(world.call(first), Came::Ended);
}

/// RF-02, RF-05: two calls that read the same facts in the same instant share one successor.
#[test]
fn rf_05_two_calls_in_one_instant_get_one_successor() {
    let (mut world, first) = World::begins();
    let facts = world.facts.clone();
    let [one, two] = [(); 2].map(|()| token(world.act(first, &facts)));
    assert_eq!((one, world.family().generation), (two, 1));
}

/// RF-01: the thief moves on alone; the app comes back with what it holds, and both are out.
#[test]
fn rf_01_a_thief_who_moves_on_and_the_app_both_lose() {
    let (mut world, stolen) = World::begins();
    let thiefs = token(world.call(stolen));
    let thiefs = token(world.call(thiefs));
    assert_eq!(world.call(stolen), Came::Ended, "the app comes with its token");
    assert!(matches!(world.call(thiefs), Came::Refused(_)));
}

/// RF-01: the app moves on; the thief comes late with what he copied, and both are out.
#[test]
fn rf_01_a_thief_who_comes_late_ends_the_family_and_gets_nothing() {
    let (mut world, stolen) = World::begins();
    let apps = token(world.call(stolen));
    let apps = token(world.call(apps));
    assert_eq!(world.call(stolen), Came::Ended);
    assert!(matches!(world.call(apps), Came::Refused(_)));
}

/// The known limit. While the two take turns neither is two generations behind: nothing ends them but
/// the family's absolute lifetime. The first double step of either does.
#[test]
fn in_lockstep_both_go_on() {
    let (mut world, first) = World::begins();
    let [mut apps, mut thiefs] = [first, first];
    for _ in 0..100 {
        apps = token(world.call(apps));
        thiefs = token(world.call(thiefs));
        assert_eq!(apps, thiefs);
    }
    let ahead = token(world.call(apps));
    token(world.call(ahead));
    assert_eq!(world.call(thiefs), Came::Ended);
}
