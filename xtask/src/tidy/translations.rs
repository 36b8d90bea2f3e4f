//! Fluent files against each other, and against the templates and the code that use their keys.

use std::collections::{BTreeMap, BTreeSet};

use super::fluent::{self, Message};
use super::rust::{self, Literal};
use super::{Violation, codes};
use crate::tree::{File, Tree};

pub const CHINESE: &str = "zh-CN.ftl";
const ENGLISH: &str = "en.ftl";
/// Keys that are found by the code of an error, at run time.
const OF_ERRORS: &str = "error-";

/// The translation files of one language.
fn files<'a>(tree: &'a Tree, name: &'a str) -> impl Iterator<Item = &'a File> {
    let suffix = format!("/i18n/{name}");
    tree.files.iter().filter(move |file| file.path.starts_with("crates/") && file.path.ends_with(&suffix))
}

fn read(file: &File) -> BTreeMap<String, Message> {
    fluent::parse(file.text().unwrap_or_default()).0
}

/// All messages of one language (they live in one bundle), each with the path of its file.
pub fn messages<'a>(tree: &'a Tree, name: &'a str) -> BTreeMap<String, (&'a str, Message)> {
    let mut all = BTreeMap::new();
    for file in files(tree, name) {
        all.extend(read(file).into_iter().map(|(key, message)| (key, (file.path.as_str(), message))));
    }
    all
}

/// Beside every Chinese file lies an English one with the same keys, each with the same variables; no key comes twice.
pub fn languages_agree(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (name, other_name) in [(CHINESE, ENGLISH), (ENGLISH, CHINESE)] {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for file in files(tree, name) {
            let (own, twice) = fluent::parse(file.text().unwrap_or_default());
            for (key, line) in twice {
                found.push(Violation::new(&file.path, line, format!("`{key}` comes twice")));
            }
            let other_path = format!("{}/{other_name}", file.folder());
            let other = tree.get(&other_path).map(read).unwrap_or_default();
            for (key, message) in own {
                match other.get(&key) {
                    None => found.push(Violation::new(&file.path, message.line, format!("`{key}` is missing in {other_name}"))),
                    // Said once, by the Chinese file.
                    Some(twin) if name == CHINESE && twin.variables != message.variables => {
                        let text = format!(
                            "`{key}` has the variables {:?}, but {:?} in {other_name}",
                            message.variables, twin.variables
                        );
                        found.push(Violation::new(&file.path, message.line, text));
                    }
                    Some(_) => {}
                }
                if let Some(owner) = owners.insert(key.clone(), &file.path) {
                    found.push(Violation::new(&file.path, message.line, format!("`{key}` is already in {owner}")));
                }
            }
        }
    }
    found
}

/// Sources that may use keys: our crates' code and templates.
fn sources(tree: &Tree) -> impl Iterator<Item = (&File, Vec<Literal>)> {
    let ours = tree.files.iter().filter(|file| file.path.starts_with("crates/"));
    let ours = ours.filter(|file| matches!(file.extension(), "rs" | "html" | "txt" | "typ" | "svg" | "xml"));
    ours.filter_map(|file| Some((file, rust::literals(file.text()?))))
}

/// Whether a text stands right after `t(`, `t.call(` or the like: then it is a key and nothing else.
fn is_translated(literal: &Literal) -> bool {
    let Some(call) = literal.before.strip_suffix('(') else { return false };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let method = call.trim_end_matches(is_word);
    let (object, name) = (method.strip_suffix('.'), &call[method.len()..]);
    let object = object.map(|object| &object[object.trim_end_matches(is_word).len()..]);
    name == "t" || object == Some("t")
}

/// Every key that a template or the code translates is there.
pub fn used_keys_exist(tree: &Tree) -> Vec<Violation> {
    let known = messages(tree, CHINESE);
    let mut found = Vec::new();
    for (file, literals) in sources(tree) {
        for literal in literals.iter().filter(|literal| is_translated(literal)) {
            let made_at_run_time = literal.text.contains('{') || literal.text.ends_with('-');
            if !made_at_run_time && !known.contains_key(&literal.text) {
                let text = format!("there is no `{}` in any {CHINESE}", literal.text);
                found.push(Violation::new(&file.path, literal.line, text));
            }
        }
    }
    for (key, (path, message)) in &known {
        for reference in message.references.difference(&known.keys().cloned().collect()) {
            found.push(Violation::new(path, message.line, format!("`{key}` refers to `{reference}`, which is not there")));
        }
    }
    found
}

/// Every key is used: as a text in quotes, as the beginning of one that is completed at run time (`"role-{}"`, `"role-" ~ x`),
/// by another message, or as the sentence of an error code.
pub fn existing_keys_are_used(tree: &Tree) -> Vec<Violation> {
    let known = messages(tree, CHINESE);
    let mut used: BTreeSet<String> = codes::keys(tree).into_iter().collect();
    let mut beginnings = BTreeSet::new();
    for (_, literals) in sources(tree) {
        for literal in literals {
            let beginning = literal.text.split('{').next().unwrap_or_default();
            // A beginning of less than two letters would use everything.
            if beginning.ends_with('-') && beginning.len() > 2 && beginning != OF_ERRORS {
                beginnings.insert(beginning.to_owned());
            }
            used.insert(literal.text);
        }
    }
    used.extend(known.values().flat_map(|(_, message)| message.references.iter().cloned()));
    let unused = known.iter().filter(|(key, _)| {
        !used.contains(*key) && !beginnings.iter().any(|beginning| key.starts_with(beginning.as_str()))
    });
    unused.map(|(key, (path, message))| Violation::new(path, message.line, format!("`{key}` is never used"))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    const ZH: &str = "crates/a/i18n/zh-CN.ftl";
    const EN: &str = "crates/a/i18n/en.ftl";

    #[test]
    fn missing_keys_and_other_variables_are_found() {
        let tree = Tree::of(&[
            (ZH, "one = 一 { $n }\ntwo = 二\nthree = 三\n"),
            (EN, "one = one { $m }\nthree = three\nfour = four\n"),
        ]);
        assert_eq!(
            found(&languages_agree(&tree)),
            [
                "crates/a/i18n/zh-CN.ftl:1: `one` has the variables {\"n\"}, but {\"m\"} in en.ftl",
                "crates/a/i18n/zh-CN.ftl:2: `two` is missing in en.ftl",
                "crates/a/i18n/en.ftl:3: `four` is missing in zh-CN.ftl",
            ]
        );
    }

    #[test]
    fn a_missing_file_and_keys_that_come_twice_are_found() {
        let tree = Tree::of(&[(ZH, "one = 一\none = 1\n"), ("crates/b/i18n/zh-CN.ftl", "one = 一\n"), (EN, "one = one\n")]);
        assert_eq!(
            found(&languages_agree(&tree)),
            [
                "crates/a/i18n/zh-CN.ftl:2: `one` comes twice",
                "crates/b/i18n/zh-CN.ftl:1: `one` is missing in en.ftl",
                "crates/b/i18n/zh-CN.ftl:1: `one` is already in crates/a/i18n/zh-CN.ftl",
            ]
        );
    }

    #[test]
    fn keys_that_are_used_and_not_there_are_found() {
        let tree = Tree::of(&[
            (ZH, "here = 有 { gone }\n"),
            ("crates/a/templates/x.html", "<p>{{ t.call(\"here\") }}</p>\n<p>{{ t(\"not-here\") }}</p>{{ x.get(\"no-key\") }}\n"),
            ("crates/a/src/lib.rs", "fn a() { ctx.t(\n    \"nor-here\",\n) }\nfn b() { set(\"no-key\"); t.text(&format!(\"x-{}\", 1)) }\n"),
        ]);
        assert_eq!(
            found(&used_keys_exist(&tree)),
            [
                "crates/a/templates/x.html:2: there is no `not-here` in any zh-CN.ftl",
                "crates/a/src/lib.rs:2: there is no `nor-here` in any zh-CN.ftl",
                "crates/a/i18n/zh-CN.ftl:1: `here` refers to `gone`, which is not there",
            ]
        );
    }

    #[test]
    fn keys_that_nobody_uses_are_found() {
        let tree = Tree::of(&[
            (ZH, "a = 甲\nb = 乙\nrole-x = 丙\nerror-a-full = 满\nerror-a-other = 丁\n-brand = 学城\nc = { -brand }\n"),
            ("crates/a/templates/x.html", "{{ t(\"a\") }}{{ t(\"c\") }}"),
            ("crates/a/src/lib.rs", "format!(\"role-{}\", x); format!(\"error-{}\", x)\ncodes! { pub FULL = Conflict \"a.full\"; }\n"),
        ]);
        assert_eq!(
            found(&existing_keys_are_used(&tree)),
            ["crates/a/i18n/zh-CN.ftl:2: `b` is never used", "crates/a/i18n/zh-CN.ftl:5: `error-a-other` is never used"]
        );
    }
}
