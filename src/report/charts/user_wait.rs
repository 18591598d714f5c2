//! Chart: how long users wait for their prices, with and without `GTNet`, as the share of visits that are complete after so long.

use crate::inference::{Answer, Quantity};
use crate::measures::{self, MeasureId};
use crate::report::curves::CumulativeShare;
use crate::report::evidence::PointEvidence;
use crate::report::numbers::{mean, plainly_told};

use super::{Drawable, Figure, band_of, cumulative};

/// The picture of how long users wait; `curves` are those of a run.
pub(in crate::report) fn user_wait(point: &PointEvidence<'_>, curves: &[CumulativeShare]) -> Drawable {
    if point.value(measures::USER_WAIT_P50) == Answer::CutOff(None) {
        return Err("How long users wait is not known: too many visits never end.".to_owned());
    }
    let axes = ["time until the last price is there", "visits that are complete"];
    let (chart, window) = cumulative::chart(curves, axes, &band_of(point.replications))
        .ok_or_else(|| "Nobody waited for prices.".to_owned())?;
    let part = if window.is_part { " Shown is the part in which the two differ most." } else { "" };
    let finding = compared(point, "95 % of visits are complete within", measures::USER_WAIT_P95);
    Ok(Figure::plotted("user_wait", title(point), format!("{finding}.{part}"), chart))
}

fn title(point: &PointEvidence<'_>) -> String {
    let sides: Vec<_> = point
        .sides()
        .map(|side| (side, point.answer(&Quantity::of_network(measures::USER_WAIT_P50, side.contrast))))
        .collect();
    let told = |answer: Answer| mean(answer.known(), measures::USER_WAIT_P50.unit);
    if let [(_, with), (_, without)] = sides[..]
        && let (Some(of_gtnet), Some(of_none)) = (with.known(), without.known())
    {
        let reach = |estimate: crate::stats::Estimate| estimate.half_width.unwrap_or(0.0);
        let apart = (of_gtnet.mean - of_none.mean).abs() > reach(of_gtnet) + reach(of_none);
        return match (apart, of_gtnet.mean < of_none.mean) {
            (true, true) => {
                format!("With GTNet half of the visits take at most {}, without it {}", told(with), told(without))
            }
            (true, false) => format!(
                "Users wait longer with GTNet: half of the visits take up to {}, without it {}",
                told(with),
                told(without)
            ),
            (false, _) => {
                format!("Users wait about as long with GTNet ({}) as without it ({})", told(with), told(without))
            }
        };
    }
    compared(point, "Half of the visits are complete within", measures::USER_WAIT_P50)
}

/// `What 1.2 s with GTNet, 2.3 s without GTNet`.
fn compared(point: &PointEvidence<'_>, what: &str, measure: MeasureId) -> String {
    let of_side = |side: crate::report::evidence::Side| {
        let answer = point.answer(&Quantity::of_network(measure, side.contrast));
        format!("{} {}", plainly_told(answer, measure.unit), side.spoken())
    };
    format!("{what} {}", point.sides().map(of_side).collect::<Vec<_>>().join(", "))
}
