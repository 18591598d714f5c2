//! Why prices are as old as they are: each part of their age as a sentence for people and as numbers for a table. The parts of all
//! providers add up to the whole age, and so do those of all servers.

use crate::inference::{Contrast, Quantity, mean};
use crate::measures::{self, MeasureId, Unit};
use crate::metrics::{AgePart, AgeSums, Measurements};
use crate::stats::Estimate;

use super::evidence::PointEvidence;
use super::numbers::{listed, rough};

/// The row tells so many parts, the largest ones.
const PARTS_TOLD: usize = 3;

/// A sentence tells no part alone that is a smaller share of the age.
const LEAST_TOLD: f64 = 0.01;

/// The name of no server: the instance that shows a price has fetched it itself, or has it from an instance that is no server.
const NO_SERVER: &str = "none";

/// How much of the age of prices is one part of the prices of one provider, or of those from one server.
#[derive(Clone, Debug)]
pub(super) struct AgeShare {
    /// In which run.
    pub(super) contrast: Contrast,
    /// `provider`, or `server`.
    pub(super) by: &'static str,
    /// The name of the provider or server.
    pub(super) name: String,
    pub(super) part: AgePart,
    /// How many prices they are in a replication on average; `None` if there is no replication.
    pub(super) prices: Option<f64>,
    /// The share of this part of these prices in the age of all prices of all replications.
    pub(super) share: Option<f64>,
    /// How much of the age of one of these prices the part is, in the mean \[s\]; `None` where that has no mean.
    pub(super) age_s: Option<Estimate>,
}

/// Each part of each provider and of each server in each run.
pub(super) fn shares(point: &PointEvidence<'_>) -> impl Iterator<Item = AgeShare> {
    point.observations.runs().flat_map(|contrast| {
        let runs = || point.runs().filter(|(_, run, _)| *run == contrast).map(|(_, _, measured)| measured);
        let count = runs().count();
        let all: AgeSums = runs().flat_map(|measured| &measured.connectors).map(|provider| &provider.age).sum();
        let is_cut_off = Quantity::of_network(measures::PRICE_AGE_MEAN, contrast).is_cut_off(&point.observations);
        let of_run: Vec<Vec<_>> = runs().map(holders).collect();
        let share = |at: usize, part: AgePart| {
            let (by, ref name, _) = of_run[0][at];
            let each = || of_run.iter().map(|holders| &holders[at].2);
            let together: AgeSums = each().sum();
            let means: Vec<Option<f64>> = each().map(|sums| sums.mean_s(part)).collect();
            let total = all.total_nanos();
            AgeShare {
                contrast,
                by,
                name: name.clone(),
                part,
                prices: (count > 0).then(|| together.prices as f64 / count as f64),
                share: (total > 0).then(|| together.nanos[part as usize] as f64 / total as f64),
                age_s: mean(&means).known().filter(|_| !is_cut_off),
            }
        };
        let places = 0..of_run.first().map_or(0, Vec::len);
        places.flat_map(|at| AgePart::ALL.map(|part| share(at, part))).collect::<Vec<AgeShare>>()
    })
}

/// All prices of a run by provider, and once more by server.
fn holders(measured: &Measurements) -> Vec<(&'static str, String, AgeSums)> {
    let providers = measured.connectors.iter().map(|provider| ("provider", provider.provider.clone(), provider.age));
    let servers = || measured.servers.iter().chain(&measured.open_servers);
    let all: AgeSums = measured.connectors.iter().map(|provider| &provider.age).sum();
    let from_servers: AgeSums = servers().map(|server| &server.age).sum();
    let others = ("server", NO_SERVER.to_owned(), all.without(&from_servers));
    let servers = servers().map(|server| ("server", server.instance.clone(), server.age));
    providers.chain(servers).chain([others]).collect()
}

/// The measure that is the mean of a part.
pub(super) const fn measure(part: AgePart) -> MeasureId {
    match part {
        AgePart::ProviderDelay => measures::AGE_PROVIDER_DELAY,
        AgePart::Fetch => measures::AGE_FETCH,
        AgePart::Pools => measures::AGE_POOLS,
        AgePart::Transfer => measures::AGE_TRANSFER,
        AgePart::Visit => measures::AGE_VISIT,
    }
}

/// The mean age and its largest parts, as a row of the summary; `None` if no price has an age.
pub(super) fn row(point: &PointEvidence<'_>) -> Option<Vec<String>> {
    let (age, parts) = parts(point, Contrast::Value)?;
    let (largest, others) = parts.split_at(parts.len().min(PARTS_TOLD));
    let mut words: Vec<String> =
        largest.iter().map(|(part, mean)| format!("{} {}", rough(*mean, Unit::Seconds), part.words())).collect();
    let rest: f64 = others.iter().map(|(_, mean)| mean).sum();
    words.extend((!others.is_empty()).then(|| format!("{} other", rough(rest, Unit::Seconds))));
    Some(vec!["Mean age of prices".to_owned(), format!("{}: {}", rough(age, Unit::Seconds), listed(&words))])
}

/// What makes prices old in a run, in a sentence; `None` if no price has an age.
pub(super) fn sentence(point: &PointEvidence<'_>, contrast: Contrast) -> Option<String> {
    let (age, parts) = parts(point, contrast)?;
    let (told, small): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(_, mean)| *mean >= LEAST_TOLD * age);
    let words = told.iter().map(|(part, mean)| {
        format!("{} {} ({})", rough(*mean, Unit::Seconds), part.words(), rough(*mean / age, Unit::Share))
    });
    let mut words: Vec<String> = words.collect();
    let rest: f64 = small.iter().map(|(_, mean)| mean).sum();
    words.extend((!small.is_empty()).then(|| format!("{} other", rough(rest, Unit::Seconds))));
    Some(format!("of a mean age of {}, {}", rough(age, Unit::Seconds), listed(&words)))
}

/// The largest part of the age of prices in the scenario as written, and its share; `None` if no price has an age.
pub(super) fn largest(point: &PointEvidence<'_>) -> Option<(AgePart, f64)> {
    let (age, parts) = parts(point, Contrast::Value)?;
    parts.first().map(|(part, mean)| (*part, mean / age))
}

/// The mean age of prices, and its parts that are not zero, the largest first \[s\]; `None` if it is not known, or zero.
fn parts(point: &PointEvidence<'_>, contrast: Contrast) -> Option<(f64, Vec<(AgePart, f64)>)> {
    let known = |measure| Some(point.answer(&Quantity::of_network(measure, contrast)).known()?.mean);
    let age = known(measures::PRICE_AGE_MEAN).filter(|age| *age > 0.0)?;
    let mut parts: Vec<(AgePart, f64)> =
        AgePart::ALL.into_iter().filter_map(|part| Some((part, known(measure(part))?))).collect();
    parts.retain(|(_, mean)| *mean > 0.0);
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    Some((age, parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::evidence::Evidence;
    use crate::report::support::RecordBuilder;

    #[test]
    fn the_largest_parts_are_told() {
        let record = RecordBuilder::new().build();
        let evidence = Evidence::from(&record);
        let row = row(&evidence.points[0]).expect("a row");
        assert_eq!(row[0], "Mean age of prices");
        assert_eq!(row[1], "17 min: 8.3 min provider delay, 4.1 min wait in pools, 2.1 min fetch and 2.1 min other");
        let sentence = sentence(&evidence.points[0], Contrast::GtnetOff).expect("a sentence");
        assert!(sentence.starts_with("of a mean age of 12 min, 8.7 min provider delay (75 %), "), "{sentence}");
        let silent = RecordBuilder::new().silent().build();
        assert_eq!(super::row(&Evidence::from(&silent).points[0]), None);
    }

    #[test]
    fn providers_and_servers_each_have_the_whole_age() {
        let record = RecordBuilder::new().servers(2).open_servers(1).build();
        let evidence = Evidence::from(&record);
        let shares: Vec<AgeShare> = shares(&evidence.points[0]).collect();
        for contrast in [Contrast::Value, Contrast::GtnetOff] {
            let shown: u64 = evidence.points[0]
                .runs()
                .filter(|(_, run, _)| *run == contrast)
                .map(|(_, _, measured)| measured.price_age.count())
                .sum();
            for by in ["provider", "server"] {
                let of = || shares.iter().filter(|of| of.contrast == contrast && of.by == by);
                let whole: f64 = of().filter_map(|of| of.share).sum();
                assert!((whole - 1.0).abs() < 1e-12, "{by}: {whole}");
                let fetched = of().filter(|of| of.part == AgePart::Fetch);
                let prices: f64 = fetched.filter_map(|of| of.prices).sum();
                assert!((prices - shown as f64 / 5.0).abs() < 1e-9, "{by}: {prices}");
            }
        }
        let names: Vec<&str> = shares
            .iter()
            .filter(|of| of.contrast == Contrast::Value && of.by == "server" && of.part == AgePart::Visit)
            .map(|of| of.name.as_str())
            .collect();
        assert_eq!(names, ["hub-1", "hub-2", "client-1", "none"]);
    }
}
