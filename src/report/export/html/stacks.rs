//! Charts with stacked bars: of each row the parts of a whole, one behind the other. A series that is switched off leaves its gap,
//! so that no other part moves.

use crate::report::charts::{ChartData, ChartSeries};

use super::shapes::{SvgDrawing, WIDTH, dot, group, label_at, rectangle, row_number};

/// Height of the line with the name of a row, of its bar, and of the gap between rows \[units\].
const NAME: f64 = 28.0;
const BAR: f64 = 24.0;
const GAP: f64 = 14.0;

/// Width of the gap that tells a part from the next one \[units\].
const EDGE: f64 = 1.5;

/// The chart.
pub(super) fn drawing(chart: &ChartData) -> SvgDrawing {
    let before = |series: &[ChartSeries], row: usize| {
        let points = series.iter().flat_map(|series| &series.points);
        points.filter(|point| row_number(point) == row).map(|point| point.x).sum::<f64>()
    };
    let highest = (0..chart.rows.len()).map(|row| before(&chart.series, row)).fold(0.0, f64::max);
    let place = |value: f64| if highest > 0.0 { value / highest * WIDTH } else { 0.0 };
    let pitch = NAME + BAR + GAP;
    let mut content = String::new();
    for (index, row) in chart.rows.iter().enumerate() {
        let middle = pitch * index as f64 + 19.0;
        label_at(&mut content, "name", (0.0, middle), &row.name);
        label_at(&mut content, "end", (WIDTH, middle), &row.told);
    }
    for (index, series) in chart.series.iter().enumerate() {
        let mut bars = String::new();
        for point in &series.points {
            let row = row_number(point);
            let from = before(&chart.series[..index], row);
            let top = pitch * row as f64 + NAME;
            let [left, right] = [from, from + point.x].map(place);
            rectangle(&mut bars, "bar", ([left, (right - EDGE).max(left)], [top, top + BAR]));
            let told = format!("{}: {} {}", chart.rows[row].name, point.told, series.name);
            dot(&mut bars, "ghost", (place(from + point.x / 2.0), top + BAR / 2.0), 4.0, &told);
        }
        content.push_str(&group(index, series, &bars));
    }
    SvgDrawing { height: pitch * chart.rows.len() as f64, content }
}
