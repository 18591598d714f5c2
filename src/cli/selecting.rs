//! What the user can type to choose among many alternatives: what shall be best, what is promised and what that may cost; or
//! several goals.

use clap::Args;

use crate::experiment::{Plan, SelectionPlan};
use crate::measures::{Better, Contrast, Quantity, Relevance};

/// Replications of each alternative that a selection may take on average, unless the user says another number of all.
const BUDGET_EACH: u32 = 200;

/// So many alternatives are compared with each other, a thousand times, in a few seconds.
const MOST_COMPARED: usize = 1_000;

#[derive(Debug, Args)]
pub(super) struct SelectionArguments {
    /// Find the alternative that is best in this measure, such as `user_wait_p95` or `connector_calls.saving`: those that surely are not get no
    /// more replications. `--matters` says which difference matters
    #[arg(long, value_name = "MEASURE", conflicts_with = "precision")]
    pub(super) best: Option<String>,

    /// With --best: the probability with which the best is found, if it is better than all others by what matters
    #[arg(long, value_name = "SHARE", requires = "best", default_value = "95%", value_parser = parse_confidence)]
    confidence: Promise,

    /// With --best: at most so many replications of all alternatives together [default: 200 for each]
    #[arg(long, value_name = "NUMBER", requires = "best", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    budget: Option<u32>,

    /// Say which alternatives are on the Pareto front of these goals, with commas between them, such as
    /// `connector_calls.saving,user_wait_p95`: no other is at least as good in all of them and better in one
    #[arg(long, value_name = "MEASURES", value_delimiter = ',')]
    goals: Vec<String>,
}

/// The probability that is promised.
#[derive(Clone, Copy, Debug)]
struct Promise(f64);

impl SelectionArguments {
    /// The goals; none if nobody asks for a front.
    ///
    /// # Errors
    ///
    /// What is wrong with them, and what could be written.
    pub(super) fn goals(&self, alternatives: usize, baseline: bool) -> Result<Vec<Quantity>, String> {
        let goal = |text: &String| judged("--goals", text, baseline);
        let goals = self.goals.iter().map(goal).collect::<Result<Vec<Quantity>, String>>()?;
        if let Some(twice) = goals.iter().enumerate().find_map(|(at, goal)| goals[..at].contains(goal).then_some(goal))
        {
            return Err(format!("--goals: `{twice}` is named twice"));
        }
        match goals.as_slice() {
            [_, _, ..] if alternatives > MOST_COMPARED => Err(format!(
                "--goals: each of {alternatives} alternatives would be compared with each other one; take at most {MOST_COMPARED}"
            )),
            [only] => Err(format!("--goals: a front takes two goals at least; for one there is `--best {only}`")),
            _ => Ok(goals),
        }
    }

    /// What shall be best; `None` if nothing is sought.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what could be written.
    pub(super) fn sought(&self, relevance: &Relevance, baseline: bool) -> Result<Option<(Quantity, f64)>, String> {
        let Some(text) = &self.best else { return Ok(None) };
        let quantity = judged("--best", text, baseline)?;
        let zone = relevance.fixed(&quantity).ok_or_else(|| {
            let unit = quantity.unit().symbol().trim_start_matches('1');
            format!(
                "--best: which difference of `{quantity}` matters must be fixed beforehand, and not in percent of what is found\n  help: \
                 say it in its unit, such as `--matters {quantity}=100{unit}`"
            )
        })?;
        Ok(Some((quantity, zone)))
    }

    /// The plan for alternatives that want so many replications each; `None` if nothing is sought.
    ///
    /// # Errors
    ///
    /// Like [`sought`](Self::sought); too few alternatives, or too small a budget.
    pub(super) fn plan(&self, wanted: &[u32], relevance: &Relevance, baseline: bool) -> Result<Option<Plan>, String> {
        let Some((quantity, zone)) = self.sought(relevance, baseline)? else { return Ok(None) };
        let count = u32::try_from(wanted.len()).map_err(|_| "--best: too many alternatives".to_owned())?;
        if count < 2 {
            return Err(
                "--best: there is one alternative alone; give several, by [[variant]] or [[sweep]] tables".to_owned()
            );
        }
        let Promise(confidence) = self.confidence;
        let first = SelectionPlan::first_stage(wanted);
        let least = u64::from(first) * u64::from(count);
        let budget = self.budget.map_or(u64::from(count) * u64::from(BUDGET_EACH.max(2 * first)), u64::from);
        let budget = u32::try_from(budget).unwrap_or(u32::MAX);
        if u64::from(budget) < least {
            return Err(format!(
                "--best: `--budget {budget}` is less than the {first} replications of each of {count} alternatives with which the \
                 selection begins\n  help: give at least --budget {least}"
            ));
        }
        Ok(Some(Plan::Selection(SelectionPlan { quantity, zone, confidence, budget })))
    }
}

/// The quantity that `option` names, of which more or less must be better.
fn judged(option: &str, text: &str, baseline: bool) -> Result<Quantity, String> {
    let quantity: Quantity = text.parse().map_err(|error| format!("{option}: {error}"))?;
    let is_change = quantity.contrast == Contrast::Saving;
    if !is_change && quantity.measure.better == Better::Neither {
        return Err(format!(
            "{option}: neither more nor less of `{quantity}` is better; name a measure of which one is, such as `user_wait_p95`"
        ));
    }
    if is_change && !baseline {
        return Err(format!(
            "{option}: `{quantity}` is a saving against the same users without GTNet, which `--no-baseline` leaves out"
        ));
    }
    Ok(quantity)
}

fn parse_confidence(text: &str) -> Result<Promise, String> {
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse(),
    };
    match number {
        Ok(share) if (0.5..=0.9999).contains(&share) => Ok(Promise(share)),
        _ => Err("a probability from 50% to 99.99% is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(best: &str, budget: Option<u32>) -> SelectionArguments {
        SelectionArguments { best: Some(best.to_owned()), confidence: Promise(0.95), budget, goals: Vec::new() }
    }

    fn planned(best: &str, budget: Option<u32>, matters: &[&str], baseline: bool) -> Result<SelectionPlan, String> {
        let texts: Vec<String> = matters.iter().map(|text| (*text).to_owned()).collect();
        let relevance = Relevance::parse(&texts).expect("differences");
        let plan = arguments(best, budget).plan(&[4, 20, 3], &relevance, baseline)?;
        let Some(Plan::Selection(plan)) = plan else { panic!("a selection is planned") };
        Ok(plan)
    }

    #[test]
    fn what_matters_is_the_indifference_zone() {
        let plan = planned("user_wait_p95", None, &[], true).expect("a plan");
        assert!((plan.zone - 0.1).abs() < 1e-12 && plan.budget == 600, "{plan:?}");
        let plan = planned("user_wait_p95", Some(61), &["user_wait_p95=50ms"], true).expect("a plan");
        assert!((plan.zone - 0.05).abs() < 1e-12 && plan.budget == 61, "{plan:?}");
        assert!(planned("connector_calls", None, &["connector_calls=9/d"], false).is_ok());
    }

    #[test]
    fn what_cannot_be_promised_is_refused_with_a_remedy() {
        let refused = |best, budget, baseline| planned(best, budget, &[], baseline).expect_err("refused");
        assert!(refused("user_wait_p95", Some(59), true).contains("--budget 60"));
        assert!(refused("connector_calls", None, true).contains("--matters connector_calls=100/d"));
        assert!(refused("messages", None, true).contains("neither more nor less"));
        assert!(refused("connector_calls.saving", None, false).contains("--no-baseline"));
        assert!(refused("waiting", None, true).contains("no measure is called"));
        let alone = arguments("user_wait_p95", None).plan(&[10], &Relevance::default(), true);
        assert!(alone.expect_err("one").contains("one alternative alone"));
    }

    #[test]
    fn a_front_has_several_goals_and_each_once() {
        let goals = |texts: &[&str]| {
            let goals = texts.iter().map(|text| (*text).to_owned()).collect();
            SelectionArguments { best: None, confidence: Promise(0.95), budget: None, goals }.goals(3, true)
        };
        assert!(goals(&[]).is_ok_and(|none| none.is_empty()));
        assert!(goals(&["user_wait_p95", "connector_calls.saving"]).is_ok_and(|two| two.len() == 2));
        assert!(goals(&["user_wait_p95"]).expect_err("one").contains("--best user_wait_p95"));
        assert!(goals(&["user_wait_p95", "user_wait_p95"]).expect_err("one").contains("twice"));
        assert!(goals(&["user_wait_p95", "messages"]).expect_err("neither").contains("neither more nor less"));
    }

    #[test]
    fn probabilities_are_shares_or_percents() {
        let parsed = |text| parse_confidence(text).map(|Promise(share)| share);
        assert_eq!((parsed("95%"), parsed("0.9"), parsed("50 %")), (Ok(0.95), Ok(0.9), Ok(0.5)));
        assert!(["49%", "100%", "1", "much", ""].iter().all(|text| parsed(text).is_err()));
    }
}
