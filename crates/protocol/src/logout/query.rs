//! The parameters of a request to sign out (RP-Initiated Logout §2).

use url::form_urlencoded;

use super::LogoutRefusal;

/// The longest request that is looked at, in bytes. The longest hint and the longest `state` fit in.
pub const MAX_LENGTH: usize = 32 * 1024;

/// The most parameters that are looked at.
const MAX_PARAMETERS: usize = 100;

/// A request to sign out as it was sent: each parameter decoded once, none believed.
///
/// `logout_hint` and `ui_locales` say nothing that is needed here: who is signed in is known, and pages are in
/// one language. Like unknown parameters they are let pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogoutQuery {
    /// An ID token that says whom the client means.
    pub id_token_hint: Option<String>,
    /// Which client sends the person.
    pub client_id: Option<String>,
    /// Where it wants them afterwards.
    pub post_logout_redirect_uri: Option<String>,
    /// What it wants back unchanged.
    pub state: Option<String>,
}

impl LogoutQuery {
    /// Reads a query string, or a form in the same encoding.
    ///
    /// # Errors
    /// [`LogoutRefusal::Unreadable`] if a parameter, known or not, came twice, or is not UTF-8;
    /// [`LogoutRefusal::Hint`] if it is longer than [`MAX_LENGTH`]: no other parameter is so long by right.
    pub fn parse(raw: &str) -> Result<Self, LogoutRefusal> {
        if raw.len() > MAX_LENGTH {
            return Err(LogoutRefusal::Hint);
        }
        let mut query = Self::default();
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            // It stands for what could not be read.
            let is_damaged = [&name, &value].iter().any(|text| text.contains('\u{fffd}'));
            if is_damaged || seen.len() == MAX_PARAMETERS {
                return Err(LogoutRefusal::Unreadable);
            }
            // RFC 6749 §3.1, which OpenID Connect follows: a parameter without a value was not sent.
            if value.is_empty() {
                continue;
            }
            if seen.contains(&name) {
                return Err(LogoutRefusal::Unreadable);
            }
            let place = match &*name {
                "id_token_hint" => Some(&mut query.id_token_hint),
                "client_id" => Some(&mut query.client_id),
                "post_logout_redirect_uri" => Some(&mut query.post_logout_redirect_uri),
                "state" => Some(&mut query.state),
                _ => None,
            };
            if let Some(place) = place {
                *place = Some(value.into_owned());
            }
            seen.push(name);
        }
        Ok(query)
    }
}
