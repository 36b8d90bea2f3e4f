//! Where a run takes place.

use std::{path::PathBuf, sync::Arc};

use kernel::{Chance, Error, Result};
use store::{Location, Pool, Store};

/// Where the database of a run lies; it vanishes with the run.
pub struct Ground {
    pub location: Location,
    directory: Option<PathBuf>,
    schema: Option<(Store, String)>,
}

impl Ground {
    /// A file in a temporary folder, or a schema of its own on a server.
    pub fn new(database: Option<&str>, name: &str) -> Result<Self> {
        match database {
            None => {
                // What a flush is worth is tested elsewhere; here memory does, where there is some that looks like a disk.
                let memory = PathBuf::from("/dev/shm");
                let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
                let directory = base.join(format!("xuecheng-{name}"));
                std::fs::create_dir_all(&directory)
                    .map_err(|error| Error::bug("the temporary folder cannot be written").caused_by(error))?;
                let location = Location::File(directory.join("xuecheng.db"));
                Ok(Self { location, directory: Some(directory), schema: None })
            }
            Some(url) => {
                let location = Location::parse(url);
                let pool = Pool { readers: 1, writers: 1 };
                let admin =
                    Store::open_with(&location, Arc::new(kernel::SystemClock), Chance::seeded(0), pool)?;
                let create = format!("CREATE SCHEMA {name}");
                admin.write_blocking("simulate.schema", move |tx| tx.script(&create))?;
                let mark = if url.contains('?') { '&' } else { '?' };
                let location = Location::Server(format!("{url}{mark}options=-csearch_path%3D{name}"));
                Ok(Self { location, directory: None, schema: Some((admin, name.to_owned())) })
            }
        }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(directory) = self.directory.take() {
            let _ = std::fs::remove_dir_all(directory);
        }
        if let Some((admin, name)) = self.schema.take() {
            let drop = format!("DROP SCHEMA {name} CASCADE");
            let _ = admin.write_blocking("simulate.schema", move |tx| tx.script(&drop));
        }
    }
}
