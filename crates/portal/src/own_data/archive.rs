//! The file that she takes home.

use std::io::{Cursor, Write as _};

use askama::Template;
use kernel::{Error, Id, Person, Result};
use people::Vault;
use store::Tx;
use web::Cx;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Section, rows::rows, sections};

#[derive(Template)]
#[template(path = "own_archive.html")]
struct Page<'a> {
    cx: &'a Cx,
    sections: &'a [Section],
}

/// A zip with a page to read and everything as JSON.
pub(crate) fn archive(cx: &Cx, tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Vec<u8>> {
    let sections = sections(cx, tx, vault, person)?;
    let page = Page { cx, sections: &sections }
        .render()
        .map_err(|e| Error::bug("the archive's page cannot be written").caused_by(e))?;
    let all = rows(tx, vault, person)?;
    let json = serde_json::to_vec_pretty(&all)
        .map_err(|e| Error::bug("an archive cannot be written as JSON").caused_by(e))?;
    pack(&[("xuecheng.html", page.as_bytes()), ("xuecheng.json", &json)])
        .map_err(|e| Error::bug("an archive cannot be packed").caused_by(e))
}

fn pack(files: &[(&str, &[u8])]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
