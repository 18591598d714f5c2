//! Brownian paths without tables: the value at any moment follows from the key of the path and the moment alone, whoever asks for
//! what in whatever order.

use super::streams::mix;

/// A standard Brownian motion: it begins at 0, and its increment over t seconds is normal with mean 0 and variance t.
///
/// Source: Lévy's construction, in Schauder's sum. The path between two moments whose values are known has at its middle the mean
/// of both plus a normal number, whose standard deviation is half the root of the distance. So the path is a line plus a tent over
/// each such bridge. Each whole second has one normal number. The powers of two continue the path, each as far again as it has
/// come; each other whole second is the middle of exactly one bridge. Between two whole seconds the path is straight.
///
/// A normal number counts the ones in 64 random bits: the binomial distribution has mean 32 and standard deviation 4, and its
/// kurtosis is 2.97 instead of 3. An increment sums up one of them for each bridge that it meets, and so is closer to normal still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrownianPath {
    key: u64,
}

/// A moment: the whole seconds before it, and the rest of it in seconds.
#[derive(Clone, Copy, Debug)]
struct Moment {
    second: u64,
    rest: f64,
}

const NANOS_PER_SECOND: u64 = 1_000_000_000;

impl BrownianPath {
    /// The path of a key. Keys that are drawn at random give independent paths.
    #[must_use]
    pub const fn new(key: u64) -> Self {
        Self { key }
    }

    /// By how much the path rises from one moment to another; both are given in nanoseconds from the beginning of the path, in any
    /// order.
    ///
    /// # Panics
    ///
    /// If one of them is 2³¹ seconds (68 years) or more from the beginning.
    #[must_use]
    pub fn rise(self, from_nanos: u64, until_nanos: u64) -> f64 {
        let [from, until] = [from_nanos, until_nanos].map(Moment::at);
        let octave = octave_of(from.second);
        if octave != octave_of(until.second) {
            return self.value(until) - self.value(from);
        }
        let mut sum = self.line(octave, until) - self.line(octave, from);
        // Short bridges hold only one of the moments, and long ones both: those whose length has a higher bit than any in which
        // they differ.
        let differing = (from.second ^ until.second).checked_ilog2().unwrap_or(0);
        let levels = octave.checked_ilog2().unwrap_or(0);
        let mut bridge = Bridge::SHORTEST;
        for _ in 0..differing.min(levels) {
            let [before, after] = bridge.heights([from, until]);
            sum += after * self.normal(bridge.middle(until)) - before * self.normal(bridge.middle(from));
            bridge = bridge.twice_as_long();
        }
        for _ in differing..levels {
            let [before, after] = bridge.heights([from, until]);
            sum += (after - before) * self.normal(bridge.middle(from));
            bridge = bridge.twice_as_long();
        }
        sum
    }

    fn value(self, at: Moment) -> f64 {
        let octave = octave_of(at.second);
        let mut sum = self.line(octave, at);
        let mut begin = 0;
        while begin < octave {
            let length = begin.max(1);
            sum += (length as f64).sqrt() * self.normal(begin + length);
            begin += length;
        }
        let mut bridge = Bridge::SHORTEST;
        for _ in 0..octave.checked_ilog2().unwrap_or(0) {
            let [height] = bridge.heights([at]);
            sum += height * self.normal(bridge.middle(at));
            bridge = bridge.twice_as_long();
        }
        sum
    }

    /// The line over an octave, which begins at 0.
    fn line(self, octave: u64, at: Moment) -> f64 {
        let length = octave.max(1);
        let passed = (at.second - octave) as f64 + at.rest;
        passed / (length as f64).sqrt() * self.normal(octave + length)
    }

    /// The number of a whole second: mean 0, variance 1.
    fn normal(self, second: u64) -> f64 {
        let bits = mix(self.key.wrapping_add(second.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        (f64::from(bits.count_ones()) - 32.0) / 4.0
    }
}

/// The whole second at which the octave of `second` begins: 0, 1, 2, 4, 8 and so on. From 1 on it is as long as what precedes it.
fn octave_of(second: u64) -> u64 {
    second.checked_ilog2().map_or(0, |exponent| 1 << exponent)
}

/// The bridges of one length. A price has its error computed whenever a user sees it, so what happens here is kept to few instructions.
#[derive(Clone, Copy, Debug)]
struct Bridge {
    /// Half of the length \[s\], a power of two.
    half: u32,
    length_s: f64,
    /// One over the root of the length.
    scale: f64,
}

impl Bridge {
    const SHORTEST: Self = Self { half: 1, length_s: 2.0, scale: std::f64::consts::FRAC_1_SQRT_2 };

    #[inline]
    fn twice_as_long(self) -> Self {
        let Self { half, length_s, scale } = self;
        Self { half: half << 1, length_s: 2.0 * length_s, scale: scale * std::f64::consts::FRAC_1_SQRT_2 }
    }

    /// The bits of a second that say where in a bridge it lies.
    #[inline]
    const fn mask(self) -> u32 {
        (self.half << 1).wrapping_sub(1)
    }

    /// The middle of the bridge that holds a moment \[s\].
    #[inline]
    const fn middle(self, at: Moment) -> u64 {
        (at.second & !(self.mask() as u64)) | self.half as u64
    }

    /// How high the tents over the bridges that hold some moments are there: the distance from the nearer end, scaled.
    #[inline]
    fn heights<const N: usize>(self, at: [Moment; N]) -> [f64; N] {
        at.map(|at| {
            let passed = f64::from(low_bits(at.second) & self.mask().cast_signed()) + at.rest;
            let left = self.length_s - passed;
            // Neither is ever not a number, after which `f64::min` would look.
            self.scale * if passed < left { passed } else { left }
        })
    }
}

/// The lower half of the bits of a number. Signed integers become real numbers in one instruction, two of them at a time.
#[expect(clippy::cast_possible_truncation, reason = "the lower half")]
#[inline]
const fn low_bits(second: u64) -> i32 {
    (second as u32).cast_signed()
}

impl Moment {
    fn at(nanos: u64) -> Self {
        assert!(nanos / NANOS_PER_SECOND < 1 << 31, "no path is longer than 68 years");
        Self { second: nanos / NANOS_PER_SECOND, rest: (nanos % NANOS_PER_SECOND) as f64 / NANOS_PER_SECOND as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = NANOS_PER_SECOND;

    fn path(key: u64) -> BrownianPath {
        BrownianPath::new(mix(key))
    }

    /// Increments of `paths` paths over `count` successive steps of `step` seconds, from `from` seconds on.
    fn rises(paths: u64, from: u64, step: u64, count: u64) -> Vec<f64> {
        let of = |key| {
            let at = move |number| (from + number * step) * SECOND;
            (0..count).map(move |number| path(key).rise(at(number), at(number + 1)))
        };
        (0..paths).flat_map(of).collect()
    }

    /// The definition, bridge by bridge.
    fn plainly(path: BrownianPath, [from, until]: [u64; 2]) -> f64 {
        let [from, until] = [from, until].map(Moment::at);
        let octave = octave_of(from.second);
        if octave != octave_of(until.second) {
            return path.value(until) - path.value(from);
        }
        let mut sum = path.line(octave, until) - path.line(octave, from);
        let mut scale = 1.0;
        for exponent in 1..=octave.checked_ilog2().unwrap_or(0) {
            scale *= std::f64::consts::FRAC_1_SQRT_2;
            let length = 1_u64 << exponent;
            let middle = |at: Moment| at.second / length * length + length / 2;
            let height = |at: Moment| {
                let passed = (at.second % length) as f64 + at.rest;
                passed.min(length as f64 - passed) * scale
            };
            let (before, after) = (height(from), height(until));
            sum += if middle(from) == middle(until) {
                (after - before) * path.normal(middle(from))
            } else {
                after * path.normal(middle(until)) - before * path.normal(middle(from))
            };
        }
        sum
    }

    #[test]
    fn the_fast_way_has_the_same_bits() {
        let path = path(9);
        for number in 0..3_000_u64 {
            let from = mix(number) % (1 << (20 + number % 39));
            let until = from + mix(number + 1) % (1 << (10 + number % 47));
            let moments = if number % 5 == 0 { [until, from] } else { [from, until] };
            let (rise, expected) = (path.rise(moments[0], moments[1]), plainly(path, moments));
            assert_eq!(rise.to_bits(), expected.to_bits(), "{moments:?}");
        }
    }

    fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
        let count = values.len() as f64;
        values.sum::<f64>() / count
    }

    /// The bounds hold with probability 0.9999 for normal increments: 4 standard deviations of the mean of squares, and of
    /// fourth powers.
    #[test]
    fn increments_are_normal_with_the_variance_of_their_length() {
        for (from, step) in [(0, 1), (3, 1), (1_000, 7), (0, 60), (90_000, 1_200), (123_456, 30_600), (0, 1 << 20)] {
            let rises = rises(1_000, from, step, 20);
            let scaled: Vec<f64> = rises.iter().map(|rise| rise / (step as f64).sqrt()).collect();
            let size = scaled.len() as f64;
            let moment = |power: f64| mean(scaled.iter().map(|value| libm::pow(*value, power)));
            assert!(moment(1.0).abs() < 4.0 / size.sqrt(), "mean {} from {from}, steps of {step}", moment(1.0));
            let variance = moment(2.0);
            assert!(
                (variance - 1.0).abs() < 4.0 * (2.0 / size).sqrt(),
                "variance {variance} from {from}, steps of {step}"
            );
            let kurtosis = moment(4.0) / (variance * variance);
            let tolerance = 0.05 + 4.0 * (24.0 / size).sqrt();
            assert!((kurtosis - 3.0).abs() < tolerance, "kurtosis {kurtosis} from {from}, steps of {step}");
        }
    }

    #[test]
    fn successive_increments_are_uncorrelated_and_so_are_paths() {
        for (from, step) in [(0, 1), (777, 60), (5_000, 1_200), (0, 65_536)] {
            let rises = rises(2_000, from, step, 11);
            let product = |lag: usize| {
                let of_path =
                    rises.chunks(11).flat_map(|path| path.windows(lag + 1).map(move |pair| pair[0] * pair[lag]));
                of_path.collect::<Vec<f64>>()
            };
            let others: Vec<f64> = rises.windows(12).map(|pair| pair[0] * pair[11]).collect();
            for (what, products) in [("next", product(1)), ("second next", product(2)), ("other path", others)] {
                let size = products.len() as f64;
                let correlation = mean(products.into_iter()) / step as f64;
                assert!(correlation.abs() < 4.0 / size.sqrt(), "{what}: {correlation} from {from}, steps of {step}");
            }
        }
    }

    /// The bridge by bridge construction itself.
    fn constructed(path: BrownianPath, second: u64) -> f64 {
        let octave = octave_of(second);
        let (mut begin, mut end) = (octave, octave + octave.max(1));
        let mut values =
            [path.value(Moment { second: begin, rest: 0.0 }), path.value(Moment { second: end, rest: 0.0 })];
        while end - begin > 1 {
            let middle = begin.midpoint(end);
            let deviation = 0.5 * ((end - begin) as f64).sqrt();
            let value = f64::midpoint(values[0], values[1]) + deviation * path.normal(middle);
            if second < middle {
                (end, values[1]) = (middle, value);
            } else {
                (begin, values[0]) = (middle, value);
            }
        }
        values[0]
    }

    #[test]
    fn the_sum_of_tents_is_the_construction_by_bridges() {
        for second in (0..200).chain([1_023, 65_537, 612_345, 987_654_321]) {
            let path = path(second);
            let summed = path.value(Moment { second, rest: 0.0 });
            assert!((summed - constructed(path, second)).abs() < 1e-7, "at {second}");
        }
    }

    /// Whatever is asked, and in whatever order, is a difference of the values of one path.
    #[test]
    fn rises_add_up() {
        let moments = [0, 1, SECOND / 2, SECOND, 3 * SECOND + 5, 4 * SECOND, 1_000_000 * SECOND + 17, 1 << 60];
        for key in 0..20 {
            let path = path(key);
            for from in moments {
                for until in moments {
                    let direct = path.rise(from, until);
                    assert!((direct + path.rise(until, from)).abs() < 1e-9);
                    for over in moments {
                        let sum = path.rise(from, over) + path.rise(over, until);
                        assert!((direct - sum).abs() < 1e-7, "{direct} or {sum}: {from}, {over}, {until}");
                    }
                }
            }
        }
    }

    #[test]
    fn between_whole_seconds_the_path_is_a_line() {
        let path = path(5);
        for second in [0, 1, 1_023, 1_024, 99_999] {
            let whole = path.rise(second * SECOND, (second + 1) * SECOND);
            let quarter = path.rise(second * SECOND, second * SECOND + SECOND / 4);
            assert!((quarter - whole / 4.0).abs() < 1e-9);
        }
    }

    /// The numbers are part of the results' definition and never change.
    #[test]
    fn a_path_by_its_literals() {
        let path = BrownianPath::new(42);
        let rises = [(0, SECOND), (SECOND, 3 * SECOND), (100_000 * SECOND, 101_200 * SECOND + SECOND / 2)]
            .map(|(from, until)| format!("{:.9}", path.rise(from, until)));
        assert_eq!(rises, ["0.250000000", "-0.810660172", "25.812639613"]);
    }
}
