//! Tables and pictures of a study of worlds: what holds in how many worlds, regret, and where something fails.

use crate::inference::Quantity;
use crate::measures::Unit;
use crate::stats::Estimate;

use super::charts;
use super::document::ReportSection;
use super::evidence::Evidence;
use super::influence::{self, change};
use super::numbers::{UNKNOWN, quantity_told, quoted, rough, span, with_interval};
use super::sensitivity;
use super::worlds::{
    Conclusion, FailureConditions, NumberSpread, Regret, RequirementCount, Standing, WorldOutcome, WorldResults,
    told_limits,
};

/// What a reader has to know before the numbers.
pub(super) fn head(evidence: &Evidence<'_>, results: &WorldResults<'_>) -> Vec<String> {
    let all = results.count();
    let of = results.record.alternatives.len();
    let lies = "every uncertain value lies elsewhere in its range";
    let replications = evidence.points.iter().map(|point| point.replications).max().unwrap_or(0);
    if results.has_topologies() {
        return vec![format!(
            "The world that is assumed, with {replications} replications, and {all} others, in each of which {lies}, with two \
             topologies and two runs in each."
        )];
    }
    vec![format!(
        "{of} alternatives in the world that is assumed and in {all} others, in each of which {lies}; {replications} replications each. In a world all alternatives have \
         the same values and the same luck."
    )]
}

/// Pictures and tables.
pub(super) fn sections(evidence: &Evidence<'_>, results: &WorldResults<'_>) -> Vec<ReportSection> {
    let told = results.told(evidence);
    let mut sections: Vec<ReportSection> = Vec::new();
    if !results.spreads.is_empty() {
        let section = ReportSection::new("How far the numbers go").grid(spreads(results), 0);
        sections.push(section.sentence(
            "As assumed: the mean with its interval of chance. In 90 % of the worlds: all but the lowest and the highest 5 % of the means of \
             worlds. Shares of the variance of a run in a world, ± half of their 95 % interval.",
        ));
    }
    for label in results.labels().skip(1) {
        let own: Vec<&Conclusion> = results.conclusions.iter().filter(|of| of.variant == label).collect();
        let reference = own.first().map_or("", |first| first.reference.as_str());
        let heading = format!("{label} against {reference}: in how many worlds");
        sections.push(ReportSection::new(heading).grid(conclusions(&own), 0));
    }
    if !results.requirements.is_empty() {
        sections.push(ReportSection::new("Requirements: in how many worlds").grid(requirements(results), 0));
    }
    if !results.regrets.is_empty() {
        let section = ReportSection::new("Regret").sentence(
            "How far an alternative is behind the best one, world by world; 0 where none is better. What chance makes counts, too.",
        );
        sections.push(
            section
                .grid(regrets(results, &told), 0)
                .pictures(told.iter().map(|number| charts::regret(results, number))),
        );
    }
    let described = results.conditions.iter().filter(|of| of.found.is_some());
    let described: Vec<&FailureConditions> = described.collect();
    if !described.is_empty() {
        let section = ReportSection::new("Where it fails").sentence(
            "Coverage: which share of the worlds where it fails meets the conditions. Density: in which share of the worlds that meet the \
             conditions it fails. Quasi-p: how likely so many failures are if the condition did not matter (PRIM).",
        );
        sections.push(section.grid(conditions(results, &described), 0));
    }
    sections.push(sensitivity::uncertain(&results.record.inputs));
    sections
}

/// A row for each number.
fn spreads(results: &WorldResults<'_>) -> Vec<Vec<String>> {
    let titles = [
        "",
        "as assumed",
        "in 90 % of the worlds",
        "from what is uncertain",
        "from the topology",
        "from luck",
        "not known in",
    ];
    let row = |of: &NumberSpread| {
        let share = |part: usize| {
            let estimate = of.components.map(|components| Estimate {
                mean: components.shares[part],
                half_width: components.half_widths.map(|half_widths| half_widths[part]),
                standard_deviation: None,
                count: of.worlds[0],
            });
            with_interval(estimate, Unit::Share)
        };
        let range = of.range.map_or_else(|| UNKNOWN.to_owned(), |[low, high]| span(low, high, of.number.unit()));
        let assumed = quantity_told(&of.number, of.assumed);
        let shares = [0, 1, 2].map(share);
        let first = [of.number.spoken(), assumed, range].into_iter();
        first.chain(shares).chain([of.worlds[1].to_string()]).collect()
    };
    std::iter::once(titles.map(str::to_owned).into()).chain(results.spreads.iter().map(row)).collect()
}

/// A row for each number.
fn conclusions(own: &[&Conclusion]) -> Vec<Vec<String>> {
    let titles = std::iter::once("").chain(Standing::ALL.map(Standing::name)).chain(["as assumed"]);
    let row = |of: &&Conclusion| {
        let counts = Standing::ALL.map(|standing| of.count(standing).to_string());
        std::iter::once(of.number.spoken()).chain(counts).chain([of.assumed.name().to_owned()]).collect()
    };
    std::iter::once(titles.map(str::to_owned).collect()).chain(own.iter().map(row)).collect()
}

fn requirements(results: &WorldResults<'_>) -> Vec<Vec<String>> {
    let titles = ["", "met", "missed", "undecided", "not known", "as assumed"].map(str::to_owned);
    let row = |of: &RequirementCount| {
        let counts: [fn(WorldOutcome) -> bool; 4] = [
            |own| own == WorldOutcome::Met,
            |own| own == WorldOutcome::Missed,
            |own| matches!(own, WorldOutcome::Undecided(_)),
            |own| own == WorldOutcome::Unknown,
        ];
        let counts = counts.map(|is| of.count(is).to_string());
        std::iter::once(of.variant.clone()).chain(counts).chain([of.assumed.name().to_owned()]).collect()
    };
    std::iter::once(titles.into()).chain(results.requirements.iter().map(row)).collect()
}

fn regrets(results: &WorldResults<'_>, told: &[Quantity]) -> Vec<Vec<String>> {
    let titles =
        ["regret in", "alternative", "mean", "at most in 90 %", "worst", "worst world", "best in", "not known in"];
    let row = |of: &Regret| {
        let size =
            |value: Option<f64>| value.map_or_else(|| UNKNOWN.to_owned(), |value| change(value, of.number.unit()));
        vec![
            of.number.spoken(),
            of.variant.clone(),
            size(of.mean()),
            size(of.in_most()),
            size(of.worst().map(|(_, worst)| worst)),
            of.worst_world().map_or_else(String::new, |world| world.to_string()),
            of.best_in().to_string(),
            of.unknown.to_string(),
        ]
    };
    let own = told.iter().flat_map(|number| results.regrets.iter().filter(move |of| of.number == *number));
    std::iter::once(titles.map(str::to_owned).into()).chain(own.map(row)).collect()
}

fn conditions(results: &WorldResults<'_>, described: &[&FailureConditions]) -> Vec<Vec<String>> {
    let titles =
        ["where it fails", "condition", "", "quasi-p", "coverage", "density", "of all worlds"].map(str::to_owned);
    let mut rows = vec![titles.to_vec()];
    for of in described {
        let Some(found) = &of.found else { continue };
        let what = match &of.number {
            Some(number) => format!("{} is worse in {}", quoted(&of.variant), number.spoken()),
            None => format!("{} misses the requirements", quoted(&of.variant)),
        };
        let share = |part: usize, whole: usize| rough(part as f64 / whole as f64, Unit::Share);
        for (at, restriction) in found.restrictions.iter().enumerate() {
            let only = |text: String| if at == 0 { text } else { String::new() };
            rows.push(vec![
                only(what.clone()),
                influence::name_of(&results.record.inputs[restriction.input]),
                told_limits(results, found, restriction.input),
                format!("{:.1e}", restriction.quasi_p),
                only(share(found.failing, of.failing)),
                only(share(found.failing, found.worlds)),
                only(share(of.failing, of.known)),
            ]);
        }
    }
    rows
}
