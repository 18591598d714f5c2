//! Which provider has which instrument, and which of them an instance uses: the same whoever asks, and when.

use crate::observe::ProviderId;
use crate::protocol::InstrumentId;
use crate::random::{Entity, Purpose, Stream, Streams};

use super::config::ConnectorConfig;

/// Which provider has which instrument.
#[derive(Debug)]
pub(super) struct Coverage {
    instruments: usize,
    /// By provider, then instrument.
    has: Vec<bool>,
}

impl Coverage {
    /// Draws it for instruments that trade on these markets.
    pub(super) fn draw(connectors: &[ConnectorConfig], market_of: &[usize], streams: &Streams) -> Self {
        let mut has = Vec::with_capacity(connectors.len() * market_of.len());
        for connector in connectors {
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

/// How an instance chooses among the providers that have an instrument.
pub(super) struct ProviderChoice {
    /// By provider: its weight, and its draws.
    races: Vec<(f64, Stream)>,
}

impl ProviderChoice {
    /// The choices of the instance `entity`.
    pub(super) fn of(entity: Entity, connectors: &[ConnectorConfig], streams: &Streams) -> Self {
        let race = |connector: &ConnectorConfig| {
            let pair = Entity::pair(entity, Entity::named(&connector.id, 0));
            (connector.weight, streams.stream(Purpose::ProviderChoice, pair))
        };
        Self { races: connectors.iter().map(race).collect() }
    }

    /// The provider that it uses for an instrument; `None`: no provider has it.
    ///
    /// Exponential clocks whose rates are the weights: each is the first to ring with a probability proportional to its weight.
    /// Another provider changes only the choices that it wins, and the order of providers changes nothing.
    pub(super) fn provider(&mut self, coverage: &Coverage, instrument: InstrumentId) -> Option<ProviderId> {
        let mut first: Option<(f64, usize)> = None;
        for (provider, (weight, stream)) in self.races.iter_mut().enumerate() {
            if coverage.has(provider, instrument) {
                let rings = -libm::log(stream.place(instrument.0, 1).open_unit()) / *weight;
                if first.is_none_or(|(earliest, _)| rings < earliest) {
                    first = Some((rings, provider));
                }
            }
        }
        first.map(|(_, at)| ProviderId(u16::try_from(at).expect("fewer than 65,536 providers")))
    }
}
