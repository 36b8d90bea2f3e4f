#![doc = include_str!("../README.md")]

mod draft_offer;
pub mod facts;
mod import_subjects;
mod lines;
mod model;
mod publish_offer;
mod put_back;
mod read;
pub mod testing;
mod web;

pub use self::web::{NextClass, OfferList};
pub use draft_offer::{
    BAD_COST, BODY_MAX, BRING_MAX, COST_FEN_MAX, DraftOffer, EditOffer, NO_SUBJECT, ORG_CLOSED, OfferWords,
    SUMMARY_MAX, TITLE_MAX, draft_offer, edit_offer,
};
pub use import_subjects::{BAD_SUBJECT_CODE, SUBJECT_TWICE, SubjectRow, import_subjects, read_subjects};
pub use lines::{
    OFFERS, OfferLine, OfferListFilter, count_offers, lines_behind, mend_lines, offer_lines, offers_matching,
};
pub use model::{Audience, OFFER, Offer, OfferId, OfferKind, OfferMark, OfferStatus, SUBJECT, Subject};
pub use publish_offer::{ALREADY_PUBLISHED, NOT_PUBLISHED, publish_offer, withdraw_offer};
pub use put_back::{OfferWas, PutBack, put_back};
pub use read::{
    OfferFilter, counts_by_status, managed_offer, offer, offers_by_ids, offers_of_org, published_after,
    published_counts, published_of_org, subject, subject_path, subjects,
};

pub use self::web::fen;

/// The domain's tables.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!("catalog"; 1 "0001_catalog", 2 "0002_offer_line");

/// The domain's pages.
pub fn routes() -> ::web::Routes {
    web::routes()
}

/// What follows the journal for this domain: nothing.
pub fn consumers() -> Vec<std::sync::Arc<dyn journal::Consumer>> {
    Vec::new()
}

::web::messages!("zh-CN" => include_str!("../i18n/zh-CN.ftl"), "en" => include_str!("../i18n/en.ftl"));
