//! How each measure is counted from the facts.

use gtnet_sim::observe::{AgePart, Fact, MessageEnd, MessageKind, PriceWay};
use gtnet_sim::protocol::Outcome;

use super::counts::{Run, is_of_history, one, quantile, seconds, share};

type Recount = (&'static str, fn(&Run) -> Option<f64>);

/// Every measure, counted from the facts.
pub(super) const RECOUNTS: &[Recount] = &[
    ("server_arrivals", |run| run.mean_of_hubs(|hub| run.arrivals(hub).len() as f64 / run.period())),
    ("server_peak_minute", |run| run.peak(60)),
    ("server_peak_hour", |run| run.peak(3_600)),
    ("server_utilisation", |run| run.mean_of_hubs(|hub| run.busy_s(hub) / run.period() / run.workers)),
    ("server_utilisation_max", |run| {
        run.of_hubs(|hub| run.busy_s(hub) / run.period() / run.workers).into_iter().reduce(f64::max)
    }),
    ("server_queue_length", |run| run.mean_of_hubs(|hub| run.queue_length(hub))),
    ("server_queue_wait_p50", |run| run.queue_wait(0.5)),
    ("server_queue_wait_p95", |run| run.queue_wait(0.95)),
    ("server_queue_wait_p99", |run| run.queue_wait(0.99)),
    ("server_response_p50", |run| run.response(0.5)),
    ("server_response_p95", |run| run.response(0.95)),
    ("server_response_p99", |run| run.response(0.99)),
    ("server_refused_share", |run| share(run.served(|_, _, result| one(result.is_none())), run.served(|_, _, _| 1.0))),
    ("server_timed_out_share", |run| {
        let gave_up = run.ended(|to, _, end| run.at_hub(to) && end == MessageEnd::TimedOut);
        share(gave_up, run.sent(|to, _, _| one(run.at_hub(to))))
    }),
    ("server_unserved", |run| Some(run.unserved())),
    ("server_saturated_share", |run| run.mean_of_hubs(|hub| run.grows(hub))),
    ("server_answered_share", |run| {
        let answered = |kind, result: Option<u32>| result.filter(|_| kind == MessageKind::Request);
        let prices = run.served(|kind, _, result| answered(kind, result).map_or(0.0, f64::from));
        share(prices, run.served(|kind, items, result| answered(kind, result).map_or(0.0, |_| f64::from(items))))
    }),
    ("server_bytes_in", |run| {
        run.mean_of_hubs(|hub| {
            let bytes = run.sum(|now, fact| match *fact {
                Fact::Arrived { server, bytes, .. } if server == hub && now >= run.from => bytes as f64,
                _ => 0.0,
            });
            bytes / run.period()
        })
    }),
    ("server_bytes_out", |run| {
        run.mean_of_hubs(|hub| {
            let bytes = run.sum(|now, fact| match *fact {
                Fact::ServiceEnded { server, bytes, .. } if server == hub && now >= run.from => bytes as f64,
                _ => 0.0,
            });
            bytes / run.period()
        })
    }),
    ("server_pool_size", |run| run.mean_of_hubs(|hub| f64::from(run.pool_sizes[hub.index()]))),
    ("server_arrivals_fairness", |run| {
        let arrivals = run.of_hubs(|hub| run.arrivals(hub).len() as f64);
        let squares: f64 = arrivals.iter().map(|count| count * count).sum();
        let sum: f64 = arrivals.iter().sum();
        share(sum * sum, arrivals.len() as f64 * squares)
    }),
    ("server_arrivals_max_over_mean", |run| {
        let arrivals = run.of_hubs(|hub| run.arrivals(hub).len() as f64);
        let most = arrivals.iter().copied().fold(0.0, f64::max);
        share(most * arrivals.len() as f64, arrivals.iter().sum())
    }),
    ("server_synchronisations", |run| run.per_day(run.background(|kind| kind == MessageKind::Synchronisation).0?)),
    ("server_synchronisation_bytes", |run| run.background(|kind| kind == MessageKind::Synchronisation).1),
    ("server_history_messages", |run| run.per_day(run.background(is_of_history).0?)),
    ("server_history_bytes", |run| run.background(is_of_history).1),
    ("server_message_rows", |run| {
        let most = run.of_hubs(|hub| run.rows(|server, now| server == hub && now >= run.from)).into_iter();
        run.per_day(most.reduce(f64::max)?)
    }),
    ("server_message_rows_held", |run| run.of_hubs(|hub| run.rows_held(hub)).into_iter().reduce(f64::max)),
    ("connector_calls", |run| run.per_day(run.calls(|_, _| 1.0))),
    ("connector_failed_share", |run| share(run.answers(|delivered| one(!delivered)), run.answers(|_| 1.0))),
    ("connector_rate_limited", |run| run.per_day(run.calls(|limited, _| one(limited)))),
    ("connector_held_back_mean", |run| share(run.calls(|_, held_back| seconds(held_back)), run.calls(|_, _| 1.0))),
    ("price_age_mean", |run| {
        let ages: Vec<f64> = run.ages().into_iter().flatten().collect();
        share(ages.iter().sum(), ages.len() as f64)
    }),
    ("price_age_p50", |run| run.age(0.5)),
    ("price_age_p95", |run| run.age(0.95)),
    ("price_age_provider_delay", |run| run.age_part(AgePart::ProviderDelay)),
    ("price_age_fetch", |run| run.age_part(AgePart::Fetch)),
    ("price_age_pools", |run| run.age_part(AgePart::Pools)),
    ("price_age_transfer", |run| run.age_part(AgePart::Transfer)),
    ("price_age_visit", |run| run.age_part(AgePart::Visit)),
    ("price_age_provider_delay_share", |run| run.age_part_share(AgePart::ProviderDelay)),
    ("price_age_fetch_share", |run| run.age_part_share(AgePart::Fetch)),
    ("price_age_pools_share", |run| run.age_part_share(AgePart::Pools)),
    ("price_age_transfer_share", |run| run.age_part_share(AgePart::Transfer)),
    ("price_age_visit_share", |run| run.age_part_share(AgePart::Visit)),
    ("price_age_zero_share", |run| run.share_of_ages(|age| age.is_some_and(|age| age < 1e-6))),
    ("price_fresh_share", |run| run.share_of_ages(|age| age.is_some_and(|age| age <= 1_500.0))),
    // The ends of the intervals of the histogram that hold 20, 25 and 30 minutes: multiples of 2^20 µs.
    ("price_within_20min_share", |run| run.share_of_ages(|age| age.is_some_and(|age| age < 1_200.619_520))),
    ("price_within_25min_share", |run| run.share_of_ages(|age| age.is_some_and(|age| age < 1_500.512_256))),
    ("price_within_30min_share", |run| run.share_of_ages(|age| age.is_some_and(|age| age < 1_800.404_992))),
    ("price_missing_share", |run| run.share_of_ages(Option::is_none)),
    ("price_error_mean", |run| {
        let errors = run.errors();
        share(errors.iter().sum(), errors.len() as f64)
    }),
    ("price_error_p50", |run| quantile(run.errors(), 0.0, 0.5)),
    ("price_error_p95", |run| quantile(run.errors(), 0.0, 0.95)),
    ("price_wrong_stamp_share", |run| run.wrong_stamp_share()),
    ("price_false_share", |run| run.false_share(|_| true)),
    ("price_false_own_pool_share", |run| run.false_share(|way| way == PriceWay::OwnPool)),
    ("price_false_push_open_share", |run| run.false_share(|way| way == PriceWay::PushOpen)),
    ("price_false_open_share", |run| run.false_share(|way| way == PriceWay::Open)),
    ("price_false_local_share", |run| run.false_share(|way| way == PriceWay::Local)),
    ("price_false_lasts", |run| Some(run.false_prices_last())),
    ("visit_false_share", |run| share(run.false_visits(), run.waits().len() as f64)),
    ("visit_unfinished_share", |run| share(run.visits() - run.waits().len() as f64, run.visits())),
    ("user_wait_p50", |run| run.user_wait(0.5)),
    ("user_wait_p95", |run| run.user_wait(0.95)),
    ("visits", |run| run.per_day(run.visits())),
    ("exchanges", |run| {
        run.per_day(run.count(|now, fact| matches!(fact, Fact::ExchangeBegan { .. } if now >= run.from)))
    }),
    ("fill_gtnet_share", |run| {
        run.fill(|outcome| matches!(outcome, Outcome::OwnPool | Outcome::PushOpen(_) | Outcome::Open(_)))
    }),
    ("fill_own_pool_share", |run| run.fill(|outcome| outcome == Outcome::OwnPool)),
    ("fill_push_open_share", |run| run.fill(|outcome| matches!(outcome, Outcome::PushOpen(_)))),
    ("fill_open_share", |run| run.fill(|outcome| matches!(outcome, Outcome::Open(_)))),
    ("fill_connector_share", |run| run.fill(|outcome| outcome == Outcome::Connector)),
    ("fill_connector_failed_share", |run| run.fill(|outcome| outcome == Outcome::ConnectorFailed)),
    ("fill_not_tried_share", |run| run.fill(|outcome| matches!(outcome, Outcome::NotTried(_)))),
    ("pushes", |run| run.per_day(run.pushes())),
    ("push_accepted_share", |run| {
        let pushed = run.sent(|_, kind, items| one(kind == MessageKind::Push) * f64::from(items));
        share(run.taken(|result| result.map_or(0.0, f64::from)), pushed)
    }),
    ("push_useless_share", |run| share(run.taken(|result| one(result == Some(0))), run.pushes())),
    ("push_failed_share", |run| {
        let failed = |_, kind, end| kind == MessageKind::Push && !matches!(end, MessageEnd::Answered(_));
        share(run.ended(failed), run.pushes())
    }),
    ("fill_from_pushes_share", |run| {
        let from_a_pool = |outcome| matches!(outcome, Outcome::OwnPool | Outcome::PushOpen(_));
        let pushed = run.settled(|outcome, pushed| pushed && from_a_pool(outcome));
        share(pushed, run.settled(|outcome, _| from_a_pool(outcome)))
    }),
    ("push_checks", |run| run.per_day(run.checks())),
    ("push_distrusted", |run| Some(run.distrusted(|_| true))),
    ("push_distrusted_wrongly", |run| Some(run.distrusted(|is_rogue| !is_rogue))),
    ("messages", |run| run.per_day(run.sent(|_, _, _| 1.0))),
    ("message_timed_out_share", |run| {
        share(run.ended(|_, _, end| end == MessageEnd::TimedOut), run.sent(|_, _, _| 1.0))
    }),
    ("messages_kept_back", |run| run.per_day(run.kept_back())),
    // These worlds have no faults; `faults_felt` counts those that have.
    ("fault_felt_share", |_| None),
    ("fault_extra_wait_mean", |_| None),
    ("fault_extra_calls", |_| None),
    ("visit_prevented_share", |_| None),
    ("visit_interrupted_share", |_| None),
    ("fault_recovery", |_| None),
    // In these worlds nobody says what anything costs; `money` counts those where somebody does.
    ("cost", |_| None),
    ("provider_cost", |_| None),
    ("provider_keys_paying", |_| None),
    ("connector_calls_beyond_free", |_| None),
    ("connector_calls_uncovered", |_| None),
];
