//! Importing administrative divisions from the published list.
//!
//! The whole file is checked before anything is written, and every wrong row is named with its number and field: half an
//! import would be worse than none. A second import changes what differs and leaves the rest alone.

use std::collections::{HashMap, HashSet};

use journal::Fact;
use kernel::{Actor, Code, Day, Error, FieldError, RegionCode, Result, Right};
use store::{Tx, Value, params};

use crate::{
    REGION, Region, access, facts,
    found_org::{check_texts, is_on_earth},
};

/// Longest name of a division, in characters.
pub(crate) const REGION_NAME_MAX: usize = 40;
/// Longest kind of a division, in characters.
pub(crate) const REGION_KIND_MAX: usize = 20;
/// Rows that one fact vouches for, so that no fact grows beyond what a page of the log can show.
const BATCH: usize = 400;
/// Wrong rows that one refusal names.
const PROBLEMS_MAX: usize = 200;

kernel::codes! {
    /// The file is no comma-separated table with the columns that it must have.
    pub BAD_FILE = Invalid "network.bad_file";
    /// The division around it is not known, or its code does not contain this one's.
    pub BAD_PARENT = Invalid "network.bad_parent";
    /// A population is no whole number from 0.
    pub BAD_POPULATION = Invalid "network.bad_population";
    /// The same code stands in the file twice.
    pub TWICE = Invalid "network.twice";
}

/// The number of residents, with its day and its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Residents.
    pub count: i64,
    /// The day for which it is stated.
    pub on: Day,
    /// Where it comes from.
    pub source: String,
}

/// A division as a file gives it; it is checked by [`import_regions`].
#[derive(Debug, Clone, PartialEq)]
pub struct RegionRow {
    /// Number of the line in the file, from 1.
    pub line: usize,
    /// Twelve digits.
    pub code: String,
    /// Full name, 1 to 40 characters.
    pub name: String,
    /// Short name, 1 to 40 characters.
    pub short_name: String,
    /// Kind in the source's words, 1 to 20 characters.
    pub kind: String,
    /// Code of the division around it; empty for the outermost.
    pub parent: String,
    /// Part of the province; may be empty.
    pub region_group: String,
    /// First day on which the code is valid.
    pub valid_from: Day,
    /// Residents, if a source states them.
    pub population: Option<Population>,
    /// Longitude and latitude of a point inside.
    pub place: Option<(f64, f64)>,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportedRegions {
    /// New divisions.
    pub added: usize,
    /// Divisions that differed.
    pub changed: usize,
    /// Divisions that were the same.
    pub same: usize,
}

/// Imports divisions. Only who manages the network of the whole city may.
///
/// # Errors
/// `kernel.bad_fields` with fields named `row 12: parent`, at most 200 of them.
pub fn import_regions(tx: &mut Tx, actor: &Actor, rows: &[RegionRow]) -> Result<ImportedRegions> {
    match (crate::top_org(tx)?, actor) {
        (_, Actor::System(_)) => {}
        (Some(top), _) => access::require(tx, actor, Right::ManageNetwork, top.org_id)?,
        (None, _) => return Err(Error::denied()),
    }
    let text = format!("SELECT {} FROM region", REGION.all_columns());
    let stored: Vec<Region> = tx.all(store::Statement::dynamic(text), &[])?;
    let stored: HashMap<String, Region> =
        stored.into_iter().map(|region| (region.code.to_string(), region)).collect();
    let checked = checked(rows, &stored)?;
    let mut done = ImportedRegions::default();
    let mut waiting: Vec<(Region, bool)> = Vec::new();
    for region in checked {
        match stored.get(region.code.as_str()) {
            None => {
                done.added += 1;
                waiting.push((region, true));
            }
            Some(known) if differs(known, &region) => {
                done.changed += 1;
                waiting.push((region, false));
            }
            Some(_) => done.same += 1,
        }
    }
    for batch in waiting.chunks(BATCH) {
        write(tx, actor, batch)?;
    }
    Ok(done)
}

fn write(tx: &mut Tx, actor: &Actor, batch: &[(Region, bool)]) -> Result<()> {
    let codes = batch.iter().map(|(region, _)| region.code.clone()).collect();
    let mut fact = Fact::new(facts::REGIONS_IMPORTED, "regions").payload(&facts::RegionsImported { codes });
    for (region, new) in batch {
        let mut values = values(region);
        if *new {
            values.insert(0, Value::from(&region.code));
            fact.insert(tx, &REGION, values)?;
        } else {
            let set: Vec<String> = REGION
                .columns
                .iter()
                .zip(1..)
                .map(|(column, number)| format!("{column} = ${number}"))
                .collect();
            fact.update(tx, &REGION, params![&region.code], &set.join(", "), "", &values)?
                .ok_or_else(Error::missing)?;
        }
    }
    fact.emit(tx, actor).map(|_| ())
}

/// The values of all columns but the code.
pub(crate) fn values(region: &Region) -> Vec<Value> {
    params![
        &region.name,
        &region.short_name,
        &region.kind,
        region.level,
        region.parent.clone(),
        region.region_group.clone(),
        region.valid_from,
        region.valid_to,
        region.population,
        region.population_on,
        region.population_source.clone(),
        region.lon,
        region.lat
    ]
    .to_vec()
}

fn differs(known: &Region, new: &Region) -> bool {
    values(known) != values(new)
}

fn checked(rows: &[RegionRow], stored: &HashMap<String, Region>) -> Result<Vec<Region>> {
    let in_file: HashSet<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let mut seen = HashSet::with_capacity(rows.len());
    let mut wrong: Vec<FieldError> = Vec::new();
    let mut regions = Vec::with_capacity(rows.len());
    for row in rows {
        let before = wrong.len();
        let named = |field: &str| format!("row {}: {field}", row.line);
        check_texts(
            &mut wrong,
            &[
                (&named("name"), &row.name, REGION_NAME_MAX, true),
                (&named("short_name"), &row.short_name, REGION_NAME_MAX, true),
                (&named("kind"), &row.kind, REGION_KIND_MAX, true),
            ],
        );
        let mut note = |field: &str, code: &'static Code| {
            wrong.push(FieldError { field: named(field), code, args: Vec::new() });
        };
        if row.population.as_ref().is_some_and(|population| population.count < 0) {
            note("population", &BAD_POPULATION);
        }
        if row.place.is_some_and(|place| !is_on_earth(place)) {
            note("place", &crate::BAD_PLACE);
        }
        if !seen.insert(row.code.as_str()) {
            note("code", &TWICE);
        }
        let code: Option<RegionCode> = row.code.parse().ok();
        let parent: Option<RegionCode> = row.parent.parse().ok();
        match (&code, &parent) {
            (None, _) => note("code", &kernel::BAD_REGION),
            (Some(_), None) if row.parent.is_empty() => {}
            (Some(code), Some(parent)) => {
                let known = in_file.contains(parent.as_str()) || stored.contains_key(parent.as_str());
                if !known || code == parent || !parent.contains(code) {
                    note("parent", &BAD_PARENT);
                }
            }
            (Some(_), None) => note("parent", &kernel::BAD_REGION),
        }
        if let Some(code) = code.filter(|_| wrong.len() == before) {
            regions.push(region_of(row, code, parent));
        }
        if wrong.len() >= PROBLEMS_MAX {
            break;
        }
    }
    if wrong.is_empty() { Ok(regions) } else { Err(Error::fields(wrong)) }
}

fn region_of(row: &RegionRow, code: RegionCode, parent: Option<RegionCode>) -> Region {
    Region {
        level: code.level() as i64,
        code,
        name: row.name.trim().to_owned(),
        short_name: row.short_name.trim().to_owned(),
        kind: row.kind.trim().to_owned(),
        parent,
        region_group: Some(row.region_group.trim().to_owned()).filter(|text| !text.is_empty()),
        valid_from: row.valid_from,
        valid_to: None,
        population: row.population.as_ref().map(|population| population.count),
        population_on: row.population.as_ref().map(|population| population.on),
        population_source: row.population.as_ref().map(|population| population.source.clone()),
        lon: row.place.map(|(lon, _)| lon),
        lat: row.place.map(|(_, lat)| lat),
        rev: 0,
    }
}

/// Reads the list of divisions: columns `code,name,short_name,parent,kind,region_group`, in any order; others are ignored.
pub fn read_regions(text: &str, valid_from: Day) -> Result<Vec<RegionRow>> {
    let mut rows = Vec::new();
    records(text, &["code", "name", "short_name", "parent", "kind", "region_group"], |line, fields| {
        let [code, name, short_name, parent, kind, region_group] = fields[..] else { return Ok(()) };
        let [code, name, short_name, parent, kind, region_group] =
            [code, name, short_name, parent, kind, region_group].map(str::to_owned);
        rows.push(RegionRow {
            line,
            code,
            name,
            short_name,
            kind,
            parent,
            region_group,
            valid_from,
            population: None,
            place: None,
        });
        Ok(())
    })?;
    Ok(rows)
}

/// Adds populations from a table with the columns `code`, `source` and the one named by `column`.
pub fn with_populations(rows: &mut [RegionRow], text: &str, column: &str, on: Day) -> Result<()> {
    let mut known = HashMap::new();
    records(text, &["code", column, "source"], |line, fields| {
        let count =
            fields[1].parse().map_err(|_| Error::field(format!("row {line}: {column}"), &BAD_POPULATION))?;
        known.insert(fields[0].to_owned(), Population { count, on, source: fields[2].to_owned() });
        Ok(())
    })?;
    for row in rows {
        if let Some(population) = known.remove(&row.code) {
            row.population = Some(population);
        }
    }
    Ok(())
}

/// Adds points from a table with the columns `code`, `label_lon`, `label_lat`.
pub fn with_places(rows: &mut [RegionRow], text: &str) -> Result<()> {
    let mut known = HashMap::new();
    records(text, &["code", "label_lon", "label_lat"], |line, fields| {
        let number = |index: usize| {
            fields[index]
                .parse::<f64>()
                .map_err(|_| Error::field(format!("row {line}: place"), &crate::BAD_PLACE))
        };
        known.insert(fields[0].to_owned(), (number(1)?, number(2)?));
        Ok(())
    })?;
    for row in rows {
        if let Some(place) = known.remove(&row.code) {
            row.place = Some(place);
        }
    }
    Ok(())
}

/// Reads a comma-separated table (RFC 4180) by the names of its columns.
pub fn records(
    text: &str,
    columns: &[&str],
    mut take: impl FnMut(usize, Vec<&str>) -> Result<()>,
) -> Result<()> {
    let bad = |error: csv::Error| Error::new(&BAD_FILE).caused_by(error);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().map_err(bad)?.clone();
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        let place = headers.iter().position(|header| header == *column);
        places.push(place.ok_or_else(|| Error::new(&BAD_FILE).arg("column", column))?);
    }
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        take(line, places.iter().map(|place| record.get(*place).unwrap_or("")).collect())?;
    }
    Ok(())
}
