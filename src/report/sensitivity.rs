//! Reports what a sensitivity analysis found. The first sentence says what decides and what hardly matters; then comes how far each
//! measure goes within the ranges, and on what it depends.

use crate::inference::Quantity;
use crate::measures::Unit;
use crate::record::{EffectKind, EffectRecord, InputRecord, SensitivityDesign, SensitivityRecord};
use crate::stats::Estimate;

use super::assumed;
use super::charts;
use super::document::ReportSection;
use super::evidence::Evidence;
use super::influence::{self, Influence, JudgedEffect, change};
use super::numbers::{UNKNOWN, capitalised, difference, listed, rough, span, with_interval};

/// A first sentence has at most so many words.
const WORDS_OF_FIRST: usize = 32;

/// At most so many measures have a line of the answer, and so many uncertain values are named in one.
const MEASURES_TOLD: usize = 5;
const NAMED: usize = 3;

/// At most so many of those that hardly matter are named.
const SMALL_NAMED: usize = 5;

/// The answer, a line for each of its parts.
pub(super) fn answer(evidence: &Evidence<'_>, analysis: &SensitivityRecord) -> String {
    let quantities = analysis.quantities();
    let told = quantities.iter().enumerate().take(MEASURES_TOLD);
    let of_measures = told.map(|(measure, quantity)| of_measure(evidence, analysis, measure, quantity));
    let lines = std::iter::once(first_sentence(evidence, analysis)).chain(of_measures);
    let lines = lines.chain(small(evidence, analysis)).chain([how_sure(evidence, analysis)]);
    lines.collect::<Vec<_>>().join("\n")
}

/// Pictures and tables.
pub(super) fn sections(evidence: &Evidence<'_>, analysis: &SensitivityRecord) -> Vec<ReportSection> {
    let pictures = (0..analysis.measures.len()).flat_map(|measure| match analysis.design {
        SensitivityDesign::Tornado(_) => vec![charts::tornado(evidence, analysis, measure)],
        SensitivityDesign::Morris(_) => vec![charts::mu_star_sigma(evidence, analysis, measure)],
        SensitivityDesign::Sobol { .. } => vec![charts::variance_shares(evidence, analysis, measure)],
    });
    let effects = ReportSection::new("Effects").grid(effects(evidence, analysis), 0);
    vec![
        ReportSection::new("What decides").pictures(pictures),
        effects.sentence(reading_aid(analysis)),
        uncertain(&analysis.inputs),
    ]
}

/// What a reader has to know before the numbers.
pub(super) fn head(evidence: &Evidence<'_>) -> Vec<String> {
    let replications = evidence.points.iter().map(|point| point.replications).max().unwrap_or(0);
    vec![format!(
        "{} worlds, {replications} replications each. The same users meet the same luck in all worlds that have them.",
        evidence.points.len()
    )]
}

/// What decides most on the first measure that anything surely moves, what comes next, and what hardly matters.
fn first_sentence(evidence: &Evidence<'_>, analysis: &SensitivityRecord) -> String {
    let kind = analysis.main_effect();
    let seen = |measure: usize| -> Vec<usize> {
        let ranked = JudgedEffect::ranked(evidence, analysis, kind, measure);
        ranked.iter().filter(|judged| judged.influence.is_seen()).map(|judged| judged.effect.input).collect()
    };
    // What comes first among the measures is what is asked first.
    let of_measures = (0..analysis.measures.len()).map(|measure| (measure, seen(measure)));
    let Some((measure, order)) = of_measures.into_iter().find(|(_, order)| !order.is_empty()) else {
        return "Of nothing that is uncertain it is sure that it matters.".to_owned();
    };
    let first = order[0];
    let name = |input: usize| influence::name(analysis, input);
    let evidence_of = analysis
        .effect(kind, measure, first)
        .map_or_else(String::new, |effect| format!(" ({})", moved(analysis, &analysis.quantities()[measure], effect)));
    let weakest = || {
        let ranked = JudgedEffect::ranked(evidence, analysis, kind, measure);
        ranked.into_iter().rev().map(|judged| judged.effect.input)
    };
    let small = weakest().find(|input| is_small(evidence, analysis, *input));
    let small_here = weakest().find(|input| is_small_on(evidence, analysis, measure, *input));
    let last = match (small, small_here) {
        (Some(small), _) => format!("; {} hardly matters", name(small)),
        (None, Some(small)) => format!("; {} hardly moves {}", name(small), analysis.quantities()[measure].spoken()),
        (None, None) => String::new(),
    };
    let then = order.get(1).map_or_else(String::new, |input| format!(", then {}", name(*input)));
    let whole = |then: &str, last: &str| format!("What decides is {}{evidence_of}{then}{last}.", name(first));
    let attempts = [whole(&then, &last), whole("", &last), whole("", "")];
    let fits = |sentence: &&String| sentence.split_whitespace().count() <= WORDS_OF_FIRST;
    attempts.iter().find(fits).unwrap_or(&attempts[2]).clone()
}

/// Whether an uncertain value can be left out of account for all measures.
fn is_small(evidence: &Evidence<'_>, analysis: &SensitivityRecord, input: usize) -> bool {
    (0..analysis.measures.len()).all(|measure| is_small_on(evidence, analysis, measure, input))
}

fn is_small_on(evidence: &Evidence<'_>, analysis: &SensitivityRecord, measure: usize, input: usize) -> bool {
    let kind = analysis.main_effect();
    let least = influence::least(evidence, analysis, kind, measure);
    analysis.effect(kind, measure, input).is_some_and(|effect| Influence::of(effect, least) == Influence::Hardly)
}

/// What an effect does to a measure: `provider calls saved 20 to 47 %`.
fn moved(analysis: &SensitivityRecord, quantity: &Quantity, effect: &EffectRecord) -> String {
    let spoken = quantity.spoken();
    match analysis.design {
        SensitivityDesign::Tornado(_) => {
            let known = || effect.tried.iter().copied().flatten();
            let ends = [known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max)];
            format!("{spoken} {}", span(ends[0], ends[1], quantity.unit()))
        }
        SensitivityDesign::Morris(_) => {
            format!("moves {spoken} by {}", change(effect.value.unwrap_or(0.0), quantity.unit()))
        }
        SensitivityDesign::Sobol { .. } => {
            format!("{} of the variance of {spoken}", rough(effect.value.unwrap_or(0.0), Unit::Share))
        }
    }
}

/// How far a measure goes, and on what it depends.
fn of_measure(evidence: &Evidence<'_>, analysis: &SensitivityRecord, measure: usize, quantity: &Quantity) -> String {
    let spoken = capitalised(&quantity.spoken());
    let Some([(_, lowest), (_, highest)]) = influence::extremes(evidence, quantity) else {
        return format!("{spoken}: not known in any world.");
    };
    let unit = quantity.unit();
    let assumed = evidence.points.first().map_or_else(
        || UNKNOWN.to_owned(),
        |point| point.answer(quantity).known().map_or_else(|| UNKNOWN.to_owned(), |known| rough(known.mean, unit)),
    );
    let unknown = match influence::unknown(evidence, quantity) {
        0 => String::new(),
        count => format!(", not known in {count}"),
    };
    let ranked = JudgedEffect::ranked(evidence, analysis, analysis.main_effect(), measure);
    let strong: Vec<String> = ranked
        .iter()
        .filter(|judged| judged.influence.is_seen())
        .take(NAMED)
        .map(|judged| format!("{} ({})", influence::name(analysis, judged.effect.input), size(quantity, judged.effect)))
        .collect();
    let is_large = |judged: &JudgedEffect<'_>| {
        judged.size() >= influence::least(evidence, analysis, analysis.main_effect(), measure)
    };
    let depends = match strong.as_slice() {
        [] if ranked.iter().any(|judged| judged.effect.value.is_none()) => "What moves it is not known",
        [] if ranked.iter().any(is_large) => "Nothing that moves it is told from chance with so few replications",
        [] => "Nothing uncertain moves it much",
        [only] => &format!("Only {only} surely moves it"),
        several => &format!("What moves it most: {}", listed(several)),
    };
    // The largest effect of all may be one that only chance has made.
    let larger = ranked.first().filter(|first| first.influence == Influence::NoneSeen && !strong.is_empty());
    let larger = larger.map_or_else(String::new, |first| {
        let name = capitalised(&influence::name(analysis, first.effect.input));
        format!(" {name} may move it more ({}); more replications would tell.", size(quantity, first.effect))
    });
    format!(
        "{spoken}: {assumed} as assumed, {} in the {} worlds{unknown}. {depends}.{larger}",
        span(lowest, highest, unit),
        evidence.points.len()
    )
}

/// An effect in words: `27 points`, `41 %` of the variance.
fn size(quantity: &Quantity, effect: &EffectRecord) -> String {
    let value = effect.value.unwrap_or(0.0);
    if effect.kind.is_share_of_variance() { rough(value, Unit::Share) } else { change(value, quantity.unit()) }
}

/// Those that hardly matter for any measure.
fn small(evidence: &Evidence<'_>, analysis: &SensitivityRecord) -> Option<String> {
    let small = (0..analysis.inputs.len()).filter(|input| is_small(evidence, analysis, *input));
    let names: Vec<String> = small.map(|input| influence::name(analysis, input)).collect();
    let (first, others) = names.split_at(names.len().min(SMALL_NAMED));
    let others = (!others.is_empty()).then(|| format!("{} more", others.len()));
    let listed_ones: Vec<String> = first.iter().cloned().chain(others).collect();
    let matters = if names.len() == 1 { "matters" } else { "matter" };
    (!names.is_empty()).then(|| format!("For none of these {matters} much: {}.", listed(&listed_ones)))
}

/// How sure that is, and what it assumes.
fn how_sure(evidence: &Evidence<'_>, analysis: &SensitivityRecord) -> String {
    let within = match analysis.design {
        SensitivityDesign::Tornado(_) => {
            "Each value was changed alone, so that what two of them do together is not seen."
        }
        SensitivityDesign::Morris(_) => {
            "Effects are means over worlds in which the other uncertain values lie anywhere in their ranges."
        }
        SensitivityDesign::Sobol { .. } => {
            "Percentages are shares of the variance, with what a value does together with others."
        }
    };
    let alone = evidence.points.iter().all(|point| point.replications < 2);
    let chance = if alone { " With one replication, chance may have a part in it." } else { "" };
    format!("{within}{chance} {}", assumed::sentence(evidence))
}

/// A row for each uncertain value, the strongest on the first measure first, and columns for each measure.
fn effects(evidence: &Evidence<'_>, analysis: &SensitivityRecord) -> Vec<Vec<String>> {
    let kinds: &[EffectKind] = match analysis.design {
        SensitivityDesign::Tornado(_) => &[EffectKind::Swing],
        SensitivityDesign::Morris(_) => &[EffectKind::MuStar, EffectKind::Sigma],
        SensitivityDesign::Sobol { .. } => &[EffectKind::Total, EffectKind::FirstOrder],
    };
    let quantities = analysis.quantities();
    let title = |quantity: &Quantity, kind: EffectKind| match kind {
        EffectKind::Swing => quantity.spoken(),
        EffectKind::MuStar => format!("{}: μ*", quantity.spoken()),
        EffectKind::Mu => format!("{}: μ", quantity.spoken()),
        EffectKind::Sigma => "σ".to_owned(),
        EffectKind::FirstOrder => "alone".to_owned(),
        EffectKind::Total => format!("{}: total", quantity.spoken()),
    };
    let titles = quantities.iter().flat_map(|quantity| kinds.iter().map(|kind| title(quantity, *kind)));
    let mut rows: Vec<Vec<String>> = vec![std::iter::once("uncertain".to_owned()).chain(titles).collect()];
    for judged in JudgedEffect::ranked(evidence, analysis, analysis.main_effect(), 0) {
        let input = judged.effect.input;
        let mut cells = vec![influence::name(analysis, input)];
        for (measure, quantity) in quantities.iter().enumerate() {
            let of_kinds = kinds.iter().map(|kind| analysis.effect(*kind, measure, input));
            cells.extend(
                of_kinds.map(|effect| effect.map_or_else(|| UNKNOWN.to_owned(), |effect| cell(quantity, effect))),
            );
        }
        rows.push(cells);
    }
    rows
}

fn cell(quantity: &Quantity, effect: &EffectRecord) -> String {
    let Some(value) = effect.value else { return UNKNOWN.to_owned() };
    let estimate = Estimate { mean: value, half_width: effect.half_width, standard_deviation: None, count: 2 };
    if effect.kind.is_share_of_variance() {
        return with_interval(Some(estimate), Unit::Share);
    }
    difference(Some(estimate), quantity.unit()).trim_start_matches('+').to_owned()
}

fn reading_aid(analysis: &SensitivityRecord) -> &'static str {
    match analysis.design {
        SensitivityDesign::Tornado(_) => {
            "By how much the measure changes from the first value of the range to the last one, the others as assumed, ± half of the 95 % \
             interval; of listed values from the lowest mean to the highest."
        }
        SensitivityDesign::Morris(_) => {
            "μ* is by how much the measure changes on average if the value crosses its range, ± half of the 95 % interval; σ is how much \
             that differs from world to world: if it is as large as μ*, the effect depends on the other values, or is no straight line."
        }
        SensitivityDesign::Sobol { .. } => {
            "Shares of the variance over all worlds, ± half of the 95 % interval. Total: what a value does alone and together with others. \
             Alone: without the others."
        }
    }
}

/// What was uncertain, with the source of each range.
pub(super) fn uncertain(inputs: &[InputRecord]) -> ReportSection {
    let titles = ["uncertain", "parameter", "assumed", "range", "source"].map(str::to_owned);
    let row = |input: &InputRecord| {
        let range = match input.range.as_slice() {
            [low, high] => format!("{low} to {high}"),
            values => values.join(" | "),
        };
        vec![influence::name_of(input), input.parameter.clone(), input.assumed.clone(), range, input.source.clone()]
    };
    let rows = std::iter::once(titles.into()).chain(inputs.iter().map(row)).collect();
    ReportSection::new("What is uncertain").grid(rows, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sensitivity_support::analysed;

    #[test]
    fn the_answer_says_first_what_decides_in_short_sentences() {
        let firsts = [
            "What decides is how often users come (provider calls saved 30 to 70 %), then how many users there are; how fast providers \
             answer hardly matters.",
            "What decides is how often users come (moves provider calls saved by 40 points), then how many users there are; how fast providers \
             answer hardly matters.",
            "What decides is how often users come (40 % of the variance of provider calls saved), then how many users there are; how fast \
             providers answer hardly matters.",
        ];
        for (record, first) in analysed().iter().zip(firsts) {
            let evidence = Evidence::from(record);
            let answer = answer(&evidence, record.sensitivity.as_ref().expect("an analysis"));
            let lines: Vec<&str> = answer.lines().collect();
            assert_eq!(lines[0], first);
            assert!(lines.len() <= 10, "{answer}");
            let words = |sentence: &str| sentence.split_whitespace().count();
            assert!(
                words(first) <= WORDS_OF_FIRST
                    && lines.iter().flat_map(|line| line.split(". ")).all(|of| words(of) <= 55),
                "{answer}"
            );
            assert!(answer.contains("For none of these matters much: how fast providers answer."), "{answer}");
            assert!(answer.contains("`gtnet-sim check` lists all values"), "{answer}");
        }
    }

    #[test]
    fn a_first_sentence_that_is_too_long_leaves_out_what_comes_second() {
        let [mut record, ..] = analysed();
        for input in &mut record.sensitivity.as_mut().expect("an analysis").inputs {
            input.about = Some("a b c d e f g h i j k l".to_owned());
        }
        let evidence = Evidence::from(&record);
        let first = first_sentence(&evidence, record.sensitivity.as_ref().expect("an analysis"));
        assert!(first.split_whitespace().count() <= WORDS_OF_FIRST && !first.contains("then"), "{first}");
    }

    #[test]
    fn what_may_be_chance_is_no_effect() {
        let [mut record, ..] = analysed();
        for effect in &mut record.sensitivity.as_mut().expect("an analysis").effects {
            effect.half_width = Some(0.9);
        }
        let evidence = Evidence::from(&record);
        let answer = answer(&evidence, record.sensitivity.as_ref().expect("an analysis"));
        assert!(answer.starts_with("Of nothing that is uncertain it is sure that it matters."), "{answer}");
        assert!(!answer.contains("hardly"), "{answer}");
    }

    #[test]
    fn the_largest_effect_is_named_even_if_it_may_be_chance() {
        let [mut record, ..] = analysed();
        for effect in &mut record.sensitivity.as_mut().expect("an analysis").effects {
            effect.half_width = Some(if effect.input == 1 { 0.9 } else { 0.002 });
        }
        let evidence = Evidence::from(&record);
        let answer = answer(&evidence, record.sensitivity.as_ref().expect("an analysis"));
        assert!(
            answer.contains("How often users come may move it more (40 points); more replications would tell."),
            "{answer}"
        );
        assert!(answer.contains("Only how many users there are (10 points) surely moves it."), "{answer}");
    }
}
