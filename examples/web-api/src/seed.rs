//! Invents data that is the same at each start: numbers that follow from a text.

/// A row of numbers that follow from what they are for. Not for secrets.
pub(crate) struct Seed(u64);

impl Seed {
    /// The row that belongs to these words.
    pub(crate) fn of(words: &[&str]) -> Self {
        // FNV-1a over the words, each closed by a byte that no text holds.
        let bytes = words.iter().flat_map(|word| word.bytes().chain([0xff]));
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// The next number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // The remainder is at most `limit`, so it fits.
        usize::try_from(self.next() % (limit as u64)).unwrap_or(0)
    }

    /// One of these words.
    pub(crate) fn choose<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// An id as the guide's API has them: 22 letters and digits.
    pub(crate) fn id(&mut self) -> String {
        const LETTERS: &[u8; 62] =
            b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        (0..22).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).collect()
    }

    /// `count` different numbers below `limit`, in no order; all of them if there are not so many.
    pub(crate) fn draw(&mut self, count: usize, limit: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..limit).collect();
        let count = count.min(limit);
        for position in 0..count {
            let other = position + self.below(limit - position);
            numbers.swap(position, other);
        }
        numbers.truncate(count);
        numbers
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_row_and_others_another() {
        assert_eq!(Seed::of(&["a", "b"]).id(), Seed::of(&["a", "b"]).id());
        assert_ne!(Seed::of(&["a", "b"]).id(), Seed::of(&["ab"]).id());
    }

    #[test]
    fn a_draw_holds_no_number_twice_and_none_too_many() {
        let mut drawn = Seed::of(&["draw"]).draw(60, 100);
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 60);
        assert_eq!(Seed::of(&["draw"]).draw(5, 3).len(), 3);
    }
}
