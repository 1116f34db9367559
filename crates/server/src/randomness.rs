//! Unguessable bytes, drawn from the generator in stock and handed out in pieces.
//!
//! A draw costs the same for sixteen bytes as for some hundred: locks, and the processor's own generator, which is
//! slow. Most requests want two or three pieces.

use std::cell::RefCell;

use hallpass_protocol::model::Randomness;
use zeroize::{Zeroize as _, Zeroizing};

/// How many bytes are drawn at once.
const STOCK: usize = 512;
/// The longest piece that is taken from stock.
const PIECE: usize = 64;

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&mut self, bytes: &mut [u8]) {
        if bytes.len() > PIECE {
            return draw(bytes);
        }
        STOCKS.with_borrow_mut(|stock| stock.hand_out(bytes));
    }
}

thread_local! {
    /// One for each thread. Processes are only ever begun anew, never forked, so none has a copy.
    static STOCKS: RefCell<Stock> = RefCell::new(Stock::empty());
}

struct Stock {
    bytes: Zeroizing<[u8; STOCK]>,
    /// How many of them are left, at the beginning.
    left: usize,
}

impl Stock {
    fn empty() -> Self {
        Self { bytes: Zeroizing::new([0; STOCK]), left: 0 }
    }

    /// Each byte once: what was handed out is gone here.
    fn hand_out(&mut self, piece: &mut [u8]) {
        if self.left < piece.len() {
            // Nothing is left in stock if that fails.
            self.left = 0;
            draw(&mut *self.bytes);
            self.left = STOCK;
        }
        let from = self.left - piece.len();
        let taken = &mut self.bytes[from..self.left];
        piece.copy_from_slice(taken);
        taken.zeroize();
        self.left = from;
    }
}

fn draw(bytes: &mut [u8]) {
    // Without randomness no secret may be made; the panic ends this request only.
    aws_lc_rs::rand::fill(bytes)
        .unwrap_or_else(|_| panic!("the operating system gives no randomness"));
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_piece_comes_twice() {
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let mut piece = [0; 16];
            SystemRandomness.fill(&mut piece);
            assert!(seen.insert(piece));
        }
    }

    #[test]
    fn what_was_handed_out_is_gone_from_stock() {
        let mut stock = Stock::empty();
        for length in [24, 64, 1, 0, 64] {
            let mut piece = vec![0; length];
            stock.hand_out(&mut piece);
            assert!(stock.bytes[stock.left..].iter().all(|byte| *byte == 0));
            // Eight zeros in a row come by chance once in 2^64 times.
            assert!(stock.bytes[..stock.left].windows(8).all(|bytes| bytes != [0; 8]));
        }
        assert_eq!(stock.left, STOCK - 153);
    }

    #[test]
    fn what_is_longer_than_the_stock_is_drawn_alone() {
        let mut long = vec![0; 3 * STOCK];
        SystemRandomness.fill(&mut long);
        assert!(long.chunks(8).all(|bytes| bytes != [0; 8]));
    }
}
