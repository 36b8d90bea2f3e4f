//! The map of the city, drawn once for each picture.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{RegionCode, Result};
use render::{
    RenderError,
    map::{Area, DistrictMap, LegendItem, LonLat, MapPicture, Marker},
};
use web::Cx;

use crate::{Organisation, Region};

/// Pictures kept: each language's city map and the districts that are looked at most.
const PICTURES_KEPT: usize = 128;
/// Shades of the map, from 0.
const SHADES: i64 = 6;

/// The districts' outlines, given to the pages by the program (`Shell::with`). Without it the pages show tables only.
pub struct CityMap {
    map: DistrictMap,
    drawn: Mutex<HashMap<String, Arc<str>>>,
}

impl CityMap {
    /// Reads the outlines from GeoJSON, with the properties `code` and `name`.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn from_geojson(text: &str) -> Result<Self, RenderError> {
        Ok(Self { map: DistrictMap::from_geojson(text)?, drawn: Mutex::default() })
    }

    fn draw(&self, picture: &MapPicture) -> Option<Arc<str>> {
        let key = format!("{picture:?}");
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(svg) = drawn.get(&key) {
            return Some(svg.clone());
        }
        let svg: Arc<str> = match self.map.svg(picture) {
            Ok(svg) => svg.into(),
            Err(error) => {
                tracing::error!(%error, "a map cannot be drawn");
                return None;
            }
        };
        if drawn.len() >= PICTURES_KEPT {
            drawn.clear();
        }
        drawn.insert(key, svg.clone());
        Some(svg)
    }
}

/// The whole city, shaded by the number of organisations. `None` without outlines.
pub(super) fn city(cx: &Cx, districts: &[(Region, i64)]) -> Option<Arc<str>> {
    let map = cx.get::<CityMap>().ok()?;
    let step = step(districts.iter().map(|(_, count)| *count).max().unwrap_or(0));
    let areas = districts
        .iter()
        .filter(|(region, _)| map.map.district(region.code.as_str()).is_some())
        .map(|(region, count)| Area {
            code: region.code.to_string(),
            title: cx.t2("network-map-area", "name", &region.name, "n", *count),
            label: region.short_name.clone(),
            level: u8::try_from((count / step).min(SHADES - 1)).ok(),
            class: String::new(),
            href: Some(format!("/places/{}", region.code)),
        })
        .collect();
    let legend = (0..SHADES).map(|shade| {
        let from = cx.number(shade * step);
        let label = if shade == SHADES - 1 {
            cx.t1("network-map-from", "n", from)
        } else {
            format!("{from}–{}", cx.number((shade + 1) * step - 1))
        };
        LegendItem { level: u8::try_from(shade).ok(), label }
    });
    map.draw(&MapPicture {
        id: "city-map".to_owned(),
        title: cx.t("network-map-title"),
        notice: cx.t("network-map-notice"),
        areas,
        legend: legend.collect(),
        ..MapPicture::default()
    })
}

/// One district with some of its organisations. `None` without outlines of that district.
pub(super) fn district(cx: &Cx, code: &RegionCode, orgs: &[Organisation], title: &str) -> Option<Arc<str>> {
    let map = cx.get::<CityMap>().ok()?;
    let county = code.county()?;
    map.map.district(county.as_str())?;
    let markers = orgs
        .iter()
        .filter_map(|org| {
            Some(Marker {
                at: LonLat { lon: org.lon?, lat: org.lat? },
                title: org.name.clone(),
                radius: 6.0,
                class: String::new(),
                href: Some(format!("/orgs/{}", org.org_id)),
            })
        })
        .collect();
    map.draw(&MapPicture {
        id: "district-map".to_owned(),
        title: title.to_owned(),
        notice: cx.t("network-map-notice"),
        width: 480,
        only: Some(vec![county.to_string()]),
        markers,
        ..MapPicture::default()
    })
}

/// A round width of the shades, so that the highest number falls into the last one or just below it.
fn step(max: i64) -> i64 {
    let least = ((max + SHADES - 1) / SHADES).max(1);
    let ten = 10_i64.pow(least.ilog10());
    [1, 2, 5, 10].into_iter().map(|times| times * ten).find(|step| *step >= least).unwrap_or(10 * ten)
}

#[cfg(test)]
mod tests {
    use super::{SHADES, step};

    #[test]
    fn shades_are_round_and_reach_the_highest_number() {
        assert_eq!([0, 5, 60, 61, 590, 1_300].map(step), [1, 1, 10, 20, 100, 500]);
        assert!((1..5_000).all(|max| max / step(max) <= SHADES));
    }
}
