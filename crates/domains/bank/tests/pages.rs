//! The pages of a person's own credit, for all who might come.

use journal::{Fact, drain};
use kernel::{Actor, Day, Id, Minutes, Person, Role};
use learning::{
    ATTENDANCE, AttendanceId, EvidenceGrade, Method,
    facts::{ATTENDED, Attended},
};
use network::testing::small_city;
use store::{both_engines, params, testing::TestStore};
use web::testing::World;

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS, catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS];
    only_the_owner_sees_her_entries_explained_in_both_languages,
    nothing_yet_says_what_to_do,
);

fn person(n: u8) -> Id<Person> {
    Id::derived(&[n; 16])
}

fn only_the_owner_sees_her_entries_explained_in_both_languages(store: &TestStore) {
    let city = store.write_blocking("test.city", small_city).unwrap();
    let org = city.centre;
    for (n, grade) in [(1u8, EvidenceGrade::Presence), (2, EvidenceGrade::Declared)] {
        let write = move |tx: &mut store::Tx| {
            let id = AttendanceId::derived(&[n; 16]);
            let a = Attended {
                attendance_id: id,
                org_id: org,
                session_id: id.cast(),
                class_id: id.cast(),
                offer_id: id.cast(),
                person_id: person(1),
                grade,
                minutes: Minutes(90),
                method: Method::Code,
                learned_at: Day::of(2026, 11, i8::try_from(n).unwrap_or(1)).unwrap().at(540),
            };
            let mut fact = Fact::new(ATTENDED, org).at(org).payload(&a);
            let row = params![
                org,
                id,
                a.session_id,
                a.class_id,
                a.offer_id,
                a.person_id,
                a.grade,
                a.minutes,
                a.method,
                "x",
                a.learned_at,
                "valid",
                ""
            ];
            fact.insert(tx, &ATTENDANCE, row.to_vec())?;
            fact.emit(tx, &Actor::Person { id: person(1), grants: Vec::new() })
        };
        store.write_blocking("test.attend", write).unwrap();
    }
    drain(store, &bank::consumers()).unwrap();
    let world = World::new(store, bank::routes());

    world.nobody().get("/passport/credits").expect(303);
    let mut owner = world.person(person(1), &[]);
    let list = owner
        .get("/passport/credits")
        .expect(200)
        .has("0.125")
        .has("磁器口社区学习中心")
        .has("到场")
        .has("自报");
    assert!(!list.text.contains('⟦'));
    let link =
        list.text.split("href=\"").filter(|part| part.starts_with("/passport/credits/")).nth(1).unwrap();
    let path = link.split('"').next().unwrap().to_owned();
    let page = owner
        .get(&path)
        .expect(200)
        .has("90 ÷ 45 ÷ 16 = 0.125")
        .has("您本人在现场签到")
        .has("不是任何主管部门的文件");
    assert!(!page.text.contains('⟦'));
    let english =
        owner.get(&format!("{path}?lang=en")).expect(200).has("you checked in yourself").has("contact hour");
    assert!(!english.text.contains('⟦'));

    // Neither another resident nor the head of the whole city reads it; for them it does not exist.
    world.person(person(2), &[]).get(&path).expect(404);
    world.person(person(3), &[(Role::Head, city.top)]).get(&path).expect(404);
    world.person(person(4), &[(Role::Staff, city.other_school)]).get(&path).expect(404);
    world.nobody().get(&path).expect(303);
    owner.get("/passport/credits/nonsense").expect(404);
    owner.get("/passport/credits?after=nonsense").expect(404);
}

fn nothing_yet_says_what_to_do(store: &TestStore) {
    let world = World::new(store, bank::routes());
    world.person(person(5), &[]).get("/passport/credits").expect(200).has("还没有学分").has("/search");
    let mut elder = world.person(person(5), &[]);
    elder.get("/passport/credits?scale=elder").expect(200).has("data-scale=\"elder\"");
    let keys: Vec<&str> = web::i18n::keys_of(include_str!("../i18n/zh-CN.ftl")).collect();
    web::i18n::check(&keys);
}
