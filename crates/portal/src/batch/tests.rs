//! One thing done to many offers, and undone, on both engines.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use activities::{OpenClass, open_class};
use catalog::{
    Audience, DraftOffer, EditOffer, Offer, OfferId, OfferStatus, OfferWords, draft_offer, edit_offer, offer,
    publish_offer,
    testing::{published, some_subjects, words},
};
use journal::{Sealer, drain, verify};
use kernel::{Actor, Chance, Grant, Id, Org, Person, Role};
use network::testing::{SmallCity, refusal, small_city};
use people::{Register, RoleAt, Vault, grant_role, revoke_role};
use seal::SigningKey;
use store::{Fault, Faults, Pool, Statement, Store, Tx, both_engines, params, sql, testing::TestStore};
use web::testing::{Client, TestSessions, shell};

use super::{
    BATCH_UNDO_DAYS, BatchAction, BatchId, Stage, counts, draw_up, order_batch, run_batch, see_batch, step,
    sweep_batches, undo_batch, work_next,
};
use crate::Finder;

both_engines!(&[
    store::MIGRATIONS, journal::MIGRATIONS, web::MIGRATIONS, notify::MIGRATIONS, people::MIGRATIONS, network::MIGRATIONS,
    catalog::MIGRATIONS, activities::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS, credentials::MIGRATIONS,
    statistics::MIGRATIONS, notices::MIGRATIONS, crate::MIGRATIONS,
];
    what_is_shown_is_what_is_done,
    only_what_nobody_changed_since_is_put_back,
    rights_are_those_of_the_moment,
    others_see_what_is_theirs,
    a_death_in_the_middle_is_made_up_for,
    a_batch_of_before_is_not_ordered_twice_and_ends,
    the_pages_lead_through_it,
    two_thousand_offers_are_changed_and_put_back,
);

const OPERATOR: Actor = Actor::System("test");

/// A city whose staff have accounts.
struct Desk<'s> {
    store: &'s TestStore,
    city: SmallCity,
    vault: Arc<Vault>,
    staff: Id<Person>,
}

impl<'s> Desk<'s> {
    fn new(store: &'s TestStore) -> Self {
        let vault = Arc::new(Vault::new([5; 32]));
        let city = store
            .write_blocking("test", |tx| {
                some_subjects(tx)?;
                small_city(tx)
            })
            .unwrap();
        let mut desk = Self { store, city, vault, staff: Id::derived(b"nobody") };
        desk.staff = desk.somebody(1, Role::Staff, desk.city.school);
        desk
    }

    fn somebody(&self, n: u32, role: Role, org: Id<Org>) -> Id<Person> {
        let vault = self.vault.clone();
        self.store
            .write_blocking("test.staff", move |tx| {
                let phone = Some(format!("1991234{n:04}"));
                let cmd = Register { name: "王秀英".into(), phone, ..Register::default() };
                let person = people::register(tx, &vault, &OPERATOR, &cmd)?;
                grant_role(tx, &OPERATOR, &RoleAt { person, role, org })?;
                Ok(person)
            })
            .unwrap()
    }

    fn actor(&self) -> Actor {
        self.acting(self.staff, Role::Staff, self.city.school)
    }

    fn acting(&self, id: Id<Person>, role: Role, org: Id<Org>) -> Actor {
        Actor::Person { id, grants: vec![Grant { role, org }] }
    }

    fn draft(&self, org: Id<Org>, words: OfferWords) -> OfferId {
        let cmd = DraftOffer { org_id: org, words, demo: true };
        self.store.write_blocking("test.draft", move |tx| draft_offer(tx, &OPERATOR, &cmd)).unwrap()
    }

    fn published(&self, org: Id<Org>, title: &'static str) -> OfferId {
        self.store.write_blocking("test.publish", move |tx| published(tx, org, title)).unwrap()
    }

    fn offer(&self, id: OfferId) -> Offer {
        self.store.read_blocking(move |tx| offer(tx, id)).unwrap().unwrap()
    }

    fn draw_up(&self, action: &BatchAction, offers: &[OfferId]) -> BatchId {
        draw_up(self.store, &self.actor(), action, offers).unwrap()
    }

    fn order(&self, batch: BatchId) -> kernel::Result<i64> {
        let actor = self.actor();
        let offers = self.store.write_blocking("test.order", move |tx| order_batch(tx, &actor, batch))?;
        run_batch(self.store, batch)?;
        Ok(offers)
    }

    fn undo(&self, batch: BatchId) -> kernel::Result<i64> {
        let actor = self.actor();
        let offers = self.store.write_blocking("test.undo", move |tx| undo_batch(tx, &actor, batch))?;
        run_batch(self.store, batch)?;
        Ok(offers)
    }

    /// How many offers stand how, and why.
    fn stand(&self, batch: BatchId) -> BTreeMap<String, i64> {
        let found = self.store.read_blocking(move |tx| counts(tx, batch)).unwrap();
        let name = |state: &str, reason: &Option<String>| match reason {
            Some(reason) => format!("{state} {reason}"),
            None => state.to_owned(),
        };
        found.iter().map(|count| (name(&count.state, &count.reason), count.offers)).collect()
    }

    fn stage(&self, batch: BatchId) -> Stage {
        let actor = self.actor();
        self.store.read_blocking(move |tx| see_batch(tx, &actor, batch)).unwrap().state
    }

    fn facts(&self, kind: &'static str) -> i64 {
        self.rows("SELECT count(*) FROM fact WHERE kind = $1", kind)
    }

    fn rows(&self, text: &'static str, arg: &'static str) -> i64 {
        let count = move |tx: &mut Tx| tx.one::<(i64,)>(Statement::dynamic(text.to_owned()), params![arg]);
        self.store.read_blocking(count).unwrap().0
    }

    fn verify(&self) {
        drain(self.store, &[]).unwrap();
        let sealer = Sealer::new(SigningKey::from_seed(&[3; 32]), "city");
        sealer.seal(self.store).unwrap();
        let key = sealer.verifying_key();
        let report = self.store.read_blocking(move |tx| verify(tx, &key, "city", &|_| {})).unwrap();
        assert_eq!(report.problems, []);
    }
}

fn stand(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

/// All kinds of offers: complete and incomplete drafts, published, withdrawn, of others, and none.
fn mixed(desk: &Desk) -> Vec<OfferId> {
    let (school, other) = (desk.city.school, desk.city.other_school);
    let withdrawn = desk.published(school, "撤回的");
    desk.store.write_blocking("test", move |tx| catalog::withdraw_offer(tx, &OPERATOR, withdrawn)).unwrap();
    vec![
        desk.draft(school, words("完整的草稿")),
        desk.draft(desk.city.centre, words("下级的草稿")),
        desk.draft(school, OfferWords { summary: String::new(), ..words("没有介绍") }),
        desk.draft(school, OfferWords { body: "\n ".to_owned(), ..words("没有详情") }),
        desk.draft(school, OfferWords { audience: Audience::Older, cost_fen: 500, ..words("长者的") }),
        desk.published(school, "已发布的"),
        withdrawn,
        desk.published(other, "别人的"),
        desk.draft(other, words("别人的草稿")),
        Id::derived(b"none"),
    ]
}

fn what_is_shown_is_what_is_done(store: &TestStore) {
    let desk = Desk::new(store);
    let actions = [
        (BatchAction::Publish, 4_i64),
        (BatchAction::Withdraw, 1),
        (BatchAction::Audience(Audience::Older), 6),
        (BatchAction::Cost(500), 6),
        (BatchAction::Subject("0302".to_owned()), 7),
    ];
    for (action, changed) in actions {
        let offers = mixed(&desk);
        let before: Vec<_> = offers[..9].iter().map(|id| desk.offer(*id)).collect();
        let batch = desk.draw_up(&action, &offers);
        let shown = desk.stand(batch);
        assert_eq!(shown["planned"], changed, "{action:?} {shown:?}");
        assert_eq!(shown["unfit kernel.denied"], 1);
        assert_eq!(shown["unfit kernel.missing"], 2);
        let now: Vec<_> = offers[..9].iter().map(|id| desk.offer(*id)).collect();
        assert_eq!(before, now, "looking changes nothing");
        // What the preview says of an offer is what its own command says of it.
        for (id, known) in offers.iter().zip(&before) {
            let (actor, id, action, known) = (desk.actor(), *id, action.clone(), known.clone());
            let outcome = store.write_blocking("test.try", move |tx: &mut Tx| -> kernel::Result<()> {
                let done = match &action {
                    BatchAction::Publish => publish_offer(tx, &actor, id),
                    BatchAction::Withdraw => catalog::withdraw_offer(tx, &actor, id),
                    _ => {
                        let words = action.applied(&catalog::OfferWas::from(&known)).words;
                        edit_offer(tx, &actor, &EditOffer { offer_id: id, rev: known.rev, words })
                    }
                };
                // Nothing of this try stays.
                match done {
                    Ok(()) => Err::<(), _>(kernel::Error::new(&super::BATCH_STAGE)),
                    Err(error) => Err(error),
                }
            });
            let why = super::reason(&outcome.unwrap_err());
            let item: (String, Option<String>) = store
                .read_blocking(move |tx| {
                    tx.one(
                        sql!(
                            "SELECT state, reason FROM offer_batch_item WHERE batch_id = $1 AND offer_id = $2"
                        ),
                        params![batch, id],
                    )
                })
                .unwrap();
            match item {
                (state, None) => {
                    assert_eq!((state.as_str(), why.as_str()), ("planned", "portal.batch_stage"))
                }
                (_, Some(reason)) if reason == super::SAME_ALREADY.name => {}
                (_, Some(reason)) => assert_eq!(reason, why),
            }
        }
        assert_eq!(desk.order(batch).unwrap(), changed);
        let done = desk.stand(batch);
        assert_eq!((done["done"], done.get("planned")), (changed, None), "{done:?}");
        assert_eq!(desk.undo(batch).unwrap(), changed);
        assert_eq!(desk.stand(batch)["undone"], changed);
        for (id, was) in offers.iter().zip(&before) {
            let now = desk.offer(*id);
            assert_eq!(catalog::OfferWas::from(&now), catalog::OfferWas::from(was));
            let moved = if now.rev == was.rev { 0 } else { 2 };
            assert_eq!(now.rev, was.rev + moved);
        }
    }
    assert_eq!((desk.facts(super::BATCH_ORDERED), desk.facts(super::BATCH_UNDONE)), (5, 5));
    let person = format!("person:{}", desk.staff);
    let by: (i64,) = store
        .read_blocking(move |tx| {
            tx.one(
                sql!("SELECT count(*) FROM fact WHERE actor = $1 AND kind LIKE 'catalog.%'"),
                params![&person],
            )
        })
        .unwrap();
    assert_eq!(by.0, 2 * (4 + 1 + 6 + 6 + 7), "each change is a fact of its own, by who ordered it");
    desk.verify();
}

fn only_what_nobody_changed_since_is_put_back(store: &TestStore) {
    let desk = Desk::new(store);
    let school = desk.city.school;
    let offers: Vec<OfferId> = (0..4).map(|_| desk.draft(school, words("书法"))).collect();
    let batch = desk.draw_up(&BatchAction::Publish, &offers);
    // One is changed between the look and the order.
    let edit = |id: OfferId, title: &'static str| {
        let rev = desk.offer(id).rev;
        let cmd = EditOffer { offer_id: id, rev, words: words(title) };
        store.write_blocking("test.edit", move |tx| edit_offer(tx, &OPERATOR, &cmd)).unwrap();
    };
    edit(offers[0], "改过的");
    desk.order(batch).unwrap();
    assert_eq!(desk.stand(batch), stand(&[("done", 3), ("refused kernel.changed", 1)]));
    // Two change afterwards: by words, and by a class that needs its offer.
    edit(offers[1], "后来改的");
    let id = offers[2];
    store
        .write_blocking("test.class", move |tx| {
            let from = tx.now().plus_minutes(600);
            let cmd = OpenClass {
                org_id: school,
                offer_id: id,
                title: "书法".to_owned(),
                teacher_id: None,
                capacity: 5,
                venue: "学校".to_owned(),
                room: String::new(),
                sessions: vec![(from, from.plus_minutes(60))],
                demo: true,
            };
            open_class(tx, &OPERATOR, &cmd)
        })
        .unwrap();
    desk.undo(batch).unwrap();
    let left = stand(&[
        ("undone", 1),
        ("kept kernel.changed", 1),
        ("kept portal.has_classes", 1),
        ("refused kernel.changed", 1),
    ]);
    assert_eq!(desk.stand(batch), left);
    let now: Vec<_> = offers.iter().map(|id| (desk.offer(*id).status, desk.offer(*id).title)).collect();
    assert_eq!(now[1], (OfferStatus::Published, "后来改的".to_owned()));
    assert_eq!((now[2].0, now[3].0), (OfferStatus::Published, OfferStatus::Draft));
    assert_eq!(desk.offer(offers[3]).published_at, None);
    // After seven days it is too late; twice is once.
    assert_eq!(desk.undo(batch).unwrap(), 0);
    let late = desk.draw_up(&BatchAction::Publish, &offers[3..]);
    desk.order(late).unwrap();
    store.clock.set(store.clock().now().plus_minutes(i64::from(BATCH_UNDO_DAYS) * 24 * 60 + 1));
    assert_eq!(refusal(desk.undo(late)), "portal.batch_old");
    desk.verify();
}

fn rights_are_those_of_the_moment(store: &TestStore) {
    let desk = Desk::new(store);
    let offers: Vec<OfferId> = (0..3).map(|_| desk.draft(desk.city.school, words("书法"))).collect();
    let batch = desk.draw_up(&BatchAction::Publish, &offers);
    let (actor, at) = (desk.actor(), RoleAt { person: desk.staff, role: Role::Staff, org: desk.city.school });
    store.write_blocking("test.order", move |tx| order_batch(tx, &actor, batch)).unwrap();
    // Her role ends before the first offer has its turn.
    store.write_blocking("test.revoke", move |tx| revoke_role(tx, &OPERATOR, &at)).unwrap();
    run_batch(store, batch).unwrap();
    let left = desk.stand(batch);
    assert_eq!(left.values().sum::<i64>(), 3);
    assert!(left.keys().all(|why| why == "refused kernel.missing"), "{left:?}");
    assert!(offers.iter().all(|id| desk.offer(*id).status == OfferStatus::Draft));
}

fn others_see_what_is_theirs(store: &TestStore) {
    let desk = Desk::new(store);
    let offers = [desk.draft(desk.city.school, words("一")), desk.draft(desk.city.centre, words("二"))];
    let batch = desk.draw_up(&BatchAction::Publish, &offers);
    let (centre, college) = (desk.city.centre, desk.city.college);
    let below = desk.somebody(2, Role::Staff, centre);
    let above = desk.somebody(3, Role::Head, college);
    let elsewhere = desk.somebody(4, Role::Head, desk.city.other_college);
    let (below, above, elsewhere) = (
        desk.acting(below, Role::Staff, centre),
        desk.acting(above, Role::Head, college),
        desk.acting(elsewhere, Role::Head, desk.city.other_college),
    );
    let sees = |actor: &Actor| {
        let asking = actor.clone();
        let one = store.read_blocking(move |tx| see_batch(tx, &asking, batch)).is_ok();
        let asking = actor.clone();
        let listed = store.read_blocking(move |tx| super::batches(tx, &asking, "g", 10)).unwrap();
        assert_eq!(one, listed.iter().any(|line| line.batch_id == batch));
        one
    };
    assert!(sees(&desk.actor()) && !sees(&above), "what is not ordered is its maker's");
    let stranger = above.clone();
    let ordered = store.write_blocking("test.order", move |tx| order_batch(tx, &stranger, batch));
    assert_eq!(refusal(ordered), "kernel.missing");
    desk.order(batch).unwrap();
    assert_eq!(
        (sees(&desk.actor()), sees(&above), sees(&below), sees(&elsewhere)),
        (true, true, false, false)
    );
    for (who, may) in [(below, false), (elsewhere, false), (above, true)] {
        let undone = store.write_blocking("test.undo", move |tx| undo_batch(tx, &who, batch));
        assert_eq!(undone.is_ok(), may);
    }
    run_batch(store, batch).unwrap();
    assert_eq!(desk.stand(batch), stand(&[("undone", 2)]));
}

/// Breaks the n-th transaction that writes.
struct Nth {
    left: AtomicUsize,
    fault: Fault,
}

impl Faults for Nth {
    fn plan(&self, _: &'static str) -> Option<Fault> {
        (self.left.fetch_sub(1, Ordering::SeqCst) == 0).then_some(self.fault)
    }
}

fn a_death_in_the_middle_is_made_up_for(store: &TestStore) {
    let desk = Desk::new(store);
    let mut broken = 0;
    for fault in [Fault::BeforeCommit, Fault::AfterCommit, Fault::AtStatement(9)] {
        for n in 0..5 {
            let offers: Vec<OfferId> = (0..40).map(|_| desk.draft(desk.city.school, words("书法"))).collect();
            let batch = desk.draw_up(&BatchAction::Cost(100 + n as i64), &offers);
            let actor = desk.actor();
            store.write_blocking("test.order", move |tx| order_batch(tx, &actor, batch)).unwrap();
            let faults: Arc<dyn Faults> = Arc::new(Nth { left: AtomicUsize::new(n), fault });
            let (clock, pool) = (store.clock.clone(), Pool { readers: 1, writers: 1 });
            let dying =
                Store::open_faulty(store.location(), clock, Chance::seeded(n as u64), pool, Some(faults));
            broken += usize::from(work_next(&dying.unwrap(), "dies").is_err());
            // The lease of the dead runs out, and the pause after a failure; then another process goes on.
            store.clock.set(store.clock().now().plus_minutes(10));
            while work_next(store, "lives").unwrap() {}
            assert_eq!(desk.stage(batch), Stage::Done, "{fault:?} {n}");
            assert_eq!(desk.stand(batch), stand(&[("done", 40)]), "{fault:?} {n}");
            assert!(offers.iter().all(|id| desk.offer(*id).rev == 2), "each offer was changed once");
        }
    }
    assert!(broken >= 8, "{broken} runs were broken off");
    desk.verify();
}

fn a_batch_of_before_is_not_ordered_twice_and_ends(store: &TestStore) {
    let desk = Desk::new(store);
    let offers = [desk.draft(desk.city.school, words("一"))];
    let nothing = desk.draw_up(&BatchAction::Withdraw, &offers);
    assert_eq!(refusal(desk.order(nothing)), "portal.batch_idle");
    assert_eq!(refusal(desk.undo(nothing)), "portal.batch_stage");
    assert_eq!(refusal(draw_up(store, &desk.actor(), &BatchAction::Publish, &[])), "portal.nothing_chosen");
    let many: Vec<OfferId> = (0..5_001_u32).map(|n| Id::derived(&n.to_be_bytes())).collect();
    assert_eq!(
        refusal(draw_up(store, &desk.actor(), &BatchAction::Publish, &many)),
        "portal.batch_too_large"
    );
    let batch = desk.draw_up(&BatchAction::Publish, &[offers[0], offers[0]]);
    assert_eq!(desk.stand(batch), stand(&[("planned", 1)]), "chosen twice it is there once");
    // Two threads and the queue at once.
    let actor = desk.actor();
    store.write_blocking("test.order", move |tx| order_batch(tx, &actor, batch)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| run_batch(store, batch).unwrap());
        }
        scope.spawn(|| work_next(store, "queue").unwrap());
    });
    desk.order(batch).unwrap();
    assert_eq!(desk.offer(offers[0]).rev, 2);
    assert_eq!(desk.facts(super::BATCH_ORDERED), 1);
    assert!(!store.write_blocking("test.step", move |tx| step(tx, batch)).unwrap());
    // What was never ordered goes after a day, and nothing else.
    assert_eq!(sweep_batches(store).unwrap(), 0);
    store.clock.set(store.clock().now().plus_minutes(3 * 24 * 60));
    assert_eq!(sweep_batches(store).unwrap(), 1);
    assert_eq!(desk.rows("SELECT count(*) FROM offer_batch WHERE state <> $1", "none"), 1);
    assert_eq!(desk.rows("SELECT count(*) FROM offer_batch_item WHERE state <> $1", "none"), 1);
}

fn the_pages_lead_through_it(store: &TestStore) {
    let desk = Desk::new(store);
    let sessions = Arc::new(TestSessions::default());
    let shell = shell(store, sessions.clone())
        .with(desk.vault.clone())
        .with(Arc::new(Finder::in_memory((*store).clone()).unwrap()));
    let router = crate::routes().build(shell);
    let browser = |person: Id<Person>, grants: &[(Role, Id<Org>)]| {
        let mut client = Client::new(router.clone());
        client.cookie("session", &sessions.open(person, grants));
        client
    };
    let mut staff = browser(desk.staff, &[(Role::Staff, desk.city.school)]);
    staff.get("/desk/batches").expect(200).has("还没有批量操作");
    let offers = mixed(&desk);
    let ids: Vec<String> = offers.iter().map(ToString::to_string).collect();
    staff.get("/about/design").expect(200);
    staff.post("/desk/offers/bulk", &[]).expect(422).has("没有选中学习项目");
    let picks: Vec<(&str, &str)> = ids.iter().map(|id| ("pick", id.as_str())).collect();
    let page = staff.post("/desk/offers/bulk", &picks).expect(200).has("已选 10 个").has("看看会改哪些");
    assert_eq!(page.text.matches("name=\"pick\"").count(), 10);
    let with = |more: &[(&'static str, &'static str)]| {
        picks.iter().copied().chain(more.iter().copied()).collect::<Vec<(&str, &str)>>()
    };
    staff.post("/desk/offers/bulk", &with(&[("action", "cost"), ("cost", "十元")])).expect(422).has("十元");
    staff.post("/desk/offers/bulk", &with(&[("action", "burn")])).expect(422);
    let sent = staff.post("/desk/offers/bulk", &with(&[("action", "publish"), ("audience", "")])).expect(303);
    let address = sent.location().to_owned();
    let page = staff
        .get(&address)
        .expect(200)
        .has("会改动 4 个学习项目")
        .has("还没有写一句话介绍")
        .has("还没有写详细介绍")
        .has("这个学习项目已经发布")
        .has("您没有管理这家机构学习项目的权限")
        .has("草稿 → 已发布")
        .has("完整的草稿")
        .has("别人的");
    assert!(!page.text.contains("别人的草稿") && !page.text.contains('⟦'), "{}", page.text);
    assert!(
        staff
            .get(&format!("{address}?show=refused"))
            .expect(200)
            .text
            .matches("class=\"list-title\"")
            .count()
            == 6
    );
    let mut head =
        browser(desk.somebody(9, Role::Head, desk.city.college), &[(Role::Head, desk.city.college)]);
    head.get(&address).expect(404);
    staff.get(&address).expect(200);
    staff.post(&format!("{address}/order"), &[]).expect(303);
    let page = staff.get(&address).expect(200).has("已确认，改动 4 个").has("已完成").has("撤销这次批量操作");
    assert!(!page.text.contains("确认，改动 4 个</button>"));
    assert_eq!(desk.offer(offers[0]).status, OfferStatus::Published);
    // Her head sees the batch and may undo it; the resident does not come in.
    head.get("/desk/batches").expect(200).has("王秀英").has("10 个").has("已完成");
    head.get(&address).expect(200).has("撤销这次批量操作");
    head.post(&format!("{address}/undo"), &[]).expect(303);
    let page = head.get(&format!("{address}?lang=en")).expect(200).has("put back").has("undone by");
    assert!(!page.text.contains('⟦'), "{}", page.text);
    assert_eq!(desk.offer(offers[0]).status, OfferStatus::Draft);
    let mut resident = browser(Id::derived(b"resident"), &[]);
    resident.get(&address).expect(403);
    // All that a list has, of which nobody ticked anything.
    staff.get("/about/design").expect(200);
    let all = [("all", "1"), ("list", "status=draft&q=草稿")];
    staff
        .post("/desk/offers/bulk", &all)
        .expect(200)
        .has("已选 2 个")
        .has("href=\"/desk/offers?status=draft");
    let chosen = [&all[..], &[("action", "audience"), ("audience", "older")]].concat();
    let sent = staff.post("/desk/offers/bulk", &chosen).expect(303);
    staff.get(sent.location()).expect(200).has("会改动 2 个").has("所有居民 → 老年人");
}

/// 200 offers; with `XUECHENG_TEST_LONG` 2,000. Prints what it took.
#[expect(clippy::disallowed_methods, reason = "who runs the test says whether it may take minutes")]
fn two_thousand_offers_are_changed_and_put_back(store: &TestStore) {
    let long = std::env::var_os("XUECHENG_TEST_LONG").is_some();
    let count = if long { 2_000 } else { 200 };
    let desk = Desk::new(store);
    let orgs = [desk.city.school, desk.city.centre];
    let mut offers: Vec<OfferId> = Vec::new();
    while offers.len() < count {
        let some = (count - offers.len()).min(100);
        offers.extend(
            store
                .write_blocking("test.draft", move |tx| {
                    let draft = |n: usize, tx: &mut Tx| {
                        let words = OfferWords { cost_fen: n as i64 * 10, ..words("书法入门") };
                        draft_offer(tx, &OPERATOR, &DraftOffer { org_id: orgs[n % 2], words, demo: true })
                    };
                    (0..some).map(|n| draft(n, tx)).collect::<kernel::Result<Vec<_>>>()
                })
                .unwrap(),
        );
    }
    let before: Vec<_> = offers.iter().map(|id| catalog::OfferWas::from(&desk.offer(*id))).collect();
    let begun = std::time::Instant::now();
    let batch = desk.draw_up(&BatchAction::Publish, &offers);
    let drawn = begun.elapsed();
    let (actor, begun) = (desk.actor(), std::time::Instant::now());
    store.write_blocking("test.order", move |tx| order_batch(tx, &actor, batch)).unwrap();
    while work_next(store, "queue").unwrap() {}
    let done = begun.elapsed();
    assert_eq!(desk.stand(batch), stand(&[("done", count as i64)]));
    desk.verify();
    let (actor, begun) = (desk.actor(), std::time::Instant::now());
    store.write_blocking("test.undo", move |tx| undo_batch(tx, &actor, batch)).unwrap();
    while work_next(store, "queue").unwrap() {}
    println!(
        "{:?}: {count} offers: looked at in {drawn:?}, changed in {done:?}, put back in {:?}",
        store.engine(),
        begun.elapsed()
    );
    assert_eq!(desk.stand(batch), stand(&[("undone", count as i64)]));
    for (id, was) in offers.iter().zip(&before) {
        let now = desk.offer(*id);
        assert_eq!((&catalog::OfferWas::from(&now), now.rev), (was, 3));
    }
    assert_eq!(desk.facts(catalog::facts::OFFER_WITHDRAWN), count as i64);
    desk.verify();
}
