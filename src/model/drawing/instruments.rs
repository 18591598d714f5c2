//! Draws where instruments trade, who has them, and how each instance has recorded those that its users watch.

use crate::model::blueprint::Blueprint;
use crate::model::config::{GroupConfig, WorldConfig};
use crate::model::stores::LocalInstruments;
use crate::observe::ProviderId;
use crate::protocol::InstrumentId;
use crate::random::{Entity, Purpose, Stream, Streams};

/// By instrument: the index of its market.
pub(super) fn markets(blueprint: &Blueprint, streams: &Streams) -> Vec<usize> {
    let config = &blueprint.config.instruments;
    let mut stream = streams.stream(Purpose::InstrumentMarket, Entity::indexed(0));
    let securities = (0..config.securities).map(|_| match &blueprint.security_markets {
        Some(choice) => config.security_markets[choice.pick(&mut stream)].0,
        None => unreachable!("a scenario with securities names their markets"),
    });
    let mut market_of: Vec<usize> = securities.collect();
    market_of.extend((0..config.currency_pairs).map(|_| config.currency_market));
    market_of
}

/// Which provider has which instrument.
pub(super) struct Coverage {
    instruments: usize,
    /// By provider, then instrument.
    has: Vec<bool>,
}

impl Coverage {
    pub(super) fn draw(blueprint: &Blueprint, market_of: &[usize], streams: &Streams) -> Self {
        let mut has = Vec::with_capacity(blueprint.config.connectors.len() * market_of.len());
        for connector in &blueprint.config.connectors {
            let mut stream = streams.stream(Purpose::ProviderCoverage, Entity::named(&connector.id, 0));
            has.extend(market_of.iter().map(|market| {
                let share =
                    connector.serves.iter().find(|(served, _)| served == market).map_or(0.0, |(_, share)| *share);
                stream.chance(share)
            }));
        }
        Self { instruments: market_of.len(), has }
    }

    fn has(&self, provider: usize, instrument: InstrumentId) -> bool {
        self.has[provider * self.instruments + instrument.0 as usize]
    }
}

/// The local instruments of an instance whose users watch `lists`.
pub(super) fn record(
    lists: &[Vec<InstrumentId>],
    group: &GroupConfig,
    entity: Entity,
    config: &WorldConfig,
    coverage: &Coverage,
    streams: &Streams,
) -> LocalInstruments {
    let mut flags = streams.stream(Purpose::InstrumentFlags, entity);
    let mut races: Vec<(f64, Stream)> = config
        .connectors
        .iter()
        .map(|connector| {
            let pair = Entity::pair(entity, Entity::named(&connector.id, 0));
            (connector.weight, streams.stream(Purpose::ProviderChoice, pair))
        })
        .collect();
    LocalInstruments::new(lists.concat(), |instrument| {
        // Exponential clocks whose rates are the weights: each is the first to ring with a probability proportional to its
        // weight. Another provider changes only the choices that it wins, and the order of providers changes nothing.
        let mut first: Option<(f64, usize)> = None;
        for (provider, (weight, stream)) in races.iter_mut().enumerate() {
            if coverage.has(provider, instrument) {
                let rings = -libm::log(stream.place(instrument.0, 1).open_unit()) / *weight;
                if first.is_none_or(|(earliest, _)| rings < earliest) {
                    first = Some((rings, provider));
                }
            }
        }
        let chosen = |(_, at)| ProviderId(u16::try_from(at).expect("fewer than 65,536 providers"));
        let provider = first.map(chosen);
        let flags = flags.place(instrument.0, 2);
        let receive = flags.chance(group.receive);
        (provider, receive, flags.chance(group.send))
    })
}
