//! Plane geometry on rings of degrees.

use super::{Bounds, LonLat};

/// Rings without the repeated last corner: the outline first, then holes. Even-odd, so direction does not matter.
pub(super) type Polygon = Vec<Vec<LonLat>>;

/// Sides of a ring, the closing one included.
fn sides(ring: &[LonLat]) -> impl Iterator<Item = (LonLat, LonLat)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

pub(super) fn bounds<'a>(polygons: impl IntoIterator<Item = &'a Polygon>) -> Bounds {
    let mut bounds = Bounds {
        min: LonLat { lon: f64::INFINITY, lat: f64::INFINITY },
        max: LonLat { lon: f64::NEG_INFINITY, lat: f64::NEG_INFINITY },
    };
    for corner in polygons.into_iter().flatten().flatten() {
        bounds.min.lon = bounds.min.lon.min(corner.lon);
        bounds.min.lat = bounds.min.lat.min(corner.lat);
        bounds.max.lon = bounds.max.lon.max(corner.lon);
        bounds.max.lat = bounds.max.lat.max(corner.lat);
    }
    bounds
}

/// Even-odd rule with half-open sides, so that neighbours never both own a border point. The crossing is computed
/// from the side's lower end in both neighbours, which makes the two computations bit for bit the same.
pub(super) fn contains(polygon: &Polygon, place: LonLat) -> bool {
    let mut inside = false;
    for (a, b) in polygon.iter().flat_map(|ring| sides(ring)) {
        if (a.lat > place.lat) != (b.lat > place.lat) && place.lon < crossing(a, b, place.lat) {
            inside = !inside;
        }
    }
    inside
}

/// Longitude at which a side that is not level reaches a latitude.
fn crossing(a: LonLat, b: LonLat, lat: f64) -> f64 {
    let (low, high) = if a.lat < b.lat { (a, b) } else { (b, a) };
    low.lon + (lat - low.lat) / (high.lat - low.lat) * (high.lon - low.lon)
}

/// The stretches, west to east, that lie inside at a latitude.
pub(super) fn scan(polygons: &[Polygon], lat: f64) -> Vec<(f64, f64)> {
    let mut stretches = Vec::new();
    for polygon in polygons {
        let mut crossings: Vec<f64> = polygon
            .iter()
            .flat_map(|ring| sides(ring))
            .filter(|(a, b)| (a.lat > lat) != (b.lat > lat))
            .map(|(a, b)| crossing(a, b, lat))
            .collect();
        crossings.sort_by(f64::total_cmp);
        stretches.extend(crossings.chunks_exact(2).map(|pair| (pair[0], pair[1])));
    }
    stretches
}

/// Twice the signed area in square degrees.
fn doubled_area(ring: &[LonLat]) -> f64 {
    sides(ring).map(|(a, b)| a.lon * b.lat - b.lon * a.lat).sum()
}

/// A place far from all borders: the best of a grid over the largest polygon, then of a finer one around it.
pub(super) fn inner_point(polygons: &[Polygon]) -> LonLat {
    const STEPS: usize = 16;
    let largest = polygons
        .iter()
        .max_by(|a, b| doubled_area(&a[0]).abs().total_cmp(&doubled_area(&b[0]).abs()))
        .map(std::slice::from_ref)
        .unwrap_or_default();
    let Bounds { mut min, mut max } = bounds(largest);
    let Some(polygon) = largest.first() else { return min };
    let mut best = (f64::NEG_INFINITY, polygon[0][0]);
    for _ in 0..2 {
        let step =
            LonLat { lon: (max.lon - min.lon) / STEPS as f64, lat: (max.lat - min.lat) / STEPS as f64 };
        for row in 0..STEPS {
            let lat = min.lat + (row as f64 + 0.5) * step.lat;
            // Middles of the stretches as well as grid points, so that the thinnest shape yields a place.
            let middles = scan(largest, lat).into_iter().map(|(west, east)| (west + east) / 2.0);
            let grid = (0..STEPS).map(|column| min.lon + (column as f64 + 0.5) * step.lon);
            for lon in grid.chain(middles) {
                let place = LonLat { lon, lat };
                if contains(polygon, place) {
                    let room = room(polygon, place);
                    if room > best.0 {
                        best = (room, place);
                    }
                }
            }
        }
        let at = best.1;
        min = LonLat { lon: at.lon - step.lon, lat: at.lat - step.lat };
        max = LonLat { lon: at.lon + step.lon, lat: at.lat + step.lat };
    }
    best.1
}

/// Squared distance to the nearest side, with longitudes shrunk to the scale of latitudes.
fn room(polygon: &Polygon, place: LonLat) -> f64 {
    let shrink = place.lat.to_radians().cos();
    polygon
        .iter()
        .flat_map(|ring| sides(ring))
        .map(|(a, b)| {
            let (ax, ay) = ((a.lon - place.lon) * shrink, a.lat - place.lat);
            let (dx, dy) = ((b.lon - a.lon) * shrink, b.lat - a.lat);
            let along = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            (ax + along * dx).powi(2) + (ay + along * dy).powi(2)
        })
        .fold(f64::INFINITY, f64::min)
}
