//! The serving side: what becomes of an incoming request or push at an instance.

use crate::time::Timestamp;

use super::instruments::{InstrumentStore, answer_from_instruments, instruments_received};
use super::pool::{PriceStore, answer_from_pool, pool_received};
use super::{AcceptMode, InstrumentKey, MaxLimitAction, OwnStatus, Policy, PriceContent, PriceItem};

/// Why a message was turned away; to the sender a failed message, to the receiver normal operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The instance has no entry of its own at all.
    NoOwnEntry,
    /// The instance answers no requests for last prices.
    NotAccepting,
    /// The request holds more instruments than the instance's limit; it counts as a violation of the sender's.
    OverMaxLimit,
    /// The sender has sent as many requests today as it may.
    OverDailyLimit,
    /// A push came to an instance without an entry for last prices.
    NotConfigured,
    /// A push came to an instance that takes none.
    NotPushOpen,
}

impl Refusal {
    /// Whether the receiver keeps the message and its reply, as it does with all that it has served; else it returns an
    /// error code and forgets (0.36.5, `exchange_request_handler`, `push_handler`).
    #[must_use]
    pub fn is_kept(self) -> bool {
        matches!(self, Self::OverMaxLimit | Self::OverDailyLimit)
    }
}

/// Serves a request: appends the prices of the answer to `answer` (0.36.5, `exchange_request_handler`). Neither the
/// server's own busy flag nor its state matters; the limit counts entries, also repeated ones.
///
/// # Errors
///
/// [`Refusal`] with nothing answered and nothing learnt.
pub fn serve_request<K: InstrumentKey, C: PriceContent>(
    policy: &Policy,
    own: Option<&OwnStatus>,
    pool: &mut impl PriceStore<K, C>,
    instruments: &mut impl InstrumentStore<K, C>,
    request: &[PriceItem<K, C>],
    min_acceptable: Option<Timestamp>,
    answer: &mut Vec<PriceItem<K, C>>,
) -> Result<(), Refusal> {
    let own = own.ok_or(Refusal::NoOwnEntry)?;
    let mode = own.mode.filter(|mode| *mode != AcceptMode::Closed).ok_or(Refusal::NotAccepting)?;
    let request = match own.max_limit.map(|limit| limit as usize) {
        Some(limit) if request.len() > limit => match policy.max_limit_action {
            MaxLimitAction::Truncate => &request[..limit],
            MaxLimitAction::Refuse | MaxLimitAction::Split => return Err(Refusal::OverMaxLimit),
        },
        _ => request,
    };
    if mode == AcceptMode::PushOpen {
        answer_from_pool(policy, pool, request, min_acceptable, answer);
    } else {
        answer_from_instruments(policy, instruments, request, min_acceptable, answer);
    }
    Ok(())
}

/// Serves a push: returns how many prices were taken over (seven-step, step 7; general-flow, steps 9 and 10; 0.36.5,
/// `push_handler`). No limit applies.
///
/// # Errors
///
/// [`Refusal`] with nothing taken over.
pub fn serve_push<K: InstrumentKey, C: PriceContent>(
    policy: &Policy,
    own: Option<&OwnStatus>,
    pool: &mut impl PriceStore<K, C>,
    instruments: &mut impl InstrumentStore<K, C>,
    push: &[PriceItem<K, C>],
) -> Result<u32, Refusal> {
    let own = own.ok_or(Refusal::NoOwnEntry)?;
    match own.mode.ok_or(Refusal::NotConfigured)? {
        AcceptMode::PushOpen => Ok(pool_received(pool, push.iter().copied())),
        AcceptMode::Open if policy.open_accepts_push => Ok(instruments_received(instruments, push)),
        AcceptMode::Open | AcceptMode::Closed => Err(Refusal::NotPushOpen),
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Instruments, Key, Pool, item, price};
    use super::super::{Preset, ServerState};
    use super::*;

    fn own(mode: Option<AcceptMode>) -> OwnStatus {
        OwnStatus { mode, state: ServerState::Open, max_limit: None, busy: false }
    }

    fn request(own: Option<&OwnStatus>) -> Result<Vec<u32>, Refusal> {
        let policy = Policy::of(Preset::Gt0365);
        let mut pool = Pool::of(&[item(1, Some(100), 1)]);
        let mut instruments = Instruments([(Key(2), (price(Some(100), 1), true))].into());
        let mut answer = Vec::new();
        let asked = [item(1, None, 0), item(2, None, 0)];
        serve_request(&policy, own, &mut pool, &mut instruments, &asked, None, &mut answer)?;
        Ok(answer.iter().map(|item| item.instrument.0).collect())
    }

    #[test]
    fn the_accept_mode_decides_where_an_answer_comes_from() {
        assert_eq!(request(Some(&own(Some(AcceptMode::PushOpen)))), Ok(vec![1]));
        assert_eq!(request(Some(&own(Some(AcceptMode::Open)))), Ok(vec![2]));
        assert_eq!(request(Some(&own(Some(AcceptMode::Closed)))), Err(Refusal::NotAccepting));
        assert_eq!(request(Some(&own(None))), Err(Refusal::NotAccepting));
        assert_eq!(request(None), Err(Refusal::NoOwnEntry));
    }

    #[test]
    fn neither_state_nor_busy_flag_keeps_a_server_from_answering() {
        for state in [ServerState::Closed, ServerState::Maintenance, ServerState::None] {
            assert_eq!(request(Some(&OwnStatus { state, busy: true, ..own(Some(AcceptMode::Open)) })), Ok(vec![2]));
        }
    }

    fn push(own: Option<&OwnStatus>) -> (Result<u32, Refusal>, usize) {
        let policy = Policy::of(Preset::Gt0365);
        let mut pool = Pool::default();
        let pushed = [item(1, Some(100), 7), item(2, None, 7), item(3, Some(100), 0)];
        let taken = serve_push(&policy, own, &mut pool, &mut Instruments::default(), &pushed);
        (taken, pool.0.len())
    }

    #[test]
    fn only_a_push_open_server_takes_a_push_whatever_its_limit() {
        let limited = OwnStatus { max_limit: Some(1), ..own(Some(AcceptMode::PushOpen)) };
        assert_eq!(push(Some(&limited)), (Ok(2), 2));
        assert_eq!(push(Some(&own(Some(AcceptMode::Open)))), (Err(Refusal::NotPushOpen), 0));
        assert_eq!(push(Some(&own(Some(AcceptMode::Closed)))), (Err(Refusal::NotPushOpen), 0));
        assert_eq!(push(Some(&own(None))), (Err(Refusal::NotConfigured), 0));
        assert_eq!(push(None), (Err(Refusal::NoOwnEntry), 0));
    }
}
