//! The installation's keys that sign: made when it begins, kept sealed in the store.
//!
//! There is one of each algorithm, because any app may choose with which its ID tokens are signed; what the
//! service itself says is signed with Ed25519. A key is published before it signs and after it has signed: which one signs is
//! a question of the time.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use hallpass_protocol::access_token::{Claims, jwt};
use hallpass_protocol::authorize::Policy;
use hallpass_protocol::jose::{self, PublicKey, PublicKeys, PublicMaterial, Signer};
use hallpass_protocol::model::{
    Digest, KeyId, KeyPurpose, KeySet, MasterKey, SealedKey, Secret, SignatureAlgorithm,
    SigningMaterial, Succession, Timestamp,
};
use quick_cache::sync::Cache;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::state::SystemRandomness;

/// Why a key that signs cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SigningProblem {
    /// A stored key opened, and what came out is no key.
    #[error("the database's signing key {0} is damaged: restore the database from a backup")]
    Damaged(KeyId),
    /// There is no key of that algorithm.
    #[error("the database holds no {} signing key", .0.as_str())]
    Missing(SignatureAlgorithm),
    /// The provider could not make a key.
    #[error("a new {} signing key could not be made: is there enough memory?", .0.as_str())]
    NotMade(SignatureAlgorithm),
}

/// All keys that sign, ready for use.
pub struct Signers {
    own: Succession<SigningKey>,
    others: Vec<(SignatureAlgorithm, Succession<SigningKey>)>,
    public: PublicKeys,
    fingerprint: String,
    /// What was verified with these keys, by the digest of the whole text.
    verified: Cache<Digest, Claims>,
}

/// How many tokens are known again: some five megabytes.
const VERIFIED: usize = 10_000;

impl Signers {
    /// Makes the keys of `keys` ready.
    ///
    /// # Errors
    /// [`SigningProblem`] if a key is damaged, or there is none of Ed25519.
    pub fn open(keys: &KeySet) -> Result<Self, SigningProblem> {
        let mut signing: Vec<(SignatureAlgorithm, Succession<SigningKey>)> = Vec::new();
        let mut public = Vec::new();
        for material in keys.signing() {
            let key = SigningKey::open(material)?;
            public.push(key.public.clone());
            match signing.iter_mut().find(|(algorithm, _)| *algorithm == material.algorithm) {
                Some((_, keys)) => keys.add(material.active_from, key),
                None => signing.push((material.algorithm, Succession::of(key))),
            }
        }
        let own = signing.iter().position(|(algorithm, _)| *algorithm == OWN);
        let (_, own) = signing.swap_remove(own.ok_or(SigningProblem::Missing(OWN))?);
        let public: PublicKeys = public.into_iter().collect();
        let fingerprint = jose::fingerprint(&public.to_json());
        Ok(Self { own, others: signing, public, fingerprint, verified: Cache::new(VERIFIED) })
    }

    /// What a signed token of `policy`'s issuer for any of its APIs says; whether it was ended is another
    /// question.
    ///
    /// Verifying a signature takes five times as long as all the rest of an answer about a token, and the
    /// same token is asked about again and again. So one that was verified is known again, by every byte of
    /// it: only its time is judged anew. Keys and policy are of one generation of the state, and so is this.
    pub(crate) fn open_token(&self, text: &str, policy: &Policy, now: Timestamp) -> Option<Claims> {
        let digest = Secret::presented(text).digest();
        if let Some(claims) = self.verified.get(&digest) {
            return jwt::judge_time(&claims, now).is_ok().then_some(claims);
        }
        let audiences: Vec<&str> = policy.apis.iter().map(|api| api.identifier.as_str()).collect();
        let claims = jwt::decode(text, &self.public, &policy.issuer, &audiences, now).ok()?;
        self.verified.insert(digest, claims.clone());
        Some(claims)
    }

    /// The key that signs what the service itself says at `now`.
    pub fn own(&self, now: Timestamp) -> &SigningKey {
        self.own.active(now)
    }

    /// What everybody may know of the keys, whether they sign now, soon, or did before.
    pub const fn public(&self) -> &PublicKeys {
        &self.public
    }

    /// What tells this key set, as it is published, from every other.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// What the service itself signs with.
const OWN: SignatureAlgorithm = SignatureAlgorithm::EdDsa;

impl jose::Signers for Signers {
    fn signer(&self, algorithm: SignatureAlgorithm, now: Timestamp) -> Option<&dyn Signer> {
        if algorithm == OWN {
            return Some(self.own(now));
        }
        let keys = self.others.iter().find(|(of, _)| *of == algorithm);
        keys.map(|(_, keys)| keys.active(now) as &dyn Signer)
    }

    fn public(&self) -> &PublicKeys {
        &self.public
    }
}

/// A private key, ready to sign.
pub struct SigningKey {
    public: PublicKey,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    fn open(material: &SigningMaterial) -> Result<Self, SigningProblem> {
        let damaged = SigningProblem::Damaged(material.id);
        let pair = Pair::read(material.algorithm, &material.pkcs8).map_err(|_| damaged)?;
        let public = pair
            .public_material()
            .and_then(|public| PublicKey::new(material.id.to_string(), public))
            .ok_or(damaged)?;
        Ok(Self { public, pair })
    }
}

impl Signer for SigningKey {
    fn key_id(&self) -> String {
        self.public.id().to_owned()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.public.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        // Signing with a good key fails only without memory or randomness, and then nothing may be
        // signed; the panic ends this request only.
        self.pair.sign(message).unwrap_or_else(|_| panic!("the provider cannot sign"))
    }
}

impl Pair {
    fn read(algorithm: SignatureAlgorithm, pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        Ok(match algorithm {
            SignatureAlgorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8)?),
            SignatureAlgorithm::Es256 => {
                Self::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)?)
            }
            SignatureAlgorithm::Rs256 => Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8)?),
        })
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::P256(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
        }
    }

    fn public_material(&self) -> Option<PublicMaterial> {
        match self {
            Self::Ed25519(pair) => {
                pair.public_key().as_ref().try_into().ok().map(PublicMaterial::Ed25519)
            }
            Self::P256(pair) => {
                // SEC 1 §2.3.3: 4, then both coordinates.
                let point = pair.public_key().as_ref().strip_prefix(&[4])?;
                let (x, y) = point.split_at_checked(32)?;
                Some(PublicMaterial::P256 { x: x.try_into().ok()?, y: y.try_into().ok()? })
            }
            Self::Rsa(pair) => read_rsa(pair.public_key().as_ref()),
        }
    }
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` in DER (RFC 8017 §A.1.1).
fn read_rsa(der: &[u8]) -> Option<PublicMaterial> {
    let (sequence, _) = read_der(der, 0x30)?;
    let (modulus, rest) = read_der(sequence, 0x02)?;
    let (exponent, _) = read_der(rest, 0x02)?;
    // A zero in front says that the number is positive; in a JWK it must not be (RFC 7518 §6.3.1.1).
    let number = |bytes: &[u8]| bytes.strip_prefix(&[0]).unwrap_or(bytes).to_vec();
    Some(PublicMaterial::Rsa { n: number(modulus), e: number(exponent) })
}

/// The content of an element of this tag, and what follows the element.
fn read_der(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let rest = der.strip_prefix(&[tag])?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A new key of `algorithm`, sealed and ready to be stored. RSA takes a while: call it off the
/// runtime's threads.
///
/// # Errors
/// [`SigningProblem::NotMade`].
pub fn make_key(
    algorithm: SignatureAlgorithm,
    master: &MasterKey,
    now: Timestamp,
) -> Result<SealedKey, SigningProblem> {
    let pkcs8 = pkcs8(algorithm).map_err(|_| SigningProblem::NotMade(algorithm))?;
    Ok(master.seal_key(KeyPurpose::Sign(algorithm), &pkcs8, &mut SystemRandomness, now))
}

/// The same off the runtime's threads.
///
/// # Errors
/// [`SigningProblem::NotMade`].
pub(crate) async fn make_key_aside(
    algorithm: SignatureAlgorithm,
    master: &MasterKey,
    now: Timestamp,
) -> Result<SealedKey, SigningProblem> {
    let made = tokio::task::spawn_blocking(move || pkcs8(algorithm)).await;
    let pkcs8 = made.ok().and_then(Result::ok).ok_or(SigningProblem::NotMade(algorithm))?;
    Ok(master.seal_key(KeyPurpose::Sign(algorithm), &pkcs8, &mut SystemRandomness, now))
}

fn pkcs8(algorithm: SignatureAlgorithm) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    Ok(Zeroizing::new(match algorithm {
        SignatureAlgorithm::EdDsa => Ed25519KeyPair::generate()?.to_pkcs8()?.as_ref().to_vec(),
        SignatureAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
            pair.to_pkcs8v1()?.as_ref().to_vec()
        }
        SignatureAlgorithm::Rs256 => {
            let der: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?;
            der.as_ref().to_vec()
        }
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use hallpass_protocol::jose::Signers as _;

    use super::*;

    fn keys(algorithms: &[SignatureAlgorithm]) -> KeySet {
        let master = MasterKey::new(&[7; 32]);
        let at = Timestamp::from_seconds;
        let mut stored: Vec<_> = KeyPurpose::SYMMETRIC
            .map(|purpose| master.mint_key(purpose, &mut SystemRandomness, at(0)))
            .to_vec();
        for (second, algorithm) in (1..).zip(algorithms) {
            stored.push(make_key(*algorithm, &master, at(second)).unwrap());
        }
        KeySet::open(&master, &stored).unwrap()
    }

    #[test]
    fn what_each_algorithm_signs_the_published_keys_verify() {
        let signers = Signers::open(&keys(&SignatureAlgorithm::ALL)).unwrap();
        let published = PublicKeys::parse(&signers.public().to_json()).unwrap();
        for algorithm in SignatureAlgorithm::ALL {
            let signer = signers.signer(algorithm, Timestamp::from_seconds(9)).unwrap();
            assert_eq!(signer.algorithm(), algorithm);
            let text = jose::sign("at+jwt", b"{}", signer);
            assert_eq!(jose::verify(&text, "at+jwt", &published, 8192), Ok(b"{}".to_vec()));
            assert!(jose::verify(&text, "other", &published, 8192).is_err());
        }
    }

    #[test]
    fn ds_05_the_key_whose_time_has_come_signs_and_all_are_published() {
        let keys = keys(&[SignatureAlgorithm::EdDsa, SignatureAlgorithm::EdDsa]);
        let signers = Signers::open(&keys).unwrap();
        let [older, newer] = keys.signing() else { panic!("two keys") };
        let signs_at = |second| signers.own(Timestamp::from_seconds(second)).key_id();
        assert_eq!((signs_at(1), signs_at(2)), (older.id.to_string(), newer.id.to_string()));
        assert!(
            [older, newer].iter().all(|key| signers.public().find(&key.id.to_string()).is_some())
        );
        assert!(signers.signer(SignatureAlgorithm::Es256, Timestamp::from_seconds(2)).is_none());
    }

    #[test]
    fn without_the_services_own_key_nothing_starts() {
        let missing = SigningProblem::Missing(SignatureAlgorithm::EdDsa);
        assert_eq!(Signers::open(&keys(&[])).err(), Some(missing));
    }

    #[test]
    fn jw_15_two_installations_never_have_the_same_key() {
        let public =
            || Signers::open(&keys(&[SignatureAlgorithm::EdDsa])).unwrap().public().to_json();
        assert_ne!(public(), public());
    }
}
