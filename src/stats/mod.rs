//! Statistics of plain numbers: what a handful of replications says about the mean, and summaries of samples.
//!
//! All sums run in the order of the slice and all transcendental functions are `libm`'s, so that results are the same on
//! every platform. A number that the samples do not support is `None`, never 0.

mod bisection;
mod capacity;
mod components;
mod estimate;
mod fisher;
mod interpolation;
mod knee;
mod multiple;
mod paired;
mod precision;
mod ratio;
mod student;
mod summary;
mod transient;

pub use capacity::{Capacity, CapacitySearch, Judgement, LOOKS};
pub use components::VarianceComponents;
pub use estimate::Estimate;
pub use fisher::{f_upper_quantile, f_upper_tail};
pub use knee::{knee, knee_estimate};
pub use multiple::{bonferroni_confidence, holm};
pub use paired::Paired;
pub use precision::{Precision, looks};
pub use ratio::{jackknife_ratio, jackknife_values, saving_values};
pub use student::{student_t_half_width, student_t_p_value};
pub use summary::{jain_index, max_over_mean, quantile};
pub use transient::{TRANSIENT_NEEDS, Transient, Trend, transients};
