//! Looking credentials up.

use kernel::{Id, PageRequest, Paged, Person, Result, Timestamp};
use people::Vault;
use store::{Statement, Tx, params, sql};

use crate::{CREDENTIAL, Credential, CredentialId, Serial};

/// A credential by its address. Who knows the address may see it, as with paper.
pub fn credential(tx: &mut Tx, id: CredentialId) -> Result<Option<Credential>> {
    let holder: Option<(Id<Person>,)> =
        tx.opt(sql!("SELECT person_id FROM credential_directory WHERE credential_id = $1"), params![id])?;
    holder.map_or(Ok(None), |(person,)| of_person(tx, person, id))
}

/// A credential by its printed number. Numbers can be guessed more easily than addresses: show the name masked.
pub fn by_serial(tx: &mut Tx, serial: &Serial) -> Result<Option<Credential>> {
    let found: Option<(CredentialId, Id<Person>)> = tx.opt(
        sql!("SELECT credential_id, person_id FROM credential_serial WHERE serial = $1"),
        params![serial],
    )?;
    found.map_or(Ok(None), |(id, person)| of_person(tx, person, id))
}

fn of_person(tx: &mut Tx, person: Id<Person>, id: CredentialId) -> Result<Option<Credential>> {
    let columns = CREDENTIAL.all_columns();
    let text = format!("SELECT {columns} FROM credential WHERE person_id = $1 AND credential_id = $2");
    tx.opt(Statement::dynamic(text), params![person, id])
}

/// A person's credentials, the newest first, revoked ones among them.
pub fn credentials_of_person(
    tx: &mut Tx,
    person: Id<Person>,
    page: &PageRequest,
) -> Result<Paged<Credential>> {
    let after = page.after.as_deref().and_then(|key| {
        let (at, id) = key.split_once('.')?;
        Some((at.parse::<i64>().ok()?, id.to_owned()))
    });
    let (columns, limit) = (CREDENTIAL.all_columns(), page.size + 1);
    let order = format!("ORDER BY issued_at DESC, credential_id DESC LIMIT {limit}");
    let rows: Vec<Credential> = match after {
        None => tx.all(
            Statement::dynamic(format!("SELECT {columns} FROM credential WHERE person_id = $1 {order}")),
            params![person],
        )?,
        Some((at, id)) => tx.all(
            Statement::dynamic(format!(
                "SELECT {columns} FROM credential WHERE person_id = $1 AND (issued_at, credential_id) < ($2, $3) {order}"
            )),
            params![person, Timestamp::from_millis(at), id],
        )?,
    };
    Ok(network::paged(rows, page.size, |row| format!("{}.{}", row.issued_at.millis(), row.credential_id)))
}

/// How many valid credentials a person holds.
pub fn count_of_person(tx: &mut Tx, person: Id<Person>) -> Result<i64> {
    let (count,): (i64,) = tx.one(
        sql!("SELECT count(*) FROM credential WHERE person_id = $1 AND status = 'valid'"),
        params![person],
    )?;
    Ok(count)
}

/// How many valid credentials there are in the city.
pub fn count(tx: &mut Tx) -> Result<i64> {
    let (count,): (i64,) = tx.one(sql!("SELECT count(*) FROM credential WHERE status = 'valid'"), &[])?;
    Ok(count)
}

/// The holder's name; `None` after her data was erased.
pub fn holder(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Option<String>> {
    people::name(tx, vault, person)
}
