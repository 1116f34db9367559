//! Pages: their headers, and what the person sees when there is nothing else to show.

use askama::Template;
use axum::http::header::{
    ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER, STRICT_TRANSPORT_SECURITY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::reference::Reference;
use crate::fault::{Fault, FaultReport};
use crate::layout::{NextStep, RefusalPage};
use crate::state::App;

/// Where the forms of a page may lead, redirects included: Chromium stops a form's answer from
/// redirecting to an origin that the page's policy does not name (CSP 3 §6.3.2).
#[derive(Clone, Debug, Default)]
pub(crate) enum FormAction {
    /// This site only.
    #[default]
    SelfOnly,
    /// This site, and the proven origin or scheme of a client.
    And(String),
    /// To a client's proven address, and from there wherever the client leads its own users.
    Client,
}

/// A page as an answer.
///
/// # Errors
/// [`Fault::Page`] if the template cannot be rendered.
pub(crate) fn answer(
    status: StatusCode,
    page: &impl Template,
    form_action: &FormAction,
) -> Result<Response, Fault> {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = super::answer(status, html, page.render()?);
    let policy = content_security_policy(form_action);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// A refusal, with a reference under which the log tells more.
///
/// # Errors
/// [`Fault::Page`].
pub(crate) fn refuse(app: &App, status: StatusCode, words: Words) -> Result<Response, Fault> {
    let reference = Reference::mint(&mut app.rng());
    tracing::info!(%reference, status = status.as_u16(), sentence = %words.sentence, "refused");
    refuse_under(app, status, words, reference)
}

/// What a refusal says.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// What happened, in one sentence; a stable one where the wire has one.
    pub(crate) sentence: String,
    /// Whose fault it is, and why.
    pub(crate) explanation: String,
    /// What to do now.
    pub(crate) next_step: String,
    /// A link that does it: label and address on this site.
    pub(crate) link: Option<(String, String)>,
}

fn refuse_under(
    app: &App,
    status: StatusCode,
    words: Words,
    reference: Reference,
) -> Result<Response, Fault> {
    let page = RefusalPage {
        frame: app.layout.frame(words.sentence.clone(), None),
        sentence: words.sentence,
        explanation: words.explanation,
        next_step: NextStep { text: words.next_step, link: words.link },
        reference: Some(reference.to_string()),
    };
    answer(status, &page, &FormAction::SelfOnly)
}

/// Puts a page around a bare answer (a fault, a path that is not there, a method that does not fit), and to
/// every answer the headers that all carry.
pub(super) fn dress(app: &App, mut response: Response) -> Response {
    if let Some(FaultReport(report)) = response.extensions_mut().remove::<FaultReport>() {
        let reference = Reference::mint(&mut app.rng());
        tracing::error!(%reference, "{report}");
        response = dress_bare(app, &response, reference);
    } else if is_bare(&response) {
        response = dress_bare(app, &response, Reference::mint(&mut app.rng()));
    }
    let headers = response.headers_mut();
    super::complete(headers);
    if app.policy.issuer.starts_with("https:") {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// An error without a body.
fn is_bare(response: &Response) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && !response.headers().contains_key(CONTENT_TYPE)
}

fn dress_bare(app: &App, bare: &Response, reference: Reference) -> Response {
    let status = bare.status();
    let dressed = refuse_under(app, status, words_for(status), reference);
    let mut response = dressed.unwrap_or_else(|_| status.into_response());
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = bare.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

fn words_for(status: StatusCode) -> Words {
    let (sentence, explanation, next_step) = match status {
        StatusCode::NOT_FOUND => (
            "There is no such page",
            "The address may be mistyped, or what was here has been removed.",
            "Check the address, or begin at the front page.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "This address does not take that kind of request",
            "The program that sent the request used a method that is not offered here.",
            "Its developer finds the right one in the manual.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => (
            "This request is too large",
            "More was sent than this page can take.",
            "Send less, or ask whoever sent you here to do so.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "This request is in a form that is not taken here",
            "Forms are taken as application/x-www-form-urlencoded, once, in UTF-8.",
            "The developer of the program that sent it can change that.",
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            "Something went wrong",
            "This is our fault, not yours: the service is busy or cannot reach its data.",
            "Wait a moment and try again.",
        ),
        _ if status.is_server_error() => (
            "Something went wrong",
            "This is our fault, not yours. Nothing that you did was lost or half done.",
            "Try again. If it happens again, tell the operator the reference below.",
        ),
        _ => (
            "This request could not be read",
            "It is damaged, or it stopped coming.",
            "Go back and try again.",
        ),
    };
    Words {
        sentence: sentence.to_owned(),
        explanation: explanation.to_owned(),
        next_step: next_step.to_owned(),
        link: Some(("Front page".to_owned(), "/".to_owned())),
    }
}

fn content_security_policy(form_action: &FormAction) -> HeaderValue {
    let sources = match form_action {
        FormAction::SelfOnly => "'self'",
        FormAction::And(source) => &format!("'self' {source}"),
        FormAction::Client => "https: http:",
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         form-action {sources}; frame-ancestors 'none'; base-uri 'none'"
    );
    // A source is an origin or a scheme of a registered URI: ASCII without spaces or semicolons.
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}
