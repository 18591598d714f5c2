//! `[[variant]]`, `[[sweep]]` and `[[constraint]]`, and what the command line adds to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::item::Item;
use crate::scenario::overrides::{CommandLine, Setting, WrittenPath};
use crate::scenario::section::Section;
use crate::scenario::sections::general::line_of_text;
use crate::scenario::source::Spot;
use crate::scenario::suggest;
use crate::scenario::tree::Node;

use super::axis::{Choice, StudyAxis, forbid};
use super::constraint::Constraint;

/// More scenarios than this are a mistake in the axes, or beyond what anybody can wait for.
const MOST_POINTS: u64 = 100_000;

/// What a variant is stands in brackets within a sentence.
const LONGEST_ABOUT: usize = 90;

/// What a study varies.
pub(super) struct Design {
    variants: Option<StudyAxis>,
    axes: Vec<StudyAxis>,
    pub(super) constraints: Vec<Constraint>,
    /// Where the command line gives an axis of the file one value.
    settled: Option<WrittenPath>,
}

impl Design {
    /// Reads the tables and notes what is wrong with them.
    pub(super) fn read(context: &Context<'_>, root: &Node) -> Self {
        let variants: Vec<Choice> =
            tables(context, root, "variant").filter_map(|(path, node)| variant(context, &path, node).ok()).collect();
        let mut labels = BTreeSet::new();
        for (at, choice) in variants.iter().enumerate() {
            if !labels.insert(choice.label.as_str()) {
                let problem = Problem::Contradiction { what: format!("two variants are called `{}`", choice.label) };
                let help = "give one of them another name: results and tables tell them apart by it";
                context.report_at(&format!("variant.{at}"), problem, "the second one", help);
            }
        }
        let axes = tables(context, root, "sweep")
            .filter_map(|(path, node)| StudyAxis::read(context, &path, node).ok())
            .collect();
        let constraints = tables(context, root, "constraint")
            .filter_map(|(path, node)| {
                let mut section = Section::open(context, path.clone(), Some(node));
                let require = section.node("require");
                if require.is_none() {
                    section.lacks("require", "\"group.hub.count <= group.client.count\"");
                }
                section.close();
                Constraint::read(&Item::new(context, format!("{path}.require"), require?)).ok()
            })
            .collect();
        let parameters = vec!["variant".to_owned()];
        let variants = (!variants.is_empty()).then_some(StudyAxis { parameters, choices: variants, is_range: false });
        Self { variants, axes, constraints, settled: None }
    }

    /// Adds what the command line says. Several values of a parameter replace the axis of the file that varies it alone;
    /// a single value removes that axis.
    pub(super) fn with(mut self, context: &Context<'_>, line: CommandLine) -> Self {
        // Only axes of the file can be replaced: the command line has each parameter once.
        let axes_of_file: BTreeMap<Vec<String>, usize> =
            self.axes.iter().enumerate().rev().map(|(at, axis)| (axis.parameters.clone(), at)).collect();
        for axis in line.axes {
            let parameter = axis.parameter.clone();
            if let Some(lockstep) = self.lockstep_of(&parameter.path) {
                let help = "change the rows of that axis in the file; what changes together cannot be varied alone";
                refuse_part(context, lockstep, &parameter, help);
                continue;
            }
            let Ok(new) = StudyAxis::of_command_line(context, axis) else { continue };
            match axes_of_file.get(&new.parameters) {
                Some(known) => self.axes[*known] = new,
                None => self.axes.push(new),
            }
        }
        self.note_hidden(context, &line.singles);
        for single in line.singles {
            self.settle(context, single);
        }
        self
    }

    /// Notes that a variant sets what the command line sets for all of them.
    fn note_hidden(&self, context: &Context<'_>, singles: &[WrittenPath]) {
        let mut set_by_variants = Paths::default();
        for variant in self.variants.iter().flat_map(|axis| &axis.choices) {
            for set in &variant.set {
                set_by_variants.add(&set.path, (variant, set));
            }
        }
        for single in singles {
            let Some((variant, set)) = set_by_variants.overlapping(&single.path) else { continue };
            let what = format!("`{}` would have no effect on the variant `{}`", single.path, variant.label);
            let help = "change it in the file, where the variants are";
            let label = |spot: &Option<Spot>, words: &str| (spot.clone(), words.to_owned());
            let labels = vec![label(&single.spot, "set here"), label(&set.path_spot, "and here by the variant")];
            context.report(Problem::Contradiction { what }, labels, help);
        }
    }

    /// Takes one value of the command line into account, which is in the tree already.
    fn settle(&mut self, context: &Context<'_>, single: WrittenPath) {
        if let Some(lockstep) = self.lockstep_of(&single.path) {
            let help = "change the rows of that axis in the file, or vary its parameters in axes of their own";
            refuse_part(context, lockstep, &single, help);
            return;
        }
        let around = self.axes.iter().flat_map(StudyAxis::sets).find(|set| is_below(&single.path, &set.path));
        if let Some(around) = around {
            let what = format!("`{}` has no effect, as an axis varies `{}` as a whole", single.path, around.path);
            let help = "set it within each value of that axis";
            context.report(Problem::Contradiction { what }, vec![(single.spot, "set here".to_owned())], help);
            return;
        }
        let axes = self.axes.len();
        self.axes.retain(|axis| axis.parameters != [single.path.as_str()]);
        if self.axes.len() < axes {
            self.settled = Some(single);
        }
    }

    /// The axis of several parameters of which `path` is one.
    fn lockstep_of(&self, path: &str) -> Option<&StudyAxis> {
        let several = self.axes.iter().filter(|axis| axis.parameters.len() > 1);
        several.into_iter().find(|axis| axis.parameters.iter().any(|parameter| parameter == path))
    }

    /// Notes parameters that are set twice, or as a part of another: the last one to be set would win, silently.
    pub(super) fn check(&self, context: &Context<'_>) {
        let mut of_axes: Paths<(usize, &Setting)> = Paths::default();
        for (axis, of) in self.axes.iter().enumerate() {
            for set in of.sets() {
                if let Some((other, first)) = of_axes.overlapping(&set.path) {
                    let (who, again, help) = if axis == *other {
                        ("an axis varies", " twice", "remove one of the two")
                    } else {
                        ("two axes vary", "", "join their values in one axis")
                    };
                    refuse_overlap(context, &format!("{who} `{{}}`{again}"), [first, set], help);
                }
                of_axes.add(&set.path, (axis, set));
            }
        }
        for variant in self.variants.iter().flat_map(|axis| &axis.choices) {
            let mut of_variant: Paths<&Setting> = Paths::default();
            for set in &variant.set {
                if let Some(first) = of_variant.overlapping(&set.path) {
                    let what = format!("the variant `{}` sets `{{}}` twice", variant.label);
                    refuse_overlap(context, &what, [first, set], "remove one of the two");
                }
                of_variant.add(&set.path, set);
                if let Some((_, axis)) = of_axes.overlapping(&set.path) {
                    let what = format!("the variant `{}` and an axis both set `{{}}`", variant.label);
                    refuse_overlap(context, &what, [set, axis], "take it out of one of the two");
                }
            }
        }
    }

    /// The variants as the only axis.
    pub(super) fn variants_alone(&self, context: &Context<'_>) -> OrNoted<Vec<StudyAxis>> {
        let variants = self.variants.iter().filter(|axis| axis.choices.len() > 1).cloned().collect::<Vec<_>>();
        if variants.is_empty() {
            let help = "name a second scenario file, or add, for example:\n[[variant]]\nname = \"as-it-is\"\n\n\
                        [[variant]]\nname = \"two-hubs\"\nset = { \"group.hub.count\" = 2 }";
            let problem = Problem::Contradiction { what: "there is nothing to compare".to_owned() };
            return Err(context.report_at("scenario", problem, "this scenario has less than two variants", help));
        }
        Ok(variants)
    }

    /// Variants and axes.
    pub(super) fn grid(&self, context: &Context<'_>) -> OrNoted<Vec<StudyAxis>> {
        let axes: Vec<StudyAxis> = self.variants.iter().chain(&self.axes).cloned().collect();
        if let (true, Some(settled)) = (axes.is_empty(), &self.settled) {
            let what = format!("nothing is left to sweep: `{}`, the only axis, has one value", settled.path);
            let help = "give it several values with commas between them, or use `gtnet-sim run`";
            let labels = vec![(settled.spot.clone(), "set here".to_owned())];
            return Err(context.report(Problem::Contradiction { what }, labels, help));
        }
        if axes.is_empty() {
            let help = "give --set path=v1,v2,v3 or add, for example:\n[[sweep]]\n\
                        parameter = \"group.client.count\"\nvalues = [5, 10, 20, 40]";
            let problem = Problem::Contradiction { what: "there is nothing to sweep".to_owned() };
            return Err(context.report_at("scenario", problem, "this scenario has no [[sweep]]", help));
        }
        let lengths: Vec<u64> = axes.iter().map(|axis| axis.choices.len() as u64).collect();
        let count = lengths.iter().try_fold(1_u64, |product, length| product.checked_mul(*length));
        if count.is_none_or(|count| count > MOST_POINTS) {
            let product: Vec<String> = lengths.iter().map(u64::to_string).collect();
            let what = format!("the axes have {} combinations, more than {MOST_POINTS}", product.join(" × "));
            return Err(context.report_at("sweep", Problem::Contradiction { what }, "too many", "take fewer values"));
        }
        Ok(axes)
    }
}

/// The elements of the list of tables `name`, with their paths.
pub(super) fn tables<'n>(
    context: &Context<'_>,
    root: &'n Node,
    name: &'static str,
) -> impl Iterator<Item = (String, &'n Node)> {
    let node = root.table().and_then(|table| table.get(name));
    context.remember_spot(name, node.and_then(|node| node.origin.spot.as_ref()));
    let list = node.and_then(Node::list);
    if let (Some(node), None) = (node, list) {
        Item::new(context, name.to_owned(), node)
            .wrong_kind("a list of tables", format!("write [[{name}]], with two brackets"));
    }
    list.unwrap_or_default().iter().enumerate().map(move |(at, node)| (format!("{name}.{at}"), node))
}

fn variant(context: &Context<'_>, path: &str, node: &Node) -> OrNoted<Choice> {
    let mut section = Section::open(context, path, Some(node));
    let [name, about, set] = ["name", "about", "set"].map(|key| section.node(key));
    let name = name.ok_or_else(|| section.lacks("name", "\"two-hubs\""));
    section.close();
    let item_of_name = Item::new(context, format!("{path}.name"), name?);
    let name = item_of_name.text()?.value;
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    if name.len() > 60 || !name.chars().all(allowed) {
        let problem = Problem::BadName { name, reason: "cannot be the name of a variant".to_owned() };
        let help = "use letters, digits, hyphens, underscores and dots, at most 60";
        return Err(item_of_name.report(problem, "named here", help));
    }
    let about = about.map(|node| about_variant(&Item::new(context, format!("{path}.about"), node))).transpose()?;
    let mut settings = Vec::new();
    if let Some(set) = set {
        let Some(table) = set.table() else {
            let example = "write set = { \"group.hub.count\" = 3 }";
            return Err(Item::new(context, format!("{path}.set"), set).wrong_kind("a table", example));
        };
        for entry in table.entries() {
            let WrittenPath { path, spot } = WrittenPath::new(&entry.key, entry.key_origin.spot.clone());
            forbid(context, &path, spot.as_ref());
            settings.push(Setting { path, path_spot: spot, node: entry.node.clone() });
        }
    }
    let (numbers, durations) = (vec![None], vec![None]);
    Ok(Choice { label: name.clone(), about, settings: vec![name], numbers, durations, set: settings })
}

/// What a variant is, short enough to stand within a sentence.
fn about_variant(item: &Item<'_>) -> OrNoted<String> {
    let about = line_of_text(item)?.value;
    let length = about.chars().count();
    if length > LONGEST_ABOUT {
        let help = "say in a few words what the variant is; a comment in the file has room for more";
        let allowed = format!("at most {LONGEST_ABOUT}");
        return Err(item.out_of_range(format!("{length} letters long"), &allowed, help));
    }
    Ok(about)
}

/// Whether `path` leads to a part of `whole`.
fn is_below(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'))
}

/// Values by dotted path. A path finds the value of every path that overlaps with it: setting one of the two sets at least a
/// part of the other.
struct Paths<T>(BTreeMap<String, T>);

impl<T> Default for Paths<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Paths<T> {
    /// Adds `value`, unless something is known of `path` already.
    fn add(&mut self, path: &str, value: T) {
        self.0.entry(path.to_owned()).or_insert(value);
    }

    /// What is known of `path`, of a path that leads to it, or of one below it.
    fn overlapping(&self, path: &str) -> Option<&T> {
        let mut around = path.match_indices('.').map(|(at, _)| &path[..at]).chain([path]);
        let below = || {
            let first = format!("{path}.");
            self.0.range(first.clone()..).next().filter(|(known, _)| known.starts_with(&first)).map(|(_, value)| value)
        };
        around.find_map(|path| self.0.get(path)).or_else(below)
    }
}

/// Notes that two settings overlap. `what` is the message for two settings of one path, with `{}` in place of the path.
fn refuse_overlap(context: &Context<'_>, what: &str, [first, second]: [&Setting; 2], help: &str) {
    let (what, help) = if first.path == second.path {
        (what.replace("{}", &first.path), help.to_owned())
    } else {
        let below = is_below(&first.path, &second.path);
        let (part, whole) = if below { (first, second) } else { (second, first) };
        (
            format!("`{}` is varied as a whole, and by `{}` in part", whole.path, part.path),
            format!("vary parts of `{}` one by one, or all of it in one place", whole.path),
        )
    };
    let label = |set: &Setting, words: &str| (set.path_spot.clone(), words.to_owned());
    let labels = vec![label(second, "the second one"), label(first, "the first one")];
    context.report(Problem::Contradiction { what }, labels, help);
}

/// Notes that the command line takes one parameter out of an axis of several.
fn refuse_part(context: &Context<'_>, lockstep: &StudyAxis, parameter: &WrittenPath, help: &str) {
    let others: Vec<&String> = lockstep.parameters.iter().filter(|other| **other != parameter.path).collect();
    let what = format!("in the file, `{}` changes together with {}", parameter.path, suggest::list(&others));
    let labels = vec![(parameter.spot.clone(), "set here".to_owned())];
    context.report(Problem::Contradiction { what }, labels, help);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_by_what_leads_to_them_and_by_what_lies_below() {
        let mut paths = Paths::default();
        for path in ["group.hub.count", "group.hub-2", "run.duration"] {
            paths.add(path, path);
        }
        assert_eq!(paths.overlapping("group.hub.count"), Some(&"group.hub.count"));
        assert_eq!(paths.overlapping("group.hub.count.deep"), Some(&"group.hub.count"));
        assert_eq!(paths.overlapping("group.hub"), Some(&"group.hub.count"));
        assert_eq!(paths.overlapping("run"), Some(&"run.duration"));
        for other in ["group.hub.coun", "group.hub.counts", "group.hu", "runs", "group.hub-2x"] {
            assert_eq!(paths.overlapping(other), None, "{other}");
        }
    }
}
