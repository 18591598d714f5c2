//! Of the spread between replications: how much is due to the topology that was drawn, and how much to luck.

use crate::inference::{CONFIDENCE, Quantity};
use crate::record::{PointRecord, StudyRecord};
use crate::report::csv::{Table, number};
use crate::report::numbers::{UNKNOWN, rough, with_interval};
use crate::stats::VarianceComponents;

use super::common::{has_baseline, headline, observed};

/// The parameter that numbers topologies; a sweep over it is an experiment with random effects.
const TOPOLOGY: &str = "run.topology";

/// Whether a parameter numbers topologies: numbers without an order.
pub(super) fn is_topology(parameter: &str) -> bool {
    parameter == TOPOLOGY
}

/// Points that differ in nothing but the topology.
pub(super) struct Family<'r> {
    /// Their values of the other parameters.
    pub(super) settings: Vec<&'r String>,
    points: Vec<&'r PointRecord>,
}

/// The components of one number of one family.
pub(super) struct Components {
    pub(super) number: Quantity,
    /// `None` if some replication does not determine the number, if it has no mean at some point, if it never varies, or if
    /// there are too few.
    pub(super) variance: Option<VarianceComponents>,
}

impl Family<'_> {
    /// Number of topologies.
    pub(super) fn topologies(&self) -> usize {
        self.points.len()
    }

    /// Replications of each topology that are looked at: the model wants as many of each.
    pub(super) fn replications(&self) -> usize {
        self.points.iter().map(|point| point.replications.len()).min().unwrap_or(0)
    }

    fn components(&self, number: Quantity) -> Components {
        let replications = self.replications();
        // Lower bounds vary with what was not counted.
        let of_point = |point: &&PointRecord| {
            let observed = observed(point);
            (!number.is_cut_off(&observed)).then(|| number.values(&observed, replications)).flatten()
        };
        let values: Option<Vec<Vec<f64>>> = self.points.iter().map(of_point).collect();
        Components { number, variance: values.and_then(|values| VarianceComponents::of(&values, CONFIDENCE)) }
    }
}

/// Names of the other parameters, and the families of a sweep; none if it does not vary the topology.
pub(super) fn families(record: &StudyRecord) -> (Vec<&String>, Vec<Family<'_>>) {
    let Some(topology) = record.parameters.iter().position(|parameter| is_topology(parameter)) else {
        return (Vec::new(), Vec::new());
    };
    let others = |values: &'_ [String]| -> Vec<usize> { (0..values.len()).filter(|at| *at != topology).collect() };
    let mut families: Vec<Family<'_>> = Vec::new();
    for point in &record.points {
        let settings: Vec<&String> = others(&point.settings).into_iter().map(|at| &point.settings[at]).collect();
        match families.iter_mut().find(|family| family.settings == settings) {
            Some(family) => family.points.push(point),
            None => families.push(Family { settings, points: vec![point] }),
        }
    }
    let parameters = others(&record.parameters).into_iter().map(|at| &record.parameters[at]).collect();
    families.retain(|family| family.topologies() > 1 && family.replications() > 1);
    (parameters, families)
}

/// One row for each family and number; `None` if there is no family.
pub(super) fn table(record: &StudyRecord) -> Option<Vec<u8>> {
    let (parameters, families) = families(record);
    if families.is_empty() {
        return None;
    }
    let mut header: Vec<&str> = parameters.into_iter().map(String::as_str).collect();
    header.extend([
        "measure",
        "kind",
        "unit",
        "mean",
        "ci95_low",
        "ci95_high",
        "topology_variance",
        "luck_variance",
        "topology_share",
        "topology_share_ci95_low",
        "topology_share_ci95_high",
        "p_value",
        "topologies",
        "replications",
    ]);
    let mut table = Table::new(&header);
    for family in &families {
        for of in Quantity::all_of_network(has_baseline(&record.points)) {
            let variance = family.components(of.clone()).variance;
            let mut row: Vec<String> = family.settings.iter().map(|setting| (*setting).clone()).collect();
            row.extend([of.measure.name, of.contrast.name(), of.unit().symbol()].map(str::to_owned));
            let half_width = variance.and_then(|variance| variance.mean.half_width);
            let end = |sign: f64| variance.zip(half_width).map(|(of, half_width)| of.mean.mean + sign * half_width);
            row.extend([variance.map(|of| of.mean.mean), end(-1.0), end(1.0)].map(number));
            row.extend(
                [
                    variance.map(|of| of.between),
                    variance.map(|of| of.within),
                    variance.map(|of| of.share),
                    variance.map(|of| of.share_interval.0),
                    variance.map(|of| of.share_interval.1),
                    variance.map(|of| of.p_value),
                ]
                .map(number),
            );
            row.extend([family.topologies().to_string(), family.replications().to_string()]);
            table.row(row);
        }
    }
    Some(table.into_bytes())
}

/// Rows for people: family and number, mean, deviation between topologies, deviation by luck, share of the topology; the
/// first row is the heading. `None` if there is no family.
pub(super) fn rows(record: &StudyRecord) -> Option<Vec<Vec<String>>> {
    let (parameters, families) = families(record);
    let first = families.first()?;
    let what = format!("{} topologies × {} replications", first.topologies(), first.replications());
    let mut rows =
        vec![[&what, "mean", "by topology", "by luck", "topology's share of the variance"].map(String::from).to_vec()];
    let numbers = headline(record);
    for family in &families {
        let settings: Vec<String> = parameters
            .iter()
            .zip(&family.settings)
            .map(|(parameter, value)| format!("{parameter} = {value}"))
            .collect();
        for (title, number) in &numbers {
            let Components { number, variance } = family.components(number.clone());
            let title =
                if settings.is_empty() { (*title).to_owned() } else { format!("{}: {title}", settings.join(", ")) };
            let deviation = |variance: f64| format!("± {}", rough(variance.sqrt(), number.unit().symbol()));
            let share = |of: VarianceComponents| {
                let percent = |share: f64| format!("{:.0} %", 100.0 * share);
                let (low, high) = of.share_interval;
                format!("{} ({} to {})", percent(of.share), percent(low), percent(high))
            };
            let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
            rows.push(vec![
                title,
                with_interval(variance.map(|of| of.mean), number.unit().symbol()),
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
    use crate::record::StudyKind;
    use crate::report::support::study;

    /// Three topologies of four replications that differ in their waiting times by whole seconds.
    fn swept() -> StudyRecord {
        let mut record = study(StudyKind::Sweep, 3, 4);
        record.parameters = vec![TOPOLOGY.to_owned()];
        for (topology, point) in (0_u8..).zip(&mut record.points) {
            point.settings = vec![topology.to_string()];
            for (luck, observed) in [0.0, 0.1, 0.2, 0.3].into_iter().zip(&mut point.replications) {
                observed.measured[measures::USER_WAIT_P95] = Some(f64::from(topology) + luck);
            }
        }
        record
    }

    #[test]
    fn a_sweep_over_topologies_is_split_into_topology_and_luck() {
        let text = String::from_utf8(table(&swept()).expect("a table")).expect("text");
        let row = text.lines().find(|line| line.starts_with("user_wait_p95,value")).expect("a row");
        let cells: Vec<&str> = row.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().expect("a number");
        // Means 0.15, 1.15 and 2.15 deviate by 1; luck has the variance of 0, 0.1, 0.2, 0.3, which is 1/60.
        assert!((number(6) - (1.0 - 1.0 / 240.0)).abs() < 1e-12 && (number(7) - 1.0 / 60.0).abs() < 1e-12, "{row}");
        assert_eq!((cells[12], cells[13]), ("3", "4"));
        let rows = rows(&swept()).expect("rows");
        assert!(rows.iter().any(|row| row[0] == "wait p95" && row[4].starts_with("98 % (")), "{rows:?}");
    }

    #[test]
    fn other_sweeps_have_no_components() {
        assert_eq!(table(&study(StudyKind::Sweep, 3, 4)), None);
        let mut single = swept();
        single.points.truncate(1);
        assert_eq!(table(&single), None);
    }
}
