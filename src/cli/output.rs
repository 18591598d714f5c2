//! What goes to the terminal, and how it looks there.

use std::io::{self, ErrorKind, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::Progress;

use super::Failure;

/// Widest text that is comfortable to read.
const WIDTH: usize = 100;

/// Prints `text` to standard output. A reader that has gone away (`gtnet-sim … | head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Execution(format!("error: cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints an error message.
pub(super) fn complain(message: &str) {
    // If even that fails, the exit code is all that is left to say.
    let _ = writeln!(io::stderr(), "{}", message.trim_end());
}

/// Whether errors are printed in colour: on a terminal, unless the user does not want it (<https://no-color.org>).
pub(super) fn errors_in_colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// How wide error messages may be.
pub(super) fn error_width() -> usize {
    WIDTH
}

/// A bar that counts finished simulations, with an estimate of the time left.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar without any simulation yet; invisible if `quiet`, or if errors do not go to a terminal.
    pub(super) fn new(quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} simulations, {eta} left")
            .expect("the template is valid");
        Self(ProgressBar::with_draw_target(Some(0), target).with_style(style))
    }

    /// Takes the bar from the terminal.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn expects(&self, simulations: u64) {
        self.0.inc_length(simulations);
    }

    fn done(&self) {
        self.0.inc(1);
    }
}

/// Says something beside the results, unless `quiet`.
pub(super) fn note(text: &str, quiet: bool) {
    if !quiet {
        complain(text);
    }
}
