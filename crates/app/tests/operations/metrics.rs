//! The figures of a real process, the document that explains them, and the dashboard that shows them.

use std::collections::BTreeSet;

use crate::kit::{Ground, On, Serving};

const DOCUMENT: &str = include_str!("../../../../docs/operations.md");
const DASHBOARD: &str = include_str!("../../../../docs/operations/grafana.json");

/// Figures that the document explains.
fn documented() -> BTreeSet<String> {
    let table = DOCUMENT.split("<!-- metrics:begin -->").nth(1).unwrap();
    let table = table.split("<!-- metrics:end -->").next().unwrap();
    table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).map(str::to_owned).collect()
}

/// A name without what a histogram appends.
fn base(name: &str) -> String {
    ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
}

fn scrape(serving: &Serving) -> String {
    let answer = serving.browser().get("/metrics");
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

fn scraped(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| base(line.split(['{', ' ']).next().unwrap())).collect()
}

fn every_figure_is_there_and_explained(on: On) {
    let ground = Ground::founded(on);
    let serving = ground.serve(&[]);
    let mut browser = serving.browser();
    browser.get("/search?q=a");
    browser.get("/no-such-page");
    browser.fill("/sign-in", "/sign-in", &[("phone", "19900000003")]);
    browser.fill("/sign-in", "/sign-in", &[("phone", "19900000003")]);
    let text = scrape(&serving);
    let mut expected = documented();
    assert!(expected.len() > 20, "{expected:?}");
    if on == On::Postgres {
        // Groups are SQLite's way.
        expected.remove("xuecheng_store_group_size");
    }
    assert_eq!(scraped(&text), expected);
    for line in [
        "xuecheng_requests_total{method=\"GET\",route=\"/search\",status=\"200\"} 1",
        "xuecheng_refusals_total{code=\"kernel.missing\"} 1",
        // The same phone within a minute is refused by the limit.
        "xuecheng_rate_limited_total 1",
        "xuecheng_sign_ins_total 0",
        "xuecheng_request_seconds_count{route=\"/search\"} 1",
        "xuecheng_build_info{version=\"",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    for (name, least) in [
        ("xuecheng_journal_head", 4.0),
        ("xuecheng_process_resident_bytes", 1e6),
        ("xuecheng_process_open_files", 5.0),
    ] {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        assert!(value.is_some_and(|value| value >= least), "{name} is {value:?}");
    }
    assert!(!text.contains("1990000"), "{text}");
}

#[test]
fn every_figure_is_there_and_explained_on_sqlite() {
    every_figure_is_there_and_explained(On::Sqlite);
}

#[test]
fn every_figure_is_there_and_explained_on_postgres() {
    every_figure_is_there_and_explained(On::Postgres);
}

#[test]
fn the_dashboard_shows_every_figure_and_no_other() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut shown = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = target["expr"].as_str().unwrap();
            let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            shown.extend(words.filter(|word| word.starts_with("xuecheng_")).map(base));
        }
    }
    assert_eq!(shown, documented());
}

#[test]
fn figures_are_for_the_operator() {
    let ground = Ground::founded(On::Sqlite);
    let token = "operator-operator-operator";
    let serving = ground.serve(&[("XUECHENG_METRICS_TOKEN", token)]);
    let mut relayed = serving.browser();
    relayed.headers.push(("x-forwarded-for".to_owned(), "192.0.2.7".to_owned()));
    assert_eq!(relayed.get("/metrics").status, 404);
    relayed.headers.push(("authorization".to_owned(), "Bearer operator-operator-operatoR".to_owned()));
    assert_eq!(relayed.get("/metrics").status, 404);
    relayed.headers.pop();
    relayed.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    assert_eq!(relayed.get("/metrics").status, 200);
    drop(serving);
    // Without a configured token none opens the door, not even an empty one.
    let serving = ground.serve(&[]);
    let mut relayed = serving.browser();
    relayed.headers.push(("x-forwarded-for".to_owned(), "192.0.2.7".to_owned()));
    relayed.headers.push(("authorization".to_owned(), "Bearer ".to_owned()));
    assert_eq!(relayed.get("/metrics").status, 404);
    let short = ground.command(&["serve"]).env("XUECHENG_METRICS_TOKEN", "short").output().unwrap();
    assert!(String::from_utf8_lossy(&short.stderr).contains("metrics.token is shorter than 24"));
}
