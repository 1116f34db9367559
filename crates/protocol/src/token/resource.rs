//! For which API a token is (RFC 8707 §2.2): one API a token, and never another than was granted.

use super::error::{TokenError, TokenErrorCode};
use crate::model::{Api, ApiIdentifier, Policy};

/// The API that a client names for a token of its own, if it names one.
///
/// # Errors
/// `invalid_target` for one that is not known.
pub(super) fn find<'a>(
    asked: Option<&str>,
    policy: &'a Policy,
) -> Result<Option<&'a Api>, TokenError> {
    let unknown = || TokenError::new(TokenErrorCode::InvalidTarget, "Unknown resource");
    asked.map(|asked| policy.api(asked).ok_or_else(unknown)).transpose()
}

/// Judges what a client names beside a code or a refresh token, which were `granted` for an API or for
/// none. To name nothing is to name what was granted.
///
/// # Errors
/// `invalid_target` for another API, and for one that is not there any more.
pub fn judge(
    asked: Option<&str>,
    granted: Option<&ApiIdentifier>,
    policy: &Policy,
) -> Result<(), TokenError> {
    let granted = granted.map(ApiIdentifier::as_str);
    if asked.is_some() && asked != granted {
        let description = "The resource is not the one that was granted";
        return Err(TokenError::new(TokenErrorCode::InvalidTarget, description));
    }
    find(granted, policy).map(|_| ())
}
