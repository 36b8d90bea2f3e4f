//! What is near a point: as the crow flies, from positions as they are recorded.

use kernel::{RegionCode, Result};
use network::{OrgPlace, Region, places_in_region, places_within, region, region_path};
use store::Tx;

/// Radius of the earth in metres (mean, IUGG).
const EARTH_M: f64 = 6_371_008.8;
/// Radii that are looked through, one after the other, until enough is found, in metres.
const RADII_M: [f64; 5] = [1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0];
/// Places from which the middle of a division without a point of its own is taken.
const MIDDLE_OF: usize = 200;

/// A point in degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub lon: f64,
    pub lat: f64,
}

impl Point {
    /// Reads `29.563,106.551` (latitude first, as telephones write it) and rounds it to about a hundred metres: nobody has to know more.
    pub fn read(text: &str) -> Option<Self> {
        let (lat, lon) = text.split_once(',')?;
        let (lat, lon): (f64, f64) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
        let known = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        let rounded = |degrees: f64| (degrees * 1_000.0).round() / 1_000.0;
        known.then(|| Self { lon: rounded(lon), lat: rounded(lat) })
    }

    /// `29.563,106.551`.
    pub fn text(self) -> String {
        format!("{:.3},{:.3}", self.lat, self.lon)
    }

    /// Metres to another point (haversine).
    pub fn metres_to(self, other: Self) -> i64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let half = |angle: f64| (angle / 2.0).sin().powi(2);
        let arc = half(b - a) + a.cos() * b.cos() * half((other.lon - self.lon).to_radians());
        (2.0 * EARTH_M * arc.sqrt().min(1.0).asin()).round() as i64
    }
}

/// A place and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    pub place: OrgPlace,
    pub metres: i64,
}

impl Near {
    /// Whether the position was measured, and so the distance means something.
    pub fn is_measured(&self) -> bool {
        self.place.place_note.is_empty()
    }
}

/// The places nearest to a point, the nearest first, at most so many, within a hundred kilometres.
pub fn nearest(tx: &mut Tx, from: Point, limit: usize) -> Result<Vec<Near>> {
    let mut found = Vec::new();
    for radius in RADII_M {
        let dlat = (radius / EARTH_M).to_degrees();
        let dlon = dlat / from.lat.to_radians().cos().max(0.01);
        found = places_within(tx, (from.lon - dlon, from.lat - dlat), (from.lon + dlon, from.lat + dlat))?
            .into_iter()
            .map(|place| Near { metres: from.metres_to(Point { lon: place.lon, lat: place.lat }), place })
            // The corners of the rectangle lie further away than places that the next radius would bring.
            .filter(|near| near.metres as f64 <= radius)
            .collect();
        if found.len() >= limit {
            break;
        }
    }
    found.sort_by_key(|near| (near.metres, near.place.org_id));
    found.truncate(limit);
    Ok(found)
}

/// A point for a division: its own, else the middle of its places, else that of the division around it.
pub fn point_of(tx: &mut Tx, code: &RegionCode) -> Result<Option<Point>> {
    let Some(own) = region(tx, code)? else { return Ok(None) };
    if let Some(point) = own_point(&own) {
        return Ok(Some(point));
    }
    let places = places_in_region(tx, code, MIDDLE_OF)?;
    if !places.is_empty() {
        let count = places.len() as f64;
        let (lon, lat) = places.iter().fold((0.0, 0.0), |(lon, lat), at| (lon + at.lon, lat + at.lat));
        return Ok(Some(Point { lon: lon / count, lat: lat / count }));
    }
    Ok(region_path(tx, code)?.iter().rev().find_map(own_point))
}

fn own_point(region: &Region) -> Option<Point> {
    Some(Point { lon: region.lon?, lat: region.lat? })
}

#[cfg(test)]
mod tests {
    use super::Point;

    #[test]
    fn a_position_is_rounded_and_checked() {
        let point = Point::read(" 29.56349 , 106.55151").unwrap();
        assert_eq!(point.text(), "29.563,106.552");
        for bad in ["", "29.5", "91,0", "0,181", "NaN,3", "a,b", "1,2,3"] {
            assert_eq!(Point::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn distances_are_those_of_the_earth() {
        let (a, b) = (Point { lon: 106.5, lat: 29.5 }, Point { lon: 106.5, lat: 30.5 });
        assert_eq!(a.metres_to(b), 111_195);
        // A degree of longitude is shorter by the cosine of the latitude.
        let east = a.metres_to(Point { lon: 107.5, lat: 29.5 });
        assert!((96_700..96_850).contains(&east), "{east}");
        assert_eq!(a.metres_to(a), 0);
    }
}
