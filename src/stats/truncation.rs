//! How much of the beginning of a run belongs to its warm-up.

/// Observations in a batch of MSER-5.
const BATCH: usize = 5;

/// The last batches are never left alone: so few of them are alike by chance.
const LAST_BATCHES: usize = 5;

/// With fewer than eleven no cut beyond the half would leave five, so that nothing could be refused.
const LEAST_BATCHES: usize = 12;

/// Observations that [`mser_5`] needs at least.
pub const MSER_5_NEEDS: usize = LEAST_BATCHES * BATCH;

/// What MSER-5 says of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// The first so many observations belong to the warm-up; 0 is none.
    First(usize),
    /// More than half of them would: the series has not settled, or is too short to tell.
    MoreThanHalf,
    /// It has fewer than [`MSER_5_NEEDS`] observations.
    TooShort,
}

/// The warm-up of `series` by MSER-5: of all ways to cut off whole batches of five observations at the beginning, the one
/// that makes the standard error of the mean of the remaining batch means the smallest.
///
/// Source: White, Cobb and Spratt, *A comparison of five steady-state truncation heuristics for simulation*, Winter
/// Simulation Conference 2000; that the last five batches are no place to cut, and that a cut beyond the half is refused:
/// Hoad, Robinson and Davies, *Automating warm-up length estimation*, Journal of the Operational Research Society, 2010.
#[must_use]
pub fn mser_5(series: &[f64]) -> Truncation {
    let batches: Vec<f64> = series.chunks_exact(BATCH).map(|batch| batch.iter().sum::<f64>() / BATCH as f64).collect();
    if batches.len() < LEAST_BATCHES {
        return Truncation::TooShort;
    }
    // Equal observations have unequal errors, by rounding; the least cut is the best of those that differ by no more.
    let rounding = batches.iter().fold(0.0_f64, |most, batch| most.max(batch.abs())) * 1e-12;
    let error = |cut: &usize| marginal_error(&batches[*cut..]).max(rounding * rounding);
    let best = (0..=batches.len() - LAST_BATCHES).min_by(|one, other| error(one).total_cmp(&error(other)));
    match best.unwrap_or(0) {
        cut if 2 * cut > batches.len() => Truncation::MoreThanHalf,
        cut => Truncation::First(cut * BATCH),
    }
}

/// The square of the standard error of the mean of `rest`, but for a factor that is nearly 1: what MSER minimises.
fn marginal_error(rest: &[f64]) -> f64 {
    let count = rest.len() as f64;
    let mean = rest.iter().sum::<f64>() / count;
    rest.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What looks random but is not: the fractional parts of multiples of the golden ratio, in −0.5…0.5.
    fn noise(index: usize) -> f64 {
        (index as f64 * 0.618_033_988_749_894_9).fract() - 0.5
    }

    #[test]
    fn what_decays_is_cut_off() {
        // A start at 100 that halves every observation: lost in noise after ten.
        let decaying: Vec<f64> = (0..100).map(|at| 100.0 * libm::exp2(-(at as f64)) + noise(at)).collect();
        let Truncation::First(cut) = mser_5(&decaying) else { panic!("it settles") };
        assert!((5..=15).contains(&cut), "{cut}");
        let step: Vec<f64> = (0..100).map(|at| if at < 22 { 10.0 } else { 0.0 } + noise(at)).collect();
        assert_eq!(mser_5(&step), Truncation::First(25), "whole batches");
    }

    #[test]
    fn what_is_settled_from_the_start_keeps_its_beginning() {
        let settled: Vec<f64> = (0..200).map(|at| 3.0 + noise(at)).collect();
        assert!(matches!(mser_5(&settled), Truncation::First(cut) if cut <= 50));
        assert_eq!(mser_5(&[7.0; 60]), Truncation::First(0));
        assert_eq!(mser_5(&[0.9; 85]), Truncation::First(0), "0.9 is not exact, and neither is a mean of it");
    }

    #[test]
    fn what_never_settles_is_refused() {
        let trend: Vec<f64> = (0..100).map(|at| at as f64 + noise(at)).collect();
        assert_eq!(mser_5(&trend), Truncation::MoreThanHalf);
        let late: Vec<f64> = (0..100).map(|at| if at < 70 { 10.0 } else { 0.0 } + noise(at)).collect();
        assert_eq!(mser_5(&late), Truncation::MoreThanHalf);
    }

    #[test]
    fn a_short_series_says_nothing() {
        assert_eq!(mser_5(&[1.0; MSER_5_NEEDS - 1]), Truncation::TooShort);
    }
}
