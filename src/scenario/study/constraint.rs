//! What a combination of values must satisfy: `group.hub.count * 5 <= group.client.count`.

use std::fmt;
use std::iter::Peekable;
use std::str::CharIndices;

use crate::scenario::context::{Context, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::item::Item;
use crate::scenario::renamed::renamed;
use crate::scenario::resolved::ResolvedValue;
use crate::scenario::source::Spot;
use crate::scenario::suggest;
use crate::scenario::units::{self, Unfit};

/// A comparison of two sums.
pub(super) struct Constraint {
    left: Sum,
    relation: Relation,
    right: Sum,
    /// As it is written.
    pub(super) text: String,
    spot: Option<Spot>,
}

#[derive(Clone, Copy)]
enum Relation {
    Less,
    AtMost,
    Equal,
    Different,
    AtLeast,
    More,
}

enum Sum {
    Number(f64),
    Text(String),
    /// Dotted path of a resolved value.
    Path(String),
    /// Terms from left to right, with the operator before each but the first. Only parentheses nest, however many terms there are.
    Chain(Box<Sum>, Vec<(char, Sum)>),
}

/// The value of a sum for one scenario.
#[derive(PartialEq)]
enum Operand {
    Number(f64),
    Text(String),
}

impl Constraint {
    /// Reads the text.
    pub(super) fn read(item: &Item<'_>) -> OrNoted<Self> {
        let text = item.text()?.value;
        let mut parser = Parser { rest: text.char_indices().peekable(), text: &text, depth: 0, terms: 0 };
        let read = parser.comparison();
        match read {
            Ok((left, relation, right)) => Ok(Self { left, relation, right, text, spot: item.spot() }),
            Err(BadConstraint::NotUnderstood(reason)) => {
                let help = format!(
                    "{reason}; write, for example, \"group.hub.count * 5 <= group.client.count\" (a minus has spaces \
                     around it, as names may have hyphens)"
                );
                Err(item.not_understood(&text, "a comparison", help))
            }
            Err(BadConstraint::TooMuch { what, help }) => Err(item.report(
                Problem::Contradiction { what: format!("`{}` has {what}", item.path) },
                "too many",
                help,
            )),
        }
    }

    /// Whether a point with these values satisfies it, or why that cannot be told.
    pub(super) fn holds(&self, resolved: &[ResolvedValue]) -> Result<bool, String> {
        match (self.left.of(resolved)?, self.right.of(resolved)?) {
            (Operand::Number(left), Operand::Number(right)) => Ok(match self.relation {
                Relation::Less => left < right,
                Relation::AtMost => left <= right,
                Relation::Equal => (left - right).abs() <= f64::EPSILON * left.abs().max(right.abs()),
                Relation::Different => (left - right).abs() > f64::EPSILON * left.abs().max(right.abs()),
                Relation::AtLeast => left >= right,
                Relation::More => left > right,
            }),
            (Operand::Text(left), Operand::Text(right))
                if matches!(self.relation, Relation::Equal | Relation::Different) =>
            {
                Ok((left == right) == matches!(self.relation, Relation::Equal))
            }
            // A text such as "unlimited" is no number, so that it equals none.
            _ if matches!(self.relation, Relation::Equal) => Ok(false),
            _ if matches!(self.relation, Relation::Different) => Ok(true),
            (Operand::Text(text), _) | (_, Operand::Text(text)) => Err(format!(
                "`{text}` is a text, which is neither more nor less than anything; compare it by = or !=, or exclude it in a \
                 constraint before this one"
            )),
        }
    }

    /// Notes that nobody can tell whether a point satisfies it, and `why`.
    pub(super) fn refuse(&self, context: &Context<'_>, why: String) {
        let problem = Problem::Contradiction { what: "a constraint cannot be told for this scenario".to_owned() };
        context.report(problem, vec![(self.spot.clone(), "this one".to_owned())], why);
    }
}

impl Sum {
    /// Whether it names a value of the scenario, and so may differ from point to point.
    fn varies(&self) -> bool {
        match self {
            Self::Number(_) | Self::Text(_) => false,
            Self::Path(_) => true,
            Self::Chain(first, rest) => first.varies() || rest.iter().any(|(_, term)| term.varies()),
        }
    }

    fn of(&self, resolved: &[ResolvedValue]) -> Result<Operand, String> {
        match self {
            Self::Number(number) => Ok(Operand::Number(*number)),
            Self::Text(text) => Ok(quantity(text)),
            Self::Path(path) => {
                let found = resolved.iter().find(|value| is_path_of(path, value));
                found.map(|found| quantity(found.value.trim_matches('"'))).ok_or_else(|| unknown(path, resolved))
            }
            Self::Chain(first, rest) => {
                let first = first.of(resolved)?;
                rest.iter().try_fold(first, |left, (operator, term)| {
                    let right = term.of(resolved)?;
                    Operand::joined(left, *operator, right, term)
                })
            }
        }
    }
}

impl Operand {
    /// `left operator right`, where `right` is the outcome of `term`.
    fn joined(left: Self, operator: char, right: Self, term: &Sum) -> Result<Self, String> {
        match (left, right) {
            (Self::Number(_), Self::Number(0.0)) if operator == '/' && !term.varies() => {
                Err(format!("`{term}` is 0, and nothing can be divided by it"))
            }
            (Self::Number(_), Self::Number(0.0)) if operator == '/' => Err(format!(
                "`{term}` is 0 at some point, and nothing can be divided by it; multiply the other side instead, or \
                 exclude it: require = \"{term} > 0\""
            )),
            (Self::Number(left), Self::Number(right)) => Ok(Self::Number(match operator {
                '+' => left + right,
                '-' => left - right,
                '*' => left * right,
                _ => left / right,
            })),
            _ => Err(format!("`{operator}` needs numbers on both sides")),
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Path(path) => f.write_str(path),
            Self::Chain(first, rest) => {
                write!(f, "({first}")?;
                rest.iter().try_for_each(|(operator, term)| write!(f, " {operator} {term}"))?;
                f.write_str(")")
            }
        }
    }
}

/// Whether `path` is that of `value`, without making a text of the latter: every point asks for all of its values.
fn is_path_of(path: &str, value: &ResolvedValue) -> bool {
    let key = path.strip_prefix(value.table.as_str()).and_then(|rest| rest.strip_prefix('.'));
    key == Some(value.key.as_str())
}

fn unknown(path: &str, resolved: &[ResolvedValue]) -> String {
    let paths: Vec<String> = resolved.iter().map(ResolvedValue::path).collect();
    let names = || paths.iter().map(String::as_str);
    let meant = if let Some(present) = renamed(path, names()) {
        suggest::now_called(path, present)
    } else if let Some(nearest) = suggest::nearest(path, names()) {
        format!("did you mean `{nearest}`?")
    } else {
        "`gtnet-sim check` lists all values".to_owned()
    };
    format!("the scenario has no value `{path}`; {meant}")
}

/// A number, a duration in seconds, or else a text.
fn quantity(text: &str) -> Operand {
    if let Ok(number) = text.parse::<f64>() {
        return Operand::Number(number);
    }
    match units::quantity(text, units::TIME) {
        Ok(nanos) => Operand::Number(nanos as f64 / 1e9),
        Err(_) => Operand::Text(text.to_owned()),
    }
}

/// How deep parentheses may be nested: reading, evaluating and printing a constraint recurse as deep.
const DEEPEST: u32 = 50;

/// How many numbers, texts and paths a constraint may have: every point of a study evaluates all of them.
const MOST_TERMS: u32 = 1_000;

/// Why a text is no constraint.
enum BadConstraint {
    /// It is something else, for this reason.
    NotUnderstood(String),
    /// It has more of something than any constraint may have.
    TooMuch { what: String, help: &'static str },
}

impl From<String> for BadConstraint {
    fn from(reason: String) -> Self {
        Self::NotUnderstood(reason)
    }
}

impl From<&str> for BadConstraint {
    fn from(reason: &str) -> Self {
        Self::NotUnderstood(reason.to_owned())
    }
}

struct Parser<'t> {
    rest: Peekable<CharIndices<'t>>,
    text: &'t str,
    /// Parentheses that are open.
    depth: u32,
    /// Numbers, texts and paths so far.
    terms: u32,
}

impl Parser<'_> {
    fn comparison(&mut self) -> Result<(Sum, Relation, Sum), BadConstraint> {
        let left = self.sum()?;
        let relation = self.relation()?;
        let right = self.sum()?;
        match self.next() {
            None => Ok((left, relation, right)),
            Some((at, _)) => Err(format!("`{}` cannot stand there", &self.text[at..]).into()),
        }
    }

    fn relation(&mut self) -> Result<Relation, BadConstraint> {
        let (_, first) = self.next().ok_or("a comparison such as <= is missing")?;
        let equal = self.rest.next_if(|(_, c)| *c == '=').is_some();
        match (first, equal) {
            ('<', false) => Ok(Relation::Less),
            ('<', true) => Ok(Relation::AtMost),
            ('>', false) => Ok(Relation::More),
            ('>', true) => Ok(Relation::AtLeast),
            ('=', _) => Ok(Relation::Equal),
            ('!', true) => Ok(Relation::Different),
            _ => Err(format!("`{first}` is no comparison").into()),
        }
    }

    fn sum(&mut self) -> Result<Sum, BadConstraint> {
        self.chain(&['+', '-'], Self::product)
    }

    fn product(&mut self) -> Result<Sum, BadConstraint> {
        self.chain(&['*', '/'], Self::factor)
    }

    fn chain(
        &mut self,
        operators: &[char],
        part: impl Fn(&mut Self) -> Result<Sum, BadConstraint>,
    ) -> Result<Sum, BadConstraint> {
        let first = part(self)?;
        let mut rest = Vec::new();
        loop {
            self.skip_spaces();
            let Some((_, operator)) = self.rest.next_if(|(_, c)| operators.contains(c)) else { break };
            rest.push((operator, part(self)?));
        }
        Ok(if rest.is_empty() { first } else { Sum::Chain(Box::new(first), rest) })
    }

    fn factor(&mut self) -> Result<Sum, BadConstraint> {
        let (at, first) = self.next().ok_or("something is missing at the end")?;
        if first == '(' {
            self.depth += 1;
            if self.depth > DEEPEST {
                let what = format!("more than {DEEPEST} parentheses in each other");
                return Err(BadConstraint::TooMuch { what, help: "multiply out" });
            }
            let inner = self.sum()?;
            self.next().filter(|(_, c)| *c == ')').ok_or("a `)` is missing")?;
            self.depth -= 1;
            return Ok(inner);
        }
        self.terms += 1;
        if self.terms > MOST_TERMS {
            let what = format!("more than {MOST_TERMS} numbers, texts and paths");
            let help = "add up numbers, or write several constraints, all of which must be satisfied";
            return Err(BadConstraint::TooMuch { what, help });
        }
        match first {
            quote @ ('"' | '\'') => {
                let text = self.take_while(|c| c != quote);
                self.next().ok_or("a closing quote is missing")?;
                Ok(Sum::Text(text))
            }
            c if c.is_ascii_digit() => self.number(c),
            c if c.is_ascii_alphabetic() => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
                Ok(Sum::Path(format!("{c}{}", self.take_while(is_name))))
            }
            _ => Err(format!("`{}` is not understood", &self.text[at..]).into()),
        }
    }

    /// A number, or a duration such as `30s`, `1h30min` or `1d 12h`, which is a number of seconds.
    fn number(&mut self, first: char) -> Result<Sum, BadConstraint> {
        let mut text = first.to_string();
        loop {
            text += &self.take_while(|c| c.is_ascii_alphanumeric() || c == '.');
            self.skip_spaces();
            // Nothing but its unit or another part of a duration may follow a number without an operator between them.
            if self.rest.peek().is_none_or(|(_, c)| !c.is_ascii_alphanumeric()) {
                break;
            }
            text.push(' ');
        }
        match (quantity(&text), units::quantity(&text, units::TIME)) {
            (Operand::Number(number), _) => Ok(Sum::Number(number)),
            (_, Err(Unfit::UnknownUnit { unit, .. })) => {
                let units: Vec<&str> = units::TIME.iter().map(|(name, _)| *name).collect();
                Err(format!("`{text}` has the unknown unit `{unit}`; units are {}", suggest::list(&units)).into())
            }
            _ => Err(format!("`{text}` is neither a number nor a duration such as 30s or 1h30min").into()),
        }
    }

    fn next(&mut self) -> Option<(usize, char)> {
        self.skip_spaces();
        self.rest.next()
    }

    fn skip_spaces(&mut self) {
        while self.rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some((_, c)) = self.rest.next_if(|(_, c)| belongs(*c)) {
            taken.push(c);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::folder::NoFiles;
    use crate::scenario::item::quoted;
    use crate::scenario::source::{Origin, ValueSource};
    use crate::scenario::tree::Node;

    use super::*;

    /// The constraint, or what is wrong with it.
    fn read(text: &str) -> Result<Constraint, String> {
        let context = Context::new(&NoFiles);
        let node = Node::given(&quoted(text), &Origin { source: ValueSource::Default, spot: None });
        let read = Constraint::read(&Item::new(&context, "constraint.0.require", &node));
        context.finish(read).map_err(|found| found.mistakes[0].problem.to_string())
    }

    #[test]
    fn texts_stand_in_either_kind_of_quotes() {
        for text in ["'open' = \"open\"", "\"it's\" = \"it's\"", "'open' != 'closed'"] {
            let constraint = read(text).unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(constraint.holds(&[]), Ok(true), "{text}");
        }
        assert!(read("'open\" = 'open'").is_err());
    }

    #[test]
    fn what_is_too_long_is_called_too_long() {
        let long = format!("1{} > 0", " + 1".repeat(1_000));
        let deep = format!("{}1{} > 0", "(".repeat(51), ")".repeat(51));
        let problem = |text: &str| read(text).err().expect("too much");
        assert_eq!(problem(&long), "`constraint.0.require` has more than 1000 numbers, texts and paths");
        assert_eq!(problem(&deep), "`constraint.0.require` has more than 50 parentheses in each other");
    }
}
