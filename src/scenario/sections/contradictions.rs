//! Switches of `[protocol]` that exclude each other, or have no effect: each is noted where it stands, with a remedy.

use crate::protocol::{
    EnforcedBy, OpenOrder, PeerViews, Policy, PoolLearns, PushBack, PushBackPrices, PushBackTo, Synchronisation,
};
use crate::scenario::context::{Context, Label};
use crate::scenario::error::Problem;

/// A switch that the scenario sets to something else than the preset.
pub(super) struct Changed {
    pub(super) key: &'static str,
    /// The value that the scenario sets, as TOML.
    pub(super) value: String,
    /// The value of the preset as TOML.
    pub(super) preset: String,
}

/// Switches that have no effect while another one has this value.
struct Idle {
    keys: &'static [&'static str],
    while_so: bool,
    because: &'static str,
    remedy: &'static str,
}

/// Notes switches that exclude each other, or have no effect. A switch that only repeats its preset is no mistake, even
/// without effect: a resolved scenario repeats all of them.
pub(super) fn note(context: &Context<'_>, path: &str, policy: &Policy, changed: &[Changed]) {
    for Idle { keys, because, remedy, .. } in idle(policy).into_iter().filter(|idle| idle.while_so) {
        for Changed { key, preset, .. } in changed.iter().filter(|changed| keys.contains(&changed.key)) {
            let what = format!("`{path}.{key}` has no effect: {because}");
            let help = format!("leave it as the preset has it, {key} = {preset}, or {remedy}");
            context.report_at(&format!("{path}.{key}"), Problem::Contradiction { what }, "without effect", help);
        }
    }
    note_exclusions(context, path, policy, changed);
}

fn idle(policy: &Policy) -> [Idle; 13] {
    [
        Idle {
            keys: &[
                "push_back_to",
                "push_back_prices",
                "push_back_from",
                "open_accepts_push",
                "push_limited_by",
                "push_checked_share",
            ],
            while_so: policy.push_back == PushBack::None,
            because: "with push_back = \"none\" nobody pushes",
            remedy: "set push_back = \"async\" or \"sync\"",
        },
        Idle {
            keys: &["open_takes_unreceived"],
            while_so: !policy.open_learns_from_request && !policy.open_accepts_push,
            because: "with open_learns_from_request = false and open_accepts_push = false an open server takes no price",
            remedy: "set open_learns_from_request = true",
        },
        Idle {
            keys: &["push_check_tolerance_bp", "push_check_ahead", "push_distrust"],
            while_so: !policy.checks_pushes(),
            because: "with push_checked_share = 0.0 no price is checked",
            remedy: "set push_checked_share, such as 0.1",
        },
        Idle {
            keys: &["pool_refresh_age"],
            while_so: policy.pool_refresh_interval.is_none(),
            because: "with pool_refresh_interval = \"none\" no pool is refreshed",
            remedy: "set pool_refresh_interval, such as \"5min\"",
        },
        Idle {
            keys: &["max_limit_action"],
            while_so: policy.max_limit.is_none(),
            because: "with max_limit = \"none\" no request is too large",
            remedy: "set max_limit, such as 300",
        },
        Idle {
            keys: &["failed_requests_logged", "push_refused_logged", "exchange_log", "score_tie"],
            while_so: policy.open_order == OpenOrder::Priority,
            because: "the log decides the order by score, but open_order = \"priority\"",
            remedy: "set open_order = \"score\"",
        },
        Idle {
            keys: &["failed_requests_logged", "push_refused_logged"],
            while_so: !policy.exchange_log,
            because: "with exchange_log = false nothing is logged",
            remedy: "set exchange_log = true",
        },
        Idle {
            keys: &[
                "daily_request_limit_enforced_by",
                "daily_request_limit_counts",
                "daily_request_limit_refund",
                "daily_limit_zero",
            ],
            while_so: policy.daily_request_limit.is_none(),
            because: "with daily_request_limit = \"none\" there is nothing to keep to",
            remedy: "set daily_request_limit, such as 100",
        },
        Idle {
            keys: &[
                "daily_request_limit",
                "daily_request_limit_counts",
                "daily_request_limit_refund",
                "daily_limit_zero",
            ],
            while_so: policy.daily_request_limit_enforced_by == EnforcedBy::Nobody,
            because: "with daily_request_limit_enforced_by = \"nobody\" the limit is only published",
            remedy: "set daily_request_limit_enforced_by = \"both\"",
        },
        Idle {
            keys: &["violation_sources", "violation_reset"],
            while_so: policy.violation_block.is_none(),
            because: "with violation_block = \"none\" violations are only counted",
            remedy: "set violation_block, such as 20",
        },
        Idle {
            keys: &["violation_block", "sync_max_items"],
            while_so: policy.max_limit.is_none(),
            because: "with max_limit = \"none\" there is no limit to violate",
            remedy: "set max_limit, such as 300",
        },
        Idle {
            keys: &["sync_max_items", "synchronisation_lists"],
            while_so: policy.synchronisation == Synchronisation::Ideal,
            because: "with synchronisation = \"ideal\" nothing is sent for it",
            remedy: "set synchronisation = \"daily\"",
        },
        Idle {
            keys: &["view_updated_on_refusal", "offline_announcement_effect"],
            while_so: policy.peer_views != PeerViews::Messages,
            because: "messages show who is there only with peer_views = \"messages\"",
            remedy: "set peer_views = \"messages\"",
        },
    ]
}

fn note_exclusions(context: &Context<'_>, path: &str, policy: &Policy, changed: &[Changed]) {
    let written = |keys: [&str; 2]| -> Vec<Label> {
        let changed = changed.iter().filter(|changed| keys.contains(&changed.key));
        changed.map(|Changed { key, .. }| (context.spot(&format!("{path}.{key}")), "set here".to_owned())).collect()
    };
    if policy.pool_echoes_unknown && policy.pool_learns_from_request == PoolLearns::Never {
        let what = format!(
            "a pool echoes the unknown instruments that it learns from a request, but `{path}.pool_learns_from_request` \
             is \"never\""
        );
        let help = "set pool_echoes_unknown = false, or pool_learns_from_request = \"unknown\"";
        let labels = written(["pool_echoes_unknown", "pool_learns_from_request"]);
        context.report(Problem::Contradiction { what }, labels, help);
    }
    let later_for_responders =
        policy.push_back_prices == PushBackPrices::LaterSources && policy.push_back_to == PushBackTo::Responders;
    if later_for_responders && policy.push_back != PushBack::None {
        let what = format!(
            "`{path}.push_back_prices` = \"later-sources\" tells each server what came after it was asked, whether it \
             returned anything or not, but `{path}.push_back_to` is \"responders\""
        );
        let help = "set push_back_to = \"contacted\", or push_back_prices = \"news\"";
        let labels = written(["push_back_prices", "push_back_to"]);
        context.report(Problem::Contradiction { what }, labels, help);
    }
}
