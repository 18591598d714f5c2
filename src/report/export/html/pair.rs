//! Two reports side by side: both answers, both tables, the pictures of the same name beside each other, and the assumptions that
//! only one of them has.

use crate::record::MarkedAssumption;
use crate::report::page::{Page, PageFigure};

use super::markup::{element, text};
use super::{again, answer, assumption_table, chart, kicker, measure_table, omissions, part, whole};

/// Two pages as one.
pub(in crate::report) fn side_by_side(left: &Page, right: &Page) -> String {
    let pages = [left, right];
    let title = format!("{} beside {}", left.name, right.name);
    let answers = pages.map(|page| format!("{}{}", kicker(page), answer(page, "h2 class=\"question\"")));
    let header = format!("{}{}", text("h1", &title), pair(answers));
    let of_both = |content: fn(&Page) -> String| pair(pages.map(|page| named(page) + &content(page)));
    let main = [
        part("The numbers that matter", "", &of_both(|page| measure_table(&page.measures))),
        figures(left, right),
        part("What only one of them assumes", "", &differing_assumptions(left, right)),
        part("What was not simulated", "", &of_both(omissions)),
        part("How to get these numbers again", "", &of_both(again)),
    ];
    whole(&title, "wide", &header, &main.concat(), &left.version)
}

fn pair(sides: [String; 2]) -> String {
    let [left, right] = sides.map(|side| element("div", &side));
    element("div class=\"pair\"", &format!("{left}{right}"))
}

fn named(page: &Page) -> String {
    text("p class=\"kicker\"", &page.name)
}

/// The pictures that both have, and then those that only one of them has.
fn figures(left: &Page, right: &Page) -> String {
    let of_name = |page: &Page, name: &str| page.figures().find(|figure| figure.name == name).cloned();
    let drawn = |figure: Option<PageFigure>, page: &Page, side: &str| {
        let absent = || text("p class=\"note\"", &format!("{} has no such picture.", page.name));
        // Two pictures of the same name need identities of their own.
        let own = |figure: PageFigure| PageFigure { name: format!("{side}-{}", figure.name), ..figure };
        figure.map_or_else(absent, |figure| named(page) + &chart::figure(&own(figure), "screen"))
    };
    let mut names: Vec<&str> = left.figures().map(|figure| figure.name.as_str()).collect();
    names.extend(right.figures().map(|figure| figure.name.as_str()).filter(|name| of_name(left, name).is_none()));
    let rows = names
        .into_iter()
        .map(|name| pair([drawn(of_name(left, name), left, "left"), drawn(of_name(right, name), right, "right")]));
    let rows: String = rows.collect();
    if rows.is_empty() { rows } else { part("The pictures", "screen", &rows) }
}

/// The marked assumptions that the other page does not have.
fn differing_assumptions(left: &Page, right: &Page) -> String {
    let only = |own: &Page, other: &Page| {
        let of_own: Vec<MarkedAssumption> =
            own.assumptions.iter().filter(|one| !other.assumptions.contains(one)).cloned().collect();
        let table = if of_own.is_empty() { text("p class=\"note\"", "None.") } else { assumption_table(&of_own) };
        named(own) + &table
    };
    pair([only(left, right), only(right, left)])
}
