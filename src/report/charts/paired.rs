//! Chart: how each replication of the variants differs from the same replication of the first one. It shows whether a difference is
//! that of all replications, or of a few.

use crate::inference::{Relevant, Verdict};
use crate::measures::Unit;
use crate::report::differences::Difference;
use crate::report::evidence::Evidence;
use crate::report::numbers::{capitalised, difference as signed, quoted};
use crate::stats::Estimate;
use crate::text::listed;

use super::Figure;
use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartSeries, ChartStyle};
use super::names::shortened;

/// Fewer replications than this are told by their interval.
const REPLICATIONS_SHOWN: usize = 3;

/// So many variants have room beside each other.
const VARIANTS_SHOWN: usize = 8;

/// So many variants are named in a title; more are counted.
const VARIANTS_NAMED: usize = 3;

/// The dots of a variant take this share of its place.
const SPREAD: f64 = 0.5;

/// The picture of the number of which the most variants surely differ by what matters; `None` if none does, or there are too many
/// variants or too few replications.
pub(in crate::report) fn paired(evidence: &Evidence<'_>, differences: &[Difference]) -> Option<Figure> {
    let surely = |difference: &&Difference| matches!(difference.verdict, Verdict::Differs(_, Relevant::Yes));
    let count =
        |one: &Difference| differences.iter().filter(|other| other.number == one.number && surely(other)).count();
    // Of numbers of which as many differ, the first one is told.
    let mut shown: Option<&Difference> = None;
    for one in differences.iter().filter(surely) {
        if shown.is_none_or(|best| count(one) > count(best)) {
            shown = Some(one);
        }
    }
    let shown = shown?;
    let own: Vec<&Difference> =
        differences.iter().filter(|one| one.number == shown.number && one.paired.is_some()).collect();
    let reference = evidence.points.first()?;
    let values: Vec<(&Difference, Vec<f64>)> =
        own.into_iter().filter_map(|difference| Some((difference, by_replication(evidence, difference)?))).collect();
    let replications = values.iter().map(|(_, values)| values.len()).min()?;
    if values.len() > VARIANTS_SHOWN || replications < REPLICATIONS_SHOWN {
        return None;
    }
    let all = || values.iter().flat_map(|(_, values)| values).copied();
    let highest = all().fold(0.0, f64::max);
    let lowest = all().fold(0.0, f64::min);
    let (factor, symbol) = scale(highest.max(-lowest), shown.number.unit());
    let names = shortened(values.iter().map(|(difference, _)| difference.variant.as_str()));
    let places: Vec<f64> = (0_u32..).zip(&values).map(|(place, _)| f64::from(place)).collect();
    let dots = places.iter().zip(&values).flat_map(|(place, (difference, values))| {
        let count = values.len() as f64;
        values.iter().zip(0_u32..).map(move |(value, index)| ChartPoint {
            x: place + SPREAD * ((f64::from(index) + 0.5) / count - 0.5),
            y: factor * value,
            interval: None,
            told: format!(
                "{}, replication {index}: {}",
                difference.variant,
                signed(Some(alone(*value)), difference.number.unit())
            ),
        })
    });
    let means = places.iter().zip(&values).filter_map(|(place, (difference, _))| {
        let paired = difference.paired?.difference;
        let half_width = paired.half_width?;
        Some(ChartPoint {
            x: place + 0.5 * SPREAD + 0.1,
            y: factor * paired.mean,
            interval: Some([paired.mean - half_width, paired.mean + half_width].map(|end| factor * end)),
            told: format!("{}: {}", difference.variant, signed(Some(paired), difference.number.unit())),
        })
    });
    let series = vec![
        ChartSeries { name: "a replication".to_owned(), color: 0, style: ChartStyle::Dots, points: dots.collect() },
        ChartSeries { name: "mean".to_owned(), color: 4, style: ChartStyle::Intervals, points: means.collect() },
    ];
    let last = places.last()? + 0.6;
    let chart = ChartData {
        x: ChartAxis::new("variant", [-0.5, last], places.iter().copied().zip(names).collect()).named(),
        y: ChartAxis::of(
            &format!("{}: difference from {} [{symbol}]", shown.name(), reference.label),
            &LinearTicks::over(factor * lowest, factor * highest),
        ),
        series,
        guides: vec![ChartGuide { is_upright: false, at: 0.0, stretch: None, label: String::new() }],
        band: "interval: all of a study hold with a chance of 95 %".to_owned(),
        ..ChartData::default()
    };
    Some(Figure::plotted(
        "paired",
        title(&values, shown),
        "Each dot is a replication of a variant less the same replication of the first one.".to_owned(),
        chart,
    ))
}

/// In which variants every replication is higher than that of the first one, in which lower, and in which neither.
fn title(values: &[(&Difference, Vec<f64>)], shown: &Difference) -> String {
    let is_higher = |values: &[f64]| values.iter().all(|value| *value > 0.0);
    let is_lower = |values: &[f64]| values.iter().all(|value| *value < 0.0);
    let of = |is_so: &dyn Fn(&[f64]) -> bool| -> Vec<String> {
        let those = values.iter().filter(|(_, values)| is_so(values));
        those.map(|(difference, _)| quoted(&difference.variant)).collect()
    };
    let every = [("higher", of(&is_higher)), ("lower", of(&is_lower))];
    let (name, reference) = (capitalised(&shown.name()), quoted(&shown.reference));
    let whom = |variants: &[String]| match variants.len() {
        1..=VARIANTS_NAMED => listed(variants),
        count => format!("{count} of {} variants", values.len()),
    };
    if let Some((way, _)) = every.iter().find(|(_, variants)| variants.len() == values.len()) {
        let of_whom = if values.len() == 1 { quoted(&shown.variant) } else { format!("all {} variants", values.len()) };
        return format!("{name}: every replication of {of_whom} is {way} than that of {reference}");
    }
    let ways: Vec<String> = every
        .iter()
        .filter(|(_, variants)| !variants.is_empty())
        .map(|(way, variants)| format!("{way} in {}", whom(variants)))
        .collect();
    match (ways.is_empty(), values.len()) {
        (true, 1) => {
            format!(
                "{name}: not every replication of {} differs from {reference} in the same direction",
                quoted(&shown.variant)
            )
        }
        (true, _) => format!("{name}: in no variant every replication differs from {reference} in the same direction"),
        (false, _) => format!("{name}: against {reference} every replication is {}", ways.join(", ")),
    }
}

/// The differences of all replications that both have.
fn by_replication(evidence: &Evidence<'_>, difference: &Difference) -> Option<Vec<f64>> {
    let (reference, variant) =
        (evidence.points.first()?, evidence.points.iter().find(|point| point.label == difference.variant)?);
    let count = reference.replications.min(variant.replications);
    let own = difference.number.sample(&variant.observations, count)?;
    let of_reference = difference.number.sample(&reference.observations, count)?;
    Some(own.values().iter().zip(of_reference.values()).map(|(own, reference)| own - reference).collect())
}

const fn alone(mean: f64) -> Estimate {
    Estimate { mean, half_width: None, standard_deviation: None, count: 1 }
}

/// By what a difference is multiplied, and its unit then.
fn scale(reach: f64, unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Share => (100.0, "percentage points"),
        unit => super::lines::scale(reach, unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures;
    use crate::record::StudyKind;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::differences::differences;
    use crate::report::export::svg;
    use crate::report::support::study;

    #[test]
    fn every_replication_of_every_variant_is_a_dot() {
        let mut record = study(StudyKind::Comparison, 3, 12);
        for (point, change) in record.points.iter_mut().zip([0.0, 50.0, 9.0]) {
            for (observed, noise) in point.replications.iter_mut().zip((0_u32..).map(|step| f64::from(step % 3))) {
                observed.measured[measures::VISITS] = Some(1.0);
                observed.measured[measures::USER_WAIT_P50] = Some(100.0 + change + noise);
            }
            point.contributions = point.replications.clone();
        }
        let evidence = Evidence::from(&record);
        let all: Vec<Difference> =
            differences(&evidence).into_iter().filter(|one| one.number.measure == measures::USER_WAIT_P50).collect();
        let figure = paired(&evidence, &all).expect("differences");
        let chart = figure.data();
        assert_eq!(chart.series[0].points.len(), 24);
        assert_eq!(
            chart.x.ticks.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>(),
            ["variant-1", "variant-2"]
        );
        assert!((chart.series[0].points[0].y - 50.0).abs() < 1e-9, "{:?}", chart.series[0].points[0]);
        let told = ": every replication of all 2 variants is higher than that of “variant-0”";
        assert!(figure.title.ends_with(told), "{}", figure.title);
        assert_legible(&svg(&figure));
        let few = study(StudyKind::Comparison, 3, 2);
        let evidence = Evidence::from(&few);
        assert!(paired(&evidence, &differences(&evidence)).is_none(), "two replications say little");
    }

    #[test]
    fn variants_that_go_opposite_ways_are_told_as_such() {
        let record = study(StudyKind::Comparison, 3, 2);
        let all = differences(&Evidence::from(&record));
        let difference = |variant: &str| all.iter().find(|one| one.variant == variant).expect("a difference");
        let (one, other) = (difference("variant-1"), difference("variant-2"));
        let told =
            |values: Vec<(&Difference, Vec<f64>)>| title(&values, one).split_once(": ").expect("a name").1.to_owned();
        let (up, down, both) = (vec![1.0, 2.0], vec![-1.0, -2.0], vec![1.0, -1.0]);
        assert_eq!(
            told(vec![(one, up.clone()), (other, down.clone())]),
            "against “variant-0” every replication is higher in “variant-1”, lower in “variant-2”"
        );
        let told_of_one = "against “variant-0” every replication is lower in “variant-2”";
        assert_eq!(told(vec![(one, both.clone()), (other, down.clone())]), told_of_one);
        assert_eq!(told(vec![(one, down)]), "every replication of “variant-1” is lower than that of “variant-0”");
        let neither_way = "not every replication of “variant-1” differs from “variant-0” in the same direction";
        assert_eq!(told(vec![(one, both)]), neither_way);
        let four = vec![(one, up.clone()), (one, up.clone()), (one, up.clone()), (one, up), (other, vec![-1.0])];
        let told_of_five = "against “variant-0” every replication is higher in 4 of 5 variants, lower in “variant-2”";
        assert_eq!(told(four), told_of_five);
    }
}
