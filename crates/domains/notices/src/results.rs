//! What came back: how many have opened and answered, and the answers as one sheet. All of it is counted from the rows when it is asked for.

use kernel::{Id, Org, Person, Result, Timestamp};
use store::{Statement, Tx, Value, row};
use web::list::Where;

use crate::{
    fields::Field,
    lists::narrow_sight,
    model::{NoticeId, read},
    reach::Sight,
    sheet::Sums,
};

row! {
    /// How far the places of a notice are.
    #[derive(Default, PartialEq, Eq, Copy)]
    pub struct Progress {
        /// Places that it reached.
        pub places: i64,
        /// Those that have opened it.
        pub opened: i64,
        /// Those that have answered, or have read what asks for a receipt only.
        pub done: i64,
        /// Those whose answer was returned and not mended yet.
        pub returned: i64,
    }
}

impl Progress {
    /// Those that have not answered 未报.
    pub fn silent(&self) -> i64 {
        self.places - self.done
    }
}

/// How far the places are that somebody with this sight sees.
///
/// # Errors
/// Those of the store.
pub fn progress(tx: &mut Tx, id: NoticeId, sight: &Sight) -> Result<Progress> {
    let mut sql = Where::default();
    narrow_sight(id, sight, tx.now().day(), &mut sql);
    let text = format!(
        "SELECT count(*), count(r.opened_at), count(*) FILTER (WHERE r.state = 'done'), \
         count(*) FILTER (WHERE r.state = 'returned') FROM notice_recipient r WHERE {}",
        sql.text()
    );
    tx.one(Statement::dynamic(text), &sql.args)
}

/// The same of several notices, whole.
///
/// # Errors
/// Those of the store.
pub fn progress_of(tx: &mut Tx, ids: &[NoticeId]) -> Result<Vec<(NoticeId, Progress)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Where::default();
    let marks = vec!["?"; ids.len()].join(", ");
    sql.add(&format!("r.notice_id IN ({marks})"), ids.iter().map(Value::from));
    let text = format!(
        "SELECT r.notice_id, count(*), count(r.opened_at), count(*) FILTER (WHERE r.state = 'done'), \
         count(*) FILTER (WHERE r.state = 'returned') FROM notice_recipient r WHERE {} GROUP BY r.notice_id",
        sql.text()
    );
    let rows: Vec<(NoticeId, i64, i64, i64, i64)> = tx.all(Statement::dynamic(text), &sql.args)?;
    let progress = |(id, places, opened, done, returned)| (id, Progress { places, opened, done, returned });
    Ok(rows.into_iter().map(progress).collect())
}

row! {
    /// What a place answered, with whose it is.
    pub struct Handed {
        /// The place.
        pub org_id: Id<Org>,
        /// Its name.
        pub name: String,
        /// Code of the division that it serves.
        pub region_code: String,
        /// Which version.
        pub version: i64,
        /// When it was handed over.
        pub answered_at: Timestamp,
        /// Who did.
        pub answered_by: Option<Id<Person>>,
        answer: String,
    }
}

impl Handed {
    /// Its rows, a text for each column; none where the place has nothing to report.
    ///
    /// # Errors
    /// `kernel.bug` if they cannot be read.
    pub fn rows(&self) -> Result<Vec<Vec<String>>> {
        read(&self.answer)
    }

    /// Where the next page begins: behind this place.
    pub fn key(&self) -> String {
        format!("{}.{}", self.region_code, self.org_id)
    }
}

/// The answers that count, by division and place, behind a key of [`Handed::key`]; at most `limit`.
///
/// # Errors
/// Those of the store.
pub fn handed(
    tx: &mut Tx,
    id: NoticeId,
    sight: &Sight,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Handed>> {
    let mut sql = Where::default();
    narrow_sight(id, sight, tx.now().day(), &mut sql);
    sql.add("r.state = 'done'", []);
    if let Some((region, org)) = after.and_then(|key| key.split_once('.')) {
        sql.add("(o.region_code, r.org_id) > (?, ?)", [region.into(), org.into()]);
    }
    let text = format!(
        "SELECT r.org_id, o.name, o.region_code, a.version, a.answered_at, a.answered_by, a.answer FROM notice_recipient r \
         JOIN org o ON o.org_id = r.org_id \
         JOIN notice_answer a ON a.notice_id = r.notice_id AND a.org_id = r.org_id AND a.version = r.version \
         WHERE {} ORDER BY o.region_code, r.org_id LIMIT {limit}",
        sql.text()
    );
    tx.all(Statement::dynamic(text), &sql.args)
}

/// Answers that are read at once while they are added up or written.
pub(crate) const AT_ONCE: usize = 200;

/// Goes through all answers that count, in the order of [`handed`].
///
/// # Errors
/// Those of the store and of `each`.
pub fn each_handed(
    tx: &mut Tx,
    id: NoticeId,
    sight: &Sight,
    mut each: impl FnMut(&Handed) -> Result<()>,
) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let part = handed(tx, id, sight, after.as_deref(), AT_ONCE)?;
        part.iter().try_for_each(&mut each)?;
        match part.last() {
            Some(last) if part.len() == AT_ONCE => after = Some(last.key()),
            _ => return Ok(()),
        }
    }
}

/// The sums of the number columns over all answers that count, and how many rows there are.
///
/// # Errors
/// Those of the store.
pub fn sums(tx: &mut Tx, id: NoticeId, sight: &Sight, fields: &[Field]) -> Result<(Sums, usize)> {
    let (mut sums, mut count) = (Sums::new(fields), 0);
    each_handed(tx, id, sight, |handed| {
        for row in handed.rows()? {
            sums.add(&row);
            count += 1;
        }
        Ok(())
    })?;
    Ok((sums, count))
}
