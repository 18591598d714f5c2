//! Links between hosts: round-trip times with a part that belongs to the pair and a part that is drawn with each message.

use crate::random::{Distribution, Entity, Purpose, Stream, Streams};
use crate::time::SimDuration;

use super::config::{NetworkConfig, RttConfig, ShiftedLognormal};

const STANDARD_NORMAL: Distribution = Distribution::Normal { mean: 0.0, sd: 1.0 };

/// What is known of the way between two hosts: the distribution of its round-trip times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    minimum_s: f64,
    /// Median of this pair above the minimum.
    median_s: f64,
    /// Standard deviation of the logarithm from message to message.
    sigma: f64,
}

impl Link {
    /// The link between two hosts; the same in both directions, whatever other hosts there are.
    ///
    /// The share `pair_share` of the log-variance is drawn here, once, so that some pairs are near and some far. The rest is
    /// drawn with each message. Over all pairs together, the fitted distribution comes out unchanged.
    pub(super) fn draw(
        config: &NetworkConfig,
        countries: (Option<&str>, Option<&str>),
        pair: Entity,
        streams: &Streams,
    ) -> Self {
        let rtt = distribution(&config.rtt, countries);
        let of_pair = STANDARD_NORMAL.sample(&mut streams.stream(Purpose::LinkBase, pair));
        Self {
            minimum_s: rtt.minimum_s,
            median_s: rtt.median_s * libm::exp(rtt.sigma * config.pair_share.sqrt() * of_pair),
            sigma: rtt.sigma * (1.0 - config.pair_share).sqrt(),
        }
    }

    /// The median round-trip time [s].
    pub(super) fn median_rtt_s(&self) -> f64 {
        self.minimum_s + self.median_s
    }

    /// One round-trip time.
    pub(super) fn rtt(&self, stream: &mut Stream) -> SimDuration {
        let above_s = self.median_s * libm::exp(self.sigma * STANDARD_NORMAL.sample(stream));
        SimDuration::from_secs_f64(self.minimum_s + above_s)
    }
}

fn distribution(config: &RttConfig, (from, to): (Option<&str>, Option<&str>)) -> ShiftedLognormal {
    match config {
        RttConfig::Anywhere(rtt) => *rtt,
        RttConfig::Country(rtts) => {
            let (from, to) = (from.expect("every host has a country"), to.expect("every host has a country"));
            let (first, second) = if from <= to { (from, to) } else { (to, from) };
            rtts.iter()
                .find(|entry| entry.countries.0 == first && entry.countries.1 == second)
                .map(|entry| entry.rtt)
                .expect("the scenario has checked that every pair of countries is known")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pair_share: f64) -> NetworkConfig {
        NetworkConfig {
            rtt: RttConfig::Anywhere(ShiftedLognormal::from_moments(0.0282, 0.0479, 0.0003)),
            pair_share,
            loss: 0.0,
            connection_setup_rtts: 2,
            timeout: SimDuration::from_secs(30),
            message_base_bytes: 0,
            message_instrument_bytes: 0,
            history_days: 1,
        }
    }

    /// Mean and variance of the logarithm above the minimum must be those of the fit, however it is split.
    #[test]
    fn splitting_the_variance_leaves_the_distribution_alone() {
        let streams = Streams::new(3, 0);
        let fit = ShiftedLognormal::from_moments(0.0282, 0.0479, 0.0003);
        for share in [0.0, 0.8, 1.0] {
            let logs: Vec<f64> = (0..20_000)
                .map(|pair| {
                    let entity = Entity::indexed(pair);
                    let link = Link::draw(&config(share), (None, None), entity, &streams);
                    let rtt = link.rtt(&mut streams.stream(Purpose::Message, entity));
                    libm::log(rtt.as_secs_f64() - fit.minimum_s)
                })
                .collect();
            let mean = logs.iter().sum::<f64>() / 20_000.0;
            let variance = logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / 19_999.0;
            assert!((mean - libm::log(fit.median_s)).abs() < 0.03, "share {share}: mean {mean}");
            assert!((variance / (fit.sigma * fit.sigma) - 1.0).abs() < 0.04, "share {share}: variance {variance}");
        }
    }

    /// The fit must give back the mean and deviation that it came from.
    #[test]
    fn the_fit_reproduces_the_moments() {
        let fit = ShiftedLognormal::from_moments(0.0282, 0.0479, 0.0003);
        let factor = libm::exp(fit.sigma * fit.sigma / 2.0);
        let mean = fit.minimum_s + fit.median_s * factor;
        let sd = fit.median_s * factor * libm::expm1(fit.sigma * fit.sigma).sqrt();
        assert!((mean - 0.0282).abs() < 1e-12 && (sd - 0.0479).abs() < 1e-12, "mean {mean}, sd {sd}");
        assert!(fit.median_s < 0.5 * 0.0282, "a heavy tail puts the median far below the mean");
    }

    #[test]
    fn a_distribution_without_spread_is_constant() {
        let mut config = config(0.8);
        config.rtt = RttConfig::Anywhere(ShiftedLognormal::from_moments(0.02, 0.0, 0.0));
        let streams = Streams::new(3, 0);
        let link = Link::draw(&config, (None, None), Entity::indexed(1), &streams);
        let mut stream = streams.stream(Purpose::Message, Entity::indexed(1));
        assert_eq!(link.rtt(&mut stream), SimDuration::from_millis(20));
        assert_eq!(link.rtt(&mut stream), SimDuration::from_millis(20));
    }
}
