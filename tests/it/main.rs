//! The integration tests: one binary, one file for each kind of test.

mod allocation;
mod analytic;
mod architecture;
mod cli;
mod conformance;
mod coverage;
mod determinism;
mod experiments;
mod extremes;
mod interruption;
mod metamorphic;
mod presets;
mod properties;
mod protocol;
mod quotes;
mod readme;
mod replay;
mod scenario_base;
mod scenario_errors;
mod scenario_properties;
mod scenario_scale;
mod scenario_study;
mod scenario_tables;
mod support;
