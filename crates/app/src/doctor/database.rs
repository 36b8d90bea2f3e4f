//! The database: reachable, of an age and with settings on which the records can rest, and of our own version.

use kernel::Result;
use store::{Engine, Location, Statement, Store, Tx};

use super::Report;
use crate::{
    city::{migrations, open_store},
    config::Found,
};

/// Oldest PostgreSQL that is still maintained and tested with (server_version_num).
const OLDEST: i64 = 140_000;
/// Connections that one process opens.
const CONNECTIONS: i64 = 11;
/// Size of the write-ahead log above which somebody keeps it from being taken over, in MiB.
const WAL_MIB: u64 = 1_024;
/// Largest database file that is read through, in MiB: 2 GiB take some ten seconds.
const READ_THROUGH_MIB: u64 = 2_048;

fn ask<T: store::FromRow + Send + 'static>(store: &Store, text: &'static str) -> Result<T> {
    store.read_blocking(move |tx: &mut Tx| tx.one(Statement::dynamic(text.to_owned()), &[]))
}

fn mib(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len() / 1_048_576)
}

/// Opens the database, if it can be.
pub fn examine(report: &mut Report, found: &Found) -> Option<Store> {
    let location = found
        .config
        .database()
        .map_or_else(|| Location::File(found.data.join("xuecheng.db")), Location::parse);
    if let Location::File(path) = &location
        && !path.is_file()
    {
        report.bad(
            "database.reach",
            format!("{} is missing", path.display()),
            "restore it from the backup, name the server with --database, or make an installation with `xuecheng init`",
        );
        return None;
    }
    let store = match open_store(&location) {
        Ok(store) => store,
        Err(error) => {
            let mend = match location {
                Location::File(_) => {
                    "look at permissions and space; if the file is damaged, restore the backup"
                }
                Location::Server(_) => {
                    "start the server, and look at address, name, user and password in `database`"
                }
            };
            report.bad("database.reach", format!("{error:#}"), mend);
            return None;
        }
    };
    let outcome = match store.engine() {
        Engine::Sqlite => sqlite(report, &store, found),
        Engine::Postgres => postgres(report, &store),
    };
    match outcome {
        Ok(()) => Some(store),
        Err(error) => {
            report.bad(
                "database.reach",
                format!("{error:?}"),
                "restore the database from the backup; keep the damaged file",
            );
            None
        }
    }
}

fn sqlite(report: &mut Report, store: &Store, found: &Found) -> Result<()> {
    let file = found.data.join("xuecheng.db");
    let (version,): (String,) = ask(store, "SELECT sqlite_version()")?;
    report.good("database.reach", format!("SQLite {version}, {} MiB", mib(&file)));
    // What the program itself sets at opening; an older file system or another program may have refused it.
    let (journal,): (String,) = ask(store, "SELECT journal_mode FROM pragma_journal_mode")?;
    let (level,): (i64,) = ask(store, "SELECT synchronous FROM pragma_synchronous")?;
    durable(report, &journal, level);
    let wal = mib(&found.data.join("xuecheng.db-wal"));
    if wal > WAL_MIB {
        report.warn(
            "database.wal",
            format!("the write-ahead log has {wal} MiB"),
            "end long readers (another program that has the file open), then restart",
        );
    } else {
        report.good("database.wal", format!("{wal} MiB"));
    }
    if mib(&file) > READ_THROUGH_MIB {
        report.good(
            "database.pages",
            "too large to be read through here; `xuecheng verify` reads every record",
        );
        return Ok(());
    }
    match ask::<(String,)>(store, "PRAGMA quick_check(1)") {
        Ok((told,)) if told == "ok" => report.good("database.pages", "all pages hold together"),
        told => report.bad(
            "database.pages",
            told.map_or_else(|error| format!("{error:?}"), |(told,)| told.replace('\n', " ")),
            "stop the program, keep the damaged file, restore the newest backup, and look at the disk",
        ),
    }
    Ok(())
}

fn postgres(report: &mut Report, store: &Store) -> Result<()> {
    let (version, name): (i64, String) = ask(
        store,
        "SELECT CAST(current_setting('server_version_num') AS bigint), current_setting('server_version')",
    )?;
    age(report, version, &name);
    let (encoding,): (String,) = ask(store, "SELECT current_setting('server_encoding')")?;
    if encoding == "UTF8" {
        report.good("database.encoding", "UTF8");
    } else {
        report.bad(
            "database.encoding",
            format!("the database is encoded as {encoding}; names cannot be kept in it"),
            "make a database with ENCODING 'UTF8' TEMPLATE template0, and move the records there",
        );
    }
    let (fsync, pages, commit): (String, String, String) = ask(
        store,
        "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')",
    )?;
    if fsync == "on" && pages == "on" && commit != "off" && commit != "local" {
        report
            .good("database.durable", format!("fsync on, full_page_writes on, synchronous_commit {commit}"));
    } else {
        report.bad(
            "database.durable",
            format!("fsync is {fsync}, full_page_writes is {pages}, synchronous_commit is {commit}: a loss of power loses records"),
            "ALTER SYSTEM SET fsync = on; ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf();",
        );
    }
    let (allowed, used): (i64, i64) = ask(
        store,
        "SELECT CAST(current_setting('max_connections') AS bigint) - CAST(current_setting('superuser_reserved_connections') AS bigint), \
         (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')",
    )?;
    room(report, allowed, used);
    Ok(())
}

fn durable(report: &mut Report, journal: &str, level: i64) {
    if journal == "wal" && level >= 2 {
        report.good("database.durable", "write-ahead log, every commit is flushed");
    } else {
        report.bad(
            "database.durable",
            format!("journal_mode is {journal}, synchronous is {level}"),
            "close other programs that have the file open, and use a disk of this machine",
        );
    }
}

fn room(report: &mut Report, allowed: i64, used: i64) {
    if allowed - used < CONNECTIONS {
        report.warn(
            "database.connections",
            format!("{used} of {allowed} connections are used; a process opens {CONNECTIONS}"),
            "raise max_connections, or end clients that are not needed",
        );
    } else {
        report.good("database.connections", format!("{used} of {allowed} used"));
    }
}

fn age(report: &mut Report, version: i64, name: &str) {
    if version < OLDEST {
        report.bad(
            "database.reach",
            format!("PostgreSQL {name} is older than {}", OLDEST / 10_000),
            "upgrade the server; its makers mend nothing in that version any more",
        );
    } else {
        report.good("database.reach", format!("PostgreSQL {name}"));
    }
}

/// Whether tables and program are of one version; false when nothing else can be asked.
pub fn schema(report: &mut Report, store: &Store) -> bool {
    let known: Vec<String> = migrations()
        .iter()
        .flat_map(|set| set.iter())
        .map(|step| format!("{}/{}", step.domain, step.name))
        .collect();
    let pending = match store::pending(store, &migrations()) {
        Ok(pending) => pending,
        Err(error) => {
            report.bad("database.schema", format!("{error:?}"), "restore the database from the backup");
            return false;
        }
    };
    if pending.len() == known.len() {
        report.bad(
            "database.schema",
            "the database is empty",
            "make an installation with `xuecheng init`, or name the right database",
        );
        return false;
    }
    let applied: Result<Vec<(String, String)>> = store.read_blocking(|tx| {
        tx.all(Statement::dynamic("SELECT domain, name FROM schema_migration".to_owned()), &[])
    });
    let newer: Vec<String> = applied
        .unwrap_or_default()
        .into_iter()
        .map(|(domain, name)| format!("{domain}/{name}"))
        .filter(|step| !known.contains(step))
        .collect();
    if let Some(step) = newer.first() {
        report.bad(
            "database.schema",
            format!("a newer program has changed the tables ({step})"),
            "run the newer program; never an older one over it",
        );
        return false;
    }
    if let Some(step) = pending.first() {
        report.warn(
            "database.schema",
            format!("{} steps are pending, the first is {step}", pending.len()),
            "make a backup, then start `xuecheng serve`, which takes them",
        );
        // Steps that are missing may be those of the tables that would be looked at next.
        return false;
    }
    report.good("database.schema", format!("{} steps taken, none pending", known.len()));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn states(look: impl Fn(&mut Report)) -> Vec<State> {
        let mut report = Report::default();
        look(&mut report);
        report.0.iter().map(|finding| finding.state).collect()
    }

    #[test]
    fn a_file_that_is_not_flushed_is_named() {
        assert_eq!(states(|report| durable(report, "wal", 2)), [State::Good]);
        assert_eq!(states(|report| durable(report, "wal", 1)), [State::Bad]);
        assert_eq!(states(|report| durable(report, "memory", 2)), [State::Bad]);
    }

    #[test]
    fn a_server_without_room_is_named() {
        assert_eq!(states(|report| room(report, 97, 97 - CONNECTIONS)), [State::Good]);
        assert_eq!(states(|report| room(report, 97, 98 - CONNECTIONS)), [State::Warn]);
    }

    #[test]
    fn an_old_server_is_named() {
        assert_eq!(states(|report| age(report, 130_014, "13.14")), [State::Bad]);
        assert_eq!(states(|report| age(report, 170_002, "17.2")), [State::Good]);
    }
}
