//! What a search asks for: words and filters, as an address carries them.

use ::search::{Order, Query};
use catalog::OfferKind;
use kernel::{RegionCode, Timestamp, uri_part};

/// Longest words that are read.
const WORDS_MAX: usize = 100;
/// Longest value of a filter that is read.
const VALUE_MAX: usize = 20;

/// Facets that are chosen by a click, in the order in which the page shows them.
pub(crate) const CHOICES: [&str; 5] = ["kind", "slot", "audience", "cost", "subject"];
/// Parts of the week in which the next session may be.
pub(crate) const SLOTS: [&str; 4] = ["weekend", "am", "pm", "eve"];
/// Values of `when`.
pub(crate) const WHENS: [&str; 3] = ["week", "next_week", "month"];

/// Words and filters. How hits are ordered and explained is no part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The words, at most 100 characters.
    pub q: String,
    /// Code of a district.
    pub district: String,
    /// One of [`WHENS`].
    pub when: String,
    /// Only of this kind.
    pub kind: Option<OfferKind>,
    /// Only what costs nothing.
    pub free: bool,
    /// Values of [`CHOICES`] but the kind that are chosen, in their order.
    pub chosen: Vec<(&'static str, String)>,
    /// Only what has a free seat: asked of the database, never of the index.
    pub seats: bool,
}

impl Asked {
    /// Reads parameters by their names; what is no value of a list counts as not chosen.
    pub fn read<'a>(param: impl Fn(&str) -> &'a str) -> Self {
        let one_of = |list: &[&str], name: &str| {
            list.iter().find(|word| **word == param(name)).map_or_else(String::new, |word| (*word).to_owned())
        };
        let chosen = CHOICES
            .into_iter()
            .filter(|name| *name != "kind")
            .map(|name| (name, param(name).chars().take(VALUE_MAX).collect::<String>()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self {
            q: param("q").chars().take(WORDS_MAX).collect(),
            district: param("district")
                .parse::<RegionCode>()
                .map_or_else(|_| String::new(), |code| code.to_string()),
            when: one_of(&WHENS, "when"),
            kind: param("kind").parse().ok(),
            free: param("free") == "1",
            chosen,
            seats: param("seats") == "1",
        }
    }

    /// The parameters that are set, in one order: equal searches have equal ones.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let flag = |on: bool| if on { "1" } else { "" };
        let single = [
            ("q", self.q.trim()),
            ("district", &self.district),
            ("when", &self.when),
            ("kind", self.kind.map_or("", OfferKind::as_str)),
            ("free", flag(self.free)),
            ("seats", flag(self.seats)),
        ];
        let chosen = self.chosen.iter().map(|(name, value)| (*name, value.as_str()));
        single.into_iter().chain(chosen).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether nothing is asked for, so that everything is found.
    pub fn is_empty(&self) -> bool {
        self.pairs().is_empty()
    }

    /// A path with these parameters.
    pub fn at(&self, path: &str) -> String {
        let pairs = self.pairs();
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", uri_part(name), uri_part(value))).collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }

    /// The question to the index; free seats are not part of it.
    pub fn query(&self, now: Timestamp) -> Query {
        let today = now.day();
        let monday = today.plus(1 - i32::from(today.weekday()));
        let range = match self.when.as_str() {
            "week" => Some((now, monday.plus(7).start())),
            "next_week" => Some((monday.plus(7).start(), monday.plus(14).start())),
            "month" => Some((now, today.plus(30).start())),
            _ => None,
        };
        let free = self.free.then(|| ("cost".to_owned(), "free".to_owned()));
        let chosen = self.chosen.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Query {
            place_code: (!self.district.is_empty()).then(|| self.district.clone()),
            kind: self.kind.map(|kind| kind.to_string()),
            facets: free.into_iter().chain(chosen).collect(),
            order: Order::Fit,
            // A session that has begun is still one of this week.
            starts_from: range.map(|(from, _)| from.plus_minutes(-180).millis()),
            starts_to: range.map(|(_, to)| to.millis()),
            now: Some(now.millis()),
            ..Query::text(&self.q)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> Asked {
        Asked::read(|name| pairs.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value))
    }

    #[test]
    fn what_is_read_is_written_in_one_order() {
        let one =
            asked(&[("seats", "1"), ("slot", "weekend"), ("q", "书法 班"), ("kind", "class"), ("page", "3")]);
        assert_eq!(
            one.at("/search"),
            "/search?q=%E4%B9%A6%E6%B3%95%20%E7%8F%AD&kind=class&seats=1&slot=weekend"
        );
        let pairs: Vec<(&str, &str)> = one.pairs();
        let again = Asked::read(|name| pairs.iter().find(|(known, _)| *known == name).map_or("", |(_, v)| v));
        assert_eq!(again, one);
    }

    #[test]
    fn what_is_no_value_is_not_asked_for() {
        let none = asked(&[("kind", "x"), ("when", "yesterday"), ("district", "5"), ("free", "yes")]);
        assert!(none.is_empty());
        assert_eq!(none.at("/search"), "/search");
    }
}
