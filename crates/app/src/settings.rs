//! Words that the program remembers in the database: whether a city was founded, under which name its log is signed.

use anyhow::{Result, anyhow};
use store::{Store, Tx, params, sql};

/// The word under a key.
///
/// # Errors
/// If the database cannot be read.
pub fn get(store: &Store, key: &'static str) -> Result<Option<String>> {
    store.read_blocking(move |tx| get_in(tx, key)).map_err(|error| anyhow!("{error:?}"))
}

/// Remembers a word.
///
/// # Errors
/// If the database cannot be written.
pub fn set(store: &Store, key: &'static str, value: &str) -> Result<()> {
    let value = value.to_owned();
    store.write_blocking("setting", move |tx| set_in(tx, key, &value)).map_err(|error| anyhow!("{error:?}"))
}

/// The word under a key, within a transaction.
///
/// # Errors
/// If the database cannot be read.
pub fn get_in(tx: &mut Tx, key: &str) -> kernel::Result<Option<String>> {
    let row: Option<(String,)> = tx.opt(sql!("SELECT value FROM setting WHERE key = $1"), params![key])?;
    Ok(row.map(|(value,)| value))
}

/// Remembers a word, within a transaction.
///
/// # Errors
/// If the database cannot be written.
pub fn set_in(tx: &mut Tx, key: &str, value: &str) -> kernel::Result<()> {
    let now = tx.now();
    tx.exec(
        sql!(
            "INSERT INTO setting (key, value, set_at) VALUES ($1, $2, $3) \
             ON CONFLICT (key) DO UPDATE SET value = $2, set_at = $3"
        ),
        params![key, value, now],
    )
    .map(|_| ())
}
