//! The nouns: values that carry their own rule, and nothing that decides about a request.
//!
//! Nothing here imports anything else of this crate.

mod account;
mod api;
mod authorization;
mod claim;
mod client;
mod code;
mod consent;
mod form_key;
pub mod key_life;
mod key_purpose;
mod key_set;
mod openid;
mod password;
mod policy;
mod profile;
mod randomness;
mod redirect_uri;
mod refresh;
mod revocation;
mod scope;
mod secret;
mod session;
mod signature_algorithm;
mod standard_scope;
mod subject;
mod time;

pub use account::{
    Account, AccountId, AccountStatus, EmailAddress, NameProblem, Subject, Username,
};
pub use api::{Api, ApiIdentifier, ApiIdentifierProblem, TokenFormat};
pub use authorization::AuthorizationId;
pub use claim::{Claim, ClaimSet};
pub use client::{
    AllowedScopes, Client, ClientId, ClientIdProblem, ClientStatus, ClientType, Denial, GrantType,
    GrantTypes, PkceRule,
};
pub use code::CodeKey;
pub use consent::Consent;
pub use form_key::{FormKey, FormKeys, FormPurpose, FormToken, FormTokenProblem, VerifiedForm};
pub use key_life::{
    JWKS_MAX_AGE, KeyLife, KeyState, LONGEST_ACCESS_TOKEN, LONGEST_IDLE, Succession,
};
pub use key_purpose::{KeyId, KeyPurpose};
pub use key_set::{KeyProblem, KeySet, MasterKey, SealedKey, SealingKey, SigningMaterial};
pub use openid::{
    Authentication, LogoutUri, LogoutUriProblem, OpenIdSettings, RequestedClaims, SubjectType,
};
pub use password::{Password, PasswordProblem};
pub use policy::{Policy, RememberConsent, UnknownScopes};
pub use profile::{Person, PostalAddress, Profile, ProfileField};
pub use randomness::Randomness;
pub use redirect_uri::{
    Caution, RESERVED_PARAMETERS, RedirectUri, RedirectUriPolicy, RedirectUriProblem,
};
pub use refresh::{RefreshFamily, RefreshKey, RefreshToken};
pub use revocation::{Revocation, Revoked};
pub use scope::{Scope, ScopeCatalogue, ScopeDefinition, ScopeGroup, ScopeProblem, ScopeSet};
pub use secret::{Digest, Secret};
pub use session::{Session, SessionId, SignedIn};
pub use signature_algorithm::SignatureAlgorithm;
pub use standard_scope::{OFFLINE_ACCESS, OPENID, is_standard, standard_scopes};
pub use subject::SubjectKey;
pub(crate) use subject::sector_host;
pub use time::{CLOCK_DIFFERENCE, Timestamp};
