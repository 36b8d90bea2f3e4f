//! Looking regions and organisations up.

use std::collections::{BTreeMap, HashMap};

use kernel::{Id, Org, PageRequest, Paged, RegionCode, RegionLevel, Result};
use store::{FromRow, Statement, Tx, Value, params, sql};

use crate::{ORG, OrgKind, Organisation, REGION, Region};

/// Which organisations of a list are wanted. The default is all that are open.
#[derive(Debug, Clone, Default)]
pub struct OrgFilter {
    /// Only of this kind.
    pub kind: Option<OrgKind>,
    /// Only whose name contains this; empty for all.
    pub search: String,
    /// Closed ones too.
    pub closed: bool,
}

/// A division.
pub fn region(tx: &mut Tx, code: &RegionCode) -> Result<Option<Region>> {
    tx.opt(
        Statement::dynamic(format!("SELECT {} FROM region WHERE code = $1", REGION.all_columns())),
        params![code],
    )
}

/// Several divisions by their codes.
pub fn regions_by_codes(tx: &mut Tx, codes: &[RegionCode]) -> Result<HashMap<RegionCode, Region>> {
    let rows: Vec<Region> =
        by_keys(tx, "region", "code", &REGION.all_columns(), codes.iter().map(Value::from).collect())?;
    Ok(rows.into_iter().map(|region| (region.code.clone(), region)).collect())
}

/// The divisions of the highest level that is stored: the city.
pub fn top_region(tx: &mut Tx) -> Result<Option<Region>> {
    let text =
        format!("SELECT {} FROM region WHERE parent IS NULL ORDER BY code LIMIT 1", REGION.all_columns());
    tx.opt(Statement::dynamic(text), &[])
}

/// The divisions directly inside, by code.
pub fn region_children(tx: &mut Tx, code: &RegionCode) -> Result<Vec<Region>> {
    let text = format!(
        "SELECT {} FROM region WHERE parent = $1 AND valid_to IS NULL ORDER BY code",
        REGION.all_columns()
    );
    tx.all(Statement::dynamic(text), params![code])
}

/// The divisions directly inside, a page of them; the key is the code.
pub fn region_children_page(tx: &mut Tx, code: &RegionCode, page: &PageRequest) -> Result<Paged<Region>> {
    let text = format!(
        "SELECT {} FROM region WHERE parent = $1 AND valid_to IS NULL AND code > $2 ORDER BY code LIMIT {}",
        REGION.all_columns(),
        page.size + 1
    );
    let rows: Vec<Region> =
        tx.all(Statement::dynamic(text), params![code, page.after.as_deref().unwrap_or("")])?;
    Ok(paged(rows, page.size, |region| region.code.to_string()))
}

/// The divisions around one, the outermost first, without itself.
pub fn region_path(tx: &mut Tx, code: &RegionCode) -> Result<Vec<Region>> {
    let mut path = Vec::new();
    let mut next = region(tx, code)?.and_then(|region| region.parent);
    // Five levels; the bound keeps a damaged table from going round for ever.
    while let Some(found) =
        next.take().filter(|_| path.len() < 8).map(|code| region(tx, &code)).transpose()?.flatten()
    {
        next = found.parent.clone();
        path.push(found);
    }
    path.reverse();
    Ok(path)
}

/// An organisation.
pub fn org(tx: &mut Tx, org_id: Id<Org>) -> Result<Option<Organisation>> {
    tx.opt(
        Statement::dynamic(format!("SELECT {} FROM org WHERE org_id = $1", ORG.all_columns())),
        params![org_id],
    )
}

/// Several organisations by their identifiers.
pub fn orgs_by_ids(tx: &mut Tx, ids: &[Id<Org>]) -> Result<HashMap<Id<Org>, Organisation>> {
    let rows: Vec<Organisation> =
        by_keys(tx, "org", "org_id", &ORG.all_columns(), ids.iter().map(Value::from).collect())?;
    Ok(rows.into_iter().map(|org| (org.org_id, org)).collect())
}

/// The organisations above today, the outermost first, without itself.
pub fn ancestors(tx: &mut Tx, org_id: Id<Org>) -> Result<Vec<Organisation>> {
    let columns = prefixed("o", &ORG.all_columns());
    let text = format!(
        "SELECT {columns} FROM org_tree t JOIN org o ON o.org_id = t.ancestor_id \
         WHERE t.org_id = $1 AND t.depth > 0 AND t.from_day <= $2 AND (t.to_day IS NULL OR t.to_day > $2) ORDER BY t.depth DESC"
    );
    let today = tx.now().day();
    tx.all(Statement::dynamic(text), params![org_id, today])
}

/// The identifiers of an organisation and of all below it today.
pub fn descendant_ids(tx: &mut Tx, org_id: Id<Org>) -> Result<Vec<Id<Org>>> {
    let today = tx.now().day();
    let rows: Vec<(Id<Org>,)> = tx.all(
        sql!(
            "SELECT org_id FROM org_tree WHERE ancestor_id = $1 AND from_day <= $2 AND (to_day IS NULL OR to_day > $2) \
             ORDER BY org_id"
        ),
        params![org_id, today],
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The organisation that has none above: the city's guidance centre.
pub fn top_org(tx: &mut Tx) -> Result<Option<Organisation>> {
    let text =
        format!("SELECT {} FROM org WHERE parent_id IS NULL ORDER BY org_id LIMIT 1", ORG.all_columns());
    tx.opt(Statement::dynamic(text), &[])
}

/// The open organisations directly below, by division.
pub fn children(tx: &mut Tx, org_id: Id<Org>, page: &PageRequest) -> Result<Paged<Organisation>> {
    find_children(tx, org_id, &OrgFilter::default(), page)
}

/// The organisations directly below that the filter wants, by division.
pub fn find_children(
    tx: &mut Tx,
    org_id: Id<Org>,
    filter: &OrgFilter,
    page: &PageRequest,
) -> Result<Paged<Organisation>> {
    find(tx, "parent_id = $1", vec![org_id.into()], filter, page)
}

/// The open organisations that serve a division or one inside it.
pub fn orgs_in_region(
    tx: &mut Tx,
    code: &RegionCode,
    kind: Option<OrgKind>,
    page: &PageRequest,
) -> Result<Paged<Organisation>> {
    find_orgs_in_region(tx, code, &OrgFilter { kind, ..OrgFilter::default() }, page)
}

/// The organisations of a division and all inside it that the filter wants.
pub fn find_orgs_in_region(
    tx: &mut Tx,
    code: &RegionCode,
    filter: &OrgFilter,
    page: &PageRequest,
) -> Result<Paged<Organisation>> {
    let (low, high) = code_bounds(code);
    find(tx, "region_code BETWEEN $1 AND $2", vec![low.into(), high.into()], filter, page)
}

/// Whose name contains a text, anywhere in the city.
pub fn search_orgs(tx: &mut Tx, filter: &OrgFilter, page: &PageRequest) -> Result<Paged<Organisation>> {
    find(tx, "TRUE", Vec::new(), filter, page)
}

/// How many open organisations of each kind serve a division or one inside it; kinds without any are left out.
pub fn counts_by_kind(tx: &mut Tx, code: &RegionCode) -> Result<Vec<(OrgKind, i64)>> {
    if code.level() == RegionLevel::Province {
        // All of them: counted in the order of an index, without sorting.
        let mut counts: BTreeMap<OrgKind, i64> = BTreeMap::new();
        for (county, kinds) in counts_by_county(tx)? {
            if code.contains(&county) {
                kinds.into_iter().for_each(|(kind, count)| *counts.entry(kind).or_default() += count);
            }
        }
        return Ok(counts.into_iter().collect());
    }
    let (low, high) = code_bounds(code);
    let mut counts: Vec<(OrgKind, i64)> = tx.all(
        sql!("SELECT kind, count(*) FROM org WHERE region_code BETWEEN $1 AND $2 AND closed_on IS NULL GROUP BY kind"),
        params![low, high],
    )?;
    counts.sort();
    Ok(counts)
}

/// How many open organisations of each kind stand below an organisation today, itself included.
pub fn counts_by_kind_below(tx: &mut Tx, org_id: Id<Org>) -> Result<Vec<(OrgKind, i64)>> {
    let today = tx.now().day();
    let mut counts: Vec<(OrgKind, i64)> = tx.all(
        sql!(
            "SELECT o.kind, count(*) FROM org_tree t JOIN org o ON o.org_id = t.org_id \
             WHERE t.ancestor_id = $1 AND t.from_day <= $2 AND (t.to_day IS NULL OR t.to_day > $2) AND o.closed_on IS NULL \
             GROUP BY o.kind"
        ),
        params![org_id, today],
    )?;
    counts.sort();
    Ok(counts)
}

store::row! {
    /// Where an organisation is, for maps and distances.
    #[derive(PartialEq)]
    pub struct OrgPlace {
        /// Its identifier.
        pub org_id: Id<Org>,
        /// What it is.
        pub kind: OrgKind,
        /// Its name.
        pub name: String,
        /// The division that it serves.
        pub region_code: RegionCode,
        /// Longitude, WGS 84.
        pub lon: f64,
        /// Latitude.
        pub lat: f64,
        /// What to know of the position; empty if it was measured.
        pub place_note: String,
    }
}

const PLACE: &str = "org_id, kind, name, region_code, lon, lat, place_note";

/// The kinds of public venues as a list of SQL.
fn venue_kinds() -> String {
    OrgKind::VENUES.map(|kind| format!("'{kind}'")).join(", ")
}

/// Open public venues of a division, at most so many.
pub fn venues_in_region(tx: &mut Tx, code: &RegionCode, limit: usize) -> Result<Vec<Organisation>> {
    let (low, high) = code_bounds(code);
    let text = format!(
        "SELECT {} FROM org WHERE region_code BETWEEN $1 AND $2 AND closed_on IS NULL AND kind IN ({}) \
         ORDER BY region_code, kind, name, org_id LIMIT {limit}",
        ORG.all_columns(),
        venue_kinds()
    );
    tx.all(Statement::dynamic(text), params![low, high])
}

/// Where the open organisations of a division are, at most so many; those without a position are left out.
pub fn places_in_region(tx: &mut Tx, code: &RegionCode, limit: usize) -> Result<Vec<OrgPlace>> {
    let (low, high) = code_bounds(code);
    let text = format!(
        "SELECT {PLACE} FROM org WHERE region_code BETWEEN $1 AND $2 AND closed_on IS NULL AND lon IS NOT NULL AND lat IS NOT NULL \
         ORDER BY region_code, name, org_id LIMIT {limit}"
    );
    tx.all(Statement::dynamic(text), params![low, high])
}

/// Where the open organisations are whose position lies in an upright rectangle, given by its south-western and north-eastern corners
/// (longitude, latitude).
pub fn places_within(tx: &mut Tx, min: (f64, f64), max: (f64, f64)) -> Result<Vec<OrgPlace>> {
    let text = format!(
        "SELECT {PLACE} FROM org WHERE lat BETWEEN $1 AND $2 AND lon BETWEEN $3 AND $4 AND closed_on IS NULL ORDER BY org_id"
    );
    tx.all(Statement::dynamic(text), params![min.1, max.1, min.0, max.0])
}

/// How many open organisations serve each division directly inside this one or one further in; those without any are left out.
pub fn counts_by_child(tx: &mut Tx, code: &RegionCode) -> Result<HashMap<RegionCode, i64>> {
    let digits = match code.level() {
        RegionLevel::Province => 6,
        RegionLevel::Prefecture => 6,
        RegionLevel::County => 9,
        RegionLevel::Township | RegionLevel::Village => 12,
    };
    let (low, high) = code_bounds(code);
    let text = format!(
        "SELECT substr(region_code, 1, {digits}), count(*) FROM org WHERE region_code BETWEEN $1 AND $2 AND closed_on IS NULL \
         GROUP BY substr(region_code, 1, {digits})"
    );
    let rows: Vec<(String, i64)> = tx.all(Statement::dynamic(text), params![low, high])?;
    Ok(rows
        .into_iter()
        .filter_map(|(part, count)| Some((format!("{part:0<12}").parse().ok()?, count)))
        .collect())
}

/// The open organisation that answers for a division: of the learning places that serve this very one, the one that stands highest, and only
/// where there are none a public venue; `None` if no organisation serves it.
pub fn org_of_region(tx: &mut Tx, code: &RegionCode) -> Result<Option<Organisation>> {
    let columns = prefixed("o", &ORG.all_columns());
    let text = format!(
        "SELECT {columns} FROM org o WHERE o.region_code = $1 AND o.closed_on IS NULL ORDER BY \
         CASE WHEN o.kind IN ({}) THEN 1 ELSE 0 END, \
         (SELECT max(t.depth) FROM org_tree t WHERE t.org_id = o.org_id AND t.to_day IS NULL), \
         (SELECT count(*) FROM org_tree b WHERE b.ancestor_id = o.org_id AND b.to_day IS NULL) DESC, o.org_id LIMIT 1",
        venue_kinds()
    );
    tx.opt(Statement::dynamic(text), params![code])
}

/// How many open organisations of each kind each county (区县) has; what serves a whole city or province stands under its own code.
pub fn counts_by_county(tx: &mut Tx) -> Result<BTreeMap<RegionCode, Vec<(OrgKind, i64)>>> {
    let rows: Vec<(String, OrgKind, i64)> = tx.all(
        sql!(
            "SELECT substr(region_code, 1, 6), kind, count(*) FROM org WHERE closed_on IS NULL \
             GROUP BY substr(region_code, 1, 6), kind"
        ),
        &[],
    )?;
    let mut counts: BTreeMap<RegionCode, Vec<(OrgKind, i64)>> = BTreeMap::new();
    for (six, kind, count) in rows {
        if let Ok(county) = format!("{six}000000").parse() {
            counts.entry(county).or_default().push((kind, count));
        }
    }
    Ok(counts)
}

fn find(
    tx: &mut Tx,
    scope: &str,
    mut args: Vec<Value>,
    filter: &OrgFilter,
    page: &PageRequest,
) -> Result<Paged<Organisation>> {
    let mut conditions = vec![scope.to_owned()];
    if let Some(kind) = filter.kind {
        args.push(kind.into());
        conditions.push(format!("kind = ${}", args.len()));
    }
    if !filter.search.trim().is_empty() {
        args.push(contains(filter.search.trim()).into());
        conditions.push(format!("name LIKE ${} ESCAPE '!'", args.len()));
    }
    if !filter.closed {
        conditions.push("closed_on IS NULL".to_owned());
    }
    if let Some((region, name, id)) = page.after.as_deref().and_then(read_key) {
        args.extend([region.into(), name.into(), id.into()]);
        let last = args.len();
        conditions.push(format!("(region_code, name, org_id) > (${}, ${}, ${last})", last - 2, last - 1));
    }
    let text = format!(
        "SELECT {} FROM org WHERE {} ORDER BY region_code, name, org_id LIMIT {}",
        ORG.all_columns(),
        conditions.join(" AND "),
        page.size + 1
    );
    let rows: Vec<Organisation> = tx.all(Statement::dynamic(text), &args)?;
    Ok(paged(rows, page.size, |org| format!("{}.{}.{}", org.region_code, org.name, org.org_id)))
}

/// The key of a page: code, name and identifier; only the name may contain the dot between them.
fn read_key(key: &str) -> Option<(&str, &str, &str)> {
    let (region, rest) = key.split_once('.')?;
    let (name, id) = rest.rsplit_once('.')?;
    Some((region, name, id))
}

/// The lowest and the highest code inside a division.
pub fn code_bounds(code: &RegionCode) -> (String, String) {
    (format!("{:0<12}", code.prefix()), format!("{:9<12}", code.prefix()))
}

/// A LIKE pattern for texts that contain this one, with `!` as the escape.
pub fn contains(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Cuts the row that tells whether there are more, and makes its predecessor the key of the next page.
pub fn paged<T>(mut rows: Vec<T>, size: usize, key: impl Fn(&T) -> String) -> Paged<T> {
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(key);
    Paged { rows, next }
}

/// Rows whose key is among these, in statements of a hundred keys.
fn by_keys<T: FromRow>(
    tx: &mut Tx,
    table: &str,
    key: &str,
    columns: &str,
    keys: Vec<Value>,
) -> Result<Vec<T>> {
    let mut rows = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(100) {
        let marks: Vec<String> = (1..=chunk.len()).map(|n| format!("${n}")).collect();
        let text = format!("SELECT {columns} FROM {table} WHERE {key} IN ({})", marks.join(", "));
        rows.extend(tx.all(Statement::dynamic(text), chunk)?);
    }
    Ok(rows)
}

fn prefixed(table: &str, columns: &str) -> String {
    columns.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}
