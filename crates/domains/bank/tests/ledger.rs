//! The invariants of the ledger, each on both engines. Attendances are written as the domain of learning writes them.

use bank::{Entry, EntryKind, Note, Refusal, ReversalReason};
use journal::{Fact, checks, drain};
use kernel::{Actor, Credit, Day, Id, Minutes, Org, PageRequest, Person, Result, Timestamp};
use learning::{
    ATTENDANCE, AttendanceId, EvidenceGrade,
    facts::{ATTENDANCE_REVERSED, ATTENDED, Attended, MINUTES_CORRECTED},
};
use store::{Tx, both_engines, params, sql, testing::TestStore};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS, catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS];
    an_entry_names_rule_evidence_grade_approver_institution_and_both_dates,
    a_correction_reverses_and_posts_anew_and_changes_no_entry,
    an_attendance_taken_back_is_reversed_once,
    an_attendance_buys_credit_once_however_often_it_is_told,
    limits_apply_by_the_day_of_learning_and_the_refused_part_stays_visible,
    self_declared_learning_buys_nothing_and_stays_visible,
    two_places_at_once_are_both_held_until_one_is_taken_back,
    balances_are_the_sum_of_entries_and_the_citys_figure_at_any_past_moment,
    a_changed_entry_or_balance_is_named_by_the_checks,
    a_back_test_tells_whom_a_new_version_would_have_changed,
    entries_are_paged_without_loss,
    every_statement_is_accepted,
);

fn org(n: u8) -> Id<Org> {
    Id::derived(&[n; 16])
}

fn person(n: u8) -> Id<Person> {
    Id::derived(&[100 + n; 16])
}

fn day(n: i32) -> Day {
    Day::of(2026, 3, 2).unwrap().plus(n)
}

const TEACHER: Actor = Actor::System("teacher");

fn lesson(who: u8, place: u8, at: Timestamp, minutes: i64, grade: EvidenceGrade, n: u16) -> Attended {
    let [a, b] = n.to_be_bytes();
    let id = [who, place, a, b, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    Attended {
        attendance_id: AttendanceId::derived(&id),
        org_id: org(place),
        session_id: Id::derived(&id),
        class_id: Id::derived(&[place; 16]),
        offer_id: Id::derived(&[place; 16]),
        person_id: person(who),
        grade,
        minutes: Minutes(minutes),
        method: learning::Method::Code,
        learned_at: at,
    }
}

fn attend(store: &TestStore, lesson: &Attended) {
    let a = lesson.clone();
    store.write_blocking("test.attend", move |tx| attend_in(tx, &a)).unwrap();
    drain(store, &bank::consumers()).unwrap();
}

fn attend_in(tx: &mut Tx, a: &Attended) -> Result<()> {
    let mut fact = Fact::new(ATTENDED, a.org_id).at(a.org_id).payload(a).occurred(a.learned_at);
    let row = params![
        a.org_id,
        a.attendance_id,
        a.session_id,
        a.class_id,
        a.offer_id,
        a.person_id,
        a.grade,
        a.minutes,
        a.method,
        "person:teacher",
        a.learned_at,
        "valid",
        ""
    ];
    fact.insert(tx, &ATTENDANCE, row.to_vec())?;
    fact.emit(tx, &TEACHER).map(|_| ())
}

/// What learning tells when a record changes.
fn change(store: &TestStore, kind: &'static str, a: &Attended) {
    let a = a.clone();
    let write = move |tx: &mut Tx| {
        let mut fact = Fact::new(kind, a.org_id).at(a.org_id).payload(&a);
        let key = [a.org_id.into(), a.attendance_id.into()];
        fact.update(tx, &ATTENDANCE, &key, "minutes = $1", "", params![a.minutes])?.unwrap();
        fact.emit(tx, &Actor::System("head")).map(|_| ())
    };
    store.write_blocking("test.change", write).unwrap();
    drain(store, &bank::consumers()).unwrap();
}

fn entries(store: &TestStore, who: u8) -> Vec<Entry> {
    let page = PageRequest::first(200);
    let mut rows = store.read_blocking(move |tx| bank::entries(tx, person(who), &page)).unwrap().rows;
    rows.sort_by_key(|entry| entry.posted_at);
    rows
}

fn balance(store: &TestStore, who: u8) -> i64 {
    store.read_blocking(move |tx| bank::balance(tx, person(who))).unwrap().0
}

fn later(store: &TestStore) {
    let now = store.read_blocking(|tx| Ok(tx.now())).unwrap();
    store.clock.set(now.plus_minutes(1));
}

fn problems(store: &TestStore) -> Vec<String> {
    let run = |tx: &mut Tx| {
        let mut found = Vec::new();
        for check in checks() {
            found.extend((check.run)(tx)?.iter().map(ToString::to_string));
        }
        Ok(found)
    };
    store.read_blocking(run).unwrap()
}

fn reason(entry: &Entry) -> Option<Refusal> {
    match entry.note() {
        Some(Note::Deposit(worth)) => worth.reason,
        other => panic!("no deposit: {other:?}"),
    }
}

fn an_entry_names_rule_evidence_grade_approver_institution_and_both_dates(store: &TestStore) {
    let a = lesson(1, 1, day(0).at(540), 90, EvidenceGrade::Presence, 1);
    attend(store, &a);
    let [entry] = &entries(store, 1)[..] else { panic!("one entry") };
    assert_eq!(
        (entry.amount, entry.minutes, entry.grade),
        (Credit(125), Minutes(90), EvidenceGrade::Presence)
    );
    assert_eq!((entry.rule_id.as_str(), entry.rule_version), ("city.culture_leisure", 1));
    assert_eq!((entry.record_id, entry.org_id), (a.attendance_id, org(1)));
    assert_eq!((entry.learned_on, entry.approver.as_str()), (day(0), "system:teacher"));
    assert_eq!(entry.posted_at, store.read_blocking(|tx| Ok(tx.now())).unwrap());
    let (home, id) = (entry.evidence_home.clone(), entry.evidence_fact);
    let fact = store.read_blocking(move |tx| journal::fact_by_id(tx, &home, id)).unwrap().unwrap();
    assert_eq!((fact.kind.as_str(), fact.org), (ATTENDED, Some(org(1))));
    for lang in kernel::Lang::ALL {
        let words = bank::explain(entry, lang).unwrap().join("\n");
        assert!(words.contains("90 ÷ 45 ÷ 16 = 0.125") && !words.contains('⟦'), "{words}");
    }
    assert_eq!(problems(store), [""; 0]);
}

fn a_correction_reverses_and_posts_anew_and_changes_no_entry(store: &TestStore) {
    let a = lesson(1, 1, day(0).at(540), 90, EvidenceGrade::Presence, 1);
    attend(store, &a);
    let first = entries(store, 1).remove(0);
    later(store);
    change(store, MINUTES_CORRECTED, &Attended { minutes: Minutes(45), ..a });
    let all = entries(store, 1);
    assert_eq!(all.len(), 3);
    assert_eq!(all[0], first);
    let back = all.iter().find(|entry| entry.kind == EntryKind::Reversal).unwrap();
    assert_eq!((back.reverses, back.amount), (Some(first.transfer_id), Credit(-125)));
    assert_eq!(back.note(), Some(Note::Reversal { reason: ReversalReason::MinutesCorrected }));
    assert_eq!(back.approver, "system:head");
    assert_eq!(balance(store, 1), 63);
    assert_eq!(problems(store), [""; 0]);
}

fn an_attendance_taken_back_is_reversed_once(store: &TestStore) {
    let a = lesson(1, 1, day(0).at(540), 90, EvidenceGrade::Presence, 1);
    attend(store, &a);
    later(store);
    change(store, ATTENDANCE_REVERSED, &a);
    change(store, ATTENDANCE_REVERSED, &a);
    change(store, MINUTES_CORRECTED, &a);
    assert_eq!(entries(store, 1).iter().map(|entry| entry.amount.0).collect::<Vec<_>>(), [125, -125]);
    assert_eq!(balance(store, 1), 0);
    assert_eq!(problems(store), [""; 0]);
}

fn an_attendance_buys_credit_once_however_often_it_is_told(store: &TestStore) {
    let a = lesson(1, 1, day(0).at(540), 90, EvidenceGrade::Presence, 1);
    attend(store, &a);
    change(store, ATTENDED, &a);
    change(store, ATTENDED, &a);
    assert_eq!(entries(store, 1).len(), 1);
    // The same facts delivered again meet the unique keys and leave nothing behind.
    store
        .write_blocking("test", |tx| {
            tx.exec(sql!("UPDATE consumer SET pos = 0 WHERE name = 'bank.credit'"), &[])
        })
        .unwrap();
    drain(store, &bank::consumers()).unwrap();
    assert_eq!((entries(store, 1).len(), balance(store, 1)), (1, 125));
}

fn limits_apply_by_the_day_of_learning_and_the_refused_part_stays_visible(store: &TestStore) {
    for n in 0..5 {
        attend(store, &lesson(1, 1, day(0).at(480 + 100 * i64::from(n)), 90, EvidenceGrade::Presence, n));
        later(store);
    }
    let all = entries(store, 1);
    assert_eq!(all.iter().map(|entry| entry.amount.0).collect::<Vec<_>>(), [125, 125, 125, 125, 0]);
    assert_eq!((reason(&all[4]), reason(&all[3])), (Some(Refusal::Day), None));
    assert!(matches!(all[4].note(), Some(Note::Deposit(worth)) if worth.refused == Credit(125)));
    let words = bank::explain(&all[4], kernel::Lang::Zh).unwrap().join("");
    assert!(words.contains("一天最多 0.5 学分"), "{words}");
    // Learned on another day, though posted at the same time: a room of its own.
    attend(store, &lesson(1, 1, day(1).at(480), 90, EvidenceGrade::Presence, 9));
    assert_eq!(balance(store, 1), 625);
    // The year: sixty full days fill it, whatever comes after is refused; the next year begins anew.
    for n in 2..64u16 {
        attend(store, &lesson(1, 1, day(i32::from(n)).at(480), 360, EvidenceGrade::Presence, 100 + n));
    }
    assert_eq!(balance(store, 1), 30_000);
    later(store);
    attend(store, &lesson(1, 1, day(80).at(480), 90, EvidenceGrade::Presence, 500));
    assert_eq!(reason(entries(store, 1).last().unwrap()), Some(Refusal::Year));
    attend(store, &lesson(1, 1, Day::of(2027, 1, 1).unwrap().at(480), 90, EvidenceGrade::Presence, 501));
    assert_eq!(balance(store, 1), 30_125);
    assert_eq!(problems(store), [""; 0]);
}

fn self_declared_learning_buys_nothing_and_stays_visible(store: &TestStore) {
    attend(store, &lesson(1, 1, day(0).at(540), 90, EvidenceGrade::Declared, 1));
    attend(store, &lesson(1, 1, day(1).at(540), 90, EvidenceGrade::RollCall, 2));
    let mut all = entries(store, 1);
    all.sort_by_key(|entry| entry.learned_on);
    assert_eq!(all.iter().map(|entry| entry.amount.0).collect::<Vec<_>>(), [0, 63]);
    assert_eq!(reason(&all[0]), Some(Refusal::Grade));
    assert_eq!(problems(store), [""; 0]);
}

fn two_places_at_once_are_both_held_until_one_is_taken_back(store: &TestStore) {
    let here = lesson(1, 1, day(0).at(540), 90, EvidenceGrade::Presence, 1);
    let there = lesson(1, 2, day(0).at(600), 90, EvidenceGrade::Presence, 2);
    let after = lesson(1, 2, day(0).at(690), 45, EvidenceGrade::Presence, 3);
    attend(store, &here);
    assert_eq!(balance(store, 1), 125);
    later(store);
    attend(store, &there);
    assert_eq!(balance(store, 1), 0);
    assert_eq!(entries(store, 1).iter().filter(|entry| entry.held).count(), 2);
    // What only touches does not overlap.
    attend(store, &after);
    assert_eq!(balance(store, 1), 63);
    assert_eq!(problems(store), [""; 0]);
    later(store);
    change(store, ATTENDANCE_REVERSED, &there);
    assert_eq!(balance(store, 1), 188);
    assert_eq!(problems(store), [""; 0]);
}

fn balances_are_the_sum_of_entries_and_the_citys_figure_at_any_past_moment(store: &TestStore) {
    let class = bank::CreditClass::CultureLeisure;
    let mut stages: Vec<(Timestamp, i64)> = Vec::new();
    for n in 0..6u8 {
        attend(
            store,
            &lesson(n % 3, n % 2, day(i32::from(n)).at(540), 90, EvidenceGrade::Presence, n.into()),
        );
        let held: i64 = (0..3).map(|who| balance(store, who)).sum();
        stages.push((store.read_blocking(|tx| Ok(tx.now())).unwrap(), held));
        later(store);
    }
    assert_eq!(stages.last().unwrap().1, 6 * 125);
    for (moment, held) in stages {
        assert_eq!(store.read_blocking(move |tx| bank::issued(tx, class, moment)).unwrap().0, held);
    }
    let issuers: (i64,) = store
        .read_blocking(|tx| {
            tx.one(sql!("SELECT CAST(sum(balance) AS bigint) FROM account WHERE owner_kind = 'issuer'"), &[])
        })
        .unwrap();
    assert_eq!(issuers.0, -6 * 125);
    assert_eq!(problems(store), [""; 0]);
}

fn a_changed_entry_or_balance_is_named_by_the_checks(store: &TestStore) {
    let a = lesson(1, 1, day(0).at(540), 90, EvidenceGrade::Presence, 1);
    attend(store, &a);
    let entry = entries(store, 1).remove(0);
    let named = format!("entry:{}/{}", entry.account_id, entry.entry_id);
    let (account, id) = (entry.account_id, entry.entry_id);
    let alter = |statement: fn() -> store::Statement| {
        store.write_blocking("test.alter", move |tx| tx.exec(statement(), params![account, id])).unwrap();
        problems(store)
    };
    let found =
        alter(|| sql!("UPDATE entry SET amount = amount + 1 WHERE account_id = $1 AND entry_id = $2"));
    assert!(found.iter().any(|p| p.contains(&named) && p.contains("its rule gives 0.125")), "{found:?}");
    assert!(found.iter().any(|p| p.contains(&format!("transfer:{}", entry.transfer_id))), "{found:?}");
    assert!(found.iter().any(|p| p.contains(&format!("account:{account}"))), "{found:?}");
    let found = alter(|| {
        sql!(
            "UPDATE entry SET amount = amount - 1, credit_class = 'degree' WHERE account_id = $1 AND entry_id = $2"
        )
    });
    assert!(found.iter().any(|p| p.contains(&named) && p.contains("no account of its class")), "{found:?}");
    let found = alter(|| {
        sql!(
            "UPDATE entry SET credit_class = 'culture_leisure', evidence_fact = 'ffffffffffffffffffffffffffffffff' \
             WHERE account_id = $1 AND entry_id = $2"
        )
    });
    assert!(found.iter().any(|p| p.contains(&named) && p.contains("evidence is gone")), "{found:?}");
}

fn a_back_test_tells_whom_a_new_version_would_have_changed(store: &TestStore) {
    for n in 0..5u16 {
        attend(store, &lesson(1, 1, day(0).at(480 + 100 * i64::from(n)), 90, EvidenceGrade::Presence, n));
    }
    attend(store, &lesson(2, 1, day(0).at(480), 90, EvidenceGrade::RollCall, 9));
    let text = include_str!("../../../../rules/credit/culture-leisure-1.toml");
    let same = bank::read_rule(text).unwrap();
    let unchanged = store.read_blocking(move |tx| bank::backtest(tx, &same)).unwrap();
    assert_eq!((unchanged.people, unchanged.deposits, unchanged.changed.len()), (2, 6, 0));
    assert_eq!(unchanged.credit, unchanged.credit_new);
    let fuller = bank::read_rule(&text.replace("roll_call = \"1/2\"", "roll_call = \"1\"")).unwrap();
    let changed = store.read_blocking(move |tx| bank::backtest(tx, &fuller)).unwrap();
    assert_eq!(changed.changed, [(person(2).cast(), Credit(63), Credit(125))]);
}

fn entries_are_paged_without_loss(store: &TestStore) {
    for n in 0..7u16 {
        attend(
            store,
            &lesson(1, 1, day(i32::from(n) / 2).at(480 + 100 * i64::from(n)), 45, EvidenceGrade::Presence, n),
        );
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { after, size: 3 };
        let part = store.read_blocking(move |tx| bank::entries(tx, person(1), &page)).unwrap();
        seen.extend(part.rows.iter().map(|entry| (entry.learned_on, entry.entry_id)));
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
    let broken = PageRequest { after: Some("x".to_owned()), size: 3 };
    assert!(store.read_blocking(move |tx| bank::entries(tx, person(1), &broken)).is_err());
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), [""; 0]);
}
