//! Classes and seats, on both engines.

use std::sync::atomic::{AtomicI64, Ordering};

use activities::{
    ALREADY_BEGUN, BAD_CAPACITY, ClassId, FULL, NOT_OPEN, NOT_SEATED, OpenClass, SESSIONS_OVERLAP, SignUp,
    TEACHER_BUSY, alternatives, cancel_sign_up, class, classes_to_take, close_class, next_sessions,
    open_class, roster, sign_up, soonest_with_seats, testing::class_at, upcoming_of_person,
};
use kernel::{Actor, Id, Person, Role, Timestamp};
use network::testing::{SmallCity, refusal, resident, small_city, somebody};
use seal::SigningKey;
use store::{both_engines, testing::TestStore};
use web::testing::World;

both_engines!(&[
        journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
        catalog::MIGRATIONS, activities::MIGRATIONS,
    ];
    a_seat_is_taken_once_and_given_back,
    hundreds_on_few_seats_never_oversell,
    a_full_class_says_what_else_there_is,
    the_class_to_take_has_a_free_seat,
    what_begins_next_is_told_once_an_offer,
    all_wrong_fields_of_a_class_are_told_at_once,
    a_teacher_is_at_one_place_at_a_time,
    who_has_no_right_changes_nothing,
    over_is_over,
    the_pages_carry_a_resident_to_her_seat,
    the_desk_is_for_those_who_work_there,
    free_seats_on_a_kept_page_are_never_old,
    every_statement_is_accepted,
);

fn city(store: &TestStore) -> SmallCity {
    store
        .write_blocking("test", |tx| {
            let city = small_city(tx)?;
            catalog::testing::some_subjects(tx)?;
            Ok(city)
        })
        .unwrap()
}

fn person(actor: &Actor) -> Id<Person> {
    actor.person().unwrap()
}

fn verified(store: &TestStore) -> Vec<journal::Problem> {
    journal::drain(store, &activities::consumers()).unwrap();
    let key = SigningKey::from_seed(&[1; 32]).verifying_key();
    store.read_blocking(move |tx| journal::verify(tx, &key, "test", &|_| {})).unwrap().problems
}

fn a_seat_is_taken_once_and_given_back(store: &TestStore) {
    let city = city(store);
    let me = resident(1);
    let opened = store.write_blocking("test", move |tx| class_at(tx, city.centre, None, 2, 3, 60)).unwrap();
    let cmd = SignUp { class_id: opened.class_id, person_id: person(&me) };
    let (actor, again) = (me.clone(), cmd.clone());
    let (first, second) = store
        .write_blocking("test", move |tx| Ok((sign_up(tx, &actor, &again)?, sign_up(tx, &actor, &again)?)))
        .unwrap();
    assert!(first.new && !second.new && first.enrolment_id == second.enrolment_id);
    assert_eq!(verified(store), []);
    let mine = person(&me);
    let upcoming = store.read_blocking(move |tx| upcoming_of_person(tx, mine, tx.now())).unwrap();
    assert_eq!(upcoming.len(), 1);

    let (actor, again) = (me.clone(), cmd.clone());
    store.write_blocking("test", move |tx| cancel_sign_up(tx, &actor, &again)).unwrap();
    let (actor, again) = (me.clone(), cmd.clone());
    let twice = store.write_blocking("test", move |tx| cancel_sign_up(tx, &actor, &again));
    assert_eq!(refusal(twice), NOT_SEATED.name);
    let taken = store.read_blocking(move |tx| class(tx, opened.class_id)).unwrap().unwrap().taken;
    assert_eq!(taken, 0);
    // The seat can be taken again; it is the same enrolment.
    let back = store.write_blocking("test", move |tx| sign_up(tx, &me, &cmd)).unwrap();
    assert_eq!((back.enrolment_id, back.new), (first.enrolment_id, true));
    assert_eq!(verified(store), []);
}

fn hundreds_on_few_seats_never_oversell(store: &TestStore) {
    let city = city(store);
    let opened = store.write_blocking("test", move |tx| class_at(tx, city.centre, None, 25, 1, 60)).unwrap();
    let (sold, refused) = (AtomicI64::new(0), AtomicI64::new(0));
    std::thread::scope(|scope| {
        for client in 0..30_u8 {
            let (sold, refused) = (&sold, &refused);
            scope.spawn(move || {
                for attempt in 0..10_u8 {
                    let id: Id<Person> =
                        Id::derived(&[client, attempt, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
                    let actor = Actor::Person { id, grants: Vec::new() };
                    let cmd = SignUp { class_id: opened.class_id, person_id: id };
                    match store.write_blocking("test", move |tx| sign_up(tx, &actor, &cmd)) {
                        Ok(_) => sold.fetch_add(1, Ordering::SeqCst),
                        Err(error) if error.is(&FULL) => refused.fetch_add(1, Ordering::SeqCst),
                        Err(error) => panic!("{error:?}"),
                    };
                }
            });
        }
    });
    let (class, seats) = store
        .read_blocking(move |tx| {
            let class = class(tx, opened.class_id)?.unwrap();
            let seats = roster(tx, &class)?.len();
            Ok((class, seats))
        })
        .unwrap();
    assert_eq!((sold.into_inner(), refused.into_inner(), class.taken, seats), (25, 275, 25, 25));
    assert_eq!(verified(store), []);
}

fn a_full_class_says_what_else_there_is(store: &TestStore) {
    let city = city(store);
    let others = store
        .write_blocking("test", move |tx| {
            let full = class_at(tx, city.centre, None, 1, 1, 60)?;
            let class = class(tx, full.class_id)?.unwrap();
            let from = tx.now().plus_minutes(3_000);
            let second = OpenClass {
                org_id: city.centre,
                offer_id: class.offer_id,
                title: class.title.clone(),
                teacher_id: None,
                capacity: 5,
                venue: "另一处".to_owned(),
                room: String::new(),
                sessions: vec![(from, from.plus_minutes(60))],
                demo: true,
            };
            let second = open_class(tx, &Actor::System("test"), &second)?;
            for who in [1, 2] {
                let actor = resident(who);
                let outcome =
                    sign_up(tx, &actor, &SignUp { class_id: full.class_id, person_id: person(&actor) });
                assert_eq!(outcome.is_ok(), who == 1);
                if who == 2 {
                    assert_eq!(refusal(outcome), FULL.name);
                }
            }
            Ok((alternatives(tx, &class)?, second.class_id))
        })
        .unwrap();
    assert_eq!(others.0.iter().map(|class| class.class_id).collect::<Vec<_>>(), [others.1]);
}

fn all_wrong_fields_of_a_class_are_told_at_once(store: &TestStore) {
    let city = city(store);
    let error = store
        .write_blocking("test", move |tx| {
            let offer_id = catalog::testing::published(tx, city.centre, "书法")?;
            let at = |minutes| tx.now().plus_minutes(minutes);
            let sessions: Vec<(Timestamp, Timestamp)> =
                vec![(at(0), at(60)), (at(30), at(90)), (at(500), at(400))];
            let cmd = OpenClass {
                org_id: city.centre,
                offer_id,
                title: " ".to_owned(),
                teacher_id: None,
                capacity: 0,
                venue: "馆".repeat(121),
                room: String::new(),
                sessions,
                demo: false,
            };
            open_class(tx, &Actor::System("test"), &cmd).map(|_| ())
        })
        .unwrap_err();
    let fields: Vec<_> = error.field_errors().iter().map(|e| (e.field.as_str(), e.code.name)).collect();
    assert_eq!(
        fields,
        [
            ("title", "kernel.required"),
            ("venue", "kernel.too_long"),
            ("capacity", BAD_CAPACITY.name),
            ("session_3", "activities.bad_session_time"),
            ("sessions", SESSIONS_OVERLAP.name),
        ]
    );
}

fn a_teacher_is_at_one_place_at_a_time(store: &TestStore) {
    let city = city(store);
    let teacher = Some(person(&resident(9)));
    let outcome = store.write_blocking("test", move |tx| {
        class_at(tx, city.centre, teacher, 5, 2, 60)?;
        class_at(tx, city.school, teacher, 5, 1, 151)?;
        class_at(tx, city.school, teacher, 5, 1, 100)
    });
    assert_eq!(refusal(outcome), TEACHER_BUSY.name);
}

fn who_has_no_right_changes_nothing(store: &TestStore) {
    let city = city(store);
    let opened = store.write_blocking("test", move |tx| class_at(tx, city.centre, None, 5, 1, 60)).unwrap();
    let mine = person(&resident(1));
    let cases = [
        (Actor::Nobody, "kernel.sign_in"),
        (resident(2), "kernel.denied"),
        (somebody(3, Role::Staff, city.other_school), "kernel.denied"),
        (somebody(4, Role::Auditor, city.top), "kernel.denied"),
        (somebody(5, Role::Teacher, city.centre), "kernel.denied"),
    ];
    for (actor, code) in cases {
        let cmd = SignUp { class_id: opened.class_id, person_id: mine };
        let (a, b) = (actor.clone(), actor.clone());
        assert_eq!(refusal(store.write_blocking("test", move |tx| sign_up(tx, &a, &cmd))), code, "{actor:?}");
        let closed = store.write_blocking("test", move |tx| close_class(tx, &b, opened.class_id));
        assert_eq!(refusal(closed), code, "{actor:?}");
    }
    // Staff of an organisation above may do both.
    let head = somebody(6, Role::Head, city.college);
    let cmd = SignUp { class_id: opened.class_id, person_id: mine };
    store
        .write_blocking("test", move |tx| {
            sign_up(tx, &head, &cmd)?;
            close_class(tx, &head, opened.class_id)
        })
        .unwrap();
}

fn over_is_over(store: &TestStore) {
    let city = city(store);
    let me = resident(1);
    let cmd = |class_id| SignUp { class_id, person_id: person(&resident(1)) };
    let opened = store.write_blocking("test", move |tx| class_at(tx, city.centre, None, 5, 1, 60)).unwrap();
    let start = store.clock().now();
    let (actor, first) = (me.clone(), cmd(opened.class_id));
    store.write_blocking("test", move |tx| sign_up(tx, &actor, &first)).unwrap();
    store.clock.set(start.plus_minutes(61));
    let (actor, first) = (me.clone(), cmd(opened.class_id));
    assert_eq!(
        refusal(store.write_blocking("test", move |tx| cancel_sign_up(tx, &actor, &first))),
        ALREADY_BEGUN.name
    );
    store.clock.set(start.plus_minutes(200));
    let late = SignUp { class_id: opened.class_id, person_id: person(&resident(2)) };
    assert_eq!(
        refusal(store.write_blocking("test", move |tx| sign_up(tx, &resident(2), &late))),
        NOT_OPEN.name
    );
}

fn the_pages_carry_a_resident_to_her_seat(store: &TestStore) {
    let city = city(store);
    let (class_id, offer) = store
        .write_blocking("test", move |tx| {
            let opened = class_at(tx, city.centre, None, 1, 2, 60)?;
            Ok((opened.class_id, class(tx, opened.class_id)?.unwrap().offer_id))
        })
        .unwrap();
    let world = World::new(store, activities::routes());
    let offer_page = format!("/offers/{offer}");
    world
        .nobody()
        .get(&offer_page)
        .expect(200)
        .has("书法入门")
        .has("还有 1 个座位")
        .has("登录并报名")
        .has("磁器口社区学习中心");
    world.nobody().get(&format!("{offer_page}?lang=en")).expect(200).has("1 seat free");
    world.nobody().get("/offers/00000000000000000000000000000000").expect(404);

    let mut me = world.person(person(&resident(1)), &[]);
    me.get(&offer_page).expect(200).has("我要报名");
    let answer = me.post(&format!("/classes/{class_id}/sign-up"), &[]).expect(303);
    assert_eq!(answer.location(), format!("/classes/{class_id}/seat"));
    me.follow(answer).expect(200).has("座位已为您留好").has("加到手机日历");
    me.get(&format!("/calendar/{class_id}.ics"))
        .expect(200)
        .has("BEGIN:VCALENDAR")
        .has("SUMMARY:书法入门 (1/2)");

    let mut other = world.person(person(&resident(2)), &[]);
    other.get(&offer_page).expect(200).has("座位已满");
    // Who kept the page open meanwhile is told so, and is not signed up.
    other.post(&format!("/classes/{class_id}/sign-up"), &[]).expect(409).has("您没有被登记");
    other.get(&format!("/classes/{class_id}/seat")).expect(404);

    me.get(&format!("/classes/{class_id}/seat")).expect(200);
    me.post(&format!("/classes/{class_id}/cancel"), &[]).expect(303);
    world.nobody().get(&offer_page).expect(200).has("还有 1 个座位");
    assert_eq!(verified(store), []);
}

fn the_desk_is_for_those_who_work_there(store: &TestStore) {
    let city = city(store);
    let (class_id, offer) = store
        .write_blocking("test", move |tx| {
            let opened = class_at(tx, city.centre, None, 3, 1, 60)?;
            Ok((opened.class_id, class(tx, opened.class_id)?.unwrap().offer_id))
        })
        .unwrap();
    let vault = std::sync::Arc::new(people::Vault::new([3; 32]));
    let sessions = std::sync::Arc::new(web::testing::TestSessions::default());
    let staff = sessions.open(person(&resident(7)), &[(Role::Staff, city.school)]);
    let stranger = sessions.open(person(&resident(8)), &[(Role::Staff, city.other_school)]);
    let shell = web::testing::shell(store, sessions).with(vault);
    let router = activities::routes().build(shell);
    let browser = |token: &str| {
        let mut client = web::testing::Client::new(router.clone());
        client.cookie("session", token);
        client
    };
    let desk = format!("/desk/classes/{class_id}");
    browser(&staff).get(&desk).expect(200).has("还没有人报名");
    browser(&stranger).get(&desk).expect(403);
    let form = format!("/desk/offers/{offer}/classes/new");
    browser(&stranger).get(&form).expect(403);
    let mut staff = browser(&staff);
    staff.get(&form).expect(200);
    let fields = [
        ("title", "行书班"),
        ("venue", "书画室"),
        ("capacity", "零"),
        ("first", "2026-12-01T09:00"),
        ("minutes", "90"),
        ("sessions", "3"),
        ("every_days", "7"),
    ];
    staff.post(&form, &fields).expect(422).has("行书班").has("aria-invalid");
    let mended: Vec<(&str, &str)> =
        fields.into_iter().map(|(k, v)| (k, if k == "capacity" { "２０" } else { v })).collect();
    let done = staff.post(&form, &mended).expect(303);
    staff.follow(done).expect(200).has("行书班").has("第 3 次课");
}

/// The clock stands still, so that only the seats themselves can make a page be made anew.
/// Opens one more class of the offer of another one, beginning `begins` minutes from now, with so many seats.
fn another(tx: &mut store::Tx, of: ClassId, begins: i64, capacity: i64) -> kernel::Result<ClassId> {
    let known = class(tx, of)?.unwrap();
    let from = tx.now().plus_minutes(begins);
    let cmd = OpenClass {
        org_id: known.org_id,
        offer_id: known.offer_id,
        title: known.title,
        teacher_id: None,
        capacity,
        venue: "另一处".to_owned(),
        room: String::new(),
        sessions: vec![(from, from.plus_minutes(60))],
        demo: true,
    };
    Ok(open_class(tx, &Actor::System("test"), &cmd)?.class_id)
}

fn seat(tx: &mut store::Tx, class_id: ClassId, n: u8) -> kernel::Result<()> {
    let actor = resident(n);
    sign_up(tx, &actor, &SignUp { class_id, person_id: person(&actor) }).map(|_| ())
}

fn the_class_to_take_has_a_free_seat(store: &TestStore) {
    let city = city(store);
    store
        .write_blocking("test", move |tx| {
            let soonest = class_at(tx, city.centre, None, 1, 1, 60)?.class_id;
            let later = another(tx, soonest, 3_000, 1)?;
            let offer = class(tx, soonest)?.unwrap().offer_id;
            let elsewhere = class_at(tx, city.centre, None, 4, 1, 90)?.class_id;
            let other = class(tx, elsewhere)?.unwrap().offer_id;
            let take = |tx: &mut store::Tx| {
                let now = tx.now();
                let found = classes_to_take(tx, &[offer, other, Id::derived(&[9; 32])], now)?;
                assert_eq!(found.len(), 2);
                assert_eq!(found[&other].class_id, elsewhere);
                Ok::<_, kernel::Error>(found[&offer].class_id)
            };
            assert_eq!(take(tx)?, soonest);
            seat(tx, soonest, 1)?;
            assert_eq!(take(tx)?, later);
            seat(tx, later, 2)?;
            assert_eq!(take(tx)?, soonest);
            let weekly = class_at(tx, city.centre, None, 4, 3, -3 * 24 * 60)?.class_id;
            let over = class_at(tx, city.centre, None, 4, 1, -24 * 60)?.class_id;
            let now = tx.now();
            let next = next_sessions(tx, &[weekly, over, soonest], now)?;
            assert_eq!(next.len(), 2);
            assert_eq!((next[&weekly].number, next[&soonest].number), (2, 1));
            Ok(())
        })
        .unwrap();
}

fn what_begins_next_is_told_once_an_offer(store: &TestStore) {
    let city = city(store);
    store
        .write_blocking("test", move |tx| {
            let full = class_at(tx, city.centre, None, 1, 1, 30)?.class_id;
            seat(tx, full, 1)?;
            let often = class_at(tx, city.centre, None, 5, 1, 60)?.class_id;
            for n in 1..12 {
                another(tx, often, 60 + 100 * n, 5)?;
            }
            let last = class_at(tx, city.centre, None, 5, 1, 5_000)?.class_id;
            let (now, week) = (tx.now(), tx.now().plus_minutes(7 * 24 * 60));
            let mut soonest = |span, limit| {
                let found = soonest_with_seats(tx, span, limit)?;
                Ok::<_, kernel::Error>(found.into_iter().map(|class| class.class_id).collect::<Vec<_>>())
            };
            assert_eq!(soonest((now, week), 2)?, [often, last]);
            assert_eq!(soonest((now, week), 1)?, [often]);
            assert_eq!(soonest((now, now.plus_minutes(4_000)), 2)?, [often]);
            Ok(())
        })
        .unwrap();
}

fn free_seats_on_a_kept_page_are_never_old(store: &TestStore) {
    let city = city(store);
    let (class_id, offer) = store
        .write_blocking("test", move |tx| {
            let opened = class_at(tx, city.centre, None, 5, 1, 60)?;
            Ok((opened.class_id, class(tx, opened.class_id)?.unwrap().offer_id))
        })
        .unwrap();
    let keeping = web::Keeping { life_ms: 1_000, bytes: 1 << 20 };
    let serve = |store: &store::Store| {
        let shell = web::testing::shell(store, std::sync::Arc::<web::testing::TestSessions>::default())
            .keeping(keeping);
        web::testing::Client::new(activities::routes().build(shell))
    };
    // Two processes over one database.
    let (mut here, mut there) = (serve(store), serve(&store.another_process()));
    let path = format!("/offers/{offer}");
    let free = |client: &mut web::testing::Client, seats: &str| {
        let first = client.get(&path).expect(200).has(seats);
        let second = client.get(&path).expect(200).has(seats);
        assert_eq!(first.headers["etag"], second.headers["etag"]);
    };
    free(&mut here, "还有 5 个座位");
    free(&mut there, "还有 5 个座位");
    for (n, left) in [(1, 4), (2, 3)] {
        let actor = resident(n);
        let cmd = SignUp { class_id, person_id: person(&actor) };
        store.write_blocking("test", move |tx| sign_up(tx, &actor, &cmd).map(|_| ())).unwrap();
        free(&mut here, &format!("还有 {left} 个座位"));
        free(&mut there, &format!("还有 {left} 个座位"));
    }
    let actor = resident(1);
    let cmd = SignUp { class_id, person_id: person(&actor) };
    store.write_blocking("test", move |tx| cancel_sign_up(tx, &actor, &cmd)).unwrap();
    free(&mut there, "还有 4 个座位");
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}
