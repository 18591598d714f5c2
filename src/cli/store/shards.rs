//! The folder of a shard: what the study is, and the units that were simulated, for `merge`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::cli::capacity::CapacityQuestion;
use crate::experiment::{Gathered, Plan, Shard, replication_of};
use crate::files;
use crate::measures::Values;
use crate::record::{
    FileDigest, Manifest, Observed, ReplicationRecord, ResultFile, RunRecord, SCHEMA_VERSION, StudyRecord, sealed,
    sha256_hex,
};

use super::finished::{MOST_BYTES, is_as_written};
use super::lines::{self, Units};

/// The study, and which part of it this is; also the file by which a shard is recognised.
const SHARD_FILE: &str = "shard.json";

/// The units.
const UNITS_FILE: &str = "units.ledger";

/// Why shards cannot be joined, or one not be read.
#[derive(Debug, Error)]
pub(crate) enum ShardError {
    /// It cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no shard.
    #[error(
        "`{}` is no folder of a shard of gtnet-sim\n  help: name the folders that --shard has written, such as shards/*/, and \
         simulate again with --resume what was interrupted",
        folder.display()
    )]
    None {
        /// The folder.
        folder: PathBuf,
    },
    /// It is not what a shard of this version has written.
    #[error("`{}` is not what a shard of this version of gtnet-sim writes: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// They do not belong together.
    #[error(
        "`{}` is a shard of another study than `{}`, or of another number of shards\n  help: name shards of one study, \
         simulated with the same scenario, options and number of shards",
        other.display(),
        first.display()
    )]
    Mixed {
        /// The first shard.
        first: PathBuf,
        /// The one that does not fit.
        other: PathBuf,
    },
    /// The results of a whole study are where a part of one shall go.
    #[error(
        "`{}` holds the results of a whole study or run, which a shard would replace by a part\n  help: choose another folder \
         with --out",
        folder.display()
    )]
    WouldReplaceWhole {
        /// The folder.
        folder: PathBuf,
    },
    /// Another shard is there.
    #[error(
        "`{}` holds a shard ({holds}), and nothing else holds what it has simulated\n  help: choose another folder with --out, \
         or remove it",
        folder.display()
    )]
    WouldReplaceShard {
        /// The folder.
        folder: PathBuf,
        /// Which shard, as far as that is known.
        holds: String,
    },
    /// Some are not there, or not whole.
    #[error("{} of {of} shards {} missing: {}", missing.len(), if missing.len() == 1 { "is" } else { "are" }, list(missing))]
    Missing {
        /// Their numbers.
        missing: Vec<u32>,
        /// How many there should be.
        of: u32,
    },
}

/// A comparison, a sweep or a search for a capacity, nothing of it simulated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StudyWhole {
    /// Its points; the number of replications that each wants is what the plan begins with.
    pub(crate) record: StudyRecord,
    /// How far it goes.
    pub(crate) plan: Plan,
    /// What a search for a capacity asks.
    pub(crate) capacity: Option<CapacityQuestion>,
    /// Whether the same users are simulated without GTNet, too.
    pub(crate) baseline: bool,
}

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunWhole {
    /// What it is, and its replications, which are not written with it.
    pub(crate) record: RunRecord,
    /// How far it goes.
    pub(crate) plan: Plan,
    /// The number of replications that the plan begins with.
    pub(crate) wanted: u32,
    /// See [`StudyWhole::baseline`].
    pub(crate) baseline: bool,
}

/// What is divided into shards.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Whole {
    Study(Box<StudyWhole>),
    Run(Box<RunWhole>),
}

/// What shards were parts of, with all that they have simulated.
pub(crate) enum Merged {
    /// A study, with its replications.
    Study(Box<StudyWhole>, Gathered),
    /// A run, whose record has its replications, and once more what its plan looks at.
    Run(Box<RunWhole>, Gathered),
}

/// The part of something that a folder holds, or shall hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Which part.
    pub(crate) shard: Shard,
    /// Digest of what was divided.
    pub(crate) of_what: String,
}

impl Part {
    /// A part of a study.
    pub(crate) fn of_study(study: &StudyWhole, shard: Shard) -> Self {
        Self { shard, of_what: sha256_hex(json(study).as_bytes()) }
    }

    /// A part of a run of the scenario with this text, of `wanted` replications at first.
    pub(crate) fn of_run(resolved_scenario: &str, plan: &Plan, wanted: u32, baseline: bool, shard: Shard) -> Self {
        let whole = (env!("CARGO_PKG_VERSION"), resolved_scenario, plan, wanted, baseline);
        Self { shard, of_what: sha256_hex(json(&whole).as_bytes()) }
    }
}

#[derive(Serialize)]
struct ShardHead<'w> {
    schema_version: u32,
    tool_version: &'static str,
    part: &'w Part,
    whole: Whole,
}

/// Of a head, what tells whether it belongs to others: the whole may be large.
#[derive(Deserialize)]
struct Brief {
    schema_version: u32,
    tool_version: String,
    part: Part,
}

#[derive(Deserialize)]
struct OnlyWhole {
    whole: Whole,
}

/// `manifest.json` of a shard: by it the folder is recognised as one that may be replaced.
#[derive(Serialize)]
struct ShardManifest {
    schema_version: u32,
    tool_version: String,
    files: Vec<FileDigest>,
}

/// The files of a shard of a study of which `observed` is known, by point and replication, of all that the plan can ask for.
/// What is known of other shards' units is left to them.
pub(crate) fn files(study: &StudyWhole, part: &Part, observed: &[Vec<Option<Observed>>]) -> Vec<ResultFile> {
    let all = study.record.points.iter().zip(observed).flat_map(|(point, observed)| {
        (0..).zip(observed).map(|(replication, unit)| (point.digest.as_str(), replication, unit.as_ref()))
    });
    let own = (0_u64..).zip(all).filter(|(number, _)| part.shard.owns(*number)).map(|(_, unit)| unit);
    let units = own.filter_map(|(digest, replication, unit)| Some((digest, replication, unit?)));
    folder(Whole::Study(Box::new(study.clone())), part, lines::text(units))
}

/// The files of a shard of a run, of which the record holds the replications of the shard.
pub(crate) fn run_files(run: &RunWhole, part: &Part) -> Vec<ResultFile> {
    let line = |replication: &ReplicationRecord| {
        lines::with_checksum(&serde_json::to_string(replication).expect("numbers and strings always serialise"))
    };
    let units = run.record.replications.iter().map(line).collect();
    folder(Whole::Run(Box::new(run.clone())), part, units)
}

/// Whether results may be written to `folder`, those of `part` or whole ones: not where another shard is, which is nowhere
/// else, and a shard not where whole results are, of which it would leave a part.
pub(crate) fn check_target(folder: &Path, part: Option<&Part>) -> Result<(), ShardError> {
    if folder.join(SHARD_FILE).exists() {
        let brief = read_brief(folder);
        if brief.as_ref().is_ok_and(|brief| part == Some(&brief.part)) {
            return Ok(());
        }
        let holds = brief.map_or_else(|_| "of another version".to_owned(), |brief| brief.part.shard.to_string());
        return Err(ShardError::WouldReplaceShard { folder: folder.to_owned(), holds });
    }
    if part.is_some() && folder.join(Manifest::FILE_NAME).exists() {
        return Err(ShardError::WouldReplaceWhole { folder: folder.to_owned() });
    }
    Ok(())
}

fn folder(whole: Whole, part: &Part, units: String) -> Vec<ResultFile> {
    let tool_version = env!("CARGO_PKG_VERSION");
    let head = ShardHead { schema_version: SCHEMA_VERSION, tool_version, part, whole };
    let file = |name: &str, text: String| ResultFile { name: name.to_owned(), bytes: text.into_bytes() };
    let mut files = vec![file(SHARD_FILE, json(&head)), file(UNITS_FILE, units)];
    let manifest = ShardManifest {
        schema_version: SCHEMA_VERSION,
        tool_version: tool_version.to_owned(),
        files: files.iter().map(FileDigest::of).collect(),
    };
    files.push(file(Manifest::FILE_NAME, sealed(&manifest)));
    files
}

/// The units in the folder of a study's shard; `None` if it is not one.
pub(crate) fn units(folder: &Path) -> Result<Option<Units>, ShardError> {
    if !folder.join(SHARD_FILE).exists() {
        return Ok(None);
    }
    match read_whole(folder)? {
        Whole::Study(_) => read_units(folder).map(Some),
        Whole::Run(..) => Ok(None),
    }
}

/// What the shards in `folders` are parts of, all units in their places.
pub(crate) fn merge(folders: &[PathBuf]) -> Result<Merged, ShardError> {
    let first = folders.first().expect("at least one folder is required");
    let part = read_brief(first)?.part;
    let of = part.shard.of();
    for other in folders {
        let brief = read_brief(other)?;
        if (&brief.part.of_what, brief.part.shard.of()) != (&part.of_what, of) {
            return Err(ShardError::Mixed { first: first.clone(), other: other.clone() });
        }
    }
    match read_whole(first)? {
        Whole::Study(study) => {
            let (gathered, missing) = merge_study(&study, folders)?;
            check_missing(missing, of)?;
            Ok(Merged::Study(study, gathered))
        }
        Whole::Run(mut run) => {
            let missing = merge_run(&mut run, folders)?;
            check_missing(missing, of)?;
            let gathered = Gathered { observed: vec![run.record.replications.iter().map(replication_of).collect()] };
            Ok(Merged::Run(run, gathered))
        }
    }
}

/// An error if units are missing, by their numbers, that names the shards to which they belong.
fn check_missing(missing: impl IntoIterator<Item = u64>, of: u32) -> Result<(), ShardError> {
    let missing: BTreeSet<u32> = missing.into_iter().map(|unit| Shard::owner(unit, of)).collect();
    if missing.is_empty() { Ok(()) } else { Err(ShardError::Missing { missing: missing.into_iter().collect(), of }) }
}

/// The units of all that the study's plan can ask for, and the numbers of those that are missing.
fn merge_study(study: &StudyWhole, folders: &[PathBuf]) -> Result<(Gathered, Vec<u64>), ShardError> {
    let mut units = Units::new();
    for folder in folders {
        units.extend(read_units(folder)?);
    }
    let points = &study.record.points;
    let most = study.plan.most(&points.iter().map(|point| point.wanted).collect::<Vec<_>>());
    let (mut number, mut missing) = (0, Vec::new());
    let mut observed = Vec::new();
    for (point, most) in points.iter().zip(most) {
        let mut of_point = Vec::new();
        for replication in 0..most {
            // Not taken out: two points may be the same scenario.
            match units.get(&(point.digest.clone(), replication)) {
                Some(unit) if !is_whole(unit) => return Err(damaged(&folders[0].join(UNITS_FILE))),
                Some(unit) => of_point.push(unit.clone()),
                None => missing.push(number),
            }
            number += 1;
        }
        observed.push(of_point);
    }
    Ok((Gathered { observed }, missing))
}

/// Gives the run its replications; returns the numbers of those that are missing.
fn merge_run(run: &mut RunWhole, folders: &[PathBuf]) -> Result<Vec<u64>, ShardError> {
    let mut replications = BTreeMap::new();
    for folder in folders {
        let path = folder.join(UNITS_FILE);
        for line in read(folder, UNITS_FILE)?.split_inclusive(|byte| *byte == b'\n') {
            let replication: Option<ReplicationRecord> =
                lines::checked(line).and_then(|content| serde_json::from_str(content).ok());
            let replication = replication.ok_or_else(|| damaged(&path))?;
            replications.insert(replication.replication, replication);
        }
    }
    let most = run.plan.most(&[run.wanted])[0];
    let missing = (0..most).filter(|number| !replications.contains_key(number)).map(u64::from).collect();
    run.record.replications = replications.into_values().collect();
    Ok(missing)
}

/// Whether it has a value of each measure, be it unknown.
fn is_whole(unit: &Observed) -> bool {
    std::iter::once(&unit.measured).chain(&unit.baseline).all(Values::is_whole)
}

fn damaged(path: &Path) -> ShardError {
    ShardError::Foreign {
        path: path.to_owned(),
        reason: "it has been changed since, or is of an older gtnet-sim\n  help: move the folder away, and simulate the shard again"
            .to_owned(),
    }
}

fn read_brief(folder: &Path) -> Result<Brief, ShardError> {
    let brief: Brief = read_json(folder)?;
    if brief.schema_version == SCHEMA_VERSION && brief.tool_version == env!("CARGO_PKG_VERSION") {
        return Ok(brief);
    }
    let reason = format!("it is of version {}", brief.tool_version);
    Err(ShardError::Foreign { path: folder.join(SHARD_FILE), reason })
}

fn read_whole(folder: &Path) -> Result<Whole, ShardError> {
    read_json::<OnlyWhole>(folder).map(|head| head.whole)
}

fn read_json<T: for<'d> Deserialize<'d>>(folder: &Path) -> Result<T, ShardError> {
    let path = folder.join(SHARD_FILE);
    let text = read(folder, SHARD_FILE)?;
    serde_json::from_slice(&text).map_err(|error| ShardError::Foreign { path, reason: error.to_string() })
}

fn read_units(folder: &Path) -> Result<Units, ShardError> {
    let path = folder.join(UNITS_FILE);
    let text = read(folder, UNITS_FILE)?;
    let foreign = |reason: &str| ShardError::Foreign { path: path.clone(), reason: reason.to_owned() };
    let (units, length) = lines::read(&text).ok_or_else(|| foreign("its first line is another one"))?;
    if length == text.len() as u64 { Ok(units) } else { Err(damaged(&path)) }
}

/// A file of a shard, as it was written.
fn read(folder: &Path, name: &str) -> Result<Vec<u8>, ShardError> {
    let path = folder.join(name);
    let bytes = files::read(&path, MOST_BYTES).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ShardError::None { folder: folder.to_owned() },
        _ => ShardError::Io { path: path.clone(), source },
    })?;
    let file = ResultFile { name: name.to_owned(), bytes };
    if is_as_written(folder, &file) { Ok(file.bytes) } else { Err(damaged(&path)) }
}

fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("strings and numbers always serialise");
    text.push('\n');
    text
}

/// `1, 2, 5 to 9`.
fn list(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let spoken = runs.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first} to {last}"),
    });
    spoken.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{self, Unit};
    use crate::record::StudyKind;
    use crate::report::support::study;
    use proptest::prelude::*;

    fn plan() -> impl Strategy<Value = Plan> {
        let objective = (prop::sample::select(measures::ALL), 0.0..1.0_f64).prop_map(|(measure, limit)| {
            let unit = match measure.unit {
                Unit::Share | Unit::Number => "",
                unit => unit.symbol(),
            };
            Plan::Capacity(format!("{} <= {limit}{unit}", measure.name).parse().expect("an objective"))
        });
        let precision = (1_u32..999, any::<u32>(), any::<bool>()).prop_map(|(width, budget, together)| {
            let goals = vec![format!("{width}%").parse().expect("a precision")];
            Plan::Precision(crate::experiment::PrecisionPlan { goals, budget, together })
        });
        prop_oneof![Just(Plan::Fixed), objective, precision]
    }

    proptest! {
        /// Whatever a study is called and asks, and however far it goes: `merge` reads what its shards write.
        #[test]
        fn what_a_shard_writes_is_what_is_read(
            name in ".*",
            question in ".*",
            label in ".*",
            parameter in ".*",
            plan in plan(),
            smallest in any::<bool>(),
            baseline in any::<bool>(),
        ) {
            let mut record = study(StudyKind::Sweep, 2, 2);
            (record.name, record.question, record.points[1].label) = (name, question, label);
            let observed: Vec<_> = record.points.iter().map(|point| point.replications.iter().cloned().map(Some).collect()).collect();
            let capacity = Some(CapacityQuestion { parameter, smallest });
            let whole = StudyWhole { record, plan, capacity, baseline };
            let part = Part::of_study(&whole, Shard::WHOLE);
            let home = tempfile::tempdir().expect("a folder");
            for file in files(&whole, &part, &observed) {
                std::fs::write(home.path().join(&file.name), &file.bytes).expect("a file");
            }
            let Whole::Study(read) = read_whole(home.path()).map_err(|error| TestCaseError::fail(error.to_string()))? else {
                return Err(TestCaseError::fail("a study was written"));
            };
            prop_assert_eq!(json(&*read), json(&whole));
            prop_assert_eq!(read_brief(home.path()).expect("a head").part, Part::of_study(&read, Shard::WHOLE));
            prop_assert_eq!(units(home.path()).expect("units").map(|units| units.len()), Some(4));
        }
    }

    #[test]
    fn missing_shards_are_named_in_runs() {
        assert_eq!(list(&[3]), "3");
        assert_eq!(list(&[1, 2, 5, 6, 7, 9]), "1, 2, 5 to 7, 9");
    }
}
