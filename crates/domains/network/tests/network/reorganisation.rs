//! Reorganisations: looked at first, carried out as a whole, taken back as a whole.

use std::sync::Arc;

use journal::{Sealer, drain, verify};
use kernel::{Actor, Day, Id, Org, PageRequest, Person, RegionCode, Right, Role};
use network::{
    OrgKind, Prepare, Prepared, RenameOrg, ReorganisationId, Status, access, ancestors, apply_due, confirm,
    descendant_ids, discard, followers, forerunners, found_org, org, org_history, plan_of, prepare, region,
    rename_org, reorganisation, reorganisations,
    testing::{found, refusal, somebody},
    undo, valid_region,
};
use people::{Register, RoleAt, Vault};
use seal::SigningKey;
use store::{Statement, both_engines, testing::TestStore};

use super::{OPERATOR, TODAY, begun};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS];
    a_school_moves_with_all_below_it_and_back,
    a_merger_keeps_everybody_at_work,
    divisions_follow_each_other,
    what_is_wrong_is_told_by_line_and_changes_nothing,
    a_day_to_come_is_waited_for,
    nothing_is_taken_back_under_what_was_built_upon_it,
    changes_of_one_place_keep_their_order,
    who_manages_less_may_do_less,
    two_thousand_places_move_at_once_and_back,
);

fn decision(lines: &str, on: Day) -> Prepare {
    Prepare {
        title: "调整".to_owned(),
        document: "渝府发〔2025〕15号".to_owned(),
        effective_on: on,
        lines: lines.to_owned(),
    }
}

#[track_caller]
fn ready(store: &TestStore, lines: &str, on: Day) -> ReorganisationId {
    let cmd = decision(lines, on);
    match store.write_blocking("test", move |tx| prepare(tx, &OPERATOR, &cmd)).unwrap() {
        Prepared::Ready(id) => id,
        Prepared::Faulty(faults) => panic!("{faults:?}"),
    }
}

#[track_caller]
fn applied(store: &TestStore, lines: &str, on: Day) -> ReorganisationId {
    let id = ready(store, lines, on);
    assert_eq!(store.write_blocking("test", move |tx| confirm(tx, &OPERATOR, id)).unwrap(), Status::Applied);
    id
}

fn faults(store: &TestStore, lines: &str) -> Vec<(usize, &'static str)> {
    let cmd = decision(lines, TODAY);
    match store.write_blocking("test", move |tx| prepare(tx, &OPERATOR, &cmd)).unwrap() {
        Prepared::Ready(_) => Vec::new(),
        Prepared::Faulty(faults) => faults.iter().map(|fault| (fault.line, fault.code.name)).collect(),
    }
}

/// Everything agrees: rows with facts, the tree with the parents, today and before.
#[track_caller]
fn sound(store: &TestStore) {
    drain(store, &[]).unwrap();
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    sealer.seal(store).unwrap();
    let (key, origin) = (sealer.verifying_key(), sealer.origin().to_owned());
    let report = store.read_blocking(move |tx| verify(tx, &key, &origin, &|_| {})).unwrap();
    assert_eq!(report.problems, []);
}

fn above(store: &TestStore, of: Id<Org>) -> Vec<Id<Org>> {
    store.read_blocking(move |tx| Ok(ancestors(tx, of)?.into_iter().map(|org| org.org_id).collect())).unwrap()
}

fn a_school_moves_with_all_below_it_and_back(store: &TestStore) {
    let city = begun(store);
    let on = TODAY.plus(-40);
    let id = ready(store, &format!("划转,{},渝中区社区教育学院", city.school), on);
    let plan = store
        .read_blocking(move |tx| {
            let found = reorganisation(tx, &OPERATOR, id)?;
            plan_of(tx, &OPERATOR, &found)
        })
        .unwrap();
    assert_eq!((plan.changed.len(), plan.moved_along, plan.founded.len()), (1, 1, 0));
    assert_eq!(above(store, city.school), [city.top, city.college], "a look changes nothing");

    let status = store.write_blocking("test", move |tx| confirm(tx, &OPERATOR, id)).unwrap();
    assert_eq!(status, Status::Applied);
    assert_eq!(above(store, city.school), [city.top, city.other_college]);
    assert_eq!(above(store, city.centre), [city.top, city.other_college, city.school]);
    let may = |who: Id<Org>, place: Id<Org>| {
        let actor = somebody(1, Role::Head, who);
        store.read_blocking(move |tx| access::may(tx, &actor, Right::ManageOffers, place)).unwrap()
    };
    assert!(
        may(city.other_college, city.centre) && may(city.school, city.centre) && may(city.top, city.centre)
    );
    assert!(!may(city.college, city.centre));
    sound(store);
    // On the days before, it stood where it stood.
    store.clock.set(on.plus(-1).at(600));
    assert_eq!(above(store, city.centre), [city.top, city.college, city.school]);
    assert!(may(city.college, city.centre) && !may(city.other_college, city.centre));
    store.clock.set(on.at(600));
    assert_eq!(above(store, city.centre), [city.top, city.other_college, city.school]);
    store.clock.set(TODAY.at(700));

    // Who was above whom on a day is checked as well as who is.
    let forge = |text: String| {
        store.write_blocking("forge", move |tx| tx.exec(Statement::dynamic(text.clone()), &[])).unwrap()
    };
    let row = format!("org_id = '{}' AND ancestor_id = '{}'", city.centre, city.college);
    let problems = |store: &TestStore| {
        let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
        let (key, origin) = (sealer.verifying_key(), sealer.origin().to_owned());
        let report = store.read_blocking(move |tx| verify(tx, &key, &origin, &|_| {})).unwrap();
        report.problems.into_iter().map(|problem| problem.check).collect::<Vec<_>>()
    };
    forge(format!("UPDATE org_tree SET to_day = to_day + 5 WHERE {row}"));
    assert_eq!(problems(store), ["network.tree_before"]);
    forge(format!("UPDATE org_tree SET to_day = to_day - 5 WHERE {row}"));
    let row = format!("org_id = '{}' AND ancestor_id = '{}'", city.school, city.college);
    forge(format!("UPDATE org_tree SET from_day = {} WHERE {row}", on.0 - 1));
    assert_eq!(problems(store), Vec::<String>::new(), "a shorter time contradicts nothing");
    forge(format!("UPDATE org_tree SET to_day = {} WHERE {row}", on.0 - 1));
    assert_eq!(problems(store), ["network.tree_before"], "but the day before the move must be told");
    forge(format!("UPDATE org_tree SET from_day = 18500, to_day = {} WHERE {row}", on.0));
    assert_eq!(problems(store), Vec::<String>::new());

    store.write_blocking("test", move |tx| undo(tx, &OPERATOR, id)).unwrap();
    for day in [on.plus(-1), on, TODAY] {
        store.clock.set(day.at(700));
        assert_eq!(above(store, city.centre), [city.top, city.college, city.school], "{day}");
    }
    sound(store);
    assert_eq!(
        refusal(store.write_blocking("test", move |tx| undo(tx, &OPERATOR, id))),
        "network.not_applied"
    );
    // And once more: the same may be decided again for the same day.
    applied(store, &format!("move,{},{}", city.school, city.other_college), on);
    assert_eq!(above(store, city.centre), [city.top, city.other_college, city.school]);
    sound(store);
    let history = store.read_blocking(move |tx| org_history(tx, city.school, 10)).unwrap();
    let told: Vec<_> = history.iter().map(|change| change.after.parent_id).collect();
    assert_eq!(told, [Some(city.other_college), Some(city.college), Some(city.other_college)]);
}

fn person(store: &TestStore, vault: &Arc<Vault>, name: &str, role: Role, at: Id<Org>) -> Id<Person> {
    let (vault, name) = (vault.clone(), name.to_owned());
    store
        .write_blocking("test", move |tx| {
            let cmd = Register { name: name.clone(), ..Register::default() };
            let person = people::register(tx, &vault, &OPERATOR, &cmd)?;
            people::grant_role(tx, &OPERATOR, &RoleAt { person, role, org: at })?;
            Ok(person)
        })
        .unwrap()
}

fn roles(store: &TestStore, at: Id<Org>) -> Vec<(Id<Person>, Role)> {
    let mut roles = store.read_blocking(move |tx| people::staff_of(tx, at, tx.now().day())).unwrap();
    roles.sort_by_key(|(person, role)| (*person, role.as_str()));
    roles
}

fn a_merger_keeps_everybody_at_work(store: &TestStore) {
    let city = begun(store);
    let vault = Arc::new(Vault::new([9; 32]));
    let head = person(store, &vault, "张敏", Role::Head, city.college);
    let other = person(store, &vault, "李强", Role::Head, city.other_college);
    let both_places = person(store, &vault, "赵宁", Role::Teacher, city.college);
    for (at, days) in [(city.college, 30), (city.other_college, 90)] {
        let cmd = RoleAt { person: both_places, role: Role::Teacher, org: at };
        store
            .write_blocking("test", move |tx| {
                people::grant_role_within(tx, &OPERATOR, &cmd, Some(TODAY.plus(days)), &|_, _, _, _| Ok(()))
            })
            .unwrap();
    }
    let id = applied(
        store,
        "新设,两江学院,重庆市社区教育服务指导中心,,college,500106000000\n并入,沙坪坝区社区教育学院,两江学院\n\
         并入,渝中区社区教育学院,两江学院\n改名,两江学院,,两江新区学院\n",
        TODAY,
    );
    let both = store
        .read_blocking(move |tx| {
            let college = org(tx, city.college)?.unwrap();
            let into = college.successor().unwrap();
            assert_eq!((college.closed_on, college.parent_id), (Some(TODAY), Some(into)));
            let new = org(tx, into)?.unwrap();
            assert_eq!(
                (new.name.as_str(), new.kind, new.is_open()),
                ("两江新区学院", OrgKind::College, true)
            );
            Ok((into, descendant_ids(tx, into)?))
        })
        .unwrap();
    let (new, below) = both;
    for place in [city.college, city.other_college, city.school, city.centre, city.other_school] {
        assert!(below.contains(&place));
    }
    let until = store.read_blocking(move |tx| people::grants_at(tx, new, TODAY)).unwrap();
    assert!(
        until.contains(&(both_places, Role::Teacher, Some(TODAY.plus(90)))),
        "as long as at either: {until:?}"
    );
    let mut expected = vec![(head, Role::Head), (other, Role::Head), (both_places, Role::Teacher)];
    expected.sort_by_key(|(person, role)| (*person, role.as_str()));
    assert_eq!(roles(store, new), expected);
    // Nobody loses what she managed.
    for (who, place) in [(head, city.centre), (other, city.other_school), (head, city.college)] {
        let grants = store.read_blocking(move |tx| people::grants(tx, who, TODAY)).unwrap();
        let actor = Actor::Person { id: who, grants };
        let may = store.read_blocking(move |tx| access::may(tx, &actor, Right::ManageOffers, place)).unwrap();
        assert!(may);
    }
    sound(store);

    store.write_blocking("test", move |tx| undo(tx, &OPERATOR, id)).unwrap();
    store
        .read_blocking(move |tx| {
            let college = org(tx, city.college)?.unwrap();
            assert_eq!(
                (college.closed_on, college.parent_id, college.successor()),
                (None, Some(city.top), None)
            );
            assert!(!org(tx, new)?.unwrap().is_open());
            Ok(())
        })
        .unwrap();
    assert_eq!(above(store, city.centre), [city.top, city.college, city.school]);
    assert_eq!(roles(store, new), []);
    let mut expected = [(head, Role::Head), (both_places, Role::Teacher)];
    expected.sort_by_key(|(person, role)| (*person, role.as_str()));
    assert_eq!(roles(store, city.college), expected);
    sound(store);
}

fn code(text: &str) -> RegionCode {
    text.parse().unwrap()
}

fn divisions_follow_each_other(store: &TestStore) {
    let city = begun(store);
    let lines = "区划,500106000000,500157000000,两江新区,区\n区划,500103000000,500157000000,两江新区,区\n\
                 区划,500106004000,500157001000\n区划,500103001000,500157002000,七星岗街道\n";
    let on = TODAY.plus(-5);
    let id = applied(store, lines, on);
    store
        .read_blocking(move |tx| {
            let new = region(tx, &code("500157000000"))?.unwrap();
            assert_eq!((new.name.as_str(), new.short_name.as_str()), ("两江新区", "两江新区"));
            assert_eq!((new.valid_from, new.valid_to, new.population), (on, None, None));
            assert_eq!(region(tx, &code("500106000000"))?.unwrap().valid_to, Some(on));
            // The village followed its town.
            let village = valid_region(tx, &code("500106004001"))?.unwrap();
            assert_eq!((village.code.as_str(), village.name.as_str()), ("500157001001", "磁器口社区"));
            assert_eq!(org(tx, city.centre)?.unwrap().region_code, village.code);
            assert_eq!(org(tx, city.college)?.unwrap().region_code, new.code);
            let before: Vec<_> =
                forerunners(tx, &new.code)?.into_iter().map(|(region, _)| region.name).collect();
            assert_eq!(before, ["渝中区", "沙坪坝区"]);
            let next: Vec<_> = followers(tx, &code("500106004000"))?
                .into_iter()
                .map(|(region, day)| (region.code, day))
                .collect();
            assert_eq!(next, [(code("500157001000"), on)]);
            Ok(())
        })
        .unwrap();
    sound(store);
    store.write_blocking("test", move |tx| undo(tx, &OPERATOR, id)).unwrap();
    store
        .read_blocking(move |tx| {
            assert_eq!(region(tx, &code("500106004001"))?.unwrap().valid_to, None);
            assert_eq!(region(tx, &code("500157000000"))?.unwrap().valid_to, Some(on));
            assert_eq!(org(tx, city.centre)?.unwrap().region_code, city.village);
            assert_eq!(followers(tx, &code("500106004000"))?, []);
            Ok(())
        })
        .unwrap();
    sound(store);
    // The codes may be used again.
    let first = applied(store, lines, on);
    sound(store);
    // What another decision of the same day leads to as well does not end with the first one.
    let other = applied(store, "区划,500157002000,500157001000\n", on);
    store.write_blocking("test", move |tx| undo(tx, &OPERATOR, other)).unwrap();
    let goes_on = store.read_blocking(|tx| region(tx, &code("500157001000"))).unwrap().unwrap();
    assert_eq!(goes_on.valid_to, None);
    sound(store);
    store.write_blocking("test", move |tx| undo(tx, &OPERATOR, first)).unwrap();
    sound(store);
}

fn what_is_wrong_is_told_by_line_and_changes_nothing(store: &TestStore) {
    let city = begun(store);
    let text = format!(
        "划转,没有这家,渝中区社区教育学院\n划转,{college},{school}\n并入,{college},{centre}\n划转,{school},{college}\n\
         撤销,{school}\n改名,{school},,磁器口街道社区教育学校\n改区划,{school},,,,500106999000\n\
         划转,{top},{college}\n新设,新校,没有上级,,school,500106004000\n区划,500106000000,500157000000,两江新区,区\n\
         区划,500106004000,500157000000\n",
        college = city.college,
        school = city.school,
        centre = city.centre,
        top = city.top,
    );
    let found = faults(store, &text);
    assert_eq!(
        found,
        [
            (0, "network.regions_left"),
            (1, "network.unknown_org"),
            (2, "network.below_itself"),
            (3, "network.below_itself"),
            (4, "network.changes_nothing"),
            (5, "network.has_children"),
            (6, "network.changes_nothing"),
            (7, "network.no_region"),
            (8, "network.the_top"),
            (9, "network.unknown_org"),
            (11, "network.bad_succession"),
        ]
    );
    assert_eq!(above(store, city.centre), [city.top, city.college, city.school]);
    let none = store
        .read_blocking(|tx| Ok(reorganisations(tx, &OPERATOR, &PageRequest::first(10))?.rows.len()))
        .unwrap();
    assert_eq!(none, 0, "nothing that is wrong is kept");
    // Two of one name are told apart by their identifiers only.
    store
        .write_blocking("test", move |tx| {
            found_org(tx, &OPERATOR, &found_named("七星岗街道社区教育学校", &city.town, city.college))
        })
        .unwrap();
    assert_eq!(faults(store, "撤销,七星岗街道社区教育学校"), [(1, "network.several_orgs")]);
    assert_eq!(faults(store, "撤销,七星岗街道社区教育学校@500106"), []);
    assert_eq!(faults(store, "撤销,七星岗街道社区教育学校@500107"), [(1, "network.unknown_org")]);
    let cmd = Prepare { title: String::new(), effective_on: Day(1), ..decision("撤销,甲", TODAY) };
    let refused = store.write_blocking("test", move |tx| prepare(tx, &OPERATOR, &cmd)).unwrap_err();
    let fields: Vec<_> = refused.field_errors().iter().map(|wrong| wrong.field.as_str()).collect();
    assert_eq!(fields, ["title", "effective_on"]);
}

fn found_named(name: &str, region: &RegionCode, parent: Id<Org>) -> network::FoundOrg {
    found(OrgKind::School, name, region, Some(parent))
}

fn a_day_to_come_is_waited_for(store: &TestStore) {
    let city = begun(store);
    let on = TODAY.plus(3);
    let lines = format!("划转,{},{}", city.school, city.other_college);
    let id = ready(store, &lines, on);
    let late = ready(store, &lines, on);
    let dropped = ready(store, &format!("改名,{},,新名", city.centre), on);
    for one in [id, late, dropped] {
        let status = store.write_blocking("test", move |tx| confirm(tx, &OPERATOR, one)).unwrap();
        assert_eq!(status, Status::Planned);
    }
    store.write_blocking("test", move |tx| discard(tx, &OPERATOR, dropped)).unwrap();
    assert_eq!(store.write_blocking("test", apply_due).unwrap(), None);
    assert_eq!(above(store, city.school), [city.top, city.college]);
    store.clock.set(on.start());
    let first = store.write_blocking("test", apply_due).unwrap().unwrap();
    assert!([id, late].contains(&first));
    assert_eq!(above(store, city.school), [city.top, city.other_college]);
    // The other one has become impossible: it says so, and is in nobody's way.
    assert_eq!(store.write_blocking("test", apply_due).unwrap(), None);
    let other = if first == id { late } else { id };
    let plan = store
        .read_blocking(move |tx| {
            let found = reorganisation(tx, &OPERATOR, other)?;
            assert_eq!(found.status, Status::Planned);
            plan_of(tx, &OPERATOR, &found)
        })
        .unwrap();
    assert_eq!(plan.faults[0].code.name, "network.changes_nothing");
    assert_eq!(
        refusal(store.write_blocking("test", move |tx| confirm(tx, &OPERATOR, dropped))),
        "network.not_waiting"
    );
    let name = store.read_blocking(move |tx| Ok(org(tx, city.centre)?.unwrap().name)).unwrap();
    assert_eq!(name, "磁器口社区学习中心");
    sound(store);
}

fn nothing_is_taken_back_under_what_was_built_upon_it(store: &TestStore) {
    let city = begun(store);
    let id = applied(
        store,
        &format!("新设,新学院,{},,college,500106000000\n划转,{},新学院", city.top, city.school),
        TODAY,
    );
    let new = above(store, city.school)[1];
    let undone = move || store.write_blocking("test", move |tx| undo(tx, &OPERATOR, id));
    store
        .write_blocking("test", move |tx| {
            found_org(tx, &OPERATOR, &found_named("后来的学校", &city.town, new))
        })
        .unwrap();
    assert_eq!(refusal(undone()), "network.has_children");
    assert_eq!(above(store, city.school), [city.top, new], "all of it stays");
    store
        .write_blocking("test", move |tx| {
            rename_org(tx, &OPERATOR, &RenameOrg { org_id: city.school, name: "改了名的学校".to_owned() })
        })
        .unwrap();
    assert_eq!(refusal(undone()), "network.changed_since");
    sound(store);
}

fn changes_of_one_place_keep_their_order(store: &TestStore) {
    let city = begun(store);
    let there = format!("划转,{},{}", city.school, city.other_college);
    let back = format!("划转,{},{}", city.school, city.college);
    applied(store, &there, TODAY.plus(-20));
    assert_eq!(faults_on(store, &back, TODAY.plus(-30)), [(1, "network.changed_later")]);
    applied(store, &back, TODAY.plus(-10));
    for (days, college) in
        [(-21, city.college), (-20, city.other_college), (-11, city.other_college), (-10, city.college)]
    {
        store.clock.set(TODAY.plus(days).at(60));
        assert_eq!(above(store, city.centre), [city.top, college, city.school], "{days}");
    }
    store.clock.set(TODAY.at(800));
    sound(store);
}

fn faults_on(store: &TestStore, lines: &str, on: Day) -> Vec<(usize, &'static str)> {
    let cmd = decision(lines, on);
    match store.write_blocking("test", move |tx| prepare(tx, &OPERATOR, &cmd)).unwrap() {
        Prepared::Ready(_) => Vec::new(),
        Prepared::Faulty(faults) => faults.iter().map(|fault| (fault.line, fault.code.name)).collect(),
    }
}

fn who_manages_less_may_do_less(store: &TestStore) {
    let city = begun(store);
    let by = |actor: &Actor, lines: &str| {
        let (actor, cmd) = (actor.clone(), decision(lines, TODAY));
        store.write_blocking("test", move |tx| prepare(tx, &actor, &cmd))
    };
    let codes = |outcome: kernel::Result<Prepared>| match outcome.unwrap() {
        Prepared::Ready(_) => Vec::new(),
        Prepared::Faulty(faults) => faults.iter().map(|fault| fault.code.name).collect(),
    };
    let head = somebody(1, Role::Head, city.college);
    // Within her own district she may; out of it and into it she may not.
    let within = format!("划转,{},{}", city.centre, city.college);
    assert_eq!(codes(by(&head, &within)), Vec::<&str>::new());
    let out = format!("划转,{},{}", city.school, city.other_college);
    assert_eq!(codes(by(&head, &out)), ["network.not_yours"]);
    let taken = format!("划转,{},{}", city.other_school, city.college);
    assert_eq!(codes(by(&head, &taken)), ["network.not_yours"]);
    assert_eq!(codes(by(&head, "区划,500106004000,500106009000")), ["network.regions_of_city"]);
    assert_eq!(refusal(by(&somebody(2, Role::Staff, city.college), &within)), "kernel.denied");
    assert_eq!(refusal(by(&Actor::Nobody, &within)), "kernel.sign_in");
    // What she prepared is seen by her and above her, and by nobody else.
    let seen = |actor: Actor| {
        store
            .read_blocking(move |tx| Ok(reorganisations(tx, &actor, &PageRequest::first(10))?.rows.len()))
            .unwrap()
    };
    assert_eq!(seen(head), 1);
    assert_eq!(seen(somebody(3, Role::Head, city.top)), 1);
    assert_eq!(seen(somebody(4, Role::Head, city.other_college)), 0);
    assert_eq!(seen(somebody(5, Role::Head, city.school)), 0);
}

fn two_thousand_places_move_at_once_and_back(store: &TestStore) {
    let city = begun(store);
    let (town, school) = (city.town.clone(), city.school);
    store
        .write_blocking("test", move |tx| {
            for number in 0..2_000 {
                let cmd = found(OrgKind::Centre, &format!("第{number}学习中心"), &town, Some(school));
                found_org(tx, &OPERATOR, &cmd)?;
            }
            Ok(())
        })
        .unwrap();
    let lines: String =
        (0..2_000).map(|number| format!("划转,第{number}学习中心,{}\n", city.other_school)).collect();
    let id = applied(store, &lines, TODAY);
    let below = |of: Id<Org>| store.read_blocking(move |tx| Ok(descendant_ids(tx, of)?.len())).unwrap();
    assert_eq!((below(city.school), below(city.other_school)), (2, 2_001));
    sound(store);
    store.write_blocking("test", move |tx| undo(tx, &OPERATOR, id)).unwrap();
    assert_eq!((below(city.school), below(city.other_school)), (2_002, 1));
    sound(store);
}
