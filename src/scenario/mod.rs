//! The scenario language: text in, a [`Scenario`] that is valid by construction out, or every mistake in it at once.
//!
//! File, the files that it starts from, overrides (`--set path=value`), presets, data files and defaults become one tree of values that know where
//! they come from; sections read their keys from it, each once, and note what is wrong instead of stopping. What is
//! resolved on the way can be printed with its source ([`Scenario::explain`]) or as TOML that reads back as an equal
//! scenario ([`Scenario::resolved_toml`]).

mod asking;
mod base;
mod checks;
mod context;
mod data;
mod distribution;
mod error;
mod excerpt;
mod fields;
mod file;
mod folder;
mod idle;
mod inherited;
mod item;
mod limits;
mod marks;
mod mistakes;
mod names;
mod overrides;
mod range;
mod reading;
mod remarks;
mod renamed;
mod render;
mod resolved;
mod rows;
mod section;
mod sections;
mod source;
mod study;
mod suggest;
mod switch;
mod tree;
mod units;
mod validated;

pub use error::{Mistake, Problem, ScenarioError};
pub use file::ScenarioFile;
pub use folder::{DataFiles, Folder, NoFiles};
pub use marks::MarkedLine;
pub(crate) use range::rounded;
pub use render::render;
pub use resolved::ResolvedValue;
pub use source::ValueSource;
pub use study::{
    FlipStudy, InEachWorld, Point, Study, UncertainInput, Uncertainty, VariedBy, VariedPoints, VariedTrajectory,
    WayOut, WorldAlternative, WorldStudy, WorldValue,
};
pub(crate) use units::{UnitSize, unit_size};
pub use validated::Scenario;
