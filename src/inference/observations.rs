//! What was observed in the replications of one scenario: of the whole network, and of its servers and providers. Every
//! subject has the same replications, in the record's order.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::measures::{self, MeasureId, Source, Values};
use crate::metrics::Measurements;
use crate::record::{Observed, ReplicationRecord, RunRecord, UnitRecord};

use super::pooled::{contributions_of_run, contributions_of_units, contributions_to, near};
use super::{Contrast, Quantity, Subject};

/// Of more servers of a kind than this, none is told apart from the others: their tables and files would be larger than all else.
const SERVERS_TOLD_APART: usize = 1_000;

/// The replications of one scenario.
#[derive(Clone, Debug)]
pub struct Observations<'r> {
    is_compared: bool,
    network: SubjectPart<'r>,
    servers: Parts<'r>,
    open_servers: Parts<'r>,
    providers: Parts<'r>,
}

/// What was observed of subjects of one kind; there may be many thousands.
#[derive(Clone, Debug, Default)]
struct Parts<'r> {
    /// In the scenario's order.
    all: Vec<(Subject, SubjectPart<'r>)>,
    /// Their places, in the order of their names.
    by_name: Vec<usize>,
    /// How many there are, though they may be too many to be told apart.
    count: usize,
}

/// What was observed of a subject.
#[derive(Clone, Debug)]
struct SubjectPart<'r> {
    /// By replication.
    replications: Cow<'r, [Observed]>,
    /// What each of them contributes to the quantiles of all together.
    contributions: Cow<'r, [Observed]>,
}

impl<'r> Parts<'r> {
    fn of(count: usize, all: Vec<(Subject, SubjectPart<'r>)>) -> Self {
        let mut by_name: Vec<usize> = (0..all.len()).collect();
        by_name.sort_by_key(|place| all[*place].0.name());
        Self { all, by_name, count }
    }

    fn subjects(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.all.iter().map(|(subject, _)| subject)
    }

    fn part(&self, name: &str) -> Option<&SubjectPart<'r>> {
        let at = self.by_name.binary_search_by_key(&name, |place| self.all[*place].0.name()).ok()?;
        Some(&self.all[self.by_name[at]].1)
    }
}

impl<'r> Observations<'r> {
    /// Of the whole network only, as studies keep it; `contributions` are what each
    /// replication contributes to the quantiles of all together.
    #[must_use]
    pub fn of_network(replications: &'r [Observed], contributions: &'r [Observed]) -> Self {
        Self {
            is_compared: replications.iter().any(|observed| observed.baseline.is_some()),
            network: SubjectPart {
                replications: Cow::Borrowed(replications),
                contributions: Cow::Borrowed(contributions),
            },
            servers: Parts::default(),
            open_servers: Parts::default(),
            providers: Parts::default(),
        }
    }
}

impl Observations<'static> {
    /// Of the whole network, as `units` tell it.
    #[must_use]
    pub fn of_units(units: &[UnitRecord]) -> Self {
        Self::with_contributions(units, contributions_of_units(units))
    }

    /// Of the whole network, as far as it takes to know `quantity`: to merge the histograms of all quantiles takes long.
    #[must_use]
    pub fn of_units_for(units: &[UnitRecord], quantity: &Quantity) -> Self {
        let kinds = if let Source::Quantile(kind, _) = quantity.measure.source { vec![kind] } else { Vec::new() };
        Self::with_contributions(units, contributions_to(&kinds, units))
    }

    fn with_contributions(units: &[UnitRecord], contributions: Vec<Observed>) -> Self {
        let replications: Vec<Observed> = units.iter().map(|unit| unit.observed.clone()).collect();
        Self {
            is_compared: replications.iter().any(|observed| observed.baseline.is_some()),
            network: SubjectPart { replications: Cow::Owned(replications), contributions: Cow::Owned(contributions) },
            servers: Parts::default(),
            open_servers: Parts::default(),
            providers: Parts::default(),
        }
    }

    /// Of the network, every server and every data provider of a run; of very many of a kind none is told apart.
    #[must_use]
    pub fn of_run(record: &RunRecord) -> Self {
        let measured = record.replications.iter().map(|replication| &replication.measured);
        let servers = distinct(measured.clone().flat_map(|of| &of.servers).map(|server| &server.instance));
        let open_servers = distinct(measured.flat_map(|of| &of.open_servers).map(|server| &server.instance));
        let providers = distinct(both_runs(record).flat_map(|of| &of.connectors).map(|provider| &provider.provider));
        let part = |subject: &Subject, place: usize| SubjectPart {
            replications: Cow::Owned(observed(record, subject, place)),
            contributions: Cow::Owned(contributions_of_run(record, subject, place)),
        };
        let parts = |names: Vec<String>, subject: fn(String) -> Subject| {
            let with_values = |(place, subject): (usize, Subject)| {
                let part = part(&subject, place);
                (subject, part)
            };
            let count = names.len();
            let told_apart = if count > SERVERS_TOLD_APART { Vec::new() } else { names };
            Parts::of(count, told_apart.into_iter().map(subject).enumerate().map(with_values).collect())
        };
        Self {
            is_compared: record.replications.iter().any(|replication| replication.baseline.is_some()),
            network: part(&Subject::Network, 0),
            servers: parts(servers, Subject::Server),
            open_servers: parts(open_servers, Subject::OpenServer),
            providers: parts(providers, Subject::Provider),
        }
    }
}

impl Observations<'_> {
    /// Whether there is a run without `GTNet` to compare the scenario with.
    #[must_use]
    pub const fn is_compared(&self) -> bool {
        self.is_compared
    }

    /// The runs, the scenario as written first.
    pub fn runs(&self) -> impl Iterator<Item = Contrast> {
        std::iter::once(Contrast::Value).chain(self.is_compared.then_some(Contrast::GtnetOff))
    }

    /// How many push-open servers there are.
    #[must_use]
    pub fn server_count(&self) -> usize {
        self.servers.count
    }

    /// How many open servers there are.
    #[must_use]
    pub fn open_server_count(&self) -> usize {
        self.open_servers.count
    }

    /// The push-open servers that are told apart, in the scenario's order.
    #[must_use]
    pub fn servers(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.servers.subjects()
    }

    /// The open servers that are told apart, in the scenario's order.
    #[must_use]
    pub fn open_servers(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.open_servers.subjects()
    }

    /// The data providers, in the scenario's order.
    #[must_use]
    pub fn providers(&self) -> impl ExactSizeIterator<Item = &Subject> {
        self.providers.subjects()
    }

    /// The whole network, then its servers and providers.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        std::iter::once(&Subject::Network).chain(self.servers()).chain(self.open_servers()).chain(self.providers())
    }

    /// Whether any replication tells what faults did to users.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.has_any(is_of_faults)
    }

    /// Whether there are open servers.
    #[must_use]
    pub fn has_open_servers(&self) -> bool {
        self.has_any(is_of_open_servers)
    }

    /// Whether the scenario says what something costs.
    #[must_use]
    pub fn has_prices(&self) -> bool {
        self.has_any(|measure| measure.is_of_money())
    }

    fn has_any(&self, is_one: fn(MeasureId) -> bool) -> bool {
        let tells =
            |observed: &Observed| observed.measured.iter().any(|(measure, value)| is_one(measure) && value.is_some());
        self.network.replications.iter().any(tells)
    }

    /// Everything that can be asked: by measure, then by subject, then by contrast. Without faults nothing is asked of them, and
    /// without open servers nothing of those, and without prices nothing of money.
    pub fn quantities(&self) -> impl Iterator<Item = Quantity> {
        let (has_faults, has_open_servers) = (self.has_faults(), self.has_open_servers());
        let has_prices = self.has_prices();
        let exists = move |measure: &&MeasureId| {
            (has_faults || !is_of_faults(**measure))
                && (has_open_servers || !is_of_open_servers(**measure))
                && (has_prices || !measure.is_of_money())
        };
        measures::ALL.iter().filter(exists).flat_map(move |&measure| {
            let parts = match measure.source {
                Source::Quantile(kind, _) if kind.is_of_servers() => self.servers.all.as_slice(),
                Source::Quantile(kind, _) if kind.is_of_open_servers() => self.open_servers.all.as_slice(),
                Source::Servers(_) => self.servers.all.as_slice(),
                Source::OpenServers(like) if matches!(like.source, Source::AllServers(_)) => &[],
                Source::OpenServers(_) => self.open_servers.all.as_slice(),
                Source::Providers(_) => self.providers.all.as_slice(),
                Source::Period(_)
                | Source::AllServers(_)
                | Source::Faults(_)
                | Source::Spending(_)
                | Source::Quantile(..) => &[],
            };
            let subjects = parts.iter().map(|(subject, _)| subject).chain([&Subject::Network]);
            subjects.flat_map(move |subject| {
                let quantity = move |contrast| Quantity { measure, subject: subject.clone(), contrast };
                self.contrasts(measure).into_iter().map(quantity)
            })
        })
    }

    /// The replications of `subject`; none if it does not exist.
    #[must_use]
    pub fn of(&self, subject: &Subject) -> &[Observed] {
        self.part(subject).map_or(&[], |part| &part.replications)
    }

    /// What each replication of `subject` contributes to the quantiles of all together; all other measures are unknown.
    #[must_use]
    pub fn contributions(&self, subject: &Subject) -> &[Observed] {
        self.part(subject).map_or(&[], |part| &part.contributions)
    }

    fn part(&self, subject: &Subject) -> Option<&SubjectPart<'_>> {
        match subject {
            Subject::Network => Some(&self.network),
            Subject::Server(name) => self.servers.part(name),
            Subject::OpenServer(name) => self.open_servers.part(name),
            Subject::Provider(name) => self.providers.part(name),
        }
    }

    fn contrasts(&self, measure: MeasureId) -> Vec<Contrast> {
        if self.is_compared { Contrast::compared(measure).collect() } else { vec![Contrast::Value] }
    }
}

/// Whether a measure exists only where there are faults.
fn is_of_faults(measure: MeasureId) -> bool {
    matches!(measure.source, Source::Faults(_))
}

/// Whether a measure exists only where there are open servers.
pub(super) fn is_of_open_servers(measure: MeasureId) -> bool {
    match measure.source {
        Source::OpenServers(_) => true,
        Source::Quantile(kind, _) => kind.is_of_open_servers(),
        _ => false,
    }
}

/// What was observed of `subject` in each replication, in most of which it has this `place` among its kind.
fn observed(record: &RunRecord, subject: &Subject, place: usize) -> Vec<Observed> {
    let values = |of: &Measurements| Values::of(|measure| evaluate(measure, subject, place, of));
    let of_one = |replication: &ReplicationRecord| Observed {
        measured: values(&replication.measured),
        baseline: replication.baseline.as_ref().map(values),
    };
    record.replications.iter().map(of_one).collect()
}

fn evaluate(measure: MeasureId, subject: &Subject, place: usize, of: &Measurements) -> Option<f64> {
    match subject {
        Subject::Network => measure.evaluate(of),
        Subject::Server(name) => {
            measure.evaluate_server(near(&of.servers, place, |server| server.instance == *name)?, of.period)
        }
        Subject::OpenServer(name) => {
            measure.evaluate_open_server(near(&of.open_servers, place, |server| server.instance == *name)?, of.period)
        }
        Subject::Provider(name) => {
            measure.evaluate_provider(near(&of.connectors, place, |one| one.provider == *name)?, of.period)
        }
    }
}

fn both_runs(record: &RunRecord) -> impl Iterator<Item = &Measurements> {
    record
        .replications
        .iter()
        .flat_map(|replication| std::iter::once(&replication.measured).chain(&replication.baseline))
}

fn distinct<'n>(names: impl Iterator<Item = &'n String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;
    use crate::metrics::LogHistogram;
    use crate::record::support::RecordBuilder;
    use crate::time::SimDuration;

    fn values(record: &RunRecord, measure: MeasureId, subject: Subject, contrast: Contrast) -> Vec<Option<f64>> {
        Quantity { measure, subject, contrast }.in_each(&Observations::of_run(record))
    }

    #[test]
    fn a_saving_is_taken_replication_by_replication() {
        let mut record = RecordBuilder::new().replications(3).providers(1).build();
        for (replication, (with, without)) in record.replications.iter_mut().zip([(10, 40), (30, 40), (5, 0)]) {
            replication.measured.connectors[0].calls = [with, 0, 0, 0, 0, 0, 0];
            replication.baseline.as_mut().expect("a baseline").connectors[0].calls = [without, 0, 0, 0, 0, 0, 0];
        }
        let savings = values(&record, measures::CONNECTOR_CALLS, Subject::Network, Contrast::Saving);
        assert_eq!(savings, [Some(0.75), Some(0.25), None]);
    }

    #[test]
    fn a_scenario_in_which_nobody_takes_part_has_nothing_to_compare_with() {
        let record = RecordBuilder::new().without_gtnet().build();
        let observations = Observations::of_run(&record);
        assert!(observations.runs().eq([Contrast::Value]) && !observations.is_compared());
        assert!(observations.quantities().all(|quantity| quantity.contrast == Contrast::Value));
        let calls = observations.answer(measures::CONNECTOR_CALLS, &Subject::Network, Contrast::Value);
        assert!(calls.known().is_some());
        let saving = observations.answer(measures::CONNECTOR_CALLS, &Subject::Network, Contrast::Saving);
        assert_eq!(saving.known(), None);
    }

    #[test]
    fn a_server_and_a_provider_of_one_name_are_told_apart() {
        let mut record = RecordBuilder::new().replications(1).providers(1).build();
        record.replications[0].measured.connectors[0].provider = "hub-1".to_owned();
        let calls = |subject| values(&record, measures::CONNECTOR_CALLS, subject, Contrast::Value)[0];
        assert!(calls(Subject::Provider("hub-1".to_owned())).is_some());
        assert_eq!(calls(Subject::Server("hub-1".to_owned())), None);
    }

    #[test]
    fn a_growing_queue_of_an_open_server_leaves_push_open_ones_alone() {
        let mut record = RecordBuilder::new().servers(1).open_servers(2).build();
        for replication in &mut record.replications {
            replication.measured.open_servers[1].queue_lows = vec![0, 10, 20, 30];
        }
        let observations = Observations::of_run(&record);
        let answer = |measure, subject: &Subject| observations.answer(measure, subject, Contrast::Value);
        let named = |name: &str| Subject::OpenServer(name.to_owned());
        for subject in [Subject::Network, named("client-2")] {
            assert_eq!(answer(measures::OPEN_QUEUE_LENGTH, &subject), crate::inference::Answer::Saturated);
            assert!(observations.is_saturated(&subject, Contrast::Value));
        }
        assert!(answer(measures::OPEN_QUEUE_LENGTH, &named("client-1")).known().is_some());
        assert!(answer(measures::QUEUE_LENGTH, &Subject::Network).known().is_some());
        assert!(observations.saturated().map(Subject::name).eq(["client-2"]));
    }

    #[test]
    fn an_age_of_zero_is_below_a_microsecond() {
        let mut record = RecordBuilder::new().replications(1).without_baseline().build();
        let measured = &mut record.replications[0].measured;
        measured.price_age = LogHistogram::new();
        measured.prices_missing = 0;
        for nanos in [0, 999, 1_000, 5_000] {
            measured.price_age.record(SimDuration::from_nanos(nanos));
        }
        let zero = values(&record, measures::AGE_ZERO_SHARE, Subject::Network, Contrast::Value);
        assert_eq!(zero, [Some(0.5)]);
    }

    #[test]
    fn several_servers_together_are_the_mean_of_a_server() {
        let mut record = RecordBuilder::new().replications(1).servers(2).build();
        let measured = &mut record.replications[0].measured;
        measured.period = SimDuration::from_secs(100);
        for (server, requests) in measured.servers.iter_mut().zip([30, 90]) {
            (server.requests, server.pushes) = (requests, 10);
        }
        let arrivals = |subject| values(&record, measures::ARRIVALS, subject, Contrast::Value);
        assert_eq!(arrivals(Subject::Server("hub-1".to_owned())), [Some(0.4)]);
        assert_eq!(arrivals(Subject::Server("hub-2".to_owned())), [Some(1.0)]);
        assert_eq!(arrivals(Subject::Network), [Some(0.7)]);
    }

    #[test]
    fn shares_are_shares_and_names_are_unique() {
        let record = RecordBuilder::new().servers(3).build();
        let observations = Observations::of_run(&record);
        let is_share = |of: &Quantity| of.unit() == Unit::Share && of.contrast != Contrast::Difference;
        for share in observations.quantities().filter(is_share) {
            let mut values = share.in_each(&observations).into_iter().flatten();
            assert!(values.all(|value| (0.0..=1.0).contains(&value)), "{}", share.measure.name);
        }
        let mut names: Vec<_> = measures::ALL.iter().map(|measure| measure.name).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_quantile_of_too_few_values_is_no_number() {
        let mut record = RecordBuilder::new().replications(1).without_baseline().build();
        let wait = &mut record.replications[0].measured.user_wait;
        *wait = LogHistogram::new();
        for millis in 1..=19 {
            wait.record(SimDuration::from_millis(millis));
        }
        let of = |record: &_, measure| values(record, measure, Subject::Network, Contrast::Value)[0];
        assert_eq!(of(&record, measures::USER_WAIT_P95), None);
        assert!(of(&record, measures::USER_WAIT_P50).is_some());
        record.replications[0].measured.user_wait.record(SimDuration::from_millis(20));
        assert!(of(&record, measures::USER_WAIT_P95).is_some());
    }
}
