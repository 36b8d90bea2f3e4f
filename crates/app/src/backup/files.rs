//! The two files of a backup, written and read table by table.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use kernel::Chance;
use store::Value;

use super::{
    frames::{self, Frame, Manifest, TableHead, TableSum},
    parts::{Part, Summing},
    stream::{Closing, Header, Opening},
};
use crate::whole_file;

/// A part that is being written; it has its name only when it is whole.
pub struct PartWriter {
    // Dropped before the staging file, because what is dropped still writes.
    out: GzEncoder<Closing<BufWriter<File>>>,
    staging: Staging,
    now: Option<Summing>,
    sums: Vec<TableSum>,
}

/// A file that has not its own name yet; it is deleted if it never gets it.
struct Staging {
    path: PathBuf,
    named: bool,
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_file(partial(&self.path));
        }
    }
}

/// A part that is whole and on disk, but for its name.
pub struct Flushed {
    staging: Staging,
    // Locked for as long as it has no name.
    _file: File,
    /// Its tables.
    pub sums: Vec<TableSum>,
    /// Its length.
    pub bytes: u64,
}

impl Flushed {
    /// Gives it its name.
    pub fn name(&mut self) -> Result<()> {
        let path = &self.staging.path;
        // A link refuses a file that has come into being meanwhile; a rename would overwrite it.
        fs::hard_link(partial(path), path)
            .with_context(|| format!("{} cannot be given its name", path.display()))?;
        self.staging.named = true;
        fs::remove_file(partial(path))?;
        whole_file::flush_folder(path)?;
        Ok(())
    }
}

/// The name of a file that is not whole yet.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

impl PartWriter {
    /// Begins a file.
    pub fn begin(
        path: &Path,
        secret: &[u8; 32],
        chance: Chance,
        header: &Header,
        manifest: &Manifest,
    ) -> Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        let name = partial(path);
        let mut options = fs::OpenOptions::new();
        let file = options
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&name)
            .with_context(|| format!("{} cannot be written", name.display()))?;
        if file.try_lock().is_err() {
            bail!("another process is writing {} already", path.display());
        }
        // What a broken-off backup left.
        file.set_len(0)?;
        let staging = Staging { path: path.to_owned(), named: false };
        let closing = Closing::new(BufWriter::new(file), secret, chance, header)?;
        let mut out = GzEncoder::new(closing, Compression::new(3));
        frames::write_json(&mut out, b'M', manifest)?;
        Ok(Self { out, staging, now: None, sums: Vec::new() })
    }

    pub fn table(&mut self, head: &TableHead) -> Result<()> {
        self.now = Some(Summing::new(head));
        frames::write_json(&mut self.out, b'T', head)
    }

    pub fn row(&mut self, values: &[Value]) -> Result<()> {
        let bytes = self.now.as_mut().context("no table has begun")?.row(values);
        frames::write(&mut self.out, b'R', bytes)
    }

    pub fn end(&mut self) -> Result<()> {
        let sum = self.now.take().context("no table has begun")?.end();
        frames::write_json(&mut self.out, b'S', &sum)?;
        self.sums.push(sum);
        Ok(())
    }

    /// Writes the end and flushes to disk.
    pub fn finish(mut self) -> Result<Flushed> {
        frames::write_json(&mut self.out, b'Z', &self.sums)?;
        let mut out = self.out.finish()?.finish()?;
        out.flush()?;
        let file = out.into_inner().context("the last bytes cannot be written")?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        Ok(Flushed { staging: self.staging, _file: file, sums: self.sums, bytes })
    }
}

/// A part that is being read.
pub struct PartReader {
    input: GzDecoder<Opening<BufReader<File>>>,
    name: String,
    buffer: Vec<u8>,
    now: Option<Summing>,
    sums: Vec<TableSum>,
    /// What stands in clear at its front.
    pub header: Header,
    /// What it is of.
    pub manifest: Manifest,
}

/// What comes next in a part.
pub enum Next {
    /// A table begins.
    Table(TableHead),
    /// A row of it.
    Row(Vec<Value>),
    /// It ends, and was as it had been written.
    End,
    /// The part ends, and was whole.
    Done,
}

impl PartReader {
    /// Opens a file and reads its manifest.
    pub fn open(path: &Path, part: Part, secret: &[u8; 32], key_id: &str) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("{name} cannot be read"))?;
        let (opening, header) = Opening::new(BufReader::new(file), secret, key_id, &name)?;
        if header.part != part.word() {
            bail!(
                "{name} is the part {:?} of a backup; here the part {:?} is wanted",
                header.part,
                part.word()
            );
        }
        let mut input = GzDecoder::new(opening);
        let mut buffer = Vec::new();
        let Some(Frame::Manifest(manifest)) = frames::read(&mut input, &mut buffer)? else {
            bail!("{name} does not begin with a manifest");
        };
        Ok(Self { input, name, buffer, now: None, sums: Vec::new(), header, manifest: *manifest })
    }

    /// What comes next.
    pub fn next(&mut self) -> Result<Next> {
        let frame = frames::read(&mut self.input, &mut self.buffer)
            .with_context(|| format!("{} cannot be read on", self.name))?;
        Ok(match frame {
            Some(Frame::Table(head)) => {
                self.now = Some(Summing::new(&head));
                Next::Table(head)
            }
            Some(Frame::Row(values)) => {
                self.now.as_mut().context("a row stands outside of a table")?.row(&values);
                Next::Row(values)
            }
            Some(Frame::Sum(sum)) => {
                let found = self.now.take().context("a sum stands outside of a table")?.end();
                if found != sum {
                    bail!("{}: the table {} is not what its sum says", self.name, sum.name);
                }
                self.sums.push(sum);
                Next::End
            }
            Some(Frame::End(sums)) => {
                if sums != self.sums {
                    bail!("{}: its end lists other tables than it has", self.name);
                }
                // To the last byte: only there it is known to be whole.
                let mut rest = Vec::new();
                self.input.read_to_end(&mut rest)?;
                self.input.get_mut().read_to_end(&mut rest)?;
                if !rest.is_empty() {
                    bail!("{}: something follows its end", self.name);
                }
                Next::Done
            }
            Some(Frame::Manifest(_)) | None => bail!("{} has no end", self.name),
        })
    }

    /// The sums of the tables read so far.
    pub fn sums(&self) -> &[TableSum] {
        &self.sums
    }
}
