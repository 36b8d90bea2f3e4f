//! What the city and one district ask down the tree, and who has answered until yesterday.

use std::collections::HashMap;

use kernel::Day;

use super::{
    dice::Dice,
    model::{Cast, Duty, Matter, Notice, Org, OrgKey, OrgKind, Person, PersonKey, Reply},
    network::Network,
};

/// What a college may plan for the week: name, form, least and most people.
const ACTIVITIES: [(&str, &str, i32, i32); 12] = [
    ("活动周开幕式暨社区学习成果展", "线下", 200, 600),
    ("“书香社区”经典诵读会", "线下", 60, 200),
    ("老年人智能手机课堂", "线下", 30, 80),
    ("非遗体验日", "线下", 50, 150),
    ("“百姓学习之星”巡回宣讲", "线上线下结合", 100, 500),
    ("家庭教育公益讲座", "线上", 200, 2_000),
    ("社区书画摄影展", "线下", 80, 300),
    ("健康养生大讲堂", "线上线下结合", 100, 400),
    ("院坝微课堂", "线下", 30, 60),
    ("社区合唱与戏曲展演", "线下", 100, 400),
    ("农家书屋读书分享", "线下", 20, 60),
    ("市民终身学习体验线路开放日", "线下", 60, 240),
];
/// The college of the stage has opened neither; the next ones tell that they were returned.
const RETURNED: &str = "参加人数合计与活动方案不一致，请核对后重新报送。";

/// Who acts for each organisation: the first that holds a role there.
fn acting(people: &[Person]) -> HashMap<OrgKey, PersonKey> {
    let mut found = HashMap::new();
    for (person, number) in people.iter().zip(0_u32..) {
        for (_, org) in person.duties.iter().filter(|(duty, _)| matches!(duty, Duty::Head | Duty::Staff)) {
            found.entry(*org).or_insert(PersonKey(number));
        }
    }
    found
}

/// Plans them.
pub(super) fn plan(net: &Network, people: &[Person], cast: Cast, today: Day, dice: &mut Dice) -> Vec<Notice> {
    let staff = acting(people);
    let of = |fits: &dyn Fn(&Org) -> bool| -> Vec<(OrgKey, PersonKey)> {
        let orgs = net.orgs.iter().zip(0_u32..).filter(|(org, _)| fits(org));
        orgs.filter_map(|(_, number)| Some((OrgKey(number), *staff.get(&OrgKey(number))?))).collect()
    };
    let colleges = of(&|org| org.kind == OrgKind::College);
    let place = |key: PersonKey| people[key.0 as usize].duties.first().map_or(OrgKey(0), |(_, org)| *org);
    let (stage, school) = (place(cast.college), place(cast.school));
    let schools = of(&|org| org.kind == OrgKind::School && org.parent == Some(stage));
    vec![
        activities(&colleges, stage, cast.city, today, dice),
        safety(&colleges, stage, cast.city, today, dice),
        quarter(&schools, (stage, cast.college), school, today, dice),
    ]
}

fn activities(
    colleges: &[(OrgKey, PersonKey)],
    stage: OrgKey,
    officer: PersonKey,
    today: Day,
    dice: &mut Dice,
) -> Notice {
    let (sent, due) = (today.plus(-6), today.plus(4));
    let mut replies = Vec::new();
    for (at, (place, person)) in colleges.iter().filter(|(place, _)| *place != stage).enumerate() {
        let answers = dice.percent(62);
        // Some have not even opened it.
        if !answers && dice.percent(40) {
            continue;
        }
        let count = if answers { dice.between(1, 4) as usize } else { 0 };
        let first = dice.below(ACTIVITIES.len());
        let rows = (0..count).map(|n| activity((first + n * 5) % ACTIVITIES.len(), due, dice)).collect();
        let returned = (answers && at % 17 == 5).then_some(RETURNED);
        replies.push(Reply {
            place: *place,
            person: *person,
            day: sent.plus(dice.between(1, 5)),
            rows,
            returned,
        });
    }
    Notice { matter: Matter::Activities, sender: OrgKey(0), officer, sent, due: Some(due), replies }
}

/// Name, form, first day, people, cost, whether it is made for older people.
fn activity(number: usize, due: Day, dice: &mut Dice) -> Vec<String> {
    let (name, form, least, most) = ACTIVITIES[number];
    let people = dice.between(least / 10, most / 10) * 10;
    let cost = if dice.percent(70) { (people * dice.between(2, 9) * 10).to_string() } else { String::new() };
    let older = if dice.percent(40) { "yes" } else { "no" };
    let day = due.plus(dice.between(10, 16));
    [name.to_owned(), form.to_owned(), day.to_string(), people.to_string(), cost, older.to_owned()].to_vec()
}

fn safety(
    colleges: &[(OrgKey, PersonKey)],
    stage: OrgKey,
    officer: PersonKey,
    today: Day,
    dice: &mut Dice,
) -> Notice {
    let sent = today.plus(-12);
    let mut replies = Vec::new();
    for (place, person) in colleges {
        if *place == stage || dice.percent(85) {
            let day = sent.plus(dice.between(1, 10));
            replies.push(Reply { place: *place, person: *person, day, rows: Vec::new(), returned: None });
        }
    }
    Notice { matter: Matter::Safety, sender: OrgKey(0), officer, sent, due: None, replies }
}

fn quarter(
    schools: &[(OrgKey, PersonKey)],
    (stage, officer): (OrgKey, PersonKey),
    own: OrgKey,
    today: Day,
    dice: &mut Dice,
) -> Notice {
    let (sent, due) = (today.plus(-15), today.plus(-1));
    let mut replies = Vec::new();
    for (place, person) in schools.iter().filter(|(place, _)| *place != own) {
        if !dice.percent(75) {
            continue;
        }
        let held = dice.between(6, 40);
        let came = held * dice.between(15, 45);
        let rows = vec![[held.to_string(), came.to_string(), String::new()].to_vec()];
        let day = sent.plus(dice.between(1, 13));
        replies.push(Reply { place: *place, person: *person, day, rows, returned: None });
    }
    Notice { matter: Matter::Quarter, sender: stage, officer, sent, due: Some(due), replies }
}
