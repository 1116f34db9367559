//! The keys of an installation: kept in the store, sealed with a master key that is not in it.
//!
//! Longer than most files: sealing, opening and the set share what no other file should see.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use thiserror::Error;
use zeroize::Zeroizing;

use super::randomness::random_bytes;
use super::{FormKey, Randomness, RefreshKey, RefreshToken, Secret, SignatureAlgorithm, Timestamp};

const NONCE: usize = 12;
const MATERIAL: usize = 32;

/// Names a key inside tokens and in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u32);

impl KeyId {
    /// An id that was stored, or read from a token.
    pub const fn from_u32(id: u32) -> Self {
        Self(id)
    }

    /// The id to store.
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Sealing access tokens.
    AccessToken,
    /// Form tokens and signed return addresses.
    Form,
    /// Refresh tokens.
    RefreshToken,
    /// Signing with Ed25519.
    SignEd25519,
    /// Signing with ECDSA on P-256.
    SignEs256,
    /// Signing with RSA.
    SignRs256,
}

impl KeyPurpose {
    /// Those whose keys are 32 random bytes; an installation has an active key for each.
    pub const SYMMETRIC: [Self; 3] = [Self::AccessToken, Self::Form, Self::RefreshToken];
    /// Those whose keys sign; an installation has an active key for each that it has needed.
    pub const SIGNING: [Self; 3] = [Self::SignEd25519, Self::SignEs256, Self::SignRs256];

    /// The name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::Form => "form",
            Self::RefreshToken => "refresh_token",
            Self::SignEd25519 => "sign_ed25519",
            Self::SignEs256 => "sign_es256",
            Self::SignRs256 => "sign_rs256",
        }
    }

    /// The purpose of that name.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::SYMMETRIC.into_iter().chain(Self::SIGNING);
        all.find(|purpose| purpose.as_str() == text)
    }

    /// The purpose of keys that sign with `algorithm`.
    pub const fn signing(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::EdDsa => Self::SignEd25519,
            SignatureAlgorithm::Es256 => Self::SignEs256,
            SignatureAlgorithm::Rs256 => Self::SignRs256,
        }
    }
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It makes new tokens.
    Active,
    /// It only opens tokens that it made before.
    Retired,
}

impl KeyState {
    /// The name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Retired].into_iter().find(|state| state.as_str() == text)
    }
}

/// Why the keys of an installation cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyProblem {
    /// A stored key does not open.
    #[error(
        "the master key does not open key {0}: it is not the one that this database was made with"
    )]
    WrongMasterKey(KeyId),
    /// There is no active key for a purpose.
    #[error("the database holds no active {} key", .0.as_str())]
    NoActiveKey(KeyPurpose),
}

/// The key that seals all others; it lives in a file beside the database or in the environment.
pub struct MasterKey(LessSafeKey);

impl MasterKey {
    /// The length of the key, in bytes.
    pub const LENGTH: usize = MATERIAL;

    /// The master key of these random bytes.
    pub fn new(material: &[u8; MATERIAL]) -> Self {
        Self(aead_key(material))
    }

    /// A new key for `purpose`, ready to be stored.
    pub fn mint_key(
        &self,
        purpose: KeyPurpose,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> SealedKey {
        let material = Zeroizing::new(random_bytes::<MATERIAL>(rng));
        self.seal_key(purpose, material.as_slice(), rng, now)
    }

    /// A key that was made elsewhere for `purpose`, ready to be stored.
    pub fn seal_key(
        &self,
        purpose: KeyPurpose,
        material: &[u8],
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> SealedKey {
        let id = KeyId(u32::from_be_bytes(random_bytes(rng)));
        let nonce = random_bytes::<NONCE>(rng);
        let mut sealed = nonce.to_vec();
        let mut material = Zeroizing::new(material.to_vec());
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context(id, purpose)),
                material.as_mut_slice(),
            )
            .unwrap_or_else(|_| unreachable!("a key is far below what AES-GCM-SIV can seal"));
        sealed.extend_from_slice(material.as_slice());
        sealed.extend_from_slice(tag.as_ref());
        SealedKey { id, purpose, state: KeyState::Active, created_at: now, sealed }
    }

    /// The material of a key of any length.
    fn open(&self, key: &SealedKey) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
        let wrong = KeyProblem::WrongMasterKey(key.id);
        let (nonce, sealed) = key.sealed.split_at_checked(NONCE).ok_or(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong)?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let material = self
            .0
            .open_in_place(nonce, Aad::from(context(key.id, key.purpose)), &mut buffer)
            .map_err(|_| wrong)?;
        let length = material.len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// The material of a key that is 32 bytes.
    fn open_symmetric(&self, key: &SealedKey) -> Result<Zeroizing<[u8; MATERIAL]>, KeyProblem> {
        let material = self.open(key)?;
        let wrong = |_| KeyProblem::WrongMasterKey(key.id);
        Ok(Zeroizing::new(<[u8; MATERIAL]>::try_from(material.as_slice()).map_err(wrong)?))
    }
}

/// A key as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    /// Its name.
    pub id: KeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// Nonce, sealed material and tag: 28 bytes more than the key.
    pub sealed: Vec<u8>,
}

/// A key that seals access tokens, ready for use.
///
/// AES-256-GCM-SIV (RFC 8452): a nonce that comes twice gives away only that two tokens are equal,
/// so random nonces are safe however many tokens one key seals.
pub struct SealingKey {
    id: KeyId,
    aead: LessSafeKey,
}

impl SealingKey {
    /// The key `id` of these random bytes.
    pub fn new(id: KeyId, material: &[u8; MATERIAL]) -> Self {
        Self { id, aead: aead_key(material) }
    }

    /// Its name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The cipher.
    pub(crate) const fn aead(&self) -> &LessSafeKey {
        &self.aead
    }
}

/// A private key that signs, as the one who can use it wants it.
pub struct SigningMaterial {
    /// Its name.
    pub id: KeyId,
    /// What it signs with.
    pub algorithm: SignatureAlgorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// The key in PKCS #8.
    pub pkcs8: Zeroizing<Vec<u8>>,
}

/// All keys that a process needs, opened.
pub struct KeySet {
    forms: FormKey,
    refresh: RefreshKey,
    retired_refresh: Vec<RefreshKey>,
    active: SealingKey,
    retired: Vec<SealingKey>,
    signing: Vec<SigningMaterial>,
}

impl KeySet {
    /// Opens the stored keys. Of several active keys for one purpose the newest is used.
    ///
    /// # Errors
    /// [`KeyProblem`] if the master key is not theirs, or a purpose has no active key.
    pub fn open(master: &MasterKey, stored: &[SealedKey]) -> Result<Self, KeyProblem> {
        let mut by_age: Vec<&SealedKey> = stored.iter().collect();
        by_age.sort_by_key(|key| key.created_at);
        let mut opening = Opening::default();
        for key in by_age {
            opening.add(master, key)?;
        }
        let Opening { forms, refresh, retired_refresh, active, retired, signing } = opening;
        Ok(Self {
            forms: forms.ok_or(KeyProblem::NoActiveKey(KeyPurpose::Form))?,
            active: active.ok_or(KeyProblem::NoActiveKey(KeyPurpose::AccessToken))?,
            refresh: refresh.ok_or(KeyProblem::NoActiveKey(KeyPurpose::RefreshToken))?,
            retired_refresh,
            retired,
            signing,
        })
    }

    /// The key of forms and return addresses.
    pub const fn forms(&self) -> &FormKey {
        &self.forms
    }

    /// The text of a refresh token.
    pub fn seal_refresh_token(&self, token: RefreshToken) -> Secret {
        self.refresh.seal(token)
    }

    /// What a presented text says as a refresh token of this installation.
    pub fn open_refresh_token(&self, text: &Secret) -> Option<RefreshToken> {
        std::iter::once(&self.refresh).chain(&self.retired_refresh).find_map(|key| key.open(text))
    }

    /// The key that seals new access tokens.
    pub const fn active(&self) -> &SealingKey {
        &self.active
    }

    /// The keys that sign, oldest first.
    pub fn signing(&self) -> &[SigningMaterial] {
        &self.signing
    }

    /// The key that a token names.
    pub fn sealing_key(&self, id: KeyId) -> Option<&SealingKey> {
        std::iter::once(&self.active).chain(&self.retired).find(|key| key.id == id)
    }
}

/// A key set that is being filled, oldest key first.
#[derive(Default)]
struct Opening {
    forms: Option<FormKey>,
    refresh: Option<RefreshKey>,
    retired_refresh: Vec<RefreshKey>,
    active: Option<SealingKey>,
    retired: Vec<SealingKey>,
    signing: Vec<SigningMaterial>,
}

impl Opening {
    fn add(&mut self, master: &MasterKey, key: &SealedKey) -> Result<(), KeyProblem> {
        let material = || master.open_symmetric(key);
        let signs_with = |algorithm| -> Result<_, KeyProblem> {
            Ok(SigningMaterial {
                id: key.id,
                algorithm,
                state: key.state,
                pkcs8: master.open(key)?,
            })
        };
        match (key.purpose, key.state) {
            (KeyPurpose::Form, KeyState::Active) => self.forms = Some(FormKey::new(&*material()?)),
            // Forms do not live long enough for a retired key to matter; it must still be ours.
            (KeyPurpose::Form, KeyState::Retired) => drop(material()?),
            (KeyPurpose::RefreshToken, KeyState::Active) => {
                self.retired_refresh.extend(self.refresh.replace(RefreshKey::new(&*material()?)));
            }
            (KeyPurpose::RefreshToken, KeyState::Retired) => {
                self.retired_refresh.push(RefreshKey::new(&*material()?));
            }
            (KeyPurpose::AccessToken, KeyState::Active) => {
                self.retired.extend(self.active.replace(SealingKey::new(key.id, &*material()?)));
            }
            (KeyPurpose::AccessToken, KeyState::Retired) => {
                self.retired.push(SealingKey::new(key.id, &*material()?));
            }
            (KeyPurpose::SignEd25519, _) => {
                self.signing.push(signs_with(SignatureAlgorithm::EdDsa)?);
            }
            (KeyPurpose::SignEs256, _) => self.signing.push(signs_with(SignatureAlgorithm::Es256)?),
            (KeyPurpose::SignRs256, _) => self.signing.push(signs_with(SignatureAlgorithm::Rs256)?),
        }
        Ok(())
    }
}

fn aead_key(material: &[u8; MATERIAL]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM_SIV, material)
        .unwrap_or_else(|_| unreachable!("AES-256-GCM-SIV takes any 32 bytes"));
    LessSafeKey::new(key)
}

/// What a sealed key is bound to, so that rows cannot be exchanged for one another.
fn context(id: KeyId, purpose: KeyPurpose) -> Vec<u8> {
    [b"hallpass key ", purpose.as_str().as_bytes(), b" ", &id.0.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counted(u8);
    impl Randomness for Counted {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    fn stored(master: &MasterKey) -> Vec<SealedKey> {
        let mut rng = Counted(1);
        let at = Timestamp::from_seconds;
        vec![
            master.mint_key(KeyPurpose::Form, &mut rng, at(1)),
            master.mint_key(KeyPurpose::AccessToken, &mut rng, at(2)),
            master.mint_key(KeyPurpose::AccessToken, &mut rng, at(3)),
            master.mint_key(KeyPurpose::RefreshToken, &mut rng, at(4)),
        ]
    }

    #[test]
    fn the_newest_active_key_seals_and_the_older_one_still_opens() {
        let master = MasterKey::new(&[9; 32]);
        let stored = stored(&master);
        let keys = KeySet::open(&master, &stored).expect("their own master key");
        assert_eq!(keys.active().id(), stored[2].id);
        assert!(keys.sealing_key(stored[1].id).is_some());
        assert!(keys.sealing_key(KeyId(0)).is_none());
    }

    #[test]
    fn another_master_key_opens_nothing_and_rows_cannot_be_exchanged() {
        let master = MasterKey::new(&[9; 32]);
        let mut stored = stored(&master);
        let first = stored[0].id;
        let other = MasterKey::new(&[8; 32]);
        assert_eq!(KeySet::open(&other, &stored).err(), Some(KeyProblem::WrongMasterKey(first)));
        stored[1].sealed = stored[0].sealed.clone();
        assert!(matches!(KeySet::open(&master, &stored), Err(KeyProblem::WrongMasterKey(_))));
    }

    #[test]
    fn a_key_that_signs_may_have_any_length_and_a_sealing_key_may_not() {
        let master = MasterKey::new(&[9; 32]);
        let at = Timestamp::from_seconds(5);
        let mut stored = stored(&master);
        let long = [7; 1200];
        stored.push(master.seal_key(KeyPurpose::SignRs256, &long, &mut Counted(99), at));
        let keys = KeySet::open(&master, &stored).expect("keys");
        let [key] = keys.signing() else { panic!("one key signs") };
        assert_eq!((key.id, key.pkcs8.as_slice()), (stored[4].id, long.as_slice()));
        let odd = master.seal_key(KeyPurpose::AccessToken, &long, &mut Counted(98), at);
        let id = odd.id;
        stored.push(odd);
        assert_eq!(KeySet::open(&master, &stored).err(), Some(KeyProblem::WrongMasterKey(id)));
    }

    #[test]
    fn a_retired_key_opens_refresh_tokens_and_makes_none_however_new_it_is() {
        let master = MasterKey::new(&[9; 32]);
        let mut stored = stored(&master);
        let at = Timestamp::from_seconds(5);
        stored.push(master.mint_key(KeyPurpose::RefreshToken, &mut Counted(99), at));
        let token = RefreshToken {
            authorization: crate::model::AuthorizationId::mint(&mut Counted(0), at),
            generation: 0,
        };
        let newest = KeySet::open(&master, &stored).expect("keys").seal_refresh_token(token);
        stored[4].state = KeyState::Retired;
        let keys = KeySet::open(&master, &stored).expect("keys");
        assert_eq!(keys.open_refresh_token(&newest), Some(token));
        assert_ne!(keys.seal_refresh_token(token).reveal(), newest.reveal());
    }

    #[test]
    fn a_set_without_an_active_key_is_refused() {
        let master = MasterKey::new(&[9; 32]);
        let mut stored = stored(&master);
        stored[3].state = KeyState::Retired;
        assert_eq!(
            KeySet::open(&master, &stored).err(),
            Some(KeyProblem::NoActiveKey(KeyPurpose::RefreshToken))
        );
        assert_eq!(
            KeySet::open(&master, &stored[..1]).err(),
            Some(KeyProblem::NoActiveKey(KeyPurpose::AccessToken))
        );
    }
}
