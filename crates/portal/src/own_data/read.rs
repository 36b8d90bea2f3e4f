//! The same to read.

use std::collections::HashMap;

use activities::ClassId;
use kernel::{Id, Org, PageRequest, Person, Result, Timestamp};
use network::Organisation;
use people::Vault;
use store::Tx;
use web::Cx;

use crate::saved;

/// Rows of a kind that are read at once.
const AT_ONCE: usize = 500;

/// What is kept of one kind.
pub(crate) struct Section {
    /// What it is called, as the end of `portal-data-…`.
    pub name: &'static str,
    /// Where she sees it on a page.
    pub link: &'static str,
    /// Heads of the columns, as ends of `portal-data-col-…`.
    pub columns: &'static [&'static str],
    /// In words.
    pub rows: Vec<Vec<String>>,
}

/// Everything that is kept of a person, in the order in which it is read.
pub(crate) fn sections(cx: &Cx, tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Vec<Section>> {
    let mut names = Names::default();
    Ok(vec![
        account(cx, tx, vault, person)?,
        seats(cx, tx, &mut names, person)?,
        attendances(cx, tx, &mut names, person)?,
        credits(cx, tx, &mut names, person)?,
        certificates(cx, tx, person)?,
        helpers(cx, tx, vault, person)?,
        searches(cx, tx, vault, person)?,
        sessions(cx, tx, person)?,
        roles(cx, tx, &mut names, person)?,
    ])
}

/// Titles of classes and names of organisations, each read once.
#[derive(Default)]
struct Names {
    classes: HashMap<ClassId, String>,
    orgs: HashMap<Id<Org>, Organisation>,
}

impl Names {
    fn class(&mut self, tx: &mut Tx, id: ClassId) -> Result<String> {
        if let Some(title) = self.classes.get(&id) {
            return Ok(title.clone());
        }
        let title = activities::class(tx, id)?.map(|class| class.title).unwrap_or_default();
        self.classes.insert(id, title.clone());
        Ok(title)
    }

    fn org(&mut self, tx: &mut Tx, id: Id<Org>) -> Result<String> {
        if !self.orgs.contains_key(&id) {
            self.orgs.extend(network::orgs_by_ids(tx, &[id])?);
        }
        Ok(self.orgs.get(&id).map(|org| org.name.clone()).unwrap_or_default())
    }
}

fn account(cx: &Cx, tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Section> {
    let profile = people::profile(tx, vault, person)?;
    let region = match &profile.home_region {
        Some(code) => network::region(tx, code)?.map(|region| region.name),
        None => None,
    };
    let none = || cx.t("portal-data-none");
    let mut rows = vec![
        vec![cx.t("portal-data-name"), profile.name],
        vec![cx.t("portal-data-phone"), people::phone_of(tx, vault, person)?.unwrap_or_else(none)],
        vec![cx.t("portal-data-birth"), profile.birth_year.map_or_else(none, |year| year.to_string())],
        vec![cx.t("portal-data-region"), region.unwrap_or_else(none)],
        vec![cx.t("portal-data-card"), people::card_of(tx, vault, person)?.unwrap_or_else(none)],
        vec![cx.t("portal-data-since"), cx.datetime(&profile.created_at)],
        vec![cx.t("portal-data-id"), person.to_string()],
    ];
    for (notice, at) in people::consents_of(tx, person)? {
        rows.push(vec![cx.t1("portal-data-consent", "version", notice), cx.datetime(&at)]);
    }
    Ok(Section { name: "account", link: "/me", columns: &["what", "value"], rows })
}

fn seats(cx: &Cx, tx: &mut Tx, names: &mut Names, person: Id<Person>) -> Result<Section> {
    let mut rows = Vec::new();
    for seat in activities::classes_of_person(tx, person)? {
        let status = if seat.status == "seated" { "portal-data-seated" } else { "portal-data-given-back" };
        rows.push(vec![
            names.class(tx, seat.class_id)?,
            names.org(tx, seat.org_id)?,
            cx.datetime(&seat.starts_at),
            cx.t(status),
        ]);
    }
    Ok(Section { name: "seats", link: "/passport", columns: &["class", "org", "when", "status"], rows })
}

fn attendances(cx: &Cx, tx: &mut Tx, names: &mut Names, person: Id<Person>) -> Result<Section> {
    let (mut rows, mut before) = (Vec::new(), Timestamp::from_millis(i64::MAX));
    loop {
        let page = learning::attendances_of_person(tx, person, before, AT_ONCE as i64)?;
        for attendance in &page {
            let status = if attendance.status == "valid" {
                "learning-status-valid"
            } else {
                "learning-status-reversed"
            };
            rows.push(vec![
                names.class(tx, attendance.class_id)?,
                names.org(tx, attendance.org_id)?,
                cx.datetime(&attendance.occurred_at),
                cx.number(attendance.minutes.0),
                cx.tk("learning-grade", attendance.grade.as_str()),
                cx.t(status),
            ]);
        }
        match page.last() {
            Some(last) if page.len() == AT_ONCE => before = last.occurred_at,
            _ => break,
        }
    }
    let columns = &["class", "org", "when", "minutes", "grade", "status"];
    Ok(Section { name: "attendances", link: "/passport", columns, rows })
}

fn credits(cx: &Cx, tx: &mut Tx, names: &mut Names, person: Id<Person>) -> Result<Section> {
    let (mut rows, mut page) = (Vec::new(), PageRequest::first(AT_ONCE));
    loop {
        let found = bank::entries(tx, person, &page)?;
        for entry in &found.rows {
            rows.push(vec![
                names.org(tx, entry.org_id)?,
                cx.date(&entry.learned_on.start()),
                entry.amount.to_string(),
                cx.number(entry.minutes.0),
                cx.datetime(&entry.posted_at),
            ]);
        }
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let columns = &["org", "day", "credit", "minutes", "posted"];
    Ok(Section { name: "credits", link: "/passport/credits", columns, rows })
}

fn certificates(cx: &Cx, tx: &mut Tx, person: Id<Person>) -> Result<Section> {
    let (mut rows, mut page) = (Vec::new(), PageRequest::first(AT_ONCE));
    loop {
        let found = credentials::credentials_of_person(tx, person, &page)?;
        for credential in &found.rows {
            rows.push(vec![
                credential.title.clone(),
                credential.org_name.clone(),
                credential.serial.to_string(),
                cx.date(&credential.issued_at),
                cx.absolute(&format!("/credentials/{}", credential.credential_id)),
            ]);
        }
        match found.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let columns = &["class", "org", "serial", "day", "address"];
    Ok(Section { name: "certificates", link: "/passport", columns, rows })
}

fn helpers(cx: &Cx, tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Section> {
    let held = people::helpers_of(tx, person)?;
    let who: Vec<Id<Person>> = held.iter().map(|helper| helper.helper).collect();
    let names = people::names(tx, vault, &who)?;
    let rows = held
        .iter()
        .map(|helper| {
            vec![
                names.get(&helper.helper).cloned().unwrap_or_default(),
                cx.tk("people-help-relation", &helper.relation),
                cx.tk("people-help-may", &helper.may),
                cx.datetime(&helper.since),
            ]
        })
        .collect();
    Ok(Section { name: "helpers", link: "/me/helpers", columns: &["name", "relation", "may", "since"], rows })
}

fn searches(cx: &Cx, tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Section> {
    let rows = saved::mine(tx, vault, person)?
        .searches
        .iter()
        .map(|(saved, _)| {
            let pairs: Vec<String> =
                saved.asked.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
            vec![pairs.join(" "), cx.datetime(&saved.created_at)]
        })
        .collect();
    Ok(Section { name: "searches", link: "/me/searches", columns: &["words", "since"], rows })
}

fn sessions(cx: &Cx, tx: &mut Tx, person: Id<Person>) -> Result<Section> {
    let rows = people::sessions_of(tx, person, "")?
        .into_iter()
        .map(|line| vec![line.device, cx.datetime(&line.opened_at), cx.datetime(&line.expires_at)])
        .collect();
    Ok(Section { name: "sessions", link: "/me", columns: &["device", "since", "until"], rows })
}

fn roles(cx: &Cx, tx: &mut Tx, names: &mut Names, person: Id<Person>) -> Result<Section> {
    let mut rows = Vec::new();
    for held in people::roles_of(tx, person)? {
        let until = held.to_day.map(|day| cx.date(&day.start())).unwrap_or_default();
        rows.push(vec![
            cx.tk("governance-role", &held.role),
            names.org(tx, held.org)?,
            cx.date(&held.from_day.start()),
            until,
        ]);
    }
    Ok(Section { name: "roles", link: "/me", columns: &["role", "org", "since", "until"], rows })
}
