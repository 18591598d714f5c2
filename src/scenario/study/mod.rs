//! Studies: one file, many scenarios. `[[sweep]]` names the values of parameters, `[[variant]]` alternatives, and
//! `[[constraint]]` what a combination must satisfy; each of the scenarios is the file with some values set, as `--set`
//! would set them, and every mistake in one of them is shown where the value is written.

mod axis;
mod constraint;
mod design;
mod meaning;
mod points;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::context::Context;
use super::overrides::{self, CommandLine};
use super::resolved::ResolvedValue;
use super::tree::{Node, Value};
use super::{DataFiles, Scenario, ScenarioError, ScenarioFile, TABLES, base, read, resolved};
pub(crate) use axis::rounded;
use design::Design;
use points::Points;

/// The tables that describe a study, not a world.
pub(super) const STUDY_TABLES: [&str; 3] = ["variant", "sweep", "constraint"];

/// More scenarios than this are a mistake in the axes, or beyond what anybody can wait for.
const MOST_POINTS: u64 = 100_000;

/// Several scenarios from one file.
#[derive(Clone, Debug)]
pub struct Study {
    /// Name of the scenario in the file.
    pub name: String,
    /// The question that it asks.
    pub question: String,
    /// What distinguishes the points: paths of parameters, and `variant` for alternatives.
    pub parameters: Vec<String>,
    /// The points; not empty. In a grid the last parameter changes fastest.
    pub points: Vec<Point>,
}

/// One scenario of a study.
#[derive(Clone, Debug)]
pub struct Point {
    /// What distinguishes it from the others, such as `group.client.count=20`.
    pub label: String,
    /// Its value of each of [`Study::parameters`].
    pub settings: Vec<String>,
    /// The scenario.
    pub scenario: Scenario,
}

/// Which of a file's tables make the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Variants,
    Grid,
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

    pub(super) fn parse(
        file: &str,
        text: &str,
        overrides: &[String],
        files: &dyn DataFiles,
        of: Of,
    ) -> Result<Self, ScenarioError> {
        let context = Context::new(files);
        let study = Self::read(&context, Document { file, text, overrides, files, of });
        match context.finish() {
            Err(found) => Err(found.in_file(file)),
            Ok(_) => Ok(study.expect("whatever cannot be read is noted as a mistake")),
        }
    }

    /// `None` only if a mistake was noted.
    fn read(context: &Context<'_>, document: Document<'_>) -> Option<Self> {
        let (root, line) = document.open(context)?;
        let scenario = read_one(context, &root, document.file).scenario;
        let design = Design::read(context, &root).with(context, line);
        design.check(context);
        // What is wrong with a point is often a consequence.
        if context.mistakes() > 0 {
            return None;
        }
        let Scenario { name, question, .. } = scenario?;
        let choices = match document.of {
            Of::Variants => design.variants_alone(context)?,
            Of::Grid => design.grid(context)?,
        };
        let constraints = if document.of == Of::Grid { design.constraints.as_slice() } else { &[] };
        let points = Points::new(context, document, &root, constraints).read(&choices)?;
        let parameters = choices.into_iter().flat_map(|axis| axis.parameters).collect();
        Some(Self { name, question, parameters, points })
    }
}

/// What a study is read from.
#[derive(Clone, Copy)]
struct Document<'d> {
    file: &'d str,
    text: &'d str,
    overrides: &'d [String],
    files: &'d dyn DataFiles,
    of: Of,
}

impl Document<'_> {
    /// The tree, and what the command line says besides. Texts get the same numbers in every context without texts, so that
    /// places noted in one are those of another.
    fn open(&self, context: &Context<'_>) -> Option<(Node, CommandLine)> {
        let mut root = base::document(context, self.file, self.text)?;
        let line = match self.of {
            Of::Grid => overrides::apply_but_axes(&mut root, self.overrides, context),
            Of::Variants => overrides::apply(&mut root, self.overrides, context),
        };
        Some((root, line))
    }
}

/// Notes what is wrong with the tables that describe a study.
pub(super) fn check(context: &Context<'_>, root: &Node) {
    Design::read(context, root).check(context);
}

/// The tables of `root` that describe a study.
pub(super) fn tables_of(root: &Node) -> Vec<&'static str> {
    let Value::Table(tables) = &root.value else { return Vec::new() };
    STUDY_TABLES.into_iter().filter(|name| tables.get(name).is_some()).collect()
}

/// What reading a tree gives; in one with mistakes, what could be read in spite of them.
struct Reading {
    scenario: Option<Scenario>,
    resolved: Vec<ResolvedValue>,
}

fn read_one(context: &Context<'_>, root: &Node, file: &str) -> Reading {
    context.begin_again();
    let scenario = read(context, root, file);
    context.check_size();
    let mut resolved = context.take_resolved();
    resolved::sort(&mut resolved, &TABLES);
    Reading { scenario, resolved }
}

impl Scenario {
    /// Digest of everything that the numbers of a replication depend on: version, seed and every resolved value but the
    /// name, the question, and the number of replications; 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let matters = |value: &&Arc<ResolvedValue>| value.table != "scenario" && value.path() != "run.replications";
        let mut text = format!("gtnet-sim {}\n", env!("CARGO_PKG_VERSION"));
        for value in self.resolved.iter().filter(matters) {
            writeln!(text, "{} = {}", value.path(), value.value).expect("writing into memory");
        }
        let mut digest = String::with_capacity(64);
        for byte in Sha256::digest(text.as_bytes()) {
            write!(digest, "{byte:02x}").expect("writing into memory");
        }
        digest
    }
}
