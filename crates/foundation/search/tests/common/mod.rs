//! Forty hand-written documents of one city.

use kernel::Day;
use search::{Doc, Index};

/// Monday 2026-11-23, 09:00 in Chongqing.
pub fn now() -> i64 {
    at(23, 9 * 60)
}

/// A moment of November 2026; days beyond 30 run on into December.
pub fn at(day: i32, minute: i64) -> i64 {
    Day::of(2026, 11, 1).unwrap().plus(day - 1).at(minute).millis()
}

struct Place {
    names: &'static [&'static str],
    codes: &'static [&'static str],
    location: (f64, f64),
}

const TIANXINGQIAO: Place = Place {
    names: &["天星桥街道", "沙坪坝区", "重庆市", "天星桥街道社区学校"],
    codes: &["500106012000", "500106000000", "500000000000"],
    location: (106.4560, 29.5310),
};
const CIQIKOU: Place = Place {
    names: &["磁器口街道", "沙坪坝区", "重庆市", "磁器口街道社区学校"],
    codes: &["500106010000", "500106000000", "500000000000"],
    location: (106.4480, 29.5800),
};
const JIEFANGBEI: Place = Place {
    names: &["解放碑街道", "渝中区", "重庆市", "渝中区社区学院"],
    codes: &["500103015000", "500103000000", "500000000000"],
    location: (106.5770, 29.5572),
};
const BEIBEI: Place = Place {
    names: &["天生街道", "北碚区", "重庆市", "北碚区老年大学"],
    codes: &["500109001000", "500109000000", "500000000000"],
    location: (106.4260, 29.8200),
};
const SHIZHU: Place = Place {
    names: &["中益乡", "石柱土家族自治县", "重庆市", "中益乡乡村学习中心"],
    codes: &["500240209000", "500240000000", "500000000000"],
    location: (108.2800, 30.1700),
};
const DAZU: Place = Place {
    names: &["宝顶镇", "大足区", "重庆市", "宝顶镇社区学校"],
    codes: &["500111103000", "500111000000", "500000000000"],
    location: (105.8000, 29.7500),
};
const ONLINE: Place = Place { names: &["重庆市"], codes: &["500000000000"], location: (106.55, 29.56) };

type Row =
    (&'static str, &'static Place, &'static str, &'static str, &'static str, &'static str, Option<i64>);

/// id, place, kind, subject, title, body, next session
fn rows() -> Vec<Row> {
    let session = |day, hour: i64| Some(at(day, hour * 60));
    vec![
        (
            "书法天",
            &TIANXINGQIAO,
            "class",
            "0601",
            "软笔书法基础班",
            "从执笔、楷书笔画学起，适合零基础居民。自带毛笔。",
            session(28, 9),
        ),
        (
            "书法磁",
            &CIQIKOU,
            "class",
            "0601",
            "古镇书法研习班",
            "临摹颜真卿，周末上课，名额三十。",
            session(29, 14),
        ),
        (
            "书法渝",
            &JIEFANGBEI,
            "class",
            "0601",
            "书法晚间班",
            "下班以后写一写，行书与草书。",
            session(24, 19),
        ),
        (
            "书法网",
            &ONLINE,
            "course",
            "0601",
            "书法名家微课：隶书十讲",
            "重庆终身教育网在线视频课程，随时可学。",
            None,
        ),
        (
            "硬笔",
            &TIANXINGQIAO,
            "class",
            "0601",
            "硬笔楷书练字",
            "钢笔字，中小学生和家长一起练。",
            session(25, 16),
        ),
        ("国画", &TIANXINGQIAO, "class", "0602", "写意花鸟画", "国画入门，梅兰竹菊。", session(26, 9)),
        (
            "太极天",
            &TIANXINGQIAO,
            "class",
            "0701",
            "二十四式太极拳",
            "每天清晨在沙坪公园练习。",
            session(24, 7),
        ),
        (
            "太极碚",
            &BEIBEI,
            "class",
            "0701",
            "杨氏太极拳提高班",
            "北碚区老年大学体育系课程。",
            session(27, 9),
        ),
        (
            "钢琴老",
            &BEIBEI,
            "class",
            "0603",
            "老年大学钢琴初级班",
            "免费试听两次，一人一琴。",
            session(25, 9),
        ),
        ("钢琴渝", &JIEFANGBEI, "class", "0603", "成人钢琴小组课", "收费课程，每组六人。", session(25, 19)),
        ("电子琴", &DAZU, "class", "0603", "电子琴兴趣班", "镇文化站活动室，键盘入门。", session(30, 15)),
        ("古筝", &CIQIKOU, "class", "0603", "古筝入门", "民族弹拨乐器，提供练习用琴。", session(28, 15)),
        ("二胡", &BEIBEI, "class", "0603", "二胡初级", "老年大学民乐系。", session(26, 14)),
        (
            "合唱",
            &TIANXINGQIAO,
            "activity",
            "0603",
            "社区合唱团排练",
            "红歌与民谣，欢迎中老年人。",
            session(28, 19),
        ),
        (
            "川剧",
            &JIEFANGBEI,
            "course",
            "0604",
            "川剧变脸体验课",
            "非物质文化遗产传承人面授。",
            session(29, 10),
        ),
        (
            "手机天",
            &TIANXINGQIAO,
            "class",
            "0301",
            "智能手机入门：微信与健康码",
            "手把手教老人使用智能手机。",
            session(24, 10),
        ),
        ("手机柱", &SHIZHU, "class", "0301", "智能手机使用培训", "乡村学习中心下乡送教。", session(31, 10)),
        (
            "电脑",
            &CIQIKOU,
            "class",
            "0301",
            "计算机基础与Excel表格",
            "Office 办公软件，ＷＰＳ也讲。",
            session(27, 19),
        ),
        ("编程", &ONLINE, "course", "0302", "Python编程零基础", "写代码，做数据分析。", None),
        (
            "人工智能",
            &JIEFANGBEI,
            "lecture",
            "0302",
            "人工智能（AI）与生活",
            "科普讲座，大学教授主讲。",
            session(28, 14),
        ),
        (
            "急救",
            &TIANXINGQIAO,
            "activity",
            "0501",
            "心肺复苏与急救",
            "红十字会培训，发证书。",
            session(29, 9),
        ),
        ("高血压", &CIQIKOU, "lecture", "0501", "高血压的日常管理", "社区医院医生讲慢性病。", session(25, 9)),
        ("中医", &BEIBEI, "course", "0502", "中医养生与食疗", "四季养生、穴位按摩。", session(30, 9)),
        ("心理", &ONLINE, "course", "0503", "心理健康自助课", "压力、睡眠与情绪。", None),
        (
            "民法典",
            &JIEFANGBEI,
            "lecture",
            "0102",
            "民法典里的婚姻与继承",
            "律师普法讲座，免费。",
            session(26, 19),
        ),
        ("防诈骗", &TIANXINGQIAO, "lecture", "0102", "远离电信诈骗", "民警讲防诈骗案例。", session(27, 15)),
        (
            "家政",
            &DAZU,
            "training",
            "0401",
            "家政服务员职业培训",
            "面向再就业人员，考核合格推荐上岗。",
            session(32, 9),
        ),
        ("育婴", &JIEFANGBEI, "training", "0401", "育婴员初级证书班", "月嫂与育婴员。", session(33, 9)),
        (
            "电工",
            &DAZU,
            "training",
            "0402",
            "低压电工取证培训",
            "理论六十学时，实操四十学时。",
            session(34, 9),
        ),
        ("石刻", &DAZU, "course", "0605", "大足石刻走读", "宝顶山石窟艺术与雕刻。", session(28, 8)),
        ("夏布", &ONLINE, "course", "0605", "荣昌夏布织造技艺", "国家级非遗微视频。", None),
        (
            "剪纸",
            &SHIZHU,
            "activity",
            "0605",
            "土家剪纸亲子活动",
            "土家族民间工艺，孩子和家长一起。",
            session(29, 15),
        ),
        (
            "辣椒",
            &SHIZHU,
            "training",
            "0403",
            "辣椒高产栽培技术",
            "新型职业农民培训，田间学校。",
            session(35, 9),
        ),
        ("养蜂", &SHIZHU, "training", "0403", "中华蜜蜂养殖", "蜂箱管理与取蜜。", session(36, 9)),
        (
            "电商",
            &SHIZHU,
            "training",
            "0404",
            "农村电商直播带货",
            "开网店，用手机直播卖土特产。",
            session(30, 10),
        ),
        (
            "广场舞",
            &TIANXINGQIAO,
            "activity",
            "0702",
            "广场舞队每晚练习",
            "三峡广场，自由参加。",
            session(23, 19),
        ),
        ("瑜伽", &JIEFANGBEI, "class", "0702", "办公室瑜伽", "午休拉伸半小时。", session(24, 12)),
        (
            "家庭教育",
            &CIQIKOU,
            "lecture",
            "0504",
            "青春期家庭教育",
            "心理老师与父母面对面。",
            session(28, 10),
        ),
        ("读书", &ONLINE, "activity", "0606", "巴渝读书会：名著导读", "线上共读《红岩》。", session(29, 20)),
        ("英语", &BEIBEI, "class", "0303", "出国旅游英语口语", "机场、酒店、问路常用语。", session(27, 14)),
    ]
}

/// The documents.
pub fn corpus() -> Vec<Doc> {
    let docs: Vec<Doc> = rows()
        .into_iter()
        .map(|(id, place, kind, subject, title, body, starts)| {
            let free = if body.contains("收费") { "paid" } else { "free" };
            let form = if starts.is_none() { "online" } else { "onsite" };
            Doc {
                id: id.into(),
                kind: kind.into(),
                title: title.into(),
                body: body.into(),
                place_names: place.names.iter().map(|name| (*name).into()).collect(),
                place_codes: place.codes.iter().map(|code| (*code).into()).collect(),
                subjects: vec![subject.into(), subject[..2].into()],
                facets: vec![("cost".into(), free.into()), ("form".into(), form.into())],
                times: starts.map(|at| (at, at)).into_iter().collect(),
                location: starts.map(|_| place.location),
                ..Doc::default()
            }
        })
        .collect();
    assert_eq!(docs.len(), 40);
    docs
}

/// The city's places, as official lists spell them.
pub const PLACES: [&str; 14] = [
    "重庆市",
    "沙坪坝区",
    "渝中区",
    "北碚区",
    "大足区",
    "石柱土家族自治县",
    "荣昌区",
    "天星桥街道",
    "磁器口街道",
    "解放碑街道",
    "天生街道",
    "中益乡",
    "宝顶镇",
    "歌乐山街道",
];

/// A few groups in the form of the city's list.
pub const SYNONYMS: &str = "group,term,is_head\n\
    G001,老年大学,1\nG001,老年学校,0\n\
    G028,电脑,1\nG028,计算机,0\n\
    G033,防诈骗,1\nG033,反诈,0\nG033,防骗,0\n\
    G035,硬笔书法,1\nG035,钢笔字,0\nG035,练字,0\n\
    G046,广场舞,1\nG046,坝坝舞,0\n\
    G055,急救,1\nG055,心肺复苏,0\nG055,CPR,0\n\
    G070,法律,1\nG070,普法,0\n\
    G084,非遗,1\nG084,非物质文化遗产,0\n\
    G118,编程,1\nG118,写代码,0\n\
    G124,沙区,1\nG124,沙坪坝,0\nG124,沙坪坝区,0\n";

/// The corpus in memory, with its words.
pub fn index() -> Index {
    let index = Index::in_memory().unwrap();
    index.set_places(PLACES);
    index.set_synonyms(SYNONYMS).unwrap();
    index.apply(1, &corpus(), &[]).unwrap();
    index.commit().unwrap();
    index
}
