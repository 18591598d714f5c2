//! Statistics of plain numbers: what a handful of replications says about the mean, and summaries of samples.
//!
//! All sums run in the order of the slice and all transcendental functions are `libm`'s, so that results are the same on
//! every platform. A number that the samples do not support is `None`, never 0.

mod estimate;
mod student;
mod summary;

pub use estimate::Estimate;
pub use student::student_t_half_width;
pub use summary::{jain_index, max_over_mean, quantile};
