//! Parameters of studies in words: `with 20 clients` where `group.client.count` is 20. All words for keys stand here, and a key
//! without words is told as scenarios write it.

use crate::text::{listed, spaced};

use super::ParameterValue;

/// The parameter that numbers topologies; a sweep over it is an experiment with random effects.
const TOPOLOGY: &str = "run.topology";

/// Whether a parameter numbers topologies. These numbers have no order.
pub(crate) fn is_topology(parameter: &str) -> bool {
    parameter == TOPOLOGY
}

/// Keys that count something: the key as `docs/scenario.md` has it, one of the things, and several of them. `NAME` stands for
/// the name of the group.
const COUNTED: [(&str, [&str; 2]); 9] = [
    ("group.NAME.count", ["NAME", "NAMEs"]),
    ("group.NAME.users", ["user at each NAME", "users at each NAME"]),
    ("group.NAME.workers", ["worker at each NAME", "workers at each NAME"]),
    ("group.NAME.cores", ["core at each NAME", "cores at each NAME"]),
    ("group.NAME.visits.per_day", ["visit a day", "visits a day"]),
    ("group.NAME.watchlist.per_user", ["watchlist of each user", "watchlists of each user"]),
    ("group.NAME.watchlist.instruments", ["instrument in a watchlist", "instruments in a watchlist"]),
    ("instruments.securities", ["security", "securities"]),
    ("instruments.currency_pairs", ["currency pair", "currency pairs"]),
];

/// Keys that are the size of something: the key, and the something.
const SIZED: [(&str, &str); 9] = [
    ("group.NAME.service.base", "service time"),
    ("group.NAME.service.per_instrument", "service time per instrument"),
    ("network.timeout", "timeout"),
    ("network.loss", "probability of loss"),
    ("protocol.freshness_threshold", "freshness threshold"),
    ("protocol.own_pool_threshold", "own-pool threshold"),
    ("protocol.watchlist_timeout", "watchlist timeout"),
    ("run.duration", "run length"),
    ("run.warmup", "warm-up"),
];

/// What stands between a thing and that of which each has it.
const PER: &str = " per ";

/// How sentences speak of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParameterWords {
    /// It counts something: one of it, and several.
    Counted([String; 2]),
    /// It is the size of something.
    Sized(&'static str),
    /// It numbers topologies.
    Topology,
    /// It has no words: its path, in backticks.
    Path(String),
}

impl ParameterWords {
    /// The words for the parameter at `path`, which takes these `values`. What is counted has to be a number.
    pub(crate) fn of<'v>(path: &str, values: impl IntoIterator<Item = &'v ParameterValue>) -> Self {
        if is_topology(path) {
            return Self::Topology;
        }
        let (key, group) = key_and_group(path);
        let are_numbers = values.into_iter().all(|value| value.number.is_some());
        let counted = COUNTED.iter().find(|(known, _)| are_numbers && *known == key);
        if let Some((_, words)) = counted {
            return Self::Counted(words.map(|word| of_group(word, group)));
        }
        let sized = SIZED.iter().find(|(known, _)| *known == key);
        sized.map_or_else(|| Self::Path(format!("`{path}`")), |(_, thing)| Self::Sized(thing))
    }

    /// Where a value is, or several: `with 20 clients`, `with a timeout of 5 s`, `` at `x.y` = 5 to 20 ``.
    pub(crate) fn at(&self, values: &str) -> String {
        format!("{} {}", self.preposition(), self.place(values))
    }

    /// From one value up to the last one: `from 12 clients on (up to 200)`.
    pub(crate) fn from(&self, first: &str, last: &str) -> String {
        format!("from {} on (up to {last})", self.place(first))
    }

    /// The parameter at a value, or at several: `20 clients`, `a timeout of 5 s`.
    pub(crate) fn place(&self, values: &str) -> String {
        match self {
            Self::Counted([one, _]) if values == "1" => format!("1 {one}"),
            Self::Counted([_, several]) => format!("{values} {several}"),
            Self::Sized(thing) if values == "none" => format!("no {thing}"),
            Self::Sized(thing) => {
                let article = if thing.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                format!("{article} {thing} of {values}")
            }
            Self::Topology if values.contains(' ') => format!("topologies {values}"),
            Self::Topology => format!("topology {values}"),
            Self::Path(path) => format!("{path} = {values}"),
        }
    }

    /// The parameter at a value where the reader knows which one is meant: `20 clients`, `5 s`, `200 µs per instrument`.
    fn brief(&self, value: &str) -> String {
        match self {
            Self::Sized(thing) if value != "none" => {
                thing.split_once(PER).map_or_else(|| value.to_owned(), |(_, each)| format!("{value}{PER}{each}"))
            }
            _ => self.place(value),
        }
    }

    /// Whether it is the same as `before`, for each of something: `service time per instrument` after `service time`.
    fn is_the_rate_of(&self, before: &Self) -> bool {
        match (self, before) {
            (Self::Sized(own), Self::Sized(before)) => own.split_once(PER).is_some_and(|(thing, _)| thing == *before),
            _ => false,
        }
    }

    /// What follows `each` if the parameter grows by 1 in its unit: `further client`, `step of 1 s in the timeout`.
    pub(crate) fn step(&self, unit: &str) -> String {
        match self {
            Self::Counted([one, _]) => format!("further {one}"),
            _ => format!("step of 1{unit} in {}", self.whole()),
        }
    }

    /// What follows `each` if the parameter doubles: `doubling of the clients`.
    pub(crate) fn doubling(&self) -> String {
        format!("doubling of {}", self.whole())
    }

    /// The parameter as the title of a column: `clients`, `timeout`, or its path where it has no words.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Counted([_, several]) => several.clone(),
            Self::Sized(thing) => (*thing).to_owned(),
            Self::Topology => "topology".to_owned(),
            Self::Path(path) => path.trim_matches('`').to_owned(),
        }
    }

    /// A larger value: `more clients`, `a larger value of the timeout`.
    pub(crate) fn more(&self) -> String {
        match self {
            Self::Counted([_, several]) => format!("more {several}"),
            _ => format!("a larger value of {}", self.whole()),
        }
    }

    fn preposition(&self) -> &'static str {
        match self {
            Self::Counted(_) | Self::Sized(_) => "with",
            Self::Topology => "in",
            Self::Path(_) => "at",
        }
    }

    fn whole(&self) -> String {
        match self {
            Self::Counted([_, several]) => format!("the {several}"),
            Self::Sized(thing) => format!("the {thing}"),
            Self::Topology => "the topology".to_owned(),
            Self::Path(path) => path.clone(),
        }
    }
}

/// A point that gives these values to the parameters: `with 20 clients and 3 hubs`.
pub(crate) fn located(parameters: &[String], settings: &[ParameterValue]) -> String {
    let of_first = parameters.iter().zip(settings).next().map(|(path, value)| ParameterWords::of(path, [value]));
    of_first.map_or_else(String::new, |words| format!("{} {}", words.preposition(), places(parameters, settings)))
}

/// From one point up to another one, where all parameters grow or shrink together: `from 5 clients and 1 hub up to 40 clients and
/// 4 hubs`.
pub(crate) fn ranging(parameters: &[String], first: &[ParameterValue], last: &[ParameterValue]) -> String {
    let briefly = |(path, value): (&String, &ParameterValue)| ParameterWords::of(path, [value]).brief(&spelled(value));
    let last: Vec<String> = parameters.iter().zip(last).map(briefly).collect();
    format!("from {} up to {}", places(parameters, first), listed(&last))
}

/// A point without the preposition of its first parameter: `20 clients and 3 hubs`.
fn places(parameters: &[String], settings: &[ParameterValue]) -> String {
    let words: Vec<(ParameterWords, String)> = parameters
        .iter()
        .zip(settings)
        .map(|(path, value)| (ParameterWords::of(path, [value]), spelled(value)))
        .collect();
    let mut parts: Vec<String> = Vec::with_capacity(words.len());
    for (index, (own, value)) in words.iter().enumerate() {
        parts.push(match index.checked_sub(1).map(|before| &words[before].0) {
            Some(before) if own.is_the_rate_of(before) => own.brief(value),
            Some(before) if before.preposition() != own.preposition() => own.at(value),
            _ => own.place(value),
        });
    }
    listed(&parts)
}

/// A value as sentences write it.
pub(crate) fn spelled(value: &ParameterValue) -> String {
    value.duration.map_or_else(|| value.text.clone(), |duration| spaced(&duration.to_string()))
}

/// The path as `docs/scenario.md` has it, and the name of its group.
fn key_and_group(path: &str) -> (String, &str) {
    let of_group = path.strip_prefix("group.").and_then(|rest| rest.split_once('.'));
    of_group.map_or_else(|| (path.to_owned(), ""), |(group, key)| (format!("group.NAME.{key}"), group))
}

/// `word` with the name of the group. A name that is no plain noun is quoted.
fn of_group(word: &str, group: &str) -> String {
    let is_noun = group.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
        && !group.ends_with(['s', 'x', 'z', 'h', 'y', '-']);
    if is_noun {
        return word.replace("NAME", group);
    }
    let (one, several) = (format!("instance of `{group}`"), format!("instances of `{group}`"));
    word.replace("NAMEs", &several).replace("NAME", &one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    fn number(text: &str) -> ParameterValue {
        ParameterValue { text: text.to_owned(), number: text.parse().ok(), duration: None }
    }

    fn at(path: &str, text: &str) -> String {
        located(&[path.to_owned()], &[number(text)])
    }

    #[test]
    fn keys_have_words() {
        assert_eq!(at("group.client.count", "20"), "with 20 clients");
        assert_eq!(at("group.hub.count", "1"), "with 1 hub");
        assert_eq!(at("group.client.visits.per_day", "8"), "with 8 visits a day");
        assert_eq!(at("group.client.users", "3"), "with 3 users at each client");
        assert_eq!(at("network.timeout", "5s"), "with a timeout of 5s");
        assert_eq!(at("protocol.own_pool_threshold", "1h"), "with an own-pool threshold of 1h");
        assert_eq!(at("protocol.freshness_threshold", "none"), "with no freshness threshold");
        assert_eq!(at("run.topology", "7"), "in topology 7");
        assert_eq!(ParameterWords::Topology.at("1 and 3"), "in topologies 1 and 3");
    }

    #[test]
    fn what_has_no_words_is_told_as_it_is_written() {
        assert_eq!(at("protocol.push_back_to", "contacted"), "at `protocol.push_back_to` = contacted");
        assert_eq!(at("group.banks.count", "20"), "with 20 instances of `banks`");
        assert_eq!(at("group.C1.users", "2"), "with 2 users at each instance of `C1`");
        let drawn = at("group.client.watchlist.instruments", "{ constant = 20 }");
        assert_eq!(drawn, "at `group.client.watchlist.instruments` = { constant = 20 }", "a distribution is no count");
    }

    #[test]
    fn a_point_of_several_parameters_has_one_preposition() {
        let parameters = ["group.client.count", "group.hub.service.base", "x.y"].map(str::to_owned);
        let base = SimDuration::from_millis(5);
        let base = ParameterValue { text: "5ms".to_owned(), number: None, duration: Some(base) };
        let settings = [number("20"), base, number("3")];
        assert_eq!(located(&parameters, &settings), "with 20 clients, a service time of 5 ms and at `x.y` = 3");
    }

    #[test]
    fn ranges_of_several_parameters_name_each_once() {
        let parameters = ["group.hub.service.base", "group.hub.service.per_instrument"].map(str::to_owned);
        let of = |base: &str, each: &str| [number(base), number(each)];
        let (first, last) = (of("5 ms", "200 µs"), of("200 ms", "8 ms"));
        assert_eq!(located(&parameters, &first), "with a service time of 5 ms and 200 µs per instrument");
        assert_eq!(
            ranging(&parameters, &first, &last),
            "from a service time of 5 ms and 200 µs per instrument up to 200 ms and 8 ms per instrument"
        );
        let parameters = ["network.timeout", "group.hub.count"].map(str::to_owned);
        assert_eq!(
            ranging(&parameters, &of("5 s", "1"), &of("none", "3")),
            "from a timeout of 5 s and 1 hub up to no timeout and 3 hubs"
        );
    }

    #[test]
    fn steps_and_ranges_are_told() {
        let of = |path: &str| ParameterWords::of(path, [&number("5")]);
        let clients = of("group.client.count");
        assert_eq!(clients.from("12", "200"), "from 12 clients on (up to 200)");
        assert_eq!((clients.step(""), clients.doubling()), ("further client".into(), "doubling of the clients".into()));
        let timeout = of("network.timeout");
        assert_eq!(
            (timeout.step(" s"), timeout.doubling()),
            ("step of 1 s in the timeout".into(), "doubling of the timeout".into())
        );
        assert_eq!(of("x.y").doubling(), "doubling of `x.y`");
        let titles = ["group.client.count", "network.timeout", "run.topology", "x.y"].map(|path| of(path).title());
        assert_eq!(titles, ["clients", "timeout", "topology", "x.y"]);
    }

    /// A key that has got another name would silently lose its words.
    #[test]
    fn every_key_with_words_is_a_key_of_scenarios() {
        let sections: Vec<&str> = include_str!("../../docs/scenario.md").split("\n### `[").collect();
        for path in COUNTED.iter().map(|(path, _)| path).chain(SIZED.iter().map(|(path, _)| path)) {
            let (table, key) = path
                .strip_prefix("group.NAME.")
                .map_or_else(|| path.split_once('.').expect("a table and a key"), |key| ("group.NAME", key));
            let section = sections.iter().find(|section| section.starts_with(&format!("{table}]`")));
            let section = section.unwrap_or_else(|| panic!("docs/scenario.md has no [{table}]"));
            assert!(section.contains(&format!("| `{key}` |")), "docs/scenario.md has no `{key}` in [{table}]");
        }
    }
}
