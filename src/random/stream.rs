//! One stream of random numbers; a draw consumes exactly one 64-bit word, so that draws stay aligned whatever they return.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// 32-bit words of one block of `ChaCha`.
const BLOCK_WORDS: u128 = 16;

/// Random access begins at this block, far behind what sequential use can reach.
const FIRST_SLOT_BLOCK: u128 = 1 << 32;

/// The draws of one purpose of one entity, by `ChaCha8` (Bernstein, *`ChaCha`, a variant of Salsa20*, 2008).
///
/// Used either one draw after the other, from the beginning, or by [`Stream::at`]. About 320 bytes.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
    /// Words that may still be drawn from here.
    left: u64,
}

impl Stream {
    /// Number of words that can be drawn at each position of [`Stream::at`].
    pub const DRAWS_PER_SLOT: u64 = 8;

    pub(super) fn from_key(key: [u8; 32]) -> Self {
        Self { generator: ChaCha8Rng::from_seed(key), left: u64::MAX }
    }

    /// Moves to the draws of the slot `slot` of the `ordinal`-th occurrence of something.
    ///
    /// The draws at a position do not depend on what was drawn before: the seventh visit has the same luck whatever
    /// happened in the first six. Each position holds [`Stream::DRAWS_PER_SLOT`] words, independent of all other
    /// positions' and of the sequential ones.
    pub fn at(&mut self, ordinal: u64, slot: u32) -> &mut Self {
        // In this order: inside of a block, `set_stream` would compute the block anew, only for it to be thrown away.
        self.generator.set_word_pos((FIRST_SLOT_BLOCK + u128::from(slot)) * BLOCK_WORDS);
        self.generator.set_stream(ordinal);
        self.left = Self::DRAWS_PER_SLOT;
        self
    }

    /// 64 random bits.
    ///
    /// # Panics
    ///
    /// At the ninth draw from a position of [`Stream::at`]: it would be the next position's first.
    pub fn next_u64(&mut self) -> u64 {
        self.left = self.left.checked_sub(1).expect("a position of a stream holds only 8 draws");
        self.generator.next_u64()
    }

    /// The greatest number that [`Stream::unit`] and [`Stream::open_unit`] draw: 1 − 2⁻⁵³. The latter draws no number that is
    /// nearer to 0 than this is to 1.
    pub(super) const GREATEST_UNIT: f64 = 1.0 - 0.5 * f64::EPSILON;

    /// A number in [0, 1): a multiple of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (0.5 / (1_u64 << 52) as f64)
    }

    /// A number in (0, 1): an odd multiple of 2⁻⁵³, for quantile functions that are infinite at 0 or 1.
    pub fn open_unit(&mut self) -> f64 {
        ((self.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// An integer in [0, `n`), by multiplication and shift without rejection (Lemire, *Fast random integer generation in
    /// an interval*, 2019), so that it consumes one word like all others. Probabilities are within 2⁻⁶⁴ of 1/`n`, a
    /// relative error of at most `n` · 2⁻⁶⁴.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "no integer is below zero");
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Whether something of probability `p` happens: never if `p` is 0, always if it is 1.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// An index in [0, `len`), as [`Stream::below`].
    ///
    /// # Panics
    ///
    /// If `len` is 0.
    #[expect(clippy::cast_possible_truncation, reason = "less than a usize")]
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use crate::random::{Entity, Purpose, Stream, Streams};

    fn stream(purpose: Purpose) -> Stream {
        Streams::new(42, 0).stream(purpose, Entity::named("client", 1))
    }

    fn draws<const N: usize>(stream: &mut Stream) -> [u64; N] {
        std::array::from_fn(|_| stream.next_u64())
    }

    /// These numbers define the results of every scenario: a change of them is a change of the model's version.
    #[test]
    fn first_draws_are_pinned() {
        assert_eq!(draws(&mut stream(Purpose::VisitTimes)), [0xcd9a_5855_4a30_67d8, 0xd674_3ee7_7e3c_adc4]);
        assert_eq!(draws(&mut stream(Purpose::ConnectorCall)), [0x2723_94ea_b491_66b8, 0xdf03_cdd4_a98e_c9a1]);
        let pair = Entity::pair(Entity::named("client", 1), Entity::indexed(7));
        let mut calls = Streams::new(u64::MAX, 9).stream(Purpose::ConnectorCall, pair);
        assert_eq!(draws(&mut calls), [0xc5bf_347d_854f_ff62, 0x20d7_56ab_4ba2_90d7]);
        assert_eq!(draws(calls.at(0, 0)), [0x15af_7dc0_4cb7_be91, 0xce6c_1f66_27db_cfdc]);
        assert_eq!(draws(calls.at(3, 1)), [0xd863_70ed_1d8f_9856, 0xa824_2e21_8993_2e0b]);
    }

    #[test]
    fn the_key_is_laid_out_as_documented() {
        use rand::{Rng, SeedableRng};

        let mut key = Vec::new();
        key.extend(42_u64.to_le_bytes());
        key.extend(7_u32.to_le_bytes());
        key.extend(36_u32.to_le_bytes());
        key.extend(0_u64.to_le_bytes());
        key.extend(5_u64.to_le_bytes());
        let key: [u8; 32] = key.try_into().expect("256 bits");
        let mut stream = Streams::new(42, 7).stream(Purpose::ConnectorCall, Entity::indexed(5));
        assert_eq!(stream.next_u64(), rand_chacha::ChaCha8Rng::from_seed(key).next_u64());
    }

    #[test]
    fn a_position_does_not_depend_on_what_was_drawn_before() {
        let mut straight = stream(Purpose::Message);
        let expected: [u64; 8] = draws(straight.at(5, 2));
        let mut detour = stream(Purpose::Message);
        let _: [u64; 3] = draws(&mut detour);
        let _: [u64; 8] = draws(detour.at(5, 3));
        let _: [u64; 1] = draws(detour.at(4, 2));
        assert_eq!(draws(detour.at(5, 2)), expected);
    }

    #[test]
    fn positions_do_not_overlap() {
        let mut stream = stream(Purpose::Message);
        let mut all: Vec<u64> = draws::<64>(&mut stream).into();
        for ordinal in [0, 1, 2, u64::MAX] {
            for slot in [0, 1, 2, u32::MAX] {
                all.extend(draws::<8>(stream.at(ordinal, slot)));
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    #[should_panic(expected = "holds only 8 draws")]
    fn a_ninth_draw_from_a_position_is_a_bug() {
        let mut stream = stream(Purpose::Message);
        let _: [u64; 9] = draws(stream.at(0, 0));
    }

    #[test]
    fn every_draw_consumes_one_word() {
        let mut counted = stream(Purpose::Clock);
        let mut reference = stream(Purpose::Clock);
        counted.unit();
        counted.open_unit();
        counted.below(10);
        counted.index(3);
        counted.chance(0.0);
        let _: [u64; 5] = draws(&mut reference);
        assert_eq!(counted.next_u64(), reference.next_u64());
    }

    #[test]
    fn integers_are_uniform() {
        let mut stream = stream(Purpose::Clock);
        let mut counts = [0_u32; 7];
        let draws = 70_000;
        for _ in 0..draws {
            counts[stream.index(7)] += 1;
        }
        // Chi-squared with 6 degrees of freedom exceeds 22.46 with probability 0.001.
        let expected = f64::from(draws) / 7.0;
        let chi_squared: f64 =
            counts.iter().map(|&count| (f64::from(count) - expected) * (f64::from(count) - expected) / expected).sum();
        assert!(chi_squared < 22.46, "chi-squared {chi_squared}");
    }

    #[test]
    fn certain_and_impossible_things_are_so() {
        let mut stream = stream(Purpose::Clock);
        assert!((0..1_000).all(|_| stream.chance(1.0) && !stream.chance(0.0)));
    }
}
