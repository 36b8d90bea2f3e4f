//! What a browser says of itself, as short as a person would say it.

use axum::http::{HeaderMap, header};

/// Systems by the mark in `User-Agent`; the first that fits counts (Android says Linux too, iPads say Mac).
const SYSTEMS: [(&str, &str); 7] = [
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];
/// Browsers likewise: most say Chrome or Safari besides their own name.
const BROWSERS: [(&str, &str); 7] = [
    ("MicroMessenger", "微信 WeChat"),
    ("QQBrowser", "QQ"),
    ("UCBrowser", "UC"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];

/// `Android · Chrome`; empty if the browser says nothing that is known. Versions are left out: they tell more than is needed.
pub(super) fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let find = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let parts: Vec<&str> = [find(&SYSTEMS), find(&BROWSERS)].into_iter().flatten().collect();
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_as_a_person_would() {
        let named = |agent: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            device(&headers)
        };
        let phone = "Mozilla/5.0 (Linux; Android 13; V2203A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0";
        assert_eq!(named(phone), "Android · 微信 WeChat");
        let desk = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0";
        assert_eq!(named(desk), "Windows · Edge");
        assert_eq!(named("curl/8.5.0"), "");
    }
}
