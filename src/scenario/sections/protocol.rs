//! `[protocol]`: the preset, the switches of the exchange algorithm, each the preset's unless the scenario sets it, and
//! the timeout of watchlists.

use crate::protocol::{
    MaxLimitAction, OpenOrder, OwnPoolStores, PeerViews, Policy, PoolLearns, Preset, PushBack, PushBackFrom,
    PushBackPrices, PushBackTo, RequestScope, Synchronisation,
};
use crate::scenario::context::{Context, Label, OrNoted};
use crate::scenario::error::Problem;
use crate::scenario::item::Item;
use crate::scenario::range::Range;
use crate::scenario::section::Section;
use crate::scenario::source::{Origin, ValueSource};
use crate::scenario::switch::{BandsOrOff, DurationOrNone, Lasting, Notation, NumberOr, OneOf, TrueOrFalse, Within};
use crate::scenario::tree::Node;
use crate::time::SimDuration;

/// The policy, and the timeout of watchlists.
pub(in crate::scenario) fn protocol(context: &Context<'_>, node: Option<&Node>) -> OrNoted<(Policy, SimDuration)> {
    let mut section = Section::open(context, "protocol", node);
    let presets = Preset::ALL.map(|preset| (preset.name(), preset));
    let preset = section.required("preset", "\"seven-step\"", |item| item.choice(&presets));
    // Without a preset the switches are read, too, so that their mistakes are reported at once.
    let base = preset.unwrap_or(Preset::SevenStep);
    let origin = Origin { source: ValueSource::Preset(base.name()), spot: None };
    let mut switches = Switches { section: &mut section, origin, changed: Vec::new() };
    let policy = switches.read(&Policy::of(base));
    let changed = switches.changed;
    let timeout = section.default("watchlist_timeout", "\"20min\"", Item::duration);
    section.close();
    preset?;
    let policy = policy?;
    contradictions(context, &policy, &changed);
    Ok((policy, timeout?))
}

/// The switches while they are read.
struct Switches<'s, 'a> {
    section: &'s mut Section<'a>,
    /// Of a switch that the scenario does not set.
    origin: Origin,
    changed: Vec<Changed>,
}

/// A switch that the scenario sets to something else than the preset.
struct Changed {
    key: &'static str,
    /// The value of the preset as TOML.
    preset: String,
}

/// Reads every switch of `$base` in the notation behind its name. It reads all of them before it fails, so that every mistake
/// is noted.
macro_rules! read_switches {
    ($switches:ident, $base:ident, $($key:ident: $notation:expr,)*) => {{
        $(let $key = $switches.switch(stringify!($key), &$base.$key, &$notation);)*
        Ok(Policy { $($key: $key?),* })
    }};
}

impl Switches<'_, '_> {
    /// One line for each switch: its key, which is its field in [`Policy`], and how its values are written.
    fn read(&mut self, base: &Policy) -> OrNoted<Policy> {
        read_switches! { self, base,
            request_scope: OneOf(&[("unfilled", RequestScope::Unfilled), ("all", RequestScope::All)]),
            max_servers: NumberOr { any: "unlimited", zero: "to ask nobody, set gtnet = false in the groups" },
            open_order: OneOf(&[("score", OpenOrder::Score), ("priority", OpenOrder::Priority)]),
            freshness_threshold: DurationOrNone { zero: Some("a threshold of 0 would reject every price") },
            own_pool_threshold: DurationOrNone { zero: Some("a threshold of 0 would reject every price") },
            pool_learns_from_request: OneOf(&[
                ("never", PoolLearns::Never), ("unknown", PoolLearns::Unknown), ("newer", PoolLearns::Newer),
            ]),
            pool_echoes_unknown: TrueOrFalse,
            open_learns_from_request: TrueOrFalse,
            open_sends_all_if_none_flagged: TrueOrFalse,
            push_back: OneOf(&[("none", PushBack::None), ("async", PushBack::Async), ("sync", PushBack::Sync)]),
            push_back_to: OneOf(&[("contacted", PushBackTo::Contacted), ("responders", PushBackTo::Responders)]),
            push_back_prices: OneOf(&[("news", PushBackPrices::News), ("later-sources", PushBackPrices::LaterSources)]),
            push_back_from: OneOf(&[("open", PushBackFrom::Open), ("any", PushBackFrom::Any)]),
            open_accepts_push: TrueOrFalse,
            push_checked_share: Within(Range::SHARE),
            push_check_tolerance_bp: Within(Range::from(0.0, 1e6)),
            push_check_ahead: DurationOrNone { zero: None },
            push_distrust: Lasting,
            own_pool_stores: OneOf(&[
                ("connector", OwnPoolStores::Connector), ("remaining", OwnPoolStores::Remaining),
                ("all", OwnPoolStores::All),
            ]),
            max_limit: NumberOr { any: "none", zero: "a server that answers nothing has mode = \"closed\"" },
            max_limit_action: OneOf(&[
                ("refuse", MaxLimitAction::Refuse), ("truncate", MaxLimitAction::Truncate),
                ("split", MaxLimitAction::Split),
            ]),
            retry_bands: BandsOrOff,
            connector_min_interval: DurationOrNone { zero: None },
            connector_claims: TrueOrFalse,
            connector_prices_replace: TrueOrFalse,
            daily_request_limit: NumberOr { any: "none", zero: "a server that answers nothing has mode = \"closed\"" },
            received_prices_saved: TrueOrFalse,
            failed_requests_logged: TrueOrFalse,
            peer_views: OneOf(&[
                ("ideal", PeerViews::Ideal), ("none", PeerViews::None), ("messages", PeerViews::Messages),
            ]),
            view_updated_from_reply: TrueOrFalse,
            synchronisation: OneOf(&[("ideal", Synchronisation::Ideal), ("daily", Synchronisation::Daily)]),
            timestamp_resolution: DurationOrNone { zero: Some("a timestamp cannot be a multiple of 0") },
        }
    }

    fn switch<T>(&mut self, key: &'static str, base: &T, notation: &impl Notation<T>) -> OrNoted<T> {
        let preset = notation.toml(base);
        let value = self.section.given(key, &preset, &self.origin, |item| notation.read(item))?;
        if notation.toml(&value) != preset {
            self.changed.push(Changed { key, preset });
        }
        Ok(value)
    }
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
fn contradictions(context: &Context<'_>, policy: &Policy, changed: &[Changed]) {
    let idle = [
        Idle {
            keys: &["push_back_to", "push_back_prices", "push_back_from", "open_accepts_push", "push_checked_share"],
            while_so: policy.push_back == PushBack::None,
            because: "with push_back = \"none\" nobody pushes",
            remedy: "set push_back = \"async\" or \"sync\"",
        },
        Idle {
            keys: &["push_check_tolerance_bp", "push_check_ahead", "push_distrust"],
            while_so: !policy.checks_pushes(),
            because: "with push_checked_share = 0.0 no price is checked",
            remedy: "set push_checked_share, such as 0.1",
        },
        Idle {
            keys: &["max_limit_action"],
            while_so: policy.max_limit.is_none(),
            because: "with max_limit = \"none\" no request is too large",
            remedy: "set max_limit, such as 300",
        },
        Idle {
            keys: &["failed_requests_logged"],
            while_so: policy.open_order == OpenOrder::Priority,
            because: "the log decides the order by score, but open_order = \"priority\"",
            remedy: "set open_order = \"score\"",
        },
    ];
    for Idle { keys, because, remedy, .. } in idle.into_iter().filter(|idle| idle.while_so) {
        for Changed { key, preset } in changed.iter().filter(|changed| keys.contains(&changed.key)) {
            let what = format!("`protocol.{key}` has no effect: {because}");
            let help = format!("leave it as the preset has it, {key} = {preset}, or {remedy}");
            context.report_at(&format!("protocol.{key}"), Problem::Contradiction { what }, "without effect", help);
        }
    }
    let written = |keys: [&str; 2]| -> Vec<Label> {
        let changed = changed.iter().filter(|changed| keys.contains(&changed.key));
        changed.map(|Changed { key, .. }| (context.spot(&format!("protocol.{key}")), "set here".to_owned())).collect()
    };
    if policy.pool_echoes_unknown && policy.pool_learns_from_request == PoolLearns::Never {
        let what = "a pool echoes the unknown instruments that it learns from a request, but `protocol.\
                    pool_learns_from_request` is \"never\""
            .to_owned();
        let help = "set pool_echoes_unknown = false, or pool_learns_from_request = \"unknown\"";
        let labels = written(["pool_echoes_unknown", "pool_learns_from_request"]);
        context.report(Problem::Contradiction { what }, labels, help);
    }
    let later_for_responders =
        policy.push_back_prices == PushBackPrices::LaterSources && policy.push_back_to == PushBackTo::Responders;
    if later_for_responders && policy.push_back != PushBack::None {
        let what =
            "`protocol.push_back_prices` = \"later-sources\" tells each server what came after it was asked, whether \
                    it returned anything or not, but `protocol.push_back_to` is \"responders\""
                .to_owned();
        let help = "set push_back_to = \"contacted\", or push_back_prices = \"news\"";
        let labels = written(["push_back_prices", "push_back_to"]);
        context.report(Problem::Contradiction { what }, labels, help);
    }
}
