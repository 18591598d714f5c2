//! The scenario language: text in, a [`Scenario`] that is valid by construction out, or every mistake in it at once.
//!
//! File, the files that it starts from, overrides (`--set path=value`), presets, data files and defaults become one tree of values that know where
//! they come from; sections read their keys from it, each once, and note what is wrong instead of stopping. What is
//! resolved on the way can be printed with its source ([`Scenario::explain`]) or as TOML that reads back as an equal
//! scenario ([`Scenario::resolved_toml`]).

mod asking;
mod base;
mod checks;
mod context;
mod data;
mod distribution;
mod error;
mod excerpt;
mod file;
mod item;
mod limits;
mod mistakes;
mod names;
mod overrides;
mod range;
mod remarks;
mod render;
mod resolved;
mod rows;
mod section;
mod sections;
mod source;
mod study;
mod suggest;
mod switch;
mod tree;
mod units;
mod visible;

use std::path::Path;
use std::sync::Arc;

pub use data::{DataFiles, Folder, NoFiles};
pub use error::{Mistake, Problem, ScenarioError};
pub use file::ScenarioFile;
pub use limits::{MAX_BYTES, MAX_VALUES};
pub use render::render;
pub use resolved::ResolvedValue;
pub use source::Source;
pub(crate) use study::rounded;
pub use study::{Point, Study};
pub(crate) use units::{UnitSize, unit_size};
pub(crate) use visible::visible;

use crate::model::config::WorldConfig;
use context::{Context, Note};
use sections::{connectors, general, groups, instruments, network, peerings, protocol};
use tree::{Node, Value};

/// The tables that a scenario may have, in the order in which they are listed.
const TABLES: [&str; 10] =
    ["scenario", "run", "protocol", "instruments", "market", "network", "country_rtt", "connector", "group", "peering"];

/// A question, and the world that shall answer it; valid by construction.
///
/// Two scenarios are equal if they say the same, wherever their values come from.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name: lower-case letters, digits and hyphens; also the folder of the results.
    pub name: String,
    /// The question that the scenario asks.
    pub question: String,
    /// Seed of all random draws.
    pub seed: u64,
    /// Number of replications; positive.
    pub replications: u32,
    /// What is simulated.
    pub world: WorldConfig,
    /// Every value with its source, in the order of the tables. The points of a study share what they have in common, as
    /// they are many and differ in little.
    pub resolved: Vec<Arc<ResolvedValue>>,
    file: String,
    studies: Vec<&'static str>,
}

impl PartialEq for Scenario {
    fn eq(&self, other: &Self) -> bool {
        self.world == other.world && self.resolved_toml() == other.resolved_toml()
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
        let mut root = base::document(&context, file, text);
        if let Some(root) = &mut root {
            overrides::apply(root, overrides, &context);
        }
        let scenario = root.as_ref().and_then(|root| read(&context, root, file));
        let studies = root.as_ref().map(study::tables_of).unwrap_or_default();
        if let Some(root) = &root {
            study::check(&context, root);
        }
        context.check_size();
        match context.finish() {
            Err(found) => Err(found.in_file(file)),
            Ok(mut resolved) => {
                let scenario = scenario.expect("whatever cannot be read is noted as a mistake");
                resolved::sort(&mut resolved, &TABLES);
                Ok(Self { resolved: resolved.into_iter().map(Arc::new).collect(), studies, ..scenario })
            }
        }
    }

    /// The whole scenario as TOML, every default written out; reads back as an equal scenario without any data file.
    #[must_use]
    pub fn resolved_toml(&self) -> String {
        resolved::toml(&self.resolved)
    }

    /// Where the value with this path, such as `group.client.count`, comes from: `quick.toml:12`; `None` if it has none.
    #[must_use]
    pub fn source_of(&self, path: &str) -> Option<String> {
        let value = self.resolved.iter().find(|value| value.path() == path)?;
        Some(value.source.describe(&self.file_name()))
    }

    fn file_name(&self) -> String {
        let path = Path::new(&self.file);
        path.file_name().map_or_else(|| self.file.clone(), |name| name.to_string_lossy().into_owned())
    }

    /// Names of the tables of its file that describe a study, such as `variant` and `sweep`, and are no part of it.
    #[must_use]
    pub fn study_tables(&self) -> &[&'static str] {
        &self.studies
    }

    /// The same with a comment behind each value: its source, and what becomes of drawn values that cannot be.
    #[must_use]
    pub fn explain(&self) -> String {
        resolved::explanation(&self.resolved, &self.file_name(), &remarks::remarks(&self.world))
    }
}

/// A message of the parser, which may quote line breaks.
fn one_line(message: &str) -> String {
    message.chars().filter(|c| !c.is_control()).collect()
}

/// The scenario of a tree; `None` only if a mistake was noted.
fn read<'a>(context: &'a Context<'a>, root: &'a Node, file: &str) -> Option<Scenario> {
    let Value::Table(tables) = &root.value else {
        unreachable!("a document is a table, and an override has at least one key")
    };
    unknown_tables(context, tables);
    let table = |name: &str| {
        let node = tables.get(name);
        context.remember_spot(name, node.and_then(|node| node.origin.spot.as_ref()));
        node
    };
    let about = general::scenario(context, table("scenario"));
    let run = general::run(context, table("run"));
    let protocol = protocol::protocol(context, table("protocol"));
    let market_book = instruments::MarketBook::open(context, table("market"));
    let instruments = instruments::instruments(context, table("instruments"), &market_book);
    let connectors = connectors::connectors(context, table("connector"), &market_book.known());
    let network = network::network(context, table("network"));
    let rtt_book = network::RttBook::open(context, table("country_rtt"));
    let is_rtt_known = !context.has_given_up("network") && !context.has_given_up("network.rtt");
    let by_country = is_rtt_known && network.as_ref().is_some_and(|network| network.rtt.is_none());
    let groups = groups::groups(context, table("group"), &rtt_book.known(), by_country);
    let peerings = peerings::peerings(context, table("peering"), &groups);

    asking::somebody_to_ask(context, &groups, &peerings);
    asking::repeated_peerings(context, &groups, &peerings);
    checks::numbers(context, &groups);
    if let Some(instruments) = &instruments {
        checks::watchlists(context, &groups, instruments);
        checks::somebody_serves(context, instruments, &connectors);
    }

    let mut used_markets = instruments.as_ref().map(instruments::Instruments::used_markets).unwrap_or_default();
    used_markets.extend(connectors.iter().flatten().flat_map(|connector| connector.serves.keys().cloned()));
    let markets = market_book.read(context, &used_markets);
    let configs = groups.iter().filter_map(|group| group.config.as_ref());
    let countries = configs.flat_map(|config| config.countries.iter().map(|(code, _)| code.clone()));
    let used_countries = if by_country { countries.collect() } else { std::collections::BTreeSet::new() };
    let country_rtt = rtt_book.read(context, &used_countries);

    let (name, question) = about?;
    let (run, (policy, watchlist_timeout), markets) = (run?, protocol?, markets?);
    let connectors: Vec<_> = connectors.into_iter().collect::<Option<_>>()?;
    Some(Scenario {
        name,
        question,
        seed: run.seed,
        replications: run.replications,
        world: WorldConfig {
            start: run.start,
            duration: run.duration,
            warmup: run.warmup,
            topology: run.topology,
            policy,
            watchlist_timeout,
            instruments: instruments?.indexed(&markets),
            connectors: connectors.iter().map(|connector| connector.indexed(&markets)).collect(),
            markets,
            network: network?.with_countries(country_rtt?),
            groups: groups.into_iter().map(|group| group.config).collect::<Option<_>>()?,
            peerings: peerings.into_iter().collect::<Option<_>>()?,
        },
        resolved: Vec::new(),
        file: file.to_owned(),
        studies: Vec::new(),
    })
}

fn unknown_tables(context: &Context<'_>, tables: &tree::Table) {
    let known = [&TABLES[..], &study::STUDY_TABLES].concat();
    for entry in tables.entries().iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let spot = &entry.key_origin.spot;
        context.report_one_of_many(spot.as_ref(), || Note {
            problem: Problem::UnknownTable { key: entry.key.clone() },
            labels: vec![(spot.clone(), "unknown table".to_owned())],
            help: suggest::remedy(&entry.key, &known),
        });
        if let Some(meant) = suggest::nearest(&entry.key, known.iter().copied()) {
            context.give_up(meant);
        }
    }
}
