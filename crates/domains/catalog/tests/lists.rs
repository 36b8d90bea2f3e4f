//! The list of offers, on both engines: who sees what, every row once in every sort, filters, and the page.

use std::collections::BTreeSet;

use catalog::{
    EditOffer, OFFERS, OfferId, OfferLine, OfferListFilter, OfferStatus, count_offers, edit_offer,
    lines_behind, mend_lines, offer, offer_lines, offers_matching,
    testing::{published, some_subjects, words},
    withdraw_offer,
};
use kernel::{Actor, Chance, Id, Org, Role};
use network::testing::{SmallCity, resident, small_city, somebody};
use store::{Tx, Value, both_engines, testing::TestStore};
use web::{
    list::{Count, Edge, Query},
    testing::World,
};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS, catalog::MIGRATIONS];
    every_sort_meets_each_offer_once_while_others_are_written,
    nobody_sees_what_she_does_not_manage,
    filters_leave_what_they_say,
    parts_for_work_on_many_are_whole,
    lines_follow_their_offers,
    the_page_is_shared_by_its_address,
);

/// Lines of so many offers, with few different values and with gaps, spread over the organisations by `share` of a hundred.
fn lines(tx: &mut Tx, orgs: &[(Id<Org>, i64)], count: usize, seed: u64) -> kernel::Result<()> {
    let mut chance = Chance::seeded(seed);
    let below = |chance: &mut Chance, n: u64| i64::from_le_bytes(chance.bytes()).rem_euclid(n as i64);
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for _ in 0..count {
        let mut at = below(&mut chance, 100);
        let org = orgs
            .iter()
            .find(|(_, share)| {
                at -= share;
                at < 0
            })
            .map_or(orgs[0].0, |(org, _)| *org);
        let moment = |chance: &mut Chance| {
            let n = below(chance, 60);
            if n < 10 { Value::Null } else { Value::Int(1_760_000_000_000 + n) }
        };
        let title =
            format!("{}{}", ["书法", "国画", "太极"][below(&mut chance, 3) as usize], below(&mut chance, 40));
        let status = ["draft", "published", "withdrawn"][below(&mut chance, 3) as usize];
        let kind = ["course", "lecture"][below(&mut chance, 2) as usize];
        let id: OfferId = Id::random(&mut chance);
        rows.push(vec![
            org.into(),
            id.into(),
            title.into(),
            kind.into(),
            ["0301", "0302"][below(&mut chance, 2) as usize].into(),
            "everyone".into(),
            status.into(),
            Value::Int(below(&mut chance, 5) * 100),
            moment(&mut chance),
            moment(&mut chance),
            Value::Int(1),
        ]);
    }
    tx.insert_many(
        "INSERT INTO offer_line (org_id, offer_id, title, kind, subject_code, audience, status, cost_fen, changed_at, published_at, rev) VALUES",
        &rows,
    )
}

fn city(store: &TestStore) -> SmallCity {
    store
        .write_blocking("test", |tx| {
            some_subjects(tx)?;
            small_city(tx)
        })
        .unwrap()
}

fn page(store: &TestStore, actor: &Actor, query: &Query) -> web::list::Slice<OfferLine> {
    let (actor, query) = (actor.clone(), query.clone());
    store.read_blocking(move |tx| offer_lines(tx, &actor, &query)).unwrap()
}

/// All identifiers by the way forth, and by the way back from the end.
fn walk(store: &TestStore, actor: &Actor, text: &str, mut between: impl FnMut(usize)) -> Vec<OfferId> {
    let query = Query::parse(&OFFERS, text);
    let (mut seen, mut edge) = (Vec::new(), Edge::Start);
    for number in 0.. {
        let page = page(store, actor, &query.clone().at(edge));
        seen.extend(page.rows.iter().map(|line| line.offer_id));
        between(number);
        match page.after {
            Some(key) => edge = Edge::After(key),
            None => break,
        }
    }
    seen
}

fn every_sort_meets_each_offer_once_while_others_are_written(store: &TestStore) {
    let city = city(store);
    // The head of the college manages few of many: what is next in the order does not hold a page of hers.
    let shares = [(city.other_school, 97), (city.school, 2), (city.college, 1)];
    store.write_blocking("test", move |tx| lines(tx, &shares, 9_000, 1)).unwrap();
    let (few, all) = (somebody(1, Role::Head, city.college), somebody(2, Role::Head, city.top));
    for actor in [&few, &all] {
        let size = if *actor == few { 20 } else { 100 };
        let known: BTreeSet<OfferId> = {
            let actor = actor.clone();
            let ids = store
                .read_blocking(move |tx| {
                    offers_matching(tx, &actor, &OfferListFilter::default(), None, 20_000)
                })
                .unwrap();
            ids.into_iter().collect()
        };
        for sort in ["changed", "published", "title", "cost"] {
            for way in ["", "-"] {
                // Who is at the last page may well be joined by new rows meanwhile; each of the old ones comes once all the same.
                let mut seed = 1_000;
                let others = city.other_school;
                let seen = walk(store, actor, &format!("sort={way}{sort}&size={size}"), |number| {
                    if number % 40 == 0 && sort == "cost" {
                        seed += 1;
                        let seed = seed + u64::from(way == "-") * 500 + u64::from(*actor == few) * 5_000;
                        store.write_blocking("test", move |tx| lines(tx, &[(others, 100)], 3, seed)).unwrap();
                    }
                });
                let set: BTreeSet<OfferId> = seen.iter().copied().collect();
                assert_eq!(set.len(), seen.len(), "{sort} {way}: none twice");
                assert!(known.is_subset(&set), "{sort} {way}: none left out");
                if sort == "cost" {
                    continue;
                }
                back(store, actor, &format!("sort={way}{sort}&size={size}"), &seen);
            }
        }
    }
}

/// From the last row back to the first, the same rows come.
fn back(store: &TestStore, actor: &Actor, text: &str, seen: &[OfferId]) {
    let query = Query::parse(&OFFERS, text);
    let mut last = page(store, actor, &query);
    while let Some(key) = last.after.clone() {
        last = page(store, actor, &query.clone().at(Edge::After(key)));
    }
    let mut met: Vec<OfferId> = last.rows.iter().map(|line| line.offer_id).collect();
    while let Some(key) = last.before.clone() {
        last = page(store, actor, &query.clone().at(Edge::Before(key)));
        // The first page is shown whole, so its last rows may have been met.
        let new: Vec<OfferId> =
            last.rows.iter().map(|line| line.offer_id).filter(|id| !met.contains(id)).collect();
        met.splice(0..0, new);
    }
    assert_eq!(met, seen, "{text}");
}

fn nobody_sees_what_she_does_not_manage(store: &TestStore) {
    let city = city(store);
    let shares = [(city.other_school, 50), (city.school, 50)];
    store.write_blocking("test", move |tx| lines(tx, &shares, 300, 1)).unwrap();
    let everything = Query::parse(&OFFERS, "size=100");
    let mine = page(store, &somebody(1, Role::Staff, city.school), &everything);
    assert!(!mine.rows.is_empty() && mine.rows.iter().all(|line| line.org_id == city.school));
    for stranger in [
        resident(3),
        Actor::Nobody,
        somebody(4, Role::Teacher, city.school),
        somebody(5, Role::SystemAdministrator, city.top),
        somebody(6, Role::Auditor, city.top),
        somebody(7, Role::Head, city.centre),
    ] {
        assert_eq!(page(store, &stranger, &everything).rows, [], "{stranger:?}");
        let count = store
            .read_blocking(move |tx| count_offers(tx, &stranger, &OfferListFilter::default(), 10))
            .unwrap();
        assert_eq!(count, Count::Exactly(0));
    }
    // Naming an organisation opens none.
    for text in [format!("org={}", city.school), format!("org={}&own=1", city.school)] {
        let query = Query::parse(&OFFERS, &text);
        assert_eq!(page(store, &somebody(8, Role::Head, city.other_college), &query).rows, []);
        assert!(!page(store, &somebody(9, Role::Head, city.college), &query).rows.is_empty());
    }
    let own = Query::parse(&OFFERS, &format!("org={}&own=1", city.college));
    assert_eq!(page(store, &somebody(9, Role::Head, city.college), &own).rows, []);
}

fn filters_leave_what_they_say(store: &TestStore) {
    let city = city(store);
    let shares = [(city.other_school, 60), (city.school, 40)];
    store.write_blocking("test", move |tx| lines(tx, &shares, 800, 5)).unwrap();
    let actor = somebody(1, Role::Head, city.top);
    let all = {
        let mut all = Vec::new();
        let (query, mut edge) = (Query::parse(&OFFERS, "size=100"), Edge::Start);
        loop {
            let page = page(store, &actor, &query.clone().at(edge));
            all.extend(page.rows);
            match page.after {
                Some(key) => edge = Edge::After(key),
                None => break all,
            }
        }
    };
    assert_eq!(all.len(), 800);
    type Fits<'a> = Box<dyn Fn(&OfferLine) -> bool + 'a>;
    let cases: Vec<(String, Fits)> = vec![
        ("status=draft".into(), Box::new(|line| line.status == OfferStatus::Draft)),
        (
            "kind=lecture&status=published".into(),
            Box::new(|line| line.kind.as_str() == "lecture" && line.status == OfferStatus::Published),
        ),
        ("subject=0301".into(), Box::new(|line| line.subject_code == "0301")),
        ("subject=03".into(), Box::new(|_| true)),
        ("q=%E4%B9%A6%E6%B3%951".into(), Box::new(|line| line.title.contains("书法1"))),
        ("q=100%25".into(), Box::new(|_| false)),
        (format!("region={}", city.district), Box::new(|line| line.org_id == city.school)),
        (
            format!("org={}&status=withdrawn", city.college),
            Box::new(|line| line.org_id == city.school && line.status == OfferStatus::Withdrawn),
        ),
        ("status=gone&kind=&region=x&org=1".into(), Box::new(|_| true)),
    ];
    for (text, fits) in cases {
        let expected: BTreeSet<OfferId> =
            all.iter().filter(|line| fits(line)).map(|line| line.offer_id).collect();
        let seen: BTreeSet<OfferId> = walk(store, &actor, &text, |_| {}).into_iter().collect();
        assert_eq!(seen, expected, "{text}");
        let (actor, filter) = (actor.clone(), text.parse::<OfferListFilter>().unwrap());
        let number = i64::try_from(expected.len()).unwrap();
        let count = store.read_blocking(move |tx| count_offers(tx, &actor, &filter, 1_000)).unwrap();
        assert_eq!(count, Count::Exactly(number), "{text}");
    }
    let actor = actor.clone();
    let count =
        store.read_blocking(move |tx| count_offers(tx, &actor, &OfferListFilter::default(), 799)).unwrap();
    assert_eq!(count, Count::MoreThan(799));
}

fn parts_for_work_on_many_are_whole(store: &TestStore) {
    let city = city(store);
    let shares = [(city.other_school, 90), (city.school, 10)];
    store.write_blocking("test", move |tx| lines(tx, &shares, 4_000, 7)).unwrap();
    let actor = somebody(1, Role::Staff, city.school);
    let filter: OfferListFilter = "status=draft&size=50&sort=title".parse().unwrap();
    let (mut met, mut after) = (Vec::new(), None);
    loop {
        let (actor, filter) = (actor.clone(), filter.clone());
        let part = store.read_blocking(move |tx| offers_matching(tx, &actor, &filter, after, 30)).unwrap();
        let Some(last) = part.last() else { break };
        after = Some(*last);
        met.extend(part);
    }
    assert!(met.is_sorted() && met.len() > 60);
    let seen: BTreeSet<OfferId> = walk(store, &actor, "status=draft", |_| {}).into_iter().collect();
    assert_eq!(met.iter().copied().collect::<BTreeSet<_>>(), seen);
    assert_eq!(met.len(), seen.len());
}

fn mend(store: &TestStore) -> usize {
    let behind = store.read_blocking(lines_behind).unwrap();
    let count = behind.len();
    store.write_blocking("test", move |tx| mend_lines(tx, &behind)).unwrap();
    count
}

fn lines_follow_their_offers(store: &TestStore) {
    let city = city(store);
    let school = city.school;
    let staff = somebody(1, Role::Staff, school);
    let id = store.write_blocking("test", move |tx| published(tx, school, "书法入门")).unwrap();
    let line = || page(store, &staff, &Query::parse(&OFFERS, "")).rows.pop().unwrap();
    let first = line();
    assert_eq!((first.status, first.title.as_str()), (OfferStatus::Published, "书法入门"));
    assert!(first.changed_at.is_some() && first.published_at.is_some());
    let actor = staff.clone();
    store
        .write_blocking("test", move |tx| {
            let rev = offer(tx, id)?.unwrap().rev;
            edit_offer(tx, &actor, &EditOffer { offer_id: id, rev, words: words("行书入门") })?;
            withdraw_offer(tx, &actor, id)
        })
        .unwrap();
    assert_eq!((line().status, line().title.as_str()), (OfferStatus::Withdrawn, "行书入门"));
    // A program of before writes offers without lines, and changes them without changing theirs.
    store.write_blocking("test", |tx| tx.script("DELETE FROM offer_line")).unwrap();
    assert_eq!(mend(store), 1);
    assert_eq!(line().title, "行书入门");
    store.write_blocking("test", |tx| tx.script("UPDATE offer_line SET title = 'x', rev = rev - 1")).unwrap();
    assert_eq!((mend(store), mend(store)), (1, 0));
    assert_eq!(line().title, "行书入门");
}

fn the_page_is_shared_by_its_address(store: &TestStore) {
    let city = city(store);
    let school = city.school;
    store
        .write_blocking("test", move |tx| {
            (0..25).try_for_each(|number| published(tx, school, &format!("书法{number}<b>")).map(|_| ()))
        })
        .unwrap();
    let world = World::new(store, catalog::routes());
    let mut head = world.person(Id::derived(&[1; 16]), &[(Role::Head, city.top)]);
    let page = head
        .get("/desk/offers?q=%E4%B9%A6%E6%B3%95&status=published&sort=title&cols=title,cost&colour=red")
        .expect(200);
    let page = page
        .has("共25个学习项目")
        .has("aria-sort=\"ascending\"")
        .has("书法0&#60;b&#62;")
        .has("name=\"list\" value=\"q=%E4%B9%A6%E6%B3%95&#38;status=published&#38;sort=title&#38;cols=title%2Ccost\"")
        .has("name=\"pick\"")
        .has("去掉条件");
    assert!(!page.text.contains("磁器口街道社区教育学校</a>") && !page.text.contains("<b>"));
    assert_eq!(page.text.matches("name=\"pick\"").count(), 20);
    // The form for bulk names each row, and its box for all says how many that is.
    assert!(
        page.text.contains("action=\"/desk/offers/bulk\"") && page.text.contains("name=\"all\" value=\"1\"")
    );
    let next = page
        .text
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.contains("after="))
        .unwrap();
    let second = head.get(&next.replace("&#38;", "&")).expect(200).has("上一页").has("回到第一页");
    assert_eq!(second.text.matches("name=\"pick\"").count(), 5);
    let nothing = head.get("/desk/offers?q=nothing&status=draft").expect(200).has("没有符合条件的记录");
    assert!(nothing.text.contains("href=\"/desk/offers?status=draft\""));
    let english = head
        .get("/desk/offers?lang=en&cols=title,org,kind,subject,audience,status,cost,next,changed,published")
        .expect(200)
        .has("25 offers");
    assert!(!english.text.contains('⟦'));
    world.nobody().get("/desk/offers").expect(303);
    world.person(Id::derived(&[2; 16]), &[]).get("/desk/offers").expect(403);
    let mut stranger = world.person(Id::derived(&[3; 16]), &[(Role::Staff, city.other_school)]);
    let page = stranger.get("/desk/offers").expect(200).has("还没有学习项目");
    assert!(!page.text.contains("name=\"pick\"") && !page.text.contains("书法0"));
}
