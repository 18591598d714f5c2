//! What `GTNet` changes in one scenario, in a few sentences: what gets better, its price, what stays, what may be too small to
//! matter, and what is too uncertain to tell. Every change has both values, and names what it is a change from.

use crate::inference::{CONFIDENCE, Contrast, Direction, Quantity, Relevant, Verdict};
use crate::measures::{self, Condition, MeasureId, Unit};
use crate::stats::{Paired, bonferroni_confidence};

use super::decided::{PERHAPS, UNCERTAIN, would};
use super::evidence::{Evidence, PointEvidence};
use super::numbers::{capitalised, from_to, listed, rough};

/// The four changes that an answer is made of: for providers, for users, and for what users see.
const CHANGES: [(MeasureId, Contrast); 4] = [
    (measures::CONNECTOR_CALLS, Contrast::Saving),
    (measures::USER_WAIT_P50, Contrast::Difference),
    (measures::USER_WAIT_P95, Contrast::Difference),
    (measures::PRICE_AGE_P95, Contrast::Difference),
];

/// The changes that are told of a variant, if they matter. Calls over a limit are among them: who shares a key asks for these.
const CHANGES_OF_VARIANTS: [(MeasureId, Contrast); 5] = [
    (measures::CONNECTOR_CALLS, Contrast::Saving),
    (measures::CONNECTOR_RATE_LIMITED, Contrast::Difference),
    (measures::USER_WAIT_P50, Contrast::Difference),
    (measures::USER_WAIT_P95, Contrast::Difference),
    (measures::PRICE_AGE_P95, Contrast::Difference),
];

/// A sentence has at most so many changes, as each has two values.
const IN_A_SENTENCE: usize = 2;

/// What the changes are changes from.
const FROM: &str = "compared with the same users without GTNet";

/// One of the changes.
struct GtnetChange {
    measure: MeasureId,
    /// By how much, if that is a share: calls saved.
    share: Option<f64>,
    /// Both values, without `GTNet` and with it.
    values: Option<(f64, f64)>,
    /// The difference with its interval; `None` if it is not known.
    paired: Option<Paired>,
    /// The smallest difference that matters.
    least: f64,
    verdict: Verdict,
}

/// The sentences.
pub(super) fn told(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> Vec<String> {
    let changes = changes(evidence, point, &CHANGES);
    let confidence = bonferroni_confidence(CONFIDENCE, CHANGES.len());
    let those = |is: &dyn Fn(Verdict) -> bool| changes.iter().filter(|one| is(one.verdict)).collect::<Vec<_>>();
    let matters = |wanted: Direction| move |of: Verdict| of == Verdict::Differs(wanted, Relevant::Yes);
    let (better, worse) = (those(&matters(Direction::Better)), those(&matters(Direction::Worse)));
    let perhaps = those(&|of| matches!(of, Verdict::Differs(_, Relevant::Perhaps)));
    let equal = those(&|of| matches!(of, Verdict::Equal(_) | Verdict::NoneSeen));
    let equal_in_each = those(&|of| of == Verdict::EqualInEach);
    let uncertain = those(&|of| of == Verdict::Uncertain);
    if [&better, &worse, &perhaps, &equal, &equal_in_each, &uncertain].iter().all(|group| group.is_empty()) {
        return Vec::new();
    }
    let from = match point.replications {
        1 => format!("In one replication, perhaps by chance and {FROM},"),
        _ => format!("{},", capitalised(FROM)),
    };
    let in_words =
        |group: &[&GtnetChange]| group.iter().map(|one| one.beside(&point.facts.yes_if)).collect::<Vec<String>>();
    let is_all_known = changes.iter().all(|one| one.verdict != Verdict::NotKnown);
    let mut sentences = match (better.is_empty(), worse.is_empty()) {
        (false, true) => in_sentences(&from, &in_words(&better)),
        (false, false) => {
            let mut sentences = in_sentences(&from, &in_words(&better));
            sentences.extend(in_sentences("In return,", &in_words(&worse)));
            sentences
        }
        (true, false) if uncertain.is_empty() && perhaps.is_empty() && is_all_known => {
            let mut sentences = vec![format!("{from} nothing gets better.")];
            sentences.extend(in_sentences("", &in_words(&worse)));
            sentences
        }
        (true, false) => in_sentences(&from, &in_words(&worse)),
        (true, true) => vec![format!("{from} nothing changes in a way that surely matters.")],
    };
    let list = |group: &[&GtnetChange]| listed(&group.iter().map(|one| one.with_values()).collect::<Vec<_>>());
    if !perhaps.is_empty() {
        sentences.extend(perhaps_too_small(&perhaps));
    }
    for (group, seen) in [(&equal, ""), (&equal_in_each, " in any replication")] {
        let names: Vec<String> = group.iter().map(|one| one.what().to_owned()).collect();
        sentences.extend((!names.is_empty()).then(|| format!("No change that matters{seen}: {}.", listed(&names))));
    }
    if !uncertain.is_empty() {
        // Nobody need know whether something far too small to matter is there.
        let worth_it = uncertain.iter().filter(|one| one.may_matter());
        let needed = worth_it.map(|one| one.replications_needed(confidence)).collect::<Option<Vec<u32>>>();
        let needed = needed.and_then(|needed| needed.into_iter().max());
        sentences.push(format!(
            "{}: {}{}.",
            capitalised(UNCERTAIN),
            list(&uncertain),
            would(needed, point.replications)
        ));
    }
    sentences
}

/// What `GTNet` surely changes for the users of a variant, in ways that matter; `None` if that is not known.
pub(super) fn of_variant(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> Option<String> {
    let changes = changes(evidence, point, &CHANGES_OF_VARIANTS);
    let those = |direction: Direction| -> Vec<String> {
        let is = |one: &&GtnetChange| one.verdict == Verdict::Differs(direction, Relevant::Yes);
        changes.iter().filter(is).map(GtnetChange::in_words).collect()
    };
    let (better, worse) = (those(Direction::Better), those(Direction::Worse));
    let from = format!("{},", capitalised(FROM));
    let sentences = match (better.is_empty(), worse.is_empty()) {
        (true, true) if changes.iter().all(|one| one.verdict == Verdict::NotKnown) => return None,
        (true, true) => vec![format!("{from} nothing changes in a way that surely matters.")],
        (false, true) => in_sentences(&from, &better),
        (true, false) => in_sentences(&from, &worse),
        (false, false) => {
            let mut sentences = in_sentences(&from, &better);
            sentences.extend(in_sentences("In return,", &worse));
            sentences
        }
    };
    let perhaps = |one: &&GtnetChange| matches!(one.verdict, Verdict::Differs(_, Relevant::Perhaps));
    let perhaps: Vec<&GtnetChange> = changes.iter().filter(perhaps).collect();
    Some(sentences.into_iter().chain(perhaps_too_small(&perhaps)).collect::<Vec<_>>().join(" "))
}

/// Whether the users of the two are surely in another situation without `GTNet`, in a way that matters: what it changes for one of
/// the two then says little of the other. Totals are no matter of a situation.
pub(super) fn differ_without(evidence: &Evidence<'_>, one: &PointEvidence<'_>, other: &PointEvidence<'_>) -> bool {
    let confidence = bonferroni_confidence(CONFIDENCE, CHANGES_OF_VARIANTS.len());
    CHANGES_OF_VARIANTS.iter().filter(|(_, contrast)| *contrast == Contrast::Difference).any(|(measure, _)| {
        let quantity = Quantity::of_network(*measure, Contrast::GtnetOff);
        let count = one.replications.min(other.replications);
        let samples = quantity.sample(&one.observations, count).zip(quantity.sample(&other.observations, count));
        samples.is_some_and(|(one, other)| {
            let paired = Paired::of(&one, &other, confidence);
            let least = evidence.relevance.least(&quantity, other.centre());
            matches!(Verdict::of(&quantity, &paired, least, confidence), Verdict::Differs(_, Relevant::Yes))
        })
    })
}

/// These changes of a point; the chance that all of what is claimed of them is so is 95 %.
fn changes(evidence: &Evidence<'_>, point: &PointEvidence<'_>, of: &[(MeasureId, Contrast)]) -> Vec<GtnetChange> {
    let confidence = bonferroni_confidence(CONFIDENCE, of.len());
    let change = |(measure, contrast): &(MeasureId, Contrast)| {
        GtnetChange::of(evidence, point, &Quantity::of_network(*measure, *contrast), confidence)
    };
    of.iter().map(change).collect()
}

/// What is there and may not matter, in sentences that are not too long.
fn perhaps_too_small(changes: &[&GtnetChange]) -> Vec<String> {
    let told: Vec<String> = changes.iter().map(|one| one.with_least()).collect();
    let sentence = |(index, part): (usize, &[String])| {
        let beginning = if index == 0 { capitalised(PERHAPS) } else { "Likewise".to_owned() };
        format!("{beginning}: {}.", listed(part))
    };
    told.chunks(IN_A_SENTENCE).enumerate().map(sentence).collect()
}

/// Changes in sentences that are not too long; the first one begins with `beginning`.
fn in_sentences(beginning: &str, changes: &[String]) -> Vec<String> {
    let sentence = |(index, part): (usize, &[String])| {
        let words = listed(part);
        if index == 0 && !beginning.is_empty() {
            format!("{beginning} {words}.")
        } else {
            format!("{}.", capitalised(&words))
        }
    };
    changes.chunks(IN_A_SENTENCE).enumerate().map(sentence).collect()
}

impl GtnetChange {
    fn of(evidence: &Evidence<'_>, point: &PointEvidence<'_>, quantity: &Quantity, confidence: f64) -> Self {
        let measure = quantity.measure;
        let of =
            |contrast| point.answer(&Quantity::of_network(measure, contrast)).counted().map(|counted| counted.mean);
        let without = of(Contrast::GtnetOff);
        let least = evidence.relevance.least(quantity, without.unwrap_or(0.0));
        let sample = quantity.sample(&point.observations, point.replications);
        let paired = sample.as_ref().map(|sample| Paired::of(sample, &sample.nothing(), confidence));
        let verdict = paired.map_or(Verdict::NotKnown, |paired| {
            if point.replications == 1 {
                of_one_replication(quantity, paired.difference.mean, least)
            } else {
                Verdict::of(quantity, &paired, least, confidence)
            }
        });
        let share = sample.filter(|_| quantity.contrast == Contrast::Saving).map(|sample| sample.centre());
        Self { measure, share, values: without.zip(of(Contrast::Value)), paired, least, verdict }
    }

    /// What changes.
    fn what(&self) -> &'static str {
        match self.measure {
            measures::CONNECTOR_CALLS => "provider calls",
            measures::CONNECTOR_RATE_LIMITED => "calls over a limit",
            measures::PRICE_AGE_P95 => "the oldest 5 % of prices",
            measures::USER_WAIT_P95 => "the slowest 5 % of visits",
            _ => "typical visits",
        }
    }

    fn unit(&self) -> Unit {
        self.measure.unit
    }

    /// The change in words beside these requirements: a share that they have named is not told again.
    fn beside(&self, requirements: &[Condition]) -> String {
        let is_named = requirements.iter().any(|one| one.quantity == Quantity::saving(self.measure));
        self.with_share(self.share.filter(|_| !is_named))
    }

    /// `the oldest 5 % of prices get older (26.3 → 27.4 min)`.
    fn in_words(&self) -> String {
        self.with_share(self.share)
    }

    fn with_share(&self, share: Option<f64>) -> String {
        let by = share.map(|share| format!(" by {}", rough(share.abs(), Unit::Share)));
        format!("{} {}{}{}", self.what(), self.how(), by.unwrap_or_default(), self.values())
    }

    /// Which way it changes.
    fn how(&self) -> &'static str {
        let rises = self.values.is_some_and(|(without, with)| with > without);
        match (self.measure, rises) {
            (measures::CONNECTOR_CALLS | measures::CONNECTOR_RATE_LIMITED, true) => "rise",
            (measures::CONNECTOR_CALLS | measures::CONNECTOR_RATE_LIMITED, false) => "fall",
            (measures::PRICE_AGE_P95, true) => "get older",
            (measures::PRICE_AGE_P95, false) => "get younger",
            (_, true) => "get longer",
            (_, false) => "get shorter",
        }
    }

    /// `the oldest 5 % of prices (26.3 → 27.4 min)`.
    fn with_values(&self) -> String {
        format!("{}{}", self.what(), self.values())
    }

    /// `the slowest 5 % of visits get shorter (2.18 → 1.99 s, perhaps by less than 100 ms)`: what is perhaps too small stands beside
    /// what matters.
    fn with_least(&self) -> String {
        let least = rough(self.least, self.unit());
        let told =
            |(without, with)| format!(" ({}, perhaps by less than {least})", from_to(without, with, self.unit()));
        format!("{} {}{}", self.what(), self.how(), self.values.map(told).unwrap_or_default())
    }

    fn values(&self) -> String {
        let told = |(without, with)| format!(" ({})", from_to(without, with, self.unit()));
        self.values.map(told).unwrap_or_default()
    }

    /// Whether it is at least half of what matters.
    fn may_matter(&self) -> bool {
        self.paired.is_some_and(|paired| paired.difference.mean.abs() >= self.least / 2.0)
    }

    /// How many replications would tell, if they are more than there are.
    fn replications_needed(&self, confidence: f64) -> Option<u32> {
        let paired = self.paired?;
        let needed = paired.replications_needed(self.least, confidence)?;
        (needed as usize > paired.difference.count).then_some(needed)
    }
}

/// One replication has no interval: what it shows is taken as it is.
fn of_one_replication(quantity: &Quantity, change: f64, least: f64) -> Verdict {
    if change.abs() > least {
        Verdict::Differs(Direction::of(quantity, change > 0.0), Relevant::Yes)
    } else {
        Verdict::Equal(None)
    }
}
