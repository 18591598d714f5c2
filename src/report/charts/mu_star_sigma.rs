//! Charts of effects in many worlds: for Morris's method how strong each uncertain value is (μ*) and how much that differs from world
//! to world (σ), and for Sobol's which share of the variance each value has.

use crate::inference::Quantity;
use crate::measures::Unit;
use crate::record::{EffectKind, SensitivityRecord};
use crate::report::evidence::Evidence;
use crate::report::influence::{self, JudgedEffect, change};
use crate::report::numbers::{axis_scale, capitalised, listed, rough, with_interval};
use crate::stats::Estimate;

use super::axis::LinearTicks;
use super::bars::{BarRow, Bars, ValueBar};
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle};
use super::heading::Mark;
use super::palette::{BLUE, INK, ORANGE, PALETTE};
use super::tornado::chart_name;
use super::{AnyChart, Drawable, Figure};

/// So many values have colours of their own; the others are grey.
const COLOURED: usize = PALETTE.len();

/// The chart of shares has room for this many rows.
const ROWS_DRAWN: usize = 9;

/// The picture of a measure of a Morris analysis.
pub(in crate::report) fn mu_star_sigma(
    evidence: &Evidence<'_>,
    analysis: &SensitivityRecord,
    measure: usize,
) -> Drawable {
    let number = &analysis.quantities()[measure];
    let spoken = capitalised(&number.spoken());
    let ranked = JudgedEffect::ranked(evidence, analysis, EffectKind::MuStar, measure);
    let mut known: Vec<(usize, f64, f64)> = Vec::with_capacity(ranked.len());
    for judged in &ranked {
        let input = judged.effect.input;
        let sigma = analysis.effect(EffectKind::Sigma, measure, input).and_then(|effect| effect.value);
        known.extend(judged.effect.value.zip(sigma).map(|(mu_star, sigma)| (input, mu_star, sigma)));
    }
    if known.is_empty() {
        return Err(format!("{spoken}: no effect is known, as it has no number in some worlds."));
    }
    let largest = known.iter().map(|(_, mu_star, sigma)| mu_star.max(*sigma)).fold(0.0, f64::max);
    let (factor, unit) = axis_scale(largest, number.unit());
    let unit = if number.unit() == Unit::Share { "points" } else { unit };
    let unit = if unit.is_empty() { String::new() } else { format!(" [{unit}]") };
    let name = |input: usize| influence::name(analysis, input);
    let point = |(input, mu_star, sigma): &(usize, f64, f64)| ChartPoint {
        x: factor * mu_star,
        y: factor * sigma,
        interval: None,
        told: format!("{}: μ* {}, σ {}", name(*input), change(*mu_star, number.unit()), change(*sigma, number.unit())),
    };
    let (coloured, others) = known.split_at(known.len().min(COLOURED));
    let mut series: Vec<ChartSeries> = coloured
        .iter()
        .enumerate()
        .map(|(color, of)| ChartSeries { name: name(of.0), color, style: ChartStyle::Dots, points: vec![point(of)] })
        .collect();
    if !others.is_empty() {
        let points = others.iter().map(point).collect();
        let name = format!("{} that move it less", others.len());
        series.push(ChartSeries { name, color: COLOURED, style: ChartStyle::Dots, points });
    }
    let ticks = LinearTicks::up_to(factor * largest);
    let line = [0.0, ticks.top()].map(|at| ChartPoint { x: at, y: at, interval: None, told: "σ = μ*".to_owned() });
    series.push(ChartSeries {
        name: "σ = μ*".to_owned(),
        color: COLOURED,
        style: ChartStyle::Law,
        points: line.into(),
    });
    let chart = ChartData {
        x: ChartAxis::of(&format!("μ*: mean change if the value crosses its range{unit}"), &ticks),
        y: ChartAxis::of(&format!("σ: how much that differs from world to world{unit}"), &ticks),
        series,
        ..ChartData::default()
    };
    let strongest: Vec<String> = known.iter().filter(|of| of.1 > 0.0).take(2).map(|of| name(of.0)).collect();
    let title = match strongest.as_slice() {
        [] => format!("{spoken} does not move with anything that is uncertain"),
        some => format!("What moves {} most: {}, by {} on average", number.spoken(), listed(some), by(number, &known)),
    };
    let finding =
        "Right: strong. High: the effect depends on the other values, or is no straight line. Near 0: hardly matters.";
    Ok(Figure::plotted(&chart_name("mu_star_sigma", number), title, finding.to_owned(), chart))
}

/// The two strongest effects.
fn by(number: &Quantity, known: &[(usize, f64, f64)]) -> String {
    let sizes = known.iter().filter(|of| of.1 > 0.0).take(2).map(|of| change(of.1, number.unit()));
    listed(&sizes.collect::<Vec<_>>())
}

/// The picture of a measure of a Sobol analysis.
pub(in crate::report) fn variance_shares(
    evidence: &Evidence<'_>,
    analysis: &SensitivityRecord,
    measure: usize,
) -> Drawable {
    let number = &analysis.quantities()[measure];
    let spoken = number.spoken();
    let ranked = JudgedEffect::ranked(evidence, analysis, EffectKind::Total, measure);
    let bar = |kind: EffectKind, input: usize| {
        let effect = analysis.effect(kind, measure, input)?;
        let (mean, half_width) = (effect.value?.max(0.0), effect.half_width);
        let value = Estimate { mean, half_width, standard_deviation: None, count: evidence.points.len() };
        let told = with_interval(Some(Estimate { mean: effect.value?, ..value }), Unit::Share);
        let color = if kind == EffectKind::Total { BLUE } else { ORANGE };
        Some(ValueBar { color, value, label: told.clone(), told })
    };
    let row = |judged: &JudgedEffect<'_>| BarRow {
        name: influence::name(analysis, judged.effect.input),
        told: String::new(),
        bars: [EffectKind::Total, EffectKind::FirstOrder]
            .into_iter()
            .filter_map(|kind| bar(kind, judged.effect.input))
            .collect(),
    };
    let Some(first) = ranked.first().filter(|first| first.effect.value.is_some()) else {
        return Err(format!("{}: no share of its variance is known.", capitalised(&spoken)));
    };
    let share = rough(first.size(), Unit::Share);
    let name = influence::name(analysis, first.effect.input);
    let more = match ranked.len().saturating_sub(ROWS_DRAWN) {
        0 => String::new(),
        more => format!(" Not drawn: {more} with smaller shares."),
    };
    let entries = [("with what it does together with others", BLUE), ("alone", ORANGE)];
    let legend = entries.map(|(text, color)| (text.to_owned(), Mark::Bar(color)));
    Ok(Figure {
        name: chart_name("variance_shares", number),
        title: format!("{}: {share} of the variance hangs on {name}", capitalised(&spoken)),
        finding: format!(
            "How much of the variance over all worlds would be left if all other values were known, and how much the value has alone.{more}"
        ),
        drawing: AnyChart::Bars(Bars {
            value_axis: "share of the variance over all worlds [%]",
            row_axis: "uncertain value",
            factor: 100.0,
            most: f64::INFINITY,
            rows: ranked.iter().take(ROWS_DRAWN).map(row).collect(),
            legend: legend.into_iter().chain([("95 % interval".to_owned(), Mark::Line(INK))]).collect(),
            band: "95 % interval by bootstrap".to_owned(),
        }),
    })
}
