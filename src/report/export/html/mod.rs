//! The report as one HTML file that needs nothing else: no network, no library, no font. It is the page and no more: what is said
//! is decided before.

mod chart;
mod markup;
mod network;
mod pair;
mod paper;
mod rows;
mod shapes;
mod stacks;

pub(in crate::report) use pair::{PageSide, side_by_side};

use crate::record::{ManifestPoint, MarkedAssumption, ResultFile};
use crate::report::document::Document;
use crate::report::page::{Page, PageBlock, PageSection};
use crate::report::parts::{Definition, MeasureCell, MeasureRow, MeasureTable, TableTitle};

use super::Exporter;
use markup::{counted, element, escaped, prose, text};
use paper::Paper;

/// The report as HTML.
pub(super) struct Html;

/// Name of the file.
pub(in crate::report) const FILE_NAME: &str = "report.html";

/// So many rows of the table of measures are printed.
const ROWS_PRINTED: usize = 16;

impl Exporter for Html {
    fn export(&self, document: &Document<'_>) -> Vec<ResultFile> {
        vec![ResultFile { name: FILE_NAME.to_owned(), bytes: html(&Page::of(document)).into_bytes() }]
    }
}

/// A page as HTML.
pub(in crate::report) fn html(page: &Page) -> String {
    let header = format!("{}{}", kicker(page), answer(page, "h1"));
    let parts = [
        measures(page),
        sections(page),
        networks(page),
        part("What is assumed", "", &assumptions(&page.assumptions)),
        part("What was not simulated", "", &omissions(page)),
        part("How to get these numbers again", "", &again(page)),
    ];
    whole(&page.question, "", &header, &parts.concat(), &page.version)
}

/// A whole file.
fn whole(title: &str, class: &str, header: &str, main: &str, version: &str) -> String {
    // Even a mistake in the page could not reach the network.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
    let head = format!(
        "<meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/><link rel=\"icon\" href=\"data:,\"/>{}<style>\n{}</style>",
        escaped(policy),
        text("title", title),
        include_str!("page.css")
    );
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let footer = format!(
        "Simulated and written by gtnet-sim {version}. The numbers are those of the CSV files beside this page."
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head>{head}</head>\n<body{class}>\n<header>{header}</header>\n<main>\n{main}</main>\n{}\
         <script>\n{}</script>\n</body></html>\n",
        text("footer", &footer),
        include_str!("page.js")
    )
}

fn kicker(page: &Page) -> String {
    text("p class=\"kicker\"", &format!("{} · {}", page.kind_told(), page.name))
}

/// The question as a heading, and the answer. Lines that begin with a dash are a list.
fn answer(page: &Page, heading: &str) -> String {
    let mut content = text(heading, &page.question);
    let mut items = String::new();
    for (index, paragraph) in page.answer.iter().enumerate() {
        if let Some(item) = paragraph.strip_prefix("- ") {
            items.push_str(&prose("li", item));
            continue;
        }
        content.push_str(&list(&std::mem::take(&mut items)));
        content.push_str(&prose(if index == 0 { "p class=\"lead\"" } else { "p" }, paragraph));
    }
    content + &list(&items)
}

/// The items of a list; nothing if there are none.
fn list(items: &str) -> String {
    if items.is_empty() { String::new() } else { element("ul", items) }
}

/// A part of the page with its heading.
fn part(heading: &str, class: &str, content: &str) -> String {
    let id: String = heading.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
    let id = escaped(&id.to_lowercase());
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let content = format!("{}{content}", text(&format!("h2 id=\"{id}\""), heading));
    element(&format!("section{class} aria-labelledby=\"{id}\""), &content) + "\n"
}

/// What is shown when the reader asks for it.
fn folded(summary: &str, content: &str) -> String {
    element("details class=\"more\"", &format!("{}{content}", text("summary", summary)))
}

/// A table in a frame that scrolls on narrow screens, which keyboards reach.
fn scrolled(label: &str, table: &str) -> String {
    element(&format!("div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"", escaped(label)), table)
}

fn measures(page: &Page) -> String {
    if page.measures.rows.is_empty() {
        return String::new();
    }
    part("The numbers that matter", "", &(measure_table(&page.measures) + &notes(page)))
}

/// What the reader has to know before the numbers: the first part of a report.
fn notes(page: &Page) -> String {
    let sentences = page.sections.first().into_iter().flat_map(|section| &section.blocks);
    let note = |block: &PageBlock| match block {
        PageBlock::Sentence(sentence) => prose("p class=\"note\"", sentence),
        PageBlock::Table { .. } | PageBlock::Figure(_) => String::new(),
    };
    sentences.map(note).collect()
}

fn measure_table(table: &MeasureTable) -> String {
    let row = |(index, row): (usize, &MeasureRow)| {
        let class = if index < ROWS_PRINTED { "" } else { " class=\"screen\"" };
        let cells: String = row.cells.iter().map(cell).collect();
        element(&format!("tr{class}"), &format!("{}{cells}", element("th scope=\"row\"", &title(&row.title))))
    };
    let column = |title: &TableTitle| match &title.definition {
        Some(definition) => {
            let abbreviation = format!("abbr title=\"{}\"", escaped(&definition.text));
            element("th scope=\"col\"", &text(&abbreviation, &title.text))
        }
        None => text("th scope=\"col\"", &title.text),
    };
    let head: String = table.columns.iter().map(column).collect();
    let rows: String = table.rows.iter().enumerate().map(row).collect();
    let content = format!(
        "{}<thead>{}</thead><tbody>{rows}</tbody>",
        element("caption", &text("span", &table.caption)),
        element("tr", &head)
    );
    let has_definitions = table.columns.iter().any(|column| column.definition.is_some());
    let meanings = if has_definitions { folded("What the columns mean", &definitions(table)) } else { String::new() };
    let scrolled = scrolled("The numbers that matter", &element("table class=\"measures\"", &content));
    // Many columns may take some of the margin.
    let is_wide = table.columns.len() > 5;
    let framed = if is_wide { scrolled.replacen("\"scroll\"", "\"scroll many\"", 1) } else { scrolled };
    framed + &meanings
}

/// The title of a row; its definition opens below it.
fn title(title: &TableTitle) -> String {
    let Some(definition) = &title.definition else { return escaped(&title.text) };
    let meaning = format!("<p>{} {}</p>", escaped(&definition.text), text("code", &definition.measure));
    element("details", &format!("{}{meaning}", text("summary", &title.text)))
}

fn cell(cell: &MeasureCell) -> String {
    let source = cell.source.as_ref().map_or_else(String::new, |source| {
        let mean = source.mean;
        let [table, point, measure, contrast] =
            [&source.table, &source.point, &source.measure, &source.contrast].map(|text| escaped(text));
        format!(
            " data-table=\"{table}\" data-point=\"{point}\" data-measure=\"{measure}\" data-contrast=\"{contrast}\" data-mean=\"{mean}\""
        )
    });
    let note = if cell.note.is_empty() { String::new() } else { text("small", &cell.note) };
    // A number stays with its interval and its unit; what is said behind it may begin a line.
    let (number, rest) = cell.text.split_at(cell.text.find(" (").unwrap_or(cell.text.len()));
    let number = escaped(number).replace(' ', "\u{a0}");
    element(&format!("td{source}"), &format!("{number}{}{note}", escaped(rest)))
}

fn definitions(table: &MeasureTable) -> String {
    let entry = |(title, definition): (&str, &Definition)| {
        let name = format!("{} {}", escaped(title), text("code", &definition.measure));
        format!("{}{}", element("dt", &name), text("dd", &definition.text))
    };
    element("dl", &table.definitions().map(entry).collect::<String>())
}

fn sections(page: &Page) -> String {
    let mut printed = Paper::of(page);
    page.sections.iter().skip(1).map(|section| drawn_section(section, &mut printed)).collect()
}

/// A part of the report, which puts its pictures on `paper` as long as there is room.
fn drawn_section(section: &PageSection, paper: &mut Paper) -> String {
    let mut is_printed = false;
    let mut block = |block: &PageBlock| match block {
        PageBlock::Sentence(sentence) => prose("p class=\"note\"", sentence),
        PageBlock::Table { has_heading, rows } => {
            let summary = if *has_heading { "All numbers of this part" } else { "More numbers of this part" };
            folded(summary, &plain_table(rows, *has_heading, &section.heading))
        }
        PageBlock::Figure(figure) => {
            let has_room = paper.takes(chart::height(figure));
            is_printed |= has_room;
            chart::figure(figure, if has_room { "" } else { "screen" })
        }
    };
    let content: String = section.blocks.iter().map(&mut block).collect();
    // A picture that says the same needs no heading above it.
    let is_told = section
        .blocks
        .iter()
        .any(|block| matches!(block, PageBlock::Figure(figure) if figure.title.starts_with(&section.heading)));
    match (content.is_empty(), section.heading.is_empty() || is_told) {
        (true, _) => String::new(),
        (false, true) => element(if is_printed { "div" } else { "div class=\"screen\"" }, &content),
        (false, false) => part(&section.heading, if is_printed { "" } else { "screen" }, &content),
    }
}

/// Rows of texts as a table.
fn plain_table(rows: &[Vec<String>], has_heading: bool, about: &str) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let (head, body) = rows.split_at(usize::from(has_heading && !rows.is_empty()));
    let filled = |row: &[String], tag: &str, first: &str| -> String {
        (0..columns)
            .map(|column| text(if column == 0 { first } else { tag }, row.get(column).map_or("", String::as_str)))
            .collect()
    };
    let titles = |row: &Vec<String>| filled(row, "th scope=\"col\"", "th scope=\"col\"");
    // A heading without words is none.
    let head: String =
        head.iter().map(|row| element("tr", &titles(row).replace("<th scope=\"col\"></th>", "<td></td>"))).collect();
    let head = if head.is_empty() { head } else { element("thead", &head) };
    let body: String = body.iter().map(|row| element("tr", &filled(row, "td", "th scope=\"row\""))).collect();
    let caption = element("caption", &text("span", about));
    scrolled(about, &element("table", &format!("{caption}{head}{}", element("tbody", &body))))
}

fn networks(page: &Page) -> String {
    let figures: String = page.networks.iter().zip(0..).map(|(of, number)| network::figure(of, number)).collect();
    if figures.is_empty() { figures } else { part("Who asks whom", "screen", &figures) }
}

fn assumptions(marked: &[MarkedAssumption]) -> String {
    /// More assumptions than these are folded.
    const SHOWN: usize = 6;
    match marked.len() {
        0 => text("p", "The scenario marks no value as an assumption."),
        count if count <= SHOWN => assumption_table(marked),
        count => {
            let sentence =
                format!("The scenario marks {} as assumptions: nobody has measured them.", counted(count, "value"));
            text("p", &sentence) + &folded("Show them", &assumption_table(marked))
        }
    }
}

fn assumption_table(marked: &[MarkedAssumption]) -> String {
    let row = |one: &MarkedAssumption| {
        let value =
            format!("{}{}", text("code", &one.written), element("small", &format!(" in {}", escaped(&one.table))));
        element("tr", &format!("{}{}", element("th scope=\"row\"", &value), text("td", &one.remark)))
    };
    let head = "<thead><tr><th scope=\"col\">what the scenario says</th><th scope=\"col\">why</th></tr></thead>";
    let rows: String = marked.iter().map(row).collect();
    let caption =
        "<caption><span>Change one and run the scenario again to see whether the answer hinges on it.</span></caption>";
    scrolled("Assumptions", &element("table", &format!("{caption}{head}<tbody>{rows}</tbody>")))
}

fn omissions(page: &Page) -> String {
    let list: String = page.omissions.iter().map(|omission| text("li", omission)).collect();
    element("ul", &list)
}

/// How to get the same numbers again.
fn again(page: &Page) -> String {
    let points = &page.reproduction.points;
    let seeds: Vec<u64> = points.iter().map(|point| point.seed).collect();
    let seed = match seeds.split_first() {
        Some((first, others)) if others.iter().all(|seed| seed == first) => format!(" and seed {first}"),
        _ => String::new(),
    };
    let sentence = format!("With gtnet-sim {}{seed}, in the folder of this page:", page.version);
    let row = |point: &ManifestPoint| {
        let file = escaped(&point.scenario);
        let link = format!("<a href=\"{file}\">{file}</a>");
        let cells = [point.seed.to_string(), point.replications.to_string()].map(|cell| text("td", &cell)).concat();
        let digest = element("td", &text("code", &point.digest));
        element("tr", &format!("{}{}{cells}{digest}", text("th scope=\"row\"", &point.label), element("td", &link)))
    };
    let titles = ["point", "scenario with all values", "seed", "replications", "digest of what the numbers depend on"];
    let head: String = titles.iter().map(|title| text("th scope=\"col\"", title)).collect();
    let table = format!(
        "<caption><span>The same digest and version give the same numbers.</span></caption>{}<tbody>{}</tbody>",
        element("thead", &element("tr", &head)),
        points.iter().map(row).collect::<String>()
    );
    let table = scrolled("Points and digests", &element("table", &table));
    format!(
        "{}{}{}{}",
        text("p", &sentence),
        element("pre", &text("code", &page.reproduction.command)),
        text("p class=\"note\"", &page.reproduction.gives),
        folded("Scenarios, seeds and digests", &table)
    )
}
