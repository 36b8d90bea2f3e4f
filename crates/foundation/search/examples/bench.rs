//! Indexes synthetic documents and prints times: `cargo run --release -p search --example bench [DOCUMENTS]`.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use search::{Doc, Index, Query};

/// xorshift64*: the same documents in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Small numbers more often, as words of a language are.
    fn skewed(&mut self, limit: usize) -> usize {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((limit as f64 * share * share) as usize).min(limit - 1)
    }
}

const CHARS: &str = "书法国画音乐舞蹈太极健康养生医药急救心理家庭教育儿童老年大学社区文化历史传统手工剪纸刺绣茶艺花园摄影电脑手机\
网络编程外语英文法律安全消防交通理财农业种植养殖技术培训职业就业创业电工厨师美容家政护理志愿服务活动讲座课程基础提高入门实践体验\
参观旅游博物馆图书阅读写作诗词歌唱合唱戏曲川剧民间工艺竹编陶瓷石刻红色革命精神科学数学物理化学生命地理天文环境保护垃圾分类节约\
水土空气食品营养烹饪面点火锅运动羽毛球乒乓瑜伽气功步行登山游泳足篮排比赛表演展览交流研究设计建筑材料机械汽车维修质量管理经济市场\
销售会计税务金融保险投资银行信用合同权利义务公民道德礼仪青年妇女残疾军人居民城市乡村街道委员会学校老师中心教室";

/// Words of the dictionary, of two and three characters, made of the characters above.
fn words(chance: &mut Chance) -> Vec<String> {
    let chars: Vec<char> = CHARS.chars().collect();
    let mut words: Vec<String> = chars.windows(2).map(|pair| pair.iter().collect()).collect();
    let dictionary = jieba_rs::Jieba::new();
    words.extend(chars.iter().flat_map(|a| chars.iter().map(move |b| format!("{a}{b}"))));
    words.retain(|word| dictionary.has_word(word));
    for _ in 0..3_000_000 {
        let word: String = (0..3).map(|_| chars[chance.below(chars.len())]).collect();
        if dictionary.has_word(&word) {
            words.push(word);
        }
    }
    words.sort();
    words.dedup();
    for at in (1..words.len()).rev() {
        words.swap(at, chance.below(at + 1));
    }
    words
}

fn doc(number: usize, words: &[String], chance: &mut Chance) -> Doc {
    let mut text = |length: usize| -> String {
        (0..length).map(|_| words[chance.skewed(words.len())].as_str()).collect::<Vec<_>>().concat()
    };
    let (title, body) = (text(4), text(40));
    let street = chance.below(1_031);
    Doc {
        id: format!("{number:032x}"),
        kind: ["course", "class", "lecture", "activity"][chance.below(4)].into(),
        title,
        body,
        place_names: vec![street_name(street), format!("{}区", street_name(street / 27)), "重庆市".into()],
        place_codes: vec![
            format!("5001{street:05}000"),
            format!("5001{:02}000000", street / 27),
            "500000000000".into(),
        ],
        subjects: vec![format!("{:04}", chance.below(70)), format!("{:02}", chance.below(12))],
        facets: vec![
            ("cost".into(), ["free", "paid"][chance.below(2)].into()),
            ("form".into(), ["online", "onsite", "mixed"][chance.below(3)].into()),
        ],
        times: vec![{
            let at = chance.below(1_000_000) as i64 * 60_000;
            (at, at)
        }],
        location: Some((
            105.3 + chance.below(5_000) as f64 / 1_000.0,
            28.2 + chance.below(4_000) as f64 / 1_000.0,
        )),
        ..Doc::default()
    }
}

fn street_name(number: usize) -> String {
    let chars: Vec<char> = CHARS.chars().collect();
    [number * 7, number * 13 + 5, number * 29 + 11].map(|at| chars[at % chars.len()]).iter().collect()
}

fn report(name: &str, mut times: Vec<Duration>, hits: u64, relaxed: usize) {
    times.sort();
    let count = times.len();
    println!(
        "{name:<24} p50 {:>7.3} ms  p99 {:>7.3} ms  mean hits {:>7}  relaxed {relaxed}/{count}",
        times[count / 2].as_secs_f64() * 1e3,
        times[count * 99 / 100].as_secs_f64() * 1e3,
        hits / count as u64,
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("search-bench-{}", std::process::id()));
    let mut chance = Chance(20_261_123);
    let words = words(&mut chance);
    let index = Index::open(&folder, 1)?;
    index.set_places((0..1_031).map(|street| format!("{}街道", street_name(street))));
    let begun = Instant::now();
    index.search(&Query::text("书法"))?;
    println!("{} words", words.len());
    println!("first query, with the dictionary: {:?}", begun.elapsed());

    let begun = Instant::now();
    let mut making = Duration::ZERO;
    for start in (0..count).step_by(1_000) {
        let made = Instant::now();
        let docs: Vec<Doc> =
            (start..(start + 1_000).min(count)).map(|at| doc(at, &words, &mut chance)).collect();
        making += made.elapsed();
        index.apply(start as i64 + 1, &docs, &[])?;
    }
    index.commit()?;
    let took = begun.elapsed();
    println!(
        "{count} documents in {took:.1?}, {making:.1?} of it to make them; {:.1} MiB",
        size(&folder)? as f64 / 1_048_576.0
    );

    let begun = Instant::now();
    drop(index);
    let closed = begun.elapsed();
    let begun = Instant::now();
    let index = Index::open(&folder, 1)?;
    println!("closed in {closed:.1?}, opened in {:.1?}", begun.elapsed());
    index.set_places((0..1_031).map(|street| format!("{}街道", street_name(street))));

    let word = |chance: &mut Chance| words[chance.skewed(words.len())].clone();
    let place = |chance: &mut Chance| street_name(chance.below(1_031));
    let nearby = |text: String| Query { near: Some((106.5, 29.5)), now: Some(0), ..Query::text(text) };
    type Make<'a> = Box<dyn Fn(&mut Chance) -> Query + 'a>;
    let kinds: [(&str, Make<'_>); 8] = [
        ("no such word", Box::new(|_| Query::text("qqqq"))),
        ("unknown name", Box::new(|chance| Query::text(place(chance)))),
        ("one word", Box::new(|chance| Query::text(word(chance)))),
        ("two words", Box::new(|chance| Query::text(format!("{} {}", word(chance), word(chance))))),
        ("word and place", Box::new(|chance| Query::text(format!("{} {}", word(chance), place(chance))))),
        ("same, near and soon", Box::new(|chance| nearby(format!("{} {}", word(chance), place(chance))))),
        (
            "word, facets counted",
            Box::new(|chance| Query { count_facets: true, ..Query::text(word(chance)) }),
        ),
        ("everything, near", Box::new(|_| nearby(String::new()))),
    ];
    for (name, make) in kinds {
        let mut times = Vec::new();
        let (mut hits, mut relaxed) = (0, 0);
        for round in 0..1_200 {
            let query = make(&mut chance);
            let begun = Instant::now();
            let answer = index.search(&query)?;
            // The first ones warm the pages up.
            if round >= 200 {
                times.push(begun.elapsed());
                hits += answer.total;
                relaxed += usize::from(answer.relaxed);
            }
        }
        report(name, times, hits, relaxed);
    }
    // Linux alone tells; the bench's own words and documents are a few MiB of it.
    for line in std::fs::read_to_string("/proc/self/status").unwrap_or_default().lines() {
        if line.starts_with("RssAnon") || line.starts_with("RssFile") {
            println!("{line}");
        }
    }
    drop(index);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn size(folder: &PathBuf) -> std::io::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}
