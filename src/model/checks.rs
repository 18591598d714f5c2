//! Checks of pushed prices that are under way: state only, renewed in slots that keep their buffers.

use crate::observe::{InstanceId, ProviderId};
use crate::random::Stream;
use crate::time::SimTime;

use super::message::MessageItem;
use super::running::Call;

/// The prices of one push that its receiver checks, one after the other.
#[derive(Debug)]
pub(super) struct PushCheck {
    pub(super) server: InstanceId,
    pub(super) pusher: InstanceId,
    /// When the visit began after which the prices were pushed.
    pub(super) began: SimTime,
    /// By instrument: whether it is checked, and the luck of the call for it.
    pub(super) luck: Stream,
    /// Prices that are still to be checked, the next one last.
    pub(super) left: Vec<MessageItem>,
    /// The price that is being checked. Between two events there is always one.
    pub(super) under_way: Option<CheckCall>,
}

/// The call by which a price is checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckCall {
    pub(super) item: MessageItem,
    pub(super) provider: ProviderId,
    pub(super) call: Call,
}

impl PushCheck {
    /// The emptied buffer of checks that have ended.
    pub(super) fn buffer(ended: Option<Self>) -> Vec<MessageItem> {
        let mut left = ended.map_or_else(Vec::new, |ended| ended.left);
        left.clear();
        left
    }
}
