//! What works when any request may meet either node.

use crate::app::{Tokens, code, exchange, is_good, refresh, revoke};
use crate::site::{Site, until};

#[test]
fn a_whole_flow_through_the_proxy_needs_no_node_twice() {
    let site = Site::open();
    let at = site.address;
    let mut mary = site.browser();
    assert_eq!(mary.sign_up("mary", "a password of mary's").status, 303);
    for _ in 0..5 {
        let code = code(&mut mary).expect("a code");
        let first = Tokens::of(&exchange(at, &code)).expect("tokens");
        let second = Tokens::of(&refresh(at, &first.refresh)).expect("their successors");
        assert!(is_good(at, &first.access) && is_good(at, &second.access));
        assert_eq!(revoke(at, &second.refresh).status, 200);
        // Until the node that did not do it has heard.
        until(|| (0..4).all(|_| !is_good(at, &second.access)).then_some(()));
        assert_eq!(refresh(at, &second.refresh).status, 400);
    }
    assert_eq!(site.browser().get("/health/ready").status, 404, "that is not for everybody");
}

#[test]
fn rv_08_what_is_revoked_at_one_node_is_refused_by_the_other() {
    let site = Site::open();
    let [one, other] = [0, 1].map(|node| site.nodes[node].address);
    let mut mary = site.browser();
    assert_eq!(mary.sign_up("mary", "a password of mary's").status, 303);
    for (here, there) in [(one, other), (other, one)] {
        let code = code(&mut mary).expect("a code");
        let tokens = Tokens::of(&exchange(here, &code)).expect("tokens");
        assert!(is_good(there, &tokens.access));
        assert_eq!(revoke(here, &tokens.access).status, 200);
        assert!(!is_good(here, &tokens.access), "at once where it was done");
        until(|| (!is_good(there, &tokens.access)).then_some(()));
        assert_eq!(refresh(there, &tokens.refresh).status, 400, "and no new one is made of it");
    }
}
