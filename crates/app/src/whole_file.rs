//! Small files that are there whole or not at all, whenever the process is killed.

use std::{
    fs::{File, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use tempfile::{Builder, NamedTempFile};

/// Who may read the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone: keys and passwords.
    Owner,
    /// Everybody whom the folder lets in.
    Everybody,
}

/// Puts `text` in the place of what stands there; a reader finds the old text or the new one.
///
/// # Errors
/// If the folder cannot be written; then the old text stands.
pub fn replace(path: &Path, text: &str, readers: Readers) -> Result<()> {
    let told = || format!("{} cannot be written", path.display());
    let part = flushed(path, text, readers).with_context(told)?;
    part.persist(path).with_context(told)?;
    flush_folder(path).with_context(told)
}

/// Makes a file that must not be there yet.
///
/// # Errors
/// If it is there, or the folder cannot be written.
pub fn make(path: &Path, text: &str, readers: Readers) -> Result<()> {
    let told = || format!("{} cannot be made", path.display());
    let part = flushed(path, text, readers).with_context(told)?;
    part.persist_noclobber(path).with_context(told)?;
    flush_folder(path).with_context(told)
}

fn flushed(path: &Path, text: &str, readers: Readers) -> Result<NamedTempFile> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everybody => 0o644,
    };
    let mut part = Builder::new()
        .prefix(".part-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder_of(path))?;
    part.write_all(text.as_bytes())?;
    part.as_file().sync_all()?;
    Ok(part)
}

/// Flushes the entry of the file in its folder.
pub fn flush_folder(path: &Path) -> std::io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file lies in; a bare name lies in the present one.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_made_once_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        make(&path, "first", Readers::Owner).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = format!("{:#}", make(&path, "second", Readers::Owner).unwrap_err());
        assert!(again.contains("a.key cannot be made") && again.contains("exists"), "{again}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        replace(&path, "third", Readers::Everybody).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "third");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no part is left");
    }
}
