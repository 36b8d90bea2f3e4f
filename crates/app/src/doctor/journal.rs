//! What works behind the pages: clock, sequencer, consumers, seals, leases, jobs, messages, the search index.

use std::{fs::File, path::Path, thread, time::Duration};

use kernel::{Id, Person, Result, Timestamp};
use people::Vault;
use store::{Store, Tx, params, sql};

use super::{
    Report,
    place::{Keys, indexes},
};
use crate::{config::Found, data_dir::DataDir, witness};

/// Milliseconds by which clocks of machines that keep time may differ.
const CLOCKS_MS: i64 = 5_000;
/// Facts among which the clock is looked at.
const FACTS: i64 = 5_000;
/// Milliseconds after which what should take a second counts as stuck.
const LATE_MS: i64 = 30_000;
/// Pause in which a consumer that works has moved.
const LOOK_AGAIN: Duration = Duration::from_millis(1_500);
/// Minutes after which a message that waits is not under way any more.
const MESSAGE_MINUTES: i64 = 10;
/// Days for which a failed message is told.
const FAILED_DAYS: i32 = 7;
/// Minutes ahead beyond which no lease is ever taken.
const LEASE_MINUTES: i64 = 60;

const START: &str = "start `xuecheng serve` if none runs";

/// Whether the keys are those with which the records were made.
pub fn keys(report: &mut Report, store: &Store, keys: &Keys) {
    let head = store.read_blocking(|tx| Ok(journal::heads(tx, 1)?.pop()));
    match (&keys.signing, head) {
        (Some(key), Ok(Some(head))) if key.id() != head.key_id => report.bad(
            "keys.match",
            format!("the newest head was signed by {}, the key here is {}", head.key_id, key.id()),
            "put the installation's own signing.key back; do not serve with another",
        ),
        (Some(_), Ok(_)) => report.good("keys.match", "the newest head was signed by the key here"),
        (None, _) => {}
        (_, Err(error)) => report.bad("keys.match", format!("{error:?}"), "run `xuecheng verify`"),
    }
    let Some(master) = keys.master.as_ref().and_then(seal::KeyFile::master_key) else { return };
    let vault = Vault::new(master);
    let opened = store.read_blocking(move |tx| {
        let row: Option<(Id<Person>,)> =
            tx.opt(sql!("SELECT person_id FROM person_key ORDER BY person_id LIMIT 1"), &[])?;
        row.map(|(person,)| people::name(tx, &vault, person)).transpose()
    });
    match opened {
        Ok(_) => report.good("keys.opens", "the master key opens personal data"),
        Err(_) => report.bad(
            "keys.opens",
            "the master key here does not open the personal data",
            "put the installation's own master.key back; do not serve with another",
        ),
    }
}

/// Looks at everything in the database.
pub fn examine(report: &mut Report, store: &Store) {
    for check in [clock, sequence, consumers, seals, leases, jobs, messages] {
        if let Err(error) = check(report, store) {
            report.bad(
                "database.read",
                format!("{error:?}"),
                "run `xuecheng verify`, and restore the backup if it is red",
            );
        }
    }
}

fn clock(report: &mut Report, store: &Store) -> Result<()> {
    let now = store.clock().now();
    let (newest, back): (Option<Timestamp>, Option<i64>) = store.read_blocking(|tx| {
        tx.one(
            sql!(
                "WITH newest AS (SELECT p.pos, f.recorded_at AS at FROM fact_pos p JOIN fact f ON f.home = p.home AND f.id = p.fact_id \
                 WHERE p.pos > (SELECT coalesce(max(pos), 0) FROM fact_pos) - $1), \
                 steps AS (SELECT at, lag(at) OVER (ORDER BY pos) AS before FROM newest) \
                 SELECT max(at), max(before - at) FROM steps"
            ),
            params![FACTS],
        )
    })?;
    let Some(newest) = newest else {
        report.good("clock", "there are no facts yet");
        return Ok(());
    };
    let ahead = newest.millis() - now.millis();
    let back = back.unwrap_or(0);
    if ahead > CLOCKS_MS {
        report.bad(
            "clock",
            format!("the newest fact was recorded {} s after what the clock says now", ahead / 1_000),
            "set the clock by the network's time (chrony, systemd-timesyncd); do not serve before",
        );
    } else if back > LATE_MS {
        report.warn(
            "clock",
            format!("the clock went back by {} s among the newest facts", back / 1_000),
            "keep the clock by the network's time on every machine; the records stay valid",
        );
    } else {
        report.good("clock", format!("the newest fact is {} s old", -ahead / 1_000));
    }
    Ok(())
}

fn sequence(report: &mut Report, store: &Store) -> Result<()> {
    let now = store.clock().now();
    let (count, oldest): (i64, Option<Timestamp>) =
        store.read_blocking(|tx| tx.one(sql!("SELECT count(*), min(recorded_at) FROM fact_new"), &[]))?;
    match oldest {
        Some(oldest) if now.millis() - oldest.millis() > LATE_MS => report.bad(
            "journal.sequence",
            format!("{count} facts wait for their position, since {}", oldest.minute_text()),
            START,
        ),
        _ => report.good("journal.sequence", format!("{count} facts wait for their position")),
    }
    Ok(())
}

fn positions(tx: &mut Tx) -> Result<(i64, Vec<(String, i64)>)> {
    Ok((
        journal::head_pos(tx)?,
        tx.all(sql!("SELECT name, pos FROM consumer WHERE name <> 'sequencer' ORDER BY name"), &[])?,
    ))
}

fn consumers(report: &mut Report, store: &Store) -> Result<()> {
    let (head, first) = store.read_blocking(positions)?;
    let behind = |list: &[(String, i64)]| list.iter().any(|(_, pos)| *pos < head);
    if !behind(&first) {
        report.good("journal.consumers", format!("{} consumers have taken all {head} facts", first.len()));
        return Ok(());
    }
    thread::sleep(LOOK_AGAIN);
    let (_, second) = store.read_blocking(positions)?;
    let stuck: Vec<String> = second
        .iter()
        .filter(|(name, pos)| {
            *pos < head && first.iter().any(|(known, before)| known == name && before == pos)
        })
        .map(|(name, pos)| format!("{name} is {} facts behind", head - pos))
        .collect();
    if stuck.is_empty() {
        report.good("journal.consumers", "some are behind and catching up");
    } else {
        report.bad(
            "journal.consumers",
            format!("{}, and does not move", stuck.join(", ")),
            format!("{START}; if one runs, its log names the fact at which the consumer fails"),
        );
    }
    Ok(())
}

fn seals(report: &mut Report, store: &Store) -> Result<()> {
    let now = store.clock().now();
    let (head, sealed, since) = store.read_blocking(|tx| {
        let sealed = journal::heads(tx, 1)?.first().map_or(0, |head| head.size);
        let since: Option<(Timestamp,)> = tx.opt(
            sql!(
                "SELECT f.recorded_at FROM fact_pos p JOIN fact f ON f.home = p.home AND f.id = p.fact_id \
                 WHERE p.pos = $1"
            ),
            params![sealed + 1],
        )?;
        Ok((journal::head_pos(tx)?, sealed, since.map(|(at,)| at)))
    })?;
    match since {
        Some(since) if now.millis() - since.millis() > LATE_MS => report.bad(
            "journal.seals",
            format!("{} facts are not sealed, since {}", head - sealed, since.minute_text()),
            format!("{START}; if one runs, look for `seal` in its log"),
        ),
        _ => report.good("journal.seals", format!("{sealed} of {head} facts are sealed")),
    }
    Ok(())
}

/// Heads that do not leave the house prove nothing to anybody.
pub fn witnesses(report: &mut Report, store: &Store, found: &Found) {
    let Ok(dir) = DataDir::open(&found.data) else { return };
    let days = witness::last_days(&found.config, &dir);
    let yesterday = store.clock().now().day().plus(-1);
    let late: Vec<String> = days
        .iter()
        .filter(|(_, last)| last.is_none_or(|last| last < yesterday))
        .map(|(name, last)| match last {
            Some(day) => format!("{name} has none since {day}"),
            None => format!("{name} never had one"),
        })
        .collect();
    if !late.is_empty() {
        report.bad(
            "witnesses",
            format!("heads do not arrive: {}", late.join("; ")),
            "run `xuecheng witness deliver`; it says what is in the way",
        );
    } else if days.is_empty() {
        report.good("witnesses", "none is configured; whoever wants can still follow /log");
    } else {
        report.good("witnesses", format!("{} have a head of yesterday or today", days.len()));
    }
}

fn leases(report: &mut Report, store: &Store) -> Result<()> {
    let far = store.clock().now().plus_minutes(LEASE_MINUTES);
    let held: Vec<(String, String, Timestamp)> = store.read_blocking(move |tx| {
        tx.all(sql!("SELECT name, holder, until FROM lease WHERE until > $1 ORDER BY name"), params![far])
    })?;
    let now = store.clock().now();
    let silent: Vec<(String, i64)> = store.read_blocking(move |tx| {
        tx.all(
            sql!("SELECT kind, count(*) FROM job WHERE state = 'running' AND leased_until < $1 GROUP BY kind ORDER BY kind"),
            params![now.plus_seconds(-60)],
        )
    })?;
    if let Some((name, holder, until)) = held.first() {
        report.bad(
            "leases",
            format!(
                "{name} is held by {holder} until {}: a clock was wrong when it was taken",
                until.minute_text()
            ),
            format!("make sure that {holder} does not run, then delete the row {name} of the table lease"),
        );
    } else if let Some((kind, count)) = silent.first() {
        report.bad("leases", format!("{count} jobs {kind} were begun by a process that fell silent"), START);
    } else {
        report.good("leases", "none is held by somebody who is gone");
    }
    Ok(())
}

fn jobs(report: &mut Report, store: &Store) -> Result<()> {
    let failed: Vec<(String, i64)> = store.read_blocking(|tx| {
        tx.all(sql!("SELECT kind, count(*) FROM job WHERE state = 'failed' GROUP BY kind ORDER BY kind"), &[])
    })?;
    if failed.is_empty() {
        report.good("jobs", "none has failed");
    } else {
        let list: Vec<String> = failed.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
        report.bad(
            "jobs",
            format!("failed: {}", list.join(", ")),
            "look at /desk/jobs for the reason, and try again or give up there",
        );
    }
    Ok(())
}

fn messages(report: &mut Report, store: &Store) -> Result<()> {
    let now = store.clock().now();
    let recent = now.day().plus(-FAILED_DAYS).start();
    let late = now.plus_minutes(-MESSAGE_MINUTES);
    let (failed, reason, waiting): (i64, Option<String>, i64) = store.read_blocking(move |tx| {
        tx.one(
            sql!(
                "SELECT count(*) FILTER (WHERE state = 'failed' AND created_at > $1), \
                 max(last_error) FILTER (WHERE state = 'failed' AND created_at > $1), \
                 count(*) FILTER (WHERE state <> 'failed' AND created_at < $2) \
                 FROM outbox WHERE state IN ('waiting', 'sending', 'failed')"
            ),
            params![recent, late],
        )
    })?;
    if waiting > 0 {
        report.bad(
            "messages",
            format!("{waiting} messages wait for more than {MESSAGE_MINUTES} minutes"),
            format!("{START}; look at the provider"),
        );
    } else if failed > 0 {
        report.warn(
            "messages",
            format!("{failed} messages failed in {FAILED_DAYS} days: {}", reason.unwrap_or_default()),
            "look at the contract with the provider; people ask for a new code themselves",
        );
    } else {
        report.good("messages", "none waits too long, none has failed lately");
    }
    Ok(())
}

/// The search indexes of processes that live, and of those to come.
pub fn index(report: &mut Report, store: &Store, data: &Path) {
    let all = indexes(data);
    if all.is_empty() {
        report.good("search.index", "none yet; the first start builds it");
    }
    for (folder, lock) in all {
        let mend = format!(
            "stop the process and delete {}: the next start builds it anew from the records",
            folder.display()
        );
        match portal::Finder::look(&folder) {
            Err(error) => {
                report.bad("search.index", format!("{} cannot be read: {error:?}", folder.display()), mend)
            }
            // Nobody is behind an index that no process holds; it catches up when one takes it.
            Ok(_) if !is_held(&lock) => {
                report.good("search.index", format!("{} is whole, and rests", folder.display()))
            }
            Ok(position) => follow(report, store, &folder, position.unwrap_or(0), &mend),
        }
    }
}

fn follow(report: &mut Report, store: &Store, folder: &Path, position: i64, mend: &str) {
    let head = store.read_blocking(|tx: &mut Tx| journal::head_pos(tx)).unwrap_or(0);
    if position >= head {
        report.good("search.index", format!("{} is whole and up to date", folder.display()));
        return;
    }
    thread::sleep(LOOK_AGAIN);
    let again = portal::Finder::look(folder).ok().flatten().unwrap_or(0);
    if again > position {
        report.good("search.index", format!("{} is catching up", folder.display()));
    } else {
        report.bad(
            "search.index",
            format!("{} is {} facts behind and does not move", folder.display(), head - again),
            mend,
        );
    }
}

/// Whether a living process holds the index.
fn is_held(lock: &Path) -> bool {
    File::open(lock).is_ok_and(|file| file.try_lock().is_err())
}
