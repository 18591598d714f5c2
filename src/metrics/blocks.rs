//! The measurements of a network, put together from those of its blocks, of which each instance is in one. Only whole numbers are added
//! up, so that it changes no bit how the network is divided and which block comes first.

use super::age::AgeSums;
use super::collector::Layout;
use super::measurements::{
    ConnectorMeasurements, FalsePriceCounts, FillCounts, InstanceMeasurements, Measurements, MessageCounts,
    PushBackMeasurements, ServerMeasurements,
};

/// Puts the measurements of a network together from those of its blocks.
#[derive(Debug)]
pub struct MeasuredBlocks {
    /// What is added up; without instances and servers.
    sums: Option<Measurements>,
    /// By instance of the network; of those whose block is missing nothing is known yet.
    instances: Vec<InstanceMeasurements>,
    /// With the numbers of their instances, in any order.
    servers: Vec<(u32, ServerMeasurements)>,
    open_servers: Vec<(u32, ServerMeasurements)>,
}

/// Adds up the named fields of two values of a type, which must be all that it has.
macro_rules! add_fields {
    ($type:ident, $sum:expr, $more:expr, { $($field:ident),+ $(,)? }) => {{
        let $type { $($field),+ } = $more;
        $( $sum.$field += $field; )+
    }};
}

impl MeasuredBlocks {
    /// Of a network of so many instances, no block of which is known yet.
    #[must_use]
    pub fn new(instances: usize) -> Self {
        let instances = vec![InstanceMeasurements::default(); instances];
        Self { sums: None, instances, servers: Vec::new(), open_servers: Vec::new() }
    }

    /// Adds a block that was collected with `layout`. `numbers` are those of its instances in the network, which ascend.
    ///
    /// # Panics
    ///
    /// If the block has faults, prices or calls that were held back, which are never measured by block.
    pub fn add(&mut self, numbers: &[u32], layout: &Layout, mut block: Measurements) {
        assert_eq!(block.faults, None, "a network with faults is simulated as a whole");
        assert_eq!(block.spending, None, "a network with prices is simulated as a whole");
        let servers = || numbers.iter().zip(&layout.instances).filter(|(_, of)| of.server_workers.is_some());
        let of_kind = |is_open: bool| servers().filter(move |(_, of)| of.is_open == is_open).map(|(number, _)| *number);
        self.servers.extend(of_kind(false).zip(std::mem::take(&mut block.servers)));
        self.open_servers.extend(of_kind(true).zip(std::mem::take(&mut block.open_servers)));
        for (number, instance) in numbers.iter().zip(std::mem::take(&mut block.instances)) {
            self.instances[*number as usize] = instance;
        }
        match &mut self.sums {
            Some(sums) => add(sums, block),
            None => self.sums = Some(block),
        }
    }

    /// The measurements of the network; `None` if it has no block.
    #[must_use]
    pub fn finish(self) -> Option<Measurements> {
        let in_order = |mut servers: Vec<(u32, ServerMeasurements)>| {
            servers.sort_unstable_by_key(|(number, _)| *number);
            servers.into_iter().map(|(_, server)| server).collect()
        };
        let mut whole = self.sums?;
        whole.instances = self.instances;
        whole.servers = in_order(self.servers);
        whole.open_servers = in_order(self.open_servers);
        whole.price_age = whole.price_age.compact();
        whole.price_error = whole.price_error.compact();
        whole.user_wait = whole.user_wait.compact();
        Some(whole)
    }
}

/// Adds up what is a sum.
fn add(sums: &mut Measurements, block: Measurements) {
    let Measurements {
        period,
        visits,
        visits_unfinished,
        visits_prevented,
        visits_interrupted,
        exchanges,
        fills,
        instruments_unsettled,
        connectors,
        instances: _,
        servers: _,
        open_servers: _,
        price_age,
        prices_fresh,
        prices_stale,
        prices_missing,
        price_error,
        prices_wrong_stamp,
        prices_false,
        visits_false,
        false_after,
        user_wait,
        push_back,
        messages,
        days,
        faults: _,
        spending: _,
    } = block;
    assert_eq!(sums.period, period, "all blocks are measured at the same time");
    sums.visits += visits;
    sums.visits_unfinished += visits_unfinished;
    sums.visits_prevented += visits_prevented;
    sums.visits_interrupted += visits_interrupted;
    sums.exchanges += exchanges;
    sums.instruments_unsettled += instruments_unsettled;
    sums.prices_fresh += prices_fresh;
    sums.prices_missing += prices_missing;
    sums.prices_wrong_stamp += prices_wrong_stamp;
    sums.visits_false += visits_false;
    sums.false_after = sums.false_after.max(false_after);
    sums.price_age.merge(&price_age);
    sums.price_error.merge(&price_error);
    sums.user_wait.merge(&user_wait);
    sums.prices_stale.iter_mut().zip(prices_stale).for_each(|(sum, count)| *sum += count);
    sums.days.iter_mut().zip(&days).for_each(|(sum, day)| sum.add(day));
    sums.connectors.iter_mut().zip(connectors).for_each(|(sum, provider)| add_provider(sum, provider));
    add_fields!(FillCounts, sums.fills, fills, { own_pool, push_open, open, connector, connector_failed, not_tried });
    add_fields!(FalsePriceCounts, sums.prices_false, prices_false, { own_pool, push_open, open, local });
    add_fields!(PushBackMeasurements, sums.push_back, push_back, {
        pushes, useless, failed, prices, accepted, fills_from_pushes, distrusted, distrusted_wrongly,
    });
    add_fields!(MessageCounts, sums.messages, messages, {
        sent, answered, refused, timed_out, unreachable, abandoned, in_flight, lost, kept_back,
    });
}

fn add_provider(sum: &mut ConnectorMeasurements, block: ConnectorMeasurements) {
    let ConnectorMeasurements { provider, calls, ended, failed, rate_limited, held_back_s, age } = block;
    assert_eq!(sum.provider, provider, "all blocks have the same providers");
    sum.calls.iter_mut().zip(calls).for_each(|(sum, count)| *sum += count);
    sum.ended += ended;
    sum.failed += failed;
    sum.rate_limited += rate_limited;
    assert!(held_back_s <= 0.0, "where calls are held back, a network is simulated as a whole");
    sum.age = [sum.age, age].iter().sum::<AgeSums>();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Collector, InstanceLayout};
    use crate::observe::{Fact, InstanceId, MessageKind, Observer, VisitId};
    use crate::time::{SimDuration, SimTime};

    fn layout(numbers: &[u32]) -> Layout {
        let instance = |number: &u32| InstanceLayout {
            name: format!("instance-{number}"),
            server_workers: number.is_multiple_of(2).then_some(1),
            is_open: number.is_multiple_of(4),
        };
        Layout {
            from: SimTime::START,
            until: SimTime::START + SimDuration::from_hours(30),
            fresh_within: SimDuration::ZERO,
            providers: vec!["one".to_owned()],
            prices: None,
            instances: numbers.iter().map(instance).collect(),
        }
    }

    /// What is measured if each of these instances opens a watchlist, waits for its result for as many seconds as its number, and gets as
    /// many messages.
    fn measured(numbers: &[u32]) -> (Layout, Measurements) {
        let layout = layout(numbers);
        let mut collector = Collector::new(&layout);
        for (at, number) in (0..).zip(numbers) {
            let instance = InstanceId(at);
            collector.observe(SimTime::START, &Fact::VisitBegan { instance });
            let visit = VisitId { user: at, number: 0, instance };
            let shown = SimTime::START + SimDuration::from_secs(u64::from(*number));
            collector.observe(shown, &Fact::ResultShown { visit, began: SimTime::START, exchanged: false });
            for _ in 0..*number {
                collector.observe(shown, &Fact::MessageSent { to: instance, kind: MessageKind::Ping, items: 0 });
            }
        }
        let sizes: Vec<u32> = numbers.iter().map(|number| 10 * number).collect();
        let measured = collector.finish(&sizes);
        (layout, measured)
    }

    #[test]
    fn blocks_are_the_network_in_any_order() {
        let (_, whole) = measured(&[0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let blocks: [&[u32]; 3] = [&[1, 2, 8], &[0, 3, 4, 6], &[5, 7]];
        assert!(whole.servers.len() == 2 && whole.open_servers.len() == 3 && whole.messages.in_flight == 36);
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let mut sums = MeasuredBlocks::new(9);
            for at in order {
                let (layout, block) = measured(blocks[at]);
                sums.add(blocks[at], &layout, block);
            }
            assert_eq!(sums.finish(), Some(whole.clone()), "{order:?}");
        }
        assert_eq!(MeasuredBlocks::new(0).finish(), None);
    }
}
