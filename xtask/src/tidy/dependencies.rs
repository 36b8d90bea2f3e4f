//! The table of allowed dependencies in ARCHITECTURE.md against what Cargo sees.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Violation;
use crate::tree::Tree;

const DOCUMENT: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- dependencies:begin -->";
const END: &str = "<!-- dependencies:end -->";
/// A cell that permits every crate of the rows above it.
const ALL_ABOVE: &str = "all above";

/// Every edge between our crates (tests and build scripts too) stands in the table, and every row is a crate that exists.
pub fn permitted(tree: &Tree, metadata: &Value) -> Vec<Violation> {
    let Some(text) = tree.get(DOCUMENT).and_then(|file| file.text()) else {
        return vec![Violation::new(DOCUMENT, 0, "is missing")];
    };
    let rows = match table(text) {
        Ok(rows) => rows,
        Err(violation) => return vec![violation],
    };
    let edges = edges(metadata);
    let mut found = Vec::new();
    for (name, used) in &edges {
        let Some(row) = rows.get(name) else {
            found.push(Violation::new(
                DOCUMENT,
                0,
                format!("the table of dependencies lacks the crate `{name}`"),
            ));
            continue;
        };
        for other in used.difference(&row.may_use) {
            found.push(Violation::new(
                DOCUMENT,
                row.line,
                format!("`{name}` uses `{other}`, which the table does not permit"),
            ));
        }
    }
    for (name, row) in &rows {
        for other in std::iter::once(name).chain(&row.may_use) {
            if !edges.contains_key(other) {
                found.push(Violation::new(DOCUMENT, row.line, format!("there is no crate `{other}`")));
            }
        }
    }
    found
}

struct TableRow {
    line: usize,
    may_use: BTreeSet<String>,
}

fn table(text: &str) -> Result<BTreeMap<String, TableRow>, Violation> {
    let mut rows: BTreeMap<String, TableRow> = BTreeMap::new();
    let (mut inside, mut ended) = (false, false);
    for (index, line) in text.lines().enumerate() {
        match line.trim() {
            BEGIN => inside = true,
            END => ended = inside,
            _ => {}
        }
        if !inside || ended || !line.trim_start().starts_with('|') {
            continue;
        }
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [name, permitted, ..] = cells[..] else {
            return Err(Violation::new(
                DOCUMENT,
                index + 1,
                "a row of the table of dependencies needs two cells",
            ));
        };
        if name == "crate" || name.starts_with("--") || name.starts_with(":-") {
            continue;
        }
        let mut may_use: BTreeSet<String> = names(permitted).collect();
        if permitted.starts_with(ALL_ABOVE) {
            may_use.extend(rows.keys().cloned());
        }
        let name = name.trim_matches('`').to_owned();
        if rows.insert(name.clone(), TableRow { line: index + 1, may_use }).is_some() {
            return Err(Violation::new(DOCUMENT, index + 1, format!("a second row for `{name}`")));
        }
    }
    if ended {
        Ok(rows)
    } else {
        Err(Violation::new(DOCUMENT, 0, format!("no table between `{BEGIN}` and `{END}`")))
    }
}

/// Names of crates in a cell, with or without backticks; dashes and words for "nothing" are none.
fn names(cell: &str) -> impl Iterator<Item = String> {
    let cell = cell.strip_prefix(ALL_ABOVE).unwrap_or(cell);
    cell.split([',', ' ', '、'])
        .map(|name| name.trim_matches('`'))
        .filter(|name| !matches!(*name, "" | "-" | "–" | "—" | "nothing" | "and"))
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Our crates, each with those of our crates that it uses for any purpose.
fn edges(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut edges = BTreeMap::new();
    for package in packages {
        let used = package["dependencies"].as_array().into_iter().flatten();
        let used = used.filter_map(|dependency| dependency["name"].as_str());
        let used = used.filter(|name| ours.contains(name)).map(str::to_owned).collect();
        edges.insert(package["name"].as_str().unwrap_or_default().to_owned(), used);
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    fn metadata() -> Value {
        serde_json::json!({ "packages": [
            { "name": "kernel", "dependencies": [{ "name": "serde" }] },
            { "name": "store", "dependencies": [{ "name": "kernel" }, { "name": "rusqlite" }] },
            { "name": "app", "dependencies": [{ "name": "kernel" }, { "name": "store" }] },
        ]})
    }

    fn check(rows: &str) -> Vec<String> {
        let text =
            format!("# A\n{BEGIN}\n| crate | may use |\n| --- | --- |\n{rows}{END}\n| other | table |\n");
        found(&permitted(&Tree::of(&[(DOCUMENT, &text)]), &metadata()))
    }

    #[test]
    fn a_true_table_passes() {
        assert!(check("| `kernel` | — |\n| `store` | `kernel` |\n| `app` | all above |\n").is_empty());
        assert!(check("| kernel | nothing |\n| store | kernel |\n| app | kernel, store |\n").is_empty());
    }

    #[test]
    fn an_edge_that_is_not_permitted_is_found() {
        assert_eq!(
            check("| `kernel` | — |\n| `store` | — |\n| `app` | all above |\n"),
            ["ARCHITECTURE.md:6: `store` uses `kernel`, which the table does not permit"]
        );
    }

    #[test]
    fn missing_and_unknown_crates_are_found() {
        assert_eq!(
            check("| `kernel` | — |\n| `store` | `kernel`, `ghost` |\n"),
            [
                "ARCHITECTURE.md: the table of dependencies lacks the crate `app`",
                "ARCHITECTURE.md:6: there is no crate `ghost`"
            ]
        );
    }

    #[test]
    fn a_document_without_table_is_found() {
        let tree = Tree::of(&[(DOCUMENT, "# A\n| a | b |\n")]);
        assert_eq!(permitted(&tree, &metadata()).len(), 1);
        assert_eq!(found(&permitted(&Tree::default(), &metadata())), ["ARCHITECTURE.md: is missing"]);
    }
}
