//! The clock of charts with times of day: that of those who visit, as long as it is one and is not changed in the measured period.

use crate::report::evidence::PointEvidence;
use crate::time::civil::Zone;

/// The clock of a chart.
#[derive(Debug, PartialEq)]
pub(super) struct DayClock {
    /// By how much it is ahead of UTC \[h\].
    pub(super) ahead_h: f64,
    /// Its name, such as `UTC`.
    pub(super) name: String,
}

impl DayClock {
    /// The clock of the zone in which all groups visit, if it is not changed in the measured period; else that of UTC.
    pub(super) fn of(point: &PointEvidence<'_>) -> Self {
        let utc = Self { ahead_h: 0.0, name: "UTC".to_owned() };
        let Some(zone) = point.facts.visits_zone.as_deref().and_then(|name| Zone::named(name).ok()) else { return utc };
        let Some(first) = point.measured.first() else { return utc };
        let from = point.facts.measured_from;
        match zone.offsets(from, from + first.measured.period).as_slice() {
            [(_, seconds)] => Self { ahead_h: f64::from(*seconds) / 3_600.0, name: zone.name().to_owned() },
            _ => utc,
        }
    }

    /// What this clock shows when that of UTC shows `hour` \[h\].
    pub(super) fn hour(&self, hour: f64) -> f64 {
        let hour = hour + self.ahead_h;
        hour - 24.0 * libm::floor(hour / 24.0)
    }
}

/// An hour of the day as clocks show it: `09:30`.
pub(super) fn told_hour(hour: f64) -> String {
    let minutes = libm::round(hour * 60.0);
    let hours = libm::floor(minutes / 60.0);
    format!("{hours:02.0}:{:02.0}", minutes - hours * 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::support::RecordBuilder;
    use crate::report::Evidence;
    use crate::time::{SimDuration, Timestamp};

    fn clock(zone: Option<&str>, days: u64) -> DayClock {
        let mut record = RecordBuilder::new().replications(1).build();
        record.facts.visits_zone = zone.map(str::to_owned);
        // 2026-03-03; the clock of Zurich is changed on 2026-03-29.
        record.facts.measured_from = Timestamp::from_unix_secs(1_772_496_000);
        record.replications[0].measured.period = SimDuration::from_days(days);
        DayClock::of(&Evidence::from(&record).points[0])
    }

    #[test]
    fn hours_are_those_of_the_visitors_clock() {
        let zurich = clock(Some("Europe/Zurich"), 5);
        assert_eq!(zurich, DayClock { ahead_h: 1.0, name: "Europe/Zurich".to_owned() });
        assert_eq!([0.0, 12.25, 23.5].map(|hour| told_hour(zurich.hour(hour))), ["01:00", "13:15", "00:30"]);
        assert_eq!(clock(Some("Europe/Zurich"), 40).name, "UTC", "it is changed in the period");
        assert_eq!(clock(None, 5).name, "UTC");
    }
}
