//! The catalogue for programs: offers, and writing them.

use ::web::{
    Access, Cx, Path, Routes,
    api::{Body, Key, LINE, Operation, Part, Scope, TEXT, page},
    input, object,
};
use axum::http::{Method, StatusCode};
use kernel::{Actor, Error, Id, Org, Paged, Right, Timestamp};
use network::access;
use store::Tx;

use super::{STAFF, edit};
use crate::{
    Audience, BODY_MAX, BRING_MAX, COST_FEN_MAX, DraftOffer, EditOffer, Offer, OfferId, OfferKind,
    OfferStatus, SUMMARY_MAX, TITLE_MAX, draft_offer, edit_offer, offer, offers_of_org, publish_offer,
    published_after, withdraw_offer,
};

object! {
    /// An offer of the catalogue.
    OfferOut {
        /// Identifier.
        id: OfferId,
        /// Who offers it.
        organisation: Id<Org>,
        /// What it is.
        kind: OfferKind,
        /// Title.
        title: String { "examples": ["书法入门"] },
        /// One sentence.
        summary: String,
        /// What is learned.
        body: String,
        /// Code of its subject, four digits.
        subject: String { "examples": ["0501"] },
        /// Whom it is made for.
        audience: Audience,
        /// What it costs, in fen (hundredths of a yuan).
        cost_fen: i64 { "minimum": 0, "maximum": 1_000_000 },
        /// What to bring.
        bring: String,
        /// How it stands.
        status: OfferStatus,
        /// When it was published first.
        published_at: Option<String> { "format": "date-time" },
        /// Counts the changes; to be given when it is changed.
        revision: i64 { "minimum": 1 },
    }

    /// What was made.
    MadeOffer {
        /// Its identifier.
        id: OfferId,
    }
}

input! {
    /// The words of an offer.
    OfferIn {
        /// What it is.
        kind: OfferKind,
        /// Title.
        title: String { "maxLength": TITLE_MAX, "pattern": LINE, "examples": ["书法入门"] },
        /// One sentence for lists; needed for publishing.
        summary: Option<String> { "maxLength": SUMMARY_MAX, "pattern": TEXT },
        /// What is learned; needed for publishing.
        body: Option<String> { "maxLength": BODY_MAX, "pattern": TEXT },
        /// Code of a subject, four digits.
        subject: String { "pattern": "^[0-9]{4}$", "examples": ["0501"] },
        /// Whom it is made for.
        audience: Audience,
        /// What it costs, in fen.
        cost_fen: i64 { "minimum": 0, "maximum": COST_FEN_MAX },
        /// What to bring.
        bring: Option<String> { "maxLength": BRING_MAX, "pattern": TEXT },
    }

    /// Changed words of an offer.
    OfferEditIn {
        /// The revision that was read; if it changed since, nothing is done.
        revision: i64 { "minimum": 1 },
        /// What it is.
        kind: OfferKind,
        /// Title.
        title: String { "maxLength": TITLE_MAX, "pattern": LINE, "examples": ["书法入门"] },
        /// One sentence for lists.
        summary: Option<String> { "maxLength": SUMMARY_MAX, "pattern": TEXT },
        /// What is learned.
        body: Option<String> { "maxLength": BODY_MAX, "pattern": TEXT },
        /// Code of a subject, four digits.
        subject: String { "pattern": "^[0-9]{4}$", "examples": ["0501"] },
        /// Whom it is made for.
        audience: Audience,
        /// What it costs, in fen.
        cost_fen: i64 { "minimum": 0, "maximum": COST_FEN_MAX },
        /// What to bring.
        bring: Option<String> { "maxLength": BRING_MAX, "pattern": TEXT },
    }
}

fn out(offer: Offer) -> OfferOut {
    OfferOut {
        id: offer.offer_id,
        organisation: offer.org_id,
        kind: offer.kind,
        title: offer.title,
        summary: offer.summary,
        body: offer.body,
        subject: offer.subject_code,
        audience: offer.audience,
        cost_fen: offer.cost_fen,
        bring: offer.bring,
        status: offer.status,
        published_at: offer.published_at.map(Timestamp::rfc3339),
        revision: offer.rev,
    }
}

pub(super) fn routes() -> Routes {
    let desk = |operation: Operation| operation.scope(Scope::Desk);
    Routes::new()
        .api(
            Method::GET,
            "/api/v1/offers",
            Access::Public,
            Operation::new::<Part<OfferOut>>(
                "offers",
                "All published offers, in the order in which they were written",
            )
            .paged(),
            list,
        )
        .api(
            Method::GET,
            "/api/v1/offers/{offer}",
            Access::Public,
            Operation::new::<OfferOut>("offers", "An offer"),
            one,
        )
        .api(
            Method::GET,
            "/api/v1/organisations/{org}/offers",
            STAFF,
            desk(
                Operation::new::<Part<OfferOut>>("desk", "All offers of an organisation, drafts too").paged(),
            ),
            of_org,
        )
        .api(
            Method::POST,
            "/api/v1/organisations/{org}/offers",
            STAFF,
            desk(Operation::new::<MadeOffer>("desk", "Write a new offer").body::<OfferIn>().creates().once()),
            draft,
        )
        .api(
            Method::PUT,
            "/api/v1/offers/{offer}",
            STAFF,
            desk(Operation::new::<OfferOut>("desk", "Change the words of an offer").body::<OfferEditIn>()),
            edit,
        )
        .api(
            Method::POST,
            "/api/v1/offers/{offer}/publish",
            STAFF,
            desk(Operation::new::<OfferOut>("desk", "Publish an offer").once()),
            publish,
        )
        .api(
            Method::POST,
            "/api/v1/offers/{offer}/withdraw",
            STAFF,
            desk(Operation::new::<OfferOut>("desk", "Withdraw an offer").once()),
            withdraw,
        )
}

async fn list(cx: Cx) -> ::web::Result {
    let wanted = page(&cx);
    let after: Option<OfferId> = wanted.after.as_deref().map(str::parse).transpose()?;
    let size = wanted.size;
    let rows = cx.store.read(move |tx| published_after(tx, after, size + 1)).await?;
    let part: Paged<Offer> = network::paged(rows, size, |offer| offer.offer_id.to_string());
    cx.json(StatusCode::OK, &Part::of(part, out))
}

async fn one(cx: Cx, Path(id): Path<OfferId>) -> ::web::Result {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let found = offer(tx, id)?.ok_or_else(Error::missing)?;
        let seen = found.status == OfferStatus::Published
            || access::may(tx, &actor, Right::ManageOffers, found.org_id)?;
        if seen { Ok(found) } else { Err(Error::missing()) }
    });
    cx.json(StatusCode::OK, &out(read.await?))
}

async fn of_org(cx: Cx, Path(org_id): Path<Id<Org>>) -> ::web::Result {
    let (wanted, actor) = (page(&cx), cx.actor.clone());
    let read = cx.store.read(move |tx| {
        network::org(tx, org_id)?.ok_or_else(Error::missing)?;
        access::require(tx, &actor, Right::ManageOffers, org_id)?;
        offers_of_org(tx, org_id, &wanted, &crate::OfferFilter::default())
    });
    cx.json(StatusCode::OK, &Part::of(read.await?, out))
}

async fn draft(cx: Cx, Path(org_id): Path<Id<Org>>, Key(key): Key, body: Body) -> ::web::Result {
    let mut form = body.form(&key);
    let words = edit::api_words(&mut form);
    form.finish()?;
    let words = words.ok_or_else(|| Error::bug("an unread body"))?;
    let cmd = DraftOffer { org_id, words, demo: cx.site.demo };
    let actor = cx.actor.clone();
    let write = cx.store.write("catalog.draft_offer", move |tx| {
        journal::once(tx, &actor, &key, &(org_id, &cmd.words), |tx| draft_offer(tx, &actor, &cmd))
    });
    cx.json(StatusCode::CREATED, &MadeOffer { id: write.await? })
}

async fn edit(cx: Cx, Path(offer_id): Path<OfferId>, Key(key): Key, body: Body) -> ::web::Result {
    let mut form = body.form(&key);
    let words = edit::api_words(&mut form);
    let rev = form.int("revision", 1..=i64::MAX);
    form.finish()?;
    let words = words.ok_or_else(|| Error::bug("an unread body"))?;
    let cmd = EditOffer { offer_id, rev, words };
    let actor = cx.actor.clone();
    let write = cx.store.write("catalog.edit_offer", move |tx| {
        edit_offer(tx, &actor, &cmd)?;
        offer(tx, offer_id)?.ok_or_else(Error::missing)
    });
    cx.json(StatusCode::OK, &out(write.await?))
}

async fn publish(cx: Cx, path: Path<OfferId>, key: Key) -> ::web::Result {
    change(cx, path, key, "catalog.publish_offer", publish_offer).await
}

async fn withdraw(cx: Cx, path: Path<OfferId>, key: Key) -> ::web::Result {
    change(cx, path, key, "catalog.withdraw_offer", withdraw_offer).await
}

async fn change(
    cx: Cx,
    Path(id): Path<OfferId>,
    Key(key): Key,
    name: &'static str,
    command: fn(&mut Tx, &Actor, OfferId) -> kernel::Result<()>,
) -> ::web::Result {
    let actor = cx.actor.clone();
    let write = cx.store.write(name, move |tx| {
        journal::once(tx, &actor, &key, &(name, id), |tx| command(tx, &actor, id))?;
        offer(tx, id)?.ok_or_else(Error::missing)
    });
    cx.json(StatusCode::OK, &out(write.await?))
}
