//! Studies: one file, many scenarios. `[[sweep]]` names the values of parameters, `[[variant]]` alternatives, and
//! `[[constraint]]` what a combination must satisfy; `[[uncertain]]` says where a value may lie that nobody knows. Each of the
//! scenarios is the file with some values set, as `--set` would set them, and every mistake in one of them is shown where the
//! value is written.

mod axis;
mod constraint;
mod design;
mod document;
mod flips;
mod meaning;
mod points;
mod sampling;
mod sensitivity;
mod uncertain;
mod uncertain_table;
mod uncertain_value;
mod worlds;

use super::context::{Context, OrNoted};
use super::error::ScenarioError;
use super::folder::DataFiles;
use super::tree::Node;
use super::validated::Said;
use super::{reading, resolved};
use design::Design;
pub(super) use document::Of;
use document::StudyText;
pub use flips::{FlipStudy, WayOut};
pub use points::Point;
use points::Points;
pub use sampling::{VariedBy, VariedPoints, VariedTrajectory};
pub use sensitivity::{UncertainInput, Uncertainty};
pub(super) use uncertain::{check as check_uncertain, uncertain_paths};
pub use worlds::{InEachWorld, WorldAlternative, WorldStudy, WorldValue};

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

impl Study {
    pub(super) fn parse(
        file: &str,
        text: &str,
        overrides: &[String],
        files: &dyn DataFiles,
        of: Of,
    ) -> Result<Self, ScenarioError> {
        let context = Context::new(files);
        let study = Self::read(&context, StudyText { file, text, overrides, files, of });
        context.finish(study).map_err(|found| found.in_file(file))
    }

    fn read(context: &Context<'_>, document: StudyText<'_>) -> OrNoted<Self> {
        let (root, line) = document.open(context)?;
        let reading = reading::read(context, &root);
        let design = Design::read(context, &root).with(context, line);
        design.check(context);
        uncertain::check(context, &root, &reading);
        // What is wrong with a point is often a consequence.
        context.no_mistake()?;
        let Said { name, question, .. } = reading.said?;
        let question = resolved::asked(&question, reading.resolved.iter());
        let choices = match document.of {
            Of::Variants => design.variants_alone(context)?,
            Of::Grid => design.grid(context)?,
        };
        let constraints = if document.of == Of::Grid { design.constraints.as_slice() } else { &[] };
        let points = Points::new(context, document, &root, constraints).read(&choices)?;
        let parameters = choices.into_iter().flat_map(|axis| axis.parameters).collect();
        Ok(Self { name, question, parameters, points })
    }
}

/// Notes what is wrong with the tables that describe a study.
pub(super) fn check(context: &Context<'_>, root: &Node) {
    Design::read(context, root).check(context);
}
