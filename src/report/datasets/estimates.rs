//! The tables `summary`, `points` and `measures`: the estimates of every measure at every point, and descriptions of
//! points and measures.

use crate::measures::{ALL, Matters};
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::{Evidence, PointEvidence};

/// One row for each point, subject, measure and contrast: what is known of the mean (`known`), and the mean with its interval.
/// Of something rare, `seen` is the number of replications in which it is not 0, followed by the interval of their share.
pub(super) fn summary<'r>(evidence: &'r Evidence<'r>) -> Dataset<'r> {
    let parameters = evidence.parameters.iter().map(String::as_str);
    let columns = ["subject", "measure", "contrast", "unit", "mean", "ci95_low", "ci95_high", "standard_deviation"];
    let seen = ["replications", "known", "seen", "seen_share_ci95_low", "seen_share_ci95_high"];
    let columns = std::iter::once("point").chain(parameters).chain(columns).chain(seen);
    Dataset::new("summary", columns, move || {
        evidence.points.iter().enumerate().flat_map(|(index, point)| {
            point.answers().map(move |(quantity, answer)| {
                let mut row = vec![index.into()];
                row.extend(settings(point));
                row.push(quantity.subject.name().to_owned().into());
                row.extend([quantity.measure.name, quantity.contrast.name(), quantity.unit().symbol()].map(Cell::from));
                row.extend(Cell::estimate(answer.counted()));
                let (low, high) = answer.seen_share().unzip();
                row.extend([answer.name().into(), answer.seen().into(), low.into(), high.into()]);
                row
            })
        })
    })
}

/// One row for each point.
pub(super) fn points<'r>(evidence: &'r Evidence<'r>) -> Dataset<'r> {
    let parameters = evidence.parameters.iter().map(String::as_str);
    let columns = ["point", "label", "digest", "seed", "gtnet", "replications"].into_iter().chain(parameters);
    Dataset::new("points", columns, move || {
        evidence.points.iter().enumerate().map(|(index, point)| {
            let facts = point.facts;
            let own: [Cell<'_>; 6] = [
                index.into(),
                point.label.into(),
                facts.digest.as_str().into(),
                facts.seed.into(),
                (if facts.gtnet { "true" } else { "false" }).into(),
                point.replications.into(),
            ];
            own.into_iter().chain(settings(point)).collect()
        })
    })
}

/// One row for each measure: what it is, and which difference just matters, in its unit or relative to the value that it is
/// compared with.
pub(super) fn measures<'r>(has_prices: bool) -> Dataset<'r> {
    Dataset::new("measures", ["measure", "unit", "least_that_matters", "matters_by", "definition"], move || {
        ALL.iter().filter(move |measure| has_prices || !measure.is_of_money()).map(|measure| {
            let definition: &'static str = measure.definition;
            let (least, by) = match measure.matters {
                Matters::Absolute(least) => (least, "difference"),
                Matters::Relative(least) => (least, "ratio"),
            };
            vec![measure.name.into(), measure.unit.symbol().into(), least.into(), by.into(), definition.trim().into()]
        })
    })
}

/// The cells of a point's values of the parameters.
pub(super) fn settings<'r>(point: &PointEvidence<'r>) -> impl Iterator<Item = Cell<'r>> + use<'r> {
    point.settings.iter().map(|setting| setting.text.as_str().into())
}
