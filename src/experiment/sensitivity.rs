//! How strongly each uncertain value moves each measure, by what was simulated at the points of a sensitivity analysis.

use crate::inference::{CONFIDENCE, Observations, Quantity};
use crate::random::{Entity, Purpose, Streams};
use crate::record::{EffectKind, EffectRecord, PointTrajectory, SensitivityDesign, SensitivityRecord, StudyRecord};
use crate::stats::{ElementaryEffects, Paired, SaltelliSample, Sample, SobolIndices};

/// The effects on all measures of `analysis`, whose points are those of `record`.
pub(super) fn effects(record: &StudyRecord, analysis: &SensitivityRecord) -> Vec<EffectRecord> {
    let numbered = analysis.quantities().into_iter().enumerate();
    numbered.flat_map(|(measure, quantity)| Measured::of(record, analysis, measure, &quantity).effects()).collect()
}

/// One measure at all points.
struct Measured<'r> {
    analysis: &'r SensitivityRecord,
    measure: usize,
    seed: u64,
    /// What surrounds its mean at each point; `None` where it has none.
    samples: Vec<Option<Sample>>,
}

impl<'r> Measured<'r> {
    fn of(record: &StudyRecord, analysis: &'r SensitivityRecord, measure: usize, quantity: &Quantity) -> Self {
        let samples = record.points.iter().map(|point| {
            let observations = Observations::of_network(&point.replications, &point.contributions);
            quantity.answer(&observations).known()?;
            quantity.sample(&observations, point.replications.len())
        });
        let seed = record.points.first().map_or(0, |point| point.facts.seed);
        Self { analysis, measure, seed, samples: samples.collect() }
    }

    fn mean(&self, point: usize) -> Option<f64> {
        self.samples[point].as_ref().map(Sample::centre)
    }

    fn effects(&self) -> Vec<EffectRecord> {
        let inputs = 0..self.analysis.inputs.len();
        match &self.analysis.design {
            SensitivityDesign::Tornado(tried) => inputs.map(|input| self.swing(input, &tried[input])).collect(),
            SensitivityDesign::Morris(trajectories) => {
                inputs.flat_map(|input| self.elementary(input, trajectories)).collect()
            }
            SensitivityDesign::Sobol { a, b, ab, block } => {
                let means =
                    |points: &[usize]| points.iter().map(|point| self.mean(*point)).collect::<Option<Vec<f64>>>();
                let samples = means(a).zip(means(b)).zip(ab.iter().map(|own| means(own)).collect::<Option<Vec<_>>>());
                let Some(((a, b), ab)) = samples else {
                    return inputs.flat_map(|input| self.indices(input, None, 0)).collect();
                };
                let all = || a.iter().chain(&b).chain(ab.iter().flatten());
                let centre = all().sum::<f64>() / all().count() as f64;
                let of = |input: usize| {
                    let sample = SaltelliSample { a: &a, b: &b, ab: &ab[input], centre, block: *block };
                    let indices = SobolIndices::of(&sample, CONFIDENCE, &mut self.draws(input));
                    self.indices(input, indices, a.len())
                };
                inputs.flat_map(of).collect()
            }
        }
    }

    /// The change from the first value that was tried to the last one, or between those at which the mean is lowest and highest.
    fn swing(&self, input: usize, points: &[usize]) -> EffectRecord {
        let tried: Vec<Option<f64>> = points.iter().map(|point| self.mean(*point)).collect();
        let by_mean =
            |one: &usize, other: &usize| self.mean(*one).partial_cmp(&self.mean(*other)).expect("means are finite");
        let ends = match points {
            [first, last] => Some((*first, *last)),
            several => several.iter().copied().min_by(by_mean).zip(several.iter().copied().max_by(by_mean)),
        };
        let are_known = tried.iter().all(Option::is_some);
        let paired = ends.filter(|_| are_known).and_then(|(first, last)| {
            let [first, last] = [first, last].map(|point| self.samples[point].as_ref());
            first.zip(last).filter(|(first, last)| first.values().len() == last.values().len())
        });
        let paired = paired.map(|(first, last)| Paired::of(last, first, CONFIDENCE).difference);
        EffectRecord {
            measure: self.measure,
            input,
            kind: EffectKind::Swing,
            value: paired.map(|difference| difference.mean),
            count: paired.map_or(0, |difference| difference.count),
            half_width: paired.and_then(|difference| difference.half_width),
            tried,
        }
    }

    fn elementary(&self, input: usize, trajectories: &[PointTrajectory]) -> [EffectRecord; 3] {
        let effect = |trajectory: &PointTrajectory| {
            let at = trajectory.steps.iter().position(|(changed, _)| *changed == input)?;
            let [before, after] = [at, at + 1].map(|at| self.mean(trajectory.points[at]));
            Some((after? - before?) / trajectory.steps[at].1)
        };
        // Where too many visits have no result a measure has no number. Effects there are left out, but not most of them.
        let known: Vec<f64> = trajectories.iter().filter_map(effect).collect();
        let known = if 2 * known.len() > trajectories.len() { known } else { Vec::new() };
        let of = ElementaryEffects::of(&known, CONFIDENCE, &mut self.draws(input));
        let effect = |kind, value, half_width| self.effect((input, kind, known.len()), value, half_width);
        [
            effect(EffectKind::MuStar, of.map(|of| of.mean_absolute), of.and_then(|of| of.half_width)),
            effect(EffectKind::Mu, of.map(|of| of.mean), None),
            effect(EffectKind::Sigma, of.and_then(|of| of.deviation), None),
        ]
    }

    fn indices(&self, input: usize, of: Option<SobolIndices>, count: usize) -> [EffectRecord; 2] {
        let effect = |kind, value, half_width| self.effect((input, kind, count), value, half_width);
        [
            effect(EffectKind::Total, of.map(|of| of.total), of.and_then(|of| of.total_half_width)),
            effect(EffectKind::FirstOrder, of.map(|of| of.first), of.and_then(|of| of.first_half_width)),
        ]
    }

    fn effect(
        &self,
        (input, kind, count): (usize, EffectKind, usize),
        value: Option<f64>,
        half_width: Option<f64>,
    ) -> EffectRecord {
        EffectRecord { measure: self.measure, input, kind, value, count, half_width, tried: Vec::new() }
    }

    /// Draws for the resamples of an uncertain value: the same whatever else is uncertain or measured.
    fn draws(&self, input: usize) -> impl FnMut(usize) -> usize + use<> {
        let measure = Entity::named(&self.analysis.measures[self.measure], 0);
        let parameter = Entity::named(&self.analysis.inputs[input].parameter, 0);
        let mut stream = Streams::new(self.seed, 0).stream(Purpose::Resample, Entity::pair(measure, parameter));
        move |below| stream.index(below)
    }
}
