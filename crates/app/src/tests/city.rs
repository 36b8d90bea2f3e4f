//! The whole program on both engines: its statements, its words, one thread of learning from end to end, and what
//! happens when somebody writes into its tables by hand.

use journal::{Table, tables};
use kernel::{Credit, PageRequest, all_codes};
use store::{Engine, Row, Statement, Value, testing::TestStore};

use super::scene::{OPERATOR, Scene, problems, verified, whole};

macro_rules! both {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $test() { super::$test(&super::whole(super::Engine::Sqlite)); })*
        }
        mod on_postgres {
            $(#[test] fn $test() { super::$test(&super::whole(super::Engine::Postgres)); })*
        }
    };
}
both!(every_statement_is_accepted, from_the_seat_to_the_figure, a_change_by_hand_is_found_and_named);

fn every_statement_is_accepted(store: &TestStore) {
    assert!(store::registered().count() > 100, "the statements of the domains are linked");
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

#[test]
fn every_refusal_has_words() {
    let keys: Vec<String> = all_codes().into_iter().map(kernel::Code::message_key).collect();
    assert!(keys.len() > 50, "the codes of the domains are linked");
    web::i18n::check(&keys.iter().map(String::as_str).collect::<Vec<_>>());
}

fn from_the_seat_to_the_figure(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    let (resident, class_id) = (scene.person("resident").unwrap(), scene.class.class_id);
    let (sums, balance, entries, held, figures) = store
        .read_blocking(move |tx| {
            let page = PageRequest::first(10);
            Ok((
                learning::sums_of_person(tx, resident)?,
                bank::balance(tx, resident)?,
                bank::entries(tx, resident, &page)?.rows,
                credentials::credentials_of_person(tx, resident, &page)?.rows,
                statistics::city_summary(tx)?,
            ))
        })
        .unwrap();
    assert_eq!((sums.0, sums.1.0), (2, 180));
    // Twice 90 ÷ 45 ÷ 16 credits.
    assert_eq!((balance, entries.len()), (Credit(250), 2));
    let [credential] = &held[..] else { panic!("one certificate: {held:?}") };
    assert_eq!((credential.class_id, credential.attended, credential.planned), (class_id, 2, 3));
    // People who came twice are two attendances and one learner; visitors are no learners.
    assert_eq!((figures.attendances, figures.visitors, figures.learners_this_year), (2, 12, 1));
    assert_eq!(figures.minutes, 180);
    assert_eq!(verified(store), []);
}

fn a_change_by_hand_is_found_and_named(store: &TestStore) {
    let scene = Scene::new(store);
    scene.learn(store);
    change_many(store, &scene);
    assert_eq!(verified(store), []);
    for table in tables() {
        let text =
            format!("SELECT {} FROM {} ORDER BY {}", table.all_columns(), table.name, table.key.join(", "));
        let row =
            store.read_blocking(move |tx| tx.opt::<Row>(Statement::dynamic(text.clone()), &[])).unwrap();
        let row = row.unwrap_or_else(|| panic!("the scene leaves no row in {}", table.name));
        change_each_column(store, table, &row);
        take_away(store, table, &row);
    }
}

/// A batch over offers, ordered and undone.
fn change_many(store: &TestStore, scene: &Scene) {
    let (city, year) = (scene.actor("city"), 2027);
    let set = network::SetHolidays { year, days: "2027-01-01 休 元旦".to_owned() };
    store.write_blocking("test.holidays", move |tx| network::set_holidays(tx, &city, &set)).unwrap();
    let lines = "区划,500103001000,500103009000\n".to_owned();
    let on = store.clock().now().day();
    let (title, document) = ("区划".to_owned(), String::new());
    let cmd = network::Prepare { title, document, effective_on: on, lines };
    let reorganise = move |tx: &mut store::Tx| match network::prepare(tx, &OPERATOR, &cmd)? {
        network::Prepared::Ready(id) => network::confirm(tx, &OPERATOR, id),
        network::Prepared::Faulty(faults) => panic!("{faults:?}"),
    };
    store.write_blocking("test.reorganise", reorganise).unwrap();
    let (vault, resident, centre) =
        (scene.vault.clone(), scene.person("resident").unwrap(), scene.city.centre);
    let renew = move |tx: &mut store::Tx| {
        people::give_out(tx, &vault, &OPERATOR, centre, resident, people::Gives::Pin)
    };
    store.write_blocking("test.pin", renew).unwrap();
    let (vault, by) = (scene.vault.clone(), scene.actor("resident"));
    let leave = move |tx: &mut store::Tx| people::order_leaving(tx, &vault, &by);
    store.write_blocking("test.leave", leave).unwrap();
    let (vault, by) = (scene.vault.clone(), scene.actor("school"));
    let invite = move |tx: &mut store::Tx| {
        let (phone, message) = (people::typed_phone("19911220001")?, String::new());
        let wanted = people::Invite {
            name: "陈老师".to_owned(),
            phone,
            role: kernel::Role::Teacher,
            org: centre,
            to_day: None,
            message,
        };
        people::invite(tx, &vault, &by, &[wanted], &network::access::require)
    };
    store.write_blocking("test.invite", invite).unwrap();
    let (class_id, staff) = (scene.class.class_id, scene.actor("staff"));
    let offer = store.read_blocking(move |tx| activities::class(tx, class_id)).unwrap().unwrap().offer_id;
    let batch = portal::draw_up(store, &staff, &portal::BatchAction::Cost(500), &[offer]).unwrap();
    let by = staff.clone();
    let ordered = store.write_blocking("test.order", move |tx| portal::order_batch(tx, &by, batch)).unwrap();
    assert_eq!(ordered, 1);
    portal::run_batch(store, batch).unwrap();
    let undone = store.write_blocking("test.undo", move |tx| portal::undo_batch(tx, &staff, batch)).unwrap();
    assert_eq!(undone, 1);
    portal::run_batch(store, batch).unwrap();
}

/// Changes one value after the other, looks, and puts it back.
fn change_each_column(store: &TestStore, table: &'static Table, row: &Row) {
    let (width, record) = (table.key.len(), table.record_name(row.values()));
    let mut changed = 0;
    for (column, value) in table.columns.iter().zip(&row.values()[width..]) {
        let Some(other) = different(value) else { continue };
        // A check of the database itself may refuse it before.
        if !write(store, table, column, other, row) {
            continue;
        }
        changed += 1;
        let found = problems(store);
        assert!(
            found.iter().any(|p| p.record == record),
            "{record}.{column} was changed, and nobody told: {found:?}"
        );
        assert!(write(store, table, column, value.clone(), row));
    }
    assert!(changed > 0, "no column of {} could be changed", table.name);
    assert_eq!(problems(store), [], "{record} is as it was");
}

fn write(store: &TestStore, table: &'static Table, column: &str, value: Value, row: &Row) -> bool {
    let keys: Vec<String> =
        table.key.iter().enumerate().map(|(n, key)| format!("{key} = ${}", n + 2)).collect();
    let text = format!("UPDATE {} SET {column} = $1 WHERE {}", table.name, keys.join(" AND "));
    let mut params = vec![value];
    params.extend_from_slice(&row.values()[..table.key.len()]);
    store.write_blocking("test.tamper", move |tx| tx.exec(Statement::dynamic(text.clone()), &params)).is_ok()
}

/// A value that differs in one number, letter or bit; `None` for a missing one.
fn different(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => Value::Bool(!value),
        // SQLite gives truth as a number.
        Value::Int(0) => Value::Int(1),
        Value::Int(1) => Value::Int(0),
        Value::Int(number) => Value::Int(number + 1),
        Value::Real(number) => Value::Real(number + 1.0),
        Value::Bytes(bytes) => Value::Bytes(bytes.iter().map(|byte| byte ^ 1).collect()),
        Value::Text(text) => {
            let mut text = text.clone();
            match text.pop() {
                Some('0') => text.push('1'),
                Some(last) if last.is_ascii_hexdigit() => text.push('0'),
                Some(last) => text.extend([last, 'x']),
                None => text.push('x'),
            }
            Value::Text(text)
        }
    })
}

/// Deletes the row, looks, and puts it back.
fn take_away(store: &TestStore, table: &'static Table, row: &Row) {
    let (width, record) = (table.key.len(), table.record_name(row.values()));
    let keys: Vec<String> =
        table.key.iter().enumerate().map(|(n, key)| format!("{key} = ${}", n + 1)).collect();
    let text = format!("DELETE FROM {} WHERE {}", table.name, keys.join(" AND "));
    let key = row.values()[..width].to_vec();
    store.write_blocking("test.delete", move |tx| tx.exec(Statement::dynamic(text.clone()), &key)).unwrap();
    let found = problems(store);
    assert!(found.iter().any(|p| p.record == record), "{record} was deleted, and nobody told: {found:?}");
    let text = format!("INSERT INTO {} ({}) VALUES", table.name, table.all_columns());
    let row = row.values().to_vec();
    store
        .write_blocking("test.restore", move |tx| tx.insert_many(&text, std::slice::from_ref(&row)))
        .unwrap();
    assert_eq!(problems(store), [], "{record} is back");
}
