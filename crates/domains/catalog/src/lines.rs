//! The offers of many organisations as a list: those that an actor manages, searched, filtered and sorted.
//!
//! `offer_line` is a narrow copy of the offers. It is written with them, and [`lines_behind`] with [`mend_lines`] makes up for what a program of before wrote
//! without it. A page first looks at the next rows of the wanted order, in which most of what is asked for stands; where too few of
//! them fit (ten offers of mine among a hundred thousand), it gathers the fitting ones of the organisations that count and sorts them.

use std::str::FromStr;

use kernel::{Actor, Id, Org, RegionCode, Result, Right, Timestamp};
use network::{
    access::{self, Scope},
    code_bounds, contains,
};
use store::{Statement, Tx, params, row, sql};
use web::list::{Column, Count, Key, Query, Segment, Slice, Spec, Where, slice};

use crate::{Audience, OfferId, OfferKind, OfferStatus};

/// Rows of the wanted order that are looked at before the fitting ones are gathered.
const LOOKED_AT: usize = 2_000;

/// The list of offers.
pub static OFFERS: Spec = Spec {
    name: "offers",
    columns: &[
        Column::new("title", "catalog-field-title").by_text(),
        Column::new("org", "catalog-by"),
        Column::new("kind", "catalog-field-kind"),
        Column::new("subject", "catalog-field-subject").extra(),
        Column::new("audience", "catalog-field-audience").extra(),
        Column::new("status", "catalog-status"),
        Column::new("cost", "catalog-cost").by_number().figures(),
        Column::new("next", "catalog-next-class"),
        Column::new("changed", "catalog-changed").by_number(),
        Column::new("published", "catalog-first-published").by_number().extra(),
        Column::new("actions", "catalog-actions"),
    ],
    filters: &["status", "kind", "subject", "region", "org", "own"],
    sort: "-changed",
};

/// Which offers a list has: those that the actor manages, narrowed by what is set here. The default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfferListFilter {
    /// Only whose title contains this; empty for all.
    pub q: String,
    /// Only those of this organisation and of those below it.
    pub org: Option<Id<Org>>,
    /// Of that organisation alone.
    pub own: bool,
    /// Only of organisations that serve this division or one inside it.
    pub region: Option<RegionCode>,
    /// Only those that stand so.
    pub status: Option<OfferStatus>,
    /// Only of this kind.
    pub kind: Option<OfferKind>,
    /// Only of this subject, or of this field of subjects.
    pub subject: Option<String>,
}

impl From<&Query> for OfferListFilter {
    fn from(query: &Query) -> Self {
        Self {
            q: query.q.clone(),
            org: query.filter_as("org"),
            own: query.filter("own") == "1",
            region: query.filter_as("region"),
            status: query.filter_as("status"),
            kind: query.filter_as("kind"),
            subject: Some(query.filter("subject").to_owned()).filter(|code| !code.is_empty()),
        }
    }
}

/// Reads the part of the list's address behind the question mark. What is unknown is passed over, so nothing is refused.
impl FromStr for OfferListFilter {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(Self::from(&Query::parse(&OFFERS, text)))
    }
}

row! {
    /// An offer as lists show it.
    #[derive(PartialEq)]
    pub struct OfferLine {
        /// Who offers it.
        pub org_id: Id<Org>,
        /// Its identifier.
        pub offer_id: OfferId,
        /// Title.
        pub title: String,
        /// What it is.
        pub kind: OfferKind,
        /// Code of its subject.
        pub subject_code: String,
        /// Whom it is made for.
        pub audience: Audience,
        /// Where it stands.
        pub status: OfferStatus,
        /// What it costs in fen.
        pub cost_fen: i64,
        /// When it was last changed; unknown for old ones.
        pub changed_at: Option<Timestamp>,
        /// When it was first published.
        pub published_at: Option<Timestamp>,
    }
}

const COLUMNS: &str =
    "org_id, offer_id, title, kind, subject_code, audience, status, cost_fen, changed_at, published_at";

/// What a list of offers is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Change,
    Publishing,
    Title,
    Cost,
    Id,
}

impl By {
    fn of(query: &Query) -> Self {
        match query.sort().key {
            "published" => By::Publishing,
            "title" => By::Title,
            "cost" => By::Cost,
            _ => By::Change,
        }
    }

    const fn column(self) -> &'static str {
        match self {
            By::Change => "changed_at",
            By::Publishing => "published_at",
            By::Title => "title",
            By::Cost => "cost_fen",
            By::Id => "offer_id",
        }
    }

    /// The same value in a form by which no index is sorted: the fitting rows are to be gathered first.
    const fn gathered(self) -> &'static str {
        match self {
            By::Change => "(changed_at + 0)",
            By::Publishing => "(published_at + 0)",
            By::Title => "(title || '')",
            By::Cost => "(cost_fen + 0)",
            By::Id => "(offer_id || '')",
        }
    }

    /// Whether it can be missing.
    const fn gaps(self) -> bool {
        matches!(self, By::Change | By::Publishing)
    }

    fn key(self, line: &OfferLine) -> Key {
        let moment = |at: Option<Timestamp>| Key::number(at.map(Timestamp::millis), line.offer_id);
        match self {
            By::Change => moment(line.changed_at),
            By::Publishing => moment(line.published_at),
            By::Title => Key::text(&line.title, line.offer_id),
            By::Cost => Key::number(line.cost_fen, line.offer_id),
            By::Id => Key::text(&line.offer_id.to_string(), line.offer_id),
        }
    }
}

/// The page of offers that a query asks for, of those that the actor manages.
///
/// # Errors
/// Those of the store.
pub fn offer_lines(tx: &mut Tx, actor: &Actor, query: &Query) -> Result<Slice<OfferLine>> {
    let filter = OfferListFilter::from(query);
    let scope = access::scope(tx, actor, Right::ManageOffers, filter.org)?;
    let by = By::of(query);
    slice(
        &query.edge,
        query.descending,
        by.gaps(),
        query.size,
        |line| by.key(line),
        |segment| {
            if scope.is_empty() { Ok(Vec::new()) } else { fetch(tx, &scope, &filter, by, segment) }
        },
    )
}

/// How many offers a filter leaves of those that the actor manages, counted up to `most`.
///
/// # Errors
/// Those of the store.
pub fn count_offers(tx: &mut Tx, actor: &Actor, filter: &OfferListFilter, most: i64) -> Result<Count> {
    let scope = access::scope(tx, actor, Right::ManageOffers, filter.org)?;
    let mut sql = Where::default();
    filter.narrow(&scope, tx, &mut sql);
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 AS one FROM offer_line WHERE {} LIMIT {}) counted",
        sql.text(),
        most + 1
    );
    let (counted,): (i64,) = tx.one(Statement::dynamic(text), &sql.args)?;
    Ok(Count::bounded(counted, most))
}

/// Identifiers of the offers that a filter leaves of those that the actor manages, in the order in which they were written; at most
/// `limit`, after one of them. For work that goes through all of them in parts.
///
/// # Errors
/// Those of the store.
pub fn offers_matching(
    tx: &mut Tx,
    actor: &Actor,
    filter: &OfferListFilter,
    after: Option<OfferId>,
    limit: usize,
) -> Result<Vec<OfferId>> {
    let scope = access::scope(tx, actor, Right::ManageOffers, filter.org)?;
    if scope.is_empty() {
        return Ok(Vec::new());
    }
    let key = after.map(|id| Key::text(&id.to_string(), id));
    let segment = Segment { without: false, from: key.as_ref(), ascending: true, gaps: false, limit };
    let lines = fetch(tx, &scope, filter, By::Id, segment)?;
    Ok(lines.into_iter().map(|line| line.offer_id).collect())
}

fn fetch(
    tx: &mut Tx,
    scope: &Scope,
    filter: &OfferListFilter,
    by: By,
    segment: Segment,
) -> Result<Vec<OfferLine>> {
    // The offers of one organisation are so few that they are gathered at once.
    if !filter.own {
        let mut sql = Where::default();
        let (column, order) = (by.column(), segment.order(by.column(), "offer_id"));
        segment.narrow(&mut sql, column, "offer_id");
        let place = sql.cut();
        filter.narrow(scope, tx, &mut sql);
        let text = format!(
            "SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM offer_line WHERE {place} ORDER BY {order} LIMIT {LOOKED_AT}) looked_at \
             WHERE {} ORDER BY {order} LIMIT {}",
            sql.text(),
            segment.limit
        );
        let rows: Vec<OfferLine> = tx.all(Statement::dynamic(text), &sql.args)?;
        if rows.len() >= segment.limit {
            return Ok(rows);
        }
    }
    let mut sql = Where::default();
    let (column, order) = (by.gathered(), segment.order(by.gathered(), "offer_id"));
    segment.narrow(&mut sql, column, "offer_id");
    filter.narrow(scope, tx, &mut sql);
    let text = format!(
        "SELECT {COLUMNS} FROM offer_line WHERE {} ORDER BY {order} LIMIT {}",
        sql.text(),
        segment.limit
    );
    tx.all(Statement::dynamic(text), &sql.args)
}

impl OfferListFilter {
    fn narrow(&self, scope: &Scope, tx: &Tx, to: &mut Where) {
        match (self.own, self.org, scope) {
            // That the organisation is within the actor's reach was found before.
            (true, Some(org), Scope::Under(orgs)) if orgs.contains(&org) => {
                to.add("org_id = ?", [org.into()]);
            }
            _ => scope.narrow(to, "org_id", tx.now().day()),
        }
        if let Some(code) = &self.region {
            let (low, high) = code_bounds(code);
            let inside = "org_id IN (SELECT o.org_id FROM org o WHERE o.region_code BETWEEN ? AND ?)";
            to.add(inside, [low.into(), high.into()]);
        }
        if let Some(status) = self.status {
            to.add("status = ?", [status.into()]);
        }
        if let Some(kind) = self.kind {
            to.add("kind = ?", [kind.into()]);
        }
        match self.subject.as_deref() {
            Some(field) if field.len() == 2 => to.add("substr(subject_code, 1, 2) = ?", [field.into()]),
            Some(code) => to.add("subject_code = ?", [code.into()]),
            None => {}
        }
        if !self.q.is_empty() {
            to.add("title LIKE ? ESCAPE '!'", [contains(&self.q).into()]);
        }
    }
}

/// Writes the line of an offer that was just written, in the same transaction.
pub(crate) fn write_line(tx: &mut Tx, org_id: Id<Org>, offer_id: OfferId) -> Result<()> {
    let now = tx.now();
    tx.exec_later(
        sql!(
            "INSERT INTO offer_line (org_id, offer_id, title, kind, subject_code, audience, status, cost_fen, changed_at, published_at, rev) \
             SELECT org_id, offer_id, title, kind, subject_code, audience, status, cost_fen, CAST($3 AS bigint), published_at, rev \
             FROM offer WHERE org_id = $1 AND offer_id = $2 \
             ON CONFLICT (org_id, offer_id) DO UPDATE SET title = excluded.title, kind = excluded.kind, \
             subject_code = excluded.subject_code, audience = excluded.audience, status = excluded.status, \
             cost_fen = excluded.cost_fen, changed_at = excluded.changed_at, published_at = excluded.published_at, rev = excluded.rev"
        ),
        params![org_id, offer_id, now],
    )
}

/// Offers that have no line, or one that is behind: a program of before may have written them while both ran. At most so many that one
/// transaction can mend.
///
/// # Errors
/// Those of the store.
pub fn lines_behind(tx: &mut Tx) -> Result<Vec<(Id<Org>, OfferId)>> {
    tx.all(
        sql!(
            "SELECT o.org_id, o.offer_id FROM offer o LEFT JOIN offer_line l ON l.org_id = o.org_id AND l.offer_id = o.offer_id \
             WHERE l.rev IS DISTINCT FROM o.rev LIMIT 200"
        ),
        &[],
    )
}

/// Writes the lines of these offers anew.
///
/// # Errors
/// Those of the store.
pub fn mend_lines(tx: &mut Tx, behind: &[(Id<Org>, OfferId)]) -> Result<()> {
    behind.iter().try_for_each(|(org_id, offer_id)| write_line(tx, *org_id, *offer_id))
}
