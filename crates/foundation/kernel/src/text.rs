//! Texts as people and office programs write them.

/// Characters of an [`excerpt`].
const EXCERPT_CHARS: usize = 60;

/// A digit as an input method may write it: `１` is `1`. Everything else stays.
pub fn plain_digit(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        other => other,
    }
}

/// Whether a character has no business in a text that people read: control characters but for line ends and tabs, line and paragraph
/// separators, embeddings and overrides of direction, which let a text read otherwise than it is (Unicode TR 36, section 3.2), and
/// marks of annotation. Joiners stay: scripts and emoji need them.
pub fn is_unwanted(c: char) -> bool {
    let turns =
        matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

/// A text of any origin as a sentence or a cell of a table can show it: on one line, what has no business there as the mark for unknown
/// characters, and no longer than 60 characters.
pub fn excerpt(text: &str) -> String {
    let mark = |c: char| if is_unwanted(c) || c.is_control() { '\u{fffd}' } else { c };
    let cut: String = text.chars().take(EXCERPT_CHARS).map(mark).collect();
    if text.chars().nth(EXCERPT_CHARS).is_some() { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_input_methods_are_digits() {
        assert_eq!("０１９a９".chars().map(plain_digit).collect::<String>(), "019a9");
    }

    #[test]
    fn an_excerpt_turns_nothing_round_and_is_short() {
        assert_eq!(excerpt("a\u{0}b\u{202e}c\nd"), "a\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(excerpt(&"长".repeat(60)).chars().count(), 60);
        assert_eq!(excerpt(&"长".repeat(61)), format!("{}…", "长".repeat(60)));
    }
}
