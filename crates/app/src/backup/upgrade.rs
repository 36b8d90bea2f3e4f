//! A backup before the schema is changed: the way back from an upgrade.
//!
//! It lies in the data directory beside what it is of and is closed with a key made from the master key, so it is worth nothing without
//! the keys of the installation, and needs no other key at hand. It is no substitute for backups elsewhere.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use store::{Migration, Store};

use super::{
    files::PartReader,
    frames::Manifest,
    parts::Part,
    stream::read_header,
    take::{Identity, Lock, keys_beside, manifest, take},
};

/// Folder in the data directory.
const FOLDER: &str = "before-upgrade";
/// Days after which such a backup is deleted: it holds keys of people who may have been erased since.
const DAYS: i64 = 30;

/// Takes a backup if the database has records and steps of the schema are waiting. Returns its file.
///
/// # Errors
/// If it cannot be taken; then nothing should be changed.
pub fn backup_before_upgrade(
    data: &Path,
    store: &Store,
    sets: &[&[Migration]],
    identity: &Identity,
    lock: &Lock,
) -> Result<Option<PathBuf>> {
    forget_old(data, store.clock().now().millis());
    let waiting = store::pending(store, sets)?;
    if waiting.is_empty() {
        return Ok(None);
    }
    let whose = identity.clone();
    let now = store.read_blocking(move |tx| {
        if !store::has_table(tx, "fact")? || !store::has_table(tx, "seal_head")? {
            return Ok(None);
        }
        manifest(tx, whose.clone(), 0).map(Some)
    })?;
    let Some(now) = now.filter(|now| now.position + now.waiting > 0) else { return Ok(None) };
    let folder = data.join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    if let Some(file) = of_this_state(&folder, &now, lock) {
        return Ok(Some(file));
    }
    let moment: String =
        store.clock().now().rfc3339().chars().filter(char::is_ascii_digit).take(14).collect();
    let file = folder.join(format!("{moment}.backup"));
    tracing::info!(file = %file.display(), "taking a backup before the schema is changed");
    take(store, identity.clone(), lock.clone(), &file, &ProgressBar::hidden()).context(
        "no backup could be taken before the upgrade, so nothing was upgraded; mend that and start again",
    )?;
    Ok(Some(file))
}

/// A whole backup of just these facts and this schema. A step that fails is tried again at each start, perhaps every few seconds, and must
/// not fill the disk with backups.
fn of_this_state(folder: &Path, now: &Manifest, lock: &Lock) -> Option<PathBuf> {
    backups(folder).find(|file| {
        let there = PartReader::open(file, Part::Records, &lock.secret, &lock.id);
        keys_beside(file).exists()
            && there.is_ok_and(|part| Manifest { rows: now.rows, ..part.manifest } == *now)
    })
}

fn backups(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.filter(|path| path.extension() == Some("backup".as_ref()))
}

/// Deletes those that are too old. What cannot be deleted is no reason not to start.
fn forget_old(data: &Path, now: i64) {
    for path in backups(&data.join(FOLDER)) {
        let header = std::fs::File::open(&path)
            .ok()
            .and_then(|file| read_header(&mut std::io::BufReader::new(file), "").ok());
        if header.is_some_and(|(header, ..)| header.at < now - DAYS * 86_400_000) {
            for file in [keys_beside(&path), path] {
                if let Err(error) = std::fs::remove_file(&file) {
                    tracing::warn!(file = %file.display(), %error, "an old backup cannot be deleted");
                }
            }
        }
    }
}
