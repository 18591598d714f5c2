//! The folder of a shard: what the job is, and the units that were simulated, for `merge`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::experiment::{Gathered, JobRecord, Shard};
use crate::record::{FileDigest, Manifest, ResultFile, SCHEMA_VERSION, UnitRecord, sealed};

use super::error::StoreError;
use super::lines::{self, Units};
use super::written::proven;

/// The job, and which part of it this is; also the file by which a shard is recognised.
const SHARD_FILE: &str = "shard.json";

/// The units, as a ledger has them.
const UNITS_FILE: &str = "units.ledger";

/// Version of what is in [`SHARD_FILE`]: raised whenever its meaning changes.
const SHARD_VERSION: u32 = 6;

/// The part of a job that a folder holds, or shall hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JobShard {
    /// Which part.
    pub(crate) shard: Shard,
    /// Digest of the job.
    pub(crate) of_what: String,
}

impl JobShard {
    /// The part of `job` that is `shard`.
    pub(crate) fn of(job: &JobRecord, shard: Shard) -> Self {
        Self { shard, of_what: job.digest() }
    }
}

#[derive(Serialize)]
struct ShardHead<'j> {
    schema_version: u32,
    tool_version: &'static str,
    part: &'j JobShard,
    job: &'j JobRecord,
}

/// Of a head, what every version writes.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
    tool_version: String,
}

/// Of a head, what tells whether it belongs to others: the job may be large.
#[derive(Deserialize)]
struct OnlyPart {
    part: JobShard,
}

#[derive(Deserialize)]
struct OnlyJob {
    job: JobRecord,
}

/// `manifest.json` of a shard: by it the folder is recognised as one that may be replaced.
#[derive(Serialize)]
struct ShardManifest {
    schema_version: u32,
    tool_version: &'static str,
    files: Vec<FileDigest>,
}

/// The files of a part of `job` that has simulated `units`: digest of the scenario, number of the replication, and what is
/// kept.
pub(crate) fn files<'u>(
    job: &JobRecord,
    part: &JobShard,
    units: impl IntoIterator<Item = (&'u str, u32, &'u UnitRecord)>,
) -> Vec<ResultFile> {
    let tool_version = env!("CARGO_PKG_VERSION");
    let head = ShardHead { schema_version: SHARD_VERSION, tool_version, part, job };
    let mut head = serde_json::to_string_pretty(&head).expect("strings and numbers always serialise");
    head.push('\n');
    let file = |name: &str, text: String| ResultFile { name: name.to_owned(), bytes: text.into_bytes() };
    let mut files = vec![file(SHARD_FILE, head), file(UNITS_FILE, lines::text(units))];
    let digests = files.iter().map(FileDigest::of).collect();
    let manifest = ShardManifest { schema_version: SCHEMA_VERSION, tool_version, files: digests };
    files.push(file(Manifest::FILE_NAME, sealed(&manifest)));
    files
}

/// Whether results may be written to `folder`, those of `part` or whole ones: not where another shard is, which is nowhere
/// else, and a shard not where whole results are, of which it would leave a part.
///
/// # Errors
///
/// [`StoreError::WouldReplaceShard`]; [`StoreError::WouldReplaceWhole`].
pub(super) fn check_target(folder: &Path, part: Option<&JobShard>) -> Result<(), StoreError> {
    if folder.join(SHARD_FILE).exists() {
        let there = read_part(folder);
        if there.as_ref().is_ok_and(|there| part == Some(there)) {
            return Ok(());
        }
        let holds = there.map_or_else(|_| "of another version".to_owned(), |there| there.shard.to_string());
        return Err(StoreError::WouldReplaceShard { folder: folder.to_owned(), holds });
    }
    if part.is_some() && folder.join(Manifest::FILE_NAME).exists() {
        return Err(StoreError::WouldReplaceWhole { folder: folder.to_owned() });
    }
    Ok(())
}

/// The units in the folder of a shard; `None` if it is not one.
///
/// # Errors
///
/// See [`merge`].
pub(crate) fn units(folder: &Path) -> Result<Option<Units>, StoreError> {
    if !folder.join(SHARD_FILE).exists() {
        return Ok(None);
    }
    read_part(folder)?;
    read_units(folder).map(Some)
}

/// The job that the shards in `folders` are parts of, and all units that its plan can ask for.
///
/// # Errors
///
/// [`StoreError::NoShard`], [`StoreError::ForeignShard`], [`StoreError::MixedShards`] and [`StoreError::MissingShards`];
/// [`StoreError::Io`].
pub(crate) fn merge(folders: &[PathBuf]) -> Result<(JobRecord, Gathered), StoreError> {
    let first = folders.first().expect("at least one folder is required");
    let part = read_part(first)?;
    let mut units = Units::new();
    for folder in folders {
        let other = read_part(folder)?;
        if (&other.of_what, other.shard.of()) != (&part.of_what, part.shard.of()) {
            return Err(StoreError::MixedShards { first: first.clone(), other: folder.clone() });
        }
        units.extend(read_units(folder)?);
    }
    let job = read_json::<OnlyJob>(first)?.job;
    if !units.values().all(|unit| job.may_hold(unit)) {
        return Err(damaged(&first.join(UNITS_FILE)));
    }
    let gathered = gather(&job, units).map_err(|missing| {
        let missing: BTreeSet<u32> = missing.into_iter().map(|unit| Shard::owner(unit, part.shard.of())).collect();
        StoreError::MissingShards { missing: missing.into_iter().collect(), of: part.shard.of() }
    })?;
    Ok((job, gathered))
}

/// The units that the plan of `job` can ask for, in their places; if some are missing, their numbers.
fn gather(job: &JobRecord, mut units: Units) -> Result<Gathered, Vec<u64>> {
    let mut points_of: BTreeMap<&str, u32> = BTreeMap::new();
    job.digests().for_each(|digest| *points_of.entry(digest).or_default() += 1);
    let (mut number, mut missing, mut gathered) = (0, Vec::new(), Vec::new());
    for (digest, most) in job.digests().zip(job.most()) {
        let mut of_point = Vec::new();
        for replication in 0..most {
            let unit = (digest.to_owned(), replication);
            // Two points may be the same scenario.
            let unit = if points_of[digest] > 1 { units.get(&unit).cloned() } else { units.remove(&unit) };
            match unit {
                Some(unit) => of_point.push(unit),
                None => missing.push(number),
            }
            number += 1;
        }
        gathered.push(of_point);
    }
    if missing.is_empty() { Ok(Gathered { units: gathered }) } else { Err(missing) }
}

fn damaged(path: &Path) -> StoreError {
    let why = "it has been changed since\n  help: move the folder away, and simulate the shard again".to_owned();
    StoreError::ForeignShard { path: path.to_owned(), why }
}

/// Which part is in `folder`, if this version can read it.
fn read_part(folder: &Path) -> Result<JobShard, StoreError> {
    let Version { schema_version, tool_version } = read_json(folder)?;
    let own = env!("CARGO_PKG_VERSION");
    if (schema_version, tool_version.as_str()) == (SHARD_VERSION, own) {
        return read_json::<OnlyPart>(folder).map(|head| head.part);
    }
    let why = format!(
        "gtnet-sim {tool_version} has written it (format {schema_version}), and this is {own} (format {SHARD_VERSION})\n  help: \
         merge with the version that has simulated the shards, or simulate them again with this one"
    );
    Err(StoreError::ForeignShard { path: folder.join(SHARD_FILE), why })
}

fn read_json<T: for<'d> Deserialize<'d>>(folder: &Path) -> Result<T, StoreError> {
    let path = folder.join(SHARD_FILE);
    let text = read(folder, SHARD_FILE)?;
    serde_json::from_slice(&text).map_err(|error| StoreError::ForeignShard { path, why: error.to_string() })
}

fn read_units(folder: &Path) -> Result<Units, StoreError> {
    let path = folder.join(UNITS_FILE);
    let text = read(folder, UNITS_FILE)?;
    match lines::parse(&text) {
        Ok(content) if content.is_whole(&text) => Ok(content.units),
        Ok(_) => Err(damaged(&path)),
        Err(why) => Err(StoreError::ForeignShard { path, why: format!("it {why}") }),
    }
}

/// A file of a shard, as it was written.
fn read(folder: &Path, name: &str) -> Result<Vec<u8>, StoreError> {
    match proven(folder, name) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(StoreError::NoShard { folder: folder.to_owned() }),
        Err(StoreError::NotProven { .. }) => Err(damaged(&folder.join(name))),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Asked, Plan, PrecisionPlan, Search, SelectionPlan};
    use crate::measures::{self, Quantity, Unit, Values};
    use crate::record::{Observed, StudyKind, support};
    use proptest::prelude::*;

    fn plan() -> impl Strategy<Value = Plan> {
        let measure = prop::sample::select(measures::ALL);
        let search = (measure, 0.0..1.0_f64, ".*", any::<bool>()).prop_map(|(measure, limit, parameter, smallest)| {
            let unit = match measure.unit {
                Unit::Share | Unit::Number => "",
                unit => unit.symbol(),
            };
            let objective = format!("{} <= {limit}{unit}", measure.name).parse().expect("an objective");
            Plan::Search(Search { parameter, objective, smallest, one_network: false })
        });
        let precision = (1_u32..999, any::<u32>(), any::<bool>()).prop_map(|(width, budget, together)| {
            let goals = vec![format!("{width}%").parse().expect("a precision")];
            Plan::Precision(PrecisionPlan { goals, budget, together })
        });
        let measure = prop::sample::select(measures::ALL);
        let selection =
            (measure, 1e-9..1e9_f64, 0.5..1.0_f64, any::<u32>()).prop_map(|(measure, zone, confidence, budget)| {
                Plan::Selection(SelectionPlan { quantity: Quantity::value(measure), zone, confidence, budget })
            });
        prop_oneof![Just(Plan::Fixed), search, precision, selection]
    }

    /// A sweep of two points, nothing of it simulated.
    fn sweep(name: String, question: String, label: String, plan: Plan, baseline: bool) -> JobRecord {
        let mut record = support::study(StudyKind::Sweep, 2, 0);
        for (point, (digest, label)) in record.points.iter_mut().zip([("ab", String::new()), ("cd", label)]) {
            (point.facts.digest, point.label, point.wanted) = (digest.to_owned(), label, 2);
        }
        (record.name, record.question) = (name, question);
        JobRecord { asked: Asked::Study(Box::new(record)), plan, baseline }
    }

    fn unit() -> UnitRecord {
        let observed = Observed { measured: Values::of(|_| Some(0.5)), baseline: None };
        UnitRecord { observed, detail: support::no_histograms() }
    }

    fn written(files: Vec<ResultFile>) -> tempfile::TempDir {
        let home = tempfile::tempdir().expect("a folder");
        for file in files {
            std::fs::write(home.path().join(&file.name), &file.bytes).expect("a file");
        }
        home
    }

    proptest! {
        /// Whatever a study is called and asks, and however far it goes: `merge` reads what its shards write.
        #[test]
        fn what_a_shard_writes_is_what_is_read(
            name in ".*",
            question in ".*",
            label in ".*",
            plan in plan(),
            baseline in any::<bool>(),
        ) {
            let job = sweep(name, question, label, plan, baseline);
            let part = JobShard::of(&job, Shard::WHOLE);
            let unit = unit();
            let units = ["ab", "cd"].into_iter().flat_map(|digest| [(digest, 0, &unit), (digest, 1, &unit)]);
            let home = written(files(&job, &part, units));
            let read = read_json::<OnlyJob>(home.path()).map_err(|error| TestCaseError::fail(error.to_string()))?.job;
            prop_assert_eq!(read.digest(), job.digest());
            prop_assert_eq!(read_part(home.path()).expect("a head"), part);
            prop_assert_eq!(super::units(home.path()).expect("units").map(|units| units.len()), Some(4));
        }
    }

    /// The tables would show savings that nobody has asked for.
    #[test]
    fn units_with_a_baseline_are_not_of_a_job_without_one() {
        for (baseline, is_refused) in [(true, false), (false, true)] {
            let job = sweep(String::new(), String::new(), String::new(), Plan::Fixed, baseline);
            let mut unit = unit();
            unit.observed.baseline = Some(Values::of(|_| Some(0.5)));
            let units = ["ab", "cd"].into_iter().flat_map(|digest| [(digest, 0, &unit), (digest, 1, &unit)]);
            let home = written(files(&job, &JobShard::of(&job, Shard::WHOLE), units));
            assert_eq!(merge(&[home.path().to_owned()]).is_err(), is_refused, "{baseline}");
        }
    }

    #[test]
    fn shards_of_another_version_are_refused_with_a_remedy() {
        let job = sweep(String::new(), String::new(), String::new(), Plan::Fixed, false);
        let part = JobShard::of(&job, Shard::WHOLE);
        let mut files = files(&job, &part, []);
        let head = String::from_utf8(files[0].bytes.clone()).expect("text");
        let older = head.replacen(&format!("\"schema_version\": {SHARD_VERSION}"), "\"schema_version\": 1", 1);
        files[0].bytes = older.into_bytes();
        let digests = files[..2].iter().map(FileDigest::of).collect();
        let tool_version = env!("CARGO_PKG_VERSION");
        let manifest = ShardManifest { schema_version: SCHEMA_VERSION, tool_version, files: digests };
        files[2].bytes = sealed(&manifest).into_bytes();
        let home = written(files);
        let error = merge(&[home.path().to_owned()]).expect_err("refused").to_string();
        assert!(error.contains("(format 1)") && error.contains("help: merge with the version"), "{error}");
    }
}
