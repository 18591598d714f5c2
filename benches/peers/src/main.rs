//! W1 and W2 on the kernels of others: `gtnet-sim-peers w1|w2 simulacra|simcore|nexosim COUNT`, where COUNT is the number of processes
//! or clients. Prints what was simulated; ends with 1 if W2 does not give the results that it is known to give.

mod kernel;
mod nexosim_kernel;
mod simcore_kernel;
mod simulacra_kernel;
mod w1;
mod w2;

use std::process::ExitCode;

use kernel::Workload;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [workload, kernel, count] = &arguments[..] else {
        return usage();
    };
    let Ok(count) = count.parse() else {
        return usage();
    };
    match workload.as_str() {
        "w1" => simulate(kernel, w1::Phold::new(count)),
        "w2" => simulate(kernel, w2::Network::new(count)),
        _ => usage(),
    }
}

fn simulate<W: Workload>(kernel: &str, workload: W) -> ExitCode {
    let done = match kernel {
        "simulacra" => simulacra_kernel::run(workload),
        "simcore" => simcore_kernel::run(workload),
        "nexosim" => nexosim_kernel::run(workload),
        _ => return usage(),
    };
    let (told, is_right) = done.tell();
    println!("{told}");
    if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("gtnet-sim-peers w1|w2 simulacra|simcore|nexosim COUNT");
    ExitCode::from(2)
}
