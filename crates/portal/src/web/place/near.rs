//! `/near`: places and classes by distance, from a place that the reader chose or from where her telephone is.
//!
//! A chosen place is remembered by her browser alone; a position goes into the page's address, rounded, and is kept nowhere.

use std::collections::HashMap;

use activities::{Coming, Wanted, Within, coming_classes, next_classes};
use askama::Template;
use kernel::{Id, Org, RegionCode, Result as Outcome};
use network::{Region, region_children, valid_region};
use store::Tx;
use web::Cx;

use super::{days_from, distance};
use crate::{
    lists::districts,
    near::{Near, Point, nearest, point_of},
};

/// Places on a page.
const PAGE: usize = 20;
/// Nobody pages further than this.
const PLACES_MAX: usize = 200;
/// Places whose classes are looked through.
const CLASS_PLACES: usize = 40;
/// Classes shown, and how many of one place.
const CLASSES_SHOWN: usize = 30;
const CLASSES_OF_ONE: usize = 3;
/// Days that are looked ahead.
const DAYS: i32 = 14;

/// A class and how far it is.
struct NearClass {
    coming: Coming,
    near: Near,
}

enum From {
    /// Nothing was chosen yet.
    Nowhere,
    Region(Box<Region>),
    Position(Point),
}

struct Loaded {
    from: From,
    /// The district whose streets are to be chosen from, and they.
    choosing: Option<(Region, Vec<Region>)>,
    districts: Vec<(RegionCode, String)>,
    /// Divisions inside the chosen one, to choose more closely.
    closer: Vec<Region>,
    places: Vec<Near>,
    next: HashMap<Id<Org>, Coming>,
    classes: Vec<NearClass>,
    more: bool,
}

#[derive(Template)]
#[template(path = "place_near.html")]
struct Page<'a> {
    cx: &'a Cx,
    loaded: &'a Loaded,
    chosen: Option<&'a Region>,
    here: Option<String>,
    by_class: bool,
    previous: Option<String>,
    more: Option<String>,
    measured: bool,
}

impl Page<'_> {
    fn far(&self, near: &Near) -> String {
        distance(self.cx, near.metres)
    }

    fn next(&self, near: &Near) -> Option<&Coming> {
        self.loaded.next.get(&near.place.org_id)
    }

    fn kind(&self, near: &Near) -> String {
        self.cx.t(&near.place.kind.message_key())
    }
}

/// Shows what is near: `?near=CODE` or `?at=LAT,LON`, `&show=classes`, `&in=CODE` while choosing, `&forget=1`.
pub(super) async fn show(cx: Cx) -> web::Result {
    if cx.param("forget") == "1" {
        cx.remember_near(None);
        return Ok(cx.redirect("/near"));
    }
    let at = Point::read(cx.param("at"));
    let choosing: Option<RegionCode> = cx.param_as("in");
    let code = cx.param_as::<RegionCode>("near").or_else(|| cx.near.clone()).filter(|_| at.is_none());
    let (asked, number) = (cx.param_as::<RegionCode>("near"), cx.param_as::<usize>("page").unwrap_or(1));
    let number = number.clamp(1, PLACES_MAX / PAGE);
    let by_class = cx.param("show") == "classes";
    let loaded =
        cx.store.read(move |tx| load(tx, at, code.as_ref(), choosing.as_ref(), by_class, number)).await?;
    let chosen = match &loaded.from {
        From::Region(region) => Some(region.as_ref()),
        From::Position(_) | From::Nowhere => None,
    };
    if let Some(region) = chosen.filter(|region| asked.as_ref() == Some(&region.code)) {
        cx.remember_near(Some(&region.code));
    }
    let here = match &loaded.from {
        From::Region(region) => Some(format!("near={}", region.code)),
        From::Position(point) => Some(format!("at={}", point.text())),
        From::Nowhere => None,
    };
    cx.page(&Page {
        cx: &cx,
        chosen,
        here,
        by_class,
        previous: (number > 1 && !by_class).then(|| cx.url_with("page", number - 1)),
        more: loaded.more.then(|| cx.url_with("page", number + 1)),
        measured: loaded.places.iter().all(Near::is_measured),
        loaded: &loaded,
    })
}

fn load(
    tx: &mut Tx,
    at: Option<Point>,
    code: Option<&RegionCode>,
    choosing: Option<&RegionCode>,
    by_class: bool,
    number: usize,
) -> Outcome<Loaded> {
    // Her browser may remember a division that has been followed by another one.
    let chosen = code.map(|code| valid_region(tx, code)).transpose()?.flatten();
    let mut loaded = Loaded {
        from: From::Nowhere,
        choosing: None,
        districts: districts(tx)?,
        closer: Vec::new(),
        places: Vec::new(),
        next: HashMap::new(),
        classes: Vec::new(),
        more: false,
    };
    if let Some(district) = choosing.map(|code| valid_region(tx, code)).transpose()?.flatten() {
        let inside = region_children(tx, &district.code)?;
        loaded.choosing = Some((district, inside));
    }
    let point = match (at, chosen) {
        (Some(point), _) => {
            loaded.from = From::Position(point);
            Some(point)
        }
        (None, Some(region)) => {
            let point = point_of(tx, &region.code)?;
            loaded.closer = region_children(tx, &region.code)?;
            loaded.from = From::Region(Box::new(region));
            point
        }
        (None, None) => None,
    };
    let Some(point) = point else { return Ok(loaded) };
    if by_class {
        let places = nearest(tx, point, CLASS_PLACES)?;
        loaded.classes = classes(tx, &places)?;
        loaded.places = places;
    } else {
        let mut places = nearest(tx, point, number * PAGE + 1)?;
        loaded.more = places.len() > number * PAGE && number < PLACES_MAX / PAGE;
        places.truncate(number * PAGE);
        loaded.places = places.split_off(((number - 1) * PAGE).min(places.len()));
        let orgs: Vec<Id<Org>> = loaded.places.iter().map(|near| near.place.org_id).collect();
        loaded.next = next_classes(tx, &orgs, DAYS)?;
    }
    Ok(loaded)
}

/// Classes with free seats at these places, the nearest first, of one place the soonest first.
fn classes(tx: &mut Tx, places: &[Near]) -> Outcome<Vec<NearClass>> {
    let window = days_from(tx.now(), i64::from(DAYS));
    let mut found = Vec::new();
    for near in places {
        let within = Within::Org(near.place.org_id);
        let coming = coming_classes(tx, &within, Wanted::default(), window, None, 20)?;
        let free = coming.into_iter().filter(|line| line.class.free() > 0).take(CLASSES_OF_ONE);
        found.extend(free.map(|coming| NearClass { coming, near: near.clone() }));
        if found.len() >= CLASSES_SHOWN {
            break;
        }
    }
    found.truncate(CLASSES_SHOWN);
    Ok(found)
}
