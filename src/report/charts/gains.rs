//! Chart: who gains. Each dot is a client in one replication, with the calls that it saves and by how much longer its users wait.
//! Of very many clients an even selection is drawn, and the finding counts all.

use std::collections::BTreeSet;

use crate::measures::Unit;
use crate::report::evidence::PointEvidence;
use crate::report::gains::{ClientGain, clients};
use crate::report::numbers::rough;
use crate::text::grouped;

use super::axis::LinearTicks;
use super::data::{ChartAxis, ChartData, ChartGuide, ChartPoint, ChartSeries, ChartStyle};
use super::palette::{BLUE, GREY, VERMILION, color_number};
use super::{Drawable, Figure};

/// At most so many dots are drawn: more of them would hide each other, and fill the file.
const DOTS_DRAWN: usize = 600;

/// What a client gains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GainKind {
    Both,
    One,
    Neither,
}

/// The picture of who gains; `None` without a comparison.
pub(in crate::report) fn gains(point: &PointEvidence<'_>) -> Option<Drawable> {
    if !point.observations.is_compared() {
        return None;
    }
    let all = clients(point);
    if all.is_empty() {
        return Some(Err("No client has both calls to save and visits to wait for.".to_owned()));
    }
    let [title, selection] = told(&all, point.replications);
    let finding = format!("Each dot is a client in one replication.{selection}");
    Some(Ok(Figure::plotted("gains", title, finding, chart(&selected(all)))))
}

/// How many gain what, and what a dot is.
fn told(all: &[ClientGain<'_>], replications: usize) -> [String; 2] {
    let number = |count: usize| grouped(count as f64, 0);
    let kinds = [
        (GainKind::Both, "save calls and wait less"),
        (GainKind::One, "do one of the two"),
        (GainKind::Neither, "do neither"),
    ];
    let counted = kinds.map(|(kind, does)| (all.iter().filter(|gain| GainKind::of(gain) == kind).count(), does));
    let counted: Vec<String> = counted
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, does)| format!("{} {does}", number(*count)))
        .collect();
    let drawn = all.len().div_ceil(every(all.len()));
    let selection = if drawn < all.len() { format!(" {} of them are drawn.", number(drawn)) } else { String::new() };
    let clients = all.iter().map(|gain| gain.client).collect::<BTreeSet<_>>().len();
    let cases = match replications {
        1 => String::new(),
        _ => format!(" in {replications} replications ({} cases)", number(all.len())),
    };
    let clients = format!("{} client{}", number(clients), if clients == 1 { "" } else { "s" });
    let told = format!("Of {clients}{cases}, {}", counted.join(", "));
    [told, selection]
}

/// Every so many clients one is drawn.
fn every(count: usize) -> usize {
    count.div_ceil(DOTS_DRAWN).max(1)
}

fn selected(all: Vec<ClientGain<'_>>) -> Vec<ClientGain<'_>> {
    let every = every(all.len());
    let mut drawn: Vec<ClientGain<'_>> = all.into_iter().step_by(every).collect();
    // Those who lose are few, and lie on top.
    drawn.sort_by_key(|gain| match GainKind::of(gain) {
        GainKind::Both => 0,
        GainKind::One => 1,
        GainKind::Neither => 2,
    });
    drawn
}

impl GainKind {
    fn of(gain: &ClientGain<'_>) -> Self {
        match (gain.saving > 0.0, gain.longer_wait_s < 0.0) {
            (true, true) => Self::Both,
            (false, false) => Self::Neither,
            _ => Self::One,
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Both => "saves calls, and waits less",
            Self::One => "one of the two",
            Self::Neither => "neither",
        }
    }

    fn color(self) -> usize {
        color_number(match self {
            Self::Both => BLUE,
            Self::One => GREY,
            Self::Neither => VERMILION,
        })
    }
}

fn chart(drawn: &[ClientGain<'_>]) -> ChartData {
    let ends = |value: fn(&ClientGain<'_>) -> f64| {
        let values = || drawn.iter().map(value);
        (values().fold(0.0, f64::min), values().fold(0.0, f64::max))
    };
    let (shortest, longest) = ends(|gain| gain.longer_wait_s);
    let (factor, unit) = if longest.max(-shortest) < 1.0 { (1_000.0, "ms") } else { (1.0, "s") };
    let (lowest, highest) = ends(|gain| gain.saving);
    let waits = LinearTicks::over(factor * shortest, factor * longest);
    let savings = LinearTicks::over(100.0 * lowest, 100.0 * highest);
    let point = |gain: &ClientGain<'_>| {
        let longer = if gain.longer_wait_s < 0.0 { "shorter" } else { "longer" };
        let wait = rough(gain.longer_wait_s.abs(), Unit::Seconds);
        ChartPoint {
            x: factor * gain.longer_wait_s,
            y: 100.0 * gain.saving,
            interval: None,
            told: format!("saves {}, waits {wait} {longer}", rough(gain.saving, Unit::Share)),
        }
    };
    let series = [GainKind::Both, GainKind::One, GainKind::Neither].map(|kind| ChartSeries {
        name: kind.told().to_owned(),
        color: kind.color(),
        style: ChartStyle::Dots,
        points: drawn.iter().filter(|gain| GainKind::of(gain) == kind).map(point).collect(),
    });
    let zero = |is_upright| ChartGuide { is_upright, at: 0.0, stretch: None, label: String::new() };
    ChartData {
        x: ChartAxis::of(&format!("how much longer its users wait [{unit}]; shorter: below 0"), &waits),
        y: ChartAxis::of("provider calls that the client saves [%]", &savings),
        series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
        guides: [true, false].map(zero).into(),
        ..ChartData::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RunRecord;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;

    fn figure(record: &RunRecord) -> Figure {
        gains(&Evidence::from(record).points[0]).expect("a comparison").expect("clients")
    }

    fn dots(figure: &Figure) -> usize {
        figure.data().series.iter().map(|series| series.points.len()).sum()
    }

    #[test]
    fn everybody_is_counted_by_what_he_gains() {
        let mut record = RecordBuilder::new().replications(2).build();
        for (replication, calls) in record.replications.iter_mut().zip([50, 100]) {
            let baseline = replication.baseline.as_mut().expect("a baseline");
            for (index, (with, without)) in
                replication.measured.instances.iter_mut().zip(&mut baseline.instances).enumerate()
            {
                (with.connector_calls, without.connector_calls) = (calls, 100);
                (with.waited_s, without.waited_s) = (if index < 15 { 90.0 } else { 100.0 }, 96.0);
            }
        }
        let figure = figure(&record);
        assert_eq!(
            figure.title,
            "Of 20 clients in 2 replications (40 cases), 15 save calls and wait less, 20 do one of the two, 5 do neither"
        );
        assert_eq!(dots(&figure), 40);
        assert_legible(&svg(&figure));
    }

    #[test]
    fn of_very_many_some_are_drawn_and_all_are_counted() {
        let figure = figure(&RecordBuilder::new().replications(45).build());
        assert_eq!(figure.title, "Of 20 clients in 45 replications (900 cases), 900 save calls and wait less");
        assert_eq!(figure.finding, "Each dot is a client in one replication. 450 of them are drawn.");
        assert_eq!(dots(&figure), 450);
    }

    #[test]
    fn without_a_comparison_nobody_gains() {
        let record = RecordBuilder::new().without_baseline().build();
        assert!(gains(&Evidence::from(&record).points[0]).is_none());
    }
}
