//! The Pareto front of several alternatives with several goals: those of which no other is at least as good in every goal and better in
//! one. How surely an alternative is on it tells a bootstrap over the replications.

/// More resamples would change a share by less than a point and a half.
const RESAMPLES: usize = 1_000;

/// For each alternative the first one that dominates it: it is at least as good in every goal, and better in one. `None` of those on the
/// front. `values` are those of each alternative by goal, of which larger ones are better.
#[must_use]
pub fn dominated_by(values: &[Vec<f64>]) -> Vec<Option<usize>> {
    let dominates = |other: &Vec<f64>, own: &Vec<f64>| {
        let pairs = || other.iter().zip(own);
        pairs().all(|(other, own)| other >= own) && pairs().any(|(other, own)| other > own)
    };
    values.iter().map(|own| values.iter().position(|other| dominates(other, own))).collect()
}

/// The share of resamples in which each alternative is on the front. `samples` are the values of each alternative, by goal and
/// replication, of which larger ones are better; all have as many replications. `draw` has to give a number below its argument, each
/// with the same probability.
///
/// A resample holds as many replications as there are, drawn with replacement, and the same ones of all alternatives and goals: they
/// have luck in common (Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 8).
pub fn front_shares(samples: &[Vec<Vec<f64>>], draw: &mut dyn FnMut(usize) -> usize) -> Vec<f64> {
    let count = samples.iter().flatten().map(Vec::len).next().unwrap_or(0);
    assert!(samples.iter().flatten().all(|of| of.len() == count), "all have as many replications");
    if count == 0 {
        return vec![0.0; samples.len()];
    }
    let mut on_front = vec![0_u32; samples.len()];
    let mut drawn = vec![0; count];
    for _ in 0..RESAMPLES {
        for replication in &mut drawn {
            *replication = draw(count);
        }
        let sum = |values: &Vec<f64>| drawn.iter().map(|replication| values[*replication]).sum::<f64>();
        let sums: Vec<Vec<f64>> = samples.iter().map(|goals| goals.iter().map(sum).collect()).collect();
        for (times, dominated) in on_front.iter_mut().zip(dominated_by(&sums)) {
            *times += u32::from(dominated.is_none());
        }
    }
    on_front.into_iter().map(|times| f64::from(times) / RESAMPLES as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::bootstrap::tests::draws;

    #[test]
    fn whoever_is_worse_in_nothing_and_better_in_something_dominates() {
        let values = [[3.0, 1.0], [1.0, 3.0], [2.0, 2.0], [2.0, 1.0], [1.0, 3.0], [0.0, 0.0]].map(Vec::from);
        assert_eq!(
            dominated_by(&values),
            [None, None, None, Some(0), None, Some(0)],
            "equals do not dominate each other"
        );
        assert!(dominated_by(&[]).is_empty());
    }

    /// The third is dominated by the first in two of three replications, and the other way round in one.
    #[test]
    fn shares_follow_luck() {
        let alternative = |one: [f64; 3], other: [f64; 3]| vec![one.to_vec(), other.to_vec()];
        let samples = [
            alternative([5.0; 3], [1.0; 3]),
            alternative([1.0; 3], [5.0; 3]),
            alternative([4.9, 4.9, 5.4], [0.9; 3]),
            alternative([0.0; 3], [0.0; 3]),
        ];
        let shares = front_shares(&samples, &mut draws());
        assert_eq!((shares[0], shares[1], shares[3]), (1.0, 1.0, 0.0));
        // It is on the front if its mean is above 5: with one draw of three or more of the third, 1 - (2/3)^3 = 19/27.
        assert!((shares[2] - 19.0 / 27.0).abs() < 0.05, "{shares:?}");
    }

    /// The same luck makes both better: unpaired resamples would put the worse one on the front now and then.
    #[test]
    fn resamples_are_the_same_for_all() {
        let luck: Vec<f64> = (0..20).map(|number| f64::from(number * number % 23)).collect();
        let worse: Vec<f64> = luck.iter().map(|value| value - 0.01).collect();
        let shares = front_shares(&[vec![luck.clone(), luck], vec![worse.clone(), worse]], &mut draws());
        assert_eq!(shares, [1.0, 0.0]);
        assert_eq!(front_shares(&[vec![Vec::new()]], &mut draws()), [0.0]);
    }
}
