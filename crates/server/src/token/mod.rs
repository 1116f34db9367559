//! The token endpoint: `POST /api/token`, also `/api/token/` and `/token`.
//!
//! ```text
//! form -> TokenRequest, Caller -> facts (one read) -> the caller proven -> decide -> one act -> JSON
//! ```

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hallpass_protocol::authorize::Facts;
use hallpass_protocol::client_auth::ClientCredentials;
use hallpass_protocol::code::{PresentedCode, SealedCode};
use hallpass_protocol::model::{
    AuthorizationId, Client, ClientId, RefreshToken, ScopeSet, Secret, Timestamp,
};
use hallpass_protocol::token::grant::{authorization_code, client_credentials, refresh_token};
use hallpass_protocol::token::{
    GrantRequest, Granted, Recipient, TokenError, TokenErrorCode, TokenRequest, TokenResponse,
    resource,
};
use hallpass_store::Outcome;
use serde::Serialize;

use crate::fault::Fault;
use crate::http::client::{self, Caller};
use crate::http::form::{Form, FormProblem};
use crate::http::{cors, json};
use crate::state::{App, AppState};

/// The routes of this endpoint.
pub(crate) fn routes() -> Router<AppState> {
    let handler = || post(answer).options(preflight);
    Router::new()
        .route("/api/token", handler())
        .route("/api/token/", handler())
        .route("/token", handler())
}

async fn preflight(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, Fault> {
    cors::preflight(&app, &headers).await
}

async fn answer(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    form: Result<Form, FormProblem>,
) -> Response {
    let form = match client::read_form(form) {
        Ok(form) => form,
        Err(unreadable) => return unreadable.into_response(),
    };
    let caller = Caller::read(&headers, &form);
    let called = match query.filter(|query| !query.is_empty()) {
        // RFC 6749 §2.3.1: credentials "MUST NOT be included in the request URI"; so nothing may be.
        Some(_) => Err(invalid_request("Parameters belong into the body, not into the URL")),
        None => call(&form, &caller, app.now()),
    };
    let (client, mut response) = match called {
        Ok(call) => match call.answer(&app).await {
            Ok((client, Ok(granted))) => (client, granted),
            Ok((client, Err(error))) => (client, caller.refuse(&error)),
            Err(fault) => (None, client::fault(fault)),
        },
        Err(error) => match known_client(&app, &caller).await {
            Ok(client) => (client, caller.refuse(&error)),
            Err(fault) => (None, client::fault(fault)),
        },
    };
    cors::allow(&mut response, &headers, client.as_deref());
    response
}

/// A request that can be understood: who calls, what they bring, and when.
struct Call<'a> {
    credentials: &'a ClientCredentials,
    request: TokenRequest,
    /// Taken before the facts are read. A token is as old as this: so an act that ends all tokens issued
    /// so far ends those as well that were decided on before it.
    now: Timestamp,
}

fn call<'a>(form: &'a Form, caller: &'a Caller, now: Timestamp) -> Result<Call<'a>, TokenError> {
    client::judge_form(form)?;
    let credentials = caller.credentials.as_ref().map_err(|error| TokenError::from(*error))?;
    let request = TokenRequest::read(|name| form.field(name))?;
    Ok(Call { credentials, request, now })
}

/// The client that a request that cannot be understood comes from: its page may read why.
async fn known_client(app: &App, caller: &Caller) -> Result<Option<Arc<Client>>, Fault> {
    match &caller.credentials {
        Ok(credentials) => Ok(app.caller(&credentials.client).await?),
        Err(_) => Ok(None),
    }
}

/// The client, if it is known, and what it gets.
type Answered = (Option<Arc<Client>>, Result<Response, TokenError>);

impl Call<'_> {
    async fn answer(&self, app: &App) -> Result<Answered, Fault> {
        match &self.request.grant {
            GrantRequest::AuthorizationCode { code, redirect_uri, code_verifier } => {
                let place = redirect_uri.as_deref();
                self.exchange(app, code, place, code_verifier.as_ref()).await
            }
            GrantRequest::RefreshToken { refresh_token, scope } => {
                self.refresh(app, refresh_token, scope.as_ref()).await
            }
            GrantRequest::ClientCredentials { scope } => self.for_itself(app, scope).await,
        }
    }

    /// The API that is named, if one is.
    fn resource(&self) -> Option<&str> {
        self.request.resource.as_deref()
    }

    /// Before anything is used up: what is about to be granted is for the API that is named.
    fn judge_resource(&self, app: &App, granted: Option<&Granted>) -> Result<(), TokenError> {
        match granted {
            Some(granted) => {
                resource::judge(self.resource(), granted.resource.as_ref(), &app.policy)
            }
            None => Ok(()),
        }
    }

    const fn caller(&self) -> &ClientId {
        &self.credentials.client
    }

    async fn exchange(
        &self,
        app: &App,
        code: &Secret,
        redirect_uri: Option<&str>,
        code_verifier: Option<&Secret>,
    ) -> Result<Answered, Fault> {
        let (facts, sealed) = self.code_facts(app, code).await?;
        let client = match self.credentials.prove(facts.client.as_deref()) {
            Ok(client) => client,
            Err(error) => return Ok((facts.client, Err(error.into()))),
        };
        let decision = authorization_code::decide(
            client,
            redirect_uri,
            code_verifier,
            &facts,
            app.config.refresh_lifetimes,
            self.now,
        );
        let decision = decision.and_then(|decision| {
            self.judge_resource(app, decision.granted())?;
            Ok(decision)
        });
        let answered = match decision {
            Ok(authorization_code::Decision::Redeem(redemption)) => {
                let outcome = match &sealed {
                    Some(code) => app.store.redeem_sealed_code(code, &redemption).await?,
                    None => app.store.redeem_code(&redemption).await?,
                };
                match outcome {
                    Outcome::Done => Ok(self.granted(app, client, &redemption.granted).await?),
                    // Another call came first: this one is the replay.
                    Outcome::Late => Err(replayed(app, redemption.granted.authorization).await?),
                    Outcome::Gone => Err(invalid_grant("Invalid authorization code")),
                }
            }
            Ok(authorization_code::Decision::Replay(authorization)) => {
                Err(replayed(app, authorization).await?)
            }
            Err(error) => Err(error),
        };
        Ok((facts.client, answered))
    }

    /// What is known about a code, and the code itself if it is on record only once it is exchanged.
    async fn code_facts(
        &self,
        app: &App,
        code: &Secret,
    ) -> Result<(authorization_code::Facts, Option<Box<SealedCode>>), Fault> {
        let caller = self.caller();
        let sealed = match PresentedCode::of(code, &app.keys) {
            Some(PresentedCode::Sealed(sealed)) => sealed,
            Some(PresentedCode::Recorded(key)) => {
                return Ok((app.store.code_facts(caller, &key).await?, None));
            }
            None => {
                let client = app.store.client(caller).await?.map(Arc::new);
                return Ok((authorization_code::Facts { client, ..Default::default() }, None));
            }
        };
        if self.now >= sealed.code.expires_at {
            // It is too late for an exchange, but not to be told that this is the second.
            let mut code = sealed.code;
            code.redeemed_at = app.store.sealed_code_redeemed_at(&code.key).await?;
            let client = app.caller(caller).await?;
            let facts =
                authorization_code::Facts { client, code: Some(code), ..Default::default() };
            return Ok((facts, None));
        }
        let Facts { client, signed_in, consent } =
            app.authorization_facts(caller, Some(&sealed.session)).await?;
        let mut facts =
            authorization_code::Facts::of_sealed(&sealed, client, signed_in, consent, self.now);
        if app.revocations.covers_code(&sealed)? {
            facts.code = None;
        }
        Ok((facts, Some(sealed)))
    }

    async fn refresh(
        &self,
        app: &App,
        presented: &Secret,
        scope: Option<&ScopeSet>,
    ) -> Result<Answered, Fault> {
        let token = app.keys.open_refresh_token(presented);
        loop {
            let facts = self.refresh_facts(app, token).await?;
            let client = match self.credentials.prove(facts.client.as_deref()) {
                Ok(client) => client,
                Err(error) => return Ok((facts.client, Err(error.into()))),
            };
            let (lifetimes, catalogue) = (app.config.refresh_lifetimes, &app.policy.catalogue);
            let decision =
                refresh_token::decide(client, token, scope, &facts, lifetimes, catalogue, self.now);
            let decision = decision.and_then(|decision| {
                self.judge_resource(app, decision.granted())?;
                Ok(decision)
            });
            let answered = match decision {
                Ok(refresh_token::Decision::Rotate(rotation)) => {
                    match app.store.rotate(&rotation).await? {
                        Outcome::Done => Ok(self.granted(app, client, &rotation.granted).await?),
                        // Another call came first. The facts are others now; a generation only rises,
                        // so this ends.
                        Outcome::Late => continue,
                        Outcome::Gone => Err(invalid_grant("Refresh token revoked")),
                    }
                }
                Ok(refresh_token::Decision::Repeat(repeated)) => {
                    Ok(self.granted(app, client, &repeated).await?)
                }
                Ok(refresh_token::Decision::Reuse(authorization)) => {
                    tracing::warn!(client = %self.caller(), "a used refresh token came again; its family ends");
                    app.revoke(authorization).await?;
                    Err(invalid_grant("Refresh token revoked"))
                }
                Err(error) => Err(error),
            };
            return Ok((facts.client, answered));
        }
    }

    async fn refresh_facts(
        &self,
        app: &App,
        token: Option<RefreshToken>,
    ) -> Result<refresh_token::Facts, Fault> {
        Ok(match token {
            Some(token) => app.store.refresh_facts(self.caller(), token.authorization).await?,
            None => refresh_token::Facts {
                client: app.store.client(self.caller()).await?.map(Arc::new),
                ..refresh_token::Facts::default()
            },
        })
    }

    async fn for_itself(&self, app: &App, scope: &ScopeSet) -> Result<Answered, Fault> {
        // Remembered: nothing is used up and nothing stored. What ends a client also covers the tokens
        // that are issued to it by who has not heard of that yet.
        let caller = app.caller(self.caller()).await?;
        let client = match self.credentials.prove(caller.as_deref()) {
            Ok(client) => client,
            Err(error) => return Ok((caller, Err(error.into()))),
        };
        let resource = self.resource();
        let decided = client_credentials::decide(
            client,
            scope,
            resource,
            &app.policy,
            &mut app.rng(),
            self.now,
        );
        let answered = match decided {
            Ok(decided) => Ok(self.granted(app, client, &decided).await?),
            Err(error) => Err(error),
        };
        Ok((caller, answered))
    }

    /// The answer for `client`, which has proven to be the caller. What is granted is on record.
    async fn granted(
        &self,
        app: &App,
        client: &Client,
        granted: &Granted,
    ) -> Result<Response, Fault> {
        let person = match granted.tells_of() {
            // Whose account was shut in this very moment is told nothing of.
            Some(account) => app.person(account).await?,
            None => None,
        };
        let recipient = Recipient { client, person: person.as_deref() };
        let response = granted.respond(recipient, &app.issuer(), &mut app.rng(), self.now)?;
        Ok(json::answer(StatusCode::OK, &Body::of(&response)))
    }
}

/// Ends all that followed from a code that came twice (RFC 6749 §4.1.2).
async fn replayed(app: &App, authorization: AuthorizationId) -> Result<TokenError, Fault> {
    tracing::warn!("a used authorization code came again; what followed from it ends");
    app.revoke(authorization).await?;
    Ok(invalid_grant("Invalid authorization code"))
}

fn invalid_grant(description: &'static str) -> TokenError {
    TokenError::new(TokenErrorCode::InvalidGrant, description)
}

fn invalid_request(description: &'static str) -> TokenError {
    TokenError::new(TokenErrorCode::InvalidRequest, description)
}

/// The members of a successful answer (RFC 6749 §5.1).
#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    scope: &'a str,
}

impl<'a> Body<'a> {
    fn of(response: &'a TokenResponse) -> Self {
        Self {
            access_token: response.access_token.reveal(),
            token_type: "Bearer",
            expires_in: response.expires_in.as_secs(),
            refresh_token: response.refresh_token.as_ref().map(Secret::reveal),
            id_token: response.id_token.as_deref(),
            scope: &response.scope,
        }
    }
}
