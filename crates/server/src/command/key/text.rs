//! What a person reads about keys.

use std::fmt::Write as _;

use crate::keyring::{Ended, KeyRow, Rotated};

/// All keys, one line each.
pub(super) fn table(keys: &[KeyRow]) -> String {
    let mut text = line(["ID", "PURPOSE", "STATE", "ACTIVE FROM"], "UNTIL");
    for key in keys {
        let until = match (&*key.state, &key.until) {
            ("coming", Some(at)) => format!("{at}, then active"),
            ("active", Some(at)) => format!("{at}, then retired"),
            ("active", None) if key.is_for_ever() => "for ever".to_owned(),
            ("active", None) => "the next key".to_owned(),
            ("retired", Some(at)) => format!("{at}, then removed"),
            _ => "removed soon".to_owned(),
        };
        text.push_str(&line([&key.id, &key.purpose, &key.state, &key.active_from], &until));
    }
    text
}

fn line([id, purpose, state, from]: [&str; 4], until: &str) -> String {
    format!("{id:<10}{purpose:<18}{state:<9}{from:<22}{until}\n")
}

/// What is coming.
pub(super) fn rotated(rotated: &[Rotated]) -> String {
    let mut text = String::new();
    for Rotated { key, is_new } in rotated {
        let was = if *is_new { "is made and" } else { "was made before and" };
        let KeyRow { id, purpose, active_from, .. } = key;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{purpose:<18}{id} {was} becomes active at {active_from}");
    }
    text.push_str("Until then everybody gets to know them. What older keys made stays good until its time is over.\n");
    text
}

/// What has ended, and what goes on.
pub(super) fn ended(Ended { key, successor }: &Ended) -> String {
    let successor = match successor {
        Some(successor) => format!("{} has taken its place and is active now.", successor.id),
        None => "It was not in use, so nothing has to take its place.".to_owned(),
    };
    format!("{} ({}, {}) is revoked. {successor}\n", key.id, key.purpose, key.state)
}

/// What revoking this key means to people and apps.
pub(super) fn consequence(key: &KeyRow) -> String {
    let KeyRow { id, purpose, state, .. } = key;
    let what = match (&**purpose, &**state) {
        (_, "coming") => "Nothing was made with it yet, so nobody will notice.",
        ("access-token", _) => {
            "Every sealed access token that it made is refused from now on. Apps with a refresh token get a new one with it; all others ask their people again."
        }
        ("form", _) => {
            "Forms on pages that are open now cannot be sent any more: people are asked to start again."
        }
        ("refresh-token", _) => {
            "Every refresh token that it made is refused from now on: people must open those apps' access anew."
        }
        _ => {
            "Every token that it signed is refused from now on: here at once, by APIs that follow the feed within a second, by others when their copy of the published keys is five minutes old."
        }
    };
    format!("{id} is the {state} key for {purpose}. {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(purpose: &str, state: &str, until: Option<&str>) -> KeyRow {
        KeyRow {
            id: "0000002a".to_owned(),
            purpose: purpose.to_owned(),
            state: state.to_owned(),
            active_from: "2026-11-22T18:00:00Z".to_owned(),
            until: until.map(str::to_owned),
        }
    }

    #[test]
    fn the_table_says_what_happens_next() {
        let at = Some("2026-11-23T18:00:00Z");
        let table = table(&[
            key("form", "active", None),
            key("form", "coming", at),
            key("sign-ed25519", "retired", at),
            key("pairwise-subject", "active", None),
        ]);
        assert_eq!(
            table,
            "ID        PURPOSE           STATE    ACTIVE FROM           UNTIL
0000002a  form              active   2026-11-22T18:00:00Z  the next key
0000002a  form              coming   2026-11-22T18:00:00Z  2026-11-23T18:00:00Z, then active
0000002a  sign-ed25519      retired  2026-11-22T18:00:00Z  2026-11-23T18:00:00Z, then removed
0000002a  pairwise-subject  active   2026-11-22T18:00:00Z  for ever
"
        );
    }

    #[test]
    fn what_ends_is_told_before_it_does() {
        let told = |purpose, state| consequence(&key(purpose, state, None));
        assert!(told("access-token", "active").contains("sealed access token"));
        assert!(told("refresh-token", "retired").contains("refresh token"));
        assert!(told("form", "active").contains("open now"));
        assert!(told("sign-rs256", "active").contains("within a second"));
        assert!(told("sign-rs256", "coming").contains("nobody will notice"));
    }
}
