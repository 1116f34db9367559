//! Where unguessable bytes come from: handed to the rules, never fetched by them.

/// A source of bytes that nobody can guess.
///
/// The server's source is the operating system's; tests bring a counted one, so that every minted
/// value can be foretold.
pub trait Randomness {
    /// Fills `bytes` with unguessable values.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// An array of `N` unguessable bytes.
pub(crate) fn random_bytes<const N: usize>(rng: &mut dyn Randomness) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes
}
