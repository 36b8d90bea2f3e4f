//! The real districts.

use render::map::{Area, DistrictMap, LegendItem, LonLat, MapPicture, Marker};

use crate::{read, show};

fn chongqing() -> DistrictMap {
    DistrictMap::from_geojson(&read("data/chongqing/cq_districts.geojson")).expect("readable")
}

fn picture(map: &DistrictMap, width: u32) -> MapPicture {
    let areas = map.districts().iter().enumerate().map(|(index, district)| Area {
        code: district.code.clone(),
        title: format!("{} 12,345 人次", district.name),
        label: district.name.clone(),
        level: (index % 7 < 6).then_some((index % 7) as u8),
        class: String::new(),
        href: Some(format!("/regions/{}", district.code)),
    });
    let markers = map.districts().iter().map(|district| Marker {
        at: district.label_point(),
        title: format!("{}社区学院", district.name),
        radius: 2.5,
        label: String::new(),
        class: String::new(),
        href: None,
    });
    MapPicture {
        title: "重庆市各区县学习人次".to_owned(),
        notice: "示意图，不作划界依据".to_owned(),
        width,
        areas: areas.collect(),
        markers: markers.collect(),
        legend: (0..6)
            .map(|level| LegendItem { level: Some(level), label: format!("第 {} 级", level + 1) })
            .chain([LegendItem { level: None, label: "暂无数据".to_owned() }])
            .collect(),
        ..MapPicture::default()
    }
}

#[test]
fn the_whole_city_stays_under_60_kilobytes() {
    let map = chongqing();
    assert_eq!(map.districts().len(), 38);
    for width in [360, 800, 1200] {
        let svg = map.svg(&picture(&map, width)).expect("drawn");
        println!("{width} px wide: {} bytes", svg.len());
        assert!(svg.len() < 60_000, "{width}: {}", svg.len());
        assert_eq!(svg.matches("<a href=\"/regions/").count(), 38);
        assert_eq!(svg.matches("d=\"M").count(), 38, "no district vanishes");
        show(&format!("map-{width}.svg"), svg.as_bytes());
    }
    let centre =
        map.districts().iter().filter(|d| d.region_group == "中心城区").map(|d| d.code.clone()).collect();
    let svg = map.svg(&MapPicture { only: Some(centre), ..picture(&map, 600) }).expect("drawn");
    assert_eq!(svg.matches("<a href=").count(), 9);
    assert_eq!(svg.matches("<circle").count(), 9, "no marker of another district");
    show("map-centre.svg", svg.as_bytes());
}

#[test]
fn seats_and_labels_lie_in_their_districts() {
    let map = chongqing();
    for line in read("data/chongqing/cq_district_centroids.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let code = fields[0];
        let (lon, lat) = (fields[4].parse().expect("a longitude"), fields[5].parse().expect("a latitude"));
        assert!(map.point_in_polygon(code, lon, lat), "{line}");
        assert_eq!(map.district_at(lon, lat).map(|district| district.code.as_str()), Some(code));
        let LonLat { lon, lat } = map.district(code).expect("known").label_point();
        assert!(map.point_in_polygon(code, lon, lat), "{line}");
    }
    assert!(map.district_at(104.07, 30.67).is_none(), "Chengdu is elsewhere");
}

#[test]
fn random_places_lie_in_exactly_their_district() {
    let map = chongqing();
    let mut state = 20_201_101u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    for district in map.districts() {
        for _ in 0..50 {
            let place = map.random_point_inside(&district.code, &mut uniform).expect("known code");
            assert_eq!(map.district_at(place.lon, place.lat).map(|d| &d.code), Some(&district.code));
        }
    }
}
