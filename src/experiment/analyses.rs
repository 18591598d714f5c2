//! The jobs about what is uncertain: their points are those of the scenario, and their records say which points belong together.

use crate::measures::Quantity;
use crate::record::{
    AlternativeRecord, FlipsRecord, InputRecord, ParameterValue, PointTrajectory, SensitivityDesign, SensitivityRecord,
    StudyKind, WorldsRecord,
};
use crate::scenario::{
    FlipStudy, UncertainInput, Uncertainty, VariedPoints, VariedTrajectory, WayOut, WorldAlternative, WorldStudy,
    WorldValue,
};

use super::common_luck;
use super::flip::{FlipPlan, FlipRoute};
use super::job::{Asked, Job};
use super::plan::Plan;

impl Job {
    /// A sensitivity analysis: how strongly what is uncertain moves each of `measures`.
    #[must_use]
    pub fn of_sensitivity(uncertainty: Uncertainty, measures: &[Quantity]) -> Self {
        let Uncertainty { study, inputs, varied } = uncertainty;
        let baseline = measures.iter().any(|measure| measure.contrast.is_change());
        let mut job = Self::of_study(StudyKind::Sensitivity, study, Plan::Fixed, baseline);
        let design = match varied {
            VariedPoints::Tornado(tried) => SensitivityDesign::Tornado(tried),
            VariedPoints::Morris(all) => {
                let trajectory = |VariedTrajectory { points, steps }| PointTrajectory { points, steps };
                SensitivityDesign::Morris(all.into_iter().map(trajectory).collect())
            }
            VariedPoints::Sobol { a, b, ab, block } => SensitivityDesign::Sobol { a, b, ab, block },
        };
        if let Asked::Study(record) = &mut job.record.asked {
            record.sensitivity = Some(SensitivityRecord {
                design,
                inputs: inputs.into_iter().map(input).collect(),
                measures: measures.iter().map(Quantity::to_string).collect(),
                effects: Vec::new(),
            });
        }
        job
    }

    /// A study of alternatives in many worlds.
    #[must_use]
    pub fn of_worlds(worlds: WorldStudy, baseline: bool) -> Self {
        let WorldStudy { study, inputs, alternatives, values, points, topologies } = worlds;
        // What the alternatives share is asked of the world that is assumed: other worlds have other users, as it shall be.
        let assumed = points[0].iter().map(|point| &study.points[*point]);
        let luck = common_luck(assumed.map(|point| (point.label.as_str(), &**point.scenario.world())));
        let mut job = Self::of_study(StudyKind::Worlds, study, Plan::Fixed, baseline);
        if let Asked::Study(record) = &mut job.record.asked {
            let alternative = |WorldAlternative { label, about }| AlternativeRecord { label, about };
            let value = |WorldValue { text, number, duration }| ParameterValue { text, number, duration };
            record.luck = luck;
            record.worlds = Some(WorldsRecord {
                inputs: inputs.into_iter().map(input).collect(),
                alternatives: alternatives.into_iter().map(alternative).collect(),
                values: values.into_iter().map(|row| row.into_iter().map(value).collect()).collect(),
                points,
                topologies,
            });
        }
        job
    }

    /// A search for what flips the decision of a scenario.
    #[must_use]
    pub fn of_flips(flips: FlipStudy) -> Self {
        let FlipStudy { study, inputs, ways } = flips;
        let assumed = &study.points[0].scenario;
        let conditions = assumed.yes_if().to_vec();
        let baseline = conditions.iter().any(|condition| condition.quantity.contrast.is_change());
        let route = |WayOut { points, distances }| FlipRoute { points, distances };
        let ways = ways.into_iter().map(|ways| ways.into_iter().map(route).collect()).collect();
        let mut job = Self::of_study(StudyKind::Flips, study, Plan::Flip(FlipPlan { conditions, ways }), baseline);
        if let Asked::Study(record) = &mut job.record.asked {
            record.flips = Some(FlipsRecord { inputs: inputs.into_iter().map(input).collect(), ways: Vec::new() });
        }
        job
    }
}

fn input(UncertainInput { parameter, about, source, assumed, range }: UncertainInput) -> InputRecord {
    InputRecord { parameter, about, source, assumed, range }
}
