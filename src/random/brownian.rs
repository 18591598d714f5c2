//! Brownian paths without tables: the value at any moment follows from the key of the path and the moment alone, whoever asks for
//! what in whatever order.

use super::streams::mix;

/// A standard Brownian motion: it begins at 0, and its increment over t seconds is normal with mean 0 and variance t.
///
/// Source: Lévy's construction by bridges. The path between two moments whose values are known has at its middle the mean of
/// both plus a normal number of its own. Each whole second has one such number. The whole seconds that are powers of two continue
/// the path beyond the one before; each other one is the middle of exactly one bridge. Between two whole seconds the path is a
/// straight line.
///
/// A number counts the ones in 64 random bits: the binomial distribution has mean 32 and standard deviation 4, and its kurtosis is
/// 2.97 instead of 3. An increment sums up one of them for each bridge that it meets, and so is closer to normal still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrownianPath {
    key: u64,
}

/// A piece of a path.
#[derive(Clone, Copy, Debug)]
struct Bridge {
    /// The whole second at which it begins.
    begin: u64,
    /// Its length in seconds: a power of two.
    length: u64,
    /// The values at both ends.
    values: [f64; 2],
    /// Standard deviation of its middle, given both ends.
    deviation: f64,
}

/// A moment: the whole seconds before it, and the rest.
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
    #[must_use]
    pub fn rise(self, from_nanos: u64, until_nanos: u64) -> f64 {
        let [from, until] = [from_nanos, until_nanos].map(Moment::at);
        if octave(from.second) != octave(until.second) {
            return self.value(until) - self.value(from);
        }
        // What both have in common does not change their difference.
        let mut bridge = self.octave_of(from.second, 0.0);
        while bridge.length > 1 {
            let (left, right) = self.halves(&bridge);
            bridge = match (from.second < right.begin, until.second < right.begin) {
                (true, true) => left,
                (false, false) => right,
                (true, false) => return self.within(right, until) - self.within(left, from),
                (false, true) => return self.within(left, until) - self.within(right, from),
            };
        }
        bridge.line(until) - bridge.line(from)
    }

    fn value(self, at: Moment) -> f64 {
        let (mut begin, mut value) = (0, 0.0);
        while begin < octave(at.second) {
            let Bridge { length, values, .. } = self.octave_of(begin, value);
            (begin, value) = (begin + length, values[1]);
        }
        self.within(self.octave_of(at.second, value), at)
    }

    /// The bridge from the beginning of the octave that holds `second`, where the path is at `value`, to its end.
    fn octave_of(self, second: u64, value: f64) -> Bridge {
        let begin = octave(second);
        let length = begin.max(1);
        let root = (length as f64).sqrt();
        Bridge { begin, length, values: [value, value + root * self.normal(begin + length)], deviation: 0.5 * root }
    }

    /// The value at a moment of this bridge.
    fn within(self, mut bridge: Bridge, at: Moment) -> f64 {
        while bridge.length > 1 {
            let (left, right) = self.halves(&bridge);
            bridge = if at.second < right.begin { left } else { right };
        }
        bridge.line(at)
    }

    fn halves(self, bridge: &Bridge) -> (Bridge, Bridge) {
        let length = bridge.length / 2;
        let middle = bridge.begin + length;
        let value = f64::midpoint(bridge.values[0], bridge.values[1]) + bridge.deviation * self.normal(middle);
        let deviation = bridge.deviation * std::f64::consts::FRAC_1_SQRT_2;
        let left = Bridge { begin: bridge.begin, length, values: [bridge.values[0], value], deviation };
        (left, Bridge { begin: middle, length, values: [value, bridge.values[1]], deviation })
    }

    /// The number of a whole second: mean 0, variance 1.
    fn normal(self, second: u64) -> f64 {
        let bits = mix(self.key.wrapping_add(second.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        (f64::from(bits.count_ones()) - 32.0) / 4.0
    }
}

/// The whole second at which the octave of `second` begins: 0, 1, 2, 4, 8 and so on.
fn octave(second: u64) -> u64 {
    second.checked_ilog2().map_or(0, |exponent| 1 << exponent)
}

impl Moment {
    fn at(nanos: u64) -> Self {
        Self { second: nanos / NANOS_PER_SECOND, rest: (nanos % NANOS_PER_SECOND) as f64 / NANOS_PER_SECOND as f64 }
    }
}

impl Bridge {
    /// The value at a moment of a bridge of one second.
    fn line(&self, at: Moment) -> f64 {
        self.values[0] + at.rest * (self.values[1] - self.values[0])
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
