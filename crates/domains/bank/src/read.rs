//! Queries.

use kernel::{Account, BAD_ID, Credit, Day, Error, Id, PageRequest, Paged, Person, Result, Timestamp};
use learning::AttendanceId;
use store::{Statement, Tx, params, sql};

use crate::{
    CreditClass, Entry, EntryId, Used,
    model::{ENTRY, Owner},
    post::CLASS,
};

/// A deposit stands as long as no reversal names it.
const STANDING: &str = "kind = 'deposit' AND NOT EXISTS \
     (SELECT 1 FROM entry r WHERE r.account_id = entry.account_id AND r.reverses = entry.transfer_id)";

/// The account in which a person's credit adds up, opened or not.
pub fn account_of(person: Id<Person>) -> Id<Account> {
    Owner::Person(person).account(CLASS)
}

/// What a person has, in thousandths of a credit: culture and leisure, the class that has a rule.
pub fn balance(tx: &mut Tx, person: Id<Person>) -> Result<Credit> {
    let account = Owner::Person(person).account(CLASS);
    let row: Option<(Credit,)> =
        tx.opt(sql!("SELECT balance FROM account WHERE account_id = $1"), params![account])?;
    Ok(row.map_or(Credit(0), |(balance,)| balance))
}

/// A person's entries, the latest learning first.
pub fn entries(tx: &mut Tx, person: Id<Person>, page: &PageRequest) -> Result<Paged<Entry>> {
    let account = Owner::Person(person).account(CLASS);
    let (day, entry) = match &page.after {
        None => (Day(i32::MAX), Id::derived(&[0xff; 16])),
        Some(key) => read_key(key)?,
    };
    let text = format!(
        "SELECT {} FROM entry WHERE account_id = $1 AND (learned_on, entry_id) < ($2, $3) \
         ORDER BY learned_on DESC, entry_id DESC LIMIT {}",
        ENTRY.all_columns(),
        page.size + 1
    );
    let mut rows: Vec<Entry> = tx.all(Statement::dynamic(text), params![account, day, entry])?;
    let more = rows.len() > page.size;
    rows.truncate(page.size);
    let next = rows.last().filter(|_| more).map(|last| format!("{}-{}", last.learned_on.0, last.entry_id));
    Ok(Paged { rows, next })
}

fn read_key(key: &str) -> Result<(Day, EntryId)> {
    let bad = || Error::new(&BAD_ID);
    let (day, entry) = key.rsplit_once('-').ok_or_else(bad)?;
    Ok((Day(day.parse().map_err(|_| bad())?), entry.parse()?))
}

/// One of a person's own entries; somebody else's does not exist for her.
pub fn entry(tx: &mut Tx, person: Id<Person>, entry_id: EntryId) -> Result<Option<Entry>> {
    let text = format!("SELECT {} FROM entry WHERE account_id = $1 AND entry_id = $2", ENTRY.all_columns());
    tx.opt(Statement::dynamic(text), params![Owner::Person(person).account(CLASS), entry_id])
}

/// The entry that takes a deposit back, if there is one.
pub fn reversal_of(tx: &mut Tx, deposit: &Entry) -> Result<Option<Entry>> {
    let text = format!("SELECT {} FROM entry WHERE account_id = $1 AND reverses = $2", ENTRY.all_columns());
    tx.opt(Statement::dynamic(text), params![deposit.account_id, deposit.transfer_id])
}

/// The deposit that an entry takes back, if it is a reversal.
pub fn reversed_by(tx: &mut Tx, reversal: &Entry) -> Result<Option<Entry>> {
    let text =
        format!("SELECT {} FROM entry WHERE account_id = $1 AND transfer_id = $2", ENTRY.all_columns());
    tx.opt(Statement::dynamic(text), params![reversal.account_id, reversal.reverses])
}

/// All credit of a class that people hold, as the books stood at a moment: the city's published figure.
pub fn issued(tx: &mut Tx, class: CreditClass, until: Timestamp) -> Result<Credit> {
    let (sum,): (Credit,) = tx.one(
        sql!(
            "SELECT CAST(coalesce(sum(e.amount), 0) AS bigint) FROM entry e JOIN account a ON a.account_id = e.account_id \
             WHERE a.owner_kind = 'person' AND e.credit_class = $1 AND e.posted_at <= $2"
        ),
        params![class, until],
    )?;
    Ok(sum)
}

/// What the day and its calendar year have brought so far.
pub(crate) fn used(tx: &mut Tx, account: Id<Account>, day: Day) -> Result<Used> {
    let (year, _, _) = day.date();
    let edge = |month, date| {
        Day::of(year, month, date).ok_or_else(|| Error::bug("a year has its first and last day"))
    };
    let (of_day, of_year): (Credit, Credit) = tx.one(
        sql!(
            "SELECT CAST(coalesce(sum(CASE WHEN learned_on = $4 THEN amount ELSE 0 END), 0) AS bigint), \
             CAST(coalesce(sum(amount), 0) AS bigint) \
             FROM entry WHERE account_id = $1 AND learned_on BETWEEN $2 AND $3"
        ),
        params![account, edge(1, 1)?, edge(12, 31)?, day],
    )?;
    Ok(Used { day: of_day, year: of_year })
}

/// Whether an attendance was ever deposited.
pub(crate) fn was_deposited(tx: &mut Tx, account: Id<Account>, record: AttendanceId) -> Result<bool> {
    let row: Option<(i64,)> = tx.opt(
        sql!("SELECT 1 FROM entry WHERE account_id = $1 AND record_id = $2 LIMIT 1"),
        params![account, record],
    )?;
    Ok(row.is_some())
}

/// The deposit of an attendance that no reversal has taken back.
pub(crate) fn standing_of_record(
    tx: &mut Tx,
    account: Id<Account>,
    record: AttendanceId,
) -> Result<Option<Entry>> {
    let text = format!(
        "SELECT {} FROM entry WHERE account_id = $1 AND record_id = $2 AND {STANDING}",
        ENTRY.all_columns()
    );
    tx.opt(Statement::dynamic(text), params![account, record])
}

/// The deposits of a day of learning that no reversal has taken back, in the order of posting.
pub(crate) fn standing_of_day(tx: &mut Tx, account: Id<Account>, day: Day) -> Result<Vec<Entry>> {
    let text = format!(
        "SELECT {} FROM entry WHERE account_id = $1 AND learned_on = $2 AND {STANDING} ORDER BY entry_id",
        ENTRY.all_columns()
    );
    tx.all(Statement::dynamic(text), params![account, day])
}
