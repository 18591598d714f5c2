//! The study that looks for what flips a decision: the scenario as assumed, and on each side of what is assumed of an uncertain value
//! places up to the end of its range, the others as assumed.

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::{Problem, ScenarioError};
use crate::scenario::folder::DataFiles;

use super::Study;
use super::axis::Choice;
use super::document::{Of, StudyText};
use super::points::Points;
use super::sensitivity::{UncertainInput, UncertainScenario};
use super::uncertain_value::{RangePlace, UncertainValue};

/// So many places lie between what is assumed and an end of the range, that end included.
const PLACES: u32 = 32;

/// What flips a decision?
#[derive(Clone, Debug)]
pub struct FlipStudy {
    /// The points, each once; the first one is the scenario as assumed. Its parameters are the uncertain values.
    pub study: Study,
    /// The uncertain values.
    pub inputs: Vec<UncertainInput>,
    /// For each of them the ways that lead away from what is assumed: to each end of its range, or to each other value that it may have.
    pub ways: Vec<Vec<WayOut>>,
}

/// A way that leads away from what is assumed of an uncertain value.
#[derive(Clone, Debug, PartialEq)]
pub struct WayOut {
    /// The numbers of its points, the nearest one first. Neighbours may be the same.
    pub points: Vec<usize>,
    /// How far each of them is from what is assumed, as a share of the range; empty if it leads to another thing.
    pub distances: Vec<f64>,
}

impl FlipStudy {
    pub(in crate::scenario) fn parse(
        file: &str,
        text: &str,
        overrides: &[String],
        files: &dyn DataFiles,
    ) -> Result<Self, ScenarioError> {
        let context = Context::new(files);
        let read = Self::read(&context, StudyText { file, text, overrides, files, of: Of::Variants });
        context.finish(read).map_err(|found| found.in_file(file))
    }

    fn read(context: &Context<'_>, document: StudyText<'_>) -> OrNoted<Self> {
        let UncertainScenario { root, said, values, .. } = UncertainScenario::read(context, document)?;
        if said.yes_if.is_empty() {
            let what = "this scenario asks for no decision that could flip".to_owned();
            let help = "say what makes the answer yes:\n[decision]\nyes_if = [\"connector_calls.saving >= 20%\"]";
            return Err(context.report_at("scenario", Problem::Contradiction { what }, "no [decision]", help));
        }
        let assumed = vec![RangePlace::Assumed; values.len()];
        let mut rows = vec![assumed.clone()];
        let mut ways: Vec<Vec<WayOut>> = Vec::with_capacity(values.len());
        for (input, value) in values.iter().enumerate() {
            let mut push = |place: RangePlace| {
                let mut row = assumed.clone();
                row[input] = place;
                rows.push(row);
                rows.len() - 1
            };
            let way = |places: Vec<(RangePlace, Option<f64>)>| WayOut {
                distances: places.iter().filter_map(|(_, distance)| *distance).collect(),
                points: places.into_iter().map(|(place, _)| push(place)).collect(),
            };
            ways.push(ways_out(value).into_iter().map(way).collect());
        }
        let choice = |(value, place): (&UncertainValue, &RangePlace)| value.choice(context, *place);
        let rows: Vec<Vec<Choice>> = rows.iter().map(|row| values.iter().zip(row).map(choice).collect()).collect();
        let (points, point_of_row) = Points::new(context, document, &root, &[]).read_rows(&rows)?;
        for way in ways.iter_mut().flatten() {
            for row in &mut way.points {
                *row = point_of_row[*row];
            }
        }
        // What is listed may be what is assumed.
        for ways in &mut ways {
            ways.retain(|way| way.points.iter().any(|point| *point != 0));
        }
        let parameters = values.iter().map(UncertainValue::name).collect();
        let inputs = values.iter().map(|value| UncertainInput::of(context, value)).collect();
        Ok(Self { study: Study { name: said.name, question: said.question, parameters, points }, inputs, ways })
    }
}

/// The places of each way out, with their distances as shares of the range.
fn ways_out(value: &UncertainValue) -> Vec<Vec<(RangePlace, Option<f64>)>> {
    let Some(assumed) = value.assumed_level() else {
        return value.tried().into_iter().map(|place| vec![(place, None)]).collect();
    };
    let way = |length: f64, sign: f64| -> Vec<(RangePlace, Option<f64>)> {
        let place = |step: u32| {
            let distance = length * f64::from(step) / f64::from(PLACES);
            // The last place is the end of the range as it is written.
            let level = match (step == PLACES, sign > 0.0) {
                (true, true) => 1.0,
                (true, false) => 0.0,
                _ => assumed + sign * distance,
            };
            (RangePlace::Level(level), Some(distance))
        };
        (1..=PLACES).map(place).collect()
    };
    let lengths = [(assumed, -1.0), (1.0 - assumed, 1.0)];
    lengths.into_iter().filter(|(length, _)| *length > 0.0).map(|(length, sign)| way(length, sign)).collect()
}
