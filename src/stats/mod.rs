//! Statistics of plain numbers: what a few replications tell of a mean, and summaries of samples.
//!
//! All sums run in the order of the slice, and all transcendental functions are `libm`'s, so that results are the same
//! on every platform. A number that the samples do not determine is `None`, never 0.

mod binomial;
mod bisection;
mod bootstrap;
mod capacity;
mod components;
mod curve;
mod elementary;
mod estimate;
mod fisher;
mod front;
mod hinge;
mod least_squares;
mod multiple;
mod nested;
mod paired;
mod precision;
mod prim;
mod queue;
mod ratio;
mod sample;
mod selection;
mod sobol;
mod student;
mod summary;
mod transient;

pub use binomial::share_interval;
pub(crate) use binomial::{all_alike_bound, fair_coin_tail, trials_to_be_sure};
pub use bootstrap::bootstrap_half_width;
pub use capacity::{Capacity, CapacitySearch, Judgement, LOOKS};
pub use components::VarianceComponents;
pub use curve::{CurveKnee, CurveLaw, CurveScale, CurveShape, curve_shape};
pub use elementary::ElementaryEffects;
pub use estimate::Estimate;
pub use front::{dominated_by, front_shares};
pub(crate) use multiple::bonferroni_confidence;
pub use nested::NestedComponents;
pub use paired::Paired;
pub use precision::{Precision, looks};
pub use prim::{Prim, PrimBox, PrimInput, PrimLimits, RestrictedSide, Restriction};
pub use queue::mean_wait;
pub use ratio::jackknife_ratio;
pub(crate) use ratio::saving_values;
pub use sample::{Sample, is_rare};
pub use selection::{Elimination, Selection, SelectionRule};
pub use sobol::{SaltelliSample, SobolIndices};
pub use summary::quantile;
pub(crate) use summary::{jain_index, max_over_mean};
pub use transient::{TRANSIENT_NEEDS, Transient, Trend, transients};
