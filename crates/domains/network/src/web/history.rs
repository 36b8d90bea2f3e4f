//! What changed about organisations, in words; `/orgs/{org}/history` tells it of one.

use std::collections::HashMap;

use ::web::{Cx, Path};
use askama::Template;
use kernel::{Day, Error, Id, Org, RegionCode, Result as Outcome, Timestamp};
use store::Tx;

use crate::{OrgChange, Organisation, Standing, org, org_history, orgs_by_ids, regions_by_codes};

/// Lines shown.
const LINES: usize = 200;

/// A change with the names that its sentences need.
pub(super) struct Told {
    pub name: String,
    pub org: String,
    change: OrgChange,
    above: HashMap<Id<Org>, String>,
    regions: HashMap<RegionCode, String>,
}

impl Told {
    /// One sentence for each thing that differs.
    pub fn lines(&self, cx: &Cx) -> Vec<String> {
        let after = &self.change.after;
        let Some(before) = &self.change.before else {
            let above = after.parent_id.and_then(|id| self.above.get(&id)).map_or("", String::as_str);
            let region = self.region(&after.region_code);
            return vec![cx.t2("network-history-founded", "above", above, "region", region)];
        };
        let mut lines = Vec::new();
        if before.name != after.name {
            lines.push(cx.t2("network-history-renamed", "from", &before.name, "to", &after.name));
        }
        if after.successor.is_some() && before.successor != after.successor {
            let into = after.successor.and_then(|id| self.above.get(&id)).map_or("", String::as_str);
            lines.push(cx.t1("network-history-merged", "into", into));
        } else {
            match (before.closed_on, after.closed_on) {
                (None, Some(_)) => lines.push(cx.t("network-history-closed")),
                (Some(_), None) => lines.push(cx.t("network-history-reopened")),
                _ => {}
            }
            if before.parent_id != after.parent_id {
                let name =
                    |id: Option<Id<Org>>| id.and_then(|id| self.above.get(&id)).map_or("", String::as_str);
                let (from, to) = (name(before.parent_id), name(after.parent_id));
                lines.push(cx.t2("network-history-moved", "from", from, "to", to));
            }
        }
        if before.region_code != after.region_code {
            let (from, to) = (self.region(&before.region_code), self.region(&after.region_code));
            lines.push(cx.t2("network-history-region", "from", from, "to", to));
        }
        lines
    }

    fn region(&self, code: &RegionCode) -> String {
        match self.regions.get(code) {
            Some(name) => format!("{name} {code}"),
            None => code.to_string(),
        }
    }

    /// From when it holds.
    pub fn day(&self) -> &Day {
        &self.change.effective_on
    }

    fn at(&self) -> &Timestamp {
        &self.change.changed_at
    }
}

/// Finds the names that changes are told with; some may be known already.
pub(super) fn tell(
    tx: &mut Tx,
    changes: Vec<OrgChange>,
    known: HashMap<Id<Org>, String>,
    begun: HashMap<RegionCode, String>,
) -> Outcome<Vec<Told>> {
    let standings = |change: &OrgChange| -> Vec<Standing> {
        change.before.iter().chain([&change.after]).cloned().collect()
    };
    let mut ids: Vec<Id<Org>> = Vec::new();
    let mut codes: Vec<RegionCode> = Vec::new();
    for change in &changes {
        for standing in standings(change) {
            ids.extend([standing.parent_id, standing.successor].into_iter().flatten());
            codes.push(standing.region_code);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    codes.sort_unstable();
    codes.dedup();
    let mut above: HashMap<Id<Org>, String> =
        orgs_by_ids(tx, &ids)?.into_iter().map(|(id, org)| (id, org.name)).collect();
    above.extend(known);
    let mut regions: HashMap<RegionCode, String> =
        regions_by_codes(tx, &codes)?.into_iter().map(|(code, region)| (code, region.name)).collect();
    regions.extend(begun);
    let told = changes.into_iter().map(|change| {
        let pick = |standing: &Standing| {
            [standing.parent_id, standing.successor].into_iter().flatten().collect::<Vec<_>>()
        };
        let ids = standings(&change).iter().flat_map(pick).collect::<Vec<_>>();
        let codes = standings(&change).into_iter().map(|standing| standing.region_code);
        Told {
            name: change.after.name.clone(),
            org: change.org_id.to_string(),
            above: ids.into_iter().filter_map(|id| Some((id, above.get(&id)?.clone()))).collect(),
            regions: codes.filter_map(|code| Some((code.clone(), regions.get(&code)?.clone()))).collect(),
            change,
        }
    });
    Ok(told.collect())
}

#[derive(Template)]
#[template(path = "network_history.html")]
struct Page<'a> {
    cx: &'a Cx,
    org: &'a Organisation,
    successor: Option<&'a Organisation>,
    history: &'a [Told],
}

/// Shows what changed about an organisation.
pub(super) async fn show(cx: Cx, Path(id): Path<Id<Org>>) -> ::web::Result {
    let read = cx.store.read(move |tx| {
        let found = org(tx, id)?.ok_or_else(Error::missing)?;
        let successor = match found.successor() {
            Some(id) => org(tx, id)?,
            None => None,
        };
        let history = org_history(tx, id, LINES)?;
        Ok((found, successor, tell(tx, history, HashMap::new(), HashMap::new())?))
    });
    let (org, successor, history) = read.await?;
    cx.page(&Page { cx: &cx, org: &org, successor: successor.as_ref(), history: &history })
}
