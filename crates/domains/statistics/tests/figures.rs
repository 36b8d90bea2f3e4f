//! Figures equal their records, on both engines.

use std::sync::Arc;

use activities::{OpenedClass, SignUp, testing::class_at};
use journal::{Consumer, Problem};
use kernel::{Actor, Day, Id, Minutes, Month, Org, Person, Role};
use learning::{correct_minutes, note_headcount, reverse_attendance, reverse_headcount, roll_call};
use network::{
    Prepare, Prepared,
    testing::{SmallCity, refusal, resident, small_city, somebody},
};
use seal::SigningKey;
use statistics::{
    Cell, Months, Tree, by_child, by_class, by_month, by_session, city_summary, import_packaged_figures,
    reported_figure, reported_figures, years,
};
use store::{Statement, Tx, both_engines, params, testing::TestStore};

both_engines!(&[
        journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
        catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS,
        credentials::MIGRATIONS, statistics::MIGRATIONS,
    ];
    a_person_at_two_places_is_one_learner,
    corrections_and_reversals_reach_the_cell,
    classes_and_certificates_count_where_they_were_held,
    the_check_names_the_cell_that_was_changed,
    facts_on_their_way_are_no_fault,
    rebuilding_gives_the_same,
    figures_of_the_document_are_entered_once,
    figures_of_before_are_read_as_then_and_as_now,
    every_statement_is_accepted,
);

const OPERATOR: Actor = Actor::System("test");

fn consumers() -> Vec<Arc<dyn Consumer>> {
    [credentials::testing::consumers(), statistics::consumers()].concat()
}

fn drain(store: &TestStore) {
    journal::drain(store, &consumers()).unwrap();
}

fn problems(store: &TestStore) -> Vec<Problem> {
    let key = SigningKey::from_seed(&[1; 32]).verifying_key();
    store.read_blocking(move |tx| journal::verify(tx, &key, "test", &|_| {})).unwrap().problems
}

fn id(who: u8) -> Id<Person> {
    resident(who).person().unwrap()
}

/// This month: the test store's clock stands in November 2026.
const NOVEMBER: Month = Month(2026 * 12 + 10);

fn city(store: &TestStore) -> SmallCity {
    store
        .write_blocking("test", |tx| {
            let city = small_city(tx)?;
            catalog::testing::some_subjects(tx)?;
            Ok(city)
        })
        .unwrap()
}

/// A class of one session of 90 minutes that began five minutes ago, and these people are ticked off.
fn held(store: &TestStore, org: Id<Org>, who: &'static [u8]) -> OpenedClass {
    store
        .write_blocking("test", move |tx| {
            let opened = class_at(tx, org, None, 20, 1, -5)?;
            for person in who {
                let cmd = SignUp { class_id: opened.class_id, person_id: id(*person) };
                activities::sign_up(tx, &resident(*person), &cmd)?;
                roll_call(tx, &OPERATOR, opened.sessions[0], id(*person))?;
            }
            Ok(opened)
        })
        .unwrap()
}

fn cell(store: &TestStore, org: Id<Org>) -> Cell {
    store
        .read_blocking(move |tx| {
            let mut total = Cell::default();
            by_month(tx, org, Months::year(2026), Tree::Now)?.values().for_each(|cell| total.unite(cell));
            Ok(total)
        })
        .unwrap()
}

fn change(store: &TestStore, text: &'static str) {
    let changed = store.write_blocking("test", move |tx| tx.exec(Statement::dynamic(text.to_owned()), &[]));
    assert!(changed.unwrap() > 0, "{text}");
}

fn a_person_at_two_places_is_one_learner(store: &TestStore) {
    let city = city(store);
    let nothing = store.read_blocking(city_summary).unwrap();
    assert_eq!(nothing, statistics::Summary::default());
    let class = held(store, city.centre, &[1, 2, 3, 4, 5, 6]);
    held(store, city.other_school, &[1, 2, 7]);
    held(store, city.centre, &[1]);
    drain(store);
    let (here, there, all) =
        (cell(store, city.centre), cell(store, city.other_school), cell(store, city.top));
    assert_eq!((here.attendances, here.minutes, here.learners()), (7, 630, 6));
    assert_eq!((there.attendances, there.minutes, there.learners()), (3, 270, 3));
    assert_eq!((all.attendances, all.minutes, all.learners()), (10, 900, 7));
    assert_eq!(cell(store, city.college), here);
    let summary = store.read_blocking(city_summary).unwrap();
    assert_eq!((summary.attendances, summary.visitors), (10, 0));
    assert_eq!((summary.learners_this_year, summary.minutes), (7, 900));

    let (children, classes, sessions, years) = store
        .read_blocking(move |tx| {
            let found = activities::class(tx, class.class_id)?.unwrap();
            Ok((
                by_child(tx, city.top, Months::year(2026), Tree::Now)?,
                by_class(tx, city.centre, Months::year(2026))?,
                by_session(tx, &found, Months::year(2026))?,
                years(tx)?,
            ))
        })
        .unwrap();
    assert_eq!(children.into_keys().collect::<Vec<_>>(), {
        let mut both = vec![city.college, city.other_college];
        both.sort();
        both
    });
    let mut of_classes: Vec<_> = classes.iter().map(|(_, counts)| counts.attendances).collect();
    of_classes.sort();
    assert_eq!(of_classes, [1, 6]);
    assert_eq!((sessions.0.learners, sessions.1.len(), sessions.1[0].1.attendances), (6, 1, 6));
    assert_eq!(years, [2026]);
    let past = store.read_blocking(move |tx| by_month(tx, city.top, Months::year(2025), Tree::Now)).unwrap();
    assert!(past.is_empty());
    assert_eq!(problems(store), []);
}

fn figures_of_before_are_read_as_then_and_as_now(store: &TestStore) {
    let city = city(store);
    held(store, city.centre, &[1, 2, 3]);
    let (december, today) = (Day::of(2026, 12, 1).unwrap(), Day::of(2026, 12, 15).unwrap());
    store.clock.set(today.at(600));
    held(store, city.centre, &[1, 4]);
    held(store, city.other_school, &[5]);
    drain(store);
    let lines = format!("划转,{},{}", city.school, city.other_college);
    let cmd = Prepare { title: "划转".to_owned(), document: String::new(), effective_on: december, lines };
    let id = store
        .write_blocking("test", move |tx| {
            let Prepared::Ready(id) = network::prepare(tx, &OPERATOR, &cmd)? else { panic!("faulty") };
            network::confirm(tx, &OPERATOR, id)?;
            Ok(id)
        })
        .unwrap();
    drain(store);
    let months = Months::year(2026);
    let of = |org: Id<Org>, tree: Tree| {
        let cells = store.read_blocking(move |tx| by_month(tx, org, months, tree)).unwrap();
        cells.into_iter().map(|(month, cell)| (month.number(), cell.attendances)).collect::<Vec<_>>()
    };
    assert_eq!(of(city.college, Tree::Now), []);
    assert_eq!(of(city.other_college, Tree::Now), [(11, 3), (12, 3)]);
    assert_eq!(of(city.college, Tree::Then), [(11, 3)]);
    assert_eq!(of(city.other_college, Tree::Then), [(12, 3)]);
    for tree in [Tree::Now, Tree::Then] {
        assert_eq!(of(city.top, tree), [(11, 3), (12, 3)], "the city loses nothing");
        assert_eq!(of(city.school, tree), [(11, 3), (12, 2)]);
    }
    let children = |org: Id<Org>, tree: Tree| {
        let cells = store.read_blocking(move |tx| by_child(tx, org, months, tree)).unwrap();
        let mut told: Vec<_> =
            cells.into_iter().map(|(id, cell)| (id, cell.attendances, cell.learners())).collect();
        told.sort_by_key(|(_, attendances, _)| *attendances);
        told
    };
    assert_eq!(children(city.top, Tree::Now), [(city.other_college, 6, 5)]);
    let mut both = [(city.college, 3, 3), (city.other_college, 3, 3)];
    both.sort_unstable();
    let mut then = children(city.top, Tree::Then);
    then.sort_unstable();
    assert_eq!(then, both);
    assert_eq!(children(city.other_college, Tree::Then), [(city.other_school, 1, 1), (city.school, 2, 2)]);
    assert_eq!(problems(store), []);
    store.write_blocking("test", move |tx| network::undo(tx, &OPERATOR, id)).unwrap();
    for tree in [Tree::Now, Tree::Then] {
        assert_eq!(of(city.college, tree), [(11, 3), (12, 2)]);
        assert_eq!(of(city.other_college, tree), [(12, 1)]);
    }
    drain(store);
    assert_eq!(problems(store), []);
}

fn corrections_and_reversals_reach_the_cell(store: &TestStore) {
    let city = city(store);
    let class = held(store, city.centre, &[1, 2]);
    let other = held(store, city.centre, &[1]);
    let session = class.sessions[0];
    let headcount =
        store.write_blocking("test", move |tx| note_headcount(tx, &OPERATOR, session, 30, "签到表")).unwrap();
    drain(store);
    let before = cell(store, city.top);
    assert_eq!((before.attendances, before.visitors, before.minutes, before.learners()), (3, 30, 270, 2));

    // She came to the other class too: she is still a learner. He came to this one only.
    store
        .write_blocking("test", move |tx| {
            correct_minutes(tx, &OPERATOR, session, id(1), Minutes(40), "早退")?;
            reverse_attendance(tx, &OPERATOR, session, id(1), "点错了")?;
            correct_minutes(tx, &OPERATOR, other.sessions[0], id(1), Minutes(60), "早退")
        })
        .unwrap();
    drain(store);
    let after = cell(store, city.top);
    assert_eq!((after.attendances, after.visitors, after.minutes, after.learners()), (2, 30, 150, 2));
    store
        .write_blocking("test", move |tx| {
            reverse_attendance(tx, &OPERATOR, session, id(2), "点错了")?;
            reverse_headcount(tx, &OPERATOR, session, headcount, "重复")
        })
        .unwrap();
    drain(store);
    let last = cell(store, city.top);
    assert_eq!((last.attendances, last.visitors, last.minutes, last.learners()), (1, 0, 60, 1));
    assert_eq!(store.read_blocking(city_summary).unwrap().learners_this_year, 1);
    assert_eq!(problems(store), []);
}

fn classes_and_certificates_count_where_they_were_held(store: &TestStore) {
    let made = credentials::testing::certified(store, "谭𬭼").unwrap();
    drain(store);
    let total = cell(store, made.city.top);
    assert_eq!((total.attendances, total.learners(), total.classes, total.certificates), (3, 2, 1, 1));
    assert_eq!(cell(store, made.city.centre).certificates, 1);
    assert_eq!(cell(store, made.city.other_college), Cell::default());
    let classes = store
        .read_blocking(move |tx| by_class(tx, made.city.centre, Months(Month(0), Month(90_000))))
        .unwrap();
    assert_eq!((classes.len(), classes[0].1.classes, classes[0].1.certificates), (1, 1, 1));
    assert_eq!(problems(store), []);

    let head = somebody(9, Role::Head, made.city.top);
    let credential = made.credential.credential_id;
    store.write_blocking("test", move |tx| credentials::revoke(tx, &head, credential, "发错了")).unwrap();
    drain(store);
    assert_eq!(cell(store, made.city.top).certificates, 0);
    assert_eq!(problems(store), []);
}

fn the_check_names_the_cell_that_was_changed(store: &TestStore) {
    let city = city(store);
    held(store, city.centre, &[1, 2]);
    held(store, city.other_school, &[3]);
    drain(store);
    assert_eq!(problems(store), []);
    let here = format!("figure_cell:{}/2026-11", city.centre);
    let found = |store: &TestStore| {
        let mut found: Vec<String> = problems(store)
            .into_iter()
            .filter(|problem| problem.check == "figures")
            .map(|problem| problem.record)
            .collect();
        found.dedup();
        found
    };
    let both = [here.clone(), "figure_city:2026".to_owned()];

    for column in ["attendances", "visitors", "minutes", "classes", "certificates"] {
        let text = format!("UPDATE figure_cell SET {column} = {column} + $2 WHERE org_id = $1");
        let set = move |store: &TestStore, by: i64| {
            let text = text.clone();
            let done = store.write_blocking("test", move |tx| {
                tx.exec(Statement::dynamic(text.clone()), params![city.centre, by])
            });
            assert_eq!(done.unwrap(), 1);
        };
        set(store, 1);
        assert_eq!(found(store)[0], here, "{column}");
        set(store, -1);
        assert_eq!(found(store), [""; 0], "{column}");
    }
    // Somebody else's people: the numbers of people are right, who they are is not.
    let swap = |tx: &mut Tx| {
        tx.exec(Statement::dynamic("UPDATE person_number SET number = 2 - number".to_owned()), &[])
    };
    store.write_blocking("test", swap).unwrap();
    assert!(found(store).contains(&here));
    store.write_blocking("test", swap).unwrap();

    change(store, "UPDATE figure_city SET learners = learners + 1");
    assert_eq!(found(store), ["figure_city:2026"]);
    change(store, "UPDATE figure_city SET learners = learners - 1");

    // A cell without records.
    change(
        store,
        "INSERT INTO figure_cell SELECT org_id, month - 1, 1, 0, 90, 0, 0, people FROM figure_cell WHERE attendances = 2",
    );
    assert_eq!(found(store)[0], format!("figure_cell:{}/2026-10", city.centre));
    change(store, "DELETE FROM figure_cell WHERE month < 24322");

    // Records without a cell.
    change(store, "DELETE FROM figure_cell WHERE attendances = 2");
    assert_eq!(found(store), both);
}

fn facts_on_their_way_are_no_fault(store: &TestStore) {
    let city = city(store);
    held(store, city.centre, &[1, 2]);
    drain(store);
    held(store, city.centre, &[3]);
    let figures = |store: &TestStore| problems(store).into_iter().filter(|p| p.check == "figures").count();
    assert_eq!(figures(store), 0);
    while store.write_blocking("test", journal::sequence).unwrap() > 0 {}
    assert_eq!(figures(store), 0);
    // What waits for nothing is still checked.
    held(store, city.other_school, &[4]);
    change(store, "UPDATE figure_cell SET minutes = minutes + 1");
    assert_eq!(figures(store), 0, "the only cell waits for facts");
    drain(store);
    assert_eq!(problems(store), []);
}

fn rebuilding_gives_the_same(store: &TestStore) {
    let made = credentials::testing::certified(store, "张三").unwrap();
    drain(store);
    let before = cell(store, made.city.top);
    assert_ne!(before, Cell::default());
    let cells = statistics::Cells;
    store
        .write_blocking("test", move |tx| {
            assert!(cells.clear(tx)?);
            let reset = "UPDATE consumer SET pos = 0 WHERE name = 'statistics.figures'";
            tx.exec(Statement::dynamic(reset.to_owned()), &[])
        })
        .unwrap();
    assert_eq!(cell(store, made.city.top), Cell::default());
    drain(store);
    assert_eq!(cell(store, made.city.top), before);
    assert_eq!(problems(store), []);
}

fn figures_of_the_document_are_entered_once(store: &TestStore) {
    let city = city(store);
    let outcome = store.write_blocking("test", |tx| import_packaged_figures(tx, &resident(1)));
    assert_eq!(refusal(outcome), "kernel.denied");
    let lower = somebody(2, Role::Head, city.college);
    let outcome = store.write_blocking("test", move |tx| import_packaged_figures(tx, &lower));
    assert_eq!(refusal(outcome), "kernel.denied");
    let head = somebody(3, Role::Head, city.top);
    assert_eq!(store.write_blocking("test", move |tx| import_packaged_figures(tx, &head)).unwrap(), 63);
    assert_eq!(store.write_blocking("test", |tx| import_packaged_figures(tx, &OPERATOR)).unwrap(), 0);
    let figures = store.read_blocking(reported_figures).unwrap();
    assert_eq!(figures.len(), 63);
    let disputed: Vec<_> = figures
        .iter()
        .filter(|figure| figure.status == "disputed")
        .map(|figure| (figure.figure_id.as_str(), figure.value.as_str()))
        .collect();
    assert_eq!(disputed, [("F040", "26"), ("F041", "36")]);
    let (figure, others) = store.read_blocking(|tx| reported_figure(tx, "F040")).unwrap().unwrap();
    assert_eq!((figure.unit.as_str(), others.len(), others[0].value.as_str()), ("个", 1, "36"));
    assert!(store.read_blocking(|tx| reported_figure(tx, "F999")).unwrap().is_none());
    let text = statistics::contradiction("C01").unwrap().unwrap();
    assert!(text.statement.contains("26") && text.statement.contains("36"));
    drain(store);
    assert_eq!(problems(store), []);
    change(store, "UPDATE reported_figure SET value = '27' WHERE figure_id = 'F040'");
    assert_eq!(problems(store)[0].record, "reported_figure:F040");
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

#[test]
fn months_of_a_year_and_the_last_twelve() {
    let year: Vec<String> = Months::year(2026).each().map(|month| month.to_string()).collect();
    assert_eq!((year.len(), year[0].as_str(), year[11].as_str()), (12, "2026-01", "2026-12"));
    let last: Vec<String> = Months::twelve_to(NOVEMBER).each().map(|month| month.to_string()).collect();
    assert_eq!((last.len(), last[0].as_str(), last[11].as_str()), (12, "2025-12", "2026-11"));
}
