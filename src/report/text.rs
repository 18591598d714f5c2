//! The summary on a terminal: what the scenario asks, and the numbers that answer it.

use crate::inference::{Answer, Contrast, Observations, Subject};
use crate::measures::{self, Comparison, FillSource, MeasureId};
use crate::record::RunRecord;
use crate::text::grouped;
use crate::time::SimDuration;

use super::answer::answer;
use super::columns::aligned;
use super::numbers::{LOWER_BOUND, UNKNOWN, difference, duration, mean, told};

/// More push-open servers than this are summed up instead of listed.
const SERVERS_LISTED: usize = 4;

/// More unfinished visits than this share are mentioned; fewer are those that the end of the run happens to cut off.
const NOTEWORTHY_UNFINISHED: f64 = 0.001;

/// The first column is at least as wide in every block, so that the blocks line up.
const LABELS_WIDTH: usize = 22;

/// Providers that are listed.
const PROVIDERS_LISTED: usize = 3;

/// The answer in at most 25 lines of plain text, with a final line break.
#[must_use]
pub(super) fn summary_text(record: &RunRecord, observations: &Observations<'_>) -> String {
    let mut numbers = servers_block(observations);
    numbers.push('\n');
    numbers.push_str(&aligned(&comparison_rows(record, observations), LABELS_WIDTH));
    let totals = [
        vec!["Instruments filled by".to_owned(), fills_line(observations)],
        vec!["Push-back".to_owned(), push_back_line(observations)],
    ];
    numbers.push_str(&aligned(&totals, LABELS_WIDTH));
    let is_unsteady = is_saturated(observations) || observations.is_overloaded();
    let unknown = match (numbers.contains(UNKNOWN), is_unsteady) {
        (false, _) => "",
        (true, false) => "– stands for too few observations",
        (true, true) => "– stands for what has no mean, or too few observations",
    };
    let bound = if numbers.contains(LOWER_BOUND) { "≥ stands for a lower bound" } else { "" };
    let legend = [unknown, bound].into_iter().filter(|legend| !legend.is_empty()).collect::<Vec<_>>().join("; ");
    format!(
        "{}: {}\n{}\n{}\n{}\n{legend}\n{numbers}",
        record.name,
        record.question,
        answer(record, observations),
        census(record),
        reading_aid(record)
    )
}

fn census(record: &RunRecord) -> String {
    let census = &record.census;
    format!(
        "{} ({} with users, {} push-open, {} open), {}",
        counted(census.instances, "instance"),
        census.with_users,
        census.push_open,
        census.open,
        counted(census.users, "user")
    )
}

fn reading_aid(record: &RunRecord) -> String {
    let period = record.replications.first().map_or(SimDuration::ZERO, |first| first.measured.period);
    let from = format!("{} from {}, seed {}", duration(period), record.measured_from, record.seed);
    match record.replications.len() {
        0 => format!("no replication: no numbers; seed {}", record.seed),
        1 => format!("one replication: no interval; {from}"),
        count => format!("mean ± half of the 95 % interval over {count} replications of {from}"),
    }
}

fn counted(count: u32, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(f64::from(count), 0))
}

fn servers_block(observations: &Observations<'_>) -> String {
    let servers: Vec<&Subject> = observations.servers().collect();
    let (title, subjects) = match servers.len() {
        0 => return "No push-open server in this scenario.\n".to_owned(),
        1 => ("Push-open server".to_owned(), servers),
        2..=SERVERS_LISTED => ("Push-open servers".to_owned(), servers),
        count => (format!("{count} push-open servers"), vec![&Subject::Network]),
    };
    let summed_up = *subjects[0] == Subject::Network;
    let row = |label: &str, measure: MeasureId| {
        let cells = subjects.iter().map(|subject| {
            told(observations.answer(measure, subject, observations.as_written()), measure.unit.symbol())
        });
        std::iter::once(format!("  {label}")).chain(cells).collect()
    };
    let heading = if summed_up {
        vec!["mean of a server; p95 of all arrivals".to_owned()]
    } else {
        subjects.iter().map(|server| server.name().to_owned()).collect()
    };
    let mut rows: Vec<Vec<String>> = vec![
        std::iter::once(title).chain(heading).collect(),
        row("messages", measures::ARRIVALS),
        row("peak minute", measures::PEAK_MINUTE),
        row("utilisation", measures::UTILISATION),
        row("queue wait p95", measures::QUEUE_WAIT_P95),
        row("response p95", measures::RESPONSE_P95),
    ];
    if summed_up {
        let of_all = |measure: MeasureId| {
            told(observations.answer(measure, &Subject::Network, observations.as_written()), measure.unit.symbol())
        };
        let (fairness, spread) = (of_all(measures::ARRIVALS_FAIRNESS), of_all(measures::ARRIVALS_MAX_OVER_MEAN));
        rows[1].push(format!("fairness (Jain) {fairness}, max/mean {spread}"));
        rows[2].push("at the busiest".to_owned());
        rows[3].push(format!("highest {}", of_all(measures::UTILISATION_MAX)));
    }
    aligned(&rows, LABELS_WIDTH) + &saturation(observations)
}

/// A line that names the saturated servers, if there are any.
fn saturation(observations: &Observations<'_>) -> String {
    let saturated: Vec<&str> = observations.saturated().map(Subject::name).collect();
    let who = match saturated.len() {
        0 if !is_saturated(observations) => return String::new(),
        0 => "not always the same server".to_owned(),
        1..=SERVERS_LISTED => saturated.join(", "),
        count => format!("{count} servers"),
    };
    format!("  SATURATED: {who}: the queue grows as long as the run lasts, so that waiting has no mean\n")
}

/// Whether the queue of some server grows without end in the scenario as written.
pub(super) fn is_saturated(observations: &Observations<'_>) -> bool {
    observations.is_saturated(&Subject::Network, observations.as_written())
}

fn comparison_rows(record: &RunRecord, observations: &Observations<'_>) -> Vec<Vec<String>> {
    let row = |label: &str, measure: MeasureId, subject: &Subject| {
        let answer = |contrast| observations.answer(measure, subject, contrast);
        let runs = observations.runs().map(|run| told(answer(run), measure.unit.symbol()));
        let mut cells: Vec<String> = std::iter::once(label.to_owned()).chain(runs).collect();
        if observations.is_compared() {
            cells.push(match (measure.comparison, answer(Contrast::Saving)) {
                (Comparison::Saving, saving @ Answer::Known(_)) => format!("saves {}", told(saving, "share")),
                (Comparison::Saving, _) => UNKNOWN.to_owned(),
                _ => difference(answer(Contrast::Difference).known(), measure.unit.symbol()),
            });
        }
        cells
    };

    let heading: &[&str] = match observations.as_written() {
        _ if observations.is_compared() => &["with", "without", "difference"],
        Contrast::Value => &["with (no comparison)"],
        _ => &["without"],
    };
    let mut rows = vec![vec!["GTNet".to_owned()]];
    rows[0].extend(heading.iter().map(|&word| word.to_owned()));
    let all = &Subject::Network;
    rows.push(row("Connector calls", measures::CONNECTOR_CALLS, all));
    for provider in busiest_providers(observations).into_iter().take(PROVIDERS_LISTED) {
        rows.push(row(&format!("  {}", provider.name()), measures::CONNECTOR_CALLS, provider));
    }
    let is_above = |measure, most: f64| {
        let counted = |run| observations.answer(measure, all, run).counted();
        observations.runs().filter_map(counted).any(|estimate| estimate.mean > most)
    };
    if is_above(measures::CONNECTOR_RATE_LIMITED, 0.0) {
        rows.push(row("  over rate limits", measures::CONNECTOR_RATE_LIMITED, all));
    }
    let threshold = record.freshness_threshold.unwrap_or(SimDuration::from_secs(1_500));
    rows.push(row("Price age p50", measures::PRICE_AGE_P50, all));
    rows.push(row("Price age p95", measures::PRICE_AGE_P95, all));
    let fresh = format!("  at most {}", duration(threshold));
    rows.push(row(&fresh, measures::FRESH_SHARE, all));
    if is_above(measures::VISITS_UNFINISHED_SHARE, NOTEWORTHY_UNFINISHED) {
        let label = if observations.is_overloaded() { "OVERLOAD: unfinished" } else { "Unfinished visits" };
        rows.push(row(label, measures::VISITS_UNFINISHED_SHARE, all));
    }
    rows.push(row("User wait p50", measures::USER_WAIT_P50, all));
    rows.push(row("User wait p95", measures::USER_WAIT_P95, all));
    rows
}

/// Providers with calls, the one with the most first: with `GTNet` or without, whichever is more.
pub(super) fn busiest_providers<'o>(observations: &'o Observations<'_>) -> Vec<&'o Subject> {
    let calls = |provider| {
        let counted = |run| observations.answer(measures::CONNECTOR_CALLS, provider, run).counted();
        observations.runs().filter_map(counted).map(|estimate| estimate.mean).fold(0.0, f64::max)
    };
    let mut called: Vec<(f64, &Subject)> = observations
        .providers()
        .map(|provider| (calls(provider), provider))
        .filter(|(calls, _)| *calls > 0.0)
        .collect();
    called.sort_by(|a, b| b.0.total_cmp(&a.0));
    called.into_iter().map(|(_, provider)| provider).collect()
}

fn fills_line(observations: &Observations<'_>) -> String {
    let answer =
        |source: FillSource| observations.answer(source.measure(), &Subject::Network, observations.as_written());
    if answer(FillSource::Connector) == Answer::CutOff(None) {
        return UNKNOWN.to_owned();
    }
    let parts: Vec<String> = FillSource::ALL
        .into_iter()
        .filter_map(|source| {
            let share = answer(source).known()?;
            (share.mean > 0.0).then(|| format!("{} {}", source.name(), mean(Some(share), "share")))
        })
        .collect();
    if parts.is_empty() { "no exchange".to_owned() } else { parts.join(", ") }
}

fn push_back_line(observations: &Observations<'_>) -> String {
    let answer = |measure| observations.answer(measure, &Subject::Network, observations.as_written());
    let pushes = answer(measures::PUSHES);
    if pushes.counted().is_none_or(|pushes| pushes.mean == 0.0) {
        return "no pushes".to_owned();
    }
    format!(
        "{} pushes, {} of their prices accepted, {} of them useless",
        told(pushes, measures::PUSHES.unit.symbol()),
        told(answer(measures::PUSHED_ACCEPTED_SHARE), "share"),
        mean(answer(measures::PUSHES_USELESS_SHARE).known(), "share"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::RecordBuilder;

    fn summary(record: &RunRecord) -> String {
        summary_text(record, &Observations::of_run(record))
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
        insta::assert_snapshot!("summary_silent", summary(&RecordBuilder::new().servers(0).silent().build()));
    }

    #[test]
    fn it_fits_on_a_screen() {
        for servers in [0, 1, 4, 5, 30] {
            let text = summary(&RecordBuilder::new().servers(servers).providers(9).build());
            assert!(text.lines().count() <= 25, "{servers} servers:\n{text}");
            // Question and answer are prose, which may wrap; the numbers are tables.
            assert!(text.lines().skip(2).all(|line| line.chars().count() <= 120), "{servers} servers:\n{text}");
        }
    }
}
