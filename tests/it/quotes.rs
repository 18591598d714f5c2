//! Files that documents quote in full are quoted as they are: what readers copy is what is tested.

use std::fs;
use std::path::Path;

/// Documents, and the folder whose files each of them quotes, all of them.
const QUOTING: [(&str, &str); 2] =
    [("docs/large-sweeps.md", "docs/large-sweeps"), ("docs/results-for-others.md", "docs/snippets")];

#[test]
fn documents_quote_their_files_as_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut differing = Vec::new();
    for (document, folder) in QUOTING {
        let text = fs::read_to_string(root.join(document)).expect("a document").replace("\r\n", "\n");
        for entry in fs::read_dir(root.join(folder)).expect("a folder of files") {
            let path = entry.expect("a file").path();
            let file = fs::read_to_string(&path).expect("the file is text").replace("\r\n", "\n");
            // A fenced block, whatever its language, that holds the file and nothing else.
            let is_quoted = text.match_indices(&format!("\n{file}```\n")).any(|(at, _)| {
                text[..at].rsplit('\n').next().is_some_and(|line| line.starts_with("```") && line.len() > 3)
            });
            let relative = path.strip_prefix(root).expect("below the repository").display();
            if !is_quoted {
                differing.push(format!("{document} does not quote {relative} as it is"));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
