//! Sealed keys in rows.

use hallpass_protocol::model::{KeyId, KeyPurpose, KeyState, SealedKey};

use super::{Columns, Corrupt, Row};

pub(crate) fn read<R: Row>(columns: &mut Columns<'_, R>) -> Result<SealedKey, Corrupt> {
    let id = columns.integer("id")?;
    Ok(SealedKey {
        id: u32::try_from(id).map(KeyId::from_u32).map_err(|_| columns.corrupt("id"))?,
        purpose: columns.parsed("purpose", KeyPurpose::parse)?,
        state: columns.parsed("state", KeyState::parse)?,
        sealed: columns.bytes("sealed")?.to_owned(),
        created_at: columns.timestamp("created_at")?,
    })
}
