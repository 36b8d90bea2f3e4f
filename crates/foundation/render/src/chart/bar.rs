//! Horizontal bars: labels of any length read well on a phone, and values stand at the bars' ends.

use std::fmt::Write;

use super::{COLOURS, known, open};
use crate::xml::{ems, escape, number, open_link, shorten};

const ROW: f64 = 26.0;
const FONT: f64 = 13.0;

/// One bar.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bar {
    /// What is measured, in full; shortened on the chart if it takes more than two fifths of the width.
    pub label: String,
    /// Length; nothing if unknown, which draws no bar and is not 0.
    pub value: Option<f64>,
    /// The value as read, with unit: `12,340 人次`.
    pub value_text: String,
    /// Further class names, separated by spaces.
    pub class: String,
    /// Where a click leads; only local and `http(s)` addresses become links.
    pub href: Option<String>,
}

/// A bar chart.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    /// Prefix of the ids inside the picture, unique in the page.
    pub id: String,
    /// Accessible name.
    pub title: String,
    /// The message in a sentence, for those who do not see the bars.
    pub description: String,
    /// Width in pixels, at least 200.
    pub width: u32,
    /// From top to bottom.
    pub bars: Vec<Bar>,
}

impl BarChart {
    /// Draws the chart; all bars share one scale that includes zero.
    #[must_use]
    pub fn svg(&self) -> String {
        let width = f64::from(self.width.max(200));
        let widest =
            |text: fn(&Bar) -> &str| self.bars.iter().map(|bar| ems(text(bar)) * FONT).fold(0.0, f64::max);
        let label_width = widest(|bar| &bar.label).min(width * 0.4);
        let value_width = widest(|bar| &bar.value_text).min(width * 0.3);
        let left = label_width + 10.0;
        let room = (width - left - value_width - 12.0).max(20.0);
        let values = || self.bars.iter().filter_map(|bar| known(bar.value));
        let (low, high) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
        let per_unit = if high > low { room / (high - low) } else { 0.0 };
        let zero = left - low * per_unit;

        let mut svg = String::new();
        let height = self.bars.len() as f64 * ROW + 8.0;
        let linked = self.bars.iter().any(|bar| bar.href.is_some());
        open(&mut svg, &self.id, &self.title, &self.description, (width, height), linked);
        let _ = write!(svg, r#"<g font-size="{FONT}">"#);
        for (index, bar) in self.bars.iter().enumerate() {
            let top = 4.0 + index as f64 * ROW;
            let baseline = number(top + ROW / 2.0 + FONT * 0.36);
            let name = format!("{} {}", bar.label, bar.value_text);
            let linked = open_link(&mut svg, bar.href.as_deref(), name.trim());
            let _ = write!(
                svg,
                r#"<g class="bar-row"><title>{}</title><text class="bar-label" x="{}" y="{baseline}" text-anchor="end">{}</text>"#,
                escape(name.trim()),
                number(label_width + 2.0),
                escape(&shorten(&bar.label, label_width / FONT + 0.01))
            );
            let mut value_x = zero;
            if let Some(value) = known(bar.value) {
                let end = zero + value * per_unit;
                let class = if bar.class.is_empty() {
                    "bar".to_owned()
                } else {
                    format!("bar {}", escape(&bar.class))
                };
                let _ = write!(
                    svg,
                    r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}" rx="1.5" fill="{}"/>"#,
                    number(zero.min(end)),
                    number(top + 4.0),
                    number((end - zero).abs().max(if value == 0.0 { 0.0 } else { 1.0 })),
                    number(ROW - 8.0),
                    COLOURS[0]
                );
                value_x = zero.max(end);
            }
            let _ = write!(
                svg,
                r#"<text class="bar-value" x="{}" y="{baseline}">{}</text></g>"#,
                number(value_x + 6.0),
                escape(&bar.value_text)
            );
            if linked {
                svg.push_str("</a>");
            }
        }
        let bottom = number(height - 2.0);
        let _ = write!(
            svg,
            r#"</g><path class="axis" d="M{x} 2V{bottom}" stroke="currentColor" stroke-width="1"/></svg>"#,
            x = number(zero)
        );
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::assert_sound;

    fn bar(label: &str, value: Option<f64>) -> Bar {
        Bar {
            label: label.to_owned(),
            value,
            value_text: value.map_or("未知".to_owned(), |v| format!("{v} 人次")),
            ..Bar::default()
        }
    }

    fn chart(bars: Vec<Bar>) -> String {
        let svg =
            BarChart {
                id: "c".into(), title: "人次<区>".into(), description: "d".into(), width: 600, bars
            }
            .svg();
        assert_sound(&svg);
        svg
    }

    fn widths(svg: &str) -> Vec<f64> {
        svg.split(r#"<rect class="bar"#)
            .skip(1)
            .map(|rest| {
                rest.split(" width=\"")
                    .nth(1)
                    .and_then(|w| w.split('"').next()?.parse().ok())
                    .expect("a width")
            })
            .collect()
    }

    #[test]
    fn lengths_are_proportional_and_unknown_is_no_bar() {
        let svg = chart(vec![
            bar("渝中区", Some(200.0)),
            bar("江北区", Some(100.0)),
            bar("巫山县", None),
            bar("零", Some(0.0)),
        ]);
        let widths = widths(&svg);
        assert_eq!(widths.len(), 3);
        assert!((widths[0] / widths[1] - 2.0).abs() < 0.01 && widths[2] == 0.0, "{widths:?}");
        assert!(svg.contains(">未知</text>") && svg.contains("人次&lt;区&gt;"));
        assert!(svg.contains(r#"role="img""#));
    }

    #[test]
    fn negative_values_run_left_of_zero_inside_the_picture() {
        let svg = chart(vec![bar("盈", Some(50.0)), bar("亏", Some(-50.0))]);
        let xs: Vec<f64> = svg
            .split(r#"<rect class="bar" x=""#)
            .skip(1)
            .map(|rest| rest.split('"').next().and_then(|x| x.parse().ok()).expect("a number"))
            .collect();
        assert!(xs[1] < xs[0] && xs[1] > 0.0, "{xs:?}");
    }

    #[test]
    fn hostile_and_odd_input_stays_a_chart() {
        let mut odd = bar("\"><script>", Some(f64::NAN));
        odd.href = Some("javascript:alert(1)".to_owned());
        chart(vec![odd]);
        chart(vec![]);
        let mut linked = bar(&"很长的名字".repeat(30), Some(1.0));
        linked.href = Some("/figures/1".to_owned());
        let svg = chart(vec![linked]);
        assert!(
            svg.contains(r#"role="group""#)
                && svg.contains(r#"<a href="/figures/1" aria-label=""#)
                && svg.contains("…</text>")
        );
    }
}
