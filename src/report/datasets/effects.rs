//! The table `effects` of a sensitivity analysis: how strongly each uncertain value moves each measure.

use crate::inference::Quantity;
use crate::record::{EffectRecord, InputRecord, SensitivityRecord};
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::Evidence;
use crate::report::influence::{self, Influence};

use super::{Column, cells, names};

/// What a row is made of.
struct EffectRow {
    method: &'static str,
    number: Quantity,
    input: InputRecord,
    effect: EffectRecord,
    least: f64,
    worlds: usize,
}

impl EffectRow {
    /// An end of the interval.
    fn end(&self, sign: f64) -> Option<f64> {
        self.effect.value.zip(self.effect.half_width).map(|(value, half_width)| value + sign * half_width)
    }

    fn unit(&self) -> &'static str {
        if self.effect.kind.is_share_of_variance() { "share of variance" } else { self.number.unit().symbol() }
    }
}

const EFFECTS: [Column<EffectRow>; 18] = [
    ("method", |of| of.method.into()),
    ("measure", |of| of.number.measure.name.into()),
    ("contrast", |of| of.number.contrast.name().into()),
    ("parameter", |of| of.input.parameter.clone().into()),
    ("about", |of| of.input.about.clone().into()),
    ("effect", |of| of.effect.kind.name().into()),
    ("unit", |of| of.unit().into()),
    ("value", |of| of.effect.value.into()),
    ("ci95_low", |of| of.end(-1.0).into()),
    ("ci95_high", |of| of.end(1.0).into()),
    ("count", |of| of.effect.count.into()),
    ("least_that_matters", |of| of.least.into()),
    ("influence", |of| Influence::of(&of.effect, of.least).name().into()),
    ("assumed", |of| of.input.assumed.clone().into()),
    ("tried", |of| of.input.range.join(" | ").into()),
    ("means", |of| means(&of.effect).into()),
    ("source", |of| of.input.source.clone().into()),
    ("worlds", |of| of.worlds.into()),
];

/// One row for each measure, uncertain value and kind of effect.
pub(super) fn effects<'r>(evidence: &'r Evidence<'r>, analysis: &'r SensitivityRecord) -> Dataset<'r> {
    let quantities = analysis.quantities();
    Dataset::new("effects", names(&EFFECTS), move || {
        let quantities = quantities.clone();
        analysis.effects.iter().map(move |effect| {
            let row = EffectRow {
                method: analysis.design.name(),
                number: quantities[effect.measure].clone(),
                input: analysis.inputs[effect.input].clone(),
                effect: effect.clone(),
                least: influence::least(evidence, analysis, effect.kind, effect.measure),
                worlds: evidence.points.len(),
            };
            cells(&EFFECTS, &row).collect::<Vec<Cell<'r>>>()
        })
    })
}

/// The mean at each value that was tried; nothing where it is not known.
fn means(effect: &EffectRecord) -> Option<String> {
    let told = |mean: &Option<f64>| mean.map_or_else(String::new, |mean| mean.to_string());
    (!effect.tried.is_empty()).then(|| effect.tried.iter().map(told).collect::<Vec<_>>().join(" | "))
}
