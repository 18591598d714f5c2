//! The answer of a study of worlds: first what holds in most of them, then each alternative, its requirements, its regret, and where it
//! fails.

use crate::inference::{CONFIDENCE, Quantity};
use crate::measures::Unit;
use crate::stats::{all_alike_bound, share_interval};

use super::assumed;
use super::evidence::Evidence;
use super::influence::change;
use super::numbers::{capitalised, listed, quantity_told, quoted, rough, span};
use super::worlds::{
    Conclusion, FailureConditions, NumberSpread, Regret, RequirementCount, Standing, WorldOutcome, WorldResults,
    restricted_to,
};

/// At most so many groups of conditions are told.
const CONDITIONS_TOLD: usize = 3;

/// A share of the variance whose interval reaches farther than this to each side says too little for a sentence.
const VAGUE: f64 = 0.25;

/// The regret in at most so many numbers is told.
const REGRETS_TOLD: usize = 2;

/// At most so many numbers are listed of those that never differ.
const SAME_TOLD: usize = 4;

/// The answer, a line for each of its parts.
pub(super) fn answer(evidence: &Evidence<'_>, results: &WorldResults<'_>) -> String {
    let told = results.told(evidence);
    let lines = results.spreads.iter().map(spread).chain(first_sentence(results, &told));
    let lines = lines.chain(variants(results, &told)).chain(requirements(results)).chain(regrets(results, &told));
    let lines = lines.chain(results.conditions.iter().take(CONDITIONS_TOLD).map(|of| conditions(results, of)));
    lines.chain([how_sure(evidence, results)]).collect::<Vec<_>>().join("\n")
}

/// `Provider calls saved: 32.1 ± 0.5 % as assumed, 12 to 63 % in 90 % of the worlds. Of the variance, 97 % …`
fn spread(of: &NumberSpread) -> String {
    let unit = of.number.unit();
    let range = match of.range {
        Some([low, high]) => format!("{} in 90 % of the worlds", span(low, high, unit)),
        None => "not known in any world".to_owned(),
    };
    let unknown = if of.worlds[1] > 0 && of.range.is_some() {
        format!(" (without {} where it is not known)", of.worlds[1])
    } else {
        String::new()
    };
    let shares = of.components.map_or_else(String::new, |components| {
        let is_sure = components.half_widths.is_some_and(|all| all.iter().all(|half_width| *half_width <= VAGUE));
        if !is_sure {
            return " What its variance over the worlds is made of is too uncertain to tell with so few of them.".to_owned();
        }
        let [worlds, topologies, luck] = components.shares.map(|share| format!("{:.0} %", 100.0 * share));
        format!(
            " Of its variance over the worlds, {worlds} come from what is uncertain, {topologies} from the topology drawn and {luck} from luck."
        )
    });
    format!(
        "{}: {} as assumed, {range}{unknown}.{shares}",
        capitalised(&of.number.spoken()),
        quantity_told(&of.number, of.assumed)
    )
}

/// `in all 88 worlds`, `in 3 of 88 worlds`, `in none of 88 worlds`.
fn in_worlds(count: usize, all: usize) -> String {
    match count {
        0 => format!("in none of {all} worlds"),
        _ if count == all => format!("in all {all} worlds"),
        _ => format!("in {count} of {all} worlds"),
    }
}

/// The number in which one alternative is better or worse than the first one in most worlds, and one in which it is the other way round.
fn first_sentence(results: &WorldResults<'_>, told: &[Quantity]) -> Option<String> {
    let sure: CountWorlds = |of, standing| of.count(standing);
    let by_means: CountWorlds = |of, standing| of.count(standing) + of.leaning(standing);
    let all = results.count();
    if results.conclusions.is_empty() {
        return None;
    }
    if let Some((of, side)) = most_common(results, told, sure) {
        let surely = if of.leaning(side) > 0 {
            format!(" for sure, and by the means {}", in_worlds(by_means(of, side), all))
        } else {
            String::new()
        };
        let (first, in_return) = (is_so(of, side, sure), in_return(results, told, (of, side), sure));
        let other = and_other(of, side, sure);
        return Some(format!("{first}{surely}{other}{in_return}."));
    }
    let alone = "Nothing is surely better or worse in a way that matters";
    Some(match most_common(results, told, by_means) {
        Some((of, side)) => {
            let (first, in_return) = (is_so(of, side, by_means), in_return(results, told, (of, side), by_means));
            let other = and_other(of, side, by_means);
            format!("{alone} in any of {all} worlds. By the means alone, {first}{other}{in_return}.")
        }
        None => format!("{alone}, nor by the means alone, in any of {all} worlds."),
    })
}

/// Counts the worlds in which an alternative stands like this.
type CountWorlds = fn(&Conclusion, Standing) -> usize;

/// What holds in most worlds: an alternative and a number, and on which side of the first alternative it is; `None` if none is on any.
fn most_common<'c>(
    results: &'c WorldResults<'_>,
    told: &[Quantity],
    count: CountWorlds,
) -> Option<(&'c Conclusion, Standing)> {
    let mut best: Option<(&Conclusion, Standing, usize)> = None;
    for number in told {
        for of in results.conclusions.iter().filter(|of| of.number == *number) {
            for side in [Standing::Worse, Standing::Better] {
                let own = count(of, side);
                if own > best.map_or(0, |best| best.2) {
                    best = Some((of, side, own));
                }
            }
        }
    }
    best.map(|(of, side, _)| (of, side))
}

/// `, and better in 3`: in how many worlds it is the other way round; nothing if in none.
fn and_other(of: &Conclusion, side: Standing, count: CountWorlds) -> String {
    let other = if side == Standing::Worse { Standing::Better } else { Standing::Worse };
    match count(of, other) {
        0 => String::new(),
        worlds => format!(", and {} in {worlds}", other.name()),
    }
}

/// `“b” is worse than “a” in wait of the slowest 5 % of visits in all 88 worlds`.
fn is_so(of: &Conclusion, side: Standing, count: CountWorlds) -> String {
    let worlds = in_worlds(count(of, side), of.worlds.len());
    let (variant, reference) = (quoted(&of.variant), quoted(&of.reference));
    format!("{variant} is {} than {reference} in {} {worlds}", side.name(), of.number.spoken())
}

/// `; it is better in provider calls saved in 3 of 88 worlds`: the first other number in which it is on the other side.
fn in_return(
    results: &WorldResults<'_>,
    told: &[Quantity],
    (of, side): (&Conclusion, Standing),
    count: CountWorlds,
) -> String {
    let other = if side == Standing::Worse { Standing::Better } else { Standing::Worse };
    let found = told.iter().filter(|number| **number != of.number).find_map(|number| {
        let same = results.conclusions.iter().find(|one| one.variant == of.variant && one.number == *number)?;
        Some((same, count(same, other))).filter(|(_, count)| *count > 0)
    });
    found.map_or_else(String::new, |(same, count)| {
        format!("; it is {} in {} {}", other.name(), same.number.spoken(), in_worlds(count, same.worlds.len()))
    })
}

/// A line for each alternative beside the first one.
fn variants(results: &WorldResults<'_>, told: &[Quantity]) -> Vec<String> {
    let all = results.count();
    let line = |label: &str| {
        let own = || results.conclusions.iter().filter(|of| of.variant == label);
        let numbers = told.iter().filter_map(|number| own().find(|of| of.number == *number));
        let (same, differing): (Vec<&Conclusion>, Vec<&Conclusion>) =
            numbers.partition(|of| of.count(Standing::Same) == all);
        let reference = own().next().map(|of| quoted(&of.reference))?;
        let told: Vec<String> = differing.iter().map(|of| counted(of)).collect();
        let same: Vec<String> = same.iter().take(SAME_TOLD).map(|of| of.number.spoken()).collect();
        let same = (!same.is_empty()).then(|| format!("no difference that matters in any world: {}", listed(&same)));
        let told = told.into_iter().chain(same).collect::<Vec<_>>().join("; ");
        Some(format!("- {} against {reference}, in {all} worlds: {told}.", quoted(label)))
    };
    results.labels().skip(1).filter_map(line).collect()
}

/// `wait of the slowest 5 % of visits: worse in 61, better in 3, undecided in 4 (by the means alone worse in 2)`.
fn counted(of: &Conclusion) -> String {
    let count = |standing: Standing| {
        let count = of.count(standing);
        (count > 0).then(|| match standing {
            Standing::Undecided => format!("undecided in {count}{}", leaning(of)),
            Standing::Same => format!("no difference that matters in {count}"),
            _ => format!("{} in {count}", standing.name()),
        })
    };
    let mut sides = [Standing::Better, Standing::Worse];
    sides.sort_by_key(|side| std::cmp::Reverse(of.count(*side)));
    let order = sides.into_iter().chain([Standing::Same, Standing::Undecided, Standing::Unknown]);
    format!("{}: {}", of.number.spoken(), order.filter_map(count).collect::<Vec<_>>().join(", "))
}

fn leaning(of: &Conclusion) -> String {
    let side = |standing: Standing| {
        let count = of.leaning(standing);
        (count > 0).then(|| format!("{} in {count}", standing.name()))
    };
    let sides: Vec<String> = [Standing::Better, Standing::Worse].into_iter().filter_map(side).collect();
    if sides.is_empty() { String::new() } else { format!(" (by the means alone {})", listed(&sides)) }
}

/// In how many worlds each alternative meets its requirements.
fn requirements(results: &WorldResults<'_>) -> Option<String> {
    let all = results.count();
    if let ([only], true) = (results.requirements.as_slice(), results.has_topologies()) {
        let met = in_worlds(only.count(|own| own == WorldOutcome::Undecided(true)), all);
        let unknown = only.count(|own| own == WorldOutcome::Unknown);
        let unknown = if unknown > 0 { format!(", not known in {unknown}") } else { String::new() };
        let assumed = match only.assumed {
            WorldOutcome::Undecided(_) => "too uncertain to tell",
            outcome => outcome.name(),
        };
        return Some(format!("By the means, the requirements are met {met}{unknown}; as assumed: {assumed}."));
    }
    let is_alone = results.requirements.len() == 1;
    let of_one = |of: &RequirementCount| {
        let (met, missed) = (of.count(|own| own == WorldOutcome::Met), of.count(|own| own == WorldOutcome::Missed));
        let undecided = of.count(|own| matches!(own, WorldOutcome::Undecided(_)));
        let leaning = of.count(|own| own == WorldOutcome::Undecided(true));
        let unknown = of.count(|own| own == WorldOutcome::Unknown);
        let undecided = (undecided > 0)
            .then(|| format!("too uncertain to tell in {undecided} (by the means alone met in {leaning})"));
        let unknown = (unknown > 0).then(|| format!("not known in {unknown}"));
        let counts = [Some(format!("missed in {missed}")), undecided, unknown].into_iter().flatten();
        let assumed = match of.assumed {
            WorldOutcome::Undecided(_) => "too uncertain to tell",
            outcome => outcome.name(),
        };
        let whose = if is_alone { String::new() } else { format!("{}: ", quoted(&of.variant)) };
        format!("{whose}met {}, {}; as assumed {assumed}", in_worlds(met, all), counts.collect::<Vec<_>>().join(", "))
    };
    let told: Vec<String> = results.requirements.iter().map(of_one).collect();
    (!told.is_empty()).then(|| format!("Requirements – {}.", told.join(". ")))
}

/// How much worse than the best alternative each one is, for the first numbers in which that ever matters.
fn regrets(results: &WorldResults<'_>, told: &[Quantity]) -> Vec<String> {
    let line = |number: &Quantity| {
        let unit = number.unit();
        let of_one = |of: &Regret| {
            let ((world, worst), most) = of.worst().zip(of.in_most())?;
            let name = quoted(&of.variant);
            let least = results.least(number);
            Some(if worst < least {
                format!("{name} never by what matters")
            } else {
                let most = if most < least {
                    "less than matters".to_owned()
                } else {
                    format!("at most {}", change(most, unit))
                };
                format!("{name} {most} in 90 % of the worlds, at worst {} (world {world})", change(worst, unit))
            })
        };
        let own = || results.regrets.iter().filter(|of| of.number == *number);
        let matters = own().any(|of| of.worst().is_some_and(|(_, worst)| worst >= results.least(number)));
        let told: Vec<String> = own().filter_map(of_one).collect();
        matters.then(|| format!("Regret, or how far behind the best, in {}: {}.", number.spoken(), told.join("; ")))
    };
    told.iter().filter_map(line).take(REGRETS_TOLD).collect()
}

/// Where something fails, in words.
fn conditions(results: &WorldResults<'_>, of: &FailureConditions) -> String {
    let variant = quoted(&of.variant);
    let fails = match &of.number {
        Some(number) => {
            let first = results.labels().next().map(quoted).unwrap_or_default();
            format!("{variant} is worse than {first} in {}", number.spoken())
        }
        None if results.record.alternatives.len() == 1 => "The requirements are missed".to_owned(),
        None => format!("{variant} misses the requirements"),
    };
    let share = |part: usize, whole: usize| rough(part as f64 / whole as f64, Unit::Share);
    let in_all = format!("{fails} {}", in_worlds(of.failing, of.known));
    let Some(found) = &of.found else {
        return format!("{in_all}; no few conditions describe which.");
    };
    format!(
        "{in_all}. {} of these have in common: {}. Of the worlds where that is so, it is true of {}.",
        capitalised(&share(found.failing, of.failing)),
        restricted_to(results, found),
        share(found.failing, found.worlds),
    )
}

/// How sure all of that is.
fn how_sure(evidence: &Evidence<'_>, results: &WorldResults<'_>) -> String {
    let all = results.count();
    let alone = if results.has_topologies() {
        "Each world has two topologies with two runs each; how sure the shares of the variance are stands in the table."
    } else if results.replications < 2 {
        "With one replication in each world no verdict is sure."
    } else {
        "In a world, each verdict alone is 95 % sure against chance."
    };
    let least = rough(1.0 - all_alike_bound(all.max(1), CONFIDENCE), Unit::Share);
    let half = share_interval(all / 2, all.max(1), CONFIDENCE);
    format!(
        "{alone} Worlds are drawn evenly from the stated ranges: what holds in all {all} holds in at least {least} of the ranges, and what \
         holds in half of them in {} to {} (95 % sure). That is no probability, unless the ranges are one. {}",
        rough(half.0, Unit::Share),
        rough(half.1, Unit::Share),
        assumed::sentence(evidence)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::StudyRecord;
    use crate::record::worlds_support::in_worlds;
    use crate::report;

    fn told(record: &StudyRecord) -> String {
        let evidence = Evidence::from(record);
        answer(&evidence, &WorldResults::of(&evidence, evidence.worlds.expect("worlds")))
    }

    #[test]
    fn the_first_sentence_says_what_holds_in_most_worlds() {
        let text = told(&in_worlds());
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(
                "“variant-1” is better than “variant-0” in wait of the slowest 5 % of visits in 39 of 64 worlds, and worse in 25."
            )
        );
        assert_eq!(
            lines.next(),
            Some(
                "- “variant-1” against “variant-0”, in 64 worlds: wait of the slowest 5 % of visits: better in 39, worse in 25; no \
                 difference that matters in any world: provider calls saved, fresh prices and age of the oldest 5 % of prices."
            )
        );
    }

    #[test]
    fn regret_and_conditions_are_those_that_were_built_in() {
        let text = told(&in_worlds());
        let regret = "Regret, or how far behind the best, in wait of the slowest 5 % of visits: “variant-0” at most 3.0 s in 90 % of the \
                      worlds, at worst 3.0 s (world 1); “variant-1” at most 4.0 s in 90 % of the worlds, at worst 4.0 s (world 28).";
        assert!(text.contains(regret), "{text}");
        let conditions = "“variant-1” is worse than “variant-0” in wait of the slowest 5 % of visits in 25 of 64 worlds. 100 % of these have \
                          in common: how often users come (at least 14 visits a day) and how fast providers answer (at least 560 ms). Of the \
                          worlds where that is so, it is true of 100 %.";
        assert!(text.contains(conditions), "{text}");
    }

    #[test]
    fn one_replication_is_sure_of_nothing_and_says_what_the_means_say() {
        let mut record = in_worlds();
        for point in &mut record.points {
            point.replications.truncate(1);
            point.contributions.truncate(1);
        }
        let text = told(&record);
        assert!(
            text.starts_with(
                "Nothing is surely better or worse in a way that matters in any of 64 worlds. By the means alone, “variant-1” is better than \
                 “variant-0” in wait of the slowest 5 % of visits in 39 of 64 worlds, and worse in 25."
            ),
            "{text}"
        );
        assert!(text.contains("undecided in 64 (by the means alone better in 39 and worse in 25)"), "{text}");
        assert!(text.contains("With one replication in each world no verdict is sure."), "{text}");
    }

    #[test]
    fn requirements_are_counted() {
        let mut record = in_worlds();
        for point in &mut record.points {
            point.facts.yes_if = vec!["user_wait_p95 <= 4s".parse().expect("a condition")];
        }
        let text = told(&record);
        let counted = "Requirements – “variant-0”: met in none of 64 worlds, missed in 64; as assumed missed. “variant-1”: met in 39 of 64 \
                       worlds, missed in 25; as assumed met.";
        assert!(text.contains(counted), "{text}");
        assert!(text.contains("“variant-1” misses the requirements in 25 of 64 worlds. 100 % of these"), "{text}");
    }

    /// The two alternatives as topologies of one: their waits differ by 3 or 4 s in each world, and their mean by 3.5 s from world to world.
    #[test]
    fn what_the_spread_is_made_of_is_told_beside_the_interval_of_chance() {
        let mut record = in_worlds();
        let worlds = record.worlds.as_mut().expect("worlds");
        worlds.alternatives.truncate(1);
        worlds.points.iter_mut().for_each(|points| points.truncate(1));
        worlds.topologies =
            std::iter::once(vec![0]).chain((1..65).map(|world| vec![2 * world, 2 * world + 1])).collect();
        for point in &mut record.points {
            point.facts.yes_if = vec!["user_wait_p95 <= 4s".parse().expect("a condition")];
        }
        let text = told(&record);
        let spread = " s as assumed, 3.5 to 7.0 s in 90 % of the worlds. Of its variance over the worlds, 0 % come from what is uncertain, \
                      100 % from the topology drawn and 0 % from luck.\n";
        assert!(text.starts_with("Wait of the slowest 5 % of visits: 5.00") && text.contains(spread), "{text}");
        let met = "By the means, the requirements are met in 39 of 64 worlds; as assumed: missed.";
        assert!(text.contains(met), "{text}");
        assert!(
            text.contains("The requirements are missed in 25 of 64 worlds. 100 % of these have in common: "),
            "{text}"
        );
        let files = report::files(&record);
        let table = |name: &str| {
            let file = files.iter().find(|file| file.name == name).expect("a table");
            String::from_utf8(file.bytes.clone()).expect("text")
        };
        insta::assert_snapshot!("spread", table("spread.csv"));
        assert_eq!(table("worlds.csv").lines().count(), 1 + 1 + 2 * 64);
    }

    #[test]
    fn worlds_are_told_in_words_and_tables() {
        let record = in_worlds();
        insta::assert_snapshot!(report::text(&record));
        let files = report::files(&record);
        let table = |name: &str| {
            let file = files.iter().find(|file| file.name == name).expect("a table");
            String::from_utf8(file.bytes.clone()).expect("text")
        };
        insta::assert_snapshot!("conclusions", table("conclusions.csv"));
        insta::assert_snapshot!("regret", table("regret.csv"));
        insta::assert_snapshot!("conditions", table("conditions.csv"));
        let worlds = table("worlds.csv");
        assert_eq!(worlds.lines().count(), 1 + 2 * 65);
        assert!(
            worlds.starts_with("world,variant,point,group.client.visits.per_day,connector.*.latency,requirements,"),
            "{worlds}"
        );
    }
}
