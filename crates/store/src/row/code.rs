//! Codes in rows.

use hallpass_protocol::model::{AccountId, AuthorizationId, ClientId, CodeKey};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::token::grant::authorization_code::{Facts, StoredCode};

use super::{Columns, Corrupt, Row, account, api, client, consent};

/// How many columns [`read`] reads.
const WIDTH: usize = 11;

fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<StoredCode, Corrupt> {
    Ok(StoredCode {
        key: read_key(columns)?,
        authorization: AuthorizationId::from_uuid(columns.uuid("authorization_id")?),
        consent: AuthorizationId::from_uuid(columns.uuid("consent_id")?),
        client: columns.parsed("client_id", |text| ClientId::parse(text).ok())?,
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        redirect_uri: columns.text("redirect_uri")?.to_owned(),
        scopes: consent::read_scopes(columns)?,
        resource: api::read_resource(columns)?,
        challenge: columns
            .text_or_null("challenge")?
            .map(|text| CodeChallenge::parse(text).ok_or_else(|| columns.corrupt("challenge")))
            .transpose()?,
        expires_at: columns.timestamp("expires_at")?,
        redeemed_at: columns.timestamp_or_null("redeemed_at")?,
    })
}

fn read_key<R: Row>(columns: &mut Columns<'_, R>) -> Result<CodeKey, Corrupt> {
    let bytes = columns.bytes("key")?;
    bytes.try_into().map(CodeKey::from_bytes).map_err(|_| columns.corrupt("key"))
}

/// Reads the client that asks, a code, the code's account and its consent to the code's client, each of
/// them there or not.
pub(crate) fn read_facts<R: Row>(columns: &mut Columns<'_, R>) -> Result<Facts, Corrupt> {
    Ok(Facts {
        client: columns.joined("client", client::WIDTH, client::read)?,
        code: columns.joined("code", WIDTH, read)?,
        account: columns.joined("account", account::WIDTH, account::read)?,
        consent: columns.joined("consent", consent::WIDTH, consent::read)?,
    })
}
