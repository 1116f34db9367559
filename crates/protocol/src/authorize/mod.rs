//! The authorization endpoint (RFC 6749 §3.1): may this client, for this person, have what it asks?
//!
//! Owns the parameters, every rule about them, the consent page's question and answer, and the exact
//! form of what goes back to the client. Does not own the pages, the cookies or the store.
//!
//! ```text
//! AuthorizationQuery::parse   what was sent                                    query
//! Destination::prove          the client's own redirect URI, or a page         destination
//! AuthorizationRequest::judge everything else, or an error by redirect         request
//! decide                      sign in? ask? issue?                             here
//! Issue::plan, Issue::answer  what the store keeps, what the client gets       issue
//! ```

mod answer;
mod destination;
mod error;
mod facts;
mod interaction;
mod issue;
mod openid;
mod query;
mod request;
mod response_mode;
mod response_type;
mod returned;

pub use answer::{Answer, Verdict};
pub use destination::{ClientAnswer, ClientForm, ClientRedirect, Destination, MAX_STATE};
pub use error::{AuthorizationError, ErrorCode, Refusal};
pub use facts::Facts;
pub use interaction::Entrance;
pub use issue::{Granted, Issue, NewCode, Plan};
pub use query::{AuthorizationQuery, MAX_LENGTH, MAX_PARAMETERS, Parameter, QueryProblem};
pub use response_mode::ResponseMode;
pub use response_type::ResponseType;
pub use returned::Returned;

pub use crate::code::{Approval, CODE_LIFETIME, CodeGround, CodeRecord};
pub use crate::model::{Policy, RememberConsent, UnknownScopes};

use crate::issuer::Issuer;
use crate::model::{
    AuthorizationId, Client, ClientStatus, ClientType, Consent, ScopeDefinition, SignedIn,
    Timestamp,
};
use answer::CodeSeed;
use issue::Ground;
use request::AuthorizationRequest;

/// What happens now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The person gets a page; nobody is redirected.
    Refuse(Refusal),
    /// The client gets an error by redirect.
    Reject(Rejection),
    /// The person must prove who they are first.
    SignIn(SignIn),
    /// The person is asked.
    Ask(Prompt<'a>),
    /// The client gets what it asked for.
    Issue(Issue<'a>),
}

/// An error on its way to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What went wrong.
    pub error: AuthorizationError,
    destination: Destination,
}

impl Rejection {
    /// The answer that tells the client.
    pub fn answer(&self) -> ClientAnswer {
        self.destination.error(&self.error)
    }

    /// The origin that it leads to, as a person should read it.
    pub fn returns_to(&self) -> String {
        self.destination.origin()
    }
}

/// How a person is to prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Where.
    pub entrance: Entrance,
    /// Whether it counts only if they do it now: the request comes back with a mark ([`Returned`]).
    pub is_anew: bool,
}

/// What happened with this very request before, as the browser proves it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The person was sent to sign in.
    pub returned: Option<Returned>,
    /// The person answered the question.
    pub answer: Option<Answer>,
}

/// A client and the place of its answer, proven good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit<'a> {
    /// Who sent them.
    pub client: &'a Client,
    /// Where the answer will go.
    pub destination: Destination,
}

/// The question for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// Who asks.
    pub client: &'a Client,
    /// Who is asked.
    pub signed_in: &'a SignedIn,
    /// What is asked, in the catalogue's order.
    pub asked: Vec<Asked<'a>>,
    /// Whether the person has approved this client before.
    pub approved_before: bool,
    /// Where the answer will go.
    pub destination: Destination,
}

/// One thing that a client wants to be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What it is.
    pub definition: &'a ScopeDefinition,
    /// Whether the person has not allowed it before.
    pub is_new: bool,
}

/// Decides about one request: pure, the same for the same arguments.
///
/// It is asked when the request comes, again when the person comes back from signing in, and again with
/// their answer: so whatever changed in between (a deleted redirect URI, a switched-off grant, an ended
/// session) counts at the moment of issue.
pub fn decide<'a>(
    query: &AuthorizationQuery,
    facts: &'a Facts,
    past: Past,
    issuer: &Issuer<'a>,
    now: Timestamp,
) -> Decision<'a> {
    let policy = issuer.policy;
    let Visit { client, destination } = match visit(query, facts, policy) {
        Ok(visit) => visit,
        Err(refusal) => return Decision::Refuse(refusal),
    };
    let reject = |error| Decision::Reject(Rejection { error, destination: destination.clone() });
    let request = match judge(query, client, &destination, issuer) {
        Ok(request) => request,
        Err(error) => return reject(error),
    };
    let (signed_in, verdict) = match person(facts, past, (&request, issuer), now) {
        Person::Present(signed_in, verdict) => (signed_in, verdict),
        Person::Changed => return Decision::Refuse(Refusal::OutOfDate),
        Person::Unproven { .. } if request.interaction.is_silent() => {
            return reject(login_required("Somebody must sign in, and prompt is none"));
        }
        Person::Another => {
            return reject(login_required("Somebody else has signed in than is meant"));
        }
        Person::Unproven { is_anew } => {
            let entrance = request.interaction.entrance();
            return Decision::SignIn(SignIn { entrance, is_anew });
        }
    };
    let consent = facts.consent_of(&signed_in.account.id, &client.id);
    let ground = match verdict {
        Some((Verdict::Deny, _)) => return reject(AuthorizationError::denied()),
        Some((Verdict::Approve, seed)) => Some(Ground::AgreedNow(seed)),
        None => remembered(&request, &destination, consent, policy).map(Ground::Remembered),
    };
    match ground {
        Some(ground) => {
            Decision::Issue(Issue::of(request, &signed_in.session, ground, destination))
        }
        None if request.interaction.is_silent() => {
            let description = "The person has to be asked, and prompt is none";
            reject(AuthorizationError::new(ErrorCode::ConsentRequired, description))
        }
        None => Decision::Ask(prompt(&request, signed_in, consent, policy, destination)),
    }
}

fn login_required(description: &'static str) -> AuthorizationError {
    AuthorizationError::new(ErrorCode::LoginRequired, description)
}

/// Everything about a request but its client and its redirect URI, which are good.
fn judge<'a>(
    query: &AuthorizationQuery,
    client: &'a Client,
    destination: &Destination,
    issuer: &Issuer<'_>,
) -> Result<AuthorizationRequest<'a>, AuthorizationError> {
    let request = AuthorizationRequest::judge(query, client, issuer)?;
    if destination.has_long_state() {
        let description = "state must be at most 4096 bytes long";
        return Err(AuthorizationError::new(ErrorCode::InvalidRequest, description));
    }
    Ok(request)
}

/// The client that a request comes from and the place its answer would go to, if both are good; the
/// rest of the request is not looked at. For the pages between a request and its decision.
pub fn visit<'a>(
    query: &AuthorizationQuery,
    facts: &'a Facts,
    policy: &Policy,
) -> Result<Visit<'a>, Refusal> {
    let client = known_client(query, facts)?;
    let destination = Destination::prove(query, client, policy)?;
    Ok(Visit { client, destination })
}

/// The same answer for a client that is not there and one that is disabled.
fn known_client<'a>(query: &AuthorizationQuery, facts: &'a Facts) -> Result<&'a Client, Refusal> {
    if query.client_id == Parameter::Absent {
        return Err(Refusal::MissingParameter("client_id"));
    }
    facts
        .client
        .as_deref()
        .filter(|client| query.client_id.once().is_some_and(|sent| sent == client.id.as_str()))
        .filter(|client| client.status == ClientStatus::Active)
        .ok_or(Refusal::InvalidClient)
}

/// Who sits at the browser.
enum Person<'a> {
    /// Somebody who has to prove who they are, perhaps once more.
    Unproven { is_anew: bool },
    /// Somebody who was sent to sign in as the one who is meant, and is another.
    Another,
    /// Somebody else than the one who answered, or nobody any more.
    Changed,
    /// This person, and what they said if they were asked.
    Present(&'a SignedIn, Option<(Verdict, CodeSeed)>),
}

fn person<'a>(
    facts: &'a Facts,
    past: Past,
    (request, issuer): (&AuthorizationRequest<'_>, &Issuer<'_>),
    now: Timestamp,
) -> Person<'a> {
    let interaction = request.interaction;
    let signed_in = facts.signed_in.as_ref().filter(|signed_in| signed_in.is_live(now));
    let Some(signed_in) = signed_in else {
        return match past.answer {
            Some(_) => Person::Changed,
            None => {
                let is_anew = interaction.wants_a_new_sign_in() || request.subject.is_some();
                Person::Unproven { is_anew }
            }
        };
    };
    let returned = past.returned;
    if interaction.is_too_old(&signed_in.session, returned, now) {
        return Person::Unproven { is_anew: true };
    }
    // OpenID Connect Core §3.1.2.1: if the one who is hinted at "is not already logged in and not logged in by
    // the request, the Authorization Server SHOULD return an error, such as login_required".
    if let Some(meant) = &request.subject
        && issuer.subject(request.client, signed_in.account.id).as_str() != meant
    {
        return match returned {
            Some(returned) if returned.has_signed_in(&signed_in.session) => Person::Another,
            _ => Person::Unproven { is_anew: true },
        };
    }
    match past.answer.map(|answer| answer.in_session(&signed_in.session.id)) {
        None => Person::Present(signed_in, None),
        Some(Some(said)) => Person::Present(signed_in, Some(said)),
        Some(None) => Person::Changed,
    }
}

/// The family of the earlier approval that saves the dialog, if one does.
fn remembered(
    request: &AuthorizationRequest<'_>,
    destination: &Destination,
    consent: Option<&Consent>,
    policy: &Policy,
) -> Option<AuthorizationId> {
    let asks_again = match policy.remember_consent {
        RememberConsent::Always => false,
        RememberConsent::Verified => {
            request.client.client_type == ClientType::Public && destination.could_be_anybodys()
        }
    };
    let consent = consent?;
    (consent.covers(&request.permissions()) && !request.interaction.is_asked() && !asks_again)
        .then_some(consent.authorization)
}

fn prompt<'a>(
    request: &AuthorizationRequest<'a>,
    signed_in: &'a SignedIn,
    consent: Option<&Consent>,
    policy: &'a Policy,
    destination: Destination,
) -> Prompt<'a> {
    let permissions = request.permissions();
    let asked = policy
        .catalogue
        .iter()
        .filter(|definition| permissions.contains(&definition.scope))
        .map(|definition| Asked {
            definition,
            is_new: !consent.is_some_and(|consent| consent.scopes.contains(&definition.scope)),
        })
        .collect();
    Prompt {
        client: request.client,
        signed_in,
        asked,
        approved_before: consent.is_some(),
        destination,
    }
}
