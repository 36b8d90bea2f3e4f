//! The data directory: database file, keys, search index, outbox.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use kernel::Chance;
use seal::{KeyFile, KeyKind};
use store::Location;

/// Where an installation keeps what is not in a database server.
#[derive(Debug, Clone)]
pub struct DataDir {
    root: PathBuf,
}

impl DataDir {
    /// Opens the directory, making it readable for its owner only if it is not there.
    pub fn open(root: &Path) -> Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(root).with_context(|| {
            format!("the data directory {} cannot be made; give another with --data", root.display())
        })?;
        Ok(Self { root: root.to_owned() })
    }

    /// The directory of an installation that is there already: it has keys.
    ///
    /// # Errors
    /// If it is none, with the mend.
    pub fn existing(root: &Path) -> Result<Self> {
        if !root.join("keys").is_dir() {
            bail!(
                "{} is no installation: it has no keys; make one with `xuecheng init`, or name it with --data",
                root.display()
            );
        }
        Ok(Self { root: root.to_owned() })
    }

    /// The database: the URL if one is given, else the file in the directory.
    pub fn database(&self, url: Option<&str>) -> Location {
        url.map_or_else(|| Location::File(self.root.join("xuecheng.db")), Location::parse)
    }

    /// Folder of the search index.
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The directory itself, for parts that name their own files in it (messages go to `outbox/sms.jsonl`).
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The key of this name; made when `make` is set and it is not there. Backups never hold it.
    pub fn key(&self, kind: KeyKind, make: bool, chance: &mut Chance) -> Result<KeyFile> {
        let path = self.root.join("keys").join(match kind {
            KeyKind::Signing => "signing.key",
            KeyKind::Master => "master.key",
            KeyKind::Backup => bail!("the key of backups is kept outside of the data directory"),
        });
        match fs::read_to_string(&path) {
            Ok(text) => {
                let file = KeyFile::parse(&text).with_context(|| format!("{} is damaged", path.display()))?;
                if file.kind() != kind {
                    bail!("{} holds another kind of key", path.display());
                }
                Ok(file)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && make => {
                let file = KeyFile::new(kind, chance.bytes());
                write_once(&path, &file.format())?;
                Ok(file)
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }
}

/// Writes a file that must not exist, and the folder's entry for it, to disk.
fn write_once(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a key lies in a folder")?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
