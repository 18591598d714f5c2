//! Chart: how a variant differs from the first one, each number in percent of the first one's.

use std::fmt::Write as _;

use plotters::backend::DrawingBackend;
use plotters::chart::ChartBuilder;
use plotters::element::{Circle, PathElement, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::report::charts::axis::{Axis, LinearTicks, Tick};
use crate::report::charts::canvas::{
    Area, BLUE, Drawn, Figure, GREY, GRID, INK, LABEL, MARGIN, Mark, VERMILION, empty, heading, label_style,
};
use crate::report::quantity::grouped;

use super::differences::{Difference, HOLM_ALONE, Verdict};
use super::values::Kind;

/// Room for the names of the numbers and for the verdicts \[units\].
const NAMES_WIDTH: i32 = 560;
const VERDICTS_WIDTH: i32 = 420;

/// The differences of one variant.
pub(super) struct Forest {
    title: String,
    finding: String,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    verdict: Verdict,
    /// Lower end, middle and upper end of the difference in percent of the reference.
    ends: Option<[f64; 3]>,
}

impl Forest {
    pub(super) fn new(differences: &[&Difference]) -> Self {
        let (variant, reference) =
            differences.first().map_or_else(Default::default, |first| (first.variant.clone(), first.reference.clone()));
        let finding = finding(differences);
        let rows = differences.iter().map(|difference| Row::of(difference)).collect();
        Self { title: format!("{variant} against {reference}"), finding, rows }
    }
}

/// How many numbers have which verdict, all of them counted once, and what else has to be known.
fn finding(differences: &[&Difference]) -> String {
    let groups: [(&str, &[Verdict]); 6] = [
        ("better", &[Verdict::Better]),
        ("worse", &[Verdict::Worse]),
        ("higher or lower", &[Verdict::Higher, Verdict::Lower]),
        ("the same", &[Verdict::Same]),
        ("not distinguishable", &[Verdict::NotDistinguishable]),
        ("not known", &[Verdict::NotKnown]),
    ];
    let counted: Vec<String> = groups
        .iter()
        .map(|(name, verdicts)| (name, differences.iter().filter(|one| verdicts.contains(&one.verdict)).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let mut finding =
        format!("Of {} numbers {}; all intervals hold together with 95 %.", differences.len(), counted.join(", "));
    for one in differences {
        if let Some(reason) = one.not_comparable {
            write!(finding, " {} is not known: {reason}.", one.number.measure.name).expect("writing into memory");
        }
    }
    if differences.iter().any(|one| one.is_told_by_holm_alone()) {
        write!(finding, " {HOLM_ALONE}").expect("writing into memory");
    }
    finding
}

impl Row {
    fn of(difference: &Difference) -> Self {
        let saving = difference.number.kind == Kind::Saving;
        // A saving is a share already: its difference is told in points.
        let scale = if saving {
            Some(100.0)
        } else {
            difference.reference_mean.filter(|mean| *mean != 0.0).map(|mean| 100.0 / mean.abs())
        };
        let ends = difference.paired.zip(scale).map(|(paired, scale)| {
            let half_width = paired.difference.half_width.unwrap_or(0.0);
            [-half_width, 0.0, half_width].map(|offset| (paired.difference.mean + offset) * scale)
        });
        let name = difference.number.measure.name.to_owned();
        let name = if saving { format!("{name} saved [points]") } else { name };
        Self { name, verdict: difference.verdict, ends }
    }

    const fn color(&self) -> RGBColor {
        match self.verdict {
            Verdict::Better => BLUE,
            Verdict::Worse => VERMILION,
            _ => GREY,
        }
    }
}

impl Figure for Forest {
    fn title(&self) -> &str {
        &self.title
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Drawn<DB> {
        let all = || self.rows.iter().filter_map(|row| row.ends).flatten();
        if all().next().is_none() {
            return empty(root, &self.title, "Nothing can be compared.");
        }
        let legend = [("better", BLUE), ("worse", VERMILION), ("not distinguishable, or neither", GREY)];
        let legend: Vec<(String, Mark)> = legend.map(|(text, color)| (text.to_owned(), Mark::Bar(color))).into();
        let below = heading(root, &self.title, &self.finding, &legend)?;
        let (low, high) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
        let ticks = LinearTicks::up_to(high.max(-low));
        let step = ticks.at.get(1).copied().unwrap_or(1.0);
        let (first, last) = (libm::floor(low / step) * step, (libm::ceil(high / step) * step).max(step * 0.25));
        let first = if low < 0.0 { first } else { -0.25 * step };
        let labels: Vec<Tick> = ticks
            .at
            .iter()
            .rev()
            .map(|at| -at)
            .chain(ticks.at.iter().skip(1).copied())
            .filter(|at| (first..=last).contains(at))
            .map(|at| (at, grouped(at, ticks.decimals)))
            .collect();
        let count = f64::from(u32::try_from(self.rows.len()).expect("few rows"));
        let mut chart = ChartBuilder::on(&below)
            .margin_left(MARGIN)
            .margin_right(MARGIN + VERDICTS_WIDTH)
            .margin_top(24)
            .margin_bottom(24)
            .x_label_area_size(110)
            .y_label_area_size(NAMES_WIDTH)
            .build_cartesian_2d(Axis::new(first..last, labels), Axis::new(0.0..count, Vec::new()))?;
        chart
            .configure_mesh()
            .light_line_style(GRID)
            .bold_line_style(GRID)
            .axis_style(GREY)
            .x_desc("difference [% of the first variant's; points for savings]")
            .label_style(label_style(INK, HPos::Center))
            .axis_desc_style(label_style(INK, HPos::Center))
            .set_all_tick_mark_size(LABEL / 4)
            .draw()?;
        chart.draw_series([PathElement::new([(0.0, 0.0), (0.0, count)], ShapeStyle::from(GREY).stroke_width(3))])?;
        for (row, place) in self.rows.iter().zip((0_u32..).map(|index| count - 0.5 - f64::from(index))) {
            let color = row.color();
            if let Some([low, middle, high]) = row.ends {
                let style = ShapeStyle::from(color).stroke_width(6);
                chart.draw_series([PathElement::new([(low, place), (high, place)], style)])?;
                chart.draw_series([Circle::new((middle, place), 11, color.filled())])?;
            }
            let (left, y) = chart.backend_coord(&(first, place));
            let (right, _) = chart.backend_coord(&(last, place));
            root.draw(&Text::new(row.name.clone(), (left - 24, y), label_style(INK, HPos::Right)))?;
            let style = label_style(color, HPos::Left);
            root.draw(&Text::new(row.verdict.name().to_owned(), (right + 24, y), style))?;
        }
        Ok(())
    }
}
