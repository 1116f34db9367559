//! By what a client knows people: the same for all clients, or one of its own (OpenID Connect Core §8).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::{AccountId, Client, RedirectUri, Subject, SubjectType};

/// The key that makes pairwise subjects (HMAC-SHA-256). It is sealed in the store like all others, so the
/// database alone does not lead from a subject back to its account (OpenID Connect Core §8.1: the result "MUST
/// NOT be reversible by any party other than the OpenID Provider").
pub struct SubjectKey(hmac::Key);

impl SubjectKey {
    /// The key of these 32 random bytes.
    pub fn new(material: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, material))
    }

    /// By what `client` knows `account`: the same each time.
    pub fn subject(&self, client: &Client, account: AccountId) -> Subject {
        match client.openid.subject_type {
            SubjectType::Public => account.subject(),
            SubjectType::Pairwise => self.pairwise(&sector(client), account),
        }
    }

    pub(super) fn pairwise(&self, sector: &str, account: AccountId) -> Subject {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"hallpass pairwise subject");
        context.update(account.as_uuid().as_bytes());
        context.update(sector.as_bytes());
        Subject::of_sector(URL_SAFE_NO_PAD.encode(context.sign()))
    }
}

/// Whose clients know a person by the same pairwise subject: the host of their redirect URIs (OpenID Connect
/// Core §8.1). A client without one host shares with nobody, and neither does one whose host is everybody's
/// own machine.
fn sector(client: &Client) -> String {
    sector_host(&client.redirect_uris).unwrap_or_else(|| format!("client {}", client.id))
}

/// The one host that all these redirect URIs have, each of them over https.
pub(crate) fn sector_host(redirect_uris: &[RedirectUri]) -> Option<String> {
    let mut hosts = redirect_uris.iter().map(|uri| {
        let url = Url::parse(uri.as_str()).ok()?;
        // Over http there are only loopback addresses, which any app can have.
        url.host_str().filter(|_| url.scheme() == "https").map(str::to_owned)
    });
    let first = hosts.next()??;
    hosts.all(|host| host.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use uuid::Uuid;

    use super::*;
    use crate::model::{
        AllowedScopes, ClientId, ClientStatus, ClientType, Denial, GrantTypes, OpenIdSettings,
        PkceRule, Timestamp,
    };

    fn client(id: &str, subject_type: SubjectType, redirect_uris: &[&str]) -> Client {
        let owner = AccountId::from_uuid(Uuid::from_u128(9));
        Client {
            id: ClientId::parse(id).unwrap(),
            client_type: ClientType::Public,
            name: String::new(),
            description: String::new(),
            website: None,
            owner,
            owner_name: String::new(),
            redirect_uris: redirect_uris
                .iter()
                .map(|uri| RedirectUri::from_stored(uri).unwrap())
                .collect(),
            grant_types: GrantTypes::default(),
            scopes: AllowedScopes::Ordinary,
            denial: Denial::Query,
            pkce: PkceRule::Required,
            openid: OpenIdSettings { subject_type, ..OpenIdSettings::default() },
            status: ClientStatus::Active,
            created_at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn core_8_1_clients_of_one_host_know_a_person_by_one_subject_and_no_others_do() {
        let key = SubjectKey::new(&[1; 32]);
        let account = AccountId::from_uuid(Uuid::from_u128(1));
        let pairwise =
            |id, uris: &[&str]| key.subject(&client(id, SubjectType::Pairwise, uris), account);
        let one = pairwise("a", &["https://app.example/a", "https://app.example:8443/b"]);
        assert_eq!(one, pairwise("b", &["https://app.example/c"]));
        assert_ne!(one, pairwise("a", &["https://other.example/a"]));
        for shared in
            [&["http://127.0.0.1/a"][..], &["com.example.app:/a"], &["http://localhost/a"]]
        {
            assert_ne!(pairwise("a", shared), pairwise("b", shared), "{shared:?}");
        }
        let public =
            key.subject(&client("a", SubjectType::Public, &["https://app.example/a"]), account);
        assert_eq!(public, account.subject());
    }

    #[test]
    fn st_12_a_pairwise_subject_needs_the_key_and_leads_nowhere() {
        let account = AccountId::from_uuid(Uuid::from_u128(1));
        let app = client("a", SubjectType::Pairwise, &["https://app.example/a"]);
        let subject = SubjectKey::new(&[1; 32]).subject(&app, account);
        assert_ne!(subject, SubjectKey::new(&[2; 32]).subject(&app, account));
        assert_ne!(
            subject,
            SubjectKey::new(&[1; 32]).subject(&app, AccountId::from_uuid(Uuid::from_u128(2)))
        );
        assert_eq!(Subject::account(subject.as_str()), None);
        assert_eq!(subject.as_str().len(), 43);
    }
}
