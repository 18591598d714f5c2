//! Remarks on distributions that can draw values which the model cannot have. `check` shows one for every such distribution:
//! it says as which value the tail counts.

use std::collections::BTreeMap;

use crate::model::config::{ClockConfig, WorldConfig};
use crate::random::Distribution;

/// The remarks by the path of the value, as `--set` takes it.
pub(super) fn remarks(world: &WorldConfig) -> BTreeMap<String, String> {
    let mut remarks = BTreeMap::new();
    let mut note = |path: String, drawn: &Distribution, limits: Limits| {
        if let Some(remark) = limits.remark(drawn) {
            remarks.insert(path, remark);
        }
    };
    for connector in &world.connectors {
        // Whatever takes longer than the longest run never ends within a run, so its exact length does not matter.
        let limits = Limits { least: 0.0, most: f64::INFINITY, words: ["0s".to_owned(), String::new()] };
        note(format!("connector.{}.latency", connector.id), &connector.latency, limits);
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
        if group.users > 0 {
            let words = ["1".to_owned(), choosable.to_string()];
            // What is drawn is rounded.
            let limits = Limits { least: 0.5, most: f64::from(choosable) + 0.5, words };
            note(path("watchlist.instruments"), &group.watchlist.instruments, limits);
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
