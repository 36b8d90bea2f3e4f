//! As much of Fluent's syntax as the rules on translations need.

use std::collections::{BTreeMap, BTreeSet};

/// A message or term of an `.ftl` file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Message {
    /// Line of its identifier, from 1.
    pub line: usize,
    /// Variables that its text and attributes name, without the dollar.
    pub variables: BTreeSet<String>,
    /// Other messages and terms (`-term`) that it refers to.
    pub references: BTreeSet<String>,
}

/// Messages and terms by identifier (terms with their dash), and identifiers that come twice with the line of the second.
pub fn parse(text: &str) -> (BTreeMap<String, Message>, Vec<(String, usize)>) {
    let mut messages: BTreeMap<String, Message> = BTreeMap::new();
    let mut twice = Vec::new();
    let mut current: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        if line.starts_with('#') {
            current = None;
            continue;
        }
        if let Some(name) = identifier(line) {
            if messages.contains_key(name) {
                twice.push((name.to_owned(), line_number));
            } else {
                messages.insert(name.to_owned(), Message { line: line_number, ..Message::default() });
            }
            current = Some(name.to_owned());
        }
        let Some(message) = current.as_ref().and_then(|name| messages.get_mut(name)) else { continue };
        for (at, _) in line.match_indices('$') {
            message.variables.insert(word(&line[at + 1..]).to_owned());
        }
        for (at, _) in line.match_indices('{') {
            let inside = line[at + 1..].trim_start();
            let name = inside.strip_prefix('-').map_or(word(inside), |term| &inside[..word(term).len() + 1]);
            // Names of functions are upper-case; quoted texts and variables do not begin with a letter.
            if name.starts_with(|c: char| c.is_ascii_lowercase() || c == '-') {
                message.references.insert(name.to_owned());
            }
        }
    }
    (messages, twice)
}

/// The identifier of a line such as `key = text` or `-term = text` that starts at the line's beginning.
fn identifier(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end();
    let bare = name.strip_prefix('-').unwrap_or(name);
    (bare.starts_with(|c: char| c.is_ascii_alphabetic()) && word(bare) == bare).then_some(name)
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_variables_and_references_are_read() {
        let (messages, twice) = parse(
            "# comment = no\n-brand = 学城\nseats-left = { $count ->\n    [0] 已满\n   *[other] 余 { $count } 位 = { -brand }\n }\n    .title = { $name }{ NUMBER($price) } { other }\nother = { \"x\" }\nother = again\n",
        );
        assert_eq!(messages.keys().collect::<Vec<_>>(), ["-brand", "other", "seats-left"]);
        let seats = &messages["seats-left"];
        assert_eq!(seats.line, 3);
        assert_eq!(seats.variables.iter().collect::<Vec<_>>(), ["count", "name", "price"]);
        assert_eq!(seats.references.iter().collect::<Vec<_>>(), ["-brand", "other"]);
        assert_eq!(twice, [("other".to_owned(), 9)]);
    }
}
