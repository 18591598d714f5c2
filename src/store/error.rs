//! What can go wrong with results on disk: every message names the path, and what to do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why results could not be checked, written, read or joined. Unless the message says otherwise, everything is as it was
/// before.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    /// The operating system refused; its message names the file.
    #[error("{0}\n  help: mend that, or choose another folder with --out")]
    Io(#[from] io::Error),
    /// The path ends in no name, such as `missing/..`.
    #[error(
        "`{}` is not the name of a folder\n  help: give the results a folder of their own, such as `--out results`",
        folder.display()
    )]
    NoName {
        /// The path.
        folder: PathBuf,
    },
    /// Somebody works in the folder, who would be left in one that is gone.
    #[error(
        "`{}` is the current folder or one above it, which results would replace\n  help: choose another one, such as \
         `--out results`",
        folder.display()
    )]
    CurrentFolder {
        /// The path.
        folder: PathBuf,
    },
    /// Something is there that this program has not written, and that it will not replace.
    #[error(
        "`{}` is not empty and holds no results of gtnet-sim: {why}\n  help: choose another folder with --out, or move away \
         what is in this one",
        folder.display()
    )]
    NotResults {
        /// The path.
        folder: PathBuf,
        /// What tells.
        why: String,
    },
    /// A file that belongs to no results cannot be written where the user wants it.
    #[error("cannot write to `{}`: {source}\n  help: mend that, or choose another place with {option}", path.display())]
    NoPlace {
        /// The file or folder.
        path: PathBuf,
        /// Why it cannot be written.
        source: io::Error,
        /// The option that names the place.
        option: &'static str,
    },
    /// A file that would be replaced is there already.
    #[error("`{}` is there already, and would be replaced\n  help: name another place, or move this file away", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Results are to be read, and there are none.
    #[error(
        "`{}` holds no results of gtnet-sim: {why}\n  help: name a folder that a command has written, such as results/quick",
        folder.display()
    )]
    NoResults {
        /// The path.
        folder: PathBuf,
        /// What tells.
        why: String,
    },
    /// The folder takes no file, so that nothing can be written beside or in it.
    #[error("cannot create a file in `{}`: {source}\n  help: mend that, or choose another folder with --out", folder.display())]
    NoFileIn {
        /// The folder.
        folder: PathBuf,
        /// Why it takes none.
        source: io::Error,
    },
    /// Earlier results, or what their reader has put there, cannot be moved out of the way.
    #[error("cannot move `{}`: {source}\n  help: mend that, or choose another folder with --out", path.display())]
    NotMovable {
        /// The file or folder.
        path: PathBuf,
        /// Why it cannot be moved.
        source: io::Error,
    },
    /// Something is where a lock file belongs.
    #[error(
        "`{}` is where gtnet-sim keeps its lock, and holds something else\n  help: move it away, or choose another folder with \
         --out",
        path.display()
    )]
    NotALock {
        /// The file.
        path: PathBuf,
    },
    /// Something is where interrupted runs leave what they have moved aside, and it cannot be put back.
    #[error(
        "`{}` was moved aside by a run that was interrupted, or that is not over\n  help: take what you need from it and \
         remove it",
        previous.display()
    )]
    Interrupted {
        /// The folder that was moved aside.
        previous: PathBuf,
    },
    /// It failed half-way, and the way back failed as well.
    #[error(
        "{cause}\nThe folder could not be put back as it was ({source}): what is not in `{}` is in `{}`",
        folder.display(),
        previous.display()
    )]
    Stranded {
        /// What failed first.
        cause: Box<StoreError>,
        /// The results' folder.
        folder: PathBuf,
        /// Where the earlier results are.
        previous: PathBuf,
        /// Why the way back failed.
        source: io::Error,
    },
    /// A file of earlier results is not what the manifest lists, so that nothing is taken from it.
    #[error("cannot resume from `{}`: {why}\n  help: move the folder away, or choose another one with --out", path.display())]
    NotProven {
        /// The file.
        path: PathBuf,
        /// What tells.
        why: String,
    },
    /// It is no ledger, or another version of this program has written it.
    #[error(
        "`{}` {why}\n  help: finish with the version that wrote it, move it away, or choose another folder with --out",
        path.display()
    )]
    ForeignLedger {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// Another process works with the ledger.
    #[error(
        "`{}` is in use by another gtnet-sim\n  help: wait until that one is done, or choose another folder with --out",
        path.display()
    )]
    InUse {
        /// The ledger.
        path: PathBuf,
    },
    /// A study was interrupted, and this one was not told to go on with it.
    #[error(
        "`{}` holds what an interrupted study has simulated\n  help: go on with it by --resume, or remove it to begin again",
        path.display()
    )]
    Unfinished {
        /// The ledger.
        path: PathBuf,
    },
    /// There is no shard.
    #[error(
        "`{}` is no folder of a shard of gtnet-sim\n  help: name the folders that --shard has written, such as shards/*/, and \
         simulate again with --resume what was interrupted",
        folder.display()
    )]
    NoShard {
        /// The folder.
        folder: PathBuf,
    },
    /// It is not what a shard of this version has written.
    #[error("`{}` is not what a shard of this version of gtnet-sim writes: {why}", path.display())]
    ForeignShard {
        /// The file.
        path: PathBuf,
        /// What tells, with a remedy if there is one.
        why: String,
    },
    /// The shards do not belong together.
    #[error(
        "`{}` is a shard of another study than `{}`, or of another number of shards\n  help: name shards of one study, \
         simulated with the same scenario, options and number of shards",
        other.display(),
        first.display()
    )]
    MixedShards {
        /// The first shard.
        first: PathBuf,
        /// The one that does not fit.
        other: PathBuf,
    },
    /// Some shards are not there, or not whole.
    #[error(
        "{} of {of} shards {} missing: {}\n  help: simulate them with --shard, or name their folders if they are done",
        missing.len(),
        if missing.len() == 1 { "is" } else { "are" },
        ranges(missing)
    )]
    MissingShards {
        /// Their numbers, ascending.
        missing: Vec<u32>,
        /// How many there should be.
        of: u32,
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
}

/// Ascending numbers in few words: `1, 2, 5 to 9`.
fn ranges(numbers: &[u32]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
        [first, .., last] if run.len() > 2 => format!("{first} to {last}"),
        _ => run.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
    });
    runs.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_shards_are_named_in_runs() {
        assert_eq!(ranges(&[3]), "3");
        assert_eq!(ranges(&[1, 2, 5, 6, 7, 9]), "1, 2, 5 to 7, 9");
    }
}
