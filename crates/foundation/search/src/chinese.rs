//! Words of a Chinese text.
//!
//! The index holds, for every Chinese stretch, **each character, each pair of neighbours and each longer dictionary word
//! that occurs in it**, at the place of its first character, and nothing that depends on what stands around. A query
//! word therefore matches a text exactly if it occurs in it: up to two characters, or a dictionary word, are one term;
//! any other word is a phrase of terms that cover it. Segmentation matters only for queries, so place names and synonyms
//! may change without a new index.

use std::{
    cmp::Reverse,
    ops::Range,
    sync::{Once, OnceLock},
    thread,
};

use jieba_rs::Jieba;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::fold::{Class, Stretch, fold, stretches};

static DICTIONARY: OnceLock<Jieba> = OnceLock::new();

/// The dictionary; waits for it if it is still being loaded (about a quarter of a second).
pub(crate) fn dictionary() -> &'static Jieba {
    DICTIONARY.get_or_init(Jieba::new)
}

/// Begins to load the dictionary on a thread of its own, once per process.
pub(crate) fn warm() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let started = thread::Builder::new().name("search-dictionary".into()).spawn(|| {
            dictionary();
        });
        if let Err(error) = started {
            // The first query loads it then.
            tracing::warn!(%error, "no thread for the search dictionary");
        }
    });
}

/// A word at a place, counted in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) at: usize,
    pub(crate) chars: usize,
    pub(crate) text: String,
}

/// A [`Piece`] as byte range, since a long text has thousands.
type Slice = (usize, usize, Range<usize>);

/// All words of a folded text that the index holds; see the module.
fn lattice(folded: &str) -> Vec<Slice> {
    let mut slices = Vec::with_capacity(folded.len());
    let mut at: Vec<usize> = Vec::new();
    for Stretch { class, text, at: start, byte: base } in stretches(folded) {
        if class == Class::Gap {
            continue;
        }
        at.clear();
        at.extend(text.char_indices().map(|(byte, _)| base + byte).chain([base + text.len()]));
        if class != Class::Han {
            slices.push((start, at.len() - 1, base..base + text.len()));
            continue;
        }
        for chars in 1..=2 {
            let windows = at.windows(chars + 1).enumerate();
            slices.extend(windows.map(|(offset, bytes)| (start + offset, chars, bytes[0]..bytes[chars])));
        }
        for token in dictionary().cut_all(text) {
            let chars = token.end - token.start;
            if chars > 2 {
                slices.push((start + token.start, chars, base + token.byte_start..base + token.byte_end));
            }
        }
    }
    slices
}

/// Cuts a folded Chinese stretch into the most likely words. Unknown names come out as single characters.
pub(crate) fn cut(stretch: &str) -> Vec<&str> {
    dictionary().cut(stretch, false).into_iter().map(|token| token.word).collect()
}

/// The fewest index terms, with their places, that cover the folded word: their phrase is the word. One piece means that
/// the word is a term by itself. Empty if the word holds nothing that is indexed.
pub(crate) fn cover(word: &str) -> Vec<Piece> {
    let all = lattice(word);
    let reach = |slice: &&Slice| slice.0 + slice.1;
    let mut cover: Vec<Piece> = Vec::new();
    let mut end = 0;
    // Of all terms that leave no hole, the one that reaches furthest, and of those the longest, being the rarest; behind
    // a gap, the next ones.
    while let Some(next) = all
        .iter()
        .filter(|slice| reach(slice) > end)
        .min_by_key(|slice| (slice.0.saturating_sub(end), Reverse(reach(slice)), Reverse(slice.1)))
    {
        end = reach(&next);
        cover.push(Piece { at: next.0, chars: next.1, text: word[next.2.clone()].to_owned() });
    }
    cover
}

/// The words of two characters and more into which a word may be broken when nothing matches it whole; empty if it has
/// none. Single characters would match anything.
pub(crate) fn parts(word: &str) -> Vec<String> {
    let whole = word.chars().count();
    let mut inner: Vec<(usize, usize, &str)> = dictionary()
        .cut_all(word)
        .into_iter()
        .map(|token| (token.start, token.end, token.word))
        .filter(|(start, end, _)| (2..whole).contains(&(end - start)))
        .collect();
    let all = inner.clone();
    inner.retain(|(start, end, _)| {
        !all.iter().any(|(from, to, _)| to - from > end - start && from <= start && end <= to)
    });
    inner.into_iter().map(|(_, _, text)| text.to_owned()).collect()
}

/// The tokenizer of the index: [`lattice`] over the folded text.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChineseTokenizer;

impl Tokenizer for ChineseTokenizer {
    type TokenStream<'a> = Pieces;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Pieces {
        let folded = fold(text);
        Pieces { slices: lattice(&folded).into_iter(), folded, token: Token::default() }
    }
}

/// The tokens of one text. Byte offsets are not kept: highlights are found in the text itself.
pub(crate) struct Pieces {
    folded: String,
    slices: std::vec::IntoIter<Slice>,
    token: Token,
}

impl TokenStream for Pieces {
    fn advance(&mut self) -> bool {
        let Some((at, chars, bytes)) = self.slices.next() else { return false };
        self.token.text.clear();
        self.token.text.push_str(&self.folded[bytes]);
        self.token.position = at;
        self.token.position_length = chars;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(pieces: &[Piece]) -> Vec<&str> {
        pieces.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn a_known_word_is_one_term_and_an_unknown_name_a_phrase() {
        assert_eq!(words(&cover("书法")), ["书法"]);
        assert_eq!(words(&cover("书")), ["书"]);
        let cover = cover("蹇家桥");
        assert_eq!(words(&cover), ["蹇家", "家桥"], "the name is not in the dictionary");
        assert_eq!(words(&super::cover("蹇家桥蹇家")), ["蹇家", "桥蹇", "蹇家"]);
        assert_eq!(words(&super::cover("a, b")), ["a", "b"]);
    }

    #[test]
    fn a_long_word_has_parts() {
        assert_eq!(parts("老年大学"), ["老年", "大学"]);
        assert!(parts("书法").is_empty());
        assert!(cover("，。!").is_empty());
    }

    proptest! {
        /// What makes "occurs in the text" and "matches" the same: the terms of a word are among the terms of every
        /// text that holds it, at the same distance from each other.
        #[test]
        fn neighbours_never_hide_a_word(left in "[\u{4e00}-\u{4eff}学大中书国的]{0,4}", word in "[书法钢琴老年大学天星桥太极拳]{1,5}", right in "[\u{5b50}-\u{5c50}生法画会]{0,4}") {
            let text = format!("{left}{word}{right}");
            let slices = lattice(&text);
            let shift = left.chars().count();
            for piece in cover(&word) {
                let found = slices.iter().any(|(at, chars, bytes)| {
                    (*at, *chars, &text[bytes.clone()]) == (piece.at + shift, piece.chars, piece.text.as_str())
                });
                prop_assert!(found, "{piece:?}");
            }
        }
    }
}
