//! What people type and what they should find first.

mod common;

use common::{at, index, now};
use search::{Index, MAX_LIMIT, Order, Query, TermKind};

fn ids(index: &Index, query: &Query) -> Vec<String> {
    index.search(query).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

fn asked(text: &str) -> Query {
    Query { now: Some(now()), ..Query::text(text) }
}

#[test]
fn wanted_first_hits() {
    let index = index();
    let wanted = [
        ("书法 天星桥", "书法天"),
        ("天星桥 书法", "书法天"),
        ("周末 天星桥 书法", "书法天"),
        ("天星桥书法班", "书法天"),
        ("天星桥街道书法", "书法天"),
        ("ＴＩＡＮ　書法　天星橋", "书法天"),
        ("磁器口的书法课", "书法磁"),
        ("晚上 书法", "书法渝"),
        ("书法 微课", "书法网"),
        ("老年大学 钢琴 免费", "钢琴老"),
        ("老年学校钢琴", "钢琴老"),
        ("渝中钢琴", "钢琴渝"),
        ("琴 磁器口", "古筝"),
        ("沙区 太极拳", "太极天"),
        ("北碚太极", "太极碚"),
        ("我想学电脑", "电脑"),
        ("excel", "电脑"),
        ("ＰＹＴＨＯＮ", "编程"),
        ("写代码", "编程"),
        ("反诈", "防诈骗"),
        ("坝坝舞", "广场舞"),
        ("CPR", "急救"),
        ("石柱 手机", "手机柱"),
        ("非遗 夏布", "夏布"),
        ("石刻", "石刻"),
        ("附近有没有练字的班", "硬笔"),
        ("民法典讲座", "民法典"),
        ("再就业 家政 大足", "家政"),
        ("明天 手机", "手机天"),
        ("周三 钢琴 北碚", "钢琴老"),
    ];
    for (text, first) in wanted {
        let answer = index.search(&asked(text)).unwrap();
        let found: Vec<_> = answer.hits.iter().map(|hit| (hit.id.as_str(), hit.score)).collect();
        assert_eq!(found.first().map(|hit| hit.0), Some(first), "{text}: {:?} {found:?}", answer.terms);
        assert_eq!(answer.relaxed, text.contains("ＴＩＡＮ"), "{text}: {:?} {found:?}", answer.terms);
    }
}

#[test]
fn a_strict_question_is_answered_by_what_matches_every_term() {
    let index = index();
    let strict = |text: &str| Query { strict: true, ..asked(text) };
    assert_eq!(ids(&index, &strict("天星桥 书法")), ["书法天"]);
    for text in ["天星桥 书法 手机", "天星桥 二胡"] {
        assert!(index.search(&asked(text)).unwrap().total > 0, "{text}");
        assert_eq!(index.search(&strict(text)).unwrap().total, 0, "{text}");
    }
    // A few documents are asked with the words of all.
    let few = index.empty_like().unwrap();
    assert!(few.is_empty());
    let doc = search::Doc {
        id: "新".to_owned(),
        title: "硬笔书法".to_owned(),
        place_names: vec!["天星桥街道".to_owned()],
        ..search::Doc::default()
    };
    few.apply(1, &[doc], &[]).unwrap();
    few.commit().unwrap();
    assert_eq!(ids(&few, &strict("天星桥书法")), ["新"]);
    assert_eq!(ids(&few, &strict("练字")), ["新"], "synonyms are those of the other index");
}

#[test]
fn every_term_has_to_match() {
    let index = index();
    let mut found = ids(&index, &asked("沙坪坝 书法"));
    found.sort();
    assert_eq!(found, ["书法天", "书法磁"]);
    let answer = index.search(&asked("天星桥 书法 手机")).unwrap();
    assert!(answer.relaxed);
    assert!(answer.hits.iter().all(|hit| ["书法天", "手机天"].contains(&hit.id.as_str())), "{answer:?}");
    assert_eq!(answer.total, 2);
}

#[test]
fn rather_another_place_than_another_subject() {
    let index = index();
    let answer = index.search(&asked("天星桥 二胡")).unwrap();
    assert_eq!((answer.relaxed, ids(&index, &asked("天星桥 二胡"))), (true, vec!["二胡".to_owned()]));
    // 周一 has no calligraphy, but 天星桥 has.
    assert_eq!(ids(&index, &asked("周一 天星桥 书法")), ["书法天"]);
    // Nobody offers it: then what the place has.
    let answer = index.search(&asked("天星桥 驾驶")).unwrap();
    assert!(answer.relaxed && answer.total == 9, "{answer:?}");
    // Terms as typed come before their pieces, which any university would match.
    let answer = index.search(&asked("老年大学 剪纸 亲子")).unwrap();
    assert_eq!(answer.hits[0].id, "剪纸");
}

#[test]
fn nothing_similar_finds_nothing() {
    let answer = index().search(&asked("zzz 量子色动力学")).unwrap();
    assert_eq!((answer.total, answer.relaxed), (0, false), "no stray characters: {answer:?}");
    let answer = index().search(&asked("qwertz")).unwrap();
    assert_eq!((answer.total, answer.relaxed), (0, false));
}

#[test]
fn one_and_two_characters_are_enough() {
    let index = index();
    assert_eq!(index.search(&asked("筝")).unwrap().hits[0].id, "古筝");
    assert_eq!(index.search(&asked("二胡")).unwrap().hits[0].id, "二胡");
    let both = index.search(&asked("琴")).unwrap();
    assert_eq!(both.total, 4, "{both:?}");
}

#[test]
fn long_words_break_before_terms_are_dropped() {
    let answer = index().search(&asked("太极拳培训证书")).unwrap();
    assert!(answer.relaxed);
    assert!(["太极天", "太极碚", "急救"].contains(&answer.hits[0].id.as_str()), "{answer:?}");
}

#[test]
fn the_reading_is_told() {
    let answer = index().search(&asked("周末天星桥书法班")).unwrap();
    let terms: Vec<_> = answer.terms.iter().map(|term| (term.text.as_str(), term.kind)).collect();
    assert_eq!(
        terms,
        [
            ("周末", TermKind::Time),
            ("天星桥", TermKind::Place),
            ("书法", TermKind::Word),
            ("班", TermKind::Optional)
        ]
    );
    let hit = &answer.hits[0];
    let marked: Vec<&str> = hit.highlights.iter().map(|range| &hit.title[range.clone()]).collect();
    assert_eq!(marked, ["书法", "班"]);
}

#[test]
fn places_need_not_be_told() {
    let index = Index::in_memory().unwrap();
    index.apply(1, &common::corpus(), &[]).unwrap();
    index.commit().unwrap();
    assert_eq!(ids(&index, &asked("书法 天星桥"))[0], "书法天");
    assert_eq!(ids(&index, &asked("天星桥书法"))[0], "书法天");
}

#[test]
fn filters_hold_together() {
    let index = index();
    let district = Query { place_code: Some("500106000000".into()), ..asked("书法") };
    assert_eq!(ids(&index, &district).len(), 2);
    let other = Query { place_code: Some("500240000000".into()), ..asked("书法") };
    assert_eq!(index.search(&other).unwrap().total, 0, "filters are never relaxed");
    let music = Query { subject: Some("0603".into()), kind: Some("class".into()), ..asked("") };
    assert_eq!(ids(&index, &music).len(), 5);
    let paid = Query { facets: vec![("cost".into(), "paid".into())], ..asked("") };
    assert_eq!(ids(&index, &paid), ["钢琴渝"]);
    let either = vec![("cost".into(), "paid".into()), ("cost".into(), "free".into())];
    assert_eq!(index.search(&Query { facets: either, ..asked("") }).unwrap().total, 40);
    let both = vec![("cost".into(), "paid".into()), ("form".into(), "online".into())];
    assert_eq!(index.search(&Query { facets: both, ..asked("") }).unwrap().total, 0);
    let tuesday = Query { starts_from: Some(at(24, 0)), starts_to: Some(at(25, 0)), ..asked("") };
    let mut found = ids(&index, &tuesday);
    found.sort();
    assert_eq!(found, ["书法渝", "太极天", "手机天", "瑜伽"]);
    assert_eq!(index.search(&Query { starts_from: Some(i64::MIN), ..asked("") }).unwrap().total, 36);
}

#[test]
fn nearer_and_sooner_come_first() {
    let index = index();
    let near = |lon, lat| Query { near: Some((lon, lat)), now: None, ..Query::text("太极拳") };
    assert_eq!(ids(&index, &near(106.4260, 29.8200))[0], "太极碚");
    assert_eq!(ids(&index, &near(106.4560, 29.5310))[0], "太极天");
    let browse = Query { now: Some(now()), limit: 3, ..Query::default() };
    assert_eq!(ids(&index, &browse)[0], "广场舞");
}

#[test]
fn what_is_asked_for_by_distance_comes_by_distance() {
    let index = index();
    let here = (106.4560, 29.5310);
    let query = Query { near: Some(here), order: Order::Near, limit: 100, ..Query::default() };
    let found = index.search(&Query { explain: true, ..query.clone() }).unwrap();
    let far = |hit: &search::Hit| {
        hit.reasons.iter().find_map(|reason| match reason {
            search::Reason::Near(kilometres) => Some(*kilometres),
            _ => None,
        })
    };
    let distances: Vec<f64> = found.hits.iter().map(|hit| far(hit).unwrap_or(f64::INFINITY)).collect();
    assert_eq!(distances.len(), found.total as usize);
    assert!(distances.iter().filter(|far| far.is_finite()).count() > 5, "{distances:?}");
    // By twenty metres, within which the words decide.
    assert!(distances.windows(2).all(|pair| pair[0] <= pair[1] + 0.02), "{distances:?}");
    // Without a place to measure from it is the usual order.
    let lost = Query { near: None, ..query };
    assert_eq!(ids(&index, &lost), ids(&index, &Query { order: Order::Fit, ..lost.clone() }));
}

#[test]
fn facets_are_counted_over_all_hits() {
    let index = index();
    let answer = index.search(&Query { count_facets: true, limit: 1, ..asked("书法") }).unwrap();
    assert_eq!((answer.total, answer.hits.len()), (4, 1));
    let count = |name: &str, value: &str| {
        answer
            .facets
            .iter()
            .find(|facet| facet.name == name && facet.value == value)
            .map_or(0, |facet| facet.count)
    };
    assert_eq!(count("form", "online"), 1);
    assert_eq!(count("form", "onsite"), 3);
    assert_eq!(count("kind", "class"), 3);
    assert_eq!(count("cost", "paid"), 0);
}

#[test]
fn inner_documents_are_for_their_organisation() {
    let index = index();
    let mut doc = common::corpus().swap_remove(0);
    doc.id = "内部".into();
    doc.visible = "org-1".into();
    index.apply(2, &[doc], &[]).unwrap();
    index.commit().unwrap();
    assert_eq!(index.search(&asked("书法 天星桥")).unwrap().total, 1);
    let member = Query { visible_to: vec!["org-2".into(), "org-1".into()], ..asked("书法 天星桥") };
    assert_eq!(index.search(&member).unwrap().total, 2);
    let stranger = Query { visible_to: vec!["org-2".into()], ..asked("书法 天星桥") };
    assert_eq!(index.search(&stranger).unwrap().total, 1);
    assert_eq!(index.search(&asked("")).unwrap().total, 40);
    assert_eq!(index.search(&Query { visible_to: vec!["org-1".into()], ..asked("") }).unwrap().total, 41);
}

#[test]
fn pages_fit_together_and_are_bounded() {
    let index = index();
    let whole = ids(&index, &Query { limit: 1_000, ..asked("") });
    assert_eq!(whole.len(), 40);
    assert!(whole.len() <= MAX_LIMIT);
    let mut paged = Vec::new();
    for page in 0..5 {
        paged.extend(ids(&index, &Query { limit: 9, offset: page * 9, ..asked("") }));
    }
    assert_eq!(paged, whole);
    assert_eq!(ids(&index, &Query { limit: 0, ..asked("") }).len(), 1);
    assert!(ids(&index, &Query { offset: usize::MAX, ..asked("") }).is_empty());
}

#[test]
fn odd_queries_are_harmless() {
    let index = index();
    for text in
        ["\"书法", "AND OR NOT", "title:书法", "((", "书法*", "+-!{}[]^~?:\\/", "🎹🎻", "\0\n\t", "ｎｕｌｌ"]
    {
        index.search(&asked(text)).unwrap();
    }
    let long = "天星桥书法班周末老年大学钢琴".repeat(10_000);
    assert!(!index.search(&asked(&long)).unwrap().hits.is_empty());
}
