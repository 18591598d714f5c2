//! Ctrl-C: what was simulated stays, and the user is told where.

use std::path::PathBuf;
use std::process;
use std::sync::{Mutex, PoisonError};

use crate::store::FileLedger;

use super::output;

/// Exit code of programs that Ctrl-C has ended, by the custom of shells: 128 + the number of the signal.
const INTERRUPTED: i32 = 130;

/// The ledger of the study under way.
static LEDGER: Mutex<Option<PathBuf>> = Mutex::new(None);

/// From now on, Ctrl-C says where `ledger` is before the program ends.
pub(super) fn tell(ledger: &FileLedger) {
    let before = LEDGER.lock().unwrap_or_else(PoisonError::into_inner).replace(ledger.path().to_owned());
    if before.is_none() {
        // Without a handler Ctrl-C ends the program all the same, in silence.
        let _ = ctrlc::set_handler(|| {
            if let Some(ledger) = LEDGER.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
                output::complain(&format!(
                    "\ninterrupted; what was simulated is in `{}`: go on with --resume",
                    ledger.display()
                ));
            }
            process::exit(INTERRUPTED);
        });
    }
}
