//! Writing an offer, and changing its words.
//!
//! Whoever manages the offers of the organisation writes them. A draft may be incomplete in what publishing asks for (summary
//! and body), but never in title and subject. An edit names the version that it was made from: who was overtaken is told so, and nobody's
//! words are lost in silence.

use journal::Fact;
use kernel::{Actor, Code, Error, FieldError, Id, Org, Result, Right, Timestamp};
use store::{Tx, params, sql};

use crate::{Audience, OFFER, Offer, OfferId, OfferKind, OfferStatus, facts};

/// Longest title, in characters.
pub const TITLE_MAX: usize = 60;
/// Longest summary.
pub const SUMMARY_MAX: usize = 120;
/// Longest description.
pub const BODY_MAX: usize = 4_000;
/// Longest note on what to bring.
pub const BRING_MAX: usize = 200;
/// Highest price: 10,000 yuan. Learning in the neighbourhood costs nothing or little; more is a typing mistake.
pub const COST_FEN_MAX: i64 = 1_000_000;

kernel::codes! {
    /// There is no subject with this code.
    pub NO_SUBJECT = Invalid "catalog.no_subject";
    /// A price lies between nothing and 10,000 yuan.
    pub BAD_COST = Invalid "catalog.bad_cost";
    /// The organisation is closed.
    pub ORG_CLOSED = Conflict "catalog.org_closed";
}

/// An offer to be written.
#[derive(Debug, Clone)]
pub struct DraftOffer {
    /// Who offers it.
    pub org_id: Id<Org>,
    /// Its words.
    pub words: OfferWords,
    /// Made for demonstration.
    pub demo: bool,
}

/// Everything about an offer that its authors write.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OfferWords {
    /// What it is.
    pub kind: OfferKind,
    /// Title, 1 to 60 characters.
    pub title: String,
    /// One sentence for lists, at most 120 characters; needed for publishing.
    pub summary: String,
    /// What is learned, at most 4,000 characters; needed for publishing.
    pub body: String,
    /// Code of its subject.
    pub subject_code: String,
    /// Whom it is made for.
    pub audience: Audience,
    /// What it costs in fen, 0 to 1,000,000.
    pub cost_fen: i64,
    /// What to bring, at most 200 characters; empty if nothing.
    pub bring: String,
}

impl Offer {
    /// Its words, to be changed.
    pub fn words(&self) -> OfferWords {
        OfferWords {
            kind: self.kind,
            title: self.title.clone(),
            summary: self.summary.clone(),
            body: self.body.clone(),
            subject_code: self.subject_code.clone(),
            audience: self.audience,
            cost_fen: self.cost_fen,
            bring: self.bring.clone(),
        }
    }
}

/// Writes an offer; it begins as a draft.
pub fn draft_offer(tx: &mut Tx, actor: &Actor, cmd: &DraftOffer) -> Result<OfferId> {
    network::access::require(tx, actor, Right::ManageOffers, cmd.org_id)?;
    let org = network::org(tx, cmd.org_id)?.ok_or_else(Error::missing)?;
    if !org.is_open() {
        return Err(Error::new(&ORG_CLOSED));
    }
    check(tx, &cmd.words)?;
    let offer_id: OfferId = tx.new_id();
    let words = &cmd.words;
    let mut fact = told(facts::OFFER_DRAFTED, cmd.org_id, offer_id, words.kind, &words.subject_code);
    let row = params![
        cmd.org_id,
        offer_id,
        words.kind,
        words.title.trim(),
        words.summary.trim(),
        words.body.trim(),
        &words.subject_code,
        words.audience,
        words.cost_fen,
        words.bring.trim(),
        OfferStatus::Draft,
        None::<Timestamp>,
        cmd.demo
    ];
    fact.insert(tx, &OFFER, row.to_vec())?;
    tx.exec_later(
        sql!("INSERT INTO offer_directory (offer_id, org_id) VALUES ($1, $2)"),
        params![offer_id, cmd.org_id],
    )?;
    crate::lines::write_line(tx, cmd.org_id, offer_id)?;
    fact.emit(tx, actor)?;
    Ok(offer_id)
}

/// New words of an offer.
#[derive(Debug, Clone)]
pub struct EditOffer {
    /// Which.
    pub offer_id: OfferId,
    /// The version that the words were made from ([`Offer::rev`]).
    pub rev: i64,
    /// The words; everything is replaced.
    pub words: OfferWords,
}

/// Changes the words of an offer. A published one stays published, so it must stay complete.
pub fn edit_offer(tx: &mut Tx, actor: &Actor, cmd: &EditOffer) -> Result<()> {
    let known = crate::read::managed_offer(tx, actor, cmd.offer_id)?;
    check(tx, &cmd.words)?;
    let words = &cmd.words;
    if known.status == OfferStatus::Published {
        crate::publish_offer::require_complete(&words.summary, &words.body)?;
    }
    let mut fact = told(facts::OFFER_CHANGED, known.org_id, cmd.offer_id, words.kind, &words.subject_code);
    fact.update(
        tx,
        &OFFER,
        params![known.org_id, cmd.offer_id],
        "kind = $1, title = $2, summary = $3, body = $4, subject_code = $5, audience = $6, cost_fen = $7, bring = $8",
        "rev = $9",
        params![
            words.kind,
            words.title.trim(),
            words.summary.trim(),
            words.body.trim(),
            &words.subject_code,
            words.audience,
            words.cost_fen,
            words.bring.trim(),
            cmd.rev
        ],
    )?
    .ok_or_else(|| Error::new(&kernel::CHANGED))?;
    crate::lines::write_line(tx, known.org_id, cmd.offer_id)?;
    fact.emit(tx, actor).map(|_| ())
}

/// A fact about an offer.
pub(crate) fn told(
    kind: &'static str,
    org_id: Id<Org>,
    offer_id: OfferId,
    of: OfferKind,
    subject: &str,
) -> Fact {
    let payload = facts::OfferTold { offer_id, org_id, kind: of, subject_code: subject.to_owned() };
    Fact::new(kind, org_id).at(org_id).payload(&payload)
}

fn check(tx: &mut Tx, words: &OfferWords) -> Result<()> {
    let mut wrong: Vec<FieldError> = Vec::new();
    network::check_texts(
        &mut wrong,
        &[
            ("title", &words.title, TITLE_MAX, true),
            ("summary", &words.summary, SUMMARY_MAX, false),
            ("body", &words.body, BODY_MAX, false),
            ("bring", &words.bring, BRING_MAX, false),
        ],
    );
    let mut note = |field: &str, code: &'static Code| {
        wrong.push(FieldError { field: field.to_owned(), code, args: Vec::new() });
    };
    if !(0..=COST_FEN_MAX).contains(&words.cost_fen) {
        note("cost_fen", &BAD_COST);
    }
    let subject: Option<(i64,)> =
        tx.opt(sql!("SELECT 1 FROM subject WHERE code = $1"), params![&words.subject_code])?;
    if subject.is_none() {
        note("subject", &NO_SUBJECT);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::fields(wrong)) }
}
