//! Blocks of a network: instances of different blocks never have to do with each other, so that each block can be simulated as a world
//! of its own. Where it is not certain that a network falls apart, it is one block.

use super::config::{GroupConfig, PeerSelection, PeeringConfig, RateLimit, RateScope, WhenExceeded, WorldConfig};
use super::turns::Turns;

/// Larger networks are not taken apart, as finding their blocks takes memory \[instances\].
const MOST_INSTANCES: u64 = 1 << 24;

/// More pairs than this are not looked at one by one: whoever they could be counts as connected.
const MOST_PAIRS: u64 = 1 << 26;

/// How a network falls apart into blocks. Each block is some connected components of the network, whose instances are small in number,
/// or one large component.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocks {
    /// The numbers of all instances, block by block; they ascend in each.
    numbers: Vec<u32>,
    /// Behind the last instance of each block.
    ends: Vec<usize>,
    /// The share of all instances and users that the largest block has.
    largest_share: f64,
}

impl Blocks {
    /// Smaller networks than this are left in one piece: blocks would gain nothing \[instances and users\].
    const LARGE: u64 = 1_024;

    /// So many instances and users are in a block at most, if their connections allow it: what they take fits into the nearest cache of a
    /// processor.
    const USUAL: u64 = 128;

    /// The blocks in which the network of `config` is simulated. `None`: it is simulated in one piece, since it is small or does not fall
    /// apart.
    #[must_use]
    pub fn usual(config: &WorldConfig) -> Option<Self> {
        if weight(config) <= Self::LARGE { None } else { Self::of(config, Self::USUAL) }
    }

    /// The blocks of the network of `config`, with at most so many instances and users each if its components allow it. `None`: it is
    /// one block.
    #[must_use]
    pub fn of(config: &WorldConfig, at_most: u64) -> Option<Self> {
        let instances: u64 = config.groups.iter().map(|group| u64::from(group.count)).sum();
        if weight(config) <= at_most || instances > MOST_INSTANCES || is_coupled(config) {
            return None;
        }
        let weights = config.groups.iter().flat_map(|group| (0..group.count).map(|_| 1 + u64::from(group.users)));
        let blocks = Self::pack(&mut Components::of(config), weights, at_most);
        (blocks.len() > 1).then_some(blocks)
    }

    /// Puts components into blocks, in the order of their first instances; each instance has a weight.
    fn pack(components: &mut Components, weights: impl Iterator<Item = u64> + Clone, at_most: u64) -> Self {
        let count = components.parents.len();
        let mut of_component = vec![0_u64; count];
        for (number, weight) in weights.enumerate() {
            of_component[components.first(number)] += weight;
        }
        let mut block_of = vec![0_u32; count];
        let mut block_weights: Vec<u64> = Vec::new();
        for first in (0..count).filter(|number| of_component[*number] > 0) {
            let weight = of_component[first];
            match block_weights.last_mut().filter(|sum| **sum + weight <= at_most) {
                Some(sum) => *sum += weight,
                None => block_weights.push(weight),
            }
            block_of[first] = u32::try_from(block_weights.len() - 1).expect("no more blocks than instances");
        }
        let mut sizes = vec![0; block_weights.len()];
        for number in 0..count {
            block_of[number] = block_of[components.first(number)];
            sizes[block_of[number] as usize] += 1;
        }
        let mut next: Vec<usize> = begins(sizes.into_iter());
        let mut numbers = vec![0; count];
        for (number, block) in (0_u32..).zip(&block_of) {
            let place = &mut next[*block as usize];
            numbers[*place] = number;
            *place += 1;
        }
        let (largest, all) = (block_weights.iter().max().copied().unwrap_or(0), block_weights.iter().sum::<u64>());
        Self { numbers, ends: next, largest_share: largest as f64 / all as f64 }
    }

    /// How many blocks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no block, since there is no instance.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The numbers of the instances of a block in the network; they ascend.
    #[must_use]
    pub fn numbers(&self, block: usize) -> &[u32] {
        let begin = if block == 0 { 0 } else { self.ends[block - 1] };
        &self.numbers[begin..self.ends[block]]
    }

    /// The share of all instances and users that the largest block has.
    #[must_use]
    pub fn largest_share(&self) -> f64 {
        self.largest_share
    }
}

/// How many instances and users a network has.
fn weight(config: &WorldConfig) -> u64 {
    let of_group = |group: &GroupConfig| u64::from(group.count) * (1 + u64::from(group.users));
    config.groups.iter().map(of_group).fold(0, u64::saturating_add)
}

/// Where each of several ranges begins that have these lengths and follow each other.
fn begins<T: Copy + Default + std::ops::Add<Output = T>>(lengths: impl Iterator<Item = T>) -> Vec<T> {
    let mut end = T::default();
    let begin = |length| {
        let begin = end;
        end = end + length;
        begin
    };
    lengths.map(begin).collect()
}

/// Whether instances could have to do with each other that do not know each other.
fn is_coupled(config: &WorldConfig) -> bool {
    // What a fault ends, it ends in the order in which it has been begun anywhere; and observers are told of it once.
    let can_stop = !config.faults.is_empty() || config.groups.iter().any(|group| group.churn.is_some());
    let mut limits = config.connectors.iter().filter_map(|connector| connector.rate_limit.as_ref());
    // How long calls are held back and what all costs is added up in the order in which it happens, and not in whole numbers.
    let holds_back = |limit: &RateLimit| limit.when_exceeded == WhenExceeded::Wait;
    let has_prices = config.connectors.iter().any(|connector| !connector.plans.is_empty())
        || config.groups.iter().any(|group| group.price.is_some());
    can_stop || has_prices || limits.any(|limit| limit.scope != RateScope::Instance || holds_back(limit))
}

/// Which instances are connected, by whomever they may know. Each component is named by its first instance.
struct Components {
    /// By instance: itself, or one before it that is connected to it.
    parents: Vec<u32>,
}

impl Components {
    fn of(config: &WorldConfig) -> Self {
        let begins: Vec<u32> = begins(config.groups.iter().map(|group| group.count));
        let instances: u32 = config.groups.iter().map(|group| group.count).sum();
        let mut components = Self { parents: (0..instances).collect() };
        for peering in config.peerings.iter().filter(|peering| config.connects(peering)) {
            components.connect(peering, config, &begins);
        }
        components
    }

    /// Connects whoever may know each other by a peering; `begins` has the first instance of each group.
    fn connect(&mut self, peering: &PeeringConfig, config: &WorldConfig, begins: &[u32]) {
        let [from, to] = [peering.from, peering.to].map(|group| (begins[group], config.groups[group].count));
        let pairs = |each: u32| u64::from(from.1) * u64::from(each.min(to.1));
        match &peering.select {
            PeerSelection::InTurn(each) if pairs(*each) <= MOST_PAIRS => {
                let turns = Turns { each: *each, servers: to.1, within_group: peering.from == peering.to };
                for number in 0..if to.1 > 0 { from.1 } else { 0 } {
                    turns.of(number).for_each(|server| self.join(from.0 + number, to.0 + server));
                }
            }
            PeerSelection::Edges(edges) => {
                for (asking, asked) in edges {
                    self.join(from.0 + asking, to.0 + asked);
                }
            }
            // Whom chance or distance selects is not known before it is drawn.
            PeerSelection::InTurn(_) | PeerSelection::All | PeerSelection::Random(_) | PeerSelection::Nearest(_) => {
                if from.1 > 0 && to.1 > 0 {
                    for (begin, count) in [from, to] {
                        (begin..begin + count).for_each(|instance| self.join(from.0, instance));
                    }
                }
            }
        }
    }

    fn join(&mut self, one: u32, other: u32) {
        let [one, other] = [one, other].map(|instance| self.first(instance as usize));
        let (first, later) = (one.min(other), one.max(other));
        self.parents[later] = u32::try_from(first).expect("the number of an instance");
    }

    /// The first instance of the component of an instance. Ways that were gone are halved, so that no way stays long.
    fn first(&mut self, mut instance: usize) -> usize {
        while self.parents[instance] as usize != instance {
            self.parents[instance] = self.parents[self.parents[instance] as usize];
            instance = self.parents[instance] as usize;
        }
        instance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(joined: &[(u32, u32)], count: u32, at_most: u64) -> Vec<Vec<u32>> {
        let mut components = Components { parents: (0..count).collect() };
        for (one, other) in joined {
            components.join(*one, *other);
        }
        let blocks = Blocks::pack(&mut components, (0..count).map(|_| 1), at_most);
        (0..blocks.len()).map(|at| blocks.numbers(at).to_vec()).collect()
    }

    #[test]
    fn whoever_is_connected_is_in_one_block() {
        assert_eq!(blocks(&[], 4, 1), [[0], [1], [2], [3]]);
        assert_eq!(blocks(&[(0, 2), (3, 1)], 5, 1), [vec![0, 2], vec![1, 3], vec![4]]);
        assert_eq!(blocks(&[(5, 4), (4, 3), (3, 0), (1, 2)], 6, 1), [vec![0, 3, 4, 5], vec![1, 2]]);
    }

    #[test]
    fn small_components_share_a_block() {
        assert_eq!(blocks(&[], 5, 2), [vec![0, 1], vec![2, 3], vec![4]]);
        assert_eq!(blocks(&[(0, 4), (2, 5)], 6, 3), [vec![0, 1, 4], vec![2, 3, 5]]);
        assert_eq!(blocks(&[(1, 4)], 5, 9), [[0, 1, 2, 3, 4]]);
    }

    #[test]
    fn the_largest_block_is_known() {
        let mut components = Components { parents: (0..8).collect() };
        components.join(0, 7);
        assert!((Blocks::pack(&mut components, (0..8).map(|_| 3), 1).largest_share() - 0.25).abs() < 1e-12);
    }
}
