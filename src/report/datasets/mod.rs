//! The tables for programs: all commands write the same ones, and a run adds others from all that it measured.

mod effects;
mod estimates;
mod faults;
mod flips;
mod front;
mod money;
mod network;
mod replications;
mod selection;
mod studies;
mod worlds;

pub(crate) use replications::read_units;

use crate::record::StudyKind;

use super::curves::{CumulativeShare, DailyLoad};
use super::differences::Difference;
use super::document::{Cell, Dataset};
use super::evidence::{Evidence, PointEvidence};
use super::server_kind::ServerKind;
use super::worlds::WorldResults;

/// The tables of any study.
pub(super) fn of_study<'r>(
    evidence: &'r Evidence<'r>,
    differences: &[Difference],
    worlds: Option<&WorldResults<'r>>,
) -> Vec<Dataset<'r>> {
    let mut datasets = vec![
        estimates::summary(evidence),
        replications::replications(evidence),
        estimates::points(evidence),
        estimates::measures(evidence.has_prices()),
    ];
    if evidence.kind == StudyKind::Comparison && evidence.selection.is_none() {
        datasets.push(studies::differences(differences));
    }
    datasets.extend(evidence.capacity.map(studies::capacity));
    datasets.extend(evidence.sensitivity.map(|analysis| effects::effects(evidence, analysis)));
    datasets.extend(selection::selection(evidence));
    datasets.extend(evidence.flips.map(|record| flips::flips(evidence, record)));
    datasets.extend(worlds.into_iter().flat_map(|results| worlds::worlds(evidence, results)));
    datasets.extend(evidence.front.map(|of| front::front(evidence, of)));
    datasets.extend(studies::components(evidence));
    datasets
}

/// The tables that only a run has; `point` is its only point.
pub(super) fn of_run<'r>(
    point: &'r PointEvidence<'r>,
    loads: Vec<(ServerKind, Vec<DailyLoad>)>,
    age: Vec<CumulativeShare>,
    wait: Vec<CumulativeShare>,
) -> Vec<Dataset<'r>> {
    let servers =
        loads.into_iter().flat_map(|(kind, load)| [network::servers(point, kind), network::server_load(kind, load)]);
    let tables = [
        network::connectors(point),
        network::connector_calls(point),
        network::instances(point),
        network::cumulative("price_age", "age_upper_s", age),
        network::cumulative("user_wait", "wait_upper_s", wait),
        network::fills(point),
        network::push_back(point),
        network::stale(point),
        network::age(point),
    ];
    let of_faults = point.observations.has_faults().then(|| [faults::faults(point), faults::timeline(point)]);
    let of_money = point.observations.has_prices().then(|| money::plans(point));
    servers.chain(tables).chain(of_faults.into_iter().flatten()).chain(of_money).collect()
}

/// A column: its name, and a function that makes the cell of a thing.
type Column<T> = (&'static str, fn(&T) -> Cell<'static>);

fn names<T>(columns: &'static [Column<T>]) -> impl Iterator<Item = &'static str> {
    columns.iter().map(|(name, _)| *name)
}

fn cells<'r, T>(columns: &'static [Column<T>], thing: &T) -> impl Iterator<Item = Cell<'r>> {
    columns.iter().map(move |(_, cell)| cell(thing))
}
