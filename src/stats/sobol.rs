//! Sobol's indices of one input: which share of the variance it has alone, and which share together with other inputs.

use super::bootstrap::bootstrap_half_width;

/// The numbers of Saltelli's design for one input. A and B are two independent samples of all inputs; AB is A with the input of B.
#[derive(Clone, Copy, Debug)]
pub struct SaltelliSample<'s> {
    /// The number at each point of A.
    pub a: &'s [f64],
    /// The number at each point of B, in the same order.
    pub b: &'s [f64],
    /// The number at each point of A with the input of B, in the same order.
    pub ab: &'s [f64],
    /// The mean of all numbers of the design, those of all inputs. The first-order estimator is the more exact the nearer to 0 the
    /// numbers are, so that it is subtracted.
    pub centre: f64,
    /// So many points after each other were drawn together; their blocks are independent.
    pub block: usize,
}

/// Sobol's indices of one input, which are shares of the variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SobolIndices {
    /// The first-order index: the share that the input has alone.
    pub first: f64,
    /// Half of its interval, by bootstrap over the blocks; `None` of one block.
    pub first_half_width: Option<f64>,
    /// The total index: the share that would be left if all other inputs were known.
    pub total: f64,
    /// Half of its interval.
    pub total_half_width: Option<f64>,
}

/// What the estimators add up over the points of a block.
#[derive(Clone, Copy, Debug, Default)]
struct BlockSums {
    count: f64,
    sum: f64,
    squares: f64,
    first: f64,
    total: f64,
}

impl SobolIndices {
    /// The indices, with intervals at the level `confidence`; `draw` has to give a number below its argument, each with the same
    /// probability. `None` without points, or if the number is the same at all points.
    ///
    /// Source: Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola, *Variance based sensitivity analysis of model output*,
    /// 2010: for the first-order index equation b of table 2, for the total index Jansen's, equation f.
    ///
    /// # Panics
    ///
    /// If there are not as many points of A, B and AB.
    pub fn of(sample: &SaltelliSample<'_>, confidence: f64, draw: &mut dyn FnMut(usize) -> usize) -> Option<Self> {
        let SaltelliSample { a, b, ab, centre, block } = *sample;
        assert!(a.len() == b.len() && a.len() == ab.len(), "A, B and AB have as many points");
        let blocks: Vec<BlockSums> = a
            .chunks(block.max(1))
            .zip(b.chunks(block.max(1)))
            .zip(ab.chunks(block.max(1)))
            .map(|((a, b), ab)| BlockSums::of([a, b, ab], centre))
            .collect();
        let all: Vec<usize> = (0..blocks.len()).collect();
        let first = |parts: &[usize]| BlockSums::together(&blocks, parts).first_order();
        let total = |parts: &[usize]| BlockSums::together(&blocks, parts).total_order();
        Some(Self {
            first: first(&all)?,
            first_half_width: bootstrap_half_width(blocks.len(), first, confidence, draw),
            total: total(&all)?,
            total_half_width: bootstrap_half_width(blocks.len(), total, confidence, draw),
        })
    }
}

impl BlockSums {
    fn of([a, b, ab]: [&[f64]; 3], centre: f64) -> Self {
        let mut sums = Self::default();
        for ((a, b), ab) in a.iter().zip(b).zip(ab) {
            let [a, b, ab] = [a, b, ab].map(|number| number - centre);
            sums.count += 1.0;
            sums.sum += a + b;
            sums.squares += a * a + b * b;
            sums.first += b * (ab - a);
            sums.total += (a - ab) * (a - ab);
        }
        sums
    }

    fn together(blocks: &[Self], parts: &[usize]) -> Self {
        parts.iter().map(|part| &blocks[*part]).fold(Self::default(), |all, part| Self {
            count: all.count + part.count,
            sum: all.sum + part.sum,
            squares: all.squares + part.squares,
            first: all.first + part.first,
            total: all.total + part.total,
        })
    }

    /// The variance of the numbers of A and B; `None` if they are all the same.
    fn variance(&self) -> Option<f64> {
        let mean = self.sum / (2.0 * self.count);
        let variance = self.squares / (2.0 * self.count) - mean * mean;
        // What rounding leaves of nothing is nothing.
        (variance > 1e-12 * self.squares / (2.0 * self.count)).then_some(variance)
    }

    fn first_order(&self) -> Option<f64> {
        Some(self.first / self.count / self.variance()?)
    }

    fn total_order(&self) -> Option<f64> {
        Some(self.total / (2.0 * self.count) / self.variance()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::bootstrap::tests::draws;

    type Corner = (f64, f64);

    /// Of x + 2 y at the corners of a square, x has a fifth of the variance and y the rest.
    #[test]
    fn shares_of_a_sum_are_those_of_its_variances() {
        let corners = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
        let pairs: Vec<_> = corners.iter().flat_map(|a| corners.iter().map(move |b| (*a, *b))).collect();
        let number = |(x, y): Corner| x + 2.0 * y;
        let all = |of: &dyn Fn(&(Corner, Corner)) -> Corner| -> Vec<f64> {
            pairs.iter().map(|pair| number(of(pair))).collect()
        };
        let (a, b) = (all(&|(a, _)| *a), all(&|(_, b)| *b));
        let with_x = all(&|(a, b)| (b.0, a.1));
        let with_y = all(&|(a, b)| (a.0, b.1));
        for (ab, share) in [(&with_x, 0.2), (&with_y, 0.8)] {
            let sample = SaltelliSample { a: &a, b: &b, ab, centre: 1.5, block: 4 };
            let of = SobolIndices::of(&sample, 0.95, &mut draws()).expect("a variance");
            assert!((of.first - share).abs() < 1e-12 && (of.total - share).abs() < 1e-12, "{of:?}");
            assert!(of.first_half_width.is_some());
        }
        let sample = SaltelliSample { a: &a, b: &b, ab: &a, centre: 1.5, block: 16 };
        let of = SobolIndices::of(&sample, 0.95, &mut draws()).expect("a variance");
        assert_eq!((of.first, of.total, of.total_half_width), (0.0, 0.0, None));
    }

    #[test]
    fn what_never_varies_has_no_shares() {
        let same = [0.1; 8];
        let sample = SaltelliSample { a: &same, b: &same, ab: &same, centre: 0.3, block: 2 };
        assert_eq!(SobolIndices::of(&sample, 0.95, &mut draws()), None);
    }
}
