//! The data directory: database file, keys, search index, outbox.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use kernel::Chance;
use seal::{KeyFile, KeyKind};
use store::Location;

use crate::whole_file::{self, Readers};

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
                fs::DirBuilder::new().recursive(true).mode(0o700).create(whole_file::folder_of(&path))?;
                whole_file::make(&path, &file.format(), Readers::Owner)?;
                Ok(file)
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }
}
