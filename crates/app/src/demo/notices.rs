//! The notices of the plan, sent and answered through the commands.

use kernel::{Actor, Grant, Id, Org, Person, Result, Role, Timestamp};
use network::OrgKind;
use notices::{Audience, Field, FieldKind, NoticeId, NoticeWords, Wants};
use store::Tx;

use super::plan::{Matter, Notice, OrgKey, PersonKey, Reply};

/// Where the places and people of the plan are found.
pub(super) struct Known<'a> {
    pub orgs: &'a [Id<Org>],
    pub people: &'a [Id<Person>],
}

impl Known<'_> {
    fn org(&self, key: OrgKey) -> Id<Org> {
        self.orgs[key.0 as usize]
    }

    fn person(&self, key: PersonKey) -> Id<Person> {
        self.people[key.0 as usize]
    }

    /// Somebody at her own organisation.
    fn acting(&self, person: PersonKey, org: OrgKey) -> Actor {
        let grants = vec![Grant { role: Role::Head, org: self.org(org) }];
        Actor::Person { id: self.person(person), grants }
    }
}

/// What a notice says and asks for.
fn words(notice: &Notice) -> NoticeWords {
    let table = |title: &str, body: &str, many: bool, kind: OrgKind, fields: Vec<Field>| NoticeWords {
        title: title.to_owned(),
        body: body.to_owned(),
        due_on: notice.due,
        wants: if fields.is_empty() { Wants::Receipt } else { Wants::Table },
        many,
        fields,
        audience: Audience::Kinds(vec![kind]),
        prompting: many,
    };
    match notice.matter {
        Matter::Activities => table(
            "关于报送全民终身学习活动周活动计划的通知",
            "各区县社区教育学院：\n为做好全民终身学习活动周的统筹和宣传，请填报本区县计划举办的主要活动，每项活动填一行。\n\
             跨区县的活动由牵头单位填报。没有计划的，请勾选“零报告”。",
            true,
            OrgKind::College,
            vec![
                Field::new("活动名称", FieldKind::Text).hint("写全称，与宣传材料一致"),
                Field::choice("活动形式", &["线上", "线下", "线上线下结合"]),
                Field::new("开始日期", FieldKind::Day),
                Field::new("预计参加人次", FieldKind::Whole).between("1", "100000"),
                Field::new("经费（元）", FieldKind::Decimal).optional().between("0", ""),
                Field::new("面向老年人", FieldKind::YesNo),
            ],
        ),
        Matter::Safety => table(
            "关于做好冬季学习场所安全工作的通知",
            "各区县社区教育学院：\n近期气温下降，请检查学习场所的用火、用电、用气和取暖设备，保持疏散通道畅通；\n\
             组织老年学员外出活动的，要安排专人陪同。收到本通知请及时传达到所属学校和学习中心。",
            false,
            OrgKind::College,
            Vec::new(),
        ),
        Matter::Quarter => table(
            "关于报送本季度线下活动场次的通知",
            "各街镇社区教育学校：\n请填报本季度已经举办的线下活动场次和到场人次，只填一行。",
            false,
            OrgKind::School,
            vec![
                Field::new("场次", FieldKind::Whole).between("0", "1000"),
                Field::new("到场人次", FieldKind::Whole).between("0", "1000000"),
                Field::new("说明", FieldKind::Text).optional(),
            ],
        ),
    }
}

/// Sends a notice and lets its places do what the plan says, in the order of days.
#[expect(clippy::disallowed_methods, reason = "the demonstration makes a past")]
pub(super) fn play(tx: &mut Tx, known: &Known, notice: &Notice) -> Result<NoticeId> {
    let (sender, officer) = (known.org(notice.sender), known.acting(notice.officer, notice.sender));
    tx.pretend_now(notice.sent.at(10 * 60));
    let id = notices::draft_notice(tx, &officer, sender, &words(notice))?;
    notices::send_notice(tx, &officer, id)?;
    let mut replies: Vec<&Reply> = notice.replies.iter().collect();
    replies.sort_by_key(|reply| (reply.day, reply.place));
    for (reply, minute) in replies.into_iter().zip(0_i64..) {
        let (org, by) = (known.org(reply.place), known.acting(reply.person, reply.place));
        let moment: Timestamp = reply.day.at(9 * 60 + minute);
        tx.pretend_now(moment);
        notices::open_notice(tx, &by, id, org)?;
        if reply.rows.is_empty() {
            continue;
        }
        tx.pretend_now(moment.plus_minutes(8));
        notices::answer_notice(tx, &by, id, org, &reply.rows, false)?;
        if let Some(why) = reply.returned {
            tx.pretend_now(moment.plus_minutes(120));
            notices::return_answer(tx, &officer, id, org, why)?;
        }
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use kernel::Day;

    use super::*;
    use crate::demo::plan::plan;

    #[test]
    fn every_planned_row_fits_the_columns_of_its_notice() {
        for seed in [1, 7] {
            let world = plan(seed, Day::of(2026, 11, 24).unwrap());
            for notice in &world.notices {
                let words = words(notice);
                assert_eq!(notices::field_faults(&words.fields), []);
                for reply in &notice.replies {
                    let read = notices::read_rows(&words.fields, &reply.rows).unwrap();
                    assert_eq!(read.len(), reply.rows.len());
                    assert!(words.many || reply.rows.len() <= 1);
                    let answered = reply.returned.is_none() || !reply.rows.is_empty();
                    assert!(answered, "only an answer can be returned");
                }
            }
        }
    }
}
