//! The values of a range that the command line names: its ends and its step may have different units of the same kind, and
//! every value comes out in the finest of them.

use std::collections::BTreeSet;

use crate::scenario::{self, UnitSize};

use super::arguments::{CapacityArguments, InUnit};

/// A search among more values than this is a wrong step.
const MOST_VALUES: u64 = 100_000;

/// The values of the range, as the scenario takes them.
///
/// # Errors
///
/// What is wrong with the range, and how to mend it.
pub(super) fn values(arguments: &CapacityArguments) -> Result<Vec<String>, String> {
    let Steps { from, to, step, unit } = Steps::of(arguments)?;
    if !(from.is_finite() && to.is_finite() && step.is_finite()) || from >= to || step <= 0.0 {
        let help = "a range ascends by its step: --from 10 --to 200 --step 10";
        return Err(format!("--from must be less than --to, and --step more than 0\n  help: {help}"));
    }
    let steps = ((to - from) / step + 1e-9).floor();
    if steps < 1.0 {
        return Err(format!(
            "a step of {step}{unit} leads from {from}{unit} beyond {to}{unit}: there is nothing to choose\n  help: take a smaller \
             --step"
        ));
    }
    if steps >= MOST_VALUES as f64 {
        return Err("the range has more than 100,000 values\n  help: take a larger --step".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 100,000")]
    let steps = steps as u32;
    let whole = from.fract() == 0.0 && step.fract() == 0.0;
    let text = |index: u32| {
        let value = from + f64::from(index) * step;
        match (whole, unit.is_empty()) {
            (true, _) => format!("{value:.0}"),
            (false, false) => scenario::rounded(value).to_string(),
            // A real number is told from a whole one by its point.
            (false, true) => format!("{:?}", scenario::rounded(value)),
        }
    };
    Ok((0..=steps).map(|index| format!("{}{unit}", text(index))).collect())
}

/// A range in one unit.
struct Steps {
    from: f64,
    to: f64,
    step: f64,
    unit: String,
}

impl Steps {
    fn of(arguments: &CapacityArguments) -> Result<Self, String> {
        let CapacityArguments { from, to, step, unit: common, .. } = arguments;
        let written = [("--from", from.as_ref()), ("--to", Some(to)), ("--step", step.as_ref())];
        let written: Vec<(&str, &InUnit)> = written.into_iter().filter_map(|(name, end)| Some((name, end?))).collect();
        let units = written.iter().map(|(_, end)| end.unit.as_str()).chain([common.as_str()]);
        let units: BTreeSet<&str> = units.filter(|unit| !unit.is_empty()).collect();
        if units.len() <= 1 {
            let number = |end: &Option<InUnit>| end.as_ref().map_or(1.0, |end| end.number);
            let unit = units.into_iter().next().unwrap_or_default().to_owned();
            return Ok(Self { from: number(from), to: to.number, step: number(step), unit });
        }
        let known: Vec<UnitSize> = units.iter().map(|unit| known(unit)).collect::<Result<_, _>>()?;
        let finest = known.iter().copied().min_by_key(|unit| unit.size).expect("there are several units");
        if let Some(other) = known.iter().find(|unit| unit.kind != finest.kind) {
            return Err(format!(
                "the range is of {} (`{}`) and of {} (`{}`)\n  help: write --from, --to and --step in units of the parameter",
                finest.kind, finest.name, other.kind, other.name
            ));
        }
        let in_finest = |name: &str, end: &InUnit| {
            let unit = if end.unit.is_empty() { common } else { &end.unit };
            if unit.is_empty() {
                let names: Vec<&str> = units.iter().copied().collect();
                return Err(format!(
                    "{name} {} has no unit, and the others have {}\n  help: write {name} with its unit, such as {name} {}{}",
                    end.number,
                    names.join(" and "),
                    end.number,
                    finest.name
                ));
            }
            Ok(scenario::rounded(end.number * (self::known(unit)?.size as f64 / finest.size as f64)))
        };
        let Some(step) = step else {
            let help = format!("write --step with its unit, such as --step 1{}", finest.name);
            return Err(format!("--step is needed where --from and --to have different units\n  help: {help}"));
        };
        let step = in_finest("--step", step)?;
        let from = from.as_ref().map_or(Ok(step), |from| in_finest("--from", from))?;
        Ok(Self { from, to: in_finest("--to", to)?, step, unit: finest.name.to_owned() })
    }
}

fn known(unit: &str) -> Result<UnitSize, String> {
    scenario::unit_size(unit).ok_or_else(|| {
        let help = "units of durations are ns, us, ms, s, min, h and d, of sizes B, kB, MB, KiB and MiB";
        format!("`{unit}` is not a unit of durations or sizes\n  help: {help}")
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::arguments::{Arguments, Command};

    fn range(text: &str) -> Result<Vec<String>, String> {
        let rest = ["gtnet-sim", "capacity", "x.toml", "--parameter", "p", "--objective", "connector_calls <= 1"];
        let parsed = Arguments::try_parse_from(rest.into_iter().chain(text.split_whitespace())).expect("arguments");
        let Command::Capacity(arguments) = parsed.command else { panic!("another command") };
        values(&arguments)
    }

    #[test]
    fn values_come_in_the_finest_unit_that_is_named() {
        for (text, expected) in [
            ("--to 3", &["1", "2", "3"][..]),
            ("--to 1 --from 0 --step 0.5", &["0.0", "0.5", "1.0"]),
            ("--to 3s", &["1s", "2s", "3s"]),
            ("--to 20 --from 10 --step 5 --unit ms", &["10ms", "15ms", "20ms"]),
            ("--to 2s --from 1s --step 500ms", &["1000ms", "1500ms", "2000ms"]),
            ("--to 1h --from 30min --step 15min", &["30min", "45min", "60min"]),
            // Without a first value, the first one is one step.
            ("--to 2s --step 1000ms", &["1000ms", "2000ms"]),
            ("--to 0.1h --from 1min --step 2.5min", &["1min", "3.5min", "6min"]),
            ("--to 2 --from 500ms --step 500ms --unit s", &["500ms", "1000ms", "1500ms", "2000ms"]),
            ("--to 1MiB --from 512KiB --step 512KiB", &["512KiB", "1024KiB"]),
        ] {
            assert_eq!(
                range(text).as_deref(),
                Ok(&expected.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()[..]),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_range_is_told_with_a_remedy_and_in_words() {
        for (text, told) in [
            ("--to 2s --from 1 --step 1ms", "--from 1 has no unit, and the others have ms and s"),
            ("--to 2s --from 100ms", "--step is needed"),
            ("--to 2s --from 1kB --step 1kB", "sizes (`kB`)"),
            ("--to 2s --from 1parsec --step 1s", "`parsec` is not a unit"),
            ("--to 1 --from 2", "--from must be less than --to"),
            ("--to 2 --step 5", "nothing to choose"),
            ("--to 2s --step 1us --from 1us", "more than 100,000 values"),
        ] {
            let error = range(text).expect_err(text);
            assert!(error.contains(told) && error.contains("\n  help: "), "{error}");
            assert!(!error.contains(['{', '"']), "{error}");
        }
    }
}
