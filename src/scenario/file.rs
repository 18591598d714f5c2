//! The file of a scenario, which is read once, however often it is asked for what it says: what comes through a pipe cannot
//! be read again.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::study::Of;
use super::{Folder, MAX_BYTES, Scenario, ScenarioError, Study, limits};

/// A scenario file as it was read.
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    name: String,
    text: String,
    folder: Folder,
}

impl ScenarioFile {
    /// The path that stands for standard input.
    pub const STANDARD_INPUT: &str = "-";

    /// Reads the file at `path`, which may be a pipe; `-` is standard input, whose data files, and the file that it starts
    /// from, are looked for in the current folder.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Unreadable`], [`ScenarioError::TooLarge`] and [`ScenarioError::NotText`] if there is no text to be
    /// read.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        if path == Path::new(Self::STANDARD_INPUT) {
            let name = Path::new("standard input");
            return Self::of(name, Path::new(""), io::stdin().lock());
        }
        let unreadable = |cause| ScenarioError::Unreadable { path: path.to_owned(), cause };
        let file = File::open(path).map_err(unreadable)?;
        at_most(path, file.metadata().map_err(unreadable)?.len(), 0)?;
        Self::of(path, path.parent().unwrap_or(Path::new("")), file)
    }

    fn of(path: &Path, folder: &Path, from: impl Read) -> Result<Self, ScenarioError> {
        let mut content = Vec::new();
        // Of a pipe the size is not known beforehand.
        let read = from.take(MAX_BYTES + 1).read_to_end(&mut content);
        read.map_err(|cause| ScenarioError::Unreadable { path: path.to_owned(), cause })?;
        at_most(path, content.len() as u64, 0)?;
        let text = String::from_utf8(content).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let content = error.as_bytes();
            ScenarioError::NotText {
                path: path.to_owned(),
                line: content[..at].split(|byte| *byte == b'\n').count(),
                byte: content[at],
            }
        })?;
        at_most(path, 0, limits::values(&text))?;
        Ok(Self { name: path.display().to_string(), text, folder: Folder(folder.to_owned()) })
    }

    /// What errors call it: its path, or `standard input`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says with `overrides` laid over it; see [`Scenario::parse`].
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Invalid`] with all mistakes of the text and of the overrides.
    pub fn scenario(&self, overrides: &[String]) -> Result<Scenario, ScenarioError> {
        Scenario::parse(&self.name, &self.text, overrides, &self.folder)
    }

    /// The grid that it describes; see [`Study::load_sweep`].
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Invalid`] with what is wrong with the axes, and with any of the points.
    pub fn sweep(&self, overrides: &[String]) -> Result<Study, ScenarioError> {
        Study::parse(&self.name, &self.text, overrides, &self.folder, Of::Grid)
    }

    /// The alternatives that it describes; see [`Study::load_variants`].
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Invalid`] with what is wrong with the variants.
    pub fn variants(&self, overrides: &[String]) -> Result<Study, ScenarioError> {
        Study::parse(&self.name, &self.text, overrides, &self.folder, Of::Variants)
    }
}

/// Refuses a text that is longer, or has more values, than scenarios may have.
fn at_most(path: &Path, bytes: u64, values: u64) -> Result<(), ScenarioError> {
    match limits::excess(bytes, values) {
        Some(excess) => Err(ScenarioError::TooLarge { path: path.to_owned(), excess }),
        None => Ok(()),
    }
}
