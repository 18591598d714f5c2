//! What faults do to users: of each fault its own numbers over all replications, as a sentence and as rows.

use crate::measures::Unit;
use crate::metrics::{FELT_AGE_S, FELT_WAIT, FaultEffects, VisitEffects};

use super::evidence::PointEvidence;
use super::numbers::{capitalised, listed, quoted, rough};

/// The answer tells of at most so many faults, those that most visits feel.
const FAULTS_TOLD: usize = 3;

/// What holds after the aftermath of a fault.
const AS_WITHOUT: &str = "visits are on average again as they would be without it";

/// What visits that do not feel a fault gain or lose is told if it is more than this share of what the others lose.
const COUNTS_BESIDE: f64 = 0.05;

/// Who has recovered within this time has done so at once \[s\].
const AT_ONCE_S: f64 = 1.0;

/// What one fault did, summed over all replications. If several faults are active, a visit counts for each of them.
#[derive(Clone, Debug, Default)]
pub(super) struct FaultSummary {
    /// Name of the fault.
    pub(super) fault: String,
    /// Number of replications.
    pub(super) replications: usize,
    /// Its spells in the measured period.
    pub(super) spells: u64,
    /// Those of them that outlast the run.
    pub(super) outlasting: u64,
    /// How long it was active \[s\].
    pub(super) active_s: f64,
    /// Visits that began in its spells.
    pub(super) during: VisitEffects,
    /// Visits that began afterwards, until all was as before.
    pub(super) after: VisitEffects,
    /// Provider calls beyond those without faults.
    pub(super) extra_calls: i64,
    /// After how many spells all was as before.
    pub(super) recovered: u64,
    /// How long that took, all together \[s\].
    pub(super) recovery_s: f64,
    /// Spells that ended before the run did.
    pub(super) ended: u64,
    /// How long wrong timestamps outlasted these, all together \[s\].
    pub(super) wrong_stamps_s: f64,
}

/// What the faults of a run did, replication by replication; nothing without faults.
pub(super) fn effects<'r>(point: &PointEvidence<'r>) -> impl Iterator<Item = &'r FaultEffects> + Clone + use<'r> {
    point.measured.iter().filter_map(|replication| replication.measured.faults.as_deref())
}

/// Each fault of a run, in the scenario's order.
pub(super) fn summaries(point: &PointEvidence<'_>) -> Vec<FaultSummary> {
    let mut summaries: Vec<FaultSummary> = Vec::new();
    for replication in point.measured {
        let Some(effects) = replication.measured.faults.as_deref() else { continue };
        summaries.resize_with(effects.faults.len(), FaultSummary::default);
        let until = effects.warmup + replication.measured.period;
        for (summary, effect) in summaries.iter_mut().zip(&effects.faults) {
            summary.fault.clone_from(&effect.fault);
            summary.replications += 1;
            summary.spells += effect.measured_spells;
            summary.outlasting += effect.spells.iter().filter(|spell| spell.ends >= until).count() as u64;
            summary.active_s += effect.active_s;
            summary.during.add(&effect.during);
            summary.after.add(&effect.after);
            summary.extra_calls += effect.extra_calls;
            summary.recovered += effect.recovered;
            summary.recovery_s += effect.recovery_s;
            summary.ended += effect.ended;
            summary.wrong_stamps_s += effect.wrong_stamps_s;
        }
    }
    summaries
}

/// What users feel of the faults of a run; `None` without faults.
pub(super) fn answer(point: &PointEvidence<'_>) -> Option<String> {
    let mut summaries = summaries(point);
    let several = summaries.len() > 1;
    let left_out = summaries.len().saturating_sub(FAULTS_TOLD);
    summaries.sort_by_key(|summary| std::cmp::Reverse(summary.during.felt + summary.after.felt));
    let mut sentences: Vec<String> = summaries.iter().take(FAULTS_TOLD).map(FaultSummary::sentences).collect();
    if left_out > 0 {
        sentences.push(format!("{left_out} more faults are in faults.csv."));
    }
    if several {
        sentences.push("A visit counts for each fault that is active.".to_owned());
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

impl FaultSummary {
    /// What users feel of it, in a few sentences. Its name is its user's own, so it is quoted.
    fn sentences(&self) -> String {
        let Self { fault, during, .. } = self;
        if self.spells == 0 {
            return format!("The fault {} never happens in the measured period.", quoted(fault));
        }
        let fault = quoted(fault);
        let felt = match (during.visits, during.felt) {
            (0, _) => format!("Nobody visits during the fault {fault}."),
            (_, 0) => format!("No visit during the fault {fault} feels it."),
            (visits, felt) => {
                let share = rough(felt as f64 / visits as f64, Unit::Share);
                let how = self.how(&share);
                let colon = if how.is_empty() { "" } else { ": " };
                format!("Of the visits during the fault {fault} {share} feel it{colon}{}.", listed(&how))
            }
        };
        let sentences = [Some(felt), self.on_average(), self.calls(), Some(self.recovery())];
        sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// How the visits that begin while it lasts feel it; `felt` is their share. The mean over all visits fits to theirs only together
    /// with what becomes of the others: who asks a server that is gone hears so at once, and may be served sooner.
    fn how(&self, felt: &str) -> Vec<String> {
        let during = &self.during;
        let share = |count: u64| rough(count as f64 / during.visits as f64, Unit::Share);
        let mean = |sum: f64| sum / during.felt_paired as f64;
        let (wait_s, age_s) = (mean(during.felt_extra_wait_s), mean(during.felt_extra_age_s));
        let is_any = during.felt_paired > 0;
        // Of those that are not prevented, if any are.
        let who = if during.prevented + during.interrupted > 0 { "the rest of these" } else { "these" };
        let longer = (is_any && wait_s > FELT_WAIT.as_secs_f64())
            .then(|| format!("take {} longer on average", rough(wait_s, Unit::Seconds)));
        let word = if age_s > 0.0 { "older" } else { "younger" };
        let older = (is_any && age_s.abs() > FELT_AGE_S)
            .then(|| format!("show prices {} {word}", rough(age_s.abs(), Unit::Seconds)));
        let others = longer.as_ref().and_then(|_| self.others(felt));
        let both: Vec<String> = longer.into_iter().chain(older).collect();
        [
            (during.prevented > 0).then(|| format!("{} do not come about", share(during.prevented))),
            (during.interrupted > 0).then(|| format!("{} are interrupted", share(during.interrupted))),
            (!both.is_empty()).then(|| format!("{who} {}", both.join(" and "))),
            others,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// How much longer or less long the visits take that do not feel it, if that counts beside those that do.
    fn others(&self, felt: &str) -> Option<String> {
        let during = &self.during;
        let extra_s = during.extra_wait_s - during.felt_extra_wait_s;
        let count = during.paired - during.felt_paired;
        let share = rough((during.visits - during.felt) as f64 / during.visits as f64, Unit::Share);
        let mean = rough(extra_s.abs() / count as f64, Unit::Seconds);
        let longer = if extra_s > 0.0 { "longer" } else { "less" };
        let counts = count > 0 && extra_s.abs() > COUNTS_BESIDE * during.felt_extra_wait_s.abs();
        (counts && share != felt).then(|| format!("the other {share} take {mean} {longer} than without it"))
    }

    /// How much longer visits that begin while it lasts take, whether they feel it or not; nothing where those that feel it say it.
    fn on_average(&self) -> Option<String> {
        let during = &self.during;
        let mean_s = during.extra_wait_s / during.paired as f64;
        let of_others_s = (during.extra_wait_s - during.felt_extra_wait_s).abs();
        let is_told = during.felt > 0 && during.paired > 0 && of_others_s > COUNTS_BESIDE * during.extra_wait_s.abs();
        let longer = if mean_s > 0.0 { "longer" } else { "less long" };
        is_told.then(|| format!("A visit during it takes {} {longer} on average.", rough(mean_s.abs(), Unit::Seconds)))
    }

    /// How many more calls providers get each time, its aftermath included.
    fn calls(&self) -> Option<String> {
        let calls = self.extra_calls as f64 / self.spells as f64;
        let (verb, more) = if calls > 0.0 { ("causes", " more") } else { ("spares", "") };
        let each = if self.is_repeated() { " each time" } else { " in all" };
        (calls.abs() >= 1.0)
            .then(|| format!("It {verb} {}{more} provider calls{each}.", rough(calls.abs(), Unit::Number)))
    }

    /// How long it takes until all is as it would be without it.
    pub(super) fn recovery(&self) -> String {
        let mean_s = self.recovery_s / self.recovered as f64;
        let after = || match mean_s {
            at_once if at_once < AT_ONCE_S => "as soon as it ends".to_owned(),
            mean_s => format!("{} after its end", rough(mean_s, Unit::Seconds)),
        };
        match self.recovered {
            0 if self.outlasting == self.spells => "It lasts until the run ends.".to_owned(),
            0 => "Visits are not yet as they would be without it when it comes again, or the run ends.".to_owned(),
            all if all == self.spells => format!("{}, {AS_WITHOUT}.", capitalised(&after())),
            some => format!(
                "In {some} of {} cases {AS_WITHOUT} {}; in the others it comes again, or the run ends, before they are.",
                self.spells,
                after()
            ),
        }
    }

    fn is_repeated(&self) -> bool {
        self.spells > self.replications as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::evidence::Evidence;
    use crate::report::support::RecordBuilder;
    use crate::report::text;

    fn summary() -> FaultSummary {
        let during = VisitEffects {
            visits: 1_000,
            felt: 310,
            paired: 980,
            extra_wait_s: 9_000.0,
            felt_paired: 300,
            felt_extra_wait_s: 9_000.0,
            ..VisitEffects::default()
        };
        FaultSummary {
            fault: "hub-down".to_owned(),
            replications: 5,
            spells: 5,
            during,
            extra_calls: 1_200,
            recovered: 5,
            recovery_s: 7_500.0,
            ..FaultSummary::default()
        }
    }

    #[test]
    fn a_fault_is_told_by_what_users_feel() {
        assert_eq!(
            summary().sentences(),
            "Of the visits during the fault “hub-down” 31 % feel it: these take 30 s longer on average. It causes 240 more provider \
             calls in all. 25 min after its end, visits are on average again as they would be without it."
        );
        let during = VisitEffects { prevented: 200, interrupted: 10, felt_extra_age_s: 36_000.0, ..summary().during };
        let down = FaultSummary { during, spells: 10, recovered: 9, recovery_s: 0.0, ..summary() };
        assert_eq!(
            down.sentences(),
            "Of the visits during the fault “hub-down” 31 % feel it: 20 % do not come about, 1.0 % are interrupted and the rest of \
             these take 30 s longer on average and show prices 2.0 min older. It causes 120 more provider calls each time. In 9 of 10 \
             cases visits are on average again as they would be without it as soon as it ends; in the others it comes again, or the run ends, \
             before they are."
        );
    }

    /// 300 visits lose 9,000 s and 680 others gain 3,400 s, so that all together lose 5,600 s.
    #[test]
    fn what_the_others_gain_is_told_beside() {
        let during = VisitEffects { extra_wait_s: 5_600.0, ..summary().during };
        let told = FaultSummary { during, ..summary() }.sentences();
        let expected = "feel it: these take 30 s longer on average and the other 69 % take 5.0 s less than without it. A visit during it takes 5.7 s longer on average. ";
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn what_is_not_felt_or_does_not_happen_is_said() {
        let unfelt = VisitEffects { felt: 0, ..summary().during };
        let lasting = FaultSummary { during: unfelt, extra_calls: -9, recovered: 0, outlasting: 5, ..summary() };
        assert_eq!(
            lasting.sentences(),
            "No visit during the fault “hub-down” feels it. It spares 1.8 provider calls in all. It lasts until the run ends."
        );
        let younger = VisitEffects { felt_extra_wait_s: 0.0, felt_extra_age_s: -27_000.0, ..summary().during };
        let told = FaultSummary { during: younger, ..summary() }.sentences();
        assert!(told.contains("feel it: these show prices 90 s younger. "), "{told}");
        let absent = FaultSummary { spells: 0, ..summary() };
        assert_eq!(absent.sentences(), "The fault “hub-down” never happens in the measured period.");
        let alone = FaultSummary { during: VisitEffects::default(), extra_calls: 0, ..summary() };
        assert!(
            alone
                .sentences()
                .starts_with("Nobody visits during the fault “hub-down”. 25 min after its end, visits are"),
            "{}",
            alone.sentences()
        );
        let never_over = FaultSummary { recovered: 0, ..summary() };
        assert!(
            never_over
                .sentences()
                .ends_with("not yet as they would be without it when it comes again, or the run ends."),
            "{}",
            never_over.sentences()
        );
    }

    #[test]
    fn a_run_with_faults_says_first_what_users_felt() {
        let told = |record| text(&record);
        let with = told(RecordBuilder::new().with_fault().build());
        let answer = with.lines().next().expect("an answer");
        assert!(answer.starts_with("Of the visits during the fault “hub-down” 25 % feel it: "), "{with}");
        assert!(with.contains("  felt by visits"), "{with}");
        assert!(with.contains("  as without them after  15.0 ± 0.0 min"), "{with}");
        assert!(with.contains("95 % sure against chance; assumed: "), "{with}");
        let mut never = RecordBuilder::new().with_fault().build();
        never.replications[1].measured.faults.as_mut().expect("faults").recovery_s = None;
        assert!(told(never).contains("in 1 of 5 runs not when the run ends"));
        let without = RecordBuilder::new().build();
        assert_eq!(answer_of(&without), None);
        assert!(!told(without).contains("Faults"));
    }

    fn answer_of(record: &crate::record::RunRecord) -> Option<String> {
        answer(&Evidence::from(record).points[0])
    }
}
