//! The table of an import: its columns, how a file is read into rows, and how present organisations are written in the same columns.

use std::collections::HashMap;

use kernel::{
    Actor, Code, Error, FieldError, Id, Lang, Org, RegionCode, Result, Right, excerpt, is_unwanted,
};
use render::sheet::{Cell, Column, HeadingError, Limits, SheetError, find_columns};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{hours::week_text, plan::below};
use crate::{Organisation, access, read::regions_by_codes};

kernel::codes! {
    /// The file is neither CSV nor a workbook (.xlsx), or is a damaged one.
    pub IMPORT_NO_TABLE = Invalid "network.import_no_table";
    /// The file is text, but not in UTF-8.
    pub IMPORT_ENCODING = Invalid "network.import_encoding";
    /// The file is a workbook of the older kind (.xls).
    pub IMPORT_OLD = Invalid "network.import_old";
    /// The workbook is locked by a password.
    pub IMPORT_LOCKED = Invalid "network.import_locked";
    /// The file is larger than is read, packed or unpacked; `mib` is how much it may be.
    pub IMPORT_LARGE = Invalid "network.import_large";
    /// The file has more rows than are read; `max` is how many.
    pub IMPORT_ROWS = Invalid "network.import_rows";
    /// Something stands far to the right of the columns, in `line`.
    pub IMPORT_WIDE = Invalid "network.import_wide";
    /// None of the first lines names the columns.
    pub IMPORT_NO_HEADING = Invalid "network.import_no_heading";
    /// The column of the names is missing.
    pub IMPORT_NO_NAMES = Invalid "network.import_no_names";
    /// A column, `column`, stands in the heading twice.
    pub IMPORT_TWICE_COLUMN = Invalid "network.import_twice_column";
    /// There is no row below the heading.
    pub IMPORT_EMPTY = Invalid "network.import_empty";
    /// More organisations than one file holds; `max` is how many.
    pub IMPORT_LONG = Conflict "network.import_long";
}

/// Largest file of an import, in bytes.
pub const IMPORT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Largest that a file of an import may become when it is unpacked, and all its cells together, in bytes.
pub const IMPORT_UNPACKED_MAX: u64 = 48 * 1024 * 1024;
/// Most rows of an import.
pub const IMPORT_ROWS_MAX: usize = 15_000;
/// Most columns of a file that are looked at; those that the program does not know are passed over.
pub const IMPORT_COLUMNS_MAX: usize = 40;
/// Lines among which the heading is looked for.
const HEADING_WITHIN: usize = 20;
/// Longest text of a cell that is kept, in characters: longer than any that is right.
const CELL_MAX: usize = 1_000;
/// Longest text of all cells that are kept, in bytes.
const KEPT_MAX: usize = 8 * 1024 * 1024;

/// How much of a file is read.
const LIMITS: Limits = Limits {
    bytes: IMPORT_BYTES_MAX,
    unpacked: IMPORT_UNPACKED_MAX,
    lines: IMPORT_ROWS_MAX + HEADING_WITHIN + 1,
    columns: IMPORT_COLUMNS_MAX,
};

/// The columns, in the order in which they are written, with what they are called besides their names in both languages.
pub const IMPORT_COLUMNS: [(&str, &[&str]); 12] = [
    ("id", &["编号", "机构ID", "id", "identifier"]),
    ("name", &["机构名称", "单位名称", "organisation", "organization"]),
    ("kind", &["机构类别", "类型", "type"]),
    ("region", &["行政区划", "区划", "区划代码", "服务地区", "region", "division"]),
    ("parent", &["上级", "上级单位", "主管机构", "parent"]),
    ("address", &["地点", "详细地址"]),
    ("phone", &["联系电话", "电话号码", "phone", "phone number"]),
    ("opening", &["每周开放时间", "开放时段", "hours"]),
    ("hours", &["开放说明", "说明", "remark"]),
    ("lon", &["东经", "lon", "lng"]),
    ("lat", &["北纬", "lat"]),
    ("opened_on", &["开设日期", "成立日期", "first day", "founded"]),
];

/// Key of a column's name in the pages' words.
pub fn column_key(column: &str) -> String {
    format!("network-import-col-{}", column.replace('_', "-"))
}

/// The names of all columns in a language.
pub fn import_headings(lang: Lang) -> Vec<String> {
    IMPORT_COLUMNS.iter().map(|(key, _)| ::web::i18n::say(lang, &column_key(key), &[])).collect()
}

/// The rows of a file, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportTable {
    /// Keys of the columns that the file has, in its order.
    pub columns: Vec<String>,
    /// What else stands in its heading.
    pub unknown: Vec<String>,
    /// Each row with its line in the file, from 1, and its cells in the order of `columns`.
    pub rows: Vec<(usize, Vec<String>)>,
}

fn wrong(code: &'static Code, args: Vec<(&'static str, String)>) -> Error {
    Error::fields(vec![FieldError { field: "file".to_owned(), code, args }])
}

/// Reads a file: CSV in UTF-8 or the first sheet of a workbook.
///
/// # Errors
/// The field `file`, with what is wrong with the file as a whole. What its cells hold is not looked at.
pub fn read_import(bytes: &[u8]) -> Result<ImportTable> {
    let large = || wrong(&IMPORT_LARGE, vec![("mib", (IMPORT_BYTES_MAX / 1024 / 1024).to_string())]);
    let many = || wrong(&IMPORT_ROWS, vec![("max", IMPORT_ROWS_MAX.to_string())]);
    let lines = render::sheet::read(bytes, &LIMITS).map_err(|error| match error {
        SheetError::NotTable => wrong(&IMPORT_NO_TABLE, Vec::new()),
        SheetError::Encoding => wrong(&IMPORT_ENCODING, Vec::new()),
        SheetError::Old => wrong(&IMPORT_OLD, Vec::new()),
        SheetError::Locked => wrong(&IMPORT_LOCKED, Vec::new()),
        SheetError::Large => large(),
        SheetError::Lines => many(),
        SheetError::Columns { line, .. } => wrong(&IMPORT_WIDE, vec![("line", line.to_string())]),
    })?;
    let names: Vec<Vec<String>> = IMPORT_COLUMNS
        .iter()
        .map(|(key, others)| {
            let said = [Lang::Zh, Lang::En].map(|lang| ::web::i18n::say(lang, &column_key(key), &[]));
            said.into_iter().chain(others.iter().map(|other| (*other).to_owned())).collect()
        })
        .collect();
    let names: Vec<Vec<&str>> =
        names.iter().map(|names| names.iter().map(String::as_str).collect()).collect();
    let columns: Vec<Column> = IMPORT_COLUMNS
        .iter()
        .zip(&names)
        .map(|((key, _), names)| Column { key, headings: names, needed: *key == "name" })
        .collect();
    let heading = find_columns(&lines, &columns, HEADING_WITHIN).map_err(|error| match error {
        HeadingError::None => wrong(&IMPORT_NO_HEADING, Vec::new()),
        HeadingError::Wrong { twice, .. } if !twice.is_empty() => {
            wrong(&IMPORT_TWICE_COLUMN, vec![("column", excerpt(&twice.join(", ")))])
        }
        HeadingError::Wrong { .. } => wrong(&IMPORT_NO_NAMES, Vec::new()),
    })?;
    let places: Vec<(&str, usize)> = IMPORT_COLUMNS
        .iter()
        .zip(&heading.places)
        .filter_map(|((key, _), place)| place.map(|place| (*key, place)))
        .collect();
    let (mut rows, mut held) = (Vec::new(), 0);
    for line in &lines[heading.at + 1..] {
        let cells: Vec<String> = places.iter().map(|(_, place)| keepable(line.cell(*place))).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        held += cells.iter().map(String::len).sum::<usize>();
        if held > KEPT_MAX {
            return Err(large());
        }
        rows.push((line.number, cells));
    }
    if rows.is_empty() {
        return Err(wrong(&IMPORT_EMPTY, Vec::new()));
    }
    if rows.len() > IMPORT_ROWS_MAX {
        return Err(many());
    }
    Ok(ImportTable {
        columns: places.iter().map(|(key, _)| (*key).to_owned()).collect(),
        unknown: heading.unknown.iter().map(|(_, name)| excerpt(name)).collect(),
        rows,
    })
}

/// A cell as it can be kept: what nobody sees becomes the mark for unknown characters, which no cell may hold.
fn keepable(text: &str) -> String {
    let kept = |c: char| match c {
        '\n' => c,
        '\t' | '\r' => ' ',
        c if is_odd(c) => '\u{fffd}',
        c => c,
    };
    text.chars().take(CELL_MAX).map(kept).collect()
}

/// Whether a character has no business in a cell: a cell has one line, and the mark for unknown characters stands for what was odd before.
pub(super) fn is_odd(c: char) -> bool {
    is_unwanted(c) || c.is_control() || c == '\u{fffd}'
}

/// A division as it is written: the code, which office programs leave alone because words follow it.
pub(super) fn region_cell(code: &RegionCode, name: &str) -> String {
    format!("{code} {name}").trim_end().to_owned()
}

/// The open organisations below one, in the columns of an import: what is read back without a change changes nothing.
///
/// # Errors
/// Those of [`access::require`]; `network.import_long`.
pub fn orgs_table(tx: &mut Tx, actor: &Actor, org: Id<Org>, lang: Lang) -> Result<Vec<Vec<Cell>>> {
    access::require(tx, actor, Right::ManageNetwork, org)?;
    let mut orgs = below(tx, org)?;
    orgs.retain(|one| one.is_open());
    if orgs.len() > IMPORT_ROWS_MAX + 1 {
        return Err(Error::new(&IMPORT_LONG).arg("max", IMPORT_ROWS_MAX));
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    for one in &orgs {
        *names.entry(one.name.trim()).or_default() += 1;
    }
    let mut codes: Vec<RegionCode> = orgs.iter().map(|one| one.region_code.clone()).collect();
    codes.sort();
    codes.dedup();
    let regions = regions_by_codes(tx, &codes)?;
    let by_id: HashMap<Id<Org>, &Organisation> = orgs.iter().map(|one| (one.org_id, one)).collect();
    let mut kinds: HashMap<&str, String> = HashMap::new();
    for one in &orgs {
        kinds
            .entry(one.kind.as_str())
            .or_insert_with(|| ::web::i18n::say(lang, &one.kind.message_key(), &[]));
    }
    // As they stand in the tree of divisions, so that a street's places are together.
    let mut listed: Vec<&Organisation> = orgs.iter().filter(|one| one.org_id != org).collect();
    listed.sort_by(|a, b| (&a.region_code, &a.name, a.org_id).cmp(&(&b.region_code, &b.name, b.org_id)));
    let text = |text: &str| Cell::Text(text.to_owned());
    let number = |value: Option<f64>| value.map_or_else(|| text(""), |value| Cell::Number(value.to_string()));
    let row = |one: &&Organisation| {
        let parent = one.parent_id.filter(|parent| *parent != org).map_or_else(String::new, |parent| {
            let unique = |above: &&&Organisation| names.get(above.name.trim()) == Some(&1);
            by_id.get(&parent).filter(unique).map_or_else(|| parent.to_string(), |above| above.name.clone())
        });
        let region = regions.get(&one.region_code).map_or("", |region| region.name.as_str());
        vec![
            Cell::Text(one.org_id.to_string()),
            text(&one.name),
            text(kinds.get(one.kind.as_str()).map_or("", String::as_str)),
            Cell::Text(region_cell(&one.region_code, region)),
            Cell::Text(parent),
            text(&one.address),
            text(&one.phone),
            Cell::Text(week_text(&one.opening, lang)),
            text(&one.hours),
            number(one.lon),
            number(one.lat),
            Cell::Text(one.opened_on.to_string()),
        ]
    };
    Ok(listed.iter().map(row).collect())
}
