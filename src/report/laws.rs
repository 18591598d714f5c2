//! The shape of a sweep's curve in words: a law, or a knee. Nothing is said of a curve whose points have no order, or no mean.

use crate::inference::{CONFIDENCE, Contrast, Quantity};
use crate::measures::Unit;
use crate::record::{ParameterValue, ParameterWords, StudyKind, is_topology, spelled};
use crate::stats::{CurveScale, CurveShape, Estimate, Sample, curve_shape};
use crate::text::grouped;

use super::charts::DrawnLaw;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{difference, rough, with_interval};

/// How a number changes along the only parameter of a sweep.
pub(super) struct SweepCurve<'r> {
    /// The number.
    quantity: Quantity,
    /// How sentences speak of the parameter.
    parameter: ParameterWords,
    /// The points in the order of the parameter.
    settings: Vec<&'r ParameterValue>,
    /// The place and the mean of each point.
    means: Vec<(f64, f64)>,
    /// The curve's shape.
    pub(super) shape: CurveShape,
}

/// The curve of `quantity` over the only parameter, if that is a number or a duration, and the curve has a shape that can be
/// told. The values that a search has looked at are no grid: they crowd where it has ended.
pub(super) fn curve_of<'r>(evidence: &'r Evidence<'r>, quantity: &Quantity) -> Option<SweepCurve<'r>> {
    let [parameter] = evidence.parameters else { return None };
    if evidence.kind != StudyKind::Sweep || is_topology(parameter) {
        return None;
    }
    let place = |point: &'r PointEvidence<'_>| match point.settings {
        [setting] => Some((setting.position()?, setting, point)),
        _ => None,
    };
    let mut points = evidence.points.iter().map(place).collect::<Option<Vec<_>>>()?;
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    let x: Vec<f64> = points.iter().map(|point| point.0).collect();
    let means = points.iter().map(|(_, _, point)| point.answer(quantity).known().map(|known| known.mean));
    let means: Vec<f64> = means.collect::<Option<_>>()?;
    // Of what differs by a ratio, the largest value says how much that is.
    let highest = means.iter().fold(0.0, |highest: f64, mean| highest.max(mean.abs()));
    let matters = evidence.relevance.least(quantity, highest);
    if !x.is_sorted_by(|one, other| one < other) || matters <= 0.0 {
        return None;
    }
    // The mean of these curves is the line of the chart, as far as all points have replications.
    let replications = points.iter().map(|(_, _, point)| point.replications).min()?;
    let by_point = points.iter().map(|(_, _, point)| quantity.sample(&point.observations, replications));
    let by_point: Vec<Sample> = by_point.collect::<Option<_>>()?;
    let curve = |replication: usize| by_point.iter().map(|sample| sample.values()[replication]).collect();
    let curves: Vec<Vec<f64>> = (0..replications).map(curve).collect();
    let settings: Vec<&ParameterValue> = points.iter().map(|point| point.1).collect();
    Some(SweepCurve {
        quantity: quantity.clone(),
        parameter: ParameterWords::of(parameter, settings.iter().copied()),
        settings,
        means: x.iter().copied().zip(means).collect(),
        shape: curve_shape(&x, &curves, matters, CONFIDENCE)?,
    })
}

impl SweepCurve<'_> {
    /// `Each doubling of the clients saves 10.3 ± 0.2 percentage points more of the calls, from 5 to 200 (no value is farther
    /// from this rule than 0.6 percentage points).`
    pub(super) fn sentence(&self) -> String {
        match self.shape {
            CurveShape::Straight(law) => format!(
                "Each {} {}, from {} to {} (no value is farther from this rule than {}).",
                self.step(law.scale),
                self.effect(law.scale, law.gain),
                spelled(self.settings[law.from]),
                spelled(self.settings[law.to]),
                // What is left by rounding is no distance.
                self.told_distance(law.largest_distance, 1e-9 * law.gain.mean.abs()),
            ),
            CurveShape::Bent(knee) => format!(
                "The curve has a knee at {}: up to there each {} {}, beyond it {}.",
                self.parameter.place(&with_interval(Some(knee.at), self.parameter_unit())),
                self.step(knee.scale),
                self.effect(knee.scale, knee.before),
                self.effect(knee.scale, knee.beyond),
            ),
        }
    }

    /// Its law as a line, with its formula; `None` if it has a knee.
    pub(super) fn drawn_law(&self) -> Option<DrawnLaw> {
        /// So many points make a smooth line on any axis.
        const POINTS: u32 = 24;
        let CurveShape::Straight(law) = self.shape else { return None };
        let x_of = |x: f64| if law.scale == CurveScale::Linear { x } else { libm::log2(x) };
        let y_of = |y: f64| if law.scale == CurveScale::Power { libm::log2(y) } else { y };
        let kept = &self.means[law.from..=law.to];
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| kept.iter().map(of).sum::<f64>() / kept.len() as f64;
        // A line by least squares goes through the middle of its points.
        let (x_mean, y_mean) = (mean(&|point| x_of(point.0)), mean(&|point| y_of(point.1)));
        let slope = y_of_gain(law.scale, law.gain.mean);
        let at_zero = y_mean - slope * x_mean;
        let value = |x: f64| {
            let y = at_zero + slope * x_of(x);
            if law.scale == CurveScale::Power { libm::exp2(y) } else { y }
        };
        let (first, last) = (kept[0].0, kept[kept.len() - 1].0);
        let place = |step: u32| first + (last - first) * f64::from(step) / f64::from(POINTS);
        let points = (0..=POINTS).map(|step| (place(step), value(place(step)))).collect();
        Some(DrawnLaw { told: self.formula(law.scale, slope, at_zero), points })
    }

    /// `law: 10.3 × log₂(clients) − 8.6 [%]`.
    fn formula(&self, scale: CurveScale, slope: f64, at_zero: f64) -> String {
        let what = self.parameter.title();
        let factor = if self.quantity.unit() == Unit::Share { 100.0 } else { 1.0 };
        let unit = if self.quantity.unit() == Unit::Share { "%" } else { self.quantity.unit().symbol() };
        if scale == CurveScale::Power {
            return format!("law: {} × ({what})^{} [{unit}]", number(factor * libm::exp2(at_zero)), number(slope));
        }
        let sign = |value: f64, plus: &'static str| if value < 0.0 { "−" } else { plus };
        let of = if scale == CurveScale::Doubling { format!("log₂({what})") } else { what };
        let (own, rest) = (factor * slope, factor * at_zero);
        format!("law: {}{} × {of} {} {} [{unit}]", sign(own, ""), number(own), sign(rest, "+"), number(rest))
    }

    /// Where its knee is, if it has one.
    pub(super) fn knee(&self) -> Option<Estimate> {
        match self.shape {
            CurveShape::Straight(_) => None,
            CurveShape::Bent(knee) => Some(knee.at),
        }
    }

    /// The value of the parameter at its point `index`.
    pub(super) fn setting(&self, index: usize) -> &str {
        &self.settings[index].text
    }

    fn parameter_unit(&self) -> Unit {
        let are_durations = self.settings.iter().all(|setting| setting.number.is_none());
        if are_durations { Unit::Seconds } else { Unit::Number }
    }

    fn step(&self, scale: CurveScale) -> String {
        let unit = if self.parameter_unit() == Unit::Seconds { " s" } else { "" };
        match scale {
            CurveScale::Linear => self.parameter.step(unit),
            CurveScale::Doubling | CurveScale::Power => self.parameter.doubling(),
        }
    }

    fn effect(&self, scale: CurveScale, gain: Estimate) -> String {
        let is_saving = self.quantity.contrast == Contrast::Saving;
        if scale == CurveScale::Power {
            let what = if is_saving { "the saving" } else { "it" };
            return format!("multiplies {what} by {}", with_interval(Some(gain), Unit::Number));
        }
        let size = Estimate { mean: gain.mean.abs(), ..gain };
        let size = difference(Some(size), self.quantity.unit());
        let size = size.trim_start_matches('+').replace(" points", " percentage points");
        match (is_saving, gain.mean >= 0.0) {
            (true, true) => format!("saves {size} more of the calls"),
            (true, false) => format!("costs {size} of the saving"),
            (false, true) => format!("adds {size}"),
            (false, false) => format!("takes away {size}"),
        }
    }

    fn told_distance(&self, distance: f64, rounding: f64) -> String {
        let distance = if distance > rounding { distance } else { 0.0 };
        match self.quantity.unit() {
            Unit::Share => format!("{} percentage points", rough(100.0 * distance, Unit::Number)),
            unit => rough(distance, unit),
        }
    }
}

/// The size of a number with three digits.
fn number(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { libm::floor(libm::log10(value.abs())) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few digits")]
    grouped(value.abs(), (2.0 - digits).clamp(0.0, 12.0) as usize)
}

/// How steep a line is on its scale: of a law that multiplies, the logarithm of its gain.
fn y_of_gain(scale: CurveScale, gain: f64) -> f64 {
    if scale == CurveScale::Power { libm::log2(gain) } else { gain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{self, Values};
    use crate::record::StudyRecord;
    use crate::report::support::study;
    use crate::stats::{CurveKnee, CurveLaw};

    fn estimate(mean: f64, half_width: f64) -> Estimate {
        Estimate { mean, half_width: Some(half_width), standard_deviation: Some(half_width), count: 20 }
    }

    #[test]
    fn a_law_is_a_line_with_its_formula() {
        let setting = |text: &str| ParameterValue { text: text.to_owned(), number: text.parse().ok(), duration: None };
        let settings = ["1", "2", "4"].map(setting);
        let curve = |scale: CurveScale, gain: f64, means: [f64; 3]| SweepCurve {
            quantity: Quantity::saving(measures::CONNECTOR_CALLS),
            parameter: ParameterWords::of("group.client.count", settings.iter()),
            settings: settings.iter().collect(),
            means: [1.0, 2.0, 4.0].into_iter().zip(means).collect(),
            shape: CurveShape::Straight(CurveLaw {
                from: 0,
                to: 2,
                scale,
                gain: estimate(gain, 0.01),
                largest_distance: 0.0,
                r_squared: 1.0,
            }),
        };
        let doubling = curve(CurveScale::Doubling, 0.1, [0.05, 0.15, 0.25]).drawn_law().expect("a law");
        assert_eq!(doubling.told, "law: 10.0 × log₂(clients) + 5.00 [%]");
        let (first, last) = (doubling.points[0], doubling.points[doubling.points.len() - 1]);
        assert!((first.1 - 0.05).abs() < 1e-12 && (last.1 - 0.25).abs() < 1e-12, "{first:?} {last:?}");
        let linear = curve(CurveScale::Linear, -0.1, [0.4, 0.3, 0.1]).drawn_law().expect("a law");
        assert_eq!(linear.told, "law: −10.0 × clients + 50.0 [%]");
        let power = curve(CurveScale::Power, 2.0, [0.1, 0.2, 0.4]).drawn_law().expect("a law");
        assert_eq!(power.told, "law: 10.0 × (clients)^1.00 [%]");
        assert!((power.points[24].1 - 0.4).abs() < 1e-12);
    }

    fn straight(scale: CurveScale, gain: Estimate, largest_distance: f64) -> CurveShape {
        CurveShape::Straight(CurveLaw { scale, from: 1, to: 2, gain, largest_distance, r_squared: 0.999 })
    }

    fn sentence(quantity: Quantity, values: [&str; 3], shape: CurveShape) -> String {
        let setting = |text: &str| ParameterValue { text: text.to_owned(), number: text.parse().ok(), duration: None };
        let settings = values.map(setting);
        let parameter = ParameterWords::Path("`x.y`".to_owned());
        SweepCurve { quantity, parameter, settings: settings.iter().collect(), means: Vec::new(), shape }.sentence()
    }

    #[test]
    fn laws_are_told_in_words() {
        let saving = || Quantity::saving(measures::CONNECTOR_CALLS);
        let wait = || Quantity::value(measures::USER_WAIT_P95);
        let numbers = ["1", "5", "200"];
        let doubling = straight(CurveScale::Doubling, estimate(0.1032, 0.0021), 0.0062);
        assert_eq!(
            sentence(saving(), numbers, doubling),
            "Each doubling of `x.y` saves 10.32 ± 0.21 percentage points more of the calls, from 5 to 200 (no value is farther from this \
             rule than 0.62 percentage points)."
        );
        let falling = straight(CurveScale::Linear, estimate(-0.0123, 0.0012), 0.0203);
        assert_eq!(
            sentence(wait(), ["1s", "5s", "1min"], falling),
            "Each step of 1 s in `x.y` takes away 12.3 ± 1.2 ms, from 5s to 1min (no value is farther from this rule than 20 ms)."
        );
        let power = straight(CurveScale::Power, estimate(1.7, 0.021), 0.3);
        assert_eq!(
            sentence(wait(), numbers, power),
            "Each doubling of `x.y` multiplies it by 1.700 ± 0.021, from 5 to 200 (no value is farther from this rule than 300 \
             ms)."
        );
    }

    #[test]
    fn knees_are_told_in_words() {
        let knee = CurveKnee {
            scale: CurveScale::Doubling,
            at: estimate(50.12, 0.43),
            before: estimate(0.103, 0.002),
            beyond: estimate(-0.02, 0.001),
            largest_distance: 0.004,
        };
        assert_eq!(
            sentence(Quantity::saving(measures::CONNECTOR_CALLS), ["1", "5", "200"], CurveShape::Bent(knee)),
            "The curve has a knee at `x.y` = 50.12 ± 0.43: up to there each doubling of `x.y` saves 10.30 ± 0.20 percentage points more of \
             the calls, beyond it costs 2.00 ± 0.10 percentage points of the saving."
        );
    }

    /// From 160 clients down to 5: each doubling of them saves another tenth of the calls.
    fn record() -> StudyRecord {
        let mut record = study(StudyKind::Sweep, 6, 4);
        for (point, doublings) in record.points.iter_mut().zip(0_u32..) {
            for observed in &mut point.replications {
                let without = observed.baseline.as_ref().and_then(|baseline| baseline[measures::CONNECTOR_CALLS]);
                let calls = without.map(|without| without * (0.9 - 0.1 * f64::from(doublings)));
                let others = &observed.measured;
                let value = |measure| if measure == measures::CONNECTOR_CALLS { calls } else { others[measure] };
                observed.measured = Values::of(value);
            }
        }
        record.points.reverse();
        record
    }

    #[test]
    fn a_sweep_tells_its_law() {
        let text = crate::report::text(&record());
        assert!(text.contains("\nEach doubling of the clients saves 10.0"), "{text}");
        assert!(
            text.contains(
                " of the calls, from 5 to 160 (no value is farther from this rule than 0 percentage points)."
            ),
            "{text}"
        );
    }

    #[test]
    fn what_has_no_order_or_is_no_grid_has_no_law() {
        let saving = Quantity::saving(measures::CONNECTOR_CALLS);
        let has_law = |record: &StudyRecord| curve_of(&Evidence::from(record), &saving).is_some();
        assert!(has_law(&record()));
        assert!(!has_law(&StudyRecord { parameters: vec!["run.topology".to_owned()], ..record() }));
        assert!(!has_law(&StudyRecord { kind: StudyKind::Capacity, ..record() }));
        let mut named = record();
        named.points[0].settings = vec![ParameterValue::word("many")];
        assert!(!has_law(&named));
    }
}
