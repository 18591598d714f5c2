//! Finds what did not happen in a measured period although the scenario is about it: the measures say that it did not,
//! the scenario says why.

use crate::measures::{self, MeasureId};
use crate::record::{Absence, NoExchanges, NoMessages, NoPrices, NoVisits};
use crate::stats::Estimate;

/// What did not happen, the weightiest first. `estimate` gives what was found of a measure; `foreseen` holds what the
/// scenario alone says will not happen, which serves as the cause; `starved` says what would help servers without prices.
pub(super) fn absences(
    foreseen: &[Absence],
    starved: NoPrices,
    estimate: impl Fn(MeasureId) -> Option<Estimate>,
) -> Vec<Absence> {
    let is_zero = |measure| estimate(measure).is_some_and(|estimate| estimate.mean == 0.0);
    let cause = |of_kind: fn(&Absence) -> bool| foreseen.iter().copied().find(of_kind);
    let trading = cause(|absence| matches!(absence, Absence::Trading(_)));
    if is_zero(measures::VISITS) {
        let cause = cause(|absence| matches!(absence, Absence::Visits(_)));
        return std::iter::once(cause.unwrap_or(Absence::Visits(NoVisits::Chance))).chain(trading).collect();
    }
    let has_no_exchange = is_zero(measures::EXCHANGES);
    let exchanges = has_no_exchange.then(|| {
        let cause = cause(|absence| matches!(absence, Absence::Exchanges(_)));
        cause.unwrap_or(Absence::Exchanges(NoExchanges::Unforeseen))
    });
    let messages = is_zero(measures::ARRIVALS).then(|| {
        let cause = cause(|absence| matches!(absence, Absence::Messages(_)));
        cause.unwrap_or(Absence::Messages(NoMessages::Unforeseen))
    });
    // A pool that is told prices, and never has the one that is asked for, does not starve.
    let is_starved = messages.is_none() && is_zero(measures::ANSWERED_SHARE) && is_zero(measures::PUSHES);
    let prices = is_starved.then_some(Absence::Prices(starved));
    let calls = (!has_no_exchange && is_zero(measures::CONNECTOR_CALLS)).then_some(Absence::Calls);
    [trading, exchanges, messages, prices, calls].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::NoTrading;

    /// What did not happen if the named measures are 0 and all others 1.
    fn of(foreseen: &[Absence], zeros: &[&str]) -> Vec<Absence> {
        absences(foreseen, NoPrices::NoUsers, |measure| {
            Estimate::of(&[if zeros.contains(&measure.name) { 0.0 } else { 1.0 }], 0.95)
        })
    }

    #[test]
    fn what_was_measured_decides_and_the_scenario_says_why() {
        let (weekend, closed) = (Absence::Visits(NoVisits::Weekend), Absence::Trading(NoTrading::Weekend));
        assert_eq!(of(&[weekend, closed], &["visits", "exchanges", "connector_calls"]), [weekend, closed]);
        assert_eq!(of(&[], &["visits"]), [Absence::Visits(NoVisits::Chance)]);
        assert_eq!(of(&[Absence::Visits(NoVisits::Rare), closed], &[]), [closed], "there was a visit after all");
        let timeout = Absence::Exchanges(NoExchanges::Timeout);
        assert_eq!(of(&[timeout], &[]), []);
        assert_eq!(of(&[timeout], &["exchanges", "connector_calls"]), [timeout], "one thing is said once");
        assert_eq!(of(&[], &["exchanges"]), [Absence::Exchanges(NoExchanges::Unforeseen)]);
        assert_eq!(of(&[], &["connector_calls"]), [Absence::Calls]);
        assert_eq!(of(&[], &["server_arrivals"]), [Absence::Messages(NoMessages::Unforeseen)]);
        assert_eq!(of(&[], &["server_answered_share", "pushes"]), [Absence::Prices(NoPrices::NoUsers)]);
        assert_eq!(of(&[], &["server_answered_share"]), [], "somebody pushes");
        assert_eq!(absences(&[], NoPrices::NoUsers, |_| None), [], "nothing is known");
    }
}
