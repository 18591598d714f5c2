//! What gtnet-sim has written into a folder, by the sealed manifest that it wrote with it: each file is proven by its size
//! and digest, and what is not proven is somebody else's.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::disposal;
use crate::files;
use crate::record::{FileDigest, Manifest, ResultFile, has_seal, hex, is_sealed, sha256_hex};

/// Larger manifests are refused: one of 100,000 points has a tenth of that.
const MOST_MANIFEST: u64 = 512 << 20;

/// What every manifest has, be it that of a run, a study or a shard, of whatever version.
#[derive(Deserialize)]
struct AnyManifest {
    #[serde(rename = "schema_version")]
    _schema_version: u32,
    #[serde(rename = "tool_version")]
    _tool_version: String,
    files: Vec<FileDigest>,
}

/// The files that were written together, the manifest among them.
#[derive(Clone, Debug)]
pub(super) struct Written {
    files: BTreeMap<PathBuf, FileDigest>,
}

impl Written {
    /// What was written into `folder`; `None` if nothing there is called like a manifest.
    ///
    /// # Errors
    ///
    /// Why the manifest is not one as gtnet-sim writes it.
    pub(super) fn of(folder: &Path) -> Result<Option<Self>, String> {
        let name = Manifest::FILE_NAME;
        let refused = |why: &str| Err(format!("its {name} is not one that gtnet-sim has written ({why})"));
        let path = folder.join(name);
        let found = match fs::symlink_metadata(&path) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            found => found,
        };
        let bytes = found.and_then(|found| files::regular(&found)).and_then(|()| files::read(&path, MOST_MANIFEST));
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return refused(&error.to_string()),
        };
        let Ok(text) = std::str::from_utf8(&bytes) else { return refused("it is no text") };
        let Ok(manifest) = serde_json::from_str::<AnyManifest>(text) else {
            return refused("it is of another program");
        };
        if !has_seal(text) {
            return Err(format!("its {name} has no seal: an older gtnet-sim, or another program, has written it"));
        }
        if !is_sealed(text) {
            return Err(format!("its {name} is not as gtnet-sim wrote it, by the digest in its last line but one"));
        }
        let own = FileDigest::of(&ResultFile { name: name.to_owned(), bytes });
        let files = manifest.files.into_iter().chain([own]);
        let files: BTreeMap<PathBuf, FileDigest> = files.map(|file| (PathBuf::from(&file.name), file)).collect();
        match files.keys().find(|path| !is_inside(path)) {
            Some(path) => refused(&format!("it lists `{}`, which leads out of the folder", path.display())),
            None => Ok(Some(Self { files })),
        }
    }

    /// The paths of its files in its folder, in ascending order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// Whether it lists a file in the folder `path`.
    pub(super) fn is_folder(&self, path: &Path) -> bool {
        self.files.keys().any(|file| file != path && file.starts_with(path))
    }

    /// Whether it lists `path`.
    pub(super) fn lists(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// Whether `file` is what it lists under that name.
    pub(super) fn holds(&self, file: &ResultFile) -> bool {
        self.files.get(Path::new(&file.name)).is_some_and(|listed| *listed == FileDigest::of(file))
    }

    /// Whether what is at `path` in `folder` is a file that it lists, with the content that was written.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn proves(&self, folder: &Path, path: &Path) -> io::Result<bool> {
        let Some(listed) = self.files.get(path) else { return Ok(false) };
        // What is behind a link is not in the folder.
        if !disposal::is_reached(folder, path)? {
            return Ok(false);
        }
        let path = folder.join(path);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Ok(found) if !found.is_file() || found.len() != listed.bytes => Ok(false),
            Ok(_) => Ok(digest(&path, listed.bytes)? == listed.sha256),
            Err(error) => Err(error),
        }
    }
}

/// Whether `path` stays in the folder that it starts from.
pub(super) fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_))) && path.file_name().is_some()
}

/// SHA-256 of the first `bytes` of a file, and of one more if it has more.
fn digest(path: &Path, bytes: u64) -> io::Result<String> {
    let mut file = files::open(path)?.take(bytes + 1);
    if bytes < 1 << 20 {
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        return Ok(sha256_hex(&content));
    }
    let (mut hasher, mut part) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&part[..read]),
        }
    }
}
