//! Subjects and offers for the tests of this and later domains.

use kernel::{Actor, Id, Org, Result};
use store::Tx;

use crate::{
    Audience, DraftOffer, OfferId, OfferKind, OfferWords, SubjectRow, draft_offer, import_subjects,
    publish_offer,
};

/// Some subjects: field 03 with 0301 and 0302.
pub fn some_subjects(tx: &mut Tx) -> Result<usize> {
    let row = |line, code: &str, name: &str, parent: &str| SubjectRow {
        line,
        code: code.to_owned(),
        name: name.to_owned(),
        parent: parent.to_owned(),
        isced_f: "0213".to_owned(),
        examples: String::new(),
    };
    let rows = [row(2, "03", "艺术修养", ""), row(3, "0301", "书法", "03"), row(4, "0302", "国画", "03")];
    import_subjects(tx, &Actor::System("test"), &rows)
}

/// The words of an offer of calligraphy.
pub fn words(title: &str) -> OfferWords {
    OfferWords {
        kind: OfferKind::Course,
        title: title.to_owned(),
        summary: "从握笔开始，学写楷书。".to_owned(),
        body: "认识笔墨纸砚。\n练习基本笔画和常用字。".to_owned(),
        subject_code: "0301".to_owned(),
        audience: Audience::Everyone,
        cost_fen: 0,
        bring: "毛笔、墨汁".to_owned(),
    }
}

/// A published offer of an organisation of [`network::testing::small_city`]; imports the subjects first.
pub fn published(tx: &mut Tx, org_id: Id<Org>, title: &str) -> Result<OfferId> {
    let operator = Actor::System("test");
    some_subjects(tx)?;
    let offer = draft_offer(tx, &operator, &DraftOffer { org_id, words: words(title), demo: true })?;
    publish_offer(tx, &operator, offer)?;
    Ok(offer)
}
