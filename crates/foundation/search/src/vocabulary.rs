//! What the index has been told about words: places, synonyms, words that carry no choice.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use kernel::{Error, Result};

use crate::{fold::fold_name, places::stem};

/// No name or synonym longer than this is recognised inside a run of characters.
const MAX_NAME_CHARS: usize = 20;
/// More synonyms than this widen a term too far.
const MAX_SYNONYMS: usize = 12;

/// A word that names a value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The word, such as 免费.
    pub word: String,
    /// The facet's name; the document's kind is `kind`.
    pub name: String,
    /// The value.
    pub value: String,
    /// Whether it has to be so (unless the answer is relaxed), or only comes before others.
    pub firm: bool,
}

/// The words; replaced as a whole, so that a query sees one state.
#[derive(Debug, Clone)]
pub(crate) struct Vocabulary {
    places: HashSet<String>,
    synonyms: HashMap<String, Arc<[String]>>,
    wishes: HashMap<String, Vec<Wish>>,
    optional: HashSet<String>,
    endings: Vec<String>,
    longest: usize,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let lines = include_str!("../data/optional_words.txt").lines().filter(|line| !line.starts_with('#'));
        let mut words = Self {
            places: HashSet::new(),
            synonyms: HashMap::new(),
            wishes: HashMap::new(),
            optional: HashSet::new(),
            endings: Vec::new(),
            longest: 0,
        };
        words.set_optional_words(lines.flat_map(str::split_whitespace));
        words
    }
}

impl Vocabulary {
    pub(crate) fn set_places<S: AsRef<str>>(&mut self, names: impl IntoIterator<Item = S>) {
        self.places.clear();
        for name in names {
            let name = fold_name(name.as_ref());
            let short = stem(&name);
            for form in [short, name.as_str()] {
                if (2..=MAX_NAME_CHARS).contains(&form.chars().count()) && !self.places.contains(form) {
                    self.places.insert(form.to_owned());
                }
            }
        }
        self.measure();
    }

    pub(crate) fn set_optional_words<S: AsRef<str>>(&mut self, words: impl IntoIterator<Item = S>) {
        self.optional.clear();
        self.endings.clear();
        for word in words {
            let word = fold_name(word.as_ref());
            let bare = word.trim_start_matches('-');
            if bare.len() < word.len() {
                self.endings.push(bare.to_owned());
            }
            self.optional.insert(bare.to_owned());
        }
    }

    /// Reads `group,term,is_head` lines; answers the number of terms.
    pub(crate) fn set_synonyms(&mut self, csv: &str) -> Result<usize> {
        let mut groups: HashMap<&str, Vec<String>> = HashMap::new();
        let mut terms = 0;
        let rows = csv.trim_start_matches('\u{feff}').lines().enumerate();
        for (number, line) in
            rows.map(|(index, line)| (index + 1, line.trim())).filter(|(_, line)| !line.is_empty())
        {
            let columns: Vec<&str> = line.split(',').map(str::trim).collect();
            let [group, term, head] = columns[..] else {
                return Err(Error::bug(format!("synonyms line {number}: three columns are needed: {line}")));
            };
            if number == 1 && group == "group" {
                continue;
            }
            let term = fold_name(term);
            if group.is_empty() || term.is_empty() || !matches!(head, "0" | "1") {
                return Err(Error::bug(format!("synonyms line {number} cannot be read: {line}")));
            }
            terms += 1;
            groups.entry(group).or_default().push(term);
        }
        let mut others: HashMap<String, Vec<String>> = HashMap::new();
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable();
        for (_, group) in groups {
            for term in &group {
                let known = others.entry(term.clone()).or_default();
                for other in &group {
                    if other != term && !known.contains(other) && known.len() < MAX_SYNONYMS {
                        known.push(other.clone());
                    }
                }
            }
        }
        self.synonyms = others.into_iter().map(|(term, others)| (term, others.into())).collect();
        self.measure();
        Ok(terms)
    }

    pub(crate) fn set_wishes(&mut self, wishes: impl IntoIterator<Item = Wish>) {
        self.wishes.clear();
        for wish in wishes {
            self.wishes.entry(fold_name(&wish.word)).or_default().push(wish);
        }
        self.measure();
    }

    /// What the folded word wishes for: values of one facet, any of which will do.
    pub(crate) fn wishes(&self, word: &str) -> &[Wish] {
        self.wishes.get(word).map_or(&[], |wishes| wishes)
    }

    /// All words that can be meant by what somebody types.
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> {
        self.places.iter().chain(self.synonyms.keys())
    }

    /// Takes over the synonyms of another vocabulary.
    pub(crate) fn take_synonyms(&mut self, other: Self) {
        self.synonyms = other.synonyms;
        self.measure();
    }

    fn measure(&mut self) {
        let names = self.places.iter().chain(self.synonyms.keys()).chain(self.wishes.keys());
        self.longest = names.map(|name| name.chars().count()).max().unwrap_or(0).min(MAX_NAME_CHARS);
    }

    /// Characters of the longest word that [`knows`](Self::knows) can be true of.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Whether the folded word is a place or has synonyms.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.is_place(word) || self.synonyms.contains_key(word) || self.wishes.contains_key(word)
    }

    pub(crate) fn is_place(&self, word: &str) -> bool {
        self.places.contains(word)
    }

    /// Whether the word, where it stands alone, is rather a place than anything else: most words of its meaning are
    /// places. So is 沙区 with its synonyms 沙坪坝 and 沙坪坝区; 太极 is not, though there is a village of that name.
    pub(crate) fn means_place(&self, word: &str) -> bool {
        let synonyms = self.synonyms(word);
        let places =
            synonyms.iter().filter(|other| self.is_place(other)).count() + usize::from(self.is_place(word));
        2 * places > synonyms.len() + 1
    }

    pub(crate) fn is_optional(&self, word: &str) -> bool {
        self.optional.contains(word)
    }

    /// Cuts an optional ending off a word that nobody made known, if a word of two characters or more remains.
    pub(crate) fn without_ending<'a>(&self, word: &'a str) -> Option<(&'a str, &'a str)> {
        if self.knows(word) || self.is_optional(word) {
            return None;
        }
        let rests = self.endings.iter().filter_map(|ending| word.strip_suffix(ending.as_str()));
        let rest = rests.filter(|rest| rest.chars().count() >= 2).min_by_key(|rest| rest.len())?;
        Some(word.split_at(rest.len()))
    }

    pub(crate) fn synonyms(&self, word: &str) -> &[String] {
        self.synonyms.get(word).map_or(&[], |others| others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_go_both_ways_and_across_groups() {
        let mut words = Vocabulary::default();
        let csv = "\u{feff}group,term,is_head\r\nG1,电脑,1\nG1,计算机,0\n\nG2,计算机,1\nG2,Computer,0\n";
        assert_eq!(words.set_synonyms(csv).unwrap(), 4);
        assert_eq!(words.synonyms("电脑"), ["计算机"]);
        assert_eq!(words.synonyms("计算机"), ["电脑", "computer"]);
        assert_eq!(words.synonyms("手机"), [""; 0]);
    }

    #[test]
    fn a_bad_row_is_named() {
        let error = Vocabulary::default().set_synonyms("group,term,is_head\nG1,a\n").unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert!(Vocabulary::default().set_synonyms("group,term,is_head\nG1,,1\n").is_err());
    }

    #[test]
    fn places_are_known_by_full_and_short_name() {
        let mut words = Vocabulary::default();
        words.set_places(["天星桥街道", "忠县"]);
        assert!(words.is_place("天星桥") && words.is_place("天星桥街道") && words.is_place("忠县"));
        assert_eq!(words.longest(), 5);
        words.set_synonyms("G1,沙区,1\nG1,沙坪坝,0\nG1,沙坪坝区,0\nG2,太极,1\nG2,太极拳,0").unwrap();
        words.set_places(["沙坪坝区", "太极村"]);
        assert!(words.means_place("沙坪坝") && words.means_place("沙区") && !words.means_place("太极"));
        assert!(!words.is_place("天星桥"));
    }
}
