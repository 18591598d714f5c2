//! Chart: how much of the limits of data providers is used on average, with and without `GTNet`, and how many calls find a limit used
//! up. It is drawn where a provider that is called has a limit.

use crate::inference::{Answer, Subject, mean};
use crate::measures::{self, Unit};
use crate::record::ProviderLimit;
use crate::report::evidence::{PointEvidence, Side};
use crate::report::numbers::{duration, rough, told};
use crate::stats::Estimate;
use crate::time::SimDuration;

use super::bars::{BarRow, Bars, ValueBar, legend};
use super::names::shortened;
use super::palette::color;
use super::{AnyChart, Figure, band_of};

/// The chart has room for this many providers.
const PROVIDERS_DRAWN: usize = 8;

/// The picture of the providers `called` that have limits; `None` if none has.
pub(in crate::report) fn limits(point: &PointEvidence<'_>, called: &[&Subject]) -> Option<Figure> {
    let limit = |provider: &Subject| point.facts.limits.iter().find(|limit| limit.provider == provider.name());
    let mut limited: Vec<(&Subject, &ProviderLimit)> =
        called.iter().filter_map(|provider| Some((*provider, limit(provider)?))).collect();
    let most_used = |(provider, limit): &(&Subject, &ProviderLimit)| {
        let of_sides = point.sides().filter_map(|side| used(point, provider.name(), limit, side));
        of_sides.map(|used| used.mean).fold(0.0, f64::max)
    };
    limited.sort_by(|one, other| most_used(other).total_cmp(&most_used(one)));
    let not_drawn = match limited.len().saturating_sub(PROVIDERS_DRAWN) {
        0 => String::new(),
        more => format!(" Not drawn: {more} more."),
    };
    limited.truncate(PROVIDERS_DRAWN);
    let over = |provider: &Subject, side: Side| {
        let measure = measures::CONNECTOR_RATE_LIMITED;
        match point.observations.answer(measure, provider, side.contrast) {
            Answer::Never(_) => "none over it".to_owned(),
            // The label has no room for how often what is rare is seen.
            Answer::Rare { mean, .. } => format!("{} over it", rough(mean.mean, measure.unit)),
            of_limited => format!("{} over it", told(of_limited, measure.unit)),
        }
    };
    let names = shortened(limited.iter().map(|(provider, _)| provider.name()));
    let rows: Vec<BarRow> = limited
        .iter()
        .zip(names)
        .map(|((provider, limit), name)| BarRow {
            name,
            told: limit.told(),
            bars: point
                .sides()
                .filter_map(|side| {
                    let value = used(point, provider.name(), limit, side)?;
                    let told = format!("{}, {}", rough(value.mean, Unit::Share), over(provider, side));
                    Some(ValueBar { color: color(side), value, label: told.clone(), told })
                })
                .collect(),
        })
        .collect();
    let (busiest, limit) = limited.first()?;
    let sides = point.sides().filter_map(|side| {
        let used = used(point, busiest.name(), limit, side)?;
        Some(format!("{} {}", rough(used.mean, Unit::Share), side.spoken()))
    });
    let sides = sides.collect::<Vec<_>>().join(", ");
    let title = format!("Of the calls that {} takes, {sides} are made on average", busiest.name());
    Some(Figure {
        name: "limits".to_owned(),
        title,
        finding: format!(
            "It takes {}. A limit may be used up for a while although little of it is used on average: “over it” are the calls \
             that found it used up.{not_drawn}",
            limit.told()
        ),
        drawing: AnyChart::Bars(Bars {
            value_axis: "calls that are made, of those that the provider takes [%]",
            row_axis: "data provider",
            factor: 100.0,
            most: 1.0,
            rows,
            legend: legend(point),
            band: band_of(point.replications),
        }),
    })
}

/// The calls that a provider takes, of those that it could take in the measured period: calls that it refuses use nothing. `None`
/// where they are not known.
fn used(point: &PointEvidence<'_>, provider: &str, limit: &ProviderLimit, side: Side) -> Option<Estimate> {
    let of_side = point.runs().filter(|(_, contrast, _)| *contrast == side.contrast);
    let shares = of_side.map(|(_, _, measured)| {
        let own = measured.connectors.iter().find(|own| own.provider == provider)?;
        let refused = if limit.refuses { own.rate_limited } else { 0 };
        Some(own.total_calls().saturating_sub(refused) as f64 / limit.most_calls(measured.period))
    });
    mean(&shares.collect::<Vec<_>>()).counted()
}

impl ProviderLimit {
    /// So many calls the provider can take in `period`, of all that the limit holds for together. What was not used before may be
    /// used in it, too, but never more than is allowed at a time.
    fn most_calls(&self, period: SimDuration) -> f64 {
        let periods = period.as_secs_f64() / self.per.as_secs_f64();
        f64::from(self.requests) * f64::from(self.holders) * (1.0 + periods)
    }

    /// `60 calls in 1 min for each of 20`.
    fn told(&self) -> String {
        let whom = if self.holders == 1 { "all together".to_owned() } else { format!("each of {}", self.holders) };
        format!("{} calls in {} for {whom}", self.requests, duration(self.per))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RunRecord;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;

    fn drawn(record: &RunRecord) -> Option<Figure> {
        let called = record.replications[0].measured.connectors.iter();
        let called: Vec<Subject> = called.map(|of| Subject::Provider(of.provider.clone())).collect();
        limits(&Evidence::from(record).points[0], &called.iter().collect::<Vec<_>>())
    }

    /// Ten calls a minute for each of twenty.
    fn limit(provider: &str, refuses: bool) -> ProviderLimit {
        let provider = provider.to_owned();
        ProviderLimit { provider, requests: 10, per: SimDuration::from_secs(60), holders: 20, refuses }
    }

    #[test]
    fn calls_stand_beside_what_the_provider_allows() {
        let mut record = RecordBuilder::new().replications(2).build();
        let provider = record.replications[0].measured.connectors[0].provider.clone();
        assert!(drawn(&record).is_none(), "it has no limit");
        record.facts.limits = vec![limit(&provider, true)];
        // A full bucket, and as many again in each of the 1,440 minutes.
        assert!((record.facts.limits[0].most_calls(SimDuration::from_days(1)) - 288_200.0).abs() < 1e-6);
        let figure = drawn(&record).expect("a limit");
        let started = format!("Of the calls that {provider} takes, ");
        assert!(figure.title.starts_with(&started), "{}", figure.title);
        assert!(figure.finding.starts_with("It takes 10 calls in 1 min for each of 20. "), "{}", figure.finding);
        assert!(!figure.finding.contains("Not drawn"), "{}", figure.finding);
        assert_legible(&svg(&figure));
    }

    #[test]
    fn refused_calls_use_nothing_of_a_limit() {
        let mut record = RecordBuilder::new().replications(2).providers(1).without_baseline().build();
        // In four days: a full bucket, and as many again in each of the 5,760 minutes.
        let most = 10 * 20 * 5_761;
        for replication in &mut record.replications {
            let own = &mut replication.measured.connectors[0];
            // As many as it takes, and three times as many that it refuses.
            own.calls = [most, 3 * most, 0, 0, 0, 0, 0];
            own.rate_limited = 3 * most;
        }
        let used = |record: &RunRecord, refuses: bool| {
            let evidence = Evidence::from(record);
            let point = &evidence.points[0];
            used(point, "yahoo", &limit("yahoo", refuses), point.as_written()).expect("calls").mean
        };
        assert!((used(&record, true) - 1.0).abs() < 1e-12, "{}", used(&record, true));
        // Calls that wait for their turn are made in the end.
        record.replications.iter_mut().for_each(|of| of.measured.connectors[0].calls[1] = 0);
        assert!((used(&record, false) - 1.0).abs() < 1e-12, "{}", used(&record, false));
    }

    #[test]
    fn the_limits_that_are_used_most_are_drawn_and_the_others_are_told() {
        let mut record = RecordBuilder::new().replications(2).providers(9).build();
        let names: Vec<String> =
            record.replications[0].measured.connectors.iter().map(|of| of.provider.clone()).collect();
        record.facts.limits = names.iter().map(|name| limit(name, true)).collect();
        // Of the provider with the fewest calls, one call in a minute uses up the most.
        record.facts.limits[8].requests = 1;
        let figure = drawn(&record).expect("limits");
        let rows: Vec<String> = figure.data().rows.into_iter().map(|row| row.name).collect();
        assert_eq!(rows.len(), 8);
        assert_eq!(rows[0], names[8], "{rows:?}");
        assert!(figure.finding.ends_with(" Not drawn: 1 more."), "{}", figure.finding);
    }
}
