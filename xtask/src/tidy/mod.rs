//! `cargo xtask tidy`: the rules, run over the whole tree.

mod codes;
mod crates;
mod dependencies;
mod fluent;
mod locks;
mod migrations;
mod rust;
mod sql;
mod text;
mod translations;
mod vendor;

use std::fmt::{self, Write as _};
use std::path::Path;

use crate::tree::Tree;

/// One place where the tree breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    path: String,
    /// From 1; 0 where the file as a whole is meant.
    line: usize,
    text: String,
}

impl Violation {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.path, self.text)
        } else {
            write!(f, "{}:{}: {}", self.path, self.line, self.text)
        }
    }
}

type Rule = fn(&Tree) -> Vec<Violation>;

/// Rules that need nothing but the tree.
const RULES: &[Rule] = &[
    text::blanks,
    text::length,
    text::forbidden,
    crates::readmes,
    migrations::portable,
    migrations::directives,
    migrations::keys,
    migrations::references,
    translations::languages_agree,
    translations::used_keys_exist,
    translations::existing_keys_are_used,
    codes::unique_and_used,
    codes::translated,
    vendor::checksums,
    locks::public_registries,
];

/// Runs all rules; answers the closing line, or all violations.
pub fn run(root: &Path) -> Result<String, String> {
    let tree = Tree::read(root).map_err(|error| format!("cannot read {}: {error}", root.display()))?;
    let metadata = crate::metadata(root, &["--no-deps", "--offline"])?;
    let mut violations = dependencies::permitted(&tree, &metadata);
    for rule in RULES {
        violations.extend(rule(&tree));
    }
    if violations.is_empty() {
        return Ok(format!("tidy: {} checks passed", RULES.len() + 1));
    }
    violations.sort();
    violations.dedup();
    let mut report = String::new();
    for violation in &violations {
        let _ = writeln!(report, "{violation}");
    }
    let _ = write!(report, "tidy: {} violations", violations.len());
    Err(report)
}

/// The lines of what a rule found, for tests.
#[cfg(test)]
fn found(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(ToString::to_string).collect()
}
