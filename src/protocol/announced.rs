//! What peers have announced of themselves: when they will be in maintenance, when they end. Who has announced an absence is left
//! alone in that time.

use crate::time::Timestamp;

use super::{DiscontinuationRule, MaintenanceRule, Policy};

/// A time of maintenance, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceWindow {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
}

impl MaintenanceWindow {
    fn includes(self, now: Timestamp) -> bool {
        self.from <= now && now <= self.to
    }
}

/// What an instance announces to its peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// It is going to stop.
    Offline,
    /// It will be in maintenance.
    Maintenance(MaintenanceWindow),
    /// The maintenance that it has announced will not be.
    MaintenanceCancelled(MaintenanceWindow),
    /// From this day on (UTC) it will be no more.
    Discontinuation {
        /// Days since 1970.
        unix_day: i64,
    },
    /// It goes on after all.
    DiscontinuationCancelled,
    /// It withdraws the exchange that was agreed on.
    ExchangeRevoked,
}

/// What a peer has announced, as far as it is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    windows: Vec<MaintenanceWindow>,
    ends_on: Option<i64>,
}

impl Announced {
    /// Remembers a time of maintenance and forgets those that are over. One that does not end after its beginning is ignored.
    pub(super) fn note_window(&mut self, window: MaintenanceWindow, now: Timestamp) {
        self.windows.retain(|window| window.to >= now);
        if window.from < window.to && !self.windows.contains(&window) {
            self.windows.push(window);
        }
    }

    /// Forgets a time of maintenance that has not begun.
    pub(super) fn cancel_window(&mut self, cancelled: MaintenanceWindow, now: Timestamp) {
        self.windows.retain(|window| *window != cancelled || window.from <= now);
    }

    /// Remembers on which day the peer ends; `None`: not at all.
    pub(super) fn note_end(&mut self, unix_day: Option<i64>) {
        self.ends_on = unix_day;
    }

    /// Whether the peer has ended: it is not asked, not pinged, and its messages do not change the view of it.
    #[must_use]
    pub fn is_out_of_service(&self, policy: &Policy, now: Timestamp) -> bool {
        policy.discontinuation == DiscontinuationRule::OutOfService
            && self.ends_on.is_some_and(|day| day <= now.unix_day())
    }

    /// Whether the peer is left alone now, as it has ended or is in maintenance.
    #[must_use]
    pub fn is_left_alone(&self, policy: &Policy, now: Timestamp) -> bool {
        let in_maintenance = policy.maintenance_windows == MaintenanceRule::NotAsked
            && self.windows.iter().any(|window| window.includes(now));
        in_maintenance || self.is_out_of_service(policy, now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::*;

    const TODAY: Policy = Policy::of(Preset::Gt0369);

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix_secs(secs)
    }

    fn window(from: i64, to: i64) -> MaintenanceWindow {
        MaintenanceWindow { from: at(from), to: at(to) }
    }

    #[test]
    fn a_peer_is_left_alone_in_its_windows_both_ends_included() {
        let mut announced = Announced::default();
        announced.note_window(window(100, 200), at(0));
        announced.note_window(window(300, 400), at(0));
        let left_alone = |policy: &Policy, announced: &Announced| {
            [99, 100, 200, 201, 299, 300, 400, 401].map(|now| announced.is_left_alone(policy, at(now)))
        };
        let both = [false, true, true, false, false, true, true, false];
        assert_eq!(left_alone(&TODAY, &announced), both);
        assert_eq!(left_alone(&Policy::of(Preset::Gt0365), &announced), [false; 8]);
        assert_eq!(left_alone(&Policy::of(Preset::SevenStep), &announced), [false; 8]);
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_ignored_and_past_ones_are_forgotten() {
        let mut announced = Announced::default();
        announced.note_window(window(100, 100), at(0));
        announced.note_window(window(100, 99), at(0));
        assert_eq!(announced, Announced::default());
        announced.note_window(window(100, 200), at(0));
        announced.note_window(window(100, 200), at(0));
        assert_eq!(announced.windows.len(), 1);
        announced.note_window(window(300, 400), at(200));
        assert_eq!(announced.windows.len(), 2);
        announced.note_window(window(300, 500), at(201));
        assert_eq!(announced.windows, [window(300, 400), window(300, 500)]);
    }

    #[test]
    fn a_window_can_be_cancelled_until_it_begins() {
        let mut announced = Announced::default();
        announced.note_window(window(100, 200), at(0));
        announced.cancel_window(window(100, 300), at(50));
        announced.cancel_window(window(100, 200), at(100));
        assert!(announced.is_left_alone(&TODAY, at(150)));
        announced.cancel_window(window(100, 200), at(99));
        assert!(!announced.is_left_alone(&TODAY, at(150)));
    }

    #[test]
    fn a_peer_is_out_of_service_from_its_day_on() {
        let mut announced = Announced::default();
        announced.note_end(Some(2));
        for (now, is_out) in [(2 * 86_400 - 1, false), (2 * 86_400, true), (9 * 86_400, true)] {
            assert_eq!(announced.is_out_of_service(&TODAY, at(now)), is_out);
            assert_eq!(announced.is_left_alone(&TODAY, at(now)), is_out);
            assert!(!announced.is_left_alone(&Policy::of(Preset::Gt0365), at(now)));
        }
        announced.note_end(None);
        assert!(!announced.is_out_of_service(&TODAY, at(9 * 86_400)));
    }
}
