//! What an instance knows of another: what the other last said of itself, which may be out of date.

use super::{AcceptMode, OfflineAnnouncement, Policy};

/// Whether an instance's server takes part, as its administrator has set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// It takes part.
    Open,
    /// It takes no part.
    Closed,
    /// It takes no part for a while.
    Maintenance,
    /// Nobody has said whether it does; only recorded cases have it.
    None,
}

/// Whether an instance can be reached, as far as another one knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Online {
    /// It was online when it was last heard of.
    Online,
    /// It could not be reached when it was last tried.
    Offline,
    /// It has not been heard of yet; only recorded cases have it.
    Unknown,
}

/// What an instance says of itself, with every message that it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnStatus {
    /// What it answers to requests; `None`: it has no entry for last prices.
    pub mode: Option<AcceptMode>,
    /// Whether its server takes part.
    pub state: ServerState,
    /// How many instruments a request to it may hold; `None`: any number.
    pub max_limit: Option<u32>,
    /// Whether it asks to be left alone.
    pub busy: bool,
    /// How many messages it wants from each peer in a UTC day; `None`: any number.
    pub daily_request_limit: Option<u32>,
}

/// One instance's view of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerView {
    /// What it said of itself.
    pub said: OwnStatus,
    /// Whether it can be reached.
    pub online: Online,
}

/// What a status check has found out about a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCheck {
    /// The peer answered.
    Delivered {
        /// Whether it said that it is busy.
        busy: bool,
    },
    /// The peer refused to look at the question: it is there.
    Refused,
    /// It could not be reached, or answered with an HTTP error.
    NotDelivered,
}

impl PeerView {
    /// Takes over what the peer says of itself in a message that has just come from it, of whatever kind; so it is online
    /// (0.36.5, `exchange`, `exchange_sequence`).
    ///
    /// A message *to* the peer changes nothing, whether or not it arrives.
    pub fn heard_from(&mut self, status: &OwnStatus) {
        *self = Self { said: *status, online: Online::Online };
    }

    /// Takes over what the peer says of itself in a reply, if the policy says so.
    pub fn heard_reply(&mut self, policy: &Policy, status: &OwnStatus) {
        if policy.view_updated_from_reply {
            self.heard_from(status);
        }
    }

    /// Takes note that the peer is going to stop, as it says when its administrator stops it (0.36.5, 0.36.9).
    pub(super) fn heard_farewell(&mut self, policy: &Policy) {
        self.said.state = ServerState::Closed;
        self.online = match policy.offline_announcement_effect {
            OfflineAnnouncement::EntitiesClosed => Online::Online,
            OfflineAnnouncement::Offline => Online::Offline,
        };
    }

    /// Takes over what a status check has found out, in the background or at the start of the instance.
    pub fn checked(&mut self, result: StatusCheck) {
        match result {
            StatusCheck::Delivered { busy } => {
                self.online = Online::Online;
                self.said.busy = busy;
            }
            StatusCheck::Refused => self.online = Online::Online,
            StatusCheck::NotDelivered => self.online = Online::Offline,
        }
    }

    /// Whether the peer is there and its server takes part, as far as is known.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.online == Online::Online && self.said.state == ServerState::Open
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::*;

    const STATUS: OwnStatus = OwnStatus {
        mode: Some(AcceptMode::Open),
        state: ServerState::Open,
        max_limit: Some(300),
        busy: false,
        daily_request_limit: None,
    };

    #[test]
    fn a_message_from_a_peer_tells_everything_and_that_it_is_there() {
        for online in [Online::Offline, Online::Unknown, Online::Online] {
            let mut view = PeerView { said: OwnStatus { state: ServerState::None, ..STATUS }, online };
            assert!(!view.is_reachable());
            view.heard_from(&OwnStatus { busy: true, max_limit: None, ..STATUS });
            let said = OwnStatus { busy: true, max_limit: None, ..STATUS };
            assert_eq!(view, PeerView { said, online: Online::Online });
            assert!(view.is_reachable());
        }
    }

    #[test]
    fn whether_a_reply_tells_anything_is_a_switch() {
        for (preset, learnt) in [(Preset::SevenStep, true), (Preset::Gt0365, false)] {
            let mut view = PeerView { said: STATUS, online: Online::Online };
            view.heard_reply(&Policy::of(preset), &OwnStatus { busy: true, ..STATUS });
            assert_eq!(view.said.busy, learnt);
        }
    }

    #[test]
    fn a_check_tells_whether_the_peer_is_there_and_busy() {
        let mut view = PeerView { said: STATUS, online: Online::Online };
        view.checked(StatusCheck::NotDelivered);
        assert_eq!(view, PeerView { said: STATUS, online: Online::Offline });
        view.checked(StatusCheck::Delivered { busy: true });
        let busy = PeerView { said: OwnStatus { busy: true, ..STATUS }, online: Online::Online };
        assert_eq!(view, busy);
        view.checked(StatusCheck::NotDelivered);
        view.checked(StatusCheck::Refused);
        assert_eq!(view, busy, "a refusal tells nothing but that it is there");
    }

    #[test]
    fn who_says_that_it_will_stop_is_not_asked_until_its_next_message() {
        for (preset, online) in [(Preset::Gt0365, Online::Online), (Preset::Gt0369, Online::Offline)] {
            let mut view = PeerView { said: STATUS, online: Online::Online };
            view.heard_farewell(&Policy::of(preset));
            assert_eq!((view.online, view.said.state), (online, ServerState::Closed));
            view.checked(StatusCheck::Delivered { busy: false });
            assert!(!view.is_reachable(), "a check finds it and does not open it");
            view.heard_from(&STATUS);
            assert!(view.is_reachable());
        }
    }

    #[test]
    fn only_an_open_server_takes_part() {
        for state in [ServerState::Closed, ServerState::Maintenance, ServerState::None] {
            let view = PeerView { said: OwnStatus { state, ..STATUS }, online: Online::Online };
            assert!(!view.is_reachable());
        }
    }
}
