//! Languages and pages of lists.

use std::str::FromStr;

/// A language of the interface. Chinese comes first; English is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum Lang {
    /// 简体中文
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    /// English
    #[serde(rename = "en")]
    En,
}

impl Lang {
    /// All languages, the default first.
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }
}

impl FromStr for Lang {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("zh") => Ok(Lang::Zh),
            Some("en") => Ok(Lang::En),
            _ => Err(()),
        }
    }
}

/// What part of a long list is wanted: `size` rows after the row whose key is `after` (keyset paging).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Key of the last row already seen, as the previous page gave it.
    pub after: Option<String>,
    /// Rows wanted, 1 to 200.
    pub size: usize,
}

impl PageRequest {
    /// The first page with this many rows (clamped to 1–200).
    pub fn first(size: usize) -> Self {
        Self { after: None, size: size.clamp(1, 200) }
    }
}

/// A part of a long list.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Key to ask for the next part with, if there is one.
    pub next: Option<String>,
}
