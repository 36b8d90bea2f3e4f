//! Error codes: declared once with `codes!`, used somewhere, and translated.

use super::translations::{CHINESE, messages};
use super::{Violation, rust};
use crate::tree::Tree;

const KINDS: &[&str] =
    &["Invalid", "Unauthenticated", "Denied", "Missing", "Conflict", "Limited", "Unavailable", "Bug"];
/// Codes that unit tests declare for themselves.
const OF_TESTS: &str = "test.";

struct Code<'a> {
    path: &'a str,
    line: usize,
    /// Name of the static, such as `FULL`.
    constant: String,
    /// Such as `activities.full`.
    name: String,
}

/// The lines `pub FULL = Conflict "activities.full";` of all `codes!` blocks.
fn codes(tree: &Tree) -> Vec<Code<'_>> {
    let mut found = Vec::new();
    for file in tree.with_extension("rs").filter(|file| file.path.starts_with("crates/")) {
        for literal in rust::literals(file.text().unwrap_or_default()) {
            let words: Vec<&str> = literal.before.split_whitespace().collect();
            let [.., constant, "=", kind] = words[..] else { continue };
            if KINDS.contains(&kind) && !literal.text.starts_with(OF_TESTS) {
                let constant = constant.to_owned();
                found.push(Code { path: &file.path, line: literal.line, constant, name: literal.text });
            }
        }
    }
    found
}

/// No two codes have one name, each begins with its crate's, and each is named somewhere besides its declaration.
pub fn unique_and_used(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let codes = codes(tree);
    for (index, code) in codes.iter().enumerate() {
        let Code { path, line, constant, name } = code;
        if codes[..index].iter().any(|other| other.name == *name) {
            found.push(Violation::new(path, *line, format!("a second error code `{name}`")));
        }
        let owner =
            path.split("/src/").next().and_then(|folder| folder.rsplit('/').next()).unwrap_or_default();
        if name.split('.').next() != Some(owner) {
            found.push(Violation::new(
                path,
                *line,
                format!("error code `{name}` should begin with `{owner}.`"),
            ));
        }
        let used = tree.with_extension("rs").any(|file| {
            let lines = file.text().unwrap_or_default().lines().enumerate();
            let code_lines = lines.filter(|(at, text)| {
                !text.trim_start().starts_with("//") && (file.path != *path || at + 1 != *line)
            });
            code_lines.into_iter().any(|(_, text)| rust::has_word(text, constant))
        });
        if !used {
            found.push(Violation::new(path, *line, format!("error code `{name}` is never used")));
        }
    }
    found
}

/// Every code has its sentence in Chinese; that English has the same keys is another rule.
pub fn translated(tree: &Tree) -> Vec<Violation> {
    let known = messages(tree, CHINESE);
    let missing = codes(tree).into_iter().filter_map(|code| {
        let key = key(&code.name);
        let text = format!("error code `{}` has no sentence `{key}` in any {CHINESE}", code.name);
        (!known.contains_key(&key)).then(|| Violation::new(code.path, code.line, text))
    });
    missing.collect()
}

/// Key of a code's sentence, as `kernel::Code::message_key` makes it.
fn key(name: &str) -> String {
    format!("error-{}", name.replace(['.', '_'], "-"))
}

/// Keys of the sentences of all codes.
pub fn keys(tree: &Tree) -> Vec<String> {
    codes(tree).iter().map(|code| key(&code.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    const DECLARED: &str = "codes! {\n    /// No seat is left.\n    pub FULL = Conflict \"seats.full\";\n    pub GONE = Missing \"seats.gone_away\";\n}\n";

    #[test]
    fn an_unused_code_is_found() {
        let tree = Tree::of(&[
            ("crates/domains/seats/src/lib.rs", DECLARED),
            ("crates/domains/seats/src/take.rs", "return Err(FULL.into());\n// GONE\n"),
        ]);
        assert_eq!(
            found(&unique_and_used(&tree)),
            ["crates/domains/seats/src/lib.rs:4: error code `seats.gone_away` is never used"]
        );
    }

    #[test]
    fn a_second_code_of_a_name_and_a_foreign_name_are_found() {
        let tree = Tree::of(&[
            ("crates/domains/seats/src/lib.rs", DECLARED),
            (
                "crates/other/src/lib.rs",
                "codes! { pub MORE = Bug \"seats.full\"; }\nfn a() { (FULL, GONE, MORE) }\n",
            ),
        ]);
        assert_eq!(
            found(&unique_and_used(&tree)),
            [
                "crates/other/src/lib.rs:1: a second error code `seats.full`",
                "crates/other/src/lib.rs:1: error code `seats.full` should begin with `other.`"
            ]
        );
    }

    #[test]
    fn an_untranslated_code_is_found() {
        let tree = Tree::of(&[
            ("crates/domains/seats/src/lib.rs", DECLARED),
            ("crates/domains/seats/i18n/zh-CN.ftl", "error-seats-full = 没有名额了\n"),
        ]);
        assert_eq!(
            found(&translated(&tree)),
            [
                "crates/domains/seats/src/lib.rs:4: error code `seats.gone_away` has no sentence `error-seats-gone-away` in any zh-CN.ftl"
            ]
        );
    }
}
