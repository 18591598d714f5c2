//! The integration tests: one binary, one file for each kind of test.

mod conformance;
mod protocol;
