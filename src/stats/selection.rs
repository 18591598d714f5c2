//! Selection of the best of several alternatives under common random numbers: replications are added until only one alternative is left,
//! and a wrong choice stays as unlikely as was promised.

use super::student::student_t_half_width;

/// What is promised of a selection: if one alternative is better than all others by `zone` or more, it is chosen with the probability
/// `confidence`.
///
/// The procedure is KN with c = 1 (Kim and Nelson, *A fully sequential procedure for indifference-zone selection in simulation*, ACM
/// Transactions on Modeling and Computer Simulation 11, 2001). Its proof takes values that are normal and independent from replication to
/// replication. Within a replication they may depend on each other as they like, so that common random numbers are allowed. It may
/// look as seldom as it likes (Jennison, Johnstone and Turnbull 1982, quoted there as lemma 2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SelectionRule {
    /// Number of alternatives, 2 at least.
    pub alternatives: usize,
    /// Replications of each alternative before any is eliminated, 2 at least. Their differences say how many more it takes.
    pub first_stage: u32,
    /// The promised probability, above 1 / `alternatives` and below 1.
    pub confidence: f64,
    /// The indifference zone: the smallest difference that matters, above 0.
    pub zone: f64,
}

/// A selection under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    rule: SelectionRule,
    /// The variance of the difference of each pair over the first stage; `None` if one of the two has no mean.
    variances: Vec<Vec<Option<f64>>>,
    /// Those that may be the best.
    left: Vec<usize>,
    eliminated: Vec<Option<Elimination>>,
    /// Replications at the last look.
    looked_at: u32,
}

/// Why an alternative is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elimination {
    /// Replications of each alternative that was left when it was eliminated.
    pub replications: u32,
    /// The alternative that is better; `None` if the eliminated one has no mean.
    pub by: Option<usize>,
}

impl SelectionRule {
    /// h² of KN: an alternative is kept for up to h² S² / `zone`² replications, where S² is the variance of its difference from another.
    #[must_use]
    pub fn stretch(&self) -> f64 {
        let degrees = f64::from(self.first_stage - 1);
        let eta = 0.5 * (libm::pow(2.0 * self.error_of_a_pair(), -2.0 / degrees) - 1.0);
        2.0 * eta * degrees
    }

    /// How far the mean of an alternative may lie behind that of another after so many replications without being eliminated;
    /// `variance` is that of their difference.
    #[must_use]
    pub fn slack(&self, variance: f64, replications: u32) -> f64 {
        let reach = self.stretch() * variance / (2.0 * self.zone * f64::from(replications));
        (reach - 0.5 * self.zone).max(0.0)
    }

    /// The replications at which it is looked again after a look at `replications`. An eighth more at a time keeps several processors
    /// busy, and costs a sixteenth more than a look at each replication.
    #[must_use]
    pub fn next_look(replications: u32) -> u32 {
        replications.saturating_add(replications.div_ceil(8).max(1))
    }

    /// The probability with which any pair may be decided wrongly.
    fn error_of_a_pair(&self) -> f64 {
        (1.0 - self.confidence) / (self.alternatives - 1) as f64
    }

    /// The replications of each alternative that keep the same promise if all get as many. `variance` is the largest of the differences of
    /// any pair. Source: Clark and Yang, *A Bonferroni selection procedure when using common random numbers with unknown
    /// variances*, Winter Simulation Conference 1986.
    fn as_many_for_each(&self, variance: f64) -> f64 {
        let t = student_t_half_width((self.first_stage - 1) as usize, 1.0 - 2.0 * self.error_of_a_pair());
        (t * t * variance / (self.zone * self.zone)).ceil().max(f64::from(self.first_stage))
    }
}

impl Selection {
    /// Begins with the values of the first stage of each alternative, by replication, of which larger ones are better; `None` of an
    /// alternative that has no mean and so cannot be the best.
    ///
    /// # Panics
    ///
    /// If these are not the alternatives and replications of the `rule`, or the rule has a number that it may not have.
    #[must_use]
    pub fn begin(rule: SelectionRule, first_stage: &[Option<&[f64]>]) -> Self {
        assert!(rule.alternatives > 1 && rule.alternatives == first_stage.len(), "{rule:?} has other alternatives");
        assert!(rule.first_stage > 1 && rule.zone > 0.0, "{rule:?} decides nothing");
        assert!(rule.error_of_a_pair() > 0.0 && 2.0 * rule.error_of_a_pair() < 1.0, "{rule:?} promises too little");
        let variance = |one: Option<&[f64]>, other: Option<&[f64]>| {
            let (one, other) = (one?, other?);
            assert!([one.len(), other.len()] == [rule.first_stage as usize; 2], "a first stage of another length");
            Some(variance_of_difference(one, other))
        };
        let row = |one: Option<&[f64]>| first_stage.iter().map(|other| variance(one, *other)).collect();
        Self {
            rule,
            variances: first_stage.iter().copied().map(row).collect(),
            left: (0..first_stage.len()).collect(),
            eliminated: vec![None; first_stage.len()],
            looked_at: rule.first_stage,
        }
    }

    /// Looks at the `means` of the first `replications` of each alternative that is left, of which larger ones are better; `None` if
    /// it has none. Eliminates those that surely are not the best.
    pub fn look(&mut self, replications: u32, means: &[Option<f64>]) {
        let known: Vec<(usize, f64)> = self.left.iter().filter_map(|&one| Some((one, means[one]?))).collect();
        let better = |one: usize, mean: f64| {
            let is_better = |(other, of_other): &&(usize, f64)| {
                let variance = self.variances[one][*other];
                *other != one && variance.is_some_and(|of| of_other - mean > self.rule.slack(of, replications))
            };
            known.iter().filter(is_better).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(other, _)| *other)
        };
        let fate = |&one: &usize| match means[one] {
            None => Some((one, None)),
            Some(mean) => better(one, mean).map(|by| (one, Some(by))),
        };
        let out: Vec<(usize, Option<usize>)> = self.left.iter().filter_map(fate).collect();
        for (one, by) in out {
            self.eliminated[one] = Some(Elimination { replications, by });
        }
        self.left.retain(|one| self.eliminated[*one].is_none());
        self.looked_at = replications;
    }

    /// The rule.
    #[must_use]
    pub const fn rule(&self) -> &SelectionRule {
        &self.rule
    }

    /// Those that may be the best, in their order.
    #[must_use]
    pub fn left(&self) -> &[usize] {
        &self.left
    }

    /// For each alternative why it is out; `None` of those that are left.
    #[must_use]
    pub fn eliminated(&self) -> &[Option<Elimination>] {
        &self.eliminated
    }

    /// Whether no more replications are asked for: at most one alternative is left, or those that are left are equal in every digit.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.left.len() < 2 || self.most_needed() <= f64::from(self.looked_at)
    }

    /// The best, once the selection is over: the first of several that are equal; `None` as long as it is not over, or if no
    /// alternative has a mean.
    #[must_use]
    pub fn best(&self) -> Option<usize> {
        self.left.first().copied().filter(|_| self.is_over())
    }

    /// The replications of each alternative that is left with which the selection is over, whatever they show.
    #[must_use]
    pub fn most_needed(&self) -> f64 {
        let per_variance = self.rule.stretch() / (self.rule.zone * self.rule.zone);
        (per_variance * self.largest_variance(&self.left)).ceil()
    }

    /// The replications of all alternatives together that keep the same promise if each gets as many; `None` if fewer than two have
    /// a mean in the first stage.
    #[must_use]
    pub fn equal_allocation(&self) -> Option<f64> {
        let with_mean: Vec<usize> =
            (0..self.variances.len()).filter(|one| self.variances[*one][*one].is_some()).collect();
        let each = self.rule.as_many_for_each(self.largest_variance(&with_mean));
        (with_mean.len() > 1).then_some(each * with_mean.len() as f64)
    }

    fn largest_variance(&self, those: &[usize]) -> f64 {
        let pairs = those.iter().flat_map(|one| those.iter().map(|other| self.variances[*one][*other]));
        pairs.flatten().fold(0.0, f64::max)
    }
}

/// S²: the variance of the difference, replication by replication.
fn variance_of_difference(one: &[f64], other: &[f64]) -> f64 {
    let differences = || one.iter().zip(other).map(|(one, other)| one - other);
    let count = one.len() as f64;
    let mean = differences().sum::<f64>() / count;
    differences().map(|difference| (difference - mean) * (difference - mean)).sum::<f64>() / (count - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: SelectionRule = SelectionRule { alternatives: 3, first_stage: 10, confidence: 0.95, zone: 1.0 };

    /// Values that deviate by exactly this much around a mean.
    fn values(mean: f64, deviation: f64) -> Vec<f64> {
        let off = deviation * 0.9_f64.sqrt();
        (0..10).map(|number| if number % 2 == 0 { mean + off } else { mean - off }).collect()
    }

    fn begun(alternatives: &[Option<Vec<f64>>]) -> Selection {
        let stages: Vec<Option<&[f64]>> = alternatives.iter().map(Option::as_deref).collect();
        Selection::begin(RULE, &stages)
    }

    /// By hand: α / (k − 1) = 0.025, η = ((0.05)^(−2/9) − 1) / 2 = 0.472 96, and h² = 18 η.
    #[test]
    fn the_triangle_by_hand() {
        assert!((RULE.stretch() - 8.513_3).abs() < 1e-3, "{}", RULE.stretch());
        // After 4 replications with a variance of 2: 8.5133 · 2 / 8 − 1/2; after 18 there is no slack.
        assert!((RULE.slack(2.0, 4) - 1.628_3).abs() < 1e-3, "{}", RULE.slack(2.0, 4));
        assert!(RULE.slack(2.0, 17) > 0.0 && RULE.slack(2.0, 18) == 0.0);
        // Student's t with nine degrees of freedom at 97.5 %: 2.2622, squared times 4.
        assert!((RULE.as_many_for_each(4.0) - 21.0).abs() < 1e-9);
        assert!((RULE.as_many_for_each(0.1) - 10.0).abs() < 1e-9, "the first stage at least");
    }

    #[test]
    fn looks_come_an_eighth_later() {
        assert_eq!([2, 8, 10, 16, 100].map(SelectionRule::next_look), [3, 9, 12, 18, 113]);
        assert_eq!(SelectionRule::next_look(u32::MAX), u32::MAX);
    }

    #[test]
    fn whoever_is_far_behind_is_out_and_who_is_near_stays() {
        let mut selection = begun(&[Some(values(5.0, 2.0)), Some(values(4.9, 0.0)), Some(values(0.0, 0.0))]);
        selection.look(10, &[Some(5.0), Some(4.9), Some(0.0)]);
        assert_eq!(selection.left(), [0, 1]);
        assert_eq!(selection.eliminated()[2], Some(Elimination { replications: 10, by: Some(0) }));
        assert_eq!(selection.most_needed().to_bits(), 35.0_f64.to_bits(), "8.513 times a variance of 4");
        assert!(!selection.is_over() && selection.best().is_none());
    }

    #[test]
    fn a_selection_goes_on_until_the_triangle_ends() {
        let mut selection = begun(&[Some(values(5.0, 3.0)), Some(values(5.5, 0.0)), None]);
        let means = [Some(5.0), Some(5.5), None];
        selection.look(10, &means);
        assert_eq!(selection.eliminated()[2], Some(Elimination { replications: 10, by: None }));
        assert!(!selection.is_over() && selection.best().is_none());
        // 8.5133 · 9 = 76.6 replications.
        assert_eq!(selection.most_needed().to_bits(), 77.0_f64.to_bits());
        selection.look(38, &means);
        assert_eq!(selection.left(), [0, 1], "8.5133 · 9 / 76 − 1/2 = 0.508");
        selection.look(39, &means);
        assert_eq!((selection.left(), selection.best()), ([1].as_slice(), Some(1)), "0.48");
    }

    #[test]
    fn equals_are_not_told_apart_for_ever() {
        let same = || Some(values(5.0, 2.0));
        let mut selection = begun(&[same(), same(), same()]);
        selection.look(10, &[Some(5.0); 3]);
        assert!(selection.is_over() && selection.left().len() == 3);
        assert_eq!(selection.best(), Some(0));
        let mut nothing = begun(&[None, None, None]);
        nothing.look(10, &[None; 3]);
        assert!(nothing.is_over() && nothing.best().is_none() && nothing.equal_allocation().is_none());
    }

    #[test]
    fn equal_allocation_is_that_of_the_most_variable_pair() {
        let selection = begun(&[Some(values(5.0, 2.0)), Some(values(4.0, 0.0)), None]);
        // (2.2622 · 2)² = 20.5, and two alternatives with a mean.
        assert_eq!(selection.equal_allocation().map(f64::to_bits), Some(42.0_f64.to_bits()));
    }

    #[test]
    #[should_panic(expected = "promises too little")]
    fn a_promise_that_chance_keeps_is_none() {
        let _ = Selection::begin(SelectionRule { confidence: 0.0, alternatives: 2, ..RULE }, &[None, None]);
    }
}
