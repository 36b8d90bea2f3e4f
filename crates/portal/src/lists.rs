//! Names that every page of results shows beside its hits: a hundred rows that change a few times a year and would be read again for each page.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{RegionCode, Result, Timestamp};
use store::Tx;

/// Milliseconds for which they are taken as they were read, as long as a kept page.
const LIFE_MS: i64 = 1_000;

/// The districts to choose from, and what subjects are called.
pub(crate) struct Lists {
    /// Code and name, in the order of codes.
    pub districts: Vec<(RegionCode, String)>,
    /// Names of subjects by code.
    pub subjects: HashMap<String, String>,
}

/// The lists as they were read last.
#[derive(Default)]
pub(crate) struct Remembered(Mutex<Option<(Timestamp, Arc<Lists>)>>);

impl Remembered {
    /// The lists, at most a second old.
    pub(crate) fn get(&self, tx: &mut Tx) -> Result<Arc<Lists>> {
        let now = tx.now();
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A clock that was set back makes nothing live longer.
        if let Some((read_at, lists)) = held
            && (0..LIFE_MS).contains(&(now.millis() - read_at.millis()))
        {
            return Ok(lists);
        }
        let subjects = catalog::subjects(tx)?.into_iter().map(|subject| (subject.code, subject.name));
        let lists = Arc::new(Lists { districts: districts(tx)?, subjects: subjects.collect() });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, lists.clone()));
        Ok(lists)
    }
}

/// The districts, for choosing one.
pub(crate) fn districts(tx: &mut Tx) -> Result<Vec<(RegionCode, String)>> {
    let Some(city) = network::top_region(tx)? else { return Ok(Vec::new()) };
    Ok(network::region_children(tx, &city.code)?
        .into_iter()
        .map(|district| (district.code, district.name))
        .collect())
}
