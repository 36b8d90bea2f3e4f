//! What the catalogue promises, on both engines.

use catalog::{
    Audience, DraftOffer, EditOffer, OfferFilter, OfferKind, OfferStatus, counts_by_status, draft_offer,
    edit_offer, facts, import_subjects, offer, offers_by_ids, offers_of_org, publish_offer, published_after,
    read_subjects, subject_path, subjects,
    testing::{published, some_subjects, words},
    withdraw_offer,
};
use journal::{Sealer, drain, facts_after, verify};
use kernel::{Actor, Id, PageRequest, Role};
use network::testing::{SmallCity, refusal, resident, small_city, somebody};
use seal::SigningKey;
use store::{Tx, both_engines, testing::TestStore};

both_engines!(&[journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS, catalog::MIGRATIONS];
    every_statement_is_accepted,
    an_offer_is_drafted_published_withdrawn,
    only_staff_of_the_organisation_or_above_writes_offers,
    wrong_fields_are_all_named,
    who_was_overtaken_is_told,
    what_is_published_stays_complete,
    offers_are_filtered_and_paged,
    subjects_are_imported_as_a_whole,
    publishing_many_is_fast_and_verified,
);

const OPERATOR: Actor = Actor::System("test");

fn city(tx: &mut Tx) -> kernel::Result<SmallCity> {
    some_subjects(tx)?;
    small_city(tx)
}

fn every_statement_is_accepted(store: &TestStore) {
    assert_eq!(store.refused_statements(), Vec::<String>::new());
}

fn an_offer_is_drafted_published_withdrawn(store: &TestStore) {
    let city = store.write_blocking("test", city).unwrap();
    let school = city.school;
    let id = store
        .write_blocking("test", move |tx| {
            let staff = somebody(1, Role::Staff, school);
            let id = draft_offer(
                tx,
                &staff,
                &DraftOffer { org_id: school, words: words("书法入门"), demo: false },
            )?;
            let draft = offer(tx, id)?.unwrap();
            assert_eq!((draft.status, draft.published_at, draft.org_id), (OfferStatus::Draft, None, school));
            assert_eq!(refusal(withdraw_offer(tx, &staff, id)), "catalog.not_published");
            Ok(id)
        })
        .unwrap();
    let first = store.clock.as_ref();
    let first = kernel::Clock::now(first);
    let go = |work: fn(&mut Tx, &Actor, catalog::OfferId) -> kernel::Result<()>| {
        store.write_blocking("test", move |tx| work(tx, &somebody(1, Role::Staff, school), id))
    };
    go(publish_offer).unwrap();
    assert_eq!(refusal(go(publish_offer)), "catalog.already_published");
    go(withdraw_offer).unwrap();
    store.clock.set(first.plus_minutes(60));
    go(publish_offer).unwrap();
    let shown = store.read_blocking(move |tx| offer(tx, id)).unwrap().unwrap();
    assert_eq!((shown.status, shown.published_at, shown.rev), (OfferStatus::Published, Some(first), 4));
    drain(store, &[]).unwrap();
    let told = store.read_blocking(|tx| facts_after(tx, 0, 100)).unwrap();
    let told: Vec<_> =
        told.into_iter().filter(|fact| fact.subject == format!("offer:{school}/{id}")).collect();
    let kinds: Vec<(i64, &str)> = told.iter().map(|fact| (fact.version, fact.kind.as_str())).collect();
    let drafted = (1, facts::OFFER_DRAFTED);
    assert_eq!(
        kinds,
        [drafted, (2, facts::OFFER_PUBLISHED), (3, facts::OFFER_WITHDRAWN), (4, facts::OFFER_PUBLISHED)]
    );
    let payload: facts::OfferTold = told[1].payload().unwrap();
    let expected = facts::OfferTold {
        offer_id: id,
        org_id: school,
        kind: OfferKind::Course,
        subject_code: "0301".to_owned(),
    };
    assert_eq!(payload, expected);
}

fn only_staff_of_the_organisation_or_above_writes_offers(store: &TestStore) {
    store
        .write_blocking("test", |tx| {
            let city = city(tx)?;
            let cmd = DraftOffer { org_id: city.school, words: words("书法入门"), demo: false };
            for (actor, refused) in [
                (Actor::Nobody, "kernel.sign_in"),
                (resident(1), "kernel.denied"),
                (somebody(2, Role::Teacher, city.school), "kernel.denied"),
                (somebody(3, Role::Staff, city.centre), "kernel.denied"),
                (somebody(4, Role::Head, city.other_college), "kernel.denied"),
                (somebody(5, Role::Auditor, city.top), "kernel.denied"),
            ] {
                assert_eq!(refusal(draft_offer(tx, &actor, &cmd)), refused);
            }
            let id = draft_offer(tx, &somebody(6, Role::Head, city.college), &cmd)?;
            let stranger = somebody(7, Role::Staff, city.other_school);
            // A draft is nobody else's business: to others it is not there.
            assert_eq!(refusal(publish_offer(tx, &stranger, id)), "kernel.missing");
            assert_eq!(
                refusal(edit_offer(tx, &stranger, &EditOffer { offer_id: id, rev: 1, words: words("改") })),
                "kernel.missing"
            );
            publish_offer(tx, &somebody(8, Role::Staff, city.school), id)?;
            assert_eq!(refusal(withdraw_offer(tx, &stranger, id)), "kernel.denied");
            assert_eq!(refusal(publish_offer(tx, &OPERATOR, Id::derived(b"none"))), "kernel.missing");
            network::close_org(tx, &OPERATOR, city.centre)?;
            let late = DraftOffer { org_id: city.centre, ..cmd };
            assert_eq!(refusal(draft_offer(tx, &OPERATOR, &late)), "catalog.org_closed");
            Ok(())
        })
        .unwrap();
}

fn wrong_fields_are_all_named(store: &TestStore) {
    store
        .write_blocking("test", |tx| {
            let city = city(tx)?;
            let mut bad = words(" ");
            bad.summary = "长".repeat(121);
            bad.subject_code = "9999".to_owned();
            bad.cost_fen = -1;
            let error =
                draft_offer(tx, &OPERATOR, &DraftOffer { org_id: city.school, words: bad, demo: false })
                    .unwrap_err();
            let fields: Vec<&str> = error.field_errors().iter().map(|field| field.field.as_str()).collect();
            assert_eq!(fields, ["title", "summary", "cost_fen", "subject"]);
            Ok(())
        })
        .unwrap();
}

fn who_was_overtaken_is_told(store: &TestStore) {
    store
        .write_blocking("test", |tx| {
            let city = city(tx)?;
            let id = published(tx, city.school, "书法入门")?;
            let seen = offer(tx, id)?.unwrap();
            let edit = |title: &str| EditOffer { offer_id: id, rev: seen.rev, words: words(title) };
            edit_offer(tx, &OPERATOR, &edit("书法初级"))?;
            assert_eq!(refusal(edit_offer(tx, &OPERATOR, &edit("书法高级"))), "kernel.changed");
            assert_eq!(offer(tx, id)?.unwrap().title, "书法初级");
            Ok(())
        })
        .unwrap();
}

fn what_is_published_stays_complete(store: &TestStore) {
    store
        .write_blocking("test", |tx| {
            let city = city(tx)?;
            let mut short = words("书法入门");
            short.body = String::new();
            let id = draft_offer(
                tx,
                &OPERATOR,
                &DraftOffer { org_id: city.school, words: short.clone(), demo: false },
            )?;
            let error = publish_offer(tx, &OPERATOR, id).unwrap_err();
            assert_eq!(error.field_errors()[0].field, "body");
            let mut full = short.clone();
            full.body = "从握笔开始。".to_owned();
            full.audience = Audience::Older;
            edit_offer(tx, &OPERATOR, &EditOffer { offer_id: id, rev: 1, words: full })?;
            publish_offer(tx, &OPERATOR, id)?;
            let emptied = EditOffer { offer_id: id, rev: 3, words: short };
            assert_eq!(refusal(edit_offer(tx, &OPERATOR, &emptied)), "kernel.bad_fields");
            assert_eq!(offer(tx, id)?.unwrap().words().audience, Audience::Older);
            Ok(())
        })
        .unwrap();
}

fn offers_are_filtered_and_paged(store: &TestStore) {
    store
        .write_blocking("test", |tx| {
            let city = city(tx)?;
            let mut ids = Vec::new();
            for number in 0..12 {
                ids.push(published(tx, city.school, &format!("书法{number}"))?);
            }
            withdraw_offer(tx, &OPERATOR, ids[0])?;
            published(tx, city.centre, "国画")?;
            let first = PageRequest::first(10);
            let all = offers_of_org(tx, city.school, &first, &OfferFilter::default())?;
            assert_eq!(all.rows.len(), 10);
            let rest = offers_of_org(
                tx,
                city.school,
                &PageRequest { after: all.next, size: 10 },
                &OfferFilter::default(),
            )?;
            assert_eq!((rest.rows.len(), rest.next), (2, None));
            let only = |status, search: &str| OfferFilter {
                status,
                search: search.to_owned(),
                ..OfferFilter::default()
            };
            let withdrawn = offers_of_org(tx, city.school, &first, &only(Some(OfferStatus::Withdrawn), ""))?;
            assert_eq!(withdrawn.rows[0].offer_id, ids[0]);
            assert_eq!(offers_of_org(tx, city.school, &first, &only(None, "书法1"))?.rows.len(), 3);
            let counts = counts_by_status(tx, city.school)?;
            assert_eq!((counts[&OfferStatus::Published], counts[&OfferStatus::Withdrawn]), (11, 1));
            assert_eq!(offers_by_ids(tx, &ids)?.len(), 12);
            let part = published_after(tx, None, 5)?;
            assert_eq!(published_after(tx, Some(part[4].offer_id), 50)?.len(), 7);
            Ok(())
        })
        .unwrap();
}

fn subjects_are_imported_as_a_whole(store: &TestStore) {
    let rows = read_subjects(include_str!("../../../../data/chongqing/course_taxonomy_draft.csv")).unwrap();
    assert_eq!(rows.len(), 72);
    store
        .write_blocking("test", move |tx| {
            assert_eq!(import_subjects(tx, &OPERATOR, &rows)?, 72);
            assert_eq!(import_subjects(tx, &OPERATOR, &rows)?, 0);
            let mut renamed = rows.clone();
            renamed[0].name = "公民".to_owned();
            assert_eq!(import_subjects(tx, &OPERATOR, &renamed)?, 1);
            assert_eq!(subjects(tx)?.len(), 72);
            let path: Vec<String> =
                subject_path(tx, "0102")?.into_iter().map(|subject| subject.name).collect();
            assert_eq!(path, ["公民", "法律常识"]);
            let mut wrong = rows[..3].to_vec();
            wrong[0].code = "1".to_owned();
            wrong[1].name = String::new();
            wrong[2].parent = "09".to_owned();
            let error = import_subjects(tx, &OPERATOR, &wrong).unwrap_err();
            let named: Vec<&str> = error.field_errors().iter().map(|field| field.field.as_str()).collect();
            assert_eq!(named, ["row 2: code", "row 2: parent", "row 3: name", "row 4: parent"]);
            assert_eq!(refusal(import_subjects(tx, &resident(1), &rows)), "kernel.denied");
            Ok(())
        })
        .unwrap();
}

fn publishing_many_is_fast_and_verified(store: &TestStore) {
    let city = store.write_blocking("test", city).unwrap();
    let started = clock();
    store
        .write_blocking("test", move |tx| {
            for number in 0..2_300 {
                let cmd =
                    DraftOffer { org_id: city.school, words: words(&format!("书法{number}")), demo: true };
                let id = draft_offer(tx, &OPERATOR, &cmd)?;
                publish_offer(tx, &OPERATOR, id)?;
            }
            Ok(())
        })
        .unwrap();
    let took = clock() - started;
    println!("{:?}: 2,300 offers drafted and published in {took} ms", store.engine());
    assert!(took < 20_000, "{took} ms");
    drain(store, &[]).unwrap();
    let sealer = Sealer::new(SigningKey::from_seed(&[7; 32]), "test");
    sealer.seal(store).unwrap();
    let (key, origin) = (sealer.verifying_key(), sealer.origin().to_owned());
    let report = store.read_blocking(move |tx| verify(tx, &key, &origin, &|_| {})).unwrap();
    assert_eq!(report.problems, []);
    assert!(report.rows > 2_300);
}

#[expect(clippy::disallowed_methods, reason = "the test measures how long the commands take")]
fn clock() -> i64 {
    i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis())
        .unwrap()
}
