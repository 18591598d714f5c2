//! Reports what a run found: first its servers, then providers and users, with `GTNet` and without.

use crate::inference::{Answer, Contrast, Quantity, Subject};
use crate::measures::{self, Comparison, FillSource, MeasureId, Relevance, Unit};
use crate::text::grouped;
use crate::time::SimDuration;

use super::charts;
use super::curves::{CumulativeShare, DailyLoad};
use super::document::ReportSection;
use super::evidence::PointEvidence;
use super::numbers::{UNKNOWN, capitalised, difference, duration, mean, told};
use super::server_kind::ServerKind;
use super::{age, faults, gains, money, stale, weeks};

/// If there are more push-open servers than this, they are summed up instead of listed.
const SERVERS_LISTED: usize = 4;

/// A larger share of unfinished visits is mentioned. A smaller one is no more than the visits that the end of the run
/// cuts off.
const NOTEWORTHY_UNFINISHED: f64 = 0.001;

/// Clocks that run free for no longer do little.
const WEEK: SimDuration = SimDuration::from_days(7);

/// The first column is at least as wide in every grid, so that the grids line up.
const LABELS_WIDTH: usize = 23;

/// At most this many providers are listed.
const PROVIDERS_LISTED: usize = 3;

/// The sections on the only point of a run, what users feel of faults first; `loads`, `age` and `wait` are its curves, and
/// `relevance` says which differences matter.
pub(super) fn sections(
    point: &PointEvidence<'_>,
    relevance: &Relevance,
    loads: &[(ServerKind, Vec<DailyLoad>)],
    [age, wait]: [&[CumulativeShare]; 2],
) -> Vec<ReportSection> {
    let called = busiest_providers(point);
    let totals = [("Instruments filled by", fills(point)), ("Push-back", push_back(point))];
    let mut totals = totals.map(|(label, text)| vec![label.to_owned(), text]).to_vec();
    totals.extend(age::row(point));
    totals.extend(stale::row(point));
    totals.extend(false_prices(point));
    totals.extend(gains::rows(point));
    let figures = [
        charts::connector_calls(point, &called),
        charts::user_wait(point, relevance, wait),
        charts::price_age(point, age),
        charts::age_parts(point),
        charts::fill_sources(point),
    ];
    let servers =
        loads.iter().map(|(kind, load)| servers(point, *kind).pictures([charts::server_load(point, *kind, load)]));
    let network = [ReportSection::new("Providers and users")
        .grid(comparison(point, &called), LABELS_WIDTH)
        .list(totals, LABELS_WIDTH)
        .pictures(figures)
        .pictures(charts::limits(point, &called).map(Ok))
        .pictures(charts::gains(point))
        .pictures(charts::lorenz(point).map(Ok))
        .pictures(weeks::figure(point))];
    let timeline = charts::fault_timeline(point).map(Ok);
    let of_faults = faults::section(point, LABELS_WIDTH).map(|section| section.pictures(timeline));
    of_faults.into_iter().chain(servers).chain(network).chain(money::section(point, LABELS_WIDTH)).collect()
}

/// Which network the numbers describe, and which period.
pub(super) fn head(point: &PointEvidence<'_>) -> Vec<String> {
    [census(point), reading_aid(point)].into_iter().chain(ageing(point)).collect()
}

/// What the length of the period does to the age of prices, if clocks run free for long.
fn ageing(point: &PointEvidence<'_>) -> Option<String> {
    let is_long = point.measured.first().is_some_and(|first| first.measured.period > WEEK);
    (point.facts.clocks_run_free && is_long).then(|| {
        "Clocks run free in this scenario: prices get older from week to week, and a longer run shows older prices."
            .to_owned()
    })
}

fn census(point: &PointEvidence<'_>) -> String {
    let census = &point.facts.census;
    format!(
        "{} ({} with users, {} push-open, {} open), {}",
        counted(census.instances, "instance"),
        census.with_users,
        census.push_open,
        census.open,
        counted(census.users, "user")
    )
}

fn reading_aid(point: &PointEvidence<'_>) -> String {
    let period = point.measured.first().map_or(SimDuration::ZERO, |first| first.measured.period);
    let seed = point.facts.seed;
    let from = format!("{} from {}, seed {seed}", duration(period), point.facts.measured_from);
    match point.replications {
        0 => format!("no replication: no numbers; seed {seed}"),
        1 => format!("one replication: no interval; {from}"),
        count => format!("mean ± half of the 95 % interval over {count} replications of {from}"),
    }
}

fn counted(count: u32, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(f64::from(count), 0))
}

fn servers(point: &PointEvidence<'_>, kind: ServerKind) -> ReportSection {
    let servers = kind.subjects(&point.observations);
    let (spoken, called) = (kind.spoken(), capitalised(kind.spoken()));
    let section = ReportSection::new(format!("{called}s"));
    let (title, subjects) = match kind.count(&point.observations) {
        0 => return section.sentence(kind.none()),
        1 => (called, servers),
        2..=SERVERS_LISTED => (format!("{called}s"), servers),
        count => (format!("{} {spoken}s", grouped(count as f64, 0)), vec![&Subject::Network]),
    };
    let summed_up = *subjects[0] == Subject::Network;
    let row = |label: &str, measure: MeasureId| {
        let measure = kind.measure(measure);
        let cells = subjects
            .iter()
            .map(|subject| told(point.observations.answer(measure, subject, Contrast::Value), measure.unit));
        std::iter::once(format!("  {label}")).chain(cells).collect()
    };
    let heading = if summed_up {
        vec!["mean of a server; times of all".to_owned()]
    } else {
        subjects.iter().map(|server| server.name().to_owned()).collect()
    };
    let mut rows: Vec<Vec<String>> = vec![
        std::iter::once(title).chain(heading).collect(),
        row("messages", measures::ARRIVALS),
        row("peak minute", measures::PEAK_MINUTE),
        row("utilisation", measures::UTILISATION),
        row("95 % wait at most", measures::QUEUE_WAIT_P95),
        row("95 % served within", measures::RESPONSE_P95),
    ];
    if summed_up {
        let of_all = |measure: MeasureId| told(point.value(kind.measure(measure)), measure.unit);
        let (fairness, spread) = (of_all(measures::ARRIVALS_FAIRNESS), of_all(measures::ARRIVALS_MAX_OVER_MEAN));
        rows[1].push(format!("fairness (Jain) {fairness}, max/mean {spread}"));
        rows[2].push("at the busiest".to_owned());
        rows[3].push(format!("highest {}", of_all(measures::UTILISATION_MAX)));
    }
    section.grid(rows, LABELS_WIDTH).sentences(saturation(point, kind))
}

/// A line that names the saturated servers, if there are any.
fn saturation(point: &PointEvidence<'_>, kind: ServerKind) -> Option<String> {
    let of_kind = |server: &&Subject| kind.subjects(&point.observations).contains(server);
    let saturated: Vec<&str> = point.observations.saturated().filter(of_kind).map(Subject::name).collect();
    let queues = Quantity::value(kind.measure(measures::SATURATED_SHARE));
    let who = match saturated.len() {
        0 if !measures::is_saturated(&queues.in_each(&point.observations)) => return None,
        0 if kind.are_many(&point.observations) => {
            format!("{} of the servers", mean(point.answer(&queues).counted(), Unit::Share))
        }
        0 => "not always the same server".to_owned(),
        1..=SERVERS_LISTED => saturated.join(", "),
        count => format!("{count} servers"),
    };
    Some(format!("  SATURATED: {who}: the queue grows as long as the run lasts, so that waiting has no mean"))
}

fn comparison(point: &PointEvidence<'_>, called: &[&Subject]) -> Vec<Vec<String>> {
    let is_compared = point.observations.is_compared();
    let row = |label: &str, measure: MeasureId, subject: &Subject| {
        let answer = |contrast| point.observations.answer(measure, subject, contrast);
        let sides = point.sides().map(|side| told(answer(side.contrast), measure.unit));
        let change = is_compared.then(|| match (measure.comparison, answer(Contrast::Saving)) {
            (Comparison::Saving, saving @ Answer::Known(_)) => format!("saves {}", told(saving, Unit::Share)),
            (Comparison::Saving, _) => UNKNOWN.to_owned(),
            _ => difference(answer(Contrast::Difference).known(), measure.unit),
        });
        std::iter::once(label.to_owned()).chain(sides).chain(change).collect()
    };
    let heading: &[&str] = match (is_compared, point.facts.gtnet) {
        (true, _) => &["GTNet", "with", "without", "difference"],
        (false, true) => &["GTNet", "with (no comparison)"],
        (false, false) => &["GTNet", "without"],
    };
    let all = &Subject::Network;
    let mut rows: Vec<Vec<String>> = vec![heading.iter().map(|&word| word.to_owned()).collect()];
    rows.push(row("Provider calls", measures::CONNECTOR_CALLS, all));
    for provider in called.iter().take(PROVIDERS_LISTED) {
        rows.push(row(&format!("  {}", provider.name()), measures::CONNECTOR_CALLS, provider));
    }
    if most(point, measures::CONNECTOR_RATE_LIMITED, all) > 0.0 {
        rows.push(row("  over rate limits", measures::CONNECTOR_RATE_LIMITED, all));
    }
    rows.push(row("Half of prices at most", measures::PRICE_AGE_P50, all));
    rows.push(row("95 % of prices at most", measures::PRICE_AGE_P95, all));
    let fresh = format!("  at most {}", duration(point.facts.fresh_within));
    rows.push(row(&fresh, measures::FRESH_SHARE, all));
    if most(point, measures::PRICE_WRONG_STAMP, all) > 0.0 {
        rows.push(row("  with a wrong timestamp", measures::PRICE_WRONG_STAMP, all));
    }
    if most(point, measures::VISITS_UNFINISHED_SHARE, all) > NOTEWORTHY_UNFINISHED {
        let label = if point.observations.is_overloaded() { "OVERLOAD: unfinished" } else { "Unfinished visits" };
        rows.push(row(label, measures::VISITS_UNFINISHED_SHARE, all));
    }
    rows.push(row("Half of visits at most", measures::USER_WAIT_P50, all));
    rows.push(row("95 % of visits at most", measures::USER_WAIT_P95, all));
    rows
}

/// The providers that are called, in descending order of their calls with `GTNet` or without, whichever are more.
fn busiest_providers<'o>(point: &'o PointEvidence<'_>) -> Vec<&'o Subject> {
    let calls = |provider| most(point, measures::CONNECTOR_CALLS, provider);
    let providers = point.observations.providers().map(|provider| (calls(provider), provider));
    let mut called: Vec<(f64, &Subject)> = providers.filter(|(calls, _)| *calls > 0.0).collect();
    called.sort_by(|a, b| b.0.total_cmp(&a.0));
    called.into_iter().map(|(_, provider)| provider).collect()
}

/// The highest counted mean of any run; 0 if none is known.
fn most(point: &PointEvidence<'_>, measure: MeasureId, subject: &Subject) -> f64 {
    let counted = |run| point.observations.answer(measure, subject, run).counted();
    point.observations.runs().filter_map(counted).map(|estimate| estimate.mean).fold(0.0, f64::max)
}

fn fills(point: &PointEvidence<'_>) -> String {
    if point.value(FillSource::Connector.measure()) == Answer::CutOff(None) {
        return UNKNOWN.to_owned();
    }
    let parts = FillSource::ALL.into_iter().filter_map(|source| {
        let share = point.value(source.measure()).known()?;
        (share.mean > 0.0).then(|| format!("{} {}", source.name(), mean(Some(share), Unit::Share)))
    });
    let parts: Vec<String> = parts.collect();
    match point.value(measures::EXCHANGES).counted() {
        _ if !parts.is_empty() => parts.join(", "),
        Some(exchanges) if exchanges.mean > 0.0 => UNKNOWN.to_owned(),
        _ => "no exchange".to_owned(),
    }
}

fn push_back(point: &PointEvidence<'_>) -> String {
    let pushes = point.value(measures::PUSHES);
    if pushes.counted().is_none_or(|pushes| pushes.mean == 0.0) {
        return "no pushes".to_owned();
    }
    format!(
        "{}; pools take {} of their prices, and nothing of {} of them",
        told(pushes, measures::PUSHES.unit),
        told(point.value(measures::PUSHED_ACCEPTED_SHARE), Unit::Share),
        mean(point.value(measures::PUSHES_USELESS_SHARE).known(), Unit::Share),
    )
}

/// How many false prices users see, and for how long, if they see any.
fn false_prices(point: &PointEvidence<'_>) -> Option<Vec<String>> {
    let shown = point.value(measures::PRICE_FALSE_SHARE);
    shown.counted().filter(|shown| shown.mean > 0.0)?;
    let text = format!(
        "{} of those shown, in {} of the visits, the last {} after the fault",
        told(shown, Unit::Share),
        told(point.value(measures::VISIT_FALSE_SHARE), Unit::Share),
        told(point.value(measures::PRICE_FALSE_LASTS), Unit::Seconds),
    );
    Some(vec!["False prices".to_owned(), text])
}

#[cfg(test)]
mod tests {
    use crate::record::RunRecord;
    use crate::report;
    use crate::report::support::RecordBuilder;

    fn summary(record: &RunRecord) -> String {
        report::text(record)
    }

    #[test]
    fn one_hub_answers_the_question() {
        insta::assert_snapshot!("summary_one_hub", summary(&RecordBuilder::new().build()));
    }

    #[test]
    fn many_servers_are_summed_up() {
        insta::assert_snapshot!("summary_many_servers", summary(&RecordBuilder::new().servers(7).build()));
    }

    #[test]
    fn one_replication_without_comparison_says_so() {
        let record = RecordBuilder::new().replications(1).without_baseline().build();
        insta::assert_snapshot!("summary_one_replication", summary(&record));
    }

    #[test]
    fn a_scenario_without_gtnet_is_told_as_such() {
        insta::assert_snapshot!("summary_without_gtnet", summary(&RecordBuilder::new().without_gtnet().build()));
    }

    #[test]
    fn nothing_happened_is_an_answer() {
        insta::assert_snapshot!("summary_open_servers", summary(&RecordBuilder::new().open_servers(3).build()));
        insta::assert_snapshot!("summary_silent", summary(&RecordBuilder::new().servers(0).silent().build()));
    }

    #[test]
    fn clocks_that_run_free_for_long_are_mentioned() {
        let told = |clocks_run_free, days| {
            let mut record = RecordBuilder::new().build();
            record.facts.clocks_run_free = clocks_run_free;
            for replication in &mut record.replications {
                replication.measured.period = crate::time::SimDuration::from_days(days);
            }
            summary(&record).contains("prices get older from week to week")
        };
        assert_eq!([told(true, 8), told(true, 7), told(false, 8)], [true, false, false]);
    }

    #[test]
    fn false_prices_are_told_where_users_see_any() {
        let mut record = RecordBuilder::new().build();
        assert!(!summary(&record).contains("False prices"));
        for replication in &mut record.replications {
            let measured = &mut replication.measured;
            measured.prices_false.push_open = (measured.price_age.count() + measured.prices_missing) / 50;
            measured.visits_false = measured.user_wait.count() / 10;
            measured.false_after = crate::time::SimDuration::from_hours(3);
        }
        let text = summary(&record);
        let line = text.lines().find(|line| line.starts_with("False prices")).expect("a line");
        assert!(line.contains("2.0 ± 0.0 % of those shown"), "{line}");
        assert!(line.contains("10.0 ± 0.0 % of the visits, the last 3.0"), "{line}");
    }

    #[test]
    fn it_fits_on_a_screen() {
        for servers in [0, 1, 4, 5, 30] {
            let text = summary(&RecordBuilder::new().servers(servers).providers(9).build());
            assert!(text.lines().count() <= 34, "{servers} servers:\n{text}");
            // Question and answer are prose, which may wrap; the numbers are tables.
            assert!(text.lines().skip(2).all(|line| line.chars().count() <= 120), "{servers} servers:\n{text}");
        }
    }
}
