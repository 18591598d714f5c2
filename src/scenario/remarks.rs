//! Remarks on values that mean something else than they seem to. `check` shows one for every distribution that can draw what the
//! model cannot have: it says as which value the tail counts. It shows another for every fault that no result shows, and for every one that changes nothing.

use std::collections::BTreeMap;

use super::idle::remarks_on_idle;
use crate::model::config::{ClockConfig, Discipline, FaultTimes, WorldConfig};
use crate::random::Distribution;

/// The remarks by the path of the value, as `--set` takes it.
pub(super) fn remarks(world: &WorldConfig) -> BTreeMap<String, String> {
    let mut remarks = BTreeMap::new();
    let mut note = |path: String, drawn: &Distribution, limits: Limits| {
        if let Some(remark) = limits.remark(drawn) {
            remarks.insert(path, remark);
        }
    };
    // Whatever takes longer than the longest run never ends within a run, so its exact length does not matter.
    let time = || Limits { least: 0.0, most: f64::INFINITY, words: ["0s".to_owned(), String::new()] };
    for connector in &world.connectors {
        note(format!("connector.{}.latency", connector.id), &connector.latency, time());
    }
    for fault in &world.faults {
        if let FaultTimes::Random { between_s, lasts_s } = &fault.times {
            note(format!("fault.{}.every", fault.name), between_s, time());
            note(format!("fault.{}.lasts", fault.name), lasts_s, time());
        }
    }
    let most_offset = ClockConfig::MOST_OFFSET;
    let most_drift = ClockConfig::MOST_DRIFT_PPM;
    let choosable = world.instruments.choosable();
    for group in &world.groups {
        let path = |key: &str| format!("group.{}.{key}", group.name);
        let either_way = |most: f64, words: String| Limits { least: -most, most, words: [format!("-{words}"), words] };
        note(
            path("clock.offset"),
            &group.clock.offset_s,
            either_way(most_offset.as_secs_f64(), most_offset.to_string()),
        );
        note(path("clock.drift_ppm"), &group.clock.drift_ppm, either_way(most_drift, most_drift.to_string()));
        if let Some(Discipline { residual_s, .. }) = &group.clock.discipline {
            note(path("clock.discipline"), residual_s, either_way(most_offset.as_secs_f64(), most_offset.to_string()));
        }
        if let Some(stays_s) = group.churn.as_ref().and_then(|churn| churn.stays_s.as_ref()) {
            note(path("joins.stays"), stays_s, time());
        }
        if group.users > 0 {
            let words = ["1".to_owned(), choosable.to_string()];
            // What is drawn is rounded.
            let limits = Limits { least: 0.5, most: f64::from(choosable) + 0.5, words };
            note(path("watchlist.instruments"), &group.watchlist.instruments, limits);
        }
    }
    for fault in &world.faults {
        for (key, remark) in remarks_on_idle(fault, world) {
            remarks.insert(format!("fault.{}.{key}", fault.name), remark.to_owned());
        }
        let FaultTimes::Set(spells) = &fault.times else { continue };
        if spells.iter().all(|spell| spell.begins + spell.lasts <= world.warmup) {
            // One of the two keys is there.
            for key in ["lasts", "times"] {
                let remark = "over before the warm-up is, so results show at most what it leaves behind";
                remarks.insert(format!("fault.{}.{key}", fault.name), remark.to_owned());
            }
        }
    }
    remarks
}

/// What values are kept within.
struct Limits {
    least: f64,
    most: f64,
    /// The values that count instead.
    words: [String; 2],
}

impl Limits {
    /// What becomes of draws beyond the limits, if there can be any.
    fn remark(&self, drawn: &Distribution) -> Option<String> {
        let (least, most) = drawn.extremes();
        let [low, high] = &self.words;
        let below = (least < self.least).then(|| format!("values below {low} count as {low}"));
        let above = (most > self.most).then(|| format!("values above {high} count as {high}"));
        let parts: Vec<String> = below.into_iter().chain(above).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
