//! One line of JSON, field by field in the order in which they are added: readers see time and kind first.

use std::fmt::Display;

use crate::observe::{InstanceId, ProviderId, Quotation, VisitId};
use crate::protocol::InstrumentId;
use crate::time::{SimDuration, SimTime, Timestamp};

use super::names::WorldNames;

/// A JSON object that is being written.
pub(super) struct JsonRow<'n> {
    text: String,
    names: &'n WorldNames,
}

impl<'n> JsonRow<'n> {
    /// What happened at `now`: a `fact` or a `line` of this kind.
    pub(super) fn new(names: &'n WorldNames, now: SimTime, what: &str, kind: &str) -> Self {
        let text = format!("{{\"t\":{},\"{what}\":\"{kind}\"", now.since_start().as_nanos());
        Self { text, names }
    }

    /// The whole line.
    pub(super) fn end(mut self) -> String {
        self.text.push_str("}\n");
        self.text
    }

    pub(super) fn number(self, key: &str, number: impl Display) -> Self {
        self.raw(key, &number.to_string())
    }

    pub(super) fn flag(self, key: &str, flag: bool) -> Self {
        self.raw(key, if flag { "true" } else { "false" })
    }

    pub(super) fn text(self, key: &str, text: &str) -> Self {
        self.raw(key, &quoted(text))
    }

    pub(super) fn at(self, key: &str, at: SimTime) -> Self {
        self.number(key, at.since_start().as_nanos())
    }

    pub(super) fn lasting(self, key: &str, duration: SimDuration) -> Self {
        self.number(key, duration.as_nanos())
    }

    pub(super) fn clock(self, key: &str, clock: Option<Timestamp>) -> Self {
        self.raw(key, &nanos(clock))
    }

    pub(super) fn instance(self, key: &str, instance: InstanceId) -> Self {
        let name = self.names.instance(instance);
        self.text(key, name)
    }

    pub(super) fn provider(self, provider: ProviderId) -> Self {
        let name = self.names.provider(provider);
        self.text("provider", name)
    }

    pub(super) fn instrument(self, instrument: InstrumentId) -> Self {
        let name = self.names.instrument(instrument);
        self.text("instrument", name)
    }

    /// The visit: instance, user and number of the visit; all `null` if there is none.
    pub(super) fn visit(self, visit: Option<VisitId>) -> Self {
        match visit {
            Some(visit) => {
                let user = self.names.user(visit);
                self.text("user", user).number("visit", visit.number)
            }
            None => self.null("user").null("visit"),
        }
    }

    pub(super) fn null(self, key: &str) -> Self {
        self.raw(key, "null")
    }

    pub(super) fn names(self, key: &str, names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<String> = names.map(quoted).collect();
        self.raw(key, &format!("[{}]", names.join(",")))
    }

    pub(super) fn instruments(self, key: &str, instruments: &[InstrumentId]) -> Self {
        let names = self.names;
        self.names(key, instruments.iter().map(|instrument| names.instrument(*instrument)))
    }

    pub(super) fn instances(self, key: &str, instances: &[InstanceId]) -> Self {
        let names = self.names;
        self.names(key, instances.iter().map(|instance| names.instance(*instance)))
    }

    pub(super) fn quotations(self, items: &[Quotation]) -> Self {
        let names = self.names;
        let items: Vec<String> = items.iter().map(|item| quotation(names, item)).collect();
        self.raw("prices", &format!("[{}]", items.join(",")))
    }

    /// A field whose value is JSON already.
    pub(super) fn raw(mut self, key: &str, value: &str) -> Self {
        self.text.push_str(",\"");
        self.text.push_str(key);
        self.text.push_str("\":");
        self.text.push_str(value);
        self
    }
}

/// A price as JSON.
pub(super) fn quotation(names: &WorldNames, item: &Quotation) -> String {
    let instrument = quoted(names.instrument(item.instrument));
    format!("{{\"instrument\":{instrument},\"timestamp\":{},\"as_of\":{}}}", nanos(item.timestamp), nanos(item.as_of))
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("every text is JSON")
}

fn nanos(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "null".to_owned(), |at| at.as_unix_nanos().to_string())
}
