//! An access token for the first `curl`, so that it works before anybody has clicked anything.

use std::time::Duration;

use hallpass_protocol::access_token::{self, Claims, TokenSubject};
use hallpass_protocol::authorize::Approval;
use hallpass_protocol::model::{AuthorizationId, ClaimSet, ClientId, ScopeSet, Secret, Username};
use hallpass_protocol::sign_in::open_session;
use hallpass_store::{Identifier, StoreError};

use crate::state::App;

/// Who is spoken for, and by which app: not the sample page's app, whose first visitor is to see the
/// consent page.
const USERNAME: &str = "ada";
const CLIENT: &str = "9d24b7e05f6c41d8b3a1e7c90f8d2a64";
const SCOPES: &str = "user-read-private user-read-email";

/// How long the session lasts in which the approval is recorded.
const MOMENT: Duration = Duration::from_secs(60);

/// Records an approval as the consent page would, and seals a token of it. `None` if the operator's
/// file has taken the demo's person or app away.
///
/// # Errors
/// The store's.
pub(super) async fn issue(app: &App) -> Result<Option<Secret>, StoreError> {
    let (Ok(username), Ok(client), Ok(scopes)) =
        (Username::parse(USERNAME), ClientId::parse(CLIENT), ScopeSet::parse(SCOPES))
    else {
        return Ok(None);
    };
    let credentials = app.store.credentials(&Identifier::Username(username)).await?;
    let Some(account) = credentials.map(|credentials| credentials.account) else {
        return Ok(None);
    };
    let (mut rng, now) = (app.rng(), app.now());
    let (_, session) = open_session(&account, MOMENT, &mut rng, now);
    app.store.open_session(&session, None).await?;
    let approval = Approval {
        session: session.id,
        account: account.id,
        client: client.clone(),
        scopes: scopes.clone(),
        authorization: AuthorizationId::mint(&mut rng, now),
        given_at: now,
    };
    let consent = app.store.record_approval(&approval).await?;
    app.store.close_session(&session.id, now).await?;
    Ok(consent.map(|consent| {
        let claims = Claims {
            client,
            subject: TokenSubject::Account(account.id),
            authorization: AuthorizationId::mint(&mut rng, now),
            consent: Some(consent),
            scopes,
            userinfo: ClaimSet::EMPTY,
            audience: app.policy.issuer.to_string(),
            issued_at: now,
            expires_at: now.plus(app.policy.token_lifetime),
        };
        access_token::seal(&claims, app.keys.active(claims.issued_at), &mut rng)
    }))
}
