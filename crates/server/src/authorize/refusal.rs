//! What a person reads when a request cannot be answered at all.

use hallpass_protocol::authorize::{ClientRedirect, Refusal, Rejection};
use hallpass_protocol::sign_in::ReturnAddress;

use super::as_link;
use crate::http::page::Words;

/// The words for `refusal` of the request `raw`.
pub(super) fn words(refusal: Refusal, raw: &str) -> Words {
    let (explanation, next_step) = match refusal {
        Refusal::MissingParameter(_) => (
            "The app that sent you here left something out of its request. You did nothing wrong.",
            "Go back to the app. If you are its developer: every request needs client_id, response_type and redirect_uri.",
        ),
        Refusal::InvalidClient => (
            "The app that sent you here is not known to us, or it has been switched off. You did nothing wrong.",
            "Go back to the app. If you are its developer: compare client_id with the one on your app's page.",
        ),
        Refusal::InvalidRedirectUri => (
            "The app asked us to send you to an address that it has not registered, so we stopped. You did nothing wrong.",
            "Go back to the app. If you are its developer: redirect_uri must be, to the letter, one of the redirect URIs in your app's settings.",
        ),
        Refusal::InsecureRedirectUri => (
            "The app asked us to send you to an address of a kind that is no longer allowed here. You did nothing wrong.",
            "Go back to the app. If you are its developer: register an https address, or http://127.0.0.1 while you develop.",
        ),
        Refusal::OutOfDate => (
            "It was open for too long, or somebody signed in or out in this browser since. Nothing was agreed to.",
            "Start again to see what the app asks for now.",
        ),
    };
    let link = match refusal {
        Refusal::OutOfDate => start_again(raw),
        _ => None,
    };
    Words {
        sentence: refusal.to_string(),
        explanation: explanation.to_owned(),
        next_step: next_step.to_owned(),
        link,
    }
}

/// What stands before an error is sent to an app whose owner nobody knows: without a click, a link to
/// us would lead wherever anybody registered (RFC 9700 §4.11.2).
pub(super) fn words_before_leaving(rejection: &Rejection, redirect: &ClientRedirect) -> Words {
    Words {
        sentence: "This app's request cannot be granted".to_owned(),
        explanation: format!(
            "The app made a mistake in its request ({}). You did nothing wrong.",
            rejection.error
        ),
        next_step: format!(
            "You can go back to the app, at {}, or close this page.",
            rejection.returns_to()
        ),
        link: Some(("Go back to the app".to_owned(), redirect.as_str().to_owned())),
    }
}

/// The same request once more. Only a path of this site can come out of it, whatever was posted.
fn start_again(raw: &str) -> Option<(String, String)> {
    let address = ReturnAddress::to(&as_link(raw))?;
    Some(("Start again".to_owned(), address.as_str().to_owned()))
}
