//! Searches for the largest value of a parameter for which an objective holds, by bisection, and for the set of values
//! among which chance alone could decide.

use std::collections::BTreeMap;

use super::{Estimate, share_interval};

/// Searches an ordered grid of values, numbered from 0, for the last value that keeps an objective. The values up to it
/// must keep the objective, and those beyond must not.
///
/// All values are judged by as many replications, with the same luck. The search looks for three boundaries, each by
/// bisection. Up to the first, the *mean* holds the objective: this is the answer. Up to the second, the *whole
/// interval* of the mean holds it: the objective surely holds. From the third on, the whole interval does not: the
/// objective surely fails.
///
/// The values between the last two boundaries form the confidence set of the true boundary. A value is in this set if
/// the t test at that value cannot tell, which is the inversion of a test, as in Fieller's method. The set therefore
/// covers the truth as often as the intervals of means cover theirs, provided that the mean is monotone in the
/// parameter.
///
/// If both ends are judged alike, bisection has nothing to start from, and the ends do not tell what lies between: a
/// wait may fall before it rises. *Never* and *always* must not be said of values that nobody has seen. The search
/// therefore first looks at values all over the range. They are always the same ones, [`LOOKS`] in all with the ends,
/// whatever the first of them tell.
///
/// A value that cannot be judged ends the search, since what lies beyond it would have to be guessed.
#[derive(Clone, Debug)]
pub struct CapacitySearch {
    length: usize,
    judged: BTreeMap<usize, Judgement>,
}

/// What is known of one value of the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The whole interval holds the objective: that of the mean, or of the share of networks that keep a limit.
    SurelyHolds,
    /// The mean (or the share that was seen) does, but not the whole interval.
    Holds,
    /// The mean (or the share that was seen) does not, but a part of the interval does.
    Fails,
    /// No part of the interval holds the objective.
    SurelyFails,
    /// There is nothing to judge: some replication does not determine the number.
    Unknown,
}

impl Judgement {
    /// The judgement on `estimate`, which must be at most (or else at least) `limit`. Without an estimate the judgement
    /// is not a failure: the waits may not have ended, but there may also have been too few to tell, or nothing to
    /// compare with.
    #[must_use]
    pub fn of(estimate: Option<Estimate>, at_most: bool, limit: f64) -> Self {
        let Some(estimate) = estimate else { return Self::Unknown };
        let sign = if at_most { 1.0 } else { -1.0 };
        let margin = sign * (limit - estimate.mean);
        // One replication is not enough to be sure.
        let half_width = estimate.half_width.unwrap_or(f64::INFINITY);
        match margin >= 0.0 {
            true if margin >= half_width => Self::SurelyHolds,
            true => Self::Holds,
            false if -margin > half_width => Self::SurelyFails,
            false => Self::Fails,
        }
    }

    /// The judgement on a share of which `kept` of `trials` replications keep the limit, if it shall be at least `share`: the
    /// exact interval of the share decides what is sure.
    #[must_use]
    pub fn of_share((kept, trials): (usize, usize), share: f64, confidence: f64) -> Self {
        let (low, high) = share_interval(kept, trials, confidence);
        match kept as f64 / trials as f64 >= share {
            true if low >= share => Self::SurelyHolds,
            true => Self::Holds,
            false if high < share => Self::SurelyFails,
            false => Self::Fails,
        }
    }

    /// Whether what was seen does not hold the objective.
    #[must_use]
    pub const fn fails(self) -> bool {
        matches!(self, Self::Fails | Self::SurelyFails)
    }

    /// Whether what was seen holds the objective.
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Holds | Self::SurelyHolds)
    }

    /// Whether the judgement is sure: chance could not have decided otherwise.
    #[must_use]
    pub const fn is_sure(self) -> bool {
        matches!(self, Self::SurelyHolds | Self::SurelyFails)
    }
}

/// Number of values that are looked at before *never* or *always* is said. They are evenly spread over the range and
/// include both of its ends.
pub const LOOKS: usize = 9;

/// What a search has found. Values are named by their numbers in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// The objective holds at no value that was looked at.
    Never {
        /// Whether chance could not have decided otherwise at any of them.
        surely: bool,
    },
    /// The objective holds at all values that were looked at.
    Always {
        /// Whether chance could not have decided otherwise at any of them.
        surely: bool,
    },
    /// The objective fails at the first value and holds at the last: the search goes in the wrong direction.
    AtFarEnd {
        /// Whether chance could not have decided otherwise at either end.
        surely: bool,
    },
    /// The objective fails at both ends and holds between them: there are at least two boundaries.
    Inside {
        /// Whether chance could not have decided otherwise at the ends and at one of the values where the objective
        /// holds.
        surely: bool,
    },
    /// The objective holds at both ends and fails between them: there are at least two boundaries.
    Outside {
        /// Whether chance could not have decided otherwise at the ends and at one of the values where the objective
        /// fails.
        surely: bool,
    },
    /// Nothing can be told, since a value could not be judged.
    Unknown {
        /// The first value that could not be judged.
        value: usize,
    },
    /// The objective holds up to some value, and not beyond.
    UpTo {
        /// The last value for which the mean holds the objective.
        answer: usize,
        /// The last value that surely holds it; `None` if not even the first does.
        low: Option<usize>,
        /// The first value that surely fails; `None` if not even the last does.
        high: Option<usize>,
    },
}

impl CapacitySearch {
    /// A search among `length` values.
    ///
    /// # Panics
    ///
    /// If `length` is 0.
    #[must_use]
    pub fn new(length: usize) -> Self {
        assert!(length > 0, "a search among no values");
        Self { length, judged: BTreeMap::new() }
    }

    /// The values that must be judged next, all of them; none when the search has ended.
    #[must_use]
    pub fn next(&self) -> Vec<usize> {
        if self.unknown().is_some() {
            return Vec::new();
        }
        let ends: Vec<usize> = [0, self.length - 1].into_iter().filter(|end| !self.judged.contains_key(end)).collect();
        if !ends.is_empty() {
            return if self.length == 1 { vec![0] } else { ends };
        }
        let holds_at = |value: usize| self.judged[&value].holds();
        if holds_at(0) == holds_at(self.length - 1) {
            return self.looks().filter(|look| !self.judged.contains_key(look)).collect();
        }
        let mut next: Vec<usize> = BOUNDARIES.iter().filter_map(|boundary| self.middle(*boundary)).collect();
        next.sort_unstable();
        next.dedup();
        next
    }

    /// Notes the judgement on a value.
    pub fn tell(&mut self, value: usize, judgement: Judgement) {
        self.judged.insert(value, judgement);
    }

    /// The most values at which a search among `length` of them can look: those at which it always looks, and those of
    /// three bisections.
    #[must_use]
    pub fn most_looks(length: usize) -> usize {
        let bisection = length.next_power_of_two().trailing_zeros() as usize;
        length.min(LOOKS + BOUNDARIES.len() * bisection)
    }

    /// What was found, once [`CapacitySearch::next`] has nothing more to ask.
    #[must_use]
    pub fn outcome(&self) -> Capacity {
        if let Some(value) = self.unknown() {
            return Capacity::Unknown { value };
        }
        let holds_at = |value: usize| self.judgement(value).is_some_and(Judgement::holds);
        let (first, last) = (holds_at(0), holds_at(self.length - 1));
        let all_alike = self.judged.values().all(|judgement| judgement.holds() == first);
        let surely = self.judged.values().all(|judgement| judgement.is_sure());
        let sure_ends = [0, self.length - 1].into_iter().all(|end| self.judged[&end].is_sure());
        let surely_some = |which: Judgement| self.judged.values().any(|judgement| *judgement == which);
        match (first, last) {
            (false, false) if all_alike => Capacity::Never { surely },
            (true, true) if all_alike => Capacity::Always { surely },
            // *Inside* and *outside* claim something of both ends and of a value between them.
            (false, false) => Capacity::Inside { surely: sure_ends && surely_some(Judgement::SurelyHolds) },
            (true, true) => Capacity::Outside { surely: sure_ends && surely_some(Judgement::SurelyFails) },
            (false, true) => Capacity::AtFarEnd { surely: sure_ends },
            (true, false) => {
                let [low, answer, high] = BOUNDARIES.map(|boundary| self.last_within(boundary));
                let surely_fails = high.map_or(Some(0), |last| Some(last + 1).filter(|first| *first < self.length));
                Capacity::UpTo { answer: answer.expect("the first value holds"), low, high: surely_fails }
            }
        }
    }

    /// The values that were judged, with their judgements, in the order of the grid.
    pub fn judged(&self) -> impl Iterator<Item = (usize, Judgement)> {
        self.judged.iter().map(|(value, judgement)| (*value, *judgement))
    }

    /// The judgement on a value, if there is one.
    #[must_use]
    pub fn judgement(&self, value: usize) -> Option<Judgement> {
        self.judged.get(&value).copied()
    }

    /// Pairs of values whose judgements contradict a single boundary: the smaller value fails and the larger one holds,
    /// and at least one of the two is sure. If both are unsure, it may well be chance.
    #[must_use]
    pub fn contradictions(&self) -> Vec<(usize, usize)> {
        let pairs = self.judged.keys().flat_map(|smaller| self.judged.keys().map(move |larger| (*smaller, *larger)));
        pairs.filter(|(smaller, larger)| self.contradict(*smaller, *larger)).collect()
    }

    fn contradict(&self, smaller: usize, larger: usize) -> bool {
        let Some((fails, holds)) = self.judgement(smaller).zip(self.judgement(larger)) else { return false };
        smaller < larger && fails.fails() && holds.holds() && (fails.is_sure() || holds.is_sure())
    }

    /// The values at which the search looks if both ends are judged alike.
    fn looks(&self) -> impl Iterator<Item = usize> {
        let (steps, last) = (LOOKS - 1, self.length - 1);
        let mut looks: Vec<usize> = (0..=steps).map(|step| (step * last + steps / 2) / steps).collect();
        looks.dedup();
        looks.into_iter()
    }

    /// The first value that could not be judged.
    fn unknown(&self) -> Option<usize> {
        self.judged.iter().find(|(_, judgement)| **judgement == Judgement::Unknown).map(|(value, _)| *value)
    }

    /// The last judged value before the first that is known to lie beyond the boundary.
    fn last_within(&self, boundary: Judgement) -> Option<usize> {
        self.bracket(boundary).0
    }

    /// The middle between the last judged value within the boundary and the first beyond it; `None` if no value lies
    /// between them.
    fn middle(&self, boundary: Judgement) -> Option<usize> {
        match self.bracket(boundary) {
            (Some(within), Some(beyond)) if within + 1 < beyond => Some(usize::midpoint(within, beyond)),
            _ => None,
        }
    }

    /// The last judged value within the boundary and before every judged value beyond it, then the first judged value
    /// beyond it.
    fn bracket(&self, boundary: Judgement) -> (Option<usize>, Option<usize>) {
        let is_beyond = |judgement: Judgement| judgement as u8 > boundary as u8;
        let beyond = self.judged.iter().find(|(_, judgement)| is_beyond(**judgement)).map(|(value, _)| *value);
        let until = beyond.unwrap_or(self.length);
        (self.judged.range(..until).next_back().map(|(value, _)| *value), beyond)
    }
}

/// The worst judgement within each of the three boundaries: surely holds, holds, and does not surely fail.
const BOUNDARIES: [Judgement; 3] = [Judgement::SurelyHolds, Judgement::Holds, Judgement::Fails];

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches the values 0..length. The mean of each is the value itself, the limit is `limit`, and all half-widths
    /// are `half_width`.
    fn found(length: usize, limit: f64, half_width: f64) -> (Capacity, usize) {
        let mut search = CapacitySearch::new(length);
        let mut judged = 0;
        loop {
            let next = search.next();
            if next.is_empty() {
                return (search.outcome(), judged);
            }
            for value in next {
                let estimate = Estimate {
                    mean: value as f64,
                    half_width: Some(half_width),
                    standard_deviation: Some(1.0),
                    count: 10,
                };
                search.tell(value, Judgement::of(Some(estimate), true, limit));
                judged += 1;
            }
        }
    }

    #[test]
    fn three_boundaries_are_found_in_a_few_steps() {
        let (capacity, judged) = found(1_000, 400.5, 50.0);
        assert_eq!(capacity, Capacity::UpTo { answer: 400, low: Some(350), high: Some(451) });
        assert!(judged <= 2 + 3 * 10, "{judged} values were judged");
    }

    #[test]
    fn every_limit_is_found_exactly() {
        for length in [1, 2, 3, 10, 17] {
            for limit in 0..=length {
                let limit_between = limit as f64 - 0.5;
                let expected = match limit {
                    0 => Capacity::Never { surely: true },
                    _ if limit == length => Capacity::Always { surely: true },
                    _ => Capacity::UpTo { answer: limit - 1, low: Some(limit - 1), high: Some(limit) },
                };
                assert_eq!(found(length, limit_between, 0.1).0, expected, "{limit} of {length}");
            }
        }
    }

    #[test]
    fn wide_intervals_are_sure_of_nothing() {
        assert_eq!(found(10, 4.5, 100.0).0, Capacity::UpTo { answer: 4, low: None, high: None });
        assert_eq!(found(10, 20.0, 100.0).0, Capacity::Always { surely: false });
        assert_eq!(found(10, -20.0, 100.0).0, Capacity::Never { surely: false });
    }

    #[test]
    fn what_has_no_mean_is_not_known_and_one_replication_is_never_sure() {
        assert_eq!(Judgement::of(None, true, 1.0), Judgement::Unknown);
        let single = Estimate { mean: 0.5, half_width: None, standard_deviation: None, count: 1 };
        assert_eq!(Judgement::of(Some(single), true, 1.0), Judgement::Holds);
        assert_eq!(Judgement::of(Some(single), false, 1.0), Judgement::Fails);
    }

    #[test]
    fn the_interval_of_a_share_decides_what_is_sure() {
        let judged = |kept, trials| Judgement::of_share((kept, trials), 0.9, 0.95);
        // 35 of 35 may be luck: 0.9^35 is 2.503 %.
        assert_eq!(
            [judged(35, 35), judged(36, 36), judged(35, 36)],
            [Judgement::Holds, Judgement::SurelyHolds, Judgement::Holds]
        );
        assert_eq!([judged(9, 10), judged(8, 10)], [Judgement::Holds, Judgement::Fails]);
        // One network of one that breaks the limit: the share is at most 97.5 %.
        assert_eq!(judged(0, 1), Judgement::Fails);
        // 7 of 10: at most 93.3 %; 5 of 10: at most 81.3 %.
        assert_eq!([judged(7, 10), judged(5, 10)], [Judgement::Fails, Judgement::SurelyFails]);
    }

    fn told(judgements: &[Judgement]) -> CapacitySearch {
        let mut search = CapacitySearch::new(judgements.len());
        judgements.iter().enumerate().for_each(|(value, judgement)| search.tell(value, *judgement));
        search
    }

    #[test]
    fn contradictions_are_noticed_unless_chance_can_explain_them() {
        use Judgement::{Fails, Holds, SurelyFails, SurelyHolds};
        assert_eq!(told(&[SurelyFails, Holds, SurelyHolds]).contradictions(), [(0, 1), (0, 2)]);
        assert_eq!(told(&[SurelyHolds, Fails, SurelyHolds]).contradictions(), [(1, 2)]);
        assert_eq!(told(&[Holds, SurelyFails, Holds]).contradictions(), [(1, 2)]);
        assert_eq!(told(&[Holds, Fails, Holds, SurelyFails]).contradictions(), []);
    }

    #[test]
    fn what_holds_at_the_far_end_does_not_hold_never() {
        use Judgement::{Fails, Holds, SurelyFails, SurelyHolds};
        assert_eq!(told(&[SurelyFails, SurelyHolds]).outcome(), Capacity::AtFarEnd { surely: true });
        assert_eq!(told(&[Fails, SurelyHolds]).outcome(), Capacity::AtFarEnd { surely: false });
        assert_eq!(told(&[SurelyFails, Holds]).outcome(), Capacity::AtFarEnd { surely: false });
        assert_eq!(told(&[Fails, Holds]).outcome(), Capacity::AtFarEnd { surely: false });
        assert_eq!(told(&[SurelyFails, Fails]).outcome(), Capacity::Never { surely: false });
    }

    /// The outcome of a search among `length` values, and how many of them were judged. All judgements are sure: a
    /// value holds if `holds` says so.
    fn searched(length: usize, holds: impl Fn(usize) -> bool) -> (Capacity, usize) {
        let mut search = CapacitySearch::new(length);
        loop {
            let next = search.next();
            if next.is_empty() {
                let looked_at = search.judged().count();
                assert!(looked_at <= CapacitySearch::most_looks(length), "{looked_at} of {length}");
                return (search.outcome(), looked_at);
            }
            for value in next {
                assert_eq!(search.judgement(value), None, "{value} is judged once");
                let judgement = if holds(value) { Judgement::SurelyHolds } else { Judgement::SurelyFails };
                search.tell(value, judgement);
            }
        }
    }

    /// For any shape: *never* and *always* are true of all values that were looked at, and these are evenly spread.
    #[test]
    fn never_and_always_are_said_after_a_look_inside() {
        for length in 2..200 {
            for width in 1..length {
                let from = (length - width) / 2;
                let inside = |value: usize| (from..from + width).contains(&value);
                // A hill or valley that is at least as wide as the distance between two looks is seen.
                let is_seen = width >= length.div_ceil(LOOKS - 1) && from > 0 && from + width < length;
                let (hill, looked_at) = searched(length, inside);
                let (valley, _) = searched(length, |value| !inside(value));
                if is_seen {
                    let surely = true;
                    assert_eq!((hill, valley), (Capacity::Inside { surely }, Capacity::Outside { surely }), "{length}");
                    assert_eq!(looked_at, length.min(LOOKS));
                }
                if length <= LOOKS && from > 0 && from + width < length {
                    assert!(is_seen || matches!(hill, Capacity::Inside { .. }), "all of {length} values are looked at");
                }
            }
            assert_eq!(searched(length, |_| false), (Capacity::Never { surely: true }, length.min(LOOKS)));
            assert_eq!(searched(length, |_| true), (Capacity::Always { surely: true }, length.min(LOOKS)));
        }
    }

    #[test]
    fn what_chance_could_have_decided_is_not_sure() {
        use Judgement::{Fails, Holds, SurelyFails, SurelyHolds};
        assert_eq!(told(&[Fails, Holds, Fails]).outcome(), Capacity::Inside { surely: false });
        assert_eq!(told(&[Fails, SurelyHolds, Fails]).outcome(), Capacity::Inside { surely: false });
        assert_eq!(told(&[SurelyFails, Holds, SurelyFails]).outcome(), Capacity::Inside { surely: false });
        assert_eq!(told(&[Holds, Fails, SurelyHolds]).outcome(), Capacity::Outside { surely: false });
        assert_eq!(told(&[Holds, SurelyFails, Holds]).outcome(), Capacity::Outside { surely: false });
        assert_eq!(told(&[SurelyHolds, SurelyFails, SurelyHolds]).outcome(), Capacity::Outside { surely: true });
        assert_eq!(told(&[SurelyHolds, Holds, SurelyHolds]).outcome(), Capacity::Always { surely: false });
        assert_eq!(told(&[SurelyFails, Fails, SurelyFails]).outcome(), Capacity::Never { surely: false });
    }

    /// The search meets a value that cannot be judged, at the end of the range or on the way.
    #[test]
    fn what_cannot_be_judged_ends_the_search() {
        let mut search = CapacitySearch::new(1_000);
        search.tell(0, Judgement::SurelyHolds);
        search.tell(999, Judgement::Unknown);
        assert_eq!((search.next(), search.outcome()), (vec![], Capacity::Unknown { value: 999 }));
        let mut search = CapacitySearch::new(1_000);
        search.tell(0, Judgement::SurelyHolds);
        search.tell(999, Judgement::SurelyFails);
        let middle = search.next()[0];
        search.tell(middle, Judgement::Unknown);
        assert_eq!((search.next(), search.outcome()), (vec![], Capacity::Unknown { value: middle }));
        assert_eq!(search.contradictions(), []);
    }
}
