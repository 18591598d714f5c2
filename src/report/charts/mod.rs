//! The pictures of reports: each has a title and a sentence that says what it shows, and is drawn the same in every
//! format.

mod axis;
mod bars;
mod canvas;
mod data;
mod forest;
mod gains;
mod lines;
mod names;
mod price_age;
mod server_load;
#[cfg(test)]
mod sheet;

pub(super) use bars::{connector_calls, fill_sources};
pub(super) use canvas::SIZE;
pub(super) use data::{ChartAxis, ChartData, ChartPoint, ChartRow, ChartSeries, ChartStyle};
pub(super) use forest::forest;
pub(super) use gains::gains;
pub(super) use lines::{LEGIBLE_LINES, Positions, SweepLine, SweepLines};
pub(super) use price_age::price_age;
pub(super) use server_load::server_load;

use plotters::backend::DrawingBackend;
use plotters::style::WHITE;

use bars::Bars;
use canvas::{Area, Drawn, Mark, empty, heading, register_fonts};
use forest::Forest;
use gains::GainDots;
use price_age::PriceAge;
use server_load::LoadChart;

/// A picture.
#[derive(Debug)]
pub(super) struct Figure {
    /// Its name, such as `server_load`.
    pub(super) name: String,
    /// What it is about.
    pub(super) title: String,
    /// What it shows, in a sentence or a few.
    pub(super) finding: String,
    /// The reason why there is nothing to draw; `None` if there is something.
    nothing: Option<&'static str>,
    /// The marks of the drawing, with their meanings.
    legend: Vec<(String, Mark)>,
    /// What is drawn.
    drawing: AnyChart,
}

/// What a picture draws.
#[derive(Debug)]
enum AnyChart {
    /// Messages at servers over the day.
    LoadChart(LoadChart),
    /// Bars by provider or source.
    Bars(Bars),
    /// A distribution of ages.
    PriceAge(PriceAge),
    /// Differences with their intervals.
    Forest(Forest),
    /// Clients by what they gain.
    GainDots(GainDots),
    /// Lines over a parameter.
    SweepLines(SweepLines),
}

/// What is drawn below a heading.
trait Chart {
    /// Draws the chart on the part `below` the heading of the sheet `root`.
    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB>;

    /// The chart as data; `legend` is that of its picture.
    fn data(&self, legend: &[(String, Mark)]) -> ChartData;
}

impl Figure {
    /// Draws the picture on `root`, a sheet in memory of [`SIZE`].
    pub(super) fn draw_on<DB: DrawingBackend>(&self, root: &Area<DB>) {
        register_fonts();
        let drawn = match &self.drawing {
            AnyChart::LoadChart(chart) => self.draw(chart, root),
            AnyChart::Bars(chart) => self.draw(chart, root),
            AnyChart::PriceAge(chart) => self.draw(chart, root),
            AnyChart::Forest(chart) => self.draw(chart, root),
            AnyChart::GainDots(chart) => self.draw(chart, root),
            AnyChart::SweepLines(chart) => self.draw(chart, root),
        };
        drawn.expect("the fonts are registered, and drawing into memory has no other failure");
    }

    /// The chart as data, or else the reason why there is nothing to draw.
    pub(super) fn data(&self) -> Result<ChartData, &'static str> {
        match self.nothing {
            Some(reason) => Err(reason),
            None => Ok(match &self.drawing {
                AnyChart::LoadChart(chart) => chart.data(&self.legend),
                AnyChart::Bars(chart) => chart.data(&self.legend),
                AnyChart::PriceAge(chart) => chart.data(&self.legend),
                AnyChart::Forest(chart) => chart.data(&self.legend),
                AnyChart::GainDots(chart) => chart.data(&self.legend),
                AnyChart::SweepLines(chart) => chart.data(&self.legend),
            }),
        }
    }

    fn draw<DB: DrawingBackend>(&self, chart: &impl Chart, root: &Area<DB>) -> Drawn<DB> {
        root.fill(&WHITE)?;
        match self.nothing {
            Some(reason) => empty(root, &self.title, reason)?,
            None => chart.draw(root, &heading(root, &self.title, &self.finding, &self.legend)?)?,
        }
        root.present()
    }
}

/// The legend entry for intervals; `None` with one replication, which has none.
fn interval(replications: usize, mark: Mark) -> Option<(String, Mark)> {
    (replications > 1).then(|| (format!("95 % interval over {replications} replications"), mark))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{ResultFile, RunRecord};
    use crate::report;
    use crate::report::support::RecordBuilder;

    fn charts_of(record: &RunRecord) -> Vec<ResultFile> {
        report::files(record).into_iter().filter(|file| file.name.starts_with("charts/")).collect()
    }

    fn svg(files: &[ResultFile], name: &str) -> String {
        let name = format!("charts/{name}.svg");
        let file = files.iter().find(|file| file.name == name).expect("a chart");
        String::from_utf8(file.bytes.clone()).expect("UTF-8")
    }

    /// All texts of a drawing, joined by spaces, so that line breaks do not divide a sentence.
    fn words(svg: &str) -> String {
        let texts = svg.split("<text ").skip(1).filter_map(|element| element.split(['>', '<']).nth(1));
        let words: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
        words.join(" ")
    }

    fn of_kind(files: Vec<ResultFile>, extension: &str) -> impl Iterator<Item = ResultFile> {
        files.into_iter().filter(move |file| file.name.rsplit_once('.').is_some_and(|(_, end)| end == extension))
    }

    /// Every tag is closed in the right order; no text holds a bare `<` or `&`.
    fn assert_well_formed(svg: &str) {
        let mut open: Vec<&str> = Vec::new();
        for part in svg.split('<').skip(1) {
            let (tag, text) = part.split_once('>').expect("a tag ends");
            assert!(text.split('&').skip(1).all(|entity| entity.contains(';')), "{text}");
            let name = tag.split_whitespace().next().expect("a tag has a name");
            if let Some(name) = name.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') && !tag.starts_with(['?', '!']) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn drawings_are_well_formed_and_axes_name_their_units() {
        let files = charts_of(&RecordBuilder::new().servers(2).build());
        let axes = [
            ("server_load", ["time of day, UTC [hh:mm]", "messages [1/min]"]),
            ("connector_calls", ["calls of all instances [1/d]", "data provider"]),
            ("price_age", ["[s, min, h, d; logarithmic]", "share of instruments shown [%]"]),
            ("fill_sources", ["share of the instruments of exchanges [%]", "filled by"]),
            ("gains", ["users wait longer by (less: below 0) [ms]", "calls saved [%]"]),
        ];
        for (name, titles) in axes {
            let svg = svg(&files, name);
            assert_well_formed(&svg);
            for title in titles {
                assert!(svg.contains(title), "{name} lacks `{title}`");
            }
        }
    }

    #[test]
    fn pictures_decode_and_are_not_blank() {
        for file in of_kind(charts_of(&RecordBuilder::new().build()), "png") {
            let mut reader = png::Decoder::new(file.bytes.as_slice()).read_info().expect("a header");
            let mut pixels = vec![0; reader.output_buffer_size()];
            let info = reader.next_frame(&mut pixels).expect("a picture");
            assert_eq!((info.width, info.height), SIZE, "{}", file.name);
            assert!(pixels.iter().any(|&pixel| pixel < 64), "{} is blank", file.name);
        }
    }

    #[test]
    fn a_chart_without_data_says_why() {
        let files = charts_of(&RecordBuilder::new().servers(0).silent().build());
        assert!(svg(&files, "server_load").contains("No push-open server in this scenario."));
        assert!(svg(&files, "connector_calls").contains("No data provider was called."));
        assert!(svg(&files, "fill_sources").contains("No exchange took place."));
        assert!(svg(&files, "price_age").contains("No price was shown to anybody."));
        assert!(svg(&files, "gains").contains("No client has both calls to save and visits to wait for."));
    }

    /// Nothing is drawn of open servers that nobody asks.
    #[test]
    fn open_servers_have_the_chart_of_push_open_ones() {
        let files = charts_of(&RecordBuilder::new().open_servers(2).build());
        let words = words(&svg(&files, "open_server_load"));
        assert!(words.contains("Messages at open servers over the day"), "{words}");
        assert!(words.contains("Busiest: client-1 at 09:") || words.contains("Busiest: client-1 at 08:"), "{words}");
        let none = charts_of(&RecordBuilder::new().build());
        assert!(none.iter().all(|file| !file.name.contains("open_server")));
    }

    #[test]
    fn without_gtnet_everything_is_of_it() {
        for file in of_kind(charts_of(&RecordBuilder::new().without_gtnet().build()), "svg") {
            let svg = std::str::from_utf8(&file.bytes).expect("UTF-8");
            assert!(!svg.contains("with GTNet") && !svg.contains("GTNet itself"), "{}", file.name);
            assert!(svg.contains("ithout GTNet") || file.name.ends_with("server_load.svg"), "{}", file.name);
        }
    }

    #[test]
    fn what_is_not_drawn_is_told() {
        let mut record = RecordBuilder::new().providers(9).without_gtnet().build();
        for replication in &mut record.replications {
            replication.measured.fills.own_pool = 0;
            replication.measured.fills.connector_failed = 0;
            replication.measured.connectors[8].calls = [4 * 7, 0, 0, 0, 0, 0, 0];
        }
        let files = charts_of(&record);
        let calls = words(&svg(&files, "connector_calls"));
        assert!(calls.contains("Not drawn: 1 more, together 7.00 ± 0.00 a day."), "{calls}");
        let filled = svg(&files, "fill_sources");
        let never = "Never: own pool, push-open peer, open peer, connector failed.";
        assert!(words(&filled).contains(never), "{filled}");
        assert!(!filled.contains("\npush-open peer\n"), "{filled}");
    }

    #[test]
    fn prices_of_age_zero_are_told_if_there_are_any() {
        let told = "Age 0 (no trading since):";
        let mut record = RecordBuilder::new().build();
        assert!(!words(&svg(&charts_of(&record), "price_age")).contains(told));
        for replication in &mut record.replications {
            (0..1_000).for_each(|_| replication.measured.price_age.record(crate::time::SimDuration::ZERO));
        }
        let words = words(&svg(&charts_of(&record), "price_age"));
        assert!(words.contains(told) && words.contains("age 0: last price"), "{words}");
    }

    #[test]
    fn providers_are_told_apart_by_their_labels() {
        let mut record = RecordBuilder::new().providers(2).build();
        for replication in &mut record.replications {
            for run in [Some(&mut replication.measured), replication.baseline.as_mut()].into_iter().flatten() {
                for (provider, place) in run.connectors.iter_mut().zip(["xetra", "floor"]) {
                    provider.provider = format!("consorsbank-realtime-frankfurt-{place}");
                }
            }
        }
        let drawn = svg(&charts_of(&record), "connector_calls");
        assert!(drawn.contains("rankfurt-xetra") && drawn.contains("rankfurt-floor"), "{drawn}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// Names of any length, and any number of servers, providers and so on.
        #[test]
        fn every_chart_of_a_run_is_legible(
            names in prop::collection::btree_set("(frankfurt-realtime-quotes-of-|w{20})?[a-z0-9-]{1,30}", 9),
            (servers, providers, replications) in (1_u32..9, 1_u32..10, 1_u32..4),
            (factor, is_divided, compared) in (1_u64..2_000, any::<bool>(), any::<bool>()),
        ) {
            let builder = RecordBuilder::new().servers(servers).providers(providers).replications(replications);
            let mut record = if compared { builder.build() } else { builder.without_baseline().build() };
            let scaled = |number: u64| if is_divided { number.div_ceil(factor) } else { number * factor };
            for replication in &mut record.replications {
                for run in [Some(&mut replication.measured), replication.baseline.as_mut()].into_iter().flatten() {
                    for (provider, name) in run.connectors.iter_mut().zip(&names) {
                        provider.provider.clone_from(name);
                        provider.calls = provider.calls.map(scaled);
                    }
                    for (server, name) in run.servers.iter_mut().zip(&names) {
                        server.instance.clone_from(name);
                        for arrivals in &mut server.arrivals {
                            *arrivals = u32::try_from(scaled(u64::from(*arrivals))).expect("few arrivals");
                        }
                    }
                }
            }
            let evidence = report::Evidence::from(&record);
            for figure in report::builder::document(&evidence).figures() {
                sheet::assert_legible(&report::export::svg(figure));
            }
        }
    }

    #[test]
    fn without_comparison_nothing_is_said_of_it() {
        let record = RecordBuilder::new().replications(1).servers(9).without_baseline().build();
        for file in of_kind(charts_of(&record), "svg") {
            let svg = std::str::from_utf8(&file.bytes).expect("UTF-8");
            assert!(!svg.contains("without GTNet") && !svg.contains("95 %"), "{}", file.name);
        }
    }
}
