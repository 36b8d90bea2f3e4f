//! From one line of text to terms.
//!
//! `周末天星桥书法班` is read as the time 周末, the place 天星桥, the word 书法 and the optional word 班. Known names of
//! three and more characters are looked for first, longest first; what lies between them is cut by the dictionary.
//! (The names are not put into the dictionary itself: the words of the index must not depend on them.)

use std::collections::HashMap;

use crate::{
    chinese::{self, Piece},
    fold::{Class, Stretch, fold, stretches},
    lexicon::Lexicon,
    places::query_keys,
    query::{MAX_QUERY_CHARS, MAX_TERMS, Term, TermKind},
    vocabulary::Vocabulary,
    when::{When, time_word},
};

/// How much a synonym counts against the word that was typed.
const SYNONYM_WEIGHT: f32 = 0.3;

/// How much each further guess counts against the one before it.
const GUESS_WEIGHT: f32 = 0.3;

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
    /// Folded words that the term was taken for, if it occurs nowhere.
    pub(crate) taken: Vec<String>,
    pub(crate) ways: Vec<Way>,
    /// Facet and value that will do as well; of a firm wish nothing else does.
    pub(crate) wishes: Vec<(String, String)>,
    pub(crate) when: Option<When>,
}

impl Need {
    /// Looks other words up besides.
    pub(crate) fn take_for(&mut self, taken: Vec<String>, words: &Vocabulary) {
        // A guess that fewer titles speak for counts less, though its word is rarer.
        let mut weight = 1.0;
        for text in &taken {
            let synonyms = words.synonyms(text).iter();
            self.ways.extend(way(text, words, weight));
            self.ways.extend(synonyms.filter_map(|other| way(other, words, weight * SYNONYM_WEIGHT)));
            weight *= GUESS_WEIGHT;
        }
        self.taken = taken;
    }

    pub(crate) fn required(&self) -> bool {
        self.term.kind != TermKind::Optional
    }
}

/// Tells what cannot be found, and what was meant.
pub(crate) struct Ear<'a> {
    pub(crate) lexicon: &'a Lexicon,
    /// Whether also one slip is guessed: where nothing was found without.
    pub(crate) bold: bool,
    /// Documents in which a folded word occurs.
    pub(crate) occurs: &'a dyn Fn(&str) -> u64,
}

impl Ear<'_> {
    /// Words of which the typed one is a homophone, if it hardly occurs itself. Chance puts any two characters next to each other
    /// somewhere, so a few occurrences in long texts are no proof against a word of many titles.
    fn homophones(&self, typed: &str) -> Vec<String> {
        /// A word of so many times as many titles is rather meant.
        const SURE: u64 = 4;
        let heard = self.lexicon.sounding(typed);
        let Some(best) = heard.first() else { return Vec::new() };
        if SURE * (self.occurs)(typed) > self.lexicon.titles(*best) {
            return Vec::new();
        }
        self.texts(&heard)
    }

    pub(crate) fn texts(&self, numbers: &[u32]) -> Vec<String> {
        numbers.iter().map(|number| self.lexicon.text(*number).to_owned()).collect()
    }
}

/// Reads a query. At least one term is required unless there is none at all.
pub(crate) fn understand(text: &str, words: &Vocabulary, ear: &Ear<'_>, now: Option<i64>) -> Vec<Need> {
    let folded: String = text.chars().take(MAX_QUERY_CHARS).collect();
    let folded = fold(&folded);
    let mut found: Vec<Term> = Vec::new();
    let mut heard: HashMap<String, Vec<String>> = HashMap::new();
    for stretch in mixed(&folded, ear, &mut heard) {
        match stretch.class {
            Class::Gap => {}
            Class::Letter if heard.contains_key(stretch.text) => {
                found.push(Term { text: stretch.text.to_owned(), kind: TermKind::Word });
            }
            Class::Letter => letters(stretch.text, words, ear, now, &mut found),
            Class::Digit => found.push(term(stretch.text, words, now)),
            Class::Han => {
                let mut reading = Reading { words, ear, now, found: &mut found, heard: &mut heard };
                reading.han(stretch.text);
            }
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
    let mut needs: Vec<Need> =
        unique.into_iter().map(|term| need(term, words, now)).filter(|need| !need.ways.is_empty()).collect();
    for need in &mut needs {
        if let Some(taken) = heard.remove(&need.term.text) {
            need.take_for(taken, words);
        }
    }
    needs
}

/// The stretches, where characters and letters that sound as a known word together (taiji拳) are one of letters.
fn mixed<'a>(folded: &'a str, ear: &Ear<'_>, heard: &mut HashMap<String, Vec<String>>) -> Vec<Stretch<'a>> {
    let mut all = stretches(folded);
    let mut at = 0;
    while at + 1 < all.len() {
        let joint = |stretch: &Stretch<'_>| matches!(stretch.class, Class::Han | Class::Letter);
        let count = all[at..].iter().take_while(|stretch| joint(stretch)).count();
        if count >= 2 {
            let last = &all[at + count - 1];
            let text = &folded[all[at].byte..last.byte + last.text.len()];
            let taken = ear.homophones(text);
            if !taken.is_empty() {
                heard.insert(text.to_owned(), taken);
                let whole = Stretch { class: Class::Letter, text, ..all[at] };
                all.splice(at..at + count, [whole]);
            }
        }
        at += count.max(1);
    }
    all
}

/// Letters are a word, or pinyin of several words.
fn letters(text: &str, words: &Vocabulary, ear: &Ear<'_>, now: Option<i64>, found: &mut Vec<Term>) {
    /// Two words of two syllables each.
    const MIN_LETTERS: usize = 8;
    if text.len() >= MIN_LETTERS
        && text.is_ascii()
        && let Some(parts) = ear.lexicon.parts(text)
        && parts.len() > 1
        && (ear.occurs)(text) == 0
    {
        found.extend(parts.into_iter().map(|part| term(part, words, now)));
        return;
    }
    found.push(term(text, words, now));
}

fn term(text: &str, words: &Vocabulary, now: Option<i64>) -> Term {
    let kind = if time_word(text, now).is_some() {
        TermKind::Time
    } else if let [wish, ..] = words.wishes(text) {
        if wish.firm { TermKind::Wish } else { TermKind::Optional }
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

/// What reading a stretch of characters needs.
struct Reading<'a, 'b> {
    words: &'a Vocabulary,
    ear: &'a Ear<'b>,
    now: Option<i64>,
    found: &'a mut Vec<Term>,
    heard: &'a mut HashMap<String, Vec<String>>,
}

impl Reading<'_, '_> {
    fn push(&mut self, text: &str) {
        self.found.push(term(text, self.words, self.now));
    }

    fn known(&self, name: &str) -> bool {
        self.words.knows(name) || time_word(name, self.now).is_some()
    }

    fn han(&mut self, stretch: &str) {
        /// 今天晚上 and 下个星期 are the longest time words but for their day.
        const LONGEST_TIME: usize = 5;
        let at = offsets(stretch);
        let chars = at.len() - 1;
        let longest = self.words.longest().max(LONGEST_TIME);
        let (mut start, mut done) = (0, 0);
        while start < chars {
            let mut lengths = (3..=longest.min(chars - start)).rev();
            let name = lengths.find(|length| self.known(&stretch[at[start]..at[start + length]]));
            if let Some(length) = name {
                self.between(&stretch[at[done]..at[start]]);
                self.push(&stretch[at[start]..at[start + length]]);
                start += length;
                done = start;
            } else {
                start += 1;
            }
        }
        self.between(&stretch[at[done]..]);
    }

    /// Cuts by the dictionary; joins two characters that make a known name (土主, 周三), pieces that sound as a known word (太及拳),
    /// and characters that stand alone next to each other and mean nothing to anybody else: they are an unknown name and have to
    /// occur together.
    fn between(&mut self, text: &str) {
        let pieces = chinese::cut(text);
        let starts = pieces.iter().scan(0, |end, piece| Some(std::mem::replace(end, *end + piece.len())));
        let at: Vec<usize> = starts.chain([text.len()]).collect();
        let single = |index: usize| pieces.get(index).is_some_and(|piece| piece.chars().count() == 1);
        let mut index = 0;
        let mut unknown: Option<usize> = None;
        while index < pieces.len() {
            let here = &text[at[index]..];
            if single(index) && single(index + 1) && self.known(&text[at[index]..at[index + 2]]) {
                self.unknown(text, &mut unknown, at[index]);
                self.push(&text[at[index]..at[index + 2]]);
                index += 2;
                continue;
            }
            if let Some((count, taken)) = self.misspelt(&pieces[index..], here) {
                self.unknown(text, &mut unknown, at[index]);
                let typed = text[at[index]..at[index + count]].to_owned();
                self.heard.insert(typed.clone(), taken);
                self.found.push(Term { text: typed, kind: TermKind::Word });
                index += count;
                continue;
            }
            if let Some((rest, ending)) = self.words.without_ending(pieces[index]) {
                self.unknown(text, &mut unknown, at[index]);
                self.push(rest);
                self.push(ending);
                index += 1;
                continue;
            }
            let word = term(pieces[index], self.words, self.now);
            if single(index) && word.kind == TermKind::Word && !self.words.knows(&word.text) {
                unknown.get_or_insert(at[index]);
            } else {
                self.unknown(text, &mut unknown, at[index]);
                self.found.push(word);
            }
            index += 1;
        }
        self.unknown(text, &mut unknown, text.len());
    }

    fn unknown(&mut self, text: &str, from: &mut Option<usize>, to: usize) {
        if let Some(from) = from.take() {
            self.push(&text[from..to]);
        }
    }

    /// How many of these pieces together are a known word in wrong characters, and which. Where the dictionary sees a word, there
    /// most likely is one: so one of the pieces has to be a lone character, and not only words that carry no choice.
    fn misspelt(&self, pieces: &[&str], text: &str) -> Option<(usize, Vec<String>)> {
        const MAX_PIECES: usize = 5;
        (2..=pieces.len().min(MAX_PIECES)).rev().find_map(|count| {
            let joined = &text[..pieces[..count].iter().map(|piece| piece.len()).sum()];
            let chars = joined.chars().count();
            let carrying = pieces[..count].iter().filter(|piece| !self.words.is_optional(piece)).count();
            let lone = pieces[..count].iter().any(|piece| piece.chars().count() == 1);
            let enough = if chars == 2 { carrying == 2 } else { carrying >= 1 };
            let mut taken = if lone && enough { self.ear.homophones(joined) } else { Vec::new() };
            if taken.is_empty()
                && self.ear.bold
                && lone
                && carrying == count
                && (self.ear.occurs)(joined) == 0
            {
                taken = self.ear.texts(&self.ear.lexicon.slips(joined));
            }
            (!taken.is_empty()).then_some((count, taken))
        })
    }
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
    let wishes =
        words.wishes(&term.text).iter().map(|wish| (wish.name.clone(), wish.value.clone())).collect();
    Need { term, taken: Vec::new(), ways, wishes, when }
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
        let ear = Ear { lexicon: &Lexicon::default(), bold: false, occurs: &|_| 0 };
        understand(text, &words, &ear, None)
            .into_iter()
            .map(|need| (need.term.text, need.term.kind))
            .collect()
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
