//! Lines over equal steps (months, years), and the small line inside a sentence.

use std::fmt::Write;

use super::{COLOURS, known, open, ticks};
use crate::xml::{ems, escape, number};

const FONT: f64 = 12.0;
/// Dashes keep the series apart where colours are not seen.
const DASHES: [&str; 4] = ["", "7 3", "2 3", "9 3 2 3"];

/// One line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// One value a step; unknown ones leave a gap.
    pub values: Vec<Option<f64>>,
}

/// A line chart.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    /// Prefix of the ids inside the picture, unique in the page.
    pub id: String,
    /// Accessible name.
    pub title: String,
    /// The message in a sentence, for those who do not see the lines.
    pub description: String,
    /// Width in pixels, at least 240.
    pub width: u32,
    /// Height in pixels, at least 120.
    pub height: u32,
    /// Names of the steps; as many are written as have room.
    pub steps: Vec<String>,
    /// At most four are told apart by dash and colour.
    pub series: Vec<Series>,
}

struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    low: f64,
    high: f64,
    steps: usize,
}

impl Frame {
    fn x(&self, step: usize) -> f64 {
        if self.steps < 2 {
            return f64::midpoint(self.left, self.right);
        }
        self.left + (self.right - self.left) * step as f64 / (self.steps - 1) as f64
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * (value - self.low) / (self.high - self.low)
    }

    /// Path data; a lone known value between unknown ones is a short dash.
    fn path(&self, values: &[Option<f64>]) -> String {
        let mut path = String::new();
        let mut drawing = false;
        for (step, value) in values.iter().enumerate().take(self.steps) {
            let Some(value) = known(*value) else {
                drawing = false;
                continue;
            };
            let alone = !drawing && values.get(step + 1).is_none_or(|next| known(*next).is_none());
            let command = if drawing { 'L' } else { 'M' };
            let x = if alone { self.x(step) - 1.5 } else { self.x(step) };
            let _ = write!(path, "{command}{} {}", number(x), number(self.y(value)));
            if alone {
                path.push_str("h3");
            }
            drawing = true;
        }
        path
    }
}

impl LineChart {
    /// Draws the chart on a scale from zero (or below, if values are negative). `tick_text` writes the numbers at
    /// the scale in the reader's language.
    #[must_use]
    pub fn svg(&self, tick_text: impl Fn(f64) -> String) -> String {
        let (width, height) = (f64::from(self.width.max(240)), f64::from(self.height.max(120)));
        let values =
            || self.series.iter().flat_map(|series| &series.values).filter_map(|value| known(*value));
        let ticks = ticks(values().fold(0.0, f64::min), values().fold(0.0, f64::max));
        let texts: Vec<String> = ticks.iter().map(|tick| tick_text(*tick)).collect();
        let tick_width = texts.iter().map(|text| ems(text) * FONT).fold(0.0, f64::max).min(width * 0.3);
        let steps = self.steps.len();
        let half_name = self.widest_step() / 2.0 + 2.0;
        let frame = Frame {
            left: (tick_width + 12.0).max(half_name.min(width * 0.25)),
            right: width - half_name.clamp(14.0, width * 0.25),
            top: if self.series.len() > 1 { 30.0 } else { 12.0 },
            bottom: height - 24.0,
            low: ticks[0],
            high: ticks[ticks.len() - 1],
            steps,
        };

        let mut svg = String::new();
        open(&mut svg, &self.id, &self.title, &self.description, (width, height), false);
        let _ = write!(svg, r#"<g font-size="{FONT}">"#);
        for (tick, text) in ticks.iter().zip(&texts) {
            let y = frame.y(*tick);
            let opacity = if *tick == 0.0 { ".6" } else { ".18" };
            let _ = write!(
                svg,
                r#"<path class="grid" d="M{} {}H{}" stroke="currentColor" stroke-opacity="{opacity}"/><text x="{}" y="{}" text-anchor="end">{}</text>"#,
                number(frame.left),
                number(y),
                number(frame.right),
                number(frame.left - 6.0),
                number(y + FONT * 0.36),
                escape(text)
            );
        }
        self.step_names(&mut svg, &frame, height);
        self.lines(&mut svg, &frame);
        svg.push_str("</g></svg>");
        svg
    }

    fn widest_step(&self) -> f64 {
        self.steps.iter().map(|step| ems(step) * FONT).fold(1.0, f64::max)
    }

    /// Every n-th name, counted back from the newest so that it is always there.
    fn step_names(&self, svg: &mut String, frame: &Frame, height: f64) {
        let count = self.steps.len();
        let fitting = (((frame.right - frame.left) / (self.widest_step() + 8.0)) as usize).max(1);
        let every = count.div_ceil(fitting).max(1);
        for (index, step) in
            self.steps.iter().enumerate().filter(|(index, _)| (count - 1 - index).is_multiple_of(every))
        {
            let _ = write!(
                svg,
                r#"<text x="{}" y="{}" text-anchor="middle">{}</text>"#,
                number(frame.x(index)),
                number(height - 7.0),
                escape(step)
            );
        }
    }

    fn lines(&self, svg: &mut String, frame: &Frame) {
        let mut legend_x = frame.left;
        for (index, series) in self.series.iter().enumerate() {
            let (colour, dash) = (COLOURS[index % COLOURS.len()], DASHES[index % DASHES.len()]);
            let dash = if dash.is_empty() { String::new() } else { format!(r#" stroke-dasharray="{dash}""#) };
            let stroke = format!(
                r#"class="line series-{}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"{dash}"#,
                index + 1
            );
            let _ = write!(svg, r#"<path {stroke} d="{}"/>"#, frame.path(&series.values));
            if self.series.len() > 1 {
                let _ = write!(
                    svg,
                    r#"<path {stroke} d="M{} 12h24"/><text x="{}" y="16">{}</text>"#,
                    number(legend_x),
                    number(legend_x + 30.0),
                    escape(&series.name)
                );
                legend_x += 46.0 + ems(&series.name) * FONT;
            }
        }
    }
}

/// A line of the size of a word (96 × 24 pixels), without scale. `title` says in words what it shows. The last
/// known value has a dot.
#[must_use]
pub fn sparkline(title: &str, values: &[Option<f64>]) -> String {
    let numbers = || values.iter().filter_map(|value| known(*value));
    let (low, high) = (numbers().fold(0.0, f64::min), numbers().fold(0.0, f64::max));
    let high = if high > low { high } else { low + 1.0 };
    let frame = Frame { left: 3.0, right: 92.0, top: 4.0, bottom: 21.0, low, high, steps: values.len() };
    let label = escape(title);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="chart sparkline" role="img" aria-label="{label}" width="96" height="24" viewBox="0 0 96 24"><title>{label}</title><path class="line" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" d="{}"/>"#,
        frame.path(values)
    );
    let last =
        values.iter().enumerate().rev().find_map(|(step, value)| known(*value).map(|value| (step, value)));
    if let Some((step, value)) = last {
        let _ = write!(
            svg,
            r#"<circle class="last" cx="{}" cy="{}" r="2.5" fill="{}"/>"#,
            number(frame.x(step)),
            number(frame.y(value)),
            COLOURS[0]
        );
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::assert_sound;

    fn chart(series: Vec<Series>, steps: usize) -> String {
        let svg = LineChart {
            id: "l".into(),
            title: "每月人次".into(),
            description: String::new(),
            width: 480,
            height: 200,
            steps: (1..=steps).map(|m| format!("{m}月")).collect(),
            series,
        }
        .svg(|tick| format!("{tick}"));
        assert_sound(&svg);
        svg
    }

    fn series(name: &str, values: &[Option<f64>]) -> Series {
        Series { name: name.to_owned(), values: values.to_vec() }
    }

    fn data<'a>(svg: &'a str, class: &str) -> &'a str {
        let after = svg.split(&format!(r#"class="{class}""#)).nth(1).expect("the class");
        after.split(r#" d=""#).nth(1).and_then(|d| d.split('"').next()).expect("path data")
    }

    #[test]
    fn gaps_stay_gaps_and_lone_values_show() {
        let svg = chart(vec![series("a", &[Some(1.0), Some(2.0), None, Some(4.0), None, Some(f64::NAN)])], 6);
        let path = data(&svg, "line series-1");
        assert_eq!(
            (path.matches('M').count(), path.matches('L').count(), path.matches("h3").count()),
            (2, 1, 1),
            "{path}"
        );
    }

    #[test]
    fn higher_values_are_higher() {
        let frame = Frame { left: 0.0, right: 10.0, top: 0.0, bottom: 100.0, low: 0.0, high: 50.0, steps: 3 };
        assert_eq!(frame.path(&[Some(0.0), Some(50.0), Some(25.0)]), "M0 100L5 0L10 50");
    }

    #[test]
    fn names_thin_out_but_the_newest_stays() {
        let svg = chart(vec![series("a", &[Some(5.0); 60])], 60);
        assert!(svg.contains(">60月</text>") && !svg.contains(">59月</text>"));
        assert!(svg.matches("月</text>").count() < 20);
    }

    #[test]
    fn several_series_have_a_legend_and_dashes() {
        let svg = chart(vec![series("线上 & 线下", &[Some(1.0)]), series("乙", &[Some(-3.0)])], 1);
        assert!(svg.contains("线上 &amp; 线下</text>") && svg.contains(r#"stroke-dasharray="7 3""#));
        chart(vec![], 0);
        chart(vec![series("空", &[])], 0);
    }

    #[test]
    fn a_sparkline_marks_the_last_known_value() {
        let svg = sparkline("升", &[Some(0.0), Some(10.0), None]);
        assert_sound(&svg);
        assert!(svg.contains(r#"cx="47.5" cy="4""#), "{svg}");
        for odd in [&[][..], &[None], &[Some(0.0)], &[Some(f64::INFINITY)]] {
            assert_sound(&sparkline("无", odd));
        }
    }
}
