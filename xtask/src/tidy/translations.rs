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
                    None => found.push(Violation::new(
                        &file.path,
                        message.line,
                        format!("`{key}` is missing in {other_name}"),
                    )),
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
                    found.push(Violation::new(
                        &file.path,
                        message.line,
                        format!("`{key}` is already in {owner}"),
                    ));
                }
            }
        }
    }
    found
}

/// Sources that may use keys: our crates' code and templates.
fn sources(tree: &Tree) -> impl Iterator<Item = (&File, Vec<Literal>)> {
    let ours = tree.files.iter().filter(|file| file.path.starts_with("crates/"));
    ours.filter_map(|file| {
        let text = file.text()?;
        match file.extension() {
            "rs" => Some((file, rust::literals(text))),
            "html" | "txt" | "typ" | "svg" | "xml" => Some((file, rust::literals(&expressions(text)))),
            _ => None,
        }
    })
}

/// A template without everything that is not inside of `{{ }}` or `{% %}`; its lines stay where they are. The quotes of
/// attributes would otherwise pair with those of expressions.
fn expressions(template: &str) -> String {
    let mut kept = String::with_capacity(template.len());
    let mut rest = template;
    let blank = |kept: &mut String, text: &str| kept.extend(text.chars().filter(|c| *c == '\n'));
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min() {
        blank(&mut kept, &rest[..at]);
        let end = match &rest[at..at + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let length = rest[at..].find(end).map_or(rest.len() - at, |length| length + 2);
        let inside = &rest[at..at + length];
        if end == "#}" {
            blank(&mut kept, inside);
        } else {
            kept.push_str(inside);
            // Two expressions of one line are two calls.
            kept.push(' ');
        }
        rest = &rest[at + length..];
    }
    kept
}

/// How a text is translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    /// `cx.t("key")`: without values.
    Plain,
    /// `cx.t1("key", "name", value)`: with one.
    One,
    /// `cx.t2(…)`, `cx.ta(…)`, `say(lang, …)`: with some.
    Some,
    /// `cx.tk("role", word)`: the text is the beginning of a key, before a dash and a word of the data.
    Beginning,
}

/// The call that this text is the key of.
fn call(literal: &Literal) -> Option<Call> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let last_word = |text: &'_ str| text[text.trim_end_matches(is_word).len()..].to_owned();
    if let Some(before) = literal.before.strip_suffix('(') {
        return match last_word(before).as_str() {
            "t" => Some(Call::Plain),
            "t1" => Some(Call::One),
            "t2" | "ta" => Some(Call::Some),
            "tk" => Some(Call::Beginning),
            _ => None,
        };
    }
    let (call, language) = literal.before.strip_suffix(',')?.rsplit_once('(')?;
    (last_word(call) == "say" && !language.contains(',')).then_some(Call::Some)
}

/// Every key that a template or the code translates is there, and gets the values that its sentence wants.
pub fn used_keys_exist(tree: &Tree) -> Vec<Violation> {
    let known = messages(tree, CHINESE);
    let mut found = Vec::new();
    for (file, literals) in sources(tree) {
        for (index, literal) in literals.iter().enumerate() {
            let Some(call) = call(literal) else { continue };
            let key = &literal.text;
            if call == Call::Beginning {
                let beginning = format!("{key}-");
                if !known.keys().any(|known| known.starts_with(&beginning)) {
                    let text = format!("there is no `{beginning}…` in any {CHINESE}");
                    found.push(Violation::new(&file.path, literal.line, text));
                }
                continue;
            }
            let Some((_, message)) = known.get(key) else {
                // What ends with a dash or has a gap is completed at run time.
                if !key.contains('{') && !key.ends_with('-') {
                    found.push(Violation::new(
                        &file.path,
                        literal.line,
                        format!("there is no `{key}` in any {CHINESE}"),
                    ));
                }
                continue;
            };
            let wanted: Vec<&str> = message.variables.iter().map(String::as_str).collect();
            let given: Vec<&str> = match call {
                Call::Plain => Vec::new(),
                Call::One => literals.get(index + 1).map(|next| next.text.as_str()).into_iter().collect(),
                Call::Some | Call::Beginning => continue,
            };
            if wanted != given {
                let text = format!("`{key}` wants the values {wanted:?}, not {given:?}");
                found.push(Violation::new(&file.path, literal.line, text));
            }
        }
    }
    for (key, (path, message)) in &known {
        for reference in message.references.iter().filter(|reference| !known.contains_key(*reference)) {
            found.push(Violation::new(
                path,
                message.line,
                format!("`{key}` refers to `{reference}`, which is not there"),
            ));
        }
    }
    found
}

/// Every key is used: as a text in quotes, as one that is completed at run time at its end (`"role-{}"`, `"role-" ~ x`) or at its
/// beginning (`"{}-hint"`), by another message, or as the sentence of an error code.
pub fn existing_keys_are_used(tree: &Tree) -> Vec<Violation> {
    let known = messages(tree, CHINESE);
    let mut used: BTreeSet<String> = codes::keys(tree).into_iter().collect();
    let (mut beginnings, mut endings) = (BTreeSet::new(), BTreeSet::new());
    for (_, literals) in sources(tree) {
        for literal in literals {
            if call(&literal) == Some(Call::Beginning) {
                beginnings.insert(format!("{}-", literal.text));
                continue;
            }
            let beginning = literal.text.split('{').next().unwrap_or_default();
            // A beginning of less than two letters would use everything.
            if beginning.ends_with('-') && beginning.len() > 2 && beginning != OF_ERRORS {
                beginnings.insert(beginning.to_owned());
            }
            if let Some((_, ending)) = literal.text.rsplit_once('}')
                && ending.starts_with('-')
                && ending.len() > 2
            {
                endings.insert(ending.to_owned());
            }
            used.insert(literal.text);
        }
    }
    used.extend(known.values().flat_map(|(_, message)| message.references.iter().cloned()));
    let is_used = |key: &str| {
        used.contains(key) || beginnings.iter().any(|beginning| key.starts_with(beginning.as_str()))
    };
    let is_completed =
        |key: &str| endings.iter().any(|ending| key.strip_suffix(ending.as_str()).is_some_and(is_used));
    let unused = known.iter().filter(|(key, _)| !is_used(key) && !is_completed(key));
    unused
        .map(|(key, (path, message))| Violation::new(path, message.line, format!("`{key}` is never used")))
        .collect()
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
        let tree = Tree::of(&[
            (ZH, "one = 一\none = 1\n"),
            ("crates/b/i18n/zh-CN.ftl", "one = 一\n"),
            (EN, "one = one\n"),
        ]);
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
        let template = "<p aria-label=\"{{ cx.t(\"here\") }}\">\n{# cx.t(\"quiet\") #}<a href=\"t(\">{{ cx.t(\"not-here\") }}</a>{{ x.get(\"no-key\") }}\n{{ cx.tk(\"there\", w) }}\n";
        let code = "fn a() { cx.t(\n    \"nor-here\",\n) }\nfn b() { set(\"no-key\"); cx.t(&format!(\"x-{}\", 1)); say(cx.lang, \"not-said\", &[]) }\n";
        let tree = Tree::of(&[
            (ZH, "here = 有\nthere = 有 { gone }\n"),
            ("crates/a/templates/x.html", template),
            ("crates/a/src/lib.rs", code),
        ]);
        assert_eq!(
            found(&used_keys_exist(&tree)),
            [
                "crates/a/templates/x.html:2: there is no `not-here` in any zh-CN.ftl",
                "crates/a/templates/x.html:3: there is no `there-…` in any zh-CN.ftl",
                "crates/a/src/lib.rs:2: there is no `nor-here` in any zh-CN.ftl",
                "crates/a/src/lib.rs:4: there is no `not-said` in any zh-CN.ftl",
                "crates/a/i18n/zh-CN.ftl:2: `there` refers to `gone`, which is not there",
            ]
        );
    }

    #[test]
    fn values_that_a_sentence_does_not_want_are_found() {
        let tree = Tree::of(&[
            (ZH, "none = 无\nseats = 余 { $count } 位\n"),
            (
                "crates/a/templates/x.html",
                "{{ cx.t(\"none\") }}{{ cx.t1(\"seats\", \"count\", 3) }}{{ cx.ta(\"seats\", args) }}\n{{ cx.t(\"seats\") }}\n{{ cx.t1(\"seats\", \"number\", 3) }}\n",
            ),
        ]);
        assert_eq!(
            found(&used_keys_exist(&tree)),
            [
                "crates/a/templates/x.html:2: `seats` wants the values [\"count\"], not []",
                "crates/a/templates/x.html:3: `seats` wants the values [\"count\"], not [\"number\"]",
            ]
        );
    }

    #[test]
    fn keys_that_nobody_uses_are_found() {
        let tree = Tree::of(&[
            (
                ZH,
                "a = 甲\na-hint = 甲\nb = 乙\nb-hint = 乙\nrole-x = 丙\nkind-x = 种\nerror-a-full = 满\nerror-a-other = 丁\n-brand = 学城\nc = { -brand }\n",
            ),
            ("crates/a/templates/x.html", "{{ t(\"a\") }}{{ t(\"c\") }}{{ cx.tk(\"kind\", x) }}"),
            (
                "crates/a/src/lib.rs",
                "format!(\"role-{}\", x); format!(\"{key}-hint\"); format!(\"error-{}\", x)\ncodes! { pub FULL = Conflict \"a.full\"; }\n",
            ),
        ]);
        assert_eq!(
            found(&existing_keys_are_used(&tree)),
            [
                "crates/a/i18n/zh-CN.ftl:3: `b` is never used",
                "crates/a/i18n/zh-CN.ftl:4: `b-hint` is never used",
                "crates/a/i18n/zh-CN.ftl:8: `error-a-other` is never used"
            ]
        );
    }
}
