//! Hostile inputs, by the thousand: whatever they are, the program ends as it says it ends, and loses nothing.
//!
//! A case is a pair of numbers, seed and case, and is the same on every machine. `cargo test` tries a few of each kind;
//! `tests/fuzz.sh` tries as many as there is time for. The variables that steer it:
//!
//! | variable | meaning |
//! |---|---|
//! | `GTNET_SIM_FUZZ_CASES` | cases of each kind [default: 20] |
//! | `GTNET_SIM_FUZZ_SEED` | seed of all cases [default: 1] |
//! | `GTNET_SIM_FUZZ_CASE` | only the case of this number: to look at one that failed |

mod commands;
mod folders;
mod hostile;
mod program;
mod scenarios;
mod tables;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// The dice of one case.
pub(crate) type Dice = ChaCha8Rng;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`; give a whole number")))
}

/// Tries the cases of one `kind`; one that fails says how to see it again.
fn each_case(kind: &str, mut case: impl FnMut(&mut Dice)) {
    let seed = number("GTNET_SIM_FUZZ_SEED").unwrap_or(1);
    let only = number("GTNET_SIM_FUZZ_CASE");
    let cases = number("GTNET_SIM_FUZZ_CASES").unwrap_or(20);
    for number in only.map_or(0..cases, |only| only..only + 1) {
        let mut dice = Dice::seed_from_u64(seed);
        dice.set_stream(number);
        if let Err(failure) = catch_unwind(AssertUnwindSafe(|| case(&mut dice))) {
            eprintln!(
                "{kind}: see it again with\n  \
                 GTNET_SIM_FUZZ_SEED={seed} GTNET_SIM_FUZZ_CASE={number} cargo test --test it fuzz::{kind} -- --nocapture"
            );
            resume_unwind(failure);
        }
    }
}

/// Whether all cases are tried, so that their counts mean something.
fn tries_all() -> bool {
    number("GTNET_SIM_FUZZ_CASE").is_none()
}
