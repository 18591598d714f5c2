//! Tidy tables: one observation a row, units in the column names, empty where a number cannot be known.

mod estimates;
mod providers;
mod servers;
mod users;

pub use estimates::{measures, replications, summary};
pub use providers::{connector_calls, connectors};
pub use servers::{server_load, servers};
pub use users::{fills, instances, price_age, push_back, user_wait};

use crate::stats::Estimate;

/// A table under construction; every row has as many cells as the header.
pub(super) struct Table {
    writer: csv::Writer<Vec<u8>>,
}

impl Table {
    pub(super) fn new(header: &[&str]) -> Self {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(header).expect("writing into memory");
        Self { writer }
    }

    pub(super) fn row<C: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.writer.write_record(cells).expect("every row has as many cells as the header");
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner().expect("flushing into memory")
    }
}

/// The shortest text that reads back as the same number; empty for an unknown one. There is no negative zero.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{}", value + 0.0))
}

/// Mean, both ends of the 95 % interval, standard deviation and number of replications.
pub(super) fn estimate_cells(estimate: Option<Estimate>) -> [String; 5] {
    let end = |sign: f64| {
        let estimate = estimate?;
        Some(estimate.mean + sign * estimate.half_width?)
    };
    [
        number(estimate.map(|estimate| estimate.mean)),
        number(end(-1.0)),
        number(end(1.0)),
        number(estimate.and_then(|estimate| estimate.standard_deviation)),
        estimate.map_or(0, |estimate| estimate.count).to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Observations;
    use crate::measures::FillSource;
    use crate::metrics::CallReason;
    use crate::record::RunRecord;
    use crate::report::curves;
    use crate::report::support::RecordBuilder;

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let rows = reader.records().map(|row| row.expect("a well-formed row"));
        rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
    }

    fn header(bytes: &[u8]) -> String {
        rows(bytes)[0].join(",")
    }

    fn tables(record: &RunRecord) -> [(&'static str, Vec<u8>); 6] {
        let observations = Observations::of_run(record);
        [
            ("summary", summary(&observations)),
            ("replications", replications(record, &observations)),
            ("server_load", server_load(&curves::server_load(record, &observations))),
            ("connector_calls", connector_calls(record)),
            ("price_age", price_age(&curves::price_age(record, &observations))),
            ("fills", fills(record)),
        ]
    }

    #[test]
    fn headers_name_the_units() {
        let headers = tables(&RecordBuilder::new().build()).map(|(_, bytes)| header(&bytes));
        assert_eq!(
            headers,
            [
                "measure,subject,variant,unit,mean,ci95_low,ci95_high,standard_deviation,replications",
                "replication,variant,measure,subject,unit,value",
                "server,time_of_day_utc_h,arrivals_per_s_mean,arrivals_per_s_ci95_low,arrivals_per_s_ci95_high,\
                 arrivals_per_s_standard_deviation,replications",
                "replication,variant,provider,reason,calls_count",
                "variant,age_upper_s,share_mean,share_ci95_low,share_ci95_high,share_standard_deviation,replications",
                "replication,variant,source,instruments_count,share",
            ]
        );
    }

    #[test]
    fn there_is_one_row_an_observation() {
        let record = RecordBuilder::new().replications(3).servers(2).providers(4).build();
        let lengths = tables(&record).map(|(name, bytes)| (name, rows(&bytes).len() - 1));
        let length = |wanted: &str| lengths.iter().find(|(name, _)| *name == wanted).expect("a table").1;
        assert_eq!(length("replications"), 3 * length("summary"));
        assert_eq!(length("server_load"), 2 * 96);
        assert_eq!(length("connector_calls"), 3 * 2 * 4 * CallReason::ALL.len());
        assert_eq!(length("fills"), 3 * 2 * FillSource::ALL.len());
        assert_eq!(length("price_age") % 2, 0);
        assert_eq!(rows(&servers(&record)).len() - 1, 3 * 2);
    }

    #[test]
    fn the_shares_of_fills_add_up_to_one() {
        let table = rows(&fills(&RecordBuilder::new().replications(2).build()));
        for run in table[1..].chunks(FillSource::ALL.len()) {
            let sum: f64 = run.iter().map(|row| row[4].parse::<f64>().expect("a share")).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{run:?}");
        }
    }

    /// Savings and differences follow from the values that stand beside them, and means from all of them.
    #[test]
    fn the_tables_agree_with_each_other() {
        let record = RecordBuilder::new().replications(4).servers(2).build();
        let observations = Observations::of_run(&record);
        let (all, means) = (rows(&replications(&record, &observations)), rows(&summary(&observations)));
        let parsed = |text: &str| text.parse::<f64>().expect("a number");
        let value = |row: &Vec<String>, variant: &str| {
            let is_beside = |other: &&Vec<String>| {
                (&other[0], &other[2], &other[3]) == (&row[0], &row[2], &row[3]) && other[1] == variant
            };
            parsed(&all.iter().find(is_beside).expect("a value")[5])
        };
        let mut compared = 0;
        for row in all.iter().filter(|row| !row[5].is_empty()) {
            let expected = match row[1].as_str() {
                "saving" => 1.0 - value(row, "gtnet") / value(row, "gtnet-off"),
                "difference" => value(row, "gtnet") - value(row, "gtnet-off"),
                _ => continue,
            };
            assert!((parsed(&row[5]) - expected).abs() < 1e-12, "{row:?}");
            compared += 1;
        }
        assert!(compared > 0);
        // A saving is the ratio of two means, not the mean of ratios.
        for mean in means[1..].iter().filter(|row| !row[4].is_empty() && row[2] != "saving") {
            let of_mean = |row: &&Vec<String>| (&row[1], &row[2], &row[3]) == (&mean[2], &mean[0], &mean[1]);
            let values: Vec<f64> =
                all.iter().filter(of_mean).filter(|row| !row[5].is_empty()).map(|row| parsed(&row[5])).collect();
            let expected = values.iter().sum::<f64>() / values.len() as f64;
            assert!((parsed(&mean[4]) - expected).abs() <= 1e-12 * expected.abs(), "{mean:?}");
        }
    }

    #[test]
    fn one_replication_has_means_and_no_intervals() {
        let record = RecordBuilder::new().replications(1).build();
        let table = rows(&summary(&Observations::of_run(&record)));
        assert!(table[1..].iter().any(|row| !row[4].is_empty()));
        assert!(table[1..].iter().all(|row| row[5..8].iter().all(String::is_empty)));
    }

    #[test]
    fn numbers_are_the_shortest_that_read_back() {
        assert_eq!(number(Some(0.1 + 0.2)), "0.30000000000000004");
        assert_eq!(number(Some(-0.0)), "0");
        assert_eq!(number(None), "");
    }
}
