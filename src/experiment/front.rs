//! Which points of a study are on the front of several goals, and how surely.

use crate::inference::{Direction, Observations, Quantity};
use crate::random::{Entity, Purpose, Streams};
use crate::record::{FrontPoint, FrontRecord, PointRecord, StudyRecord};
use crate::stats::{Sample, dominated_by, front_shares};

/// The front of the points of `record`, whose replications are there, for these goals. Points are compared by the replications that all
/// of them have.
pub(super) fn front_of(record: &StudyRecord, goals: Vec<String>) -> FrontRecord {
    let asked = FrontRecord { goals, points: Vec::new() };
    let quantities = asked.quantities();
    let count = record.points.iter().map(|point| point.replications.len()).min().unwrap_or(0);
    let samples: Vec<Option<Vec<Vec<f64>>>> =
        record.points.iter().map(|point| samples(point, &quantities, count)).collect();
    let compared: Vec<usize> = (0..samples.len()).filter(|point| samples[*point].is_some()).collect();
    let known: Vec<Vec<Vec<f64>>> = samples.into_iter().flatten().collect();
    let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<Vec<f64>> = known.iter().map(|goals| goals.iter().map(mean).collect()).collect();
    let seed = record.points.first().map_or(0, |point| point.facts.seed);
    let mut stream = Streams::new(seed, 0).stream(Purpose::FrontResample, Entity::named(&asked.goals.join(","), 0));
    let shares = front_shares(&known, &mut |below| stream.index(below));
    let mut points = vec![None; record.points.len()];
    for ((point, dominated), share) in compared.iter().zip(dominated_by(&means)).zip(shares) {
        points[*point] = Some(FrontPoint { dominated_by: dominated.map(|by| compared[by]), share });
    }
    FrontRecord { points, ..asked }
}

/// What surrounds the mean of each goal at a point, with the sign with which more is better; `None` if one of them has no mean.
fn samples(point: &PointRecord, goals: &[Quantity], count: usize) -> Option<Vec<Vec<f64>>> {
    let observations = Observations::of_network(&point.replications, &point.contributions);
    let of_goal = |goal: &Quantity| {
        goal.answer(&observations).known()?;
        let sample: Sample = goal.sample(&observations, count)?;
        let sign = if Direction::of(goal, true) == Direction::Better { 1.0 } else { -1.0 };
        Some(sample.values().iter().map(|value| sign * value).collect())
    };
    goals.iter().map(of_goal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{CONNECTOR_CALLS, USER_WAIT_P95, VISITS_UNFINISHED_SHARE};
    use crate::record::StudyKind;
    use crate::record::support::study;

    /// Waits and calls of four points: the first two are each best in one goal, the third is as the first but a bit worse, and the
    /// last one has waits without end.
    #[test]
    fn who_is_best_in_something_is_on_the_front() {
        let mut record = study(StudyKind::Comparison, 4, 10);
        for (point, (wait, calls)) in record.points.iter_mut().zip([(1.0, 9.0), (2.0, 5.0), (1.1, 9.1), (0.1, 1.0)]) {
            for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
                let luck = f64::from(number % 4);
                observed.measured[USER_WAIT_P95] = Some(wait + luck / 10.0);
                observed.measured[CONNECTOR_CALLS] = Some(calls + luck);
            }
        }
        record.points[3].replications[0].measured[VISITS_UNFINISHED_SHARE] = Some(0.9);
        for point in &mut record.points {
            point.contributions = point.replications.clone();
        }
        let goals = ["user_wait_p95", "connector_calls"].map(str::to_owned);
        let front = front_of(&record, goals.to_vec());
        assert_eq!(front.on_front(), [0, 1]);
        let point = |dominated_by, share| Some(FrontPoint { dominated_by, share });
        assert_eq!(front.points, [point(None, 1.0), point(None, 1.0), point(Some(0), 0.0), None], "with the same luck");
        assert_eq!(front_of(&record, goals.to_vec()), front);
    }
}
