//! The mark of a request whose person was sent to sign in: how it is known, when they come back, that
//! they did.
//!
//! A pending request is never stored, so the mark is a parameter at its end, `hallpass_sent=…`: proven
//! by the form key, bound to the browser and to the request, and naming the session that was not enough.
//! Who comes back with that session has not signed in again, whatever they clicked (AZ-24); times are
//! not compared, so the clocks of two nodes do not matter.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::{FormKeys, FormPurpose, Randomness, Secret, Session, SessionId, Timestamp};

const PARAMETER: &str = "hallpass_sent=";

/// Enough of a digest to tell one session of a browser from another.
const NAME: usize = 9;

/// Somebody was sent to sign in for this very request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    session: [u8; NAME],
}

impl Returned {
    /// `raw`, marked as the request for which the browser that `visitor` names is sent to sign in from
    /// `session`.
    pub fn mark(
        raw: &str,
        session: Option<&SessionId>,
        (keys, visitor): (&FormKeys, &str),
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> String {
        let raw = Self::split(raw).0;
        let name = name(session);
        let parts: [&[u8]; 3] = [visitor.as_bytes(), raw.as_bytes(), &name];
        let token = keys.mint(FormPurpose::SentToSignIn, &parts, rng, now);
        let separator = if raw.is_empty() { "" } else { "&" };
        format!("{raw}{separator}{PARAMETER}{}.{}", token.as_str(), URL_SAFE_NO_PAD.encode(name))
    }

    /// Whether `raw` could have a mark, good or bad.
    pub fn is_marked(raw: &str) -> bool {
        raw.contains(PARAMETER)
    }

    /// The request without its mark, and what the mark says if it is good.
    pub fn read<'a>(
        raw: &'a str,
        (keys, visitor): (&FormKeys, &str),
        now: Timestamp,
    ) -> (&'a str, Option<Self>) {
        let (raw, mark) = Self::split(raw);
        let believe = |mark: &str| {
            let (token, name) = mark.split_once('.')?;
            let session: [u8; NAME] = URL_SAFE_NO_PAD.decode(name).ok()?.try_into().ok()?;
            let parts: [&[u8]; 3] = [visitor.as_bytes(), raw.as_bytes(), &session];
            keys.verify(token, FormPurpose::SentToSignIn, &parts, now).ok()?;
            Some(Self { session })
        };
        (raw, mark.and_then(believe))
    }

    /// The request, and its mark if it has one at its end.
    fn split(raw: &str) -> (&str, Option<&str>) {
        match raw.rsplit_once(PARAMETER) {
            Some((request, mark)) if !mark.contains('&') && is_end(request) => {
                (request.strip_suffix('&').unwrap_or(request), Some(mark))
            }
            _ => (raw, None),
        }
    }

    /// Whether `session` is another one than the one that was not enough.
    pub(super) fn has_signed_in(self, session: &Session) -> bool {
        self.session != name(Some(&session.id))
    }
}

/// Whether a parameter can begin behind `request`.
fn is_end(request: &str) -> bool {
    request.is_empty() || request.ends_with('&')
}

/// A digest of a digest: what the browser carries says nothing of its cookie.
fn name(session: Option<&SessionId>) -> [u8; NAME] {
    let text =
        session.map(|session| URL_SAFE_NO_PAD.encode(session.as_bytes())).unwrap_or_default();
    let digest = Secret::presented(text).digest();
    let mut name = [0; NAME];
    name.copy_from_slice(&digest.as_bytes()[..NAME]);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, FormKey, FormToken, Succession};

    struct Zero;
    impl Randomness for Zero {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn session(cookie: &str) -> Session {
        let id = SessionId::of(&Secret::presented(cookie));
        let account = AccountId::mint(&mut Zero, NOW);
        Session { id, account, created_at: NOW, expires_at: NOW }
    }

    #[test]
    fn az_24_who_comes_back_with_the_old_session_has_not_signed_in() {
        let key = FormKeys::new(Succession::of(FormKey::new(&[1; 32])));
        let (old, new) = (session("old"), session("new"));
        let marked = Returned::mark("a=b", Some(&old.id), (&key, "visitor"), &mut Zero, NOW);
        let (raw, returned) = Returned::read(&marked, (&key, "visitor"), NOW);
        assert_eq!(raw, "a=b");
        let returned = returned.expect("ours");
        assert!(returned.has_signed_in(&new) && !returned.has_signed_in(&old));
    }

    #[test]
    fn a_mark_is_good_for_its_request_in_its_browser_for_an_hour() {
        let key = FormKeys::new(Succession::of(FormKey::new(&[1; 32])));
        let marked = Returned::mark("a=b", None, (&key, "visitor"), &mut Zero, NOW);
        let believed =
            |raw: &str, visitor, now| Returned::read(raw, (&key, visitor), now).1.is_some();
        assert!(believed(&marked, "visitor", NOW));
        assert!(!believed(&marked, "another", NOW));
        assert!(!believed(&marked.replace("a=b", "a=c"), "visitor", NOW));
        assert!(!believed(&marked, "visitor", NOW.plus(FormToken::LIFETIME)));
        assert!(!believed(&format!("{marked}A"), "visitor", NOW));
    }

    #[test]
    fn a_request_is_marked_once_and_other_parameters_are_left_alone() {
        let key = FormKeys::new(Succession::of(FormKey::new(&[1; 32])));
        let place = (&key, "visitor");
        for raw in ["a=b", "", "a=hallpass_sent=", "xhallpass_sent=c", "hallpass_sent=c&d=e"] {
            let once = Returned::mark(raw, None, place, &mut Zero, NOW);
            assert_eq!(Returned::read(&once, place, NOW).0, raw);
            assert_eq!(Returned::mark(&once, None, place, &mut Zero, NOW), once, "{raw}");
        }
        let foreign = Returned::read("a=b&hallpass_sent=junk", place, NOW);
        assert_eq!(foreign, ("a=b", None), "no error, and no use");
    }
}
