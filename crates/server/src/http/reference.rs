//! The short code on an error page by which its event is found again.

use std::fmt;

use hallpass_protocol::model::Randomness;

/// Eight letters and digits, easy to read out: `K3JQ-88VA`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference(u64);

/// Crockford's alphabet: no I, L, O or U to be mistaken for something else.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Reference {
    /// A new one of 40 random bits.
    pub(crate) fn mint(rng: &mut dyn Randomness) -> Self {
        let mut bytes = [0; 8];
        rng.fill(&mut bytes[3..]);
        Self(u64::from_be_bytes(bytes))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for position in (0..8).rev() {
            let letter = (self.0 >> (5 * position)) & 31;
            // `letter` is below 32, the length of the alphabet.
            write!(f, "{}", char::from(LETTERS[letter as usize]))?;
            if position == 4 {
                f.write_str("-")?;
            }
        }
        Ok(())
    }
}
