//! The data directory, the keys in it, and the disk below it.

use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use seal::{KeyFile, KeyKind};

use super::Report;
use crate::config::Found;

/// Free space below which an operator is warned, in MiB and in percent of the disk.
const LOW_MIB: u64 = 2_048;
const LOW_PERCENT: u64 = 5;
/// Free space below which the next hours may fail, in MiB.
const EMPTY_MIB: u64 = 256;
/// Free places for files below which the same holds.
const EMPTY_FILES: u64 = 1_000;

/// File systems of networks, by the numbers of Linux (statfs(2)): locks and flushes of SQLite cannot be relied on there.
const NETWORK: [(u64, &str); 7] = [
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB2"),
    (0x5346_414F, "AFS"),
    (0x00C3_6400, "Ceph"),
    (0x0BD0_0BD0, "Lustre"),
];

/// The keys of an installation, where they could be read.
pub struct Keys {
    pub signing: Option<KeyFile>,
    pub master: Option<KeyFile>,
}

/// Whether the directory is there and can be used.
pub fn directory(report: &mut Report, data: &Path) -> bool {
    let shown = data.display();
    let meta = match fs::metadata(data) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => {
            report.bad(
                "data.directory",
                format!("{shown} is no directory"),
                "name the data directory with --data",
            );
            return false;
        }
        Err(error) => {
            report.bad(
                "data.directory",
                format!("{shown} cannot be looked at: {error}"),
                "name the data directory with --data, or make an installation with `xuecheng init`",
            );
            return false;
        }
    };
    let probe = data.join(format!(".doctor-{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&probe)
        .and_then(|mut file| file.write_all(b"x").and_then(|()| file.sync_all()));
    let _ = fs::remove_file(&probe);
    if let Err(error) = written {
        report.bad(
            "data.directory",
            format!("{shown} cannot be written: {error}"),
            "run as the user who owns it (`chown -R`), free space, or mount it writable",
        );
        return false;
    }
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        report.good("data.directory", format!("{shown}, for its owner only"));
    } else {
        report.bad(
            "data.directory",
            format!("{shown} is open to others (mode {mode:o}): it holds keys and personal data"),
            format!("chmod 700 {shown}"),
        );
    }
    true
}

/// The two keys; `None` if the folder is missing.
pub fn keys(report: &mut Report, data: &Path) -> Option<Keys> {
    let folder = data.join("keys");
    if !folder.is_dir() {
        report.bad(
            "keys",
            format!("{} is missing", folder.display()),
            "copy it from where you keep it; without it nothing personal can be read and nothing signed. A new place needs `xuecheng init`",
        );
        return None;
    }
    let signing = key(report, "keys.signing", &folder.join("signing.key"), KeyKind::Signing);
    let master = key(report, "keys.master", &folder.join("master.key"), KeyKind::Master);
    Some(Keys { signing, master })
}

fn key(report: &mut Report, check: &'static str, path: &Path, kind: KeyKind) -> Option<KeyFile> {
    let shown = path.display();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            report.bad(
                check,
                format!("{shown} cannot be read: {error}"),
                "copy it from where you keep it, with mode 600; never make a new one for an installation that has records",
            );
            return None;
        }
    };
    let file = match KeyFile::parse(&text) {
        Ok(file) if file.kind() == kind => file,
        Ok(_) => {
            report.bad(
                check,
                format!("{shown} holds another kind of key"),
                "put the two files back under their own names",
            );
            return None;
        }
        Err(error) => {
            report.bad(check, format!("{shown} is damaged: {error}"), "copy it again from where you keep it");
            return None;
        }
    };
    let mode = fs::metadata(path).map_or(0, |meta| meta.permissions().mode() & 0o777);
    if mode & 0o077 == 0 {
        report.good(check, format!("{shown}, key {}", file.id()));
    } else {
        report.bad(
            check,
            format!("{shown} can be read by others (mode {mode:o})"),
            format!("chmod 600 {shown}"),
        );
    }
    Some(file)
}

/// Space for the data directory, and whether SQLite may live on it.
pub fn disk(report: &mut Report, found: &Found) {
    let data = &found.data;
    match rustix::fs::statvfs(data) {
        Err(error) => {
            report.bad(
                "disk.space",
                format!("{} cannot be asked: {error}", data.display()),
                "look at the disk",
            );
        }
        Ok(disk) => {
            let mib = |blocks: u64| blocks.saturating_mul(disk.f_frsize) / 1_048_576;
            let (free, all) = (mib(disk.f_bavail), mib(disk.f_blocks));
            let told = format!("{free} MiB of {all} MiB free");
            let mend = "free or add space: old logs, backups kept here; a full disk stops all writing";
            let files_end = disk.f_files > 0 && disk.f_favail < EMPTY_FILES;
            if free < EMPTY_MIB || files_end {
                let files = if files_end { format!(", {} files", disk.f_favail) } else { String::new() };
                report.bad("disk.space", format!("{told}{files}"), mend);
            } else if free < LOW_MIB || free * 100 < all * LOW_PERCENT {
                report.warn("disk.space", told, mend);
            } else {
                report.good("disk.space", told);
            }
        }
    }
    if found.config.database().is_some() {
        return;
    }
    match rustix::fs::statfs(data) {
        Ok(system) => match network(system.f_type as u64) {
            Some(name) => report.bad(
                "disk.kind",
                format!("the SQLite file lies on {name}, where locks and flushes cannot be relied on"),
                "put the data directory on a disk of this machine, or use PostgreSQL",
            ),
            None => report.good("disk.kind", "a disk of this machine"),
        },
        Err(error) => {
            report.warn("disk.kind", format!("the kind of disk is not known: {error}"), "look at the disk")
        }
    }
}

/// The name of a network's file system; 32 bits matter, whatever the platform makes of them.
fn network(kind: u64) -> Option<&'static str> {
    let kind = kind & 0xFFFF_FFFF;
    NETWORK.iter().find(|(number, _)| *number == kind).map(|(_, name)| *name)
}

/// Folders of search indexes in a data directory, with the files by which a living process holds them.
pub fn indexes(data: &Path) -> Vec<(PathBuf, PathBuf)> {
    (1..=16)
        .map(|n| {
            let folder = if n == 1 { "index".to_owned() } else { format!("index-{n}") };
            (data.join(folder), data.join(format!("index-{n}.lock")))
        })
        .filter(|(folder, _)| folder.is_dir())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn file_systems_of_networks_are_known() {
        assert_eq!(network(0x6969), Some("NFS"));
        // Some platforms widen the number with its sign.
        assert_eq!(network(0xFFFF_FFFF_FF53_4D42), Some("CIFS"));
        // ext4, xfs, tmpfs
        assert!([0xEF53, 0x5846_5342, 0x0102_1994].into_iter().all(|kind| network(kind).is_none()));
    }
}
