//! The pictures of reports: each has a title that says what it shows, and is drawn the same in every format.

mod age_parts;
mod axis;
mod bars;
mod canvas;
mod cumulative;
mod data;
mod day_clock;
mod elimination;
mod fault_timeline;
mod forest;
mod front;
mod gains;
mod heading;
mod limits;
mod lines;
mod looks;
mod lorenz;
mod mu_star_sigma;
mod names;
mod objective;
mod paired;
mod palette;
mod plotted;
mod positions;
mod price_age;
mod queue_wait;
mod regret;
mod server_load;
#[cfg(test)]
mod sheet;
mod tornado;
mod user_wait;

pub(super) use age_parts::{age_parts, age_parts_of_variants};
pub(super) use axis::rows_of_labels;
pub(super) use bars::{connector_calls, fill_sources};
pub(super) use canvas::SIZE;
pub(super) use data::{ChartAxis, ChartData, ChartPoint, ChartRow, ChartSeries, ChartStyle};
pub(super) use elimination::elimination;
pub(super) use fault_timeline::fault_timeline;
pub(super) use forest::forest;
pub(super) use front::front;
pub(super) use gains::gains;
pub(super) use limits::limits;
pub(super) use lines::{DrawnLaw, LEGIBLE_LINES, MarkedPlace, SweepLine, SweepLines};
pub(super) use lorenz::lorenz;
pub(super) use mu_star_sigma::{mu_star_sigma, variance_shares};
pub(super) use objective::objective;
pub(super) use paired::paired;
pub(super) use palette::DARK;
pub(super) use positions::{PlaceScale, Positions};
pub(super) use price_age::price_age;
pub(super) use queue_wait::queue_wait;
pub(super) use regret::regret;
pub(super) use server_load::server_load;
pub(super) use tornado::tornado;
pub(super) use user_wait::user_wait;

use plotters::backend::DrawingBackend;
use plotters::style::WHITE;

use age_parts::AgeStacks;
use bars::Bars;
use canvas::{Area, Drawn, register_fonts};
use forest::Forest;
use heading::{Mark, heading};
use tornado::Tornado;

/// A picture.
#[derive(Debug)]
pub(super) struct Figure {
    /// Its name, such as `server_load`.
    pub(super) name: String,
    /// What it shows, in a sentence.
    pub(super) title: String,
    /// What else it shows, in a sentence or a few; empty if its title says all.
    pub(super) finding: String,
    /// What is drawn.
    drawing: AnyChart,
}

/// A picture, or the sentence that stands in its place if there is nothing to draw.
pub(super) type Drawable = Result<Figure, String>;

/// What a picture draws.
#[derive(Debug)]
enum AnyChart {
    /// Lines and dots between two axes.
    Plotted(ChartData),
    /// Ages in parts.
    AgeStacks(AgeStacks),
    /// Bars by provider or source.
    Bars(Bars),
    /// Differences with their intervals.
    Forest(Forest),
    /// How far each uncertain value moves a measure.
    Tornado(Tornado),
}

/// What has rows, and is drawn below a heading.
trait Chart {
    /// The marks of the drawing, with their meanings.
    fn legend(&self) -> &[(String, Mark)];

    /// Draws the chart on the part `below` the heading of the sheet `root`.
    fn draw<DB: DrawingBackend>(&self, root: &Area<DB>, below: &Area<DB>) -> Drawn<DB>;

    /// The chart as data.
    fn data(&self) -> ChartData;
}

impl Figure {
    /// The picture of a chart between two axes.
    pub(super) fn plotted(name: &str, title: String, finding: String, chart: ChartData) -> Self {
        Self { name: name.to_owned(), title, finding, drawing: AnyChart::Plotted(chart.with_alike_merged()) }
    }

    /// Draws the picture on `root`, a sheet in memory of [`SIZE`].
    pub(super) fn draw_on<DB: DrawingBackend>(&self, root: &Area<DB>) {
        register_fonts();
        let drawn = match &self.drawing {
            AnyChart::Plotted(chart) => plotted::draw_sheet(chart, root, &self.title, &self.finding),
            AnyChart::AgeStacks(chart) => self.draw(chart, root),
            AnyChart::Bars(chart) => self.draw(chart, root),
            AnyChart::Forest(chart) => self.draw(chart, root),
            AnyChart::Tornado(chart) => self.draw(chart, root),
        };
        let drawn = drawn.and_then(|()| root.present());
        drawn.expect("the fonts are registered, and drawing into memory has no other failure");
    }

    /// The chart as data.
    pub(super) fn data(&self) -> ChartData {
        match &self.drawing {
            AnyChart::Plotted(chart) => chart.clone(),
            AnyChart::Bars(chart) => chart.data(),
            AnyChart::Forest(chart) => chart.data(),
            AnyChart::Tornado(chart) => chart.data(),
            AnyChart::AgeStacks(chart) => chart.data(),
        }
    }

    /// What the picture shows, for those who do not see it: its finding, and its axes.
    pub(super) fn description(&self) -> String {
        let chart = self.data();
        let axes = [("Horizontal", &chart.x.title), ("Vertical", &chart.y.title)];
        let axes =
            axes.into_iter().filter(|(_, title)| !title.is_empty()).map(|(way, title)| format!("{way}: {title}."));
        let told = Some(self.finding.clone()).filter(|finding| !finding.is_empty());
        told.into_iter().chain(axes).collect::<Vec<_>>().join(" ")
    }

    fn draw<DB: DrawingBackend>(&self, chart: &impl Chart, root: &Area<DB>) -> Drawn<DB> {
        root.fill(&WHITE)?;
        chart.draw(root, &heading(root, &self.title, &self.finding, chart.legend())?)
    }
}

/// What a band is that shows intervals; nothing with one replication, which has none.
pub(super) fn band_of(replications: usize) -> String {
    if replications > 1 { format!("95 % interval over {replications} replications") } else { String::new() }
}

/// The legend entry for intervals; `None` with one replication, which has none.
fn interval(replications: usize, mark: Mark) -> Option<(String, Mark)> {
    (replications > 1).then(|| (band_of(replications), mark))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::{ResultFile, RunRecord, StudyKind};
    use crate::report;
    use crate::report::Evidence;
    use crate::report::builder::document;
    use crate::report::support::{RecordBuilder, study};

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
            ("server_load", ["time of day, UTC", "messages a minute at the push-open server"]),
            ("connector_calls", ["calls of all instances a day", "data provider"]),
            (
                "price_age",
                [
                    "trading time since the price was made (logarithmic scale)",
                    "instruments whose price is at most so old [%]",
                ],
            ),
            ("user_wait", ["time until the last price is there (logarithmic scale)", "visits that are complete [%]"]),
            ("fill_sources", ["share of the instruments of exchanges [%]", "filled by"]),
            (
                "gains",
                ["how much longer its users wait [ms]; shorter: below 0", "provider calls that the client saves [%]"],
            ),
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
    fn every_chart_is_documented() {
        let documented = include_str!("../../../docs/charts.md");
        let run = RecordBuilder::new().servers(6).open_servers(2).with_fault().build();
        let of_studies = [StudyKind::Sweep, StudyKind::Comparison].map(|kind| study(kind, 3, 12));
        let all = std::iter::once(Evidence::from(&run)).chain(of_studies.iter().map(Evidence::from));
        let mut names: Vec<String> = Vec::new();
        for evidence in all {
            names.extend(document(&evidence).figures().map(|figure| figure.name.clone()));
        }
        assert!(names.len() > 12, "{names:?}");
        for name in names.iter().filter(|name| !name.starts_with("differences_")) {
            assert!(documented.contains(&format!("`{name}`")), "docs/charts.md lacks {name}");
        }
    }

    #[test]
    fn pictures_decode_and_are_not_blank() {
        for file in of_kind(charts_of(&RecordBuilder::new().build()), "png") {
            let mut decoder = png::Decoder::new(file.bytes.as_slice());
            decoder.set_transformations(png::Transformations::EXPAND);
            let mut reader = decoder.read_info().expect("a header");
            let mut pixels = vec![0; reader.output_buffer_size()];
            let info = reader.next_frame(&mut pixels).expect("a picture");
            assert_eq!((info.width, info.height), SIZE, "{}", file.name);
            assert!(pixels.iter().any(|&pixel| pixel < 64), "{} is blank", file.name);
        }
    }

    #[test]
    fn a_sentence_stands_where_there_is_nothing_to_draw() {
        let record = RecordBuilder::new().servers(0).silent().build();
        assert!(charts_of(&record).is_empty());
        let text = report::text(&record);
        for told in [
            "No push-open server in this scenario.",
            "No data provider was called.",
            "No exchange took place.",
            "No price was shown to anybody.",
            "Nobody waited for prices.",
            "No client has both calls to save and visits to wait for.",
        ] {
            assert_eq!(text.matches(told).count(), 1, "{told}: {text}");
        }
    }

    /// Nothing is drawn of open servers that nobody asks.
    #[test]
    fn open_servers_have_the_chart_of_push_open_ones() {
        let files = charts_of(&RecordBuilder::new().open_servers(2).build());
        let words = words(&svg(&files, "open_server_load"));
        assert!(words.contains("Open server client-1 gets most at 0"), "{words}");
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
        assert!(words.contains(told) && words.contains("age 0: not traded since"), "{words}");
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
            assert!(!svg.contains("without GTNet") && !svg.contains("95 % interval"), "{}", file.name);
        }
    }
}
