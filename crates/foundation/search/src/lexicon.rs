//! Words as they sound: for what was typed in pinyin, by initials, with a wrong character of the same sound, or with a slip.
//!
//! Nothing of this is in the index: its words are read from the titles of the index, and what is found here are words again,
//! which are then looked up as if they had been typed.

use std::collections::{HashMap, HashSet};

use pinyin::{ToPinyin, ToPinyinMulti};

use crate::{chinese::dictionary, fold::is_han};

/// The commonest words of the titles so many are kept; beyond them a guess is of no use.
const MAX_WORDS: usize = 60_000;
/// Longest word that is guessed, in characters.
const MAX_CHARS: usize = 8;
/// Readings of one word: 重庆 is chongqing and zhongqing.
const MAX_READINGS: usize = 8;
/// Words that one guess may mean.
const MAX_GUESSES: usize = 4;
/// Shorter pinyin and Latin words have too many neighbours for a slip to be told.
const MIN_LETTERS_OF_SLIP: usize = 4;

/// A word and how many titles hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    text: Box<str>,
    titles: u64,
}

/// Words by key, for look-ups of a whole key and of its beginning; between them, how many of the characters are read in an uncommon
/// way.
type Keys = Vec<(Box<str>, u8, u32)>;

/// A way to say a text.
struct Spoken {
    /// Pinyin without tones and blanks; letters and digits stand for themselves.
    sound: String,
    initials: String,
    /// Characters read in another way than mostly.
    uncommon: u8,
}

/// The words; made anew as a whole.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    /// The commonest first, so that a smaller number is a better guess.
    words: Vec<Entry>,
    sounds: Keys,
    near: Keys,
    initials: Keys,
}

impl Lexicon {
    /// Takes the words of titles with their numbers of titles.
    pub(crate) fn new(counts: HashMap<String, u64>) -> Self {
        let fits = |text: &str| (2..=MAX_CHARS).contains(&text.chars().count()) || is_latin(text);
        let mut words: Vec<Entry> = counts
            .into_iter()
            .filter(|(text, _)| fits(text))
            .map(|(text, titles)| Entry { text: text.into(), titles })
            .collect();
        words.sort_unstable_by(|a, b| b.titles.cmp(&a.titles).then_with(|| a.text.cmp(&b.text)));
        words.truncate(MAX_WORDS);
        let (mut sounds, mut near, mut initials): (Keys, Keys, Keys) = Default::default();
        for (word, number) in words.iter().zip(0..).filter(|(word, _)| word.text.chars().any(is_han)) {
            for spoken in readings(&word.text) {
                near.push((alike(&spoken.sound).into(), spoken.uncommon, number));
                initials.push((spoken.initials.into(), spoken.uncommon, number));
                sounds.push((spoken.sound.into(), spoken.uncommon, number));
            }
        }
        for keys in [&mut sounds, &mut near, &mut initials] {
            keys.sort_unstable();
            keys.dedup();
        }
        Self { words, sounds, near, initials }
    }

    /// Titles that hold the word.
    pub(crate) fn titles(&self, number: u32) -> u64 {
        self.words[number as usize].titles
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        &self.words[number as usize].text
    }

    /// Known words that sound as these characters and letters do (太及拳, taiji拳), the commonest first; not the text itself.
    pub(crate) fn sounding(&self, typed: &str) -> Vec<u32> {
        if typed.chars().count() > MAX_CHARS && typed.chars().any(is_han) {
            return Vec::new();
        }
        self.best(said(&self.sounds, typed, |spoken| spoken.sound.clone()), typed)
    }

    /// What a word that occurs nowhere may have meant. The first of these ways that knows anything decides: the same sound, the
    /// initials, nearly the same sound, one slip.
    pub(crate) fn guesses(&self, typed: &str) -> Vec<u32> {
        let mut found = self.sounding(typed);
        let latin = is_latin(typed);
        if found.is_empty() && latin && typed.len() >= 2 {
            found = self.best(whole(&self.initials, typed).collect(), typed);
        }
        // What the dictionary knows was hardly mistyped; it is only not offered.
        let real = !latin && dictionary().has_word(typed);
        if found.is_empty() && !real {
            found = self.best(said(&self.near, typed, |spoken| alike(&spoken.sound)), typed);
        }
        if found.is_empty() && !real {
            found = self.slips(typed);
        }
        found
    }

    /// Pinyin of several words written together: each part sounds as a known word; as few parts as possible.
    pub(crate) fn parts<'a>(&self, letters: &'a str) -> Option<Vec<&'a str>> {
        /// The shortest sound of two characters (er, hu) that is told from chance.
        const MIN_PART: usize = 4;
        let length = letters.len();
        let mut fewest: Vec<Option<(usize, usize)>> = vec![None; length + 1];
        fewest[0] = Some((0, 0));
        for end in MIN_PART..=length {
            for start in 0..=end - MIN_PART {
                let Some((count, _)) = fewest[start] else { continue };
                let better = fewest[end].is_none_or(|(known, _)| count + 1 < known);
                if better && whole(&self.sounds, &letters[start..end]).next().is_some() {
                    fewest[end] = Some((count + 1, start));
                }
            }
        }
        let mut parts = Vec::new();
        let mut end = length;
        while end > 0 {
            let (_, start) = fewest[end]?;
            parts.push(&letters[start..end]);
            end = start;
        }
        parts.reverse();
        Some(parts)
    }

    /// Words that begin with what was typed so far, in characters, pinyin or initials; the commonest first.
    pub(crate) fn beginning(&self, typed: &str, limit: usize) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        if typed.chars().any(is_han) {
            let words = self.words.iter().zip(0..);
            found.extend(
                words.filter(|(word, _)| word.text.starts_with(typed)).map(|(_, number)| number).take(limit),
            );
        }
        // Characters mean themselves first, and their sound where no word begins with them.
        let by_sound = found.is_empty();
        for spoken in readings(typed).into_iter().filter(|_| by_sound) {
            found.extend(beginning(&self.sounds, &spoken.sound));
        }
        if is_latin(typed) {
            found.extend(
                whole(&self.initials, typed).filter(|(uncommon, _)| *uncommon == 0).map(|(_, number)| number),
            );
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
        found
    }

    /// Words of which this is one slip away.
    pub(crate) fn slips(&self, typed: &str) -> Vec<u32> {
        let found =
            if is_latin(typed) { self.slips_of_letters(typed) } else { self.slips_of_characters(typed) };
        self.best(found.into_iter().map(|number| (0, number)).collect(), typed)
    }

    /// The commonest of those that are read in the most common way.
    fn best(&self, mut found: Vec<(u8, u32)>, typed: &str) -> Vec<u32> {
        found.retain(|(_, number)| self.text(*number) != typed);
        found.sort_unstable();
        let least = found.first().map(|(uncommon, _)| *uncommon);
        let mut best: Vec<u32> = found
            .into_iter()
            .filter(|(uncommon, _)| Some(*uncommon) == least)
            .map(|(_, number)| number)
            .collect();
        best.dedup();
        best.truncate(MAX_GUESSES);
        best
    }

    fn slips_of_letters(&self, typed: &str) -> Vec<u32> {
        if typed.len() < MIN_LETTERS_OF_SLIP {
            return Vec::new();
        }
        let latin = self.words.iter().zip(0..).filter(|(word, _)| word.text.is_ascii());
        let mut found: Vec<u32> =
            latin.filter(|(word, _)| one_slip(typed, &word.text)).map(|(_, number)| number).collect();
        if found.is_empty() && typed.len() > MIN_LETTERS_OF_SLIP {
            let sounds = self.sounds.iter().filter(|(sound, ..)| one_slip(typed, sound));
            found.extend(sounds.map(|(_, _, number)| *number));
        }
        found
    }

    fn slips_of_characters(&self, typed: &str) -> Vec<u32> {
        // One of two characters wrong is another word.
        if typed.chars().count() < 3 {
            return Vec::new();
        }
        let words = self.words.iter().zip(0..).filter(|(word, _)| word.text.chars().count() >= 3);
        words.filter(|(word, _)| one_slip(typed, &word.text)).map(|(_, number)| number).collect()
    }
}

fn is_latin(text: &str) -> bool {
    text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether one character was left out, added or mistaken, or two neighbours were exchanged.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    match (rest_a, rest_b) {
        ([], []) => false,
        ([x, y, after_a @ ..], [u, v, after_b @ ..]) if x == v && y == u && after_a == after_b => true,
        _ if a.len() == b.len() => rest_a[1..] == rest_b[1..],
        _ if a.len() < b.len() => *rest_a == rest_b[1..],
        _ => rest_a[1..] == *rest_b,
    }
}

/// All ways to say a text, the most common one first.
fn readings(text: &str) -> Vec<Spoken> {
    let mut all = vec![Spoken { sound: String::new(), initials: String::new(), uncommon: 0 }];
    for c in text.chars() {
        let mut sounds: Vec<String> = match (c.to_pinyin(), c.to_pinyin_multi()) {
            (Some(usual), Some(multi)) => std::iter::once(usual).chain(multi).map(plain).collect(),
            _ => vec![c.to_string()],
        };
        // Readings that differ in tone alone are one.
        let mut known = HashSet::new();
        sounds.retain(|sound| known.insert(sound.clone()));
        let with = |before: &Spoken, (sound, number): (&String, u8)| Spoken {
            sound: format!("{}{sound}", before.sound),
            initials: before.initials.chars().chain(sound.chars().take(1)).collect(),
            uncommon: before.uncommon + u8::from(number > 0),
        };
        let mut longer: Vec<Spoken> = all
            .iter()
            .flat_map(|before| sounds.iter().zip(0..).map(move |sound| with(before, sound)))
            .collect();
        longer.sort_by_key(|spoken| spoken.uncommon);
        longer.truncate(MAX_READINGS);
        all = longer;
    }
    all
}

/// As it is typed: without tone, ü as v.
fn plain(sound: pinyin::Pinyin) -> String {
    sound.plain().replace('ü', "v")
}

/// Words of which a key is the one made from a reading of what was typed.
fn said(keys: &Keys, typed: &str, key: impl Fn(&Spoken) -> String) -> Vec<(u8, u32)> {
    let mut found = Vec::new();
    for spoken in readings(typed) {
        let made = key(&spoken);
        found.extend(whole(keys, &made).map(|(uncommon, number)| (uncommon + spoken.uncommon, number)));
    }
    found
}

/// The sound as many here say it: without curled tongue, n for l, f for hu, -n for -ng behind e and i.
fn alike(sound: &str) -> String {
    const SAME: [(&str, &str); 9] = [
        ("zh", "z"),
        ("ch", "c"),
        ("sh", "s"),
        ("ing", "in"),
        ("eng", "en"),
        ("l", "n"),
        ("hua", "fa"),
        ("hui", "fei"),
        ("hu", "fu"),
    ];
    SAME.iter().fold(sound.to_owned(), |sound, (from, to)| sound.replace(from, to))
}

fn whole<'a>(keys: &'a Keys, key: &'a str) -> impl Iterator<Item = (u8, u32)> + 'a {
    let start = keys.partition_point(|(known, ..)| **known < *key);
    let same = keys[start..].iter().take_while(move |(known, ..)| **known == *key);
    same.map(|(_, uncommon, number)| (*uncommon, *number))
}

fn beginning<'a>(keys: &'a Keys, key: &'a str) -> impl Iterator<Item = u32> + 'a {
    let start = keys.partition_point(|(known, ..)| **known < *key);
    let longer = keys[start..].iter().take_while(move |(known, ..)| known.starts_with(key));
    longer.filter(|(_, uncommon, _)| *uncommon == 0).map(|(_, _, number)| *number)
}

/// Whether a term of the index is a word that can be meant: one of the dictionary, or one in letters.
pub(crate) fn is_word(term: &str) -> bool {
    is_latin(term) || term.chars().nth(1).is_some() && dictionary().has_word(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let words = ["书法", "钢琴", "太极拳", "重庆", "二胡", "天星桥", "国画", "南山", "广场舞", "excel"];
        Lexicon::new(words.iter().zip(1..).map(|(word, titles)| ((*word).to_owned(), titles)).collect())
    }

    fn guessed(typed: &str) -> Vec<String> {
        let lexicon = lexicon();
        lexicon.guesses(typed).into_iter().map(|number| lexicon.text(number).to_owned()).collect()
    }

    #[test]
    fn pinyin_initials_homophones_and_slips_are_heard() {
        for (typed, meant) in [
            ("shufa", "书法"),
            ("sf", "书法"),
            ("书发", "书法"),
            ("太及拳", "太极拳"),
            ("taiji拳", "太极拳"),
            ("chongqing", "重庆"),
            ("zhongqing", "重庆"),
            ("gangqing", "钢琴"),
            ("拦山", "南山"),
            ("太极券", "太极拳"),
            ("广厂午", "广场舞"),
            ("广场武术", "广场舞"),
            ("taijiqun", "太极拳"),
            ("excle", "excel"),
        ] {
            let wanted: Vec<&str> = if typed == "广场武术" { Vec::new() } else { vec![meant] };
            assert_eq!(guessed(typed), wanted, "{typed}");
        }
        assert_eq!(guessed("书法"), [""; 0], "what is right needs no guess");
    }

    #[test]
    fn pinyin_written_together_is_parted() {
        let lexicon = lexicon();
        assert_eq!(lexicon.parts("tianxingqiaoshufa"), Some(vec!["tianxingqiao", "shufa"]));
        assert_eq!(lexicon.parts("tianxingqiaoxyz"), None);
    }

    #[test]
    fn a_beginning_is_completed() {
        let lexicon = lexicon();
        let texts = |typed| -> Vec<&str> {
            lexicon.beginning(typed, 5).into_iter().map(|number| lexicon.text(number)).collect()
        };
        assert_eq!(texts("太"), ["太极拳"]);
        assert_eq!(texts("taij"), ["太极拳"]);
        assert_eq!(texts("gq"), ["钢琴"]);
        assert_eq!(texts("太及"), ["太极拳"]);
    }
}
