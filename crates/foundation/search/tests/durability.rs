//! Position and content can never disagree; what is damaged is made anew.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use search::{Doc, Index, Query};

/// A folder of one test, empty at its start and removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("search-{name}-{}", std::process::id()));
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        Self(path)
    }

    fn open(&self) -> Index {
        Index::open(&self.0, 7).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing depends on it: the next run begins by removing it.
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

fn doc(id: usize, title: &str) -> Doc {
    Doc { id: format!("d{id}"), title: title.into(), ..Doc::default() }
}

fn total(index: &Index, text: &str) -> u64 {
    let answer = index.search(&Query::text(text)).unwrap();
    if answer.relaxed { 0 } else { answer.total }
}

#[test]
fn what_was_not_committed_is_not_there_and_neither_is_its_position() {
    let folder = Folder::new("crash");
    {
        let index = folder.open();
        assert_eq!(index.position(), 0);
        index.apply(5, &[doc(1, "书法")], &[]).unwrap();
        index.commit().unwrap();
        index.apply(9, &[doc(2, "钢琴")], &["d1".into()]).unwrap();
        assert_eq!((index.position(), total(&index, "书法"), total(&index, "钢琴")), (5, 1, 0));
    }
    let index = folder.open();
    assert_eq!((index.position(), total(&index, "书法"), total(&index, "钢琴")), (5, 1, 0));
    index.apply(9, &[doc(2, "钢琴")], &["d1".into()]).unwrap();
    index.commit().unwrap();
    drop(index);
    let index = folder.open();
    assert_eq!((index.position(), total(&index, "书法"), total(&index, "钢琴")), (9, 0, 1));
    assert_eq!(index.damaged_files().unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn the_position_moves_even_if_nothing_else_changes() {
    let folder = Folder::new("empty-commit");
    let index = folder.open();
    index.apply(3, &[], &[]).unwrap();
    index.commit().unwrap();
    index.commit().unwrap();
    drop(index);
    assert_eq!(folder.open().position(), 3);
}

#[test]
fn the_position_never_goes_back() {
    let index = Index::in_memory().unwrap();
    index.apply(5, &[doc(1, "书法")], &[]).unwrap();
    assert!(index.apply(4, &[], &[]).is_err());
    index.apply(5, &[doc(2, "书法")], &[]).unwrap();
    index.commit().unwrap();
    assert!(index.apply(4, &[], &[]).is_err());
    assert_eq!((index.position(), total(&index, "书法")), (5, 2));
}

#[test]
fn upserts_replace_and_deletes_remove() {
    let index = Index::in_memory().unwrap();
    index.apply(1, &[doc(1, "书法"), doc(1, "国画"), doc(2, "书法")], &[]).unwrap();
    index.commit().unwrap();
    assert_eq!((index.len(), total(&index, "书法"), total(&index, "国画")), (2, 1, 1));
    // A delete of the same call comes before the upsert.
    index.apply(2, &[doc(2, "古筝")], &["d1".into(), "d2".into(), "unknown".into()]).unwrap();
    assert_eq!(total(&index, "古筝"), 0, "not before the commit");
    index.commit().unwrap();
    assert_eq!((index.len(), total(&index, "古筝"), total(&index, "国画")), (1, 1, 0));
}

#[test]
fn clearing_begins_again() {
    let folder = Folder::new("clear");
    let index = folder.open();
    index.apply(8, &[doc(1, "书法")], &[]).unwrap();
    index.commit().unwrap();
    index.apply(9, &[doc(2, "书法")], &[]).unwrap();
    index.clear().unwrap();
    assert_eq!((index.position(), index.len()), (0, 0));
    index.apply(1, &[doc(3, "钢琴")], &[]).unwrap();
    index.commit().unwrap();
    drop(index);
    let index = folder.open();
    assert_eq!((index.position(), index.len(), total(&index, "钢琴")), (1, 1, 1));
}

#[test]
fn damage_and_other_versions_make_an_empty_index() {
    let folder = Folder::new("damage");
    let fill = || {
        let index = folder.open();
        index.apply(4, &[doc(1, "书法")], &[]).unwrap();
        index.commit().unwrap();
    };
    let home = folder.0.join("v2-7");
    let segment = |ending: &str| {
        let files = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|found| found == ending)).max().unwrap()
    };
    let damages: [&dyn Fn(); 5] = [
        &|| fs::write(home.join("meta.json"), b"{").unwrap(),
        &|| fs::remove_file(segment("idx")).unwrap(),
        &|| fs::write(segment("store"), b"short").unwrap(),
        &|| fs::write(segment("fast"), b"").unwrap(),
        &|| {
            let meta = fs::read_to_string(home.join("meta.json")).unwrap();
            let other = meta.replace("\"payload\": \"4\"", "\"payload\": \"four\"");
            assert_ne!(meta, other);
            fs::write(home.join("meta.json"), other).unwrap();
        },
    ];
    for (number, damage) in damages.iter().enumerate() {
        fill();
        damage();
        let index = folder.open();
        assert_eq!((index.position(), index.len()), (0, 0), "damage {number}");
        fill_again(&index);
        index.clear().unwrap();
    }
    fill();
    fs::write(folder.0.join("v2-notes.txt"), "kept").unwrap();
    let other = Index::open(&folder.0, 8).unwrap();
    assert_eq!(other.position(), 0);
    assert!(!home.exists(), "the folder of the version before is removed");
    assert!(folder.0.join("v2-notes.txt").exists(), "what is not ours stays");
}

fn fill_again(index: &Index) {
    index.apply(1, &[doc(1, "书法")], &[]).unwrap();
    index.commit().unwrap();
    assert_eq!(total(index, "书法"), 1);
}

#[test]
fn a_flipped_byte_is_found_by_the_checksum() {
    let folder = Folder::new("flip");
    let index = folder.open();
    index.apply(1, &(0..200).map(|id| doc(id, "书法班")).collect::<Vec<_>>(), &[]).unwrap();
    index.commit().unwrap();
    drop(index);
    let file = fs::read_dir(folder.0.join("v2-7"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "store"))
        .unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[10] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(folder.open().damaged_files().unwrap(), [PathBuf::from(file.file_name().unwrap())]);
}

#[test]
fn a_second_writer_is_refused_and_a_reader_is_not() {
    let folder = Folder::new("lock");
    let first = folder.open();
    first.apply(1, &[doc(1, "书法")], &[]).unwrap();
    first.commit().unwrap();
    let second = folder.open();
    assert_eq!((second.position(), total(&second, "书法")), (1, 1));
    assert!(second.apply(2, &[doc(2, "书法")], &[]).is_err());
    drop(first);
    second.apply(2, &[doc(2, "书法")], &[]).unwrap();
    second.commit().unwrap();
    assert_eq!(total(&second, "书法"), 2);
}

#[test]
fn searching_goes_on_while_others_write() {
    let index = Index::in_memory().unwrap();
    index.apply(1, &[doc(0, "书法 天星桥")], &[]).unwrap();
    index.commit().unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = 0;
                    while !done.load(Ordering::Acquire) {
                        // d0 is replaced in every commit and must never be missing or twice there.
                        let kept = index.search(&Query::text("天星桥")).unwrap();
                        assert_eq!((kept.total, kept.hits.len()), (1, 1));
                        let now = total(&index, "书法");
                        assert!(now >= seen, "{now} after {seen}");
                        seen = now;
                    }
                    seen
                })
            })
            .collect();
        let places = scope.spawn(|| {
            for round in 0..50 {
                index.set_places([format!("第{round}街道"), "天星桥街道".into()]);
            }
        });
        for round in 1..=20_usize {
            let docs: Vec<Doc> = (0..50).map(|number| doc(round * 50 + number, "书法")).collect();
            index.apply(round as i64 + 1, &docs, &[]).unwrap();
            index.apply(round as i64 + 1, &[doc(0, "书法 天星桥")], &[]).unwrap();
            index.commit().unwrap();
        }
        places.join().unwrap();
        done.store(true, Ordering::Release);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!((total(&index, "书法"), index.position()), (1_001, 21));
}
