//! The register of personal data is complete and true.

use std::collections::BTreeSet;

use store::Engine;

use super::scene::whole;

/// Columns that name a person or hold something of hers, by what they are called.
fn is_personal(table: &str, column: &str) -> bool {
    let names = [
        "person_id",
        "actor",
        "home",
        "reader",
        "recorded_by",
        "granted_by",
        "given_by",
        "sealed",
        "owner_id",
        "teacher_id",
        "made_by",
        "opened_by",
        "answered_by",
    ];
    let of_one_table = [("rate", "key"), ("person", "birth_year"), ("person", "home_region")];
    names.contains(&column)
        || column.ends_with("_sealed")
        || ["phone_index", "card_index"].contains(&column)
        || of_one_table.contains(&(table, column))
}

#[test]
fn the_register_of_personal_data_is_complete() {
    let text = include_str!("../../../../docs/personal-data.md");
    let listed: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect();
    let tables = whole(Engine::Sqlite).read_blocking(store::bulk::shapes).unwrap();
    let columns: BTreeSet<String> = tables
        .iter()
        .flat_map(|table| table.columns.iter().map(|(column, _)| format!("{}.{column}", table.name)))
        .collect();
    // Positions repeat whose record a fact is.
    let open: Vec<&String> = columns
        .iter()
        .filter(|name| name.split_once('.').is_some_and(|(table, column)| is_personal(table, column)))
        .filter(|name| !name.starts_with("fact_") && !listed.contains(name.as_str()))
        .collect();
    assert!(open.is_empty(), "say in docs/personal-data.md what {open:?} are for and how long they stay");
    let gone: Vec<&&str> = listed.iter().filter(|name| !columns.contains(**name)).collect();
    assert!(gone.is_empty(), "there are no columns {gone:?}");
}
