//! What a reader needs around the numbers: the networks, the marked assumptions, what was not simulated, and how to get the
//! same numbers again. Nothing here depends on how the report is shown.

use crate::inference::{Contrast, Subject};
use crate::measures;
use crate::record::{Manifest, ManifestPoint, MarkedAssumption, NetworkMap, StudyKind, located};

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{listed, told};
use super::parts::{PageLoad, PageNetwork, Reproduction};

/// At most so many different networks are drawn.
const NETWORKS_DRAWN: usize = 4;

/// What the simulator leaves out of the world, whatever the scenario says.
const NEVER_SIMULATED: [&str; 2] = [
    "Public holidays: every weekday is a trading day.",
    "Historical prices and look-ups of securities, which real instances exchange, too.",
];

/// The networks of all points, each once.
pub(super) fn networks(evidence: &Evidence<'_>) -> Vec<PageNetwork> {
    let mut found: Vec<(&NetworkMap, Vec<&PointEvidence<'_>>)> = Vec::new();
    for point in &evidence.points {
        match found.iter_mut().find(|(map, _)| **map == point.facts.network) {
            Some((_, points)) => points.push(point),
            None => found.push((&point.facts.network, vec![point])),
        }
    }
    let is_one = found.len() == 1;
    let network = |(map, points): (&NetworkMap, Vec<&PointEvidence<'_>>)| {
        let labels: Vec<String> = points.iter().map(|point| place(evidence, point)).collect();
        PageNetwork {
            points: if is_one { String::new() } else { listed(&labels) },
            map: map.clone(),
            loads: points.first().map(|point| loads(point)).unwrap_or_default(),
        }
    };
    // Of many networks the first and the last one show what changes.
    let first_and_last = found.len() > NETWORKS_DRAWN;
    let last = found.len().saturating_sub(1);
    let drawn = found.into_iter().enumerate().filter(|(index, _)| !first_and_last || [0, last].contains(index));
    drawn.map(|(_, found)| network(found)).collect()
}

/// The point in words, such as `20 clients`.
pub(super) fn place(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> String {
    if evidence.kind.has_named_points() {
        return point.label.to_owned();
    }
    let place = located(evidence.parameters, point.settings);
    place.strip_prefix("with ").unwrap_or(&place).to_owned()
}

fn loads(point: &PointEvidence<'_>) -> Vec<PageLoad> {
    let load = |subject: &Subject| {
        let answer = point.observations.answer(measures::ARRIVALS, subject, Contrast::Value);
        Some(PageLoad {
            server: subject.name().to_owned(),
            per_s: answer.counted()?.mean,
            told: told(answer, measures::ARRIVALS.unit),
        })
    };
    point.observations.servers().filter_map(load).collect()
}

/// What the author of the scenario marks as assumptions, as far as all points share them: what a study varies is none.
pub(super) fn assumptions(evidence: &Evidence<'_>) -> Vec<MarkedAssumption> {
    let Some((first, others)) = evidence.points.split_first() else { return Vec::new() };
    let is_shared = |one: &&MarkedAssumption| others.iter().all(|point| point.facts.marked.contains(one));
    first.facts.marked.iter().filter(is_shared).cloned().collect()
}

/// What was not simulated: by any scenario, and by this one.
pub(super) fn omissions(evidence: &Evidence<'_>) -> Vec<String> {
    let points = || evidence.points.iter();
    let faults = (!evidence.has_faults()).then_some(
        "Faults: every instance, provider and link works all the time, as far as the scenario does not say otherwise.",
    );
    let baseline = (points().any(|point| point.facts.gtnet) && !evidence.is_compared())
        .then_some("The same users without GTNet, so that nothing is said of what GTNet changes.");
    let luck = points()
        .any(|point| point.replications < 2)
        .then_some("Other luck: one replication does not show how much of a number is chance.");
    let own = [faults, baseline, luck].into_iter().flatten();
    own.chain(NEVER_SIMULATED).map(str::to_owned).collect()
}

/// How to get the same numbers.
pub(super) fn reproduction(evidence: &Evidence<'_>) -> Reproduction {
    let point = |(index, point): (usize, &PointEvidence<'_>)| ManifestPoint {
        label: point.label.to_owned(),
        digest: point.facts.digest.clone(),
        seed: point.facts.seed,
        replications: point.replications,
        scenario: Manifest::scenario_file(index),
    };
    let points: Vec<ManifestPoint> = evidence.points.iter().enumerate().map(point).collect();
    let is_alone = points.len() == 1;
    let baseline = evidence.points.first().is_some_and(|point| point.facts.gtnet && !point.observations.is_compared());
    let without = if baseline { " --no-baseline" } else { "" };
    let command = points.first().map_or_else(String::new, |first| {
        format!("gtnet-sim run {} --replications {}{without}", first.scenario, first.replications)
    });
    let gives = match evidence.kind {
        StudyKind::Run if is_alone => "The same files as these.",
        _ => "The numbers of the first point. The files of the other points give theirs.",
    };
    Reproduction { command, gives: gives.to_owned(), points }
}
