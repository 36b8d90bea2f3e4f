//! From terms and filters to a query of the engine.

use std::ops::Bound;

use tantivy::{
    Term as Key,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery,
        Query as EngineQuery, RangeQuery, TermQuery, TermSetQuery,
    },
    schema::{Field, IndexRecordOption},
};

use crate::{
    chinese::Piece,
    document::{Fields, INNER, facet_key, inner_key},
    query::{Query, Reason, TermKind},
    understand::{Need, Way},
    when::{Span, When},
};

/// A match in the title counts so much more than one in the text (where the title is repeated).
const TITLE_WEIGHT: f32 = 2.0;
/// What belonging to the place that was asked for adds to a score; BM25 gives a rare word about 8.
const PLACE_SCORE: f32 = 4.0;
/// What a session at the time that was asked for adds.
const TIME_SCORE: f32 = 2.0;
/// What having what was wished for adds.
const WISH_SCORE: f32 = 6.0;
/// An optional word only breaks ties.
const OPTIONAL_WEIGHT: f32 = 0.2;

type Boxed = Box<dyn EngineQuery>;

/// How many of the required needs have to be satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// All of them.
    All,
    /// All words, and so many of places and times that they are at least this number together.
    Words(usize),
    /// Any of them, at least this number.
    Any(usize),
}

impl Demand {
    /// What to try, in this order, when nothing satisfies all of these needs: one less at a time, and of as many needs
    /// rather a wrong place or time than a wrong subject.
    pub(crate) fn relaxed(needs: &[Need]) -> impl Iterator<Item = Self> {
        let required = needs.iter().filter(|need| need.required()).count();
        let words = needs.iter().filter(|need| need.required() && Self::Words(0).is_firm(need)).count();
        (1..required).rev().flat_map(move |least| {
            let firm = (words > 0 && least >= words).then_some(Self::Words(least));
            firm.into_iter().chain([Self::Any(least)])
        })
    }

    fn is_firm(self, need: &Need) -> bool {
        match self {
            Self::All => true,
            Self::Words(_) => need.term.kind == TermKind::Word,
            Self::Any(_) => false,
        }
    }

    fn least(self) -> usize {
        match self {
            Self::All => 0,
            Self::Words(least) | Self::Any(least) => least,
        }
    }
}

/// Builds engine queries for one question.
pub(crate) struct Plan<'a> {
    fields: &'a Fields,
    filters: Vec<Boxed>,
    hidden: Boxed,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(fields: &'a Fields, query: &Query) -> Self {
        Self { fields, filters: filters(fields, query), hidden: hidden(fields, &query.visible_to) }
    }

    /// All documents that pass the filters.
    pub(crate) fn everything(&self) -> BooleanQuery {
        let mut clauses: Vec<(Occur, Boxed)> = vec![(Occur::Must, Box::new(AllQuery))];
        self.add_filters(&mut clauses);
        BooleanQuery::new(clauses)
    }

    /// Documents that satisfy what `demand` asks of the required needs. The other needs only add to the score.
    pub(crate) fn matching(&self, needs: &[Need], demand: Demand) -> BooleanQuery {
        let (firm, loose): (Vec<&Need>, Vec<&Need>) =
            needs.iter().filter(|need| need.required()).partition(|need| demand.is_firm(need));
        let mut clauses: Vec<(Occur, Boxed)> = Vec::new();
        clauses.extend(firm.iter().map(|need| (Occur::Must, self.need(need))));
        let least = demand.least().saturating_sub(firm.len());
        let loose: Vec<Boxed> = loose.into_iter().map(|need| self.need(need)).collect();
        if least > 0 {
            let some = BooleanQuery::union_with_minimum_required_clauses(loose, least);
            clauses.push((Occur::Must, Box::new(some)));
        } else {
            clauses.extend(loose.into_iter().map(|query| (Occur::Should, query)));
        }
        self.add_filters(&mut clauses);
        for need in needs {
            if need.required() {
                let titles = best(need.ways.iter().map(|way| self.title(way)).collect());
                clauses.push((Occur::Should, titles));
            } else {
                let weight = if need.wishes.is_empty() { OPTIONAL_WEIGHT } else { 1.0 };
                clauses.push((Occur::Should, weighted(self.need(need), weight)));
            }
        }
        BooleanQuery::new(clauses)
    }

    fn add_filters(&self, clauses: &mut Vec<(Occur, Boxed)>) {
        clauses.extend(self.filters.iter().map(|filter| (Occur::Must, filter.box_clone())));
        clauses.push((Occur::MustNot, self.hidden.box_clone()));
    }

    /// Whether documents match the word or its other ways, whatever the filters.
    pub(crate) fn need(&self, need: &Need) -> Boxed {
        let mut ways: Vec<Boxed> = Vec::new();
        for way in &need.ways {
            for place in &way.places {
                ways.push(constant(keyword(self.fields.place, place), PLACE_SCORE * way.weight));
            }
            // What is wished for is not there because the text speaks of it.
            if need.term.kind != TermKind::Wish {
                ways.push(weighted(phrase(self.fields.text, &way.cover), way.weight));
            }
        }
        for (name, value) in &need.wishes {
            let key = if name == "kind" {
                keyword(self.fields.kind, value)
            } else {
                keyword(self.fields.facet, &facet_key(name, value))
            };
            ways.push(constant(key, WISH_SCORE));
        }
        match &need.when {
            Some(When::Slot(slot)) => ways.push(constant(keyword(self.fields.slot, slot), TIME_SCORE)),
            Some(When::Between(span)) => ways.push(constant(starts(self.fields.starts, *span), TIME_SCORE)),
            None => {}
        }
        best(ways)
    }

    /// The questions of [`Reason`]: what a hit has of a need, the best first.
    pub(crate) fn reasons(&self, need: &Need) -> Vec<(Reason, Boxed)> {
        let text = || need.term.text.clone();
        let union = |ways: Vec<Boxed>| -> Boxed { Box::new(BooleanQuery::union(ways)) };
        let mut reasons: Vec<(Reason, Boxed)> = Vec::new();
        let places: Vec<Boxed> = need
            .ways
            .iter()
            .flat_map(|way| way.places.iter().map(|place| keyword(self.fields.place, place)))
            .collect();
        if !places.is_empty() {
            reasons.push((Reason::Place(text()), union(places)));
        }
        if need.when.is_some() {
            let timed = Need { ways: Vec::new(), ..need.clone() };
            reasons.push((Reason::Time(text()), self.need(&timed)));
        }
        if !need.wishes.is_empty() {
            let wished = Need { ways: Vec::new(), ..need.clone() };
            reasons.push((Reason::Wish(text()), self.need(&wished)));
        }
        if need.term.kind != TermKind::Wish {
            let in_field = |field| union(need.ways.iter().map(|way| phrase(field, &way.cover)).collect());
            reasons.push((Reason::Title(text()), in_field(self.fields.title)));
            reasons.push((Reason::Text(text()), in_field(self.fields.text)));
        }
        reasons
    }

    fn title(&self, way: &Way) -> Boxed {
        weighted(phrase(self.fields.title, &way.cover), TITLE_WEIGHT * way.weight)
    }
}

fn filters(fields: &Fields, query: &Query) -> Vec<Boxed> {
    let mut filters: Vec<Boxed> = Vec::new();
    let single = [
        (fields.place_code, &query.place_code),
        (fields.subject, &query.subject),
        (fields.kind, &query.kind),
    ];
    for (field, value) in single {
        filters.extend(value.as_ref().map(|value| keyword(field, value)));
    }
    let mut names: Vec<&str> = query.facets.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let values = query.facets.iter().filter(|(facet, _)| facet == name);
        filters.push(any(fields.facet, values.map(|(_, value)| facet_key(name, value)).collect()));
    }
    if let Some(ids) = &query.ids {
        filters.push(Box::new(TermSetQuery::new(ids.iter().map(|id| Key::from_field_text(fields.id, id)))));
    }
    if query.starts_from.is_some() || query.starts_to.is_some() {
        let span = (query.starts_from.unwrap_or(i64::MIN), query.starts_to.unwrap_or(i64::MAX));
        filters.push(starts(fields.starts, span));
    }
    filters.into_iter().map(|filter| constant(filter, 0.0)).collect()
}

/// Documents that the reader may not see.
fn hidden(fields: &Fields, visible_to: &[String]) -> Boxed {
    let inner = keyword(fields.visible, INNER);
    if visible_to.is_empty() {
        return inner;
    }
    let own = any(fields.visible, visible_to.iter().map(|organisation| inner_key(organisation)).collect());
    Box::new(BooleanQuery::new(vec![(Occur::Must, inner), (Occur::MustNot, own)]))
}

fn keyword(field: Field, value: &str) -> Boxed {
    Box::new(TermQuery::new(Key::from_field_text(field, value), IndexRecordOption::Basic))
}

fn any(field: Field, values: Vec<String>) -> Boxed {
    match &values[..] {
        [one] => keyword(field, one),
        _ => Box::new(TermSetQuery::new(values.iter().map(|value| Key::from_field_text(field, value)))),
    }
}

/// Documents in whose text, titles and place names included, the word occurs.
pub(crate) fn occurring(fields: &Fields, word: &str) -> Option<Boxed> {
    let cover = crate::chinese::cover(word);
    (!cover.is_empty()).then(|| phrase(fields.text, &cover))
}

pub(crate) fn starts(field: Field, (from, to): Span) -> Boxed {
    let from = Bound::Included(Key::from_field_i64(field, from));
    Box::new(RangeQuery::new(from, Bound::Excluded(Key::from_field_i64(field, to))))
}

fn constant(query: Boxed, score: f32) -> Boxed {
    Box::new(ConstScoreQuery::new(query, score))
}

/// Any of these, which counts as much as the best of them: many synonyms in one text are not more of the thing.
fn best(mut ways: Vec<Boxed>) -> Boxed {
    if ways.len() == 1 { ways.remove(0) } else { Box::new(DisjunctionMaxQuery::new(ways)) }
}

fn weighted(query: Boxed, weight: f32) -> Boxed {
    if (weight - 1.0).abs() < f32::EPSILON { query } else { Box::new(BoostQuery::new(query, weight)) }
}

fn phrase(field: Field, cover: &[Piece]) -> Boxed {
    match cover {
        [one] => {
            let key = Key::from_field_text(field, &one.text);
            Box::new(TermQuery::new(key, IndexRecordOption::WithFreqs))
        }
        _ => {
            let keys = cover.iter().map(|piece| (piece.at, Key::from_field_text(field, &piece.text)));
            Box::new(PhraseQuery::new_with_offset(keys.collect()))
        }
    }
}
