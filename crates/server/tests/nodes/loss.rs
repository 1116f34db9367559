//! A node that ends, by accident or as planned, under load.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::app::{Tokens, code, exchange, post, refresh};
use crate::site::{Site, until};
use crate::support::Browser;

/// How many ask at once.
const PEOPLE: usize = 4;
/// The most rounds of each, so that a test ends whatever happens.
const ROUNDS: usize = 250;

/// An exchange that was acknowledged, with the last successor that was.
struct Acknowledged {
    code: String,
    refresh: String,
}

/// Gets codes, exchanges them and renews what they bring, until `is_over`; writes down what was
/// acknowledged, and counts it.
fn use_app(browser: &mut Browser, count: &AtomicUsize, is_over: &AtomicBool) -> Vec<Acknowledged> {
    let (at, mut acknowledged) = (browser.address, Vec::new());
    for _ in 0..ROUNDS {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let Some(code) = code(browser) else { continue };
        let Some(mut tokens) = Tokens::of(&exchange(at, &code)) else { continue };
        for _ in 0..2 {
            let renewed = Tokens::of(&refresh(at, &tokens.refresh));
            tokens = renewed.unwrap_or(tokens);
        }
        acknowledged.push(Acknowledged { code, refresh: tokens.refresh });
        count.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

#[test]
fn a_node_that_is_killed_takes_nothing_with_it_that_was_acknowledged() {
    let mut site = Site::open();
    let mut browsers: Vec<Browser> = (0..PEOPLE).map(|_| site.browser()).collect();
    for (number, browser) in browsers.iter_mut().enumerate() {
        let name = format!("person{number}");
        assert_eq!(browser.sign_up(&name, "a password of theirs").status, 303);
    }
    let (count, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let acknowledged: Vec<Acknowledged> = thread::scope(|scope| {
        let using = |browser| scope.spawn(|| use_app(browser, &count, &is_over));
        let people: Vec<_> = browsers.iter_mut().map(using).collect();
        until(|| (count.load(Ordering::Relaxed) >= 20).then_some(()));
        site.nodes[1].stop("KILL");
        let before = count.load(Ordering::Relaxed);
        until(|| (count.load(Ordering::Relaxed) >= before + 20).then_some(()));
        is_over.store(true, Ordering::Relaxed);
        people.into_iter().flat_map(|person| person.join().unwrap()).collect()
    });
    let survivor = site.nodes[0].address;
    assert!(acknowledged.len() >= 40);
    for Acknowledged { code, refresh: token } in &acknowledged {
        assert_eq!(refresh(survivor, token).status, 200, "the family and its consent are there");
        assert_eq!(exchange(survivor, code).status, 400, "the code is known to have been used");
        assert_eq!(refresh(survivor, token).status, 400, "so its second use has ended the family");
    }
}

/// Asks what can be asked by anybody and by the app, until `is_over`; answers how many requests that were.
fn ask(at: SocketAddr, count: &AtomicUsize, is_over: &AtomicBool) {
    for round in 0..10 * ROUNDS {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let answer = match round % 2 {
            0 => Browser::at(at).get("/.well-known/oauth-authorization-server"),
            _ => post(at, "/api/token", &[("grant_type", "client_credentials")]),
        };
        assert_eq!(answer.status, 200, "request {round} was lost: {}", answer.body);
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_planned_restart_of_each_node_loses_no_request() {
    let mut site = Site::open();
    let (at, count, is_over) = (site.address, AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let people: Vec<_> =
            (0..PEOPLE).map(|_| scope.spawn(|| ask(at, &count, &is_over))).collect();
        let more = || {
            let before = count.load(Ordering::Relaxed);
            let is_done = || people.iter().all(thread::ScopedJoinHandle::is_finished);
            until(|| (is_done() || count.load(Ordering::Relaxed) >= before + 40).then_some(()));
        };
        for node in 0..2 {
            more();
            site.nodes[node].stop("TERM");
            more();
            // The next may go only when the proxy knows that this one is back.
            site.start_again(node);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(count.into_inner() >= 200);
}
