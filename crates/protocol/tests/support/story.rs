//! One app, one browser, one request after another.

use std::sync::Arc;

use hallpass_protocol::access_token::{self, Claims};
use hallpass_protocol::authorize::{
    Answer, AuthorizationQuery, ClientAnswer, CodeGround, CodeRecord, Decision, Entrance, Facts,
    Granted, Issue, NewCode, Past, Plan, Policy, Prompt, Refusal, Returned, SignIn, Verdict,
    decide,
};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::issuer::Issuer;
use hallpass_protocol::model::{
    AccountId, AuthorizationId, Client, Consent, KeySet, Person, SignedIn, Timestamp,
};

use super::{Counted, Location, NOW, account, app, browser_of, keys, person, policy, scopes};

/// What the browser is known by before anybody signs in.
const BROWSER: &str = "the browser";

/// An app and a browser, with what the store knows of both.
pub(crate) struct Story {
    /// What the operator has settled.
    pub(crate) policy: Policy,
    /// What the store knows.
    pub(crate) facts: Facts,
    /// What time it is.
    pub(crate) now: Timestamp,
    /// The installation's keys.
    pub(crate) keys: KeySet,
}

/// What the person sees or the app gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// An error page on our own site. It holds no address of the app: there is nothing to redirect to.
    Page(Refusal),
    /// The app gets an error.
    Error(Location),
    /// The app gets this by a form, whatever it says.
    Form(Posted),
    /// The sign-in page.
    SignIn(SignIn),
    /// The consent page.
    Dialog(Dialog),
    /// The app gets a token.
    Token(Location),
    /// The app gets a code that stands for this.
    Code(Location, Box<CodeRecord>),
}

/// A form as the app would read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) action: String,
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// What stands on the consent page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dialog {
    /// Whose answer is wanted.
    pub(crate) username: String,
    /// What is asked that was never allowed before, in order.
    pub(crate) new: Vec<String>,
    /// What is asked that was allowed before, in order.
    pub(crate) known: Vec<String>,
    /// Whether the app was approved before.
    pub(crate) approved_before: bool,
    /// Where the answer goes.
    pub(crate) origin: String,
}

impl Story {
    /// The app is registered; nobody is signed in.
    pub(crate) fn begins() -> Self {
        let facts = Facts { client: Some(app().into()), signed_in: None, consent: None };
        Self { policy: policy(), facts, now: NOW, keys: keys(1) }
    }

    /// Ada is signed in and has never seen the app.
    pub(crate) fn signed_in() -> Self {
        let mut story = Self::begins();
        story.facts.signed_in = Some(browser_of(account("ada", 50), "ada's cookie"));
        story
    }

    /// Ada is signed in and has allowed the app `list` before.
    pub(crate) fn approved(list: &str) -> Self {
        let mut story = Self::signed_in();
        story.facts.consent = Some(Consent {
            account: story.person().account.id,
            client: story.app().id.clone(),
            scopes: scopes(list),
            authorization: AuthorizationId::mint(&mut Counted(90), NOW),
            given_at: NOW,
        });
        story
    }

    /// The app, to be changed by its owner or the operator.
    pub(crate) fn app(&mut self) -> &mut Client {
        Arc::make_mut(self.facts.client.as_mut().unwrap())
    }

    /// The person at the browser.
    pub(crate) fn person(&mut self) -> &mut SignedIn {
        self.facts.signed_in.as_mut().unwrap()
    }

    /// The browser opens `/authorize?raw`.
    pub(crate) fn authorize(&self, raw: &str) -> Outcome {
        self.decide(raw, None)
    }

    /// The person answers the consent page of `raw`, in the session they have now.
    pub(crate) fn answer(&self, raw: &str, verdict: Verdict) -> Outcome {
        let form = self.form(raw);
        self.answer_with(&form, raw, verdict)
    }

    /// The form token of the consent page of `raw`.
    pub(crate) fn form(&self, raw: &str) -> String {
        let session = self.facts.signed_in.as_ref().unwrap().session.id;
        let key = self.keys.forms();
        Answer::form_token(key, raw, &session, &mut Counted(3), self.now).as_str().to_owned()
    }

    /// An answer for the request `raw` comes with the form token `form`.
    pub(crate) fn answer_with(&self, form: &str, raw: &str, verdict: Verdict) -> Outcome {
        let Some(signed_in) = &self.facts.signed_in else {
            return Outcome::Page(Refusal::OutOfDate);
        };
        let session = &signed_in.session.id;
        match Answer::verify(self.keys.forms(), form, raw, session, verdict, self.now) {
            Ok(answer) => self.decide(raw, Some(answer)),
            Err(refusal) => Outcome::Page(refusal),
        }
    }

    /// An answer that was good when it came, decided on the facts of now.
    pub(crate) fn decide(&self, raw: &str, answer: Option<Answer>) -> Outcome {
        let (raw, returned) = Returned::read(raw, (self.keys.forms(), BROWSER), self.now);
        let query = AuthorizationQuery::parse(raw).unwrap();
        let past = Past { returned, answer };
        match decide(&query, &self.facts, past, &self.issuer(), self.now) {
            Decision::Refuse(refusal) => Outcome::Page(refusal),
            Decision::Reject(rejection) => carried(rejection.answer(), Outcome::Error),
            Decision::SignIn(sign_in) => Outcome::SignIn(sign_in),
            Decision::Ask(prompt) => Outcome::Dialog(Dialog::shown(&prompt)),
            Decision::Issue(issue) => self.issue(&issue),
        }
    }

    /// What the app gets, once everything is on record. Which consent an approval leaves in force, and what a
    /// code leads to, is for the desk.
    fn issue(&self, issue: &Issue<'_>) -> Outcome {
        let mut rng = Counted(120);
        let issuer = self.issuer();
        let answer =
            |granted, rng: &mut Counted| issue.answer(granted, &issuer, rng, self.now).unwrap();
        let consent = match issue.plan(&mut rng, self.now) {
            Plan::Remembered { consent } => consent,
            Plan::Approved(approval) => approval.authorization,
            Plan::Code(record, code) => {
                let told = self.told(issue.tells_of());
                let granted = Granted { code: Some(&code), person: told.as_ref(), consent: None };
                let answer = answer(granted, &mut rng);
                return carried(answer, |location| Outcome::Code(location, record));
            }
        };
        let code = issue.code(consent, &self.keys, &mut rng, self.now);
        let told = self.told(issue.tells_of());
        let secret = code.as_ref().map(NewCode::secret);
        let granted = Granted { consent: Some(consent), code: secret, person: told.as_ref() };
        let answer = answer(granted, &mut rng);
        carried(answer, |location| match code {
            Some(NewCode::Recorded(record, _)) => Outcome::Code(location, record),
            Some(NewCode::Sealed(code)) => {
                let sealed = SealedCode::open(&code, &self.keys).unwrap();
                Outcome::Code(location, Box::new(record_of(sealed)))
            }
            None => Outcome::Token(location),
        })
    }

    /// Who an answer tells of, if it tells of anybody: it can only be whoever is at the browser.
    pub(crate) fn told(&self, account: Option<AccountId>) -> Option<Person> {
        let signed_in = self.facts.signed_in.as_ref();
        account.map(|id| person(&signed_in.filter(|known| known.account.id == id).unwrap().account))
    }

    /// Who answers.
    pub(crate) fn issuer(&self) -> Issuer<'_> {
        Issuer { policy: &self.policy, keys: super::token_keys(&self.keys) }
    }

    /// `raw` with the mark of somebody who was sent to sign in for it as they are now.
    pub(crate) fn marked(&self, raw: &str) -> String {
        let session = self.facts.signed_in.as_ref().map(|signed_in| &signed_in.session.id);
        Returned::mark(raw, session, (self.keys.forms(), BROWSER), &mut Counted(7), self.now)
    }

    /// An answer as this story's server would believe it.
    pub(crate) fn believed(&self, raw: &str, verdict: Verdict) -> Answer {
        let session = &self.facts.signed_in.as_ref().unwrap().session.id;
        let form = self.form(raw);
        Answer::verify(self.keys.forms(), &form, raw, session, verdict, self.now).unwrap()
    }

    /// What an access token of this installation says.
    pub(crate) fn open(&self, token: &str) -> Claims {
        access_token::open(token, &self.keys).unwrap()
    }
}

/// What would be on record of a code that carries it.
fn record_of(sealed: SealedCode) -> CodeRecord {
    let SealedCode { code, session, issued_at } = sealed;
    CodeRecord {
        key: code.key,
        authorization: code.authorization,
        ground: CodeGround::Remembered(code.consent),
        session,
        account: code.account,
        client: code.client,
        redirect_uri: code.redirect_uri,
        scopes: code.scopes,
        resource: code.resource,
        challenge: code.challenge,
        authentication: code.authentication,
        issued_at,
        expires_at: code.expires_at,
    }
}

fn carried(answer: ClientAnswer, as_location: impl FnOnce(Location) -> Outcome) -> Outcome {
    match answer {
        ClientAnswer::Redirect(redirect) => as_location(Location(redirect.as_str().to_owned())),
        ClientAnswer::Form(form) => {
            let fields = form.fields().to_vec();
            Outcome::Form(Posted { action: form.action().to_owned(), fields })
        }
    }
}

impl Dialog {
    fn shown(prompt: &Prompt<'_>) -> Self {
        let named = |is_new: bool| {
            let those = prompt.asked.iter().filter(|asked| asked.is_new == is_new);
            those.map(|asked| asked.definition.scope.to_string()).collect()
        };
        Self {
            username: prompt.signed_in.account.username.to_string(),
            new: named(true),
            known: named(false),
            approved_before: prompt.approved_before,
            origin: prompt.destination.origin(),
        }
    }
}

impl Outcome {
    /// The sign-in page, for somebody who is not signed in.
    pub(crate) const SIGN_IN: Self =
        Self::SignIn(SignIn { entrance: Entrance::SignIn, is_anew: false });

    /// The page's sentence.
    #[track_caller]
    pub(crate) fn page(self) -> String {
        match self {
            Self::Page(refusal) => refusal.to_string(),
            other => panic!("a page was expected, not {other:?}"),
        }
    }

    /// The redirect with the error.
    #[track_caller]
    pub(crate) fn error(self) -> Location {
        match self {
            Self::Error(location) => location,
            other => panic!("an error for the app was expected, not {other:?}"),
        }
    }

    /// The redirect with the error `code` in the fragment, and nothing of it in the query.
    #[track_caller]
    pub(crate) fn error_in_fragment(self, code: &str) -> Location {
        let location = self.error();
        assert_eq!(location.fragment().first(), Some(&("error", code)), "{}", location.as_str());
        assert!(location.query().iter().all(|(name, _)| *name != "error"), "{}", location.as_str());
        location
    }

    /// The redirect with the error `code` in the query, and nothing in the fragment.
    #[track_caller]
    pub(crate) fn error_in_query(self, code: &str) -> Location {
        let location = self.error();
        assert_eq!(location.raw("error"), Some(code), "{}", location.as_str());
        assert!(location.query().contains(&("error", code)), "{}", location.as_str());
        assert_eq!(location.fragment(), [], "{}", location.as_str());
        location
    }

    /// The consent page.
    #[track_caller]
    pub(crate) fn dialog(self) -> Dialog {
        match self {
            Self::Dialog(dialog) => dialog,
            other => panic!("the consent page was expected, not {other:?}"),
        }
    }

    /// The redirect with the token.
    #[track_caller]
    pub(crate) fn token(self) -> Location {
        match self {
            Self::Token(location) => location,
            other => panic!("a token was expected, not {other:?}"),
        }
    }

    /// The redirect with the code, and what the store keeps of it.
    #[track_caller]
    pub(crate) fn code(self) -> (Location, CodeRecord) {
        match self {
            Self::Code(location, record) => (location, *record),
            other => panic!("a code was expected, not {other:?}"),
        }
    }
}
