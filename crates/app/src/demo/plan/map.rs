//! Points inside the districts' boundaries.

use std::collections::HashMap;

use super::{dice::Dice, model::Division};

const BOUNDARIES: &str = include_str!("../../../../../data/chongqing/cq_districts.geojson");
const CENTROIDS: &str = include_str!("../../../../../data/chongqing/cq_district_centroids.csv");

type Point = (f64, f64);

/// Boundary, seat and size of a district.
#[derive(Debug)]
pub(super) struct Area {
    rings: Vec<Vec<Point>>,
    low: Point,
    high: Point,
    /// Seat of government, or the label point where the seat is not known.
    pub seat: Point,
    /// Square root of the area, in degrees of latitude.
    pub size: f64,
}

impl Area {
    /// Whether the point lies inside, by the even-odd rule over all rings.
    pub fn contains(&self, (x, y): Point) -> bool {
        let mut inside = false;
        for ring in &self.rings {
            let mut before = ring[ring.len() - 1];
            for &now in ring {
                let crosses = (now.1 > y) != (before.1 > y);
                if crosses && x < (before.0 - now.0) * (y - now.1) / (before.1 - now.1) + now.0 {
                    inside = !inside;
                }
                before = now;
            }
        }
        inside
    }

    /// A point anywhere inside.
    pub fn anywhere(&self, dice: &mut Dice) -> Point {
        for _ in 0..200 {
            let point = (
                self.low.0 + dice.unit() * (self.high.0 - self.low.0),
                self.low.1 + dice.unit() * (self.high.1 - self.low.1),
            );
            if self.contains(point) {
                return round(point);
            }
        }
        self.seat
    }

    /// A point inside at most `radius` degrees from `centre`, or `centre` if none is found.
    pub fn near(&self, centre: Point, radius: f64, dice: &mut Dice) -> Point {
        for _ in 0..24 {
            let angle = dice.unit() * std::f64::consts::TAU;
            let distance = radius * dice.unit().sqrt();
            let point = round((centre.0 + angle.cos() * distance * 1.15, centre.1 + angle.sin() * distance));
            if self.contains(point) {
                return point;
            }
        }
        centre
    }
}

/// About ten metres: more digits would pretend a knowledge that an illustrative point has not.
fn round((x, y): Point) -> Point {
    ((x * 10_000.0).round() / 10_000.0, (y * 10_000.0).round() / 10_000.0)
}

/// The districts by code.
pub(super) fn areas() -> HashMap<String, Area> {
    let mut seats: HashMap<String, (Point, f64)> = HashMap::new();
    for line in CENTROIDS.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok());
        let label = (number(4).unwrap_or_default(), number(5).unwrap_or_default());
        let seat = number(6).zip(number(7)).unwrap_or(label);
        // A degree of latitude is 111 km.
        seats.insert(fields[0].to_owned(), (seat, number(8).unwrap_or_default().sqrt() / 111.0));
    }
    let json: serde_json::Value =
        serde_json::from_str(BOUNDARIES).unwrap_or_else(|e| panic!("cq_districts.geojson: {e}"));
    let features = json["features"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut areas = HashMap::new();
    for feature in features {
        let code = feature["properties"]["code"].as_str().unwrap_or_default().to_owned();
        let mut rings = Vec::new();
        collect(&feature["geometry"]["coordinates"], &mut rings);
        let points = || rings.iter().flatten().copied();
        let (seat, size) = seats[&code];
        let area = Area {
            low: points().fold((f64::MAX, f64::MAX), |a, p: Point| (a.0.min(p.0), a.1.min(p.1))),
            high: points().fold((f64::MIN, f64::MIN), |a, p: Point| (a.0.max(p.0), a.1.max(p.1))),
            rings,
            seat: round(seat),
            size,
        };
        areas.insert(code, area);
    }
    areas
}

/// Gathers the rings of a polygon or of many, whatever the depth.
fn collect(value: &serde_json::Value, rings: &mut Vec<Vec<Point>>) {
    let Some(items) = value.as_array() else { return };
    let point = |v: &serde_json::Value| Some((v.get(0)?.as_f64()?, v.get(1)?.as_f64()?));
    let ring: Option<Vec<Point>> = items.iter().map(point).collect();
    match ring {
        Some(ring) if !ring.is_empty() => rings.push(ring),
        _ => items.iter().for_each(|item| collect(item, rings)),
    }
}

/// Sets the place of every division: seats for districts, streets around the seat, towns spread over the district,
/// villages around their town.
pub(super) fn place_divisions(divisions: &mut [Division], areas: &HashMap<String, Area>, dice: &mut Dice) {
    let mut towns: HashMap<String, Vec<usize>> = HashMap::new();
    let mut place_of: HashMap<String, Point> = HashMap::new();
    for index in 0..divisions.len() {
        let area = areas.get(&format!("{}000000", &divisions[index].code[..6]));
        let place = match (divisions[index].level, area) {
            (3, Some(area)) => area.seat,
            (4, Some(area)) => {
                let others = towns.entry(divisions[index].parent.clone()).or_default();
                let street = divisions[index].kind == "街道";
                // Of several tries the one farthest from its neighbours: towns do not lie on top of each other.
                let far = |p: Point| {
                    others.iter().map(|&o| distance(divisions[o].place, p)).fold(f64::MAX, f64::min)
                };
                let mut best = (area.seat, -1.0);
                for _ in 0..8 {
                    let point = if street {
                        area.near(area.seat, area.size * 0.16, dice)
                    } else {
                        area.anywhere(dice)
                    };
                    let gap = far(point);
                    if gap > best.1 {
                        best = (point, gap);
                    }
                }
                others.push(index);
                best.0
            }
            (5, Some(area)) => {
                let town = place_of[&divisions[index].parent];
                let urban = divisions[index].kind == "居委会";
                area.near(town, area.size * if urban { 0.03 } else { 0.07 }, dice)
            }
            // Jiefangbei, the middle of the city as signposts count it.
            _ => (106.5771, 29.5572),
        };
        divisions[index].place = place;
        if divisions[index].level == 4 {
            place_of.insert(divisions[index].code.clone(), place);
        }
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)
}
