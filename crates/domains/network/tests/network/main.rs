//! What the network promises, on both engines.

mod import;
mod reorganisation;

use journal::{Sealer, drain, facts_after, verify};
use kernel::{Actor, Day, Id, Lang, Org, PageRequest, Right, Role};
use network::{
    DayKind, KeepPlace, OrgFilter, OrgKind, RenameOrg, SetHolidays, Span, access, ancestors, children,
    close_org, counts_by_county, counts_by_kind, counts_by_kind_below, facts, find_children, found_org,
    holidays_between, import_regions, keep_place, org, orgs_by_ids, orgs_in_region, read_holidays,
    read_regions, region, region_children, region_path, rename_org, set_holidays,
    testing::{SmallCity, found, refusal, region_row, resident, small_city, somebody},
    top_org, top_region, with_places, with_populations,
};
use seal::SigningKey;
use store::{Statement, both_engines, testing::TestStore};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS];
    every_statement_is_accepted,
    a_role_reaches_down_and_never_up_or_aside,
    an_organisation_is_founded_below_and_by_whom_it_concerns,
    wrong_fields_are_all_named,
    an_import_names_every_wrong_row_and_writes_nothing,
    a_second_import_changes_what_differs,
    the_city_is_imported_and_founded_within_seconds,
    an_organisation_is_renamed_and_closed,
    who_works_at_a_place_keeps_its_hours,
    holidays_are_set_for_the_whole_city,
    lists_are_paged_and_searched,
    a_forged_tree_is_found,
);

const OPERATOR: Actor = Actor::System("test");
/// When the tests are: long after the places were founded.
const TODAY: Day = Day(20_500);

fn begun(store: &TestStore) -> SmallCity {
    let city = store.write_blocking("test", small_city).unwrap();
    store.clock.set(TODAY.at(600));
    city
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

fn a_role_reaches_down_and_never_up_or_aside(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    store
        .read_blocking(move |tx| {
            let head = somebody(1, Role::Head, city.college);
            for (org, expected) in [
                (city.college, true),
                (city.school, true),
                (city.centre, true),
                (city.top, false),
                (city.other_college, false),
                (city.other_school, false),
            ] {
                assert_eq!(access::may(tx, &head, Right::ManageOffers, org)?, expected);
            }
            // The role decides which rights there are, even at the very organisation.
            let teacher = somebody(2, Role::Teacher, city.school);
            assert!(access::may(tx, &teacher, Right::SeeDesk, city.centre)?);
            assert!(!access::may(tx, &teacher, Right::ManageOffers, city.school)?);
            assert_eq!(
                refusal(access::require(tx, &teacher, Right::ManageOffers, city.school)),
                "kernel.denied"
            );
            assert_eq!(
                refusal(access::require(tx, &Actor::Nobody, Right::SeeDesk, city.school)),
                "kernel.sign_in"
            );
            assert_eq!(
                refusal(access::require(tx, &head, Right::SeeDesk, Id::derived(b"nowhere"))),
                "kernel.missing"
            );
            assert!(access::may(tx, &OPERATOR, Right::Audit, city.top)?);
            assert_eq!(access::held_at(&head, Right::ManageStaff), [city.college]);
            assert!(access::held_at(&teacher, Right::ManageStaff).is_empty());
            Ok(())
        })
        .unwrap();
    // Before the organisation stood below the college, the college's head had no right there.
    store.clock.set(Day(18_400).start());
    store
        .read_blocking(move |tx| {
            assert!(!access::may(
                tx,
                &somebody(1, Role::Head, city.college),
                Right::ManageOffers,
                city.school
            )?);
            Ok(())
        })
        .unwrap();
}

fn an_organisation_is_founded_below_and_by_whom_it_concerns(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    let (c, head) = (city.clone(), somebody(1, Role::Head, city.college));
    let new: Id<Org> = store
        .write_blocking("test", move |tx| {
            found_org(tx, &head, &found(OrgKind::Base, "磁器口非遗工作室", &c.town, Some(c.school)))
        })
        .unwrap();
    let c = city.clone();
    store
        .write_blocking("test", move |tx| {
            let made = org(tx, new)?.unwrap();
            assert_eq!((made.kind, made.parent_id, made.is_open()), (OrgKind::Base, Some(c.school), true));
            let above: Vec<_> = ancestors(tx, new)?.into_iter().map(|org| org.org_id).collect();
            assert_eq!(above, [c.top, c.college, c.school]);
            let elsewhere = found(OrgKind::Base, "越界", &c.town, Some(c.other_school));
            assert_eq!(
                refusal(found_org(tx, &somebody(1, Role::Head, c.college), &elsewhere)),
                "kernel.denied"
            );
            assert_eq!(
                refusal(found_org(tx, &somebody(2, Role::Staff, c.school), &elsewhere)),
                "kernel.denied"
            );
            assert_eq!(refusal(found_org(tx, &resident(3), &elsewhere)), "kernel.denied");
            let root = found(OrgKind::GuidanceCentre, "另一个中心", &c.city, None);
            assert_eq!(refusal(found_org(tx, &somebody(1, Role::Head, c.top), &root)), "kernel.denied");
            assert_eq!(refusal(found_org(tx, &Actor::Nobody, &root)), "kernel.sign_in");
            let nowhere = found(OrgKind::Base, "无上级", &c.town, Some(Id::derived(b"nowhere")));
            assert_eq!(refusal(found_org(tx, &OPERATOR, &nowhere)), "kernel.bad_fields");
            Ok(())
        })
        .unwrap();
    drain(store, &[]).unwrap();
    let recorded = store.read_blocking(|tx| facts_after(tx, 0, 100)).unwrap();
    let told = recorded.iter().find(|fact| fact.subject == format!("org:{new}")).unwrap();
    assert_eq!((told.kind.as_str(), told.org), (facts::ORG_FOUNDED, Some(new)));
    let payload: facts::OrgFounded = told.payload().unwrap();
    assert_eq!((payload.kind, payload.parent_id), (OrgKind::Base, Some(city.school)));
}

fn wrong_fields_are_all_named(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    store
        .write_blocking("test", move |tx| {
            let mut cmd = found(OrgKind::Base, "  ", &"500999000000".parse()?, Some(city.school));
            cmd.address = "长".repeat(121);
            cmd.place = Some((200.0, 0.0));
            let error = found_org(tx, &OPERATOR, &cmd).unwrap_err();
            let fields: Vec<&str> = error.field_errors().iter().map(|field| field.field.as_str()).collect();
            assert_eq!(fields, ["name", "address", "place", "region_code"]);
            Ok(())
        })
        .unwrap();
}

fn an_import_names_every_wrong_row_and_writes_nothing(store: &TestStore) {
    let mut rows = vec![
        region_row(2, "500000000000", "重庆市", "直辖市", ""),
        region_row(3, "500103000000", "渝中区", "区", "500000000000"),
        region_row(4, "500103000000", "渝中区", "区", "500000000000"),
        region_row(5, "50010600000", "沙坪坝区", "区", "500000000000"),
        region_row(6, "500106004000", "磁器口街道", "街道", "500103000000"),
        region_row(7, "500106004001", "", "居委会", "500106009000"),
    ];
    rows[1].place = Some((106.5, 95.0));
    store
        .write_blocking("test", move |tx| {
            let error = import_regions(tx, &OPERATOR, &rows).unwrap_err();
            let named: Vec<(&str, &str)> =
                error.field_errors().iter().map(|field| (field.field.as_str(), field.code.name)).collect();
            let expected = [
                ("row 3: place", "network.bad_place"),
                ("row 4: code", "network.twice"),
                ("row 5: code", "kernel.bad_region"),
                ("row 6: parent", "network.bad_parent"),
                ("row 7: name", "kernel.required"),
                ("row 7: short_name", "kernel.required"),
                ("row 7: parent", "network.bad_parent"),
            ];
            assert_eq!(named, expected);
            assert!(top_region(tx)?.is_none());
            let city = rows[..1].to_vec();
            assert_eq!(refusal(import_regions(tx, &resident(1), &city)), "kernel.denied");
            Ok(())
        })
        .unwrap();
}

fn a_second_import_changes_what_differs(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    let head = somebody(1, Role::Head, city.top);
    let done = store
        .write_blocking("test", move |tx| {
            let mut rows = vec![
                region_row(2, "500103000000", "渝中区", "区", "500000000000"),
                region_row(3, "500106000000", "沙坪坝区", "区", "500000000000"),
                region_row(4, "500106005000", "童家桥街道", "街道", "500106000000"),
            ];
            let people = "code,population_2020_11_01,source\n500106000000,1477345,第七次全国人口普查\n";
            with_populations(&mut rows, people, "population_2020_11_01", Day(18_567))?;
            import_regions(tx, &head, &rows)
        })
        .unwrap();
    assert_eq!((done.added, done.changed, done.same), (1, 1, 1));
    store
        .read_blocking(move |tx| {
            let changed = region(tx, &city.district)?.unwrap();
            assert_eq!(
                (changed.population, changed.population_on, changed.rev),
                (Some(1_477_345), Some(Day(18_567)), 2)
            );
            let unknown = region(tx, &"500103000000".parse()?)?.unwrap();
            assert_eq!((unknown.population, unknown.rev), (None, 1));
            Ok(())
        })
        .unwrap();
}

/// The packaged list of 12,340 divisions, and an organisation for each of 11,000 of them.
fn the_city_is_imported_and_founded_within_seconds(store: &TestStore) {
    let mut rows =
        read_regions(include_str!("../../../../../data/chongqing/cq_divisions_2022.csv"), Day(19_000))
            .unwrap();
    let people = include_str!("../../../../../data/chongqing/cq_population_2020.csv");
    with_populations(&mut rows, people, "population_2020_11_01", Day(18_567)).unwrap();
    with_places(&mut rows, include_str!("../../../../../data/chongqing/cq_district_centroids.csv")).unwrap();
    let villages: Vec<_> = rows
        .iter()
        .filter(|row| row.code.len() == 12 && !row.code.ends_with("000"))
        .take(11_000)
        .cloned()
        .collect();
    let started = clock();
    let done = store.write_blocking("test", move |tx| import_regions(tx, &OPERATOR, &rows)).unwrap();
    assert_eq!((done.added, done.changed, done.same), (12_340, 0, 0));
    let imported = clock() - started;
    let started = clock();
    store
        .write_blocking("test", move |tx| {
            let top = found_org(
                tx,
                &OPERATOR,
                &found(OrgKind::GuidanceCentre, "中心", &"500000000000".parse()?, None),
            )?;
            let college = found_org(
                tx,
                &OPERATOR,
                &found(OrgKind::College, "学院", &"500101000000".parse()?, Some(top)),
            )?;
            for row in &villages {
                found_org(
                    tx,
                    &OPERATOR,
                    &found(OrgKind::Centre, &row.name, &row.code.parse()?, Some(college)),
                )?;
            }
            Ok(())
        })
        .unwrap();
    let founded = clock() - started;
    println!("{:?}: 12,340 regions in {imported} ms, 11,002 organisations in {founded} ms", store.engine());
    assert!(imported < 20_000 && founded < 60_000, "{imported} ms and {founded} ms");
    store
        .read_blocking(|tx| {
            let top = top_org(tx)?.unwrap();
            assert_eq!(counts_by_kind_below(tx, top.org_id)?.last(), Some(&(OrgKind::Centre, 11_000)));
            let city = top_region(tx)?.unwrap();
            assert_eq!(region_children(tx, &city.code)?.len(), 38);
            let by_county = counts_by_county(tx)?;
            assert_eq!(by_county.values().flatten().map(|(_, count)| count).sum::<i64>(), 11_002);
            assert_eq!(counts_by_kind(tx, &city.code)?.last(), Some(&(OrgKind::Centre, 11_000)));
            Ok(())
        })
        .unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the test measures how long the commands take")]
fn clock() -> i64 {
    i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis())
        .unwrap()
}

fn an_organisation_is_renamed_and_closed(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    let c = city.clone();
    store
        .write_blocking("test", move |tx| {
            let head = somebody(1, Role::Head, c.college);
            let rename = |org_id, name: &str| RenameOrg { org_id, name: name.to_owned() };
            rename_org(tx, &head, &rename(c.school, "磁器口社区学校"))?;
            rename_org(tx, &head, &rename(c.school, "磁器口社区学校"))?;
            let renamed = org(tx, c.school)?.unwrap();
            assert_eq!((renamed.name.as_str(), renamed.rev), ("磁器口社区学校", 2));
            assert_eq!(refusal(rename_org(tx, &head, &rename(c.other_school, "别家"))), "kernel.denied");
            assert_eq!(refusal(rename_org(tx, &head, &rename(c.school, ""))), "kernel.bad_fields");

            assert_eq!(refusal(close_org(tx, &head, c.school)), "network.has_children");
            assert_eq!(refusal(close_org(tx, &head, c.college)), "kernel.denied");
            close_org(tx, &head, c.centre)?;
            assert_eq!(refusal(close_org(tx, &head, c.centre)), "network.already_closed");
            let below_closed = found(OrgKind::Base, "工作室", &c.town, Some(c.centre));
            assert_eq!(refusal(found_org(tx, &head, &below_closed)), "network.parent_closed");
            // The records stay with those above.
            assert!(access::may(tx, &head, Right::SeeNames, c.centre)?);
            assert!(children(tx, c.school, &PageRequest::first(10))?.rows.is_empty());
            close_org(tx, &head, c.school)
        })
        .unwrap();
}

fn who_works_at_a_place_keeps_its_hours(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    let c = city.clone();
    store
        .write_blocking("test", move |tx| {
            let staff = somebody(1, Role::Staff, c.centre);
            let known = org(tx, c.centre)?.unwrap();
            let keep = |rev, opening: &str| KeepPlace {
                org_id: c.centre,
                rev,
                address: "磁正街8号".to_owned(),
                phone: "023-2".to_owned(),
                hours: "团体请预约".to_owned(),
                opening: opening.parse().unwrap(),
            };
            let hours = "Mo-Fr 08:30-17:30; PH off; 2020 Jan 01 off; 2099 Feb 10-2099 Feb 12 off \"装修\"";
            keep_place(tx, &staff, &keep(known.rev, hours))?;
            let kept = org(tx, c.centre)?.unwrap();
            // What is over was dropped.
            assert_eq!(
                kept.opening.to_string(),
                "Mo-Fr 08:30-17:30; PH off; 2099 Feb 10-2099 Feb 12 off \"装修\""
            );
            assert_eq!((kept.address.as_str(), kept.hours.as_str()), ("磁正街8号", "团体请预约"));
            assert_eq!(kept.hours_text(Lang::Zh), "周一至周五 08:30–17:30；法定节假日闭馆；团体请预约");
            assert_eq!(
                kept.hours_text(Lang::En),
                "Mon to Fri 08:30–17:30; Closed on public holidays; 团体请预约"
            );
            assert_eq!(refusal(keep_place(tx, &staff, &keep(known.rev, ""))), "kernel.changed");
            for (actor, wanted) in [
                (somebody(2, Role::Staff, c.other_school), "kernel.denied"),
                (somebody(3, Role::Teacher, c.centre), "kernel.denied"),
                (Actor::Nobody, "kernel.sign_in"),
            ] {
                assert_eq!(refusal(keep_place(tx, &actor, &keep(kept.rev, ""))), wanted);
            }
            let mut long = keep(kept.rev, "");
            long.address = "长".repeat(121);
            assert_eq!(refusal(keep_place(tx, &staff, &long)), "kernel.bad_fields");
            let mut odd = keep(kept.rev, "");
            odd.opening.week[0] = vec![Span { from: 600, to: 500 }];
            assert_eq!(refusal(keep_place(tx, &staff, &odd)), "kernel.bad_fields");
            close_org(tx, &somebody(4, Role::Head, c.school), c.centre)?;
            assert_eq!(refusal(keep_place(tx, &staff, &keep(kept.rev + 1, ""))), "network.already_closed");
            Ok(())
        })
        .unwrap();
    drain(store, &[]).unwrap();
    let sealer = Sealer::new(SigningKey::from_seed(&[1; 32]), "test");
    sealer.seal(store).unwrap();
    let key = sealer.verifying_key();
    let report = store.read_blocking(move |tx| verify(tx, &key, "test", &|_| {})).unwrap();
    assert_eq!(report.problems, []);
}

fn holidays_are_set_for_the_whole_city(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    store
        .write_blocking("test", move |tx| {
            let head = somebody(1, Role::Head, city.top);
            let set = |days: &str| SetHolidays { year: 2027, days: days.to_owned() };
            assert_eq!(set_holidays(tx, &head, &set("2027-01-02，班 元旦\n\n2027-01-01 休 元旦"))?, 2);
            let day = |text: &str| text.parse::<Day>().unwrap();
            let known = holidays_between(tx, day("2026-12-30"), day("2027-01-01"))?;
            assert_eq!(known.into_iter().collect::<Vec<_>>(), [(day("2027-01-01"), DayKind::Holiday)]);
            assert_eq!(set_holidays(tx, &head, &set("2027-10-01 休 国庆节"))?, 1);
            assert!(
                holidays_between(tx, day("2027-01-01"), day("2027-01-31"))?.is_empty(),
                "they were replaced"
            );
            for days in ["2026-01-01 休", "2027-01-01 假", "2027-01-01 休\n2027-01-01 班", "一月一日"]
            {
                assert_eq!(refusal(set_holidays(tx, &head, &set(days))), "kernel.bad_fields", "{days}");
            }
            let below = somebody(2, Role::Head, city.college);
            assert_eq!(refusal(set_holidays(tx, &below, &set(""))), "kernel.denied");
            let packaged = read_holidays(
                "date,kind,name_zh\n2025-01-01,休,元旦\n2026-01-01,休,元旦\n2026-01-04,班,元旦\n",
                2026,
            )?;
            assert_eq!(packaged.len(), 1);
            assert_eq!(set_holidays(tx, &head, &packaged[0])?, 2);
            Ok(())
        })
        .unwrap();
}

fn lists_are_paged_and_searched(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    store
        .write_blocking("test", move |tx| {
            for number in 0..25 {
                found_org(
                    tx,
                    &OPERATOR,
                    &found(OrgKind::Base, &format!("工作室{number}"), &city.village, Some(city.school)),
                )?;
            }
            let mut page = PageRequest::first(10);
            let mut seen = Vec::new();
            loop {
                let part = children(tx, city.school, &page)?;
                seen.extend(part.rows.iter().map(|org| org.org_id));
                match part.next {
                    Some(next) => page.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen.len(), 26);
            assert_eq!(orgs_by_ids(tx, &seen)?.len(), 26);
            let like = |search: &str| OrgFilter { search: search.to_owned(), ..OrgFilter::default() };
            assert_eq!(
                find_children(tx, city.school, &like("工作室1"), &PageRequest::first(50))?.rows.len(),
                11
            );
            assert!(find_children(tx, city.school, &like("%"), &PageRequest::first(50))?.rows.is_empty());
            assert_eq!(
                orgs_in_region(tx, &city.district, Some(OrgKind::Base), &PageRequest::first(50))?.rows.len(),
                25
            );
            assert_eq!(orgs_in_region(tx, &city.city, None, &PageRequest::first(200))?.rows.len(), 31);
            let counts = counts_by_kind(tx, &city.district)?;
            assert_eq!(
                counts,
                [(OrgKind::College, 1), (OrgKind::School, 1), (OrgKind::Centre, 1), (OrgKind::Base, 25)]
            );
            let path: Vec<String> =
                region_path(tx, &city.village)?.into_iter().map(|region| region.name).collect();
            assert_eq!(path, ["重庆市", "沙坪坝区", "磁器口街道"]);
            Ok(())
        })
        .unwrap();
}

fn a_forged_tree_is_found(store: &TestStore) {
    let city = store.write_blocking("test", small_city).unwrap();
    drain(store, &[]).unwrap();
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    sealer.seal(store).unwrap();
    let problems = || {
        let (key, origin) = (sealer.verifying_key(), sealer.origin().to_owned());
        store.read_blocking(move |tx| verify(tx, &key, &origin, &|_| {})).unwrap().problems
    };
    assert_eq!(problems(), []);
    let run = |text: String| {
        store.write_blocking("forge", move |tx| tx.exec(Statement::dynamic(text.clone()), &[])).unwrap()
    };
    run(format!(
        "INSERT INTO org_tree (org_id, ancestor_id, from_day, depth) VALUES ('{}', '{}', 1, 1)",
        city.top, city.school
    ));
    let found = problems();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].record, format!("org_tree:{}/{}", city.top, city.school));
    run(format!("DELETE FROM org_tree WHERE ancestor_id = '{}'", city.school));
    assert_eq!(problems().len(), 2);
}
