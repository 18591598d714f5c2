//! Counts of a histogram that knows few intervals: sorted ones, and those that were counted last. Both together take memory for what
//! was counted, and none for what was not.

/// Counts that were added last are sorted in when there are this many, or as many as are sorted.
const RECENT: usize = 256;

/// Counts by interval, of few intervals.
#[derive(Clone, Debug, Default)]
pub(super) struct FewCounts {
    /// Intervals with their counts, ascending.
    sorted: Vec<(u16, u64)>,
    /// Intervals in the order in which they were counted since; none has a count yet.
    recent: Vec<u16>,
}

impl FewCounts {
    /// Counts once more in an interval.
    pub(super) fn count(&mut self, at: usize) {
        self.recent.push(number(at));
        if self.recent.len() >= RECENT.max(self.sorted.len()) {
            let mut recent = std::mem::take(&mut self.recent);
            self.sorted = union(&self.sorted, &counted(&mut recent));
            recent.clear();
            self.recent = recent;
        }
    }

    /// Adds counts of intervals, which ascend.
    pub(super) fn add_all(&mut self, counts: impl Iterator<Item = (usize, u64)>) {
        let others: Vec<(u16, u64)> = counts.map(|(at, count)| (number(at), count)).collect();
        self.sorted = union(&self.sorted, &others);
    }

    /// How many intervals are known, as far as they are sorted in.
    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The intervals that are not empty, ascending, with their counts.
    pub(super) fn ascending(&self) -> impl Iterator<Item = (usize, u64)> + use<> {
        let all = union(&self.sorted, &counted(&mut self.recent.clone()));
        all.into_iter().map(|(at, count)| (usize::from(at), count))
    }
}

fn number(at: usize) -> u16 {
    u16::try_from(at).expect("there are fewer than 65,536 intervals")
}

/// Intervals with their counts, ascending; leaves `recent` sorted.
fn counted(recent: &mut [u16]) -> Vec<(u16, u64)> {
    recent.sort_unstable();
    recent.chunk_by(|one, next| one == next).map(|alike| (alike[0], alike.len() as u64)).collect()
}

/// The intervals of both, which ascend, with the sums of their counts.
fn union(one: &[(u16, u64)], other: &[(u16, u64)]) -> Vec<(u16, u64)> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.iter().copied().peekable(), other.iter().copied().peekable());
    loop {
        all.push(match (one.peek(), other.peek()) {
            (Some(&(at, count)), Some(&(of_other, more))) if at == of_other => {
                one.next();
                other.next();
                (at, count + more)
            }
            (Some(of_one), Some(of_other)) if of_other < of_one => other.next().expect("it was looked at"),
            (Some(_), _) => one.next().expect("it was looked at"),
            (None, Some(_)) => other.next().expect("it was looked at"),
            (None, None) => return all,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn every_count_is_kept(counted in prop::collection::vec(0_usize..300, 0..900), added in prop::collection::btree_map(0_usize..300, 1_u64..9, 0..50)) {
            let (mut few, mut plain) = (FewCounts::default(), BTreeMap::new());
            for at in counted {
                few.count(at);
                *plain.entry(at).or_insert(0) += 1;
            }
            few.add_all(added.iter().map(|(at, count)| (*at, *count)));
            for (at, count) in added {
                *plain.entry(at).or_insert(0) += count;
            }
            prop_assert!(few.ascending().eq(plain));
        }
    }
}
