//! Names that must be known (markets, groups, countries), and tables that give a number to each of them.

use std::collections::BTreeMap;

use super::context::{Note, Noted, OrNoted};
use super::error::Problem;
use super::item::{Item, Read, real_text};
use super::range::Range;
use super::source::Spot;
use super::suggest;
use super::tree::Value;

/// What a weight can be.
const WEIGHTS: Range = Range::above(0.0, 1e9);

/// Names in a fixed order, and the place of each.
pub(super) struct Known<'n> {
    in_order: Vec<&'n str>,
    places: BTreeMap<&'n str, usize>,
}

impl<'n> Known<'n> {
    /// These names, each once.
    pub(super) fn of(names: impl IntoIterator<Item = &'n str>) -> Self {
        let in_order: Vec<&str> = names.into_iter().collect();
        let places = in_order.iter().enumerate().map(|(place, name)| (*name, place)).collect();
        Self { in_order, places }
    }

    /// The place of a name in the order.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }
}

/// The names that are known of a kind.
pub(super) struct Names<'n> {
    /// What they name.
    pub(super) kind: &'static str,
    /// The table that defines them; if it is given up, any name may be right.
    pub(super) table: &'static str,
    /// One of them, for remedies.
    pub(super) example: &'static str,
    /// What people write for some of them.
    pub(super) aliases: &'static [(&'static str, &'static str)],
    /// All of them.
    pub(super) known: &'n Known<'n>,
}

impl Names<'_> {
    /// The place of `name`, the text of `item`; if it is not known, that is a mistake of `item`.
    pub(super) fn check(&self, item: &Item<'_>, name: &str) -> OrNoted<usize> {
        self.find(item, item.spot(), &item.path, name)
    }

    /// The place of `name`, the key of `item`; if it is not known, that is a mistake of `path`, at the key.
    fn check_key(&self, item: &Item<'_>, path: &str, name: &str) -> OrNoted<usize> {
        self.find(item, item.key_spot.clone().or_else(|| item.spot()), path, name)
    }

    fn find(&self, item: &Item<'_>, spot: Option<Spot>, path: &str, name: &str) -> OrNoted<usize> {
        let noted = || item.context.given_up(self.table).unwrap_or_else(|| self.unknown(item, spot, path, name));
        self.known.place(name).ok_or_else(noted)
    }

    fn unknown(&self, item: &Item<'_>, spot: Option<Spot>, path: &str, name: &str) -> Noted {
        item.context.report_one_of_many(spot.clone().as_ref(), || Note {
            problem: Problem::UnknownName { path: path.to_owned(), kind: self.kind, name: name.to_owned() },
            labels: vec![(spot, format!("unknown {}", self.kind))],
            help: match self.aliases.iter().find(|(alias, meant)| *alias == name && self.known.place(meant).is_some()) {
                Some((_, meant)) => format!("write `{meant}`"),
                None => suggest::remedy(name, &self.known.in_order),
            },
        })
    }
}

impl<'a> Item<'a> {
    /// A table with one number for each name, in the order of the names; `kind` is what the names are.
    pub(super) fn named_numbers(
        &self,
        names: &Names<'_>,
        number: impl Fn(&Item<'a>) -> OrNoted<Read<f64>>,
    ) -> OrNoted<Read<BTreeMap<String, f64>>> {
        let Some(entries) = self.entries() else {
            let help = format!("write it such as {{ {} = 0.5 }}", names.example);
            return Err(self.wrong_kind(&format!("a table with a number for each {}", names.kind), help));
        };
        if entries.is_empty() {
            let path = self.path.clone();
            return Err(self.report(
                Problem::Empty { path },
                "nothing in it",
                format!("name at least one {}", names.kind),
            ));
        }
        let mut numbers = BTreeMap::new();
        let mut all = Ok(());
        for (name, item) in entries {
            let known = names.check_key(&item, &self.path, &name);
            match (number(&item), known) {
                (Ok(read), Ok(_)) => _ = numbers.insert(name, read.value),
                (Err(noted), _) | (_, Err(noted)) => all = Err(noted),
            }
        }
        all?;
        let parts: Vec<String> =
            numbers.iter().map(|(name, value)| format!("{name} = {}", real_text(*value))).collect();
        Read::new(numbers, format!("{{ {} }}", parts.join(", ")))
    }

    /// A number greater than 0.
    pub(super) fn weight(&self) -> OrNoted<Read<f64>> {
        if matches!(self.node.value, Value::Integer(0)) || matches!(self.node.value, Value::Real(0.0)) {
            return Err(self.out_of_range(0, &WEIGHTS.to_string(), "leave out what shall not count"));
        }
        self.real(WEIGHTS)
    }
}
