//! Every row and fact of a person, as they are stored.

use kernel::{Id, Person, Result};
use people::Vault;
use serde_json::{Map, Value as Json, json};
use store::{Row, Statement, Tx, Value, params};

use crate::saved;

/// Tables whose rows are a person's own, and the column that says whose. What stands in other tables under her id is the same once more (a
/// roll, a directory), a secret by which she is let in, or the work that she did for an organisation; a test says so of each.
pub const OWN: [(&str, &str); 20] = [
    ("account", "account_id"),
    ("card_issue", "person_id"),
    ("consent", "person_id"),
    ("credential", "person_id"),
    ("entry", "account_id"),
    ("export", "person_id"),
    ("helper", "helper_id"),
    ("helper", "person_id"),
    ("helper_deed", "person_id"),
    ("leaving", "person_id"),
    ("my_attendance", "person_id"),
    ("my_class", "person_id"),
    ("person", "person_id"),
    ("person_number", "person_id"),
    ("role_grant", "person_id"),
    ("saved_search", "person_id"),
    ("saved_search_hit", "person_id"),
    ("saved_search_notice", "person_id"),
    ("second_factor", "person_id"),
    ("token_record", "person_id"),
];

/// Columns by which somebody is let in, or stops messages: she has no use for them, and a thief has.
const SECRET: [(&str, &str); 1] = [("saved_search_notice", "stop_key")];

/// All of it: `opened` holds what is sealed in the rows, `rows` the rows by table, `facts` the facts whose home she is.
pub(super) fn rows(tx: &mut Tx, vault: &Vault, person: Id<Person>) -> Result<Json> {
    let shapes = store::bulk::shapes(tx)?;
    let mut tables: Map<String, Json> = Map::new();
    for (table, column) in OWN {
        let Some(shape) = shapes.iter().find(|shape| shape.name == table) else { continue };
        let whose =
            if column == "account_id" { bank::account_of(person).to_string() } else { person.to_string() };
        let text = format!(
            "SELECT {} FROM {table} WHERE {column} = $1 ORDER BY {}",
            shape.column_list(),
            shape.key.join(", ")
        );
        let found: Vec<Row> = tx.all(Statement::dynamic(text), params![whose])?;
        let named = found.iter().map(|row| {
            let pairs = shape.columns.iter().zip(row.values());
            let shown = pairs.filter(|((name, _), _)| !SECRET.contains(&(table, name.as_str())));
            Json::Object(
                shown.filter_map(|((name, _), value)| Some((name.clone(), json_of(value)?))).collect(),
            )
        });
        let name = if column == "helper_id" { "helps" } else { table };
        tables.insert(name.to_owned(), named.collect());
    }
    let facts: Vec<Json> = journal::facts_of(tx, &person.to_string())?
        .into_iter()
        .map(|fact| {
            json!({
                "id": fact.id, "position": fact.pos, "kind": fact.kind, "actor": fact.actor, "subject": fact.subject,
                "occurred_at": fact.occurred_at.rfc3339(), "recorded_at": fact.recorded_at.rfc3339(),
                "payload": serde_json::from_str::<Json>(&fact.payload_text).unwrap_or_default(),
            })
        })
        .collect();
    let profile = people::profile(tx, vault, person)?;
    let searches: Vec<Json> = saved::mine(tx, vault, person)?
        .searches
        .iter()
        .map(|(saved, _)| json!({ "search_id": saved.search_id, "asked": saved.asked.pairs() }))
        .collect();
    Ok(json!({
        "person": person, "made_at": tx.now().rfc3339(),
        "opened": {
            "name": profile.name, "phone": people::phone_of(tx, vault, person)?, "card": people::card_of(tx, vault, person)?,
            "saved_searches": searches,
        },
        "rows": tables, "facts": facts,
    }))
}

/// Sealed bytes stand opened beside the rows; here they would say nothing.
fn json_of(value: &Value) -> Option<Json> {
    match value {
        Value::Null => Some(Json::Null),
        Value::Bool(value) => Some(json!(value)),
        Value::Int(value) => Some(json!(value)),
        Value::Real(value) => Some(json!(value)),
        Value::Text(text) => Some(json!(text)),
        Value::Bytes(_) => None,
    }
}
