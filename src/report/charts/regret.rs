//! Chart: how far each alternative is behind the best one, as the share of the worlds in which it is no farther behind. The higher and
//! the farther left its line, the less it may be regretted.

use crate::inference::Quantity;
use crate::measures::Unit;
use crate::report::influence::change;
use crate::report::numbers::{axis_scale, capitalised, quoted};
use crate::report::worlds::{Regret, WorldResults};

use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartPoint, ChartSeries, ChartStyle};
use super::lines::LEGIBLE_LINES;
use super::tornado::chart_name;
use super::{Drawable, Figure};

/// The picture of a number.
pub(in crate::report) fn regret(results: &WorldResults<'_>, number: &Quantity) -> Drawable {
    let spoken = number.spoken();
    let all: Vec<&Regret> = results.regrets.iter().filter(|of| of.number == *number).collect();
    let known: Vec<&Regret> = all.iter().copied().filter(|of| of.worst().is_some()).collect();
    let worst = |of: &Regret| of.worst().map_or(0.0, |(_, worst)| worst);
    let Some(least) = known.iter().min_by(|one, other| worst(one).total_cmp(&worst(other))) else {
        return Err(format!("{}: in no world do all alternatives have a number.", capitalised(&spoken)));
    };
    let largest = known.iter().map(|of| worst(of)).fold(0.0, f64::max);
    if largest <= 0.0 {
        return Err(format!("{}: no alternative is ever behind another.", capitalised(&spoken)));
    }
    let (factor, unit) = axis_scale(largest, number.unit());
    let unit = if number.unit() == Unit::Share { "points" } else { unit };
    let unit = if unit.is_empty() { String::new() } else { format!(" [{unit}]") };
    let ticks = LinearTicks::up_to(factor * largest);
    let shares = LinearTicks::up_to(100.0);
    let line = |(color, of): (usize, &&Regret)| {
        let sorted = of.sorted();
        let point = |(index, regret): (usize, &f64)| {
            let share = 100.0 * (index + 1) as f64 / sorted.len() as f64;
            let told = format!("at most {} in {share:.0} % of the worlds", change(*regret, number.unit()));
            ChartPoint { x: factor * regret, y: share, interval: None, told }
        };
        let points = sorted.iter().enumerate().map(point).collect();
        ChartSeries { name: of.variant.clone(), color, style: ChartStyle::Line, points }
    };
    let (drawn, left_out) = known.split_at(known.len().min(LEGIBLE_LINES));
    let more = if left_out.is_empty() { String::new() } else { format!(" Not drawn: {} more.", left_out.len()) };
    let chart = ChartData {
        x: ChartAxis::of(&format!("{spoken}: how far behind the best alternative{unit}"), &ticks),
        y: ChartAxis::of("worlds that are no farther behind [%]", &shares),
        series: drawn.iter().enumerate().map(line).collect(),
        ..ChartData::default()
    };
    let title = format!(
        "{}: {} is at worst {} behind the best",
        capitalised(&spoken),
        quoted(&least.variant),
        change(worst(least), number.unit())
    );
    let finding = format!(
        "The farther up and left a line runs, the less the alternative may be regretted. {} worlds.{more}",
        least.worlds.len()
    );
    Ok(Figure::plotted(&chart_name("regret", number), title, finding, chart))
}
