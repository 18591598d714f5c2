//! How long the watchlists of a group are, and how many different instruments they name together: from the distributions
//! alone, nothing is drawn.

use crate::random::Distribution;

/// Equally probable strata into which a distribution of lengths is divided.
const STRATA: u32 = 128;

/// Lengths of watchlists: a few lengths, ascending, each with its share of the lists.
#[derive(Clone, Debug)]
pub(super) struct Lengths(Vec<(f64, f64)>);

impl Lengths {
    /// The lengths that `distribution` gives, where no list is longer than `instruments`.
    pub(super) fn of(distribution: &Distribution, instruments: u32) -> Self {
        let middles = (0..STRATA).map(|stratum| (f64::from(stratum) + 0.5) / f64::from(STRATA));
        let drawn: Vec<f64> = match distribution {
            Distribution::Constant(length) => vec![*length],
            Distribution::Empirical(values) => {
                let mut ascending = values.clone();
                ascending.sort_unstable_by(f64::total_cmp);
                let ascending = Distribution::Empirical(ascending);
                middles.map(|middle| ascending.quantile(middle)).collect()
            }
            _ => middles.map(|middle| distribution.quantile(middle)).collect(),
        };
        let share = 1.0 / drawn.len() as f64;
        let mut lengths: Vec<(f64, f64)> = Vec::new();
        for length in drawn.into_iter().map(|length| length.round().clamp(1.0, f64::from(instruments).max(1.0))) {
            match lengths.last_mut().filter(|(last, _)| *last >= length) {
                Some((_, of_last)) => *of_last += share,
                None => lengths.push((length, share)),
            }
        }
        Self(lengths)
    }

    pub(super) fn mean(&self) -> f64 {
        self.0.iter().map(|(length, share)| length * share).sum()
    }

    pub(super) fn mean_square(&self) -> f64 {
        self.0.iter().map(|(length, share)| length * length * share).sum()
    }

    /// About the longest of `lists` lists.
    pub(super) fn longest_of(&self, lists: f64) -> f64 {
        let wanted = lists / (lists + 1.0);
        let mut passed = 0.0;
        let reached = self.0.iter().find(|(_, share)| {
            passed += share;
            passed >= wanted
        });
        reached.or(self.0.last()).map_or(0.0, |(length, _)| *length)
    }
}

/// Zipf's law over many ranks, grouped into a few classes of about equally popular ranks.
#[derive(Clone, Debug)]
pub(super) struct Popularity {
    /// Number of ranks, and the probability of each of them.
    classes: Vec<(f64, f64)>,
    ranks: f64,
    /// If each rank has an exponential clock whose rate is its probability: logarithms of a time, and of how many clocks have
    /// rung by then.
    rung: Vec<(f64, f64)>,
}

impl Popularity {
    /// The law over `ranks` ranks, at least one.
    pub(super) fn new(ranks: u32, exponent: f64) -> Self {
        const GROWTH: f64 = 1.1;
        let ranks = f64::from(ranks);
        let mut classes = Vec::new();
        let mut first = 1.0;
        while first <= ranks {
            let next = (first * GROWTH).ceil().clamp(first + 1.0, ranks + 1.0);
            classes.push((next - first, libm::pow((first * (next - 1.0)).sqrt(), -exponent)));
            first = next;
        }
        let all: f64 = classes.iter().map(|(count, weight)| count * weight).sum();
        for (_, weight) in &mut classes {
            *weight /= all;
        }
        let rarest = classes.last().map_or(1.0, |(_, probability)| *probability);
        let (begin, end) = (libm::log(0.01), libm::log(50.0 / rarest));
        let mut popularity = Self { classes, ranks, rung: Vec::new() };
        popularity.rung = (0..=96)
            .map(|step| {
                let time = begin + (end - begin) * f64::from(step) / 96.0;
                (time, libm::log(popularity.rung_by(libm::exp(time))))
            })
            .collect();
        popularity
    }

    /// How many of the clocks have rung at a time.
    fn rung_by(&self, time: f64) -> f64 {
        self.classes.iter().map(|(count, rate)| -count * libm::expm1(-rate * time)).sum()
    }

    /// When about `count` clocks have rung: the first to ring are a sample without replacement (see
    /// [`Zipf::sample_distinct`](crate::random::Zipf::sample_distinct)).
    fn time_of(&self, count: f64) -> f64 {
        if count >= self.ranks - 0.5 {
            return f64::INFINITY;
        }
        let wanted = libm::log(count);
        let after = self.rung.partition_point(|(_, rung)| *rung < wanted);
        match (after.checked_sub(1).map(|before| self.rung[before]), self.rung.get(after)) {
            (Some((time, rung)), Some((next_time, next_rung))) => {
                libm::exp(time + (next_time - time) * (wanted - rung) / (next_rung - rung))
            }
            // At first, nearly every ring is a new clock's.
            (None, _) => count,
            (_, None) => f64::INFINITY,
        }
    }

    /// How many different ranks `lists` lists have, if each draws the share `share` of its length by this law.
    pub(super) fn distinct(&self, lengths: &Lengths, share: f64, lists: f64) -> f64 {
        let drawn: Vec<(f64, f64)> = lengths
            .0
            .iter()
            .map(|(length, of_all)| (length * share, *of_all))
            .filter(|(drawn, _)| *drawn > 0.0)
            .map(|(drawn, of_all)| (self.time_of(drawn.min(self.ranks)), of_all))
            .collect();
        let missed = |rate: f64| -> f64 { drawn.iter().map(|(time, of_all)| of_all * libm::exp(-rate * time)).sum() };
        let found = |rate: f64| if drawn.is_empty() { 0.0 } else { 1.0 - libm::pow(missed(rate), lists) };
        self.classes.iter().map(|(count, rate)| count * found(*rate)).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::random::{Entity, Purpose, Streams, Zipf};

    #[test]
    fn what_no_list_can_have_is_cut_off() {
        // Half of the draws are negative, half beyond all: the mean is about half of the instruments, not 1.
        let lengths = Lengths::of(&Distribution::Normal { mean: 1.0, sd: 1e12 }, 1_000_000);
        assert!((lengths.mean() - 500_000.5).abs() < 1.0, "{}", lengths.mean());
        assert!(lengths.longest_of(1.0) < 1.5 && lengths.longest_of(1e3) > 999_999.5);
        let lengths = Lengths::of(&Distribution::Empirical(vec![30.0, 10.0, 20.0, 20.0]), 25);
        assert!((lengths.mean() - 18.75).abs() < 1e-9, "{}", lengths.mean());
        assert!((lengths.mean_square() - 381.25).abs() < 1e-9, "{}", lengths.mean_square());
    }

    /// Lists are drawn as the population draws them, and counted.
    #[test]
    fn different_instruments_are_as_many_as_lists_that_are_drawn_have() {
        for (ranks, exponent, length, lists) in [
            (2_000, 1.0, 40, 3),
            (2_000, 1.0, 200, 60),
            (10_000, 0.0, 500, 20),
            (10_000, 2.0, 50, 100),
            (50, 1.0, 50, 2),
        ] {
            let zipf = Zipf::new(ranks, exponent);
            let (mut seen, mut out) = (BTreeSet::new(), Vec::new());
            for list in 0..lists {
                let mut stream = Streams::new(5, 0).stream(Purpose::Watchlist, Entity::indexed(list));
                zipf.sample_distinct(&mut stream, length, &mut out);
                seen.extend(out.iter().copied());
            }
            let lengths = Lengths::of(&Distribution::Constant(f64::from(length)), ranks);
            let estimate = Popularity::new(ranks, exponent).distinct(&lengths, 1.0, lists as f64);
            let ratio = estimate / seen.len() as f64;
            assert!((0.9..1.1).contains(&ratio), "{ranks} {exponent} {length} {lists}: {estimate} of {}", seen.len());
        }
    }
}
