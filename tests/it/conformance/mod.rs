//! Recorded behaviour of the released system, replayed against `protocol` (see `tests/conformance/README.md`).

mod cases;
mod decode;
mod diff;
mod encode;
mod handlers;
mod instance;
mod lookups;
mod network;
mod released;
mod requester;
mod ruled;
mod stores;

use std::panic::{AssertUnwindSafe, catch_unwind};

use gtnet_sim::protocol::{Policy, Preset};
use serde::de::DeserializeOwned;
use serde_json::Value;

use cases::Case;

/// Failing cases of a family that are shown.
const SHOWN: usize = 5;

/// The rules that were recorded, where a case does not say otherwise.
fn recorded_policy() -> Policy {
    Policy::of(Preset::Gt0365)
}

/// Replays all cases of `family` and compares what `replay` makes of each input with what was recorded.
fn conform<I: DeserializeOwned>(family: &str, replay: impl Fn(&I) -> Value) {
    let cases = cases::load(family);
    let failures: Vec<String> = cases.iter().filter_map(|case| failure(case, &replay)).collect();
    // On a line of its own, also where the test runner has begun one.
    println!("\nconformance {family}: {} of {} cases", cases.len() - failures.len(), cases.len());
    for failure in failures.iter().take(SHOWN) {
        println!("{failure}");
    }
    assert!(failures.is_empty(), "{} cases of {family} fail", failures.len());
}

/// Why a case fails, if it does.
fn failure<I: DeserializeOwned>(case: &Case, replay: impl Fn(&I) -> Value) -> Option<String> {
    let input = match I::deserialize(&case.input) {
        Ok(input) => input,
        Err(error) => return Some(format!("{}: the input cannot be read: {error}", case.id)),
    };
    let Ok(output) = catch_unwind(AssertUnwindSafe(|| replay(&input))) else {
        return Some(format!("{}: the replay panicked", case.id));
    };
    let difference = diff::first_difference("output", &case.output, &output)?;
    Some(format!("{}: {difference}", case.id))
}

#[test]
fn pool_query() {
    conform("pool_query", lookups::pool_query);
}

#[test]
fn open_query() {
    conform("open_query", lookups::open_query);
}

#[test]
fn pool_update() {
    conform("pool_update", lookups::pool_update);
}

#[test]
fn process_response() {
    conform("process_response", requester::process_response);
}

#[test]
fn supplier_order_open() {
    conform("supplier_order_open", requester::supplier_order_open);
}

#[test]
fn supplier_order_push_open() {
    conform("supplier_order_push_open", requester::supplier_order_push_open);
}

#[test]
fn push_back() {
    conform("push_back", requester::push_back);
}

#[test]
fn retry_counter() {
    conform("retry_counter", requester::retry_counter);
}

#[test]
fn exchange_request_handler() {
    conform("exchange_request_handler", handlers::exchange_request);
}

#[test]
fn push_handler() {
    conform("push_handler", handlers::push);
}

#[test]
fn exchange() {
    conform("exchange", network::updates);
}

#[test]
fn exchange_sequence() {
    conform("exchange_sequence", network::updates);
}

#[test]
fn rules_0_36_9() {
    conform("rules_0_36_9", released::steps);
}

/// Replays the input of an `exchange` or `exchange_sequence` case and says where the outcome of its updates differs first.
pub(crate) fn difference_in_updates(input: &Value, expected: &Value) -> Option<String> {
    let input: network::Network = serde::Deserialize::deserialize(input).expect("the input of a case");
    let output = network::updates(&input);
    diff::first_difference("output.updates", expected, &output["updates"])
}
