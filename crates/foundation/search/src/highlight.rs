//! Where a title matches.

use std::ops::Range;

use crate::fold::fold;

/// Byte ranges of `title` in which one of the folded words occurs, ascending and apart. A word of letters or digits has
/// to stand by itself, as in the index.
pub(crate) fn highlights<'a>(title: &str, words: impl Iterator<Item = &'a str>) -> Vec<Range<usize>> {
    let folded: Vec<char> = fold(title).chars().collect();
    let bytes: Vec<usize> = title.char_indices().map(|(byte, _)| byte).chain([title.len()]).collect();
    let mut marked = vec![false; folded.len()];
    for word in words {
        let word: Vec<char> = word.chars().collect();
        if word.is_empty() || word.len() > folded.len() {
            continue;
        }
        for at in 0..=folded.len() - word.len() {
            let end = at + word.len();
            if folded[at..end] == word[..] && !cuts(&folded, at) && !cuts(&folded, end) {
                marked[at..end].fill(true);
            }
        }
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, _) in marked.iter().enumerate().filter(|(_, marked)| **marked) {
        match ranges.last_mut() {
            Some(last) if last.end == bytes[at] => last.end = bytes[at + 1],
            _ => ranges.push(bytes[at]..bytes[at + 1]),
        }
    }
    ranges
}

/// Whether a boundary before the character `at` would cut a run of letters or of digits.
fn cuts(text: &[char], at: usize) -> bool {
    let (Some(before), Some(after)) = (at.checked_sub(1).map(|before| text[before]), text.get(at)) else {
        return false;
    };
    before.is_ascii_alphabetic() && after.is_ascii_alphabetic()
        || before.is_ascii_digit() && after.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked<'a>(title: &'a str, words: &[&str]) -> Vec<&'a str> {
        highlights(title, words.iter().copied()).into_iter().map(|range| &title[range]).collect()
    }

    #[test]
    fn original_spelling_is_marked() {
        assert_eq!(marked("天星桥書法基础班", &["书法", "天星桥"]), ["天星桥書法"]);
        assert_eq!(marked("ＥＸＣＥＬ表格入门", &["excel", "入门"]), ["ＥＸＣＥＬ", "入门"]);
        assert_eq!(marked("party and Art", &["art"]), ["Art"]);
        assert_eq!(marked("琴", &["钢琴", ""]), [""; 0]);
    }
}
