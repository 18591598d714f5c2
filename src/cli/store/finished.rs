//! What earlier results hold that need not be simulated again.

use std::io;
use std::path::Path;

use crate::files;
use crate::record::ResultFile;
use crate::report;

use super::lines::Units;
use super::shards;
use super::written::Written;

/// The table that is read back.
const TABLE: &str = "replications.csv";

/// Larger tables, and larger files of shards, are refused.
pub(super) const MOST_BYTES: u64 = 4 << 30;

/// Whether a file of `folder` is the one that its manifest lists.
pub(super) fn is_as_written(folder: &Path, file: &ResultFile) -> bool {
    Written::of(folder).ok().flatten().is_some_and(|written| written.holds(file))
}

/// What earlier results in `folder` hold, be they of a study or of a shard; nothing if there are none.
///
/// # Errors
///
/// What is wrong with them, and what to do: numbers that somebody has changed are not those of a simulation.
pub(crate) fn finished(folder: &Path) -> Result<Units, String> {
    if let Some(units) = shards::units(folder).map_err(|error| error.to_string())? {
        return Ok(units);
    }
    let path = folder.join(TABLE);
    let refused = |why: &str| {
        let help = "move the folder away, or choose another one with --out";
        format!("cannot resume from `{}`: {why}\n  help: {help}", path.display())
    };
    let bytes = match files::read(&path, MOST_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Units::new()),
        read => read.map_err(|error| refused(&error.to_string()))?,
    };
    let table = ResultFile { name: TABLE.to_owned(), bytes };
    if let Err(why) = Written::of(folder) {
        return Err(refused(&why));
    }
    if !is_as_written(folder, &table) {
        return Err(refused("it is not as gtnet-sim wrote it, by the digest in manifest.json"));
    }
    let rows = report::read_replications(&table.bytes).map_err(|error| refused(&error.to_string()))?;
    Ok(rows.into_iter().map(|(digest, replication, observed)| ((digest, replication), observed)).collect())
}
