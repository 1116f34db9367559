//! Making the store be as the file says.

use std::collections::HashMap;

use hallpass_protocol::model::{
    Account, AccountId, AccountStatus, Client, ClientId, ClientStatus, ClientType, Person, Profile,
    Revocation, Revoked, Secret, Username,
};
use hallpass_store::{Declaration, Declared, Identifier, Page, Store, StoreError};
use thiserror::Error;

use super::{AppsFile, AppsFileError, DeclaredApp, DeclaredSecret, DeclaredUser};
use crate::clock::Clock;
use crate::fault::Fault;
use crate::hashing::Hasher;
use crate::revocations::{Issuing, revocation};
use crate::state::SystemRandomness;

/// How many clients are looked through at a time.
const PAGE: u32 = 200;

/// What is in the store now because of the file.
pub struct Applied {
    /// The clients, in the file's order.
    pub clients: Vec<(Client, KnownSecret)>,
}

/// What is known now about a declared client's secret.
#[derive(Clone)]
pub enum KnownSecret {
    /// It has none, or it keeps one of which only the digest is known.
    Unknown,
    /// The file names it.
    Given(Secret),
    /// It was made just now and will never be shown again.
    Minted(Secret),
}

/// Why the file was not applied. Nothing was changed.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// It does not fit what is in the database.
    #[error(transparent)]
    File(#[from] AppsFileError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The passwords could not be hashed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Applies `file` to `store`, all of it or nothing.
///
/// # Errors
/// [`ApplyError`].
pub async fn apply(
    file: &AppsFile,
    store: &dyn Store,
    hasher: &Hasher,
    clock: &dyn Clock,
) -> Result<Applied, ApplyError> {
    let (accounts, ended) = (HashMap::new(), Vec::new());
    let mut applying = Applying { file, store, clock, accounts, ended };
    let mut declaration =
        Declaration { scopes: file.scopes.clone(), ..Declaration::new(clock.now()) };
    for user in &file.users {
        let (account, hash) = applying.account(user, hasher).await?;
        declaration.profiles.extend(applying.profile(user, &account).await?);
        declaration.accounts.push((account, hash));
    }
    let mut applied = Applied { clients: Vec::new() };
    for app in &file.apps {
        let (client, secret) = applying.client(app).await?;
        declaration.clients.push(client.clone());
        applied.clients.push((client, secret));
    }
    for declared in &file.apis {
        if let Some(id) = &declared.api.introspector
            && !applying.keeps_secret(id, &declaration.clients).await?
        {
            let problem = format!("{id} is no confidential app: declare one as [[app]]");
            return Err(file.error(declared.line, problem).into());
        }
        declaration.apis.push(declared.api.clone());
    }
    declaration.revocations = std::mem::take(&mut applying.ended);
    let taken = |id: AccountId, what: &str| {
        let user = file.users.iter().find(|user| applying.is(user, id));
        let line = user.map_or(1, |user| user.line);
        file.error(line, format!("another account has that {what} already"))
    };
    match store.declare(&declaration).await? {
        Declared::Applied => Ok(applied),
        Declared::UsernameTaken(id) => Err(taken(id, "username").into()),
        Declared::EmailTaken(id) => Err(taken(id, "email").into()),
    }
}

struct Applying<'a> {
    file: &'a AppsFile,
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    /// The accounts that apps may belong to, by the key of their username.
    accounts: HashMap<String, AccountId>,
    /// What ends because the file shuts it.
    ended: Vec<Revocation>,
}

impl Applying<'_> {
    /// Notes that all tokens of `revoked` end now: checks of tokens read the list of what has ended, and
    /// no status.
    fn end(&mut self, revoked: Revoked) {
        let issuing = Issuing::before_serving(self.store);
        self.ended.push(revocation(revoked, self.clock.now(), issuing));
    }

    fn is(&self, user: &DeclaredUser, id: AccountId) -> bool {
        self.accounts.get(&user.username.key()) == Some(&id)
    }

    /// The account of a user: the one that is there, by its username, or a new one. A password that is
    /// right already is not hashed again.
    async fn account(
        &mut self,
        user: &DeclaredUser,
        hasher: &Hasher,
    ) -> Result<(Account, String), ApplyError> {
        let identifier = Identifier::Username(user.username.clone());
        let known = self.store.credentials(&identifier).await?;
        let (id, status, created_at, hash) = match known {
            Some(known) => {
                let hash = known.password_hash;
                let is_right = hasher.verify(user.password.clone(), Some(hash.clone())).await?;
                let Account { id, status, created_at, .. } = known.account;
                let status = match user.disabled {
                    None => status,
                    Some(false) => AccountStatus::Active,
                    Some(true) => AccountStatus::Disabled,
                };
                if status != known.account.status && status == AccountStatus::Disabled {
                    self.end(Revoked::Account(id));
                }
                (id, status, created_at, is_right.then_some(hash))
            }
            None => {
                let now = self.clock.now();
                let id = AccountId::mint(&mut SystemRandomness, now);
                let status = match user.disabled {
                    Some(true) => AccountStatus::Disabled,
                    Some(false) | None => AccountStatus::Active,
                };
                (id, status, now, None)
            }
        };
        let hash = match hash {
            Some(hash) => hash,
            None => hasher.hash(user.password.clone()).await?,
        };
        self.accounts.insert(user.username.key(), id);
        let (username, email) = (user.username.clone(), user.email.clone());
        Ok((Account { id, username, email, status, created_at }, hash))
    }

    /// What is declared of a person, if it is not what is there: a start that changes nothing leaves its
    /// date as it was.
    async fn profile(
        &self,
        user: &DeclaredUser,
        account: &Account,
    ) -> Result<Option<(AccountId, Profile)>, ApplyError> {
        let Some(declared) = &user.profile else { return Ok(None) };
        let known = self.store.person(account.id).await?;
        let is_there = known.is_some_and(|Person { account: was, profile }| {
            let told = Profile { updated_at: profile.updated_at, ..declared.clone() };
            told == profile && was.email == account.email
        });
        Ok((!is_there).then(|| (account.id, declared.clone())))
    }

    /// The client of an app, and what is known of its secret.
    async fn client(&mut self, app: &DeclaredApp) -> Result<(Client, KnownSecret), ApplyError> {
        let owner = self.owner(app).await?;
        let known = self.known_client(app, owner).await?;
        let kept = known.as_ref().map(|known| known.client_type.clone());
        let (client_type, secret) = match (&app.secret, kept) {
            (DeclaredSecret::Public, _) => (ClientType::Public, KnownSecret::Unknown),
            (DeclaredSecret::Given(secret), _) => {
                (confidential(secret), KnownSecret::Given(secret.clone()))
            }
            (DeclaredSecret::Minted, Some(kept @ ClientType::Confidential { .. })) => {
                (kept, KnownSecret::Unknown)
            }
            (DeclaredSecret::Minted, Some(ClientType::Public) | None) => {
                let secret = Secret::mint("hps_", &mut SystemRandomness);
                (confidential(&secret), KnownSecret::Minted(secret))
            }
        };
        let id = match (&app.client_id, &known) {
            (Some(id), _) => id.clone(),
            (None, Some(known)) => known.id.clone(),
            (None, None) => ClientId::mint(&mut SystemRandomness),
        };
        let created_at = known.as_ref().map_or_else(|| self.clock.now(), |known| known.created_at);
        let settings = app.settings.clone();
        let mut client = settings.register(id, client_type, owner, &app.owner, created_at);
        client.scopes = app.scopes.clone();
        client.pkce = app.pkce;
        let was = known.map_or(ClientStatus::Active, |known| known.status);
        client.status = match app.disabled {
            None => was,
            Some(false) => ClientStatus::Active,
            Some(true) => ClientStatus::Disabled,
        };
        if client.status == ClientStatus::Disabled && was == ClientStatus::Active {
            self.end(Revoked::Client(client.id.clone()));
        }
        Ok((client, secret))
    }

    /// Whether `id` is a confidential client, of the file or there already.
    async fn keeps_secret(&self, id: &ClientId, declared: &[Client]) -> Result<bool, ApplyError> {
        if let Some(client) = declared.iter().find(|client| client.id == *id) {
            return Ok(client.is_confidential());
        }
        let known = self.store.client(id).await?;
        Ok(known.is_some_and(|client| client.is_confidential()))
    }

    async fn owner(&mut self, app: &DeclaredApp) -> Result<AccountId, ApplyError> {
        let username: &Username = &app.owner;
        if let Some(id) = self.accounts.get(&username.key()) {
            return Ok(*id);
        }
        let identifier = Identifier::Username(username.clone());
        let known = self.store.credentials(&identifier).await?.ok_or_else(|| {
            let problem = format!("there is no user {username}: declare one as [[user]]");
            self.file.error(app.line, problem)
        })?;
        self.accounts.insert(username.key(), known.account.id);
        Ok(known.account.id)
    }

    /// The client that is there: by its id, or for an app without one by its name.
    async fn known_client(
        &self,
        app: &DeclaredApp,
        owner: AccountId,
    ) -> Result<Option<Client>, ApplyError> {
        if let Some(id) = &app.client_id {
            return Ok(self.store.client(id).await?);
        }
        let mut offset = 0;
        loop {
            let listing = self.store.clients_of(owner, Page { offset, limit: PAGE }).await?;
            let is_last = listing.rows.len() < PAGE as usize;
            let found = listing.rows.into_iter().find(|client| client.name == app.name);
            if found.is_some() || is_last {
                return Ok(found);
            }
            offset += PAGE;
        }
    }
}

fn confidential(secret: &Secret) -> ClientType {
    ClientType::Confidential { secrets: vec![secret.digest()] }
}
