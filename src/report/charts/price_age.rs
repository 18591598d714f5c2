//! Chart: how old the prices are that users see, with and without `GTNet`.

use crate::inference::{Answer, Quantity};
use crate::measures::{self, MeasureId, Unit};
use crate::report::curves::CumulativeShare;
use crate::report::evidence::PointEvidence;
use crate::report::numbers::{duration, mean, told, with_interval};
use crate::stats::Estimate;

use super::cumulative::{self, VISIBLE, place};
use super::data::ChartGuide;
use super::{Drawable, Figure, band_of};

/// The picture of how old the prices are that users see; `curves` are those of a run.
pub(in crate::report) fn price_age(point: &PointEvidence<'_>, curves: &[CumulativeShare]) -> Drawable {
    if point.value(measures::PRICE_AGE_P50) == Answer::CutOff(None) {
        return Err("How old the prices are that users see is not known: too many visits never end.".to_owned());
    }
    let axes = ["age when shown: trading time since the price was made", "instruments whose price is at most so old"];
    let (mut chart, window) = cumulative::chart(curves, axes, &band_of(point.replications))
        .ok_or_else(|| "No price was shown to anybody.".to_owned())?;
    let is_shown = (window.from..=window.to).contains(&point.facts.fresh_within);
    if let Some(age) = point.facts.freshness_threshold.filter(|_| is_shown) {
        let label = format!("fresh: at most {}", duration(age));
        chart.guides.push(ChartGuide { is_upright: true, at: place(age), stretch: None, label });
    }
    if let Some(zero) = age_zero(point).map(|share| 100.0 * share.mean).filter(|zero| *zero > chart.y.low) {
        let label =
            if zero - chart.y.low > 0.15 * (chart.y.high - chart.y.low) { "age 0: not traded since" } else { "" };
        let label = label.to_owned();
        chart.guides.push(ChartGuide { is_upright: false, at: zero, stretch: Some([chart.y.low, zero]), label });
    }
    let part = if window.is_part { " Shown is the part in which the two differ most." } else { "" };
    Ok(Figure::plotted("price_age", title(point), finding(point) + part, chart))
}

/// How many prices are fresh.
fn title(point: &PointEvidence<'_>) -> String {
    let of_sides = point.sides().map(|side| {
        let fresh = point.answer(&Quantity::of_network(measures::FRESH_SHARE, side.contrast));
        format!("{} {}", mean(fresh.known(), Unit::Share), side.spoken())
    });
    let of_sides = of_sides.collect::<Vec<_>>().join(", ");
    format!("Prices at most {} old: {of_sides}", duration(point.facts.fresh_within))
}

fn finding(point: &PointEvidence<'_>) -> String {
    let compare = |measure: MeasureId| {
        let of_sides = point.sides().map(|side| {
            let answer = point.answer(&Quantity::of_network(measure, side.contrast));
            format!("{} {}", told(answer, measure.unit), side.spoken())
        });
        of_sides.collect::<Vec<_>>().join(", ")
    };
    let median = format!("Median age: {}.", compare(measures::PRICE_AGE_P50));
    let age_zero = age_zero(point).map(|share| {
        let share = with_interval(Some(share), Unit::Share);
        format!("Age 0 (no trading since): {share}.")
    });
    std::iter::once(median).chain(age_zero).collect::<Vec<_>>().join(" ")
}

/// The share of prices of age 0 in the scenario as written; `None` if it is too small to be seen.
fn age_zero(point: &PointEvidence<'_>) -> Option<Estimate> {
    point.value(measures::AGE_ZERO_SHARE).known().filter(|age_zero| age_zero.mean >= VISIBLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::report::curves;

    #[test]
    fn the_share_of_fresh_prices_is_told_once() {
        let record = RecordBuilder::new().replications(2).build();
        let evidence = Evidence::from(&record);
        let point = &evidence.points[0];
        let figure = price_age(point, &curves::price_age(point)).expect("prices");
        assert!(figure.title.starts_with("Prices at most 25 min old: "), "{}", figure.title);
        assert!(figure.finding.starts_with("Median age: ") && !figure.finding.contains("25 min"), "{}", figure.finding);
    }
}
