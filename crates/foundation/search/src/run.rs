//! Answers a question.

use kernel::Result;
use tantivy::{
    Searcher, TantivyDocument, Term as Key,
    collector::{Count, DocSetCollector, TopDocs},
    query::{EnableScoring, Query as EngineQuery, TermQuery},
    schema::{IndexRecordOption, Value},
};

use crate::{
    facets::FacetCollector,
    highlight::highlights,
    index::{Index, failed},
    plan::{Demand, Plan, occurring, starts},
    query::{Guess, Hit, Hits, MAX_LIMIT, MAX_OFFSET, Query, Reason, TermKind},
    rank::{Here, Reader, segment_score},
    understand::{Ear, Need, broken, understand},
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
        let lexicon = self.lexicon();
        let searcher = self.inner.reader.searcher();
        let fields = &self.inner.fields;
        let count = |engine: &dyn EngineQuery| searcher.search(engine, &Count).unwrap_or(usize::MAX) as u64;
        let occurs = |word: &str| occurring(fields, word).map_or(0, |engine| count(&*engine));
        let ear = Ear { lexicon: &lexicon, bold: false, occurs: &occurs };
        let mut needs = understand(&query.text, &words, &ear, query.now);
        let plan = Plan::new(fields, query);
        let required = needs.iter().filter(|need| need.required()).count();
        let all = if required > 0 { plan.matching(&needs, Demand::All) } else { plan.everything() };
        let mut answer = self.collect(&searcher, query, &all, &needs)?;
        let lenient = required > 0 && !query.strict;
        if answer.total == 0 && lenient {
            let bold = Ear { bold: true, ..ear };
            needs = understand(&query.text, &words, &bold, query.now);
            let mut guessed = needs.iter().any(|need| !need.taken.is_empty());
            for need in needs.iter_mut().filter(|need| need.term.kind == TermKind::Word) {
                if need.taken.is_empty() && count(&*plan.need(need)) == 0 {
                    need.take_for(bold.texts(&lexicon.guesses(&need.term.text)), &words);
                    guessed |= !need.taken.is_empty();
                }
            }
            if guessed {
                answer = self.collect(&searcher, query, &plan.matching(&needs, Demand::All), &needs)?;
            }
        }
        if answer.total == 0 && lenient {
            let required = needs.iter().filter(|need| need.required()).count();
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
        if query.explain {
            self.explain(&searcher, &plan, &needs, query, &mut answer)
                .map_err(|error| failed("explain the hits", error))?;
        }
        let guesses = needs.iter().filter(|need| !need.taken.is_empty());
        answer.guesses =
            guesses.map(|need| Guess { typed: need.term.text.clone(), taken: need.taken.clone() }).collect();
        answer.terms = needs.into_iter().map(|need| need.term).collect();
        Ok(answer)
    }

    /// Asks of every hit what it has of every term.
    fn explain(
        &self,
        searcher: &Searcher,
        plan: &Plan<'_>,
        needs: &[Need],
        query: &Query,
        answer: &mut Hits,
    ) -> tantivy::Result<()> {
        let scoring = EnableScoring::disabled_from_searcher(searcher);
        for hit in &mut answer.hits {
            let id =
                TermQuery::new(Key::from_field_text(self.inner.fields.id, &hit.id), IndexRecordOption::Basic);
            let Some(address) = searcher.search(&id, &DocSetCollector)?.into_iter().next() else { continue };
            let segment = searcher.segment_reader(address.segment_ord);
            for need in needs {
                let mut told = false;
                for (reason, engine) in plan.reasons(need) {
                    let mut scorer = engine.weight(scoring)?.scorer(segment, 1.0)?;
                    if scorer.doc() <= address.doc_id && scorer.seek(address.doc_id) == address.doc_id {
                        hit.reasons.push(reason);
                        told = true;
                        break;
                    }
                }
                if !told && need.required() {
                    hit.reasons.push(Reason::Missing(need.term.text.clone()));
                }
            }
            let columns = segment.fast_fields();
            let place =
                columns.f64("lon")?.first(address.doc_id).zip(columns.f64("lat")?.first(address.doc_id));
            if let Some((here, there)) = query.near.zip(place) {
                hit.reasons.push(Reason::Near(Here::new(here).kilometres(there)));
            }
        }
        Ok(())
    }

    pub(crate) fn ids_started_before(&self, moment: i64, limit: usize) -> tantivy::Result<Vec<String>> {
        let searcher = self.inner.reader.searcher();
        let engine = starts(self.inner.fields.starts, (i64::MIN, moment));
        let mut ids = Vec::new();
        for address in searcher.search(&*engine, &DocSetCollector)?.into_iter().take(limit) {
            let document: TantivyDocument = searcher.doc(address)?;
            let id = document.get_first(self.inner.fields.id).and_then(|value| value.as_str());
            ids.extend(id.map(str::to_owned));
        }
        Ok(ids)
    }

    fn collect(
        &self,
        searcher: &Searcher,
        query: &Query,
        engine: &dyn EngineQuery,
        needs: &[Need],
    ) -> Result<Hits> {
        let reader = Reader { now: query.now, near: query.near.map(Here::new), order: query.order };
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
            hits.push(Hit { id: text(self.inner.fields.id), score, title, highlights, reasons: Vec::new() });
        }
        Ok(Hits {
            total: total as u64,
            relaxed: false,
            hits,
            terms: Vec::new(),
            guesses: Vec::new(),
            facets: facets.unwrap_or_default(),
        })
    }
}
