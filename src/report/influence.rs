//! How much each uncertain value has to say: the effects of a sensitivity analysis in their order, each with whether it matters.

use crate::inference::{Answer, Quantity};
use crate::measures::Unit;
use crate::record::{EffectKind, EffectRecord, InputRecord, ParameterWords, SensitivityRecord};

use super::evidence::Evidence;
use super::numbers::rough;

/// A share of the variance that is smaller than this hardly matters.
const LEAST_SHARE: f64 = 0.01;

/// Whether an effect matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Influence {
    /// It is surely larger than the smallest difference that matters.
    Matters,
    /// It may be larger or smaller than that.
    Perhaps,
    /// It is surely smaller.
    Hardly,
    /// It is not told from no effect, but may be as large as to matter.
    NoneSeen,
    /// It is not known.
    Unknown,
}

/// The effect of an uncertain value on a measure.
#[derive(Clone, Copy, Debug)]
pub(super) struct JudgedEffect<'e> {
    pub(super) effect: &'e EffectRecord,
    pub(super) influence: Influence,
}

impl Influence {
    /// Its name in tables.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Matters => "matters",
            Self::Perhaps => "perhaps",
            Self::Hardly => "hardly matters",
            Self::NoneSeen => "none seen",
            Self::Unknown => "unknown",
        }
    }

    /// Whether there surely is an effect that may matter.
    pub(super) const fn is_seen(self) -> bool {
        matches!(self, Self::Matters | Self::Perhaps)
    }

    /// What an effect of this size is, where `least` is the smallest difference that matters.
    pub(super) fn of(effect: &EffectRecord, least: f64) -> Self {
        let Some(size) = effect.value.map(f64::abs) else { return Self::Unknown };
        let half_width = effect.half_width.unwrap_or(0.0);
        match (size - half_width, size + half_width) {
            (_, high) if high < least => Self::Hardly,
            (low, _) if low <= 0.0 => Self::NoneSeen,
            (low, _) if low > least => Self::Matters,
            _ => Self::Perhaps,
        }
    }
}

impl<'e> JudgedEffect<'e> {
    /// Its size; 0 if it is not known.
    pub(super) fn size(&self) -> f64 {
        self.effect.value.map_or(0.0, f64::abs)
    }

    /// The effects of this kind on a measure, the largest first.
    pub(super) fn ranked(
        evidence: &Evidence<'_>,
        analysis: &'e SensitivityRecord,
        kind: EffectKind,
        measure: usize,
    ) -> Vec<Self> {
        let least = least(evidence, analysis, kind, measure);
        let of_measure = analysis.effects.iter().filter(|effect| (effect.kind, effect.measure) == (kind, measure));
        let mut ranked: Vec<Self> =
            of_measure.map(|effect| Self { effect, influence: Influence::of(effect, least) }).collect();
        ranked.sort_by(|one, other| other.size().total_cmp(&one.size()));
        ranked
    }
}

/// The smallest effect of this kind on a measure that matters.
pub(super) fn least(evidence: &Evidence<'_>, analysis: &SensitivityRecord, kind: EffectKind, measure: usize) -> f64 {
    if kind.is_share_of_variance() {
        return LEAST_SHARE;
    }
    let quantity = &analysis.quantities()[measure];
    let assumed = evidence.points.first().and_then(|point| point.answer(quantity).known());
    evidence.relevance.least(quantity, assumed.map_or(0.0, |assumed| assumed.mean))
}

/// What an uncertain value is, in a few words: as the scenario says, or as sentences name its parameter.
pub(super) fn name(analysis: &SensitivityRecord, input: usize) -> String {
    name_of(&analysis.inputs[input])
}

/// The same for any uncertain value.
pub(super) fn name_of(input: &InputRecord) -> String {
    input.about.clone().unwrap_or_else(|| ParameterWords::of(&input.parameter, []).title())
}

/// The points at which a measure is lowest and highest, with these means; `None` if it is known at none.
pub(super) fn extremes(evidence: &Evidence<'_>, quantity: &Quantity) -> Option<[(usize, f64); 2]> {
    let known = || {
        let means = evidence.points.iter().map(|point| point.answer(quantity).known());
        means.enumerate().filter_map(|(index, known)| Some((index, known?.mean)))
    };
    let lowest = known().min_by(|one, other| one.1.total_cmp(&other.1))?;
    let highest = known().max_by(|one, other| one.1.total_cmp(&other.1))?;
    Some([lowest, highest])
}

/// At how many points a measure is not known.
pub(super) fn unknown(evidence: &Evidence<'_>, quantity: &Quantity) -> usize {
    let answers = evidence.points.iter().map(|point| point.answer(quantity));
    answers.filter(|answer: &Answer| answer.known().is_none()).count()
}

/// A change of a number: of a share in points, `21 points`.
pub(super) fn change(value: f64, unit: Unit) -> String {
    match (unit, rough(value.abs(), unit)) {
        (Unit::Share, told) => told.replace(" %", " points"),
        (_, told) => told,
    }
}
