//! What notices promise, on both engines.

use std::sync::Arc;

use journal::{Sealer, drain, verify};
use kernel::{Actor, Day, Grant, Id, Org, Person, Result, Role};
use network::{
    OrgKind,
    testing::{SmallCity, found, refusal, resident, small_city, somebody},
};
use notices::{
    Audience, Means, NoticeId, NoticeWords, Progress, Sight, State, Status, Sums, answer_notice, answers,
    close_notice, draft_notice, edit_notice, extend_notice, handed, keep_draft, notice, open_notice,
    progress, reached, recipient, remind_silent, return_answer, seen, send_notice, sums,
    testing::{activities_table, receipt_only, row, sent_notice},
    typed_so_far, waiting, withdraw_notice, work_next,
};
use notify::{Failure, Gateway, Message, deliver_next};
use people::{Register, RoleAt, Vault};
use seal::SigningKey;
use store::{Tx, both_engines, testing::TestStore};
use web::list::{Edge, Query};

both_engines!(&[
    journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS, notices::MIGRATIONS
];
    every_statement_is_accepted,
    a_notice_reaches_whom_it_is_for_and_nobody_else,
    a_draft_is_changed_by_one_at_a_time,
    the_first_opening_leaves_the_receipt,
    every_answer_is_a_version,
    wrong_cells_are_all_named_and_nothing_is_taken,
    a_place_may_have_nothing_to_report,
    what_is_written_so_far_is_kept_as_it_is,
    others_do_not_know_of_it,
    those_between_see_what_is_theirs,
    it_is_extended_closed_and_withdrawn,
    silent_places_are_reminded_once_by_each_order,
    the_program_reminds_before_the_last_day,
    answers_are_added_up,
    a_thousand_places_are_reached_and_paged,
    lists_show_what_waits_first,
);

const OPERATOR: Actor = Actor::System("test");

fn do_<T: Send + 'static>(store: &TestStore, work: impl Fn(&mut Tx) -> Result<T> + Send + 'static) -> T {
    store.write_blocking("test", work).unwrap()
}

fn refused<T: Send + std::fmt::Debug + 'static>(
    store: &TestStore,
    work: impl Fn(&mut Tx) -> Result<T> + Send + 'static,
) -> &'static str {
    refusal(store.write_blocking("test", work))
}

fn city(store: &TestStore) -> SmallCity {
    do_(store, small_city)
}

fn head(org: Id<Org>) -> Actor {
    somebody(1, Role::Head, org)
}

fn today(store: &TestStore) -> Day {
    store.clock().now().day()
}

/// A notice from the district's college to all directly below: the school.
fn to_school(store: &TestStore, city: &SmallCity, words: NoticeWords) -> NoticeId {
    let college = city.college;
    do_(store, move |tx| sent_notice(tx, &head(college), college, &words))
}

fn verified(store: &TestStore) {
    let sealer = Sealer::new(SigningKey::from_seed(&[17; 32]), "city");
    drain(store, &[]).unwrap();
    sealer.seal(store).unwrap();
    let key = sealer.verifying_key();
    let found = store.read_blocking(move |tx| verify(tx, &key, "city", &|_| {})).unwrap().problems;
    assert_eq!(found, []);
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

fn a_notice_reaches_whom_it_is_for_and_nobody_else(store: &TestStore) {
    let city = city(store);
    let reach = |audience: Audience| {
        let top = city.top;
        let mut orgs: Vec<Id<Org>> =
            do_(store, move |tx| reached(tx, top, &audience)).into_iter().map(|org| org.org_id).collect();
        orgs.sort_unstable();
        orgs
    };
    let sorted = |mut orgs: Vec<Id<Org>>| {
        orgs.sort_unstable();
        orgs
    };
    assert_eq!(reach(Audience::Children), sorted(vec![city.college, city.other_college]));
    let kinds = Audience::Kinds(vec![OrgKind::School, OrgKind::Centre]);
    assert_eq!(reach(kinds), sorted(vec![city.school, city.centre, city.other_school]));
    // The sender itself and what does not lie below are never reached.
    assert_eq!(reach(Audience::Chosen(vec![city.centre, city.top])), [city.centre]);
    assert_eq!(reach(Audience::Chosen(Vec::new())), []);
    let (college, other) = (city.college, city.other_school);
    let chosen = NoticeWords { audience: Audience::Chosen(vec![other]), ..receipt_only() };
    let id = do_(store, move |tx| draft_notice(tx, &head(college), college, &chosen));
    assert_eq!(refused(store, move |tx| send_notice(tx, &head(college), id)), "notices.nobody");

    let id = to_school(store, &city, receipt_only());
    let (school, centre) = (city.school, city.centre);
    assert!(do_(store, move |tx| recipient(tx, id, school)).is_some());
    assert!(do_(store, move |tx| recipient(tx, id, centre)).is_none());
    // What is founded later was not reached; sending again reaches nobody twice.
    let (district, later) = (city.district.clone(), college);
    let late = do_(store, move |tx| {
        network::found_org(tx, &OPERATOR, &found(OrgKind::School, "新建社区教育学校", &district, Some(later)))
    });
    assert!(do_(store, move |tx| recipient(tx, id, late)).is_none());
    assert_eq!(refused(store, move |tx| send_notice(tx, &head(college), id)), "notices.not_draft");
    verified(store);
}

fn a_draft_is_changed_by_one_at_a_time(store: &TestStore) {
    let city = city(store);
    let college = city.college;
    let wrong =
        NoticeWords { title: String::new(), due_on: Some(today(store).plus(-1)), ..activities_table(None) };
    let error = store
        .write_blocking("test", move |tx| draft_notice(tx, &head(college), college, &wrong))
        .unwrap_err();
    let fields: Vec<_> = error.field_errors().iter().map(|e| (e.field.as_str(), e.code.name)).collect();
    assert_eq!(fields, [("title", "kernel.required"), ("due", "notices.due_behind")]);
    let bare = NoticeWords { fields: Vec::new(), ..activities_table(None) };
    let error = store.write_blocking("test", move |tx| draft_notice(tx, &head(college), college, &bare));
    assert_eq!(error.unwrap_err().field_errors()[0].code.name, "notices.no_fields");

    let id = do_(store, move |tx| draft_notice(tx, &head(college), college, &activities_table(None)));
    let other = NoticeWords { title: "改过的标题".to_owned(), ..activities_table(None) };
    let words = other.clone();
    do_(store, move |tx| edit_notice(tx, &head(college), id, 1, &words));
    let words = other.clone();
    assert_eq!(refused(store, move |tx| edit_notice(tx, &head(college), id, 1, &words)), "kernel.changed");
    let found = do_(store, move |tx| notice(tx, id)).unwrap();
    assert_eq!((found.title.as_str(), found.rev, found.status), ("改过的标题", 2, Status::Draft));
    assert_eq!(found.words().unwrap(), other);
    // Nobody but an officer knows of a draft.
    let school = city.school;
    assert_eq!(refused(store, move |tx| seen(tx, &head(school), id)), "kernel.missing");
    verified(store);
}

fn the_first_opening_leaves_the_receipt(store: &TestStore) {
    let city = city(store);
    let id = to_school(store, &city, receipt_only());
    let (school, college) = (city.school, city.college);
    let sight = Sight::Officer;
    let counts = move |tx: &mut Tx| progress(tx, id, &sight);
    assert_eq!(do_(store, counts.clone()), Progress { places: 1, opened: 0, done: 0, returned: 0 });
    // An officer who looks leaves none.
    assert_eq!(refused(store, move |tx| open_notice(tx, &head(college), id, school)), "kernel.missing");
    let first = somebody(4, Role::Staff, school);
    let by = first.clone();
    let (_, place) = do_(store, move |tx| open_notice(tx, &by, id, school));
    assert_eq!((place.opened_by, place.state, place.rev), (first.person(), State::Done, 2));
    store.clock.set(store.clock().now().plus_minutes(5));
    let (_, again) = do_(store, move |tx| open_notice(tx, &somebody(5, Role::Head, school), id, school));
    assert_eq!((again.opened_at, again.opened_by, again.rev), (place.opened_at, first.person(), 2));
    assert_eq!(do_(store, counts), Progress { places: 1, opened: 1, done: 1, returned: 0 });
    let answer = vec![row("x", "1")];
    let tried = move |tx: &mut Tx| answer_notice(tx, &head(school), id, school, &answer, false);
    assert_eq!(refused(store, tried), "notices.no_table");
    verified(store);
}

fn every_answer_is_a_version(store: &TestStore) {
    let city = city(store);
    let due = today(store).plus(3);
    let id = to_school(store, &city, activities_table(Some(due)));
    let (school, college) = (city.school, city.college);
    let answer = move |rows: Vec<Vec<String>>| {
        move |tx: &mut Tx| answer_notice(tx, &somebody(4, Role::Staff, school), id, school, &rows, false)
    };
    let give_back = move |tx: &mut Tx| return_answer(tx, &head(college), id, school, "人数要核实");
    assert_eq!(refused(store, give_back), "notices.not_answered");
    assert_eq!(do_(store, answer(vec![row("读书会", "30")])), 1);
    assert_eq!(do_(store, answer(vec![row("读书会", "３５"), row("", "")])), 2);
    let all = do_(store, move |tx| answers(tx, id, school));
    let rows: Vec<_> = all.iter().map(|answer| (answer.version, answer.rows().unwrap())).collect();
    assert_eq!(rows, [(2, vec![row("读书会", "35")]), (1, vec![row("读书会", "30")])]);

    // After the last day what was handed over stands, unless it is returned.
    store.clock.set(due.plus(1).at(9 * 60));
    assert_eq!(refused(store, answer(vec![row("读书会", "40")])), "notices.too_late");
    do_(store, give_back);
    let place = do_(store, move |tx| recipient(tx, id, school)).unwrap();
    assert_eq!((place.state, place.returned.as_str(), place.version), (State::Returned, "人数要核实", 2));
    assert_eq!(do_(store, answer(vec![row("读书会", "40")])), 3);
    let place = do_(store, move |tx| recipient(tx, id, school)).unwrap();
    assert_eq!((place.state, place.returned.as_str(), place.version), (State::Done, "", 3));
    // Whoever was silent until then may still answer.
    let late = to_school(store, &city, activities_table(Some(today(store))));
    store.clock.set(today(store).plus(2).at(9 * 60));
    do_(store, move |tx| answer_notice(tx, &head(school), late, school, &[row("书法展", "9")], false));
    verified(store);
}

fn wrong_cells_are_all_named_and_nothing_is_taken(store: &TestStore) {
    let city = city(store);
    let id = to_school(store, &city, activities_table(None));
    let school = city.school;
    let typed = vec![row("读书会", "很多"), row("", "3"), vec!["展览".into(), "1".into(), "1.23456".into()]];
    let tried = move |tx: &mut Tx| answer_notice(tx, &head(school), id, school, &typed, false);
    let error = store.write_blocking("test", tried).unwrap_err();
    let found: Vec<_> = error.field_errors().iter().map(|e| (e.field.as_str(), e.code.name)).collect();
    let expected =
        [("r0c1", "notices.cell_whole"), ("r1c0", "notices.cell_empty"), ("r2c2", "notices.cell_decimal")];
    assert_eq!(found, expected);
    let many: Vec<Vec<String>> = (0..=notices::ROWS_MAX).map(|n| row("会", &n.to_string())).collect();
    let tried = move |tx: &mut Tx| answer_notice(tx, &head(school), id, school, &many, false);
    assert_eq!(refused(store, tried), "notices.too_many_rows");
    let place = do_(store, move |tx| recipient(tx, id, school)).unwrap();
    assert_eq!((place.version, place.rev), (0, 1));
    // A table of one row is there even where it was left empty.
    let one = to_school(store, &city, NoticeWords { many: false, ..activities_table(None) });
    let tried = move |tx: &mut Tx| answer_notice(tx, &head(school), one, school, &[row("", "")], true);
    assert_eq!(refused(store, tried), "kernel.bad_fields");
}

fn a_place_may_have_nothing_to_report(store: &TestStore) {
    let city = city(store);
    let id = to_school(store, &city, activities_table(None));
    let school = city.school;
    let tried = move |tx: &mut Tx| answer_notice(tx, &head(school), id, school, &[row(" ", "")], false);
    let error = store.write_blocking("test", tried).unwrap_err();
    assert_eq!(error.field_errors()[0].code.name, "notices.no_rows");
    do_(store, move |tx| answer_notice(tx, &head(school), id, school, &[row("", "")], true));
    let all = do_(store, move |tx| answers(tx, id, school));
    assert_eq!((all.len(), all[0].rows().unwrap().len()), (1, 0));
}

fn what_is_written_so_far_is_kept_as_it_is(store: &TestStore) {
    let city = city(store);
    let id = to_school(store, &city, activities_table(None));
    let school = city.school;
    do_(store, move |tx| keep_draft(tx, &head(school), id, school, &[row("读书会", "很\u{0}多")]));
    let typed = do_(store, move |tx| {
        let place = recipient(tx, id, school)?.unwrap();
        typed_so_far(tx, &place)
    });
    assert_eq!(typed, [row("读书会", "很\u{fffd}多")]);
    let sight = Sight::Officer;
    assert_eq!(do_(store, move |tx| progress(tx, id, &sight)).done, 0);
    do_(store, move |tx| answer_notice(tx, &head(school), id, school, &[row("读书会", "3")], false));
    let place = do_(store, move |tx| recipient(tx, id, school)).unwrap();
    assert_eq!((place.draft.as_str(), place.version), ("", 1));
    verified(store);
}

fn others_do_not_know_of_it(store: &TestStore) {
    let city = city(store);
    let id = to_school(store, &city, activities_table(None));
    let (school, centre) = (city.school, city.centre);
    let strangers = [
        resident(7),
        somebody(7, Role::Teacher, school),
        somebody(7, Role::Staff, city.other_school),
        somebody(7, Role::Head, city.other_college),
        somebody(7, Role::Auditor, city.top),
        somebody(7, Role::Staff, centre),
        Actor::Nobody,
    ];
    for who in strangers {
        let by = who.clone();
        assert_eq!(refused(store, move |tx| open_notice(tx, &by, id, school).map(drop)), "kernel.missing");
        let by = who.clone();
        assert_eq!(refused(store, move |tx| seen(tx, &by, id).map(drop)), "kernel.missing", "{who:?}");
        let by = who.clone();
        let tried = move |tx: &mut Tx| answer_notice(tx, &by, id, school, &[row("x", "1")], false);
        assert_eq!(refused(store, tried), "kernel.missing");
        let by = who.clone();
        assert_eq!(refused(store, move |tx| withdraw_notice(tx, &by, id, "x")), "kernel.missing");
        let by = who.clone();
        assert_eq!(refused(store, move |tx| return_answer(tx, &by, id, school, "x")), "kernel.missing");
        let by = who.clone();
        assert_eq!(refused(store, move |tx| remind_silent(tx, &by, id)), "kernel.missing");
    }
    // A place that reads its own notice sees no results.
    assert_eq!(refused(store, move |tx| seen(tx, &head(school), id).map(drop)), "kernel.missing");
    // The sender and whoever is above see all.
    for org in [city.college, city.top] {
        let (_, sight) = do_(store, move |tx| seen(tx, &somebody(8, Role::Staff, org), id));
        assert_eq!(sight, Sight::Officer);
    }
}

fn those_between_see_what_is_theirs(store: &TestStore) {
    let city = city(store);
    let top = city.top;
    let words = NoticeWords {
        audience: Audience::Kinds(vec![OrgKind::College, OrgKind::School]),
        ..activities_table(None)
    };
    let id = do_(store, move |tx| sent_notice(tx, &head(top), top, &words));
    let (college, school, other) = (city.college, city.school, city.other_school);
    let between = somebody(3, Role::Head, college);
    let by = between.clone();
    let (_, sight) = do_(store, move |tx| seen(tx, &by, id));
    assert_eq!(sight, Sight::Places(vec![college]));
    let part = sight.clone();
    assert_eq!(do_(store, move |tx| progress(tx, id, &part)).places, 2);
    assert_eq!(do_(store, move |tx| progress(tx, id, &Sight::Officer)).places, 4);
    // She answers for a place below, not for one elsewhere, and decides nothing.
    let by = between.clone();
    do_(store, move |tx| answer_notice(tx, &by, id, school, &[row("读书会", "30")], false));
    let by = between.clone();
    let tried = move |tx: &mut Tx| answer_notice(tx, &by, id, other, &[row("读书会", "30")], false);
    assert_eq!(refused(store, tried), "kernel.missing");
    let by = between.clone();
    assert_eq!(refused(store, move |tx| close_notice(tx, &by, id)), "kernel.missing");
    do_(store, move |tx| answer_notice(tx, &head(other), id, other, &[row("书法展", "7")], false));
    let rows = do_(store, move |tx| handed(tx, id, &sight, None, 10));
    assert_eq!(rows.iter().map(|handed| handed.org_id).collect::<Vec<_>>(), [school]);
    let all = do_(store, move |tx| handed(tx, id, &Sight::Officer, None, 10));
    assert_eq!(all.len(), 2);
    let above = Query::parse(&notices::SENT, "whose=above");
    let by = between.clone();
    let lines = do_(store, move |tx| notices::sent(tx, &by, &above)).rows;
    assert_eq!(lines.iter().map(|line| line.notice_id).collect::<Vec<_>>(), [id]);
    let own = Query::parse(&notices::SENT, "");
    assert!(do_(store, move |tx| notices::sent(tx, &between, &own)).rows.is_empty());
}

fn it_is_extended_closed_and_withdrawn(store: &TestStore) {
    let city = city(store);
    let due = today(store).plus(3);
    let id = to_school(store, &city, activities_table(Some(due)));
    let (college, school) = (city.college, city.school);
    let extend = move |to: Day| move |tx: &mut Tx| extend_notice(tx, &head(college), id, to);
    let error = store.write_blocking("test", extend(due)).unwrap_err();
    assert_eq!(error.field_errors()[0].code.name, "notices.not_later");
    do_(store, extend(due.plus(2)));
    assert_eq!(do_(store, move |tx| notice(tx, id)).unwrap().due_on, Some(due.plus(2)));
    do_(store, move |tx| close_notice(tx, &head(college), id));
    let answer = move |tx: &mut Tx| answer_notice(tx, &head(school), id, school, &[row("x", "1")], false);
    assert_eq!(refused(store, answer), "notices.not_open");
    assert_eq!(refused(store, extend(due.plus(9))), "notices.not_open");
    assert_eq!(refused(store, move |tx| close_notice(tx, &head(college), id)), "notices.not_open");
    assert_eq!(refused(store, move |tx| remind_silent(tx, &head(college), id)), "notices.not_open");
    // Opening what has ended leaves no receipt.
    let (_, place) = do_(store, move |tx| open_notice(tx, &head(school), id, school));
    assert_eq!(place.opened_at, None);

    let other = to_school(store, &city, receipt_only());
    let tried = move |tx: &mut Tx| withdraw_notice(tx, &head(college), other, " ");
    assert_eq!(refused(store, tried), "kernel.bad_fields");
    do_(store, move |tx| withdraw_notice(tx, &head(college), other, "发错了"));
    let found = do_(store, move |tx| notice(tx, other)).unwrap();
    assert_eq!((found.status, found.reason.as_str()), (Status::Withdrawn, "发错了"));
    verified(store);
}

/// Counts what is sent, and to whom.
#[derive(Default)]
struct Caught(std::sync::Mutex<Vec<Message>>);

impl Gateway for Caught {
    fn send(&self, _: kernel::Timestamp, message: &Message) -> Result<(), Failure> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

/// Works off all jobs that are due, and gives the messages that were sent.
fn worked_off(store: &TestStore, vault: &Arc<Vault>) -> Vec<Message> {
    let means = Means { vault: vault.clone(), base_url: "https://xuecheng.test/".to_owned() };
    while work_next(store, &means, "test").unwrap() {}
    let caught = Caught::default();
    while deliver_next(store, vault.outbox(), &caught, "test").unwrap() {}
    caught.0.into_inner().unwrap()
}

fn staffed(store: &TestStore, vault: &Arc<Vault>, n: u8, org: Id<Org>, role: Role) -> Actor {
    let vault = vault.clone();
    let id: Id<Person> = do_(store, move |tx| {
        let phone = Some(format!("1990000000{n}"));
        let cmd = Register { name: "王秀英".to_owned(), phone, demo: true, ..Register::default() };
        let person = people::register(tx, &vault, &OPERATOR, &cmd)?;
        people::grant_role(tx, &OPERATOR, &RoleAt { person, role, org })?;
        Ok(person)
    });
    Actor::Person { id, grants: vec![Grant { role, org }] }
}

fn silent_places_are_reminded_once_by_each_order(store: &TestStore) {
    let city = city(store);
    let vault = Arc::new(Vault::new([9; 32]));
    let (top, college, other) = (city.top, city.college, city.other_college);
    staffed(store, &vault, 1, college, Role::Staff);
    staffed(store, &vault, 2, college, Role::Teacher);
    let answering = staffed(store, &vault, 3, other, Role::Head);
    let id = do_(store, move |tx| sent_notice(tx, &head(top), top, &activities_table(None)));
    do_(store, move |tx| answer_notice(tx, &answering, id, other, &[row("书法展", "7")], false));
    let remind = move |tx: &mut Tx| remind_silent(tx, &head(top), id);
    assert_eq!(do_(store, remind), 1);
    // Only who can answer hears of it, with the words of the notice and where to go.
    let messages = worked_off(store, &vault);
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(messages[0].phone, "19900000001");
    for words in ["重庆市社区教育服务指导中心", "沙坪坝区社区教育学院", "https://xuecheng.test/desk/notices"]
    {
        assert!(messages[0].text.contains(words), "{}", messages[0].text);
    }
    assert!(messages[0].text.chars().count() <= 500);
    let place = do_(store, move |tx| recipient(tx, id, college)).unwrap();
    assert_eq!((place.reminders, place.reminded_at), (1, Some(store.clock().now())));
    assert_eq!(do_(store, move |tx| recipient(tx, id, other)).unwrap().reminders, 0);
    assert!(worked_off(store, &vault).is_empty());
    // Not again within twelve hours.
    store.clock.set(store.clock().now().plus_minutes(12 * 60 - 1));
    assert_eq!(refused(store, remind), "notices.reminded_lately");
    store.clock.set(store.clock().now().plus_minutes(1));
    assert_eq!(do_(store, remind), 1);
    assert_eq!(worked_off(store, &vault).len(), 1);
    do_(store, move |tx| answer_notice(tx, &head(college), id, college, &[row("会", "1")], false));
    store.clock.set(store.clock().now().plus_minutes(13 * 60));
    assert_eq!(refused(store, remind), "notices.nobody_silent");
    verified(store);
}

fn the_program_reminds_before_the_last_day(store: &TestStore) {
    let city = city(store);
    let vault = Arc::new(Vault::new([9; 32]));
    let (college, school) = (city.college, city.school);
    staffed(store, &vault, 1, school, Role::Staff);
    let due = today(store).plus(5);
    let words = NoticeWords { prompting: true, ..activities_table(Some(due)) };
    let id = to_school(store, &city, words);
    assert!(worked_off(store, &vault).is_empty());
    store.clock.set(due.plus(-2).at(8 * 60 + 59));
    assert!(worked_off(store, &vault).is_empty());
    store.clock.set(due.plus(-2).at(9 * 60));
    assert_eq!(worked_off(store, &vault).len(), 1);
    // The last day moves: what was planned for its morning lapses, and is planned for the new one.
    do_(store, move |tx| extend_notice(tx, &head(college), id, due.plus(4)));
    store.clock.set(due.at(8 * 60 + 30));
    assert!(worked_off(store, &vault).is_empty());
    store.clock.set(due.plus(2).at(9 * 60));
    assert_eq!(worked_off(store, &vault).len(), 1);
    // Somebody pressed the button an hour before: nobody is told twice.
    store.clock.set(due.plus(4).at(7 * 60 + 30));
    do_(store, move |tx| remind_silent(tx, &head(college), id));
    assert_eq!(worked_off(store, &vault).len(), 1);
    store.clock.set(due.plus(4).at(8 * 60 + 30));
    assert!(worked_off(store, &vault).is_empty());
    let place = do_(store, move |tx| recipient(tx, id, school)).unwrap();
    assert_eq!(place.reminders, 3);
    verified(store);
}

fn answers_are_added_up(store: &TestStore) {
    let city = city(store);
    let top = city.top;
    let words = activities_table(None);
    let id = do_(store, move |tx| sent_notice(tx, &head(top), top, &words));
    let (college, other) = (city.college, city.other_college);
    let cells = |name: &str, people: &str, cost: &str| {
        [name, people, cost, "2026-12-01", "线上"].map(str::to_owned).to_vec()
    };
    let rows = vec![cells("读书会", "30", "0.1"), cells("书法展", "70", "0.2")];
    do_(store, move |tx| answer_notice(tx, &head(college), id, college, &rows, false));
    let rows = vec![cells("戏曲", "5", "1000")];
    do_(store, move |tx| answer_notice(tx, &head(other), id, other, &rows, false));
    let (total, count): (Sums, usize) = do_(store, move |tx| {
        let fields = notice(tx, id)?.unwrap().fields()?;
        sums(tx, id, &Sight::Officer, &fields)
    });
    let texts: Vec<Option<String>> = total.texts();
    assert_eq!(count, 3);
    assert_eq!(texts, [None, Some("105".to_owned()), Some("1000.3".to_owned()), None, None]);
    // A returned answer counts no more until it is mended.
    do_(store, move |tx| return_answer(tx, &head(top), id, other, "x"));
    let fields = do_(store, move |tx| notice(tx, id)).unwrap().fields().unwrap();
    let (total, count) = do_(store, move |tx| sums(tx, id, &Sight::Officer, &fields));
    assert_eq!((count, total.texts()[1].as_deref()), (2, Some("100")));
}

fn a_thousand_places_are_reached_and_paged(store: &TestStore) {
    let city = city(store);
    let (school, village) = (city.school, city.village.clone());
    for part in 0..10 {
        let village = village.clone();
        do_(store, move |tx| {
            for n in 0..100 {
                let name = format!("第{:04}学习点", part * 100 + n);
                network::found_org(
                    tx,
                    &OPERATOR,
                    &found(OrgKind::RemotePoint, &name, &village, Some(school)),
                )?;
            }
            Ok(())
        });
    }
    let words =
        NoticeWords { audience: Audience::Kinds(vec![OrgKind::RemotePoint]), ..activities_table(None) };
    let id = do_(store, move |tx| draft_notice(tx, &head(school), school, &words));
    let began = std::time::Instant::now();
    assert_eq!(do_(store, move |tx| send_notice(tx, &head(school), id)), 1_000);
    println!("{:?}: a thousand places in {:?}", store.engine(), began.elapsed());
    // Every place is met once, by pages.
    let (mut met, mut query) = (Vec::new(), Query::parse(&notices::PLACES, "state=silent&size=100"));
    loop {
        let asked = query.clone();
        let page = do_(store, move |tx| notices::places(tx, id, &Sight::Officer, &asked));
        met.extend(page.rows.iter().map(|line| line.org_id));
        match page.after {
            Some(key) => query = query.at(Edge::After(key)),
            None => break,
        }
    }
    assert_eq!(met.len(), 1_000);
    met.sort_unstable();
    met.dedup();
    assert_eq!(met.len(), 1_000);
    let places = met.clone();
    do_(store, move |tx| {
        for org in &places[..450] {
            answer_notice(tx, &OPERATOR, id, *org, &[row("读书会", "2")], false)?;
        }
        Ok(())
    });
    let began = std::time::Instant::now();
    let fields = do_(store, move |tx| notice(tx, id)).unwrap().fields().unwrap();
    let (total, count) = do_(store, move |tx| sums(tx, id, &Sight::Officer, &fields));
    println!("{:?}: 450 answers added up in {:?}", store.engine(), began.elapsed());
    assert_eq!((count, total.texts()[1].as_deref()), (450, Some("900")));
    let (mut rows, mut after) = (0, None::<String>);
    loop {
        let from = after.clone();
        let part = do_(store, move |tx| handed(tx, id, &Sight::Officer, from.as_deref(), 100));
        rows += part.len();
        let Some(last) = part.last() else { break };
        after = Some(last.key());
    }
    assert_eq!(rows, 450);
    assert_eq!(
        do_(store, move |tx| progress(tx, id, &Sight::Officer)),
        Progress { places: 1_000, opened: 450, done: 450, returned: 0 }
    );
    verified(store);
}

fn lists_show_what_waits_first(store: &TestStore) {
    let city = city(store);
    let school = city.school;
    let day = today(store);
    let late = to_school(store, &city, NoticeWords { title: "丙".to_owned(), ..activities_table(Some(day)) });
    let done = to_school(store, &city, NoticeWords { title: "甲".to_owned(), ..receipt_only() });
    let open = to_school(store, &city, NoticeWords { title: "乙".to_owned(), ..receipt_only() });
    let soon = to_school(
        store,
        &city,
        NoticeWords { title: "丁".to_owned(), ..activities_table(Some(day.plus(9))) },
    );
    do_(store, move |tx| open_notice(tx, &head(school), done, school));
    store.clock.set(day.plus(1).at(9 * 60));
    let list = |text: &str| {
        let query = Query::parse(&notices::INBOX, text);
        let page = do_(store, move |tx| notices::came(tx, &somebody(2, Role::Staff, school), &query));
        page.rows.iter().map(|line| line.notice_id).collect::<Vec<_>>()
    };
    assert_eq!(list(""), [late, soon, open, done]);
    assert_eq!(list("sort=-state"), [done, open, soon, late]);
    assert_eq!(list("state=overdue"), [late]);
    assert_eq!(list("state=done"), [done]);
    assert_eq!(list("wants=table&sort=-due"), [soon, late]);
    assert_eq!(list("q=%E4%B9%99"), [open]);
    assert_eq!(list("sort=title").len(), 4);
    assert_eq!(do_(store, move |tx| waiting(tx, &somebody(2, Role::Staff, school))), (3, 1));
    // Who answers for the district only has nothing on her own list.
    let college = city.college;
    assert_eq!(do_(store, move |tx| waiting(tx, &head(college))), (0, 0));
}
