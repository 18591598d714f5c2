//! Two reports side by side: both answers, both tables, the pictures of the same name beside each other, and the assumptions that
//! only one of them has.

use crate::record::MarkedAssumption;
use crate::report::page::{Page, PageFigure};

use super::markup::{element, text};
use super::{again, answer, assumption_table, chart, measure_table, notes, omissions, part, whole};

/// One of two pages, with what tells it from the other.
pub(in crate::report) struct PageSide<'p> {
    /// What it is called.
    pub(in crate::report) label: &'p str,
    /// The page.
    pub(in crate::report) page: &'p Page,
}

/// Two pages as one.
pub(in crate::report) fn side_by_side(sides: &[PageSide<'_>; 2]) -> String {
    let [left, right] = sides;
    let title = format!("{} beside {}", left.label, right.label);
    let answers = pair(sides.each_ref().map(|side| named(side) + &answer(side.page, "h2 class=\"question\"")));
    let of_both = |content: fn(&Page) -> String| pair(sides.each_ref().map(|side| named(side) + &content(side.page)));
    let main = [
        part("The numbers that matter", "", &of_both(|page| measure_table(&page.measures) + &notes(page))),
        figures_of_both(left, right),
        figures_of_one(left, right),
        figures_of_one(right, left),
        part("What only one of them assumes", "", &differing_assumptions(left, right)),
        part("What was not simulated", "", &of_both(omissions)),
        part("How to get these numbers again", "", &of_both(again)),
    ];
    whole(&title, "wide", &(text("h1", &title) + &answers), &main.concat(), &left.page.version)
}

fn pair(sides: [String; 2]) -> String {
    element("div class=\"pair\"", &sides.map(|side| element("div", &side)).concat())
}

fn named(side: &PageSide<'_>) -> String {
    text("p class=\"kicker\"", &format!("{}: {} {}", side.label, side.page.kind_told(), side.page.name))
}

fn figure_of<'p>(side: &PageSide<'p>, name: &str) -> Option<&'p PageFigure> {
    side.page.figures().find(|figure| figure.name == name)
}

/// A picture of a page. Two pictures of the same name need identities of their own.
fn drawn(figure: &PageFigure, side: &str) -> String {
    chart::figure(&PageFigure { name: format!("{side}-{}", figure.name), ..figure.clone() }, "screen")
}

fn figures_of_both(left: &PageSide<'_>, right: &PageSide<'_>) -> String {
    let both = left.page.figures().filter_map(|figure| Some((figure, figure_of(right, &figure.name)?)));
    let rows = both.map(|(of_left, of_right)| {
        pair([named(left) + &drawn(of_left, "left"), named(right) + &drawn(of_right, "right")])
    });
    let rows: String = rows.collect();
    if rows.is_empty() { rows } else { part("The pictures", "screen", &rows) }
}

/// The pictures that `own` has and `other` has not.
fn figures_of_one(own: &PageSide<'_>, other: &PageSide<'_>) -> String {
    let only = own.page.figures().filter(|figure| figure_of(other, &figure.name).is_none());
    let figures: String = only.map(|figure| element("div", &drawn(figure, "only"))).collect();
    let heading = format!("Pictures that only {} has", own.label);
    if figures.is_empty() { figures } else { part(&heading, "screen", &element("div class=\"pair\"", &figures)) }
}

/// The marked assumptions that the other page does not have.
fn differing_assumptions(left: &PageSide<'_>, right: &PageSide<'_>) -> String {
    let only = |own: &PageSide<'_>, other: &PageSide<'_>| {
        let is_only = |one: &&MarkedAssumption| !other.page.assumptions.contains(one);
        let of_own: Vec<MarkedAssumption> = own.page.assumptions.iter().filter(is_only).cloned().collect();
        let table = if of_own.is_empty() { text("p class=\"note\"", "None.") } else { assumption_table(&of_own) };
        named(own) + &table
    };
    pair([only(left, right), only(right, left)])
}
