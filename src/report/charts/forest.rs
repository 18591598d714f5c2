//! Chart: how a variant differs from the first one, each number in percent of its mean in the first one. Only what surely
//! matters has a colour, and the finding counts every number once.

use std::fmt::Write as _;

use plotters::backend::DrawingBackend;
use plotters::element::{PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::inference::{Contrast, Direction, Relevant, Verdict};
use crate::report::decided::{PERHAPS, UNCERTAIN};
use crate::report::differences::{Difference, EQUAL, EQUAL_IN_EACH};
use crate::report::numbers::difference as signed;

use super::axis::{LinearTicks, Tick, TickedAxis};
use super::canvas::{Area, Drawn, FOOT, Frame, MARGIN, label_style, label_width, plot};
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartRow, ChartSeries, ChartStyle};
use super::heading::{Mark, name_of};
use super::looks::draw_marker;
use super::palette::{BAND_OPACITY, BLUE, GREY, INK, VERMILION, color_number};
use super::{AnyChart, Chart, Drawable, Figure};

/// Room for three columns \[units\]: names of the numbers, differences in their own units (at least), and verdicts.
const NAMES_WIDTH: i32 = 590;
const DIFFERENCES_WIDTH: i32 = 400;
const VERDICTS_WIDTH: i32 = 250;

/// A row is an outlier if it reaches more than this many times as far as the next one; the axis may end before it does.
const OUTLIER: f64 = 3.0;

/// What the colours mean, and the band behind each row.
const LEGEND: [(&str, Mark); 4] = [
    ("better", Mark::Series(ChartStyle::Intervals, 0)),
    ("worse", Mark::Series(ChartStyle::Intervals, 4)),
    ("neither, or perhaps too small to matter", Mark::Series(ChartStyle::Intervals, 6)),
    ("too small to matter (±δ)", Mark::Band(GREY)),
];

/// How much of the height of its row a band takes.
const BAND_HEIGHT: f64 = 0.8;

/// The finding says this if a row leaves the axis.
const ARROW: &str = "An arrow points to what lies beyond the axis.";

/// The differences of one variant.
#[derive(Debug)]
pub(super) struct Forest {
    rows: Vec<ForestRow>,
    scale: ForestScale,
    legend: Vec<(String, Mark)>,
}

#[derive(Debug)]
struct ForestRow {
    name: String,
    verdict: Verdict,
    /// The difference in the unit of the number, as text.
    told: String,
    /// Lower end, middle and upper end of the difference in percent of the reference.
    ends: Option<[f64; 3]>,
    /// The smallest difference that matters, in percent of the reference.
    least: Option<f64>,
}

/// The picture `name`: how one variant differs from the first one.
pub(in crate::report) fn forest(name: &str, differences: &[&Difference]) -> Drawable {
    let labels = differences.first().map(|first| (first.variant.as_str(), first.reference.as_str()));
    let (variant, reference) = labels.unwrap_or_default();
    let mut comparable = differences.iter().filter(|one| one.verdict != Verdict::NotKnown).peekable();
    if comparable.peek().is_some() && comparable.all(|one| one.verdict == Verdict::NoneSeen) {
        return Err(format!(
            "In no replication does {variant} differ from {reference} in a number that can be compared."
        ));
    }
    let rows: Vec<ForestRow> = differences.iter().map(|difference| ForestRow::of(difference)).collect();
    let Some(scale) = ForestScale::of(&rows) else {
        return Err(format!("Nothing of {variant} can be compared with {reference}."));
    };
    let leaves = rows.iter().filter_map(|row| row.ends).any(|[low, _, high]| !scale.holds(low, high));
    let arrow = leaves.then(|| format!(" {ARROW}"));
    Ok(Figure {
        name: format!("differences_{name}"),
        title: format!("{variant} against {reference}: {}", counted(differences)),
        finding: finding(differences) + &arrow.unwrap_or_default(),
        drawing: AnyChart::Forest(Forest {
            rows,
            scale,
            legend: LEGEND.map(|(text, mark)| (text.to_owned(), mark)).into(),
        }),
    })
}

/// How many numbers have which verdict, each number counted once.
fn counted(differences: &[&Difference]) -> String {
    type Group<'w> = (&'w str, fn(Verdict) -> bool);
    let perhaps = format!("different, but {PERHAPS}");
    let groups: [Group<'_>; 9] = [
        ("better", |of| of == Verdict::Differs(Direction::Better, Relevant::Yes)),
        ("worse", |of| of == Verdict::Differs(Direction::Worse, Relevant::Yes)),
        ("higher or lower", |of| matches!(of, Verdict::Differs(Direction::Higher | Direction::Lower, Relevant::Yes))),
        (&perhaps, |of| matches!(of, Verdict::Differs(_, Relevant::Perhaps))),
        (EQUAL, |of| matches!(of, Verdict::Equal(_))),
        (EQUAL_IN_EACH, |of| of == Verdict::EqualInEach),
        ("without any difference seen", |of| of == Verdict::NoneSeen),
        (UNCERTAIN, |of| of == Verdict::Uncertain),
        ("not known", |of| of == Verdict::NotKnown),
    ];
    let counted: Vec<String> = groups
        .iter()
        .map(|(name, is_in)| (name, differences.iter().filter(|one| is_in(one.verdict)).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    format!("of {} numbers {}", differences.len(), counted.join(", "))
}

/// What the reader has to know beside the verdicts.
fn finding(differences: &[&Difference]) -> String {
    let mut finding = "The chance that all intervals hold is 95 %.".to_owned();
    let mut unknown: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in differences {
        let Some(reason) = one.not_comparable else { continue };
        match unknown.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, names)) => names.push(one.number.measure.spoken),
            None => unknown.push((reason, vec![one.number.measure.spoken])),
        }
    }
    for (reason, mut names) in unknown {
        names.dedup();
        write!(finding, " Not known, as {reason}: {}.", names.join(", ")).expect("writing into memory");
    }
    finding
}

impl ForestRow {
    fn of(difference: &Difference) -> Self {
        let saving = difference.number.contrast == Contrast::Saving;
        // A saving is a share already, so that its difference is told in percentage points.
        let scale = if saving {
            Some(100.0)
        } else {
            difference.reference_mean.known().filter(|of| of.mean != 0.0).map(|of| 100.0 / of.mean.abs())
        };
        let ends = difference.paired.zip(scale).map(|(paired, scale)| {
            let half_width = paired.difference.half_width.unwrap_or(0.0);
            [-half_width, 0.0, half_width].map(|offset| (paired.difference.mean + offset) * scale)
        });
        let name = difference.name();
        let told = signed(difference.paired.map(|paired| paired.difference), difference.number.unit());
        let least = difference.least.zip(scale).map(|(least, scale)| least * scale);
        Self { name, verdict: difference.verdict, told, ends, least }
    }

    /// Only what surely matters has a colour.
    const fn color(&self) -> RGBColor {
        match self.verdict {
            Verdict::Differs(Direction::Better, Relevant::Yes) => BLUE,
            Verdict::Differs(Direction::Worse, Relevant::Yes) => VERMILION,
            _ => GREY,
        }
    }

    /// The difference and what is said of it.
    fn beside(&self) -> String {
        format!("{} · {}", self.told, self.judged())
    }

    fn judged(&self) -> String {
        match self.verdict {
            Verdict::Differs(_, Relevant::Perhaps) => "perhaps too small".to_owned(),
            Verdict::Uncertain => "too uncertain".to_owned(),
            verdict => verdict.name().to_owned(),
        }
    }
}

impl Chart for Forest {
    fn legend(&self) -> &[(String, Mark)] {
        &self.legend
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB> {
        let ForestScale { first, last, ticks } = &self.scale;
        let (first, last) = (*first, *last);
        let count = f64::from(u32::try_from(self.rows.len()).expect("few rows"));
        let (mut names_width, mut differences_width) = (NAMES_WIDTH, DIFFERENCES_WIDTH);
        let mut verdicts_width = VERDICTS_WIDTH;
        for row in &self.rows {
            names_width = names_width.max(label_width(root, &row.name)? + 40);
            differences_width = differences_width.max(label_width(root, &row.told)? + 32);
            verdicts_width = verdicts_width.max(label_width(root, &row.judged())? + 32);
        }
        let frame = Frame {
            left: MARGIN,
            right: MARGIN + differences_width + verdicts_width,
            top: 24,
            foot: FOOT,
            labels: names_width,
            titles: [Some("difference [% of the first variant's; points for savings]"), None],
            has_rows: true,
        };
        let (x, y) = (TickedAxis::new(first..last, ticks.clone()), TickedAxis::new(0.0..count, Vec::new()));
        let mut chart = plot(below, &frame, x, y)?;
        let places = || self.rows.iter().zip((0_u32..).map(|index| count - 0.5 - f64::from(index)));
        let bands = places().filter_map(|(row, place)| Some((row.least.filter(|_| row.ends.is_some())?, place)));
        chart.draw_series(bands.map(|(least, place)| {
            let (left, right) = ((-least).max(first), least.min(last));
            let (bottom, top) = (place - BAND_HEIGHT / 2.0, place + BAND_HEIGHT / 2.0);
            Rectangle::new([(left, bottom), (right, top)], GREY.mix(BAND_OPACITY).filled())
        }))?;
        chart.draw_series([PathElement::new([(0.0, 0.0), (0.0, count)], ShapeStyle::from(GREY).stroke_width(3))])?;
        for (row, place) in places() {
            let color = row.color();
            let (left, y) = chart.backend_coord(&(first, place));
            let (right, _) = chart.backend_coord(&(last, place));
            if let Some([low, middle, high]) = row.ends {
                let style = ShapeStyle::from(color).stroke_width(6);
                let within = [low, high].map(|end| (end.clamp(first, last), place));
                chart.draw_series([PathElement::new(within, style)])?;
                if (first..=last).contains(&middle) {
                    draw_marker(root, chart.backend_coord(&(middle, place)), color_number(color), 11, 1.0)?;
                }
                for (edge, inwards, leaves) in [(left, 1, low < first), (right, -1, high > last)] {
                    if leaves {
                        arrow(root, (edge, y), inwards, style)?;
                    }
                }
            }
            root.draw(&Text::new(row.name.clone(), (left - 24, y), label_style(INK, HPos::Right)))?;
            let style = label_style(color, HPos::Left);
            root.draw(&Text::new(row.told.clone(), (right + 32, y), label_style(INK, HPos::Left)))?;
            root.draw(&Text::new(row.judged(), (right + 32 + differences_width, y), style))?;
        }
        Ok(())
    }

    fn data(&self) -> ChartData {
        let (ends, ticks) = ([self.scale.first, self.scale.last], self.scale.ticks.clone());
        let point = |(row, of_row): (u32, &ForestRow)| {
            let [low, middle, high] = of_row.ends?;
            let told = format!("{}: {}", of_row.name, of_row.beside());
            Some(ChartPoint { x: middle, y: f64::from(row), interval: Some([low, high]), told })
        };
        let series = [BLUE, VERMILION, GREY].map(|color| ChartSeries {
            name: name_of(color, &self.legend),
            color: color_number(color),
            style: ChartStyle::Intervals,
            points: (0_u32..).zip(&self.rows).filter(|(_, row)| row.color() == color).filter_map(point).collect(),
        });
        let row = |row: &ForestRow| ChartRow {
            name: row.name.clone(),
            told: row.beside(),
            near: row.least.filter(|_| row.ends.is_some()),
        };
        ChartData {
            x: ChartAxis::new("difference in % of the first variant's value; savings in points", ends, ticks),
            y: ChartAxis::default(),
            rows: self.rows.iter().map(row).collect(),
            series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
            guides: vec![ChartGuide { is_upright: true, at: 0.0, stretch: None, label: String::new() }],
            band: "interval: all of a study hold with a chance of 95 %".to_owned(),
        }
    }
}

/// An arrow whose tip is at the edge of the plot; `inwards` is 1 at the left edge and -1 at the right one.
fn arrow<DB: DrawingBackend>(root: &Area<DB>, (edge, y): (i32, i32), inwards: i32, style: ShapeStyle) -> Drawn<DB> {
    let at = |inside: i32, above: i32| (edge + inwards * inside, y - above);
    root.draw(&PathElement::new([at(60, 0), at(20, 0)], style))?;
    root.draw(&Polygon::new([at(0, 0), at(30, 15), at(30, -15)], style.color.filled()))
}

/// The horizontal axis.
#[derive(Debug)]
struct ForestScale {
    first: f64,
    last: f64,
    ticks: Vec<Tick>,
}

impl ForestScale {
    /// `None` if no row has anything to draw.
    fn of(rows: &[ForestRow]) -> Option<Self> {
        let ends = || rows.iter().filter_map(|row| row.ends);
        let limit = limit(ends().map(|[low, _, high]| high.max(-low)).collect())?;
        let low = ends().fold(0.0, |lowest: f64, [low, ..]| lowest.min(low)).max(-limit);
        let high = ends().fold(0.0, |highest: f64, [.., high]| highest.max(high)).min(limit);
        let ticks = LinearTicks::up_to(high.max(-low));
        let step = ticks.step();
        let last = (libm::ceil(high / step) * step).max(step * 0.25);
        let first = if low < 0.0 { libm::floor(low / step) * step } else { -0.25 * step };
        let ticks = ticks.mirrored().labelled();
        Some(Self { first, last, ticks: ticks.into_iter().filter(|(at, _)| (first..=last).contains(at)).collect() })
    }

    fn holds(&self, low: f64, high: f64) -> bool {
        self.first <= low && high <= self.last
    }
}

/// How far from 0 the axis has to go for rows that reach this far; `None` without rows. It ends at the farthest row,
/// unless that row is an outlier, which would press the others together. At most a quarter of the rows count as
/// outliers.
fn limit(mut reaches: Vec<f64>) -> Option<f64> {
    reaches.sort_by(|one, other| other.total_cmp(one));
    let outliers = (1..=reaches.len() / 4).rev();
    let first = outliers.into_iter().find(|&next| reaches[next] > 0.0 && reaches[next - 1] > OUTLIER * reaches[next]);
    reaches.get(first.unwrap_or(0)).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::measures::{self, Relevance};
    use crate::record::StudyKind;
    use crate::report::Evidence;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::differences::differences;
    use crate::report::export::svg;
    use crate::report::support::study;
    use crate::time::SimDuration;

    #[test]
    fn the_axis_goes_as_far_as_most_rows() {
        assert_eq!(limit(vec![]), None);
        assert_eq!(limit(vec![10.0, 900.0]), Some(900.0), "two rows have no outlier");
        assert_eq!(limit(vec![10.0, 5.0, 840.0, 8.0]), Some(10.0));
        assert_eq!(limit(vec![10.0, 5.0, 29.0, 8.0]), Some(29.0));
        assert_eq!(limit(vec![9.0, 840.0, 5.0, 700.0, 8.0, 2.0, 1.0, 0.0]), Some(9.0));
        assert_eq!(limit(vec![840.0, 0.0, 0.0, 0.0]), Some(840.0), "nothing else is to be seen");
    }

    #[test]
    fn every_number_is_counted_once_and_told() {
        // A difference that is the same in all n replications gets the p-value 2^(1 − n) of a sign test. That is below
        // 0.05 / 10 from nine replications on.
        let mut record = study(StudyKind::Comparison, 2, 10);
        for (observed, messages) in
            record.points[1].replications.iter_mut().zip((0..10).map(|step| 1e5 + 1e4 * f64::from(step)))
        {
            observed.measured[measures::MESSAGES] = Some(messages);
        }
        record
            .points
            .iter_mut()
            .flat_map(|point| &mut point.replications)
            .for_each(|of| of.measured[measures::PRICE_AGE_P50] = Some(9.0));
        record.points.iter_mut().for_each(|point| point.contributions = point.replications.clone());
        record.points[1].facts.fresh_within = SimDuration::from_secs(600);
        let all = differences(&Evidence::from(&record));
        let figure = forest("drawn", &all.iter().collect::<Vec<_>>()).expect("differences");
        let counts = ": of 10 numbers 7 worse, 1 higher or lower, 1 without any difference seen, 1 not known";
        assert!(figure.title.ends_with(counts), "{}", figure.title);
        assert!(figure.finding.contains("Not known, as the freshness thresholds differ: fresh prices."));
        let drawn = svg(&figure);
        assert!(drawn.contains("arrow"), "{drawn}");
        let AnyChart::Forest(Forest { rows, .. }) = &figure.drawing else { panic!("{figure:?}") };
        for row in rows {
            assert!(drawn.contains(&row.told), "{}", row.told);
        }
    }

    #[test]
    fn variants_that_never_differ_have_a_sentence() {
        let mut record = study(StudyKind::Comparison, 2, 4);
        let same = record.points[0].replications.clone();
        record.points[1].contributions.clone_from(&same);
        record.points[1].replications = same;
        let all = differences(&Evidence::from(&record));
        let told = forest("drawn", &all.iter().collect::<Vec<_>>()).expect_err("nothing to see");
        assert_eq!(told, "In no replication does variant-1 differ from variant-0 in a number that can be compared.");
    }

    #[test]
    fn only_what_surely_matters_has_a_colour() {
        let forest_at = |least: &str| {
            let mut record = study(StudyKind::Comparison, 2, 12);
            for (point, change) in record.points.iter_mut().zip([0.0, 5.0]) {
                for (observed, noise) in point.replications.iter_mut().zip((0_u32..).map(|step| f64::from(step % 3))) {
                    observed.measured[measures::VISITS] = Some(1.0);
                    observed.measured[measures::USER_WAIT_P50] = Some(100.0 + change + change * noise);
                }
                point.contributions = point.replications.clone();
            }
            record.relevance = Relevance::parse(&[format!("user_wait_p50={least}")]).expect("a difference");
            let all = differences(&Evidence::from(&record));
            let own: Vec<&Difference> =
                all.iter().filter(|one| one.number.measure == measures::USER_WAIT_P50).collect();
            let row = ForestRow::of(own[0]);
            let band = format!("opacity=\"{BAND_OPACITY}\"");
            let drawn = svg(&forest("drawn", &own).expect("a difference"));
            // The legend has the mark of the band, and the row has its own.
            assert_eq!(drawn.matches(&band).count(), 2, "{drawn}");
            (row.color(), row.judged(), row.least)
        };
        assert_eq!(forest_at("1s"), (VERMILION, "worse".to_owned(), Some(1.0)));
        assert_eq!(forest_at("10s"), (GREY, "perhaps too small".to_owned(), Some(10.0)));
        assert_eq!(forest_at("1min"), (GREY, "equal".to_owned(), Some(60.0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Names and differences of any size.
        #[test]
        fn every_forest_is_legible(
            labels in prop::array::uniform2("(frankfurt-realtime-quotes-of-|w{40})?[a-z0-9-]{1,20}"),
            scales in prop::collection::vec(-12_i32..10, 10),
        ) {
            let mut record = study(StudyKind::Comparison, 2, 3);
            for (point, label) in record.points.iter_mut().zip(labels) {
                point.label = label;
            }
            // Only the second alternative is scaled: rows reach to the left and to the right, some far beyond the others.
            for observed in &mut record.points[1].replications {
                for (measure, exponent) in measures::ALL.iter().zip(scales.iter().cycle()) {
                    if let Some(value) = observed.measured[*measure].as_mut().filter(|value| **value > 1.0) {
                        *value *= libm::pow(10.0, f64::from(*exponent));
                    }
                }
            }
            let all = differences(&Evidence::from(&record));
            assert_legible(&svg(&forest("drawn", &all.iter().collect::<Vec<_>>()).expect("differences")));
        }
    }
}
