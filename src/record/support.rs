//! Makes records by hand for tests: they are plausible and exactly reproducible, and no simulator is involved.

use super::{
    Assumption, Census, CommonLuck, Detail, Histograms, HistogramsOfUnit, MapChoice, MapGroup, MapLink, MapRole,
    MarkedAssumption, NetworkMap, NoPrices, Observed, ParameterValue, PointRecord, ReplicationRecord, RunRecord,
    ScenarioFacts, StudyKind, StudyRecord, UnitRecord,
};
use crate::measures::{self, Comparison, MeasureId, Relevance, Source, Unit, Values};
use crate::metrics::{
    ActiveSpell, AgePart, AgeSums, ConnectorMeasurements, FalsePriceCounts, FaultEffect, FaultEffects, FillCounts,
    InstanceMeasurements, IntervalCounts, LogHistogram, Measurements, MessageCounts, PushBackMeasurements,
    ServerMeasurements, StaleCause, TimelineEntry, VisitEffects,
};
use crate::time::{SimDuration, Timestamp};

/// Builds the record of a run: four measured days of a hub with twenty clients, unless told otherwise.
#[expect(clippy::struct_excessive_bools, reason = "independent traits, each of which a test may want")]
pub(crate) struct RecordBuilder {
    replications: u32,
    servers: u32,
    open_servers: u32,
    providers: u32,
    gtnet: bool,
    baseline: bool,
    silent: bool,
    faulty: bool,
}

const DAYS: u64 = 4;
const PROVIDERS: [&str; 9] =
    ["yahoo", "finnhub", "xetra", "six", "vienna", "euronext", "cryptocompare", "stooq", "boursorama"];

impl RecordBuilder {
    pub(crate) fn new() -> Self {
        Self {
            replications: 5,
            servers: 1,
            open_servers: 0,
            providers: 4,
            gtnet: true,
            baseline: true,
            silent: false,
            faulty: false,
        }
    }

    pub(crate) fn replications(mut self, replications: u32) -> Self {
        self.replications = replications;
        self
    }

    pub(crate) fn servers(mut self, servers: u32) -> Self {
        self.servers = servers;
        self
    }

    /// So many clients are asked, too.
    pub(crate) fn open_servers(mut self, servers: u32) -> Self {
        self.open_servers = servers;
        self
    }

    /// The run has this many data providers, at most nine.
    pub(crate) fn providers(mut self, providers: u32) -> Self {
        self.providers = providers;
        self
    }

    pub(crate) fn without_baseline(mut self) -> Self {
        self.baseline = false;
        self
    }

    /// Nobody takes part in `GTNet`: there are no servers, and there is nothing to compare with.
    pub(crate) fn without_gtnet(mut self) -> Self {
        (self.gtnet, self.baseline) = (false, false);
        self
    }

    /// A hub is down for an hour, of which half lies in the warm-up.
    pub(crate) fn with_fault(mut self) -> Self {
        self.faulty = true;
        self
    }

    /// Nobody opens a watchlist.
    pub(crate) fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    pub(crate) fn build(&self) -> RunRecord {
        let replication = |replication: u32| ReplicationRecord {
            replication,
            measured: self.measurements(replication, self.gtnet),
            baseline: self.baseline.then(|| self.measurements(replication, false)),
        };
        RunRecord {
            name: "hub-20-clients".to_owned(),
            question: "Does a push-open server pay off with 20 clients?".to_owned(),
            version: "0.1.0".to_owned(),
            facts: ScenarioFacts {
                gtnet: self.gtnet,
                census: Census {
                    instances: 20 + if self.gtnet { self.servers } else { 0 },
                    with_users: 20,
                    push_open: if self.gtnet { self.servers } else { 0 },
                    open: if self.gtnet { 20 } else { 0 },
                    users: 60,
                },
                ..facts(0)
            },
            relevance: Relevance::default(),
            replications: (0..self.replications).map(replication).collect(),
        }
    }

    fn measurements(&self, replication: u32, gtnet: bool) -> Measurements {
        let mut noise = Noise::of(replication);
        let size = u64::from(!self.silent);
        let calls = if gtnet { 9_000 } else { 30_000 };
        let age_s = if gtnet { 1_000.0 } else { 700.0 };
        let wait_s = if gtnet { 0.4 } else { 1.1 };
        let fills = FillCounts {
            own_pool: 0,
            push_open: if gtnet { size * noise.around(19_000) } else { 0 },
            open: if gtnet { size * noise.around(1_500) } else { 0 },
            connector: size * noise.around(calls),
            connector_failed: size * noise.around(calls / 90),
            not_tried: size * 120,
        };
        let connector = |index: u32| {
            let total = size * noise.around(calls / (u64::from(index) + 2));
            ConnectorMeasurements {
                provider: PROVIDERS[index as usize].to_owned(),
                calls: if gtnet { [0, total / 10, 0, total - total / 10, 0, 0, 0] } else { [total, 0, 0, 0, 0, 0, 0] },
                ended: total,
                failed: total / 90,
                rate_limited: total / 500,
                held_back_s: total as f64 / 100.0,
                age: AgeSums::default(),
            }
        };
        let connectors: Vec<_> = (0..self.providers).map(connector).collect();
        let mut measured = Measurements {
            period: SimDuration::from_days(DAYS),
            visits: size * 1_920,
            visits_unfinished: 0,
            visits_prevented: 0,
            visits_interrupted: 0,
            instruments_unsettled: 0,
            exchanges: size * 1_400,
            fills,
            instances: (1..=20)
                .map(|index| InstanceMeasurements {
                    instance: format!("client-{index}"),
                    visits: size * 96,
                    exchanges: size * 70,
                    connector_calls: fills.connector / 20,
                    results_shown: size * 96,
                    waited_s: size as f64 * 96.0 * wait_s,
                })
                .collect(),
            servers: (0..if gtnet { self.servers } else { 0 })
                .map(|index| server(index, size, &mut Noise::of(replication * 31 + index)))
                .collect(),
            open_servers: (0..if gtnet { self.open_servers } else { 0 })
                .map(|index| ServerMeasurements {
                    instance: format!("client-{}", index + 1),
                    pool_size: 0,
                    ..server(index + 1, size, &mut Noise::of(replication * 37 + index))
                })
                .collect(),
            price_age: noise.histogram(size * 2_000, age_s),
            prices_fresh: size * noise.around(1_750),
            prices_stale: [0; StaleCause::ALL.len()],
            prices_missing: size * 20,
            prices_wrong_stamp: 0,
            prices_false: FalsePriceCounts::default(),
            visits_false: 0,
            false_after: SimDuration::ZERO,
            user_wait: noise.histogram(size * 1_920, wait_s),
            push_back: if gtnet {
                PushBackMeasurements {
                    pushes: size * noise.around(900),
                    useless: size * 130,
                    failed: size * 7,
                    prices: size * 9_000,
                    accepted: size * noise.around(6_500),
                    fills_from_pushes: fills.push_open / 3,
                    distrusted: 0,
                    distrusted_wrongly: 0,
                }
            } else {
                PushBackMeasurements::default()
            },
            messages: MessageCounts {
                sent: size * 2_300,
                answered: size * 2_280,
                refused: size * 5,
                timed_out: size * 15,
                unreachable: 0,
                abandoned: 0,
                in_flight: 0,
                lost: size * 14,
                kept_back: 0,
            },
            connectors,
            price_error: noise.histogram(size * 2_000, age_s / 100.0),
            days: Vec::new(),
            faults: self.faulty.then(|| Box::new(fault_effects())),
            spending: None,
        };
        divide_age(&mut measured);
        let stale = measured.price_age.count().saturating_sub(measured.prices_fresh);
        measured.prices_stale[StaleCause::ProviderLate as usize] = stale / 4;
        measured.prices_stale[StaleCause::WithinTimeout as usize] = stale - stale / 4;
        measured
    }
}

/// All providers give as many prices, and the first server half of them. No price gets old in messages, and without servers none in
/// pools. All else is delay.
fn divide_age(measured: &mut Measurements) {
    let count = measured.connectors.len() as u64;
    let mut left = AgeSums { prices: measured.price_age.count(), ..AgeSums::default() };
    let total = measured.price_age.sum_nanos();
    let in_pools = if measured.servers.is_empty() { 0 } else { 2 };
    for (part, eighths) in [(AgePart::Fetch, 1), (AgePart::Pools, in_pools), (AgePart::Visit, 1)] {
        left.nanos[part as usize] = total / 8 * eighths;
    }
    left.nanos[AgePart::ProviderDelay as usize] = total - left.total_nanos();
    if let Some(server) = measured.servers.first_mut().filter(|_| count > 0) {
        server.age = AgeSums { prices: left.prices / 2, nanos: left.nanos.map(|nanos| nanos / 2) };
    }
    for (index, provider) in (0..count).zip(&mut measured.connectors) {
        let rest = count - index;
        provider.age = AgeSums { prices: left.prices / rest, nanos: left.nanos.map(|nanos| nanos / u128::from(rest)) };
        left = left.without(&provider.age);
    }
}

/// An hour without a hub, beginning 600 s after the start. Forty visits are made meanwhile, of which ten take 20 s longer.
fn fault_effects() -> FaultEffects {
    let during = VisitEffects {
        visits: 40,
        felt: 10,
        paired: 40,
        extra_wait_s: 200.0,
        felt_paired: 10,
        felt_extra_wait_s: 200.0,
        ..VisitEffects::default()
    };
    let second = SimDuration::from_secs;
    let fault = FaultEffect {
        fault: "hub-down".to_owned(),
        spells: vec![ActiveSpell { begins: second(600), ends: second(4_200) }],
        measured_spells: 1,
        active_s: 3_600.0,
        during,
        after: VisitEffects::default(),
        extra_calls: 120,
        recovered: 1,
        recovery_s: 900.0,
        ended: 1,
        wrong_stamps_s: 1_800.0,
    };
    let counts = |waited_s, prices_fresh| IntervalCounts {
        results_shown: 10,
        waited_s,
        connector_calls: 3,
        prices: 15,
        prices_fresh,
        prices_missing: 5,
        prices_wrong_stamp: 4,
        age_s: 900.0,
    };
    let quiet = TimelineEntry { visits: 10, felt: 0, run: counts(10.0, 10), twin: counts(10.0, 10) };
    let felt = TimelineEntry { felt: 10, run: counts(60.0, 5), ..quiet };
    FaultEffects {
        warmup: second(1_800),
        all: VisitEffects { visits: 400, paired: 400, ..during },
        extra_calls: 120,
        recovery_s: Some(900.0),
        faults: vec![fault],
        timeline: vec![TimelineEntry::default(), felt, quiet, quiet, quiet, quiet],
    }
}

/// The facts of a scenario with a hub and a client.
fn facts(point: u32) -> ScenarioFacts {
    ScenarioFacts {
        digest: format!("{point:064x}"),
        seed: 42,
        gtnet: true,
        measured_from: Timestamp::from_unix_secs(1_772_496_000),
        visits_zone: None,
        server_workers: None,
        limits: Vec::new(),
        warmup: SimDuration::ZERO,
        trading_days: Vec::new(),
        freshness_threshold: Some(SimDuration::from_secs(1_500)),
        fresh_within: SimDuration::from_secs(1_500),
        faults_active: None,
        clocks_run_free: false,
        census: Census { instances: 2, with_users: 1, push_open: 1, open: 1, users: 3 },
        foreseen: Vec::new(),
        starved: NoPrices::NoUsers,
        yes_if: Vec::new(),
        assumptions: vec![Assumption::VisitsPerDay { least: 8.0, most: 8.0 }],
        marked: vec![MarkedAssumption {
            table: "group.client".to_owned(),
            written: "users = 3".to_owned(),
            remark: "a household".to_owned(),
        }],
        network: NetworkMap {
            groups: vec![
                MapGroup { name: "hub".to_owned(), count: 1, users: 0, role: MapRole::PushOpen },
                MapGroup { name: "client".to_owned(), count: 20, users: 3, role: MapRole::Open },
            ],
            links: vec![MapLink { from: 1, to: 0, choice: MapChoice::All }],
        },
        one_network: false,
        resolved_scenario: "[scenario]\nname = \"hub-20-clients\"\n".to_owned(),
    }
}

/// A study of this many points; values grow with the number of the point.
pub(crate) fn study(kind: StudyKind, points: u32, replications: u32) -> StudyRecord {
    let observed = |point: u32, replication: u32| {
        let mut noise = Noise::of(replication);
        let base = noise.around(1_000) as f64;
        let size = 1.0 - 0.5 / f64::from(point + 1);
        // Nothing is overloaded.
        let is_zero =
            |measure: MeasureId| [measures::VISITS_UNFINISHED_SHARE, measures::SATURATED_SHARE].contains(&measure);
        let value = |measure: MeasureId| match measure.unit {
            _ if is_zero(measure) => Some(0.0),
            _ if matches!(measure.source, Source::Faults(_))
                || measure.is_of_money()
                || measure.name.starts_with("open_server") =>
            {
                None
            }
            // The same users visit everywhere.
            _ if measure == measures::VISITS => Some(base),
            Unit::Share => Some(size * base / 1_100.0),
            _ => Some(size * base),
        };
        let off = |measure: MeasureId| if is_zero(measure) { 0.0 } else { base * 1.2 };
        let without = |measure: MeasureId| {
            (measure.comparison != Comparison::Nothing && !measure.is_of_money()).then(|| off(measure))
        };
        Observed { measured: Values::of(value), baseline: Some(Values::of(without)) }
    };
    let parameter = if kind == StudyKind::Comparison { "variant" } else { "group.client.count" };
    let point = |point: u32| {
        let setting = if kind == StudyKind::Comparison { format!("variant-{point}") } else { (5 << point).to_string() };
        let observed: Vec<Observed> = (0..replications).map(|replication| observed(point, replication)).collect();
        PointRecord {
            label: if kind == StudyKind::Comparison { setting.clone() } else { format!("{parameter}={setting}") },
            about: None,
            settings: vec![ParameterValue { number: setting.parse().ok(), ..ParameterValue::word(&setting) }],
            facts: facts(point),
            wanted: replications,
            contributions: observed.clone(),
            replications: observed,
        }
    };
    StudyRecord {
        kind,
        capacity: None,
        sensitivity: None,
        selection: None,
        worlds: None,
        flips: None,
        front: None,
        relevance: Relevance::default(),
        name: "study".to_owned(),
        question: "What differs?".to_owned(),
        version: "0.1.0".to_owned(),
        parameters: vec![parameter.to_owned()],
        points: (0..points).map(point).collect(),
        luck: CommonLuck::default(),
    }
}

/// The histograms of nothing.
pub(crate) fn no_histograms() -> Detail {
    let empty = RecordBuilder::new().servers(0).silent().without_baseline().build().replications.remove(0).measured;
    let empty = Histograms::pack(&empty);
    Detail::Histograms(Box::new(HistogramsOfUnit { measured: empty.clone(), baseline: Some(empty) }))
}

/// What tables of results say of `replications`, as a source of replications has it.
pub(crate) fn units(replications: &[Observed]) -> Vec<UnitRecord> {
    let of = u32::try_from(replications.len()).expect("few replications");
    let unit = |observed: &Observed| UnitRecord {
        observed: observed.clone(),
        detail: Detail::Summarised { of, contribution: Box::new(observed.clone()) },
    };
    replications.iter().map(unit).collect()
}

/// A day with an office's hours: nothing at night, a peak at nine in the morning.
fn server(index: u32, size: u64, noise: &mut Noise) -> ServerMeasurements {
    let arrivals: Vec<u32> = (0..DAYS * 96)
        .map(|interval| {
            let hour = interval % 96 / 4;
            let busy = match hour {
                8..=10 => 60,
                11..=16 => 25,
                7 | 17..=20 => 8,
                _ => 1,
            };
            let arrivals = size * noise.around(busy * 10 / (u64::from(index) + 1)) / 10;
            u32::try_from(arrivals).expect("few arrivals")
        })
        .collect();
    let total: u64 = arrivals.iter().map(|&count| u64::from(count)).sum();
    ServerMeasurements {
        instance: format!("hub-{}", index + 1),
        requests: total - total / 3,
        pushes: total / 3,
        housekeeping: 0,
        synchronisations: 0,
        synchronisation_bytes: 0,
        histories: 0,
        history_bytes: 0,
        rows: total * 2,
        rows_held_max: total / 2,
        sent: total,
        unserved: 0,
        refused: total / 200,
        waited_out: 0,
        timed_out: total / 150,
        instruments_asked: total * 20,
        prices_answered: total * 11,
        prices_pushed: total * 3,
        prices_accepted: total * 2,
        bytes_in: total * 2_500,
        bytes_out: total * 1_800,
        peak_minute: arrivals.iter().copied().max().unwrap_or(0) / 4,
        peak_hour: arrivals.iter().copied().max().unwrap_or(0) * 4,
        utilisation: total as f64 * 1e-6,
        queue_length_mean: total as f64 * 1e-7,
        queue_lows: vec![0; usize::try_from(DAYS).expect("few days")],
        queue_length_max: 4,
        queue_wait: noise.histogram(total, 0.002),
        response: noise.histogram(total, 0.012),
        age: AgeSums::default(),
        pool_size: size * noise.around(900),
        arrivals,
    }
}

/// A linear congruential generator, which is random enough for test records.
struct Noise(u64);

impl Noise {
    fn of(seed: u32) -> Self {
        Self(u64::from(seed) * 7_919 + 12_345)
    }

    /// Uniform in (0, 1).
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as f64 + 0.5) / f64::from(1_u32 << 31)
    }

    /// `centre` plus or minus up to 5 %.
    fn around(&mut self, centre: u64) -> u64 {
        let factor = 0.95 + 0.1 * self.uniform();
        SimDuration::from_secs_f64(centre as f64 * factor / 1e9).as_nanos()
    }

    fn histogram(&mut self, count: u64, mean_s: f64) -> LogHistogram {
        let mut histogram = LogHistogram::new();
        for _ in 0..count {
            histogram.record(SimDuration::from_secs_f64(-mean_s * libm::log(self.uniform())));
        }
        histogram.compact()
    }
}
