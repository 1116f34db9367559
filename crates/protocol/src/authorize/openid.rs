//! What a request says beyond OAuth: `nonce`, `claims` and `id_token_hint` (OpenID Connect Core §3.1.2.1, §5.5).

use super::error::{AuthorizationError, ErrorCode};
use super::query::AuthorizationQuery;
use super::response_type::ResponseType;
use crate::id_token::{ACR, Hint};
use crate::issuer::Issuer;
use crate::jose::{Object, Value};
use crate::model::{
    Claim, ClaimSet, Client, OPENID, RequestedClaims, Scope, ScopeCatalogue, ScopeSet,
};

/// The longest `nonce`, in bytes.
const MAX_NONCE: usize = 512;

/// The longest `claims`, in bytes: all standard claims twice, with room to spare.
const MAX_CLAIMS: usize = 8 * 1024;

/// What an OpenID request asks beside its scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OpenIdRequest {
    pub(super) nonce: Option<String>,
    pub(super) claims: RequestedClaims,
}

/// Whom the answer must be about, as the client knows them.
pub(super) type MeantSubject = Option<String>;

/// Judges what makes `query` an OpenID request; `None` if it is none, which is one without the scope `openid`
/// (OpenID Connect Core §3.1.2.1). And whom it means.
pub(super) fn judge(
    query: &AuthorizationQuery,
    (client, response_type): (&Client, ResponseType),
    scopes: &ScopeSet,
    issuer: &Issuer<'_>,
) -> Result<(Option<OpenIdRequest>, MeantSubject), AuthorizationError> {
    let hinted = judge_hint(query, client, issuer)?;
    if !scopes.names(OPENID) {
        if response_type.has_id_token() {
            return Err(refused("An ID token needs the scope openid"));
        }
        return Ok((None, hinted));
    }
    let nonce = judge_nonce(query, response_type)?;
    let asked = AskedClaims::judge(query)?;
    let subject = match (hinted, asked.subject) {
        (Some(hinted), Some(asked)) if hinted != asked => {
            return Err(refused("id_token_hint and claims mean two different people"));
        }
        (hinted, asked) => hinted.or(asked),
    };
    let mut claims = asked.claims;
    claims.id_token = allowed(claims.id_token, client, &issuer.policy.catalogue);
    // OpenID Connect Core §5.5: what is asked of userinfo is asked with an access token; with none there will be
    // nothing to ask, so nobody is asked to allow it.
    claims.userinfo = match response_type.brings_access_token() {
        true => allowed(claims.userinfo, client, &issuer.policy.catalogue),
        false => ClaimSet::EMPTY,
    };
    Ok((Some(OpenIdRequest { nonce, claims }), subject))
}

impl OpenIdRequest {
    /// What the person must have allowed beside the scopes: the scopes that would bring the same claims.
    pub(super) fn scopes(&self) -> impl Iterator<Item = Scope> {
        let claims = self.claims.id_token.union(self.claims.userinfo);
        claims.iter().filter_map(|claim| Scope::parse(claim.scope()).ok())
    }
}

/// An ID token that the client got before says whom it means. Its time does not matter; and it is a hint only:
/// it signs nobody in.
fn judge_hint(
    query: &AuthorizationQuery,
    client: &Client,
    issuer: &Issuer<'_>,
) -> Result<MeantSubject, AuthorizationError> {
    let Some(text) = query.id_token_hint.once() else { return Ok(None) };
    let hint = Hint::read(text, issuer).filter(|hint| hint.client == client.id);
    match hint {
        Some(hint) => Ok(Some(hint.subject)),
        None => Err(refused("id_token_hint must be an ID token that this app got from here")),
    }
}

/// > nonce: REQUIRED […] in the Implicit Flow (OpenID Connect Core §3.2.2.1; §3.3.2.11 has it so for every ID
/// > token that comes straight from here.)
fn judge_nonce(
    query: &AuthorizationQuery,
    response_type: ResponseType,
) -> Result<Option<String>, AuthorizationError> {
    match query.nonce.once() {
        None if response_type.has_id_token() => Err(refused("Missing required parameter: nonce")),
        Some(nonce) if nonce.len() > MAX_NONCE || nonce.contains(char::is_control) => {
            Err(refused("nonce must be at most 512 bytes, without control characters"))
        }
        nonce => Ok(nonce.cloned()),
    }
}

/// The standard claims among `asked` whose scope `client` may ask for. What it may not is passed over, as
/// anything is that is not known here.
fn allowed(asked: ClaimSet, client: &Client, catalogue: &ScopeCatalogue) -> ClaimSet {
    let admits = |claim: &Claim| {
        Scope::parse(claim.scope()).is_ok_and(|scope| client.scopes.admit(&scope, catalogue))
    };
    asked.iter().filter(admits).collect()
}

/// What the parameter `claims` says.
#[derive(Default)]
struct AskedClaims {
    claims: RequestedClaims,
    subject: MeantSubject,
}

impl AskedClaims {
    fn judge(query: &AuthorizationQuery) -> Result<Self, AuthorizationError> {
        let Some(text) = query.claims.once() else { return Ok(Self::default()) };
        // Deeply nested, or with a member twice, it is no JSON that is read here.
        let object = Object::parse(text.as_bytes()).filter(|_| text.len() <= MAX_CLAIMS);
        let object = object.ok_or_else(|| refused("claims must be a JSON object"))?;
        let mut asked = Self::default();
        if let Some(members) = part(&object, "id_token")? {
            asked.claims.id_token = asked.read(members)?;
        }
        if let Some(members) = part(&object, "userinfo")? {
            asked.claims.userinfo = asked.read(members)?;
        }
        Ok(asked)
    }

    fn read(&mut self, members: &Object) -> Result<ClaimSet, AuthorizationError> {
        let mut claims = ClaimSet::EMPTY;
        for (name, wish) in members.members() {
            let wish = match wish {
                Value::Null => None,
                Value::Object(wish) => Some(wish),
                _ => return Err(refused("A claim is asked for by null or an object")),
            };
            match name {
                "sub" => self.mean(wish)?,
                "acr" => judge_acr(wish)?,
                _ => claims.extend(Claim::parse(name)),
            }
        }
        Ok(claims)
    }

    /// > If the `sub` Claim is requested with a value, the Authorization Server MUST only send a positive
    /// > response if the End-User identified by it has an active session or is authenticated by the request.
    /// > (OpenID Connect Core §3.1.2.2, in short)
    fn mean(&mut self, wish: Option<&Object>) -> Result<(), AuthorizationError> {
        let Some(value) = wish.and_then(|wish| wish.get("value")) else { return Ok(()) };
        let Value::Text(subject) = value else {
            return Err(refused("The value of sub must be a text"));
        };
        match self.subject.replace(subject.clone()) {
            Some(other) if other != *subject => Err(refused("claims means two different people")),
            _ => Ok(()),
        }
    }
}

/// > If this is an Essential Claim and the requirement cannot be met, then the Authorization Server MUST treat
/// > that outcome as a failed authentication attempt. (OpenID Connect Core §5.5.1.1)
fn judge_acr(wish: Option<&Object>) -> Result<(), AuthorizationError> {
    let Some(wish) = wish.filter(|wish| wish.boolean("essential") == Some(true)) else {
        return Ok(());
    };
    let is_ours = |value: &Value| matches!(value, Value::Text(text) if text == ACR);
    let is_met = match (wish.get("value"), wish.get("values")) {
        (None, None) => true,
        (Some(value), _) => is_ours(value),
        (None, Some(Value::List(values))) => values.iter().any(is_ours),
        (None, Some(_)) => false,
    };
    if is_met {
        return Ok(());
    }
    let description = "People can sign in here with acr 1 only";
    Err(AuthorizationError::new(ErrorCode::UnmetAuthenticationRequirements, description))
}

/// The claims for one place, if any are asked for there.
fn part<'a>(object: &'a Object, name: &str) -> Result<Option<&'a Object>, AuthorizationError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(_) => Err(refused("claims holds the objects userinfo and id_token")),
    }
}

fn refused(description: &str) -> AuthorizationError {
    AuthorizationError::new(ErrorCode::InvalidRequest, description)
}
