//! What is inside of a backup: frames in a compressed stream. Manifest, then table after table with its rows and their sum, then the end.

use std::io::{Read, Write};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::Value;

/// No row and no manifest is longer.
const FRAME_MAX: usize = 256 * 1024 * 1024;

/// What a backup is of, at its front.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `sqlite` or `postgres`: where it was taken. It can be restored into either.
    pub engine: String,
    /// Name under which the log is signed.
    pub origin: String,
    /// Ids of the installation's keys, which are in no backup.
    pub signing_key: String,
    /// As `signing_key`.
    pub master_key: String,
    /// The steps of the schema: domain, number, checksum.
    pub migrations: Vec<(String, i64, String)>,
    /// Position of the last fact that has one.
    pub position: i64,
    /// Facts that were confirmed and had no position yet; they get one when they are restored.
    pub waiting: i64,
    /// Size and root (hexadecimal) of the newest signed head.
    pub head: Option<(i64, String)>,
    /// Rows in all tables of this part, for the progress bar.
    pub rows: i64,
}

/// A table begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHead {
    /// Its name.
    pub name: String,
    /// Its columns in the order of the values.
    pub columns: Vec<String>,
}

/// A table ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// Its name.
    pub name: String,
    /// How many rows it had.
    pub rows: i64,
    /// SHA-256 of its columns and rows in the order of the key, hexadecimal: the same on both engines.
    pub digest: String,
}

/// One frame.
#[derive(Debug)]
pub enum Frame {
    /// First.
    Manifest(Box<Manifest>),
    /// A table begins.
    Table(TableHead),
    /// A row of it.
    Row(Vec<Value>),
    /// It ends.
    Sum(TableSum),
    /// All tables; last.
    End(Vec<TableSum>),
}

/// Writes a frame of JSON.
pub fn write_json(out: &mut impl Write, tag: u8, value: &impl Serialize) -> Result<()> {
    write(out, tag, &serde_json::to_vec(value)?)
}

/// Writes a frame.
pub fn write(out: &mut impl Write, tag: u8, bytes: &[u8]) -> Result<()> {
    let length = u32::try_from(bytes.len()).context("a row is above 4 GiB")?;
    out.write_all(&[tag])?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(bytes)?;
    Ok(())
}

/// Reads the next frame; `None` after the last.
pub fn read(input: &mut impl Read, buffer: &mut Vec<u8>) -> Result<Option<Frame>> {
    let mut head = [0; 5];
    if input.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut head[1..])?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    if length > FRAME_MAX {
        bail!("a frame of {length} bytes is more than a row can have");
    }
    buffer.clear();
    input.take(length as u64).read_to_end(buffer)?;
    if buffer.len() < length {
        bail!("the last row is cut off");
    }
    Ok(Some(match head[0] {
        b'M' => Frame::Manifest(Box::new(json(buffer)?)),
        b'T' => Frame::Table(json(buffer)?),
        b'R' => Frame::Row(values(buffer)?),
        b'S' => Frame::Sum(json(buffer)?),
        b'Z' => Frame::End(json(buffer)?),
        other => bail!("a frame of kind {other} is not known to this program; a newer one may read it"),
    }))
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).context("a frame cannot be read; a newer program may read it")
}

/// The canonical bytes of a row, which are what digests are made of.
pub fn row_bytes(values: &[Value], out: &mut Vec<u8>) {
    out.clear();
    for value in values {
        value.canonical(out);
    }
}

/// Undoes [`row_bytes`].
fn values(mut bytes: &[u8]) -> Result<Vec<Value>> {
    let mut row = Vec::new();
    while let Some((tag, rest)) = bytes.split_first() {
        bytes = rest;
        row.push(match tag {
            0 => Value::Null,
            1 => Value::Int(i64::from_be_bytes(eight(&mut bytes)?)),
            2 => Value::Real(f64::from_bits(u64::from_be_bytes(eight(&mut bytes)?))),
            3 | 4 => {
                let length = usize::try_from(u64::from_be_bytes(eight(&mut bytes)?))?;
                let (content, rest) = bytes.split_at_checked(length).context("a value is cut off")?;
                bytes = rest;
                match tag {
                    3 => Value::Text(String::from_utf8(content.to_vec()).context("a text is no UTF-8")?),
                    _ => Value::Bytes(content.to_vec()),
                }
            }
            other => bail!("a value of kind {other} is not known"),
        });
    }
    Ok(row)
}

fn eight(bytes: &mut &[u8]) -> Result<[u8; 8]> {
    let (number, rest) = bytes.split_first_chunk::<8>().context("a value is cut off")?;
    *bytes = rest;
    Ok(*number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back() {
        let row = [
            Value::Null,
            Value::Int(i64::MIN),
            Value::Real(-0.5),
            Value::Text("学城".to_owned()),
            Value::Bytes(vec![0, 255]),
            Value::Text(String::new()),
        ];
        let mut bytes = Vec::new();
        row_bytes(&row, &mut bytes);
        assert_eq!(values(&bytes).unwrap(), row);
        for cut in 0..bytes.len() {
            assert!(values(&bytes[..cut]).is_err() || values(&bytes[..cut]).unwrap().len() < row.len());
        }
    }
}
