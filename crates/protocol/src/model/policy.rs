//! What the operator has settled, as far as rules ask.

use std::sync::Arc;
use std::time::Duration;

use super::{Api, ApiIdentifier, RedirectUriPolicy, ScopeCatalogue, TokenFormat};

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
