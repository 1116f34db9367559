//! The database goes away while the nodes serve, and comes back.

use crate::app::{Tokens, code, exchange, introspect, is_good, refresh};
use crate::site::{Site, until};
use crate::support::Answer;
use crate::way::Way;

/// A 503 that says when to come again.
#[track_caller]
fn assert_away(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 503, "{what}: {}", answer.body);
    assert_eq!(answer.headers("retry-after").count(), 1, "{what}");
}

/// Takes the database away from one of two nodes, looks at what that node says, and gives it back.
fn live_through(take_away: fn(&Way)) {
    let site = Site::open();
    let node = &site.nodes[0];
    let mut mary = node.browser();
    assert_eq!(mary.sign_up("mary", "a password of mary's").status, 303);
    let first = code(&mut mary).expect("a code");
    let tokens = Tokens::of(&exchange(node.address, &first)).expect("tokens");
    assert!(is_good(node.address, &tokens.access));

    take_away(&node.way);
    // Within the bound memory is good; after it nobody is told anything.
    until(|| (introspect(node.address, &tokens.access).status != 200).then_some(()));
    assert_away(&introspect(node.address, &tokens.access), "introspection");
    assert_away(&refresh(node.address, &tokens.refresh), "a refresh");
    assert_away(&exchange(node.address, &first), "an exchange");
    for page in ["/dashboard", "/account/apps", "/authorize?client_id=turntable"] {
        assert_away(&mary.get(page), page);
    }
    let unready = node.browser().get("/health/ready");
    assert_away(&unready, "readiness");
    assert!(unready.body.contains("has not heard from the database for"), "{}", unready.body);
    for path in ["/.well-known/oauth-authorization-server", "/jwks", "/health/live"] {
        assert_eq!(node.browser().get(path).status, 200, "{path}");
    }
    assert!(is_good(site.nodes[1].address, &tokens.access), "the other node has its own way");

    node.way.mend();
    node.wait_for("/health/ready", |answer| answer.status == 200);
    assert!(is_good(node.address, &tokens.access));
    assert_eq!(mary.get("/account/apps").status, 200);
    assert_eq!(refresh(node.address, &tokens.refresh).status, 200);
}

#[test]
fn in_08_while_the_database_is_away_nothing_is_made_up_and_all_comes_back_without_a_restart() {
    live_through(Way::cut);
}

#[test]
fn in_08_a_database_that_says_nothing_any_more_is_away() {
    live_through(Way::silence);
}
