//! One stream of random numbers; a draw consumes exactly one 64-bit word, so that draws stay aligned whatever they return.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A gap of at most so many words is read over: to move the generator costs more.
const READ_OVER_MAX: u64 = 12;

/// The draws of one purpose of one entity, by `ChaCha8` (Bernstein, *`ChaCha`, a variant of Salsa20*, 2008).
///
/// Used one draw after the other, from the beginning or from a position of [`Stream::at`]; or by [`Stream::place`]. About 320
/// bytes.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
    /// Number of the word that is drawn next, from the position.
    next: u64,
    /// The word at which the next place begins.
    end: u64,
}

impl Stream {
    pub(super) fn from_key(key: [u8; 32]) -> Self {
        Self { generator: ChaCha8Rng::from_seed(key), next: 0, end: u64::MAX }
    }

    /// Moves to the draws of the `ordinal`-th occurrence of something. Number 0 is where a stream begins.
    ///
    /// The draws at a position do not depend on what was drawn before: the seventh visit has the same luck whatever
    /// happened in the first six. Each position holds 2⁶⁴ words, independent of all other positions'.
    pub fn at(&mut self, ordinal: u64) -> &mut Self {
        // In this order: inside of a block, `set_stream` would compute the block anew, and `set_word_pos` would throw it away.
        self.generator.set_word_pos(0);
        self.generator.set_stream(ordinal);
        (self.next, self.end) = (0, u64::MAX);
        self
    }

    /// Moves to the draws of the `place`-th of many alike things that happen together at this position: to the words from
    /// `place` × `size` on, of which at most `size` are drawn.
    ///
    /// What is drawn there does not depend on what was drawn before. It is cheap for places in ascending order.
    pub fn place(&mut self, place: u32, size: u32) -> &mut Self {
        let begin = u64::from(place) * u64::from(size);
        match begin.checked_sub(self.next) {
            Some(gap) if gap <= READ_OVER_MAX => {
                for _ in 0..gap {
                    self.generator.next_u64();
                }
            }
            _ => self.generator.set_word_pos(2 * u128::from(begin)),
        }
        (self.next, self.end) = (begin, begin + u64::from(size));
        self
    }

    /// 64 random bits.
    ///
    /// # Panics
    ///
    /// If the draws of a place are used up: it would be the next place's first.
    pub fn next_u64(&mut self) -> u64 {
        assert!(self.next < self.end, "the draws of this place of a stream are used up");
        self.next += 1;
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
        assert_eq!(draws(&mut stream(Purpose::Visit)), [0x1ac9_1c0b_0c12_b10a, 0x3a78_55ca_e46b_8e69]);
        let pair = Entity::pair(Entity::named("client", 1), Entity::indexed(7));
        let mut of_pair = Streams::new(u64::MAX, 9).stream(Purpose::Visit, pair);
        assert_eq!(draws(&mut of_pair), [0xc3fa_2669_9875_e54f, 0xb46d_dcf4_5c7d_c04f]);
        assert_eq!(draws(of_pair.at(3).place(1, 8)), [0xfe12_5c11_275d_e5ce, 0x529c_3585_0267_fc00]);
    }

    #[test]
    fn the_key_is_laid_out_as_documented() {
        use rand::{Rng, SeedableRng};

        let mut key = Vec::new();
        key.extend(42_u64.to_le_bytes());
        key.extend(7_u32.to_le_bytes());
        key.extend(39_u32.to_le_bytes());
        key.extend(0_u64.to_le_bytes());
        key.extend(5_u64.to_le_bytes());
        let key: [u8; 32] = key.try_into().expect("256 bits");
        let mut stream = Streams::new(42, 7).stream(Purpose::Visit, Entity::indexed(5));
        assert_eq!(stream.next_u64(), rand_chacha::ChaCha8Rng::from_seed(key).next_u64());
    }

    #[test]
    fn a_position_does_not_depend_on_what_was_drawn_before() {
        let mut straight = stream(Purpose::Message);
        let expected: [u64; 40] = draws(straight.at(5));
        let mut detour = stream(Purpose::Message);
        let _: [u64; 3] = draws(&mut detour);
        let _: [u64; 8] = draws(detour.at(4).place(3, 8));
        assert_eq!(draws(detour.at(5)), expected);
    }

    /// Near and far, forwards and backwards: the draws of a place are always the same, and follow each other.
    #[test]
    fn a_place_is_where_its_number_says() {
        let mut straight = stream(Purpose::Message);
        let words: [u64; 2_000] = draws(straight.at(7));
        let mut places = stream(Purpose::Message);
        places.at(7);
        for place in [0, 1, 3, 15, 16, 28, 60, 61, 999, 998, 500, 0, 2] {
            let begin = place as usize * 2;
            assert_eq!(draws(places.place(place, 2)), [words[begin], words[begin + 1]], "place {place}");
        }
        assert_eq!(draws(places.place(3, 8)), [words[24], words[25], words[26]], "not all of its words need be drawn");
        assert_eq!(draws(places.place(4, 8)), [words[32]]);
        assert_eq!(draws(places.at(7)), [words[0]]);
        assert_eq!(draws(stream(Purpose::Message).at(0)), draws::<1>(&mut stream(Purpose::Message)));
    }

    #[test]
    fn positions_do_not_overlap() {
        let mut stream = stream(Purpose::Message);
        let mut all = Vec::new();
        for ordinal in [0, 1, 2, u64::MAX] {
            stream.at(ordinal);
            for place in [0, 1, 2, u32::MAX] {
                all.extend(draws::<8>(stream.place(place, 8)));
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    #[should_panic(expected = "are used up")]
    fn a_draw_of_the_next_place_is_a_bug() {
        let mut stream = stream(Purpose::Message);
        let _: [u64; 3] = draws(stream.at(0).place(0, 2));
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
