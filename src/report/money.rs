//! What a month costs, with `GTNet` and without: the plans of providers, the servers, and which plan the keys need.

use crate::inference::{Answer, Contrast, Quantity, mean};
use crate::measures::{self, MeasureId, Unit};
use crate::metrics::PlanUse;
use crate::stats::Estimate;

use super::document::ReportSection;
use super::evidence::{PointEvidence, Side};
use super::numbers::{UNKNOWN, difference, rough, told, with_interval};

/// The rows of the grid; that of calls which no plan allows appears only if there are any.
const ROWS: [MeasureId; 5] = [
    measures::COST,
    measures::PROVIDER_COST,
    measures::KEYS_PAYING,
    measures::CALLS_BEYOND_FREE,
    measures::CALLS_UNCOVERED,
];

/// What a month costs, in a sentence or two; `None` if nobody says what anything costs.
pub(super) fn answer(point: &PointEvidence<'_>) -> Option<String> {
    let cost = |contrast| point.answer(&Quantity::of_network(measures::COST, contrast));
    let with = cost(Contrast::Value).known()?;
    let what = "Providers and servers cost";
    let sentence = match (cost(Contrast::GtnetOff).known(), cost(Contrast::Difference).known()) {
        (Some(without), Some(change)) => {
            let of = |cost: Estimate| rough(cost.mean, Unit::PerMonth);
            let (with, without) = (of(with), of(without).replace(Unit::PerMonth.spoken(), ""));
            let by = rough(change.mean.abs(), Unit::PerMonth).replace(Unit::PerMonth.spoken(), "");
            let half_width = change.half_width.unwrap_or(f64::INFINITY);
            match change.mean {
                change if change.abs() <= half_width && half_width > 0.0 => {
                    format!("{what} {with}, {without} without GTNet: it is too uncertain to tell which is less.")
                }
                change if change < 0.0 => format!("{what} {with}, {by} less than the {without} without GTNet."),
                change if change > 0.0 => format!("{what} {with}, {by} more than the {without} without GTNet."),
                _ => format!("{what} {with}, as much as without GTNet."),
            }
        }
        _ => format!("{what} {}.", rough(with.mean, Unit::PerMonth)),
    };
    let uncovered = point.value(measures::CALLS_UNCOVERED).known().filter(|of| of.mean > 0.0);
    let beware = uncovered
        .map(|of| format!(" {} are calls that no plan allows, and cost nothing here.", rough(of.mean, Unit::PerDay)));
    Some(sentence + &beware.unwrap_or_default())
}

/// The section of a run; `None` if nobody says what anything costs.
pub(super) fn section(point: &PointEvidence<'_>, label_width: usize) -> Option<ReportSection> {
    if !point.observations.has_prices() {
        return None;
    }
    let sides: Vec<Side> = point.sides().collect();
    let is_compared = sides.len() > 1;
    let spoken = sides.iter().map(|side| side.spoken().to_owned());
    let titles =
        std::iter::once(String::new()).chain(spoken.clone()).chain(is_compared.then(|| "difference".to_owned()));
    let answer = |measure, contrast| point.answer(&Quantity::of_network(measure, contrast));
    let is_shown = |measure: &MeasureId| {
        let is_seen = |side: &Side| !matches!(answer(*measure, side.contrast), Answer::Never(_));
        *measure != measures::CALLS_UNCOVERED || sides.iter().any(is_seen)
    };
    let row = |measure: MeasureId| {
        let of_sides = sides.iter().map(|side| told(answer(measure, side.contrast), measure.unit));
        let change = is_compared.then(|| difference(answer(measure, Contrast::Difference).known(), measure.unit));
        std::iter::once(measure.spoken.to_owned()).chain(of_sides).chain(change).collect::<Vec<String>>()
    };
    let rows = std::iter::once(titles.collect()).chain(ROWS.into_iter().filter(is_shown).map(row)).collect();
    let section = ReportSection::new("Money").grid(rows, label_width);
    let titles = std::iter::once("keys that need the plan".to_owned()).chain(spoken).collect();
    let plans: Vec<Vec<String>> = std::iter::once(titles).chain(plans(point, &sides)).collect();
    let section = if plans.len() > 1 { section.grid(plans, label_width) } else { section };
    Some(section.sentence(
        "Each key takes the cheapest plan that allows for its calls of the measured period; the rest of a month counts as alike. Prices are \
         those of the scenario.",
    ))
}

/// A row for each plan: how many keys need it.
fn plans(point: &PointEvidence<'_>, sides: &[Side]) -> Vec<Vec<String>> {
    let runs = |contrast| point.runs().filter(move |(_, of, _)| *of == contrast).map(|(_, _, measured)| measured);
    let first = runs(Contrast::Value).next().and_then(|measured| measured.spending.as_deref());
    let Some(first) = first else { return Vec::new() };
    let keys = |at: usize, side: &Side| {
        let used = |plan: &PlanUse| plan.keys as f64;
        let counts: Vec<Option<f64>> = runs(side.contrast)
            .map(|measured| measured.spending.as_deref().and_then(|of| of.plans.get(at)).map(used))
            .collect();
        let known = mean(&counts).known();
        known.map_or_else(|| UNKNOWN.to_owned(), |of| with_interval(Some(of), Unit::Number))
    };
    let row = |(at, plan): (usize, &PlanUse)| {
        let name = format!("{} {}", plan.provider, plan.plan);
        std::iter::once(name).chain(sides.iter().map(|side| keys(at, side))).collect()
    };
    first.plans.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Spending;
    use crate::record::RunRecord;
    use crate::report::support::RecordBuilder;
    use crate::report::{self, Evidence};

    /// A run whose clients pay so much for providers, with `GTNet` and without, and 15 for servers.
    fn record(costs: [f64; 2], uncovered: f64) -> RunRecord {
        let mut record = RecordBuilder::new().replications(6).build();
        for (replication, luck) in record.replications.iter_mut().zip(0_u32..) {
            let spending = |cost: f64, servers: f64| {
                let plan = |plan: &str, keys, cost| PlanUse {
                    provider: "yahoo".to_owned(),
                    plan: plan.to_owned(),
                    keys,
                    cost,
                };
                let paid = cost + f64::from(luck % 2);
                Some(Box::new(Spending {
                    plans: vec![plan("free", 17, 0.0), plan("basic", 3, paid)],
                    servers,
                    beyond_free: 8.0,
                    uncovered,
                    keys_paying: 3,
                }))
            };
            replication.measured.spending = spending(costs[0], 15.0);
            replication.baseline.as_mut().expect("a baseline").spending = spending(costs[1], 0.0);
        }
        record
    }

    fn answered(costs: [f64; 2], uncovered: f64) -> String {
        let record = record(costs, uncovered);
        let evidence = Evidence::from(&record);
        answer(&evidence.points[0]).expect("prices")
    }

    #[test]
    fn what_a_month_costs_is_told_beside_what_it_costs_without() {
        assert_eq!(
            answered([20.0, 60.0], 0.0),
            "Providers and servers cost 36 a month, 25 less than the 61 without GTNet."
        );
        assert_eq!(
            answered([60.0, 60.0], 0.0),
            "Providers and servers cost 76 a month, 15 more than the 61 without GTNet."
        );
        let forbidden = answered([20.0, 60.0], 8.0);
        assert!(forbidden.ends_with("2.0 a day are calls that no plan allows, and cost nothing here."), "{forbidden}");
        let free = RecordBuilder::new().build();
        assert!(answer(&Evidence::from(&free).points[0]).is_none());
    }

    #[test]
    fn without_prices_nothing_is_said_of_money() {
        let priced = record([20.0, 60.0], 0.0);
        let free = RecordBuilder::new().build();
        let text = report::text(&priced);
        for told in ["total cost", "yahoo basic", "keys that cost something", "25 less"] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(!text.contains("no plan allows"), "{text}");
        let table = |record: &RunRecord, name: &str| {
            let files = report::files(record);
            files.into_iter().find(|file| file.name == name).map(|file| String::from_utf8(file.bytes).expect("text"))
        };
        assert!(table(&priced, "plans.csv").is_some_and(|text| text.contains("0,value,yahoo,basic,3,20")));
        assert!(table(&free, "plans.csv").is_none());
        for name in ["measures.csv", "summary.csv", "replications.csv"] {
            let [priced, free] = [&priced, &free].map(|record| table(record, name).expect("a table"));
            assert!(priced.contains("provider_cost") && !free.contains("provider_cost"), "{name}");
        }
        assert!(!report::text(&free).contains("cost"));
    }
}
