//! Restoring a backup into an empty place of either engine. It appears whole or not at all.

use std::path::Path;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use store::{
    Location, Migration, Store, Value,
    bulk::{Loader, Shape},
};

use super::{
    files::{Next, PartReader},
    frames::{Manifest, TableHead},
    parts::{FACT, Part, SALTS, Sums, backed_up, pour},
    relocate::in_words,
    take::{Lock, viewed},
};
use crate::city::{migrations, open_store};

/// After keys that are newer than the records, what belongs to people, or to second factors, that came later is taken out again. A table
/// that the records' schema does not have was not filled.
const ONLY_KNOWN: [(&str, &str); 5] = [
    ("person_key", "SELECT person_id FROM person"),
    ("phone_directory", "SELECT person_id FROM person"),
    ("card", "SELECT person_id FROM person"),
    ("factor_secret", "SELECT person_id FROM second_factor WHERE active"),
    ("recovery_code", "SELECT person_id FROM second_factor WHERE active"),
];

/// The files of a backup, opened.
pub struct Backup {
    records: PartReader,
    keys: Option<PartReader>,
}

/// What a backup was found to hold.
#[derive(Debug)]
pub struct Restored {
    /// What it is of.
    pub manifest: Manifest,
    /// When it was made.
    pub made_at: String,
    /// Rows.
    pub rows: i64,
}

impl Backup {
    /// Opens the records, and the keys unless they are gone. Keys may be those of a newer backup of the same city.
    ///
    /// # Errors
    /// A file that is none, of another key, another city, or keys that are older than the records.
    pub fn open(records: &Path, keys: Option<&Path>, lock: &Lock) -> Result<Self> {
        let name = records.display();
        let records = PartReader::open(records, Part::Records, &lock.secret, &lock.id)?;
        let keys = match keys {
            None => None,
            Some(path) => {
                let keys = PartReader::open(path, Part::Keys, &lock.secret, &lock.id)?;
                if keys.manifest.signing_key != records.manifest.signing_key
                    || keys.manifest.master_key != records.manifest.master_key
                {
                    bail!("{} belongs to another city than {name}", path.display());
                }
                if keys.header.at < records.header.at {
                    bail!(
                        "{} was made {}, before {name} ({}); keys of the same backup or a newer one are wanted",
                        path.display(),
                        keys.header.made_at,
                        records.header.made_at
                    );
                }
                Some(keys)
            }
        };
        Ok(Self { records, keys })
    }

    /// What it is of.
    pub fn manifest(&self) -> &Manifest {
        &self.records.manifest
    }

    /// The moment that it is of.
    #[cfg(test)]
    pub fn made_at(&self) -> kernel::Timestamp {
        kernel::Timestamp::from_millis(self.records.header.at)
    }

    fn of_one_backup(&self) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.header.backup == self.records.header.backup)
    }

    /// The steps of the schema that the backup was taken with.
    fn steps(&self) -> Result<Vec<Migration>> {
        let all: Vec<Migration> = migrations().iter().flat_map(|set| set.iter().copied()).collect();
        for (domain, number, checksum) in &self.manifest().migrations {
            let known = all.iter().find(|step| step.domain == domain && i64::from(step.number) == *number);
            match known {
                Some(step) if step.checksum() == *checksum => {}
                _ => bail!(
                    "the backup was made by version {} of this program with the schema step {domain}/{number}, which this one \
                     ({}) does not have; restore it with that version or a later one",
                    self.records.header.program,
                    env!("CARGO_PKG_VERSION")
                ),
            }
        }
        let taken = |step: &Migration| {
            self.manifest()
                .migrations
                .iter()
                .any(|(domain, number, _)| step.domain == domain && i64::from(step.number) == *number)
        };
        Ok(all.into_iter().filter(taken).collect())
    }

    /// Reads everything to the last byte without restoring it.
    ///
    /// # Errors
    /// The first damage.
    pub fn check(mut self, bar: &ProgressBar) -> Result<Restored> {
        self.steps()?;
        bar.set_length(self.manifest().rows.unsigned_abs());
        let mut rows = 0;
        for part in [Some(&mut self.records), self.keys.as_mut()].into_iter().flatten() {
            loop {
                match part.next()? {
                    Next::Row(_) => {
                        bar.inc(1);
                        rows += 1;
                    }
                    Next::Done => break,
                    Next::Table(_) | Next::End => {}
                }
            }
        }
        Ok(Restored { made_at: self.records.header.made_at, manifest: self.records.manifest, rows })
    }

    /// Restores into an empty place, reads the place back, and compares. `ready` is called when the place is known to be empty.
    ///
    /// # Errors
    /// If the place is not empty, the backup is damaged, or the disk is full; then the place is as empty as before.
    pub fn restore(
        mut self,
        location: &Location,
        ready: impl FnOnce() -> Result<()>,
        bar: &ProgressBar,
    ) -> Result<Restored> {
        let steps = self.steps()?;
        bar.set_length(self.manifest().rows.unsigned_abs());
        let mut loader = Loader::begin(location)?;
        if is_full(location, &mut loader)? {
            bail!(
                "{} has tables already; a backup is restored into an empty place, and nothing was touched",
                in_words(location)
            );
        }
        ready()?;
        let rows = self.fill(&mut loader, &steps, bar).and_then(|rows| {
            loader.finish()?;
            Ok(rows)
        });
        let rows = rows.context("nothing was restored")?;
        bar.set_message("reading it back");
        let store = open_store(location)?;
        self.compare(&store)?;
        place_waiting(&store)?;
        Ok(Restored { made_at: self.records.header.made_at, manifest: self.records.manifest, rows })
    }

    fn fill(&mut self, loader: &mut Loader, steps: &[Migration], bar: &ProgressBar) -> Result<i64> {
        loader.schema(steps)?;
        let shapes = loader.shapes()?;
        let together = self.of_one_backup();
        let mut salts = Salts { part: self.keys.as_mut(), next: None };
        salts.begin()?;
        let mut rows = 0;
        let mut into = Into { loader, shapes: &shapes, salt: None, skip: false };
        loop {
            match self.records.next()? {
                Next::Table(head) => into.table(&head)?,
                Next::Row(mut values) => {
                    if let Some(place) = into.salt
                        && values[place] == Value::Null
                    {
                        values[place] = salts.of(&values[0], &values[1])?;
                    }
                    into.loader.row(values)?;
                    bar.inc(1);
                    rows += 1;
                }
                Next::End => into.loader.end()?,
                Next::Done => break,
            }
        }
        salts.exhaust()?;
        if let Some(keys) = self.keys.as_mut() {
            loop {
                match keys.next()? {
                    Next::Table(head) => {
                        // Messages of a later day are none of this city, and a later schema may have tables that this one has not.
                        let known = shapes.iter().any(|shape| shape.name == head.name);
                        into.skip = !together && (head.name == "outbox" || !known);
                        if !into.skip {
                            into.table(&head)?;
                        }
                    }
                    Next::Row(values) if !into.skip => {
                        into.loader.row(values)?;
                        bar.inc(1);
                        rows += 1;
                    }
                    Next::End if !into.skip => into.loader.end()?,
                    Next::Row(_) | Next::End => {}
                    Next::Done => break,
                }
            }
        }
        if !together {
            for (table, known) in ONLY_KNOWN {
                if shapes.iter().any(|shape| shape.name == table) {
                    loader.script(&format!("DELETE FROM {table} WHERE person_id NOT IN ({known})"))?;
                }
            }
        }
        Ok(rows)
    }

    /// What is in the place must be what is in the files, byte for byte.
    fn compare(&self, store: &Store) -> Result<()> {
        let sums = viewed(store, |tx| {
            let mut sums = Sums::default();
            let tables = backed_up(tx)?;
            pour(tx, &tables, &mut sums, &|| {})?;
            Ok(sums.done)
        })?;
        if sums[Part::Records as usize] != self.records.sums() {
            bail!("what was restored is not what the backup holds; do not use it, and report this");
        }
        if let Some(keys) = &self.keys
            && self.of_one_backup()
            && sums[Part::Keys as usize] != keys.sums()
        {
            bail!("the keys that were restored are not those of the backup; do not use it, and report this");
        }
        Ok(())
    }
}

/// Gives positions to facts that were confirmed but had none yet, so that `verify` finds what vouches for each row. A schema that waits
/// for its upgrade is left alone; the first start does it then.
///
/// # Errors
/// If the database cannot be written.
pub fn place_waiting(store: &Store) -> Result<()> {
    if store::pending(store, &migrations())?.is_empty() {
        while store.write_blocking("restore.sequence", journal::sequence)? > 0 {}
    }
    Ok(())
}

/// Whether a place holds something already. The loader has the turn there, so nobody else fills it meanwhile.
///
/// # Errors
/// If it cannot be read.
pub fn is_full(location: &Location, loader: &mut Loader) -> Result<bool> {
    match location {
        Location::File(path) => Ok(path.exists()),
        Location::Server(_) => Ok(!loader.shapes()?.is_empty()),
    }
}

/// Where rows go.
struct Into<'a> {
    loader: &'a mut Loader,
    shapes: &'a [Shape],
    /// Place of the salt, while facts are loaded.
    salt: Option<usize>,
    skip: bool,
}

impl Into<'_> {
    fn table(&mut self, head: &TableHead) -> Result<()> {
        let shape = self
            .shapes
            .iter()
            .find(|shape| shape.name == head.name)
            .with_context(|| format!("the backup has a table {} that its schema has not", head.name))?;
        let mut columns = Vec::new();
        for name in &head.columns {
            let column = shape.columns.iter().find(|(column, _)| column == name);
            columns.push(column.with_context(|| format!("{} has no column {name}", head.name))?.clone());
        }
        self.salt = (head.name == FACT).then(|| head.columns.iter().position(|c| c == "salt")).flatten();
        self.loader.table(&Shape { name: head.name.clone(), columns, key: shape.key.clone() })?;
        Ok(())
    }
}

/// The salts, which come in the same order as the facts.
struct Salts<'a> {
    part: Option<&'a mut PartReader>,
    next: Option<Vec<Value>>,
}

impl Salts<'_> {
    fn begin(&mut self) -> Result<()> {
        let Some(part) = &mut self.part else { return Ok(()) };
        match part.next()? {
            Next::Table(head) if head.name == SALTS => self.step(),
            _ => bail!("the keys do not begin with the salts"),
        }
    }

    fn step(&mut self) -> Result<()> {
        let Some(part) = &mut self.part else { return Ok(()) };
        self.next = match part.next()? {
            Next::Row(row) if row.len() == 3 => Some(row),
            Next::End => None,
            _ => bail!("the salts are not as they should be"),
        };
        Ok(())
    }

    /// The salt of a fact; none if it was destroyed. Salts of facts that came later are passed over.
    fn of(&mut self, home: &Value, id: &Value) -> Result<Value> {
        while let Some(row) = &mut self.next {
            match (text(&row[0]), text(&row[1])).cmp(&(text(home), text(id))) {
                std::cmp::Ordering::Less => self.step()?,
                std::cmp::Ordering::Equal => {
                    let salt = row.swap_remove(2);
                    self.step()?;
                    return Ok(salt);
                }
                std::cmp::Ordering::Greater => break,
            }
        }
        Ok(Value::Null)
    }

    fn exhaust(&mut self) -> Result<()> {
        while self.next.is_some() {
            self.step()?;
        }
        Ok(())
    }
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        _ => "",
    }
}
