//! The pages of places: what a resident finds there, on both engines.

use std::sync::Arc;

use activities::{SignUp, sign_up, testing::class_at};
use catalog::OfferKind;
use kernel::{Actor, Chance, Id, Person, Role};
use network::{
    OrgKind, Population, close_org, found_org, import_regions,
    testing::{SmallCity, found, refusal, region_row, resident, small_city},
};
use portal::{CityMap, Finder};
use store::{both_engines, testing::TestStore};
use web::{
    Shell, Site,
    testing::{Client, TestSessions, World, shell, site},
};

both_engines!(&[
    store::MIGRATIONS, journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
    catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS, credentials::MIGRATIONS,
    statistics::MIGRATIONS, notices::MIGRATIONS, portal::MIGRATIONS,
];
    the_city_shows_its_districts,
    a_place_says_what_is_known_and_what_is_not,
    an_organisation_shows_where_it_stands,
    an_organisation_shows_what_is_on_next,
    everybody_sees_the_same,
    lists_are_searched_and_paged,
    without_regions_the_page_says_so,
    what_is_near_is_told_by_distance,
    a_chosen_place_is_remembered_by_the_browser,
    gaps_are_counted_and_listed,
    a_calendar_shows_and_files_the_same_sessions,
    a_venue_is_open_to_everybody,
    search_engines_find_every_page,
);

const OPERATOR: Actor = Actor::System("test");

fn world(store: &TestStore) -> (World, SmallCity) {
    let city = store.write_blocking("test", small_city).unwrap();
    (World::new(store, portal::routes()), city)
}

/// A browser before a service that has the map of the city.
fn with_map(store: &TestStore) -> Client {
    let map = CityMap::from_geojson(include_str!("../../../data/chongqing/cq_districts.geojson")).unwrap();
    let shell = shell(store, Arc::new(TestSessions::default())).with(Arc::new(map));
    Client::new(portal::routes().build(shell))
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
    store.write_blocking("test", move |tx| close_org(tx, &OPERATOR, city.centre)).unwrap();
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
                found_org(tx, &OPERATOR, &cmd)?;
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
    let world = World::new(store, portal::routes());
    world.nobody().get("/places").expect(200).has("还没有导入行政区划");
    world.nobody().get("/orgs").expect(200).has("没有找到符合条件的机构");
}

fn an_organisation_shows_what_is_on_next(store: &TestStore) {
    let (world, city) = world(store);
    let mut nobody = world.nobody();
    let path = format!("/orgs/{}", city.centre);
    nobody.get(&path).expect(200).has("近期没有新开的课").has("看附近还有什么");
    let class = store.write_blocking("test", move |tx| class_at(tx, city.centre, None, 2, 3, 600)).unwrap();
    let page = nobody.get(&path).expect(200).has("书法入门").has("还有 2 个座位").has("tel:023-00000001");
    // To a position that was not measured nobody is led.
    let page = page.has("geo:0,0?q=").has("\"remainingAttendeeCapacity\":2");
    assert!(!page.text.contains("GeoCoordinates"));
    let who = Id::<Person>::derived(&[1; 16]);
    store
        .write_blocking("test", move |tx| {
            sign_up(tx, &resident(1), &SignUp { class_id: class.class_id, person_id: who })
        })
        .unwrap();
    nobody.get(&path).expect(200).has("还有 1 个座位");
    // Above, where nothing is on, the places below are shown; so does the division.
    nobody.get(&format!("/orgs/{}", city.school)).expect(200).has("下属机构接下来的课").has("书法入门");
    nobody.get(&format!("/places/{}", city.district)).expect(200).has("书法入门").has("还有 1 个座位");
    let other = nobody.get(&format!("/orgs/{}", city.other_school)).expect(200);
    assert!(!other.text.contains("书法入门"));
    // What is free and has no class yet can be asked for.
    let offer =
        move |tx: &mut store::Tx| catalog::testing::published(tx, city.other_school, "</script>开放阅览");
    store.write_blocking("test", offer).unwrap();
    let other = nobody.get(&format!("/orgs/{}", city.other_school)).expect(200).has("还有这些免费项目");
    assert!(!other.text.contains("</script>开放"), "nothing ends the block of data");
}

fn what_is_near_is_told_by_distance(store: &TestStore) {
    let (world, city) = world(store);
    let village = city.village.clone();
    store
        .write_blocking("test", move |tx| {
            let mut cmd = found(OrgKind::Base, "老街蜀绣工坊", &village, Some(city.school));
            (cmd.place, cmd.place_note) = (Some((106.46, 29.58)), String::new());
            found_org(tx, &OPERATOR, &cmd)?;
            class_at(tx, city.centre, None, 5, 1, 600)
        })
        .unwrap();
    let mut nobody = world.nobody();
    nobody.get("/near").expect(200).has("先选区县").has("/assets/near.");
    let page = nobody.get("/near?at=29.58,106.45").expect(200).has("从您现在的位置算起").has("970 米");
    let text = page.has("书法入门").has("还有 5 个座位").has("示意").text;
    assert!(text.find("磁器口社区学习中心") < text.find("老街蜀绣工坊"), "the nearest comes first");
    let classes = nobody.get("/near?at=29.58,106.46&show=classes").expect(200).has("书法入门");
    assert!(classes.has("970 米").headers.get("set-cookie").is_none(), "a position is not kept");
    nobody.get("/near?at=1.5,1.5").expect(200).has("100 公里内没有");
    nobody.get("/near?at=nonsense").expect(200).has("先选区县");
    let api = nobody.get("/api/v1/near?latitude=29.58&longitude=106.46&limit=1").expect(200);
    let api = api.has("老街蜀绣工坊").has("\"metres\":0").has("\"measured\":true");
    assert!(!api.text.contains("学习中心"));
    nobody.get("/api/v1/near?latitude=29.58").expect(422);
}

fn a_chosen_place_is_remembered_by_the_browser(store: &TestStore) {
    let (world, city) = world(store);
    let mut nobody = world.nobody();
    nobody.get(&format!("/near?in={}", city.district)).expect(200).has("磁器口街道").has("就用沙坪坝区");
    nobody.get(&format!("/near?near={}", city.town)).expect(200).has("从磁器口街道算起").has("磁器口社区");
    nobody.get("/near").expect(200).has("从磁器口街道算起");
    let answer = nobody.get("/near?forget=1").expect(303);
    nobody.follow(answer).expect(200);
    assert!(!nobody.get("/near").expect(200).text.contains("从磁器口街道算起"));
    // A code of no place is no choice.
    let page = nobody.get("/near?near=500999000000").expect(200).has("先选区县");
    assert!(page.headers.get("set-cookie").is_none());
}

fn gaps_are_counted_and_listed(store: &TestStore) {
    let (world, city) = world(store);
    store
        .write_blocking("test", move |tx| {
            let mut known = region_row(2, "500106005000", "双碑街道", "街道", "500106000000");
            known.population =
                Some(Population {
                    count: 41_200, on: kernel::Day(18_567), source: "街道公报".to_owned()
                });
            let unknown = region_row(3, "500106006000", "井口街道", "街道", "500106000000");
            import_regions(tx, &OPERATOR, &[known, unknown])?;
            class_at(tx, city.centre, None, 5, 1, 600)
        })
        .unwrap();
    let mut nobody = world.nobody();
    let page = nobody.get("/places/reach").expect(200).has("十五分钟学习圈");
    // Two of four towns have no place; one of them has a known population.
    page.has("41,200（另有 1 个街镇未知）").has("共 4 个");
    let list = nobody.get(&format!("/places/reach?in={}&lack=place&level=town", city.district)).expect(200);
    let list = list.has("双碑街道").has("41,200").has("井口街道").has("未知");
    assert!(list.text.find("双碑街道") < list.text.find("井口街道") && !list.text.contains("磁器口街道"));
    // The school of 七星岗 has no class.
    let offers = nobody.get(&format!("/places/reach?in={}&lack=offer&level=town", city.city)).expect(200);
    assert!(offers.has("七星岗街道").text.contains("双碑街道"));
    let none = format!("/places/reach?in={}&lack=place&level=village", city.district);
    nobody.get(&none).expect(200).has("都已覆盖");
    let csv = nobody
        .get("/places/reach?format=csv")
        .expect(200)
        .has("500106000000,沙坪坝区,,3,2,2,1,0,0,41200,1,41200,1");
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    nobody
        .get(&format!("/places/reach?in={}&format=csv", city.district))
        .expect(200)
        .has("500106005000,双碑街道,街道,41200,0");
    nobody.get("/places/reach?in=zzz").expect(404);
    let api = nobody.get("/api/v1/reach").expect(200).has("\"towns_without_place\":2");
    api.has("\"people_without_place\":41200").has("\"people_without_place_unknown\":1");
}

fn a_calendar_shows_and_files_the_same_sessions(store: &TestStore) {
    let (_, city) = world(store);
    let class = store.write_blocking("test", move |tx| class_at(tx, city.centre, None, 5, 3, 600)).unwrap();
    journal::drain(store, &[]).unwrap();
    let finder = Finder::in_memory((*store).clone()).unwrap();
    finder.catch_up().unwrap();
    let shell = shell(store, Arc::new(TestSessions::default())).with(Arc::new(finder));
    let mut nobody = Client::new(portal::routes().build(shell));
    let (org, region) = (format!("org={}", city.school), format!("region={}", city.district));
    for key in [&org, &region] {
        nobody
            .get(&format!("/calendar?{key}&view=day"))
            .expect(200)
            .has("书法入门")
            .has("第 1 次，共 3 次")
            .has("还有 5 个座位");
        nobody.get(&format!("/calendar?{key}")).expect(200).has("书法入门").has("webcal://");
        nobody.get(&format!("/calendar?{key}&view=month")).expect(200).has("class=\"month\"").has("1 次课");
        nobody.get(&format!("/calendar?{key}&kind=tour")).expect(200).has("没有课");
        nobody.get(&format!("/calendar?{key}&kind=course&free=1")).expect(200).has("书法入门");
    }
    for list in [format!("regions/{}", city.town), format!("organisations/{}", city.college)] {
        let api = nobody.get(&format!("/api/v1/{list}/classes?free=true&limit=1")).expect(200);
        api.has(&class.class_id.to_string()).has("\"free\":5").has("\"next\":null");
        let none = nobody.get(&format!("/api/v1/{list}/classes?kind=tour")).expect(200);
        assert!(none.text.contains("\"items\":[]"), "{}", none.text);
    }
    nobody.get("/api/v1/regions/500999000000/classes").expect(404);
    nobody.get("/calendar").expect(200).has("重庆市的日历");
    nobody.get(&format!("/calendar?org={}", city.other_school)).expect(200).has("没有课");
    nobody.get("/calendar?org=nobody").expect(404);
    let files = [
        format!("/calendar/orgs/{}.ics", city.school),
        format!("/calendar/regions/{}.ics?kind=course", city.district),
        "/calendar/search.ics?q=%E4%B9%A6%E6%B3%95".to_owned(),
    ];
    let uids = |text: &str| -> Vec<String> {
        text.split("\r\n").filter(|line| line.starts_with("UID:")).map(str::to_owned).collect()
    };
    let expected: Vec<String> = class.sessions.iter().map(|id| format!("UID:{id}@xuecheng")).collect();
    for file in &files {
        let answer = nobody.get(file).expect(200).has("X-WR-CALNAME").has("STATUS:CONFIRMED");
        assert_eq!(answer.headers["content-type"], "text/calendar; charset=utf-8");
        assert!(answer.text.starts_with("BEGIN:VCALENDAR\r\n") && answer.text.ends_with("END:VCALENDAR\r\n"));
        assert_eq!(uids(&answer.text), expected, "{file}: who subscribes twice sees a session once");
        assert!(!answer.text.contains("GEO:"), "the position is a sketch");
    }
    // What a search found is shown in the same way, and each view leads to the other.
    nobody.get("/search?q=%E4%B9%A6%E6%B3%95&when=month").expect(200).has("/calendar?q=%E4%B9%A6%E6%B3%95\"");
    let day = nobody.get("/calendar?q=%E4%B9%A6%E6%B3%95&view=day").expect(200);
    day.has("书法的日历").has("第 1 次，共 3 次").has("/search?q=%E4%B9%A6%E6%B3%95").has("search.ics?q=");
    nobody.get("/calendar?q=%E4%B9%A6%E6%B3%95&view=month&free=1").expect(200).has("1 次课");
    nobody.get("/calendar?q=%E4%B9%A6%E6%B3%95&seats=1&view=day").expect(200).has("书法入门");
    for none in [
        "q=%E4%B9%A6%E6%B3%95&district=500103000000",
        "q=zzqx",
        "q=%E4%B9%A6%E6%B3%95&kind=tour",
        "q=%E4%B9%A6%E6%B3%95&audience=children",
    ] {
        nobody.get(&format!("/calendar?{none}&view=month")).expect(200);
        nobody.get(&format!("/calendar?{none}")).expect(200).has("没有课");
        let file = nobody.get(&format!("/calendar/search.ics?{none}")).expect(200);
        assert!(uids(&file.text).is_empty(), "{none}");
    }
    nobody.get(&format!("/calendar/regions/{}", city.district)).expect(404);
    nobody.get("/calendar/orgs/x.ics").expect(404);
    let none = nobody.get(&format!("/calendar/regions/{}.ics?kind=tour", city.district)).expect(200);
    assert!(uids(&none.text).is_empty());
}

fn a_venue_is_open_to_everybody(store: &TestStore) {
    let (_, city) = world(store);
    let district = city.district.clone();
    let (library, offer, refused) = store
        .write_blocking("test", move |tx| {
            // Nobody of the network stands above it, and still the college answers for the district.
            let library =
                found_org(tx, &OPERATOR, &found(OrgKind::Library, "沙坪坝区图书馆", &district, None))?;
            catalog::testing::some_subjects(tx)?;
            let mut words = catalog::testing::words("自习室免费开放");
            words.kind = OfferKind::OpenVenue;
            let draft = catalog::DraftOffer { org_id: library, words, demo: true };
            let offer = catalog::draft_offer(tx, &OPERATOR, &draft)?;
            catalog::publish_offer(tx, &OPERATOR, offer)?;
            let answers = network::org_of_region(tx, &district)?.map(|org| org.org_id);
            assert_eq!(answers, Some(city.college));
            let class = activities::OpenClass {
                org_id: library,
                offer_id: offer,
                title: "自习".to_owned(),
                teacher_id: None,
                capacity: 5,
                venue: "图书馆".to_owned(),
                room: String::new(),
                sessions: vec![(tx.now().plus_minutes(60), tx.now().plus_minutes(120))],
                demo: true,
            };
            Ok((library, offer, refusal(activities::open_class(tx, &OPERATOR, &class))))
        })
        .unwrap();
    assert_eq!(refused, "activities.open_venue");
    journal::drain(store, &[]).unwrap();
    let finder = Arc::new(Finder::in_memory((*store).clone()).unwrap());
    finder.catch_up().unwrap();
    let shell = shell(store, Arc::new(TestSessions::default())).with(finder.clone());
    let mut nobody = Client::new(portal::routes().merge(activities::routes()).build(shell));
    let found = nobody.get("/search?q=%E8%87%AA%E4%B9%A0").expect(200);
    found.has("开放时间：每天 09:00–17:00").has("不用报名，直接去").has("场馆开放");
    nobody.get("/search?q=%E8%87%AA%E4%B9%A0&explain=1").expect(200).has("场馆开放，不用等班次");
    nobody
        .get(&format!("/search?kind=open_venue&district={}", city.district))
        .expect(200)
        .has("自习室免费开放");
    // It is open on all days: who looks for today, this week or the weekend finds it, and nobody in the evening.
    for (asked, found) in
        [("when=today", true), ("when=week", true), ("slot=weekend", true), ("slot=eve", false)]
    {
        let page = nobody.get(&format!("/search?kind=open_venue&{asked}")).expect(200);
        assert_eq!(page.text.contains("自习室免费开放"), found, "{asked}");
    }
    let venues = nobody.get("/search?kind=open_venue").expect(200);
    assert!(!venues.text.contains("/calendar?"), "a calendar of them would be empty");
    nobody.get("/search?kind=open_venue&district=500103000000").expect(200).has("没有找到");
    nobody
        .get("/api/v1/search?kind=open_venue")
        .expect(200)
        .has("\"open\":\"每天 09:00–17:00\"")
        .has("\"next_class\":null");
    let page = nobody.get(&format!("/offers/{offer}")).expect(200);
    let page = page
        .has("什么时候开放")
        .has("每天 09:00–17:00")
        .has("\"openingHours\":[\"Mo-Su 09:00-17:00\"]")
        .has("不用报名")
        .has("\"@type\":\"Library\"");
    assert!(!page.text.contains("什么时候上课"), "it has no classes");
    let own = nobody.get(&format!("/orgs/{library}")).expect(200);
    let own = own.has("随时可以去").has("自习室免费开放").has("\"@type\":\"Library\"");
    assert!(!own.text.contains("近期没有新开的课"), "nobody waits for a class there");
    // Its staff changes the hours, and the search knows it.
    store
        .write_blocking("test", move |tx| {
            let rev = network::org(tx, library)?.unwrap().rev;
            let opening = "Mo-Fr 18:00-21:00; 2026 Nov 24 off \"装修\"".parse()?;
            let (address, phone) = ("学府路1号".to_owned(), "023-00000001".to_owned());
            let cmd =
                network::KeepPlace { org_id: library, rev, address, phone, hours: String::new(), opening };
            network::keep_place(tx, &OPERATOR, &cmd)
        })
        .unwrap();
    journal::drain(store, &[]).unwrap();
    finder.catch_up().unwrap();
    for (asked, found) in [("slot=eve", true), ("slot=weekend", false), ("when=week", true)] {
        let page = nobody.get(&format!("/search?kind=open_venue&{asked}")).expect(200);
        assert_eq!(page.text.contains("自习室免费开放"), found, "{asked}");
    }
    nobody.get(&format!("/orgs/{library}")).expect(200).has("周一至周五 18:00–21:00").has("装修");
    // Whoever looks at her street learns of the library of her district.
    let street = nobody.get(&format!("/places/{}", city.town)).expect(200);
    street.has("沙坪坝区图书馆").has("kind=open_venue");
    let elsewhere = nobody.get("/places/500103001000").expect(200);
    assert!(!elsewhere.text.contains("沙坪坝区图书馆"), "another district has its own");
}

fn search_engines_find_every_page(store: &TestStore) {
    let (world, city) = world(store);
    store.write_blocking("test", move |tx| class_at(tx, city.centre, None, 5, 1, 600)).unwrap();
    // What is made up for demonstration is not to be found there.
    world.nobody().get("/robots.txt").expect(200).has("Disallow: /\n");
    let real = Site { demo: false, ..site() };
    let sessions = Arc::new(TestSessions::default());
    let shell = Shell::new((*store).clone(), real, sessions, [7; 32], Chance::seeded(7));
    let mut nobody = Client::new(portal::routes().build(shell));
    nobody
        .get("/robots.txt")
        .expect(200)
        .has("Sitemap: http://xuecheng.test/sitemap.xml")
        .has("Disallow: /me");
    let index = nobody.get("/sitemap.xml").expect(200).has("<sitemapindex");
    let mut found = String::new();
    for part in index.text.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next()) {
        let path = part.strip_prefix("http://xuecheng.test").unwrap();
        found.push_str(&nobody.get(path).expect(200).has("<urlset").has("</urlset>").text);
    }
    for page in ["/places/500106004001", "/search", &format!("/orgs/{}", city.top)] {
        assert!(found.contains(&format!("<loc>http://xuecheng.test{page}</loc>")), "{page}");
    }
    assert_eq!(found.matches("/offers/").count(), 1);
    // A part goes on behind its key.
    let rest = nobody.get("/sitemap/regions-500106000000.xml").expect(200);
    assert!(rest.text.contains("/places/500106004000") && !rest.text.contains("/places/500103000000"));
    nobody.get("/sitemap/none.xml").expect(404);
    // Compressed, the stream is asked once more after its end.
    nobody.headers = vec![("accept-encoding", "gzip".to_owned())];
    let packed = nobody.get("/sitemap/regions.xml").expect(200);
    assert_eq!(packed.headers["content-encoding"], "gzip");
    nobody.headers.clear();
    let page = nobody.get(&format!("/places/{}", city.district)).expect(200);
    page.has("rel=\"canonical\" href=\"http://xuecheng.test/places/500106000000\"")
        .has("og:image")
        .has("AdministrativeArea");
}

#[test]
fn every_word_is_there_in_both_languages() {
    web::testing::check_words(
        env!("CARGO_MANIFEST_DIR"),
        &["portal-", "place-level-", "place-calendar-view-", "place-calendar-weekday-", "place-reach-head-"],
    );
}
