//! What docs/operations.md says of configuration and figures is what the program has.

use std::fmt::Write as _;

use crate::{config::Config, metrics};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");

#[expect(clippy::disallowed_methods, reason = "who runs the test says whether the document is to be renewed")]
fn renewing() -> bool {
    std::env::var_os("XUECHENG_RENEW").is_some()
}

/// Compares what stands between two marks of the document, or writes it there.
fn stands_in_the_document(mark: &str, expected: &str) {
    let text = std::fs::read_to_string(PATH).unwrap();
    let (begin, end) = (format!("<!-- {mark}:begin -->\n"), format!("<!-- {mark}:end -->"));
    let (front, rest) = text.split_once(&begin).unwrap();
    let (stands, back) = rest.split_once(&end).unwrap();
    if renewing() {
        std::fs::write(PATH, format!("{front}{begin}{expected}{end}{back}")).unwrap();
        return;
    }
    assert!(
        stands == expected,
        "docs/operations.md is not what the program has; renew it with\n\
         XUECHENG_RENEW=1 cargo test --release -p xuecheng the_document -- --test-threads 1\nexpected:\n{expected}"
    );
}

#[test]
fn the_document_has_every_key_of_the_configuration() {
    let text = Config::commented();
    stands_in_the_document("config", &format!("\n```toml\n{text}```\n\n"));
    // What is printed is a configuration, and the same one as none.
    assert_eq!(Config::read(&text, &[]).unwrap(), Config::default());
    let set: String = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.contains(" = ") && !rest.starts_with([' ', '#']) => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_eq!(Config::read(&set, &[]).unwrap(), Config::default());
    assert_eq!(set.lines().filter(|line| !line.starts_with('#') && line.contains(" = ")).count(), 32);
}

#[test]
fn the_document_has_every_figure() {
    let mut table = String::from("\n| figure | kind | meaning |\n| --- | --- | --- |\n");
    for (name, kind, help) in metrics::ALL {
        let kind = match kind {
            metrics::Kind::Counter => "counter",
            metrics::Kind::Gauge => "gauge",
            metrics::Kind::Histogram => "histogram",
        };
        let _ = writeln!(table, "| `{name}` | {kind} | {help} |");
    }
    table.push('\n');
    stands_in_the_document("metrics", &table);
}
