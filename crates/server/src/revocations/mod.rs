//! What ended before its time, in memory: asked at every check of a token, filled by every act that ends
//! one.
//!
//! The list is read from the store when the program starts, and every act that this process takes is
//! added before its answer leaves; so a token that was ended is refused by the next check. (One process
//! owns the embedded database, so there is nobody else to follow.)

mod feed;

pub(crate) use feed::routes;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hallpass_guard::{Checker, Standing};
use hallpass_protocol::access_token::{Claims, RevocationList};
use hallpass_protocol::introspect::{self, Introspection};
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp,
};
use hallpass_protocol::revoke::CLOCK_DIFFERENCE;
use hallpass_store::{Change, Store, StoreError};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::state::App;

/// The longest life an access token can be given by the settings: how long an act is remembered, so
/// that a shorter setting later cannot make it forgotten too early.
pub const LONGEST_TOKEN: Duration = Duration::from_secs(86_400);

/// How long a request can be under way between its reading of the store and its token.
const UNDER_WAY: Duration = Duration::from_secs(10);

/// The act that ends `revoked` at `at`.
pub(crate) fn revocation(revoked: Revoked, at: Timestamp) -> Revocation {
    Revocation { revoked, at, until: at.plus(LONGEST_TOKEN).plus(CLOCK_DIFFERENCE) }
}

/// The list that all checks of this process share.
#[derive(Debug)]
pub struct Revocations {
    list: RwLock<RevocationList>,
    /// Says that there was an act; which, the store knows.
    acts: watch::Sender<()>,
    places: Semaphore,
}

/// How many changes are read at once.
const PAGE: u32 = 10_000;

/// How many may wait for the next act at once.
const PLACES: usize = 1_000;

impl Default for Revocations {
    fn default() -> Self {
        Self {
            list: RwLock::default(),
            acts: watch::Sender::new(()),
            places: Semaphore::new(PLACES),
        }
    }
}

impl Revocations {
    /// Reads what is on record.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut list = RevocationList::default();
        let mut last = 0;
        loop {
            let page = store.changes(last, PAGE).await?;
            let Some((number, _)) = page.last() else { break };
            last = *number;
            for (_, change) in page {
                if let Change::Revoked(revocation) = change {
                    list.add(&revocation);
                }
            }
        }
        Ok(Self { list: RwLock::new(list), ..Self::default() })
    }

    /// What `claims` are worth now.
    pub fn introspect(&self, claims: Claims, now: Timestamp) -> Introspection {
        introspect::decide(claims, &self.list.read().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// Whether the token of `claims` was ended.
    pub fn covers(&self, claims: &Claims) -> bool {
        self.list.read().unwrap_or_else(PoisonError::into_inner).covers(claims)
    }

    /// Whether this authorization was ended.
    fn has_ended(&self, authorization: AuthorizationId) -> bool {
        self.list.read().unwrap_or_else(PoisonError::into_inner).has_ended(authorization)
    }

    /// Adds an act that is on record, and tells whoever waits for the next one.
    pub fn add(&self, revocation: &Revocation) {
        self.list.write().unwrap_or_else(PoisonError::into_inner).add(revocation);
        self.acts.send_replace(());
    }

    /// Tells of every act from now on.
    fn follow(&self) -> watch::Receiver<()> {
        self.acts.subscribe()
    }

    /// A place to wait for the next act; `None` if too many wait already.
    fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// Forgets the acts whose last token has expired.
    pub fn forget_ended(&self, now: Timestamp) {
        self.list.write().unwrap_or_else(PoisonError::into_inner).forget_ended(now);
    }
}

impl hallpass_guard::Revocations for Revocations {
    /// Always known: who fills the list is this process.
    fn judge(&self, claims: &Claims, _now: Timestamp) -> Standing {
        if self.covers(claims) { Standing::Revoked } else { Standing::Good }
    }
}

impl App {
    /// Checks this installation's access tokens as they stand at that moment, without any read of the
    /// store.
    pub(crate) fn checker(&self) -> Checker {
        let clock = Arc::clone(&self.clock);
        let now = move || -> Timestamp { clock.now() };
        Checker::with_keys(Arc::clone(&self.keys), &*self.policy.issuer, now)
            .with_revocations(Arc::clone(&self.revocations) as Arc<dyn hallpass_guard::Revocations>)
    }

    /// The act that ends `revoked` now.
    ///
    /// What is being issued at this moment, by a request that read the store before the act, must not
    /// outlive a client or an account; so of theirs the act covers a little of what is to come.
    pub(crate) fn revocation(&self, revoked: Revoked) -> Revocation {
        let at = match revoked {
            Revoked::Client(_) | Revoked::Account(_) => self.now().plus(UNDER_WAY),
            // These never come back, so their acts cover all tokens, whenever they were issued.
            Revoked::Authorization(_) | Revoked::Consent(_) => self.now(),
        };
        revocation(revoked, at)
    }

    /// Ends `authorization` with all its tokens: on record first, then in memory. When it answers, no
    /// check of this process lets such a token pass.
    ///
    /// # Errors
    /// The store's; then nothing has ended.
    pub(crate) async fn revoke(&self, authorization: AuthorizationId) -> Result<(), StoreError> {
        // Once is enough. A row for each further time would let whoever has one token fill the disk.
        if self.revocations.has_ended(authorization) {
            return Ok(());
        }
        let revocation = self.revocation(Revoked::Authorization(authorization));
        self.store.revoke(&revocation).await?;
        self.revocations.add(&revocation);
        Ok(())
    }

    /// Takes back what `account` allows `client`; answers whether there was anything.
    ///
    /// # Errors
    /// The store's; then nothing was taken back.
    pub(crate) async fn withdraw(
        &self,
        account: AccountId,
        client: &ClientId,
    ) -> Result<bool, StoreError> {
        let at = self.now();
        let until = at.plus(LONGEST_TOKEN).plus(CLOCK_DIFFERENCE);
        let withdrawn = self.store.withdraw_consent(account, client, at, until).await?;
        if let Some(revocation) = &withdrawn {
            self.revocations.add(revocation);
        }
        Ok(withdrawn.is_some())
    }

    /// Deletes a client of `owner` with everything that it was ever given; answers whether there was
    /// one.
    ///
    /// # Errors
    /// The store's; then nothing was deleted.
    pub(crate) async fn delete_client(
        &self,
        owner: AccountId,
        client: &ClientId,
    ) -> Result<bool, StoreError> {
        let revocation = self.revocation(Revoked::Client(client.clone()));
        let is_deleted = self.store.delete_client(owner, client, &revocation).await?;
        if is_deleted {
            self.revocations.add(&revocation);
            self.remembered.forget_client(client);
        }
        Ok(is_deleted)
    }
}
