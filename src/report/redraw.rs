//! Draws pages once more from results that are there, without simulating anything; whatever else the results hold stays.

use thiserror::Error;

use crate::record::{FileDigest, Manifest, ManifestPoint, ResultFile, StudyKind};

use super::export;
use super::page::{self, Page};

/// Why a page cannot be drawn from results.
#[derive(Debug, Error)]
pub enum RedrawError {
    /// An older version has written the results, or somebody has changed the page's data.
    #[error("it has no {name} as gtnet-sim wrote it: an older version has written the results, or somebody has changed it", name = page::FILE_NAME)]
    NoPage,
    /// The page's data are not those of this version.
    #[error("its {name} is of another version of gtnet-sim ({0})", name = page::FILE_NAME)]
    OtherPage(serde_json::Error),
    /// The manifest is that of a shard, or of another version.
    #[error("its {name} is not that of a run or a study of this version ({0})", name = Manifest::FILE_NAME)]
    OtherManifest(serde_json::Error),
}

/// The `kept` files of results with their page drawn once more, and a manifest that fits. What is listed in the manifest and is
/// not among `kept` is no longer listed.
///
/// # Errors
///
/// See [`RedrawError`].
pub(crate) fn redrawn(kept: &[ResultFile]) -> Result<Vec<ResultFile>, RedrawError> {
    let (page, mut manifest) = (page_of(kept)?, manifest_of(kept)?);
    let mut drawn =
        vec![file(export::HTML_FILE, export::html(&page)), file(export::MARKDOWN_FILE, export::markdown(&page))];
    let mut files: Vec<ResultFile> = Vec::new();
    for listed in &manifest.files {
        let redrawn = drawn.iter().position(|file| file.name == listed.name).map(|at| drawn.remove(at));
        files.extend(redrawn.or_else(|| kept.iter().find(|file| file.name == listed.name).cloned()));
    }
    files.append(&mut drawn);
    manifest.files = files.iter().map(FileDigest::of).collect();
    files.push(file(Manifest::FILE_NAME, manifest.to_json()));
    Ok(files)
}

/// Two results side by side, as results of their own: of each what it is called and its kept files. The index in the error says
/// which of them it is about.
///
/// # Errors
///
/// See [`RedrawError`].
pub(crate) fn side_by_side(results: [(&str, &[ResultFile]); 2]) -> Result<Vec<ResultFile>, (usize, RedrawError)> {
    let (mut pages, mut points, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for (index, ((_, kept), side)) in results.into_iter().zip(["left", "right"]).enumerate() {
        let at = |error| (index, error);
        let (page, manifest) = (page_of(kept).map_err(at)?, manifest_of(kept).map_err(at)?);
        let moved = |name: &str| format!("{side}/{name}");
        let scenarios = kept.iter().filter(|file| manifest.points.iter().any(|point| point.scenario == file.name));
        files.extend(scenarios.map(|file| ResultFile { name: moved(&file.name), bytes: file.bytes.clone() }));
        let of_page = |point: ManifestPoint| ManifestPoint { scenario: moved(&point.scenario), ..point };
        points.extend(manifest.points.into_iter().map(of_page));
        pages.push(page.moved_to(side));
    }
    let names = results.map(|(name, _)| name);
    let side = |index: usize| export::PageSide { label: names[index], page: &pages[index] };
    files.insert(0, file(export::HTML_FILE, export::side_by_side(&[side(0), side(1)])));
    let manifest = Manifest {
        schema_version: crate::record::SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        kind: StudyKind::Comparison,
        name: names.join("-beside-"),
        question: format!("How do {} and {} look side by side?", names[0], names[1]),
        points,
        files: files.iter().map(FileDigest::of).collect(),
    };
    files.push(file(Manifest::FILE_NAME, manifest.to_json()));
    Ok(files)
}

fn page_of(kept: &[ResultFile]) -> Result<Page, RedrawError> {
    let kept = kept.iter().find(|file| file.name == page::FILE_NAME).ok_or(RedrawError::NoPage)?;
    Page::from_json(&kept.bytes).map_err(RedrawError::OtherPage)
}

fn manifest_of(kept: &[ResultFile]) -> Result<Manifest, RedrawError> {
    let found = kept.iter().find(|file| file.name == Manifest::FILE_NAME);
    let text = found.map_or_else(Default::default, |file| String::from_utf8_lossy(&file.bytes));
    Manifest::from_json(&text).map_err(RedrawError::OtherManifest)
}

fn file(name: &str, text: String) -> ResultFile {
    ResultFile { name: name.to_owned(), bytes: text.into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::files;
    use crate::report::support::{RecordBuilder, study};

    fn named<'f>(files: &'f [ResultFile], name: &str) -> &'f ResultFile {
        files.iter().find(|file| file.name == name).expect("the file")
    }

    #[test]
    fn what_was_drawn_is_drawn_again_the_same() {
        for files in [files(&RecordBuilder::new().build()), files(&study(StudyKind::Sweep, 3, 4))] {
            assert!(redrawn(&files).expect("a page") == files);
        }
    }

    #[test]
    fn what_somebody_has_changed_is_no_longer_listed() {
        let all = files(&RecordBuilder::new().build());
        let kept: Vec<ResultFile> =
            all.iter().filter(|file| !["summary.csv", "report.html"].contains(&file.name.as_str())).cloned().collect();
        let drawn = redrawn(&kept).expect("a page");
        assert_eq!(named(&drawn, "report.html"), named(&all, "report.html"));
        let manifest = Manifest::from_json(&String::from_utf8_lossy(&drawn.last().expect("files").bytes)).expect("one");
        assert!(manifest.files.iter().all(|file| file.name != "summary.csv"));
        assert!(
            manifest.files.iter().map(|file| &file.name).eq(drawn[..drawn.len() - 1].iter().map(|file| &file.name))
        );
    }

    #[test]
    fn without_its_data_no_page_is_drawn() {
        let mut all = files(&RecordBuilder::new().build());
        all.iter_mut().find(|file| file.name == "report.json").expect("the data").bytes = b"{}".to_vec();
        assert!(matches!(redrawn(&all), Err(RedrawError::OtherPage(_))));
        all.retain(|file| file.name != "report.json");
        assert!(matches!(redrawn(&all), Err(RedrawError::NoPage)));
        let sweep = files(&study(StudyKind::Sweep, 2, 2));
        assert!(matches!(side_by_side([("a", &sweep), ("b", &all)]), Err((1, RedrawError::NoPage))));
    }

    #[test]
    fn two_results_beside_each_other_are_results() {
        let (run, sweep) = (files(&RecordBuilder::new().build()), files(&study(StudyKind::Sweep, 3, 4)));
        let both = side_by_side([("run", &run), ("sweep", &sweep)]).expect("pages");
        let names: Vec<&str> = both.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names[..2], ["report.html", "left/points/000.toml"]);
        assert_eq!(names[names.len() - 2..], ["right/points/002.toml", "manifest.json"]);
        let html = String::from_utf8_lossy(&both[0].bytes);
        assert!(html.contains("left/points/000.toml") && html.contains("right/points/002.toml"));
    }
}
