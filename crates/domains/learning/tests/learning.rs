//! Checking in, counting, correcting and closing, on both engines.

use std::sync::Arc;

use activities::{ClassId, SessionId, SignUp, testing::class_at};
use journal::{Problem, facts_after};
use kernel::{Actor, Id, Minutes, Person, Result, Role};
use learning::{
    EvidenceGrade, Method, attendances_of_session, check_in_by_card, check_in_by_code, close_class,
    correct_minutes, headcounts_of_session, note_headcount, reverse_attendance, roll_call, show_code,
    sums_of_person,
};
use network::testing::{SmallCity, refusal, resident, small_city, somebody};
use people::Vault;
use seal::SigningKey;
use store::{Tx, both_engines, testing::TestStore};
use web::testing::{Client, TestSessions, shell};

both_engines!(&[
        journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
        catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS,
    ];
    the_code_of_the_room_checks_in_who_has_a_seat,
    a_card_is_worth_as_much_as_a_code,
    visitors_are_counted_apart,
    corrections_name_their_reason_and_lose_nothing,
    closing_completes_who_came_often_enough,
    strangers_do_nothing,
    the_pages_work_from_roster_to_certificate,
    every_statement_is_accepted,
);

/// A class of three sessions whose first one began five minutes ago, with a teacher and two people on the roster.
struct Scene {
    city: SmallCity,
    class_id: ClassId,
    sessions: Vec<SessionId>,
}

fn teacher() -> Actor {
    resident(9)
}

fn id(actor: &Actor) -> Id<Person> {
    actor.person().unwrap()
}

fn vault() -> Vault {
    Vault::new([3; 32])
}

fn scene(store: &TestStore, sessions: i64) -> Scene {
    let made = store.write_blocking("test", move |tx| {
        let city = small_city(tx)?;
        catalog::testing::some_subjects(tx)?;
        let opened = class_at(tx, city.centre, teacher().person(), 5, sessions, -5)?;
        for who in [1, 2] {
            seat(tx, who, opened.class_id)?;
        }
        Ok((city, opened))
    });
    let (city, opened) = made.unwrap();
    Scene { city, class_id: opened.class_id, sessions: opened.sessions }
}

fn seat(tx: &mut Tx, who: u8, class_id: ClassId) -> Result<()> {
    let actor = resident(who);
    activities::sign_up(tx, &actor, &SignUp { class_id, person_id: id(&actor) }).map(|_| ())
}

fn verified(store: &TestStore) -> Vec<Problem> {
    let mut consumers = activities::consumers();
    consumers.extend(learning::consumers());
    journal::drain(store, &consumers).unwrap();
    let key = SigningKey::from_seed(&[1; 32]).verifying_key();
    store.read_blocking(move |tx| journal::verify(tx, &key, "test", &|_| {})).unwrap().problems
}

fn code(store: &TestStore, session: SessionId) -> String {
    store.write_blocking("test", move |tx| show_code(tx, &teacher(), session)).unwrap().code
}

fn enter(store: &TestStore, who: u8, session: SessionId, code: &str) -> Result<()> {
    let code = code.to_owned();
    store.write_blocking("test", move |tx| check_in_by_code(tx, &resident(who), session, &code).map(|_| ()))
}

fn the_code_of_the_room_checks_in_who_has_a_seat(store: &TestStore) {
    let scene = scene(store, 3);
    let session = scene.sessions[0];
    let now = store.clock().now();
    // Nobody can guess before a code is shown.
    assert_eq!(
        enter(store, 1, session, "000000").unwrap_err().field_errors()[0].code.name,
        "learning.wrong_code"
    );
    let shown = code(store, session);
    let wrong = format!("{:06}", (shown.parse::<u32>().unwrap() + 1) % 1_000_000);
    assert_eq!(
        enter(store, 1, session, &wrong).unwrap_err().field_errors()[0].code.name,
        "learning.wrong_code"
    );
    enter(store, 1, session, &format!("{} {}", &shown[..3], &shown[3..])).unwrap();
    enter(store, 1, session, &shown).unwrap();
    assert_eq!(enter(store, 3, session, &shown).unwrap_err().code().name, "learning.no_seat");
    // One window later the code still counts, two later it does not.
    store.clock.set(now.plus_seconds(30));
    enter(store, 2, session, &shown).unwrap();
    store.clock.set(now.plus_seconds(90));
    store.write_blocking("test", move |tx| seat(tx, 4, scene.class_id)).unwrap();
    assert!(enter(store, 4, session, &shown).is_err());
    // Another session's code is another one, and its time has not come.
    let other = code(store, scene.sessions[1]);
    assert_eq!(enter(store, 1, scene.sessions[1], &other).unwrap_err().code().name, "learning.not_now");
    assert_eq!(verified(store), []);
    let (sessions, minutes) = store.read_blocking(|tx| sums_of_person(tx, id(&resident(1)))).unwrap();
    assert_eq!((sessions, minutes), (1, Minutes(90)));
}

fn a_card_is_worth_as_much_as_a_code(store: &TestStore) {
    let scene = scene(store, 1);
    let session = scene.sessions[0];
    let outcome = store.write_blocking("test", move |tx| {
        let vault = vault();
        let name =
            people::Register { name: "黄桂英".to_owned(), demo: true, ..people::Register::default() };
        let person = people::register(tx, &vault, &Actor::System("test"), &name)?;
        people::issue_card(tx, &vault, &Actor::System("test"), person, "1000000008")?;
        check_in_by_card(tx, &vault, &teacher(), session, "1000 0000 08")?;
        Ok(person)
    });
    let person = outcome.unwrap();
    let all = store
        .read_blocking(move |tx| {
            let session = activities::session(tx, session)?.unwrap();
            attendances_of_session(tx, &session)
        })
        .unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].person_id, all[0].grade, all[0].method),
        (person, EvidenceGrade::Presence, Method::Card)
    );
    // She walked in without a seat, so she got one.
    let class = store.read_blocking(move |tx| activities::class(tx, scene.class_id)).unwrap().unwrap();
    assert_eq!(class.taken, 3);
    let unknown = store
        .write_blocking("test", move |tx| check_in_by_card(tx, &vault(), &teacher(), session, "2000000006"));
    assert!(unknown.is_err());
    assert_eq!(verified(store), []);
}

fn visitors_are_counted_apart(store: &TestStore) {
    let scene = scene(store, 1);
    let session = scene.sessions[0];
    let note = |visitors, evidence: &'static str| {
        store.write_blocking("test", move |tx| note_headcount(tx, &teacher(), session, visitors, evidence))
    };
    assert!(note(0, "签到纸").is_err() && note(10_001, "签到纸").is_err() && note(3, "  ").is_err());
    note(12, "签到纸一张").unwrap();
    let (people, visitors) = store
        .read_blocking(move |tx| {
            let session = activities::session(tx, session)?.unwrap();
            let visitors: i64 = headcounts_of_session(tx, &session)?.iter().map(|h| h.visitors).sum();
            Ok((attendances_of_session(tx, &session)?.len(), visitors))
        })
        .unwrap();
    assert_eq!((people, visitors), (0, 12));
    assert_eq!(verified(store), []);
}

fn corrections_name_their_reason_and_lose_nothing(store: &TestStore) {
    let scene = scene(store, 1);
    let session = scene.sessions[0];
    let me = id(&resident(1));
    store.write_blocking("test", move |tx| roll_call(tx, &teacher(), session, me)).unwrap();
    let correct = |minutes, reason: &'static str| {
        store.write_blocking("test", move |tx| {
            correct_minutes(tx, &teacher(), session, me, Minutes(minutes), reason)
        })
    };
    assert!(correct(91, "早退").is_err() && correct(40, "").is_err());
    correct(40, "早退").unwrap();
    let reverse =
        || store.write_blocking("test", move |tx| reverse_attendance(tx, &teacher(), session, me, "认错人"));
    reverse().unwrap();
    assert_eq!(refusal(reverse()), "learning.reversed");
    assert_eq!(refusal(correct(30, "再改")), "learning.reversed");
    assert_eq!(verified(store), []);
    let kinds: Vec<String> = store
        .read_blocking(|tx| facts_after(tx, 0, 1_000))
        .unwrap()
        .into_iter()
        .filter(|fact| fact.kind.starts_with("learning."))
        .map(|fact| fact.kind)
        .collect();
    assert_eq!(
        kinds,
        ["learning.attended.v1", "learning.minutes_corrected.v1", "learning.attendance_reversed.v1"]
    );
    let (sessions, _) = store.read_blocking(move |tx| sums_of_person(tx, me)).unwrap();
    assert_eq!(sessions, 0);
}

fn closing_completes_who_came_often_enough(store: &TestStore) {
    let scene = scene(store, 3);
    let start = store.clock().now();
    let early = store.write_blocking("test", move |tx| close_class(tx, &teacher(), scene.class_id));
    assert_eq!(refusal(early), "learning.too_early");
    // One comes to two of three sessions, the other to one.
    for (week, people) in [(0, vec![1]), (1, vec![1, 2]), (2, vec![])] {
        store.clock.set(start.plus_minutes(week * 7 * 24 * 60));
        let session = scene.sessions[usize::try_from(week).unwrap()];
        for who in people {
            store
                .write_blocking("test", move |tx| roll_call(tx, &teacher(), session, id(&resident(who))))
                .unwrap();
        }
    }
    let count = store.write_blocking("test", move |tx| close_class(tx, &teacher(), scene.class_id)).unwrap();
    assert_eq!(count, 1);
    let again = store.write_blocking("test", move |tx| close_class(tx, &teacher(), scene.class_id));
    assert_eq!(refusal(again), "activities.not_open");
    let late = store
        .write_blocking("test", move |tx| roll_call(tx, &teacher(), scene.sessions[2], id(&resident(2))));
    assert_eq!(refusal(late), "activities.not_open");
    assert_eq!(verified(store), []);
}

fn strangers_do_nothing(store: &TestStore) {
    let scene = scene(store, 1);
    let (session, class_id) = (scene.sessions[0], scene.class_id);
    let strangers = [
        (Actor::Nobody, "kernel.sign_in"),
        (resident(1), "kernel.denied"),
        (somebody(20, Role::Staff, scene.city.other_school), "kernel.denied"),
        (somebody(21, Role::Auditor, scene.city.top), "kernel.denied"),
    ];
    type Deed = fn(&mut Tx, &Actor, SessionId, ClassId) -> Result<()>;
    let deeds: [Deed; 6] = [
        |tx, actor, session, _| show_code(tx, actor, session).map(|_| ()),
        |tx, actor, session, _| roll_call(tx, actor, session, id(&resident(1))).map(|_| ()),
        |tx, actor, session, _| check_in_by_card(tx, &vault(), actor, session, "1000000008").map(|_| ()),
        |tx, actor, session, _| note_headcount(tx, actor, session, 3, "签到纸").map(|_| ()),
        |tx, actor, session, _| correct_minutes(tx, actor, session, id(&resident(1)), Minutes(1), "x"),
        |tx, actor, _, class| close_class(tx, actor, class).map(|_| ()),
    ];
    for (actor, refused) in strangers {
        for deed in deeds {
            let by = actor.clone();
            let outcome = store.write_blocking("test", move |tx| deed(tx, &by, session, class_id));
            assert_eq!(refusal(outcome), refused, "{actor:?}");
        }
    }
    // Staff of the school above the centre may.
    let staff = somebody(22, Role::Staff, scene.city.school);
    store.write_blocking("test", move |tx| show_code(tx, &staff, session)).unwrap();
}

fn the_pages_work_from_roster_to_certificate(store: &TestStore) {
    let scene = scene(store, 1);
    let session = scene.sessions[0];
    let sessions = Arc::new(TestSessions::default());
    let teacher = sessions.open(id(&teacher()), &[(Role::Teacher, scene.city.centre)]);
    let learner = sessions.open(id(&resident(1)), &[]);
    let stranger = sessions.open(id(&resident(30)), &[]);
    let router = learning::routes().build(shell(store, sessions).with(Arc::new(vault())));
    let browser = |token: &str| {
        let mut client = Client::new(router.clone());
        client.cookie("session", token);
        client
    };
    let roster = format!("/teach/sessions/{session}");
    browser(&stranger).get(&roster).expect(403);
    let mut teacher = browser(&teacher);
    teacher.get("/teach").expect(200).has("书法入门");
    teacher.get(&roster).expect(200).has("名单 2 人");
    let page = teacher.get(&format!("{roster}/code")).expect(200).has("<svg");
    let at = page.text.find("id=\"check-in-code\">").unwrap() + "id=\"check-in-code\">".len();
    let shown: String = page.text[at..at + 7].to_owned();

    let check_in = format!("/check-in/{session}");
    browser(&stranger).get(&check_in).expect(200).has("还没有报名");
    let mut learner = browser(&learner);
    learner.get(&format!("{check_in}?code=123456")).expect(200).has("value=\"123456\"");
    let wrong = format!("{:06}", (shown.replace(' ', "").parse::<u32>().unwrap() + 7) % 1_000_000);
    learner.post(&check_in, &[("code", &wrong)]).expect(422).has("签到码不对").has(&wrong);
    let done = learner.post(&check_in, &[("code", &shown)]).expect(303);
    learner.follow(done).expect(200).has("您已签到");

    teacher.get(&roster).expect(200).has("签到码 · 90 分钟");
    teacher
        .post(&format!("{roster}/headcount"), &[("visitors", "12"), ("evidence", "")])
        .expect(422)
        .has("value=\"12\"");
    let noted = teacher
        .post(&format!("{roster}/headcount"), &[("visitors", "12"), ("evidence", "签到纸")])
        .expect(303);
    teacher.follow(noted).expect(200).has("12 人次");
    teacher.post(&format!("{roster}/card"), &[("card", "123")]).expect(422);

    let close = format!("/teach/classes/{}/close", scene.class_id);
    browser(&stranger).get(&close).expect(403);
    teacher.get(&close).expect(200).has("1 人将获得证书");
    let closed = teacher.post(&close, &[]).expect(303);
    teacher.follow(closed).expect(200).has("1 人结业");
    assert_eq!(verified(store), []);
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}
