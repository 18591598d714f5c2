//! Chart: how far each uncertain value moves a measure on its own, as a bar to each side of what is assumed. The longest bars are on
//! top.

use plotters::backend::DrawingBackend;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::inference::Quantity;
use crate::measures::Unit;
use crate::record::{EffectKind, EffectRecord, SensitivityRecord};
use crate::report::evidence::Evidence;
use crate::report::influence::{self, JudgedEffect};
use crate::report::numbers::{axis_scale, capitalised, from_to, rough};

use super::axis::{LinearTicks, Tick, TickedAxis};
use super::canvas::{Area, Drawn, FOOT, Frame, MARGIN, fitted, label_style, label_width, plot};
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartRow, ChartSeries, ChartStyle};
use super::heading::{Mark, name_of};
use super::palette::{BAND_OPACITY, BLUE, GREY, INK, VERMILION, color_number};
use super::{AnyChart, Chart, Drawable, Figure};

/// The chart has room for this many rows.
const ROWS_DRAWN: usize = 12;

/// The columns beside the plot are at most so wide \[units\].
const NAMES_WIDTH: i32 = 640;
const VALUES_WIDTH: i32 = 620;

/// How much of the height of its row a bar takes.
const BAR_HEIGHT: f64 = 0.56;

/// What the colours mean, and the band.
const LEGEND: [(&str, Mark); 3] = [
    ("at the low end of its range", Mark::Bar(BLUE)),
    ("at the high end", Mark::Bar(VERMILION)),
    ("too small to matter", Mark::Band(GREY)),
];

/// A tornado.
#[derive(Debug)]
pub(super) struct Tornado {
    rows: Vec<TornadoRow>,
    axis: String,
    first: f64,
    last: f64,
    ticks: Vec<Tick>,
    /// The smallest difference that matters, on the axis.
    least: f64,
    legend: Vec<(String, Mark)>,
}

#[derive(Debug)]
struct TornadoRow {
    name: String,
    /// From which value to which one, and the measure there.
    told: String,
    /// The differences from what is assumed, with their colours; the one that is farther away first.
    ends: Vec<(f64, RGBColor, String)>,
}

/// The picture of a measure of an analysis of one value at a time.
pub(in crate::report) fn tornado(evidence: &Evidence<'_>, analysis: &SensitivityRecord, measure: usize) -> Drawable {
    let number = &analysis.quantities()[measure];
    let spoken = number.spoken();
    let assumed = evidence.points.first().and_then(|point| point.answer(number).known());
    let Some(assumed) = assumed.map(|assumed| assumed.mean) else {
        return Err(format!("{} are not known as assumed.", capitalised(&spoken)));
    };
    let ranked = JudgedEffect::ranked(evidence, analysis, EffectKind::Swing, measure);
    let differences = || {
        let all = ranked.iter().flat_map(|judged| &judged.effect.tried).flatten();
        all.map(|mean| mean - assumed)
    };
    let least = influence::least(evidence, analysis, EffectKind::Swing, measure);
    let largest = differences().map(f64::abs).fold(least, f64::max);
    let (factor, unit) = axis_scale(largest, number.unit());
    let rows: Vec<TornadoRow> =
        ranked.iter().take(ROWS_DRAWN).map(|judged| row(analysis, number, judged.effect, assumed, factor)).collect();
    let low = differences().fold(0.0, f64::min).min(-least) * factor;
    let high = differences().fold(0.0, f64::max).max(least) * factor;
    let ticks = LinearTicks::over(low, high);
    let title = match ranked.first().filter(|first| first.size() > 0.0) {
        Some(first) => {
            let known = || first.effect.tried.iter().copied().flatten();
            let ends = [known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max)];
            let name = influence::name(analysis, first.effect.input);
            format!("What moves {spoken} most is {name}: {}", from_to(ends[0], ends[1], number.unit()))
        }
        None => format!("{} does not move with anything that is uncertain", capitalised(&spoken)),
    };
    let more = match ranked.len().saturating_sub(ROWS_DRAWN) {
        0 => String::new(),
        more => format!(" Not drawn: {more} that move it less."),
    };
    let are_listed = ranked.iter().any(|judged| judged.effect.tried.len() > 2);
    let listed = if are_listed { " Of values that are listed, the lowest and the highest mean." } else { "" };
    let axis = match number.unit() {
        Unit::Share => format!("{spoken}, difference from {} as assumed [points]", rough(assumed, number.unit())),
        _ if unit.is_empty() => format!("{spoken}, difference from {} as assumed", rough(assumed, number.unit())),
        _ => format!("{spoken}, difference from {} as assumed [{unit}]", rough(assumed, number.unit())),
    };
    Ok(Figure {
        name: chart_name("tornado", number),
        title,
        finding: format!("One value at a time, the others as assumed.{listed}{more}"),
        drawing: AnyChart::Tornado(Tornado {
            rows,
            axis,
            first: ticks.bottom(),
            last: ticks.top(),
            ticks: ticks.labelled(),
            least: least * factor,
            legend: LEGEND.map(|(text, mark)| (text.to_owned(), mark)).into(),
        }),
    })
}

/// The name of a picture of one measure.
pub(super) fn chart_name(kind: &str, number: &Quantity) -> String {
    format!("{kind}_{}", number.to_string().replace('.', "_"))
}

fn row(
    analysis: &SensitivityRecord,
    number: &Quantity,
    effect: &EffectRecord,
    assumed: f64,
    factor: f64,
) -> TornadoRow {
    let input = &analysis.inputs[effect.input];
    let values: Vec<String> =
        input.range.iter().enumerate().map(|(number, value)| short(value, number, input.range.len())).collect();
    let known: Vec<(&String, f64)> =
        values.iter().zip(&effect.tried).filter_map(|(value, mean)| Some((value, (*mean)?))).collect();
    let ends: Vec<(&String, f64)> = match known.as_slice() {
        [low, high] => vec![*low, *high],
        several => {
            let by_mean = |one: &&(&String, f64), other: &&(&String, f64)| one.1.total_cmp(&other.1);
            several.iter().min_by(by_mean).into_iter().chain(several.iter().max_by(by_mean)).copied().collect()
        }
    };
    let told = match ends.as_slice() {
        [(low, from), (high, to)] => format!("{low} to {high}: {}", from_to(*from, *to, number.unit())),
        _ => "not known".to_owned(),
    };
    let mut drawn: Vec<(f64, RGBColor, String)> = ends
        .iter()
        .zip([BLUE, VERMILION])
        .map(|((value, mean), color)| {
            ((mean - assumed) * factor, color, format!("{value}: {}", rough(*mean, number.unit())))
        })
        .collect();
    // If both are on one side, the shorter bar lies on the longer one.
    drawn.sort_by(|one, other| other.0.abs().total_cmp(&one.0.abs()));
    TornadoRow { name: influence::name(analysis, effect.input), told, ends: drawn }
}

/// A value, or its number if it is too long for a row.
fn short(value: &str, number: usize, count: usize) -> String {
    const LONGEST: usize = 24;
    if value.chars().count() > LONGEST { format!("value {} of {count}", number + 1) } else { value.to_owned() }
}

impl Chart for Tornado {
    fn legend(&self) -> &[(String, Mark)] {
        &self.legend
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB> {
        let count = f64::from(u32::try_from(self.rows.len()).expect("few rows"));
        let (mut names, mut values) = (0, 0);
        for row in &self.rows {
            names = names.max(label_width(root, &row.name)? + 40);
            values = values.max(label_width(root, &row.told)? + 32);
        }
        let (names, values) = (names.min(NAMES_WIDTH), values.min(VALUES_WIDTH));
        let frame = Frame {
            left: MARGIN,
            right: MARGIN + values,
            top: 24,
            foot: FOOT,
            labels: names,
            titles: [Some(&self.axis), None],
            has_rows: true,
        };
        let (x, y) =
            (TickedAxis::new(self.first..self.last, self.ticks.clone()), TickedAxis::new(0.0..count, Vec::new()));
        let mut chart = plot(below, &frame, x, y)?;
        let near = [(-self.least).max(self.first), self.least.min(self.last)];
        chart.draw_series([Rectangle::new([(near[0], 0.0), (near[1], count)], GREY.mix(BAND_OPACITY).filled())])?;
        for (row, place) in self.rows.iter().zip((0_u32..).map(|index| count - 0.5 - f64::from(index))) {
            for (end, color, _) in &row.ends {
                let (bottom, top) = (place - BAR_HEIGHT / 2.0, place + BAR_HEIGHT / 2.0);
                chart.draw_series([Rectangle::new([(0.0, bottom), (*end, top)], color.filled())])?;
            }
            let (left, y) = chart.backend_coord(&(self.first, place));
            let (right, _) = chart.backend_coord(&(self.last, place));
            let name = fitted(root, &row.name, names - 40)?;
            root.draw(&Text::new(name, (left - 24, y), label_style(INK, HPos::Right)))?;
            let told = fitted(root, &row.told, values - 32)?;
            root.draw(&Text::new(told, (right + 32, y), label_style(INK, HPos::Left)))?;
        }
        let zero = PathElement::new([(0.0, 0.0), (0.0, count)], ShapeStyle::from(INK).stroke_width(3));
        chart.draw_series([zero])?;
        Ok(())
    }

    fn data(&self) -> ChartData {
        let series = [BLUE, VERMILION].map(|color| {
            let rows = (0_u32..).zip(&self.rows);
            let points = rows.flat_map(|(index, row)| {
                let own = row.ends.iter().filter(|(_, of_end, _)| *of_end == color);
                own.map(move |(end, _, told)| ChartPoint {
                    x: *end,
                    y: f64::from(index),
                    interval: Some([end.min(0.0), end.max(0.0)]),
                    told: format!("{}: {told}", row.name),
                })
            });
            ChartSeries {
                name: name_of(color, &self.legend),
                color: color_number(color),
                style: ChartStyle::Intervals,
                points: points.collect(),
            }
        });
        let row =
            |row: &TornadoRow| ChartRow { name: row.name.clone(), told: row.told.clone(), near: Some(self.least) };
        ChartData {
            x: ChartAxis::new(self.axis.clone(), [self.first, self.last], self.ticks.clone()),
            y: ChartAxis::default(),
            rows: self.rows.iter().map(row).collect(),
            series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
            guides: vec![ChartGuide { is_upright: true, at: 0.0, stretch: None, label: String::new() }],
            band: "from what is assumed to the end of the range".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sensitivity_support::analysed;
    use crate::record::{SensitivityDesign, StudyRecord};
    use crate::report::charts::sheet::assert_legible;
    use crate::report::charts::{mu_star_sigma, variance_shares};
    use crate::report::export::svg;

    fn figures(record: &StudyRecord) -> Vec<Figure> {
        let evidence = Evidence::from(record);
        let analysis = record.sensitivity.as_ref().expect("an analysis");
        let draw = match analysis.design {
            SensitivityDesign::Tornado(_) => tornado,
            SensitivityDesign::Morris(_) => mu_star_sigma,
            SensitivityDesign::Sobol { .. } => variance_shares,
        };
        (0..analysis.measures.len()).map(|measure| draw(&evidence, analysis, measure).expect("effects")).collect()
    }

    #[test]
    fn charts_of_all_methods_are_legible_and_documented() {
        let documented = include_str!("../../../docs/charts.md");
        for record in analysed() {
            for figure in figures(&record) {
                assert_legible(&svg(&figure));
                let kind = ["tornado", "mu_star_sigma", "variance_shares"];
                let kind = kind.iter().find(|kind| figure.name.starts_with(**kind)).expect("a kind");
                assert!(documented.contains(&format!("`{kind}_MEASURE`")), "{}", figure.name);
                assert!(figure.title.contains("how often users come"), "{}", figure.title);
            }
        }
    }

    #[test]
    fn the_longest_bars_are_on_top_and_have_both_ends() {
        let [record, ..] = analysed();
        let figure = figures(&record).swap_remove(0);
        assert_eq!(figure.name, "tornado_connector_calls_saving");
        let rows: Vec<String> = figure.data().rows.into_iter().map(|row| row.name).collect();
        assert_eq!(rows, ["how often users come", "how many users there are", "how fast providers answer"]);
        let chart = figure.data();
        assert_eq!(chart.series.iter().map(|series| series.points.len()).sum::<usize>(), 6);
        assert!(chart.rows[0].told.starts_with("2 to 32: "), "{:?}", chart.rows[0]);
        assert_eq!(
            [short("{ uniform = [60, 200] }", 0, 2), short(&"x".repeat(25), 1, 2)],
            ["{ uniform = [60, 200] }", "value 2 of 2"]
        );
    }
}
