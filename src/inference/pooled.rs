//! Quantiles over all replications together: every visit, price and message counts once. Each replication contributes one
//! number. The mean of these is the quantile of all, and their scatter gives its interval.

use std::borrow::Cow;

use crate::measures::{Contrast, HistogramKind, Source, Subject, Values, quantile};
use crate::metrics::{LogHistogram, Measurements};
use crate::record::{Detail, HistogramsOfUnit, Observed, RunRecord, UnitRecord};
use crate::stats::Estimate;
use crate::time::SimDuration;

use super::CONFIDENCE;

/// What each replication contributes to the `q`-quantile of all `replications` together; `None` if that is not known.
///
/// Of n replications, each contributes Q − n / (n − 1) · (F − F̄) w / f: Q is the quantile of all, F the replication's share of
/// durations up to Q, F̄ that of all together, w the replication's size relative to the mean size, and f the density around Q. The density is
/// that between the quantiles at both ends of the interval of F (Woodruff, *Confidence intervals for medians and other
/// position measures*, Journal of the American Statistical Association 47, 1952; ratio estimation, as replications have not
/// all the same size). Student's interval of the contributions is as wide as Woodruff's.
#[must_use]
pub fn quantile_contributions(replications: &[LogHistogram], q: f64) -> Option<Vec<f64>> {
    let all = merged(replications.iter().map(Cow::Borrowed));
    let at = quantile(&all, q)?;
    let size = |of: &LogHistogram| (of.count() + of.unfinished()) as f64;
    let mean_size = size(&all) / replications.len() as f64;
    let share = |of: &LogHistogram| of.share_at_most(SimDuration::from_secs_f64(at)).unwrap_or(0.0);
    let of_all = share(&all);
    // Each replication is part of what it is compared with. Against the others alone it would differ by so much more, which is a
    // jackknife's correction for small samples.
    let count = replications.len() as f64;
    let without_itself = if count > 1.0 { count / (count - 1.0) } else { 1.0 };
    let excess = |one: &LogHistogram| without_itself * size(one) / mean_size * (share(one) - of_all);
    let excess: Vec<f64> = replications.iter().map(excess).collect();
    let half_width = Estimate::of(&excess, CONFIDENCE)?.half_width.unwrap_or(0.0);
    let (low, high) = ((q - half_width).max(0.0), (q + half_width).min(1.0));
    // Beyond the last duration that has ended nothing is known.
    let ends = all
        .quantile_s(low)
        .map(|value| (low, value))
        .zip(all.quantile_s(high).map(|value| (high, value)).or(Some((q, at))));
    let ((low, from), (high, until)) = ends?;
    let per_share = if high > low { (until - from) / (high - low) } else { 0.0 };
    Some(excess.into_iter().map(|excess| at - excess * per_share).collect())
}

/// What each of `units` contributes to the quantiles of the whole network. Units that were read back from tables
/// hold it already.
///
/// # Panics
///
/// If some of the units were read back and others not, or not all of those that make a quantile together.
#[must_use]
pub(crate) fn contributions_of_units(units: &[UnitRecord]) -> Vec<Observed> {
    contributions_to(&HistogramKind::ALL, units)
}

/// Like [`contributions_of_units`], to the quantiles of these `kinds` alone; of units that were not read back, all others are unknown.
pub(super) fn contributions_to(kinds: &[HistogramKind], units: &[UnitRecord]) -> Vec<Observed> {
    let read_back = |unit: &UnitRecord| match &unit.detail {
        Detail::Summarised { of, contribution } => {
            assert_eq!(*of as usize, units.len(), "quantiles are of as many replications as there are");
            Some(Observed::clone(contribution))
        }
        Detail::Histograms(_) | Detail::Everything(_) => None,
    };
    let known: Vec<Observed> = units.iter().filter_map(read_back).collect();
    if !known.is_empty() {
        assert_eq!(known.len(), units.len(), "tables hold contributions to the quantiles of all of their replications");
        return known;
    }
    let is_compared = units.iter().any(|unit| unit.observed.baseline.is_some());
    contributions(units.len(), is_compared, kinds, |unit, run, kind| match &units[unit].detail {
        Detail::Histograms(histograms) => Some(Cow::Owned(in_unit(histograms, run)?.of(kind).unpack())),
        Detail::Everything(replication) => Some(kind.of(replication.run(run)?)),
        Detail::Summarised { .. } => None,
    })
}

/// What each replication of a run contributes to the quantiles of `subject`, which has this `place` among its kind in most of them.
pub(super) fn contributions_of_run(record: &RunRecord, subject: &Subject, place: usize) -> Vec<Observed> {
    let is_compared = record.replications.iter().any(|replication| replication.baseline.is_some());
    contributions(record.replications.len(), is_compared, &HistogramKind::ALL, |replication, run, kind| {
        of(subject, place, record.replications[replication].run(run)?, kind)
    })
}

/// The one of `list` that is meant: where it is expected, or else wherever it is.
pub(crate) fn near<T>(list: &[T], place: usize, is_meant: impl Fn(&T) -> bool) -> Option<&T> {
    list.get(place).filter(|one| is_meant(one)).or_else(|| list.iter().find(|one| is_meant(one)))
}

fn of<'m>(
    subject: &Subject,
    place: usize,
    measured: &'m Measurements,
    kind: HistogramKind,
) -> Option<Cow<'m, LogHistogram>> {
    match subject {
        Subject::Network => Some(kind.of(measured)),
        Subject::Server(name) => {
            let server = near(&measured.servers, place, |server| server.instance == *name)?;
            kind.of_server(server).filter(|_| kind.is_of_servers()).map(Cow::Borrowed)
        }
        Subject::OpenServer(name) => {
            let server = near(&measured.open_servers, place, |server| server.instance == *name)?;
            kind.of_server(server).filter(|_| kind.is_of_open_servers()).map(Cow::Borrowed)
        }
        Subject::Provider(_) => None,
    }
}

const fn in_unit(histograms: &HistogramsOfUnit, run: Contrast) -> Option<&crate::record::Histograms> {
    match run {
        Contrast::GtnetOff => histograms.baseline.as_ref(),
        _ => Some(&histograms.measured),
    }
}

fn merged<'h>(mut histograms: impl Iterator<Item = Cow<'h, LogHistogram>>) -> LogHistogram {
    // An empty one takes far more time to make than a copy of one that is there.
    let mut all = histograms.next().map_or_else(LogHistogram::new, Cow::into_owned).compact();
    histograms.for_each(|one| all.merge(&one));
    all
}

/// What each of `count` replications contributes to the quantiles of these `kinds`, given the histogram of each in each run.
fn contributions<'h>(
    count: usize,
    is_compared: bool,
    kinds: &[HistogramKind],
    histogram: impl Fn(usize, Contrast, HistogramKind) -> Option<Cow<'h, LogHistogram>>,
) -> Vec<Observed> {
    let nothing = Observed { measured: Values::of(|_| None), baseline: is_compared.then(|| Values::of(|_| None)) };
    let mut all = vec![nothing; count];
    for run in [Contrast::Value, Contrast::GtnetOff] {
        for &kind in kinds {
            let of_kind = |replication| histogram(replication, run, kind).map(Cow::into_owned);
            let Some(histograms) = (0..count).map(of_kind).collect::<Option<Vec<LogHistogram>>>() else { continue };
            for &measure in crate::measures::ALL {
                let Source::Quantile(of, q) = measure.source else { continue };
                let Some(values) = (of == kind).then(|| quantile_contributions(&histograms, q)).flatten() else {
                    continue;
                };
                for (observed, value) in all.iter_mut().zip(values) {
                    match (run, &mut observed.baseline) {
                        (Contrast::GtnetOff, Some(baseline)) => baseline[measure] = Some(value),
                        (Contrast::GtnetOff, None) => {}
                        _ => observed.measured[measure] = Some(value),
                    }
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(seconds: &[u64]) -> LogHistogram {
        let mut histogram = LogHistogram::new();
        for seconds in seconds {
            histogram.record(SimDuration::from_secs(*seconds));
        }
        histogram
    }

    /// The median of 1, 1, 1, 1 s and of 5, 5 s is 1 s, not the mean of 1 and 5 s.
    #[test]
    fn every_visit_counts_once() {
        let contributions =
            quantile_contributions(&[histogram(&[1, 1, 1, 1]), histogram(&[5, 5])], 0.5).expect("a median");
        let [one, other] = contributions.as_slice() else { panic!("two replications: {contributions:?}") };
        assert!((f64::midpoint(*one, *other) - 1.0).abs() < 1e-3, "{contributions:?}");
        assert!(one < other, "whoever waits longer pulls the quantile up");
    }

    /// Of 1 to 100 s, and of the same but 10 s later: the 50 % quantile of all is 55.5 s; 55 % of the first are at most so long,
    /// and 45 % of the second, which is what 5 s make.
    #[test]
    fn a_contribution_by_hand() {
        let first: Vec<u64> = (1..=100).collect();
        let second: Vec<u64> = (11..=110).collect();
        let contributions = quantile_contributions(&[histogram(&first), histogram(&second)], 0.5).expect("a median");
        // The interval of the shares is as wide as all values: 1 to 110 s over 0 to 1. Each is compared with the other one alone:
        // twice the deviation from both.
        for (contribution, expected) in contributions.iter().zip([55.5 - 0.1 * 109.0, 55.5 + 0.1 * 109.0]) {
            assert!((contribution - expected).abs() < 0.2, "{contributions:?}");
        }
    }

    #[test]
    fn replications_that_are_alike_contribute_the_quantile() {
        let one = histogram(&[1, 2, 3, 4, 5]);
        let contributions = quantile_contributions(&[one.clone(), one.clone(), one], 0.5).expect("a median");
        assert!(contributions.iter().all(|value| (value - 3.0).abs() < 0.01), "{contributions:?}");
        assert_eq!(quantile_contributions(&[histogram(&[])], 0.5), None);
    }
}
