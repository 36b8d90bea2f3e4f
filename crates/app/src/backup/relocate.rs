//! Moving a city to another database with everything in it, and fencing what it left behind.
//!
//! The fence is a rule of the database itself: no fact can be written any more, by whatever process, also by one that has been serving all
//! the time. Since every command leaves a fact, the two copies cannot both go on. The fence stands before the first row is copied, so nothing
//! is confirmed that the copy lacks.

use anyhow::{Result, bail};
use indicatif::ProgressBar;
use store::{
    Engine, Location, Statement, Store, Tx,
    bulk::{Loader, shapes},
};

use super::{
    frames::TableSum,
    parts::{Summing, each, head},
    restore::{is_full, place_waiting},
    take::viewed,
};
use crate::city::{migrations, open_store};

/// Name of the rule.
const FENCE: &str = "moved_away";

/// Where a fenced city has gone; none if it is not fenced.
///
/// # Errors
/// If the database cannot be read.
pub fn moved_to(tx: &mut Tx) -> kernel::Result<Option<String>> {
    let text = match tx.engine() {
        Engine::Sqlite => "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = $1",
        Engine::Postgres => {
            "SELECT coalesce(obj_description(k.oid, 'pg_constraint'), '') FROM pg_constraint k \
             JOIN pg_namespace n ON n.oid = k.connamespace WHERE k.conname = $1 AND n.nspname = current_schema()"
        }
    };
    let found: Option<(String,)> = tx.opt(Statement::fixed(text), store::params![FENCE])?;
    // On SQLite the place stands in the rule's text, between the quotes.
    Ok(found.map(|(text,)| match tx.engine() {
        Engine::Postgres => text,
        Engine::Sqlite => {
            text.split('\'').nth(1).unwrap_or_default().trim_start_matches("moved to ").to_owned()
        }
    }))
}

/// Fences a city, or changes where it has gone.
///
/// # Errors
/// If the database refuses.
pub fn fence(store: &Store, place: &str) -> Result<()> {
    let place = place.replace('\'', "");
    let script = match store.engine() {
        Engine::Sqlite => format!(
            "DROP TRIGGER IF EXISTS {FENCE}; CREATE TRIGGER {FENCE} BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'moved to {place}'); END"
        ),
        Engine::Postgres => format!(
            "ALTER TABLE fact DROP CONSTRAINT IF EXISTS {FENCE}; \
             ALTER TABLE fact ADD CONSTRAINT {FENCE} CHECK (false) NOT VALID; COMMENT ON CONSTRAINT {FENCE} ON fact IS '{place}'"
        ),
    };
    Ok(store.write_blocking("move.fence", move |tx| tx.script(&script))?)
}

/// Lifts the fence.
///
/// # Errors
/// If the database refuses.
pub fn unfence(store: &Store) -> Result<()> {
    let script = match store.engine() {
        Engine::Sqlite => format!("DROP TRIGGER IF EXISTS {FENCE}"),
        Engine::Postgres => format!("ALTER TABLE fact DROP CONSTRAINT IF EXISTS {FENCE}"),
    };
    Ok(store.write_blocking("move.unfence", move |tx| tx.script(&script))?)
}

/// A place in words, without passwords.
pub fn in_words(location: &Location) -> String {
    match location {
        Location::File(path) => path.display().to_string(),
        Location::Server(url) => {
            let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", ""));
            let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            let rest = rest.split('?').next().unwrap_or_default();
            format!("{scheme}://{rest}")
        }
    }
}

/// Moves everything to an empty place of either engine and compares all tables. Returns them. A move that was broken off is begun anew; one
/// that had come to its end, and was killed before it could say so, is confirmed.
///
/// # Errors
/// If the place is not empty, or something fails on the way; then the place is empty, and the city goes on where it was.
pub fn relocate(source: &Store, to: &Location, bar: &ProgressBar) -> Result<Vec<TableSum>> {
    let mut loader = Loader::begin(to)?;
    if is_full(to, &mut loader)? {
        drop(loader);
        let place = in_words(to);
        if source.read_blocking(moved_to)?.as_ref() == Some(&place) {
            bar.set_message("comparing what is there already");
            let (here, there) = (all_sums(source)?, all_sums(&open_store(to)?)?);
            if here == there {
                return Ok(there);
            }
        }
        bail!("{place} has tables already; a city is moved into an empty database, and nothing was touched");
    }
    fence(source, &in_words(to))?;
    // No fact comes any more; those that wait get their positions here, so that both sides are equal for good.
    let moved = place_waiting(source).and_then(|()| copied(source, loader, bar)).and_then(|sums| {
        bar.set_message("reading it back");
        if all_sums(&open_store(to)?)? != sums {
            bail!("{} does not hold what was copied; do not use it, and report this", in_words(to));
        }
        Ok(sums)
    });
    if moved.is_err() {
        unfence(source)?;
    }
    moved
}

fn copied(source: &Store, mut loader: Loader, bar: &ProgressBar) -> Result<Vec<TableSum>> {
    let shown = bar.clone();
    viewed(source, move |tx| {
        let steps: Vec<_> = migrations().iter().flat_map(|set| set.iter().copied()).collect();
        loader.schema(&steps)?;
        let there = loader.shapes()?;
        let here = shapes(tx)?;
        let mut rows = 0;
        for shape in &here {
            rows += shape.count(tx)?;
        }
        shown.set_length(rows.unsigned_abs());
        let mut sums = Vec::new();
        for shape in &here {
            let Some(target) = there.iter().find(|target| target.name == shape.name) else {
                bail!("the table {} is none of this version of the program", shape.name);
            };
            if target.columns.iter().map(|(name, _)| name).ne(shape.columns.iter().map(|(name, _)| name)) {
                bail!("the columns of {} are not those of this version of the program", shape.name);
            }
            loader.table(target)?;
            let mut sum = Summing::new(&head(shape));
            each(shape, tx, |row| {
                sum.row(row);
                shown.inc(1);
                Ok(loader.row(row.to_vec())?)
            })?;
            loader.end()?;
            sums.push(sum.end());
        }
        loader.finish()?;
        Ok(sums)
    })
}

/// The sums of all tables of a database, sessions and counters too.
///
/// # Errors
/// If it cannot be read.
pub fn all_sums(store: &Store) -> Result<Vec<TableSum>> {
    viewed(store, |tx| {
        let mut sums = Vec::new();
        for shape in shapes(tx)? {
            let mut sum = Summing::new(&head(&shape));
            each(&shape, tx, |row| {
                sum.row(row);
                Ok(())
            })?;
            sums.push(sum.end());
        }
        Ok(sums)
    })
}
