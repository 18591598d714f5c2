//! Says what a results folder holds and how to make it again; nothing in it depends on when, where or how fast the run
//! took place.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ScenarioFacts, StudyKind};

/// Version of the layout of the result files: raised whenever a file, a column or a meaning changes.
pub const SCHEMA_VERSION: u32 = 5;

/// One result file, complete in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultFile {
    /// Path below the results folder, with `/` between its parts, such as `charts/price_age.svg`.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// `manifest.json`: what was simulated, and the digests of all result files. All commands write the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the layout of the result files, [`SCHEMA_VERSION`] at the time of the run.
    pub schema_version: u32,
    /// Version of the simulator.
    pub tool_version: String,
    /// Which kind of study it is.
    pub kind: StudyKind,
    /// Name of the scenario or the study.
    pub name: String,
    /// The question that it asks.
    pub question: String,
    /// The points; a run has one.
    pub points: Vec<ManifestPoint>,
    /// All other files of the results folder, in the order in which they are written.
    pub files: Vec<FileDigest>,
}

/// One scenario of a study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPoint {
    /// What tells it from the other points.
    pub label: String,
    /// Digest of everything that its numbers depend on, except the number of replications.
    pub digest: String,
    /// The seed.
    pub seed: u64,
    /// Number of replications.
    pub replications: usize,
    /// Path of the file with the resolved scenario, below the results folder. Running that scenario again gives the
    /// same numbers.
    pub scenario: String,
}

/// Size and digest of one result file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Path below the results folder.
    pub name: String,
    /// Length \[bytes\].
    pub bytes: u64,
    /// SHA-256 of the content, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// Name of the manifest's own file.
    pub const FILE_NAME: &str = "manifest.json";

    /// The manifest of a study whose result files are `files`; each point gives its label, facts and number of
    /// replications.
    #[must_use]
    pub fn of<'p>(
        kind: StudyKind,
        name: &str,
        question: &str,
        version: &str,
        points: impl Iterator<Item = (&'p str, &'p ScenarioFacts, usize)>,
        files: &[ResultFile],
    ) -> Self {
        let point = |(index, (label, facts, replications)): (usize, (&str, &ScenarioFacts, usize))| ManifestPoint {
            label: label.to_owned(),
            digest: facts.digest.clone(),
            seed: facts.seed,
            replications,
            scenario: Self::scenario_file(index),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            tool_version: version.to_owned(),
            kind,
            name: name.to_owned(),
            question: question.to_owned(),
            points: points.enumerate().map(point).collect(),
            files: files.iter().map(FileDigest::of).collect(),
        }
    }

    /// Path of the file with the resolved scenario of a point, below the results folder.
    #[must_use]
    pub fn scenario_file(point: usize) -> String {
        format!("points/{point:03}.toml")
    }

    /// This manifest as indented JSON, keys in the order of the fields; see [`sealed`].
    #[must_use]
    pub fn to_json(&self) -> String {
        sealed(self)
    }

    /// Reads what [`Manifest::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// If `text` is no JSON, or not that of a manifest.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl FileDigest {
    /// Size and digest of `file`.
    #[must_use]
    pub fn of(file: &ResultFile) -> Self {
        Self { name: file.name.clone(), bytes: file.bytes.len() as u64, sha256: sha256_hex(&file.bytes) }
    }
}

/// The line before the last one of a manifest: this key, and the SHA-256 of all lines above it.
const SEAL: &str = "  \"manifest_sha256\": \"";

/// `manifest` as an indented JSON object with a final line break and a seal. The seal is the digest of all lines above
/// the last two; it shows that the manifest is as it was written. `head -n -2 manifest.json | sha256sum` gives the same
/// digest.
///
/// # Panics
///
/// If `manifest` is no object with fields.
#[must_use]
pub fn sealed(manifest: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(manifest).expect("strings and numbers always serialise");
    let fields = text.strip_suffix("\n}").expect("an object with fields ends so");
    let above = format!("{fields},\n");
    let seal = sha256_hex(above.as_bytes());
    format!("{above}{SEAL}{seal}\"\n}}\n")
}

/// Whether the `text` of a manifest has a seal, which may be broken. Manifests of older versions have none.
#[must_use]
pub(crate) fn has_seal(text: &str) -> bool {
    text.contains(SEAL)
}

/// Whether the `text` of a manifest is as [`sealed`] wrote it.
#[must_use]
pub(crate) fn is_sealed(text: &str) -> bool {
    let Some((above, seal)) = text.rfind(SEAL).map(|at| text.split_at(at)) else { return false };
    seal == format!("{SEAL}{}\"\n}}\n", sha256_hex(above.as_bytes()))
}

/// SHA-256 of `bytes` in hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// `bytes` in hexadecimal digits.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing into memory");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_changes_in_a_manifest_breaks_its_seal() {
        let digest = FileDigest::of(&ResultFile { name: "summary.csv".to_owned(), bytes: b"a,b".to_vec() });
        let text = sealed(&digest);
        assert!(is_sealed(&text));
        assert!(serde_json::from_str::<FileDigest>(&text).is_ok_and(|read| read == digest), "it is JSON");
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(!is_sealed(&changed), "{changed}");
        }
        for changed in [format!("{text}\n"), text.replace('\n', "\r\n"), text.trim_end().to_owned(), String::new()] {
            assert!(!is_sealed(&changed), "{changed}");
        }
    }

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // FIPS 180-4, the example of one block.
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
