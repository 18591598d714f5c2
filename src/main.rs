//! The command line of gtnet-sim.

fn main() {}
