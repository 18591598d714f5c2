//! Says in words what a search for a capacity has found; the words claim of a value only what was seen of it.

use crate::measures::Source;
use crate::record::{CapacityOutcome, CapacityRecord, Sought, StudyRecord};
use crate::stats::{Capacity, CapacitySearch, Judgement};

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
        let mut values: Vec<String> =
            self.search.judged().filter(|(_, judgement)| are(*judgement)).map(|(index, _)| self.value(index)).collect();
        if self.question.smallest {
            values.reverse();
        }
        values
    }

    fn list(&self, are: impl Fn(Judgement) -> bool) -> String {
        self.values(are).join(", ")
    }

    /// The first value, in the order of the search, whose judgement fits `is`.
    fn first(&self, is: impl Fn(Judgement) -> bool) -> String {
        let found = self.search.judged().find(|(_, judgement)| is(*judgement));
        found.map_or_else(String::new, |(index, _)| self.value(index))
    }

    /// The finding in words.
    fn told(&self) -> String {
        let Self { record, search, question, .. } = self;
        let objective = self.claim();
        let (last, parameter) = (record.points.len() - 1, &question.parameter);
        let (first_value, last_value) = (self.value(0), self.value(last));
        let extreme = if question.smallest { "smallest" } else { "largest" };
        let sure = |surely: bool| if surely { "" } else { "; chance could have decided otherwise" };
        let outcome = search.outcome();
        match outcome {
            Capacity::Never { surely } => self.alike("none", "fails", surely),
            Capacity::Always { surely } => self.alike("all", "holds", surely),
            Capacity::AtFarEnd { surely } => format!(
                "{objective} fails at {parameter} = {first_value} and holds at the far end, {parameter} = {last_value}{}: search \
                 {} --smallest.{}",
                sure(surely),
                if question.smallest { "without" } else { "with" },
                self.contradictions(|pair| pair != (0, last))
            ),
            Capacity::Inside { surely } => format!(
                "{objective} holds at neither end of the range, but inside: it holds at {parameter} = {} and fails at {}{}. To \
                 find how far it holds from there, search again with {} {}.",
                self.list(Judgement::holds),
                self.list(Judgement::fails),
                sure(surely),
                if question.smallest { "--to" } else { "--from" },
                self.first(Judgement::holds)
            ),
            Capacity::Outside { surely } => format!(
                "{objective} holds at both ends of the range, but not all over it: it holds at {parameter} = {} and fails at {}{}. \
                 To find where it is lost first, search again with {} {}.",
                self.list(Judgement::holds),
                self.list(Judgement::fails),
                sure(surely),
                if question.smallest { "--from" } else { "--to" },
                self.first(Judgement::fails)
            ),
            Capacity::Unknown { value } => format!(
                "{objective} cannot be told at value {parameter} = {}: {} is not determined in every replication, or too many \
                 visits have no result there. Take a range without this value.",
                self.value(value),
                self.objective.condition.quantity
            ),
            Capacity::UpTo { answer, low, high } => {
                let low = low.map_or_else(|| format!("beyond {first_value}"), |low| self.value(low));
                let high = high.map_or_else(|| format!("beyond {last_value}"), |high| self.value(high - 1));
                let (low, high) = if question.smallest { (high, low) } else { (low, high) };
                let rest = self.rest(if question.smallest {
                    "it fails everywhere below and holds everywhere above"
                } else {
                    "it holds everywhere below and fails everywhere above"
                });
                format!(
                    "The {extreme} value that keeps {objective}: {parameter} = {} (95 % interval: {low} to {high}). {}{rest}{}",
                    self.value(answer),
                    self.networks_at(answer),
                    self.contradictions(|_| true)
                )
            }
        }
    }

    /// A sentence for judgements that are all alike: the objective holds at `which` (all or none) of the values looked
    /// at, and so it is assumed that it `does` between them.
    fn alike(&self, which: &str, does: &str, surely: bool) -> String {
        let Self { record, search, question, .. } = self;
        let objective = self.claim();
        let (looked_at, parameter) = (search.judged().count(), &question.parameter);
        let whole = if looked_at == record.points.len() { "of the range" } else { "that were looked at" };
        let unsure = if surely {
            String::new()
        } else {
            format!("; chance could have decided otherwise at {}", self.list(|judgement| !judgement.is_sure()))
        };
        format!(
            "{objective} holds at {which} of the {looked_at} values {whole}: {parameter} = {}{unsure}.{}",
            self.list(|_| true),
            if looked_at == record.points.len() {
                String::new()
            } else {
                self.rest(&format!("it {does} between them, too"))
            }
        )
    }

    /// The objective, and of which networks it speaks.
    fn claim(&self) -> String {
        match self.objective.extent {
            Extent::OnAverage if self.is_of_all_together() => {
                format!("{} over all runs together", self.objective)
            }
            Extent::OnAverage if self.question.one_network => {
                format!("{} on average over the runs of one network", self.objective)
            }
            Extent::OnAverage => format!("{} on average over networks", self.objective),
            Extent::InNetworks { .. } => self.objective.to_string(),
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
                "Of single runs it says nothing; ask for `in 90% of networks`.".to_owned()
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
        let how = if self.question.smallest { "better" } else { "worse" };
        let assuming = format!("ssuming that it only gets {how} as {} grows", self.question.parameter);
        if looked_at == all {
            return format!("\nThe interval is found a{assuming}.");
        }
        format!("\nOf the {all} values of the range {looked_at} were looked at. A{assuming}, {assumption}.")
    }

    /// A warning for each of the `wanted` pairs of judgements that contradict a single boundary.
    fn contradictions(&self, wanted: impl Fn((usize, usize)) -> bool) -> String {
        let surely = |index| if self.search.judgement(index).is_some_and(Judgement::is_sure) { "surely " } else { "" };
        let told = |(fails, holds)| {
            format!(
                "\nBeware: it {}fails at {} and {}holds at {}, so that there is more than one boundary.",
                surely(fails),
                self.value(fails),
                surely(holds),
                self.value(holds)
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
            "user_wait_p95 <= 2 s over all runs together holds at none of the 3 values of the range: group.client.count = 5, 10, 20; chance could \
             have decided otherwise at 20."
        );
        let text = answered(&[SurelyHolds, SurelyHolds], false);
        assert!(text.contains("holds at all of the 2 values of the range: group.client.count = 5, 10."), "{text}");
        // Of more values the search looks only at some; the rest is an assumption.
        let mut search = CapacitySearch::new(20);
        while let Some(next) = search.next().first().copied() {
            search.tell(next, SurelyFails);
        }
        let record = found(&study(20), &search, &question(false));
        assert_eq!((record.looked_at.len(), record.holds_at.len()), (LOOKS, 0));
        assert!(record.told.contains("at none of the 9 values that were looked at: group.client.count = 5, "));
        assert!(
            record.told.contains("Of the 20 values of the range 9 were looked at. Assuming that it only gets worse as group.client.count grows, it fails between")
        );
    }

    #[test]
    fn what_holds_inside_alone_is_named_with_the_way_on() {
        let judgements = [SurelyFails, Holds, SurelyHolds, SurelyFails];
        let record = found_of(&judgements, false);
        assert_eq!((record.outcome, record.value), (CapacityOutcome::Inside, None));
        assert_eq!(record.holds_at, ["10", "20"]);
        let expected = "holds at group.client.count = 10, 20 and fails at 5, 40. To find how far it holds from there, search \
                        again with --from 10.";
        assert!(record.told.contains(expected), "{}", record.told);
        // A search for the smallest value has its points in descending order; here 5 plays the largest value.
        assert!(answered(&judgements, true).ends_with("search again with --to 10."));
        let judgements = [Holds, Fails, SurelyHolds];
        let record = found_of(&judgements, false);
        assert_eq!(record.outcome, CapacityOutcome::Outside);
        let expected = "fails at 10; chance could have decided otherwise. To find where it is lost first, search again with \
                        --to 10.";
        assert!(record.told.contains(expected), "{}", record.told);
        assert!(answered(&judgements, true).ends_with("search again with --from 10."));
    }

    #[test]
    fn what_cannot_be_told_claims_nothing() {
        let text = answered(&[SurelyHolds, Unknown, SurelyFails, SurelyHolds], false);
        let expected =
            "cannot be told at value group.client.count = 10: user_wait_p95 is not determined in every replication";
        assert!(text.contains(expected), "{text}");
        for claim in ["never", "always", "interval", "Beware"] {
            assert!(!text.contains(claim), "{claim}: {text}");
        }
    }

    #[test]
    fn a_search_in_the_wrong_direction_says_so() {
        let text = answered(&[Fails, SurelyHolds], false);
        assert!(text.contains("= 10; chance could have decided otherwise: search with --smallest"), "{text}");
        let text = answered(&[SurelyFails, SurelyHolds], false);
        assert!(text.contains("holds at the far end, group.client.count = 10: search with --smallest"), "{text}");
        assert!(!text.contains("never") && !text.contains("Beware"), "{text}");
        let text = answered(&[SurelyFails, SurelyHolds], true);
        assert!(text.contains("search without --smallest"), "{text}");
    }

    #[test]
    fn an_answer_says_of_which_networks_it_speaks() {
        let judgements = [SurelyHolds, SurelyFails];
        assert_eq!(
            answered(&judgements, false),
            "The largest value that keeps user_wait_p95 <= 2 s over all runs together: group.client.count = 5 (95 % interval: \
             5 to 5). Of single runs it says nothing; ask for `in 90% of networks`.\nThe interval is found assuming that it only gets \
             worse as group.client.count grows."
        );
        let mut search = CapacitySearch::new(2);
        judgements.iter().enumerate().for_each(|(value, judgement)| search.tell(value, *judgement));
        let objective = "price_age_mean <= 2s".parse().expect("an objective");
        let one_network = Search { objective, one_network: true, ..question(false) };
        let text = found(&study(2), &search, &one_network).told;
        assert!(text.contains("on average over the runs of one network: ") && !text.contains("networks"), "{text}");
        let objective = "user_wait_p95 <= 2s in 90% of networks".parse().expect("an objective");
        let share = found(&study(2), &search, &Search { objective, ..question(false) });
        assert_eq!(share.objective, "user_wait_p95 <= 2 s in 90% of networks");
        assert!(
            share.told.contains("keeps user_wait_p95 <= 2 s in 90% of networks: group.client.count = 5 "),
            "{}",
            share.told
        );
        assert!(share.told.contains("There 0 of 0 simulated networks keep the limit."), "{}", share.told);
        assert!(!share.told.contains("average"), "{}", share.told);
    }

    #[test]
    fn contradictions_say_which_side_is_sure() {
        let text = answered(&[SurelyHolds, Fails, SurelyHolds, SurelyFails], false);
        assert!(text.contains("Beware: it fails at 10 and surely holds at 20"), "{text}");
    }
}
