//! Why prices are too old: of each cause the share of all instruments shown, as a row for people and as numbers for a table.

use crate::inference::{Contrast, Quantity, mean};
use crate::measures::{self, Unit, stale_share};
use crate::metrics::StaleCause;
use crate::stats::Estimate;

use super::evidence::PointEvidence;
use super::numbers::{duration, listed, rough};

/// The row tells so many causes, those of most prices.
const CAUSES_TOLD: usize = 2;

/// How many prices are too old for one cause.
#[derive(Clone, Copy, Debug)]
pub(super) struct StaleShare {
    /// In which run.
    pub(super) contrast: Contrast,
    pub(super) cause: StaleCause,
    /// How many prices they are in a replication on average; `None` if there is none.
    pub(super) prices: Option<f64>,
    /// Their share of all instruments shown; `None` where that has no mean.
    pub(super) share: Option<Estimate>,
}

/// Each cause in each run, in the order of the list.
pub(super) fn shares(point: &PointEvidence<'_>) -> impl Iterator<Item = StaleShare> {
    let of_run = |contrast| StaleCause::ALL.into_iter().map(move |cause| (contrast, cause));
    point.observations.runs().flat_map(of_run).map(|(contrast, cause)| {
        let runs = || point.runs().filter(|(_, run, _)| *run == contrast).map(|(_, _, measured)| measured);
        let shares: Vec<Option<f64>> = runs().map(|measured| stale_share(measured, cause)).collect();
        let counts = runs().map(|measured| measured.prices_stale[cause as usize]);
        let is_cut_off = Quantity::of_network(measures::FRESH_SHARE, contrast).is_cut_off(&point.observations);
        StaleShare {
            contrast,
            cause,
            prices: (!shares.is_empty()).then(|| counts.sum::<u64>() as f64 / shares.len() as f64),
            share: mean(&shares).known().filter(|_| !is_cut_off),
        }
    })
}

/// The causes of most of the prices that are too old, with their shares of all instruments shown; `None` if no price is too old.
pub(super) fn row(point: &PointEvidence<'_>) -> Option<Vec<String>> {
    let known = shares(point).filter(|share| share.contrast == Contrast::Value);
    let known = known.filter_map(|share| Some((share.cause, share.share?.mean)));
    let mut found: Vec<(StaleCause, f64)> = known.filter(|(_, share)| *share > 0.0).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let sum = |found: &[(StaleCause, f64)]| found.iter().map(|(_, share)| share).sum::<f64>();
    let (told, others) = found.split_at(found.len().min(CAUSES_TOLD));
    let words = |share: f64, why: &str| format!("{} {why}", rough(share, Unit::Share));
    let mut parts: Vec<String> = told.iter().map(|(cause, share)| words(*share, spoken(*cause))).collect();
    parts.extend((!others.is_empty()).then(|| words(sum(others), "other causes")));
    let label = format!("Older than {}", duration(point.facts.fresh_within));
    (!found.is_empty())
        .then(|| vec![label, format!("{} of prices: {}", rough(sum(&found), Unit::Share), listed(&parts))])
}

/// A cause in few words, as a line of the summary has room for.
const fn spoken(cause: StaleCause) -> &'static str {
    match cause {
        StaleCause::WithinTimeout => "within the timeout",
        StaleCause::Waited => "while the user waited",
        StaleCause::WrongTimestamp => "wrong timestamp",
        StaleCause::ServerFault => "fault of a server",
        StaleCause::ServerFailure => "a server failed",
        StaleCause::ServerLeftOut => "server thought offline",
        StaleCause::OldPriceTaken => "taken though old",
        StaleCause::ProviderOutage => "fault of a provider",
        StaleCause::ProviderBlocked => "blocked by a provider",
        StaleCause::OverLimit => "over a provider's limit",
        StaleCause::ProviderFailure => "provider call failed",
        StaleCause::ProviderLate => "provider late",
        StaleCause::RetriesUsedUp => "retries used up",
        StaleCause::NotDue => "not due by the rules",
        StaleCause::CallUnderWay => "call under way",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::evidence::Evidence;
    use crate::report::support::RecordBuilder;

    #[test]
    fn the_causes_of_most_prices_are_told() {
        let mut record = RecordBuilder::new().build();
        for replication in &mut record.replications {
            let measured = &mut replication.measured;
            let shown = measured.price_age.count() + measured.prices_missing;
            measured.prices_stale = [0; StaleCause::ALL.len()];
            for (cause, percent) in [(0, 20), (3, 5), (5, 1), (11, 10), (13, 2)] {
                measured.prices_stale[cause] = shown * percent / 100;
            }
        }
        let told = row(&Evidence::from(&record).points[0]).expect("a row");
        assert_eq!(told[0], "Older than 25 min");
        assert_eq!(told[1], "38 % of prices: 20 % within the timeout, 10 % provider late and 8.0 % other causes");
        for replication in &mut record.replications {
            replication.measured.prices_stale = [0; StaleCause::ALL.len()];
        }
        assert_eq!(row(&Evidence::from(&record).points[0]), None);
    }

    #[test]
    fn the_causes_of_both_runs_have_their_shares() {
        let record = RecordBuilder::new().replications(2).build();
        let evidence = Evidence::from(&record);
        let shares: Vec<StaleShare> = shares(&evidence.points[0]).collect();
        assert_eq!(shares.len(), 2 * StaleCause::ALL.len());
        let measured = record.replications.iter().map(|each| &each.measured);
        let stale = measured.map(|each| each.price_age.count() - each.prices_fresh).sum::<u64>() as f64 / 2.0;
        let of_run = shares.iter().filter(|share| share.contrast == Contrast::Value);
        let counted: f64 = of_run.filter_map(|share| share.prices).sum();
        assert!((counted - stale).abs() < 1e-9, "{counted} {stale}");
    }
}
