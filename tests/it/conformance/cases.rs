//! Cases in their files: JSON Lines, plain or compressed.

use std::env;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;

/// Another folder to replay.
const ELSEWHERE: &str = "GTNET_SIM_CONFORMANCE_DIR";

/// One recorded case.
#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) id: String,
    family: String,
    pub(super) input: Value,
    pub(super) output: Value,
}

/// A family that was written, not recorded: another folder need not have it.
const WRITTEN: &str = "rules_0_36_9";

/// All cases of a family, at least one.
pub(super) fn load(family: &str) -> Vec<Case> {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let folder = env::var_os(ELSEWHERE).map_or_else(own, PathBuf::from);
    let text = read(&folder, family).or_else(|| read(&own(), family).filter(|_| family == WRITTEN));
    let text = text.unwrap_or_else(|| panic!("no cases of {family} in {}", folder.display()));
    let cases: Vec<Case> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{family}, line {}: {error}", at + 1))
        })
        .collect();
    assert!(!cases.is_empty(), "the file of {family} holds no cases");
    let stray = cases.iter().find(|case| case.family != family);
    assert!(stray.is_none(), "the file of {family} holds a case of another family");
    cases
}

/// The text of a family's file, whether it is compressed or not.
fn read(folder: &Path, family: &str) -> Option<String> {
    let plain = folder.join(format!("{family}.jsonl"));
    if plain.exists() {
        return Some(fs::read_to_string(&plain).unwrap_or_else(|error| panic!("{}: {error}", plain.display())));
    }
    let packed = folder.join(format!("{family}.jsonl.gz"));
    let bytes = fs::read(&packed).ok()?;
    let mut text = String::new();
    MultiGzDecoder::new(&bytes[..])
        .read_to_string(&mut text)
        .unwrap_or_else(|error| panic!("{}: {error}", packed.display()));
    Some(text)
}

#[test]
fn plain_and_compressed_files_hold_the_same() {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    let folder = tempfile::tempdir().expect("a folder");
    let text = "{\"id\":\"a-1\",\"family\":\"a\",\"input\":1,\"output\":2}\n";
    assert_eq!(read(folder.path(), "a"), None);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).expect("written");
    fs::write(folder.path().join("a.jsonl.gz"), packed.finish().expect("finished")).expect("written");
    assert_eq!(read(folder.path(), "a").as_deref(), Some(text));
    fs::write(folder.path().join("b.jsonl"), text).expect("written");
    assert_eq!(read(folder.path(), "b").as_deref(), Some(text));
}
