//! What can go wrong with a results folder: every message names the path, and what to do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::shards::ShardError;

/// Why results could not be written. Unless the message says otherwise, everything is as it was before.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
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
    /// A shard is there, or whole results where a shard shall go.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// The operating system refused.
    #[error("cannot {action} `{}`: {source}\n  help: mend that, or choose another folder with --out", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
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
    /// The results are in place, but the earlier ones are still there.
    #[error(
        "the results are in `{}`, but the earlier ones could not be removed from `{}`: {source}\n  help: remove what is there \
         if you do not need it",
        folder.display(),
        left.display()
    )]
    NotRemoved {
        /// The results' folder.
        folder: PathBuf,
        /// Where what is left of the earlier results is.
        left: PathBuf,
        /// Why they were not removed.
        source: io::Error,
    },
}
