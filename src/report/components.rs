//! Splits the spread between replications into the part due to the drawn topology and the part due to luck.

use crate::inference::{CONFIDENCE, Quantity};
use crate::measures;
use crate::record::{ParameterValue, is_topology, located};
use crate::stats::VarianceComponents;

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{UNKNOWN, rough, with_interval};

/// A family: points that differ in the topology only.
pub(super) struct Family<'r> {
    /// The values that all its points give to the other parameters.
    pub(super) settings: Vec<&'r ParameterValue>,
    points: Vec<&'r PointEvidence<'r>>,
}

impl Family<'_> {
    /// Number of topologies.
    pub(super) fn topologies(&self) -> usize {
        self.points.len()
    }

    /// How many replications of each topology are used: as many as all have, since the model wants groups of equal
    /// size.
    pub(super) fn replications(&self) -> usize {
        self.points.iter().map(|point| point.replications).min().unwrap_or(0)
    }

    /// The components of the variance of `number`. `None` if a replication does not determine it, if it has no mean at
    /// some point, if it never varies, or if there are too few topologies or replications.
    pub(super) fn variance(&self, number: &Quantity) -> Option<VarianceComponents> {
        let replications = self.replications();
        // The spread of lower bounds depends on what was not counted.
        let of_point = |point: &&PointEvidence<'_>| {
            let observations = &point.observations;
            (!number.is_cut_off(observations))
                .then(|| number.sample(observations, replications))
                .flatten()
                .map(|sample| sample.values().to_vec())
        };
        let values: Option<Vec<Vec<f64>>> = self.points.iter().map(of_point).collect();
        VarianceComponents::of(&values?, CONFIDENCE)
    }
}

/// The names of the other parameters, and the families of a sweep; no families if the sweep does not vary the topology.
pub(super) fn families<'r>(evidence: &'r Evidence<'r>) -> (Vec<&'r str>, Vec<Family<'r>>) {
    let Some(topology) = evidence.parameters.iter().position(|parameter| is_topology(parameter)) else {
        return (Vec::new(), Vec::new());
    };
    let is_other = |at: usize| at != topology;
    let mut families: Vec<Family<'_>> = Vec::new();
    for point in &evidence.points {
        let settings = point.settings.iter().enumerate().filter(|(at, _)| is_other(*at)).map(|(_, setting)| setting);
        let settings: Vec<&ParameterValue> = settings.collect();
        match families.iter_mut().find(|family| family.settings == settings) {
            Some(family) => family.points.push(point),
            None => families.push(Family { settings, points: vec![point] }),
        }
    }
    let parameters = evidence.parameters.iter().enumerate().filter(|(at, _)| is_other(*at));
    families.retain(|family| family.topologies() > 1 && family.replications() > 1);
    (parameters.map(|(_, parameter)| parameter.as_str()).collect(), families)
}

/// How much of the spread is the topology, which a sweep over nothing but topologies asks; `None` of any other.
pub(super) fn answer(evidence: &Evidence<'_>) -> Option<String> {
    let (others, families) = families(evidence);
    let [family] = families.as_slice() else { return None };
    let numbers = [Quantity::saving(measures::CONNECTOR_CALLS), Quantity::value(measures::USER_WAIT_P95)];
    let told = numbers.iter().filter_map(|number| Some((number.spoken(), share(family.variance(number)?))));
    let told: Vec<(String, String)> = told.collect();
    let ((number, share), rest) = told.split_first().filter(|_| others.is_empty())?;
    let first =
        format!("Of the spread (variance) of {number}, {share} is due to the topology drawn, the rest to luck.");
    let rest = rest.iter().map(|(number, share)| format!("For the {number}, it is {share}."));
    Some(std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" "))
}

/// `94 % (87 % to 98 %)`.
fn share(of: VarianceComponents) -> String {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let (low, high) = of.share_interval;
    format!("{} ({} to {})", percent(of.share), percent(low), percent(high))
}

/// The grid for readers; `None` if there is no family. Its columns are family and number, mean, deviation between
/// topologies, deviation by luck, and the share of the topology. The first row is the heading.
pub(super) fn rows(evidence: &Evidence<'_>, numbers: &[(&str, Quantity)]) -> Option<Vec<Vec<String>>> {
    let (parameters, families) = families(evidence);
    let first = families.first()?;
    let what = format!("{} topologies × {} replications", first.topologies(), first.replications());
    let mut rows =
        vec![[&what, "mean", "by topology", "by luck", "topology's share of the variance"].map(String::from).to_vec()];
    for family in &families {
        let settings = parameters.iter().zip(&family.settings);
        let settings: Vec<String> =
            settings.map(|(parameter, value)| located(&[(*parameter).to_owned()], &[(*value).clone()])).collect();
        for (title, number) in numbers {
            let variance = family.variance(number);
            let title =
                if settings.is_empty() { (*title).to_owned() } else { format!("{}: {title}", settings.join(", ")) };
            let deviation = |variance: f64| format!("± {}", rough(variance.sqrt(), number.unit()));
            let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
            rows.push(vec![
                title,
                with_interval(variance.map(|of| of.mean), number.unit()),
                or_unknown(variance.map(|of| deviation(of.between))),
                or_unknown(variance.map(|of| deviation(of.within))),
                or_unknown(variance.map(share)),
            ]);
        }
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures;
    use crate::record::{StudyKind, StudyRecord};
    use crate::report;
    use crate::report::support::study;

    /// Three topologies with four replications each, whose waiting times differ by whole seconds between topologies.
    fn swept() -> StudyRecord {
        let mut record = study(StudyKind::Sweep, 3, 4);
        record.parameters = vec!["run.topology".to_owned()];
        for (topology, point) in (0_u8..).zip(&mut record.points) {
            point.settings = vec![ParameterValue {
                number: Some(f64::from(topology)),
                ..ParameterValue::word(&topology.to_string())
            }];
            for (luck, observed) in [0.0, 0.1, 0.2, 0.3].into_iter().zip(&mut point.replications) {
                observed.measured[measures::USER_WAIT_P95] = Some(f64::from(topology) + luck);
            }
            point.contributions = point.replications.clone();
        }
        record
    }

    fn table(record: &StudyRecord) -> Option<String> {
        let file = report::files(record).into_iter().find(|file| file.name == "components.csv")?;
        Some(String::from_utf8(file.bytes).expect("text"))
    }

    #[test]
    fn a_sweep_over_topologies_is_split_into_topology_and_luck() {
        let text = table(&swept()).expect("a table");
        let row = text.lines().find(|line| line.starts_with("user_wait_p95,value")).expect("a row");
        let cells: Vec<&str> = row.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().expect("a number");
        // Means 0.15, 1.15 and 2.15 deviate by 1; luck has the variance of 0, 0.1, 0.2, 0.3, which is 1/60.
        assert!((number(6) - (1.0 - 1.0 / 240.0)).abs() < 1e-12 && (number(7) - 1.0 / 60.0).abs() < 1e-12, "{row}");
        assert_eq!((cells[12], cells[13]), ("3", "4"));
        let text = report::text(&swept());
        let wait = text.lines().rfind(|line| line.starts_with("95 % of visits within")).expect("a row");
        assert!(wait.contains("  98 % ("), "{text}");
        let answer = text.lines().next().expect("an answer");
        assert!(answer.starts_with("Of the spread (variance) of provider calls saved, "), "{answer}");
        assert!(answer.contains("For the wait of the slowest 5 % of visits, it is 98 % ("), "{answer}");
    }

    #[test]
    fn other_sweeps_have_no_components() {
        assert_eq!(table(&study(StudyKind::Sweep, 3, 4)), None);
        let mut single = swept();
        single.points.truncate(1);
        assert_eq!(table(&single), None);
        assert_eq!(answer(&Evidence::from(&single)), None);
        let mut with_hubs = swept();
        with_hubs.parameters.push("group.hub.count".to_owned());
        for point in &mut with_hubs.points {
            point.settings.push(ParameterValue::word("3"));
        }
        assert_eq!(answer(&Evidence::from(&with_hubs)), None, "something else is asked, too");
    }
}
