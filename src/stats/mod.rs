//! Statistics of plain numbers: what a few replications tell of a mean, and summaries of samples.
//!
//! All sums run in the order of the slice, and all transcendental functions are `libm`'s, so that results are the same
//! on every platform. A number that the samples do not determine is `None`, never 0.

mod binomial;
mod bisection;
mod capacity;
mod components;
mod curve;
mod estimate;
mod fisher;
mod hinge;
mod least_squares;
mod multiple;
mod paired;
mod precision;
mod ratio;
mod sample;
mod student;
mod summary;
mod transient;

pub use binomial::{all_alike_bound, fair_coin_tail, share_interval, trials_to_be_sure};
pub use capacity::{Capacity, CapacitySearch, Judgement, LOOKS};
pub use components::VarianceComponents;
pub use curve::{CurveKnee, CurveLaw, CurveScale, CurveShape, curve_shape};
pub use estimate::Estimate;
pub use fisher::{f_upper_quantile, f_upper_tail};
pub use multiple::bonferroni_confidence;
pub use paired::Paired;
pub use precision::{Precision, looks};
pub use ratio::{jackknife_ratio, jackknife_values, saving_values};
pub use sample::Sample;
pub use student::{student_t_half_width, student_t_p_value};
pub use summary::{jain_index, max_over_mean, quantile};
pub use transient::{TRANSIENT_NEEDS, Transient, Trend, transients};
