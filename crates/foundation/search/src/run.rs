//! Answers a question.

use kernel::Result;
use tantivy::{
    Searcher, TantivyDocument,
    collector::{Count, TopDocs},
    query::Query as EngineQuery,
    schema::Value,
};

use crate::{
    facets::FacetCollector,
    highlight::highlights,
    index::{Index, failed},
    plan::{Demand, Plan},
    query::{Hit, Hits, MAX_LIMIT, MAX_OFFSET, Query},
    rank::{Here, Reader, segment_score},
    understand::{Need, broken, understand},
};

impl Index {
    /// Answers a question. Every required term has to match. If no document matches all of them, long words are broken
    /// into their parts; then documents which match as many terms as any does are answered, rather with another place or
    /// time than with another subject; and [`Hits::relaxed`] says so. Filters are never relaxed. An empty text asks for everything that passes the filters.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn search(&self, query: &Query) -> Result<Hits> {
        let words = self.vocabulary();
        let needs = understand(&query.text, &words, query.now);
        let searcher = self.inner.reader.searcher();
        let plan = Plan::new(&self.inner.fields, query);
        let required = needs.iter().filter(|need| need.required()).count();
        let all = if required > 0 { plan.matching(&needs, Demand::All) } else { plan.everything() };
        let mut answer = self.collect(&searcher, query, &all, &needs)?;
        if answer.total == 0 && required > 0 {
            let parts = broken(&needs, &words);
            let broke = parts.len() > required;
            let mut tries: Vec<(&[Need], Demand)> = Vec::new();
            tries.extend(broke.then_some((&parts[..], Demand::All)));
            tries.extend(Demand::relaxed(&needs).map(|demand| (&needs[..], demand)));
            tries.extend(Demand::relaxed(&parts).filter(|_| broke).map(|demand| (&parts[..], demand)));
            for (needs, demand) in tries {
                answer = self.collect(&searcher, query, &plan.matching(needs, demand), needs)?;
                if answer.total > 0 {
                    answer.relaxed = true;
                    break;
                }
            }
        }
        answer.terms = needs.into_iter().map(|need| need.term).collect();
        Ok(answer)
    }

    fn collect(
        &self,
        searcher: &Searcher,
        query: &Query,
        engine: &dyn EngineQuery,
        needs: &[Need],
    ) -> Result<Hits> {
        let reader = Reader { now: query.now, near: query.near.map(Here::new) };
        // Without words all scores are 0, and time and place alone decide.
        let floor = if needs.is_empty() { 1.0 } else { 0.0 };
        let page =
            TopDocs::with_limit(query.limit.clamp(1, MAX_LIMIT)).and_offset(query.offset.min(MAX_OFFSET));
        let best =
            page.tweak_score(move |segment: &tantivy::SegmentReader| segment_score(reader, floor, segment));
        let facets = query.count_facets.then_some(FacetCollector);
        let (total, best, facets) =
            searcher.search(engine, &(Count, best, facets)).map_err(|error| failed("search", error))?;
        let mut hits = Vec::with_capacity(best.len());
        for (score, address) in best {
            let document: TantivyDocument =
                searcher.doc(address).map_err(|error| failed("read a document of the index", error))?;
            let text = |field| {
                document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
            };
            let title = text(self.inner.fields.title);
            let words = needs.iter().flat_map(|need| &need.ways).map(|way| way.text.as_str());
            let highlights = highlights(&title, words);
            hits.push(Hit { id: text(self.inner.fields.id), score, title, highlights });
        }
        Ok(Hits {
            total: total as u64,
            relaxed: false,
            hits,
            terms: Vec::new(),
            facets: facets.unwrap_or_default(),
        })
    }
}
