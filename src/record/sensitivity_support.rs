//! Makes records of sensitivity analyses by hand for tests.

use super::support::study;
use super::{
    EffectKind, EffectRecord, InputRecord, PointTrajectory, SensitivityDesign, SensitivityRecord, StudyKind,
    StudyRecord,
};

/// How strong the three uncertain values are: one decides, one matters less, one hardly.
const STRENGTHS: [f64; 3] = [0.1, 0.4, 0.001];

/// Analyses by all three methods, of two measures and three uncertain values.
pub(crate) fn analysed() -> [StudyRecord; 3] {
    let input = |parameter: &str, about: &str, range: [&str; 2]| InputRecord {
        parameter: parameter.to_owned(),
        about: Some(about.to_owned()),
        source: "assumption".to_owned(),
        assumed: "3".to_owned(),
        range: range.map(str::to_owned).into(),
    };
    let inputs = vec![
        input("group.client.users", "how many users there are", ["1", "20"]),
        input("group.client.visits.per_day", "how often users come", ["2", "32"]),
        input("connector.*.latency", "how fast providers answer", ["50ms", "3s"]),
    ];
    let trajectory = PointTrajectory { points: vec![1, 2, 3, 4], steps: vec![(0, 0.5), (1, 0.5), (2, -0.5)] };
    let designs = [
        SensitivityDesign::Tornado(vec![vec![1, 2], vec![3, 4], vec![5, 6]]),
        SensitivityDesign::Morris(vec![trajectory]),
        SensitivityDesign::Sobol { a: vec![1], b: vec![2], ab: vec![vec![3], vec![4], vec![5]], block: 1 },
    ];
    designs.map(|design| {
        let effects = effects(&design);
        let measures = ["connector_calls.saving", "price_fresh_share"].map(str::to_owned).into();
        let parameters = inputs.iter().map(|input| input.parameter.clone()).collect();
        let sensitivity = Some(SensitivityRecord { design, inputs: inputs.clone(), measures, effects });
        StudyRecord { parameters, sensitivity, ..study(StudyKind::Sensitivity, 7, 6) }
    })
}

fn effects(design: &SensitivityDesign) -> Vec<EffectRecord> {
    let kinds: &[EffectKind] = match design {
        SensitivityDesign::Tornado(_) => &[EffectKind::Swing],
        SensitivityDesign::Morris(_) => &[EffectKind::MuStar, EffectKind::Mu, EffectKind::Sigma],
        SensitivityDesign::Sobol { .. } => &[EffectKind::Total, EffectKind::FirstOrder],
    };
    let mut effects = Vec::new();
    for measure in 0..2 {
        for (input, strength) in STRENGTHS.into_iter().enumerate() {
            let tried =
                |kind| if kind == EffectKind::Swing { vec![Some(0.3), Some(0.3 + strength)] } else { Vec::new() };
            effects.extend(kinds.iter().map(|kind| EffectRecord {
                measure,
                input,
                kind: *kind,
                value: Some(strength),
                count: 6,
                half_width: Some(0.002),
                tried: tried(*kind),
            }));
        }
    }
    effects
}
