//! Migrations: one portable text for both engines, with shard directives for Citus.

use kernel::{Error, Result};

use crate::{Engine, Statement, Store, Tx, params};

/// One step of one domain's schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Name of the crate that owns the tables.
    pub domain: &'static str,
    /// Place in that crate's order, from 1.
    pub number: u32,
    /// File name without ending.
    pub name: &'static str,
    /// The text.
    pub sql: &'static str,
}

/// Declares a crate's migrations from its files:
/// `pub const MIGRATIONS: &[Migration] = migrations!("bank"; 1 "0001_ledger");`.
#[macro_export]
macro_rules! migrations {
    ($domain:literal; $($number:literal $name:literal),* $(,)?) => {
        &[$($crate::Migration {
            domain: $domain,
            number: $number,
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, ".sql")),
        }),*]
    };
}

/// The store's own tables: jobs and leases.
pub const MIGRATIONS: &[Migration] = migrations!("store"; 1 "0001_jobs_and_leases");

/// The table that remembers the steps.
pub(crate) const BOOKKEEPING: &str = "CREATE TABLE IF NOT EXISTS schema_migration (domain text NOT NULL, number bigint NOT NULL, \
     name text NOT NULL, checksum text NOT NULL, applied_at bigint NOT NULL, PRIMARY KEY (domain, number))";

/// Brings the schema up to date. A step that was applied before must still have the same text.
pub fn migrate(store: &Store, sets: &[&[Migration]]) -> Result<()> {
    let all: Vec<Migration> = sets.iter().flat_map(|set| set.iter().copied()).collect();
    store.write_blocking("store.migrate", move |tx| {
        // The bookkeeping table is the one that no migration makes; `IF NOT EXISTS` covers the first start.
        if tx.engine() == Engine::Postgres {
            // Two processes that start together take turns. The number is arbitrary and fixed.
            tx.script("SELECT pg_advisory_xact_lock(7203069986)")?;
        }
        tx.script(BOOKKEEPING)?;
        let mut applied = 0;
        for migration in &all {
            applied += usize::from(apply(tx, migration)?);
        }
        if applied > 0 {
            tracing::info!(applied, "schema brought up to date");
        }
        Ok(())
    })
}

/// Whether the database has a table of this name.
pub fn has_table(tx: &mut Tx, name: &str) -> Result<bool> {
    // The catalogue is the one place where the engines have nothing in common.
    let text = match tx.engine() {
        Engine::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
        Engine::Postgres => "SELECT 1 WHERE to_regclass($1) IS NOT NULL",
    };
    let found: Option<(i64,)> = tx.opt(Statement::fixed(text), params![name])?;
    Ok(found.is_some())
}

/// The steps that [`migrate`] would take, as `domain/name`.
///
/// # Errors
/// If the database cannot be read.
pub fn pending(store: &Store, sets: &[&[Migration]]) -> Result<Vec<String>> {
    let all: Vec<Migration> = sets.iter().flat_map(|set| set.iter().copied()).collect();
    let known: Vec<(String, i64)> = store.read_blocking(|tx| {
        if !has_table(tx, "schema_migration")? {
            return Ok(Vec::new());
        }
        tx.all(Statement::fixed("SELECT domain, number FROM schema_migration"), &[])
    })?;
    let waiting = |step: &&Migration| !known.contains(&(step.domain.to_owned(), i64::from(step.number)));
    Ok(all.iter().filter(waiting).map(|step| format!("{}/{}", step.domain, step.name)).collect())
}

impl Migration {
    /// The digest by which a step that was changed after it had been applied is found.
    pub fn checksum(&self) -> String {
        checksum(self.sql)
    }
}

fn apply(tx: &mut Tx, migration: &Migration) -> Result<bool> {
    let number = i64::from(migration.number);
    let checksum = checksum(migration.sql);
    let known: Option<(String,)> = tx.opt(
        Statement::fixed("SELECT checksum FROM schema_migration WHERE domain = $1 AND number = $2"),
        params![migration.domain, number],
    )?;
    match known {
        Some((known,)) if known == checksum => return Ok(false),
        Some(_) => {
            return Err(Error::bug(format!(
                "migration {}/{} was changed after it had been applied",
                migration.domain, migration.name
            )));
        }
        None => {}
    }
    tx.script(&translate(migration.sql, tx.engine()))?;
    tx.exec_later(
        Statement::fixed("INSERT INTO schema_migration (domain, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)"),
        params![migration.domain, number, migration.name, checksum, tx.now()],
    )?;
    Ok(true)
}

fn checksum(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Maps the five portable types to the engine's own, outside of comments and quotes. Text is compared byte by byte on
/// both engines (`COLLATE "C"`), so that lists have one order.
pub(crate) fn translate(sql: &str, engine: Engine) -> String {
    let mut out = String::with_capacity(sql.len() + 256);
    let mut word = String::new();
    let mut chars = sql.chars().peekable();
    let flush = |word: &mut String, out: &mut String| {
        out.push_str(match (engine, word.as_str()) {
            (Engine::Sqlite, "bigint" | "boolean") => "INTEGER",
            (Engine::Sqlite, "bytes") => "BLOB",
            (Engine::Sqlite, "double") => "REAL",
            (Engine::Postgres, "text") => "text COLLATE \"C\"",
            (Engine::Postgres, "bytes") => "bytea",
            (Engine::Postgres, "double") => "double precision",
            (_, other) => other,
        });
        word.clear();
    };
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        flush(&mut word, &mut out);
        if c == '\'' {
            out.push(c);
            for quoted in chars.by_ref() {
                out.push(quoted);
                if quoted == '\'' {
                    break;
                }
            }
        } else if c == '-' && chars.peek() == Some(&'-') {
            for comment in chars.by_ref() {
                if comment == '\n' {
                    out.push('\n');
                    break;
                }
            }
        } else {
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_mapped_outside_of_quotes_and_comments() {
        let sql = "CREATE TABLE a (b bytes, t text DEFAULT 'text') -- bytes\n";
        assert_eq!(translate(sql, Engine::Sqlite), "CREATE TABLE a (b BLOB, t text DEFAULT 'text') \n");
        assert_eq!(
            translate(sql, Engine::Postgres),
            "CREATE TABLE a (b bytea, t text COLLATE \"C\" DEFAULT 'text') \n"
        );
    }
}
