//! Makes records of studies of worlds by hand for tests.

use crate::measures::{self, MeasureId};
use crate::time::SimDuration;

use super::support::study;
use super::{AlternativeRecord, InputRecord, ParameterValue, PointRecord, StudyKind, StudyRecord, WorldsRecord};

/// Two alternatives in 64 worlds of eight numbers of visits and eight latencies. The second one makes the slowest visits faster, by
/// 2 s instead of 5 s, but slower, 9 s, where users come at least 16 times a day and providers take at least 640 ms: in 25 worlds.
pub(crate) fn in_worlds() -> StudyRecord {
    let base = study(StudyKind::Comparison, 2, 6);
    let visits = |world: u32| 4 * (1 + world % 8);
    let latency = |world: u32| SimDuration::from_millis(160 * u64::from(1 + world / 8));
    let value = |world: Option<u32>| {
        let (visits, latency) =
            world.map_or((8, SimDuration::from_millis(300)), |world| (visits(world), latency(world)));
        let number = ParameterValue { number: Some(f64::from(visits)), ..ParameterValue::word(&visits.to_string()) };
        let duration = ParameterValue { duration: Some(latency), ..ParameterValue::word(&latency.to_string()) };
        vec![number, duration]
    };
    let worlds: Vec<Option<u32>> = std::iter::once(None).chain((0..64).map(Some)).collect();
    let mut points: Vec<PointRecord> = Vec::new();
    for (number, world) in worlds.iter().enumerate() {
        let is_slow = world.is_some_and(|world| visits(world) >= 16 && latency(world) >= SimDuration::from_millis(640));
        for (alternative, wait) in [(0, 5.0), (1, if is_slow { 9.0 } else { 2.0 })] {
            let mut point = base.points[0].clone();
            set(&mut point, measures::USER_WAIT_P95, wait);
            point.label = format!("variant-{alternative}, world {number}");
            point.settings =
                std::iter::once(ParameterValue::word(&format!("variant-{alternative}"))).chain(value(*world)).collect();
            points.push(point);
        }
    }
    let input = |parameter: &str, about: &str, assumed: &str, range: [&str; 2]| InputRecord {
        parameter: parameter.to_owned(),
        about: Some(about.to_owned()),
        source: "assumption".to_owned(),
        assumed: assumed.to_owned(),
        range: range.map(str::to_owned).into(),
    };
    let inputs = vec![
        input("group.client.visits.per_day", "how often users come", "8", ["4", "32"]),
        input("connector.*.latency", "how fast providers answer", "300ms", ["160ms", "1280ms"]),
    ];
    let alternative = |label: &str| AlternativeRecord { label: label.to_owned(), about: None };
    StudyRecord {
        kind: StudyKind::Worlds,
        parameters: std::iter::once("variant".to_owned()).chain(inputs.iter().map(|of| of.parameter.clone())).collect(),
        worlds: Some(WorldsRecord {
            inputs,
            alternatives: ["variant-0", "variant-1"].map(alternative).into(),
            values: worlds.iter().map(|world| value(*world)).collect(),
            topologies: Vec::new(),
            points: (0..worlds.len()).map(|world| vec![2 * world, 2 * world + 1]).collect(),
        }),
        points,
        ..base
    }
}

/// A measure in each replication: `value`, and a little more in each.
fn set(point: &mut PointRecord, measure: MeasureId, value: f64) {
    for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
        observed.measured[measure] = Some(value * (1.0 + f64::from(number % 3) / 1e3));
    }
    point.contributions.clone_from(&point.replications);
}
