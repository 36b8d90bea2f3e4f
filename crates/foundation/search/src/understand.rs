//! From one line of text to terms.
//!
//! `周末天星桥书法班` is read as the time 周末, the place 天星桥, the word 书法 and the optional word 班. Known names of
//! three and more characters are looked for first, longest first; what lies between them is cut by the dictionary.
//! (The names are not put into the dictionary itself: the words of the index must not depend on them.)

use crate::{
    chinese::{self, Piece},
    fold::{Class, fold, stretches},
    places::query_keys,
    query::{MAX_QUERY_CHARS, MAX_TERMS, Term, TermKind},
    vocabulary::Vocabulary,
    when::{When, time_word},
};

/// How much a synonym counts against the word that was typed.
const SYNONYM_WEIGHT: f32 = 0.3;

/// One way to satisfy a term.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) text: String,
    /// Its phrase in the index.
    pub(crate) cover: Vec<Piece>,
    /// Its keys in the place field, if it is a place.
    pub(crate) places: Vec<String>,
    pub(crate) weight: f32,
}

/// A term with all ways to satisfy it.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    pub(crate) term: Term,
    pub(crate) ways: Vec<Way>,
    pub(crate) when: Option<When>,
}

impl Need {
    pub(crate) fn required(&self) -> bool {
        self.term.kind != TermKind::Optional
    }
}

/// Reads a query. At least one term is required unless there is none at all.
pub(crate) fn understand(text: &str, words: &Vocabulary, now: Option<i64>) -> Vec<Need> {
    let folded: String = text.chars().take(MAX_QUERY_CHARS).collect();
    let folded = fold(&folded);
    let mut found: Vec<Term> = Vec::new();
    for stretch in stretches(&folded) {
        match stretch.class {
            Class::Gap => {}
            Class::Letter | Class::Digit => found.push(term(stretch.text, words, now)),
            Class::Han => han(stretch.text, words, now, &mut found),
        }
    }
    let mut unique: Vec<Term> = Vec::new();
    for term in found {
        if unique.len() < MAX_TERMS && !unique.iter().any(|known| known.text == term.text) {
            unique.push(term);
        }
    }
    // Somebody who types nothing but 课程 wants just that.
    if unique.iter().all(|term| term.kind == TermKind::Optional) {
        unique.iter_mut().for_each(|term| term.kind = TermKind::Word);
    }
    unique.into_iter().map(|term| need(term, words, now)).filter(|need| !need.ways.is_empty()).collect()
}

fn term(text: &str, words: &Vocabulary, now: Option<i64>) -> Term {
    let kind = if time_word(text, now).is_some() {
        TermKind::Time
    } else if words.means_place(text) {
        TermKind::Place
    } else if words.is_optional(text) {
        TermKind::Optional
    } else {
        TermKind::Word
    };
    Term { text: text.to_owned(), kind }
}

/// Byte offset of every character and of the end.
fn offsets(text: &str) -> Vec<usize> {
    text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect()
}

fn han(stretch: &str, words: &Vocabulary, now: Option<i64>, found: &mut Vec<Term>) {
    /// 今天晚上 and 下个星期 are the longest time words but for their day.
    const LONGEST_TIME: usize = 5;
    let at = offsets(stretch);
    let chars = at.len() - 1;
    let longest = words.longest().max(LONGEST_TIME);
    let (mut start, mut done) = (0, 0);
    while start < chars {
        let lengths = (3..=longest.min(chars - start)).rev();
        let name = lengths
            .map(|length| &stretch[at[start]..at[start + length]])
            .find(|name| words.knows(name) || time_word(name, now).is_some());
        if let Some(name) = name {
            between(&stretch[at[done]..at[start]], words, now, found);
            found.push(term(name, words, now));
            start += name.chars().count();
            done = start;
        } else {
            start += 1;
        }
    }
    between(&stretch[at[done]..], words, now, found);
}

/// Cuts by the dictionary; joins two characters that make a known name (土主, 周三), and characters that stand alone
/// next to each other and mean nothing to anybody else: they are an unknown name and have to occur together.
fn between(text: &str, words: &Vocabulary, now: Option<i64>, found: &mut Vec<Term>) {
    let pieces = chinese::cut(text);
    let at: Vec<usize> = pieces
        .iter()
        .scan(0, |end, piece| {
            let start = *end;
            *end += piece.len();
            Some(start)
        })
        .collect();
    let single = |index: usize| pieces.get(index).is_some_and(|piece| piece.chars().count() == 1);
    let pair = |index: usize| {
        let pair = &text[at[index]..at[index + 1] + pieces[index + 1].len()];
        (words.knows(pair) || time_word(pair, now).is_some()).then_some(pair)
    };
    let mut index = 0;
    let mut unknown: Option<usize> = None;
    while index < pieces.len() {
        if single(index)
            && single(index + 1)
            && let Some(name) = pair(index)
        {
            found.extend(unknown.take().map(|from| term(&text[from..at[index]], words, now)));
            found.push(term(name, words, now));
            index += 2;
            continue;
        }
        if let Some((rest, ending)) = words.without_ending(pieces[index]) {
            found.extend(unknown.take().map(|from| term(&text[from..at[index]], words, now)));
            found.extend([term(rest, words, now), term(ending, words, now)]);
            index += 1;
            continue;
        }
        let here = term(pieces[index], words, now);
        if single(index) && here.kind == TermKind::Word && !words.knows(&here.text) {
            unknown.get_or_insert(at[index]);
        } else {
            found.extend(unknown.take().map(|from| term(&text[from..at[index]], words, now)));
            found.push(here);
        }
        index += 1;
    }
    found.extend(unknown.map(|from| term(&text[from..], words, now)));
}

fn way(text: &str, words: &Vocabulary, weight: f32) -> Option<Way> {
    let cover = chinese::cover(text);
    let places = if words.is_place(text) { query_keys(text) } else { Vec::new() };
    (!cover.is_empty()).then(|| Way { text: text.to_owned(), cover, places, weight })
}

fn need(term: Term, words: &Vocabulary, now: Option<i64>) -> Need {
    let mut ways: Vec<Way> = way(&term.text, words, 1.0).into_iter().collect();
    if matches!(term.kind, TermKind::Word | TermKind::Place) {
        ways.extend(words.synonyms(&term.text).iter().filter_map(|other| way(other, words, SYNONYM_WEIGHT)));
    }
    let when = if term.kind == TermKind::Time { time_word(&term.text, now) } else { None };
    Need { term, ways, when }
}

/// The needs with long words broken into their parts: the second try, when nothing satisfies them whole. Places and
/// times stay whole.
pub(crate) fn broken(needs: &[Need], words: &Vocabulary) -> Vec<Need> {
    let mut out: Vec<Need> = Vec::new();
    for old in needs.iter().filter(|need| need.required()) {
        let parts = match old.term.kind {
            TermKind::Word => chinese::parts(&old.term.text),
            _ => Vec::new(),
        };
        if parts.is_empty() {
            out.push(old.clone());
        } else {
            let terms = parts.into_iter().map(|text| Term { text, kind: TermKind::Word });
            out.extend(terms.map(|term| need(term, words, None)));
        }
    }
    out.truncate(MAX_TERMS);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, TermKind)> {
        let mut words = Vocabulary::default();
        words.set_places(["天星桥街道", "沙坪坝区", "土主街道"]);
        words.set_synonyms("group,term,is_head\nG1,老年大学,1\nG1,老年学校,0\n").unwrap();
        understand(text, &words, None).into_iter().map(|need| (need.term.text, need.term.kind)).collect()
    }

    fn terms(wanted: &[(&str, TermKind)]) -> Vec<(String, TermKind)> {
        wanted.iter().map(|(text, kind)| ((*text).to_owned(), *kind)).collect()
    }

    #[test]
    fn subject_place_and_time_in_any_order() {
        use TermKind::{Optional, Place, Time, Word};
        assert_eq!(read("书法 天星桥"), terms(&[("书法", Word), ("天星桥", Place)]));
        assert_eq!(read("周末 天星桥 书法"), terms(&[("周末", Time), ("天星桥", Place), ("书法", Word)]));
        assert_eq!(read("天星桥书法班"), terms(&[("天星桥", Place), ("书法", Word), ("班", Optional)]));
        assert_eq!(read("天星桥街道书法"), terms(&[("天星桥街道", Place), ("书法", Word)]));
        assert_eq!(read("老年大学 钢琴 免费"), terms(&[("老年大学", Word), ("钢琴", Word), ("免费", Word)]));
        assert_eq!(read("书法课"), terms(&[("书法", Word), ("课", Optional)]));
        assert_eq!(read("周三土主画画").len(), 3);
        assert_eq!(read("周三土主画画")[..2], terms(&[("周三", Time), ("土主", Place)]));
    }

    #[test]
    fn nothing_but_optional_words_become_required() {
        assert_eq!(read("课程"), terms(&[("课程", TermKind::Word)]));
        assert_eq!(read(""), []);
        assert_eq!(read("!?，　"), []);
    }

    #[test]
    fn bounded() {
        let long = "琴棋书画诗酒花茶一二三四五六七八九十百千".repeat(50);
        assert!(read(&long).len() <= MAX_TERMS);
        let spaced: String = ('a'..='z').map(|c| format!("{c} ")).collect();
        assert_eq!(read(&spaced).len(), MAX_TERMS);
    }

    #[test]
    fn letters_digits_and_width() {
        assert_eq!(
            read("ＥＸＣＥＬ２０１９表格"),
            terms(&[("excel", TermKind::Word), ("2019", TermKind::Word), ("表格", TermKind::Word)])
        );
    }
}
