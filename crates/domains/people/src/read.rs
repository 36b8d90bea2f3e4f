//! Questions about people.

use std::collections::HashMap;

use kernel::{Day, Error, Grant, Id, Org, Person, RegionCode, Result, Role, Timestamp};
use store::{Statement, Tx, Value, params, sql};

use crate::{
    model::Phone,
    vault::{Field, Vault},
};

/// People whose names are read by one statement.
const NAMES_AT_ONCE: usize = 256;

/// The names of these people. Who is unknown, or was erased, is not in the answer.
pub fn names(tx: &mut Tx, vault: &Vault, people: &[Id<Person>]) -> Result<HashMap<Id<Person>, String>> {
    let mut names = HashMap::with_capacity(people.len());
    for part in people.chunks(NAMES_AT_ONCE) {
        // Lists are filled up to powers of two by repeating the last, so that there are few different statements to prepare.
        let width = part.len().next_power_of_two();
        let params: Vec<Value> = (0..width).map(|n| Value::from(part[n.min(part.len() - 1)])).collect();
        let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
        let text = format!(
            "SELECT p.person_id, p.name_sealed, k.wrapped FROM person p JOIN person_key k ON k.person_id = p.person_id \
             WHERE p.person_id IN ({})",
            marks.join(", ")
        );
        let rows: Vec<(Id<Person>, Vec<u8>, Vec<u8>)> = tx.all(Statement::dynamic(text), &params)?;
        for (person, sealed, wrapped) in rows {
            let key = vault.unwrap(person, &wrapped)?;
            names.insert(person, vault.open(&key, Field::Name, person, &sealed)?);
        }
    }
    Ok(names)
}

/// One name; `None` if the person is unknown or was erased.
pub fn name(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Option<String>> {
    Ok(names(tx, vault, &[person])?.remove(&person))
}

/// What a person sees of herself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Her name.
    pub name: String,
    /// `138****1234`, if she has a phone.
    pub phone_masked: Option<String>,
    /// Year of birth, if she said it.
    pub birth_year: Option<i32>,
    /// Where she lives, if she said it.
    pub home_region: Option<RegionCode>,
    /// When the account was opened.
    pub created_at: Timestamp,
    /// Made up for a demo.
    pub demo: bool,
}

store::row! {
    struct ProfileRow {
        name_sealed: Vec<u8>,
        phone_sealed: Option<Vec<u8>>,
        birth_year: Option<i32>,
        home_region: Option<RegionCode>,
        created_at: Timestamp,
        demo: bool,
        wrapped: Vec<u8>,
    }
}

/// The profile of a person; `kernel.missing` if she is unknown or was erased.
pub fn profile(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Profile> {
    let row: ProfileRow = tx.one(
        sql!(
            "SELECT p.name_sealed, p.phone_sealed, p.birth_year, p.home_region, p.created_at, p.demo, k.wrapped \
             FROM person p JOIN person_key k ON k.person_id = p.person_id WHERE p.person_id = $1"
        ),
        params![person],
    )?;
    let key = vault.unwrap(person, &row.wrapped)?;
    let phone = row.phone_sealed.map(|sealed| vault.open(&key, Field::Phone, person, &sealed)).transpose()?;
    Ok(Profile {
        name: vault.open(&key, Field::Name, person, &row.name_sealed)?,
        phone_masked: phone.map(|phone| crate::mask_phone(&phone)),
        birth_year: row.birth_year,
        home_region: row.home_region,
        created_at: row.created_at,
        demo: row.demo,
    })
}

/// The whole phone number of a person, for herself; `None` if she has none.
///
/// # Errors
/// Those of the store.
pub fn phone_of(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Option<String>> {
    let row: Option<(Option<Vec<u8>>,)> =
        tx.opt(sql!("SELECT phone_sealed FROM person WHERE person_id = $1"), params![person])?;
    let Some((Some(sealed),)) = row else { return Ok(None) };
    let Some(key) = key_of(tx, vault, person)? else { return Ok(None) };
    vault.open(&key, Field::Phone, person, &sealed).map(Some)
}

/// The versions of the privacy notice to which a person agreed, and when, the first one first.
///
/// # Errors
/// Those of the store.
pub fn consents_of(tx: &mut Tx, person: Id<Person>) -> Result<Vec<(String, Timestamp)>> {
    tx.all(
        sql!("SELECT notice, given_at FROM consent WHERE person_id = $1 ORDER BY given_at, notice"),
        params![person],
    )
}

/// Where a person lives, if she said so.
pub fn home_region(tx: &mut Tx, person: Id<Person>) -> Result<Option<RegionCode>> {
    let row: Option<(Option<RegionCode>,)> =
        tx.opt(sql!("SELECT home_region FROM person WHERE person_id = $1"), params![person])?;
    Ok(row.and_then(|(region,)| region))
}

/// Who has the account with this phone number.
pub fn person_by_phone(tx: &mut Tx, vault: &Vault, phone: &Phone) -> Result<Option<Id<Person>>> {
    let row: Option<(Id<Person>,)> = tx.opt(
        sql!("SELECT person_id FROM phone_directory WHERE phone_index = $1"),
        params![vault.phone_index(phone)],
    )?;
    Ok(row.map(|(person,)| person))
}

/// The person's own key; `None` if she is unknown or was erased.
pub(crate) fn key_of(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Option<[u8; 32]>> {
    let row: Option<(Vec<u8>,)> =
        tx.opt(sql!("SELECT wrapped FROM person_key WHERE person_id = $1"), params![person])?;
    row.map(|(wrapped,)| vault.unwrap(person, &wrapped)).transpose()
}

/// The roles that a person holds on this day.
pub fn grants(tx: &mut Tx, person: Id<Person>, today: Day) -> Result<Vec<Grant>> {
    Ok(grants_since(tx, person, today)?.into_iter().map(|(grant, _)| grant).collect())
}

/// The same, each with its first day.
pub(crate) fn grants_since(tx: &mut Tx, person: Id<Person>, today: Day) -> Result<Vec<(Grant, Day)>> {
    let rows: Vec<(String, Id<Org>, Day)> = tx.all(
        sql!(
            "SELECT role, org_id, from_day FROM role_grant WHERE person_id = $1 AND from_day <= $2 \
             AND (to_day IS NULL OR to_day > $2) ORDER BY org_id, role"
        ),
        params![person, today],
    )?;
    rows.into_iter().map(|(role, org, from)| Ok((Grant { role: role.parse()?, org }, from))).collect()
}

store::row! {
    /// A role of somebody, as lists of staff show it.
    pub struct Held {
        /// Whose.
        pub person: Id<Person>,
        /// Which, as [`Role::as_str`] writes it.
        pub role: String,
        /// Where.
        pub org: Id<Org>,
        /// First day.
        pub from_day: Day,
        /// First day without it; `None` while it has no end.
        pub to_day: Option<Day>,
        /// Who gave it, as [`kernel::Actor::label`] writes it.
        pub granted_by: String,
    }
}

impl Held {
    /// Whether it is held on this day.
    pub fn holds(&self, today: Day) -> bool {
        self.from_day <= today && self.to_day.is_none_or(|to| to > today)
    }
}

/// All roles that a person holds or held, those of today first; at most 200.
///
/// # Errors
/// Those of the store.
pub fn roles_of(tx: &mut Tx, person: Id<Person>) -> Result<Vec<Held>> {
    tx.all(
        sql!(
            "SELECT person_id, role, org_id, from_day, to_day, granted_by FROM role_grant WHERE person_id = $1 \
             ORDER BY COALESCE(to_day, 9999999) DESC, from_day DESC, org_id, role LIMIT 200"
        ),
        params![person],
    )
}

/// Roles held at an organisation on this day, by person and role, beginning after `after` (`person/role`); at most `limit`.
///
/// # Errors
/// Those of the store.
pub fn held_at_org(
    tx: &mut Tx,
    org: Id<Org>,
    today: Day,
    after: Option<(&str, &str)>,
    limit: usize,
) -> Result<Vec<Held>> {
    let (person, role) = after.unwrap_or(("", ""));
    tx.all(
        sql!(
            "SELECT person_id, role, org_id, from_day, to_day, granted_by FROM role_grant WHERE org_id = $1 \
             AND from_day <= $2 AND (to_day IS NULL OR to_day > $2) AND (person_id > $3 OR (person_id = $3 AND role > $4)) \
             ORDER BY person_id, role LIMIT $5"
        ),
        params![org, today, person, role, i64::try_from(limit).unwrap_or(i64::MAX)],
    )
}

/// Who holds which role at this very organisation on a day, and until when, by person.
///
/// # Errors
/// Those of the store.
pub fn grants_at(tx: &mut Tx, org: Id<Org>, day: Day) -> Result<Vec<(Id<Person>, Role, Option<Day>)>> {
    let rows: Vec<(Id<Person>, String, Option<Day>)> = tx.all(
        sql!(
            "SELECT person_id, role, to_day FROM role_grant WHERE org_id = $1 AND from_day <= $2 \
             AND (to_day IS NULL OR to_day > $2) ORDER BY person_id, role"
        ),
        params![org, day],
    )?;
    rows.into_iter()
        .map(|(person, role, until)| {
            let role = role.parse().map_err(|e: Error| Error::bug("role").caused_by(e))?;
            Ok((person, role, until))
        })
        .collect()
}

/// Who holds roles at an organisation on this day: for lists of staff and the choice of a teacher. At most 500.
pub fn staff_of(tx: &mut Tx, org: Id<Org>, today: Day) -> Result<Vec<(Id<Person>, Role)>> {
    let rows: Vec<(Id<Person>, String)> = tx.all(
        sql!(
            "SELECT person_id, role FROM role_grant WHERE org_id = $1 AND from_day <= $2 \
             AND (to_day IS NULL OR to_day > $2) ORDER BY role, person_id LIMIT 500"
        ),
        params![org, today],
    )?;
    rows.into_iter()
        .map(|(person, role)| Ok((person, role.parse().map_err(|e: Error| Error::bug("role").caused_by(e))?)))
        .collect()
}
