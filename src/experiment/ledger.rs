//! The ledger as the simulator sees it: it keeps units, so that they outlive the process.

use std::error::Error;

use crate::record::UnitRecord;

/// Keeps simulated units. The digest of the scenario and the number of the replication identify a unit.
pub trait Ledger: Sync {
    /// The unit, if the ledger has it.
    fn recall(&self, digest: &str, replication: u32) -> Option<UnitRecord>;

    /// Keeps a unit.
    ///
    /// # Errors
    ///
    /// Whatever prevents it, such as a full disk. The job then stops.
    fn keep(&self, digest: &str, replication: u32, unit: &UnitRecord) -> Result<(), LedgerError>;
}

/// Why a [`Ledger`] cannot keep something.
pub type LedgerError = Box<dyn Error + Send + Sync>;

/// A ledger that keeps nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoLedger;

impl Ledger for NoLedger {
    fn recall(&self, _digest: &str, _replication: u32) -> Option<UnitRecord> {
        None
    }

    fn keep(&self, _digest: &str, _replication: u32, _unit: &UnitRecord) -> Result<(), LedgerError> {
        Ok(())
    }
}
