//! The register of personal data is complete and true.

use std::collections::BTreeSet;

use store::Engine;

use super::scene::whole;

/// Columns of the register that are in nobody's archive, and why.
const NOT_IN_ARCHIVES: [(&str, &[&str]); 4] = [
    (
        "the same as a row of hers once more",
        &[
            "enrolment.person_id",
            "attendance.person_id",
            "completion.person_id",
            "credential_directory.person_id",
            "credential_serial.person_id",
            "helper_deed.helper_id",
            "fact.home",
            "account.owner_id",
        ],
    ),
    (
        "stands opened beside the rows",
        &["person.name_sealed", "person.phone_sealed", "card.number_sealed", "saved_search.sealed"],
    ),
    (
        "a secret or digest by which somebody is let in or found, or that lives for minutes or until it is answered",
        &[
            "person_key.person_id",
            "phone_directory.phone_index",
            "phone_directory.person_id",
            "card.card_index",
            "card.person_id",
            "card_pin.person_id",
            "helper_code.person_id",
            "web_session.person_id",
            "web_session.helped_id",
            "factor_secret.person_id",
            "factor_secret.sealed",
            "recovery_code.person_id",
            "login_code.phone_index",
            "invitation_contact.phone_index",
            "invitation_contact.contact_sealed",
            "invitation_draft.rows_sealed",
            "login_link.person_id",
            "api_token.person_id",
            "outbox.sealed",
            "rate.key",
            "command.actor",
            "export_piece.sealed",
        ],
    ),
    (
        "who did something for an organisation: its record, which its administrator gives",
        &[
            "card_pin.given_by",
            "role_grant.granted_by",
            "invitation.invited_by",
            "invitation_draft.made_by",
            "offer_batch.person_id",
            "offer_batch.undone_by",
            "batch_order.person_id",
            "batch_order.undone_by",
            "notice.made_by",
            "notice_recipient.opened_by",
            "notice_answer.answered_by",
            "reading.reader",
            "fact.actor",
            "attendance.recorded_by",
            "headcount.recorded_by",
            "class.teacher_id",
            "class_session.teacher_id",
        ],
    ),
];

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
        "invited_by",
        "opened_by",
        "answered_by",
    ];
    let of_one_table = [("rate", "key"), ("person", "birth_year"), ("person", "home_region")];
    names.contains(&column)
        || column.ends_with("_sealed")
        || ["phone_index", "card_index"].contains(&column)
        || of_one_table.contains(&(table, column))
}

/// The columns that the register lists.
fn listed() -> BTreeSet<&'static str> {
    let text = include_str!("../../../../docs/personal-data.md");
    text.lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect()
}

/// Whatever the register lists is in the archive of whom it concerns, or is said not to be.
#[test]
fn an_archive_holds_whatever_the_register_lists() {
    let in_rows = |column: &str| {
        let (table, name) = column.split_once('.').unwrap();
        // A row of hers is given whole.
        portal::OWN.iter().any(|(own, whose)| *own == table && (name == *whose || !name.ends_with("_id")))
    };
    let without = |column: &str| NOT_IN_ARCHIVES.iter().any(|(_, columns)| columns.contains(&column));
    let open: Vec<&str> =
        listed().into_iter().filter(|column| !in_rows(column) && !without(column)).collect();
    assert!(open.is_empty(), "give {open:?} to the person in her archive, or say here why not");
    let gone = NOT_IN_ARCHIVES.iter().flat_map(|(_, columns)| *columns);
    let gone: Vec<&&str> = gone.filter(|column| !listed().contains(**column)).collect();
    assert!(gone.is_empty(), "the register does not list {gone:?}");
}

#[test]
fn the_register_of_personal_data_is_complete() {
    let listed = listed();
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
