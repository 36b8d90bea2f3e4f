//! Search and passport for programs.

use ::search::Query;
use axum::http::{Method, StatusCode};
use catalog::{OfferId, OfferKind};
use kernel::{Error, Id, Org, Person};
use web::{
    Access, Cx, Routes,
    api::{Described, LINE, Operation, Part, Schemas, Scope, json},
    object,
};

use super::found::load;
use crate::Finder;

object! {
    /// An offer that was found.
    FoundOut {
        /// Identifier of the offer.
        offer: OfferId,
        /// Title.
        title: String,
        /// One sentence.
        summary: String,
        /// What it is.
        kind: OfferKind,
        /// Who offers it.
        organisation: Id<Org>,
        /// Name of who offers it.
        organisation_name: String,
        /// What it costs, in fen.
        cost_fen: i64 { "minimum": 0 },
        /// The class that can be joined next; null if there is none.
        next_class: Option<activities::ClassId>,
        /// Its free seats, from the database.
        free: Option<i64> { "minimum": 0 },
        /// When it begins.
        starts_at: Option<String> { "format": "date-time" },
        /// Opening hours in words, of what is open without classes; null for all else.
        open: Option<String>,
    }

    /// Everything that the holder learned, in sums.
    Passport {
        /// Who.
        person: Id<Person>,
        /// Her name.
        name: String,
        /// Sessions attended.
        sessions: i64 { "minimum": 0 },
        /// Minutes recorded.
        minutes: i64 { "minimum": 0 },
        /// Credit in thousandths.
        credit_thousandths: i64,
        /// Certificates that hold.
        certificates: i64 { "minimum": 0 },
    }
}

pub(super) fn routes() -> Routes {
    let district = json!({ "type": "string", "pattern": "^[0-9]{12}$", "examples": ["500106000000"] });
    let find = Operation::new::<Part<FoundOut>>("offers", "Find offers, the best first")
        .query(
            "q",
            "What somebody would type: subject, place and time in any order.",
            json!({ "type": "string", "maxLength": 100, "pattern": LINE, "examples": ["书法 天星桥"] }),
        )
        .query("region", "Only inside of this division.", district)
        .query("kind", "Only of this kind.", OfferKind::schema(&mut Schemas::new()))
        .query("free", "Only what costs nothing.", json!({ "type": "boolean" }))
        // By rank nothing can be asked for that comes after a key.
        .query("offset", "Hits to pass over.", json!({ "type": "integer", "minimum": 0, "maximum": 10_000 }))
        .query(
            "limit",
            "Most hits wanted.",
            json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }),
        );
    let found = Routes::new()
        .api(Method::GET, "/api/v1/search", Access::Public, find, search)
        .kept(web::Keep::Checked)
        .ranked(web::Rank::Heavy);
    found.api(
        Method::GET,
        "/api/v1/me",
        Access::SignedIn,
        Operation::new::<Passport>("me", "My learning passport, in sums").scope(Scope::MeRead),
        me,
    )
}

async fn search(cx: Cx) -> web::Result {
    let limit = cx.param_as::<usize>("limit").unwrap_or(20).clamp(1, 100);
    let offset = cx.param_as::<usize>("offset").unwrap_or(0);
    let given = |name: &str| Some(cx.param(name).to_owned()).filter(|text| !text.is_empty());
    let query = Query {
        place_code: given("region"),
        kind: given("kind"),
        facets: if cx.param("free") == "true" {
            vec![("cost".to_owned(), "free".to_owned())]
        } else {
            Vec::new()
        },
        now: Some(cx.now.millis()),
        limit,
        offset,
        ..Query::text(cx.param("q"))
    };
    let finder = cx.get::<Finder>()?;
    let hits = tokio::task::spawn_blocking(move || finder.search(&query))
        .await
        .map_err(|error| Error::bug("the search was broken off").caused_by(error))??;
    let more = (offset + hits.hits.len()) as u64;
    let next = (more < hits.total && !hits.hits.is_empty()).then(|| more.to_string());
    let found = cx.store.read(move |tx| load(tx, &hits)).await?;
    activities::keep_while_unchanged(&cx, found.iter().filter_map(|found| found.next.as_ref()));
    let items = found.into_iter().map(|found| FoundOut {
        offer: found.offer.offer_id,
        title: found.offer.title,
        summary: found.offer.summary,
        kind: found.offer.kind,
        organisation: found.org.org_id,
        open: (!found.offer.kind.has_classes()).then(|| found.org.hours_text(cx.lang)),
        organisation_name: found.org.name,
        cost_fen: found.offer.cost_fen,
        free: found.next.as_ref().map(activities::Class::free),
        starts_at: found.next.as_ref().map(|class| class.starts_at.rfc3339()),
        next_class: found.next.map(|class| class.class_id),
    });
    cx.json(StatusCode::OK, &Part { items: items.collect(), next })
}

async fn me(cx: Cx) -> web::Result {
    let person = cx.signed_in()?;
    let name = cx.display_name.clone().unwrap_or_default();
    let read = cx.store.read(move |tx| {
        let (sessions, minutes) = learning::sums_of_person(tx, person)?;
        Ok(Passport {
            person,
            name: name.clone(),
            sessions,
            minutes: minutes.0,
            credit_thousandths: bank::balance(tx, person)?.0,
            certificates: credentials::count_of_person(tx, person)?,
        })
    });
    cx.json(StatusCode::OK, &read.await?)
}
