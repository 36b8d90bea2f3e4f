//! A network by one file: judged as a whole, looked through, taken over at once.

use std::time::Instant;

use journal::{Sealer, drain, verify};
use kernel::{Actor, Day, Id, Lang, Org, Role};
use network::{
    IMPORT_ROWS_MAX, ImportDone, ImportId, ImportPlan, OrgKind, Prepare, Prepared, access, ancestors,
    apply_import, close_org, confirm, descendant_ids, found_org, import, import_headings, import_regions,
    keep_import, keep_place, org, org_history, orgs_table, plan_import, prepare, read_import, rename_org,
    sweep_imports,
    testing::{SmallCity, found, refusal, region_row, resident, somebody},
};
use render::sheet::{csv_of, xlsx_of};
use seal::SigningKey;
use store::{Statement, both_engines, testing::TestStore};

use super::{OPERATOR, TODAY, begun};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS];
    a_file_founds_and_changes_as_its_forms_do,
    what_is_wrong_is_named_by_line_and_column,
    what_is_wrong_between_rows_is_named,
    what_stands_elsewhere_is_not_touched,
    a_division_that_ended_is_named,
    a_file_is_taken_over_once,
    what_was_seen_is_done_or_nothing,
    who_does_not_manage_the_network_gets_nothing,
    what_was_downloaded_changes_nothing,
    files_go_after_a_day,
    twelve_thousand_rows_are_taken_over,
);

fn head(city: &SmallCity) -> Actor {
    somebody(1, Role::Head, city.college)
}

#[track_caller]
fn kept(store: &TestStore, by: &Actor, at: Id<Org>, file: &str) -> ImportId {
    let (by, table) = (by.clone(), read_import(file.as_bytes()).unwrap());
    store.write_blocking("test", move |tx| keep_import(tx, &by, at, &table)).unwrap()
}

#[track_caller]
fn planned(store: &TestStore, by: &Actor, at: Id<Org>, id: ImportId) -> ImportPlan {
    let by = by.clone();
    let read = store.read_blocking(move |tx| {
        let kept = import(tx, &by, at, id)?;
        plan_import(tx, &by, at, &kept.table.unwrap())
    });
    read.unwrap()
}

fn apply(
    store: &TestStore,
    by: &Actor,
    at: Id<Org>,
    id: ImportId,
    seen: &str,
) -> Result<ImportDone, kernel::Error> {
    let (by, seen) = (by.clone(), seen.to_owned());
    store.write_blocking("test", move |tx| apply_import(tx, &by, at, id, &seen))
}

/// What is wrong with a file: line, column and code.
#[track_caller]
fn faults(
    store: &TestStore,
    by: &Actor,
    at: Id<Org>,
    file: &str,
) -> Vec<(usize, &'static str, &'static str)> {
    let id = kept(store, by, at, file);
    let plan = planned(store, by, at, id);
    assert_eq!(plan.fault_count, plan.faults.len());
    assert!(plan.founded.is_empty() && plan.changed.is_empty());
    plan.faults.iter().map(|fault| (fault.line, fault.column, fault.code.name)).collect()
}

/// Everything agrees: rows with facts, the tree with the parents.
#[track_caller]
fn sound(store: &TestStore) {
    drain(store, &[]).unwrap();
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    sealer.seal(store).unwrap();
    let (key, origin) = (sealer.verifying_key(), sealer.origin().to_owned());
    let report = store.read_blocking(move |tx| verify(tx, &key, &origin, &|_| {})).unwrap();
    assert_eq!(report.problems, []);
}

fn facts_of(store: &TestStore, kind: &'static str) -> i64 {
    let count = move |tx: &mut store::Tx| {
        tx.one::<(i64,)>(
            Statement::dynamic("SELECT count(*) FROM fact WHERE kind = $1".to_owned()),
            store::params![kind],
        )
    };
    store.read_blocking(count).unwrap().0
}

fn named(store: &TestStore, name: &'static str) -> network::Organisation {
    store
        .read_blocking(move |tx| {
            let id: (Id<Org>,) = tx.one(
                Statement::dynamic("SELECT org_id FROM org WHERE name = $1".to_owned()),
                store::params![name],
            )?;
            Ok(org(tx, id.0)?.unwrap())
        })
        .unwrap()
}

fn a_file_founds_and_changes_as_its_forms_do(store: &TestStore) {
    let city = begun(store);
    let (by, centre, school) = (head(&city), city.centre, city.school);
    // A closed day that the file must leave as it is.
    store
        .write_blocking("test", move |tx| {
            let known = org(tx, centre)?.unwrap();
            let opening = "Mo-Su 09:00-17:00; 2099 Jan 01 off \"元旦\"".parse()?;
            let cmd = network::KeepPlace {
                org_id: centre,
                rev: known.rev,
                address: known.address,
                phone: known.phone,
                hours: String::new(),
                opening,
            };
            keep_place(tx, &OPERATOR, &cmd)
        })
        .unwrap();
    let file = format!(
        "机构编号,名称,类别,服务的地区,上级机构,地址,电话,开放时间,开放补充说明,经度,纬度,设立日期,备注\n\
         ,童家桥体验点,体验基地,500106004001 磁器口社区,童家桥学校,正街2号,023-2,周一至周五 09:00-12:00; 节假日闭馆,请预约,106.5,29.6,2026/1/3,x\n\
         ,童家桥学校,school,磁器口街道,,,,,,,,,\n\
         {centre},磁器口学习中心,社区学习中心,,{school},学府路2号,023-9,周一至周五 9:00-17:00,,106.451,29.581,,\n\
         {school},磁器口街道社区教育学校,社区教育学校,500106004000,,学府路1号,023-00000001,每天 09:00-17:00,,106.45,29.58,2020-08-26,\n"
    );
    let id = kept(store, &by, city.college, &file);
    let plan = planned(store, &by, city.college, id);
    assert_eq!(plan.faults, []);
    assert_eq!((plan.founded.len(), plan.changed.len(), plan.same), (2, 1, 1));
    let order: Vec<_> = plan.founded.iter().map(|one| (one.line, one.above.as_str())).collect();
    assert_eq!(order, [(3, "沙坪坝区社区教育学院"), (2, "童家桥学校")]);
    assert_eq!(plan.changed[0].columns(), ["name", "address", "phone", "opening", "lon", "lat"]);
    let table =
        store.read_blocking(move |tx| import(tx, &OPERATOR, city.college, id)).unwrap().table.unwrap();
    assert_eq!(table.unknown, ["备注"]);
    let before = (facts_of(store, "network.org_founded.v1"), facts_of(store, "network.org_changed.v1"));
    assert_eq!(descendants(store, city.college).len(), 3, "a look changes nothing");

    let told = apply(store, &by, city.college, id, &plan.digest()).unwrap();
    assert_eq!(told, ImportDone { founded: 2, changed: 1, same: 1 });
    // The same facts as by the forms: a name and what people must know are two.
    let after = (facts_of(store, "network.org_founded.v1"), facts_of(store, "network.org_changed.v1"));
    assert_eq!((after.0 - before.0, after.1 - before.1), (2, 2));
    let point = named(store, "童家桥体验点");
    assert_eq!((point.kind, point.phone.as_str(), point.hours.as_str()), (OrgKind::Base, "023-2", "请预约"));
    assert_eq!(point.opening.to_string(), "Mo-Fr 09:00-12:00; PH off");
    assert_eq!((point.lon, point.lat, point.place_note.as_str()), (Some(106.5), Some(29.6), ""));
    assert_eq!(point.opened_on, Day::of(2026, 1, 3).unwrap());
    assert_eq!(point.region_code, city.village);
    let above: Vec<Id<Org>> = store
        .read_blocking(move |tx| {
            Ok(ancestors(tx, point.org_id)?.into_iter().map(|above| above.org_id).collect())
        })
        .unwrap();
    let new_school = named(store, "童家桥学校");
    assert_eq!(above, [city.top, city.college, new_school.org_id]);
    assert_eq!((new_school.opened_on, new_school.region_code.clone()), (TODAY, city.town.clone()));
    let changed = store.read_blocking(move |tx| Ok(org(tx, centre)?.unwrap())).unwrap();
    assert_eq!((changed.name.as_str(), changed.phone.as_str()), ("磁器口学习中心", "023-9"));
    assert_eq!(changed.opening.to_string(), "Mo-Fr 09:00-17:00; 2099 Jan 01 off \"元旦\"");
    assert_eq!((changed.lon, changed.place_note.as_str()), (Some(106.451), ""));
    let history = store.read_blocking(move |tx| org_history(tx, centre, 10)).unwrap();
    assert_eq!(history[0].after.name, "磁器口学习中心");
    sound(store);
}

fn descendants(store: &TestStore, of: Id<Org>) -> Vec<Id<Org>> {
    store.read_blocking(move |tx| descendant_ids(tx, of)).unwrap()
}

fn what_is_wrong_is_named_by_line_and_column(store: &TestStore) {
    let city = begun(store);
    let (by, centre) = (head(&city), city.centre);
    let long = "长".repeat(61);
    let file = format!(
        "名称,类别,服务的地区,电话,开放时间,经度,纬度,设立日期\n\
         ,,,,,,,\n\
         {long},学堂,没有这里,{},周一 上午,200,29,昨天\n\
         ,centre,999999999999,,,106,,2026-13-01\n\
         \"a\u{202e}b\",centre,500106004001,,周一 12:00-9:00,,29,\n",
        "1".repeat(41)
    );
    assert_eq!(
        faults(store, &by, city.college, &file),
        [
            (3, "name", "kernel.too_long"),
            (3, "kind", "network.import_kind"),
            (3, "region", "network.import_region"),
            (3, "phone", "kernel.too_long"),
            (3, "opening", "network.bad_opening"),
            (3, "lon", "network.bad_place"),
            (3, "opened_on", "kernel.bad_date"),
            (4, "name", "kernel.required"),
            (4, "region", "network.no_region"),
            (4, "lat", "network.import_half_place"),
            (4, "opened_on", "kernel.bad_date"),
            (5, "name", "web.bad_characters"),
            (5, "opening", "network.bad_opening"),
            (5, "lon", "network.import_half_place"),
        ]
    );
    // What an import does not change of those that are there.
    let file = format!(
        "id,name,kind,region,parent,first day\n\
         {centre},磁器口社区学习中心,图书馆,500106000000,{},2020-01-01\n\
         {},x,,,,\n\
         nonsense,x,,,,\n\
         {centre},磁器口社区学习中心,,,,\n",
        city.college,
        Id::<Org>::derived(b"nowhere")
    );
    assert_eq!(
        faults(store, &by, city.college, &file),
        [
            (2, "kind", "network.import_fixed_kind"),
            (2, "region", "network.import_fixed_region"),
            (2, "parent", "network.import_fixed_parent"),
            (2, "opened_on", "network.import_fixed_day"),
            (3, "id", "network.import_unknown"),
            (4, "id", "network.import_unknown"),
            (5, "id", "network.import_twice"),
        ]
    );
    let file = |bytes: &[u8]| {
        let error = read_import(bytes).unwrap_err();
        error.field_errors()[0].code.name
    };
    assert_eq!(file(&[0xbb, 0xee]), "network.import_encoding");
    assert_eq!(file(b"PK\x03\x04"), "network.import_no_table");
    assert_eq!(file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "network.import_old");
    assert_eq!(file(b"a,b\n1,2\n"), "network.import_no_heading");
    assert_eq!(file("电话\n1\n".as_bytes()), "network.import_no_names");
    assert_eq!(file("名称,name\na,b\n".as_bytes()), "network.import_twice_column");
    assert_eq!(file("名称\n,\n".as_bytes()), "network.import_empty");
    let many = format!("名称\n{}", "x\n".repeat(IMPORT_ROWS_MAX + 1));
    assert_eq!(file(many.as_bytes()), "network.import_rows");
    assert_eq!(file(format!("名称\n{}x\n", ",".repeat(50)).as_bytes()), "network.import_wide");
    assert_eq!(file(&vec![b'a'; network::IMPORT_BYTES_MAX + 1]), "network.import_large");
}

fn what_is_wrong_between_rows_is_named(store: &TestStore) {
    let city = begun(store);
    let (by, centre, school) = (head(&city), city.centre, city.school);
    let (town, college) = (city.town.clone(), city.college);
    let other = store
        .write_blocking("test", move |tx| {
            let shut = found_org(tx, &OPERATOR, &found(OrgKind::Base, "关了的点", &town, Some(college)))?;
            close_org(tx, &OPERATOR, shut)?;
            found_org(tx, &OPERATOR, &found(OrgKind::Base, "同名", &town, Some(college)))?;
            found_org(tx, &OPERATOR, &found(OrgKind::Base, "同名", &town, Some(school)))
        })
        .unwrap();
    let file = format!(
        "编号,名称,类别,区划,上级\n\
         ,甲,base,500106004001,乙\n\
         ,乙,base,500106004001,甲\n\
         ,自己,base,500106004001,自己\n\
         ,丙,base,500106004001,没有这家\n\
         ,丁,base,500106004001,同名\n\
         ,戊,base,500106004001,关了的点\n\
         ,同名,base,500106004001,{school}\n\
         ,己,base,500106004001,\n\
         ,己,base,500106004001,沙坪坝区社区教育学院\n\
         {centre},同名,,,\n\
         ,庚,base,500106004001,坏行\n\
         ,坏行,base,,\n"
    );
    assert_eq!(
        faults(store, &by, city.college, &file),
        [
            (2, "parent", "network.below_itself"),
            (3, "parent", "network.below_itself"),
            (4, "parent", "network.below_itself"),
            (5, "parent", "network.import_parent"),
            (6, "parent", "network.import_several"),
            (7, "parent", "network.parent_closed"),
            (8, "name", "network.import_taken"),
            (10, "name", "network.import_same_name"),
            (11, "name", "network.import_taken"),
            (13, "region", "kernel.required"),
        ]
    );
    // A name that is given up may be taken, and a chain has its bound.
    let swap = format!("编号,名称,类别,区划,上级\n{other},别名,,,\n,同名,base,500106004001,{school}\n");
    assert_eq!(faults_none(store, &by, city.college, &swap), (1, 1));
    let mut deep = "名称,类别,区划,上级\n".to_owned();
    for n in 0..13 {
        let above = if n == 0 { String::new() } else { format!("第{}层", n - 1) };
        deep.push_str(&format!("第{n}层,base,500106004001,{above}\n"));
    }
    assert_eq!(faults(store, &by, city.college, &deep), [(14, "parent", "network.import_deep")]);
    let shut = format!("编号,名称\n{},关了的点\n", named(store, "关了的点").org_id);
    assert_eq!(faults(store, &by, city.college, &shut), [(2, "id", "network.already_closed")]);
}

#[track_caller]
fn faults_none(store: &TestStore, by: &Actor, at: Id<Org>, file: &str) -> (usize, usize) {
    let id = kept(store, by, at, file);
    let plan = planned(store, by, at, id);
    assert_eq!(plan.faults, []);
    (plan.founded.len(), plan.changed.len())
}

fn a_division_that_ended_is_named(store: &TestStore) {
    let city = begun(store);
    let lines = "区划,500103001000,500103009000\n".to_owned();
    let cmd = Prepare { title: "区划".to_owned(), document: String::new(), effective_on: TODAY, lines };
    let reorganise = move |tx: &mut store::Tx| match prepare(tx, &OPERATOR, &cmd)? {
        Prepared::Ready(id) => confirm(tx, &OPERATOR, id),
        Prepared::Faulty(faults) => panic!("{faults:?}"),
    };
    store.write_blocking("test", reorganise).unwrap();
    let by = somebody(1, Role::Head, city.top);
    let file = "名称,类别,区划\n新点,base,500103001000\n新点二,base,500103009000\n";
    assert_eq!(faults(store, &by, city.top, file), [(2, "region", "network.region_ended")]);
}

fn what_stands_elsewhere_is_not_touched(store: &TestStore) {
    let city = begun(store);
    let file = format!(
        "编号,名称,类别,区划,上级\n{},改名,,,\n,新点,base,500103001000,{}\n,新点二,base,500103001000,七星岗街道社区教育学校\n",
        city.other_school, city.other_school
    );
    // Also who manages the whole city changes from the page of an organisation only what stands there.
    for by in [head(&city), somebody(2, Role::Head, city.top), OPERATOR] {
        assert_eq!(
            faults(store, &by, city.college, &file),
            [
                (2, "id", "network.import_outside"),
                (3, "parent", "network.import_outside"),
                (4, "parent", "network.import_parent"),
            ]
        );
    }
}

fn a_file_is_taken_over_once(store: &TestStore) {
    let city = begun(store);
    let by = head(&city);
    let file = "名称,类别,区划\n新点,体验基地,500106004001\n";
    let id = kept(store, &by, city.college, file);
    let seen = planned(store, &by, city.college, id).digest();
    let first = apply(store, &by, city.college, id, &seen).unwrap();
    let count = facts_of(store, "network.org_founded.v1");
    assert_eq!(apply(store, &by, city.college, id, &seen).unwrap(), first);
    assert_eq!(facts_of(store, "network.org_founded.v1"), count);
    let (at, again) = (city.college, by.clone());
    let kept_now = store.read_blocking(move |tx| import(tx, &again, at, id)).unwrap();
    assert!(kept_now.table.is_none(), "its rows are gone");
    // The very file once more: what it founds stands there.
    assert_eq!(faults(store, &by, city.college, file), [(2, "name", "network.import_taken")]);
}

fn what_was_seen_is_done_or_nothing(store: &TestStore) {
    let city = begun(store);
    let (by, centre) = (head(&city), city.centre);
    let rename = |name: &str| {
        let cmd = network::RenameOrg { org_id: centre, name: name.to_owned() };
        store.write_blocking("test", move |tx| rename_org(tx, &OPERATOR, &cmd)).unwrap();
    };
    let file = format!("编号,名称,电话\n{centre},磁器口社区学习中心,023-5\n");
    let id = kept(store, &by, city.college, &file);
    let seen = planned(store, &by, city.college, id).digest();
    assert_eq!(refusal(apply(store, &by, city.college, id, "")), "network.import_moved");
    rename("别的名称");
    assert_eq!(refusal(apply(store, &by, city.college, id, &seen)), "network.import_moved");
    // Looked through again it is another plan, which gives the name back.
    let plan = planned(store, &by, city.college, id);
    assert_eq!(plan.changed[0].columns(), ["name", "phone"]);
    store.write_blocking("test", move |tx| close_org(tx, &OPERATOR, centre)).unwrap();
    assert_eq!(refusal(apply(store, &by, city.college, id, &plan.digest())), "network.import_faulty");
    let idle = format!("编号,名称\n{},磁器口街道社区教育学校\n", city.school);
    let id = kept(store, &by, city.college, &idle);
    let plan = planned(store, &by, city.college, id);
    assert_eq!((plan.same, plan.changed.len()), (1, 0));
    assert_eq!(refusal(apply(store, &by, city.college, id, &plan.digest())), "network.import_idle");
    sound(store);
}

fn who_does_not_manage_the_network_gets_nothing(store: &TestStore) {
    let city = begun(store);
    let by = head(&city);
    let file = "名称,类别,区划\n新点,体验基地,500106004001\n";
    let id = kept(store, &by, city.college, file);
    let seen = planned(store, &by, city.college, id).digest();
    let table = read_import(file.as_bytes()).unwrap();
    let at = city.college;
    for (who, code) in [
        (somebody(3, Role::Staff, city.college), "kernel.denied"),
        (somebody(4, Role::Head, city.school), "kernel.denied"),
        (somebody(5, Role::Head, city.other_college), "kernel.denied"),
        (resident(6), "kernel.denied"),
        (Actor::Nobody, "kernel.sign_in"),
    ] {
        let allowed = {
            let who = who.clone();
            store.read_blocking(move |tx| access::may(tx, &who, kernel::Right::ManageNetwork, at)).unwrap()
        };
        assert!(!allowed, "{who:?}");
        assert_eq!(refusal(apply(store, &who, at, id, &seen)), code);
        let (one, other, rows) = (who.clone(), who.clone(), table.clone());
        assert_eq!(refusal(store.write_blocking("test", move |tx| keep_import(tx, &one, at, &rows))), code);
        let seen = store.read_blocking(move |tx| {
            assert_eq!(refusal(import(tx, &other, at, id)), code);
            orgs_table(tx, &other, at, Lang::Zh).map(|rows| rows.len())
        });
        assert_eq!(refusal(seen), code);
    }
    // By the page of another organisation nobody gets at it.
    assert_eq!(refusal(apply(store, &OPERATOR, city.school, id, &seen)), "kernel.missing");
    assert_eq!(descendants(store, at).len(), 3);
}

fn what_was_downloaded_changes_nothing(store: &TestStore) {
    let city = begun(store);
    let (by, at, school, town) = (head(&city), city.college, city.school, city.town.clone());
    store
        .write_blocking("test", move |tx| {
            let mut odd = found(OrgKind::Base, "=同名", &town, Some(school));
            odd.opening = "Mo-Fr 08:30-12:00,14:00-17:30; Sa 09:00-12:00; PH off; 2099 Jan 01 off".parse()?;
            odd.place = Some((106.123_456_789_012_3, 29.1));
            odd.address = "+1, \"二楼\"".to_owned();
            let under = found_org(tx, &OPERATOR, &odd)?;
            odd.place = None;
            odd.opening = network::Opening::default();
            found_org(tx, &OPERATOR, &network::FoundOrg { parent_id: Some(under), ..odd.clone() })?;
            let closed = found_org(
                tx,
                &OPERATOR,
                &network::FoundOrg { name: "关了的点".to_owned(), parent_id: Some(school), ..odd },
            )?;
            close_org(tx, &OPERATOR, closed)
        })
        .unwrap();
    for lang in [Lang::Zh, Lang::En] {
        let head = by.clone();
        let rows = store.read_blocking(move |tx| orgs_table(tx, &head, at, lang)).unwrap();
        assert_eq!(rows.len(), 4);
        let headings = import_headings(lang);
        for bytes in [csv_of(&headings, &rows).unwrap(), xlsx_of(&headings, &rows).unwrap()] {
            let (table, head) = (read_import(&bytes).unwrap(), by.clone());
            assert!(table.unknown.is_empty() && table.columns.len() == headings.len());
            let plan = store.read_blocking(move |tx| plan_import(tx, &head, at, &table)).unwrap();
            assert_eq!(plan.faults, []);
            assert_eq!((plan.founded.len(), plan.changed.len(), plan.same), (0, 0, 4));
        }
    }
}

fn files_go_after_a_day(store: &TestStore) {
    let city = begun(store);
    let (by, at) = (head(&city), city.college);
    let ids: Vec<ImportId> = (0..7)
        .map(|n| {
            store.clock.set(TODAY.at(600 + n));
            kept(store, &by, at, &format!("名称,类别,区划\n新点{n},体验基地,500106004001\n"))
        })
        .collect();
    let there = |id: ImportId| {
        let by = by.clone();
        store.read_blocking(move |tx| import(tx, &by, at, id)).map(|kept| kept.table.is_some())
    };
    // Five are kept at a time.
    assert_eq!(refusal(there(ids[1])), "kernel.missing");
    assert!(there(ids[2]).unwrap());
    store.clock.set(TODAY.plus(1).at(610));
    assert_eq!(refusal(there(ids[6])), "kernel.missing");
    assert_eq!(sweep_imports(store).unwrap(), 5);
    assert_eq!(sweep_imports(store).unwrap(), 0);
}

/// Prints how long it takes; a slow machine is no fault.
fn twelve_thousand_rows_are_taken_over(store: &TestStore) {
    let city = begun(store);
    let (by, at) = (head(&city), city.college);
    let villages: Vec<_> = (2..400)
        .map(|n| region_row(n, &format!("500106004{n:03}"), &format!("第{n}社区"), "居委会", "500106004000"))
        .collect();
    store.write_blocking("test", move |tx| import_regions(tx, &OPERATOR, &villages)).unwrap();
    let mut file = import_headings(Lang::Zh).join(",") + "\n";
    for n in 0..12_000 {
        let village = 2 + n % 398;
        let parent = if n < 200 { String::new() } else { format!("第{}号机构", n % 200) };
        file.push_str(&format!(
            ",第{n}号机构,社区学习中心,500106004{village:03},{parent},学府路{n}号,023-{n},周一至周五 08:30-12:00; 法定节假日 闭馆,,106.4{n:05},29.5,2024-09-01\n"
        ));
    }
    let engine = store.read_blocking(|tx| Ok(tx.engine())).unwrap();
    let began = Instant::now();
    let mut last = 0.0;
    let mut lap = |what: &str| {
        let now = began.elapsed().as_secs_f64();
        println!("{engine:?} 12,000 rows {what}: {:.2} s", now - last);
        last = now;
    };
    let table = read_import(file.as_bytes()).unwrap();
    lap("read");
    let keeper = by.clone();
    let id = store.write_blocking("test", move |tx| keep_import(tx, &keeper, at, &table)).unwrap();
    lap("kept");
    let plan = planned(store, &by, at, id);
    assert_eq!((plan.faults.len(), plan.founded.len()), (0, 12_000));
    lap("previewed");
    let told = apply(store, &by, at, id, &plan.digest()).unwrap();
    assert_eq!(told, ImportDone { founded: 12_000, changed: 0, same: 0 });
    lap("founded");
    let reader = by.clone();
    let rows = store.read_blocking(move |tx| orgs_table(tx, &reader, at, Lang::Zh)).unwrap();
    assert_eq!(rows.len(), 12_002);
    lap("listed for a download");
    let bytes = xlsx_of(&import_headings(Lang::Zh), &rows).unwrap();
    lap(&format!("written as a workbook of {} KiB", bytes.len() / 1024));
    let table = read_import(&bytes).unwrap();
    lap("read from it");
    let planner = by.clone();
    let plan = store.read_blocking(move |tx| plan_import(tx, &planner, at, &table)).unwrap();
    assert_eq!((plan.faults.len(), plan.changed.len(), plan.same), (0, 0, 12_002));
    lap("compared with what is there");
    let changed = String::from_utf8(csv_of(&import_headings(Lang::Zh), &rows).unwrap()).unwrap();
    let id = kept(store, &by, at, &changed.replace(",023-", ",023-6"));
    let plan = planned(store, &by, at, id);
    assert_eq!((plan.faults.len(), plan.changed.len()), (0, 12_002));
    lap("with a changed telephone each previewed");
    assert_eq!(apply(store, &by, at, id, &plan.digest()).unwrap().changed, 12_002);
    lap("changed");
}
