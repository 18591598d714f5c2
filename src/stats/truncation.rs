//! Finds how much of the beginning of a run belongs to its warm-up.

/// Observations in a batch of MSER-5.
const BATCH: usize = 5;

/// At least this many batches must remain: fewer may look alike by chance.
const LAST_BATCHES: usize = 5;

/// With fewer than eleven batches, a cut beyond the half would leave fewer than five of them, so that no series could
/// be refused.
const LEAST_BATCHES: usize = 12;

/// The least number of observations that [`mser_5`] needs.
pub const MSER_5_NEEDS: usize = LEAST_BATCHES * BATCH;

/// What MSER-5 finds in a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// The warm-up is this many observations at the beginning; 0 if there is none.
    First(usize),
    /// The warm-up would be more than half of the observations: the series has not settled, or is too short to tell.
    MoreThanHalf,
    /// The series has fewer than [`MSER_5_NEEDS`] observations.
    TooShort,
}

/// The warm-up of `series` by MSER-5. A cut removes whole batches of five observations at the beginning. MSER-5 takes
/// the cut after which the standard error of the mean of the remaining batch means is smallest.
///
/// Source: White, Cobb and Spratt, *A comparison of five steady-state truncation heuristics for simulation*, Winter
/// Simulation Conference 2000. Two rules come from Hoad, Robinson and Davies, *Automating warm-up length estimation*,
/// Journal of the Operational Research Society, 2010: the last five batches are never cut, and a cut beyond the half is
/// refused.
#[must_use]
pub fn mser_5(series: &[f64]) -> Truncation {
    let batches: Vec<f64> = series.chunks_exact(BATCH).map(|batch| batch.iter().sum::<f64>() / BATCH as f64).collect();
    if batches.len() < LEAST_BATCHES {
        return Truncation::TooShort;
    }
    // By rounding, equal observations may have unequal errors. Among cuts whose errors differ by no more than that, the
    // smallest cut is taken.
    let rounding = batches.iter().fold(0.0_f64, |most, batch| most.max(batch.abs())) * 1e-12;
    let error = |cut: &usize| marginal_error(&batches[*cut..]).max(rounding * rounding);
    let best = (0..=batches.len() - LAST_BATCHES).min_by(|one, other| error(one).total_cmp(&error(other)));
    match best.unwrap_or(0) {
        cut if 2 * cut > batches.len() => Truncation::MoreThanHalf,
        cut => Truncation::First(cut * BATCH),
    }
}

/// What MSER minimises: the square of the standard error of the mean of `rest`, up to a factor near 1.
fn marginal_error(rest: &[f64]) -> f64 {
    let count = rest.len() as f64;
    let mean = rest.iter().sum::<f64>() / count;
    rest.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random but are not: the fractional parts of multiples of the golden ratio, in −0.5…0.5.
    fn noise(index: usize) -> f64 {
        (index as f64 * 0.618_033_988_749_894_9).fract() - 0.5
    }

    #[test]
    fn what_decays_is_cut_off() {
        // The series starts at 100 and halves with every observation, so that after ten it is lost in noise.
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
