//! Elementary effects of one input: how strongly it moves a number, and whether always in the same way.

use super::bootstrap::bootstrap_half_width;

/// What the elementary effects of one input tell. An effect is the change of the number, divided by the signed step of the input,
/// on a scale on which the whole range of the input is 1.
///
/// Sources: Morris, *Factorial sampling plans for preliminary computational experiments*, 1991; for μ* Campolongo, Cariboni and
/// Saltelli, *An effective screening design for sensitivity analysis of large models*, 2007.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElementaryEffects {
    /// μ: their mean. Effects that go both ways cancel each other.
    pub mean: f64,
    /// μ*: the mean of their absolute values.
    pub mean_absolute: f64,
    /// σ: their standard deviation. It is large where the effect of the input depends on the other inputs, or on its own value.
    /// `None` of one effect.
    pub deviation: Option<f64>,
    /// Half of the interval of μ*, by bootstrap over the trajectories. `None` of one effect.
    pub half_width: Option<f64>,
}

impl ElementaryEffects {
    /// What `effects` tell, one of each trajectory, with an interval at the level `confidence`; `draw` has to give a number below
    /// its argument, each with the same probability. `None` without effects.
    pub fn of(effects: &[f64], confidence: f64, draw: &mut dyn FnMut(usize) -> usize) -> Option<Self> {
        if effects.is_empty() {
            return None;
        }
        let count = effects.len() as f64;
        let mean = effects.iter().sum::<f64>() / count;
        let mean_absolute = effects.iter().map(|effect| effect.abs()).sum::<f64>() / count;
        let squares: f64 = effects.iter().map(|effect| (effect - mean) * (effect - mean)).sum();
        let deviation = (effects.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
        let resampled = |parts: &[usize]| Some(parts.iter().map(|part| effects[*part].abs()).sum::<f64>() / count);
        let half_width = bootstrap_half_width(effects.len(), resampled, confidence, draw);
        Some(Self { mean, mean_absolute, deviation, half_width })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::bootstrap::tests::draws;

    #[test]
    fn effects_that_go_both_ways_cancel_in_the_mean_alone() {
        let of = ElementaryEffects::of(&[3.0, -1.0, 1.0, -3.0], 0.95, &mut draws()).expect("effects");
        assert_eq!((of.mean, of.mean_absolute), (0.0, 2.0));
        assert!((of.deviation.expect("several") - (20.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        // Student's: the absolute values 3, 1, 1, 3 deviate by √(4 / 3), and t(0.975; 3) = 3.182.
        let expected = 3.182_4 * (4.0_f64 / 3.0).sqrt() / 2.0;
        assert!((of.half_width.expect("several") / expected - 1.0).abs() < 0.06, "{of:?}");
    }

    #[test]
    fn one_effect_has_no_spread() {
        let of = ElementaryEffects::of(&[3.0], 0.95, &mut draws()).expect("an effect");
        assert_eq!((of.mean_absolute, of.deviation, of.half_width), (3.0, None, None));
        assert_eq!(ElementaryEffects::of(&[], 0.95, &mut draws()), None);
    }
}
