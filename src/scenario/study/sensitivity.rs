//! The study that a sensitivity analysis simulates: the scenario as assumed, and the scenario with its uncertain values elsewhere in
//! their ranges.

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::{Problem, ScenarioError};
use crate::scenario::folder::DataFiles;
use crate::scenario::overrides::CommandLine;
use crate::scenario::reading;
use crate::scenario::resolved;
use crate::scenario::tree::Node;
use crate::scenario::validated::Said;

use super::Study;
use super::axis::Choice;
use super::document::{Of, StudyText};
use super::points::Points;
use super::sampling::{PlacedRows, VariedBy, VariedPoints};
use super::uncertain::uncertain_values;
use super::uncertain_value::{RangePlace, UncertainValue};

/// More points than this are a mistake, or beyond what anybody can wait for.
pub(super) const MOST_POINTS: u64 = 100_000;

/// A study of what is not known.
#[derive(Clone, Debug)]
pub struct Uncertainty {
    /// The points, each once; the first one is the scenario as assumed. Its parameters are the uncertain values.
    pub study: Study,
    /// The uncertain values.
    pub inputs: Vec<UncertainInput>,
    /// Which points belong together.
    pub varied: VariedPoints,
}

/// A value that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UncertainInput {
    /// Path of its parameter; of several that always have the same value, one with a star in the place of what differs.
    pub parameter: String,
    /// What it is, in a few words, if the scenario says so.
    pub about: Option<String>,
    /// Where its range comes from.
    pub source: String,
    /// What is assumed.
    pub assumed: String,
    /// The values that it may have, or the ends of its range; of a distribution all but 5 % on each side.
    pub range: Vec<String>,
}

impl Uncertainty {
    pub(in crate::scenario) fn parse(
        file: &str,
        text: &str,
        overrides: &[String],
        files: &dyn DataFiles,
        varied: VariedBy,
    ) -> Result<Self, ScenarioError> {
        let context = Context::new(files);
        let read = Self::read(&context, StudyText { file, text, overrides, files, of: Of::Variants }, varied);
        context.finish(read).map_err(|found| found.in_file(file))
    }

    fn read(context: &Context<'_>, document: StudyText<'_>, varied: VariedBy) -> OrNoted<Self> {
        let UncertainScenario { root, said, values, .. } = UncertainScenario::read(context, document)?;
        let Said { name, question, seed, .. } = said;
        let count = PlacedRows::count(varied, values.len());
        if count > MOST_POINTS {
            let what = format!("{} uncertain values take {count} points, more than {MOST_POINTS}", values.len());
            let help = "take fewer --trajectories or --samples";
            return Err(context.report_at("uncertain", Problem::Contradiction { what }, "too many", help));
        }
        let PlacedRows { rows, together } = PlacedRows::of(varied, &values, seed);
        let choice = |(value, place): (&UncertainValue, &RangePlace)| value.choice(context, *place);
        let rows: Vec<Vec<Choice>> = rows.iter().map(|row| values.iter().zip(row).map(choice).collect()).collect();
        let (points, point_of_row) = Points::new(context, document, &root, &[]).read_rows(&rows)?;
        let parameters = values.iter().map(UncertainValue::name).collect();
        let inputs = values.iter().map(|value| UncertainInput::of(context, value)).collect();
        let varied = together.with_points(&point_of_row);
        Ok(Self { study: Study { name, question, parameters, points }, inputs, varied })
    }
}

/// A scenario without mistakes in which something is uncertain.
pub(super) struct UncertainScenario {
    /// The tree.
    pub(super) root: Node,
    /// What the command line adds to it.
    pub(super) line: CommandLine,
    /// What it says as assumed; its question is that of the values that it has.
    pub(super) said: Said,
    /// The uncertain values; not empty.
    pub(super) values: Vec<UncertainValue>,
}

impl UncertainScenario {
    pub(super) fn read(context: &Context<'_>, document: StudyText<'_>) -> OrNoted<Self> {
        let (root, line) = document.open(context)?;
        let reading = reading::read(context, &root);
        super::check(context, &root);
        context.no_mistake()?;
        let mut said = reading.said?;
        said.question = resolved::asked(&said.question, reading.resolved.iter());
        let values = uncertain_values(context, &root, &reading.resolved)?;
        if values.is_empty() {
            let what = "nothing is uncertain in this scenario".to_owned();
            let help = "say what nobody knows, and leave it to the file, not to --set:\n[[uncertain]]\nparameter = \
                        \"group.client.visits.per_day\"\nlow = 2\nhigh = 32\nsource = \"assumption\"";
            return Err(context.report_at("scenario", Problem::Contradiction { what }, "no [[uncertain]]", help));
        }
        Ok(Self { root, line, said, values })
    }
}

impl UncertainInput {
    pub(super) fn of(context: &Context<'_>, value: &UncertainValue) -> Self {
        let text = |place: RangePlace| value.choice(context, place).settings.swap_remove(0);
        Self {
            parameter: value.name(),
            about: value.about().map(str::to_owned),
            source: value.source().to_owned(),
            assumed: value.assumed().to_owned(),
            range: value.tried().into_iter().map(text).collect(),
        }
    }
}
