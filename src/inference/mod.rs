//! What the replications say about a quantity. Tables, charts, texts, searches, stopping rules and verdicts all ask here, so
//! that no two of them can disagree.
//!
//! A [`Quantity`] is a measure of a subject, with a contrast: its value, its value without `GTNet`, or what `GTNet` changes.
//! Its [`Answer`] is the mean over the replications, or the reason why there is none. One rule decides:
//!
//! | the measure [needs](crate::measures::Needs) | and | then the answer is |
//! |---|---|---|
//! | a steady queue, or waits that end | the queue or the waits grow without end | [`Saturated`](Answer::Saturated) |
//! | finished visits | too many visits are unfinished | [`CutOff`](Answer::CutOff): a lower bound of what adds up, no mean of anything else |
//! | | a replication does not determine it | [`Unknown`](Answer::Unknown) |
//! | | no replication has any | [`Never`](Answer::Never) |
//! | | more than a tenth of the replications have none | [`Rare`](Answer::Rare): the mean, and no interval |
//! | | otherwise | [`Known`](Answer::Known) |
//!
//! A quantile is one of all visits, prices or messages of all replications together, never the mean of the quantiles of
//! single replications. The distribution of something that more than a tenth of the replications lack is skewed: Student's
//! interval would hold the true mean too rarely (`docs/statistics.md` has the trials).
//!
//! When a server counts as saturated, and how many visits are too many, is defined in [`measures`](crate::measures).

mod answer;
mod decision;
mod judgement;
mod observations;
mod pooled;
mod verdict;

pub use answer::{Answer, Reason, mean};
pub use decision::Decision;
pub use judgement::judge;
pub use observations::Observations;
pub use pooled::quantile_contributions;
pub(crate) use pooled::{contributions_of_units, near};
pub use verdict::{Direction, Relevant, Verdict};

pub use crate::measures::{Contrast, Quantity, Subject};

/// Confidence of all intervals.
pub const CONFIDENCE: f64 = 0.95;
