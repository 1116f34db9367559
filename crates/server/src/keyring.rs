//! The installation's keys over time: which there are, the next ones, the end of one.
//!
//! What holds when is said in `protocol` (`key_life`); this makes keys, and asks the store to change them.
//! Any number of nodes may do so at once: the store lets one of them win.

use std::fmt;
use std::time::Duration;

use hallpass_protocol::model::key_life::{self, lives};
use hallpass_protocol::model::{
    KeyId, KeyLife, KeyPurpose, KeyState, MasterKey, SealedKey, Timestamp,
};
use hallpass_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::clock::Clock;
use crate::signing::{self, SigningProblem};
use crate::state::{App, SystemRandomness};

/// Who can change the keys.
#[derive(Clone, Copy)]
pub struct Keyring<'a> {
    /// Where they are.
    pub store: &'a dyn Store,
    /// What seals them.
    pub master: &'a MasterKey,
    /// What time it is.
    pub clock: &'a dyn Clock,
}

/// What an operator sees of a key. No part of it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Its name; of a key that signs also its `kid`.
    pub id: String,
    /// What it is for: see [`PurposeName`].
    pub purpose: String,
    /// `coming`, `active`, `retired` or `over`.
    pub state: String,
    /// From when on it is or was used (RFC 3339).
    pub active_from: String,
    /// When its state ends, if that is known.
    pub until: Option<String>,
}

/// What came of a rotation, for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// The key that is coming.
    pub key: KeyRow,
    /// Whether it was made now. Otherwise it was coming already, and one at a time is enough.
    pub is_new: bool,
}

/// What came of a revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The key as it was.
    pub key: KeyRow,
    /// The key that does its work from now on, if it did any.
    pub successor: Option<KeyRow>,
}

/// Why the keys are as they were, or not as they should be.
#[derive(Debug, Error)]
pub enum KeyringProblem {
    /// There is no such key.
    #[error("there is no key {0}: `hallpass key list` shows those that there are")]
    Unknown(KeyId),
    /// There is no key to follow.
    #[error("there is no {0} key yet: `hallpass serve` makes the first")]
    NoneYet(PurposeName),
    /// What the key has made, no other key could make again.
    #[error(
        "the {0} key is one for ever: with another, apps would know every person by another subject"
    )]
    ForEver(PurposeName),
    /// Another process was quicker.
    #[error("the keys were changed by somebody else at this moment: look at them, and try again")]
    Changed,
    /// A key could not be made.
    #[error(transparent)]
    Signing(#[from] SigningProblem),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They were changed, and this process cannot use them.
    #[error("the keys were changed, but the server could not take them over: {0}")]
    NotInForce(String),
}

impl<'a> Keyring<'a> {
    /// The keys of a process that serves, which `master` opens.
    pub(crate) fn of(app: &'a App, master: &'a MasterKey) -> Self {
        Self { store: &*app.store, master, clock: &*app.clock }
    }

    /// All keys there are.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self) -> Result<Vec<KeyRow>, KeyringProblem> {
        let (stored, now) = (self.store.keys().await?, self.clock.now());
        let lives = KeyPurpose::all().flat_map(|purpose| lives(&stored, purpose, now));
        Ok(lives.map(|life| KeyRow::of(&life)).collect())
    }

    /// Makes the next key for each of `purposes`, unless one is coming already.
    ///
    /// # Errors
    /// [`KeyringProblem`]. What was made before it stays.
    pub async fn rotate(&self, purposes: &[KeyPurpose]) -> Result<Vec<Rotated>, KeyringProblem> {
        let stored = self.store.keys().await?;
        let mut rotated = Vec::with_capacity(purposes.len());
        for purpose in purposes {
            if !purpose.is_rotated() {
                return Err(KeyringProblem::ForEver(PurposeName(*purpose)));
            }
            let newest = key_life::newest(&stored, *purpose);
            let newest = newest.ok_or(KeyringProblem::NoneYet(PurposeName(*purpose)))?;
            let is_coming = newest.active_from > self.clock.now();
            let is_new = !is_coming && self.add_after(newest).await?;
            rotated.push((*purpose, is_new));
        }
        let (stored, now) = (self.store.keys().await?, self.clock.now());
        let newest = |(purpose, is_new)| {
            let life = lives(&stored, purpose, now).pop()?;
            Some(Rotated { key: KeyRow::of(&life), is_new })
        };
        Ok(rotated.into_iter().filter_map(newest).collect())
    }

    /// Ends a key now, with all that it made. The one in use gets a successor, which is used at once.
    ///
    /// # Errors
    /// [`KeyringProblem`]: then nothing has changed.
    pub async fn revoke(&self, id: KeyId) -> Result<Ended, KeyringProblem> {
        let (stored, now) = (self.store.keys().await?, self.clock.now());
        let mut all = KeyPurpose::all().flat_map(|purpose| lives(&stored, purpose, now));
        let life = all.find(|life| life.key.id == id).ok_or(KeyringProblem::Unknown(id))?;
        if !life.key.purpose.is_rotated() {
            return Err(KeyringProblem::ForEver(PurposeName(life.key.purpose)));
        }
        let key = KeyRow::of(&life);
        if life.state != KeyState::Active {
            if self.store.remove_keys(&[id], now).await? == 0 {
                return Err(KeyringProblem::Changed);
            }
            tracing::warn!(key = key.id, purpose = key.purpose, "a key was revoked");
            return Ok(Ended { key, successor: None });
        }
        let successor = self.make(life.key.purpose).await?;
        if !self.store.replace_key(id, &successor).await? {
            return Err(KeyringProblem::Changed);
        }
        let (purpose, new) = (&key.purpose, successor.id);
        tracing::warn!(key = key.id, purpose, successor = %new, "a key was revoked");
        let life = KeyLife { key: &successor, state: KeyState::Active, until: life.until };
        Ok(Ended { key, successor: Some(KeyRow::of(&life)) })
    }

    /// Makes the keys that are due, so that none is in use for longer than `lifetime`, and removes those
    /// that are over; answers whether anything has changed.
    ///
    /// # Errors
    /// [`KeyringProblem`]. What was done before it stays.
    pub async fn keep(&self, lifetime: Duration) -> Result<bool, KeyringProblem> {
        let (stored, now) = (self.store.keys().await?, self.clock.now());
        let mut is_changed = false;
        for purpose in KeyPurpose::all() {
            if let Some(newest) = key_life::due(&stored, purpose, lifetime, now) {
                is_changed |= self.add_after(newest).await?;
            }
        }
        let over = key_life::over(&stored, now);
        if !over.is_empty() {
            is_changed |= self.store.remove_keys(&over, now).await? > 0;
        }
        Ok(is_changed)
    }

    /// Adds the key that comes after `newest`; `false` if another process was quicker.
    async fn add_after(&self, newest: &SealedKey) -> Result<bool, KeyringProblem> {
        let next = self.make(newest.purpose).await?.published_ahead();
        let is_added = self.store.add_key(&next, newest.id).await?;
        if is_added {
            let (purpose, from) = (PurposeName(next.purpose), written(next.active_from));
            tracing::info!(key = %next.id, %purpose, "a new key is coming: active from {from}");
        }
        Ok(is_added)
    }

    async fn make(&self, purpose: KeyPurpose) -> Result<SealedKey, SigningProblem> {
        let now = self.clock.now();
        match purpose {
            KeyPurpose::Sign(algorithm) => {
                signing::make_key_aside(algorithm, self.master, now).await
            }
            KeyPurpose::AccessToken
            | KeyPurpose::Form
            | KeyPurpose::RefreshToken
            | KeyPurpose::PairwiseSubject => {
                Ok(self.master.mint_key(purpose, &mut SystemRandomness, now))
            }
        }
    }
}

impl KeyRow {
    /// Whether no key can follow it, nor end it.
    pub(crate) fn is_for_ever(&self) -> bool {
        PurposeName::parse(&self.purpose).is_some_and(|name| !name.0.is_rotated())
    }

    fn of(life: &KeyLife<'_>) -> Self {
        Self {
            id: life.key.id.to_string(),
            purpose: PurposeName(life.key.purpose).to_string(),
            state: life.state.as_str().to_owned(),
            active_from: written(life.key.active_from),
            until: life.until.map(written),
        }
    }
}

/// A purpose as an operator writes it: as the store does, but with hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurposeName(pub KeyPurpose);

impl fmt::Display for PurposeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.as_str().replace('_', "-"))
    }
}

impl PurposeName {
    /// The purpose of that name.
    pub fn parse(text: &str) -> Option<Self> {
        KeyPurpose::all().map(Self).find(|name| name.to_string() == text)
    }
}

/// A time, to the second (RFC 3339).
fn written(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds()).unwrap_or_default().to_string()
}
