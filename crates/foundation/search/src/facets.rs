//! Counts the values of all hits in one pass.

use std::collections::HashMap;

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader, TantivyError,
    collector::{Collector, SegmentCollector},
    columnar::StrColumn,
};

use crate::{document::FACET_SEPARATOR, query::FacetCount};

/// Values beyond this, the rarest, are not answered.
const MAX_VALUES: usize = 200;

/// Collects counts of the fields `facet` and `kind`.
pub(crate) struct FacetCollector;

pub(crate) struct Column {
    prefix: &'static str,
    values: StrColumn,
    counts: Vec<u64>,
}

pub(crate) struct SegmentFacets(Vec<Column>);

impl Collector for FacetCollector {
    type Fruit = Vec<FacetCount>;
    type Child = SegmentFacets;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentFacets> {
        let mut columns = Vec::new();
        for (field, prefix) in [("facet", ""), ("kind", "kind\u{1f}")] {
            if let Some(values) = segment.fast_fields().str(field)? {
                let counts = vec![0; values.num_terms()];
                columns.push(Column { prefix, values, counts });
            }
        }
        Ok(SegmentFacets(columns))
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(
        &self,
        segments: Vec<<SegmentFacets as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<Self::Fruit> {
        let mut sums: HashMap<String, u64> = HashMap::new();
        for segment in segments {
            for (key, count) in segment.map_err(TantivyError::from)? {
                *sums.entry(key).or_default() += count;
            }
        }
        let mut counts: Vec<FacetCount> = sums
            .into_iter()
            .filter_map(|(key, count)| {
                let (name, value) = key.split_once(FACET_SEPARATOR)?;
                Some(FacetCount { name: name.to_owned(), value: value.to_owned(), count })
            })
            .collect();
        counts.sort_by(|a, b| {
            b.count.cmp(&a.count).then_with(|| (&a.name, &a.value).cmp(&(&b.name, &b.value)))
        });
        counts.truncate(MAX_VALUES);
        Ok(counts)
    }
}

impl SegmentCollector for SegmentFacets {
    type Fruit = std::io::Result<Vec<(String, u64)>>;

    fn collect(&mut self, doc: DocId, _: Score) {
        for column in &mut self.0 {
            for ordinal in column.values.term_ords(doc) {
                column.counts[ordinal as usize] += 1;
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let mut found = Vec::new();
        let mut value = String::new();
        for column in self.0 {
            for (ordinal, count) in column.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                column.values.ord_to_str(ordinal as u64, &mut value)?;
                found.push((format!("{}{value}", column.prefix), *count));
            }
        }
        Ok(found)
    }
}
