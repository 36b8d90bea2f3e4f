//! The network for programs: divisions and organisations.

use ::web::{
    Access, Cx, Path, Routes,
    api::{Described, LINE, Operation, Part, Schemas, json, page},
    object,
};
use axum::http::{Method, StatusCode};
use kernel::{Error, Id, Org, RegionCode};

use crate::{
    OrgFilter, OrgKind, Organisation, Region, find_orgs_in_region, org, region, region_children_page,
    search_orgs,
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
        /// Whether it was made up for demonstration.
        demo: bool,
    }
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
    }
}

fn org_out(cx: &Cx, org: Organisation) -> OrgOut {
    let hours = org.hours_text(cx.lang);
    OrgOut {
        id: org.org_id,
        kind: org.kind,
        open: org.is_open(),
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
