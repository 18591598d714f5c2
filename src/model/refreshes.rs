//! Refreshes of pools that are under way: state only, renewed in slots that keep their buffers.

use crate::observe::{InstanceId, ProviderId};
use crate::protocol::InstrumentId;
use crate::random::Stream;
use crate::time::SimTime;

use super::running::Call;

/// A refresh of the pool of one instance: it calls for one instrument after the other, several at a time.
#[derive(Debug)]
pub(super) struct PoolRefresh {
    pub(super) server: InstanceId,
    pub(super) began: SimTime,
    /// By instrument: the luck of the call for it.
    pub(super) luck: Stream,
    /// What is to be fetched, and from whom.
    pub(super) list: Vec<(InstrumentId, ProviderId)>,
    /// The next one of the list.
    pub(super) next: usize,
    /// Calls under way, each in a place of its own. Between two events there is at least one.
    pub(super) calls: Vec<Option<RefreshCall>>,
}

/// A call of a refresh.
#[derive(Clone, Copy, Debug)]
pub(super) struct RefreshCall {
    pub(super) instrument: InstrumentId,
    pub(super) provider: ProviderId,
    pub(super) call: Call,
}

impl PoolRefresh {
    /// A refresh with nothing on its list and so many calls at a time, with the buffers of one that has ended.
    pub(super) fn renewed(
        ended: Option<Self>,
        server: InstanceId,
        began: SimTime,
        luck: Stream,
        at_a_time: u32,
    ) -> Self {
        let (mut list, mut calls) = ended.map_or_else(Default::default, |ended| (ended.list, ended.calls));
        list.clear();
        calls.clear();
        calls.resize(at_a_time as usize, None);
        Self { server, began, luck, list, next: 0, calls }
    }
}
