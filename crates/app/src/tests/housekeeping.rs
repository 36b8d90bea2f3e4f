//! What has run out goes, and nothing else.

use journal::once;
use kernel::Actor;
use store::{Engine, Statement, Store, testing::TestStore};

use super::scene::{Scene, verified, whole};
use crate::serve::housekeeping::{ANSWER_DAYS, round};

const WHO: Actor = Actor::System("test");

/// A command under this key; tells whether it was done now.
fn done_now(store: &Store, key: &'static str) -> bool {
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mark = done.clone();
    store
        .write_blocking("test.once", move |tx| {
            once(tx, &WHO, key, &key, |tx| {
                mark.store(true, std::sync::atomic::Ordering::SeqCst);
                web::limit::limit(tx, &format!("test:{key}"), 5, 60)
            })
        })
        .unwrap();
    done.load(std::sync::atomic::Ordering::SeqCst)
}

fn rows(store: &Store, table: &'static str) -> i64 {
    let text = format!("SELECT count(*) FROM {table}");
    store.read_blocking(move |tx| tx.one::<(i64,)>(Statement::dynamic(text.clone()), &[])).unwrap().0
}

fn what_has_run_out_goes_and_nothing_else(store: &TestStore) {
    Scene::new(store).learn(store);
    let after = |days: i32| store.clock.set(store.clock().now().plus_minutes(i64::from(days) * 24 * 60));
    let facts = rows(store, "fact");
    assert_eq!(round(store).unwrap().answers, 0);
    assert!(done_now(store, "old"));
    after(ANSWER_DAYS - 1);
    assert!(done_now(store, "new") && !done_now(store, "old"));
    let swept = round(store).unwrap();
    assert_eq!((swept.answers, rows(store, "rate")), (0, 1), "{swept:?}");
    assert_eq!(rows(store, "web_session") + rows(store, "login_code") + rows(store, "login_link"), 0);
    after(2);
    assert!(round(store).unwrap().answers >= 1);
    assert_eq!((rows(store, "command"), rows(store, "rate")), (1, 0));
    assert!(!done_now(store, "new"));
    assert!(done_now(store, "old"), "who sends it after so long does it anew");
    assert_eq!(rows(store, "fact"), facts);
    assert_eq!(verified(store), []);
}

#[test]
fn what_has_run_out_goes_and_nothing_else_on_sqlite() {
    what_has_run_out_goes_and_nothing_else(&whole(Engine::Sqlite));
}

#[test]
fn what_has_run_out_goes_and_nothing_else_on_postgres() {
    what_has_run_out_goes_and_nothing_else(&whole(Engine::Postgres));
}
