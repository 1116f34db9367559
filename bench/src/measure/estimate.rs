//! One ratio out of many rounds, and how far it can be trusted.

use serde::{Deserialize, Serialize};

/// How many standard deviations to each side hold 95 % of what is normal.
const DEVIATIONS: f64 = 1.96;

/// A ratio with its interval.
///
/// A round is the same four slices for both sides, so what a busy machine does to one it does to the
/// other as often: the logarithms of the rounds' ratios scatter alike to both sides of the true one. For
/// such values the Hodges-Lehmann estimate, the median of the means of all pairs, is nearly as exact as
/// their mean, and up to a quarter of them may be spoiled without carrying it away. Its interval is that
/// of Wilcoxon's signed ranks: the true ratio lies in it in 95 of 100 runs, whatever the noise, if rounds
/// are disturbed independently of each other. No round is left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Estimate {
    /// The ratio.
    pub(crate) value: f64,
    /// Where its interval begins.
    pub(crate) low: f64,
    /// Where it ends.
    pub(crate) high: f64,
}

impl Estimate {
    /// Of the ratios of rounds; `None` of none. Fewer than six make an interval that holds less than 95 %.
    pub(crate) fn of(ratios: &[f64]) -> Option<Self> {
        let logarithms: Vec<f64> = ratios.iter().map(|ratio| ratio.ln()).collect();
        let mut means = Vec::with_capacity(logarithms.len() * (logarithms.len() + 1) / 2);
        for (at, one) in logarithms.iter().enumerate() {
            means.extend(logarithms[at..].iter().map(|other| f64::midpoint(*one, *other)));
        }
        means.sort_by(f64::total_cmp);
        let last = means.len().checked_sub(1)?;
        let value = f64::midpoint(means[last / 2], means[last.div_ceil(2)]);
        let outside = outside(ratios.len()).min(last / 2);
        let (low, high) = (means[outside], means[last - outside]);
        Some(Self { value: value.exp(), low: low.exp(), high: high.exp() })
    }

    /// How wide the interval is, as a share of the ratio.
    pub(crate) fn width(self) -> f64 {
        (self.high - self.low) / self.value.max(f64::MIN_POSITIVE)
    }

    /// Whether `bound` lies in the interval.
    pub(crate) fn includes(self, bound: f64) -> bool {
        (self.low..=self.high).contains(&bound)
    }
}

/// How many means of pairs of `count` values lie below the interval: the rank sum that only one run in
/// forty falls short of.
fn outside(count: usize) -> usize {
    let count = count as f64;
    let pairs = count * (count + 1.0);
    let deviation = (pairs * (2.0 * count + 1.0) / 24.0).sqrt();
    // A float that is too small for an integer becomes zero.
    (pairs / 4.0 - DEVIATIONS * deviation).floor() as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Numbers without order, the same in each run of the tests: SplitMix64.
    struct Numbers(u64);

    impl Numbers {
        /// Between zero and one.
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// A core that a stranger slows down, to between 0.46 and all of its speed, for a while each time:
    /// mostly milliseconds, sometimes seconds.
    struct Machine {
        numbers: Numbers,
        speed: f64,
        left: u32,
    }

    impl Machine {
        fn new(seed: u64) -> Self {
            Self { numbers: Numbers(seed), speed: 1.0, left: 0 }
        }

        /// What is done in so many milliseconds by something that does one thing in one.
        fn work(&mut self, milliseconds: u32) -> f64 {
            let each = |_| {
                if self.left == 0 {
                    let exponent = 3.3 * self.numbers.next();
                    self.left = 10_f64.powf(exponent) as u32 + 1;
                    self.speed = 0.46 + 0.54 * self.numbers.next();
                }
                self.left -= 1;
                self.speed
            };
            (0..milliseconds).map(each).sum()
        }

        /// A round of something that is `truth` times as fast as its yardstick.
        fn round(&mut self, truth: f64, slice: u32) -> f64 {
            let mut side = |rate: f64| {
                let _between_slices = self.work(5);
                rate * self.work(slice)
            };
            let (first, second, third, fourth) = (side(truth), side(1.0), side(1.0), side(truth));
            (first / second * (fourth / third)).sqrt()
        }

        fn run(&mut self, truth: f64, slice: u32, rounds: usize) -> Estimate {
            let ratios: Vec<f64> = (0..rounds).map(|_| self.round(truth, slice)).collect();
            Estimate::of(&ratios).unwrap()
        }
    }

    /// Forty runs on forty machines.
    fn runs(truth: f64) -> Vec<Estimate> {
        (0..40).map(|seed| Machine::new(seed).run(truth, 30, 30)).collect()
    }

    #[test]
    fn runs_on_a_machine_with_strangers_agree() {
        let runs = runs(0.45);
        let off: Vec<f64> = runs.iter().map(|run| (run.value / 0.45 - 1.0).abs()).collect();
        let near = off.iter().filter(|off| **off < 0.04).count();
        assert!(near >= 38, "{near} of 40 within 4 %: {off:.3?}");
        for pair in runs.windows(2) {
            let apart = (pair[0].value / pair[1].value - 1.0).abs();
            assert!(apart < 0.10, "{pair:?}");
        }
    }

    #[test]
    fn the_interval_holds_the_true_ratio_nineteen_times_of_twenty() {
        let holding = runs(0.7).iter().filter(|run| run.includes(0.7)).count();
        assert!(holding >= 36, "{holding} of 40");
    }

    #[test]
    fn rounds_that_are_spoiled_on_one_side_do_not_carry_it_away() {
        let mut machine = Machine::new(7);
        let mut ratios: Vec<f64> = (0..30).map(|_| machine.round(0.5, 30)).collect();
        for spoiled in ratios.iter_mut().step_by(8) {
            *spoiled *= 10.0;
        }
        let estimate = Estimate::of(&ratios).unwrap();
        assert!((estimate.value / 0.5 - 1.0).abs() < 0.08, "{estimate:?}");
    }

    #[test]
    fn neither_side_is_favoured() {
        let mut machine = Machine::new(3);
        let ratios: Vec<f64> = (0..20).map(|_| machine.round(0.3, 30)).collect();
        let inverse: Vec<f64> = ratios.iter().map(|ratio| 1.0 / ratio).collect();
        let (one, other) = (Estimate::of(&ratios).unwrap(), Estimate::of(&inverse).unwrap());
        for (left, right) in [(one.value, other.value), (one.low, other.high)] {
            assert!((left * right - 1.0).abs() < 1e-9, "{one:?} {other:?}");
        }
    }

    #[test]
    fn few_rounds_make_an_interval_from_the_lowest_to_the_highest() {
        let estimate = Estimate::of(&[2.0, 8.0]).unwrap();
        assert!((estimate.value - 4.0).abs() < 1e-9, "{estimate:?}");
        assert!((estimate.low - 2.0).abs() < 1e-9 && (estimate.high - 8.0).abs() < 1e-9);
        assert!((estimate.width() - 1.5).abs() < 1e-9 && !estimate.includes(1.9));
        assert_eq!(Estimate::of(&[]), None);
    }
}
