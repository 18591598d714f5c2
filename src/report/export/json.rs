//! The report for machines: one JSON object, the same for all commands, with `null` where a number is not known.

use serde::Serialize;

use crate::inference::{Answer, CONFIDENCE, Decision, Quantity, Subject};
use crate::measures::Condition;
use crate::record::{
    Absence, CapacityRecord, Census, CommonLuck, FrontRecord, ResultFile, SCHEMA_VERSION, SelectionRecord, StudyKind,
};
use crate::report::differences::Difference;
use crate::report::document::Document;
use crate::report::evidence::PointEvidence;
use crate::report::laws::SweepCurve;
use crate::stats::{CurveScale, CurveShape, Estimate};
use crate::time::SimDuration;

use super::Exporter;

/// The report as one JSON file.
pub(super) struct Json;

impl Exporter for Json {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        let evidence = document.evidence;
        let report = JsonReport {
            schema_version: SCHEMA_VERSION,
            tool_version: evidence.version,
            kind: evidence.kind,
            name: evidence.name,
            question: evidence.question,
            answer: &document.answer,
            confidence: CONFIDENCE,
            parameters: evidence.parameters,
            luck: evidence.luck,
            points: evidence.points.iter().map(JsonPoint::of).collect(),
            differences: document.differences.iter().map(JsonDifference::of).collect(),
            curve_of_saving: document.curve_of_saving.as_ref().map(JsonCurve::of),
            capacity: evidence.capacity,
            selection: evidence.selection,
            front: evidence.front,
        };
        let mut text = serde_json::to_string_pretty(&report).expect("numbers and strings always serialise");
        text.push('\n');
        vec![ResultFile { name: "summary.json".to_owned(), bytes: text.into_bytes() }]
    }
}

#[derive(Serialize)]
struct JsonReport<'d> {
    schema_version: u32,
    tool_version: &'d str,
    kind: StudyKind,
    name: &'d str,
    question: &'d str,
    answer: &'d str,
    confidence: f64,
    parameters: &'d [String],
    /// What luck depends on and only some points have.
    luck: &'d CommonLuck,
    points: Vec<JsonPoint<'d>>,
    differences: Vec<JsonDifference<'d>>,
    curve_of_saving: Option<JsonCurve<'d>>,
    capacity: Option<&'d CapacityRecord>,
    /// Of a search for the best: what was promised, what each look saw, and which point went when.
    selection: Option<&'d SelectionRecord>,
    /// Of a study with several goals: which points are on their front, and how surely.
    front: Option<&'d FrontRecord>,
}

#[derive(Serialize)]
struct JsonPoint<'d> {
    label: &'d str,
    /// What its variant is in a few words; nothing if the scenario does not say.
    about: Option<&'d str>,
    settings: Vec<&'d str>,
    digest: &'d str,
    seed: u64,
    /// Whether anybody takes part in GTNet.
    gtnet: bool,
    replications: usize,
    measured_from: String,
    freshness_threshold_s: Option<f64>,
    census: Census,
    /// Whether the queue of some server grows without end.
    saturated: bool,
    /// The names of these servers; only runs know them.
    saturated_servers: Vec<&'d str>,
    /// Whether too many visits are unfinished, so that totals are incomplete.
    overloaded: bool,
    /// What the scenario asks for a yes, and whether that holds: `yes`, `no`, `uncertain` or `unknown`; nothing if it asks for nothing.
    yes_if: &'d [Condition],
    decision: Option<&'static str>,
    /// What did not happen in the measured period, and why.
    absences: Vec<Absence>,
    estimates: Vec<JsonAnswer>,
}

#[derive(Serialize)]
struct JsonAnswer {
    measure: &'static str,
    subject: String,
    contrast: &'static str,
    unit: &'static str,
    /// What is known of the mean: `mean`, `rare`, `never`, `saturated`, `lower bound`, `cut off` or `unknown`.
    known: &'static str,
    #[serde(flatten)]
    estimate: JsonEstimate,
    /// Of something rare: in how many replications it is not 0, and the 95 % interval of the share of such replications.
    seen: Option<usize>,
    seen_share_interval: Option<(f64, f64)>,
}

#[derive(Serialize)]
struct JsonDifference<'d> {
    variant: &'d str,
    reference: &'d str,
    measure: &'static str,
    contrast: &'static str,
    unit: &'static str,
    difference: Option<JsonEstimate>,
    p_value: Option<f64>,
    least_that_matters: Option<f64>,
    verdict: &'static str,
    /// Whether the difference matters: `yes`, `no` or `perhaps`; nothing if that cannot be told.
    matters: Option<&'static str>,
    replications_needed: Option<u32>,
}

/// Gains are what a step of 1 in the parameter adds (`linear`), or what a doubling of it adds (`doubling`) or multiplies by
/// (`power`).
#[derive(Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
enum JsonCurve<'d> {
    Straight {
        scale: &'static str,
        from: &'d str,
        to: &'d str,
        gain: JsonEstimate,
        largest_distance: f64,
        r_squared: f64,
    },
    Bent {
        scale: &'static str,
        knee: JsonEstimate,
        gain_before: JsonEstimate,
        gain_beyond: JsonEstimate,
        largest_distance: f64,
    },
}

/// No half-width of one replication.
#[derive(Serialize)]
struct JsonEstimate {
    mean: Option<f64>,
    half_width: Option<f64>,
    standard_deviation: Option<f64>,
    replications: usize,
}

impl<'d> JsonPoint<'d> {
    fn of(point: &'d PointEvidence<'_>) -> Self {
        let facts = point.facts;
        Self {
            label: point.label,
            about: point.about,
            settings: point.settings.iter().map(|setting| setting.text.as_str()).collect(),
            digest: &facts.digest,
            seed: facts.seed,
            gtnet: facts.gtnet,
            replications: point.replications,
            measured_from: facts.measured_from.to_string(),
            freshness_threshold_s: facts.freshness_threshold.map(SimDuration::as_secs_f64),
            census: facts.census,
            saturated: point.is_saturated(),
            saturated_servers: point.observations.saturated().map(Subject::name).collect(),
            overloaded: point.observations.is_overloaded(),
            yes_if: &facts.yes_if,
            decision: Decision::on(&facts.yes_if, &point.observations).map(|decision| decision.name()),
            absences: point.absences(),
            estimates: point.answers().map(|(quantity, answer)| JsonAnswer::of(&quantity, answer)).collect(),
        }
    }
}

impl JsonAnswer {
    fn of(quantity: &Quantity, answer: Answer) -> Self {
        Self {
            measure: quantity.measure.name,
            subject: quantity.subject.name().to_owned(),
            contrast: quantity.contrast.name(),
            unit: quantity.unit().symbol(),
            known: answer.name(),
            estimate: JsonEstimate::of(answer.counted()),
            seen: answer.seen(),
            seen_share_interval: answer.seen_share(),
        }
    }
}

impl<'d> JsonDifference<'d> {
    fn of(difference: &'d Difference) -> Self {
        Self {
            variant: &difference.variant,
            reference: &difference.reference,
            measure: difference.number.measure.name,
            contrast: difference.number.contrast.name(),
            unit: difference.number.unit().symbol(),
            difference: difference.paired.map(|paired| JsonEstimate::of(Some(paired.difference))),
            p_value: difference.paired.and_then(|paired| paired.p_value),
            least_that_matters: difference.least,
            verdict: difference.verdict.name(),
            matters: difference.verdict.relevance(),
            replications_needed: difference.replications_needed,
        }
    }
}

impl<'d> JsonCurve<'d> {
    fn of(curve: &'d SweepCurve<'_>) -> Self {
        let estimate = |estimate: Estimate| JsonEstimate::of(Some(estimate));
        match curve.shape {
            CurveShape::Straight(law) => Self::Straight {
                scale: scale(law.scale),
                from: curve.setting(law.from),
                to: curve.setting(law.to),
                gain: estimate(law.gain),
                largest_distance: law.largest_distance,
                r_squared: law.r_squared,
            },
            CurveShape::Bent(knee) => Self::Bent {
                scale: scale(knee.scale),
                knee: estimate(knee.at),
                gain_before: estimate(knee.before),
                gain_beyond: estimate(knee.beyond),
                largest_distance: knee.largest_distance,
            },
        }
    }
}

const fn scale(scale: CurveScale) -> &'static str {
    match scale {
        CurveScale::Linear => "linear",
        CurveScale::Doubling => "doubling",
        CurveScale::Power => "power",
    }
}

impl JsonEstimate {
    fn of(estimate: Option<Estimate>) -> Self {
        Self {
            mean: estimate.map(|estimate| estimate.mean),
            half_width: estimate.and_then(|estimate| estimate.half_width),
            standard_deviation: estimate.and_then(|estimate| estimate.standard_deviation),
            replications: estimate.map_or(0, |estimate| estimate.count),
        }
    }
}
