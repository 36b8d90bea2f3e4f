//! The network for programs: divisions and organisations.

use ::web::{
    Access, Cx, Path, Routes,
    api::{Described, LINE, Operation, Part, Schemas, json, page},
    object,
};
use axum::http::{Method, StatusCode};
use kernel::{Error, Id, Org, RegionCode};

use crate::{
    OrgFilter, OrgKind, Organisation, Region, ReorganisationId, Standing, find_orgs_in_region, org,
    org_history, region, region_children_page, search_orgs,
};

object! {
    /// An administrative division.
    RegionOut {
        /// Official code, 12 digits.
        code: String { "pattern": "^[0-9]{12}$", "examples": ["500106000000"] },
        /// Full name.
        name: String { "examples": ["沙坪坝区"] },
        /// Kind in the source's words.
        kind: String { "examples": ["区"] },
        /// Code of the division around it; null for the outermost.
        parent: Option<String>,
        /// Residents; null where no source states them.
        population: Option<i64> { "minimum": 0 },
        /// The day for which the residents are stated.
        population_on: Option<String> { "format": "date" },
        /// Where the number of residents comes from.
        population_source: Option<String>,
        /// First day on which the code is valid.
        valid_from: String { "format": "date" },
        /// First day on which it is no longer; null while it is.
        valid_to: Option<String> { "format": "date" },
    }

    /// An organisation that runs learning.
    OrgOut {
        /// Identifier.
        id: Id<Org>,
        /// What it is.
        kind: OrgKind,
        /// Name.
        name: String { "examples": ["天星桥街道社区学校"] },
        /// Code of the division in which it lies.
        region: String { "pattern": "^[0-9]{12}$" },
        /// The organisation above it; null for the uppermost.
        parent: Option<Id<Org>>,
        /// Address.
        address: String,
        /// Telephone.
        phone: String,
        /// Hours of opening, in words.
        hours: String,
        /// The same as programs read it: OpenStreetMap's `opening_hours`; empty if they are not known.
        opening_hours: String { "examples": ["Mo-Fr 08:30-12:00,14:00-17:30; PH off"] },
        /// Longitude in degrees (WGS 84).
        longitude: Option<f64> { "minimum": -180, "maximum": 180 },
        /// Latitude in degrees (WGS 84).
        latitude: Option<f64> { "minimum": -90, "maximum": 90 },
        /// Whether it still runs.
        open: bool,
        /// The organisation that took it in; null for most.
        successor: Option<Id<Org>>,
        /// Whether it was made up for demonstration.
        demo: bool,
    }
}

object! {
    /// How an organisation stood in the network.
    StandingOut {
        /// Name.
        name: String,
        /// Code of the division that it served.
        region: String { "pattern": "^[0-9]{12}$" },
        /// The organisation above it.
        parent: Option<Id<Org>>,
        /// The day from which it is closed.
        closed_on: Option<String> { "format": "date" },
        /// The organisation that took it in.
        successor: Option<Id<Org>>,
    }

    /// A change of an organisation.
    OrgChangeOut {
        /// From when it holds.
        effective_on: String { "format": "date" },
        /// When it was written down.
        changed_at: String { "format": "date-time" },
        /// The reorganisation that it belongs to.
        reorganisation: Option<ReorganisationId>,
        /// How it stood before; null if it began.
        before: Option<StandingOut>,
        /// How it stands since.
        after: StandingOut,
    }

    /// What changed about an organisation.
    OrgHistoryOut {
        /// Which.
        organisation: Id<Org>,
        /// The changes, the newest first, at most 200.
        changes: Vec<OrgChangeOut>,
    }
}

fn standing_out(standing: Standing) -> StandingOut {
    StandingOut {
        name: standing.name,
        region: standing.region_code.to_string(),
        parent: standing.parent_id,
        closed_on: standing.closed_on.map(|day| day.to_string()),
        successor: standing.successor,
    }
}

async fn history(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let read = cx.store.read(move |tx| {
        org(tx, id)?.ok_or_else(Error::missing)?;
        org_history(tx, id, 200)
    });
    let changes = read.await?.into_iter().map(|change| OrgChangeOut {
        effective_on: change.effective_on.to_string(),
        changed_at: change.changed_at.rfc3339(),
        reorganisation: change.reorganisation_id,
        before: change.before.map(standing_out),
        after: standing_out(change.after),
    });
    cx.json(StatusCode::OK, &OrgHistoryOut { organisation: id, changes: changes.collect() })
}

fn region_out(region: Region) -> RegionOut {
    RegionOut {
        code: region.code.to_string(),
        name: region.name,
        kind: region.kind,
        parent: region.parent.map(|code| code.to_string()),
        population: region.population,
        population_on: region.population_on.map(|day| day.to_string()),
        population_source: region.population_source,
        valid_from: region.valid_from.to_string(),
        valid_to: region.valid_to.map(|day| day.to_string()),
    }
}

fn org_out(cx: &Cx, org: Organisation) -> OrgOut {
    let hours = org.hours_text(cx.lang);
    OrgOut {
        id: org.org_id,
        kind: org.kind,
        open: org.is_open(),
        successor: org.successor(),
        name: org.name,
        region: org.region_code.to_string(),
        parent: org.parent_id,
        address: org.address,
        phone: org.phone,
        hours,
        opening_hours: org.opening.to_string(),
        longitude: org.lon,
        latitude: org.lat,
        demo: org.demo,
    }
}

pub(super) fn routes() -> Routes {
    let orgs = Operation::new::<Part<OrgOut>>("places", "Organisations, by place and name")
        .query(
            "region",
            "Only inside of this division.",
            json!({ "type": "string", "pattern": "^[0-9]{12}$", "examples": ["500106000000"] }),
        )
        .query("kind", "Only of this kind.", OrgKind::schema(&mut Schemas::new()))
        .query(
            "q",
            "Only with this in their name.",
            json!({ "type": "string", "maxLength": 60, "pattern": LINE }),
        )
        .paged();
    Routes::new()
        .api(
            Method::GET,
            "/api/v1/regions/{code}",
            Access::Public,
            Operation::new::<RegionOut>("places", "A division"),
            one_region,
        )
        .api(
            Method::GET,
            "/api/v1/regions/{code}/regions",
            Access::Public,
            Operation::new::<Part<RegionOut>>("places", "The divisions of a division").paged(),
            regions,
        )
        .api(Method::GET, "/api/v1/organisations", Access::Public, orgs, organisations)
        .api(
            Method::GET,
            "/api/v1/organisations/{org}",
            Access::Public,
            Operation::new::<OrgOut>("places", "An organisation"),
            one_org,
        )
        .api(
            Method::GET,
            "/api/v1/organisations/{org}/history",
            Access::Public,
            Operation::new::<OrgHistoryOut>("places", "What changed about an organisation"),
            history,
        )
}

async fn one_region(cx: Cx, Path(code): Path<RegionCode>) -> ::web::Result {
    let found = cx.store.read(move |tx| region(tx, &code)).await?.ok_or_else(Error::missing)?;
    cx.json(StatusCode::OK, &region_out(found))
}

async fn regions(cx: Cx, Path(code): Path<RegionCode>) -> ::web::Result {
    let wanted = page(&cx);
    let read = cx.store.read(move |tx| {
        region(tx, &code)?.ok_or_else(Error::missing)?;
        region_children_page(tx, &code, &wanted)
    });
    cx.json(StatusCode::OK, &Part::of(read.await?, region_out))
}

async fn organisations(cx: Cx) -> ::web::Result {
    let wanted = page(&cx);
    let filter = OrgFilter { kind: cx.param_as("kind"), search: cx.param("q").to_owned(), closed: false };
    let inside: Option<RegionCode> = cx.param_as("region");
    let read = cx.store.read(move |tx| match &inside {
        Some(code) => find_orgs_in_region(tx, code, &filter, &wanted),
        None => search_orgs(tx, &filter, &wanted),
    });
    cx.json(StatusCode::OK, &Part::of(read.await?, |org| org_out(&cx, org)))
}

async fn one_org(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let found = cx.store.read(move |tx| org(tx, id)).await?.ok_or_else(Error::missing)?;
    cx.json(StatusCode::OK, &org_out(&cx, found))
}
