//! Parts of reports that are plain data: the table of the measures that matter, the networks that were simulated, and how to get
//! the same numbers.

use serde::{Deserialize, Serialize};

use crate::record::{ManifestPoint, MapRole, NetworkMap};

/// A table of measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MeasureTable {
    /// What the numbers are.
    pub(super) caption: String,
    /// The titles of the columns; the first is that of the titles of the rows.
    pub(super) columns: Vec<TableTitle>,
    /// The rows.
    pub(super) rows: Vec<MeasureRow>,
}

/// The title of a row or a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct TableTitle {
    /// The words.
    pub(super) text: String,
    /// The measure that it names, if it names one, and what that is.
    pub(super) definition: Option<Definition>,
}

/// What a measure is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Definition {
    /// Its name in the tables.
    pub(super) measure: String,
    /// Its definition.
    pub(super) text: String,
}

/// A row of a table of measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MeasureRow {
    /// Its title.
    pub(super) title: TableTitle,
    /// Its cells.
    pub(super) cells: Vec<MeasureCell>,
}

/// A number of a table of measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MeasureCell {
    /// The number in words.
    pub(super) text: String,
    /// What is said of it; may be empty.
    pub(super) note: String,
    /// Where it stands in the tables; nothing if it is not known.
    pub(super) source: Option<CellSource>,
}

/// Where a number stands in the tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CellSource {
    /// The table.
    pub(super) table: String,
    /// The number of the point in `summary.csv`; in `differences.csv` the name of the variant.
    pub(super) point: String,
    /// The measure.
    pub(super) measure: String,
    /// The contrast.
    pub(super) contrast: String,
    /// The number as it stands there.
    pub(super) mean: f64,
}

/// A network that was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PageNetwork {
    /// The points that have it; nothing if all have.
    pub(super) points: String,
    /// Its groups, and who may ask whom.
    pub(super) map: NetworkMap,
    /// The messages that arrive at each server \[1/s\], and the same in words; only runs tell servers apart.
    pub(super) loads: Vec<PageLoad>,
}

/// What arrives at a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PageLoad {
    /// Name of the server.
    pub(super) server: String,
    /// Messages \[1/s\].
    pub(super) per_s: f64,
    /// The same in words.
    pub(super) told: String,
}

/// How to get the same numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reproduction {
    /// The command, carried out in the folder of the results.
    pub(super) command: String,
    /// What it gives.
    pub(super) gives: String,
    /// The points, with their digests.
    pub(super) points: Vec<ManifestPoint>,
}

impl PageNetwork {
    /// The largest load of a server \[1/s\]; 0 if none is known.
    pub(super) fn highest_load(&self) -> f64 {
        self.loads.iter().map(|load| load.per_s).fold(0.0, f64::max)
    }

    /// The groups whose instances are servers, or the others, each with its index.
    pub(super) fn groups(&self, are_servers: bool) -> Vec<usize> {
        let is_wanted = |index: &usize| (self.map.groups[*index].role == MapRole::PushOpen) == are_servers;
        (0..self.map.groups.len()).filter(is_wanted).collect()
    }
}

impl MeasureTable {
    /// Every measure that the titles name, with its title.
    pub(super) fn definitions(&self) -> impl Iterator<Item = (&str, &Definition)> {
        let titles = self.columns.iter().chain(self.rows.iter().map(|row| &row.title));
        titles.filter_map(|title| Some((title.text.as_str(), title.definition.as_ref()?)))
    }
}
