//! Words for offers: titles that are told apart, terms, rooms, and which offers end with a certificate.

use std::collections::HashSet;

use kernel::Day;

use super::{
    dice::Dice,
    library::Template,
    model::{OfferKind, Run, Session},
};

/// What a host is called in a title.
pub(super) struct Place {
    /// Village, street or name of the institution.
    pub name: String,
    /// Whether it is a base, where visitors come to and do not leave from.
    pub base: bool,
}

/// The title, told apart by time or place if it has been given before.
pub(super) fn title(
    base: &str,
    template: &Template,
    place: &Place,
    runs: &[Run],
    taken: &HashSet<String>,
    dice: &mut Dice,
) -> String {
    if !taken.contains(base) && dice.percent(70) {
        return base.to_owned();
    }
    let first = &runs[0].sessions[0];
    let by_time = (runs.len() == 1 && template.sessions > 1)
        .then(|| format!("{base}（{}班）", half_day(first.day, first.start, &runs[0].sessions)));
    let name = &place.name;
    let by_place = match template.kind {
        _ if place.base => format!("{base}（{name}）"),
        OfferKind::Lecture if !base.contains('：') => format!("{name}讲堂：{base}"),
        OfferKind::Lecture | OfferKind::MicroCourse | OfferKind::OpenVenue => format!("{base}（{name}）"),
        OfferKind::Tour => format!("{base}（{name}出发）"),
        OfferKind::Course | OfferKind::Class | OfferKind::Training => format!("{base}（{name}班）"),
    };
    let mut ways: Vec<String> = by_time.into_iter().chain([by_place]).collect();
    dice.shuffle(&mut ways);
    let free = ways.iter().position(|way| !taken.contains(way)).unwrap_or(0);
    ways.swap_remove(free)
}

/// Certificates follow what takes time: classes, courses and training of four sessions and more.
pub(super) fn certified(template: &Template) -> bool {
    template.kind == OfferKind::Training
        || template.kind == OfferKind::Class
        || (template.kind == OfferKind::Course && template.sessions >= 4)
}

/// `周三上午`, `周二、周四晚间`, `周一至周五下午`.
fn half_day(day: Day, start: u16, sessions: &[Session]) -> String {
    const NAMES: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let mut weekdays: Vec<u8> = sessions.iter().map(|s| s.day.weekday()).collect();
    weekdays.sort_unstable();
    weekdays.dedup();
    let name = |weekday: u8| NAMES[usize::from(weekday) - 1];
    let days = match weekdays.len() {
        1 => name(day.weekday()).to_owned(),
        2 => format!("{}、{}", name(weekdays[0]), name(weekdays[1])),
        _ => "工作日".to_owned(),
    };
    let part = match start {
        0..720 => "上午",
        720..1080 => "下午",
        _ => "晚间",
    };
    format!("{days}{part}")
}

/// The school term of a day, as community schools count: spring, summer holidays, autumn.
pub(super) fn term(day: Day) -> String {
    match day.date() {
        (year, 1, _) => format!("{}年秋季班", year - 1),
        (year, 2..=6, _) => format!("{year}年春季班"),
        (year, 7 | 8, _) => format!("{year}年暑期班"),
        (year, _, _) => format!("{year}年秋季班"),
    }
}

/// A room that suits the subject.
pub(super) fn room(template: &Template, dice: &mut Dice) -> &'static str {
    if template.kind == OfferKind::Tour {
        return "一楼大厅集合";
    }
    let rooms: &[&'static str] = match template.subject {
        "0301" | "0302" => &["书画室", "201书画教室", "302书画教室"],
        "0303" => &["音乐教室", "合唱排练厅", "多功能厅"],
        "0304" => &["器乐教室", "音乐教室", "琴房"],
        "0204" => &["非遗传习室", "手工坊", "多功能厅"],
        "0306" => &["戏曲排练厅", "音乐教室", "多功能厅"],
        "0307" => &["摄影教室", "数字学习室", "202教室"],
        "0405" => &["急救实训室", "多功能厅", "202教室"],
        "0305" => &["舞蹈室", "形体室", "多功能厅"],
        "0403" => &["活动广场", "舞蹈室", "太极活动室"],
        "0404" => &["体育活动室", "室内球场", "活动广场"],
        "0308" | "0505" => &["手工坊", "巧手工作室", "203教室"],
        "0501" | "0703" => &["烹饪教室", "面点操作间", "共享厨房"],
        "0504" => &["茶艺室", "会客厅"],
        "0704" => &["实训车间", "实操教室"],
        "0801" | "0802" | "0804" | "0805" | "0803" => {
            &["党群服务站会议室", "田间课堂", "农技培训室", "多功能厅"]
        }
        s if s.starts_with("06") || s == "1103" => &["电脑教室", "数字学习室", "204教室", "多功能厅"],
        s if s.starts_with("09") => &["亲子活动室", "儿童之家", "205教室", "多功能厅"],
        _ => &["多功能厅", "101教室", "202教室", "301教室", "道德讲堂"],
    };
    dice.pick::<&'static str>(rooms)
}
