//! What ended before its time, in memory: asked at every check of a token, filled by every act that ends
//! one.
//!
//! The list is read from the store when the program starts, and every act that this process takes is
//! added before its answer leaves; so a token that was ended is refused by the next check here. The acts
//! of other nodes are added as they are heard of, and the list knows whether it hears: while it does not,
//! it answers for no token ([`Deaf`]).

mod feed;

pub(crate) use feed::routes;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use hallpass_guard::{Checker, Standing};
use hallpass_protocol::access_token::{Claims, RevocationList};
use hallpass_protocol::code::SealedCode;
use hallpass_protocol::introspect::{self, Introspection};
use hallpass_protocol::model::{
    AccountId, AuthorizationId, ClientId, Revocation, Revoked, Timestamp,
};
use hallpass_protocol::revoke::CLOCK_DIFFERENCE;
use hallpass_store::{Change, Store, StoreError};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::hearing::{Deaf, Hearing};
use crate::state::App;

/// The longest life an access token can be given by the settings: how long an act is remembered, so
/// that a shorter setting later cannot make it forgotten too early.
pub const LONGEST_TOKEN: Duration = Duration::from_secs(86_400);

/// How long a request can be under way between its reading of the store and its token.
const UNDER_WAY: Duration = Duration::from_secs(10);

/// Who may be issuing tokens at the moment of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuing {
    /// Nobody: this process is not serving yet, and there is no other.
    Nobody,
    /// This process alone.
    ThisNode,
    /// Other nodes too, each by its own clock.
    AllNodes,
}

impl Issuing {
    /// At an act of a process that serves.
    pub(crate) fn while_serving(store: &dyn Store) -> Self {
        if store.is_shared() { Self::AllNodes } else { Self::ThisNode }
    }

    /// At an act of a process that does not serve yet.
    pub(crate) fn before_serving(store: &dyn Store) -> Self {
        if store.is_shared() { Self::AllNodes } else { Self::Nobody }
    }

    /// How far ahead a token may be dated that rests on what was read before the act.
    const fn lead(self) -> Duration {
        match self {
            Self::Nobody => Duration::ZERO,
            Self::ThisNode => UNDER_WAY,
            Self::AllNodes => UNDER_WAY.saturating_add(CLOCK_DIFFERENCE),
        }
    }
}

/// The act that ends `revoked` now.
///
/// What is being issued at this moment, by a request that read the store before the act, must not
/// outlive a client or an account; so of theirs the act covers a little of what is to come. The price: what
/// is switched on again within that time gets no good token before it is over.
pub(crate) fn revocation(revoked: Revoked, now: Timestamp, issuing: Issuing) -> Revocation {
    let at = match revoked {
        Revoked::Client(_) | Revoked::Account(_) => now.plus(issuing.lead()),
        // These never come back, so their acts cover all tokens, whenever they were issued.
        Revoked::Authorization(_) | Revoked::Consent(_) => now,
    };
    Revocation { revoked, at, until: at.plus(LONGEST_TOKEN).plus(CLOCK_DIFFERENCE) }
}

/// The list that all checks of this process share.
#[derive(Debug)]
pub struct Revocations {
    list: RwLock<RevocationList>,
    hearing: Arc<Hearing>,
    /// Says that there was an act; which, the store knows.
    acts: watch::Sender<()>,
    places: Semaphore,
}

/// How many changes are read at once.
const PAGE: u32 = 10_000;

/// How many may wait for the next act at once.
const PLACES: usize = 1_000;

impl Revocations {
    /// An empty list, to be filled by [`Revocations::read`]; as good as `hearing` says.
    pub(crate) fn new(hearing: Arc<Hearing>) -> Self {
        Self {
            list: RwLock::default(),
            hearing,
            acts: watch::Sender::new(()),
            places: Semaphore::new(PLACES),
        }
    }

    /// Adds everything that is on record; answers the number of the last change, of whatever kind.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn read(&self, store: &dyn Store) -> Result<u64, StoreError> {
        let mut last = 0;
        loop {
            let page = store.changes(last, PAGE).await?;
            let Some((number, _)) = page.last() else { return Ok(last) };
            last = *number;
            for (_, change) in page {
                if let Change::Revoked(revocation) = change {
                    self.add(&revocation);
                }
            }
        }
    }

    /// What `claims` are worth now.
    ///
    /// # Errors
    /// [`Deaf`]: nobody here knows.
    pub fn introspect(&self, claims: Claims, now: Timestamp) -> Result<Introspection, Deaf> {
        let list = self.heard()?;
        Ok(introspect::decide(claims, &list, now))
    }

    /// Whether the token of `claims` was ended.
    ///
    /// # Errors
    /// [`Deaf`]: nobody here knows.
    pub fn covers(&self, claims: &Claims) -> Result<bool, Deaf> {
        Ok(self.heard()?.covers(claims))
    }

    /// Whether a code that is not on record was ended.
    ///
    /// # Errors
    /// [`Deaf`]: nobody here knows.
    pub fn covers_code(&self, code: &SealedCode) -> Result<bool, Deaf> {
        Ok(self.heard()?.covers_code(code))
    }

    /// The list, if it can be believed. That is asked first: what was heard by then is on it.
    fn heard(&self) -> Result<RwLockReadGuard<'_, RevocationList>, Deaf> {
        self.hearing.judge()?;
        Ok(self.list.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether this authorization was ended.
    fn has_ended(&self, authorization: AuthorizationId) -> bool {
        self.list.read().unwrap_or_else(PoisonError::into_inner).has_ended(authorization)
    }

    /// Adds an act that is on record, and tells whoever waits for the next one. (Of its own acts a node
    /// hears a second time; that is no news.)
    pub fn add(&self, revocation: &Revocation) {
        if self.list.write().unwrap_or_else(PoisonError::into_inner).add(revocation) {
            self.acts.send_replace(());
        }
    }

    /// Tells whoever waits for the next act that the keys are others.
    pub(crate) fn tell_of_keys(&self) {
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
    fn judge(&self, claims: &Claims, _now: Timestamp) -> Standing {
        match self.covers(claims) {
            Ok(true) => Standing::Revoked,
            Ok(false) => Standing::Good,
            Err(_deaf) => Standing::Unknown,
        }
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
    pub(crate) fn revocation(&self, revoked: Revoked) -> Revocation {
        revocation(revoked, self.now(), Issuing::while_serving(&*self.store))
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
