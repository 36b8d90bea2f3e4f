//! Publishing and withdrawing, each after a look at what it will mean.

use askama::Template;
use axum::response::Response;
use kernel::{Actor, Error};
use network::Organisation;
use store::Tx;
use web::{Cx, Form, FormState, Path};

use crate::{
    Offer, OfferId, OfferStatus, Subject, managed_offer, publish_offer, subject_path, web::yuan,
    withdraw_offer,
};

#[derive(Template)]
#[template(path = "offer_status.html")]
struct ConfirmPage {
    cx: Cx,
    org: Organisation,
    offer: Offer,
    subject: Vec<Subject>,
    cost: String,
    form: FormState,
    publishes: bool,
    /// Whether the offer stands so that the question makes sense.
    possible: bool,
    complete: bool,
}

/// `/desk/offers/{id}/publish`
pub(super) async fn ask_publish(cx: Cx, Path(id): Path<OfferId>) -> web::Result {
    let form = FormState::new(&cx);
    let page = page(&cx, id, form, true).await?;
    cx.page(&page)
}

/// `/desk/offers/{id}/withdraw`
pub(super) async fn ask_withdraw(cx: Cx, Path(id): Path<OfferId>) -> web::Result {
    let form = FormState::new(&cx);
    let page = page(&cx, id, form, false).await?;
    cx.page(&page)
}

/// Publishes.
pub(super) async fn publish(cx: Cx, Path(id): Path<OfferId>, form: Form) -> web::Result {
    change(cx, id, form, true, "catalog.publish_offer", publish_offer).await
}

/// Withdraws.
pub(super) async fn withdraw(cx: Cx, Path(id): Path<OfferId>, form: Form) -> web::Result {
    change(cx, id, form, false, "catalog.withdraw_offer", withdraw_offer).await
}

async fn change(
    cx: Cx,
    id: OfferId,
    form: Form,
    publishes: bool,
    name: &'static str,
    command: fn(&mut Tx, &Actor, OfferId) -> kernel::Result<()>,
) -> web::Result<Response> {
    let (actor, key) = (cx.actor.clone(), form.key().to_owned());
    let write = cx
        .store
        .write(name, move |tx| journal::once(tx, &actor, &key, &(name, id), |tx| command(tx, &actor, id)));
    match write.await {
        Ok(()) => {
            let page = page(&cx, id, FormState::new(&cx), publishes).await?;
            let said = if publishes { "catalog-published" } else { "catalog-withdrawn" };
            Ok(cx.done(
                &format!("/desk/orgs/{}/offers", page.org.org_id),
                &cx.t1(said, "title", &page.offer.title),
            ))
        }
        Err(error) => {
            let form = form.state(&cx, error)?;
            let page = page(&cx, id, form, publishes).await?;
            cx.invalid(&page)
        }
    }
}

async fn page(cx: &Cx, id: OfferId, form: FormState, publishes: bool) -> kernel::Result<ConfirmPage> {
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        let offer = managed_offer(tx, &actor, id)?;
        let org = network::org(tx, offer.org_id)?.ok_or_else(Error::missing)?;
        let subject = subject_path(tx, &offer.subject_code)?;
        Ok((offer, org, subject))
    });
    let (offer, org, subject) = read.await?;
    Ok(ConfirmPage {
        cost: if offer.cost_fen == 0 {
            cx.t("catalog-free")
        } else {
            cx.t1("catalog-yuan", "amount", yuan(offer.cost_fen))
        },
        possible: (offer.status == OfferStatus::Published) != publishes,
        complete: !offer.summary.is_empty() && !offer.body.is_empty(),
        cx: cx.clone(),
        org,
        offer,
        subject,
        form,
        publishes,
    })
}
