//! QR codes as one outline, so that no viewer or printer shows hairlines between the modules.

use std::collections::BTreeMap;
use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

use crate::RenderError;
use crate::xml::escape;

/// Light modules around the code; ISO/IEC 18004 asks for four.
pub const QUIET_ZONE: usize = 4;

/// Draws `text` as a QR code with medium error correction (15 % of the area may be damaged).
///
/// `label` is what a screen reader says, in the reader's language: the address itself or what scanning does.
/// The picture is black on white whatever the page's colours are, since scanners need the contrast. It has
/// the class `qr` and no size of its own beyond four units a module; a stylesheet may scale it.
///
/// # Errors
/// [`RenderError::QrCapacity`] for more than about 2,300 bytes, [`RenderError::Blank`] for no text.
pub fn qr_svg(text: &str, label: &str) -> Result<String, RenderError> {
    let (side, path) = outline(text)?;
    let label = escape(label);
    let pixels = side * 4;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="{label}" width="{pixels}" height="{pixels}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><title>{label}</title><rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{path}"/></svg>"##
    ))
}

/// The side in modules, quiet zone included, and the outline of the dark area as SVG path data.
pub(crate) fn outline(text: &str) -> Result<(usize, String), RenderError> {
    if text.is_empty() {
        return Err(RenderError::Blank { field: "text" });
    }
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| RenderError::QrCapacity)?;
    let width = code.width();
    let modules: Vec<bool> = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
    Ok((width + 2 * QUIET_ZONE, trace(&modules, width)))
}

/// Walks around every dark area with the dark modules on the right hand and writes only the corners.
fn trace(modules: &[bool], width: usize) -> String {
    let dark = |x: i32, y: i32| {
        let inside = |v: i32| (0..width as i32).contains(&v);
        inside(x) && inside(y) && modules[y as usize * width + x as usize]
    };
    let mut edges: BTreeMap<(i32, i32), Vec<(i32, i32)>> = BTreeMap::new();
    for y in 0..width as i32 {
        for x in 0..width as i32 {
            if !dark(x, y) {
                continue;
            }
            let sides = [
                (dark(x, y - 1), (x, y), (x + 1, y)),
                (dark(x + 1, y), (x + 1, y), (x + 1, y + 1)),
                (dark(x, y + 1), (x + 1, y + 1), (x, y + 1)),
                (dark(x - 1, y), (x, y + 1), (x, y)),
            ];
            for (neighbour_is_dark, from, to) in sides {
                if !neighbour_is_dark {
                    edges.entry(from).or_default().push(to);
                }
            }
        }
    }
    let mut path = String::new();
    while let Some((&start, _)) = edges.first_key_value() {
        let mut corners = vec![start];
        let mut at = start;
        while let Some(ends) = edges.get_mut(&at) {
            let Some(next) = ends.pop() else { break };
            if ends.is_empty() {
                edges.remove(&at);
            }
            match corners.as_slice() {
                [.., before, last] if straight(*before, *last, next) => {
                    if let Some(last) = corners.last_mut() {
                        *last = next;
                    }
                }
                _ => corners.push(next),
            }
            at = next;
            if at == start {
                break;
            }
        }
        write_loop(&mut path, &corners);
    }
    path
}

fn straight(a: (i32, i32), b: (i32, i32), c: (i32, i32)) -> bool {
    (a.0 == b.0 && b.0 == c.0) || (a.1 == b.1 && b.1 == c.1)
}

fn write_loop(path: &mut String, corners: &[(i32, i32)]) {
    let zone = QUIET_ZONE as i32;
    let Some(&first) = corners.first() else { return };
    let _ = write!(path, "M{} {}", first.0 + zone, first.1 + zone);
    let mut at = first;
    // The last corner is the first one again, which `z` draws.
    for &corner in &corners[1..corners.len().saturating_sub(1).max(1)] {
        if corner.1 == at.1 {
            let _ = write!(path, "h{}", corner.0 - at.0);
        } else {
            let _ = write!(path, "v{}", corner.1 - at.1);
        }
        at = corner;
    }
    path.push('z');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the path back by counting how often a ray to the right crosses the outline.
    fn dark_at(path: &str, x: f64, y: f64) -> bool {
        let mut inside = false;
        for ring in path.split('z').filter(|ring| !ring.is_empty()) {
            let mut points: Vec<(f64, f64)> = Vec::new();
            let spaced: String = ring
                .chars()
                .map(|c| if c.is_alphabetic() { format!(" {c} ") } else { c.to_string() })
                .collect();
            let mut words = spaced.split_whitespace();
            while let Some(command) = words.next() {
                let mut next = || words.next().and_then(|word| word.parse::<f64>().ok()).expect("a number");
                let (px, py) = points.last().copied().unwrap_or_default();
                points.push(match command {
                    "M" => (next(), next()),
                    "h" => (px + next(), py),
                    "v" => (px, py + next()),
                    other => panic!("unexpected {other}"),
                });
            }
            for (i, a) in points.iter().enumerate() {
                let b = points[(i + 1) % points.len()];
                if (a.1 > y) != (b.1 > y) && a.0.max(b.0) > x {
                    assert_eq!(a.0, b.0, "only vertical sides cross a horizontal ray");
                    inside = !inside;
                }
            }
        }
        inside
    }

    #[test]
    fn the_outline_covers_exactly_the_dark_modules() {
        for text in ["https://learn.example/v/8c1f", "学而时习之，不亦说乎", &"9".repeat(600)] {
            let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("fits");
            let (side, path) = outline(text).expect("fits");
            assert_eq!(side, code.width() + 8);
            for y in 0..side {
                for x in 0..side {
                    let in_code = (QUIET_ZONE..side - QUIET_ZONE).contains(&x)
                        && (QUIET_ZONE..side - QUIET_ZONE).contains(&y);
                    let expected = in_code && code[(x - QUIET_ZONE, y - QUIET_ZONE)] == Color::Dark;
                    assert_eq!(dark_at(&path, x as f64 + 0.5, y as f64 + 0.5), expected, "{text} at {x},{y}");
                }
            }
        }
    }

    #[test]
    fn the_picture_has_a_name_and_no_style() {
        let svg = qr_svg("https://learn.example/v/1", "核验 <证书> & \"二维码\"").expect("fits");
        crate::xml::assert_sound(&svg);
        assert!(svg.contains(r#"role="img" aria-label="核验 &lt;证书&gt; &amp; &quot;二维码&quot;""#));
        assert!(svg.contains("<title>核验 &lt;证书&gt;"));
    }

    #[test]
    fn too_much_or_no_text_is_refused() {
        assert_eq!(qr_svg(&"x".repeat(3000), "l"), Err(RenderError::QrCapacity));
        assert_eq!(qr_svg("", "l"), Err(RenderError::Blank { field: "text" }));
    }
}
