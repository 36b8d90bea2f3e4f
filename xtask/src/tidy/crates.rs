//! Every crate explains itself.

use super::Violation;
use crate::tree::Tree;

/// Every crate has a README.md, and its root module shows that README as its documentation.
pub fn readmes(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for manifest in tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        let folder = manifest.folder();
        if tree.get(&format!("{folder}/README.md")).is_none() {
            found.push(Violation::new(&manifest.path, 0, "the crate has no README.md"));
        }
        let root = ["lib.rs", "main.rs"].iter().find_map(|name| tree.get(&format!("{folder}/src/{name}")));
        let Some(root) = root else { continue };
        if !root.text().is_some_and(|text| text.contains("include_str!(\"../README.md\")")) {
            found.push(Violation::new(&root.path, 1, "the crate's README.md is not its documentation"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn a_crate_without_readme_or_that_hides_it_is_found() {
        let shown = "#![doc = include_str!(\"../README.md\")]\n";
        let tree = Tree::of(&[
            ("Cargo.toml", ""),
            ("crates/a/Cargo.toml", ""),
            ("crates/a/README.md", ""),
            ("crates/a/src/lib.rs", shown),
            ("crates/b/Cargo.toml", ""),
            ("crates/b/src/main.rs", "fn main() {}\n"),
        ]);
        assert_eq!(
            found(&readmes(&tree)),
            [
                "crates/b/Cargo.toml: the crate has no README.md",
                "crates/b/src/main.rs:1: the crate's README.md is not its documentation"
            ]
        );
    }
}
