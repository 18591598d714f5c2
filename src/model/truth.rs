//! True prices: how each instrument's price moves. It is a function of seed, replication, instrument and trading time alone, so
//! that no rule and no fault can change it.

use crate::protocol::InstrumentId;
use crate::random::{BrownianPath, Entity, Purpose, Streams};
use crate::time::SimDuration;

use super::blueprint::Blueprint;
use super::config::MarketConfig;

/// Trading days of a year, over which volatility is given.
const TRADING_DAYS_OF_YEAR: f64 = 252.0;

/// The true prices of one replication: a geometric Brownian motion of each instrument, without drift in the logarithm, in the
/// trading time of its market.
pub(super) struct TruePrices {
    paths: Vec<BrownianPath>,
    /// Instruments from this number on are currency pairs.
    securities: u32,
    /// By market: the standard deviation of the logarithm over a second of trading, of a security and of a currency pair.
    volatilities: Vec<[f64; 2]>,
}

impl TruePrices {
    pub(super) fn draw(blueprint: &Blueprint, streams: &Streams) -> Self {
        let path = |instrument| {
            let entity = Entity::indexed(u64::from(instrument));
            BrownianPath::new(streams.stream(Purpose::PriceTruth, entity).next_u64())
        };
        let config = &blueprint.config.instruments;
        let yearly = [config.security_volatility, config.currency_volatility];
        let volatilities = blueprint.config.markets.iter().map(|market| {
            let seconds = TRADING_DAYS_OF_YEAR * market.traded_per_day().as_secs_f64();
            // Where there is no trade no price moves.
            yearly.map(|volatility| if seconds > 0.0 { volatility / seconds.sqrt() } else { 0.0 })
        });
        Self {
            paths: (0..blueprint.instruments()).map(path).collect(),
            securities: config.securities,
            volatilities: volatilities.collect(),
        }
    }

    /// By how much the logarithm of a price rises between two moments, given in trading time of the instrument's market.
    pub(super) fn rise(&self, instrument: InstrumentId, market: usize, from: SimDuration, until: SimDuration) -> f64 {
        let kind = usize::from(instrument.0 >= self.securities);
        self.volatilities[market][kind] * self.paths[instrument.0 as usize].rise(from.as_nanos(), until.as_nanos())
    }
}

impl MarketConfig {
    /// How long the market trades on a weekday.
    fn traded_per_day(&self) -> SimDuration {
        let minutes = self.hours.iter().map(|hours| u64::from(hours.close_minute - hours.open_minute));
        SimDuration::from_secs(60 * minutes.sum::<u64>())
    }
}

/// How far a price that is `factor` times the true one of then is from the one of now, if the logarithm of the true one has risen by
/// `rise` since \[basis points\].
pub(super) fn error_bp(factor: f64, rise: f64) -> f64 {
    // Hardly any price is false.
    let logarithm = if factor.total_cmp(&1.0).is_eq() { 0.0 } else { libm::log(factor) };
    1e4 * libm::expm1(logarithm - rise).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_the_distance_over_the_true_price() {
        // 110 is shown, and 100 is true.
        assert!((error_bp(1.0, libm::log(100.0 / 110.0)) - 1_000.0).abs() < 1e-9);
        // Half of 90 is shown, and 100 is true.
        assert!((error_bp(0.5, libm::log(100.0 / 90.0)) - 5_500.0).abs() < 1e-9);
        assert!(error_bp(1.0, 0.0) <= 0.0);
    }
}
