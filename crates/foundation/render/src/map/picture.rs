//! Draws a district map as SVG: areas shaded by level, place markers, labels, legend and the obligatory notice.

use std::fmt::Write;

use super::simplify::{Point, simplify};
use super::{Bounds, District, DistrictMap, LonLat, district_contains, geometry};
use crate::RenderError;
use crate::xml::{ems, escape, number, open_link};

/// Fills from low to high, distinguishable in grey print too; presentation attributes, so a stylesheet wins.
const FILLS: [&str; 6] = ["#fbeedd", "#f2cfa6", "#e3a172", "#cb6c49", "#a5382a", "#751d18"];
const NO_DATA: &str = "#e7e4df";
/// Half a pixel, in tenths.
const TOLERANCE: i64 = 5;
const PAD: f64 = 6.0;
const LABEL_SIZE: f64 = 11.0;
const LEGEND_SIZE: f64 = 12.0;
const LEGEND_ROW: f64 = 20.0;

/// How one district is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Area {
    /// Code of the district.
    pub code: String,
    /// What a tooltip and a screen reader say: name and value.
    pub title: String,
    /// Written on the map where it fits; empty for none.
    pub label: String,
    /// Shade from 0 (lowest) to 5 (highest); nothing for “not known”.
    pub level: Option<u8>,
    /// Further class names, separated by spaces.
    pub class: String,
    /// Where a click leads; only local and `http(s)` addresses become links.
    pub href: Option<String>,
}

/// A point on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Where. Points outside the drawn districts' rectangle are left out, and with a choice of districts
    /// ([`MapPicture::only`]) those outside of these districts.
    pub at: LonLat,
    /// What a tooltip and a screen reader say.
    pub title: String,
    /// Radius in pixels.
    pub radius: f64,
    /// Written into the circle, such as how many places it stands for; empty for none.
    pub label: String,
    /// Further class names, separated by spaces.
    pub class: String,
    /// Where a click leads; only local and `http(s)` addresses become links.
    pub href: Option<String>,
}

/// Points that are shown as one.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerGroup {
    /// The middle of its points.
    pub at: LonLat,
    /// Which of the points, in their order.
    pub members: Vec<usize>,
}

/// One entry of the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegendItem {
    /// The shade explained; nothing for “not known”.
    pub level: Option<u8>,
    /// Its meaning.
    pub label: String,
}

/// What a map shows. Districts without an [`Area`] are drawn as “not known”, without a link.
#[derive(Debug, Clone, PartialEq)]
pub struct MapPicture {
    /// Prefix of the ids inside the picture, unique in the page.
    pub id: String,
    /// Accessible name.
    pub title: String,
    /// Longer description; may be empty.
    pub description: String,
    /// Printed on the map: its review number 审图号 ([`DistrictMap::approval_number`]; 地图管理条例 art. 15 ff.), or, where it has
    /// none, that this is a sketch (示意图).
    pub notice: String,
    /// Width in pixels, clamped to 120–4000; the height follows from the districts.
    pub width: u32,
    /// Draws these codes only, as large as fits; all if nothing is given.
    pub only: Option<Vec<String>>,
    /// Districts with values.
    pub areas: Vec<Area>,
    /// Points, drawn over the districts.
    pub markers: Vec<Marker>,
    /// Legend, from left to right.
    pub legend: Vec<LegendItem>,
}

impl Default for MapPicture {
    fn default() -> Self {
        Self {
            id: "map".to_owned(),
            title: String::new(),
            description: String::new(),
            notice: String::new(),
            width: 800,
            only: None,
            areas: Vec::new(),
            markers: Vec::new(),
            legend: Vec::new(),
        }
    }
}

/// Equirectangular with the longitudes shrunk by the cosine of the middle latitude.
struct Projection {
    bounds: Bounds,
    /// Pixels per degree of longitude and of latitude.
    scale: (f64, f64),
}

impl Projection {
    fn new(bounds: Bounds, width: f64) -> Self {
        let shrink = f64::midpoint(bounds.min.lat, bounds.max.lat).to_radians().cos();
        let degrees = ((bounds.max.lon - bounds.min.lon) * shrink).max(1e-9);
        let per_degree = (width - 2.0 * PAD) / degrees;
        Self { bounds, scale: (per_degree * shrink, per_degree) }
    }

    fn pixel(&self, place: LonLat) -> (f64, f64) {
        (
            PAD + (place.lon - self.bounds.min.lon) * self.scale.0,
            PAD + (self.bounds.max.lat - place.lat) * self.scale.1,
        )
    }

    fn place(&self, x: f64, y: f64) -> LonLat {
        LonLat {
            lon: self.bounds.min.lon + (x - PAD) / self.scale.0,
            lat: self.bounds.max.lat - (y - PAD) / self.scale.1,
        }
    }

    fn height(&self) -> f64 {
        2.0 * PAD + (self.bounds.max.lat - self.bounds.min.lat) * self.scale.1
    }
}

pub(super) fn draw(map: &DistrictMap, picture: &MapPicture) -> Result<String, RenderError> {
    for (field, text) in [("title", &picture.title), ("notice", &picture.notice)] {
        if text.trim().is_empty() {
            return Err(RenderError::Blank { field });
        }
    }
    let known = |code: &str| map.district(code).ok_or_else(|| RenderError::UnknownDistrict(code.to_owned()));
    for area in &picture.areas {
        known(&area.code)?;
    }
    let shown: Vec<&District> = match &picture.only {
        Some(codes) => codes.iter().map(|code| known(code)).collect::<Result<_, _>>()?,
        None => map.districts().iter().collect(),
    };
    if shown.is_empty() {
        return Err(RenderError::Blank { field: "only" });
    }

    let width = f64::from(picture.width.clamp(120, 4000));
    let projection = Projection::new(geometry::bounds(shown.iter().flat_map(|d| &d.polygons)), width);
    let map_height = projection.height();
    let (legend, legend_height) = legend(&picture.legend, width, map_height);
    let notice_y = map_height + legend_height + LEGEND_SIZE + 2.0;
    let height = number(notice_y + 6.0);

    let mut svg = String::new();
    let (id, w) = (escape(&picture.id), number(width));
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="map" role="group" aria-labelledby="{id}-title" aria-describedby="{id}-desc" width="{w}" height="{height}" viewBox="0 0 {w} {height}" font-family="sans-serif"><title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
        escape(&picture.title),
        escape(format!("{} {}", picture.description, picture.notice).trim()),
    );
    districts(&mut svg, &shown, picture, &projection);
    labels(&mut svg, &shown, picture, &projection);
    markers(&mut svg, &shown, picture, &projection);
    svg.push_str(&legend);
    let _ = write!(
        svg,
        r#"<text class="map-notice" x="{}" y="{}" font-size="{LEGEND_SIZE}" fill="currentColor">{}</text></svg>"#,
        number(PAD),
        number(notice_y),
        escape(&picture.notice)
    );
    Ok(svg)
}

fn fill(level: Option<u8>) -> (&'static str, String) {
    match level {
        None => (NO_DATA, "level-none".to_owned()),
        Some(level) => {
            let level = usize::from(level).min(FILLS.len() - 1);
            (FILLS[level], format!("level-{level}"))
        }
    }
}

fn classes(base: &str, further: &str) -> String {
    if further.is_empty() { base.to_owned() } else { format!("{base} {}", escape(further)) }
}

/// Paths are in tenths of a pixel, because whole numbers are the shortest to write; lines keep their width.
fn districts(svg: &mut String, shown: &[&District], picture: &MapPicture, projection: &Projection) {
    let tenths = |place: &LonLat| -> Point {
        let (x, y) = projection.pixel(*place);
        ((x * 10.0).round() as i64, (y * 10.0).round() as i64)
    };
    let rings: Vec<Vec<Point>> = shown
        .iter()
        .flat_map(|district| district.polygons.iter().flatten())
        .map(|ring| ring.iter().map(tenths).collect())
        .collect();
    let mut simplified = simplify(&rings, TOLERANCE).into_iter();

    svg.push_str(r##"<g class="map-areas" transform="scale(.1)" stroke="#fff" stroke-width="1" stroke-linejoin="round" fill-rule="evenodd">"##);
    for district in shown {
        let count = district.polygons.iter().map(Vec::len).sum();
        let path: String = simplified.by_ref().take(count).map(|ring| path(&ring)).collect();
        let area = picture.areas.iter().find(|area| area.code == district.code);
        let (fill, level) = fill(area.and_then(|area| area.level));
        let title =
            area.map(|area| area.title.as_str()).filter(|title| !title.is_empty()).unwrap_or(&district.name);
        let linked = open_link(svg, area.and_then(|area| area.href.as_deref()), title);
        if !linked {
            svg.push_str("<g>");
        }
        let _ = write!(
            svg,
            r#"<title>{}</title><path class="{}" fill="{fill}" vector-effect="non-scaling-stroke" d="{path}"/>"#,
            escape(title),
            classes(&format!("map-area {level}"), area.map_or("", |area| &area.class)),
        );
        svg.push_str(if linked { "</a>" } else { "</g>" });
    }
    svg.push_str("</g>");
}

/// Absolute start, then relative steps; a minus sign separates as well as a space does.
fn path(ring: &[Point]) -> String {
    let Some(&(mut x, mut y)) = ring.first() else { return String::new() };
    let mut path = format!("M{x} {y}l");
    for (i, &(next_x, next_y)) in ring[1..].iter().enumerate() {
        let (dx, dy) = (next_x - x, next_y - y);
        let gap = |value: i64| if value < 0 { "" } else { " " };
        let _ = write!(path, "{}{dx}{}{dy}", if i == 0 { "" } else { gap(dx) }, gap(dy));
        (x, y) = (next_x, next_y);
    }
    path.push('z');
    path
}

/// A label is written where its district's rectangle has room for it and no earlier label stands.
fn labels(svg: &mut String, shown: &[&District], picture: &MapPicture, projection: &Projection) {
    let _ = write!(
        svg,
        r##"<g class="map-labels" aria-hidden="true" pointer-events="none" font-size="{LABEL_SIZE}" text-anchor="middle" fill="#1d1712" stroke="#fff" stroke-width="2.5" stroke-linejoin="round" paint-order="stroke">"##
    );
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for district in shown {
        let Some(area) =
            picture.areas.iter().find(|area| area.code == district.code && !area.label.is_empty())
        else {
            continue;
        };
        let (west, north) =
            projection.pixel(LonLat { lon: district.bounds.min.lon, lat: district.bounds.max.lat });
        let (east, south) =
            projection.pixel(LonLat { lon: district.bounds.max.lon, lat: district.bounds.min.lat });
        let half = ems(&area.label) * LABEL_SIZE / 2.0;
        let (x, y) = projection.pixel(district.label_point);
        let fits = east - west >= 2.0 * half + 4.0 && south - north >= LABEL_SIZE + 6.0;
        let crossed =
            taken.iter().any(|(tx, ty, th)| (x - tx).abs() < half + th && (y - ty).abs() < LABEL_SIZE + 2.0);
        if !fits || crossed {
            continue;
        }
        taken.push((x, y, half));
        let y = number(y + LABEL_SIZE * 0.36);
        let _ = write!(svg, r#"<text x="{}" y="{y}">{}</text>"#, number(x), escape(&area.label));
    }
    svg.push_str("</g>");
}

fn markers(svg: &mut String, shown: &[&District], picture: &MapPicture, projection: &Projection) {
    if picture.markers.is_empty() {
        return;
    }
    svg.push_str(r##"<g class="map-markers" fill="#17506b" fill-opacity=".85" stroke="#fff">"##);
    for marker in &picture.markers {
        if !is_shown(marker.at, shown, picture.only.is_some(), projection) {
            continue;
        }
        let (x, y) = projection.pixel(marker.at);
        let linked = open_link(svg, marker.href.as_deref(), &marker.title);
        let _ = write!(
            svg,
            r#"<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>"#,
            classes("map-marker", &marker.class),
            number(x),
            number(y),
            number(marker.radius.max(0.5)),
            escape(&marker.title)
        );
        if !marker.label.is_empty() {
            let size = (marker.radius * 1.1).clamp(8.0, 15.0);
            let _ = write!(
                svg,
                r##"<text class="map-count" aria-hidden="true" pointer-events="none" x="{}" y="{}" font-size="{}" text-anchor="middle" fill="#fff" stroke="none">{}</text>"##,
                number(x),
                number(y + size * 0.36),
                number(size),
                escape(&marker.label)
            );
        }
        if linked {
            svg.push_str("</a>");
        }
    }
    svg.push_str("</g>");
}

/// Whether a point lies in what is drawn: in the rectangle, and where districts were chosen, in one of them.
fn is_shown(at: LonLat, shown: &[&District], chosen: bool, projection: &Projection) -> bool {
    let Bounds { min, max } = projection.bounds;
    let in_rectangle = (min.lon..=max.lon).contains(&at.lon) && (min.lat..=max.lat).contains(&at.lat);
    in_rectangle && (!chosen || shown.iter().any(|district| district_contains(district, at)))
}

/// Puts points together that would lie upon each other: while two circles are nearer to each other than `gap` pixels, they become one in
/// the middle of its points.
pub(super) fn group(
    map: &DistrictMap,
    only: Option<&[String]>,
    width: u32,
    points: &[LonLat],
    gap: f64,
) -> Vec<MarkerGroup> {
    let shown: Vec<&District> = match only {
        Some(codes) => codes.iter().filter_map(|code| map.district(code)).collect(),
        None => map.districts().iter().collect(),
    };
    let width = f64::from(width.clamp(120, 4000));
    let projection = Projection::new(geometry::bounds(shown.iter().flat_map(|d| &d.polygons)), width);
    let mut groups: Vec<(f64, f64, Vec<usize>)> = Vec::new();
    let near = |(ax, ay): (f64, f64), (bx, by): (f64, f64)| (ax - bx).hypot(ay - by) < gap;
    for (index, at) in points.iter().enumerate() {
        if !is_shown(*at, &shown, only.is_some(), &projection) {
            continue;
        }
        let (x, y) = projection.pixel(*at);
        match groups.iter_mut().find(|(gx, gy, _)| near((*gx, *gy), (x, y))) {
            Some((gx, gy, members)) => {
                let count = members.len() as f64;
                (*gx, *gy) = ((*gx * count + x) / (count + 1.0), (*gy * count + y) / (count + 1.0));
                members.push(index);
            }
            None => groups.push((x, y, vec![index])),
        }
    }
    // Middles move when points are added, and may have come too near to each other.
    let mut at = 0;
    while at < groups.len() {
        let (x, y) = (groups[at].0, groups[at].1);
        let Some(other) = (0..groups.len()).find(|&i| i != at && near((groups[i].0, groups[i].1), (x, y)))
        else {
            at += 1;
            continue;
        };
        let (first, second) = (at.min(other), at.max(other));
        let (bx, by, more) = groups.remove(second);
        let (ax, ay, members) = &mut groups[first];
        let (a, b) = (members.len() as f64, more.len() as f64);
        (*ax, *ay) = ((*ax * a + bx * b) / (a + b), (*ay * a + by * b) / (a + b));
        members.extend(more);
        at = 0;
    }
    groups
        .into_iter()
        .map(|(x, y, mut members)| {
            members.sort_unstable();
            let middle = projection.place(x, y);
            if is_shown(middle, &shown, only.is_some(), &projection) {
                return MarkerGroup { at: middle, members };
            }
            // In a bay of the border the middle may lie outside: the point next to it stands for all.
            let away = |index: &usize| {
                let (px, py) = projection.pixel(points[*index]);
                (px - x).hypot(py - y)
            };
            let nearest = members.iter().min_by(|a, b| away(a).total_cmp(&away(b)));
            MarkerGroup { at: nearest.map_or(middle, |index| points[*index]), members }
        })
        .collect()
}

/// The legend under the map and its height.
fn legend(items: &[LegendItem], width: f64, top: f64) -> (String, f64) {
    if items.is_empty() {
        return (String::new(), 0.0);
    }
    let mut svg = format!(r#"<g class="map-legend" font-size="{LEGEND_SIZE}" fill="currentColor">"#);
    let (mut x, mut y) = (PAD, top + 4.0);
    for item in items {
        let item_width = 22.0 + ems(&item.label) * LEGEND_SIZE + 16.0;
        if x > PAD && x + item_width > width {
            (x, y) = (PAD, y + LEGEND_ROW);
        }
        let (fill, level) = fill(item.level);
        let _ = write!(
            svg,
            r##"<rect class="map-swatch {level}" x="{}" y="{}" width="16" height="12" fill="{fill}" stroke="#7d7268" stroke-width=".5"/><text x="{}" y="{}">{}</text>"##,
            number(x),
            number(y),
            number(x + 22.0),
            number(y + 10.5),
            escape(&item.label)
        );
        x += item_width;
    }
    svg.push_str("</g>");
    (svg, y + LEGEND_ROW - top)
}

#[cfg(test)]
mod tests {
    use super::super::tests::SMALL;
    use super::*;
    use crate::xml::assert_sound;

    fn picture() -> MapPicture {
        MapPicture {
            id: "m".to_owned(),
            title: "各区县人次".to_owned(),
            notice: "示意图，不作划界依据".to_owned(),
            width: 424,
            areas: vec![Area {
                code: "2".to_owned(),
                title: "心区 <12> 人次".to_owned(),
                label: "心".to_owned(),
                level: Some(9),
                class: "here".to_owned(),
                href: Some("/regions/2?a=1&b=2".to_owned()),
            }],
            markers: vec![
                Marker {
                    at: LonLat { lon: 5.0, lat: 5.0 },
                    title: "点 1".into(),
                    radius: 4.0,
                    label: "7".into(),
                    class: String::new(),
                    href: Some("/p/1".into()),
                },
                Marker {
                    at: LonLat { lon: 50.0, lat: 5.0 },
                    title: "远方".into(),
                    radius: 4.0,
                    label: String::new(),
                    class: String::new(),
                    href: None,
                },
            ],
            legend: vec![
                LegendItem { level: Some(0), label: "0–99".to_owned() },
                LegendItem { level: None, label: "无数据".to_owned() },
            ],
            ..MapPicture::default()
        }
    }

    fn map() -> DistrictMap {
        DistrictMap::from_geojson(SMALL).expect("readable")
    }

    #[test]
    fn areas_link_and_name_themselves() {
        let svg = map().svg(&picture()).expect("drawn");
        assert_sound(&svg);
        assert!(svg.contains(r#"<a href="/regions/2?a=1&amp;b=2" aria-label="心区 &lt;12&gt; 人次"><title>心区 &lt;12&gt; 人次</title><path class="map-area level-5 here""#), "{svg}");
        assert!(svg.contains(r#"<g><title>环区</title><path class="map-area level-none""#));
        assert!(svg.contains("示意图，不作划界依据</text>"));
        assert!(svg.contains(">心</text>") && svg.contains(">无数据</text>"));
        assert!(svg.contains("点 1") && !svg.contains("远方") && svg.contains(">7</text></a>"));
    }

    #[test]
    fn points_that_would_overlap_become_one() {
        let at = |lon: f64, lat: f64| LonLat { lon, lat };
        let points = [at(5.0, 5.0), at(9.0, 9.0), at(5.01, 5.0), at(50.0, 5.0), at(9.0, 8.99), at(1.0, 1.0)];
        let groups = map().grouped(None, 424, &points, 20.0);
        let members: Vec<&[usize]> = groups.iter().map(|group| group.members.as_slice()).collect();
        assert_eq!(members, [&[0, 2][..], &[1, 4], &[5]], "what is outside is in no group");
        assert!((groups[0].at.lon - 5.005).abs() < 1e-9 && (groups[0].at.lat - 5.0).abs() < 1e-9);
        let part = map().grouped(Some(&["2".to_owned()]), 424, &points, 20.0);
        assert_eq!(part.len(), 1, "only what lies in the chosen district: {part:?}");
        // However dense, no two circles come nearer to each other than asked for.
        let many: Vec<LonLat> =
            (0..900).map(|n| at(f64::from(n % 30) / 3.1, f64::from(n / 30) / 3.1)).collect();
        let groups = map().grouped(None, 424, &many, 25.0);
        let projection = Projection::new(map().bounds(), 424.0);
        let middles: Vec<(f64, f64)> = groups.iter().map(|group| projection.pixel(group.at)).collect();
        for (n, (ax, ay)) in middles.iter().enumerate() {
            assert!(middles[n + 1..].iter().all(|(bx, by)| (ax - bx).hypot(ay - by) >= 24.999));
        }
        let grouped: usize = groups.iter().map(|group| group.members.len()).sum();
        let inside =
            many.iter().filter(|point| (0.0..=21.0).contains(&point.lon) && point.lat <= 10.0).count();
        assert_eq!(grouped, inside);
    }

    #[test]
    fn the_projection_keeps_places_in_place() {
        let svg = map().svg(&picture()).expect("drawn");
        let projection = Projection::new(map().bounds(), 424.0);
        let per_degree = projection.scale.1;
        assert!((projection.scale.0 / per_degree - 5f64.to_radians().cos()).abs() < 1e-12);
        let (x, y) = projection.pixel(LonLat { lon: 5.0, lat: 5.0 });
        assert!(svg.contains(&format!(r#"cx="{}" cy="{}""#, number(x), number(y))));
        // The ring's outline, its hole and its second part are three subpaths; the square in the hole is one.
        assert_eq!(svg.matches('M').count(), 4);
    }

    #[test]
    fn a_part_of_the_map_can_be_drawn_large() {
        let part = MapPicture { only: Some(vec!["2".to_owned()]), ..picture() };
        let svg = map().svg(&part).expect("drawn");
        assert!(!svg.contains("环区") && svg.contains("点 1"));
        assert!(svg.contains("M60 60l") || svg.contains("M60 4"), "fills the width: {svg}");
    }

    #[test]
    fn a_map_without_notice_or_with_unknown_codes_is_refused() {
        let refused = |change: fn(&mut MapPicture)| {
            let mut changed = picture();
            change(&mut changed);
            map().svg(&changed).expect_err("refused")
        };
        assert_eq!(refused(|p| p.notice = " ".to_owned()), RenderError::Blank { field: "notice" });
        assert_eq!(
            refused(|p| p.areas[0].code = "7".to_owned()),
            RenderError::UnknownDistrict("7".to_owned())
        );
        assert_eq!(
            refused(|p| p.only = Some(vec!["8".to_owned()])),
            RenderError::UnknownDistrict("8".to_owned())
        );
        assert_eq!(refused(|p| p.only = Some(vec![])), RenderError::Blank { field: "only" });
    }
}
