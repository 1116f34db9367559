//! `client_credentials` (RFC 6749 §4.4): the client for itself, without a person.

use crate::access_token::TokenSubject;
use crate::model::{
    AuthorizationId, Client, GrantType, OFFLINE_ACCESS, OPENID, Policy, Randomness, ScopeSet,
    Timestamp, UnknownScopes,
};
use crate::token::{Granted, TokenError, TokenErrorCode, resource};

/// Judges what `client`, which has proven to be the caller, asks for itself. No refresh token goes with
/// it (RFC 6749 §4.4.3), and nothing is recorded.
///
/// # Errors
/// [`TokenError`].
pub fn decide(
    client: &Client,
    scope: &ScopeSet,
    resource: Option<&str>,
    policy: &Policy,
    rng: &mut dyn Randomness,
    now: Timestamp,
) -> Result<Granted, TokenError> {
    if !client.grant_types.contains(GrantType::ClientCredentials) || !client.is_confidential() {
        let description = "The client credentials grant is not switched on for this app";
        return Err(TokenError::new(TokenErrorCode::UnauthorizedClient, description));
    }
    let mut scopes = ScopeSet::empty();
    for scope in scope.iter() {
        // They say who somebody is, and act while somebody is away: nobody is there who could be meant.
        if matches!(scope.as_str(), OPENID | OFFLINE_ACCESS) {
            let description = format!("The scope {scope} needs a person");
            return Err(TokenError::new(TokenErrorCode::InvalidScope, description));
        }
        let is_known = policy.catalogue.definition(scope).is_some();
        if client.scopes.admit(scope, &policy.catalogue) {
            scopes.insert(scope.clone());
        } else if is_known || policy.unknown_scopes == UnknownScopes::Refuse {
            let description = match is_known {
                true => format!("This app may not ask for the scope {scope}"),
                false => format!("Unknown scope: {scope}"),
            };
            return Err(TokenError::new(TokenErrorCode::InvalidScope, description));
        }
    }
    let api = resource::find(resource, policy)?;
    if let Some(scope) = api.and_then(|api| api.foreign_scope(&scopes)) {
        let description = format!("The scope {scope} is not one of this resource");
        return Err(TokenError::new(TokenErrorCode::InvalidScope, description));
    }
    Ok(Granted {
        client: client.id.clone(),
        subject: TokenSubject::Client,
        authorization: AuthorizationId::mint(rng, now),
        consent: None,
        scopes,
        resource: api.map(|api| api.identifier.clone()),
        authentication: None,
        refresh_generation: None,
    })
}
