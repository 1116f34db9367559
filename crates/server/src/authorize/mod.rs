//! The authorization endpoint: `/authorize`, and the answer to its consent page.
//!
//! Owns what is HTTP about it. The rules are `hallpass_protocol::authorize`; nothing about a request
//! is kept between its steps, so any node can take any of them.
//!
//! ```text
//! GET  /authorize?…        -> facts -> decide -> a page, a redirect, or sign-in and back here
//! POST /authorize          -> 303 to the same request as a GET
//! POST /authorize/answer   -> the form token, then the same query through the same decision
//! ```

mod consent;
mod form_post;
mod refusal;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hallpass_protocol::authorize::{
    Answer, AuthorizationQuery, ClientAnswer, ClientForm, Decision, Entrance, Facts, Granted,
    Issue, NewCode, Past, Plan, Prompt, Refusal, Rejection, Returned, SignIn, Verdict, decide,
};
use hallpass_protocol::model::{ClientId, SessionId};
use hallpass_protocol::sign_in::ReturnAddress;

use crate::fault::Fault;
use crate::http::form::{Form, RawForm};
use crate::http::form_token::{self, is_same_origin};
use crate::http::onward;
use crate::http::page::{self, FormAction};
use crate::http::redirect::{self, Asked};
use crate::http::visitor::Visitor;
use crate::state::{App, AppState};
use form_post::Sent;

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/authorize", get(show).post(repeat_as_link))
        .route("/authorize/", get(show).post(repeat_as_link))
        .route("/{language}/authorize", get(show_in_language).post(repeat_in_language))
        .route("/authorize/answer", post(answer))
}

/// One request on its way through the decision.
struct Request<'a> {
    app: &'a App,
    headers: &'a HeaderMap,
    /// The query as it came; the consent form carries it back unchanged.
    raw: &'a str,
    asked: Asked,
}

async fn show(
    State(app): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let raw = raw.unwrap_or_default();
    let request = Request { app: &app, headers: &headers, raw: &raw, asked: Asked::ByLink };
    request.decide(app.session_id(&headers), None).await
}

/// Published clients put a language before the path. Pages are in one language; the tag is let pass.
async fn show_in_language(
    Path(language): Path<String>,
    state: State<AppState>,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    if is_language(&language) {
        show(state, query, headers).await
    } else {
        Ok(StatusCode::NOT_FOUND.into_response())
    }
}

async fn repeat_in_language(
    Path(language): Path<String>,
    query: RawQuery,
    body: RawForm,
) -> Response {
    if is_language(&language) {
        repeat_as_link(query, body).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

fn is_language(tag: &str) -> bool {
    (2..=11).contains(&tag.len())
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A request may come as a POST (OpenID Connect Core §3.1.2.1). From another site that comes without
/// the session's cookie, so the browser is sent to ask the same by a link.
async fn repeat_as_link(RawQuery(query): RawQuery, RawForm(body): RawForm) -> Response {
    let joined = match query.as_deref() {
        None | Some("") => body,
        Some(query) => format!("{query}&{body}"),
    };
    if AuthorizationQuery::parse(&joined).is_err() {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    redirect::to_page(&as_link(&joined), Asked::ByForm)
}

async fn answer(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let raw = form.text("query");
    let request = Request { app: &app, headers: &headers, raw, asked: Asked::ByForm };
    let Some((session, answer)) = verified_answer(&app, &headers, &form) else {
        return request.refuse(Refusal::OutOfDate);
    };
    request.decide(Some(session), Some(answer)).await
}

fn verified_answer(app: &App, headers: &HeaderMap, form: &Form) -> Option<(SessionId, Answer)> {
    let session = app.session_id(headers).filter(|_| is_same_origin(app, headers))?;
    let verdict = match form.text("answer") {
        "agree" => Verdict::Approve,
        "cancel" => Verdict::Deny,
        _ => return None,
    };
    let token = form.text(form_token::FIELD);
    let (query, now) = (form.text("query"), app.now());
    let answer = Answer::verify(app.keys.forms(), token, query, &session, verdict, now).ok()?;
    Some((session, answer))
}

impl Request<'_> {
    async fn decide(
        &self,
        session: Option<SessionId>,
        answer: Option<Answer>,
    ) -> Result<Response, Fault> {
        let (raw, returned) = self.read_mark();
        let Ok(query) = AuthorizationQuery::parse(raw) else {
            return Ok(StatusCode::URI_TOO_LONG.into_response());
        };
        let facts = self.facts(&query, session).await?;
        let past = Past { returned, answer };
        match decide(&query, &facts, past, &self.app.issuer(), self.app.now()) {
            Decision::Refuse(refusal) => self.refuse(refusal),
            Decision::Reject(rejection) => self.reject(&rejection),
            Decision::SignIn(sign_in) => Ok(self.sign_in(sign_in)),
            Decision::Ask(prompt) => self.ask(&prompt),
            Decision::Issue(issue) => self.issue(&issue).await,
        }
    }

    /// One read of the store: the session with its consent. The client is remembered, as it was at most
    /// [`BOUND`](crate::hearing::BOUND) ago; a node that is deaf reads it with the rest. A text that cannot
    /// be a client's id is no client's.
    async fn facts(
        &self,
        query: &AuthorizationQuery,
        session: Option<SessionId>,
    ) -> Result<Facts, Fault> {
        let sent = query.client_id.once().map(|sent| ClientId::parse(sent));
        let Some(Ok(id)) = sent else { return Ok(Facts::default()) };
        Ok(self.app.authorization_facts(&id, session.as_ref()).await?)
    }

    fn refuse(&self, refusal: Refusal) -> Result<Response, Fault> {
        let status = match refusal {
            Refusal::OutOfDate => StatusCode::FORBIDDEN,
            Refusal::MissingParameter(_)
            | Refusal::InvalidClient
            | Refusal::InvalidRedirectUri
            | Refusal::InsecureRedirectUri => StatusCode::BAD_REQUEST,
        };
        page::refuse(self.app, status, refusal::words(refusal, self.raw))
    }

    fn reject(&self, rejection: &Rejection) -> Result<Response, Fault> {
        let answer = rejection.answer();
        let nobody_asked = self.asked == Asked::ByLink;
        if !nobody_asked || !self.app.config.confirm_error_redirects {
            return self.send(&answer);
        }
        match &answer {
            ClientAnswer::Redirect(redirect) => {
                let words = refusal::words_before_leaving(rejection, redirect);
                page::refuse(self.app, StatusCode::BAD_REQUEST, words)
            }
            ClientAnswer::Form(form) => self.post(form, Sent::ByHand),
        }
    }

    /// To the client, in the way that it wants.
    fn send(&self, answer: &ClientAnswer) -> Result<Response, Fault> {
        match answer {
            ClientAnswer::Redirect(redirect) => Ok(redirect::to_client(redirect, self.asked)),
            ClientAnswer::Form(form) => self.post(form, Sent::AtOnce),
        }
    }

    fn post(&self, form: &ClientForm, sent: Sent) -> Result<Response, Fault> {
        page::answer(StatusCode::OK, &form_post::page(self.app, form, sent), &FormAction::Client)
    }

    /// The request without the mark of who comes back from signing in, and what that says.
    fn read_mark(&self) -> (&str, Option<Returned>) {
        // Most requests have none, and then it does not matter whose browser this is.
        if !Returned::is_marked(self.raw) {
            return (self.raw, None);
        }
        let visitor = Visitor::known(self.app, self.headers);
        let binding = visitor.as_ref().map_or("", Visitor::binding);
        Returned::read(self.raw, (self.app.keys.forms(), binding), self.app.now())
    }

    /// To where the person proves who they are, with a signed way back to this very request.
    fn sign_in(&self, SignIn { entrance, is_anew }: SignIn) -> Response {
        let visitor = Visitor::of(self.app, self.headers);
        let address = match is_anew {
            true => {
                let session = self.app.session_id(self.headers);
                let place = (self.app.keys.forms(), visitor.binding());
                let (mut rng, now) = (self.app.rng(), self.app.now());
                let marked = Returned::mark(self.raw, session.as_ref(), place, &mut rng, now);
                self.return_address(&marked, &visitor)
            }
            false => self.return_address(self.raw, &visitor),
        };
        let page = match (entrance, is_anew) {
            (Entrance::SignUp, _) => format!("/sign-up{address}"),
            (Entrance::SignIn, true) => format!("/sign-in{address}&switch=true"),
            (Entrance::SignIn, false) => format!("/sign-in{address}"),
        };
        let mut response = redirect::to_page(&page, self.asked);
        visitor.remember(&mut response);
        response
    }

    fn ask(&self, prompt: &Prompt<'_>) -> Result<Response, Fault> {
        let visitor = Visitor::of(self.app, self.headers);
        let switch_url = format!("/sign-in{}&switch=true", self.return_address(self.raw, &visitor));
        let page = consent::page(self.app, prompt, self.raw, switch_url);
        let form_action = FormAction::And(prompt.destination.form_action_source());
        let mut response = page::answer(StatusCode::OK, &page, &form_action)?;
        visitor.remember(&mut response);
        Ok(response)
    }

    /// Records what must be on record, and answers. Where it does not hold any more at that moment (the session
    /// ended, the client went), nobody gets anything.
    async fn issue(&self, issue: &Issue<'_>) -> Result<Response, Fault> {
        let (app, now) = (self.app, self.app.now());
        // First: a client that wants to hear of a session's end must not miss one that it was told of.
        if let Some((session, client)) = issue.joins()
            && !app.join_session(&session.id, client).await?
        {
            return self.refuse(Refusal::OutOfDate);
        }
        let plan = issue.plan(&mut app.rng(), now);
        let mut code = None;
        let mut consent = None;
        match plan {
            Plan::Code(record, new) => {
                code = app.store.record_code(&record).await?.then_some(new);
            }
            Plan::Remembered { consent: known } => consent = Some(known),
            Plan::Approved(approval) => consent = app.store.record_approval(&approval).await?,
        }
        if let Some(consent) = consent {
            code = match issue.code(consent, &app.keys, &mut app.rng(), now) {
                Some(NewCode::Recorded(record, new)) => match app.store.record_code(&record).await?
                {
                    true => Some(new),
                    false => return self.refuse(Refusal::OutOfDate),
                },
                Some(NewCode::Sealed(new)) => Some(new),
                None => None,
            };
        }
        if code.is_none() && consent.is_none() {
            return self.refuse(Refusal::OutOfDate);
        }
        let person = match issue.tells_of() {
            Some(account) => match app.person(account).await? {
                Some(person) => Some(person),
                None => return self.refuse(Refusal::OutOfDate),
            },
            None => None,
        };
        let granted = Granted { consent, code: code.as_ref(), person: person.as_deref() };
        self.send(&issue.answer(granted, &app.issuer(), &mut app.rng(), now)?)
    }

    /// `?return_to=…` for the request `raw`.
    fn return_address(&self, raw: &str, visitor: &Visitor) -> String {
        let Some(address) = ReturnAddress::to(&as_link(raw)) else { return "?".to_owned() };
        let (key, now) = (self.app.keys.forms(), self.app.now());
        let signed = address.sign(key, visitor.binding(), &mut self.app.rng(), now);
        format!("?{}", onward::query("return_to", &signed))
    }
}

/// The address that asks `raw` by a link: what cannot stand in a query as it is gets escaped, what is
/// escaped already stays so.
fn as_link(raw: &str) -> String {
    let mut link = String::with_capacity("/authorize?".len() + raw.len());
    link.push_str("/authorize?");
    for byte in raw.bytes() {
        if byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    link
}
