//! Whom instances ask in turn: the first instance asks the first servers, the next instance those that follow, round and round.
//! No server of another group is asked by more than one instance more than another server.

/// The turns of the instances of one group at the servers of another one, or of their own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns {
    /// Servers that each instance asks.
    pub(crate) each: u32,
    /// Servers that there are; positive.
    pub(crate) servers: u32,
    /// Whether the servers are the group itself. An instance passes over itself then.
    pub(crate) within_group: bool,
}

impl Turns {
    /// The numbers of the servers that instance `asking` asks, in turn; all of them if there are not enough.
    pub(crate) fn of(self, asking: u32) -> impl Iterator<Item = u32> {
        let Self { each, servers, within_group } = self;
        let first = self.first(asking);
        let before_end = servers - first;
        (0..servers)
            .map(move |ahead| if ahead < before_end { first + ahead } else { ahead - before_end })
            .filter(move |server| !(within_group && *server == asking))
            .take(each as usize)
    }

    /// Whether instance `asking` asks server `server`.
    pub(crate) fn asks(self, asking: u32, server: u32) -> bool {
        let ahead = |of: u32| u64::from(of) + u64::from(self.servers) - u64::from(self.first(asking));
        let place = |of: u32| ahead(of) % u64::from(self.servers);
        let passes_itself = self.within_group && place(asking) < place(server);
        let is_itself = self.within_group && asking == server;
        !is_itself && place(server) - u64::from(passes_itself) < u64::from(self.each)
    }

    fn first(self, asking: u32) -> u32 {
        let turn = u64::from(asking) * u64::from(self.each) % u64::from(self.servers);
        u32::try_from(turn).expect("below the number of servers, which has 32 bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(each: u32, servers: u32, within_group: bool, instances: u32) -> Vec<Vec<u32>> {
        let turns = Turns { each, servers, within_group };
        (0..instances).map(|asking| turns.of(asking).collect()).collect()
    }

    #[test]
    fn servers_are_asked_round_and_round() {
        assert_eq!(of(1, 3, false, 5), [[0], [1], [2], [0], [1]]);
        assert_eq!(of(2, 3, false, 4), [[0, 1], [2, 0], [1, 2], [0, 1]]);
        assert_eq!(of(3, 3, false, 2), [[0, 1, 2], [0, 1, 2]]);
        assert_eq!(of(1, 1, false, 3), [[0]; 3]);
    }

    #[test]
    fn no_instance_asks_itself() {
        assert_eq!(of(1, 3, true, 3), [[1], [2], [0]], "the first would ask itself, and so would all others");
        assert_eq!(of(2, 4, true, 4), [[1, 2], [2, 3], [0, 1], [2, 0]]);
        assert_eq!(of(2, 3, true, 3), [[1, 2], [2, 0], [1, 0]]);
    }

    #[test]
    fn who_asks_whom_is_known_without_going_round() {
        for (servers, within_group) in [(1, false), (4, false), (5, false), (4, true), (5, true), (7, true)] {
            for each in 1..=servers {
                let turns = Turns { each, servers, within_group };
                for asking in 0..if within_group { servers } else { 9 } {
                    let asked: Vec<u32> = turns.of(asking).collect();
                    let others = servers - u32::from(within_group);
                    assert_eq!(asked.len(), each.min(others) as usize, "{turns:?}");
                    for server in 0..servers {
                        assert_eq!(turns.asks(asking, server), asked.contains(&server), "{turns:?} {asking} {server}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_largest_numbers_fit() {
        let turns = Turns { each: 3, servers: u32::MAX, within_group: true };
        let asking = u32::MAX - 1;
        let asked: Vec<u32> = turns.of(asking).collect();
        assert_eq!(asked, [u32::MAX - 3, u32::MAX - 2, 0]);
        assert!(asked.iter().all(|server| turns.asks(asking, *server)) && !turns.asks(asking, asking));
    }
}
