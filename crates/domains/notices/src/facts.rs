//! What others may rely on. Facts carry identifiers and figures, never words of a notice or an answer.

use kernel::{Day, Id, Org};
use serde::{Deserialize, Serialize};

use crate::NoticeId;

/// A notice was begun; the payload is [`NoticeTold`].
pub const DRAFTED: &str = "notices.drafted.v1";
/// A draft has other words, columns or places; the payload is [`NoticeTold`].
pub const CHANGED: &str = "notices.changed.v1";
/// A notice was sent; the payload is [`NoticeSent`].
pub const SENT: &str = "notices.sent.v1";
/// Places that a notice which was sent reaches, at most [`ADDRESSED_AT_ONCE`] in a fact; the payload is [`NoticeSent`].
pub const ADDRESSED: &str = "notices.addressed.v1";
/// A notice was taken back; the payload is [`NoticeTold`].
pub const WITHDRAWN: &str = "notices.withdrawn.v1";
/// A notice was closed; the payload is [`NoticeTold`].
pub const CLOSED: &str = "notices.closed.v1";
/// A notice has a later last day; the payload is [`NoticeExtended`].
pub const EXTENDED: &str = "notices.extended.v1";
/// A place opened a notice for the first time, which is its receipt 回执; the payload is [`PlaceTold`].
pub const OPENED: &str = "notices.opened.v1";
/// A place keeps what it has written so far; the payload is [`PlaceTold`].
pub const DRAFT_KEPT: &str = "notices.draft_kept.v1";
/// A place handed an answer over, or a correction; the payload is [`PlaceTold`].
pub const ANSWERED: &str = "notices.answered.v1";
/// An answer was returned to be mended; the payload is [`PlaceTold`].
pub const RETURNED: &str = "notices.returned.v1";
/// All silent places are to be reminded 催报; the payload is [`NoticeTold`].
pub const REMINDING: &str = "notices.reminding.v1";
/// Some places were reminded, at most [`ADDRESSED_AT_ONCE`] in a fact; the payload is [`NoticeSent`].
pub const REMINDED: &str = "notices.reminded.v1";

/// Places that one fact names.
pub const ADDRESSED_AT_ONCE: usize = 200;

/// Payload of facts about a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeTold {
    /// Which.
    pub notice_id: NoticeId,
}

/// Payload of [`SENT`], [`ADDRESSED`] and [`REMINDED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSent {
    /// Which.
    pub notice_id: NoticeId,
    /// Places.
    pub places: i64,
}

/// Payload of [`EXTENDED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeExtended {
    /// Which.
    pub notice_id: NoticeId,
    /// The last day before.
    pub from: Option<Day>,
    /// The last day now.
    pub to: Day,
}

/// Payload of facts about what a place does with a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceTold {
    /// The notice.
    pub notice_id: NoticeId,
    /// The place.
    pub org_id: Id<Org>,
    /// The version of its answer that counts now; 0 before the first.
    pub version: i64,
}
