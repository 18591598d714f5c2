//! When a connector is called: the retry counter of an instrument, and the age of its price (0.36.5, `retry_counter`).

use crate::time::{SimDuration, Timestamp};

use super::{NotTried, Policy, Price, PriceContent, RetryBands};

impl RetryBands {
    /// The counter after GTNet has filled the instrument: at most `intra_retry`, at which the connector is not called.
    #[must_use]
    pub fn after_fill(self, retry: u32) -> u32 {
        retry.min(self.intra_retry)
    }

    /// The counter after GTNet has not filled the instrument. Where the connector is not called any more it goes up, to the sum
    /// of both bands; else it stays. GTNet is tried at any count.
    #[must_use]
    pub fn after_no_fill(self, retry: u32) -> u32 {
        if (self.intra_retry..self.intra_retry + self.quote_retry).contains(&retry) { retry + 1 } else { retry }
    }

    /// The counter after a connector call.
    #[must_use]
    pub fn after_connector(self, retry: u32, delivered: bool) -> u32 {
        if delivered { 0 } else { retry + 1 }
    }
}

/// How an instrument's connector is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connector {
    /// How late its prices are, as the instance knows.
    pub delay: SimDuration,
}

/// Whether the connector of an instrument is to be called at `now`.
///
/// # Errors
///
/// Why not.
pub fn connector_due<C: PriceContent>(
    policy: &Policy,
    connector: Option<Connector>,
    active: bool,
    retry: u32,
    price: &Price<C>,
    now: Timestamp,
) -> Result<(), NotTried> {
    let connector = connector.ok_or(NotTried::NoConnector)?;
    if !active {
        return Err(NotTried::Inactive);
    }
    if policy.retry_bands.is_some_and(|bands| retry >= bands.intra_retry) {
        return Err(NotTried::RetriesUsedUp);
    }
    match (policy.connector_min_interval, price.timestamp) {
        (Some(interval), Some(stamped)) if price.content.has_last() && stamped + connector.delay >= now - interval => {
            Err(NotTried::Recent)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::super::test_support::price;
    use super::*;

    const BANDS: RetryBands = RetryBands { intra_retry: 4, quote_retry: 8 };
    const GT: Policy = Policy::of(Preset::Gt0365);
    const NOW: Timestamp = Timestamp::from_unix_secs(10_000);
    const CONNECTOR: Option<Connector> = Some(Connector { delay: SimDuration::from_secs(900) });

    #[test]
    fn a_fill_cuts_the_counter_and_never_resets_it() {
        assert_eq!([0, 3, 4, 5, 12, 13].map(|retry| BANDS.after_fill(retry)), [0, 3, 4, 4, 4, 4]);
    }

    #[test]
    fn without_a_fill_the_counter_goes_on_from_band_to_band() {
        assert_eq!([0, 3, 4, 11, 12, 13].map(|retry| BANDS.after_no_fill(retry)), [0, 3, 5, 12, 12, 13]);
        let none = RetryBands { quote_retry: 0, ..BANDS };
        assert_eq!([3, 4].map(|retry| none.after_no_fill(retry)), [3, 4]);
    }

    #[test]
    fn a_connectors_price_resets_the_counter_and_a_failure_counts() {
        assert_eq!((BANDS.after_connector(3, true), BANDS.after_connector(3, false)), (0, 4));
    }

    fn due(retry: u32, secs: Option<i64>, last: u32) -> Result<(), NotTried> {
        connector_due(&GT, CONNECTOR, true, retry, &price(secs, last), NOW)
    }

    #[test]
    fn a_connector_is_due_below_its_band() {
        assert_eq!(due(3, None, 0), Ok(()));
        assert_eq!(due(4, None, 0), Err(NotTried::RetriesUsedUp));
        let unlimited = Policy { retry_bands: None, ..GT };
        assert_eq!(connector_due(&unlimited, CONNECTOR, true, 1_000, &price(None, 0), NOW), Ok(()));
    }

    #[test]
    fn a_connector_is_due_when_the_price_is_older_than_delay_and_interval() {
        assert_eq!(due(0, Some(8_799), 1), Ok(()));
        assert_eq!(due(0, Some(8_800), 1), Err(NotTried::Recent));
        assert_eq!(due(0, Some(8_800), 0), Ok(()));
        let unlimited = Policy { connector_min_interval: None, ..GT };
        assert_eq!(connector_due(&unlimited, CONNECTOR, true, 0, &price(Some(10_000), 1), NOW), Ok(()));
    }

    #[test]
    fn the_first_reason_is_named() {
        let fresh = price(Some(10_000), 1);
        assert_eq!(connector_due(&GT, None, false, 9, &fresh, NOW), Err(NotTried::NoConnector));
        assert_eq!(connector_due(&GT, CONNECTOR, false, 9, &fresh, NOW), Err(NotTried::Inactive));
        assert_eq!(connector_due(&GT, CONNECTOR, true, 9, &fresh, NOW), Err(NotTried::RetriesUsedUp));
    }
}
