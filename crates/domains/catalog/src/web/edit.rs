//! Writing an offer and changing its words.

use askama::Template;
use kernel::{Error, Id, Org, Right};
use network::{Organisation, access};
use store::Tx;
use web::{Choice, Cx, Form, FormState, Max, Path};

use crate::{
    Audience, BAD_COST, BODY_MAX, BRING_MAX, COST_FEN_MAX, DraftOffer, EditOffer, Offer, OfferId, OfferKind,
    OfferWords, SUMMARY_MAX, Subject, TITLE_MAX, draft_offer, edit_offer, managed_offer, subjects,
    web::{fen, yuan},
};

#[derive(Template)]
#[template(path = "offer_form.html")]
struct FormPage {
    cx: Cx,
    org: Organisation,
    offer: Option<Offer>,
    action: String,
    form: FormState,
    kinds: Vec<Choice>,
    audiences: Vec<Choice>,
    subjects: Vec<Choice>,
}

/// `/desk/orgs/{org}/offers/new`
pub(super) async fn new_form(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        access::require(tx, &actor, Right::ManageOffers, org_id)?;
        surroundings(tx, org_id)
    });
    let (org, subjects) = read.await?;
    let form = FormState::new(&cx)
        .with("kind", OfferKind::Course)
        .with("audience", Audience::Everyone)
        .with("cost", "0");
    cx.page(&page(&cx, org, None, subjects, form))
}

/// Takes the new offer.
pub(super) async fn draft(cx: Cx, Path(org_id): Path<Id<Org>>, mut form: Form) -> web::Result {
    let words = words(&mut form);
    let demo = cx.site.demo;
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let done = match form.finish() {
        Ok(()) => {
            let cmd = words
                .map(|words| DraftOffer { org_id, words, demo })
                .ok_or_else(|| Error::bug("an unread form"))?;
            let write = cx.store.write("catalog.draft_offer", move |tx| {
                journal::once(tx, &actor, &key, &(org_id, &cmd.words), |tx| draft_offer(tx, &actor, &cmd))
            });
            write.await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(id) => Ok(cx.done(&format!("/desk/offers/{id}/publish"), &cx.t("catalog-drafted"))),
        Err(error) => {
            let form = form.state(&cx, error)?;
            let actor = cx.actor.clone();
            let read = cx.store.read(move |tx| {
                access::require(tx, &actor, Right::ManageOffers, org_id)?;
                surroundings(tx, org_id)
            });
            let (org, subjects) = read.await?;
            cx.invalid(&page(&cx, org, None, subjects, form))
        }
    }
}

/// `/desk/offers/{id}/edit`
pub(super) async fn edit_form(cx: Cx, Path(id): Path<OfferId>) -> web::Result {
    let (offer, org, subjects) = known(&cx, id).await?;
    let form = FormState::new(&cx)
        .with("kind", offer.kind)
        .with("title", &offer.title)
        .with("summary", &offer.summary)
        .with("body", &offer.body)
        .with("subject", &offer.subject_code)
        .with("audience", offer.audience)
        .with("cost", yuan(offer.cost_fen))
        .with("bring", &offer.bring)
        .with("rev", offer.rev);
    cx.page(&page(&cx, org, Some(offer), subjects, form))
}

/// Takes the new words.
pub(super) async fn save(cx: Cx, Path(id): Path<OfferId>, mut form: Form) -> web::Result {
    let words = words(&mut form);
    let rev = form.int("rev", 1..=i64::MAX);
    let actor = cx.actor.clone();
    let done = match form.finish() {
        Ok(()) => {
            let words = words.ok_or_else(|| Error::bug("an unread form"))?;
            let cmd = EditOffer { offer_id: id, rev, words };
            cx.store.write("catalog.edit_offer", move |tx| edit_offer(tx, &actor, &cmd)).await
        }
        Err(wrong) => Err(wrong),
    };
    let (offer, org, subjects) = known(&cx, id).await?;
    match done {
        Ok(()) => Ok(cx.done(
            &format!("/desk/orgs/{}/offers", org.org_id),
            &cx.t1("catalog-saved", "title", &offer.title),
        )),
        Err(error) => {
            let form = form.state(&cx, error)?;
            cx.invalid(&page(&cx, org, Some(offer), subjects, form))
        }
    }
}

async fn known(cx: &Cx, id: OfferId) -> kernel::Result<(Offer, Organisation, Vec<Subject>)> {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let offer = managed_offer(tx, &actor, id)?;
        let (org, subjects) = surroundings(tx, offer.org_id)?;
        Ok((offer, org, subjects))
    });
    read.await
}

fn surroundings(tx: &mut Tx, org_id: Id<Org>) -> kernel::Result<(Organisation, Vec<Subject>)> {
    Ok((network::org(tx, org_id)?.ok_or_else(Error::missing)?, subjects(tx)?))
}

/// What was typed; `None` when a choice is missing, which the form has noted.
fn words(form: &mut Form) -> Option<OfferWords> {
    let cost_fen = fen(form.raw("cost")).filter(|fen| (0..=COST_FEN_MAX).contains(fen));
    if cost_fen.is_none() {
        form.wrong("cost", &BAD_COST);
    }
    the_words(form, cost_fen)
}

/// The same from a program, which gives the price in fen.
pub(super) fn api_words(form: &mut Form) -> Option<OfferWords> {
    let cost_fen = form.int("cost_fen", 0..=COST_FEN_MAX);
    the_words(form, Some(cost_fen))
}

fn the_words(form: &mut Form, cost_fen: Option<i64>) -> Option<OfferWords> {
    let kind = form.choice("kind");
    let audience = form.choice("audience");
    let title = form.required_text("title", Max(TITLE_MAX));
    let summary = form.text("summary", Max(SUMMARY_MAX));
    let body = form.text("body", Max(BODY_MAX));
    let subject_code = form.required_text("subject", Max(4));
    let bring = form.text("bring", Max(BRING_MAX));
    Some(OfferWords {
        kind: kind?,
        title,
        summary,
        body,
        subject_code,
        audience: audience?,
        cost_fen: cost_fen?,
        bring,
    })
}

fn page(
    cx: &Cx,
    org: Organisation,
    offer: Option<Offer>,
    subjects: Vec<Subject>,
    form: FormState,
) -> FormPage {
    let field = |subject: &Subject| {
        let parent = subject.parent.as_deref()?;
        subjects.iter().find(|field| field.code == parent).map(|field| field.name.clone())
    };
    let choices = subjects
        .iter()
        .filter(|subject| subject.parent.is_some())
        .map(|subject| {
            Choice::new(&subject.code, format!("{} › {}", field(subject).unwrap_or_default(), subject.name))
        })
        .collect();
    FormPage {
        action: match &offer {
            Some(offer) => format!("/desk/offers/{}/edit", offer.offer_id),
            None => format!("/desk/orgs/{}/offers/new", org.org_id),
        },
        kinds: OfferKind::ALL.iter().map(|kind| Choice::new(kind, cx.t(&kind.message_key()))).collect(),
        audiences: Audience::ALL.iter().map(|each| Choice::new(each, cx.t(&each.message_key()))).collect(),
        subjects: choices,
        cx: cx.clone(),
        org,
        offer,
        form,
    }
}
