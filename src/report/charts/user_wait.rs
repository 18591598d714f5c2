//! Chart: how long users wait for their prices, with and without `GTNet`, as the share of visits that are complete after so long.

use crate::inference::{Answer, CONFIDENCE, Contrast, Quantity, Verdict};
use crate::measures::{self, MeasureId, Relevance};
use crate::report::curves::CumulativeShare;
use crate::report::evidence::PointEvidence;
use crate::report::numbers::{mean, plainly_told};
use crate::stats::Paired;

use super::{Drawable, Figure, band_of, cumulative};

/// The picture of how long users wait; `curves` are those of a run, and `relevance` says which difference matters.
pub(in crate::report) fn user_wait(
    point: &PointEvidence<'_>,
    relevance: &Relevance,
    curves: &[CumulativeShare],
) -> Drawable {
    if point.value(measures::USER_WAIT_P50) == Answer::CutOff(None) {
        return Err("How long users wait is not known: too many visits never end.".to_owned());
    }
    let axes = ["time until the last price is there", "visits that are complete"];
    let (chart, window) = cumulative::chart(curves, axes, &band_of(point.replications))
        .ok_or_else(|| "Nobody waited for prices.".to_owned())?;
    let part = if window.is_part { " Shown is the part in which the two differ most." } else { "" };
    let finding = compared(point, "95 % of visits are complete within", measures::USER_WAIT_P95);
    Ok(Figure::plotted("user_wait", title(point, relevance), format!("{finding}.{part}"), chart))
}

fn title(point: &PointEvidence<'_>, relevance: &Relevance) -> String {
    let median = |contrast| point.answer(&Quantity::of_network(measures::USER_WAIT_P50, contrast)).known();
    if let (Some(with), Some(without), Some(verdict)) =
        (median(Contrast::Value), median(Contrast::GtnetOff), verdict(point, relevance))
    {
        let [of_gtnet, of_none] = [with, without].map(|of| mean(Some(of), measures::USER_WAIT_P50.unit));
        match verdict {
            Verdict::Differs(..) if with.mean < without.mean => {
                return format!("With GTNet half of the visits take at most {of_gtnet}, without it {of_none}");
            }
            Verdict::Differs(..) => {
                return format!(
                    "Users wait longer with GTNet: half of the visits take up to {of_gtnet}, without it {of_none}"
                );
            }
            Verdict::Equal(_) | Verdict::EqualInEach | Verdict::NoneSeen => {
                return format!("Users wait about as long with GTNet ({of_gtnet}) as without it ({of_none})");
            }
            Verdict::Uncertain | Verdict::NotKnown => {}
        }
    }
    compared(point, "Half of the visits are complete within", measures::USER_WAIT_P50)
}

/// Whether the typical wait differs with `GTNet` and without, replication by replication; `None` if there are too few replications
/// to judge.
fn verdict(point: &PointEvidence<'_>, relevance: &Relevance) -> Option<Verdict> {
    let change = Quantity::of_network(measures::USER_WAIT_P50, Contrast::Difference);
    let without = Quantity::of_network(measures::USER_WAIT_P50, Contrast::GtnetOff);
    let sample = change.sample(&point.observations, point.replications).filter(|_| point.replications > 1)?;
    let least = relevance.least(&change, point.answer(&without).known()?.mean);
    Some(Verdict::of(&change, &Paired::of(&sample, &sample.nothing(), CONFIDENCE), least, CONFIDENCE))
}

/// `What 1.2 s with GTNet, 2.3 s without GTNet`.
fn compared(point: &PointEvidence<'_>, what: &str, measure: MeasureId) -> String {
    let of_side = |side: crate::report::evidence::Side| {
        let answer = point.answer(&Quantity::of_network(measure, side.contrast));
        format!("{} {}", plainly_told(answer, measure.unit), side.spoken())
    };
    format!("{what} {}", point.sides().map(of_side).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::support::study;
    use crate::record::{StudyKind, StudyRecord};
    use crate::report::Evidence;

    /// The title of a network whose users wait so long in each replication, with `GTNet` and without.
    fn title_of(with: &[f64], without: &[f64]) -> String {
        let mut record: StudyRecord = study(StudyKind::Sweep, 1, u32::try_from(with.len()).expect("few"));
        let point = &mut record.points[0];
        for (observed, (with, without)) in point.replications.iter_mut().zip(with.iter().zip(without)) {
            observed.measured[measures::USER_WAIT_P50] = Some(*with);
            observed.baseline.as_mut().expect("a comparison")[measures::USER_WAIT_P50] = Some(*without);
        }
        point.contributions = point.replications.clone();
        let evidence = Evidence::from(&record);
        title(&evidence.points[0], evidence.relevance)
    }

    /// The luck of the replications is far more than what `GTNet` changes, so that the intervals of the two means overlap.
    #[test]
    fn the_pairs_decide_and_not_the_intervals_of_both() {
        let without = [1.0, 3.0, 5.0, 2.0];
        let longer = |by: [f64; 4]| {
            let with: Vec<f64> = without.iter().zip(by).map(|(wait, by)| wait + by).collect();
            title_of(&with, &without)
        };
        let told = "Users wait longer with GTNet: half of the visits take up to 3.25 s, without it 2.75 s";
        assert_eq!(longer([0.5, 0.51, 0.49, 0.5]), told);
        let told = "With GTNet half of the visits take at most 2.25 s, without it 2.75 s";
        assert_eq!(longer([-0.5, -0.51, -0.49, -0.5]), told);
        let told = "Users wait about as long with GTNet (2.76 s) as without it (2.75 s)";
        assert_eq!(longer([0.01, 0.02, 0.0, 0.01]), told);
        let unsure = longer([2.0, -1.0, 1.5, -0.5]);
        assert!(unsure.starts_with("Half of the visits are complete within 3.2 ± "), "{unsure}");
    }

    #[test]
    fn one_replication_is_not_judged() {
        let told = "Half of the visits are complete within 723 ms with GTNet, 1.29 s without GTNet";
        assert_eq!(title_of(&[0.723], &[1.29]), told);
        let told = "Half of the visits are complete within 1.00 s with GTNet, 1.00 s without GTNet";
        assert_eq!(title_of(&[1.0], &[1.0]), told);
    }
}
