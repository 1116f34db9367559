//! Where the keys are changed: here, or by the server that has the database.

use std::sync::Arc;

use anyhow::Context as _;
use hallpass_protocol::model::{KeyId, KeyPurpose, MasterKey};
use hallpass_store::{OpenError, Store};

use super::Place;
use crate::clock::SystemClock;
use crate::command::serve::{master_key, read_config};
use crate::installation::{Installation, InstallationError};
use crate::keyring::{Ended, KeyRow, Keyring, PurposeName, Rotated};
use crate::operator::client::Operator;
use crate::operator::{Revocation, Rotation};

/// See the module.
pub(super) enum Keys {
    /// The database is open here.
    Here(Arc<dyn Store>, Box<MasterKey>),
    /// A server has it.
    There(Operator),
}

impl Keys {
    /// Finds out which.
    pub(super) async fn open(place: Place) -> anyhow::Result<Self> {
        let config = read_config(place.config.as_deref(), place.settings)?;
        match Installation::open_keys(&config, master_key()).await {
            Ok((store, master)) => Ok(Self::Here(store, Box::new(master))),
            Err(InstallationError::Open(OpenError::Locked { path })) => {
                let operator = Operator::of(&config.data);
                let answered: Result<Vec<KeyRow>, _> = operator.see("/keys").await;
                answered.with_context(|| {
                    format!(
                        "{} is in use by another process, and that does not answer. If it is a server, see its log; if not, stop it first",
                        path.display()
                    )
                })?;
                Ok(Self::There(operator))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn list(&self) -> anyhow::Result<Vec<KeyRow>> {
        match self {
            Self::Here(store, master) => Ok(keyring(&**store, master).list().await?),
            Self::There(operator) => Ok(operator.see("/keys").await?),
        }
    }

    /// Of all purposes, if none is named.
    pub(super) async fn rotate(&self, named: Vec<KeyPurpose>) -> anyhow::Result<Vec<Rotated>> {
        let purposes = match named.is_empty() {
            true => self.purposes().await?,
            false => named,
        };
        match self {
            Self::Here(store, master) => Ok(keyring(&**store, master).rotate(&purposes).await?),
            Self::There(operator) => {
                let name = |purpose: &KeyPurpose| PurposeName(*purpose).to_string();
                let rotation = Rotation { purposes: purposes.iter().map(name).collect() };
                Ok(operator.act("/keys/rotate", &rotation).await?)
            }
        }
    }

    pub(super) async fn revoke(&self, id: KeyId) -> anyhow::Result<Ended> {
        match self {
            Self::Here(store, master) => Ok(keyring(&**store, master).revoke(id).await?),
            Self::There(operator) => {
                let revocation = Revocation { id: id.to_string() };
                Ok(operator.act("/keys/revoke", &revocation).await?)
            }
        }
    }

    /// The same, if `judge` has no objection.
    pub(super) async fn revoke_if(
        &self,
        id: KeyId,
        judge: impl Fn(&KeyRow) -> anyhow::Result<()>,
    ) -> anyhow::Result<Ended> {
        let listed = self.list().await?;
        // One that is not there, or is for ever, is refused below, in the same words as everywhere.
        let is_it = |key: &&KeyRow| key.id == id.to_string() && !key.is_for_ever();
        if let Some(key) = listed.iter().find(is_it) {
            judge(key)?;
        }
        self.revoke(id).await
    }

    pub(super) async fn close(self) {
        match self {
            Self::Here(store, _) => store.close().await,
            Self::There(_) => {}
        }
    }

    /// Those for which there is a key.
    async fn purposes(&self) -> anyhow::Result<Vec<KeyPurpose>> {
        let listed = self.list().await?;
        let has_key = |purpose: &KeyPurpose| {
            let name = PurposeName(*purpose).to_string();
            listed.iter().any(|key| key.purpose == name)
        };
        Ok(KeyPurpose::all().filter(|purpose| purpose.is_rotated()).filter(has_key).collect())
    }
}

const fn keyring<'a>(store: &'a dyn Store, master: &'a MasterKey) -> Keyring<'a> {
    Keyring { store, master, clock: &SystemClock }
}
