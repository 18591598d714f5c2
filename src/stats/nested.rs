//! Variance components of a nested design: worlds, groups within each world, and values within each group.

use super::{Estimate, Sample};

/// How far the values vary from world to world, between the groups of a world, and within a group.
///
/// The model has random effects and is balanced: every world has as many groups, and every group as many values (Searle, Casella and
/// `McCulloch`, *Variance Components*, section 3.3; the nested classification of Snedecor and Cochran, *Statistical Methods*).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NestedComponents {
    /// Mean over all values.
    pub mean: f64,
    /// Variance from world to world, between the groups of a world, and within a group; an estimate below 0 is given as 0.
    pub variances: [f64; 3],
    /// The shares of these three in their sum.
    pub shares: [f64; 3],
    /// Half of the interval of each share, by the jackknife over worlds; `None` with less than three worlds.
    pub half_widths: Option<[f64; 3]>,
}

impl NestedComponents {
    /// The components of `worlds`, each of which has groups of values, with intervals at the level `confidence`. `None` with less than
    /// two worlds, two groups in each or two values in each of them, or if all values are the same.
    ///
    /// # Panics
    ///
    /// If worlds or groups differ in size.
    #[must_use]
    pub fn of(worlds: &[Vec<Vec<f64>>], confidence: f64) -> Option<Self> {
        let groups = worlds.first().map_or(0, Vec::len);
        let size = worlds.first().and_then(|world| world.first()).map_or(0, Vec::len);
        assert!(
            worlds.iter().all(|world| world.len() == groups && world.iter().all(|group| group.len() == size)),
            "worlds and groups are all of one size"
        );
        if worlds.len() < 2 || groups < 2 || size < 2 {
            return None;
        }
        let all: Vec<&Vec<Vec<f64>>> = worlds.iter().collect();
        let (mean, variances) = variances(&all);
        let shares = shares(variances)?;
        let count = worlds.len() as f64;
        // Pseudo-values: n times the whole, less n − 1 times what is left without one world.
        let without = |world: usize| {
            let rest: Vec<&Vec<Vec<f64>>> =
                all.iter().enumerate().filter(|(other, _)| *other != world).map(|(_, rest)| *rest).collect();
            self::shares(self::variances(&rest).1)
        };
        let left: Option<Vec<[f64; 3]>> =
            if worlds.len() > 2 { (0..worlds.len()).map(without).collect() } else { None };
        let half_width = |left: &Vec<[f64; 3]>, part: usize| -> Option<f64> {
            let pseudo = left.iter().map(|left| count * shares[part] - (count - 1.0) * left[part]).collect();
            let estimate: Estimate = Sample::of(pseudo)?.estimate(confidence);
            estimate.half_width
        };
        let half_widths = left.and_then(|left| {
            let [world, group, value] = [0, 1, 2].map(|part| half_width(&left, part));
            Some([world?, group?, value?])
        });
        Some(Self { mean, variances, shares, half_widths })
    }
}

/// The mean of all values, and the three variances.
fn variances(worlds: &[&Vec<Vec<f64>>]) -> (f64, [f64; 3]) {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let squares =
        |values: &[f64], around: f64| values.iter().map(|value| (value - around) * (value - around)).sum::<f64>();
    let (count, groups, size) = (worlds.len() as f64, worlds[0].len() as f64, worlds[0][0].len() as f64);
    let (mut within, mut between) = (0.0, 0.0);
    let mut means = Vec::with_capacity(worlds.len());
    for world in worlds {
        let of_groups: Vec<f64> = world.iter().map(|group| mean(group)).collect();
        within += world.iter().zip(&of_groups).map(|(group, around)| squares(group, *around)).sum::<f64>();
        let own = mean(&of_groups);
        between += squares(&of_groups, own);
        means.push(own);
    }
    let whole = mean(&means);
    let within = within / (count * groups * (size - 1.0));
    let between = size * between / (count * (groups - 1.0));
    let across = groups * size * squares(&means, whole) / (count - 1.0);
    let of_worlds = ((across - between) / (groups * size)).max(0.0);
    (whole, [of_worlds, ((between - within) / size).max(0.0), within])
}

fn shares(variances: [f64; 3]) -> Option<[f64; 3]> {
    let sum: f64 = variances.iter().sum();
    (sum > 0.0).then(|| variances.map(|variance| variance / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: worlds with the means 2 and 8; groups 1, 3 and 6, 10; values ± 1 around each group.
    #[test]
    fn components_by_hand() {
        let group = |mean: f64| vec![mean - 1.0, mean + 1.0];
        let worlds = [vec![group(1.0), group(3.0)], vec![group(6.0), group(10.0)]];
        let of = NestedComponents::of(&worlds, 0.95).expect("components");
        // MS within = 8 / 4 = 2; MS between groups = 2 · (2 + 8) / 2 = 10; MS of worlds = 4 · (9 + 9) / 1 = 72.
        assert_eq!((of.mean, of.variances), (5.0, [(72.0 - 10.0) / 4.0, 4.0, 2.0]));
        assert!((of.shares[0] - 15.5 / 21.5).abs() < 1e-12 && of.half_widths.is_none());
    }

    const TRIALS: u32 = 400;

    /// Values whose three components are 9, 4 and 1: the intervals hold the shares about as often as they say.
    #[test]
    fn shares_are_found_and_their_intervals_hold_them() {
        let truth = [9.0 / 14.0, 4.0 / 14.0, 1.0 / 14.0];
        let (mut held, mut sums) = ([0_u32; 3], [0.0; 3]);
        let mut state = 1_u64;
        // Twelve uniform numbers of a congruential generator (Knuth's MMIX), which is enough for a test.
        let mut normal = || {
            let mut uniform = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / (1_u64 << 53) as f64
            };
            (0..12).map(|_| uniform()).sum::<f64>() - 6.0
        };
        for _ in 0..TRIALS {
            let mut worlds = Vec::new();
            for _ in 0..60 {
                let world = 3.0 * normal();
                let mut groups = Vec::new();
                for _ in 0..2 {
                    let group = world + 2.0 * normal();
                    groups.push(vec![group + normal(), group + normal()]);
                }
                worlds.push(groups);
            }
            let of = NestedComponents::of(&worlds, 0.95).expect("components");
            let half_widths = of.half_widths.expect("many worlds");
            for part in 0..3 {
                held[part] += u32::from((of.shares[part] - truth[part]).abs() <= half_widths[part]);
                sums[part] += of.shares[part] / f64::from(TRIALS);
            }
        }
        for part in 0..3 {
            let share = f64::from(held[part]) / f64::from(TRIALS);
            assert!((0.90..=0.985).contains(&share), "part {part}: {share}");
            assert!((sums[part] - truth[part]).abs() < 0.02, "part {part}: {}", sums[part]);
        }
    }

    #[test]
    fn too_little_has_no_components() {
        assert_eq!(NestedComponents::of(&[], 0.95), None);
        assert_eq!(NestedComponents::of(&vec![vec![vec![1.0, 2.0]; 2]; 1], 0.95), None);
        assert_eq!(NestedComponents::of(&vec![vec![vec![1.0, 2.0]]; 5], 0.95), None);
        assert_eq!(NestedComponents::of(&vec![vec![vec![1.0]; 2]; 5], 0.95), None);
        assert_eq!(NestedComponents::of(&vec![vec![vec![1.0, 1.0]; 2]; 5], 0.95), None);
    }
}
