//! Times as people read them: how long ago, with the exact time at hand.

use hallpass_protocol::model::Timestamp;

/// A point in time to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// Such as "3 minutes ago".
    pub(crate) relative: String,
    /// Such as "2026-11-22 14:05:00 UTC".
    pub(crate) exact: String,
    /// For machines: RFC 3339.
    pub(crate) machine: String,
}

impl When {
    /// `past` as it is told at `now`; a time to come counts as now.
    pub(crate) fn told(past: Timestamp, now: Timestamp) -> Self {
        let moment = jiff::Timestamp::from_second(past.seconds()).unwrap_or_default();
        Self {
            relative: ago(now.since(past).as_secs()),
            exact: moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            machine: moment.to_string(),
        }
    }
}

fn ago(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (365 * 86_400, "year"),
        (30 * 86_400, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    match UNITS.into_iter().find(|(length, _)| seconds >= *length) {
        None => "just now".to_owned(),
        Some((length, unit)) if seconds / length == 1 => format!("1 {unit} ago"),
        Some((length, unit)) => format!("{} {unit}s ago", seconds / length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_largest_unit_that_fits() {
        let then = Timestamp::from_seconds(1_795_356_300);
        let told = |later: i64| When::told(then, Timestamp::from_seconds(1_795_356_300 + later));
        assert_eq!(told(59).relative, "just now");
        assert_eq!(told(-5).relative, "just now");
        assert_eq!(told(60).relative, "1 minute ago");
        assert_eq!(told(7_300).relative, "2 hours ago");
        assert_eq!(told(86_400 * 45).relative, "1 month ago");
        assert_eq!(told(86_400 * 800).relative, "2 years ago");
        assert_eq!(told(0).exact, "2026-11-22 14:05:00 UTC");
        assert_eq!(told(0).machine, "2026-11-22T14:05:00Z");
    }
}
