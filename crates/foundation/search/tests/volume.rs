//! Many documents.

use std::time::{Duration, Instant};

use search::{Doc, Index, Query};

const SUBJECTS: [&str; 12] =
    ["书法", "国画", "钢琴", "古筝", "太极拳", "广场舞", "智能手机", "养生", "急救", "英语", "电工", "剪纸"];
const FORMS: [&str; 5] = ["入门", "提高班", "讲座", "体验课", "培训"];
const WORDS: [&str; 8] = [
    "适合零基础居民",
    "周末上课",
    "社区教室",
    "名额有限",
    "免费参加",
    "老师面授",
    "发放证书",
    "欢迎家长和孩子",
];

fn doc(number: usize) -> Doc {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    let street = format!("第{}街道", number % 1_000);
    let body: Vec<&str> =
        (0..10).map(|place| WORDS[(number / 7 + place * (number % 5 + 1)) % WORDS.len()]).collect();
    Doc {
        id: number.to_string(),
        title: format!("{subject}{}", FORMS[number % FORMS.len()]),
        body: body.join("，"),
        place_names: vec![street],
        ..Doc::default()
    }
}

/// Limits are a dozen times what a quiet machine needs, so that only a real fault breaks them.
#[test]
fn twenty_thousand_documents() {
    let index = Index::in_memory().unwrap();
    index.set_places((0..1_000).map(|street| format!("第{street}街道")));
    assert!(index.is_empty());
    let begun = Instant::now();
    for (batch, start) in (0..20_000).step_by(1_000).enumerate() {
        let docs: Vec<Doc> = (start..start + 1_000).map(doc).collect();
        index.apply(batch as i64 + 1, &docs, &[]).unwrap();
    }
    index.commit().unwrap();
    let indexing = begun.elapsed();
    assert_eq!((index.len(), index.position()), (20_000, 20));
    let all = index.search(&Query::text("书法")).unwrap();
    assert_eq!(all.total, 20_000_u64.div_ceil(12));
    let begun = Instant::now();
    for round in 0..200 {
        let answer = index.search(&Query::text(format!("{} 零基础", SUBJECTS[round % 12]))).unwrap();
        assert!(!answer.hits.is_empty());
    }
    let searching = begun.elapsed() / 200;
    println!("20,000 documents in {indexing:?}, a search in {searching:?}");
    assert!(indexing < Duration::from_secs(30), "{indexing:?}");
    assert!(searching < Duration::from_millis(50), "{searching:?}");
}

#[test]
fn opening_does_not_wait_for_the_dictionary() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("search-open");
    let fastest = (0..5)
        .map(|_| {
            let begun = Instant::now();
            Index::open(&folder, 1).unwrap();
            begun.elapsed()
        })
        .min()
        .unwrap();
    println!("opened in {fastest:?}");
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}
