//! What goes to the terminal, and how it looks there.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::experiment::Progress;
use crate::text::visible;

use super::CommandError;

/// Widest text that is comfortable to read.
const WIDTH: usize = 100;

/// Prints `text` to standard output, hidden characters by their escapes. A reader that has gone away (`gtnet-sim … | head`) is
/// no failure.
pub(super) fn print(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(visible(text).as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::Execution(format!("error: cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints an error message, hidden characters by their escapes.
pub(super) fn complain(message: &str) {
    complain_as_rendered(&visible(message));
}

/// Prints an error message that has its escapes already, and perhaps colours.
pub(super) fn complain_as_rendered(message: &str) {
    // If even that fails, the exit code is all that is left to say.
    let _ = writeln!(io::stderr(), "{}", message.trim_end());
}

/// Prints what the parser of arguments has to say: a usage error, or the help that was asked for.
pub(super) fn print_usage(error: &clap::Error) {
    let plain = error.render().to_string();
    let in_colour = in_colour(if error.use_stderr() { io::stderr().is_terminal() } else { io::stdout().is_terminal() });
    // If that cannot be printed, nobody is there to be told.
    let _ = match (error.use_stderr(), visible(&plain)) {
        (_, Cow::Borrowed(_)) if in_colour => error.print(),
        (true, plain) => write!(io::stderr(), "{plain}"),
        (false, plain) => write!(io::stdout(), "{plain}"),
    };
}

/// Whether errors are printed in colour.
pub(super) fn errors_in_colour() -> bool {
    in_colour(io::stderr().is_terminal())
}

/// Whether something is printed in colour: on a terminal that knows colours, unless the user does not want them
/// (<https://no-color.org>).
fn in_colour(is_terminal: bool) -> bool {
    let variable = |name| std::env::var_os(name);
    is_terminal && wants_colours(variable("TERM").as_deref(), variable("NO_COLOR").as_deref())
}

/// Whether a terminal of this kind knows colours, and its user wants them.
fn wants_colours(terminal: Option<&OsStr>, no_color: Option<&OsStr>) -> bool {
    // Only Unix names the kind of the terminal.
    let knows_colours = terminal.map_or(!cfg!(unix), |kind| kind != "dumb");
    knows_colours && no_color.is_none_or(OsStr::is_empty)
}

/// How wide error messages may be.
pub(super) fn error_width() -> usize {
    WIDTH
}

/// A bar of simulations, with an estimate of the time left; its unit is a thousandth of a simulation.
pub(super) struct SimulationBar(ProgressBar);

/// Thousandths of a simulation.
const WHOLE: u64 = 1_000;

impl SimulationBar {
    /// A bar without any simulation yet; invisible if `quiet`, or if errors do not go to a terminal.
    pub(super) fn new(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("{bar:40} {simulations}, {left}")
            .expect("the template is valid")
            // If the terminal cannot be written to, nobody is there to be told.
            .with_key("simulations", |state: &ProgressState, to: &mut dyn fmt::Write| {
                let _ = to.write_str(&simulations_text(state.pos(), state.len().unwrap_or(0)));
            })
            .with_key("left", |state: &ProgressState, to: &mut dyn fmt::Write| {
                let _ = to.write_str(&left_text(state.pos(), state.eta()));
            });
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style);
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_secs(1));
        }
        Self(bar)
    }

    /// Takes the bar from the terminal.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for SimulationBar {
    fn expects(&self, simulations: u64) {
        self.0.inc_length(WHOLE * simulations);
    }

    fn advances(&self, thousandths: u64) {
        self.0.inc(thousandths);
    }
}

/// How many simulations are done, with one decimal: one that takes hours is seen to go on.
fn simulations_text(done: u64, all: u64) -> String {
    format!("{}.{} of {} simulations", done / WHOLE, done % WHOLE / 100, all / WHOLE)
}

/// What is left, once anything is known of it.
fn left_text(done: u64, left: Duration) -> String {
    if done == 0 { "time left not known yet".to_owned() } else { format!("{} left", HumanDuration(left)) }
}

/// Says something beside the results, unless `quiet`.
pub(super) fn note(text: &str, quiet: bool) {
    if !quiet {
        complain(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulation_under_way_is_seen_to_go_on() {
        assert_eq!(
            [0, 1_250, 2_000].map(|done| simulations_text(done, 2_000)).join(", "),
            "0.0 of 2 simulations, 1.2 of 2 simulations, 2.0 of 2 simulations"
        );
        let left = |done| left_text(done, Duration::from_hours(2));
        assert_eq!([left(0), left(1)], ["time left not known yet", "2 hours left"]);
    }

    #[test]
    fn colours_are_for_terminals_that_know_them_and_users_who_want_them() {
        let wants = |terminal: Option<&str>, no_color: Option<&str>| {
            wants_colours(terminal.map(OsStr::new), no_color.map(OsStr::new))
        };
        assert!(wants(Some("xterm-256color"), None) && wants(Some("xterm"), Some("")));
        assert!(!wants(Some("dumb"), None) && !wants(Some("xterm"), Some("1")));
        assert_eq!(wants(None, None), !cfg!(unix));
        assert!(!in_colour(false), "a file is no terminal");
    }
}
