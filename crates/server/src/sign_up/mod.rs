//! Signing up: `/sign-up`. Makes an account and signs its owner in.

mod page;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, EmailAddress, FormPurpose, NameProblem, Password, Username,
};
use hallpass_store::AccountCreation;
use serde::Deserialize;

use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::form_token;
use crate::http::onward::{Onward, out_of_date};
use crate::http::page as http_page;
use crate::http::session_cookie::sign_in_and_go_on;
use crate::http::visitor::Visitor;
use crate::state::{App, AppState};
use page::{SignUpPage, SignUpProblems};

/// The routes of this page.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/sign-up", get(show).post(sign_up))
}

#[derive(Debug, Default, Deserialize)]
struct Parameters {
    return_to: Option<String>,
}

async fn show(
    State(app): State<AppState>,
    query: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let Query(Parameters { return_to }) = query.unwrap_or_default();
    let visitor = Visitor::of(&app, &headers);
    match Onward::read(&app, return_to.as_deref(), &visitor) {
        Ok(onward) => form_page(&app, &visitor, &onward, Attempt::default()).await,
        Err(expired) => out_of_date(&app, "/sign-up", expired),
    }
}

async fn sign_up(
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let (visitor, onward) = match Onward::of_form(&app, &headers, &form, FormPurpose::SignUp) {
        Ok(known) => known,
        Err(again) => return out_of_date(&app, "/sign-up", again),
    };
    let attempt = Attempt::read(&form);
    let problems = match newcomer(&app, &form) {
        Ok(newcomer) => match create(&app, newcomer).await? {
            Ok(account) => {
                return sign_in_and_go_on(&app, &headers, &account, onward.target()).await;
            }
            Err(problems) => problems,
        },
        Err(problems) => problems,
    };
    form_page(&app, &visitor, &onward, Attempt { problems, ..attempt }).await
}

/// Somebody who wants an account, with everything about them in order.
struct Newcomer {
    account: Account,
    password: Password,
}

/// Takes the form, or tells what is wrong with each of its fields at once.
fn newcomer(app: &App, form: &Form) -> Result<Newcomer, SignUpProblems> {
    let (name, address) = (form.text("username").trim(), form.text("email").trim());
    let username = Username::parse(name);
    let email = EmailAddress::parse(address);
    let password = Password::choose(form.text("password"), &[name, address]);
    match (username, email, password) {
        (Ok(username), Ok(email), Ok(password)) => {
            let now = app.now();
            let id = AccountId::mint(&mut app.rng(), now);
            let status = AccountStatus::Active;
            Ok(Newcomer {
                account: Account { id, username, email, status, created_at: now },
                password,
            })
        }
        (username, email, password) => Err(SignUpProblems {
            form: None,
            username: username.err().map(|problem| problem.to_string()),
            email: email.err().map(|problem| problem.to_string()),
            password: password.err().map(|problem| problem.to_string()),
        }),
    }
}

async fn create(app: &App, newcomer: Newcomer) -> Result<Result<Account, SignUpProblems>, Fault> {
    let Newcomer { account, password } = newcomer;
    let hash = app.hasher.hash(password).await?;
    Ok(match app.store.create_account(&account, &hash).await? {
        AccountCreation::Created => Ok(account),
        AccountCreation::UsernameTaken => Err(SignUpProblems {
            username: Some(NameProblem::UsernameReserved.to_string()),
            ..SignUpProblems::default()
        }),
        AccountCreation::EmailTaken => Err(SignUpProblems {
            email: Some("There is an account with that address: sign in instead.".to_owned()),
            ..SignUpProblems::default()
        }),
    })
}

/// What was typed before, and what was wrong with it.
#[derive(Default)]
struct Attempt {
    username: String,
    email: String,
    problems: SignUpProblems,
}

impl Attempt {
    fn read(form: &Form) -> Self {
        Self {
            username: form.text("username").trim().to_owned(),
            email: form.text("email").trim().to_owned(),
            problems: SignUpProblems::default(),
        }
    }
}

async fn form_page(
    app: &App,
    visitor: &Visitor,
    onward: &Onward,
    attempt: Attempt,
) -> Result<Response, Fault> {
    let origin = onward.origin(app).await?;
    let status = match attempt.problems.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = SignUpPage {
        frame: app.layout.frame("Create an account", None),
        continue_to: origin.app_name,
        username: attempt.username,
        email: attempt.email,
        problems: attempt.problems,
        form_token: form_token::for_visitor(app, FormPurpose::SignUp, visitor).as_str().to_owned(),
        return_to: onward.signed().map(str::to_owned),
        sign_in_url: onward.link("/sign-in"),
    };
    let mut response = http_page::answer(status, &page, &origin.form_action)?;
    visitor.remember(&mut response);
    Ok(response)
}
