//! What gtnet-sim has written into a folder, by the sealed manifest that it wrote with it: each file is proven by its size
//! and digest, and what is not proven is somebody else's.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::paths::{found, is_inside, is_reached, naming, read};
use crate::files;
use crate::record::{FileDigest, Manifest, ResultFile, SCHEMA_VERSION, has_seal, hex, is_sealed, sha256_hex};

/// Larger manifests are refused: one of 100,000 points has a tenth of that.
const MOST_MANIFEST: u64 = 512 << 20;

/// Larger tables, ledgers and files of shards are refused.
pub(super) const MOST_BYTES: u64 = 4 << 30;

/// What every manifest has, be it that of a run, a study or a shard, of whatever version.
#[derive(Deserialize)]
struct AnyManifest {
    schema_version: u32,
    tool_version: String,
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
        let bytes = match found(&path) {
            Ok(None) => return Ok(None),
            Ok(Some(found)) => files::regular(&found).and_then(|()| files::read(&path, MOST_MANIFEST)),
            Err(error) => Err(error),
        };
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
        // What a later version means by it, nobody knows here.
        if manifest.schema_version > SCHEMA_VERSION {
            return Err(format!(
                "gtnet-sim {} has written its {name} (format {}), and this is {} (format {SCHEMA_VERSION}), which is older",
                manifest.tool_version,
                manifest.schema_version,
                env!("CARGO_PKG_VERSION")
            ));
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
    fn holds(&self, file: &ResultFile) -> bool {
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
        if !is_reached(folder, path)? {
            return Ok(false);
        }
        let path = folder.join(path);
        match found(&path)? {
            Some(found) if found.is_file() && found.len() == listed.bytes => {
                Ok(digest(&path, listed.bytes).map_err(|error| naming(&path, &error))? == listed.sha256)
            }
            _ => Ok(false),
        }
    }
}

/// The file `name` of the results in `folder`, as gtnet-sim wrote it; `None` if there is none.
///
/// # Errors
///
/// [`StoreError::NotProven`] if somebody has changed it; [`StoreError::Io`] if it cannot be read.
pub(crate) fn proven(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let path = folder.join(name);
    let refused = |why: String| StoreError::NotProven { path: path.clone(), why };
    let bytes = match read(&path, MOST_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let file = ResultFile { name: name.to_owned(), bytes };
    let written = Written::of(folder).map_err(refused)?;
    if written.is_some_and(|written| written.holds(&file)) {
        return Ok(Some(file.bytes));
    }
    Err(refused("it is not as gtnet-sim wrote it, by the digest in manifest.json".to_owned()))
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
