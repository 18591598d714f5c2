//! Builds the one document of all commands: it decides what readers are told, in which order, and which tables programs
//! get.

use crate::inference::Quantity;
use crate::measures;
use crate::record::StudyKind;

use super::document::{Document, ReportSection};
use super::evidence::Evidence;
use super::selected::Selected;
use super::server_kind::ServerKind;
use super::worlds::WorldResults;
use super::{
    answer, background, comparison, curves, datasets, differences, flips, front, headline, laws, network, remarks,
    selected, sensitivity, sweep, world_answer, world_sections,
};

/// The report on `evidence`.
pub(super) fn document<'r>(evidence: &'r Evidence<'r>) -> Document<'r> {
    let selected = Selected::of(evidence);
    // The replications of a selection are too few, and too uneven, for verdicts on everything.
    let is_comparison = evidence.kind == StudyKind::Comparison && selected.is_none();
    let differences = if is_comparison { differences::differences(evidence) } else { Vec::new() };
    let curve_of_saving = laws::curve_of(evidence, &Quantity::saving(measures::CONNECTOR_CALLS));
    let worlds = evidence.worlds.map(|record| WorldResults::of(evidence, record));
    let mut datasets = datasets::of_study(evidence, &differences, worlds.as_ref());
    let mut sections = vec![ReportSection::new("What to know").sentences(head(evidence, worlds.as_ref()))];
    sections.extend(selected.iter().flat_map(selected::sections));
    match evidence.kind {
        StudyKind::Comparison if selected.is_some() => {}
        StudyKind::Run => {
            for point in &evidence.points {
                // Of open servers that nobody asks there is nothing to tell.
                let open = point.observations.has_open_servers().then_some(ServerKind::Open);
                let kinds = std::iter::once(ServerKind::PushOpen).chain(open);
                let loads: Vec<_> = kinds.map(|kind| (kind, curves::server_load(point, kind))).collect();
                let age = curves::price_age(point);
                let wait = curves::user_wait(point);
                sections.extend(network::sections(point, evidence.relevance, &loads, [&age, &wait]));
                datasets.extend(datasets::of_run(point, loads, age, wait));
            }
        }
        StudyKind::Comparison => sections.extend(comparison::sections(evidence, &differences)),
        StudyKind::Sweep => sections.extend(sweep::sections(evidence, curve_of_saving.as_ref())),
        StudyKind::Sensitivity => {
            sections.extend(evidence.sensitivity.into_iter().flat_map(|of| sensitivity::sections(evidence, of)));
        }
        StudyKind::Worlds => {
            sections.extend(worlds.iter().flat_map(|results| world_sections::sections(evidence, results)));
        }
        StudyKind::Flips => sections.extend(evidence.flips.into_iter().flat_map(|of| flips::sections(evidence, of))),
        StudyKind::Capacity => {
            let section = ReportSection::new("All points")
                .pictures(sweep::objective(evidence))
                .pictures(sweep::figures(evidence, None));
            sections.push(match sweep::rows_of_faults(evidence) {
                Some(rows) => section.grid(rows, 0),
                None => section,
            });
        }
    }
    // The first picture of a sweep is its answer, so that this one comes behind it.
    sections.extend(evidence.front.map(|of| front::section(evidence, of)));
    let answer = match (&worlds, evidence.flips) {
        (Some(results), _) => world_answer::answer(evidence, results),
        (None, Some(record)) => flips::answer(evidence, record),
        (None, None) => answer::answer(evidence, &differences, &sections),
    };
    let legends = remarks::legends(evidence, &sections);
    let last = sections.pop().expect("there is one at least");
    sections.push(last.sentences(legends).sentences(foot(evidence)));
    Document {
        evidence,
        answer,
        measures: headline::table(evidence, &differences),
        networks: background::networks(evidence),
        assumptions: background::assumptions(evidence),
        omissions: background::omissions(evidence),
        reproduction: background::reproduction(evidence),
        differences,
        curve_of_saving,
        sections,
        datasets,
    }
}

/// What the reader has to know before the numbers.
fn head(evidence: &Evidence<'_>, worlds: Option<&WorldResults<'_>>) -> Vec<String> {
    match evidence.kind {
        StudyKind::Run => evidence.points.iter().flat_map(network::head).collect(),
        StudyKind::Comparison | StudyKind::Sweep => remarks::head(evidence),
        StudyKind::Capacity => remarks::not_happened(evidence).collect(),
        StudyKind::Sensitivity => sensitivity::head(evidence),
        StudyKind::Flips => flips::head(evidence),
        StudyKind::Worlds => worlds.into_iter().flat_map(|results| world_sections::head(evidence, results)).collect(),
    }
}

/// What the reader has to know after the numbers.
fn foot(evidence: &Evidence<'_>) -> Vec<String> {
    match evidence.kind {
        StudyKind::Run | StudyKind::Capacity | StudyKind::Sensitivity | StudyKind::Worlds | StudyKind::Flips => {
            Vec::new()
        }
        StudyKind::Comparison | StudyKind::Sweep => {
            remarks::overload(evidence).chain(remarks::saturation(evidence)).collect()
        }
    }
}
