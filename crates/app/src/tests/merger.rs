//! The merger of 江北区 and 渝北区 into 两江新区 (in force since 2026-01-25), on the network and the catalogue of the demonstration.

use kernel::{Actor, Day, Id, Org, RegionCode, Result, Right, Role};
use network::{Prepare, Prepared, ReorganisationId, testing::somebody};
use search::Query;
use store::{Engine, Tx, testing::TestStore};

use super::scene::{OPERATOR, verified, whole};
use crate::demo;

const LINES: &str = include_str!("../../../../data/demo/merger_2026.csv");

fn named(tx: &mut Tx, name: &str) -> Result<Id<Org>> {
    let found: (Id<Org>,) = tx.one(
        store::sql!("SELECT org_id FROM org WHERE name = $1 ORDER BY opened_on DESC LIMIT 1"),
        store::params![name],
    )?;
    Ok(found.0)
}

fn code(text: &str) -> RegionCode {
    text.parse().unwrap()
}

fn may(store: &TestStore, head_of: Id<Org>, place: Id<Org>) -> bool {
    let actor = somebody(1, Role::Head, head_of);
    store.read_blocking(move |tx| network::access::may(tx, &actor, Right::ManageOffers, place)).unwrap()
}

fn decide(store: &TestStore, on: Day) -> ReorganisationId {
    store
        .write_blocking("test", move |tx| {
            let cmd = Prepare {
                title: "设立两江新区".to_owned(),
                document: "渝府发〔2025〕15号".to_owned(),
                effective_on: on,
                lines: LINES.to_owned(),
            };
            let id = match network::prepare(tx, &OPERATOR, &cmd)? {
                Prepared::Ready(id) => id,
                Prepared::Faulty(faults) => panic!("{faults:?}"),
            };
            network::confirm(tx, &OPERATOR, id)?;
            Ok(id)
        })
        .unwrap()
}

#[test]
fn two_districts_become_one_and_nothing_is_lost() {
    let store = whole(Engine::Sqlite);
    let today = Day::of(2026, 11, 23).unwrap();
    demo::found_catalogue(&store, demo::SEED, today).unwrap();
    store.clock.set(today.at(540));
    assert_eq!(verified(&store), []);
    let finder = portal::Finder::in_memory((*store).clone()).unwrap();
    while finder.catch_up().unwrap() {}
    finder.learn().unwrap();
    let hits = |text: &str| {
        finder
            .search(&Query { now: Some(today.at(540).millis()), limit: 50, ..Query::text(text) })
            .unwrap()
            .total
    };
    let in_district = |district: &str| {
        finder.search(&Query { place_code: Some(district.to_owned()), ..Query::default() }).unwrap().total
    };
    let (both_before, north_before) =
        (in_district("500105000000") + in_district("500112000000"), in_district("500109000000"));
    let of_old_name = hits("江北区 书法");
    assert!(both_before > 50 && of_old_name > 0, "{both_before} {of_old_name}");
    let (bei, yu, north) = store
        .read_blocking(|tx| {
            Ok((
                named(tx, "江北区社区教育学院")?,
                named(tx, "渝北区社区教育学院")?,
                named(tx, "北碚区社区教育学院")?,
            ))
        })
        .unwrap();
    let (school, moved) = store
        .read_blocking(|tx| Ok((named(tx, "两路街道社区教育学校")?, named(tx, "大湾镇社区教育学校")?)))
        .unwrap();
    assert!(may(&store, yu, school) && may(&store, yu, moved) && !may(&store, bei, school));

    let on = Day::of(2026, 1, 25).unwrap();
    let id = decide(&store, on);
    let new = store.read_blocking(|tx| named(tx, "两江新区社区教育学院")).unwrap();
    assert!(may(&store, new, school) && may(&store, new, yu) && may(&store, new, bei));
    assert!(may(&store, north, moved) && !may(&store, new, moved));
    store
        .read_blocking(move |tx| {
            let counts = network::counts_by_kind(tx, &code("500157000000"))?;
            let schools = counts.iter().find(|(kind, _)| *kind == network::OrgKind::School).unwrap().1;
            // All schools of both, but those of the five towns in the north.
            assert_eq!(schools, 10 + 30 - 5);
            assert_eq!(network::counts_by_kind(tx, &code("500105000000"))?, []);
            let inside = network::region_children(tx, &code("500157000000"))?;
            assert_eq!(inside.len(), 37);
            let city = network::region_children(tx, &code("500000000000"))?;
            assert_eq!(city.len(), 37, "38 districts and counties have become 37");
            let place = network::org(tx, moved)?.unwrap();
            assert_eq!(place.region_code, code("500109123000"));
            assert_eq!(network::valid_region(tx, &code("500112135000"))?.unwrap().name, "大湾镇");
            Ok(())
        })
        .unwrap();
    assert_eq!(verified(&store), []);
    // Everything is found under the new name, under the old ones, and nowhere twice.
    while finder.catch_up().unwrap() {}
    let (both, northern) = (in_district("500157000000"), in_district("500109000000"));
    assert_eq!(both + northern, both_before + north_before);
    // A link with the old code leads to the whole new district.
    assert_eq!((in_district("500105000000"), in_district("500112000000")), (both, both));
    assert_eq!(hits("江北区 书法"), of_old_name);
    assert!(hits("两江新区 书法") >= of_old_name);

    store.write_blocking("test", move |tx| network::undo(tx, &Actor::System("test"), id)).unwrap();
    assert!(may(&store, yu, school) && may(&store, yu, moved) && !may(&store, bei, school));
    assert_eq!(verified(&store), []);
    while finder.catch_up().unwrap() {}
    assert_eq!(in_district("500105000000") + in_district("500112000000"), both_before);
    // What was taken back may be decided again.
    decide(&store, on);
    assert_eq!(verified(&store), []);
}
