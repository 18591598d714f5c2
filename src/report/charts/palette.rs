//! The colours of charts, which people with any colour vision tell apart, and what they are in dark mode; each has a number.

use plotters::style::RGBColor;

use crate::report::evidence::Side;

/// The colours of Okabe and Ito, which people with any colour vision tell apart; the light yellow is left out.
pub(super) const PALETTE: [RGBColor; 6] = [BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY];
pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const ORANGE: RGBColor = RGBColor(230, 159, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
const SKY: RGBColor = RGBColor(86, 180, 233);
pub(super) const INK: RGBColor = RGBColor(26, 26, 26);
pub(super) const GREY: RGBColor = RGBColor(84, 84, 84);
pub(super) const GRID: RGBColor = RGBColor(222, 222, 222);

/// The paper, and what each colour is on dark paper: the text stays readable, and the lines stay apart.
pub(in crate::report) const DARK: [(RGBColor, &str); 10] = [
    (RGBColor(255, 255, 255), "#15181b"),
    (INK, "#e8e9ea"),
    (GREY, "#a3a9af"),
    (GRID, "#33383d"),
    (BLUE, "#5fb0e8"),
    (ORANGE, "#e6a53a"),
    (GREEN, "#3dbd95"),
    (PURPLE, "#d993bf"),
    (VERMILION, "#f08a4b"),
    (SKY, "#8ccbef"),
];

/// Opacity of the bands that show intervals around lines.
pub(super) const BAND_OPACITY: f64 = 0.25;

/// The colour of the run that `side` names.
pub(super) const fn color(side: Side) -> RGBColor {
    if side.has_gtnet { BLUE } else { ORANGE }
}

/// The number of a colour.
pub(super) fn color_number(color: RGBColor) -> usize {
    PALETTE.iter().position(|of_palette| *of_palette == color).unwrap_or(PALETTE.len())
}

/// The colour of a number.
pub(super) fn paint(color: usize) -> RGBColor {
    PALETTE.get(color).copied().unwrap_or(GREY)
}
