//! The few rules of XML that hand-written SVG needs.

use std::fmt::Write;

/// Escapes text for element content and for attributes in double quotes; control characters that XML 1.0
/// forbids become U+FFFD, so that no text of a user can make a picture unreadable.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if (c as u32) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Opens a link when the address is local (`/…`, `?…`, `#…`) or `http(s)`. Any other scheme gives no link,
/// because SVG runs `javascript:` addresses as pages do. Returns whether a `</a>` is owed.
///
/// The link carries its name itself: a title inside of the picture is not taken for one by every reader.
pub(crate) fn open_link(svg: &mut String, href: Option<&str>, name: &str) -> bool {
    let Some(href) = href else { return false };
    let allowed = ["/", "?", "#", "http://", "https://"].iter().any(|start| href.starts_with(start));
    if allowed {
        let _ = write!(svg, r#"<a href="{}" aria-label="{}">"#, escape(href), escape(name));
    }
    allowed
}

/// Writes a coordinate with at most one decimal and no trailing zero.
pub(crate) fn number(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let (sign, tenths) = if tenths < 0 { ("-", -tenths) } else { ("", tenths) };
    match tenths % 10 {
        0 => format!("{sign}{}", tenths / 10),
        rest => format!("{sign}{}.{rest}", tenths / 10),
    }
}

/// Width of a text in ems, for layout without font metrics: wide scripts count 1, all else 0.6.
pub(crate) fn ems(text: &str) -> f64 {
    text.chars().map(|c| if (c as u32) >= 0x2e80 { 1.0 } else { 0.6 }).sum()
}

/// Cuts a text to a width in ems and marks the cut with `…`.
pub(crate) fn shorten(text: &str, max_ems: f64) -> String {
    if ems(text) <= max_ems {
        return text.to_owned();
    }
    let mut width = 1.0;
    let mut cut = String::new();
    for c in text.chars() {
        width += if (c as u32) >= 0x2e80 { 1.0 } else { 0.6 };
        if width > max_ems {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

/// Whether a picture is well-formed enough for tests: tags balance, attributes are quoted, no style anywhere.
#[cfg(test)]
pub(crate) fn assert_sound(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("each tag ends");
        let tag = &rest[start + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes balance in <{tag}>");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closing tags match in {svg}");
        } else if !tag.ends_with('/') {
            open.push(tag.split([' ', '\n']).next().unwrap_or(tag));
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty(), "unclosed {open:?}");
    for banned in [" style=", "<style", "<script", " onclick=", "javascript:"] {
        assert!(!svg.contains(banned), "a strict CSP would block {banned:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(escape("a<b>&\"'\u{1}\n"), "a&lt;b&gt;&amp;&quot;&#39;\u{fffd} ");
    }

    #[test]
    fn script_addresses_give_no_link() {
        for (href, linked) in
            [("/a", true), ("https://x/", true), ("javascript:alert(1)", false), ("data:x", false)]
        {
            let mut svg = String::new();
            assert_eq!(open_link(&mut svg, Some(href), "到哪里"), linked);
            assert_eq!(svg.is_empty(), !linked);
        }
    }

    #[test]
    fn numbers_are_short() {
        let written: Vec<String> = [0.04, -0.04, 1.0, -12.34, 9.96].into_iter().map(number).collect();
        assert_eq!(written, ["0", "0", "1", "-12.3", "10"]);
    }

    #[test]
    fn shortening_counts_wide_characters() {
        assert_eq!(shorten("重庆市渝中区", 6.0), "重庆市渝中区");
        assert_eq!(shorten("重庆市渝中区", 4.0), "重庆市…");
    }
}
