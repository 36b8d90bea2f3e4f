//! Lock files say what is used, not where one machine happened to fetch it.

use super::Violation;
use crate::tree::Tree;

const CRATES_IO: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

/// `Cargo.lock` names crates.io alone; `package-lock.json` names no address, only versions and checksums.
pub fn public_registries(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in &tree.files {
        let Some(text) = file.text() else { continue };
        let foreign: fn(&str) -> bool = match file.path.rsplit('/').next() {
            Some("Cargo.lock") => |line| line.starts_with("source = ") && line != CRATES_IO,
            Some("package-lock.json") => |line| line.trim_start().starts_with("\"resolved\":"),
            _ => continue,
        };
        for (index, line) in text.lines().enumerate().filter(|(_, line)| foreign(line)) {
            found.push(Violation::new(
                &file.path,
                index + 1,
                format!("not the public registry: {}", line.trim()),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn other_sources_are_found() {
        let cargo = format!("{CRATES_IO}\nsource = \"git+https://example.org/x\"\n");
        let npm = "{\n  \"version\": \"1.0.0\",\n  \"resolved\": \"https://example.org/x.tgz\"\n}\n";
        let tree = Tree::of(&[("Cargo.lock", &cargo), ("e2e/package-lock.json", npm)]);
        assert_eq!(
            found(&public_registries(&tree)),
            [
                "Cargo.lock:2: not the public registry: source = \"git+https://example.org/x\"",
                "e2e/package-lock.json:3: not the public registry: \"resolved\": \"https://example.org/x.tgz\""
            ]
        );
    }
}
