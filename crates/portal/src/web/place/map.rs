//! The map of the city, drawn once for each picture.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{RegionCode, Result};
use network::{OrgPlace, Region};
use render::{
    RenderError,
    map::{Area, DistrictMap, LegendItem, LonLat, MapPicture, Marker},
};
use web::Cx;

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

    /// What every picture must say: the number of the map's review 审图号, or that it is a sketch.
    fn notice(&self, cx: &Cx) -> String {
        match self.map.approval_number() {
            Some(number) => cx.t1("place-map-approved", "number", number),
            None => cx.t("place-map-notice"),
        }
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
            title: cx.t2("place-map-area", "name", &region.name, "n", *count),
            label: region.short_name.clone(),
            level: u8::try_from((count / step).min(SHADES - 1)).ok(),
            class: String::new(),
            href: Some(format!("/places/{}", region.code)),
        })
        .collect();
    let legend = (0..SHADES).map(|shade| {
        let from = cx.number(shade * step);
        let label = if shade == SHADES - 1 {
            cx.t1("place-map-from", "n", from)
        } else {
            format!("{from}–{}", cx.number((shade + 1) * step - 1))
        };
        LegendItem { level: u8::try_from(shade).ok(), label }
    });
    map.draw(&MapPicture {
        id: "city-map".to_owned(),
        title: cx.t("place-map-title"),
        notice: map.notice(cx),
        areas,
        legend: legend.collect(),
        ..MapPicture::default()
    })
}

/// Width of a district's picture: on a telephone it is shown about as large as it is drawn.
const DISTRICT_WIDTH: u32 = 400;
/// Radius of the circle of a single place.
const PLACE_RADIUS: f64 = 7.0;
/// Circles nearer to each other than this become one: each can be hit with a finger (WCAG 2.5.8).
const GAP: f64 = 26.0;
/// Places that the name of a group spells out.
const NAMED: usize = 5;

/// One district with places in it; those that would lie upon each other are shown as one, which leads to all that is near there. `None`
/// without outlines of that district, or if no place can be shown.
pub(super) fn district(cx: &Cx, code: &RegionCode, places: &[OrgPlace], title: &str) -> Option<Arc<str>> {
    let map = cx.get::<CityMap>().ok()?;
    let county = code.county()?.to_string();
    map.map.district(&county)?;
    let only = vec![county];
    let points: Vec<LonLat> = places.iter().map(|place| LonLat { lon: place.lon, lat: place.lat }).collect();
    let groups = map.map.grouped(Some(&only), DISTRICT_WIDTH, &points, GAP);
    if groups.is_empty() {
        return None;
    }
    let markers = groups.iter().map(|group| {
        let members: Vec<&OrgPlace> = group.members.iter().filter_map(|index| places.get(*index)).collect();
        if let [place] = members[..] {
            return Marker {
                at: group.at,
                title: place.name.clone(),
                radius: PLACE_RADIUS,
                label: String::new(),
                class: String::new(),
                href: Some(format!("/orgs/{}", place.org_id)),
            };
        }
        let count = members.len() as i64;
        let names: Vec<&str> = members.iter().take(NAMED).map(|place| place.name.as_str()).collect();
        let key = if members.len() > NAMED { "place-map-group-more" } else { "place-map-group" };
        Marker {
            at: group.at,
            title: cx.t2(key, "n", count, "names", names.join(&cx.t("place-list-comma"))),
            radius: if count < 10 {
                10.0
            } else if count < 100 {
                12.0
            } else {
                14.0
            },
            label: count.to_string(),
            class: "map-group".to_owned(),
            href: Some(format!("/near?at={:.3},{:.3}", group.at.lat, group.at.lon)),
        }
    });
    map.draw(&MapPicture {
        id: "district-map".to_owned(),
        title: title.to_owned(),
        notice: map.notice(cx),
        width: DISTRICT_WIDTH,
        only: Some(only.clone()),
        markers: markers.collect(),
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
