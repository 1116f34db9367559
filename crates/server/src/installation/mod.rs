//! Opening an installation: its directory, its master key, its database, its keys.

mod master_key;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hallpass_protocol::model::{
    KeyProblem, KeyPurpose, KeySet, MasterKey, SealedKey, SignatureAlgorithm,
};
use hallpass_store::{Location, OpenError, Store, StoreError};
use thiserror::Error;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::apps_file::{self, Applied, ApplyError, AppsFile, AppsFileError};
use crate::clock::Clock;
use crate::config::{Config, PublicUrl};
use crate::hashing::Hasher;
use crate::hearing::Hearing;
use crate::layout::Layout;
use crate::node::{self, Follower, Node};
use crate::outgoing::Outgoing;
use crate::revocations::Revocations;
use crate::signing::{self, SigningProblem};
use crate::state::{App, Common, SystemRandomness};
use master_key::make_directory;

pub(crate) const MASTER_KEY: &str = "master.key";

const KEY_GONE: &str = "the master key of this database is not here, and nothing in it opens without it. Put the file back, copy it from another node, or set HALLPASS_MASTER_KEY.";

/// An installation that is open: everything but the listener.
pub struct Installation {
    store: Arc<dyn Store>,
    master: MasterKey,
    hasher: Hasher,
    clock: Arc<dyn Clock>,
    config: Config,
}

/// Why an installation could not be opened. Nothing was changed that was there before.
#[derive(Debug, Error)]
pub enum InstallationError {
    /// A file or directory could not be used.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The master key in the environment is none.
    #[error("HALLPASS_MASTER_KEY is not a master key: it has 43 characters of base64url, 32 bytes")]
    KeyInEnvironment,
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys in the database do not fit the master key.
    #[error(
        "{0}. Put back the master key that belongs to this database; all its nodes have the same."
    )]
    Keys(#[from] KeyProblem),
    /// There is nothing in the database.
    #[error("nothing is in that database yet: `hallpass serve` begins an installation")]
    Empty,
    /// A key that signs cannot be used.
    #[error(transparent)]
    Signing(#[from] SigningProblem),
    /// The apps file could not be read.
    #[error(transparent)]
    AppsFile(#[from] AppsFileError),
    /// The apps file could not be applied.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// No threads for hashing.
    #[error("no thread could be started: {0}")]
    Threads(#[from] std::io::Error),
}

impl Installation {
    /// Opens the installation whose database `config` names, and makes it if there is none. `master_key`
    /// is the text of `HALLPASS_MASTER_KEY`; without one the key lies in a file in `config.data`.
    ///
    /// # Errors
    /// [`InstallationError`].
    pub async fn open(
        config: Config,
        master_key: Option<Zeroizing<String>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InstallationError> {
        let master = match master_key {
            Some(text) => Some(master_key::read(&text).ok_or(InstallationError::KeyInEnvironment)?),
            None => master_key::known(&config.data, &config.database)?,
        };
        if let Location::File(_) = config.database {
            make_directory(&config.data)?;
        }
        let store = hallpass_store::open(&config.database).await?;
        Self::on(store, config, master, clock).await
    }

    /// Opens only what the keys need of an installation, which must be there already.
    ///
    /// # Errors
    /// [`InstallationError`]; nothing was made.
    pub async fn open_keys(
        config: &Config,
        master_key: Option<Zeroizing<String>>,
    ) -> Result<(Arc<dyn Store>, MasterKey), InstallationError> {
        if let Location::File(database) = &config.database
            && !database.exists()
        {
            let reason = "there is no database here. Choose that of an installation with --data or --database; `hallpass serve` makes one.".to_owned();
            return Err(InstallationError::File { path: database.clone(), reason });
        }
        let master = match master_key {
            Some(text) => Some(master_key::read(&text).ok_or(InstallationError::KeyInEnvironment)?),
            None => master_key::known(&config.data, &config.database)?,
        };
        let master = master.ok_or_else(|| missing_key(&config.data, KEY_GONE))?;
        let store = hallpass_store::open(&config.database).await?;
        match store.keys().await? {
            none if none.is_empty() => Err(InstallationError::Empty),
            stored => {
                KeySet::open(&master, &stored)?;
                Ok((store, master))
            }
        }
    }

    /// Opens the installation whose store is open, with the key that it is given, and makes its keys if
    /// there are none. Without a key a new one is made and written to `config.data`.
    ///
    /// # Errors
    /// [`InstallationError`].
    pub async fn on(
        store: Arc<dyn Store>,
        config: Config,
        master: Option<MasterKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InstallationError> {
        let master = open_keys(&*store, master, &config.data, &*clock).await?;
        let hasher = Hasher::start(config.hashing_threads)?;
        Ok(Self { store, master, hasher, clock, config })
    }

    /// Applies the file at `path`.
    ///
    /// # Errors
    /// [`InstallationError::File`], [`InstallationError::AppsFile`] or [`InstallationError::Apply`].
    pub async fn apply_file(&self, path: &Path) -> Result<Applied, InstallationError> {
        let text = std::fs::read_to_string(path).map_err(|error| file_error(path, &error))?;
        self.apply_text(&path.display().to_string(), &text).await.map(|(_, applied)| applied)
    }

    /// Applies the text of a file called `name`.
    ///
    /// # Errors
    /// [`InstallationError::AppsFile`] or [`InstallationError::Apply`].
    pub async fn apply_text(
        &self,
        name: &str,
        text: &str,
    ) -> Result<(AppsFile, Applied), InstallationError> {
        let file = AppsFile::parse(name, text, self.config.redirect_uris)?;
        let applied = apps_file::apply(&file, &*self.store, &self.hasher, &*self.clock).await?;
        Ok((file, applied))
    }

    /// The node that serves it under the name `issuer`, and what keeps its memory as the store is.
    ///
    /// # Errors
    /// The store's, while it is read; [`InstallationError::Signing`].
    pub async fn into_node(
        self,
        issuer: PublicUrl,
    ) -> Result<(Arc<Node>, Follower), InstallationError> {
        let asked_at = Instant::now();
        let hearing = match self.store.is_shared() {
            true => Hearing::following(asked_at),
            false => Hearing::Alone,
        };
        let hearing = Arc::new(hearing);
        let revocations = Revocations::new(Arc::clone(&hearing));
        // First, so that what changes while the rest is read is heard of afterwards.
        let last = revocations.read(&*self.store).await?;
        self.make_signing_keys().await?;
        let Common { keys, signers, policy } =
            node::read_common(&*self.store, &self.master, &self.config, &issuer).await?;
        let layout = Layout::new(self.config.service_name.clone(), self.config.accent);
        let outgoing = Outgoing::new(self.config.outgoing_requests, &policy.issuer);
        let config = Config { public_url: Some(issuer.clone()), ..self.config };
        let app = App {
            store: self.store,
            clock: self.clock,
            keys,
            signers,
            policy,
            config: Arc::new(config),
            hearing,
            departure: Arc::default(),
            revocations: Arc::new(revocations),
            remembered: Arc::default(),
            sessions: Arc::default(),
            outgoing: Arc::new(outgoing),
            hasher: self.hasher,
            layout: Arc::new(layout),
        };
        let node = Node::new(app, self.master, issuer);
        let follower = Follower::new(Arc::clone(&node), last);
        Ok((node, follower))
    }

    /// Makes a signing key for each algorithm that has none yet: any client may want its ID tokens signed with
    /// any of them. Processes that do so at once all read the one that was first.
    async fn make_signing_keys(&self) -> Result<(), InstallationError> {
        let stored = self.store.keys().await?;
        let is_there = |algorithm: SignatureAlgorithm| {
            stored.iter().any(|key| key.purpose == KeyPurpose::Sign(algorithm))
        };
        let mut made = Vec::new();
        for algorithm in SignatureAlgorithm::ALL {
            if is_there(algorithm) {
                continue;
            }
            // Before the listener is there nothing else wants this thread: RSA may take a second.
            made.push(signing::make_key(algorithm, &self.master, self.clock.now())?);
        }
        if !made.is_empty() {
            self.store.initialise_keys(&made).await?;
        }
        Ok(())
    }
}

/// What opens the keys in the store, which are seen to be whole. Where there are none yet, they are made,
/// and the master key too.
async fn open_keys(
    store: &dyn Store,
    master: Option<MasterKey>,
    data: &Path,
    clock: &dyn Clock,
) -> Result<MasterKey, InstallationError> {
    let stored = store.keys().await?;
    match master {
        Some(master) => {
            open_with(&master, store, &stored, clock).await?;
            Ok(master)
        }
        None if stored.is_empty() => begin(store, data, clock).await,
        None => Err(missing_key(data, KEY_GONE)),
    }
}

/// A master key for a database without keys, and its first keys. If another node is as far at the same
/// moment, one of the two is first; the other takes its own key away again.
async fn begin(
    store: &dyn Store,
    data: &Path,
    clock: &dyn Clock,
) -> Result<MasterKey, InstallationError> {
    make_directory(data)?;
    let path = data.join(MASTER_KEY);
    let master = master_key::make_file(&path)?;
    match open_with(&master, store, &[], clock).await {
        Ok(()) => Ok(master),
        Err(InstallationError::Keys(_)) => {
            std::fs::remove_file(&path).map_err(|error| file_error(&path, &error))?;
            Err(missing_key(
                data,
                "another node has just begun this installation with a master key of its own. Copy that node's file here, or set HALLPASS_MASTER_KEY to what stands in it.",
            ))
        }
        Err(error) => Err(error),
    }
}

/// Opens the keys `stored` with `master`, once those are made that are missing.
async fn open_with(
    master: &MasterKey,
    store: &dyn Store,
    stored: &[SealedKey],
    clock: &dyn Clock,
) -> Result<(), InstallationError> {
    // A purpose that is newer than the database has no key yet.
    let is_missing = |purpose: &KeyPurpose| stored.iter().all(|key| key.purpose != *purpose);
    let missing: Vec<_> = KeyPurpose::SYMMETRIC
        .into_iter()
        .filter(is_missing)
        .map(|purpose| master.mint_key(purpose, &mut SystemRandomness, clock.now()))
        .collect();
    if missing.is_empty() {
        KeySet::open(master, stored)?;
    } else {
        store.initialise_keys(&missing).await?;
        KeySet::open(master, &store.keys().await?)?;
    }
    Ok(())
}

fn missing_key(data: &Path, reason: &str) -> InstallationError {
    InstallationError::File { path: data.join(MASTER_KEY), reason: reason.to_owned() }
}

fn file_error(path: &Path, error: &std::io::Error) -> InstallationError {
    InstallationError::File { path: path.to_owned(), reason: error.to_string() }
}
