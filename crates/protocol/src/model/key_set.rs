//! The keys of an installation: kept in the store, sealed with a master key that is not in it.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use thiserror::Error;
use zeroize::Zeroizing;

use super::randomness::random_bytes;
use super::{
    FormKey, FormKeys, KeyId, KeyPurpose, Randomness, RefreshKey, RefreshToken, Secret,
    SignatureAlgorithm, SubjectKey, Succession, Timestamp, key_life,
};

const NONCE: usize = 12;
const MATERIAL: usize = 32;

/// Why the keys of an installation cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyProblem {
    /// A stored key does not open.
    #[error(
        "the master key does not open key {0}: it is not the one that this database was made with"
    )]
    WrongMasterKey(KeyId),
    /// There is no key for a purpose.
    #[error("the database holds no {} key", .0.as_str())]
    NoKey(KeyPurpose),
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

    /// A new key for `purpose`, active from now on, ready to be stored.
    pub fn mint_key(
        &self,
        purpose: KeyPurpose,
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> SealedKey {
        let material = Zeroizing::new(random_bytes::<MATERIAL>(rng));
        self.seal_key(purpose, material.as_slice(), rng, now)
    }

    /// A key that was made elsewhere for `purpose`, active from now on, ready to be stored.
    pub fn seal_key(
        &self,
        purpose: KeyPurpose,
        material: &[u8],
        rng: &mut dyn Randomness,
        now: Timestamp,
    ) -> SealedKey {
        let id = KeyId::from_u32(u32::from_be_bytes(random_bytes(rng)));
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
        SealedKey { id, purpose, active_from: now, created_at: now, sealed }
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
    /// From when on it is used, until another is: see [`key_life`].
    pub active_from: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Nonce, sealed material and tag: 28 bytes more than the key.
    pub sealed: Vec<u8>,
}

impl SealedKey {
    /// This key, used only when everybody has had the time to know of it.
    #[must_use]
    pub fn published_ahead(self) -> Self {
        let active_from = self.created_at.plus(key_life::ahead(self.purpose));
        Self { active_from, ..self }
    }
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
    /// From when on it signs.
    pub active_from: Timestamp,
    /// The key in PKCS #8.
    pub pkcs8: Zeroizing<Vec<u8>>,
}

/// All keys that a process needs, opened. Which of them makes what is new depends on the time.
pub struct KeySet {
    forms: FormKeys,
    refresh: Succession<RefreshKey>,
    sealing: Succession<SealingKey>,
    subjects: SubjectKey,
    signing: Vec<SigningMaterial>,
}

impl KeySet {
    /// Opens the stored keys.
    ///
    /// # Errors
    /// [`KeyProblem`] if the master key is not theirs, or one of [`KeyPurpose::SYMMETRIC`] has no key.
    pub fn open(master: &MasterKey, stored: &[SealedKey]) -> Result<Self, KeyProblem> {
        let mut opening = Opening::default();
        for key in key_life::in_order(stored.iter()) {
            opening.add(master, key)?;
        }
        let Opening { forms, refresh, sealing, subjects, signing } = opening;
        Ok(Self {
            forms: FormKeys::new(forms.ok_or(KeyProblem::NoKey(KeyPurpose::Form))?),
            sealing: sealing.ok_or(KeyProblem::NoKey(KeyPurpose::AccessToken))?,
            refresh: refresh.ok_or(KeyProblem::NoKey(KeyPurpose::RefreshToken))?,
            subjects: subjects.ok_or(KeyProblem::NoKey(KeyPurpose::PairwiseSubject))?,
            signing,
        })
    }

    /// The key that makes pairwise subjects.
    pub const fn subjects(&self) -> &SubjectKey {
        &self.subjects
    }

    /// The keys of forms and return addresses.
    pub const fn forms(&self) -> &FormKeys {
        &self.forms
    }

    /// The text of a refresh token that is issued now.
    pub fn seal_refresh_token(&self, token: RefreshToken, now: Timestamp) -> Secret {
        self.refresh.active(now).seal(token)
    }

    /// What a presented text says as a refresh token of this installation.
    pub fn open_refresh_token(&self, text: &Secret) -> Option<RefreshToken> {
        self.refresh.iter().find_map(|key| key.open(text))
    }

    /// The key that seals access tokens issued at `now`.
    pub fn active(&self, now: Timestamp) -> &SealingKey {
        self.sealing.active(now)
    }

    /// The keys that sign, in the order in which they become active.
    pub fn signing(&self) -> &[SigningMaterial] {
        &self.signing
    }

    /// The key that a token names.
    pub fn sealing_key(&self, id: KeyId) -> Option<&SealingKey> {
        self.sealing.iter().find(|key| key.id == id)
    }
}

/// A key set that is being filled, in the order in which the keys become active.
#[derive(Default)]
struct Opening {
    forms: Option<Succession<FormKey>>,
    refresh: Option<Succession<RefreshKey>>,
    sealing: Option<Succession<SealingKey>>,
    subjects: Option<SubjectKey>,
    signing: Vec<SigningMaterial>,
}

impl Opening {
    fn add(&mut self, master: &MasterKey, key: &SealedKey) -> Result<(), KeyProblem> {
        let (id, active_from) = (key.id, key.active_from);
        let material = || master.open_symmetric(key);
        match key.purpose {
            KeyPurpose::Form => follow(&mut self.forms, active_from, FormKey::new(&*material()?)),
            KeyPurpose::RefreshToken => {
                follow(&mut self.refresh, active_from, RefreshKey::new(&*material()?));
            }
            KeyPurpose::AccessToken => {
                follow(&mut self.sealing, active_from, SealingKey::new(id, &*material()?));
            }
            // The first there ever was, whatever lies beside it.
            KeyPurpose::PairwiseSubject => {
                let first = self.subjects.take();
                self.subjects = Some(first.unwrap_or(SubjectKey::new(&*material()?)));
            }
            KeyPurpose::Sign(algorithm) => {
                let pkcs8 = master.open(key)?;
                self.signing.push(SigningMaterial { id, algorithm, active_from, pkcs8 });
            }
        }
        Ok(())
    }
}

fn follow<K>(keys: &mut Option<Succession<K>>, from: Timestamp, key: K) {
    match keys {
        Some(keys) => keys.add(from, key),
        None => *keys = Some(Succession::of(key)),
    }
}

fn aead_key(material: &[u8; MATERIAL]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM_SIV, material)
        .unwrap_or_else(|_| unreachable!("AES-256-GCM-SIV takes any 32 bytes"));
    LessSafeKey::new(key)
}

/// What a sealed key is bound to, so that rows cannot be exchanged for one another.
fn context(id: KeyId, purpose: KeyPurpose) -> Vec<u8> {
    [b"hallpass key ", purpose.as_str().as_bytes(), b" ", &id.as_u32().to_be_bytes()].concat()
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
            master.mint_key(KeyPurpose::PairwiseSubject, &mut rng, at(4)),
        ]
    }

    #[test]
    fn the_key_whose_time_has_come_seals_and_all_others_open() {
        let master = MasterKey::new(&[9; 32]);
        let stored = stored(&master);
        let keys = KeySet::open(&master, &stored).expect("their own master key");
        let sealing = |second| keys.active(Timestamp::from_seconds(second)).id();
        assert_eq!([sealing(1), sealing(2)], [stored[1].id; 2], "the other is coming");
        assert_eq!(sealing(3), stored[2].id);
        assert!(stored[1..3].iter().all(|key| keys.sealing_key(key.id).is_some()));
        assert!(keys.sealing_key(KeyId::from_u32(0)).is_none());
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
        stored.push(master.seal_key(
            KeyPurpose::Sign(SignatureAlgorithm::Rs256),
            &long,
            &mut Counted(99),
            at,
        ));
        let keys = KeySet::open(&master, &stored).expect("keys");
        let [key] = keys.signing() else { panic!("one key signs") };
        assert_eq!((key.id, key.pkcs8.as_slice()), (stored[5].id, long.as_slice()));
        let odd = master.seal_key(KeyPurpose::AccessToken, &long, &mut Counted(98), at);
        let id = odd.id;
        stored.push(odd);
        assert_eq!(KeySet::open(&master, &stored).err(), Some(KeyProblem::WrongMasterKey(id)));
    }

    #[test]
    fn refresh_tokens_of_all_keys_open_and_the_one_in_use_makes_them() {
        let master = MasterKey::new(&[9; 32]);
        let mut stored = stored(&master);
        let at = Timestamp::from_seconds;
        let next = master.mint_key(KeyPurpose::RefreshToken, &mut Counted(99), at(5));
        stored.push(next.published_ahead());
        let token = RefreshToken {
            authorization: crate::model::AuthorizationId::mint(&mut Counted(0), at(5)),
            generation: 0,
        };
        let keys = KeySet::open(&master, &stored).expect("keys");
        let until = stored[5].active_from;
        let [before, after] = [at(5), until].map(|now| keys.seal_refresh_token(token, now));
        assert_ne!(before.reveal(), after.reveal());
        assert_eq!([before, after].map(|text| keys.open_refresh_token(&text)), [Some(token); 2]);
    }

    #[test]
    fn a_set_without_a_key_of_each_kind_is_refused() {
        let master = MasterKey::new(&[9; 32]);
        let stored = stored(&master);
        let problem = |stored: &[SealedKey]| KeySet::open(&master, stored).err();
        let none = |purpose| Some(KeyProblem::NoKey(purpose));
        assert_eq!(problem(&stored[..4]), none(KeyPurpose::PairwiseSubject));
        assert_eq!(problem(&stored[..3]), none(KeyPurpose::RefreshToken));
        assert_eq!(problem(&stored[..1]), none(KeyPurpose::AccessToken));
        assert_eq!(problem(&[]), none(KeyPurpose::Form));
    }

    #[test]
    fn the_first_key_of_pairwise_subjects_makes_them_for_ever() {
        let master = MasterKey::new(&[9; 32]);
        let mut stored = stored(&master);
        let subject = |stored: &[SealedKey]| {
            let account = crate::model::AccountId::from_uuid(uuid::Uuid::from_u128(1));
            let keys = KeySet::open(&master, stored).expect("keys");
            keys.subjects().pairwise("app.example", account)
        };
        let before = subject(&stored);
        let later = Timestamp::from_seconds(9);
        stored.push(master.mint_key(KeyPurpose::PairwiseSubject, &mut Counted(99), later));
        assert_eq!(subject(&stored), before, "whatever lies beside it");
    }

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for id in [0, 1, 0xdead_beef, u32::MAX].map(KeyId::from_u32) {
            assert_eq!(KeyId::parse(&id.to_string()), Some(id));
        }
        for text in ["", "+1234567", "0x123456", "123456789", "g0000000", "1234567"] {
            assert_eq!(KeyId::parse(text), None, "{text}");
        }
    }
}
