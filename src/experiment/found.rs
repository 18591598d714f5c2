//! Says in words what a search for a capacity has found; the words claim of a value only what was seen of it.

use crate::measures::Source;
use crate::record::{CapacityOutcome, CapacityRecord, ParameterWords, Sought, StudyRecord, spelled};
use crate::stats::{Capacity, CapacitySearch, Judgement};
use crate::text::listed;

use super::Search;
use super::capacity::kept;
use super::objective::{Extent, Objective};

/// What `search` found among the points of `record`, which are the values of the parameter in the order of the search.
pub(super) fn found(record: &StudyRecord, search: &CapacitySearch, question: &Search) -> CapacityRecord {
    let finding = InWords { record, search, question, objective: &question.objective };
    // The interval has its ends in the order of the search. The high end is the last value that does not surely fail.
    let (outcome, found, ends) = match search.outcome() {
        Capacity::Never { .. } => (CapacityOutcome::Never, None, (None, None)),
        Capacity::Always { .. } => (CapacityOutcome::Always, None, (None, None)),
        Capacity::AtFarEnd { .. } => (CapacityOutcome::WrongDirection, None, (None, None)),
        Capacity::Inside { .. } => (CapacityOutcome::Inside, None, (None, None)),
        Capacity::Outside { .. } => (CapacityOutcome::Outside, None, (None, None)),
        Capacity::Unknown { value } => (CapacityOutcome::Unknown, Some(value), (None, None)),
        Capacity::UpTo { answer, low, high } => {
            (CapacityOutcome::Found, Some(answer), (low, high.map(|beyond| beyond - 1)))
        }
    };
    let (low, high) = if question.smallest { (ends.1, ends.0) } else { ends };
    let value = |index: usize| finding.value(index);
    CapacityRecord {
        parameter: question.parameter.clone(),
        objective: question.objective.to_string(),
        sought: if question.smallest { Sought::Smallest } else { Sought::Largest },
        outcome,
        value: found.map(value),
        low: low.map(value),
        high: high.map(value),
        looked_at: finding.values(|_| true),
        holds_at: finding.values(Judgement::holds),
        told: finding.told(),
    }
}

/// Puts the finding of a search into words.
struct InWords<'f> {
    record: &'f StudyRecord,
    search: &'f CapacitySearch,
    question: &'f Search,
    objective: &'f Objective,
}

impl InWords<'_> {
    fn value(&self, index: usize) -> String {
        self.record.points[index].settings[0].text.clone()
    }

    /// The simulated values whose judgement fits `are`, in the order of the range.
    fn values(&self, are: impl Fn(Judgement) -> bool) -> Vec<String> {
        self.chosen(are).into_iter().map(|index| self.value(index)).collect()
    }

    fn chosen(&self, are: impl Fn(Judgement) -> bool) -> Vec<usize> {
        let those = self.search.judged().filter(|(_, judgement)| are(*judgement)).map(|(index, _)| index);
        let mut those: Vec<usize> = those.collect();
        if self.question.smallest {
            those.reverse();
        }
        those
    }

    /// How sentences speak of the parameter.
    fn words(&self) -> ParameterWords {
        let values = self.record.points.iter().map(|point| &point.settings[0]);
        ParameterWords::of(&self.question.parameter, values)
    }

    fn spelled(&self, index: usize) -> String {
        spelled(&self.record.points[index].settings[0])
    }

    /// `53 clients`.
    fn place(&self, index: usize) -> String {
        self.words().place(&self.spelled(index))
    }

    /// `with 5, 10 and 20 clients`.
    fn at(&self, are: impl Fn(Judgement) -> bool) -> String {
        let values: Vec<String> = self.chosen(are).into_iter().map(|index| self.spelled(index)).collect();
        self.words().at(&listed(&values))
    }

    /// The first value, in the order of the search, whose judgement fits `is`.
    fn first(&self, is: impl Fn(Judgement) -> bool) -> String {
        let found = self.search.judged().find(|(_, judgement)| is(*judgement));
        found.map_or_else(String::new, |(index, _)| self.value(index))
    }

    /// The finding in words: first how far the limit is kept, then which limit that is.
    fn told(&self) -> String {
        let Self { record, search, question, .. } = self;
        let claim = self.claim();
        let (words, last) = (self.words(), record.points.len() - 1);
        let at = |index: usize| words.at(&self.spelled(index));
        let sure = |surely: bool| if surely { "" } else { " Chance could have decided otherwise." };
        match search.outcome() {
            Capacity::Never { surely } => self.alike("broken", surely),
            Capacity::Always { surely } => self.alike("kept", surely),
            Capacity::AtFarEnd { surely } => format!(
                "The limit is broken {} and kept {}, so it was sought at the wrong end. {claim}{} Search {} --smallest.{}",
                at(0),
                at(last),
                sure(surely),
                if question.smallest { "without" } else { "with" },
                self.contradictions(|pair| pair != (0, last))
            ),
            Capacity::Inside { surely } => format!(
                "The limit is broken at both ends of the range and kept in between, {}. {claim} It is broken {}.{} To find how far \
                 it holds from there, search again with {} {}.",
                self.at(Judgement::holds),
                self.at(Judgement::fails),
                sure(surely),
                if question.smallest { "--to" } else { "--from" },
                self.first(Judgement::holds)
            ),
            Capacity::Outside { surely } => format!(
                "The limit is kept at both ends of the range and broken in between, {}. {claim} It is kept {}.{} To find where it \
                 is lost first, search again with {} {}.",
                self.at(Judgement::fails),
                self.at(Judgement::holds),
                sure(surely),
                if question.smallest { "--from" } else { "--to" },
                self.first(Judgement::fails)
            ),
            Capacity::Unknown { value } => format!(
                "Nobody can tell {}: not every replication determines the value there, or too many visits have no result. {claim} \
                 Take a range without this value.",
                at(value)
            ),
            Capacity::UpTo { answer, low, high } => {
                let beyond = |index: usize| format!("beyond {}", self.spelled(index));
                let low = low.map_or_else(|| beyond(0), |low| self.spelled(low));
                let high = high.map_or_else(|| beyond(last), |high| self.spelled(high - 1));
                let (low, high) = if question.smallest { (high, low) } else { (low, high) };
                let rest = self.rest(if question.smallest {
                    "it is broken everywhere below and kept everywhere above"
                } else {
                    "it is kept everywhere below and broken everywhere above"
                });
                let range = if question.smallest {
                    format!("from {} on", self.place(answer))
                } else {
                    format!("up to {}", self.place(answer))
                };
                format!(
                    "The limit is kept {range} (95 % interval: {low} to {high}). {claim} {}{rest}{}",
                    self.networks_at(answer),
                    self.contradictions(|_| true)
                )
            }
        }
    }

    /// Judgements that are all alike: the limit `is` kept or broken wherever the search looked, and so it is assumed that it is so
    /// between these values, too.
    fn alike(&self, is: &str, surely: bool) -> String {
        let (looked_at, all) = (self.search.judged().count(), self.record.points.len());
        let values = if looked_at == all { "values of the range" } else { "values that were looked at" };
        let unsure = if surely {
            String::new()
        } else {
            format!(" Chance could have decided otherwise {}.", self.at(|judgement| !judgement.is_sure()))
        };
        let rest = if looked_at == all { String::new() } else { self.rest(&format!("it is {is} between them, too")) };
        format!(
            "The limit is {is} at all of the {looked_at} {values}: {}. {}{unsure}{rest}",
            self.at(|_| true),
            self.claim()
        )
    }

    /// The limit, and of which networks it speaks.
    fn claim(&self) -> String {
        let limit = self.objective.condition.spoken();
        match self.objective.extent {
            Extent::OnAverage if self.is_of_all_together() => format!("The limit is: {limit}, over all runs together."),
            Extent::OnAverage if self.question.one_network => {
                format!("The limit is: {limit}, on average over the runs of one network.")
            }
            Extent::OnAverage => format!("The limit is: {limit}, on average over networks."),
            Extent::InNetworks { percent } => format!("The limit is: {limit} in {percent} % of networks."),
        }
    }

    /// Whether the objective is about a quantile, which is one of all visits, prices or messages together.
    fn is_of_all_together(&self) -> bool {
        matches!(self.objective.condition.quantity.measure.source, Source::Quantile(..))
    }

    /// What the value that was found means for a single network.
    fn networks_at(&self, index: usize) -> String {
        let replications = &self.record.points[index].replications;
        match (self.objective.extent, kept(self.objective, replications)) {
            (Extent::OnAverage, _) if self.is_of_all_together() => {
                "Of single runs this says nothing; to ask of them, write `in 90% of networks` behind the limit."
                    .to_owned()
            }
            (Extent::OnAverage, _) if self.question.one_network => {
                "About half of its runs may break the limit there.".to_owned()
            }
            (Extent::OnAverage, _) => "About half of the networks may break the limit there.".to_owned(),
            (Extent::InNetworks { .. }, Some(kept)) => {
                format!("There {kept} of {} simulated networks keep the limit.", replications.len())
            }
            (Extent::InNetworks { .. }, None) => unreachable!("a value is found only where every network tells"),
        }
    }

    /// What the answer takes for granted: of the values that were not looked at, if there are any, and else of the interval.
    fn rest(&self, assumption: &str) -> String {
        let (looked_at, all) = (self.search.judged().count(), self.record.points.len());
        let how = if self.question.smallest { "easier" } else { "harder" };
        let assuming = format!("ssuming that the limit only gets {how} to keep with {}", self.words().more());
        if looked_at == all {
            return format!("\nThe interval is found a{assuming}.");
        }
        format!("\nOf the {all} values of the range {looked_at} were looked at. A{assuming}, {assumption}.")
    }

    /// A warning for each of the `wanted` pairs of judgements that contradict a single boundary.
    fn contradictions(&self, wanted: impl Fn((usize, usize)) -> bool) -> String {
        let surely = |index| if self.search.judgement(index).is_some_and(Judgement::is_sure) { "surely " } else { "" };
        let at = |index| self.words().at(&self.spelled(index));
        let told = |(fails, holds)| {
            format!(
                "\nBeware: the limit is {}broken {} and {}kept {}, so there is more than one boundary.",
                surely(fails),
                at(fails),
                surely(holds),
                at(holds)
            )
        };
        self.search.contradictions().into_iter().filter(|pair| wanted(*pair)).map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{StudyKind, support};
    use crate::stats::Judgement::{Fails, Holds, SurelyFails, SurelyHolds, Unknown};
    use crate::stats::LOOKS;

    /// A sweep of this many points: 5, 10, 20, … clients.
    fn study(points: usize) -> StudyRecord {
        support::study(StudyKind::Sweep, u32::try_from(points).expect("few points"), 0)
    }

    fn question(smallest: bool) -> Search {
        let objective = "user_wait_p95 <= 2s".parse().expect("an objective");
        Search { parameter: "group.client.count".to_owned(), objective, smallest, one_network: false }
    }

    /// What a search among 5, 10, 20, … finds if it judges them like this.
    fn found_of(judgements: &[Judgement], smallest: bool) -> CapacityRecord {
        let question = question(smallest);
        let mut search = CapacitySearch::new(judgements.len());
        judgements.iter().enumerate().for_each(|(value, judgement)| search.tell(value, *judgement));
        found(&study(judgements.len()), &search, &question)
    }

    fn answered(judgements: &[Judgement], smallest: bool) -> String {
        found_of(judgements, smallest).told
    }

    #[test]
    fn what_is_said_of_all_values_is_said_of_those_that_were_looked_at() {
        let text = answered(&[SurelyFails, SurelyFails, Fails], false);
        assert_eq!(
            text,
            "The limit is broken at all of the 3 values of the range: with 5, 10 and 20 clients. The limit is: wait of the slowest \
             5 % of visits at most 2 s, over all runs together. Chance could have decided otherwise with 20 clients."
        );
        let text = answered(&[SurelyHolds, SurelyHolds], false);
        assert!(text.contains("is kept at all of the 2 values of the range: with 5 and 10 clients."), "{text}");
        // Of more values the search looks only at some; the rest is an assumption.
        let mut search = CapacitySearch::new(20);
        while let Some(next) = search.next().first().copied() {
            search.tell(next, SurelyFails);
        }
        let record = found(&study(20), &search, &question(false));
        assert_eq!((record.looked_at.len(), record.holds_at.len()), (LOOKS, 0));
        assert!(record.told.contains("is broken at all of the 9 values that were looked at: with 5, "));
        assert!(
            record.told.contains(
                "Of the 20 values of the range 9 were looked at. Assuming that the limit only gets harder to keep with more clients, it \
                 is broken between them, too."
            ),
            "{}",
            record.told
        );
    }

    #[test]
    fn what_holds_inside_alone_is_named_with_the_way_on() {
        let judgements = [SurelyFails, Holds, SurelyHolds, SurelyFails];
        let record = found_of(&judgements, false);
        assert_eq!((record.outcome, record.value), (CapacityOutcome::Inside, None));
        assert_eq!(record.holds_at, ["10", "20"]);
        let expected = "kept in between, with 10 and 20 clients. The limit is: wait of the slowest 5 % of visits at most 2 s, over \
                        all runs together. It is broken with 5 and 40 clients. To find how far it holds from there, search again \
                        with --from 10.";
        assert!(record.told.contains(expected), "{}", record.told);
        // A search for the smallest value has its points in descending order; here 5 plays the largest value.
        assert!(answered(&judgements, true).ends_with("search again with --to 10."));
        let judgements = [Holds, Fails, SurelyHolds];
        let record = found_of(&judgements, false);
        assert_eq!(record.outcome, CapacityOutcome::Outside);
        let expected = "broken in between, with 10 clients. The limit is: wait of the slowest 5 % of visits at most 2 s, over all \
                        runs together. It is kept with 5 and 20 clients. Chance could have decided otherwise. To find where it is \
                        lost first, search again with --to 10.";
        assert!(record.told.contains(expected), "{}", record.told);
        assert!(answered(&judgements, true).ends_with("search again with --from 10."));
    }

    #[test]
    fn what_cannot_be_told_claims_nothing() {
        let text = answered(&[SurelyHolds, Unknown, SurelyFails, SurelyHolds], false);
        let expected = "Nobody can tell with 10 clients: not every replication determines the value there";
        assert!(text.contains(expected), "{text}");
        for claim in ["never", "always", "interval", "Beware"] {
            assert!(!text.contains(claim), "{claim}: {text}");
        }
    }

    #[test]
    fn a_search_in_the_wrong_direction_says_so() {
        let text = answered(&[Fails, SurelyHolds], false);
        assert!(text.contains(" Chance could have decided otherwise. Search with --smallest."), "{text}");
        let text = answered(&[SurelyFails, SurelyHolds], false);
        assert!(
            text.contains("broken with 5 clients and kept with 10 clients, so it was sought at the wrong end."),
            "{text}"
        );
        assert!(!text.contains("never") && !text.contains("Beware"), "{text}");
        let text = answered(&[SurelyFails, SurelyHolds], true);
        assert!(text.contains("Search without --smallest"), "{text}");
    }

    #[test]
    fn an_answer_says_of_which_networks_it_speaks() {
        let judgements = [SurelyHolds, SurelyFails];
        assert_eq!(
            answered(&judgements, false),
            "The limit is kept up to 5 clients (95 % interval: 5 to 5). The limit is: wait of the slowest 5 % of visits at most 2 s, \
             over all runs together. Of single runs this says nothing; to ask of them, write `in 90% of networks` behind the \
             limit.\nThe interval is found assuming that the limit only gets harder to keep with more clients."
        );
        let mut search = CapacitySearch::new(2);
        judgements.iter().enumerate().for_each(|(value, judgement)| search.tell(value, *judgement));
        let objective = "price_age_mean <= 2s".parse().expect("an objective");
        let one_network = Search { objective, one_network: true, ..question(false) };
        let text = found(&study(2), &search, &one_network).told;
        assert!(text.contains("on average over the runs of one network. ") && !text.contains("networks"), "{text}");
        let objective = "user_wait_p95 <= 2s in 90% of networks".parse().expect("an objective");
        let share = found(&study(2), &search, &Search { objective, ..question(false) });
        assert_eq!(share.objective, "user_wait_p95 <= 2 s in 90% of networks");
        assert!(
            share.told.contains("up to 5 clients (95 % interval: 5 to 5). The limit is: wait of the slowest 5 % of visits at most 2 s in 90 % of networks."),
            "{}",
            share.told
        );
        assert!(share.told.contains("There 0 of 0 simulated networks keep the limit."), "{}", share.told);
        assert!(!share.told.contains("average"), "{}", share.told);
    }

    #[test]
    fn contradictions_say_which_side_is_sure() {
        let text = answered(&[SurelyHolds, Fails, SurelyHolds, SurelyFails], false);
        assert!(text.contains("Beware: the limit is broken with 10 clients and surely kept with 20 clients"), "{text}");
    }
}
