//! The encoding of cases: instruments, prices and settings as the released system names them.

use std::collections::BTreeSet;
use std::sync::Mutex;

use gtnet_sim::protocol::{
    AcceptMode, InstrumentKey, Policy, Preset, Price, PriceContent, PriceItem, PushBack, RequestBudget, ServerState,
};
use gtnet_sim::time::{SimDuration, Timestamp};
use serde::{Deserialize, Deserializer};

/// What names an instrument; any part may be absent or empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "RawKey")]
pub(super) enum Key {
    Security { isin: Part, currency: Part },
    Pair { from: Part, to: Part },
}

type Part = Option<&'static str>;

/// The parts; which of them are there tells securities from pairs, though they be null.
#[derive(Deserialize)]
struct RawKey {
    #[serde(default, deserialize_with = "named")]
    isin: Field,
    currency: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Default)]
enum Field {
    #[default]
    Missing,
    There(Option<String>),
}

fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
    Option::deserialize(deserializer).map(Field::There)
}

impl From<RawKey> for Key {
    fn from(raw: RawKey) -> Self {
        match raw.isin {
            Field::There(isin) => Self::Security { isin: intern(isin), currency: intern(raw.currency) },
            Field::Missing => Self::Pair { from: intern(raw.from), to: intern(raw.to) },
        }
    }
}

/// Keys are copied everywhere: their few texts live as long as the tests.
fn intern(text: Option<String>) -> Part {
    static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let text = text?;
    let mut texts = TEXTS.lock().expect("nobody panics while holding it");
    if let Some(known) = texts.get(text.as_str()) {
        return Some(known);
    }
    let kept: &'static str = text.leak();
    texts.insert(kept);
    Some(kept)
}

impl Key {
    pub(super) fn is_pair(self) -> bool {
        matches!(self, Self::Pair { .. })
    }

    /// By what outputs are sorted.
    pub(super) fn label(self) -> String {
        let (Self::Security { isin: first, currency: second } | Self::Pair { from: first, to: second }) = self;
        format!("{}:{}", first.unwrap_or("null"), second.unwrap_or("null"))
    }
}

impl InstrumentKey for Key {
    fn is_complete(self) -> bool {
        let (Self::Security { isin: first, currency: second } | Self::Pair { from: first, to: second }) = self;
        first.is_some() && second.is_some()
    }

    fn is_named(self) -> bool {
        match self {
            Self::Security { isin, .. } => isin.is_some(),
            Self::Pair { from, to } => from.is_some() && to.is_some(),
        }
    }

    fn is_blank(self) -> bool {
        match self {
            Self::Security { isin, .. } => isin == Some(""),
            Self::Pair { from, to } => from == Some("") || to == Some(""),
        }
    }
}

/// What a price carries beside its timestamp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Content {
    pub(super) open: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) last: Option<f64>,
    pub(super) volume: Option<f64>,
    /// Whether the table that this price stands in has room for a volume: that of an instance's own pairs has none.
    pub(super) has_volume: bool,
}

impl PriceContent for Content {
    const NOTHING: Self = Self { open: None, high: None, low: None, last: None, volume: None, has_volume: true };

    fn has_last(&self) -> bool {
        self.last.is_some()
    }

    fn update(&mut self, newer: &Self) {
        self.open = newer.open.or(self.open);
        self.high = newer.high.or(self.high);
        self.low = newer.low.or(self.low);
        self.last = newer.last.or(self.last);
        if self.has_volume {
            self.volume = newer.volume.or(self.volume);
        }
    }
}

/// A price as cases write it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct RawPrice {
    ts: Option<i64>,
    open: Option<f64>,
    high: Option<f64>,
    low: Option<f64>,
    last: Option<f64>,
    volume: Option<f64>,
}

impl RawPrice {
    /// The price on its way, or in a pool.
    pub(super) fn price(self) -> Price<Content> {
        let Self { ts, open, high, low, last, volume } = self;
        let content = Content { open, high, low, last, volume, has_volume: true };
        Price { timestamp: ts.map(Timestamp::from_unix_secs), content }
    }

    /// The price in an instance's own instruments.
    pub(super) fn local(self, key: Key) -> Price<Content> {
        let mut price = self.price();
        price.content.has_volume = !key.is_pair();
        price
    }
}

/// An instrument with its price.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct RawItem {
    #[serde(flatten)]
    pub(super) key: Key,
    pub(super) price: RawPrice,
}

/// A row of a pool; `price: null` is an instrument without a price.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct RawPoolRow {
    #[serde(flatten)]
    pub(super) key: Key,
    pub(super) price: Option<RawPrice>,
}

/// What a message carries.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct RawPayload {
    securities: Option<Vec<RawItem>>,
    pairs: Option<Vec<RawItem>>,
    pub(super) min_acceptable_ts: Option<i64>,
}

impl RawPayload {
    pub(super) fn items(&self) -> Vec<PriceItem<Key, Content>> {
        let both = self.securities.iter().chain(&self.pairs);
        both.flatten().copied().map(as_item).collect()
    }
}

pub(super) fn as_item(raw: RawItem) -> PriceItem<Key, Content> {
    PriceItem { instrument: raw.key, price: raw.price.price() }
}

/// A configured connector.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct RawConnector {
    delay: i64,
}

impl RawConnector {
    pub(super) fn connector(self) -> gtnet_sim::protocol::Connector {
        gtnet_sim::protocol::Connector { delay: seconds(self.delay) }
    }
}

/// What a connector would deliver.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct RawOutcome {
    pub(super) ok: bool,
    pub(super) price: Option<RawPrice>,
}

/// The numbers that an instance is configured with.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Params {
    pub(super) intra_retry: u32,
    pub(super) gtnet_quote_retry: u32,
    pub(super) intra_update_timeout: i64,
    #[serde(default)]
    pub(super) watchlist_update_timeout: i64,
    #[serde(default)]
    pub(super) gtnet_lastprice_delay: i64,
}

pub(super) fn seconds(secs: i64) -> SimDuration {
    SimDuration::from_secs(u64::try_from(secs).expect("a duration is not negative"))
}

pub(super) fn timestamp(secs: i64) -> Timestamp {
    Timestamp::from_unix_secs(secs)
}

/// The rules of an instance, where they are not those that were recorded.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RawRules {
    preset: String,
    /// Whether it pushes at all.
    push_back: bool,
}

impl RawRules {
    pub(super) fn policy(&self) -> Policy {
        let preset = Preset::ALL.into_iter().find(|preset| preset.name() == self.preset);
        let policy = Policy::of(preset.unwrap_or_else(|| panic!("no preset is called {}", self.preset)));
        let push_back = if self.push_back { policy.push_back } else { PushBack::None };
        // Whether there is a log is a setting of each instance.
        Policy { push_back, exchange_log: true, ..policy }
    }
}

/// Messages counted on the day of the last one.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct RawBudget {
    day: i64,
    out: Option<u32>,
    r#in: Option<u32>,
}

impl RawBudget {
    pub(super) fn budget(self) -> RequestBudget {
        RequestBudget::of_day(self.day, self.r#in, self.out)
    }
}

/// [`AcceptMode`] as cases write it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawAccept {
    Closed,
    Open,
    PushOpen,
}

impl From<RawAccept> for AcceptMode {
    fn from(raw: RawAccept) -> Self {
        match raw {
            RawAccept::Closed => Self::Closed,
            RawAccept::Open => Self::Open,
            RawAccept::PushOpen => Self::PushOpen,
        }
    }
}

/// [`ServerState`] as cases write it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawState {
    Open,
    Closed,
    Maintenance,
    #[default]
    None,
}

impl From<RawState> for ServerState {
    fn from(raw: RawState) -> Self {
        match raw {
            RawState::Open => Self::Open,
            RawState::Closed => Self::Closed,
            RawState::Maintenance => Self::Maintenance,
            RawState::None => Self::None,
        }
    }
}
