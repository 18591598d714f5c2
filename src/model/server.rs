//! The serving side of an instance as a queue: first come, first served, by a number of workers.

use std::collections::VecDeque;

/// A queue of messages (slot numbers) before a fixed number of workers.
#[derive(Clone, Debug)]
pub(super) struct Server {
    workers: u32,
    busy: u32,
    waiting: VecDeque<u32>,
}

impl Server {
    pub(super) fn new(workers: u32) -> Self {
        Self { workers, busy: 0, waiting: VecDeque::new() }
    }

    /// A message has arrived: says whether a worker takes it at once; else it waits.
    pub(super) fn admit(&mut self, message: u32) -> bool {
        if self.busy < self.workers {
            self.busy += 1;
            true
        } else {
            self.waiting.push_back(message);
            false
        }
    }

    /// The message that has waited longest waits no more.
    ///
    /// # Panics
    ///
    /// If it is another one: all may wait equally long.
    pub(super) fn turn_away(&mut self, message: u32) {
        assert_eq!(self.waiting.pop_front(), Some(message), "whoever came first has waited longest");
    }

    /// Everything that waits or is being served is given up.
    pub(super) fn empty(&mut self) {
        self.busy = 0;
        self.waiting.clear();
    }

    /// The messages that wait for a worker.
    pub(super) fn waiting(&self) -> impl Iterator<Item = u32> {
        self.waiting.iter().copied()
    }

    /// A worker has finished: the message that it takes next, if one waits.
    pub(super) fn release(&mut self) -> Option<u32> {
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.busy -= 1;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_served_in_the_order_of_their_arrival() {
        let mut server = Server::new(2);
        assert!(server.admit(1) && server.admit(2));
        assert!(!server.admit(3) && !server.admit(4));
        assert_eq!(server.release(), Some(3));
        assert!(!server.admit(5), "a worker that goes on serving is not free");
        assert_eq!(server.release(), Some(4));
        assert_eq!(server.release(), Some(5));
        assert_eq!(server.release(), None);
        assert_eq!(server.release(), None);
        assert!(server.admit(6));
    }
}
