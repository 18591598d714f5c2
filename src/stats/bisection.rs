//! Finds by bisection where a condition begins to hold, to the last bit.

/// The least number above 0 for which `holds` is true. From that number on `holds` must always be true, and below it
/// never.
///
/// The bisection ends when two numbers are neighbours. It needs no tolerance to be chosen, and no start that could
/// fail.
pub(super) fn least(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while !holds(high) {
        low = high;
        high *= 2.0;
    }
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return high;
        }
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_number_is_found_exactly() {
        for limit in [1e-12, 0.3, 1.0, 7.5, 1e9] {
            assert_eq!(least(|number| number >= limit).to_bits(), f64::to_bits(limit), "{limit}");
        }
    }
}
