//! What the user can type behind `explain`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use super::amounts::Memory;
use super::scenario_arguments::ScenarioArguments;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").args(["exchange", "user", "slowest", "typical", "oldest_price", "call"])))]
pub(super) struct ExplainArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,

    /// The variant with this name, of a file that has [[variant]] tables [default: what the file says without them]
    #[arg(long, value_name = "NAME")]
    pub(super) variant: Option<String>,

    /// Replication, numbered from 0 as in replications.csv
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(super) replication: u32,

    /// The exchange with this number; they are numbered from 1 in the order in which they begin
    #[arg(long, value_name = "NUMBER")]
    pub(super) exchange: Option<u64>,

    /// The first exchange of this user, such as client-1/2, at or after --at
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,

    /// A date, or the time since the run began: 2026-03-02T09:14:00Z, `1d 9h 14m`
    #[arg(
        long,
        value_name = "TIME",
        requires = "user",
        allow_hyphen_values = true,
        default_value = "0s",
        hide_default_value = true
    )]
    pub(super) at: String,

    /// The exchange whose user waits longest after the warm-up
    #[arg(long)]
    pub(super) slowest: bool,

    /// The exchange whose wait is nearest to the median after the warm-up [default]
    #[arg(long)]
    pub(super) typical: bool,

    /// The exchange that shows the oldest price after the warm-up
    #[arg(long)]
    pub(super) oldest_price: bool,

    /// Instead of an exchange the connector call with this number: why it was made, and what would have saved it
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["instrument", "format"])]
    pub(super) call: Option<u64>,

    /// Instead of the exchange one price that it shows, such as security-17: its whole life, and its age split into causes
    #[arg(long, value_name = "NAME", conflicts_with = "format")]
    pub(super) instrument: Option<String>,

    /// Memory that may be taken, such as 16GiB: a simulation that is estimated to take more is refused
    #[arg(long, value_name = "SIZE", default_value_t = Memory::DEFAULT)]
    pub(super) memory: Memory,

    /// How the exchange is drawn
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(super) format: ExplainFormat,

    /// Write it to this file, which must not exist, instead of the terminal
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplainFormat {
    /// A sequence diagram for the terminal
    Text,
    /// A sequence diagram in Mermaid
    Mermaid,
    /// A sequence diagram as a picture
    Svg,
}
