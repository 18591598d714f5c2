//! A histogram in as few bytes as it needs, since a study keeps many; it unpacks to exactly what was packed.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use super::{Counts, LogHistogram};

/// A packed [`LogHistogram`], into which nothing can be recorded. It is written as a text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackedHistogram(Arc<[u8]>);

/// The numbers that are compressed: they are small, and most take one byte.
#[derive(Serialize, Deserialize)]
struct Sparse {
    /// For each interval that is not empty: its distance from the one before it, and its count.
    intervals: Vec<(u32, u64)>,
    finished: u64,
    unfinished: u64,
    sum_nanos: u128,
    range: Option<(u64, u64)>,
}

/// A text is not a packed histogram.
#[derive(Debug, thiserror::Error)]
#[error("a histogram is damaged")]
pub struct DamagedHistogram;

impl PackedHistogram {
    /// Packs `histogram`.
    #[must_use]
    pub fn of(histogram: &LogHistogram) -> Self {
        let mut before = 0;
        let distance = |(at, count): (usize, u64)| {
            let at = u32::try_from(at).expect("there are few intervals");
            let distance = at - before;
            before = at;
            (distance, count)
        };
        let sparse = Sparse {
            intervals: histogram.counts.ascending().map(distance).collect(),
            finished: histogram.finished,
            unfinished: histogram.unfinished,
            sum_nanos: histogram.sum_nanos,
            range: histogram.range,
        };
        let plain = postcard::to_allocvec(&sparse).expect("numbers always serialise");
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(&plain).expect("writing into memory");
        Self(deflated.finish().expect("writing into memory").into())
    }

    /// The histogram that was packed.
    #[must_use]
    pub fn unpack(&self) -> LogHistogram {
        unpacked(&self.0).expect("only what can be unpacked is packed or read")
    }

    /// Memory that it takes \[bytes\].
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.0.len()
    }
}

fn unpacked(deflated: &[u8]) -> Option<LogHistogram> {
    let mut plain = Vec::new();
    DeflateDecoder::new(deflated).read_to_end(&mut plain).ok()?;
    let Sparse { intervals, finished, unfinished, sum_nanos, range } = postcard::from_bytes(&plain).ok()?;
    let mut at = 0;
    let counts = intervals.into_iter().map(|(distance, count)| {
        at += distance as usize;
        (at, count)
    });
    Some(LogHistogram { counts: Counts::read(counts.collect())?, finished, unfinished, sum_nanos, range })
}

impl From<PackedHistogram> for String {
    fn from(packed: PackedHistogram) -> Self {
        BASE64.encode(&packed.0)
    }
}

impl TryFrom<String> for PackedHistogram {
    type Error = DamagedHistogram;

    fn try_from(text: String) -> Result<Self, DamagedHistogram> {
        let deflated = BASE64.decode(text).map_err(|_| DamagedHistogram)?;
        unpacked(&deflated).ok_or(DamagedHistogram)?;
        Ok(Self(deflated.into()))
    }
}

impl fmt::Debug for PackedHistogram {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PackedHistogram({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(
            nanos in prop::collection::vec(prop_oneof![0_u64..10_000, 0_u64..1_u64 << 56], 0..300),
            unfinished in 0_u64..9,
        ) {
            let mut histogram = LogHistogram::new();
            for nanos in nanos {
                histogram.record(SimDuration::from_nanos(nanos));
            }
            histogram.record_unfinished(unfinished);
            let packed = PackedHistogram::of(&histogram);
            prop_assert_eq!(packed.unpack(), histogram);
            let text = serde_json::to_string(&packed).expect("a text");
            prop_assert_eq!(serde_json::from_str::<PackedHistogram>(&text).expect("a histogram"), packed);
        }
    }

    #[test]
    fn it_takes_little_memory() {
        let mut histogram = LogHistogram::new();
        (0..200_000_u64).for_each(|at| histogram.record(SimDuration::from_micros(1_000 + at * at % 90_000_000)));
        let plain = histogram.intervals().count() * size_of::<(u64, u64)>();
        let packed = PackedHistogram::of(&histogram).bytes();
        assert!(packed * 6 < plain, "{packed} instead of {plain} bytes");
    }

    #[test]
    fn what_is_no_histogram_is_not_read() {
        for text in ["\"\"", "\"many\"", "\"AAAA\"", "3"] {
            assert!(serde_json::from_str::<PackedHistogram>(text).is_err(), "{text}");
        }
    }
}
