//! Reads the part of RFC 7946 that district maps use, and says which feature is at fault.

use serde::Deserialize;
use serde_json::Value;

use super::LonLat;
use super::geometry::Polygon;
use crate::RenderError;

pub(super) struct Feature {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) region_group: String,
    pub(super) polygons: Vec<Polygon>,
}

#[derive(Deserialize)]
struct Collection {
    #[serde(default)]
    approval_number: String,
    features: Vec<Value>,
}

#[derive(Deserialize)]
struct Raw {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Properties {
    code: String,
    name: String,
    #[serde(default)]
    region_group: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<Vec<f64>>>),
    MultiPolygon(Vec<Vec<Vec<Vec<f64>>>>),
}

/// The number of the review, if the file has one, and the features.
pub(super) fn parse(text: &str) -> Result<(Option<String>, Vec<Feature>), RenderError> {
    let collection: Collection =
        serde_json::from_str(text).map_err(|error| RenderError::Map(error.to_string()))?;
    let number = Some(collection.approval_number.trim().to_owned()).filter(|number| !number.is_empty());
    let features = collection.features.into_iter().enumerate();
    let features: Result<Vec<Feature>, RenderError> =
        features.map(|(index, value)| feature(value).map_err(|fault| named(index, &fault))).collect();
    Ok((number, features?))
}

fn named(index: usize, fault: &str) -> RenderError {
    RenderError::Map(format!("feature {}{fault}", index + 1))
}

fn feature(value: Value) -> Result<Feature, String> {
    let Raw { properties, geometry } = serde_json::from_value(value).map_err(|error| format!(": {error}"))?;
    let raw = match geometry {
        Geometry::Polygon(rings) => vec![rings],
        Geometry::MultiPolygon(polygons) => polygons,
    };
    let about = |fault: String| format!(" ({}): {fault}", properties.name);
    let polygons = raw
        .into_iter()
        .map(|rings| rings.into_iter().map(|positions| ring(&positions)).collect::<Result<Vec<_>, _>>())
        .map(|rings| {
            rings.and_then(
                |rings| if rings.is_empty() { Err("a polygon without rings".into()) } else { Ok(rings) },
            )
        })
        .collect::<Result<Vec<_>, String>>()
        .map_err(about)?;
    if polygons.is_empty() {
        return Err(format!(" ({}): no polygons", properties.name));
    }
    let Properties { code, name, region_group } = properties;
    Ok(Feature { code, name, region_group, polygons })
}

/// A ring without the repeated last corner.
fn ring(positions: &[Vec<f64>]) -> Result<Vec<LonLat>, String> {
    let mut corners = Vec::with_capacity(positions.len());
    for position in positions {
        let &[lon, lat, ..] = position.as_slice() else {
            return Err("a position needs longitude and latitude".into());
        };
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
            return Err(format!("the position {lon}, {lat} is out of range"));
        }
        corners.push(LonLat { lon, lat });
    }
    corners.dedup();
    if corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    if corners.len() < 3 { Err("a ring has fewer than three corners".into()) } else { Ok(corners) }
}
