//! What keeps units so that they outlive the process, as the simulator sees it.

use std::error::Error;

use crate::record::UnitRecord;

/// Keeps what was simulated; a unit is recognised by the digest of its scenario and the number of its replication.
pub trait Ledger: Sync {
    /// What is known of a unit.
    fn recall(&self, digest: &str, replication: u32) -> Option<UnitRecord>;

    /// Keeps a unit.
    ///
    /// # Errors
    ///
    /// Whatever prevents it, such as a full disk; the job stops then.
    fn keep(&self, digest: &str, replication: u32, unit: &UnitRecord) -> Result<(), LedgerError>;
}

/// Why a [`Ledger`] cannot keep something.
pub type LedgerError = Box<dyn Error + Send + Sync>;

/// Keeps nothing.
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
