//! A row of a file, cell by cell.

use kernel::{Code, excerpt};

use super::{
    hours::{WEEK_MAX, read_week},
    plan::{IMPORT_HALF_PLACE, ImportFault, ImportPlan},
    table::is_odd,
};
use crate::{BAD_PLACE, Opening, found_org::is_on_earth};

/// Degrees below which two positions are the same, some centimetres: office programs round.
const SAME_PLACE: f64 = 0.000_000_5;

/// Values for a sentence.
pub(super) type Args = Vec<(&'static str, String)>;

/// A row that is being read: its cells by their keys, and where its faults go.
pub(super) struct Reading<'r> {
    pub(super) plan: &'r mut ImportPlan,
    pub(super) columns: &'r [String],
    pub(super) cells: &'r [String],
    pub(super) line: usize,
}

impl<'r> Reading<'r> {
    /// What stands in a column; `None` if the file does not have it.
    pub(super) fn cell(&self, key: &str) -> Option<&'r str> {
        let place = self.columns.iter().position(|column| column == key)?;
        Some(self.cells.get(place).map_or("", String::as_str))
    }

    pub(super) fn wrong<T>(&mut self, column: &'static str, code: &'static Code, args: Args) -> Option<T> {
        let value = excerpt(self.cell(column).unwrap_or(""));
        self.plan.wrong(ImportFault { line: self.line, column, value, code, args });
        None
    }

    /// A text; what is as it is now is not judged.
    pub(super) fn text(&mut self, key: &'static str, now: &str, max: usize) -> String {
        let Some(text) = self.cell(key).filter(|text| *text != now.trim()) else { return now.to_owned() };
        let length = text.chars().count();
        if length > max {
            let args = vec![("max", max.to_string()), ("length", length.to_string())];
            self.wrong::<()>(key, &kernel::TOO_LONG, args);
        } else if text.chars().any(is_odd) {
            self.wrong::<()>(key, &::web::BAD_CHARACTERS, Vec::new());
        }
        text.to_owned()
    }

    /// The usual hours; days that differ stay as they are.
    pub(super) fn opening(&mut self, now: &Opening) -> Opening {
        let Some(text) = self.cell("opening") else { return now.clone() };
        let length = text.chars().count();
        if length > WEEK_MAX {
            let args = vec![("max", WEEK_MAX.to_string()), ("length", length.to_string())];
            self.wrong::<()>("opening", &kernel::TOO_LONG, args);
            return now.clone();
        }
        match read_week(text) {
            Ok(week) => Opening { specials: now.specials.clone(), ..week },
            Err(error) => {
                let part = |(name, value): &(&'static str, String)| (*name, excerpt(value));
                self.wrong::<()>("opening", error.code(), error.args().iter().map(part).collect());
                now.clone()
            }
        }
    }

    /// The position: both numbers or none.
    pub(super) fn place(&mut self, now: Option<(f64, f64)>) -> Option<(f64, f64)> {
        let (lon, lat) = match (self.cell("lon"), self.cell("lat")) {
            (None, None) => return now,
            (lon, lat) => (lon.unwrap_or(""), lat.unwrap_or("")),
        };
        match (lon, lat) {
            ("", "") => return None,
            ("", _) => return self.wrong("lon", &IMPORT_HALF_PLACE, Vec::new()),
            (_, "") => return self.wrong("lat", &IMPORT_HALF_PLACE, Vec::new()),
            _ => {}
        }
        let degrees = |text: &str| text.parse::<f64>().ok();
        let lon_read = degrees(lon).filter(|lon| is_on_earth((*lon, 0.0)));
        let lat_read = degrees(lat).filter(|lat| is_on_earth((0.0, *lat)));
        if lon_read.is_none() {
            self.wrong::<()>("lon", &BAD_PLACE, Vec::new());
        }
        if lat_read.is_none() {
            self.wrong::<()>("lat", &BAD_PLACE, Vec::new());
        }
        let place = lon_read.zip(lat_read)?;
        let same = |(lon, lat): &(f64, f64)| {
            (lon - place.0).abs() < SAME_PLACE && (lat - place.1).abs() < SAME_PLACE
        };
        now.filter(same).or(Some(place))
    }
}
