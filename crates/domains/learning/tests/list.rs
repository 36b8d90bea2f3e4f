//! The list of attendances, on both engines: each row once in the order of time, however few of many they are; who sees what; names.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{Actor, Chance, Id, Org, Role, Timestamp};
use learning::{ATTENDANCES, AttendanceId, AttendanceLine, attendance_lines, count_attendances};
use network::testing::{SmallCity, small_city, somebody};
use people::{Register, Vault};
use store::{Statement, Value, both_engines, testing::TestStore};
use web::{
    list::{Count, Edge, Query, Slice},
    testing::{Client, TestSessions, shell},
};

both_engines!(&[
        journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
        catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS,
    ];
    each_is_met_once_forth_and_back,
    filters_and_places_leave_what_they_say,
    names_are_shown_to_whom_they_may_be_and_that_is_noted,
);

type Made = Vec<(AttendanceId, Id<Org>, i64, &'static str, &'static str)>;

/// So many attendances, many at the same moment; those of `early` lie before all others.
fn rows(store: &TestStore, places: &[(Id<Org>, usize)], early: Id<Org>, seed: u64) -> Made {
    let mut chance = Chance::seeded(seed);
    let mut pick = |n: i64| i64::from_le_bytes(chance.bytes()).rem_euclid(n);
    let (mut made, mut values): (Made, Vec<Vec<Value>>) = (Vec::new(), Vec::new());
    for (org, count) in places {
        for _ in 0..*count {
            let id: AttendanceId = Id::random(&mut Chance::seeded(pick(i64::MAX) as u64));
            let person: Id<Org> = Id::random(&mut Chance::seeded(pick(i64::MAX) as u64));
            let at =
                1_760_000_000_000 + pick(40) * 86_400_000 - if *org == early { 90 * 86_400_000 } else { 0 };
            let method = ["code", "code", "roll", "card"][pick(4) as usize];
            let status = if pick(10) == 0 { "reversed" } else { "valid" };
            made.push((id, *org, at, method, status));
            values.push(vec![
                (*org).into(),
                id.into(),
                person.into(),
                Id::<Org>::derived(org.as_bytes()).into(),
                person.into(),
                person.into(),
                Value::Int(3),
                Value::Int(90),
                method.into(),
                "system:test".into(),
                Value::Int(at),
                status.into(),
                "".into(),
                Value::Int(1),
            ]);
        }
    }
    store
        .write_blocking("test", move |tx| {
            tx.insert_many(
                "INSERT INTO attendance (org_id, attendance_id, session_id, class_id, offer_id, person_id, grade, minutes, method, \
                 recorded_by, occurred_at, status, reason, rev) VALUES",
                &values,
            )
        })
        .unwrap();
    made
}

fn page(store: &TestStore, actor: &Actor, query: &Query) -> Slice<AttendanceLine> {
    let (actor, query) = (actor.clone(), query.clone());
    store.read_blocking(move |tx| attendance_lines(tx, &actor, &query)).unwrap()
}

fn walk(store: &TestStore, actor: &Actor, text: &str) -> Vec<AttendanceId> {
    let query = Query::parse(&ATTENDANCES, text);
    let (mut seen, mut edge) = (Vec::new(), Edge::Start);
    loop {
        let page = page(store, actor, &query.clone().at(edge));
        seen.extend(page.rows.iter().map(|line| line.attendance_id));
        match page.after {
            Some(key) => edge = Edge::After(key),
            None => return seen,
        }
    }
}

fn expected(
    made: &Made,
    fits: impl Fn(&(AttendanceId, Id<Org>, i64, &str, &str)) -> bool,
) -> Vec<AttendanceId> {
    let mut rows: Vec<_> = made.iter().filter(|row| fits(row)).collect();
    rows.sort_by_key(|row| (row.2, row.0));
    rows.into_iter().map(|row| row.0).collect()
}

fn city(store: &TestStore) -> SmallCity {
    store.write_blocking("test", small_city).unwrap()
}

fn each_is_met_once_forth_and_back(store: &TestStore) {
    let city = city(store);
    // The school's own are few and old, so nothing of them stands among the next of the order of time.
    let places = [(city.other_school, 7_000), (city.school, 130), (city.centre, 45)];
    let made = rows(store, &places, city.school, 3);
    for (actor, fits) in [
        (
            somebody(1, Role::Head, city.school),
            Box::new(|org: Id<Org>| org == city.school || org == city.centre) as Box<dyn Fn(Id<Org>) -> bool>,
        ),
        (somebody(2, Role::Head, city.top), Box::new(|_| true)),
    ] {
        let size = if actor == somebody(2, Role::Head, city.top) { 100 } else { 20 };
        let up = expected(&made, |row| fits(row.1));
        assert_eq!(walk(store, &actor, &format!("sort=day&size={size}")), up);
        let down: Vec<AttendanceId> = up.iter().rev().copied().collect();
        assert_eq!(walk(store, &actor, &format!("size={size}")), down);
        // And back from the end.
        let query = Query::parse(&ATTENDANCES, &format!("size={size}"));
        let mut last = page(store, &actor, &query);
        while let Some(key) = last.after.clone() {
            last = page(store, &actor, &query.clone().at(Edge::After(key)));
        }
        let mut met: Vec<AttendanceId> = last.rows.iter().map(|line| line.attendance_id).collect();
        while let Some(key) = last.before.clone() {
            last = page(store, &actor, &query.clone().at(Edge::Before(key)));
            let new: Vec<_> =
                last.rows.iter().map(|line| line.attendance_id).filter(|id| !met.contains(id)).collect();
            met.splice(0..0, new);
        }
        assert_eq!(met, down);
    }
}

fn filters_and_places_leave_what_they_say(store: &TestStore) {
    let city = city(store);
    let places = [(city.other_school, 4_000), (city.school, 90), (city.centre, 300)];
    let made = rows(store, &places, city.school, 5);
    let top = somebody(1, Role::Head, city.top);
    let from = Timestamp::from_millis(1_760_000_000_000).day().plus(3);
    let (start, end) = (from.start().millis(), from.plus(8).start().millis());
    let mine = |org: Id<Org>| org == city.school || org == city.centre;
    type Fits<'a> = Box<dyn Fn(&(AttendanceId, Id<Org>, i64, &str, &str)) -> bool + 'a>;
    let cases: Vec<(String, Fits)> = vec![
        ("method=card".into(), Box::new(|row| row.3 == "card")),
        ("status=reversed".into(), Box::new(|row| row.4 == "reversed")),
        (format!("region={}&method=roll", city.district), Box::new(|row| mine(row.1) && row.3 == "roll")),
        (format!("org={}&status=valid", city.college), Box::new(|row| mine(row.1) && row.4 == "valid")),
        (format!("org={}&own=1", city.school), Box::new(|row| row.1 == city.school)),
        (format!("from={from}&to={}", from.plus(7)), Box::new(|row| (start..end).contains(&row.2))),
        (format!("class={}", Id::<Org>::derived(b"none")), Box::new(|_| false)),
        ("method=pigeon&from=yesterday".into(), Box::new(|_| true)),
    ];
    for (text, fits) in cases {
        let mut wanted = expected(&made, fits);
        wanted.reverse();
        assert_eq!(walk(store, &top, &format!("{text}&size=100")), wanted, "{text}");
        let (actor, query) = (top.clone(), Query::parse(&ATTENDANCES, &text));
        let count = store.read_blocking(move |tx| count_attendances(tx, &actor, &query, 9_999)).unwrap();
        assert_eq!(count, Count::Exactly(wanted.len() as i64), "{text}");
    }
    for stranger in [Actor::Nobody, somebody(3, Role::SystemAdministrator, city.top)] {
        assert_eq!(page(store, &stranger, &Query::parse(&ATTENDANCES, "")).rows, []);
    }
    let other = somebody(4, Role::Staff, city.other_school);
    assert_eq!(page(store, &other, &Query::parse(&ATTENDANCES, &format!("org={}", city.school))).rows, []);
}

fn names_are_shown_to_whom_they_may_be_and_that_is_noted(store: &TestStore) {
    let city = city(store);
    rows(store, &[(city.centre, 3), (city.other_school, 2)], city.top, 9);
    let vault = Arc::new(Vault::new([3; 32]));
    let made = vault.clone();
    store
        .write_blocking("test", move |tx| {
            let cmd = Register { name: "赵秀兰".to_owned(), demo: true, ..Register::default() };
            let person = people::register(tx, &made, &Actor::System("test"), &cmd)?;
            tx.exec(Statement::dynamic("UPDATE attendance SET person_id = $1".to_owned()), &[person.into()])
                .map(drop)
        })
        .unwrap();
    let sessions = Arc::new(TestSessions::default());
    let open = |who: u8, role, org| sessions.open(Id::derived(&[who; 16]), &[(role, org)]);
    let (staff, teacher, other) = (
        open(1, Role::Staff, city.centre),
        open(2, Role::Teacher, city.centre),
        open(3, Role::Staff, city.other_school),
    );
    let router = learning::routes().build(shell(store, sessions.clone()).with(vault));
    let client = |token: &str| {
        let mut client = Client::new(router.clone());
        client.cookie("session", token);
        client
    };
    let readings = || {
        let text = "SELECT count(*) FROM fact WHERE kind = 'people.names_read.v1'".to_owned();
        let (count,): (i64,) =
            store.read_blocking(move |tx| tx.one(Statement::dynamic(text.clone()), &[])).unwrap();
        count
    };
    let named = "/desk/attendances?cols=day,class,person";
    let plain = client(&staff).get("/desk/attendances").expect(200).has("共3人次");
    assert!(!plain.text.contains("赵秀兰") && !plain.text.contains('⟦'));
    let masked = client(&teacher).get(named).expect(200).has("（不显示）");
    assert!(!masked.text.contains("赵秀兰"));
    assert_eq!(readings(), 0);
    client(&staff).get(named).expect(200).has("赵秀兰");
    assert_eq!(readings(), 1);
    client(&other).get(named).expect(200).has("共2人次");
    let english = client(&staff).get(&format!("{named}&lang=en")).expect(200).has("3 attendances");
    assert!(!english.text.contains('⟦'));
    let ids: BTreeSet<_> = plain.text.match_indices("<tr>").collect();
    assert_eq!(ids.len(), 4, "a heading and three rows");
    client("").get("/desk/attendances").expect(303);
}
