//! The offers of an organisation.

use askama::Template;
use kernel::{Error, Id, Org, PageRequest, Paged, Right};
use network::{Organisation, access};
use web::{Cx, Path};

use crate::{Offer, OfferFilter, OfferStatus, counts_by_status, offers_of_org, web::yuan};

/// Rows of a page.
const A_PAGE: usize = 20;

/// One tab: a status or all.
struct Tab {
    label: String,
    count: i64,
    href: String,
    current: &'static str,
}

struct Line {
    offer: Offer,
    kind: String,
    status: String,
    class: &'static str,
    cost: String,
}

#[derive(Template)]
#[template(path = "offers.html")]
struct OffersPage {
    cx: Cx,
    org: Organisation,
    tabs: Vec<Tab>,
    offers: Paged<Line>,
    status: String,
    filtered: bool,
}

/// `/desk/orgs/{org}/offers?q=…&status=…&after=…`
pub(super) async fn page(cx: Cx, Path(org_id): Path<Id<Org>>) -> web::Result {
    let status: Option<OfferStatus> = cx.param_as("status");
    let filter = OfferFilter { status, search: cx.param("q").to_owned(), ..OfferFilter::default() };
    let after = Some(cx.param("after").to_owned()).filter(|key| !key.is_empty());
    let wanted = PageRequest { after, size: A_PAGE };
    let filtered = status.is_some() || !filter.search.is_empty();
    let actor = cx.actor.clone();
    let read = cx.store.read(move |tx| {
        access::require(tx, &actor, Right::ManageOffers, org_id)?;
        let org = network::org(tx, org_id)?.ok_or_else(Error::missing)?;
        Ok((org, counts_by_status(tx, org_id)?, offers_of_org(tx, org_id, &wanted, &filter)?))
    });
    let (org, counts, offers) = read.await?;
    let base = format!("/desk/orgs/{org_id}/offers");
    let mut tabs = vec![Tab {
        label: cx.t("catalog-status-all"),
        count: counts.values().sum(),
        href: base.clone(),
        current: if status.is_none() { "page" } else { "false" },
    }];
    tabs.extend(OfferStatus::ALL.iter().map(|each| Tab {
        label: cx.t(&each.message_key()),
        count: counts.get(each).copied().unwrap_or(0),
        href: format!("{base}?status={each}"),
        current: if status == Some(*each) { "page" } else { "false" },
    }));
    let line = |offer: Offer| Line {
        kind: cx.t(&offer.kind.message_key()),
        status: cx.t(&offer.status.message_key()),
        class: if offer.status == OfferStatus::Published { "ok" } else { "" },
        cost: if offer.cost_fen == 0 {
            cx.t("catalog-free")
        } else {
            cx.t1("catalog-yuan", "amount", yuan(offer.cost_fen))
        },
        offer,
    };
    let offers = Paged { rows: offers.rows.into_iter().map(line).collect(), next: offers.next };
    let status = status.map(|status| status.to_string()).unwrap_or_default();
    cx.page(&OffersPage { cx: cx.clone(), org, tabs, offers, status, filtered })
}
