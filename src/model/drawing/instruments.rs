//! Draws what is true of instruments whoever watches them, and how each instance has recorded those that its users watch.

use std::sync::Arc;

use crate::model::blueprint::Blueprint;
use crate::model::config::{GroupConfig, WorldConfig};
use crate::model::coverage::{Coverage, ProviderChoice};
use crate::model::stores::LocalInstruments;
use crate::model::truth::TruePrices;
use crate::protocol::InstrumentId;
use crate::random::{Entity, Purpose, Streams};

/// What is true of instruments whoever watches them: all blocks of a network share it.
#[derive(Clone)]
pub(in crate::model) struct DrawnInstruments {
    /// By instrument: the index of its market.
    pub(in crate::model) market_of: Arc<[usize]>,
    pub(in crate::model) coverage: Arc<Coverage>,
    pub(in crate::model) true_prices: Arc<TruePrices>,
}

impl DrawnInstruments {
    pub(in crate::model) fn of(blueprint: &Blueprint, streams: &Streams) -> Self {
        let market_of = markets(blueprint, streams);
        let coverage = Coverage::draw(&blueprint.config.connectors, &market_of, streams);
        let true_prices = TruePrices::draw(blueprint, streams);
        Self { market_of: market_of.into(), coverage: Arc::new(coverage), true_prices: Arc::new(true_prices) }
    }
}

/// By instrument: the index of its market.
fn markets(blueprint: &Blueprint, streams: &Streams) -> Vec<usize> {
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
    let mut choice = ProviderChoice::of(entity, &config.connectors, streams);
    LocalInstruments::new(lists.concat(), |instrument| {
        let provider = choice.provider(coverage, instrument);
        let flags = flags.place(instrument.0, 2);
        let receive = flags.chance(group.receive);
        (provider, receive, flags.chance(group.send))
    })
}
