//! Notices for the tests of this and later crates.

use kernel::{Actor, Day, Id, Org, Result};
use store::Tx;

use crate::{Audience, Field, FieldKind, NoticeId, NoticeWords, Wants, draft_notice, send_notice};

/// A table of activities, with as many rows as a place has, for all directly below.
pub fn activities_table(due_on: Option<Day>) -> NoticeWords {
    NoticeWords {
        title: "关于报送全民终身学习活动周活动计划的通知".to_owned(),
        body: "请各单位填报本地活动计划。".to_owned(),
        due_on,
        wants: Wants::Table,
        many: true,
        fields: vec![
            Field::new("活动名称", FieldKind::Text),
            Field::new("预计参加人数", FieldKind::Whole).between("0", "100000"),
            Field::new("经费（元）", FieldKind::Decimal).optional(),
            Field::new("开始日期", FieldKind::Day).optional(),
            Field::choice("形式", &["线上", "线下", "线上线下结合"]).optional(),
        ],
        audience: Audience::Children,
        prompting: false,
    }
}

/// A notice that asks for a receipt only, for all directly below.
pub fn receipt_only() -> NoticeWords {
    NoticeWords {
        title: "关于做好冬季安全工作的通知".to_owned(),
        body: "请认真阅读并落实。".to_owned(),
        due_on: None,
        wants: Wants::Receipt,
        many: false,
        fields: Vec::new(),
        audience: Audience::Children,
        prompting: false,
    }
}

/// Writes and sends a notice.
///
/// # Errors
/// Those of the commands.
pub fn sent_notice(tx: &mut Tx, actor: &Actor, sender: Id<Org>, words: &NoticeWords) -> Result<NoticeId> {
    let id = draft_notice(tx, actor, sender, words)?;
    send_notice(tx, actor, id)?;
    Ok(id)
}

/// A row of [`activities_table`] with these first two cells.
pub fn row(name: &str, people: &str) -> Vec<String> {
    [name, people, "", "", ""].map(str::to_owned).to_vec()
}
