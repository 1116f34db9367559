//! One app at the token endpoint, with a store that fits into a hand.

use std::time::Duration;

use hallpass_protocol::access_token::{self, Claims, RevocationList};
use hallpass_protocol::authorize::{Approval, CodeGround, CodeRecord, Facts, Verdict};
use hallpass_protocol::client_auth::ClientCredentials;
use hallpass_protocol::code::{PresentedCode, SealedCode};
use hallpass_protocol::issuer::Issuer;
use hallpass_protocol::model::{
    AuthorizationId, Client, ClientType, Consent, GrantType, RefreshFamily, RefreshToken, Secret,
};
use hallpass_protocol::revoke;
use hallpass_protocol::token::grant::authorization_code::{self, StoredCode};
use hallpass_protocol::token::grant::{client_credentials, refresh_token};
use hallpass_protocol::token::{
    GrantRequest, Granted, Recipient, RefreshLifetimes, TokenError, TokenErrorCode, TokenRequest,
    resource,
};

use super::{CALLBACK, CLIENT_ID, Counted, Location, Story, app, ask_code};

/// What the app keeps for itself, as in RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The token endpoint, and what comes before it.
pub(crate) struct Desk {
    /// The authorization endpoint; the store's facts are its facts.
    pub(crate) story: Story,
    /// How long refresh tokens live.
    pub(crate) lifetimes: RefreshLifetimes,
    /// The codes on record: those that were exchanged, and those that somebody agreed to just then.
    pub(crate) codes: Vec<StoredCode>,
    /// The families on record.
    pub(crate) families: Vec<RefreshFamily>,
    /// What was ended, as every checker of tokens knows it.
    pub(crate) ended: RevocationList,
    rng: Counted,
}

/// What an app gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) expires_in: Duration,
    pub(crate) scope: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
}

/// What an app is told: `error` and `error_description`.
pub(crate) type Refused = (&'static str, String);

/// The app, as a server that keeps the secret `secret`.
pub(crate) fn confidential(secret: &str) -> Client {
    let secrets = vec![Secret::presented(secret).digest()];
    Client { client_type: ClientType::Confidential { secrets }, ..app() }
}

/// `invalid_grant`, with this text.
pub(crate) fn invalid_grant(description: &str) -> Result<Tokens, Refused> {
    Err(("invalid_grant", description.to_owned()))
}

impl Desk {
    /// Ada has allowed the app, a public one, two scopes; it uses codes and refresh tokens.
    pub(crate) fn opens() -> Self {
        let mut story = Story::approved("streaming user-top-read");
        story.app().grant_types =
            [GrantType::AuthorizationCode, GrantType::RefreshToken].into_iter().collect();
        let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
        Self {
            story,
            lifetimes: RefreshLifetimes { idle: days(30), absolute: days(180) },
            codes: Vec::new(),
            families: Vec::new(),
            ended: RevocationList::default(),
            rng: Counted(200),
        }
    }

    /// From now on the app is a server that keeps the secret `secret`; its grants stay.
    pub(crate) fn keeps_a_secret(&mut self) {
        let grant_types = self.story.app().grant_types;
        self.story.facts.client = Some(Client { grant_types, ..confidential("secret") }.into());
    }

    /// Time goes by.
    pub(crate) fn wait(&mut self, duration: Duration) {
        self.story.now = self.story.now.plus(duration);
    }

    /// The app asks for a code with both scopes and gets it.
    pub(crate) fn code(&mut self) -> String {
        self.code_of(&ask_code(&[("scope", "streaming user-top-read")]))
    }

    /// The app asks `raw` and gets a code: Ada agreed before.
    pub(crate) fn code_of(&mut self, raw: &str) -> String {
        self.answer_of(raw).get("code").unwrap()
    }

    /// The app asks `raw` and gets an answer with a code, and with whatever else it asked for.
    pub(crate) fn answer_of(&mut self, raw: &str) -> Location {
        let (location, record) = self.story.authorize(raw).code();
        // The story mints the same bytes each time; its clock makes two codes differ.
        self.wait(Duration::from_millis(1));
        let code = Secret::presented(location.get("code").unwrap());
        if SealedCode::open(&code, &self.story.keys).is_none() {
            self.record(&record);
        }
        location
    }

    /// Ada answers the consent page of `raw`, with the form `form`: the store keeps one code of a key.
    pub(crate) fn code_of_answer(&mut self, form: &str, raw: &str) -> String {
        let (location, record) = self.story.answer_with(form, raw, Verdict::Approve).code();
        self.record(&record);
        location.get("code").unwrap()
    }

    fn record(&mut self, record: &CodeRecord) {
        if self.codes.iter().any(|code| code.key == record.key) {
            return;
        }
        let consent = match &record.ground {
            CodeGround::Remembered(consent) => *consent,
            CodeGround::Approved(approval) => self.approve(approval),
        };
        self.codes.push(StoredCode {
            key: record.key,
            authorization: record.authorization,
            consent,
            client: record.client.clone(),
            account: record.account,
            redirect_uri: record.redirect_uri.clone(),
            scopes: record.scopes.clone(),
            resource: record.resource.clone(),
            challenge: record.challenge.clone(),
            authentication: record.authentication.clone(),
            expires_at: record.expires_at,
            redeemed_at: None,
        });
    }

    /// Makes the consent, or widens the one that is there; answers the one in force.
    fn approve(&mut self, approval: &Approval) -> AuthorizationId {
        let known = self.story.facts.consent.take();
        let scopes = known
            .as_ref()
            .map_or(approval.scopes.clone(), |consent| consent.scopes.union(&approval.scopes));
        let authorization = known.map_or(approval.authorization, |consent| consent.authorization);
        self.story.facts.consent = Some(Consent {
            account: approval.account,
            client: approval.client.clone(),
            scopes,
            authorization,
            given_at: approval.given_at,
        });
        authorization
    }

    /// The app exchanges `code` as it should, `changes` put over that; an empty value is none.
    pub(crate) fn exchange(
        &mut self,
        code: &str,
        changes: &[(&str, &str)],
    ) -> Result<Tokens, Refused> {
        let good = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post(&[changes, &good].concat())
    }

    /// The app uses `token` as it should, `changes` put over that.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        changes: &[(&str, &str)],
    ) -> Result<Tokens, Refused> {
        let good =
            [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), ("refresh_token", token)];
        self.post(&[changes, &good].concat())
    }

    /// A new code, exchanged: the access token and the first refresh token.
    pub(crate) fn session(&mut self) -> Tokens {
        let code = self.code();
        self.exchange(&code, &[]).unwrap()
    }

    /// A form of these fields comes in; of two with one name the first is meant.
    pub(crate) fn post(&mut self, fields: &[(&str, &str)]) -> Result<Tokens, Refused> {
        let field = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, v)| *v);
        let answered = ClientCredentials::read(None, field("client_id"), field("client_secret"))
            .map_err(TokenError::from)
            .and_then(|caller| {
                let known = self.story.facts.client.clone();
                let client = caller.prove(known.as_deref()).map_err(TokenError::from)?;
                self.grant(client, TokenRequest::read(field)?)
            });
        answered.map_err(|error| (error.code.as_str(), error.description.into_owned()))
    }

    fn grant(&mut self, client: &Client, request: TokenRequest) -> Result<Tokens, TokenError> {
        let asked = request.resource;
        let granted = match request.grant {
            GrantRequest::AuthorizationCode { code, redirect_uri, code_verifier } => {
                let place = redirect_uri.as_deref();
                self.redeem(client, &code, place, code_verifier.as_ref(), asked.as_deref())?
            }
            GrantRequest::RefreshToken { refresh_token, scope } => {
                let token = self.story.keys.open_refresh_token(&refresh_token);
                self.rotate(client, token, scope.as_ref(), asked.as_deref())?
            }
            GrantRequest::ClientCredentials { scope } => {
                let now = self.story.now;
                client_credentials::decide(
                    client,
                    &scope,
                    asked.as_deref(),
                    &self.story.policy,
                    &mut self.rng,
                    now,
                )?
            }
        };
        let told = self.story.told(granted.tells_of());
        let Story { policy, keys, now, .. } = &self.story;
        let issuer = Issuer { policy, keys: super::token_keys(keys) };
        let recipient = Recipient { client, person: told.as_ref() };
        let response = granted.respond(recipient, &issuer, &mut self.rng, *now).unwrap();
        Ok(Tokens {
            access_token: response.access_token.reveal().to_owned(),
            expires_in: response.expires_in,
            scope: response.scope,
            refresh_token: response.refresh_token.map(|token| token.reveal().to_owned()),
            id_token: response.id_token,
        })
    }

    fn redeem(
        &mut self,
        client: &Client,
        code: &Secret,
        place: Option<&str>,
        verifier: Option<&Secret>,
        asked: Option<&str>,
    ) -> Result<Granted, TokenError> {
        let now = self.story.now;
        let facts = self.code_facts(code, client);
        match authorization_code::decide(client, place, verifier, &facts, self.lifetimes, now)? {
            authorization_code::Decision::Redeem(redemption) => {
                let granted = redemption.granted.resource.as_ref();
                resource::judge(asked, granted, &self.story.policy)?;
                let mut code = facts.code.unwrap();
                self.codes.retain(|known| known.key != redemption.key);
                assert_eq!(code.redeemed_at.replace(redemption.at), None, "redeemed once");
                self.codes.push(code);
                self.families.extend(redemption.family);
                Ok(redemption.granted)
            }
            authorization_code::Decision::Replay(authorization) => {
                self.end(authorization);
                let description = "Invalid authorization code";
                Err(TokenError::new(TokenErrorCode::InvalidGrant, description))
            }
        }
    }

    /// What is known of a code: by what is on record, or by what it carries itself.
    fn code_facts(&self, code: &Secret, client: &Client) -> authorization_code::Facts {
        let client = Some(client.clone().into());
        let known = Facts { client, ..self.story.facts.clone() };
        let on_record = |key| self.codes.iter().find(|code| code.key == key).cloned();
        let of_record = |code| authorization_code::Facts {
            client: known.client.clone(),
            code,
            account: known.signed_in.as_ref().map(|person| person.account.clone()),
            consent: known.consent.clone(),
        };
        match PresentedCode::of(code, &self.story.keys) {
            Some(PresentedCode::Sealed(code)) => match on_record(code.code.key) {
                Some(redeemed) => of_record(Some(redeemed)),
                None => authorization_code::Facts::of_sealed(
                    &code,
                    known.client,
                    known.signed_in,
                    known.consent,
                    self.story.now,
                ),
            },
            Some(PresentedCode::Recorded(key)) => of_record(on_record(key)),
            None => of_record(None),
        }
    }

    fn rotate(
        &mut self,
        client: &Client,
        token: Option<RefreshToken>,
        scope: Option<&hallpass_protocol::model::ScopeSet>,
        asked: Option<&str>,
    ) -> Result<Granted, TokenError> {
        let named = |family: &RefreshFamily| {
            token.is_some_and(|token| token.authorization == family.authorization)
        };
        let facts = refresh_token::Facts {
            client: Some(client.clone().into()),
            family: self.families.iter().find(|family| named(family)).cloned(),
            account: self.story.facts.signed_in.as_ref().map(|person| person.account.clone()),
            consent: self.story.facts.consent.clone(),
        };
        let (catalogue, now) = (&self.story.policy.catalogue, self.story.now);
        let decision =
            refresh_token::decide(client, token, scope, &facts, self.lifetimes, catalogue, now)?;
        if let Some(granted) = decision.granted() {
            resource::judge(asked, granted.resource.as_ref(), &self.story.policy)?;
        }
        match decision {
            refresh_token::Decision::Rotate(rotation) => {
                let family = self.families.iter_mut().find(|family| named(family)).unwrap();
                assert_eq!(family.generation, rotation.from_generation);
                family.generation += 1;
                family.idle_until = rotation.idle_until;
                Ok(rotation.granted)
            }
            refresh_token::Decision::Repeat(granted) => Ok(granted),
            refresh_token::Decision::Reuse(authorization) => {
                self.end(authorization);
                let description = "Refresh token revoked";
                Err(TokenError::new(TokenErrorCode::InvalidGrant, description))
            }
        }
    }

    /// Everything of `authorization` ends.
    pub(crate) fn end(&mut self, authorization: AuthorizationId) {
        let now = self.story.now;
        self.ended.add(&revoke::end(authorization, self.story.policy.token_lifetime, now));
        let family = self.families.iter_mut().find(|f| f.authorization == authorization);
        if let Some(family) = family {
            family.ended_at.get_or_insert(now);
        }
    }

    /// What an access token says, if it is good now.
    pub(crate) fn check(&self, tokens: &Tokens) -> Option<Claims> {
        let claims = access_token::open(&tokens.access_token, &self.story.keys).ok()?;
        (!claims.is_expired(self.story.now) && !self.ended.covers(&claims)).then_some(claims)
    }
}
