//! One uncertain value as a scenario has it: what is assumed, and which values stand for places of its range. Each of them can be set
//! as `--set` would.

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::overrides::{self, Setting, WrittenPath};
use crate::scenario::reading;
use crate::scenario::resolved::ResolvedValue;
use crate::scenario::source::{Origin, ValueSource};
use crate::scenario::tree::{Node, Value};
use crate::scenario::units;

use super::axis::{self, Choice};
use super::uncertain_table::{Spread, UncertainTable};

/// So much of a distribution is left out on each side where a value of it has to be an end.
const TAIL: f64 = 0.05;

/// A value that is assumed may lie as far out in a distribution that it is met once in a thousand times on either side.
const FAR_TAIL: f64 = 0.001;

/// An uncertain value of a scenario.
pub(super) struct UncertainValue {
    table: UncertainTable,
    targets: Vec<ValueTarget>,
    /// What is assumed, as results have it.
    assumed: String,
    assumed_node: Option<Node>,
    kind: ValueKind,
}

/// Where the value is put.
enum ValueTarget {
    /// At a path of its own.
    Whole(WrittenPath),
    /// Into a part of a value that is read as a whole, such as the median of a distribution.
    Part { whole: WrittenPath, value: Node, rest: String },
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueKind {
    Whole,
    Real,
    Time,
    Size,
    /// None of these: it can only be listed.
    Other,
}

/// Which value an uncertain one has at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RangePlace {
    /// The one that is assumed.
    Assumed,
    /// At this part of the range, from 0 to 1; of a distribution all but its tails is the range.
    Level(f64),
    /// What a draw from 0 to 1 gives.
    Draw(f64),
}

impl UncertainValue {
    /// What `table` says of the scenario that says `resolved`; `None` if the command line sets the value, or if a value of another form
    /// stands in its place.
    pub(super) fn fitted(
        context: &Context<'_>,
        table: UncertainTable,
        resolved: &[ResolvedValue],
    ) -> OrNoted<Option<Self>> {
        let mut assumed: Vec<(String, Option<Node>)> = Vec::new();
        let mut targets = Vec::new();
        for parameter in &table.parameters {
            let origin = Origin { source: ValueSource::Default, spot: parameter.spot.clone() };
            let Some(found) = assumed_of(parameter, resolved, &origin) else {
                if is_replaced(parameter, resolved) {
                    return Ok(None);
                }
                let problem =
                    Problem::Contradiction { what: format!("`{}` has no value in this scenario", parameter.path) };
                let help =
                    "is the path right? `gtnet-sim check` lists all values; what is left out there has to be set first";
                return Err(context.report(problem, vec![(parameter.spot.clone(), "named here".to_owned())], help));
            };
            if found.is_set_on_the_command_line {
                return Ok(None);
            }
            assumed.push((found.text, found.node));
            targets.push(found.target);
        }
        let (text, node) = assumed.swap_remove(0);
        if let Some((other, _)) = assumed.iter().find(|(other, _)| *other != text) {
            let what = format!("these parameters have not one value as assumed: one has {text}, another {other}");
            let help =
                "parameters of one [[uncertain]] always have the same value; give each an [[uncertain]] of its own";
            let spot = table.parameters[0].spot.clone();
            return Err(context.report(
                Problem::Contradiction { what },
                vec![(spot, "the first one".to_owned())],
                help,
            ));
        }
        let kind = node.as_ref().map_or(ValueKind::Other, ValueKind::of);
        let value = Self { table, targets, assumed: text, assumed_node: node, kind };
        value.note_order(context)?;
        Ok(Some(value))
    }

    /// Its path; of several, one with a star in the place of what differs.
    pub(super) fn name(&self) -> String {
        let paths: Vec<Vec<&str>> =
            self.table.parameters.iter().map(|parameter| parameter.path.split('.').collect()).collect();
        let first = &paths[0];
        if paths.iter().any(|path| path.len() != first.len()) {
            return self.table.parameters.iter().map(|one| one.path.as_str()).collect::<Vec<_>>().join("+");
        }
        let part = |(at, own): (usize, &&str)| {
            if paths.iter().all(|path| path[at] == *own) { (*own).to_owned() } else { "*".to_owned() }
        };
        first.iter().enumerate().map(part).collect::<Vec<_>>().join(".")
    }

    /// What is uncertain, in a few words, if the scenario says so.
    pub(super) fn about(&self) -> Option<&str> {
        self.table.about.as_deref()
    }

    /// Where the range comes from.
    pub(super) fn source(&self) -> &str {
        &self.table.source
    }

    /// What is assumed, as results have it.
    pub(super) fn assumed(&self) -> &str {
        &self.assumed
    }

    /// The places that are tried one after the other: both ends, or all that the value may be.
    pub(super) fn tried(&self) -> Vec<RangePlace> {
        match &self.table.spread {
            Spread::OneOf(values) => {
                let count = values.len() as f64;
                (0..values.len()).map(|at| RangePlace::Level((at as f64 + 0.5) / count)).collect()
            }
            Spread::Between { .. } | Spread::Drawn { .. } => vec![RangePlace::Level(0.0), RangePlace::Level(1.0)],
        }
    }

    /// At which part of its range what is assumed lies, from 0 to 1; of a distribution, what lies in a tail is at its end. `None` of what
    /// is listed.
    pub(super) fn assumed_level(&self) -> Option<f64> {
        let assumed = self.assumed_node.as_ref().and_then(|node| self.kind.number(node))?;
        let level = match &self.table.spread {
            Spread::Between { low, high, is_logarithmic } => {
                let (from, to) = (self.kind.number(low)?, self.kind.number(high)?);
                if *is_logarithmic {
                    libm::log(assumed / from) / libm::log(to / from)
                } else {
                    (assumed - from) / (to - from)
                }
            }
            Spread::Drawn { distribution, .. } => {
                // As many halvings as a number has digits.
                let (mut below, mut above) = (0.0, 1.0);
                for _ in 0..f64::MANTISSA_DIGITS {
                    let level = f64::midpoint(below, above);
                    let value = distribution.quantile(TAIL + level * (1.0 - 2.0 * TAIL)) * self.kind.unit();
                    if value < assumed { below = level } else { above = level }
                }
                f64::midpoint(below, above)
            }
            Spread::OneOf(_) => return None,
        };
        Some(level.clamp(0.0, 1.0))
    }

    /// The value at a place, as one of the choices of a point.
    pub(super) fn choice(&self, context: &Context<'_>, place: RangePlace) -> Choice {
        let node = match place {
            RangePlace::Assumed => None,
            RangePlace::Level(part) => Some(self.at(part, TAIL)),
            RangePlace::Draw(part) => Some(self.at(part, 0.0)),
        };
        let shown = node.as_ref().or(self.assumed_node.as_ref());
        let text = node.as_ref().map_or_else(|| self.assumed.clone(), axis::plain);
        Choice {
            label: format!("{}={text}", self.name()),
            about: None,
            settings: vec![text],
            numbers: vec![shown.and_then(axis::number)],
            durations: vec![shown.and_then(axis::duration)],
            set: node.map_or_else(Vec::new, |node| self.settings(context, &node)),
        }
    }

    /// Whether it is one of several that are listed.
    pub(super) const fn is_listed(&self) -> bool {
        matches!(self.table.spread, Spread::OneOf(_))
    }

    /// Puts the value at a place into `root`.
    pub(super) fn set(&self, context: &Context<'_>, root: &mut Node, place: RangePlace) {
        self.choice(context, place).set.iter().for_each(|setting| overrides::set(root, setting, context));
    }

    /// Whether two scenarios have the same value of it.
    pub(super) fn is_the_same(&self, one: &[ResolvedValue], other: &[ResolvedValue]) -> bool {
        let own = |values: &'_ [ResolvedValue]| -> Vec<(String, String)> {
            let own = values.iter().filter(|value| self.is_about(&value.path()));
            own.map(|value| (value.path(), value.value.clone())).collect()
        };
        own(one) == own(other)
    }

    /// Notes what is wrong with the scenario where this value is at an end of its range, and if what is assumed is none of those
    /// that it may be.
    pub(super) fn check_ends(&self, context: &Context<'_>, root: &Node, resolved: &[ResolvedValue]) {
        let mut is_among = false;
        for place in self.tried() {
            let mut changed = root.clone();
            self.set(context, &mut changed, place);
            is_among |= self.is_the_same(&reading::read(context, &changed).resolved, resolved);
        }
        if self.is_listed() && !is_among && context.mistakes() == 0 {
            let what = format!("`{}` is {} as assumed, which is none of its `values`", self.name(), self.assumed);
            let help = format!("add it to them: values = [{}, …]", self.assumed);
            context.report_at(&self.table.path, Problem::Contradiction { what }, "these values", help);
        }
    }

    /// Whether whoever sets `path` sets it, or a part of it, or that which it is a part of.
    pub(super) fn is_about(&self, path: &str) -> bool {
        let is_within = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}."));
        self.table.parameters.iter().any(|own| is_within(path, &own.path) || is_within(&own.path, path))
    }

    /// Notes ends that are in the wrong order or do not enclose what is assumed.
    fn note_order(&self, context: &Context<'_>) -> OrNoted<()> {
        let report =
            |problem, words: &str, help: String| Err(context.report_at(&self.table.path, problem, words, help));
        let is_listed = self.is_listed();
        let assumed = self.assumed_node.as_ref().and_then(|node| self.kind.number(node));
        let Some(assumed) = assumed.filter(|_| !is_listed) else {
            if is_listed {
                return Ok(());
            }
            let what = format!(
                "`{}` is {} as assumed, which is no number, so that it lies in no range",
                self.name(),
                self.assumed
            );
            let help = "name the number within it, such as `….latency.lognormal.median` or `….instruments.uniform.1`, or list what it \
                        may be: values = [ … ]";
            return report(Problem::Contradiction { what }, "this range", help.to_owned());
        };
        let (low, high) = match &self.table.spread {
            Spread::Between { low, high, is_logarithmic } => {
                // What is no number of this kind is noted where the scenario is read with it.
                let (Some(from), Some(to)) = (self.kind.number(low), self.kind.number(high)) else { return Ok(()) };
                if from >= to || *is_logarithmic && from <= 0.0 {
                    let what = format!("the range of `{}` is empty", self.name());
                    let what = if from < to {
                        format!("a logarithmic range of `{}` begins above 0", self.name())
                    } else {
                        what
                    };
                    let help = "write the smaller value as `low`, and above 0 if the scale is \"log\"".to_owned();
                    return report(Problem::Contradiction { what }, "this range", help);
                }
                (from, to)
            }
            Spread::Drawn { distribution, .. } => {
                let [low, high] = [FAR_TAIL, 1.0 - FAR_TAIL].map(|part| distribution.quantile(part) * self.kind.unit());
                (low, high)
            }
            Spread::OneOf(_) => return Ok(()),
        };
        if (low..=high).contains(&assumed) {
            return Ok(());
        }
        let [low, high] =
            [low, high].map(|end| axis::plain(&self.node(end, &Origin { source: ValueSource::Default, spot: None })));
        let problem = Problem::OutOfRange {
            path: self.name(),
            value: self.assumed.clone(),
            allowed: format!("from {low} to {high}, as its [[uncertain]] says"),
        };
        report(
            problem,
            "this range",
            "widen the range, or change the value: what is assumed has to be possible".to_owned(),
        )
    }

    /// The value at a part of the range, from 0 to 1; of a distribution `tail` is left out on each side.
    fn at(&self, part: f64, tail: f64) -> Node {
        match &self.table.spread {
            // The ends are as they are written.
            Spread::Between { low, .. } if part <= 0.0 => low.clone(),
            Spread::Between { high, .. } if part >= 1.0 => high.clone(),
            Spread::Between { low, high, is_logarithmic } => {
                let (Some(from), Some(to)) = (self.kind.number(low), self.kind.number(high)) else {
                    return low.clone();
                };
                let value = if *is_logarithmic { from * libm::pow(to / from, part) } else { from + part * (to - from) };
                self.node(value, &low.origin)
            }
            Spread::Drawn { distribution, node } => {
                let value = distribution.quantile(tail + part * (1.0 - 2.0 * tail)) * self.kind.unit();
                self.node(value, &node.origin)
            }
            Spread::OneOf(values) => values[index(part, values.len())].clone(),
        }
    }

    /// A number of its kind, with six digits.
    fn node(&self, value: f64, origin: &Origin) -> Node {
        let value: f64 = format!("{value:.5e}").parse().expect("what was formatted reads back");
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and the reader of the value refuses it")]
        let value = match self.kind {
            ValueKind::Whole => Value::Integer(value.round() as i128),
            ValueKind::Time => Value::Text(units::signed_text(value.round() as i64)),
            ValueKind::Size => Value::Text(format!("{}B", value.round() as i64)),
            ValueKind::Real | ValueKind::Other => Value::Real(value),
        };
        Node { value, origin: origin.clone() }
    }

    fn settings(&self, context: &Context<'_>, node: &Node) -> Vec<Setting> {
        let setting = |target: &ValueTarget| match target {
            ValueTarget::Whole(WrittenPath { path, spot }) => {
                Setting { path: path.clone(), path_spot: spot.clone(), node: node.clone() }
            }
            ValueTarget::Part { whole: WrittenPath { path, spot }, value, rest } => {
                let mut value = value.clone();
                let part = Setting { path: rest.clone(), path_spot: spot.clone(), node: node.clone() };
                overrides::set(&mut value, &part, context);
                Setting { path: path.clone(), path_spot: spot.clone(), node: value }
            }
        };
        self.targets.iter().map(setting).collect()
    }
}

impl ValueKind {
    fn of(node: &Node) -> Self {
        match &node.value {
            Value::Integer(_) => Self::Whole,
            Value::Real(_) => Self::Real,
            Value::Text(text) if units::quantity(text, units::TIME).is_ok() => Self::Time,
            Value::Text(text) if units::quantity(text, units::SIZE).is_ok() => Self::Size,
            _ => Self::Other,
        }
    }

    /// The number that a value of this kind is: of times in nanoseconds, of sizes in bytes.
    fn number(self, node: &Node) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a place in a range")]
        match (self, &node.value) {
            (Self::Whole | Self::Real, Value::Integer(number)) => Some(*number as f64),
            (Self::Whole | Self::Real, Value::Real(number)) => Some(*number),
            (Self::Time, Value::Text(text)) => units::quantity(text, units::TIME).ok().map(|nanos| nanos as f64),
            (Self::Size, Value::Text(text)) => units::quantity(text, units::SIZE).ok().map(|bytes| bytes as f64),
            _ => None,
        }
    }

    /// By what a number of a distribution, which is of seconds if it is one of times, becomes one of these.
    const fn unit(self) -> f64 {
        if matches!(self, Self::Time) { 1e9 } else { 1.0 }
    }
}

/// What a scenario assumes of a parameter.
struct AssumedValue {
    text: String,
    /// The value, if it is a single one.
    node: Option<Node>,
    target: ValueTarget,
    is_set_on_the_command_line: bool,
}

/// What `resolved` says of `parameter`: the value at its path, a part of the value around it, or all values below it.
fn assumed_of(parameter: &WrittenPath, resolved: &[ResolvedValue], origin: &Origin) -> Option<AssumedValue> {
    let path = parameter.path.as_str();
    let is_set = |value: &ResolvedValue| value.source == ValueSource::CommandLine;
    let around = resolved.iter().find(|value| path == value.path() || path.starts_with(&format!("{}.", value.path())));
    if let Some(around) = around {
        let value = Node::given(&around.value, origin);
        let rest = path[around.path().len()..].trim_start_matches('.');
        let node = rest.split('.').filter(|key| !key.is_empty()).try_fold(&value, |node, key| match &node.value {
            Value::Table(table) => table.get(key),
            Value::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        })?;
        let node = node.clone();
        let target = if rest.is_empty() {
            ValueTarget::Whole(parameter.clone())
        } else {
            let whole = WrittenPath { path: around.path(), spot: parameter.spot.clone() };
            ValueTarget::Part { whole, rest: rest.to_owned(), value }
        };
        let is_set_on_the_command_line = is_set(around);
        return Some(AssumedValue { text: axis::plain(&node), node: Some(node), target, is_set_on_the_command_line });
    }
    let below: Vec<&ResolvedValue> =
        resolved.iter().filter(|value| value.path().starts_with(&format!("{path}."))).collect();
    let text = below.iter().map(|value| format!("{} = {}", &value.path()[path.len() + 1..], value.value));
    let text = format!("{{ {} }}", text.collect::<Vec<_>>().join(", "));
    (!below.is_empty()).then(|| AssumedValue {
        text,
        node: None,
        target: ValueTarget::Whole(parameter.clone()),
        is_set_on_the_command_line: below.iter().any(|value| is_set(value)),
    })
}

/// Whether a value of another form has been put in the place of the one that `parameter` is a part of: by the command line, or by the
/// scenario itself where the parameter is named in a file below it.
fn is_replaced(parameter: &WrittenPath, resolved: &[ResolvedValue]) -> bool {
    let around = resolved.iter().find(|value| parameter.path.starts_with(&format!("{}.", value.path())));
    around.is_some_and(|value| match value.source {
        ValueSource::CommandLine => true,
        ValueSource::File { .. } => parameter.spot.as_ref().is_some_and(|spot| spot.text > 0),
        _ => false,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is an index")]
fn index(part: f64, length: usize) -> usize {
    ((part * length as f64) as usize).min(length - 1)
}
