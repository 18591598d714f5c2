//! Chart: how much of the limits of data providers is used on average, with and without `GTNet`, and how many calls find a limit used
//! up. It is drawn where a provider that is called has a limit.

use crate::inference::{Answer, Subject};
use crate::measures::{self, MeasureId, Unit};
use crate::record::ProviderLimit;
use crate::report::evidence::{PointEvidence, Side};
use crate::report::numbers::{duration, rough, told};
use crate::stats::Estimate;

use super::bars::{BarRow, Bars, ValueBar, legend};
use super::names::shortened;
use super::palette::color;
use super::{AnyChart, Figure, band_of};

/// The chart has room for this many providers.
const PROVIDERS_DRAWN: usize = 8;

const DAY_S: f64 = 86_400.0;

/// The picture of the providers `called` that have limits; `None` if none has.
pub(in crate::report) fn limits(point: &PointEvidence<'_>, called: &[&Subject]) -> Option<Figure> {
    let limit = |provider: &Subject| point.facts.limits.iter().find(|limit| limit.provider == provider.name());
    let limited: Vec<(&Subject, &ProviderLimit)> =
        called.iter().filter_map(|provider| Some((*provider, limit(provider)?))).take(PROVIDERS_DRAWN).collect();
    let answer = |provider: &Subject, measure: MeasureId, side: Side| {
        point.observations.answer(measure, provider, side.contrast)
    };
    let used = |provider: &Subject, limit: &ProviderLimit, side: Side| -> Option<Estimate> {
        let calls = answer(provider, measures::CONNECTOR_CALLS, side).counted()?;
        let share = 1.0 / limit.calls_a_day();
        let half_width = calls.half_width.map(|half_width| half_width * share);
        Some(Estimate { mean: calls.mean * share, half_width, ..calls })
    };
    let over = |provider: &Subject, side: Side| match answer(provider, measures::CONNECTOR_RATE_LIMITED, side) {
        Answer::Never(_) => "none over it".to_owned(),
        of_limited => format!("{} over it", told(of_limited, measures::CONNECTOR_RATE_LIMITED.unit)),
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
                    let value = used(provider, limit, side)?;
                    let told = format!("{}, {}", rough(value.mean, Unit::Share), over(provider, side));
                    Some(ValueBar { color: color(side), value, label: told.clone(), told })
                })
                .collect(),
        })
        .collect();
    let as_written = point.as_written();
    let of_limits =
        limited.iter().filter_map(|(provider, limit)| Some((*provider, *limit, used(provider, limit, as_written)?)));
    let (busiest, limit, _) = of_limits.max_by(|one, other| one.2.mean.total_cmp(&other.2.mean))?;
    let sides = point.sides().filter_map(|side| {
        let used = used(busiest, limit, side)?;
        Some(format!("{} {}", rough(used.mean, Unit::Share), side.spoken()))
    });
    let sides = sides.collect::<Vec<_>>().join(", ");
    let title = format!("Of the calls that {} takes, {sides} are made on average", busiest.name());
    Some(Figure {
        name: "limits".to_owned(),
        title,
        finding: format!(
            "It takes {}. A limit may be used up for a while although little of it is used on average: “over it” are the calls \
             that found it used up.",
            limit.told()
        ),
        drawing: AnyChart::Bars(Bars {
            value_axis: "calls that are made, of those that the provider takes [%]",
            row_axis: "data provider",
            factor: 100.0,
            most: f64::INFINITY,
            rows,
            legend: legend(point),
            band: band_of(point.replications),
        }),
    })
}

impl ProviderLimit {
    /// So many calls a day the limit allows, to all that it holds for together.
    fn calls_a_day(&self) -> f64 {
        f64::from(self.requests) * f64::from(self.holders) * DAY_S / self.per.as_secs_f64()
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
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;
    use crate::time::SimDuration;

    #[test]
    fn calls_stand_beside_what_the_provider_allows() {
        let mut record = RecordBuilder::new().replications(2).build();
        let provider = record.replications[0].measured.connectors[0].provider.clone();
        let drawn = |record: &crate::record::RunRecord| {
            limits(&Evidence::from(record).points[0], &[&Subject::Provider(provider.clone())])
        };
        assert!(drawn(&record).is_none(), "it has no limit");
        let limit =
            ProviderLimit { provider: provider.clone(), requests: 10, per: SimDuration::from_secs(60), holders: 20 };
        assert!((limit.calls_a_day() - 288_000.0).abs() < 1e-6);
        record.facts.limits = vec![limit];
        let figure = drawn(&record).expect("a limit");
        let started = format!("Of the calls that {provider} takes, ");
        assert!(figure.title.starts_with(&started), "{}", figure.title);
        assert!(figure.finding.starts_with("It takes 10 calls in 1 min for each of 20. "), "{}", figure.finding);
        assert_legible(&svg(&figure));
    }
}
