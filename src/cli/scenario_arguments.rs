//! What the user can type to name a scenario and to change values of it: the same behind every command.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(super) struct ScenarioArguments {
    /// Scenario file (TOML), or `-` for standard input
    pub(super) scenario: PathBuf,

    #[command(flatten)]
    pub(super) overrides: OverrideArguments,
}

#[derive(Debug, Args)]
pub(super) struct OverrideArguments {
    /// Seed of all randomness [default: the scenario's]
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,

    /// Number of independent replications [default: the scenario's]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) replications: Option<u32>,

    /// Set one value of the scenario, such as `group.client.count=40`; may be given several times. In a sweep, several
    /// values with commas between them are an axis: `group.client.count=5,10,20`
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
}

impl OverrideArguments {
    /// All overrides as the user has typed them.
    pub(super) fn typed(&self) -> Vec<String> {
        let number = |option: &str, number: Option<String>| number.map(|number| vec![option.to_owned(), number]);
        let set = self.set.iter().flat_map(|value| ["--set".to_owned(), value.clone()]);
        let seed = number("--seed", self.seed.map(|seed| seed.to_string()));
        let replications = number("--replications", self.replications.map(|replications| replications.to_string()));
        set.chain(seed.into_iter().chain(replications).flatten()).collect()
    }

    /// All overrides as `path=value`; the options with names of their own come last, behind these names.
    pub(super) fn all(&self) -> Vec<String> {
        let named = [
            self.seed.map(|seed| format!("--seed run.seed={seed}")),
            self.replications.map(|replications| format!("--replications run.replications={replications}")),
        ];
        self.set.iter().cloned().chain(named.into_iter().flatten()).collect()
    }
}
