//! Weighted choices among numbered alternatives; one draw each.

use super::stream::Stream;

/// A choice among alternatives whose weights stay the same, prepared for many draws.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedChoice {
    /// Sums of the weights up to and including each alternative.
    cumulative: Vec<f64>,
}

impl WeightedChoice {
    /// A choice in which the alternative `i` has a probability proportional to `weights[i]`.
    ///
    /// # Panics
    ///
    /// If a weight is negative or not finite, or none is positive.
    #[must_use]
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let cumulative: Vec<f64> = weights
            .into_iter()
            .scan(0.0, |sum, weight| {
                *sum += checked(weight);
                Some(*sum)
            })
            .collect();
        let choice = Self { cumulative };
        assert!(choice.total() > 0.0, "a choice needs an alternative with a positive weight");
        choice
    }

    /// The index of one alternative; consumes one draw.
    pub fn pick(&self, stream: &mut Stream) -> usize {
        let target = stream.unit() * self.total();
        let index = self.cumulative.partition_point(|&sum| sum <= target);
        // Rounding can reach the total, which belongs to the last alternative that has any weight.
        if index < self.cumulative.len() { index } else { self.cumulative.partition_point(|&sum| sum < self.total()) }
    }

    /// Number of alternatives.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cumulative.len()
    }

    /// Whether there are no alternatives, which cannot be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cumulative.is_empty()
    }

    fn total(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or(0.0)
    }

    /// Share of the weight that the first `count` alternatives have.
    fn share_of_first(&self, count: usize) -> f64 {
        count.checked_sub(1).map_or(0.0, |last| self.cumulative[last] / self.total())
    }

    fn weight(&self, index: usize) -> f64 {
        self.cumulative[index] - index.checked_sub(1).map_or(0.0, |previous| self.cumulative[previous])
    }
}

fn checked(weight: f64) -> f64 {
    assert!(weight >= 0.0 && weight.is_finite(), "{weight} is not a weight");
    weight
}

/// Zipf's law: the rank r, counted from 0, has a probability proportional to 1 / (r + 1)^exponent.
#[derive(Clone, Debug, PartialEq)]
pub struct Zipf {
    ranks: WeightedChoice,
}

impl Zipf {
    /// Rejection is used while a draw is new with at least this probability.
    const REJECTION_SHARE_MIN: f64 = 0.1;

    /// The law over `n` ranks; with the exponent 0 all are alike.
    ///
    /// # Panics
    ///
    /// If `n` is 0, or `exponent` negative or not finite.
    #[must_use]
    pub fn new(n: u32, exponent: f64) -> Self {
        assert!(n > 0, "Zipf's law needs a rank");
        assert!(exponent >= 0.0 && exponent.is_finite(), "{exponent} is not an exponent of Zipf's law");
        Self { ranks: WeightedChoice::new((1..=n).map(|rank| libm::pow(f64::from(rank), -exponent))) }
    }

    /// Number of ranks.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.ranks.len()).expect("built from a u32")
    }

    /// Whether there are no ranks, which cannot be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    /// One rank; consumes one draw.
    pub fn sample(&self, stream: &mut Stream) -> u32 {
        u32::try_from(self.ranks.pick(stream)).expect("built from a u32")
    }

    /// Replaces the contents of `out` by `count` distinct ranks in the order in which they are drawn: each with the
    /// probabilities of Zipf's law among those not yet drawn.
    ///
    /// Consumes as many draws as it takes: for sequential streams only.
    ///
    /// # Panics
    ///
    /// If `count` is more than the number of ranks.
    pub fn sample_distinct(&self, stream: &mut Stream, count: u32, out: &mut Vec<u32>) {
        assert!(count <= self.len(), "{count} distinct ranks of {}", self.len());
        out.clear();
        // Even when the most popular ones are all taken, a draw is new with the probability of the rest.
        if 1.0 - self.ranks.share_of_first(count as usize) >= Self::REJECTION_SHARE_MIN {
            self.draw_with_rejection(stream, count, out);
        } else {
            self.race(stream, count, out);
        }
    }

    fn draw_with_rejection(&self, stream: &mut Stream, count: u32, out: &mut Vec<u32>) {
        let mut taken = vec![false; self.ranks.len()];
        while out.len() < count as usize {
            let rank = self.sample(stream);
            if !std::mem::replace(&mut taken[rank as usize], true) {
                out.push(rank);
            }
        }
    }

    /// Exponential clocks whose rates are the weights ring in the order of draws without replacement (Efraimidis and
    /// Spirakis, *Weighted random sampling with a reservoir*, 2006); one draw per rank, however few are left.
    fn race(&self, stream: &mut Stream, count: u32, out: &mut Vec<u32>) {
        let mut clocks: Vec<(f64, u32)> = (0..self.len())
            .map(|rank| {
                let weight = self.ranks.weight(rank as usize);
                (-libm::log(stream.open_unit()) / weight, rank)
            })
            .collect();
        clocks.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        out.extend(clocks[..count as usize].iter().map(|&(_, rank)| rank));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Entity, Purpose, Streams};

    fn stream() -> Stream {
        Streams::new(42, 0).stream(Purpose::Watchlist, Entity::indexed(0))
    }

    /// Fails where a count is more than five standard deviations from its expectation.
    fn assert_counts(counts: &[u32], probabilities: &[f64]) {
        let total: f64 = counts.iter().copied().map(f64::from).sum();
        for (index, (&count, &probability)) in counts.iter().zip(probabilities).enumerate() {
            let deviation = (total * probability * (1.0 - probability)).sqrt();
            let difference = (f64::from(count) - total * probability).abs();
            assert!(difference <= 5.0 * deviation, "{index}: {count} of {total}, not {probability}");
        }
    }

    #[test]
    fn alternatives_are_picked_by_weight() {
        let choice = WeightedChoice::new([1.0, 0.0, 3.0, 0.0]);
        let mut stream = stream();
        let mut counts = [0; 4];
        for _ in 0..40_000 {
            counts[choice.pick(&mut stream)] += 1;
        }
        assert_counts(&counts, &[0.25, 0.0, 0.75, 0.0]);
    }

    #[test]
    #[should_panic(expected = "needs an alternative with a positive weight")]
    fn a_choice_without_alternatives_is_a_bug() {
        let _ = WeightedChoice::new([]);
    }

    #[test]
    #[should_panic(expected = "NaN is not a weight")]
    fn a_weight_is_a_number() {
        let _ = WeightedChoice::new([1.0, f64::NAN]);
    }

    #[test]
    fn ranks_follow_the_law() {
        let zipf = Zipf::new(5, 1.0);
        let mut stream = stream();
        let mut counts = [0; 5];
        for _ in 0..100_000 {
            counts[zipf.sample(&mut stream) as usize] += 1;
        }
        let harmonic = 137.0 / 60.0;
        let probabilities = [1.0, 2.0, 3.0, 4.0, 5.0].map(|rank: f64| 1.0 / (rank * harmonic));
        assert_counts(&counts, &probabilities);
    }

    #[test]
    fn the_first_ranks_are_pinned() {
        let zipf = Zipf::new(2_000, 1.0);
        let mut stream = stream();
        assert_eq!([0; 6].map(|_: u32| zipf.sample(&mut stream)), [595, 3, 1, 570, 3, 261]);
    }

    /// The first two of three ranks, drawn without replacement, by both methods.
    #[test]
    fn distinct_ranks_are_drawn_by_the_weights_of_those_left() {
        type Method = fn(&Zipf, &mut Stream, u32, &mut Vec<u32>);
        let methods: [Method; 2] = [Zipf::draw_with_rejection, Zipf::race];
        let zipf = Zipf::new(3, 1.0);
        let weights = [6.0, 3.0, 2.0];
        let orders: [[u32; 2]; 6] = [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]];
        let probabilities = orders.map(|order| {
            let [first, second] = order.map(|rank| weights[rank as usize]);
            first / 11.0 * second / (11.0 - first)
        });
        for method in methods {
            let mut stream = stream();
            let mut counts = [0; 6];
            let mut out = Vec::new();
            for _ in 0..60_000 {
                out.clear();
                method(&zipf, &mut stream, 2, &mut out);
                let index = orders.iter().position(|order| order == &out[..]);
                counts[index.expect("two distinct ranks")] += 1;
            }
            assert_counts(&counts, &probabilities);
        }
    }

    #[test]
    fn any_number_of_distinct_ranks_can_be_drawn() {
        for exponent in [0.0, 1.0, 3.0] {
            let zipf = Zipf::new(50, exponent);
            let mut out = Vec::new();
            for count in 0..=50 {
                zipf.sample_distinct(&mut stream(), count, &mut out);
                let mut sorted = out.clone();
                sorted.sort_unstable();
                sorted.dedup();
                assert_eq!(sorted.len(), count as usize);
            }
        }
    }
}
