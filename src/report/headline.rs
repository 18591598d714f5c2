//! The table of the measures that matter, for a page: few numbers, each with its definition and with the row of
//! `summary.csv` or `differences.csv` that it shows.

use crate::inference::{Answer, Contrast, Quantity};
use crate::measures::{self, Comparison, MeasureId, Unit};
use crate::record::{AlternativeRecord, SensitivityRecord, StudyKind, WorldsRecord};

use super::differences::Difference;
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{UNKNOWN, bound, capitalised, difference, mean, quantity_told, told};
use super::parts::{CellSource, Definition, MeasureCell, MeasureRow, MeasureTable, TableTitle};
use super::{background, influence, sweep};

/// More variants than this are rows of the table, not columns.
const VARIANTS_ABREAST: usize = 3;

/// The table of `evidence`.
pub(super) fn table(evidence: &Evidence<'_>, differences: &[Difference]) -> MeasureTable {
    match evidence.kind {
        StudyKind::Run => of_run(evidence),
        StudyKind::Comparison if evidence.selection.is_none() && evidence.points.len() <= VARIANTS_ABREAST => {
            abreast(evidence, differences)
        }
        StudyKind::Comparison => of_variants(evidence, differences),
        StudyKind::Sweep | StudyKind::Capacity | StudyKind::Flips => of_points(evidence),
        StudyKind::Sensitivity => evidence.sensitivity.map_or_else(MeasureTable::empty, |of| of_worlds(evidence, of)),
        StudyKind::Worlds => evidence.worlds.map_or_else(MeasureTable::empty, |of| as_assumed(evidence, of)),
    }
}

/// A row for each measure, and a column for each of the two runs.
fn of_run(evidence: &Evidence<'_>) -> MeasureTable {
    let Some(point) = evidence.points.first() else { return MeasureTable::empty() };
    let is_compared = point.observations.is_compared();
    let change = is_compared.then(|| "difference".to_owned());
    let sides = point.sides().map(|side| side.spoken().to_owned()).chain(change);
    let columns = std::iter::once("measure".to_owned()).chain(sides).map(TableTitle::plain).collect();
    let row = |measure: MeasureId| {
        let of_side = |contrast| {
            let answer = point.answer(&Quantity::of_network(measure, contrast));
            MeasureCell::of(0, measure, contrast, told(answer, measure.unit), answer)
        };
        let sides = point.sides().map(|side| of_side(side.contrast));
        MeasureRow {
            title: TableTitle::of(measure, &capitalised(measure.spoken)),
            cells: sides.chain(is_compared.then(|| change_of(point, measure))).collect(),
        }
    };
    MeasureTable { caption: caption(evidence), columns, rows: measures_of(point).into_iter().map(row).collect() }
}

/// The measures that matter in a run. Where nothing is known of one in any of its runs, it is left out.
fn measures_of(point: &PointEvidence<'_>) -> Vec<MeasureId> {
    let of_servers = [measures::ARRIVALS, measures::UTILISATION_MAX, measures::RESPONSE_P95];
    let of_faults = [measures::FAULT_FELT_SHARE, measures::FAULT_EXTRA_WAIT_MEAN, measures::FAULT_RECOVERY];
    let common = [
        measures::CONNECTOR_CALLS,
        measures::FRESH_SHARE,
        measures::PRICE_AGE_P50,
        measures::PRICE_AGE_P95,
        measures::USER_WAIT_P50,
        measures::USER_WAIT_P95,
    ];
    let has_servers = point.observations.server_count() > 0;
    let servers = of_servers.into_iter().filter(|_| has_servers);
    let of_money = [measures::COST, measures::CALLS_BEYOND_FREE];
    let servers = servers.chain(of_money.into_iter().filter(|_| point.observations.has_prices()));
    common.into_iter().chain(servers).chain(of_faults.into_iter().filter(|_| point.observations.has_faults())).collect()
}

/// What `GTNet` changes in a measure.
fn change_of(point: &PointEvidence<'_>, measure: MeasureId) -> MeasureCell {
    let answer = |contrast| point.answer(&Quantity::of_network(measure, contrast));
    match (measure.comparison, answer(Contrast::Saving), answer(Contrast::Difference)) {
        (Comparison::Saving, saving @ Answer::Known(_), _) => {
            let text = format!("saves {}", told(saving, Unit::Share));
            MeasureCell::of(0, measure, Contrast::Saving, text, saving)
        }
        (Comparison::Difference, _, change) if change.known().is_some() => {
            let text = difference(change.known(), measure.unit);
            MeasureCell::of(0, measure, Contrast::Difference, text, change)
        }
        _ => MeasureCell { text: UNKNOWN.to_owned(), note: String::new(), source: None },
    }
}

/// A row for each measure, and columns for each variant: its mean, and how it differs from the first one.
fn abreast(evidence: &Evidence<'_>, differences: &[Difference]) -> MeasureTable {
    let labels: Vec<&str> = evidence.points.iter().map(|point| point.label).collect();
    let Some((reference, variants)) = labels.split_first() else { return MeasureTable::empty() };
    let own = |variant: &str| differences.iter().filter(|one| one.variant == variant).collect::<Vec<_>>();
    let of_variants: Vec<Vec<&Difference>> = variants.iter().map(|variant| own(variant)).collect();
    let change = |variant: &&str| [(*variant).to_owned(), format!("{variant} − {reference}")];
    let columns = ["measure".to_owned(), (*reference).to_owned()].into_iter().chain(variants.iter().flat_map(change));
    let rows = of_variants.first().into_iter().flatten().map(|first| {
        let is_it = |one: &&&Difference| one.number == first.number;
        let of_number = of_variants.iter().filter_map(|of_variant| of_variant.iter().find(is_it));
        let cells = of_number.flat_map(|one| [MeasureCell::mean_of(one, false), MeasureCell::difference_of(one)]);
        MeasureRow {
            title: TableTitle::of(first.number.measure, &capitalised(&first.name())),
            cells: std::iter::once(MeasureCell::mean_of(first, true)).chain(cells).collect(),
        }
    });
    MeasureTable { caption: caption(evidence), columns: columns.map(TableTitle::plain).collect(), rows: rows.collect() }
}

/// A row for each variant, with the verdict below each number that differs from that of the first one.
fn of_variants(evidence: &Evidence<'_>, differences: &[Difference]) -> MeasureTable {
    let shown = sweep::headline(evidence);
    let row = |(index, point): (usize, &PointEvidence<'_>)| {
        let cell = |number: &Quantity| {
            let cell = MeasureCell::of_quantity(index, point, number);
            let verdict = differences.iter().find(|one| one.variant == point.label && one.number == *number);
            MeasureCell { note: verdict.map_or_else(String::new, |one| one.verdict.name().to_owned()), ..cell }
        };
        MeasureRow {
            title: TableTitle::plain(point.label.to_owned()),
            cells: shown.iter().map(|(_, number)| cell(number)).collect(),
        }
    };
    MeasureTable {
        caption: caption(evidence),
        columns: titles("variant".to_owned(), &shown),
        rows: evidence.points.iter().enumerate().map(row).collect(),
    }
}

/// A row for each point.
fn of_points(evidence: &Evidence<'_>) -> MeasureTable {
    let shown = sweep::headline(evidence);
    let row = |(index, point): (usize, &PointEvidence<'_>)| MeasureRow {
        title: TableTitle::plain(background::place(evidence, point)),
        cells: shown.iter().map(|(_, number)| MeasureCell::of_quantity(index, point, number)).collect(),
    };
    MeasureTable {
        caption: caption(evidence),
        columns: titles("point".to_owned(), &shown),
        rows: evidence.points.iter().enumerate().map(row).collect(),
    }
}

/// A row for each measure of a sensitivity analysis: as assumed, and at the worlds where it is lowest and highest.
fn of_worlds(evidence: &Evidence<'_>, analysis: &SensitivityRecord) -> MeasureTable {
    let row = |number: Quantity| {
        let cell = |index: usize| MeasureCell::of_quantity(index, &evidence.points[index], &number);
        let extremes = influence::extremes(evidence, &number).into_iter().flatten();
        MeasureRow {
            title: TableTitle::of(number.measure, &capitalised(&number.spoken())),
            cells: std::iter::once(0).chain(extremes.map(|(index, _)| index)).map(cell).collect(),
        }
    };
    let columns = ["measure", "as assumed", "lowest of all worlds", "highest of all worlds"];
    MeasureTable {
        caption: caption(evidence),
        columns: columns.map(|title| TableTitle::plain(title.to_owned())).into(),
        rows: analysis.quantities().into_iter().map(row).collect(),
    }
}

/// A row for each alternative in the world that is assumed.
fn as_assumed(evidence: &Evidence<'_>, worlds: &WorldsRecord) -> MeasureTable {
    let shown = sweep::headline(evidence);
    let row = |(alternative, index): (&AlternativeRecord, &usize)| MeasureRow {
        title: TableTitle::plain(alternative.label.clone()),
        cells: shown
            .iter()
            .map(|(_, number)| MeasureCell::of_quantity(*index, &evidence.points[*index], number))
            .collect(),
    };
    let assumed = worlds.points.first().map_or(&[][..], Vec::as_slice);
    MeasureTable {
        caption: caption(evidence),
        columns: titles("as assumed".to_owned(), &shown),
        rows: worlds.alternatives.iter().zip(assumed).map(row).collect(),
    }
}

fn titles(first: String, shown: &[(&'static str, Quantity)]) -> Vec<TableTitle> {
    let columns = shown.iter().map(|(title, number)| TableTitle::of(number.measure, title));
    std::iter::once(TableTitle::plain(first)).chain(columns).collect()
}

/// What the numbers are.
fn caption(evidence: &Evidence<'_>) -> String {
    let replications = || evidence.points.iter().map(|point| point.replications);
    let (least, most) = (replications().min().unwrap_or(0), replications().max().unwrap_or(0));
    let interval = match evidence.kind {
        StudyKind::Comparison if evidence.selection.is_none() => {
            "Means. Differences have half of their interval behind them: the chance that all of these intervals hold is 95 %."
        }
        _ if most < 2 => return "Values of one replication, which has no interval.".to_owned(),
        _ => "Means ± half of their 95 % interval.",
    };
    let count = if least == most { most.to_string() } else { format!("{least} to {most}") };
    format!("{interval} {count} replications.")
}

impl MeasureTable {
    fn empty() -> Self {
        Self { caption: String::new(), columns: Vec::new(), rows: Vec::new() }
    }
}

impl TableTitle {
    fn plain(text: String) -> Self {
        Self { text, definition: None }
    }

    fn of(measure: MeasureId, text: &str) -> Self {
        let definition = Definition { measure: measure.name.to_owned(), text: measure.definition.trim().to_owned() };
        Self { text: text.to_owned(), definition: Some(definition) }
    }
}

impl MeasureCell {
    fn of(point: usize, measure: MeasureId, contrast: Contrast, text: String, answer: Answer) -> Self {
        let source = answer.counted().map(|of| CellSource {
            table: "summary".to_owned(),
            point: point.to_string(),
            measure: measure.name.to_owned(),
            contrast: contrast.name().to_owned(),
            mean: of.mean + 0.0,
        });
        Self { text, note: String::new(), source }
    }

    fn of_quantity(index: usize, point: &PointEvidence<'_>, number: &Quantity) -> Self {
        let answer = point.answer(number);
        Self::of(index, number.measure, number.contrast, quantity_told(number, answer), answer)
    }

    /// The mean of the variant or of the reference of a difference.
    fn mean_of(one: &Difference, is_reference: bool) -> Self {
        let (answer, column) =
            if is_reference { (one.reference_mean, "reference_mean") } else { (one.variant_mean, "variant_mean") };
        let text = format!("{}{}", bound(answer), mean(answer.counted(), one.number.unit()));
        let source = answer.counted().map(|of| CellSource::of_difference(one, column, of.mean));
        Self { text, note: String::new(), source }
    }

    fn difference_of(one: &Difference) -> Self {
        let paired = one.paired.map(|paired| paired.difference);
        let source = paired.map(|of| CellSource::of_difference(one, "difference", of.mean));
        Self { text: difference(paired, one.number.unit()), note: one.told(), source }
    }
}

impl CellSource {
    /// A number in `differences.csv`: the column is told behind the name of the table.
    fn of_difference(one: &Difference, column: &str, mean: f64) -> Self {
        Self {
            table: format!("differences.{column}"),
            point: one.variant.clone(),
            measure: one.number.measure.name.to_owned(),
            contrast: one.number.contrast.name().to_owned(),
            mean: mean + 0.0,
        }
    }
}
