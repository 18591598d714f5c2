//! The points of a study: every combination of values is read as a scenario, unless the constraints exclude it, and what is
//! wrong with any of them is noted where it is written.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::Arc;

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::{Mistake, Problem};
use crate::scenario::marks::MarkedLine;
use crate::scenario::overrides;
use crate::scenario::reading::{self, Reading, study_tables};
use crate::scenario::resolved::ResolvedValue;
use crate::scenario::tree::Node;
use crate::scenario::validated::Scenario;
use crate::time::SimDuration;

use super::axis::{Choice, StudyAxis};
use super::constraint::Constraint;
use super::document::StudyText;
use super::meaning;

/// After so many mistakes, no further points are read.
const MOST_MISTAKES: usize = 20;

/// One scenario of a study.
#[derive(Clone, Debug)]
pub struct Point {
    /// What distinguishes it from the others, such as `group.client.count=20`.
    pub label: String,
    /// What its variant is in a few words, if the file says so.
    pub about: Option<String>,
    /// Its value of each of [`Study::parameters`](super::Study::parameters).
    pub settings: Vec<String>,
    /// Those of these values that are numbers.
    pub numbers: Vec<Option<f64>>,
    /// Those of these values that are durations.
    pub durations: Vec<Option<SimDuration>>,
    /// The scenario.
    pub scenario: Scenario,
}

/// Reads the points of a study.
pub(super) struct Points<'p> {
    /// Receives the mistakes of points that no constraint excludes.
    context: &'p Context<'p>,
    document: StudyText<'p>,
    root: &'p Node,
    constraints: &'p [Constraint],
    /// How many points each constraint excludes.
    excluded: Vec<u64>,
    /// The choices of each scenario that was read, by the digest of what it means.
    seen: BTreeMap<[u8; 32], Vec<&'p Choice>>,
    /// The values of the point that was read last.
    latest: Vec<Arc<ResolvedValue>>,
    /// The lines that are marked as assumptions.
    marked: Arc<[MarkedLine]>,
}

/// A combination of values, after its scenario has been read.
enum Combination {
    Point(Box<Scenario>),
    Excluded,
    Wrong,
}

impl<'p> Points<'p> {
    pub(super) fn new(
        context: &'p Context<'p>,
        document: StudyText<'p>,
        root: &'p Node,
        constraints: &'p [Constraint],
    ) -> Self {
        Self {
            context,
            document,
            root,
            constraints,
            excluded: vec![0; constraints.len()],
            seen: BTreeMap::new(),
            latest: Vec::new(),
            marked: context.marked(),
        }
    }

    /// The points.
    pub(super) fn read(mut self, axes: &'p [StudyAxis]) -> OrNoted<Vec<Point>> {
        let mut points = Vec::new();
        // A constraint may exclude the point, and then its mistakes do not count: until that is known, they are noted apart.
        let mut apart = self.apart();
        for choices in combinations(axes) {
            match self.combination(&apart, &choices) {
                Combination::Excluded => {}
                Combination::Point(scenario) => {
                    self.note_repetition(axes, &choices, &scenario);
                    points.push(named_point(&choices, *scenario));
                }
                Combination::Wrong => {
                    let mistakes = apart.finish(Ok(())).err().unwrap_or_default().mistakes;
                    self.note_mistakes(axes, &choices, &mistakes);
                    apart = self.apart();
                }
            }
            if apart.mistakes() > 0 {
                apart = self.apart();
            }
            if self.context.mistakes() > MOST_MISTAKES {
                break;
            }
        }
        if points.is_empty() && self.context.mistakes() == 0 {
            self.note_emptiness();
        }
        self.context.no_mistake().map(|()| points)
    }

    /// The points of these rows, each once, and which of them is the one of each row. A row has a choice of each parameter.
    pub(super) fn read_rows(mut self, rows: &[Vec<Choice>]) -> OrNoted<(Vec<Point>, Vec<usize>)> {
        let mut points: Vec<Point> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut point_of_row = Vec::with_capacity(rows.len());
        for row in rows {
            let choices: Vec<&Choice> = row.iter().collect();
            let apart = self.apart();
            let Combination::Point(scenario) = self.combination(&apart, &choices) else {
                self.reading(self.context, &choices);
                if self.context.mistakes() > MOST_MISTAKES {
                    break;
                }
                continue;
            };
            let next = points.len();
            let number = *known.entry(scenario.digest()).or_insert(next);
            if number == next {
                points.push(Point { label: label_of_row(row, number), ..named_point(&choices, *scenario) });
            }
            point_of_row.push(number);
        }
        self.context.no_mistake().map(|()| (points, point_of_row))
    }

    /// A context with the texts of the study and nothing else.
    fn apart(&self) -> Context<'p> {
        let context = Context::new(self.document.files);
        // What is wrong with the documents is noted in the context of the study, too.
        _ = self.document.open(&context);
        context
    }

    fn combination(&mut self, apart: &Context<'_>, choices: &[&Choice]) -> Combination {
        let Reading { said, resolved } = self.reading(apart, choices);
        let is_valid = apart.mistakes() == 0;
        let mut untold = None;
        for (constraint, excluded) in self.constraints.iter().zip(&mut self.excluded) {
            match constraint.holds(&resolved) {
                Ok(true) => {}
                Ok(false) => {
                    *excluded += 1;
                    return Combination::Excluded;
                }
                Err(why) => untold = untold.or(Some((constraint, why))),
            }
        }
        match (said, untold) {
            (Ok(said), None) if is_valid => {
                self.latest = shared(resolved, &self.latest);
                let (studies, marked) = (study_tables(self.root), Arc::clone(&self.marked));
                let scenario = Scenario::new(said, self.latest.clone(), self.document.file, studies, marked);
                Combination::Point(Box::new(scenario))
            }
            (Ok(_), Some((constraint, why))) if is_valid => {
                constraint.refuse(self.context, why);
                Combination::Excluded
            }
            // What is missing for the constraint may be what is wrong.
            _ => Combination::Wrong,
        }
    }

    fn reading(&self, context: &Context<'_>, choices: &[&Choice]) -> Reading {
        let mut root = self.root.clone();
        for setting in choices.iter().flat_map(|choice| &choice.set) {
            overrides::set(&mut root, setting, context);
        }
        reading::read(context, &root)
    }

    /// Notes the `mistakes` of a point.
    fn note_mistakes(&self, axes: &[StudyAxis], choices: &[&Choice], mistakes: &[Mistake]) {
        for problem in mistakes.iter().map(|mistake| &mistake.problem) {
            self.note_fraction_of_a_range(axes, choices, problem);
        }
        self.reading(self.context, choices);
    }

    /// Notes a mistake with its remedy if it is that a range gives fractions of what is counted. The reader of counts will
    /// find the same mistake without knowing of ranges; the first that is noted stays.
    fn note_fraction_of_a_range(&self, axes: &[StudyAxis], choices: &[&Choice], problem: &Problem) {
        let Problem::WrongKind { path, expected, found } = problem else { return };
        let is_it = |axis: &StudyAxis| axis.is_range && axis.parameters == [path.as_str()];
        let varied = axes.iter().zip(choices).find(|(axis, _)| is_it(axis));
        if let (Some((_, choice)), "a whole number", "a number with a point") =
            (varied, expected.as_str(), found.as_str())
        {
            let help = "write `from` and `to` without fractions, such as from = 1, to = 10: what lies between whole \
                        numbers is rounded to whole numbers";
            let labels = vec![(choice.spot(), format!("its range gives {}", choice.settings[0]))];
            self.context.report(problem.clone(), labels, help);
        }
    }

    /// Notes that two values of an axis mean the same, such as `60s` and `1min`.
    fn note_repetition(&mut self, axes: &[StudyAxis], choices: &[&'p Choice], scenario: &Scenario) {
        let Some(first) = self.seen.insert(meaning::digest(scenario), choices.to_vec()) else { return };
        let pairs = axes.iter().zip(first.into_iter().zip(choices));
        let mut different = pairs.filter(|(_, (first, again))| !ptr::eq(*first, **again));
        let (Some((varied, (first, again))), None) = (different.next(), different.next()) else { return };
        // Variants that are the same are strange, but have names that tell them apart.
        if varied.parameters != ["variant"] {
            let what = format!("an axis has the same value twice, as {} and as {}", first.label, again.label);
            let labels = vec![(again.spot(), "again".to_owned()), (first.spot(), "the first one".to_owned())];
            self.context.report(Problem::Contradiction { what }, labels, "both mean the same: remove one of the two");
        }
    }

    fn note_emptiness(&self) {
        let excluding = self.constraints.iter().zip(&self.excluded).filter(|(_, excluded)| **excluded > 0);
        let shares: Vec<String> =
            excluding.map(|(constraint, excluded)| format!("`{}` excludes {excluded}", constraint.text)).collect();
        let help = format!("loosen a constraint or add values; of the combinations, {}", shares.join(", then "));
        let what = "no combination of values satisfies all constraints".to_owned();
        self.context.report_at("constraint", Problem::Contradiction { what }, "leaves nothing", help);
    }
}

/// `values`, where each that equals the one at the same place of `others` shares its memory.
fn shared(values: Vec<ResolvedValue>, others: &[Arc<ResolvedValue>]) -> Vec<Arc<ResolvedValue>> {
    let mut others = others.iter();
    let same =
        |value: &ResolvedValue, other: Option<&Arc<ResolvedValue>>| other.filter(|other| ***other == *value).cloned();
    values.into_iter().map(|value| same(&value, others.next()).unwrap_or_else(|| Arc::new(value))).collect()
}

/// Every way to take one choice of each axis; the last axis changes fastest.
fn combinations(axes: &[StudyAxis]) -> impl Iterator<Item = Vec<&Choice>> {
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

fn named_point(choices: &[&Choice], scenario: Scenario) -> Point {
    let parts: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
    let settings = choices.iter().flat_map(|choice| choice.settings.clone()).collect();
    let numbers = choices.iter().flat_map(|choice| choice.numbers.clone()).collect();
    let durations = choices.iter().flat_map(|choice| choice.durations.clone()).collect();
    let about = choices.iter().find_map(|choice| choice.about.clone());
    Point { label: parts.join(", "), about, settings, numbers, durations, scenario }
}

/// What tells the point of a row from the others: what is not as assumed, or of very much its number.
fn label_of_row(row: &[Choice], number: usize) -> String {
    let changed: Vec<&str> =
        row.iter().filter(|choice| !choice.set.is_empty()).map(|choice| choice.label.as_str()).collect();
    match changed.as_slice() {
        [] => "as assumed".to_owned(),
        [only] => (*only).to_owned(),
        _ => format!("world {number}"),
    }
}
