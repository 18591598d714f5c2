//! A scenario without mistakes. Nothing can change it, so what is simulated is what its digest names.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::marks::MarkedLine;
use super::remarks;
use super::resolved::{self, ResolvedValue};
use crate::measures::Condition;
use crate::model::ValidWorld;
use crate::protocol::Preset;

/// A question, and the world that shall answer it; valid by construction.
///
/// It is read from a file ([`Scenario::load`]) or from a text ([`Scenario::parse`]). To change it, read it again with overrides.
/// Two scenarios are equal if they say the same, wherever their values come from.
#[derive(Clone, Debug)]
pub struct Scenario {
    said: Said,
    /// The points of a study share what they have in common, as they are many and differ in little.
    resolved: Vec<Arc<ResolvedValue>>,
    file: String,
    studies: Vec<&'static str>,
    marked: Arc<[MarkedLine]>,
    /// Paths of the values of which the file says that nobody knows them.
    uncertain: Arc<[String]>,
}

/// What a scenario says.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) name: String,
    pub(super) question: String,
    pub(super) yes_if: Vec<Condition>,
    pub(super) preset: (Preset, Vec<String>),
    pub(super) seed: u64,
    pub(super) replications: u32,
    pub(super) world: ValidWorld,
}

impl PartialEq for Scenario {
    fn eq(&self, other: &Self) -> bool {
        self.said.world == other.said.world && self.resolved_toml() == other.resolved_toml()
    }
}

impl Scenario {
    /// The scenario of `file` that says what `resolved` says; `studies` are the tables of the file that describe a study, and
    /// `marked` the lines that its author marks as assumptions.
    pub(super) fn new(
        said: Said,
        resolved: Vec<Arc<ResolvedValue>>,
        file: &str,
        studies: Vec<&'static str>,
        marked: Arc<[MarkedLine]>,
    ) -> Self {
        Self { said, resolved, file: file.to_owned(), studies, marked, uncertain: Arc::from([]) }
    }

    /// The scenario, of whose values nobody knows those at the paths `uncertain`.
    pub(super) fn with_uncertain(self, uncertain: Arc<[String]>) -> Self {
        Self { uncertain, ..self }
    }

    /// Name: lower-case letters, digits and hyphens; also the folder of the results.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.said.name
    }

    /// The question that the scenario asks.
    #[must_use]
    pub fn question(&self) -> &str {
        &self.said.question
    }

    /// The question with what the command line has changed in the scenario, so that it fits what is simulated.
    #[must_use]
    pub fn question_as_simulated(&self) -> String {
        resolved::asked(&self.said.question, self.resolved.iter().map(|value| &**value))
    }

    /// Under which conditions the answer is yes; none if the scenario does not say.
    #[must_use]
    pub fn yes_if(&self) -> &[Condition] {
        &self.said.yes_if
    }

    /// The preset of the rules, and the switches that differ from it, as `key = value`.
    #[must_use]
    pub fn preset(&self) -> (Preset, &[String]) {
        (self.said.preset.0, &self.said.preset.1)
    }

    /// Seed of all random draws.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.said.seed
    }

    /// Number of replications; positive.
    #[must_use]
    pub fn replications(&self) -> u32 {
        self.said.replications
    }

    /// What is simulated.
    #[must_use]
    pub fn world(&self) -> &ValidWorld {
        &self.said.world
    }

    /// Every value with its source, in the order of the tables.
    #[must_use]
    pub fn resolved(&self) -> &[Arc<ResolvedValue>] {
        &self.resolved
    }

    /// The lines that its author marks as assumptions, each with the table in which it stands, as far as their values hold in
    /// this scenario, in the order of the tables.
    #[must_use]
    pub fn marked_assumptions(&self) -> Vec<(&str, &MarkedLine)> {
        let mut found: Vec<(&str, &MarkedLine)> = Vec::new();
        for value in &self.resolved {
            let Some(line) = self.marked.iter().find(|line| line.source == value.source) else { continue };
            if !found.iter().any(|(_, other)| other.source == line.source) {
                found.push((&value.table, line));
            }
        }
        found
    }

    /// Those of its [assumptions](Self::marked_assumptions) of which no `[[uncertain]]` says where they may lie.
    #[must_use]
    pub fn assumptions_without_range(&self) -> Vec<(&str, &MarkedLine)> {
        let is_within = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}."));
        let has_range = |line: &MarkedLine| {
            let own = self.resolved.iter().filter(|value| value.source == line.source).map(|value| value.path());
            own.into_iter().any(|own| self.uncertain.iter().any(|path| is_within(path, &own) || is_within(&own, path)))
        };
        // What it takes for a yes is for those to say who decide.
        let is_of_the_world = |table: &str| table != "decision";
        let open = |(table, line): &(&str, &MarkedLine)| is_of_the_world(table) && !has_range(line);
        self.marked_assumptions().into_iter().filter(open).collect()
    }

    /// Names of the tables of its file that describe a study, such as `variant` and `sweep`, and are no part of it.
    #[must_use]
    pub fn study_tables(&self) -> &[&'static str] {
        &self.studies
    }

    /// The scenario with these faults, which its text does not say.
    #[cfg(test)]
    pub(crate) fn with_faults(mut self, faults: Vec<crate::model::config::FaultConfig>) -> Self {
        let world = crate::model::config::WorldConfig { faults, ..self.said.world.into_config() };
        self.said.world = world.validate().expect("valid faults");
        self
    }

    /// Digest of everything that the numbers of a replication depend on: version, seed and every resolved value but the
    /// name, the question, the decision, and the number of replications; 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let matters = |value: &&Arc<ResolvedValue>| {
            !["scenario", "decision"].contains(&value.table.as_str()) && value.path() != "run.replications"
        };
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

    /// The whole scenario as TOML, every default written out; reads back as an equal scenario without any data file.
    #[must_use]
    pub fn resolved_toml(&self) -> String {
        resolved::toml(&self.resolved)
    }

    /// The same with a comment behind each value: its source, and what becomes of drawn values that cannot be.
    #[must_use]
    pub fn explain(&self) -> String {
        resolved::explanation(&self.resolved, &self.file_name(), &remarks::remarks(&self.said.world))
    }

    /// Where the value with this path, such as `group.client.count`, comes from: `quick.toml:12`; `None` if it has none.
    #[must_use]
    pub fn source_of(&self, path: &str) -> Option<String> {
        let value = self.resolved.iter().find(|value| value.path() == path)?;
        Some(value.source.describe(&self.file_name()))
    }

    /// Name of the file without its folders, as origins of values have it.
    #[must_use]
    pub fn file_name(&self) -> String {
        let path = Path::new(&self.file);
        path.file_name().map_or_else(|| self.file.clone(), |name| name.to_string_lossy().into_owned())
    }
}
