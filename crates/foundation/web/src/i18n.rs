//! Words: one Fluent file for each crate and language.

use std::{borrow::Cow, collections::BTreeSet, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use kernel::{Code, Credit, Lang, Minutes};

/// A file of words; made by [`messages!`](crate::messages).
#[doc(hidden)]
pub struct Messages {
    pub lang: &'static str,
    pub text: &'static str,
    pub from: &'static str,
}
inventory::collect!(Messages);

/// Registers a crate's words, once, in its `lib.rs`:
/// `web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));`
#[macro_export]
macro_rules! messages {
    ($($lang:literal => $text:expr),+ $(,)?) => {$(
        $crate::inventory::submit! {
            $crate::i18n::Messages { lang: $lang, text: $text, from: env!("CARGO_PKG_NAME") }
        }
    )+};
}

/// A value for a sentence: a number (it chooses the plural and is grouped) or a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// What can stand in a sentence. References count as the thing itself, as templates borrow what they pass.
pub trait ToArg {
    /// The value.
    fn to_arg(&self) -> Arg;
}

impl<T: ToArg + ?Sized> ToArg for &T {
    fn to_arg(&self) -> Arg {
        (**self).to_arg()
    }
}

macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl ToArg for $kind {
            fn to_arg(&self) -> Arg {
                i64::try_from(*self).map_or_else(|_| Arg::Text(self.to_string()), Arg::Number)
            }
        }
    )*};
}
numbers!(i8, i16, i32, i64, u8, u16, u32, u64, usize);

macro_rules! texts {
    ($($kind:ty),*) => {$(
        impl ToArg for $kind {
            fn to_arg(&self) -> Arg {
                Arg::Text(self.to_string())
            }
        }
    )*};
}
texts!(str, String, Cow<'_, str>, Credit);

impl ToArg for Minutes {
    fn to_arg(&self) -> Arg {
        Arg::Number(self.0)
    }
}

impl ToArg for Arg {
    fn to_arg(&self) -> Arg {
        self.clone()
    }
}

struct Bundle {
    fluent: FluentBundle<FluentResource>,
    keys: BTreeSet<String>,
    faults: Vec<String>,
}

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Lang::ALL.map(build));

fn build(lang: Lang) -> Bundle {
    let tag = lang.tag().parse().unwrap_or_default();
    let mut fluent = FluentBundle::new_concurrent(vec![tag]);
    // The marks confuse copying and searching, and neither language is written from right to left.
    fluent.set_use_isolating(false);
    fluent.set_formatter(Some(|value, _| match value {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole numbers below 2^53 are the only ones passed in"
        )]
        FluentValue::Number(number) if number.value.fract() == 0.0 => {
            Some(crate::format::number(number.value as i64))
        }
        _ => None,
    }));
    let (mut keys, mut faults) = (BTreeSet::new(), Vec::new());
    for messages in inventory::iter::<Messages>().filter(|messages| messages.lang == lang.tag()) {
        let resource =
            FluentResource::try_new(messages.text.to_owned()).unwrap_or_else(|(resource, errors)| {
                faults
                    .extend(errors.iter().map(|error| format!("{} {}: {error}", messages.from, lang.tag())));
                resource
            });
        keys.extend(keys_of(messages.text).map(str::to_owned));
        if let Err(errors) = fluent.add_resource(resource) {
            faults.extend(errors.iter().map(|error| format!("{} {}: {error}", messages.from, lang.tag())));
        }
    }
    Bundle { fluent, keys, faults }
}

/// The keys that a file of words defines, in its order.
pub fn keys_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim_end();
        let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (plain && key.starts_with(|c: char| c.is_ascii_lowercase())).then_some(key)
    })
}

fn bundle(lang: Lang) -> &'static Bundle {
    &BUNDLES[lang as usize]
}

/// The sentence of a key. A key without words is shown as `⟦key⟧`, so that it is seen and mended.
pub fn say(lang: Lang, key: &str, args: &[(&str, &dyn ToArg)]) -> String {
    let fluent = &bundle(lang).fluent;
    let Some(pattern) = fluent.get_message(key).and_then(|message| message.value()) else {
        tracing::warn!(key, lang = lang.tag(), "no words for this key");
        return format!("⟦{key}⟧");
    };
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        match value.to_arg() {
            Arg::Number(number) => values.set(*name, number),
            Arg::Text(text) => values.set(*name, text),
        }
    }
    let mut errors = Vec::new();
    let text = fluent.format_pattern(pattern, Some(&values), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::warn!(key, lang = lang.tag(), ?errors, "the words of this key want other values");
    }
    text
}

/// The sentence of an error code. Numbers in the values choose plurals.
pub fn say_code(lang: Lang, code: &Code, args: &[(&'static str, String)]) -> String {
    let values: Vec<(&str, Arg)> = args
        .iter()
        .map(|(name, text)| (*name, text.parse().map_or_else(|_| Arg::Text(text.clone()), Arg::Number)))
        .collect();
    let args: Vec<(&str, &dyn ToArg)> =
        values.iter().map(|(name, value)| (*name, value as &dyn ToArg)).collect();
    say(lang, &code.message_key(), &args)
}

/// Whether a key has words in a language.
pub fn has(lang: Lang, key: &str) -> bool {
    bundle(lang).fluent.has_message(key)
}

/// For tests: the keys lacking words, files that cannot be read, keys defined twice, and keys of one language only.
pub fn faults(keys: &[&str]) -> Vec<String> {
    let mut faults: Vec<String> = Lang::ALL.iter().flat_map(|lang| bundle(*lang).faults.clone()).collect();
    for lang in Lang::ALL {
        faults.extend(
            keys.iter()
                .filter(|key| !has(lang, key))
                .map(|key| format!("{}: no words for {key}", lang.tag())),
        );
        let others = Lang::ALL.into_iter().filter(|other| *other != lang);
        for other in others {
            let lacking = bundle(other).keys.difference(&bundle(lang).keys);
            faults.extend(lacking.map(|key| format!("{} lacks {key}", lang.tag())));
        }
    }
    faults
}

/// For tests: fails if one of these keys lacks words in a language, or any linked crate's files are faulty.
///
/// # Panics
/// With the list of what is wrong.
pub fn check(keys: &[&str]) {
    let faults = faults(keys);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A sentence for a list of sentences: values are shown by their names, `{seconds}`.
pub(crate) fn say_sample(lang: Lang, key: &str) -> String {
    let fluent = &bundle(lang).fluent;
    let Some(pattern) = fluent.get_message(key).and_then(|message| message.value()) else {
        return format!("⟦{key}⟧");
    };
    // Fluent writes an unknown value as `{$name}`.
    fluent.format_pattern(pattern, None, &mut Vec::new()).replace("{$", "{")
}
