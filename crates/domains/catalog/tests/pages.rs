//! The desk of those who write offers, on both engines.

use catalog::{
    Audience, OfferId, OfferKind, OfferStatus, offer, offers_of_org,
    testing::{published, some_subjects},
};
use kernel::{Id, PageRequest, Role};
use network::testing::{SmallCity, small_city};
use store::{both_engines, testing::TestStore};
use web::testing::{Client, World};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS, catalog::MIGRATIONS];
    only_staff_of_the_organisation_comes_in,
    an_offer_is_written_checked_and_published,
    what_was_typed_is_kept,
    a_form_sent_twice_writes_one_offer,
    who_was_overtaken_is_told_and_loses_nothing,
    a_published_offer_is_withdrawn_after_a_question,
    the_list_is_filtered,
);

fn world(store: &TestStore) -> (World, SmallCity) {
    let city = store
        .write_blocking("test", |tx| {
            some_subjects(tx)?;
            small_city(tx)
        })
        .unwrap();
    (World::new(store, catalog::routes()), city)
}

fn staff(world: &World, city: &SmallCity) -> Client {
    world.person(Id::derived(&[9; 16]), &[(Role::Staff, city.school)])
}

fn only_staff_of_the_organisation_comes_in(store: &TestStore) {
    let (world, city) = world(store);
    let school = city.school;
    let id = store.write_blocking("test", move |tx| published(tx, school, "书法入门")).unwrap();
    let pages = [
        format!("/desk/orgs/{school}/offers"),
        format!("/desk/orgs/{school}/offers/new"),
        format!("/desk/offers/{id}/edit"),
        format!("/desk/offers/{id}/publish"),
        format!("/desk/offers/{id}/withdraw"),
    ];
    let mut stranger = world.person(Id::derived(&[3; 16]), &[(Role::Staff, city.other_school)]);
    for page in &pages {
        assert!(world.nobody().get(page).expect(303).location().starts_with("/sign-in?next="));
        world.person(Id::derived(&[1; 16]), &[]).get(page).expect(403);
        world.person(Id::derived(&[2; 16]), &[(Role::Teacher, school)]).get(page).expect(403);
        stranger.get(page).expect(403);
        staff(&world, &city).get(page).expect(200).has("磁器口街道社区教育学校");
        world.person(Id::derived(&[4; 16]), &[(Role::Head, city.college)]).get(page).expect(200);
    }
    // A stranger with a valid token of her own desk reaches no other one.
    stranger.get(&format!("/desk/orgs/{}/offers/new", city.other_school)).expect(200);
    let sent = stranger.post(&format!("/desk/orgs/{school}/offers/new"), &FULL);
    sent.expect(403);
    stranger.post(&format!("/desk/offers/{id}/withdraw"), &[]).expect(403);
    assert_eq!(now(store, id).status, OfferStatus::Published);
    let mut forged = staff(&world, &city);
    forged.post(&format!("/desk/offers/{id}/withdraw"), &[]);
    assert_eq!(now(store, id).status, OfferStatus::Published);
}

fn now(store: &TestStore, id: OfferId) -> catalog::Offer {
    store.read_blocking(move |tx| offer(tx, id)).unwrap().unwrap()
}

const FULL: [(&str, &str); 8] = [
    ("title", "书法入门"),
    ("summary", "从握笔开始。"),
    ("body", "第一讲\r\n第二讲"),
    ("kind", "course"),
    ("subject", "0301"),
    ("audience", "older"),
    ("cost", "12.5"),
    ("bring", "毛笔"),
];

fn an_offer_is_written_checked_and_published(store: &TestStore) {
    let (world, city) = world(store);
    let mut staff = staff(&world, &city);
    let list = format!("/desk/orgs/{}/offers", city.school);
    staff.get(&list).expect(200).has("还没有学习项目");
    staff.get(&format!("{list}/new")).expect(200).has("艺术修养 › 书法");
    let sent = staff.post(&format!("{list}/new"), &FULL).expect(303);
    let publish = sent.location().to_owned();
    staff.follow(sent).expect(200).has("草稿已保存").has("第二讲").has("12.5元").has("老年人");
    let sent = staff.post(&publish, &[]).expect(303);
    staff.follow(sent).expect(200).has("已发布：书法入门").has("开班");
    let school = city.school;
    let all = store
        .read_blocking(move |tx| {
            offers_of_org(tx, school, &PageRequest::first(10), &catalog::OfferFilter::default())
        })
        .unwrap();
    let made = &all.rows[0];
    assert_eq!(
        (made.kind, made.audience, made.cost_fen, made.status),
        (OfferKind::Course, Audience::Older, 1_250, OfferStatus::Published)
    );
    assert_eq!(made.body, "第一讲\n第二讲");
    let page = staff.get(&format!("{list}?lang=en")).expect(200).has("Published").has("12.5 yuan");
    assert!(!page.text.contains('⟦'));
}

fn what_was_typed_is_kept(store: &TestStore) {
    let (world, city) = world(store);
    let mut staff = staff(&world, &city);
    let path = format!("/desk/orgs/{}/offers/new", city.school);
    staff.get(&path).expect(200);
    let wrong = staff.post(
        &path,
        &[
            ("title", ""),
            ("summary", "写过的话<b>"),
            ("kind", "dance"),
            ("subject", "0301"),
            ("audience", "older"),
            ("cost", "-5"),
        ],
    );
    let page = wrong
        .expect(422)
        .has("写过的话&#60;b&#62;")
        .has("aria-invalid")
        .has("费用应为0到10,000元")
        .has("这一项必须填写");
    assert!(page.text.contains("href=\"#f-cost\"") && page.text.contains("value=\"-5\""));
    staff
        .post(&path, &[("title", "书法"), ("subject", "9999"), ("kind", "course"), ("audience", "older")])
        .expect(422)
        .has("没有这个学习门类");
    // A draft may lack what publishing asks for; the question then says so.
    let sent = staff
        .post(&path, &[("title", "书法"), ("subject", "0301"), ("kind", "course"), ("audience", "older")])
        .expect(303);
    let publish = sent.location().to_owned();
    staff.follow(sent).expect(200).has("请补上一句话介绍和详细介绍");
    staff.post(&publish, &[]).expect(422).has("请补上一句话介绍和详细介绍");
}

fn a_form_sent_twice_writes_one_offer(store: &TestStore) {
    let (world, city) = world(store);
    let mut staff = staff(&world, &city);
    let path = format!("/desk/orgs/{}/offers/new", city.school);
    staff.get(&path).expect(200);
    let first = staff.post(&path, &FULL).expect(303);
    let second = staff.post(&path, &FULL).expect(303);
    assert_eq!(first.location(), second.location());
}

fn who_was_overtaken_is_told_and_loses_nothing(store: &TestStore) {
    let (world, city) = world(store);
    let school = city.school;
    let id = store.write_blocking("test", move |tx| published(tx, school, "书法入门")).unwrap();
    let path = format!("/desk/offers/{id}/edit");
    let (mut one, mut other) =
        (staff(&world, &city), world.person(Id::derived(&[8; 16]), &[(Role::Head, city.college)]));
    let rev = one.get(&path).expect(200).has("书法入门").field("rev").unwrap();
    other.get(&path).expect(200);
    let with = |title: &'static str| -> Vec<(&str, &str)> {
        FULL.iter()
            .copied()
            .filter(|(name, _)| *name != "title")
            .chain([("title", title), ("rev", rev.as_str())])
            .collect()
    };
    let sent = one.post(&path, &with("书法初级")).expect(303);
    one.follow(sent).expect(200).has("已保存：书法初级");
    other.post(&path, &with("书法高级")).expect(422).has("别人已经修改了这条记录").has("value=\"书法高级\"");
    assert_eq!(now(store, id).title, "书法初级");
    let emptied: Vec<(&str, &str)> = with("书法")
        .into_iter()
        .filter(|(name, _)| *name != "body" && *name != "rev")
        .chain([("rev", "3")])
        .collect();
    other.post(&path, &emptied).expect(422).has("f-body-error");
}

fn a_published_offer_is_withdrawn_after_a_question(store: &TestStore) {
    let (world, city) = world(store);
    let school = city.school;
    let id = store.write_blocking("test", move |tx| published(tx, school, "书法入门")).unwrap();
    let mut staff = staff(&world, &city);
    staff.get(&format!("/desk/offers/{id}/publish")).expect(200).has("已经发布");
    staff.get(&format!("/desk/offers/{id}/withdraw")).expect(200).has("撤回“书法入门”？").has("不受影响");
    assert_eq!(now(store, id).status, OfferStatus::Published);
    let sent = staff.post(&format!("/desk/offers/{id}/withdraw"), &[]).expect(303);
    staff.follow(sent).expect(200).has("已撤回：书法入门");
    assert_eq!(now(store, id).status, OfferStatus::Withdrawn);
    staff.get(&format!("/desk/offers/{id}/withdraw")).expect(200).has("不需要撤回");
    staff.get(&format!("/desk/offers/{}/edit", Id::<kernel::Org>::derived(b"none"))).expect(404);
}

fn the_list_is_filtered(store: &TestStore) {
    let (world, city) = world(store);
    let school = city.school;
    store
        .write_blocking("test", move |tx| {
            (0..25).try_for_each(|number| published(tx, school, &format!("书法{number}")).map(|_| ()))
        })
        .unwrap();
    let mut staff = staff(&world, &city);
    let list = format!("/desk/orgs/{school}/offers");
    let first = staff.get(&list).expect(200).has("共25个学习项目").has("下一页");
    let next = first
        .text
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.contains("after="))
        .unwrap();
    staff.get(&next.replace("&#38;", "&")).expect(200).has("回到第一页");
    staff.get(&format!("{list}?status=draft")).expect(200).has("没有符合条件的记录");
    let found = staff.get(&format!("{list}?q=%E4%B9%A6%E6%B3%9524")).expect(200).has("书法24");
    assert!(!found.text.contains("书法23"));
}

#[test]
fn every_word_is_there_in_both_languages() {
    let keys = OfferKind::ALL.iter().map(|each| each.message_key());
    let keys = keys.chain(Audience::ALL.iter().map(|each| each.message_key()));
    let keys = keys.chain(OfferStatus::ALL.iter().map(|each| each.message_key()));
    let codes = kernel::all_codes().into_iter().filter(|code| code.name.starts_with("catalog."));
    let keys: Vec<String> = keys.chain(codes.map(|code| code.message_key())).collect();
    web::i18n::check(&keys.iter().map(String::as_str).collect::<Vec<_>>());
}
