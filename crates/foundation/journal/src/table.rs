//! Tables whose rows are vouched for by facts.

use seal::keyed_digest;
use store::Value;

/// A table of state. Every row that a fact wrote can be checked against it, and the other way round.
///
/// Besides the listed columns such a table has a last column `rev bigint`, which counts the changes of the row from 1:
/// the newest digest of a row is the one with the highest `rev`, whatever order its facts were committed in.
#[derive(Debug)]
pub struct Table {
    /// Name in the database.
    pub name: &'static str,
    /// Key columns; the distribution column comes first.
    pub key: &'static [&'static str],
    /// The other columns, without `rev`.
    pub columns: &'static [&'static str],
    /// Columns that came after the table was first used, with the text that stands in rows of before: a row that holds it has the digest
    /// that it had without the column, so that facts of before go on to vouch for it.
    pub later: &'static [(&'static str, &'static str)],
}

#[doc(hidden)]
pub struct ListedTable(pub &'static Table);

#[doc(hidden)]
pub const fn listed_table(table: &'static Table) -> ListedTable {
    ListedTable(table)
}

inventory::collect!(ListedTable);

/// All tables that facts vouch for, by name.
pub fn tables() -> Vec<&'static Table> {
    let mut tables: Vec<_> = inventory::iter::<ListedTable>().map(|listed| listed.0).collect();
    tables.sort_by_key(|table| table.name);
    tables
}

/// Declares a table of state:
/// `table! { /// Seats taken. pub ENROLMENT = "enrolment" (org_id, enrolment_id) [class_id, person_id, status]; }`. A text column that is added to a
/// table in use says what its older rows hold: `[…, status, remark = ""]`.
#[macro_export]
macro_rules! table {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $table:literal ($($key:ident),+) [$($column:ident $(= $default:literal)?),* $(,)?];)*) => {$(
        $(#[$doc])*
        $vis static $name: $crate::Table = $crate::Table {
            name: $table,
            key: &[$(stringify!($key)),+],
            columns: &[$(stringify!($column)),*],
            later: &[$($((stringify!($column), $default),)?)*],
        };
        $crate::inventory::submit! { $crate::listed_table(&$name) }
    )*};
}

impl Table {
    /// Key columns, other columns, `rev`: the order of every row of this table that goes in or comes out.
    pub fn all_columns(&self) -> String {
        let mut names: Vec<&str> = self.key.to_vec();
        names.extend_from_slice(self.columns);
        names.push("rev");
        names.join(", ")
    }

    /// How a row is named in facts and reports: `table:key/key`.
    pub fn record_name(&self, row: &[Value]) -> String {
        let mut name = String::with_capacity(self.name.len() + 40 * self.key.len());
        name.push_str(self.name);
        for (n, value) in row[..self.key.len()].iter().enumerate() {
            name.push(if n == 0 { ':' } else { '/' });
            match value {
                Value::Text(text) => name.push_str(text),
                Value::Int(number) => name.push_str(&number.to_string()),
                other => name.push_str(&format!("{other:?}")),
            }
        }
        name
    }

    fn later(&self, place: usize) -> Option<(&'static str, &'static str)> {
        if self.later.is_empty() {
            return None;
        }
        let column = self.columns.get(place.checked_sub(self.key.len())?)?;
        self.later.iter().find(|(name, _)| name == column).copied()
    }

    /// The digest of a row under a fact's salt: HMAC-SHA-256 over the table's name and the canonical values. A later column counts with its name,
    /// and only where it holds another text than in rows of before.
    pub fn digest(&self, salt: &[u8], row: &[Value]) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(256);
        Value::from(self.name).canonical(&mut bytes);
        for (n, value) in row.iter().enumerate() {
            match self.later(n) {
                Some((_, default)) if matches!(value, Value::Text(text) if text == default) => {}
                Some((name, _)) => {
                    Value::from(name).canonical(&mut bytes);
                    value.canonical(&mut bytes);
                }
                None => value.canonical(&mut bytes),
            }
        }
        keyed_digest(salt, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_column_leaves_rows_of_before_as_they_were() {
        let before = Table { name: "thing", key: &["id"], columns: &["name", "place"], later: &[] };
        let after = Table {
            name: "thing",
            key: &["id"],
            columns: &["name", "remark", "place"],
            later: &[("remark", "")],
        };
        let text = Value::from;
        let old = before.digest(b"salt", &[text("1"), text("书法"), text("here"), Value::Int(1)]);
        let row = |remark: Value| [text("1"), text("书法"), remark, text("here"), Value::Int(1)];
        assert_eq!(after.digest(b"salt", &row(text(""))), old);
        let others = [text("x"), Value::Null, Value::Int(0), text("remark")];
        let mut digests: Vec<[u8; 32]> = others.map(|remark| after.digest(b"salt", &row(remark))).to_vec();
        digests.push(old);
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 5, "each other content has a digest of its own");
        assert_eq!(after.all_columns(), "id, name, remark, place, rev");
    }
}
