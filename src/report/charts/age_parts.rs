//! Chart: what makes prices old. A bar for each run and provider, or for each variant, is the mean age of prices, stacked by the
//! parts of that age.

use std::cmp::Reverse;

use plotters::backend::DrawingBackend;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, ShapeStyle, WHITE};

use crate::inference::{Answer, CONFIDENCE, Contrast, Quantity, Subject, Verdict};
use crate::measures::{self, MeasureId, Unit};
use crate::metrics::AgePart;
use crate::report::age::{largest, measure, sentence};
use crate::report::evidence::{Evidence, PointEvidence};
use crate::report::numbers::{capitalised, mean, rough};
use crate::stats::{Paired, bonferroni_confidence};

use super::axis::{LinearTicks, TickedAxis};
use super::canvas::{Area, Drawn, FOOT, Frame, MARGIN, SIZE, label_style, label_width, plot, readable_ticks};
use super::data::{ChartAxis, ChartData, ChartPoint, ChartRow, ChartSeries, ChartStyle, mean_alone};
use super::heading::Mark;
use super::names::shortened;
use super::palette::{INK, PALETTE};
use super::{AnyChart, Chart, Drawable, Figure};

/// The places of the colours of all parts in the palette: those of neighbours differ in grey, too.
const COLORS: [usize; AgePart::ALL.len()] = [0, 1, 5, 3, 4];

/// The chart has room for this many rows.
const ROWS_DRAWN: usize = 10;

/// A chart is divided into at least this many rows, so that a single bar does not fill it.
const ROWS_AT_LEAST: usize = 3;

/// Distance of a label from its bar \[units\].
const LABEL_GAP: i32 = 16;

/// What the picture is about.
const TITLE: &str = "Why prices are as old as they are";

/// Ages in parts.
#[derive(Debug)]
pub(super) struct AgeStacks {
    axis: &'static str,
    rows: Vec<AgeStack>,
    legend: Vec<(String, Mark)>,
}

/// The age of some prices in parts.
#[derive(Debug)]
struct AgeStack {
    name: String,
    /// In the order of [`AgePart::ALL`] \[s\].
    parts: [f64; AgePart::ALL.len()],
}

/// The picture of a run: prices with `GTNet` and without, and those of each provider.
pub(in crate::report) fn age_parts(point: &PointEvidence<'_>) -> Drawable {
    let of = |subject: &Subject, contrast, name: String| {
        stack(name, |measure| point.observations.answer(measure, subject, contrast))
    };
    let all = point.sides().filter_map(|side| of(&Subject::Network, side.contrast, format!("all, {}", side.spoken())));
    let mut rows: Vec<AgeStack> = all.collect();
    let mut providers: Vec<(u128, &Subject)> =
        point.observations.providers().map(|of| (age_of(point, of), of)).collect();
    providers.sort_by_key(|(age, _)| Reverse(*age));
    let providers: Vec<&Subject> = providers.into_iter().map(|(_, provider)| provider).collect();
    let of_providers = providers.iter().zip(shortened(providers.iter().map(|provider| provider.name())));
    let of_providers: Vec<AgeStack> =
        of_providers.filter_map(|(provider, name)| of(provider, Contrast::Value, name)).collect();
    if of_providers.len() > 1 {
        rows.extend(of_providers);
    }
    let findings = point.sides().filter_map(|side| {
        let sentence = sentence(point, side.contrast)?;
        Some(format!("{}: {sentence}.", capitalised(side.spoken())))
    });
    let findings: Vec<String> = findings.collect();
    let is_cut_off = point.value(measures::PRICE_AGE_MEAN) == Answer::CutOff(None);
    let title = largest(point).map_or_else(
        || TITLE.to_owned(),
        |(part, share)| format!("{TITLE}: {} of the age is {}", rough(share, Unit::Share), part.words()),
    );
    figure(title, "data provider", rows, findings.join(" "), is_cut_off)
}

/// The picture of a comparison: the prices of each variant.
pub(in crate::report) fn age_parts_of_variants(evidence: &Evidence<'_>) -> Drawable {
    let names = shortened(evidence.points.iter().map(|point| point.label));
    let rows = evidence.points.iter().zip(names);
    let rows: Vec<AgeStack> = rows.filter_map(|(point, name)| stack(name, |measure| point.value(measure))).collect();
    let finding = oldest(evidence).unwrap_or_default();
    figure(TITLE.to_owned(), "variant", rows, finding, evidence.is_unsteady())
}

/// Which variant has the oldest prices, if that is more than chance; `None` if there are no two with a mean age.
fn oldest(evidence: &Evidence<'_>) -> Option<String> {
    let age = Quantity::value(measures::PRICE_AGE_MEAN);
    let known: Vec<(&PointEvidence<'_>, f64)> =
        evidence.points.iter().filter_map(|point| Some((point, point.answer(&age).known()?.mean))).collect();
    let (oldest, _) = known.iter().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let others: Vec<&PointEvidence<'_>> =
        known.iter().map(|(point, _)| *point).filter(|point| point.label != oldest.label).collect();
    // All of these comparisons hold together.
    let confidence = bonferroni_confidence(CONFIDENCE, others.len().max(1));
    let against = |other: &PointEvidence<'_>| {
        let count = oldest.replications.min(other.replications);
        let (own, of_other) = (age.sample(&oldest.observations, count)?, age.sample(&other.observations, count)?);
        let least = evidence.relevance.least(&age, of_other.centre());
        Some(Verdict::of(&age, &Paired::of(&own, &of_other, confidence), least, confidence))
    };
    let verdicts: Vec<Verdict> = others.into_iter().map(|other| against(other).unwrap_or(Verdict::NotKnown)).collect();
    let is_equal = |verdict: &Verdict| matches!(verdict, Verdict::Equal(_) | Verdict::EqualInEach | Verdict::NoneSeen);
    match verdicts.as_slice() {
        [] => None,
        all if all.iter().all(|verdict| matches!(verdict, Verdict::Differs(..))) => {
            Some(format!("The oldest are those of {}: {}.", oldest.label, sentence(oldest, Contrast::Value)?))
        }
        all if all.iter().all(is_equal) => Some("All are about as old.".to_owned()),
        _ => Some("Which of them are the oldest is not sure.".to_owned()),
    }
}

/// The age of all prices of a provider together \[ns\].
fn age_of(point: &PointEvidence<'_>, provider: &Subject) -> u128 {
    let of_all = point.measured.iter().flat_map(|replication| &replication.measured.connectors);
    of_all.filter(|of| of.provider == provider.name()).map(|of| of.age.total_nanos()).sum()
}

fn figure(title: String, axis: &'static str, mut rows: Vec<AgeStack>, finding: String, is_cut_off: bool) -> Drawable {
    let left_out = rows.len().saturating_sub(ROWS_DRAWN);
    rows.truncate(ROWS_DRAWN);
    let rest = if left_out > 0 { format!(" Not drawn: {left_out} more {axis}s.") } else { String::new() };
    if rows.is_empty() {
        let cut_off = "How old prices are is not known: too many visits never end.";
        return Err(if is_cut_off { cut_off } else { "No price was shown to anybody." }.to_owned());
    }
    let entry = |part: AgePart| (part.words().to_owned(), Mark::Bar(PALETTE[COLORS[part as usize]]));
    let legend = AgePart::ALL.into_iter().map(entry).collect();
    Ok(Figure {
        name: "age_parts".to_owned(),
        title,
        finding: finding + &rest,
        drawing: AnyChart::AgeStacks(AgeStacks { axis, rows, legend }),
    })
}

/// A bar of what is known of all parts; `None` if one is not.
fn stack(name: String, answer: impl Fn(MeasureId) -> Answer) -> Option<AgeStack> {
    let known: Option<Vec<f64>> =
        AgePart::ALL.into_iter().map(|part| Some(answer(measure(part)).counted()?.mean)).collect();
    Some(AgeStack { name, parts: known?.try_into().expect("all parts") })
}

impl AgeStack {
    fn total(&self) -> f64 {
        self.parts.iter().sum()
    }

    /// With three digits, so that bars of different lengths do not have the same number.
    fn told(&self) -> String {
        mean(Some(mean_alone(self.total())), Unit::Seconds)
    }
}

impl AgeStacks {
    fn highest(&self) -> f64 {
        self.rows.iter().map(AgeStack::total).fold(0.0, f64::max)
    }

    /// From seconds to the unit of the axis, and the title of the axis.
    fn scale(&self) -> (f64, &'static str) {
        match self.highest() {
            seconds if seconds < 120.0 => (1.0, "mean age of prices [s of trading]"),
            seconds if seconds < 7_200.0 => (1.0 / 60.0, "mean age of prices [min of trading]"),
            _ => (1.0 / 3_600.0, "mean age of prices [h of trading]"),
        }
    }
}

impl Chart for AgeStacks {
    fn legend(&self) -> &[(String, Mark)] {
        &self.legend
    }

    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB> {
        let (factor, title) = self.scale();
        let count = self.rows.len().max(ROWS_AT_LEAST) as f64;
        // Rows are counted from the top, the axis from the bottom.
        let centres: Vec<f64> = (0..self.rows.len()).map(|index| count - index as f64 - 0.5).collect();
        let names = centres.iter().zip(&self.rows).map(|(&centre, row)| (centre, row.name.clone()));
        let row_axis = TickedAxis::new(0.0..count, names.collect());
        let (mut names_width, mut labels_width) = (0, 0);
        for row in &self.rows {
            names_width = names_width.max(label_width(root, &row.name)?);
            labels_width = labels_width.max(label_width(root, &row.told())?);
        }
        let names_width = names_width + 110;
        let width = SIZE.0.cast_signed() - 2 * MARGIN - names_width;
        let highest = factor * self.highest();
        let for_bars = f64::from(width - labels_width - 2 * LABEL_GAP) / f64::from(width);
        let top = if highest > 0.0 { highest / for_bars } else { 1.0 };
        let mut ticks = LinearTicks::up_to(highest).labelled();
        #[expect(clippy::cast_possible_truncation, reason = "within the width of the chart")]
        let position = |value: f64| (value / top * f64::from(width)) as i32;
        while let Some((value, label)) = ticks.last()
            && position(*value) + label_width(root, label)? / 2 > width
        {
            ticks.pop();
        }
        let value_axis = TickedAxis::new(0.0..top, readable_ticks(root, ticks, position)?);
        let frame = Frame {
            left: MARGIN,
            right: MARGIN,
            top: 20,
            foot: FOOT,
            labels: names_width,
            titles: [Some(title), Some(self.axis)],
            has_rows: true,
        };
        let mut chart = plot(below, &frame, value_axis, row_axis)?;
        for (row, centre) in self.rows.iter().zip(&centres) {
            let mut from = 0.0;
            for (part, color) in row.parts.iter().zip(COLORS.map(|place| PALETTE[place])) {
                let until = from + factor * part;
                chart.draw_series([Rectangle::new([(from, centre + 0.3), (until, centre - 0.3)], color.filled())])?;
                let edge = vec![(until, centre + 0.3), (until, centre - 0.3)];
                chart.draw_series([PathElement::new(edge, ShapeStyle::from(WHITE).stroke_width(2))])?;
                from = until;
            }
            let (x, y) = chart.backend_coord(&(from, *centre));
            root.draw(&Text::new(row.told(), (x + LABEL_GAP, y), label_style(INK, HPos::Left)))?;
        }
        Ok(())
    }

    fn data(&self) -> ChartData {
        let (factor, title) = self.scale();
        let ticks = LinearTicks::up_to(factor * self.highest());
        let rows = || (0_u32..).zip(&self.rows);
        let point = |part: AgePart, (number, row): (u32, &AgeStack)| {
            let (value, total) = (row.parts[part as usize], row.total());
            let share = if total > 0.0 { value / total } else { 0.0 };
            let told = format!("{} ({})", rough(value, Unit::Seconds), rough(share, Unit::Share));
            ChartPoint { x: factor * value, y: f64::from(number), interval: None, told }
        };
        let series = AgePart::ALL.into_iter().map(|part| ChartSeries {
            name: part.words().to_owned(),
            color: COLORS[part as usize],
            style: ChartStyle::Stacks,
            points: rows().map(|row| point(part, row)).collect(),
        });
        let row = |row: &AgeStack| ChartRow { name: row.name.clone(), told: row.told(), near: None };
        ChartData {
            x: ChartAxis::new(title, [0.0, ticks.top()], ticks.labelled()),
            y: ChartAxis { title: self.axis.to_owned(), ..ChartAxis::default() },
            series: series.collect(),
            rows: self.rows.iter().map(row).collect(),
            ..ChartData::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::StudyKind;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;
    use crate::report::support::{RecordBuilder, study};

    #[test]
    fn each_bar_is_the_mean_age() {
        let record = RecordBuilder::new().providers(2).build();
        let evidence = Evidence::from(&record);
        let figure = age_parts(&evidence.points[0]).expect("a chart");
        assert!(
            figure.finding.starts_with("With GTNet: of a mean age of 17 min, 8.3 min provider"),
            "{}",
            figure.finding
        );
        assert!(figure.finding.contains(". Without GTNet: of a mean age of 12 min, "), "{}", figure.finding);
        assert_legible(&svg(&figure));
        let data = figure.data();
        let mut names: Vec<&str> = data.rows.iter().map(|row| row.name.as_str()).collect();
        names[2..].sort_unstable();
        assert_eq!(names, ["all, with GTNet", "all, without GTNet", "finnhub", "yahoo"]);
        let first = data.series.iter().map(|series| series.points[0].x).sum::<f64>();
        let age = evidence.points[0].value(measures::PRICE_AGE_MEAN).known().expect("an age");
        assert!((first * 60.0 - age.mean).abs() < 1e-6, "{first} {age:?}");
    }

    #[test]
    fn each_variant_has_a_bar() {
        let record = study(StudyKind::Comparison, 3, 6);
        let figure = age_parts_of_variants(&Evidence::from(&record)).expect("a chart");
        assert!(
            figure.finding.starts_with("The oldest are those of variant-2: of a mean age of"),
            "{}",
            figure.finding
        );
        assert_eq!(figure.data().rows.len(), 3);
        assert_legible(&svg(&figure));
    }

    #[test]
    fn the_oldest_prices_are_no_matter_of_chance() {
        let finding = |ages: [[f64; 4]; 2]| {
            let mut record = study(StudyKind::Comparison, 2, 4);
            for (point, ages) in record.points.iter_mut().zip(ages) {
                for (observed, age) in point.replications.iter_mut().zip(ages) {
                    observed.measured[measures::PRICE_AGE_MEAN] = Some(age);
                }
                point.contributions = point.replications.clone();
            }
            oldest(&Evidence::from(&record)).expect("ages")
        };
        let first = [600.0, 700.0, 650.0, 720.0];
        assert_eq!(finding([first, first.map(|age| age + 1.0)]), "Which of them are the oldest is not sure.");
        assert_eq!(finding([first, [601.0, 699.0, 651.0, 723.0]]), "All are about as old.");
        assert_eq!(finding([first, [900.0, 100.0, 950.0, 800.0]]), "Which of them are the oldest is not sure.");
        let told = finding([first, [900.0, 990.0, 950.0, 1_025.0]]);
        assert!(told.starts_with("The oldest are those of variant-1: "), "{told}");
        let told = finding([[900.0, 990.0, 950.0, 1_025.0], first]);
        assert!(told.starts_with("The oldest are those of variant-0: "), "{told}");
    }

    #[test]
    fn bars_of_different_lengths_have_different_numbers() {
        let told = |minutes: f64| {
            let parts = [60.0 * minutes, 0.0, 0.0, 0.0, 0.0];
            AgeStack { name: String::new(), parts }.told()
        };
        assert_eq!([told(10.9), told(10.5)], ["10.9 min", "10.5 min"]);
    }
}
