//! A file that only the holder of a key can read, and in which every missing or changed byte is noticed and named.
//!
//! ```text
//! xuecheng-backup-v1\n
//! {header as JSON}\n
//! {digest of the header, hexadecimal}\n
//! ( length u32 | box )*
//! ```
//!
//! Each box is a chunk of at most 64 KiB under XChaCha20-Poly1305, bound to the header, its number and whether it is the last (the STREAM
//! construction): chunks cannot be changed, left out, doubled, brought into another order or taken from another file, and a file without
//! its last chunk is refused. Memory is one chunk, however large the file.

use std::io::{BufRead, Error, ErrorKind, Read, Write};

use anyhow::{Context, Result, bail};
use kernel::Chance;
use seal::{hex, open_box, seal_box, sha256};
use serde::{Deserialize, Serialize};

const MAGIC: &str = "xuecheng-backup-v1\n";
/// Bytes in a chunk, before encryption.
const CHUNK: usize = 64 * 1024;
/// Bytes that a box is longer than its chunk.
const OVERHEAD: usize = 40;
/// A header is one short line.
const HEADER_MAX: u64 = 4_096;

/// What stands in clear at the front of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// `records` or `keys`.
    pub part: String,
    /// Random; both parts of one backup have the same.
    pub backup: String,
    /// Moment of the backup, milliseconds since 1970.
    pub at: i64,
    /// The same, to read.
    pub made_at: String,
    /// Version of the program that made it.
    pub program: String,
    /// Id of the key that opens it.
    pub key_id: String,
}

/// The context of a chunk.
fn context(header: &[u8; 32], number: u64, last: bool) -> [u8; 41] {
    let mut out = [0; 41];
    out[..32].copy_from_slice(header);
    out[32..40].copy_from_slice(&number.to_be_bytes());
    out[40] = u8::from(last);
    out
}

/// Closes what is written to it.
pub struct Closing<W: Write> {
    out: W,
    key: [u8; 32],
    chance: Chance,
    header: [u8; 32],
    number: u64,
    chunk: Vec<u8>,
}

impl<W: Write> Closing<W> {
    /// Writes the header.
    pub fn new(mut out: W, secret: &[u8; 32], chance: Chance, header: &Header) -> Result<Self> {
        let text = serde_json::to_string(header)?;
        let digest = sha256(text.as_bytes());
        write!(out, "{MAGIC}{text}\n{}\n", hex(&digest))?;
        let key = seal::derive(secret, "backup");
        Ok(Self { out, key, chance, header: digest, number: 0, chunk: Vec::with_capacity(CHUNK) })
    }

    fn send(&mut self, last: bool) -> std::io::Result<()> {
        let context = context(&self.header, self.number, last);
        let sealed = seal_box(&self.key, self.chance.rng(), &context, &self.chunk);
        self.out.write_all(&(sealed.len() as u32).to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.number += 1;
        self.chunk.clear();
        Ok(())
    }

    /// Writes the last chunk, by which the file is known to be whole.
    pub fn finish(mut self) -> std::io::Result<W> {
        self.send(true)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Closing<W> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        // A full chunk is sent only when more comes: the last one is marked.
        if self.chunk.len() == CHUNK {
            self.send(false)?;
        }
        let taken = data.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&data[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Gives back what was closed.
pub struct Opening<R: BufRead> {
    input: R,
    name: String,
    key: [u8; 32],
    header: [u8; 32],
    number: u64,
    /// Bytes of the file that were read.
    at: u64,
    chunk: Vec<u8>,
    given: usize,
    last: bool,
}

/// Reads the header of a file called `name`.
///
/// # Errors
/// If it is no backup, or its header is damaged.
pub fn read_header(input: &mut impl BufRead, name: &str) -> Result<(Header, [u8; 32], u64)> {
    let mut lines = Vec::new();
    let mut at = 0;
    for _ in 0..3 {
        let mut line = Vec::new();
        at += input.by_ref().take(HEADER_MAX).read_until(b'\n', &mut line)? as u64;
        lines.push(line);
    }
    if lines[0] != MAGIC.as_bytes() {
        bail!("{name} is no backup of this program: it does not begin with {:?}", MAGIC.trim_end());
    }
    let text = lines[1].strip_suffix(b"\n").unwrap_or(&lines[1]);
    let digest = sha256(text);
    if lines[2] != format!("{}\n", hex(&digest)).as_bytes() {
        bail!("{name} is damaged in its header (bytes {} to {at})", MAGIC.len());
    }
    let header = serde_json::from_slice(text)
        .with_context(|| format!("the header of {name} is not one that this program knows"))?;
    Ok((header, digest, at))
}

impl<R: BufRead> Opening<R> {
    /// Reads the header; `name` is told in errors.
    pub fn new(mut input: R, secret: &[u8; 32], key_id: &str, name: &str) -> Result<(Self, Header)> {
        let (header, digest, at) = read_header(&mut input, name)?;
        if header.key_id != key_id {
            bail!(
                "{name} was closed with the key {}, the key given is {key_id}; give that one with --key",
                header.key_id
            );
        }
        let opening = Self {
            input,
            name: name.to_owned(),
            key: seal::derive(secret, "backup"),
            header: digest,
            number: 0,
            at,
            chunk: Vec::new(),
            given: 0,
            last: false,
        };
        Ok((opening, header))
    }

    fn damaged(&self, what: &str) -> Error {
        let text = format!("{} is {what} at byte {} (chunk {})", self.name, self.at, self.number + 1);
        Error::new(ErrorKind::InvalidData, text)
    }

    fn fill(&mut self, wanted: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(wanted);
        self.input.by_ref().take(wanted as u64).read_to_end(&mut bytes)?;
        if bytes.len() < wanted {
            self.at += bytes.len() as u64;
            return Err(self.damaged("cut off, without its end,"));
        }
        Ok(bytes)
    }

    fn next_chunk(&mut self) -> std::io::Result<()> {
        let length = self.fill(4)?;
        let length = length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        if !(OVERHEAD..=CHUNK + OVERHEAD).contains(&length) {
            return Err(self.damaged("damaged"));
        }
        self.at += 4;
        let sealed = self.fill(length)?;
        let open = |last| open_box(&self.key, &context(&self.header, self.number, last), &sealed);
        match open(false) {
            Ok(chunk) => self.chunk = chunk,
            Err(_) => {
                self.chunk = open(true).map_err(|_| self.damaged("damaged"))?;
                self.last = true;
            }
        }
        self.at += length as u64;
        self.given = 0;
        self.number += 1;
        if self.last && !self.input.fill_buf()?.is_empty() {
            return Err(self.damaged("damaged (something follows its end)"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Opening<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.chunk.len() {
            if self.last {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let taken = out.len().min(self.chunk.len() - self.given);
        out[..taken].copy_from_slice(&self.chunk[self.given..self.given + taken]);
        self.given += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let word = |text: &str| text.to_owned();
        Header {
            part: word("records"),
            backup: word("00"),
            at: 1,
            made_at: word("now"),
            program: word("0.1.0"),
            key_id: word("k"),
        }
    }

    fn closed(plain: &[u8]) -> Vec<u8> {
        let mut closing = Closing::new(Vec::new(), &[7; 32], Chance::seeded(1), &header()).unwrap();
        closing.write_all(plain).unwrap();
        closing.finish().unwrap()
    }

    fn opened(file: &[u8]) -> Result<Vec<u8>> {
        let (mut opening, _) = Opening::new(file, &[7; 32], "k", "a.backup")?;
        let mut plain = Vec::new();
        opening.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn every_length_comes_back() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            assert!(opened(&closed(&plain)).unwrap() == plain, "{length}");
        }
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_refused_and_named() {
        let file = closed("一座城市".repeat(20).as_bytes());
        for place in 0..file.len() {
            let mut changed = file.clone();
            changed[place] ^= 1;
            let error = opened(&changed).expect_err("a changed byte").to_string();
            assert!(error.contains("a.backup"), "{error}");
            let error = opened(&file[..place]).expect_err("a cut").to_string();
            assert!(error.contains("a.backup"), "{error}");
        }
        let longer = [&file[..], b"x"].concat();
        assert!(opened(&longer).expect_err("a tail").to_string().contains("follows its end"));
    }

    #[test]
    fn chunks_have_their_place() {
        let plain = vec![5; 3 * CHUNK];
        let file = closed(&plain);
        let front = file.len() - 3 * (4 + CHUNK + OVERHEAD);
        let size = 4 + CHUNK + OVERHEAD;
        let chunk = |n: usize| &file[front + n * size..front + (n + 1) * size];
        let swapped = [&file[..front], chunk(1), chunk(0), chunk(2)].concat();
        let error = opened(&swapped).expect_err("swapped chunks").to_string();
        assert!(error.contains("damaged at byte") && error.contains("chunk 1"), "{error}");
        let without = [&file[..front], chunk(0), chunk(2)].concat();
        assert!(opened(&without).is_err());
        let cut = &file[..front + 2 * size];
        let error = opened(cut).expect_err("no last chunk").to_string();
        assert!(error.contains("cut off"), "{error}");
        let (_, other) = (opened(&file).unwrap(), Opening::new(&file[..], &[7; 32], "other", "a.backup"));
        let error = other.err().expect("another key").to_string();
        assert!(error.contains("closed with the key k"), "{error}");
    }
}
