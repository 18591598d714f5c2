//! What can be said of a difference: whether it is there, and whether it matters. Both follow from its interval alone.

use crate::measures::{Better, Contrast, Quantity};
use crate::stats::Paired;

/// What can be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is there. It matters if the whole interval is beyond what matters; else it is perhaps too small to matter.
    Differs(Direction, Relevant),
    /// It is smaller than what matters, as the whole interval is. If it is there all the same, its direction is known.
    Equal(Option<Direction>),
    /// It is smaller than what matters in each replication, and seen in too few of them for an interval that one could trust.
    EqualInEach,
    /// None of these can be said: the interval has both 0 and more than what matters in it, or there is no interval that one
    /// could trust.
    Uncertain,
    /// No replication shows any.
    NoneSeen,
    /// One replication or more does not determine it, or the two are no numbers of the same thing.
    NotKnown,
}

/// Where the variant is, seen from the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It is better.
    Better,
    /// It is worse.
    Worse,
    /// It is higher, of what is neither good nor bad.
    Higher,
    /// It is lower, of what is neither good nor bad.
    Lower,
}

/// Whether a difference that is there matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relevant {
    /// It does.
    Yes,
    /// It may or may not: the difference is perhaps too small.
    Perhaps,
}

impl Verdict {
    /// The verdict on a paired difference of `quantity` if a difference of `least` just matters. `confidence` is that of the
    /// difference's interval.
    #[must_use]
    pub fn of(quantity: &Quantity, paired: &Paired, least: f64, confidence: f64) -> Self {
        if paired.is_same() {
            return Self::NoneSeen;
        }
        let difference = &paired.difference;
        if paired.is_rare() {
            return if paired.largest <= least { Self::EqualInEach } else { Self::Uncertain };
        }
        let Some(half_width) = difference.half_width else { return Self::Uncertain };
        // Values that lie on a lattice often differ by the same amount: that has no width, and proves little.
        let is_chance = paired.p_value.is_none_or(|p_value| p_value > 1.0 - confidence);
        let (low, high) = (difference.mean - half_width, difference.mean + half_width);
        let direction = (!is_chance && (low > 0.0 || high < 0.0)).then(|| Direction::of(quantity, low > 0.0));
        let is_lattice = half_width == 0.0 && is_chance;
        match direction {
            _ if low >= -least && high <= least && !is_lattice => Self::Equal(direction),
            Some(direction) if low > least || high < -least => Self::Differs(direction, Relevant::Yes),
            Some(direction) => Self::Differs(direction, Relevant::Perhaps),
            None => Self::Uncertain,
        }
    }

    /// Where the variant is, if it is there in a way that matters or may matter.
    #[must_use]
    pub const fn direction(self) -> Option<Direction> {
        match self {
            Self::Differs(direction, _) => Some(direction),
            _ => None,
        }
    }

    /// The verdict in a word, as tables have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Differs(direction, _) => direction.name(),
            Self::Equal(_) => "equal",
            Self::EqualInEach => "equal in each",
            Self::Uncertain => "uncertain",
            Self::NoneSeen => "none seen",
            Self::NotKnown => "not known",
        }
    }

    /// Whether the difference matters, in a word, as tables have it; `None` if that cannot be told.
    #[must_use]
    pub const fn relevance(self) -> Option<&'static str> {
        match self {
            Self::Differs(_, Relevant::Yes) => Some("yes"),
            Self::Differs(_, Relevant::Perhaps) => Some("perhaps"),
            Self::Equal(_) => Some("no"),
            Self::EqualInEach | Self::Uncertain | Self::NoneSeen | Self::NotKnown => None,
        }
    }
}

impl Direction {
    /// Where a variant is whose `quantity` rises or else falls.
    #[must_use]
    pub fn of(quantity: &Quantity, rises: bool) -> Self {
        let better = if quantity.contrast == Contrast::Saving { Better::Higher } else { quantity.measure.better };
        match (better, rises) {
            (Better::Higher, true) | (Better::Lower, false) => Self::Better,
            (Better::Higher, false) | (Better::Lower, true) => Self::Worse,
            (Better::Neither, true) => Self::Higher,
            (Better::Neither, false) => Self::Lower,
        }
    }

    /// The direction in a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Higher => "higher",
            Self::Lower => "lower",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{FRESH_SHARE, MESSAGES, USER_WAIT_P50};
    use crate::stats::Sample;

    /// The verdict on four waits that are longer by these numbers of seconds, if 1 s matters.
    fn verdict(longer: [f64; 4]) -> Verdict {
        verdict_on(&Quantity::value(USER_WAIT_P50), longer)
    }

    fn verdict_on(quantity: &Quantity, longer: [f64; 4]) -> Verdict {
        let sample = |values: [f64; 4]| Sample::of(values.to_vec()).expect("values");
        let paired = Paired::of(&sample(longer.map(|more| 9.0 + more)), &sample([9.0; 4]), 0.95);
        Verdict::of(quantity, &paired, 1.0, 0.95)
    }

    /// Student's t with three degrees of freedom is 3.18: the half-widths are 1.59 times the deviation.
    #[test]
    fn the_interval_decides() {
        let worse = Direction::Worse;
        assert_eq!(verdict([4.9, 5.1, 5.0, 5.0]), Verdict::Differs(worse, Relevant::Yes));
        assert_eq!(verdict([-4.9, -5.1, -5.0, -5.0]), Verdict::Differs(Direction::Better, Relevant::Yes));
        assert_eq!(verdict([0.9, 1.1, 1.0, 1.0]), Verdict::Differs(worse, Relevant::Perhaps));
        assert_eq!(verdict([0.4, 0.6, 0.5, 0.5]), Verdict::Equal(Some(worse)));
        assert_eq!(verdict([0.1, -0.1, 0.2, -0.2]), Verdict::Equal(None));
        assert_eq!(verdict([4.0, -4.0, 2.0, -1.0]), Verdict::Uncertain);
        assert_eq!(verdict([0.0; 4]), Verdict::NoneSeen);
    }

    #[test]
    fn what_is_better_depends_on_the_measure() {
        let name = |measure| verdict_on(&Quantity::value(measure), [4.9, 5.1, 5.0, 5.0]).name();
        assert_eq!([USER_WAIT_P50, FRESH_SHARE, MESSAGES].map(name), ["worse", "better", "higher"]);
        assert_eq!(
            verdict_on(&Quantity::saving(crate::measures::CONNECTOR_CALLS), [4.9, 5.1, 5.0, 5.0]).name(),
            "better"
        );
    }

    /// A difference in one of four replications has no interval that one could trust; and no more than is seen can be said.
    #[test]
    fn what_differs_rarely_is_told_by_what_was_seen() {
        assert_eq!(verdict([0.0, 0.0, 0.0, 2.0]), Verdict::Uncertain);
        assert_eq!(verdict([0.0, 0.0, 0.0, 0.1]), Verdict::EqualInEach);
        assert_eq!(verdict([0.01, 0.02, 0.01, 0.1]), Verdict::Equal(None));
    }

    /// Four that go the same way by the same amount have a chance of 1 in 8.
    #[test]
    fn a_lattice_proves_little() {
        assert_eq!(verdict([5.0; 4]), Verdict::Uncertain);
        assert_eq!(verdict([0.5; 4]), Verdict::Uncertain);
    }

    #[test]
    fn one_replication_decides_nothing() {
        let sample = |value: f64| Sample::of(vec![value]).expect("a value");
        let paired = Paired::of(&sample(9.0), &sample(1.0), 0.95);
        assert_eq!(Verdict::of(&Quantity::value(USER_WAIT_P50), &paired, 1.0, 0.95), Verdict::Uncertain);
    }
}
