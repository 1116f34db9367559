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
//! Issue::plan, Issue::token … what the store keeps, what the client gets       issue
//! ```

mod answer;
mod destination;
mod error;
mod facts;
mod issue;
mod query;
mod request;
mod response_type;

use std::sync::Arc;
use std::time::Duration;

pub use answer::{Answer, Verdict};
pub use destination::{ClientRedirect, Destination, MAX_STATE};
pub use error::{AuthorizationError, ErrorCode, Refusal};
pub use facts::{Approval, CodeGround, CodeRecord, Facts};
pub use issue::{CODE_LIFETIME, Issue, Plan};
pub use query::{AuthorizationQuery, MAX_LENGTH, MAX_PARAMETERS, Parameter, QueryProblem};
pub use response_type::{Part, ResponseType};

use crate::model::{
    Api, ApiIdentifier, AuthorizationId, Client, ClientStatus, ClientType, Consent,
    RedirectUriPolicy, ScopeCatalogue, ScopeDefinition, SignedIn, Timestamp, TokenFormat,
};
use answer::CodeSeed;
use issue::Ground;
use request::AuthorizationRequest;

/// What the operator has settled.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Who answers (`iss`, RFC 9207), byte for byte as everywhere else.
    pub issuer: Arc<str>,
    /// Which redirect URIs are permitted beyond the fixed rules.
    pub redirect_uris: RedirectUriPolicy,
    /// All scopes there are.
    pub catalogue: ScopeCatalogue,
    /// All APIs that a token can be asked for.
    pub apis: Vec<Api>,
    /// What happens to a scope that is not among them.
    pub unknown_scopes: UnknownScopes,
    /// When an earlier approval saves the dialog.
    pub remember_consent: RememberConsent,
    /// How long an access token lives; whole seconds.
    pub token_lifetime: Duration,
}

impl Policy {
    /// The API of that identifier.
    pub fn api(&self, identifier: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.identifier.as_str() == identifier)
    }

    /// For whom a token is (`aud`): the API that was named, or the issuer's own.
    pub fn audience(&self, resource: Option<&ApiIdentifier>) -> String {
        resource.map_or(&*self.issuer, ApiIdentifier::as_str).to_owned()
    }

    /// The form of a token for the API that was named; without one it is sealed.
    pub fn format(&self, resource: Option<&ApiIdentifier>) -> TokenFormat {
        let api = resource.and_then(|identifier| self.api(identifier.as_str()));
        api.map_or(TokenFormat::Opaque, |api| api.format)
    }
}

/// What happens to a scope that the catalogue does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownScopes {
    /// `invalid_scope`, naming it.
    Refuse,
    /// It is left out, and the answer says what was granted.
    Ignore,
}

/// When an earlier approval saves the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RememberConsent {
    /// Always, as the guide says.
    Always,
    /// Not for a public client at a redirect URI that somebody else could receive: there the person is
    /// asked again each time (RFC 6749 §10.2, RFC 8252 §8.6).
    Verified,
}

/// What happens now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The person gets a page; nobody is redirected.
    Refuse(Refusal),
    /// The client gets an error by redirect.
    Reject(Rejection),
    /// The person must say who they are first.
    SignIn(Visit<'a>),
    /// The person is asked.
    Ask(Prompt<'a>),
    /// The client gets what it asked for.
    Issue(Issue),
}

/// An error on its way to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What went wrong.
    pub error: AuthorizationError,
    destination: Destination,
}

impl Rejection {
    /// The redirect that tells the client.
    pub fn redirect(&self) -> ClientRedirect {
        self.destination.error(&self.error)
    }

    /// The origin that it leads to, as a person should read it.
    pub fn returns_to(&self) -> String {
        self.destination.origin()
    }
}

/// Somebody who is not signed in, on behalf of a good request.
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
/// It is asked when the request comes, and again, with the person's `answer`, when that comes: so
/// whatever changed in between (a deleted redirect URI, a switched-off grant, an ended session)
/// counts at the moment of issue.
pub fn decide<'a>(
    query: &AuthorizationQuery,
    facts: &'a Facts,
    answer: Option<Answer>,
    policy: &'a Policy,
    now: Timestamp,
) -> Decision<'a> {
    let Visit { client, destination } = match visit(query, facts, policy) {
        Ok(visit) => visit,
        Err(refusal) => return Decision::Refuse(refusal),
    };
    let judged = AuthorizationRequest::judge(query, client, policy).and_then(|request| {
        if destination.has_long_state() {
            let description = "state must be at most 4096 bytes long";
            return Err(AuthorizationError::new(ErrorCode::InvalidRequest, description));
        }
        Ok(request)
    });
    let request = match judged {
        Ok(request) => request,
        Err(error) => return Decision::Reject(Rejection { error, destination }),
    };
    let (signed_in, verdict) = match person(facts, answer, now) {
        Person::Present(signed_in, verdict) => (signed_in, verdict),
        Person::Absent => return Decision::SignIn(Visit { client, destination }),
        Person::Changed => return Decision::Refuse(Refusal::OutOfDate),
    };
    let consent = facts.consent_of(&signed_in.account.id, &client.id);
    let ground = match verdict {
        Some((Verdict::Deny, _)) => {
            let error = AuthorizationError::denied();
            return Decision::Reject(Rejection { error, destination });
        }
        Some((Verdict::Approve, seed)) => Some(Ground::AgreedNow(seed)),
        None => remembered(&request, &destination, consent, policy).map(Ground::Remembered),
    };
    match ground {
        Some(ground) => Decision::Issue(Issue::of(request, signed_in, ground, destination)),
        None => Decision::Ask(prompt(&request, signed_in, consent, policy, destination)),
    }
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
        .as_ref()
        .filter(|client| query.client_id.once().is_some_and(|sent| sent == client.id.as_str()))
        .filter(|client| client.status == ClientStatus::Active)
        .ok_or(Refusal::InvalidClient)
}

/// Who sits at the browser.
enum Person<'a> {
    /// Nobody that is signed in.
    Absent,
    /// Somebody else than the one who answered, or nobody any more.
    Changed,
    /// This person, and what they said if they were asked.
    Present(&'a SignedIn, Option<(Verdict, CodeSeed)>),
}

fn person<'a>(facts: &'a Facts, answer: Option<Answer>, now: Timestamp) -> Person<'a> {
    let signed_in = facts.signed_in.as_ref().filter(|signed_in| signed_in.is_live(now));
    match (signed_in, answer) {
        (None, None) => Person::Absent,
        (None, Some(_)) => Person::Changed,
        (Some(signed_in), None) => Person::Present(signed_in, None),
        (Some(signed_in), Some(answer)) => match answer.in_session(&signed_in.session.id) {
            Some(said) => Person::Present(signed_in, Some(said)),
            None => Person::Changed,
        },
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
    (consent.covers(&request.scopes) && !request.show_dialog && !asks_again)
        .then_some(consent.authorization)
}

fn prompt<'a>(
    request: &AuthorizationRequest<'a>,
    signed_in: &'a SignedIn,
    consent: Option<&Consent>,
    policy: &'a Policy,
    destination: Destination,
) -> Prompt<'a> {
    let asked = policy
        .catalogue
        .iter()
        .filter(|definition| request.scopes.contains(&definition.scope))
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
