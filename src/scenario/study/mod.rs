//! Studies: one file, many scenarios. `[[sweep]]` names the values of parameters, `[[variant]]` alternatives, and
//! `[[constraint]]` what a combination must satisfy; each of the scenarios is the file with some values set, as `--set`
//! would set them, and every mistake in one of them is shown where the value is written.

mod constraint;
mod design;

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::context::Context;
use super::error::Problem;
use super::overrides::{self, Setting};
use super::resolved::ResolvedValue;
use super::source::Spot;
use super::tree::{Node, Value};
use super::{DataFiles, Folder, Scenario, ScenarioError, TABLES, base, read, read_text, resolved};
use design::{Choice, Design};

/// The tables that describe a study, not a world.
pub(super) const STUDY_TABLES: [&str; 3] = ["variant", "sweep", "constraint"];

/// More scenarios than this are a mistake in the axes, or beyond what anybody can wait for.
const MOST_POINTS: u64 = 100_000;

/// After so many mistakes in the points the others are not looked at.
const MOST_MISTAKES: usize = 20;

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
enum Of {
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
        Self::load(path, overrides, Of::Grid)
    }

    /// The variants of the file, the first of which is the one to which the others are compared.
    ///
    /// # Errors
    ///
    /// See [`Scenario::load`]; what is wrong with the variants.
    pub fn load_variants(path: &Path, overrides: &[String]) -> Result<Self, ScenarioError> {
        Self::load(path, overrides, Of::Variants)
    }

    fn load(path: &Path, overrides: &[String], of: Of) -> Result<Self, ScenarioError> {
        let text = read_text(path)?;
        let folder = Folder(path.parent().unwrap_or(Path::new("")).to_owned());
        Self::parse(&path.display().to_string(), &text, overrides, &folder, of)
    }

    fn parse(
        file: &str,
        text: &str,
        overrides: &[String],
        files: &dyn DataFiles,
        of: Of,
    ) -> Result<Self, ScenarioError> {
        let context = Context::new(files);
        let study = Self::read(&context, file, text, overrides, of);
        match context.finish() {
            Err(mistakes) => Err(ScenarioError::Invalid { file: file.to_owned(), mistakes }),
            Ok(_) => Ok(study.expect("whatever cannot be read is noted as a mistake")),
        }
    }

    /// `None` only if a mistake was noted.
    fn read(context: &Context<'_>, file: &str, text: &str, overrides: &[String], of: Of) -> Option<Self> {
        let mut root = base::document(context, file, text)?;
        let axes = match of {
            Of::Grid => overrides::apply_but_axes(&mut root, overrides, context),
            Of::Variants => {
                overrides::apply(&mut root, overrides, context);
                Vec::new()
            }
        };
        let scenario = read_one(context, &root, file);
        if context.mistakes() > 0 {
            return None;
        }
        let design = Design::read(context, &root);
        let (name, question) = (scenario.as_ref()?.name.clone(), scenario?.question);
        if context.mistakes() > 0 {
            return None;
        }
        let design = design.with_axes(context, axes);
        let choices = match of {
            Of::Variants => design.variants_alone(context)?,
            Of::Grid => design.grid(context)?,
        };
        let mut points = Vec::new();
        for choice in combinations(&choices) {
            let scenario = point(context, &root, file, &choice);
            if context.mistakes() > MOST_MISTAKES {
                return None;
            }
            let Some(scenario) = scenario else { continue };
            if of == Of::Variants || design.constraints.iter().all(|constraint| constraint.holds(context, &scenario)) {
                points.push(named_point(&choice, scenario));
            }
        }
        if context.mistakes() > 0 {
            return None;
        }
        if points.is_empty() {
            let what = "no combination of values satisfies all constraints".to_owned();
            context.report_at("constraint", Problem::Contradiction { what }, "leaves nothing", None);
            return None;
        }
        let parameters = choices.iter().flat_map(|axis| axis.parameters.clone()).collect();
        Some(Self { name, question, parameters, points })
    }
}

/// Notes what is wrong with the tables that describe a study.
pub(super) fn check(context: &Context<'_>, root: &Node) {
    Design::read(context, root);
}

/// Every way to take one choice of each axis; the last axis changes fastest.
fn combinations(axes: &[design::Axis]) -> impl Iterator<Item = Vec<&Choice>> {
    let count: u64 = axes.iter().map(|axis| axis.choices.len() as u64).product();
    (0..count).map(move |number| {
        let mut rest = number;
        let mut chosen: Vec<&Choice> = axes
            .iter()
            .rev()
            .map(|axis| {
                let length = axis.choices.len() as u64;
                let index = usize::try_from(rest % length).expect("an index of a list");
                rest /= length;
                &axis.choices[index]
            })
            .collect();
        chosen.reverse();
        chosen
    })
}

fn point(context: &Context<'_>, root: &Node, file: &str, choice: &[&Choice]) -> Option<Scenario> {
    let mut root = root.clone();
    for setting in choice.iter().flat_map(|choice| &choice.set) {
        overrides::set(&mut root, setting, context);
    }
    let scenario = read_one(context, &root, file)?;
    (context.mistakes() == 0).then_some(scenario)
}

fn named_point(choice: &[&Choice], scenario: Scenario) -> Point {
    let parts: Vec<&str> = choice.iter().map(|choice| choice.label.as_str()).collect();
    let settings = choice.iter().flat_map(|choice| choice.settings.clone()).collect();
    Point { label: parts.join(", "), settings, scenario }
}

/// The scenario of a tree with its resolved values.
fn read_one(context: &Context<'_>, root: &Node, file: &str) -> Option<Scenario> {
    context.begin_again();
    let scenario = read(context, root, file);
    let mut resolved = context.take_resolved();
    resolved::sort(&mut resolved, &TABLES);
    Some(Scenario { resolved, ..scenario? })
}

/// A value as a label or a table cell shows it.
fn plain(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => text.clone(),
        _ => design::toml(node),
    }
}

/// A value to be set, with the place at which it is written.
fn setting(path: &str, spot: Option<&Spot>, node: &Node) -> Setting {
    Setting { path: path.to_owned(), path_spot: spot.cloned(), node: node.clone() }
}

impl Scenario {
    /// Digest of everything that the numbers of a replication depend on: version, seed and every resolved value but the
    /// name, the question, and the number of replications; 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let matters = |value: &&ResolvedValue| value.table != "scenario" && value.path() != "run.replications";
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
