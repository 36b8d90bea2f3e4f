//! District maps from GeoJSON: which district a place lies in, a random place inside a district, and a
//! choropleth picture in SVG.
//!
//! Coordinates are degrees of longitude and latitude in the order of GeoJSON, in whatever datum the file has.

mod geojson;
mod geometry;
mod picture;
mod simplify;

use std::collections::HashMap;

use crate::RenderError;
use geometry::{Polygon, contains, inner_point, scan};

pub use picture::{Area, LegendItem, MapPicture, Marker, MarkerGroup};

/// A place in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LonLat {
    /// Longitude, east positive.
    pub lon: f64,
    /// Latitude, north positive.
    pub lat: f64,
}

/// The smallest upright rectangle around something, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// South-western corner.
    pub min: LonLat,
    /// North-eastern corner.
    pub max: LonLat,
}

/// One district as the file has it.
#[derive(Debug, Clone)]
pub struct District {
    /// Official code, unique in the map.
    pub code: String,
    /// Official name.
    pub name: String,
    /// The group of districts that it is reckoned to; empty if the file has none.
    pub region_group: String,
    polygons: Vec<Polygon>,
    bounds: Bounds,
    label_point: LonLat,
}

impl District {
    /// The rectangle around the district.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// A place well inside the district's largest part, fit for a label. Not an official seat.
    #[must_use]
    pub fn label_point(&self) -> LonLat {
        self.label_point
    }
}

/// A parsed map. Parsing a city of 38 districts takes about 40 milliseconds: keep one for the life of the program.
#[derive(Debug, Clone)]
pub struct DistrictMap {
    approval_number: Option<String>,
    districts: Vec<District>,
    by_code: HashMap<String, usize>,
}

impl DistrictMap {
    /// Reads a GeoJSON FeatureCollection of Polygons and MultiPolygons (RFC 7946) whose features have the
    /// properties `code`, `name` and, if wanted, `region_group`. A collection that was reviewed has its number 审图号 in the member
    /// `approval_number`.
    ///
    /// # Errors
    /// [`RenderError::Map`] naming the feature and the fault: wrong structure, coordinates out of range, a ring
    /// of fewer than three corners, a code that is missing or occurs twice, no features.
    pub fn from_geojson(text: &str) -> Result<Self, RenderError> {
        let (approval_number, features) = geojson::parse(text)?;
        let mut map = Self { approval_number, districts: Vec::new(), by_code: HashMap::new() };
        for feature in features {
            let bounds = geometry::bounds(&feature.polygons);
            let label_point = inner_point(&feature.polygons);
            if map.by_code.insert(feature.code.clone(), map.districts.len()).is_some() {
                return Err(RenderError::Map(format!("the code {} occurs twice", feature.code)));
            }
            map.districts.push(District {
                code: feature.code,
                name: feature.name,
                region_group: feature.region_group,
                polygons: feature.polygons,
                bounds,
                label_point,
            });
        }
        if map.districts.is_empty() {
            Err(RenderError::Map("it has no features".to_owned()))
        } else {
            Ok(map)
        }
    }

    /// The number under which the map was reviewed 审图号, which must stand on each picture; none if it was not: then each picture says
    /// that it is a sketch.
    #[must_use]
    pub fn approval_number(&self) -> Option<&str> {
        self.approval_number.as_deref()
    }

    /// Puts points together that would lie upon each other in a picture of this width ([`MapPicture::width`], [`MapPicture::only`]):
    /// afterwards no two are nearer to each other than `gap` pixels. Points outside of what is drawn are in no group.
    #[must_use]
    pub fn grouped(
        &self,
        only: Option<&[String]>,
        width: u32,
        points: &[LonLat],
        gap: f64,
    ) -> Vec<MarkerGroup> {
        picture::group(self, only, width, points, gap)
    }

    /// The districts in the order of the file.
    #[must_use]
    pub fn districts(&self) -> &[District] {
        &self.districts
    }

    /// The district with this code.
    #[must_use]
    pub fn district(&self, code: &str) -> Option<&District> {
        self.by_code.get(code).map(|&index| &self.districts[index])
    }

    /// The rectangle around the whole map.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        geometry::bounds(self.districts.iter().flat_map(|district| &district.polygons))
    }

    /// Whether a place lies in the district; false for an unknown code. A place exactly on a border belongs to
    /// one side of it only.
    #[must_use]
    pub fn point_in_polygon(&self, code: &str, lon: f64, lat: f64) -> bool {
        self.district(code).is_some_and(|district| district_contains(district, LonLat { lon, lat }))
    }

    /// The district that a place lies in, if any.
    #[must_use]
    pub fn district_at(&self, lon: f64, lat: f64) -> Option<&District> {
        self.districts.iter().find(|district| district_contains(district, LonLat { lon, lat }))
    }

    /// A place inside the district, evenly spread over its area (as drawn in degrees), from numbers of `uniform`
    /// in `[0, 1)`. The same numbers give the same place. Always ends: after 200 misses it takes a place on a
    /// line through the label point, so a broken source of chance cannot hang it.
    ///
    /// # Errors
    /// [`RenderError::UnknownDistrict`].
    pub fn random_point_inside(
        &self,
        code: &str,
        mut uniform: impl FnMut() -> f64,
    ) -> Result<LonLat, RenderError> {
        let district = self.district(code).ok_or_else(|| RenderError::UnknownDistrict(code.to_owned()))?;
        let Bounds { min, max } = district.bounds;
        for _ in 0..200 {
            let place = LonLat {
                lon: min.lon + (max.lon - min.lon) * uniform(),
                lat: min.lat + (max.lat - min.lat) * uniform(),
            };
            if district_contains(district, place) {
                return Ok(place);
            }
        }
        let lat = district.label_point.lat;
        let widest =
            scan(&district.polygons, lat).into_iter().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
        let (west, east) = widest.unwrap_or((district.label_point.lon, district.label_point.lon));
        let place = LonLat { lon: west + (east - west) * uniform().clamp(0.0, 1.0), lat };
        Ok(if district_contains(district, place) { place } else { district.label_point })
    }

    /// Draws the map. See [`MapPicture`] for what the caller gives.
    ///
    /// # Errors
    /// [`RenderError::Blank`] if title or notice is blank, [`RenderError::UnknownDistrict`] for an area or a
    /// choice of districts that the map lacks.
    pub fn svg(&self, picture: &MapPicture) -> Result<String, RenderError> {
        picture::draw(self, picture)
    }
}

fn district_contains(district: &District, place: LonLat) -> bool {
    let Bounds { min, max } = district.bounds;
    (min.lon..=max.lon).contains(&place.lon)
        && (min.lat..=max.lat).contains(&place.lat)
        && district.polygons.iter().any(|polygon| contains(polygon, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square with a hole, a second part, and a neighbour that fills the hole.
    pub(super) const SMALL: &str = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"code":"1","name":"环区","region_group":"甲"},"geometry":{"type":"MultiPolygon","coordinates":[
            [[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[4,6],[6,6],[6,4],[4,4]]],
            [[[20,0],[21,0],[21,1],[20,1],[20,0]]]]}},
        {"type":"Feature","properties":{"code":"2","name":"心区"},"geometry":{"type":"Polygon","coordinates":[
            [[4,4],[6,4],[6,6],[4,6],[4,4]]]}}]}"#;

    fn small() -> DistrictMap {
        DistrictMap::from_geojson(SMALL).expect("readable")
    }

    /// A small deterministic source of chance (SplitMix64).
    pub(super) fn chance(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        }
    }

    #[test]
    fn a_reviewed_map_carries_its_number() {
        let reviewed =
            SMALL.replacen("\"features\"", "\"approval_number\":\" 渝S(2026)001号 \",\"features\"", 1);
        let map = DistrictMap::from_geojson(&reviewed).expect("readable");
        assert_eq!(map.approval_number(), Some("渝S(2026)001号"));
        assert_eq!(small().approval_number(), None);
    }

    #[test]
    fn holes_and_parts_are_respected() {
        let map = small();
        assert!(map.point_in_polygon("1", 1.0, 1.0));
        assert!(!map.point_in_polygon("1", 5.0, 5.0));
        assert!(map.point_in_polygon("1", 20.5, 0.5));
        assert!(!map.point_in_polygon("1", 15.0, 0.5));
        assert!(!map.point_in_polygon("9", 1.0, 1.0));
        assert_eq!(map.district_at(5.0, 5.0).map(|d| d.name.as_str()), Some("心区"));
        assert!(map.district_at(-1.0, 5.0).is_none());
    }

    #[test]
    fn a_border_belongs_to_one_side() {
        let map = small();
        for (lon, lat) in [(4.0, 5.0), (6.0, 5.0), (5.0, 4.0), (5.0, 6.0)] {
            let owners = ["1", "2"].iter().filter(|code| map.point_in_polygon(code, lon, lat)).count();
            assert_eq!(owners, 1, "at {lon},{lat}");
        }
    }

    #[test]
    fn random_places_are_inside_spread_and_repeatable() {
        let map = small();
        let mut uniform = chance(7);
        let mut west = 0;
        for _ in 0..2000 {
            let place = map.random_point_inside("1", &mut uniform).expect("known code");
            assert!(map.point_in_polygon("1", place.lon, place.lat));
            west += usize::from(place.lon < 5.0);
        }
        // 48 of 97 units of area lie west of 5.
        assert!((880..1100).contains(&west), "{west}");
        let again = |seed| map.random_point_inside("1", chance(seed)).expect("known code");
        assert_eq!(again(3), again(3));
        assert_ne!(again(3), again(4));
        assert!(matches!(map.random_point_inside("9", chance(1)), Err(RenderError::UnknownDistrict(_))));
    }

    #[test]
    fn a_stuck_source_of_chance_still_gives_a_place_inside() {
        let map = small();
        for stuck in [0.0, 0.25, 0.999_999, 5.0, f64::NAN] {
            let place = map.random_point_inside("1", || stuck).expect("known code");
            assert!(map.point_in_polygon("1", place.lon, place.lat), "{stuck} gives {place:?}");
        }
    }

    #[test]
    fn label_points_lie_inside() {
        for district in small().districts() {
            let LonLat { lon, lat } = district.label_point();
            assert!(small().point_in_polygon(&district.code, lon, lat), "{}", district.name);
        }
    }

    #[test]
    fn faults_of_the_file_are_named() {
        for (text, fault) in [
            ("{", "EOF"),
            (r#"{"type":"FeatureCollection","features":[]}"#, "no features"),
            (&SMALL.replace("\"code\":\"2\"", "\"code\":\"1\""), "occurs twice"),
            (&SMALL.replace("\"code\":\"2\"", "\"other\":\"1\""), "feature 2: missing field `code`"),
            (
                &SMALL.replace("[[20,0],[21,0],[21,1],[20,1],[20,0]]", "[[20,0],[21,0],[20,0]]"),
                "feature 1 (环区)",
            ),
            (&SMALL.replace("[10,10]", "[10,100]"), "out of range"),
            (&SMALL.replace("[10,10]", "[10]"), "feature 1"),
        ] {
            match DistrictMap::from_geojson(text) {
                Err(RenderError::Map(said)) => assert!(said.contains(fault), "{said:?} names {fault:?}"),
                other => panic!("{fault}: {other:?}"),
            }
        }
    }
}
