//! Which values make sense.

use std::net::SocketAddr;
use std::time::Duration;

use hallpass_protocol::token::RefreshLifetimes;

use super::{PublicUrl, SettingsError};
use crate::layout::Accent;

/// An address that others reach would make a public URL of plain http, which [`PublicUrl::parse`] refuses.
pub(super) fn judge_listen(
    listen: SocketAddr,
    public_url: Option<&PublicUrl>,
) -> Result<(), SettingsError> {
    if listen.ip().is_loopback() || public_url.is_some() {
        return Ok(());
    }
    let expected = "others can reach that address, so set public_url to the https address they use";
    Err(SettingsError::Value { setting: "listen", value: listen.to_string(), expected })
}

/// In seconds.
pub(super) const MONTH: u64 = 30 * 86_400;

pub(super) fn refresh_lifetimes(
    idle: Option<u64>,
    absolute: Option<u64>,
) -> Result<RefreshLifetimes, SettingsError> {
    let (idle, absolute) = (idle.unwrap_or(MONTH), absolute.unwrap_or(6 * MONTH));
    Ok(RefreshLifetimes {
        idle: seconds("refresh_idle", idle, 3_600..=31_536_000)?,
        absolute: seconds("refresh_absolute", absolute, 3_600..=315_360_000)?,
    })
}

pub(super) fn seconds(
    setting: &'static str,
    value: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Result<Duration, SettingsError> {
    if range.contains(&value) {
        return Ok(Duration::from_secs(value));
    }
    let expected = match setting {
        "drain" => "between 0 and 300 (five minutes) seconds",
        "token_lifetime" => "between 60 (a minute) and 86400 (a day) seconds",
        "refresh_idle" => "between 3600 (an hour) and 31536000 (a year) seconds",
        "key_lifetime" => "between 86400 (a day) and 315360000 (ten years) seconds",
        "refresh_absolute" => "between 3600 (an hour) and 315360000 (ten years) seconds",
        _ => "between 300 (five minutes) and 31536000 (a year) seconds",
    };
    Err(SettingsError::Value { setting, value: value.to_string(), expected })
}

pub(super) fn count(setting: &'static str, value: usize) -> Result<usize, SettingsError> {
    if (1..=1_000_000).contains(&value) {
        return Ok(value);
    }
    Err(SettingsError::Value { setting, value: value.to_string(), expected: "at least 1" })
}

pub(super) fn service_name(written: Option<String>) -> Result<String, SettingsError> {
    let name = written.unwrap_or_else(|| "Hallpass".to_owned());
    let length = name.chars().count();
    if !(1..=40).contains(&length) || name.chars().any(char::is_control) || name.trim() != name {
        let expected = "1 to 40 characters on one line";
        return Err(SettingsError::Value { setting: "service_name", value: name, expected });
    }
    Ok(name)
}

pub(super) fn accent(written: Option<String>) -> Result<Accent, SettingsError> {
    let Some(text) = written else { return Ok(Accent::default()) };
    Accent::parse(&text).ok_or(SettingsError::Value {
        setting: "accent",
        value: text,
        expected: "a colour such as #1d5c4b",
    })
}
