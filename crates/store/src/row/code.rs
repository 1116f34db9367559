//! Codes in rows.

use std::sync::Arc;
use std::time::Duration;

use hallpass_protocol::authorize::CODE_LIFETIME;
use hallpass_protocol::model::{
    AccountId, Authentication, AuthorizationId, ClientId, CodeKey, FormToken, Timestamp,
};
use hallpass_protocol::pkce::CodeChallenge;
use hallpass_protocol::token::grant::authorization_code::{Facts, StoredCode};

use super::{Columns, Corrupt, Row, account, api, authentication, client, consent};

/// How many columns [`read`] reads.
const WIDTH: usize = 12 + authentication::WIDTH;

/// What is read of a code, where its table is called `$code` in the statement.
macro_rules! code_columns {
    ($code:literal) => {
        concat!(
            $code,
            ".key, ",
            $code,
            ".authorization_id, ",
            $code,
            ".consent_id, ",
            $code,
            ".client_id, ",
            $code,
            ".account_id, ",
            $code,
            ".redirect_uri, ",
            $code,
            ".scopes, ",
            $code,
            ".resource, ",
            $crate::row::authentication::authentication_columns!($code),
            ", ",
            $code,
            ".nonce, ",
            $code,
            ".challenge, ",
            $code,
            ".expires_at, ",
            $code,
            ".redeemed_at",
        )
    };
}
pub(crate) use code_columns;

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<StoredCode, Corrupt> {
    Ok(StoredCode {
        key: read_key(columns)?,
        authorization: AuthorizationId::from_uuid(columns.uuid("authorization_id")?),
        consent: AuthorizationId::from_uuid(columns.uuid("consent_id")?),
        client: columns.parsed("client_id", |text| ClientId::parse(text).ok())?,
        account: AccountId::from_uuid(columns.uuid("account_id")?),
        redirect_uri: columns.text("redirect_uri")?.to_owned(),
        scopes: consent::read_scopes(columns)?,
        resource: api::read_resource(columns)?,
        authentication: read_authentication(columns)?,
        challenge: columns.parsed_or_null("challenge", CodeChallenge::parse)?,
        expires_at: columns.timestamp("expires_at")?,
        redeemed_at: columns.timestamp_or_null("redeemed_at")?,
    })
}

fn read_authentication<R: Row>(
    columns: &mut Columns<'_, R>,
) -> Result<Option<Authentication>, Corrupt> {
    let authentication = authentication::read(columns)?;
    let nonce = columns.text_or_null("nonce")?.map(str::to_owned);
    Ok(authentication.map(|authentication| Authentication { nonce, ..authentication }))
}

/// What a code is known by.
pub(crate) fn read_key<R: Row>(columns: &mut Columns<'_, R>) -> Result<CodeKey, Corrupt> {
    let bytes = columns.bytes("key")?;
    bytes.try_into().map(CodeKey::from_bytes).map_err(|_| columns.corrupt("key"))
}

/// Reads the client that asks, a code, the code's account and its consent to the code's client, each of
/// them there or not.
pub(crate) fn read_facts<R: Row>(columns: &mut Columns<'_, R>) -> Result<Facts, Corrupt> {
    Ok(Facts {
        client: columns.joined("client", client::WIDTH, client::read)?.map(Arc::new),
        code: columns.joined("code", WIDTH, read)?,
        account: columns.joined("account", account::WIDTH, account::read)?,
        consent: columns.joined("consent", consent::WIDTH, consent::read)?,
    })
}

/// How long after its end a code stays on record, so that a late replay still ends what followed from
/// it (RFC 6749 §4.1.2).
const REPLAY: Duration = Duration::from_secs(60 * 60);

/// What the keys of codes that may go are below, if all that ended before `before` may.
///
/// The time in a key is that of the consent page, if there was one; an answer may come for as long as the
/// form lives, and the code's life begins with that.
pub(crate) fn time_of_forgotten(before: Timestamp) -> [u8; 6] {
    let kept = FormToken::LIFETIME + CODE_LIFETIME + REPLAY;
    let kept = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    CodeKey::time_bytes(Timestamp::from_millis(before.millis().saturating_sub(kept)))
}
