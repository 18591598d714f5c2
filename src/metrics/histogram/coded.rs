//! Counts of a histogram in which nothing is counted any more, as bytes: there may be a hundred thousand such histograms.

/// Counts by interval, ascending. Each interval takes a number, 7 bits to a byte: how far it is from the one before, times two; plus one
/// if it has been counted more than once, and then the count follows.
#[derive(Clone, Debug)]
pub(super) struct CodedCounts(Box<[u8]>);

impl CodedCounts {
    /// The intervals that are not empty, ascending, with their counts.
    pub(super) fn ascending(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let (mut bytes, mut at) = (self.0.iter(), 0);
        std::iter::from_fn(move || {
            let head = read(&mut bytes)?;
            at += head / 2;
            let count = if head % 2 == 0 { 1 } else { read(&mut bytes).expect("a count follows") };
            Some((usize::try_from(at).expect("a number of an interval"), count))
        })
    }
}

#[cfg(test)]
impl CodedCounts {
    /// Memory \[bytes\].
    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// Counts that ascend; none is 0.
impl FromIterator<(usize, u64)> for CodedCounts {
    fn from_iter<I: IntoIterator<Item = (usize, u64)>>(counts: I) -> Self {
        let (mut bytes, mut before) = (Vec::new(), 0);
        for (at, count) in counts {
            let distance = (at - before) as u64;
            before = at;
            write(&mut bytes, 2 * distance + u64::from(count != 1));
            if count != 1 {
                write(&mut bytes, count);
            }
        }
        Self(bytes.into_boxed_slice())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits are taken at a time")]
fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read<'b>(bytes: &mut impl Iterator<Item = &'b u8>) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = *bytes.next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_coded_is_read(counts in prop::collection::btree_map(0_usize..70_000, prop_oneof![Just(1), 1..=u64::MAX], 0..300)) {
            let coded: CodedCounts = counts.iter().map(|(at, count)| (*at, *count)).collect();
            prop_assert!(coded.ascending().eq(counts));
        }
    }

    #[test]
    fn most_intervals_take_one_byte() {
        let coded: CodedCounts = (0..1_000).map(|at| (60 * at, 1)).collect();
        assert!(coded.bytes() < 2_000, "{}", coded.bytes());
        let coded: CodedCounts = (0..1_000).map(|at| (7 * at, 1)).collect();
        assert_eq!(coded.bytes(), 1_000);
    }
}
