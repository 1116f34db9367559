//! What a client says of how the person is to be met: `prompt` and `max_age` (OpenID Connect Core
//! §3.1.2.1), and the guide's `show_dialog`.

use std::time::Duration;

use super::error::{AuthorizationError, ErrorCode};
use super::query::{AuthorizationQuery, Parameter};
use super::returned::Returned;
use crate::model::{Session, Timestamp};

/// For how long somebody who signed in for a request counts as having done so just now: to read the
/// question and to answer it.
const JUST_NOW: Duration = Duration::from_secs(5 * 60);

/// How the person is to be met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Interaction {
    /// Nothing may be shown to them at all.
    is_silent: bool,
    /// Where they are to prove who they are, even if they are signed in.
    entrance: Option<Entrance>,
    /// They are asked, even if they agreed before.
    is_asked: bool,
    /// For how long their last proof counts.
    max_age: Option<Duration>,
}

/// Where a person proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// With an account.
    SignIn,
    /// By making one (Initiating User Registration via OpenID Connect 1.0).
    SignUp,
}

impl Interaction {
    pub(super) fn judge(query: &AuthorizationQuery) -> Result<Self, AuthorizationError> {
        let mut wanted = Self { max_age: judge_max_age(query)?, ..Self::default() };
        let sent = query.prompt.once().map_or("", String::as_str);
        let mut words = 0;
        for word in sent.split(' ').filter(|word| !word.is_empty()) {
            words += 1;
            match word {
                "none" => wanted.is_silent = true,
                "login" => wanted.entrance = wanted.entrance.or(Some(Entrance::SignIn)),
                "create" => wanted.entrance = Some(Entrance::SignUp),
                // The page that asks names the account, and leads to another.
                "consent" | "select_account" => wanted.is_asked = true,
                _ => return Err(refused("This prompt is not supported")),
            }
        }
        if wanted.is_silent && words > 1 {
            return Err(refused("prompt none cannot be used with another"));
        }
        wanted.is_asked |= judge_show_dialog(query)?;
        if wanted.is_silent && wanted.is_asked {
            return Err(refused("prompt none cannot be used with show_dialog"));
        }
        Ok(wanted)
    }

    /// Whether no page may be shown.
    pub(super) const fn is_silent(self) -> bool {
        self.is_silent
    }

    /// Whether the person is asked even if they agreed before.
    pub(super) const fn is_asked(self) -> bool {
        self.is_asked
    }

    /// Where somebody goes who is not signed in.
    pub(super) const fn entrance(self) -> Entrance {
        match self.entrance {
            Some(entrance) => entrance,
            None => Entrance::SignIn,
        }
    }

    /// Whether somebody who is not signed in must come back by this request's own sign-in.
    pub(super) const fn wants_a_new_sign_in(self) -> bool {
        self.entrance.is_some() || self.max_age.is_some()
    }

    /// Whether the sign-in of `session` is not enough for this request. Who was sent to sign in for it,
    /// and came back with another session, has done what was wanted.
    pub(super) fn is_too_old(
        self,
        session: &Session,
        returned: Option<Returned>,
        now: Timestamp,
    ) -> bool {
        let is_new = returned.is_some_and(|returned| returned.has_signed_in(session));
        if is_new && now < session.created_at.plus(JUST_NOW) {
            return false;
        }
        self.entrance.is_some()
            || self.max_age.is_some_and(|age| now > session.created_at.plus(age))
    }
}

/// > max_age: Specifies the allowable elapsed time in seconds since the last time the End-User was
/// > actively authenticated by the OP. (OpenID Connect Core §3.1.2.1)
fn judge_max_age(query: &AuthorizationQuery) -> Result<Option<Duration>, AuthorizationError> {
    let Some(text) = query.max_age.once() else { return Ok(None) };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused("max_age must be a number of seconds"));
    }
    // More than any session lasts is no limit; more than fits is not a number that anybody means.
    let seconds: u64 = text.parse().map_err(|_| refused("max_age is too large"))?;
    Ok(i64::try_from(seconds.saturating_mul(1000)).is_ok().then(|| Duration::from_secs(seconds)))
}

/// `true` and `false` in any case: a widely used client sends `True`.
fn judge_show_dialog(query: &AuthorizationQuery) -> Result<bool, AuthorizationError> {
    match &query.show_dialog {
        Parameter::Absent => Ok(false),
        other => match other.once().map(|text| text.to_ascii_lowercase()).as_deref() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => Err(refused("show_dialog must be true or false")),
        },
    }
}

fn refused(description: &str) -> AuthorizationError {
    AuthorizationError::new(ErrorCode::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(raw: &str) -> Result<Interaction, String> {
        let query = AuthorizationQuery::parse(raw).expect("a query within the limits");
        Interaction::judge(&query).map_err(|error| error.to_string())
    }

    #[test]
    fn az_23_none_stands_alone() {
        assert!(judge("prompt=none").is_ok_and(Interaction::is_silent));
        for sent in [
            "prompt=none+login",
            "prompt=consent%20none",
            "prompt=none+none",
            "prompt=none&show_dialog=true",
        ] {
            let told = judge(sent).expect_err(sent);
            assert!(told.starts_with("invalid_request: prompt none"), "{told}");
        }
    }

    #[test]
    fn words_are_known_and_compared_with_their_case() {
        for sent in ["prompt=Login", "prompt=login,consent", "prompt=none2", "prompt=login+x"] {
            assert_eq!(
                judge(sent),
                Err("invalid_request: This prompt is not supported".to_owned())
            );
        }
        let both = judge("prompt=login+consent").expect("both can be done");
        assert!(both.is_asked() && both.entrance == Some(Entrance::SignIn));
        let created =
            judge("prompt=login+create").expect("an account is signed in to as it is made");
        assert_eq!(created.entrance(), Entrance::SignUp);
    }

    #[test]
    fn az_25_an_age_is_a_number_of_seconds() {
        for sent in ["-1", "abc", "1.5", "%2B1", "99999999999999999999"] {
            assert!(judge(&format!("max_age={sent}")).is_err(), "{sent}");
        }
        let age = |sent| judge(sent).expect("a number").max_age;
        assert_eq!(age("max_age=0"), Some(Duration::ZERO));
        assert_eq!(age("max_age=18446744073709551615"), None, "no limit, and no overflow");
    }
}
