//! OpenID Connect Core 1.0, by section.
//!
//! | file | what of it |
//! |---|---|
//! | `id_token` | what an ID token says, and what it is signed with: sections 2, 3.1.3.6, 8, 15 |
//! | `interaction` | how the person is to be met: section 3.1.2.1 |
//! | `hint` | whom the client means: section 3.1.2.1, `id_token_hint` |
//! | `answers` | all response types: sections 3.1, 3.2, 3.3, and how their answers travel |
//! | `claims` | what is told of the person: sections 5.4, 5.5 |
//! | `offline` | what goes on without the person: sections 11, 12 |

mod answers;
mod claims;
mod hint;
mod id_token;
mod interaction;
mod offline;

use std::time::Duration;

use hallpass_protocol::authorize::Entrance;
use hallpass_protocol::model::GrantType;

use crate::support::{Desk, Location, Outcome, Read, Story, account, ask_code, browser_of, read};

/// What the app sends along.
const NONCE: &str = "n-0S6_WzA2Mj";

/// Ada has allowed the app, which uses all grant types, these scopes.
fn story(list: &str) -> Story {
    let mut story = Story::approved(list);
    story.app().grant_types = GrantType::ALL.into_iter().collect();
    story
}

/// The same with a token endpoint.
fn desk(list: &str) -> Desk {
    let mut desk = Desk::opens();
    desk.story = story(list);
    desk
}

/// A good OpenID request for this response type, `changes` put over it.
fn asks(response_type: &str, changes: &[(&str, &str)]) -> String {
    let openid = [("response_type", response_type), ("scope", "openid"), ("nonce", NONCE)];
    ask_code(&[&openid, changes].concat())
}

/// The ID token in an answer.
#[track_caller]
fn id_token(location: &Location) -> Read {
    read(location.raw("id_token").unwrap_or_else(|| panic!("no ID token: {}", location.as_str())))
}

/// What the app gets, whatever is in it.
#[track_caller]
fn answered(outcome: Outcome) -> Location {
    match outcome {
        Outcome::Token(location) | Outcome::Code(location, _) => location,
        other => panic!("an answer was expected, not {other:?}"),
    }
}

/// The sign-in that is asked for.
#[track_caller]
fn sign_in(outcome: Outcome) -> (Entrance, bool) {
    match outcome {
        Outcome::SignIn(sign_in) => (sign_in.entrance, sign_in.is_anew),
        other => panic!("signing in was expected, not {other:?}"),
    }
}

/// Ada signs in at the browser again.
fn sign_in_again(story: &mut Story) {
    let mut again = browser_of(account("ada", 50), "ada's next cookie");
    again.session.created_at = story.now;
    story.facts.signed_in = Some(again);
}

/// `username`, who is not Ada, signs in at the browser.
fn sign_in_as(story: &mut Story, username: &str) {
    let mut signed_in = browser_of(account(username, 60), "somebody else's cookie");
    signed_in.session.created_at = story.now;
    story.facts.signed_in = Some(signed_in);
}

/// Time goes by, and the session lasts.
fn wait(story: &mut Story, duration: Duration) {
    story.now = story.now.plus(duration);
    let later = story.now.plus(Duration::from_secs(3600));
    story.person().session.expires_at = later;
}
