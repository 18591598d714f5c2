//! The command line of gtnet-sim: hands the arguments over and takes the exit code back.

use std::process::ExitCode;

fn main() -> ExitCode {
    gtnet_sim::cli::main(std::env::args_os())
}
