//! As much of Rust's syntax as the rules need: texts in quotes with their lines, and words.

/// A text in double quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// What stands between the quotes; escapes are left as they are.
    pub text: String,
    /// Line of its opening quote, from 1.
    pub line: usize,
    /// What stands before it on its line, without blanks at the end.
    pub before: String,
}

/// The texts in double quotes outside of `//` comments. Also good for templates, which have the same quotes.
pub fn literals(source: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut before = String::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                line += 1;
                // An argument on a line of its own still belongs to the call above it.
                before.truncate(before.trim_end().len());
                if !before.ends_with('(') {
                    before.clear();
                }
            }
            '\\' => {
                let escaped = chars.next();
                line += usize::from(escaped == Some('\n'));
                before.push(c);
                before.extend(escaped);
            }
            '/' if chars.peek() == Some(&'/') && !before.ends_with(':') => {
                while chars.next_if(|c| *c != '\n').is_some() {}
            }
            // A quote as a character would otherwise open a text.
            '\'' if chars.peek() == Some(&'"') => {
                chars.next();
                before.push_str("'\"");
            }
            '"' => {
                let opening = line;
                let mut text = String::new();
                let raw_end = raw_end(&before);
                while let Some(c) = chars.next() {
                    match (c, &raw_end) {
                        (c, Some(end)) => {
                            line += usize::from(c == '\n');
                            text.push(c);
                            if text.ends_with(end.as_str()) {
                                text.truncate(text.len() - end.len());
                                break;
                            }
                        }
                        ('"', None) => break,
                        ('\\', None) => {
                            let escaped = chars.next();
                            line += usize::from(escaped == Some('\n'));
                            text.push(c);
                            text.extend(escaped);
                        }
                        (c, None) => {
                            line += usize::from(c == '\n');
                            text.push(c);
                        }
                    }
                }
                found.push(Literal { line: opening, before: before.trim_end().to_owned(), text });
                before.push('"');
            }
            c => before.push(c),
        }
    }
    found
}

/// What ends the raw text that is about to open after `before` (`r#` ends with `"#`); nothing for a common text.
fn raw_end(before: &str) -> Option<String> {
    let start = before.trim_end_matches('#');
    let word = start.strip_suffix('r')?;
    let raw = !word.trim_end_matches('b').ends_with(|c: char| c.is_alphanumeric() || c == '_');
    raw.then(|| format!("\"{}", "#".repeat(before.len() - start.len())))
}

/// Whether `word` stands in `text` as a word of its own.
pub fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_with_line_and_what_stands_before() {
        let found = literals("// \"no\"\nlet a = t(\"one\", '\"', \"t\\\"wo\");\n<a href=\"http://x\">\n");
        let short: Vec<_> = found.iter().map(|l| (l.line, l.before.as_str(), l.text.as_str())).collect();
        assert_eq!(
            short,
            [(2, "let a = t(", "one"), (2, "let a = t(\", '\"',", "t\\\"wo"), (3, "<a href=", "http://x")]
        );
    }

    #[test]
    fn raw_texts_end_at_their_own_sign() {
        let found =
            literals("let a = r#\"one \" two\"#;\nt(\n    \"three\",\n);\nlet quote = '\\\"'; \"four\"\n");
        let short: Vec<_> = found.iter().map(|l| (l.line, l.before.as_str(), l.text.as_str())).collect();
        assert_eq!(
            short,
            [(1, "let a = r#", "one \" two"), (3, "t(", "three"), (5, "let quote = '\\\"';", "four")]
        );
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("return FULL;", "FULL"));
        assert!(!has_word("return FULLY; NOT_FULL", "FULL"));
    }
}
