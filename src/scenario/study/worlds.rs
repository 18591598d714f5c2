//! Alternatives in many worlds: each of them in the scenario as assumed, and in worlds in each of which every uncertain value lies
//! elsewhere in its range. In a world an uncertain value lies at the same place of its range for all alternatives.

use crate::random::{Streams, latin_coordinate};
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::{Problem, ScenarioError};
use crate::scenario::folder::DataFiles;
use crate::scenario::overrides::Setting;
use crate::scenario::source::{Origin, ValueSource};
use crate::scenario::tree::Node;
use crate::time::SimDuration;

use super::Study;
use super::axis::{Choice, StudyAxis};
use super::design::Design;
use super::document::{Of, StudyText};
use super::points::{Point, Points};
use super::sensitivity::{MOST_POINTS, UncertainInput, UncertainScenario};
use super::uncertain_value::{RangePlace, UncertainValue};

/// So many topologies are drawn for each world, if they are told apart, and there are so many runs in each of them.
const TOPOLOGIES: u32 = 2;
const RUNS: u32 = 2;

/// What stands in tables where an alternative itself says what the value is.
const SET_BY_THE_ALTERNATIVE: &str = "set by the variant";

/// Alternatives in many worlds.
#[derive(Clone, Debug)]
pub struct WorldStudy {
    /// The points, each once. Its parameters are `variant`, if there are several alternatives, and the uncertain values.
    pub study: Study,
    /// The uncertain values.
    pub inputs: Vec<UncertainInput>,
    /// The alternatives; not empty.
    pub alternatives: Vec<WorldAlternative>,
    /// For each world its value of each of `inputs`. The first world is the scenario as assumed.
    pub values: Vec<Vec<WorldValue>>,
    /// For each world the number of the point of each alternative.
    pub points: Vec<Vec<usize>>,
    /// For each world the points of its topologies, of which the world that is assumed has one that draws them; empty if topologies are
    /// not told apart.
    pub topologies: Vec<Vec<usize>>,
}

/// What a study of worlds has in each of its worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InEachWorld {
    /// The variants of the file.
    Variants,
    /// The scenario without its variants.
    Alone,
    /// The scenario without its variants, in two topologies that no other world has, with two runs each.
    Topologies,
}

/// One of the alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldAlternative {
    /// Its name.
    pub label: String,
    /// What it is in a few words, if the file says so.
    pub about: Option<String>,
}

/// What an uncertain value is in a world.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldValue {
    /// The value as users write it.
    pub text: String,
    /// The value, if it is a number.
    pub number: Option<f64>,
    /// The value, if it is a duration.
    pub duration: Option<SimDuration>,
}

impl WorldStudy {
    /// What is `of` interest of a file, in `worlds` worlds.
    pub(in crate::scenario) fn parse(
        file: &str,
        text: &str,
        overrides: &[String],
        files: &dyn DataFiles,
        (worlds, of): (u32, InEachWorld),
    ) -> Result<Self, ScenarioError> {
        let context = Context::new(files);
        let document = StudyText { file, text, overrides, files, of: Of::Variants };
        let read = Self::read(&context, document, (worlds, of));
        context.finish(read).map_err(|found| found.in_file(file))
    }

    fn read(context: &Context<'_>, document: StudyText<'_>, (worlds, of): (u32, InEachWorld)) -> OrNoted<Self> {
        let UncertainScenario { root, line, said, values } = UncertainScenario::read(context, document)?;
        let design = Design::read(context, &root).with(context, line);
        design.check(context);
        context.no_mistake()?;
        let axes = if of == InEachWorld::Variants { design.variants_alone(context)? } else { Vec::new() };
        let variants = axes.first();
        let count = u64::from(worlds) + 1;
        let each = variants.map_or(u64::from(TOPOLOGIES), |axis| axis.choices.len() as u64);
        if count * each > MOST_POINTS {
            let what = format!("{worlds} worlds take {} points, more than {MOST_POINTS}", count * each);
            let help = "take fewer worlds";
            return Err(context.report_at("uncertain", Problem::Contradiction { what }, "too many", help));
        }
        let places = places(&values, said.seed, worlds);
        let has_topologies = of == InEachWorld::Topologies;
        if has_topologies && said.world.topology.is_some() {
            let what =
                "`run.topology` fixes one network, so that nobody can tell what another one would change".to_owned();
            return Err(context.report_at("run.topology", Problem::Contradiction { what }, "fixed here", "remove it"));
        }
        let rows = if has_topologies {
            rows_of_topologies(context, &values, &places)
        } else {
            rows(context, &values, &places, variants)
        };
        let (mut points, point_of_row) = Points::new(context, document, &root, &[]).read_rows(&rows)?;
        if variants.is_some() {
            for point in &mut points {
                point.settings.rotate_right(1);
                point.numbers.rotate_right(1);
                point.durations.rotate_right(1);
            }
        }
        let alternatives = match variants {
            Some(variants) => variants.choices.iter().map(WorldAlternative::of).collect(),
            None => vec![WorldAlternative { label: said.name.clone(), about: None }],
        };
        let (of_worlds, topologies): (Vec<Vec<usize>>, Vec<Vec<usize>>) = if has_topologies {
            let (assumed, others) = point_of_row.split_at(1);
            let others = others.chunks(TOPOLOGIES as usize).map(<[usize]>::to_vec);
            let topologies: Vec<Vec<usize>> = std::iter::once(assumed.to_vec()).chain(others).collect();
            name_topologies(&mut points, &topologies);
            (topologies.iter().map(|own| vec![own[0]]).collect(), topologies)
        } else {
            let chunks = point_of_row.chunks(alternatives.len());
            (chunks.map(<[usize]>::to_vec).collect(), Vec::new())
        };
        let named = if has_topologies { &[][..] } else { &of_worlds[..] };
        for (world, own) in named.iter().enumerate().rev() {
            for (alternative, point) in alternatives.iter().zip(own).rev() {
                points[*point].label = label(&alternative.label, world);
            }
        }
        let parameters =
            variants.map(|_| "variant".to_owned()).into_iter().chain(values.iter().map(UncertainValue::name));
        let value = |(value, place): (&UncertainValue, &RangePlace)| WorldValue::of(value.choice(context, *place));
        Ok(Self {
            study: Study { name: said.name, question: said.question, parameters: parameters.collect(), points },
            inputs: values.iter().map(|value| UncertainInput::of(context, value)).collect(),
            alternatives,
            values: places.iter().map(|row| values.iter().zip(row).map(value).collect()).collect(),
            points: of_worlds,
            topologies,
        })
    }

    /// Several scenarios, each read alone and in as many worlds, as alternatives. What is uncertain in any of them is uncertain in the
    /// whole study.
    ///
    /// # Errors
    ///
    /// The parameter of which two of them give different ranges.
    ///
    /// # Panics
    ///
    /// If there is none, or they have not as many worlds.
    pub fn joined(studies: Vec<Self>) -> Result<Self, String> {
        let mut inputs: Vec<UncertainInput> = Vec::new();
        for input in studies.iter().flat_map(|study| &study.inputs) {
            match inputs.iter().find(|known| known.parameter == input.parameter) {
                Some(known) if known.range != input.range => return Err(input.parameter.clone()),
                Some(_) => {}
                None => inputs.push(input.clone()),
            }
        }
        let first = studies.first().expect("there is a scenario");
        let worlds = first.points.len();
        assert!(studies.iter().all(|study| study.points.len() == worlds), "each has as many worlds");
        let place = |study: &Self, parameter: &str| study.inputs.iter().position(|own| own.parameter == parameter);
        let value = |world: usize, input: &UncertainInput| {
            let own = studies.iter().find_map(|study| Some((study, place(study, &input.parameter)?)));
            own.map(|(study, at)| study.values[world][at].clone()).expect("it is uncertain in one of them")
        };
        let values = (0..worlds).map(|world| inputs.iter().map(|input| value(world, input)).collect()).collect();
        let (name, question) = (first.study.name.clone(), first.study.question.clone());
        let parameters =
            std::iter::once("variant".to_owned()).chain(inputs.iter().map(|input| input.parameter.clone()));
        let mut joined = Self {
            study: Study { name, question, parameters: parameters.collect(), points: Vec::new() },
            inputs,
            alternatives: Vec::new(),
            values,
            points: vec![Vec::new(); worlds],
            topologies: Vec::new(),
        };
        for study in studies {
            let before = joined.study.points.len();
            let at: Vec<Option<usize>> = joined.inputs.iter().map(|input| place(&study, &input.parameter)).collect();
            let label = study.alternatives[0].label.clone();
            joined.alternatives.extend(study.alternatives);
            for (all, own) in joined.points.iter_mut().zip(study.points) {
                all.extend(own.into_iter().map(|point| before + point));
            }
            joined.study.points.extend(study.study.points.into_iter().map(|mut point| {
                let pick = |at: &Option<usize>| at.map_or_else(String::new, |at| point.settings[at].clone());
                let settings = std::iter::once(label.clone()).chain(at.iter().map(pick)).collect();
                let number = |at: &Option<usize>| at.and_then(|at| point.numbers[at]);
                let numbers = std::iter::once(None).chain(at.iter().map(number)).collect();
                let duration = |at: &Option<usize>| at.and_then(|at| point.durations[at]);
                let durations = std::iter::once(None).chain(at.iter().map(duration)).collect();
                (point.settings, point.numbers, point.durations) = (settings, numbers, durations);
                point
            }));
        }
        Ok(joined)
    }
}

/// Where each value lies in each world: as assumed in the first one, and else at the points of a Latin hypercube.
fn places(values: &[UncertainValue], seed: u64, worlds: u32) -> Vec<Vec<RangePlace>> {
    let streams = Streams::new(seed, 0);
    let count = usize::try_from(worlds).expect("32 bits are an index");
    let columns: Vec<Vec<f64>> = values.iter().map(|value| latin_coordinate(&streams, &value.name(), count)).collect();
    let drawn = (0..count).map(|world| columns.iter().map(|column| RangePlace::Draw(column[world])).collect());
    std::iter::once(vec![RangePlace::Assumed; values.len()]).chain(drawn).collect()
}

/// For each world a row for each variant, or one if there are none.
fn rows(
    context: &Context<'_>,
    values: &[UncertainValue],
    places: &[Vec<RangePlace>],
    variants: Option<&StudyAxis>,
) -> Vec<Vec<Choice>> {
    let of_world = |places: &Vec<RangePlace>| -> Vec<Vec<Choice>> {
        let drawn: Vec<Choice> =
            values.iter().zip(places).map(|(value, place)| value.choice(context, *place)).collect();
        let Some(variants) = variants else { return vec![drawn] };
        // The variant comes last: what it sets beside an uncertain part of a value stays.
        let row = |variant: &Choice| {
            let is_known = |value: &UncertainValue| variant.set.iter().any(|own| value.is_about(&own.path));
            let own = values.iter().zip(&drawn);
            let own = own.map(|(value, choice)| if is_known(value) { known() } else { choice.clone() });
            own.chain([variant.clone()]).collect()
        };
        variants.choices.iter().map(row).collect()
    };
    places.iter().flat_map(of_world).collect()
}

/// A row for the world that is assumed, and for each other world one for each of its topologies.
fn rows_of_topologies(
    context: &Context<'_>,
    values: &[UncertainValue],
    places: &[Vec<RangePlace>],
) -> Vec<Vec<Choice>> {
    let drawn = |places: &Vec<RangePlace>| -> Vec<Choice> {
        values.iter().zip(places).map(|(value, place)| value.choice(context, *place)).collect()
    };
    let mut rows = vec![drawn(&places[0])];
    let mut numbers = 0_u32..;
    for place in &places[1..] {
        for topology in numbers.by_ref().take(TOPOLOGIES as usize) {
            rows.push(drawn(place).into_iter().chain([runs_in(topology)]).collect());
        }
    }
    rows
}

/// A few runs in a topology.
fn runs_in(topology: u32) -> Choice {
    let set = |path: &str, number: u32| Setting {
        path: path.to_owned(),
        path_spot: None,
        node: Node::given(&number.to_string(), &Origin { source: ValueSource::Default, spot: None }),
    };
    Choice {
        label: format!("run.topology={topology}"),
        about: None,
        settings: Vec::new(),
        numbers: Vec::new(),
        durations: Vec::new(),
        set: vec![set("run.topology", topology), set("run.replications", RUNS)],
    }
}

fn name_topologies(points: &mut [Point], topologies: &[Vec<usize>]) {
    for (world, own) in topologies.iter().enumerate() {
        for (topology, point) in own.iter().enumerate() {
            points[*point].label = match world {
                0 => "as assumed".to_owned(),
                _ => format!("world {world}, topology {}", topology + 1),
            };
        }
    }
}

/// The choice of an uncertain value that the variant sets.
fn known() -> Choice {
    let settings = vec![SET_BY_THE_ALTERNATIVE.to_owned()];
    let (numbers, durations) = (vec![None], vec![None]);
    Choice { label: String::new(), about: None, settings, numbers, durations, set: Vec::new() }
}

fn label(alternative: &str, world: usize) -> String {
    if world == 0 { format!("{alternative}, as assumed") } else { format!("{alternative}, world {world}") }
}

impl WorldAlternative {
    fn of(variant: &Choice) -> Self {
        Self { label: variant.label.clone(), about: variant.about.clone() }
    }
}

impl WorldValue {
    fn of(mut choice: Choice) -> Self {
        Self {
            text: choice.settings.swap_remove(0),
            number: choice.numbers.first().copied().flatten(),
            duration: choice.durations.first().copied().flatten(),
        }
    }
}
