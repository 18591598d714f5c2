//! A scenario file. It is read only once, because a pipe cannot be read again, and then answers as often as it is asked.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::context::Context;
use super::error::ScenarioError;
use super::folder::{DataFiles, Folder};
use super::limits::{self, MAX_BYTES};
use super::reading::{self, Reading};
use super::study::{self, FlipStudy, InEachWorld, Of, Study, Uncertainty, VariedBy, WorldStudy};
use super::validated::Scenario;
use super::{base, overrides};
use crate::files;

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
        let content = files::read_all(from, MAX_BYTES).or_else(|cause| match cause.kind() {
            io::ErrorKind::FileTooLarge => at_most(path, MAX_BYTES + 1, 0).map(|()| Vec::new()),
            _ => Err(ScenarioError::Unreadable { path: path.to_owned(), cause }),
        })?;
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

impl ScenarioFile {
    /// The scenario with its uncertain values elsewhere in their ranges, as `varied` says. What `overrides` set is known.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Invalid`] with what is wrong with the scenario, with what is uncertain in it, and with any of the points.
    pub fn uncertainty(&self, overrides: &[String], varied: VariedBy) -> Result<Uncertainty, ScenarioError> {
        Uncertainty::parse(&self.name, &self.text, overrides, &self.folder, varied)
    }

    /// The scenario with one uncertain value at a time elsewhere in its range, to look for what flips its decision. What `overrides` set
    /// is known.
    ///
    /// # Errors
    ///
    /// See [`ScenarioFile::uncertainty`]; if the scenario asks for no decision.
    pub fn flips(&self, overrides: &[String]) -> Result<FlipStudy, ScenarioError> {
        FlipStudy::parse(&self.name, &self.text, overrides, &self.folder)
    }

    /// What is `of` interest of it, as assumed and in `worlds` worlds. What `overrides` or a variant set is known.
    ///
    /// # Errors
    ///
    /// See [`ScenarioFile::uncertainty`]; what is wrong with the variants.
    pub fn in_worlds(&self, overrides: &[String], worlds: u32, of: InEachWorld) -> Result<WorldStudy, ScenarioError> {
        WorldStudy::parse(&self.name, &self.text, overrides, &self.folder, (worlds, of))
    }
}

impl Scenario {
    /// Reads the scenario file `path`, with `overrides` of the form `path=value` laid over it in their order.
    ///
    /// Data files, and the file that the scenario starts from, are looked for in the folder of the scenario.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Unreadable`], [`ScenarioError::TooLarge`] and [`ScenarioError::NotText`] if there is no text to
    /// be read; [`ScenarioError::Invalid`] with all mistakes of the text and of the overrides.
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, ScenarioError> {
        ScenarioFile::read(path)?.scenario(overrides)
    }

    /// Reads the scenario `text`, which errors call `file`, with `overrides` laid over it, and other files from
    /// `files`.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Invalid`] with all mistakes of the text and of the overrides.
    pub fn parse(file: &str, text: &str, overrides: &[String], files: &dyn DataFiles) -> Result<Self, ScenarioError> {
        let context = Context::new(files);
        let read = base::document(&context, file, text).and_then(|mut root| {
            overrides::apply(&mut root, overrides, &context);
            let reading = reading::read(&context, &root);
            study::check(&context, &root);
            study::check_uncertain(&context, &root, &reading);
            let Reading { said, resolved } = reading;
            let resolved = resolved.into_iter().map(Arc::new).collect();
            let uncertain = study::uncertain_paths(&root).into();
            Ok(Self::new(said?, resolved, file, reading::study_tables(&root), context.marked())
                .with_uncertain(uncertain))
        });
        context.finish(read).map_err(|found| found.in_file(file))
    }
}

impl Study {
    /// The combinations of the values of all axes, those of the file and those of `overrides` (`path=v1,v2,v3`), for each
    /// variant of the file, as far as they satisfy its constraints.
    ///
    /// # Errors
    ///
    /// See [`Scenario::load`]; what is wrong with the axes, and with any of the points.
    pub fn load_sweep(path: &Path, overrides: &[String]) -> Result<Self, ScenarioError> {
        ScenarioFile::read(path)?.sweep(overrides)
    }

    /// The variants of the file, the first of which is the one to which the others are compared.
    ///
    /// # Errors
    ///
    /// See [`Scenario::load`]; what is wrong with the variants.
    pub fn load_variants(path: &Path, overrides: &[String]) -> Result<Self, ScenarioError> {
        ScenarioFile::read(path)?.variants(overrides)
    }
}

/// Refuses a text that is longer, or has more values, than scenarios may have.
fn at_most(path: &Path, bytes: u64, values: u64) -> Result<(), ScenarioError> {
    match limits::excess(bytes, values) {
        Some(excess) => Err(ScenarioError::TooLarge { path: path.to_owned(), excess }),
        None => Ok(()),
    }
}
