//! Where replications come from. A plan cannot tell which source provides them, so that every source gives the same
//! results.

use crate::record::UnitRecord;

/// A source of replications: the simulator, or merged shards.
pub trait Replications {
    /// Why the source cannot provide replications.
    type Error;

    /// Number of points.
    fn points(&self) -> usize;

    /// Makes the first `wanted[i]` replications of each point `i` available.
    ///
    /// # Errors
    ///
    /// Whatever prevents it.
    fn provide(&mut self, wanted: &[u32]) -> Result<(), Self::Error>;

    /// What is kept of the first `count` replications of a point, which were provided.
    fn replications(&self, point: usize, count: u32) -> Vec<UnitRecord>;

    /// The units of the first `counts[i]` replications of each point `i`; they must have been provided.
    fn into_units(self, counts: &[u32]) -> Vec<Vec<UnitRecord>>;
}

/// Replications that were simulated elsewhere: all that the plan can ask for.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Units by point and replication.
    pub units: Vec<Vec<UnitRecord>>,
}

impl Replications for Gathered {
    type Error = std::convert::Infallible;

    fn points(&self) -> usize {
        self.units.len()
    }

    fn provide(&mut self, wanted: &[u32]) -> Result<(), Self::Error> {
        let all = self.units.iter().zip(wanted).all(|(known, wanted)| known.len() >= *wanted as usize);
        assert!(all, "who gathers replications gathers all that the plan can ask for");
        Ok(())
    }

    fn replications(&self, point: usize, count: u32) -> Vec<UnitRecord> {
        self.units[point][..count as usize].to_vec()
    }

    fn into_units(mut self, counts: &[u32]) -> Vec<Vec<UnitRecord>> {
        self.units.iter_mut().zip(counts).for_each(|(units, count)| units.truncate(*count as usize));
        self.units
    }
}
