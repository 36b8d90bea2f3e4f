//! What nobody inside can see, witnesses see: another history under the right key.

use std::{fs, path::PathBuf, sync::Arc};

use seal::TreeHead;
use store::{Engine, Statement, Store, params, sql, testing::TestStore};

use super::scene::{Scene, problems, sealer, verified, whole};
use crate::{
    config,
    data_dir::DataDir,
    witness::{Post, Verdict, judge},
};

/// The newest head as a witness gets it.
fn newest(store: &Store) -> String {
    store
        .read_blocking(|tx| {
            let head = journal::heads(tx, 1)?.remove(0);
            sealer().note(&head)
        })
        .unwrap()
}

fn said(store: &Store, note: &str) -> Verdict {
    let note = note.to_owned();
    store.read_blocking(move |tx| judge(tx, &sealer(), &note)).unwrap()
}

/// Somebody with the database and the key tells another story of who did the first thing, and signs it. Within the installation all is
/// consistent: `verify` is green. The head that a witness kept is not continued.
fn a_rewritten_history_is_seen(store: &TestStore) {
    let scene = Scene::new(store);
    assert_eq!(verified(store), []);
    let kept = newest(store);
    scene.learn(store);
    assert_eq!(verified(store), []);
    assert!(matches!(said(store, &kept), Verdict::Continued(_)));
    let honest = newest(store);

    let run = |text: &'static str| {
        store.write_blocking("forge", move |tx| tx.exec(Statement::dynamic(text.to_owned()), &[])).unwrap()
    };
    assert!(run("UPDATE fact SET actor = 'system:forger' WHERE kind = 'people.registered.v1'") > 0);
    store
        .write_blocking("forge", |tx| {
            for fact in journal::facts_after(tx, 0, 10_000)? {
                tx.exec(
                    sql!("UPDATE fact_pos SET leaf = $2 WHERE pos = $1"),
                    params![fact.pos, fact.leaf()?],
                )?;
            }
            Ok(())
        })
        .unwrap();
    run("DELETE FROM seal_head");
    run("DELETE FROM seal_node");
    sealer().seal(store).unwrap();
    assert_eq!(problems(store), [], "nobody inside can tell");
    for note in [&kept, &honest] {
        let verdict = said(store, note);
        assert!(matches!(verdict, Verdict::Rewritten(..)), "{verdict:?}");
    }
    assert!(matches!(said(store, &newest(store)), Verdict::Continued(_)));
}

/// Two heads of one size, both signed by the right key: one of them is not this log's.
fn a_split_view_is_seen(store: &TestStore) {
    Scene::new(store);
    assert_eq!(verified(store), []);
    let honest = newest(store);
    let key = seal::SigningKey::from_seed(&[17; 32]);
    let head = TreeHead::from_note(&honest, &key.verifying_key()).unwrap();
    let other = TreeHead { root: [9; 32], ..head.clone() }.to_note(&key).unwrap();
    assert_eq!(said(store, &honest), Verdict::Continued(head.clone()));
    assert!(matches!(said(store, &other), Verdict::Rewritten(..)));
    // A head of more records than there are: some were taken away after they were signed.
    let longer = TreeHead { size: head.size + 1, ..head.clone() }.to_note(&key).unwrap();
    assert!(matches!(said(store, &longer), Verdict::Rewritten(..)));
    // Not signed by us, or of another log, or no note at all: no word about us.
    let stranger = head.to_note(&seal::SigningKey::from_seed(&[1; 32])).unwrap();
    let elsewhere = TreeHead { origin: "elsewhere".to_owned(), ..head }.to_note(&key).unwrap();
    for note in [stranger.as_str(), elsewhere.as_str(), "", "nonsense"] {
        assert!(matches!(said(store, note), Verdict::Foreign(_)), "{note}");
    }
}

mod on_sqlite {
    use super::*;
    #[test]
    fn a_rewritten_history_is_seen() {
        super::a_rewritten_history_is_seen(&whole(Engine::Sqlite));
    }
    #[test]
    fn a_split_view_is_seen() {
        super::a_split_view_is_seen(&whole(Engine::Sqlite));
    }
}

mod on_postgres {
    use super::*;
    #[test]
    fn a_rewritten_history_is_seen() {
        super::a_rewritten_history_is_seen(&whole(Engine::Postgres));
    }
    #[test]
    fn a_split_view_is_seen() {
        super::a_split_view_is_seen(&whole(Engine::Postgres));
    }
}

#[test]
fn heads_reach_their_witnesses() {
    let folder: PathBuf = std::env::temp_dir().join(format!("xuecheng-witness-{}", std::process::id()));
    let store = whole(Engine::Sqlite);
    Scene::new(&store);
    assert_eq!(verified(&store), []);
    let dir = DataDir::open(&folder).unwrap();
    let [good, bad] = ["drop", "file"].map(|name| folder.join(name));
    // A place that cannot take it yet: a file stands where the folder should be.
    fs::write(&bad, "").unwrap();
    let folders = [&good, &bad].map(|path| path.to_string_lossy().into_owned()).to_vec();
    let post = Post::new(&config::Witness { folders }, dir, (*store).clone(), Arc::new(sealer()));
    assert_eq!(post.still_due(), 2);
    let first = post.all();
    assert!(first[0].is_ok() && first[1].is_err(), "{first:?}");
    assert_eq!(post.still_due(), 1);
    fs::remove_file(&bad).unwrap();
    assert!(post.all().iter().all(Result::is_ok));
    assert_eq!(post.still_due(), 0);
    for witness in [good, bad] {
        let dropped = fs::read_dir(witness).unwrap().next().unwrap().unwrap();
        assert_eq!(fs::read_to_string(dropped.path()).unwrap(), newest(&store));
    }
    // Tomorrow there is one due again.
    store.clock.set(store.clock().now().plus_minutes(24 * 60));
    assert_eq!(post.still_due(), 2);
    fs::remove_dir_all(&folder).unwrap();
}
