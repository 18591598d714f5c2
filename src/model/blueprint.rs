//! What all replications of a world have in common, worked out once: calendars, schedules, popularity, names. The instances of a
//! group have successive numbers.

use std::ops::Range;
use std::sync::Arc;

use crate::observe::InstanceId;
use crate::protocol::{AcceptMode, InstrumentId, Policy};
use crate::random::{Entity, WeightedChoice, Zipf};
use crate::time::{SimDuration, SimTime, Timestamp};

use super::config::{GroupConfig, WorldConfig};
use super::market::TradingCalendar;
use super::validity::ValidWorld;
use super::visits::VisitSchedule;

/// A world before anything is drawn, or a block of it; shared by all its replications.
#[derive(Clone, Debug)]
pub struct Blueprint {
    pub(super) config: Arc<ValidWorld>,
    /// By market.
    pub(super) calendars: Arc<[TradingCalendar]>,
    /// By group.
    pub(super) schedules: Arc<[Option<VisitSchedule>]>,
    /// By group; `None` where countries do not matter.
    pub(super) countries: Arc<[Option<WeightedChoice>]>,
    /// Popularity of securities and of currency pairs; `None` if there are none.
    pub(super) securities: Option<Arc<Zipf>>,
    pub(super) currency_pairs: Option<Arc<Zipf>>,
    pub(super) security_markets: Option<Arc<WeightedChoice>>,
    instances: Vec<InstanceInfo>,
    /// By group: its first instance; at last behind all instances.
    begins: Vec<u32>,
}

/// What is the same of an instance in all replications. There may be millions, so that it has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceInfo {
    /// Index of its group in [`WorldConfig::groups`].
    pub group: usize,
    /// Number within its group, from 0.
    pub number: u32,
    /// What it answers to requests.
    pub mode: AcceptMode,
    /// Whether it takes part in GTNet.
    pub gtnet: bool,
    /// Number of its users.
    pub users: u32,
}

impl Blueprint {
    /// Works out what the replications of `config` have in common.
    #[must_use]
    pub fn new(config: ValidWorld) -> Self {
        let end = config.start + config.duration;
        let calendars = config.markets.iter().map(|market| TradingCalendar::new(market, config.start, end)).collect();
        let schedules = config
            .groups
            .iter()
            .map(|group| group.visits.as_ref().map(|visits| VisitSchedule::new(visits, config.start, config.duration)))
            .collect();
        let countries = config
            .groups
            .iter()
            .map(|group| {
                (!group.countries.is_empty()).then(|| WeightedChoice::new(group.countries.iter().map(|(_, w)| *w)))
            })
            .collect();
        let zipf = |count: u32| (count > 0).then(|| Arc::new(Zipf::new(count, config.instruments.zipf_exponent)));
        let market_weights = &config.instruments.security_markets;
        let instances: Vec<InstanceInfo> =
            config.groups.iter().enumerate().flat_map(|(at, group)| infos(at, group)).collect();
        Self {
            calendars,
            schedules,
            countries,
            securities: zipf(config.instruments.securities),
            currency_pairs: zipf(config.instruments.currency_pairs),
            security_markets: (!market_weights.is_empty())
                .then(|| Arc::new(WeightedChoice::new(market_weights.iter().map(|(_, weight)| *weight)))),
            begins: begins(&instances, config.groups.len()),
            instances,
            config: Arc::new(config),
        }
    }

    /// A block of it as a world of its own, whose instances have these numbers, which ascend. They must have to do with nobody else (see
    /// [`Blocks`](super::Blocks)). There they are numbered anew, from 0; whatever chance decides about them stays the same.
    #[must_use]
    pub fn block(&self, numbers: &[u32]) -> Self {
        let instances: Vec<InstanceInfo> = numbers.iter().map(|number| self.instances[*number as usize]).collect();
        Self { begins: begins(&instances, self.config.groups.len()), instances, ..self.clone_shared() }
    }

    /// All but its instances.
    fn clone_shared(&self) -> Self {
        Self {
            config: Arc::clone(&self.config),
            calendars: Arc::clone(&self.calendars),
            schedules: Arc::clone(&self.schedules),
            countries: Arc::clone(&self.countries),
            securities: self.securities.clone(),
            currency_pairs: self.currency_pairs.clone(),
            security_markets: self.security_markets.clone(),
            instances: Vec::new(),
            begins: Vec::new(),
        }
    }

    /// The parameters.
    #[must_use]
    pub fn config(&self) -> &ValidWorld {
        &self.config
    }

    /// All its instances, in the scenario's order, which [`InstanceId`] numbers.
    #[must_use]
    pub fn instances(&self) -> &[InstanceInfo] {
        &self.instances
    }

    /// The names of all instances, such as `client-7`: the number is that within the group, from 1.
    pub fn instance_names(&self) -> impl Iterator<Item = String> {
        let name = |info: &InstanceInfo| format!("{}-{}", self.config.groups[info.group].name, info.number + 1);
        self.instances.iter().map(name)
    }

    pub(super) fn instance_count(&self) -> u32 {
        u32::try_from(self.instances.len()).expect("fewer than 2^32 instances")
    }

    /// The instances of the group with this index: the first one, and behind the last one.
    pub(super) fn members(&self, group: usize) -> Range<u32> {
        self.begins[group]..self.begins[group + 1]
    }

    /// The instance of the group with this index that has this number there.
    ///
    /// # Panics
    ///
    /// If it is in another block.
    pub(super) fn member(&self, group: usize, number: u32) -> InstanceId {
        let Range { start, end } = self.members(group);
        let members = &self.instances[start as usize..end as usize];
        let at = members.partition_point(|info| info.number < number);
        assert!(members.get(at).is_some_and(|info| info.number == number), "whom an instance knows is in its block");
        InstanceId(start + u32::try_from(at).expect("fewer than 2^32 instances"))
    }

    /// The name of an instrument, such as `security-3` or `pair-1`: the number is its rank by popularity among its kind.
    #[must_use]
    pub fn instrument_name(&self, instrument: InstrumentId) -> String {
        let securities = self.config.instruments.securities;
        match instrument.0.checked_sub(securities) {
            None => format!("security-{}", instrument.0 + 1),
            Some(pair) => format!("pair-{}", pair + 1),
        }
    }

    /// How long the market with this index trades between two moments; zero if `until` is the earlier one.
    #[must_use]
    pub fn traded_between(&self, market: usize, from: Timestamp, until: Timestamp) -> SimDuration {
        self.calendars[market].traded_between(from, until)
    }

    /// When the run ends.
    #[must_use]
    pub fn horizon(&self) -> SimTime {
        SimTime::START + self.config.duration
    }

    /// When the measured period begins.
    #[must_use]
    pub fn warm_up_end(&self) -> SimTime {
        SimTime::START + self.config.warmup
    }

    /// Number of instruments: securities first, then currency pairs, each by descending popularity.
    pub(super) fn instruments(&self) -> u32 {
        self.config.instrument_count()
    }

    /// The share of all visits that are expected before `at`: how far a run has come by then, as hardly anything happens
    /// without visits. Without any visits it is the share of the time.
    pub(super) fn share_before(&self, at: SimTime) -> f64 {
        let (mut before, mut all) = (0.0, 0.0);
        for (group, schedule) in self.config.groups.iter().zip(self.schedules.iter()) {
            if let Some(schedule) = schedule {
                let users = f64::from(group.count) * f64::from(group.users);
                before += users * schedule.expected_before(at);
                all += users * schedule.expected();
            }
        }
        if all > 0.0 { before / all } else { at.as_secs_f64() / self.config.duration.as_secs_f64() }
    }

    pub(super) fn group_of(&self, instance: InstanceId) -> &GroupConfig {
        &self.config.groups[self.instances[instance.index()].group]
    }

    /// The rules that an instance follows.
    pub(crate) fn policy_of(&self, instance: InstanceId) -> &Policy {
        self.config.policy_of(self.group_of(instance))
    }

    /// The instance as randomness knows it: by its group's name and its number there, whatever else exists.
    pub(super) fn entity_of(&self, instance: InstanceId) -> Entity {
        let info = &self.instances[instance.index()];
        Entity::named(&self.config.groups[info.group].name, u64::from(info.number))
    }
}

/// By group: its first instance; at last behind all instances.
fn begins(instances: &[InstanceInfo], groups: usize) -> Vec<u32> {
    let begin = |group| instances.partition_point(|info| info.group < group);
    (0..=groups).map(|group| u32::try_from(begin(group)).expect("fewer than 2^32 instances")).collect()
}

fn infos(at: usize, group: &GroupConfig) -> impl Iterator<Item = InstanceInfo> + '_ {
    (0..group.count).map(move |number| InstanceInfo {
        group: at,
        number,
        mode: group.mode,
        gtnet: group.gtnet,
        users: group.users,
    })
}

impl WorldConfig {
    /// The same users with GTNet switched off: nobody takes part, nobody knows anybody, all else is as it was.
    #[must_use]
    pub fn without_gtnet(&self) -> Self {
        let mut config = self.clone();
        config.peerings.clear();
        for group in &mut config.groups {
            group.gtnet = false;
        }
        config
    }

    /// The same users if nothing ever went wrong. Instances still join and leave, as that is no fault.
    #[must_use]
    pub fn without_faults(&self) -> Self {
        Self { faults: Vec::new(), ..self.clone() }
    }

    /// Of each whole day of the run, warm-up included, whether any market trades at some moment of it.
    #[must_use]
    pub fn trading_days(&self) -> Vec<bool> {
        let count = self.duration.as_nanos() / SimDuration::from_days(1).as_nanos();
        let mut days = vec![false; usize::try_from(count).expect("a run has few days")];
        for market in &self.markets {
            let calendar = TradingCalendar::new(market, self.start, self.start + self.duration);
            for (day, trades) in days.iter_mut().zip(calendar.trades_on(self.start, count)) {
                *day |= trades;
            }
        }
        days
    }

    /// Whether any instance with users takes part in GTNet.
    #[must_use]
    pub fn uses_gtnet(&self) -> bool {
        self.groups.iter().any(|group| group.gtnet && group.users > 0)
    }
}
