//! Blanks, length of files, and strings that have no place in finished work.

use super::Violation;
use crate::tree::{File, Tree};

const RUST_LINES_MAX: usize = 800;

/// Files written by hand; tables of data and vendored files keep the form of their source.
fn hand_written(file: &File) -> Option<&str> {
    const EXTENSIONS: &[&str] = &[
        "rs", "toml", "sql", "ftl", "html", "css", "js", "ts", "typ", "md", "yml", "yaml", "sh", "py", "xml",
        "svg",
    ];
    if file.path.starts_with("assets/vendor/") || file.path.starts_with("data/") {
        return None;
    }
    let text = file.text()?;
    (EXTENSIONS.contains(&file.extension()) || text.starts_with("#!")).then_some(text)
}

/// No tabs, no blanks at a line's end, a line feed at the file's end.
pub fn blanks(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in &tree.files {
        let Some(text) = hand_written(file) else { continue };
        for (index, line) in text.lines().enumerate() {
            if line.contains('\t') {
                found.push(Violation::new(&file.path, index + 1, "a tab: indent with blanks"));
            }
            if line.ends_with([' ', '\r']) {
                found.push(Violation::new(&file.path, index + 1, "blanks at the end of the line"));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            found.push(Violation::new(
                &file.path,
                text.lines().count(),
                "no line feed at the end of the file",
            ));
        }
    }
    found
}

/// A Rust file that outgrows the limit wants dividing into rooms.
pub fn length(tree: &Tree) -> Vec<Violation> {
    tree.with_extension("rs")
        .filter_map(|file| {
            let lines = file.text()?.lines().count();
            let text = format!("{lines} lines, at most {RUST_LINES_MAX}: divide it");
            (lines > RUST_LINES_MAX).then(|| Violation::new(&file.path, 0, text))
        })
        .collect()
}

/// Strings that Rust files may not contain. Written in two halves, so that this file passes its own rule.
const FORBIDDEN_IN_RUST: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it"),
    (concat!("unimplemented", "!("), "finish it"),
    (concat!("dbg", "!("), "take it out"),
    (concat!("#[", "ignore"), "a long test looks at XUECHENG_TEST_LONG"),
    (concat!("[", "allow("), "write expect with a reason"),
];

/// Folders of one machine that no file of the repository may name.
const MACHINE_FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// No unfinished code, no silenced lints, no paths of one machine.
pub fn forbidden(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in &tree.files {
        let Some(text) = hand_written(file) else { continue };
        for (index, line) in text.lines().enumerate() {
            if file.extension() == "rs" {
                for (string, advice) in FORBIDDEN_IN_RUST {
                    if line.contains(string) {
                        found.push(Violation::new(&file.path, index + 1, format!("`{string}`: {advice}")));
                    }
                }
            }
            for folder in MACHINE_FOLDERS {
                if names_folder(line, folder) {
                    found.push(Violation::new(
                        &file.path,
                        index + 1,
                        format!("`{folder}` is a path of one machine"),
                    ));
                }
            }
        }
    }
    found
}

/// Whether `line` has `folder` as the beginning of a path, not as the middle of another one or of an address.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~}*".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn tabs_and_trailing_blanks_are_found_with_their_lines() {
        let tree = Tree::of(&[
            ("a.rs", "fn a() {\n\tb();\n} \n"),
            ("data/x.csv", "a\tb \n"),
            ("run", "#!/bin/sh\necho \n"),
        ]);
        assert_eq!(
            found(&blanks(&tree)),
            [
                "a.rs:2: a tab: indent with blanks",
                "a.rs:3: blanks at the end of the line",
                "run:2: blanks at the end of the line"
            ]
        );
    }

    #[test]
    fn a_missing_last_line_feed_is_found() {
        assert_eq!(
            found(&blanks(&Tree::of(&[("a.md", "x\ny")]))),
            ["a.md:2: no line feed at the end of the file"]
        );
    }

    #[test]
    fn long_rust_files_are_found() {
        let long = "//\n".repeat(801);
        let fits = "//\n".repeat(800);
        let tree = Tree::of(&[("a.rs", &long), ("b.rs", &fits), ("c.md", &long)]);
        assert_eq!(found(&length(&tree)), ["a.rs: 801 lines, at most 800: divide it"]);
    }

    #[test]
    fn each_forbidden_string_is_found() {
        for (string, advice) in FORBIDDEN_IN_RUST {
            let text = format!("fn a() {{\n    {string}\n}}\n");
            let tree = Tree::of(&[("a.rs", &text), ("a.md", &text)]);
            assert_eq!(found(&forbidden(&tree)), [format!("a.rs:2: `{string}`: {advice}")]);
        }
    }

    #[test]
    fn paths_of_a_machine_are_found_but_not_addresses() {
        let [work, root] = [MACHINE_FOLDERS[0], MACHINE_FOLDERS[1]];
        let text = format!("cd {work}main\nhttps://example.org{work}x\n\"{root}x\"\ncrates{work}x\n");
        let tree = Tree::of(&[("a.md", &text)]);
        let lines: Vec<_> = forbidden(&tree).iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [1, 3]);
    }
}
