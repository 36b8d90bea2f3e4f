//! What was found, ready for its line on a page or in an answer.

use std::collections::HashMap;

use ::search::{Hits, Reason};
use activities::{Class, ClassId, Session};
use catalog::{Offer, OfferId};
use kernel::{Id, Org, Result as Outcome};
use network::Organisation;
use store::Tx;
use web::Cx;

use super::place::distance;
use crate::near::Point;

/// An offer found, with what its line shows.
pub(crate) struct Found {
    pub offer: Offer,
    pub org: Organisation,
    /// The next class that can be joined or that still meets; its free seats are the database's.
    pub next: Option<Class>,
    /// Of a class that has begun, the session that goes on or comes next.
    pub session: Option<Session>,
    /// Title in pieces: (text, matched).
    pub pieces: Vec<(String, bool)>,
    /// Why it is here; empty unless asked for.
    pub reasons: Vec<Reason>,
    /// Metres from where the reader measures, and whether the position of the place was measured itself.
    pub far: Option<(i64, bool)>,
}

impl Found {
    /// Measures how far it is.
    pub(super) fn measure(&mut self, from: Point) {
        let there = self.org.lon.zip(self.org.lat).map(|(lon, lat)| Point { lon, lat });
        self.far = there.map(|there| (from.metres_to(there), self.org.place_note.is_empty()));
    }

    /// The distance in words, and whether it means something.
    pub(crate) fn distance(&self, cx: &Cx) -> Option<(String, bool)> {
        self.far.map(|(metres, measured)| (distance(cx, metres), measured))
    }

    /// The reasons in the reader's language.
    pub(crate) fn reasons(&self, cx: &Cx) -> Vec<String> {
        let say = |reason: &Reason| match reason {
            Reason::Title(text) => cx.t1("portal-why-title", "text", text.as_str()),
            Reason::Text(text) => cx.t1("portal-why-text", "text", text.as_str()),
            Reason::Place(text) => cx.t1("portal-why-place", "text", text.as_str()),
            Reason::Time(text) => cx.t1("portal-why-time", "text", text.as_str()),
            Reason::Wish(text) => cx.t1("portal-why-wish", "text", text.as_str()),
            Reason::Missing(text) => cx.t1("portal-why-missing", "text", text.as_str()),
            Reason::Near(kilometres) => {
                cx.t1("portal-why-near", "far", distance(cx, (kilometres * 1_000.0).round() as i64))
            }
        };
        let mut all: Vec<String> = self.reasons.iter().map(say).collect();
        let open = match &self.next {
            Some(_) => "portal-why-open",
            None if !self.offer.kind.has_classes() => "portal-why-venue",
            None => "portal-why-closed",
        };
        all.push(cx.t(open));
        all
    }
}

pub(super) fn load(tx: &mut Tx, hits: &Hits) -> Outcome<Vec<Found>> {
    let ids: Vec<OfferId> = hits.hits.iter().filter_map(|hit| hit.id.parse().ok()).collect();
    let mut offers = catalog::offers_by_ids(tx, &ids)?;
    let orgs: Vec<Id<Org>> = offers.values().map(|offer| offer.org_id).collect();
    let orgs = network::orgs_by_ids(tx, &orgs)?;
    let now = tx.now();
    let mut classes = activities::classes_to_take(tx, &ids, now)?;
    let begun: Vec<ClassId> =
        classes.values().filter(|class| class.starts_at <= now).map(|class| class.class_id).collect();
    let mut sessions = activities::next_sessions(tx, &begun, now)?;
    let mut found = Vec::new();
    for hit in &hits.hits {
        let Some(offer) = hit.id.parse().ok().and_then(|id: OfferId| offers.remove(&id)) else { continue };
        let Some(org) = orgs.get(&offer.org_id).cloned() else { continue };
        let next = classes.remove(&offer.offer_id);
        let session = next.as_ref().and_then(|class| sessions.remove(&class.class_id));
        let pieces = pieces(&offer.title, if hit.title == offer.title { &hit.highlights } else { &[] });
        found.push(Found { offer, org, next, session, pieces, reasons: hit.reasons.clone(), far: None });
    }
    Ok(found)
}

fn pieces(title: &str, marked: &[std::ops::Range<usize>]) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for range in marked {
        let (Some(before), Some(hit)) = (title.get(at..range.start), title.get(range.clone())) else {
            continue;
        };
        if !before.is_empty() {
            pieces.push((before.to_owned(), false));
        }
        pieces.push((hit.to_owned(), true));
        at = range.end;
    }
    if let Some(rest) = title.get(at..).filter(|rest| !rest.is_empty()) {
        pieces.push((rest.to_owned(), false));
    }
    pieces
}

/// Offers with a class that begins within a week and has free seats, soonest first, for the home page.
pub(crate) fn soonest(tx: &mut Tx, limit: usize) -> Outcome<Vec<Found>> {
    let now = tx.now();
    let classes = activities::soonest_with_seats(tx, (now, now.plus_minutes(7 * 24 * 60)), limit)?;
    let ids: Vec<OfferId> = classes.iter().map(|class| class.offer_id).collect();
    let mut offers: HashMap<OfferId, Offer> = catalog::offers_by_ids(tx, &ids)?;
    let orgs: Vec<Id<Org>> = offers.values().map(|offer| offer.org_id).collect();
    let orgs = network::orgs_by_ids(tx, &orgs)?;
    let found = classes.into_iter().filter_map(|class| {
        let offer = offers.remove(&class.offer_id)?;
        let org = orgs.get(&offer.org_id).cloned()?;
        let pieces = vec![(offer.title.clone(), false)];
        Some(Found { offer, org, next: Some(class), session: None, pieces, reasons: Vec::new(), far: None })
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_title_is_cut_at_its_marks() {
        let title = "书法入门班";
        let cut = pieces(title, std::slice::from_ref(&(0..6)));
        assert_eq!(cut, [("书法".to_owned(), true), ("入门班".to_owned(), false)]);
        assert_eq!(pieces(title, &[]), [(title.to_owned(), false)]);
    }
}
