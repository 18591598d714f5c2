//! The integration tests: one binary, one file for each kind of test.

mod allocation;
mod analytic;
mod conformance;
mod metamorphic;
mod properties;
mod protocol;
mod replay;
mod support;
