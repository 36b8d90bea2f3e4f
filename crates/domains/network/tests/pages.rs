//! The pages of places and organisations, on both engines.

use kernel::{Id, Person, Role};
use network::{
    CityMap, OrgKind, close_org, found_org,
    testing::{SmallCity, found, small_city},
};
use store::{both_engines, testing::TestStore};
use web::testing::{Client, TestSessions, World, shell};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, network::MIGRATIONS];
    the_city_shows_its_districts,
    a_place_says_what_is_known_and_what_is_not,
    an_organisation_shows_where_it_stands,
    everybody_sees_the_same,
    lists_are_searched_and_paged,
    without_regions_the_page_says_so,
);

fn world(store: &TestStore) -> (World, SmallCity) {
    let city = store.write_blocking("test", small_city).unwrap();
    (World::new(store, network::routes()), city)
}

/// A browser before a service that has the map of the city.
fn with_map(store: &TestStore) -> Client {
    let map = CityMap::from_geojson(include_str!("../../../../data/chongqing/cq_districts.geojson")).unwrap();
    let shell = shell(store, std::sync::Arc::new(TestSessions::default())).with(std::sync::Arc::new(map));
    Client::new(network::routes().build(shell))
}

fn the_city_shows_its_districts(store: &TestStore) {
    let (world, city) = world(store);
    let page =
        world.nobody().get("/places").expect(200).has("沙坪坝区").has("渝中区").has("未知").has("演示数据");
    assert!(page.text.contains(&format!("href=\"/places/{}\"", city.district)));
    assert!(!page.text.contains("<svg"), "without outlines there is no map");
    let drawn = with_map(store).get("/places").expect(200).has("<svg").has("示意图").has("沙坪坝区：3家机构");
    assert!(!drawn.text.contains("style=\""), "the policy forbids inline style");
    // Once the stylesheet is there, a page with the map of all districts stays light.
    assert!(drawn.text.len() < 100_000, "{} bytes", drawn.text.len());
    let english = world.nobody().get("/places?lang=en").expect(200).has("Learning map").has("Unknown");
    assert!(!english.text.contains('⟦') && !page.text.contains('⟦'));
}

fn a_place_says_what_is_known_and_what_is_not(store: &TestStore) {
    let (world, city) = world(store);
    let mut nobody = world.nobody();
    nobody
        .get(&format!("/places/{}", city.town))
        .expect(200)
        .has("磁器口街道")
        .has("磁器口社区")
        .has("没有找到公布的数据")
        .has("沙坪坝区");
    nobody.get(&format!("/places/{}", city.village)).expect(200).has("磁器口社区学习中心");
    nobody.get("/places/500999000000").expect(404);
    nobody.get("/places/abc").expect(404);
    with_map(store).get(&format!("/places/{}", city.district)).expect(200).has("<svg").has("map-marker");
}

fn an_organisation_shows_where_it_stands(store: &TestStore) {
    let (world, city) = world(store);
    let mut nobody = world.nobody();
    let page = nobody.get(&format!("/orgs/{}", city.school)).expect(200);
    let page = page
        .has("磁器口街道社区教育学校")
        .has("沙坪坝区社区教育学院")
        .has("学府路1号")
        .has("023-00000001")
        .has("磁器口社区学习中心");
    assert!(page.text.contains("演示机构") && page.text.contains("社区教育学校"));
    nobody.get(&format!("/orgs/{}", Id::<Person>::derived(b"none"))).expect(404);
    nobody.get("/orgs/none").expect(404);
    with_map(store).get(&format!("/orgs/{}", city.school)).expect(200).has("<svg").has("圆点位置：示意");
    store
        .write_blocking("test", move |tx| close_org(tx, &kernel::Actor::System("test"), city.centre))
        .unwrap();
    nobody.get(&format!("/orgs/{}", city.centre)).expect(200).has("已于2026年11月23日");
}

fn everybody_sees_the_same(store: &TestStore) {
    let (world, city) = world(store);
    let path = format!("/orgs/{}", city.school);
    let staff = [(Role::Staff, city.school)];
    let stranger = [(Role::Staff, city.other_school)];
    for (who, grants) in [(1, &[][..]), (2, &staff[..]), (3, &stranger[..])] {
        world.person(Id::derived(&[who; 16]), grants).get(&path).expect(200).has("磁器口社区学习中心");
    }
    world.nobody().get(&format!("{path}?scale=elder")).expect(200).has("data-scale=\"elder\"");
}

fn lists_are_searched_and_paged(store: &TestStore) {
    let (world, city) = world(store);
    store
        .write_blocking("test", move |tx| {
            for number in 10..35 {
                let cmd =
                    found(OrgKind::Base, &format!("非遗工作室{number}"), &city.village, Some(city.school));
                found_org(tx, &kernel::Actor::System("test"), &cmd)?;
            }
            Ok(())
        })
        .unwrap();
    let mut nobody = world.nobody();
    let first = nobody.get(&format!("/orgs/{}", city.school)).expect(200).has("下一页");
    let next = first
        .text
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.contains("after="))
        .unwrap();
    let second = nobody.get(&next.replace("&#38;", "&")).expect(200).has("回到第一页").has("非遗工作室34");
    assert!(!first.text.contains("非遗工作室34") && !second.text.contains("非遗工作室10"));
    let found =
        nobody.get(&format!("/orgs/{}?q=%E5%AE%A4%32%31", city.school)).expect(200).has("非遗工作室21");
    assert!(!found.text.contains("非遗工作室22"));
    nobody.get(&format!("/orgs/{}?q=zzz", city.school)).expect(200).has("没有找到符合条件的机构");
    nobody.get("/orgs?kind=college").expect(200).has("渝中区社区教育学院");
    nobody.get("/orgs?q=%3Cscript%3E").expect(200).has("没有找到符合条件的机构").has("&#60;script&#62;");
    nobody.get(&format!("/places/{}?kind=senior_university", city.city)).expect(200).has("清除条件");
}

fn without_regions_the_page_says_so(store: &TestStore) {
    let world = World::new(store, network::routes());
    world.nobody().get("/places").expect(200).has("还没有导入行政区划");
    world.nobody().get("/orgs").expect(200).has("没有找到符合条件的机构");
}

#[test]
fn every_word_is_there_in_both_languages() {
    let keys: Vec<String> = OrgKind::ALL.iter().map(|kind| kind.message_key()).collect();
    let codes = kernel::all_codes().into_iter().filter(|code| code.name.starts_with("network."));
    let keys: Vec<String> = keys.into_iter().chain(codes.map(|code| code.message_key())).collect();
    web::i18n::check(&keys.iter().map(String::as_str).collect::<Vec<_>>());
}
