//! What a combination of values must satisfy: `group.hub.count * 5 <= group.client.count`.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::scenario::Scenario;
use crate::scenario::context::Context;
use crate::scenario::error::Problem;
use crate::scenario::item::Item;
use crate::scenario::resolved::ResolvedValue;
use crate::scenario::source::Spot;
use crate::scenario::suggest;
use crate::scenario::units;

/// A comparison of two sums.
pub(super) struct Constraint {
    left: Sum,
    relation: Relation,
    right: Sum,
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
    Of(char, Box<Sum>, Box<Sum>),
}

/// What a sum is for one scenario.
#[derive(PartialEq)]
enum Outcome {
    Number(f64),
    Text(String),
}

impl Constraint {
    /// Reads the text; `None` once what is wrong with it is noted.
    pub(super) fn read(item: &Item<'_>) -> Option<Self> {
        let text = item.text()?.value;
        let mut parser = Parser { rest: text.char_indices().peekable(), text: &text };
        let read = parser.comparison();
        match read {
            Ok((left, relation, right)) => Some(Self { left, relation, right, spot: item.spot() }),
            Err(reason) => {
                let problem = Problem::NotUnderstood {
                    path: item.path.clone(),
                    text: text.clone(),
                    expected: "a comparison".to_owned(),
                };
                let help = format!(
                    "{reason}; write, for example, \"group.hub.count * 5 <= group.client.count\" (a minus has spaces \
                     around it, as names may have hyphens)"
                );
                item.report(problem, "not a comparison", help);
                None
            }
        }
    }

    /// Whether `scenario` satisfies it; notes a path that the scenario has not, or a text that is compared to a number.
    pub(super) fn holds(&self, context: &Context<'_>, scenario: &Scenario) -> bool {
        match (self.left.of(scenario), self.right.of(scenario)) {
            (Ok(Outcome::Number(left)), Ok(Outcome::Number(right))) => match self.relation {
                Relation::Less => left < right,
                Relation::AtMost => left <= right,
                Relation::Equal => (left - right).abs() <= f64::EPSILON * left.abs().max(right.abs()),
                Relation::Different => (left - right).abs() > f64::EPSILON * left.abs().max(right.abs()),
                Relation::AtLeast => left >= right,
                Relation::More => left > right,
            },
            (Ok(Outcome::Text(left)), Ok(Outcome::Text(right)))
                if matches!(self.relation, Relation::Equal | Relation::Different) =>
            {
                (left == right) == matches!(self.relation, Relation::Equal)
            }
            (Ok(_), Ok(_)) => self.wrong(context, "texts can only be compared by = and != to texts".to_owned()),
            (Err(reason), _) | (_, Err(reason)) => self.wrong(context, reason),
        }
    }

    fn wrong(&self, context: &Context<'_>, help: String) -> bool {
        // Once is enough: it is the same for the other points.
        if context.mistakes() == 0 {
            let problem = Problem::Contradiction { what: "a constraint cannot be told for this scenario".to_owned() };
            context.report(problem, vec![(self.spot.clone(), "this one".to_owned())], help);
        }
        false
    }
}

impl Sum {
    fn of(&self, scenario: &Scenario) -> Result<Outcome, String> {
        match self {
            Self::Number(number) => Ok(Outcome::Number(*number)),
            Self::Text(text) => Ok(quantity(text)),
            Self::Path(path) => {
                let found = scenario.resolved.iter().find(|value| value.path() == *path);
                let found = found.ok_or_else(|| {
                    let paths: Vec<String> = scenario.resolved.iter().map(ResolvedValue::path).collect();
                    let nearest = suggest::nearest(path, paths.iter().map(String::as_str));
                    let meant = nearest.map_or_else(
                        || "`gtnet-sim check` lists all values".to_owned(),
                        |nearest| format!("did you mean `{nearest}`?"),
                    );
                    format!("the scenario has no value `{path}`; {meant}")
                })?;
                Ok(quantity(found.value.trim_matches('"')))
            }
            Self::Of(operator, left, right) => match (left.of(scenario)?, right.of(scenario)?) {
                (Outcome::Number(left), Outcome::Number(right)) => Ok(Outcome::Number(match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    _ => left / right,
                })),
                _ => Err(format!("`{operator}` needs numbers on both sides")),
            },
        }
    }
}

/// A number, a duration in seconds, or else a text.
fn quantity(text: &str) -> Outcome {
    if let Ok(number) = text.parse::<f64>() {
        return Outcome::Number(number);
    }
    match units::quantity(text, units::TIME) {
        Ok(nanos) => Outcome::Number(nanos as f64 / 1e9),
        Err(_) => Outcome::Text(text.to_owned()),
    }
}

struct Parser<'t> {
    rest: Peekable<CharIndices<'t>>,
    text: &'t str,
}

impl Parser<'_> {
    fn comparison(&mut self) -> Result<(Sum, Relation, Sum), String> {
        let left = self.sum()?;
        let relation = self.relation()?;
        let right = self.sum()?;
        match self.next() {
            None => Ok((left, relation, right)),
            Some((at, _)) => Err(format!("nothing may follow before `{}`", &self.text[at..])),
        }
    }

    fn relation(&mut self) -> Result<Relation, String> {
        let (_, first) = self.next().ok_or("a comparison such as <= is missing")?;
        let equal = self.rest.next_if(|(_, c)| *c == '=').is_some();
        match (first, equal) {
            ('<', false) => Ok(Relation::Less),
            ('<', true) => Ok(Relation::AtMost),
            ('>', false) => Ok(Relation::More),
            ('>', true) => Ok(Relation::AtLeast),
            ('=', _) => Ok(Relation::Equal),
            ('!', true) => Ok(Relation::Different),
            _ => Err(format!("`{first}` is no comparison")),
        }
    }

    fn sum(&mut self) -> Result<Sum, String> {
        self.chain(&['+', '-'], Self::product)
    }

    fn product(&mut self) -> Result<Sum, String> {
        self.chain(&['*', '/'], Self::factor)
    }

    fn chain(&mut self, operators: &[char], part: impl Fn(&mut Self) -> Result<Sum, String>) -> Result<Sum, String> {
        let mut sum = part(self)?;
        loop {
            self.skip_spaces();
            let Some((_, operator)) = self.rest.next_if(|(_, c)| operators.contains(c)) else { return Ok(sum) };
            sum = Sum::Of(operator, Box::new(sum), Box::new(part(self)?));
        }
    }

    fn factor(&mut self) -> Result<Sum, String> {
        let (at, first) = self.next().ok_or("something is missing at the end")?;
        match first {
            '(' => {
                let inner = self.sum()?;
                self.next().filter(|(_, c)| *c == ')').ok_or("a `)` is missing")?;
                Ok(inner)
            }
            '"' => {
                let text = self.take_while(|c| c != '"');
                self.next().ok_or("a closing quote is missing")?;
                Ok(Sum::Text(text))
            }
            c if c.is_ascii_digit() => {
                let digits = format!("{c}{}", self.take_while(|c| c.is_ascii_digit() || c == '.'));
                digits.parse().map(Sum::Number).map_err(|_| format!("`{digits}` is no number"))
            }
            c if c.is_ascii_alphabetic() => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
                Ok(Sum::Path(format!("{c}{}", self.take_while(is_name))))
            }
            _ => Err(format!("`{}` is not understood", &self.text[at..])),
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
