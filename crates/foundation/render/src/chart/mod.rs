//! Charts as SVG that needs neither script nor style: readable in print, in both colour schemes and aloud.
//!
//! Text takes `currentColor`. Colours are presentation attributes, which any stylesheet rule overrides through
//! the classes `chart`, `bar`, `line`, `series-N`, `grid`, `axis`. A screen reader gets title and description;
//! the figures themselves belong into a table beside the chart.

mod bar;
mod line;

use std::fmt::Write;

use crate::xml::escape;

pub use bar::{Bar, BarChart};
pub use line::{LineChart, Series, sparkline};

/// Colours of series, dark enough for thin lines on white.
const COLOURS: [&str; 4] = ["#a3271d", "#17607f", "#8a6a12", "#4d4d4d"];

/// Opens a chart with its accessible name. `linked` charts are groups, because an image hides its links from
/// assistive technology.
fn open(svg: &mut String, id: &str, title: &str, description: &str, size: (f64, f64), linked: bool) {
    let (id, width, height) = (escape(id), size.0.round(), size.1.round());
    let role = if linked { "group" } else { "img" };
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="{role}" aria-labelledby="{id}-title" aria-describedby="{id}-desc" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" fill="currentColor"><title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
        escape(title),
        escape(description)
    );
}

/// What is no number (NaN, infinite) is unknown, not zero.
fn known(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// Round steps of 1, 2 or 5 times a power of ten that cover the range with at most six lines. Never fewer than
/// two ticks, ascending.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = if high - low > 0.0 { high - low } else { 1.0 };
    let power = 10f64.powf((span / 5.0).log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| span / step <= 5.0).unwrap_or(span);
    let first = (low / step).floor() as i64;
    let last = ((high / step).ceil() as i64).max(first + 1);
    (first..=last).map(|i| i as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_range() {
        assert_eq!(ticks(0.0, 966.0), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(ticks(5.0, 5.0).first(), Some(&5.0));
        for (low, high) in [(0.0, 1.0), (0.0, 3.0e9), (-7.0, 12.0), (98.0, 99.0), (0.0, 1e-4)] {
            let ticks = ticks(low, high);
            assert!(ticks.len() >= 2 && ticks.len() <= 8, "{ticks:?}");
            assert!(ticks[0] <= low && *ticks.last().expect("two") >= high * (1.0 - 1e-12), "{ticks:?}");
        }
    }
}
