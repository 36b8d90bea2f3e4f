//! Places for programs: what is near, what begins where, and where learning is missing.

use activities::{ClassId, Coming, Wanted, Within, coming_classes, next_classes};
use axum::http::{Method, StatusCode};
use catalog::{OfferId, OfferKind};
use kernel::{Error, Id, Org, RegionCode, Timestamp};
use network::OrgKind;
use web::{
    Access, Cx, Path, Rank, Routes,
    api::{Described, Operation, Part, Schemas, json, page},
    object,
};

use super::{calendar::Scope, days_from, reach::load as load_reach};
use crate::{
    near::{Point, nearest},
    reach::Coverage,
};

/// Places answered at most, and where nothing else is asked for.
const PLACES: (usize, usize) = (50, 20);
/// Days that are looked ahead for the next class of a place near.
const NEAR_DAYS: i32 = 14;
/// Days that are looked ahead for what begins.
const DAYS: i64 = 90;

object! {
    /// A place and how far it is.
    NearOut {
        /// Identifier of the organisation.
        organisation: Id<Org>,
        /// Its name.
        name: String,
        /// What it is.
        kind: OrgKind,
        /// Metres as the crow flies.
        metres: i64 { "minimum": 0 },
        /// Whether the position was measured; otherwise the distance means little.
        measured: bool,
        /// Its next class within two weeks; null if there is none.
        next_class: Option<ClassId>,
        /// The free seats of that class, from the database.
        free: Option<i64> { "minimum": 0 },
        /// When it begins.
        starts_at: Option<String> { "format": "date-time" },
    }

    /// A class that has not begun.
    ComingOut {
        /// Identifier of the class.
        class: ClassId,
        /// The offer of which it is a run.
        offer: OfferId,
        /// Title.
        title: String,
        /// What the offer is.
        kind: OfferKind,
        /// What it costs, in fen.
        cost_fen: i64 { "minimum": 0 },
        /// Who runs it.
        organisation: Id<Org>,
        /// Building or place.
        venue: String,
        /// Room.
        room: String,
        /// When the first session begins.
        starts_at: String { "format": "date-time" },
        /// When the last session ends.
        ends_at: String { "format": "date-time" },
        /// Number of sessions.
        sessions: i64 { "minimum": 1 },
        /// Seats.
        capacity: i64 { "minimum": 0 },
        /// Seats that can still be taken, from the database.
        free: i64 { "minimum": 0 },
    }

    /// How far learning reaches in a district: see `/places/reach` for what is counted.
    ReachOut {
        /// Code of the district.
        region: String { "pattern": "^[0-9]{12}$" },
        /// Its name.
        name: String,
        /// Residents; null where no source states them.
        population: Option<i64> { "minimum": 0 },
        /// Streets and towns.
        towns: i64 { "minimum": 0 },
        /// Streets and towns without a place of learning.
        towns_without_place: i64 { "minimum": 0 },
        /// Streets and towns without a class that is on or begins within 30 days.
        towns_without_class: i64 { "minimum": 0 },
        /// Villages and neighbourhoods.
        villages: i64 { "minimum": 0 },
        /// Villages and neighbourhoods without a place of learning.
        villages_without_place: i64 { "minimum": 0 },
        /// Villages and neighbourhoods without such a class.
        villages_without_class: i64 { "minimum": 0 },
        /// Residents of the towns without a place, as far as a source states them.
        people_without_place: i64 { "minimum": 0 },
        /// Towns without a place whose residents no source states.
        people_without_place_unknown: i64 { "minimum": 0 },
        /// Residents of the towns without a class, as far as a source states them.
        people_without_class: i64 { "minimum": 0 },
        /// Towns without a class whose residents no source states.
        people_without_class_unknown: i64 { "minimum": 0 },
    }
}

pub(super) fn routes() -> Routes {
    let degrees = |most: i64| json!({ "type": "number", "minimum": -most, "maximum": most });
    let (most, usual) = PLACES;
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": most, "default": usual });
    let near = Operation::new::<Part<NearOut>>("places", "The places nearest to a point, the nearest first")
        .query(
            "latitude",
            "Latitude in degrees (WGS 84); it is rounded to a thousandth and not kept.",
            degrees(90),
        )
        .query("longitude", "Longitude in degrees (WGS 84).", degrees(180))
        .query("limit", "Most places wanted.", limit);
    let coming = |summary: &'static str| {
        Operation::new::<Part<ComingOut>>("offers", summary)
            .query("kind", "Only offers of this kind.", OfferKind::schema(&mut Schemas::new()))
            .query("free", "Only what costs nothing.", json!({ "type": "boolean" }))
            .paged()
    };
    let reach = Operation::new::<Part<ReachOut>>("places", "Learning within fifteen minutes, by district");
    Routes::new()
        .api(Method::GET, "/api/v1/near", Access::Public, near, places)
        .api(
            Method::GET,
            "/api/v1/regions/{code}/classes",
            Access::Public,
            coming("Classes that begin in a division within 90 days, soonest first"),
            of_region,
        )
        .api(
            Method::GET,
            "/api/v1/organisations/{org}/classes",
            Access::Public,
            coming("Classes that begin at an organisation or below it within 90 days, soonest first"),
            of_org,
        )
        .api(Method::GET, "/api/v1/reach", Access::Public, reach, districts)
        .ranked(Rank::Heavy)
}

async fn places(cx: Cx) -> web::Result {
    let point = Point::read(&format!("{},{}", cx.param("latitude"), cx.param("longitude")));
    // Both are needed, and neither means anything without the other.
    let missing = if cx.param("latitude").is_empty() { "latitude" } else { "longitude" };
    let point = point.ok_or_else(|| Error::field(missing, &kernel::REQUIRED))?;
    let limit = cx.param_as::<usize>("limit").unwrap_or(PLACES.1).clamp(1, PLACES.0);
    let read = cx.store.read(move |tx| {
        let places = nearest(tx, point, limit)?;
        let orgs: Vec<Id<Org>> = places.iter().map(|near| near.place.org_id).collect();
        Ok((places, next_classes(tx, &orgs, NEAR_DAYS)?))
    });
    let (places, next) = read.await?;
    let items = places.into_iter().map(|near| {
        let class = next.get(&near.place.org_id).map(|coming| &coming.class);
        NearOut {
            organisation: near.place.org_id,
            kind: near.place.kind,
            metres: near.metres,
            measured: near.is_measured(),
            next_class: class.map(|class| class.class_id),
            free: class.map(activities::Class::free),
            starts_at: class.map(|class| class.starts_at.rfc3339()),
            name: near.place.name,
        }
    });
    cx.json(StatusCode::OK, &Part { items: items.collect(), next: None })
}

async fn of_region(cx: Cx, Path(code): Path<RegionCode>) -> web::Result {
    coming(&cx, move |tx| Scope::of_region(tx, &code)).await
}

async fn of_org(cx: Cx, Path(org): Path<Id<Org>>) -> web::Result {
    coming(&cx, move |tx| Scope::of_org(tx, org)).await
}

async fn coming(
    cx: &Cx,
    scope: impl Fn(&mut store::Tx) -> kernel::Result<Scope> + Send + Sync + 'static,
) -> web::Result {
    let asked = page(cx);
    let wanted = Wanted { kind: cx.param_as("kind"), free: cx.param("free") == "true" };
    let after = asked.after.as_deref().and_then(read_key);
    let window = days_from(cx.now, DAYS);
    let size = asked.size;
    let mut found = cx
        .store
        .read(move |tx| {
            let within: Within = scope(tx)?.within;
            coming_classes(tx, &within, wanted, window, after, size + 1)
        })
        .await?;
    let more = found.len() > size;
    found.truncate(size);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| format!("{}.{}", last.class.starts_at.millis(), last.class.class_id));
    cx.json(StatusCode::OK, &Part { items: found.into_iter().map(coming_out).collect(), next })
}

fn read_key(key: &str) -> Option<(Timestamp, ClassId)> {
    let (at, id) = key.split_once('.')?;
    Some((Timestamp::from_millis(at.parse().ok()?), id.parse().ok()?))
}

fn coming_out(coming: Coming) -> ComingOut {
    let (class, offer) = (coming.class, coming.offer);
    ComingOut {
        free: class.free(),
        class: class.class_id,
        offer: class.offer_id,
        title: class.title,
        kind: offer.kind,
        cost_fen: offer.cost_fen,
        organisation: class.org_id,
        venue: class.venue,
        room: class.room,
        starts_at: class.starts_at.rfc3339(),
        ends_at: class.ends_at.rfc3339(),
        sessions: class.sessions,
        capacity: class.capacity,
    }
}

async fn districts(cx: Cx) -> web::Result {
    let lines = cx.store.read(load_reach).await?.map(|loaded| loaded.lines).unwrap_or_default();
    let items = lines.into_iter().map(|line| {
        let Coverage { all, without_place, without_offer, people_without_place, people_without_offer } =
            line.towns;
        ReachOut {
            region: line.region.code.to_string(),
            name: line.region.name,
            population: line.region.population,
            towns: all,
            towns_without_place: without_place,
            towns_without_class: without_offer,
            villages: line.villages.all,
            villages_without_place: line.villages.without_place,
            villages_without_class: line.villages.without_offer,
            people_without_place: people_without_place.stated,
            people_without_place_unknown: people_without_place.unknown,
            people_without_class: people_without_offer.stated,
            people_without_class_unknown: people_without_offer.unknown,
        }
    });
    cx.json(StatusCode::OK, &Part { items: items.collect(), next: None })
}
