//! Regret: how much worse an alternative is than the best one, world by world.
//!
//! Source: Savage, *The theory of statistical decision*, 1951; over many worlds as in Lempert, Popper and Bankes, *Shaping the next one
//! hundred years*, 2003.

use crate::inference::{Direction, Quantity, Verdict};
use crate::report::differences::Difference;
use crate::stats::quantile;

use super::WorldResults;

/// The quantile of the regret that is told.
const QUANTILE: f64 = 0.9;

/// The regret of an alternative in a number, in the unit of the number.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::report) struct Regret {
    pub(in crate::report) variant: String,
    pub(in crate::report) number: Quantity,
    /// How much worse it is than the best alternative, in the worlds where all of them have a number: the world, and the regret.
    pub(in crate::report) worlds: Vec<(usize, f64)>,
    /// In how many worlds an alternative has no number.
    pub(in crate::report) unknown: usize,
}

impl Regret {
    /// The mean.
    pub(in crate::report) fn mean(&self) -> Option<f64> {
        let sum: f64 = self.worlds.iter().map(|(_, regret)| regret).sum();
        (!self.worlds.is_empty()).then(|| sum / self.worlds.len() as f64)
    }

    /// What 90 % of the worlds do not exceed.
    pub(in crate::report) fn in_most(&self) -> Option<f64> {
        quantile(&self.sorted(), QUANTILE)
    }

    /// The world where it is greatest, if it is not 0 in all of them.
    pub(in crate::report) fn worst_world(&self) -> Option<usize> {
        self.worst().filter(|(_, worst)| *worst > 0.0).map(|(world, _)| world)
    }

    /// The world where it is greatest, and how great it is there.
    pub(in crate::report) fn worst(&self) -> Option<(usize, f64)> {
        let mut worst: Option<(usize, f64)> = None;
        for own in &self.worlds {
            if worst.is_none_or(|worst| own.1 > worst.1) {
                worst = Some(*own);
            }
        }
        worst
    }

    /// In how many worlds no alternative is better.
    pub(in crate::report) fn best_in(&self) -> usize {
        self.worlds.iter().filter(|(_, regret)| *regret <= 0.0).count()
    }

    /// The regrets of all worlds, the least one first.
    pub(in crate::report) fn sorted(&self) -> Vec<f64> {
        let mut sorted: Vec<f64> = self.worlds.iter().map(|(_, regret)| *regret).collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// The regret of each alternative in each number that has a better and a worse side; the first alternative comes first.
pub(super) fn regrets(results: &WorldResults<'_>) -> Vec<Regret> {
    let labels: Vec<&str> = results.labels().collect();
    let mut numbers: Vec<&Quantity> = Vec::new();
    for one in &results.conclusions {
        if !numbers.contains(&&one.number) {
            numbers.push(&one.number);
        }
    }
    let of_number = |number: &Quantity| -> Vec<Regret> {
        let regret = |label: &&str| Regret {
            variant: (*label).to_owned(),
            number: number.clone(),
            worlds: Vec::new(),
            unknown: 0,
        };
        let mut regrets: Vec<Regret> = labels.iter().map(regret).collect();
        for (world, differences) in results.differences.iter().enumerate().skip(1) {
            let means = means(differences, number, &labels);
            let is_rising_better = Direction::of(number, true) == Direction::Better;
            let of = |means: &[f64]| -> Vec<f64> {
                let sign = if is_rising_better { -1.0 } else { 1.0 };
                let best = means.iter().map(|mean| sign * mean).fold(f64::INFINITY, f64::min);
                means.iter().map(|mean| sign * mean - best).collect()
            };
            match means.as_deref().map(of) {
                Some(all) => regrets.iter_mut().zip(all).for_each(|(own, regret)| own.worlds.push((world, regret))),
                None => regrets.iter_mut().for_each(|own| own.unknown += 1),
            }
        }
        regrets
    };
    numbers.into_iter().flat_map(of_number).collect()
}

/// The mean of each alternative in a world, the first one's first; `None` if one has none.
fn means(differences: &[Difference], number: &Quantity, labels: &[&str]) -> Option<Vec<f64>> {
    let of = |label: &&str| differences.iter().find(|one| one.variant == **label && one.number == *number);
    let others: Vec<&Difference> = labels[1..].iter().map(of).collect::<Option<_>>()?;
    let is_known = others.iter().all(|one| one.verdict != Verdict::NotKnown);
    let first = others.first().filter(|_| is_known)?.reference_mean.counted()?.mean;
    let rest = others.iter().map(|one| one.variant_mean.counted().map(|mean| mean.mean));
    std::iter::once(Some(first)).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures;

    fn regret(worlds: &[f64]) -> Regret {
        Regret {
            variant: "a".to_owned(),
            number: Quantity::value(measures::USER_WAIT_P95),
            worlds: worlds.iter().enumerate().map(|(world, regret)| (world + 1, *regret)).collect(),
            unknown: 0,
        }
    }

    #[test]
    fn regret_is_summed_up_as_it_says() {
        let of = regret(&[0.0, 3.0, 1.0, 0.0, 2.0, 7.0, 0.0, 0.0, 1.0, 4.0, 0.0]);
        assert_eq!((of.worst(), of.best_in()), (Some((6, 7.0)), 5));
        assert!((of.mean().expect("some") - 18.0 / 11.0).abs() < 1e-12);
        assert!((of.in_most().expect("some") - 4.0).abs() < 1e-12, "the tenth of eleven");
        assert_eq!((regret(&[]).mean(), regret(&[]).in_most(), regret(&[]).worst()), (None, None, None));
    }
}
