//! Vendored files are what their source published, byte for byte.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Violation;
use crate::tree::Tree;

const FOLDER: &str = "assets/vendor/";
const SUMS: &str = "SHA256SUMS";

/// Every file below `assets/vendor` has a line in a `SHA256SUMS` beside or above it (paths are relative to that file, as
/// `sha256sum` writes them), the checksum is right, and no line names a file that is gone.
pub fn checksums(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut sums: BTreeMap<String, (&str, usize, String)> = BTreeMap::new();
    let vendored = || tree.files.iter().filter(|file| file.path.starts_with(FOLDER));
    for list in vendored().filter(|file| file.path.ends_with(SUMS)) {
        for (index, line) in list.text().unwrap_or_default().lines().enumerate() {
            let Some((sum, name)) = line.split_once(' ') else {
                found.push(Violation::new(&list.path, index + 1, "not a line of sha256sum"));
                continue;
            };
            let name = name.trim_start_matches([' ', '*']).trim_start_matches("./");
            sums.insert(format!("{}/{name}", list.folder()), (&list.path, index + 1, sum.to_owned()));
        }
    }
    // Our own words about a vendored folder are no part of it.
    let ours = |path: &str| path.ends_with(SUMS) || path.ends_with("/README.md");
    for file in vendored().filter(|file| !ours(&file.path)) {
        let sum: String = Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        match sums.remove(&file.path) {
            None => found.push(Violation::new(&file.path, 0, format!("has no line in {SUMS}"))),
            Some((_, _, listed)) if listed == sum => {}
            Some((list, line, _)) => {
                found.push(Violation::new(
                    list,
                    line,
                    format!("{} has changed, its checksum is {sum}", file.path),
                ));
            }
        }
    }
    for (path, (list, line, _)) in sums {
        found.push(Violation::new(list, line, format!("{path} is gone")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    /// SHA-256 of `abc` (FIPS 180-4).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn true_checksums_pass_from_beside_and_from_above() {
        let beside = format!("{ABC}  x.js\n");
        let above = format!("{ABC}  b/x.js\n");
        let tree = Tree::of(&[
            ("assets/vendor/a/SHA256SUMS", &beside),
            ("assets/vendor/a/x.js", "abc"),
            ("assets/vendor/SHA256SUMS", &above),
            ("assets/vendor/b/x.js", "abc"),
        ]);
        assert!(checksums(&tree).is_empty());
    }

    #[test]
    fn changed_unlisted_and_missing_files_are_found() {
        let sums = format!("{ABC}  x.js\n{ABC}  gone.js\n");
        let tree = Tree::of(&[
            ("assets/vendor/SHA256SUMS", &sums),
            ("assets/vendor/x.js", "abd"),
            ("assets/vendor/new.js", "abc"),
        ]);
        let lines = found(&checksums(&tree));
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with(
            "assets/vendor/SHA256SUMS:1: assets/vendor/x.js has changed, its checksum is a52d159f"
        ));
        assert!(lines.contains(&"assets/vendor/new.js: has no line in SHA256SUMS".to_owned()));
        assert!(lines.contains(&"assets/vendor/SHA256SUMS:2: assets/vendor/gone.js is gone".to_owned()));
    }
}
