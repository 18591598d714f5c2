//! For tests: whether all of a drawing is on the sheet, and whether the labels of each axis differ.

use std::collections::BTreeMap;

use super::canvas::{SIZE, width_in_svg_of};

/// An element of a drawing.
struct Element<'s> {
    name: &'s str,
    attributes: &'s str,
    text: &'s str,
}

impl Element<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.attributes.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()
    }

    fn number(&self, name: &str) -> f64 {
        let number = self.attribute(name).and_then(|text| text.parse().ok());
        number.unwrap_or_else(|| panic!("{} has no {name}: {}", self.name, self.attributes))
    }

    /// The corners of the area that the element covers.
    fn corners(&self) -> Vec<(f64, f64)> {
        match self.name {
            "rect" => {
                let (x, y) = (self.number("x"), self.number("y"));
                vec![(x, y), (x + self.number("width"), y + self.number("height"))]
            }
            "circle" => {
                let (x, y, radius) = (self.number("cx"), self.number("cy"), self.number("r"));
                vec![(x - radius, y - radius), (x + radius, y + radius)]
            }
            "line" => vec![(self.number("x1"), self.number("y1")), (self.number("x2"), self.number("y2"))],
            "polyline" | "polygon" => {
                let pairs = self.attribute("points").expect("points").split_whitespace();
                let pair = |pair: &str| {
                    let (x, y) = pair.split_once(',').expect("a pair");
                    (x.parse().expect("a number"), y.parse().expect("a number"))
                };
                pairs.map(pair).collect()
            }
            "text" => self.corners_of_text(),
            _ => Vec::new(),
        }
    }

    fn corners_of_text(&self) -> Vec<(f64, f64)> {
        let em = self.number("font-size");
        let is_bold = self.attribute("font-weight") == Some("bold");
        let width = f64::from(width_in_svg_of(self.text, em, is_bold));
        let (x, y) = (self.number("x"), self.number("y"));
        let left = match self.attribute("text-anchor") {
            Some("end") => -width,
            Some("middle") => -width / 2.0,
            _ => 0.0,
        };
        // Distance from y to the baseline, then the heights of letters above and below the baseline.
        let baseline = if self.attribute("dy") == Some("0.76em") { 0.76 * em } else { 0.27 * em };
        let (top, bottom) = (baseline - 0.76 * em, baseline + 0.24 * em);
        let corners = [(left, top), (left + width, bottom)];
        // A turned text is turned by three quarters of a circle: its right end points upwards.
        let is_turned = self.attribute("transform").is_some();
        corners.map(|(across, down)| if is_turned { (x + down, y - across) } else { (x + across, y + down) }).into()
    }
}

fn elements(svg: &str) -> impl Iterator<Item = Element<'_>> {
    svg.split('<').skip(1).filter_map(|part| {
        let (tag, text) = part.split_once('>')?;
        let name = tag.split_whitespace().next()?;
        Some(Element { name, attributes: tag, text: text.trim() })
    })
}

/// Asserts that all of `svg` is on the sheet, and that the labels of each axis differ.
pub(super) fn assert_legible(svg: &str) {
    let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
    let mut columns: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for element in elements(svg) {
        for (x, y) in element.corners() {
            let is_inside = (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
            assert!(is_inside, "({x}, {y}) of {} `{}`: {}", element.name, element.text, element.attributes);
        }
        // Labels of a vertical axis end at the same x; labels of a horizontal one are centred at the same y.
        let at = |name| element.attribute(name).unwrap_or_default().to_owned();
        match element.attribute("text-anchor") {
            _ if element.attribute("transform").is_some() => {}
            Some("end") => columns.entry(("x".to_owned(), at("x"))).or_default().push(element.text),
            Some("middle") => columns.entry(("y".to_owned(), at("y"))).or_default().push(element.text),
            _ => {}
        }
    }
    assert!(!columns.is_empty(), "no axis has labels");
    for (place, mut labels) in columns {
        let all = labels.len();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), all, "two labels at {place:?} are the same: {labels:?}");
    }
}

#[test]
fn what_is_not_legible_is_found() {
    let text = |x: i32, anchor: &str, text: &str| {
        format!(
            "<text x=\"{x}\" y=\"500\" dy=\"0.5ex\" text-anchor=\"{anchor}\" font-size=\"28\" fill=\"#000\">\n{text}\n</text>\n"
        )
    };
    let is_legible = |svg: &str| std::panic::catch_unwind(|| assert_legible(svg)).is_ok();
    let axis = text(300, "end", "0") + &text(300, "end", "1");
    assert!(is_legible(&axis));
    assert!(!is_legible(&(axis.clone() + &text(300, "end", "0"))), "two labels are the same");
    assert!(!is_legible(&(axis.clone() + &text(10, "end", "far too long"))), "it begins left of the sheet");
    assert!(!is_legible(&(axis.clone() + &text(1_990, "start", "far too long"))), "it ends right of the sheet");
    assert!(!is_legible(&(axis.clone() + "<circle cx=\"5\" cy=\"500\" r=\"9\"/>")));
    assert!(!is_legible(&(axis.clone() + "<polyline fill=\"none\" points=\"5,5 5,1200 \"/>")));
    assert!(!is_legible(&(axis + "<rect x=\"0\" y=\"0\" width=\"2001\" height=\"9\"/>")));
}
