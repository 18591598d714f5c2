//! Tracks of a time line: what an instance does at the same time lies on different tracks, and each track is used again once it is
//! free.

use std::collections::BTreeMap;

use crate::observe::InstanceId;

/// What a track shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LaneKind {
    Exchange,
    Call,
    Queue,
    Worker,
    /// Messages that are for no exchange.
    Housekeeping,
}

/// A track of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) instance: InstanceId,
    pub(super) kind: LaneKind,
    number: usize,
}

/// Which tracks are in use.
#[derive(Debug, Default)]
pub(super) struct Lanes(BTreeMap<(InstanceId, LaneKind), Vec<bool>>);

impl Lanes {
    /// Takes the first free track of a kind; says whether it is a new one.
    pub(super) fn take(&mut self, instance: InstanceId, kind: LaneKind) -> (Lane, bool) {
        let used = self.0.entry((instance, kind)).or_default();
        let free = used.iter().position(|used| !used);
        let number = free.unwrap_or(used.len());
        if free.is_none() {
            used.push(false);
        }
        used[number] = true;
        (Lane { instance, kind, number }, free.is_none())
    }

    pub(super) fn free(&mut self, lane: Lane) {
        let used = self.0.get_mut(&(lane.instance, lane.kind)).expect("a lane that is freed was taken");
        used[lane.number] = false;
    }
}

impl Lane {
    /// Numbers of tracks: those of a kind stand together.
    pub(super) fn track(self) -> usize {
        10_000 * (self.kind as usize) + self.number + 1
    }

    pub(super) fn name(self) -> String {
        let kind = match self.kind {
            LaneKind::Exchange => "exchanges",
            LaneKind::Call => "connector calls",
            LaneKind::Queue => "queue",
            LaneKind::Worker => "worker",
            LaneKind::Housekeeping => "other messages",
        };
        format!("{kind} {}", self.number + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_at_the_same_time_lies_on_different_tracks() {
        let mut lanes = Lanes::default();
        let mut take = |instance| lanes.take(InstanceId(instance), LaneKind::Call);
        let [(first, is_new), (second, _), (other, _)] = [take(1), take(1), take(2)];
        assert!(is_new && first.track() != second.track());
        assert_eq!(first.track(), other.track(), "each instance has tracks of its own");
        lanes.free(first);
        let (again, is_new) = lanes.take(InstanceId(1), LaneKind::Call);
        assert_eq!((again, is_new), (first, false));
    }
}
