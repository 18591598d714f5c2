//! The rows of a CSV text: each of them is read, or what is wrong with it is noted where it stands.

use std::ops::Range;

use csv::StringRecord;

use super::context::{Context, Note, Noted, OrNoted};
use super::error::Problem;
use super::source::Spot;
use super::suggest;

/// What may stand between the fields in place of commas, in the order in which it is looked for.
const SEPARATORS: [(char, &str); 4] = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars"), (' ', "blanks")];

/// A row while it is read.
pub(super) struct Fields<'r> {
    record: &'r StringRecord,
    /// Where in the record the columns are.
    places: &'r [usize],
    pub(super) spot: Spot,
}

impl Fields<'_> {
    /// The field of the column of this number, without blanks around it; `None` if it is empty.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        self.record.get(self.places[column]).map(str::trim).filter(|field| !field.is_empty())
    }
}

/// Hands the rows of the data file `name` to `visit`, whose fields are those of `columns`.
/// Lines without any field, and comments, are skipped.
pub(super) fn read(
    context: &Context<'_>,
    name: &str,
    text: String,
    columns: &[&str],
    mut visit: impl FnMut(&Fields<'_>),
) -> OrNoted<()> {
    let number = context.add_text(name, &text);
    drop(text);
    let whole = context.text(number).content;
    let file = CsvFile { context, name, number, content: &whole, columns };
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).has_headers(false).from_reader(whole.as_bytes());
    let mut record = StringRecord::new();
    let mut next = |record: &mut StringRecord| {
        // The text is UTF-8 and in memory, and rows may have any length.
        reader.read_record(record).expect("nothing is left that could go wrong");
        !record.is_empty()
    };
    let mut header = None;
    let mut read = Ok(());
    while next(&mut record) {
        let at = record.position().map_or(0, csv::Position::byte);
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let Some((places, width)) = &header else {
            let places = file.header(&record, at)?;
            header = Some((places, record.len()));
            continue;
        };
        match file.check_row(&record, at, *width) {
            Ok(()) => visit(&Fields { record: &record, places, spot: file.spot(at) }),
            Err(noted) => read = Err(noted),
        }
    }
    if header.is_none() {
        return Err(file.refuse_header(0..0, "it is empty".to_owned(), ""));
    }
    read
}

/// A data file while it is read.
struct CsvFile<'f, 'c> {
    context: &'f Context<'c>,
    name: &'f str,
    number: usize,
    content: &'f str,
    columns: &'f [&'f str],
}

impl CsvFile<'_, '_> {
    /// The line of the row that the reader began to look for at the byte `at`.
    fn line(&self, at: u64) -> Range<usize> {
        let mut from = usize::try_from(at).unwrap_or(usize::MAX).min(self.content.len());
        loop {
            let line = self.content[from..].split_inclusive('\n').next().unwrap_or_default();
            let is_row = !line.is_empty() && !line.starts_with('#') && !line.trim_end_matches(['\r', '\n']).is_empty();
            if is_row || line.is_empty() {
                let text = line.trim_end_matches(['\r', '\n']);
                let mark = text.len() - text.trim_start_matches('\u{feff}').len();
                return from + mark..from + text.len();
            }
            from += line.len();
        }
    }

    fn spot(&self, at: u64) -> Spot {
        Spot { text: self.number, span: self.line(at) }
    }

    /// Where the columns are in the header.
    fn header(&self, header: &StringRecord, at: u64) -> OrNoted<Vec<usize>> {
        let line = self.line(at);
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        let places = |column: &str| -> Vec<usize> {
            names.iter().enumerate().filter(|(_, name)| **name == column).map(|(place, _)| place).collect()
        };
        let missing: Vec<&str> = self.columns.iter().copied().filter(|column| places(column).is_empty()).collect();
        if let Some(first) = missing.first() {
            let columns = if missing.len() == 1 { "the column" } else { "the columns" };
            let remedy = match (self.separator(&self.content[line.clone()]), suggest::nearest(first, names.clone())) {
                (Some(separator), _) => format!(
                    "the fields seem to be separated by {separator}: save the file as CSV with commas between the fields, \
                     and with points in numbers\n"
                ),
                (None, Some(similar)) => format!("rename `{similar}` to `{first}`, if that is what it is\n"),
                (None, None) => String::new(),
            };
            return Err(self.refuse_header(line, format!("it lacks {columns} {}", suggest::list(&missing)), &remedy));
        }
        if let Some(twice) = self.columns.iter().find(|column| places(column).len() > 1) {
            let remedy = "remove one of the two, or give it another name\n";
            return Err(self.refuse_header(line, format!("it has the column `{twice}` more than once"), remedy));
        }
        Ok(self.columns.iter().flat_map(|column| places(column)).collect())
    }

    fn refuse_header(&self, line: Range<usize>, reason: String, remedy: &str) -> Noted {
        let problem = Problem::BadHeader { name: self.name.to_owned(), reason };
        let help = format!("{remedy}the first row of the file must name the columns {}", self.columns.join(","));
        let spot = Spot { text: self.number, span: line };
        self.context.report(problem, vec![(Some(spot), "this is read as the header".to_owned())], help)
    }

    /// What seems to separate the fields of a header in which columns are missing.
    fn separator(&self, header: &str) -> Option<&'static str> {
        let found =
            |separator: char| header.split(separator).filter(|part| self.columns.contains(&part.trim())).count();
        let commas = found(',');
        let more_columns = SEPARATORS.iter().find(|(separator, _)| found(*separator) > commas);
        let without_commas = || {
            let is_in_header = |separator: char| !header.contains(',') && header.trim().contains(separator);
            SEPARATORS.iter().find(|(separator, _)| is_in_header(*separator))
        };
        more_columns.or_else(without_commas).map(|(_, words)| *words)
    }

    /// Notes why the record is no row of `width` fields, unless it is one.
    fn check_row(&self, record: &StringRecord, at: u64, width: usize) -> OrNoted<()> {
        let goes_on = record.iter().any(|field| field.contains(['\r', '\n']));
        if record.len() == width && !goes_on {
            return Ok(());
        }
        let spot = self.spot(at);
        Err(self.context.report_one_of_many(Some(&spot), || {
            let (reason, help) = if goes_on {
                ("a field goes on over the end of the line".to_owned(), "close the quotes around it".to_owned())
            } else {
                let is_long = record.len() > width;
                let line = &self.content[spot.span.clone()];
                let help = match SEPARATORS.iter().find(|(separator, _)| !is_long && line.contains(*separator)) {
                    Some((_, separator)) => format!("separate fields by commas; this row may have {separator}"),
                    None if is_long => {
                        "numbers have a decimal point; a field with a comma in it needs quotes".to_owned()
                    }
                    None => "what is not known is left empty, between commas".to_owned(),
                };
                let fields = if record.len() == 1 { "field" } else { "fields" };
                (format!("it has {} {fields}, but the header has {width}", record.len()), help)
            };
            Note {
                problem: Problem::BadRow { name: self.name.to_owned(), reason },
                labels: vec![(Some(spot.clone()), "this row".to_owned())],
                help,
            }
        }))
    }
}
