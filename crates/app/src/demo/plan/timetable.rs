//! When classes meet: weekdays and hours that suit the audience, inside the opening hours, outside holidays, and
//! never twice at once for a teacher or a room.

use std::collections::HashMap;

use kernel::Day;

use super::{
    dice::Dice,
    library::{Template, Time},
    model::{Audience, Hours, OfferKind, Session},
    sources::Holidays,
};

/// How far back the history of the demo city reaches, in days.
pub(super) const HISTORY_DAYS: i32 = 364;

/// Where a run stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// All sessions are over.
    Past,
    /// Some sessions are over, the next is this week or the next.
    Running,
    /// The first session is after today, this week or the next.
    Upcoming,
}

/// Who or what is taken when. Times are minutes on the axis of [`Session::span`].
#[derive(Debug)]
pub(super) struct Calendar<K>(HashMap<K, Vec<(i32, i32)>>);

impl<K: std::hash::Hash + Eq> Calendar<K> {
    /// A calendar without appointments.
    pub fn new() -> Self {
        Self(HashMap::new())
    }

    /// Whether none of the sessions meets another appointment.
    pub fn is_free(&self, key: &K, sessions: &[Session]) -> bool {
        self.0.get(key).is_none_or(|busy| {
            sessions
                .iter()
                .map(Session::span)
                .all(|(start, end)| busy.iter().all(|b| end <= b.0 || b.1 <= start))
        })
    }

    /// Notes the sessions.
    pub fn take(&mut self, key: K, sessions: &[Session]) {
        self.0.entry(key).or_default().extend(sessions.iter().map(Session::span));
    }
}

/// The days that matter around today.
#[derive(Debug)]
pub(super) struct Timetable {
    pub today: Day,
    pub holidays: Holidays,
}

impl Timetable {
    /// Sunday of next week: the end of the two weeks that the public page shows.
    pub fn window_end(&self) -> Day {
        self.today.plus(14 - i32::from(self.today.weekday()))
    }

    /// Whether the host holds classes for this long on that day, starting at that minute.
    fn is_open(&self, hours: &Hours, day: Day, start: u16, minutes: u16) -> bool {
        let open = hours[usize::from(day.weekday()) - 1];
        open.is_some_and(|(from, to)| from <= start && start + minutes <= to) && !self.holidays.contains(day)
    }

    /// Lays out the sessions of one run, or nothing if this throw of the dice does not fit.
    pub fn lay(
        &self,
        template: &Template,
        hours: &Hours,
        phase: Phase,
        dice: &mut Dice,
    ) -> Option<Vec<Session>> {
        let count = usize::from(template.sessions);
        let anchor = match phase {
            Phase::Past => self.today.plus(-dice.between(2, HISTORY_DAYS - 14)),
            Phase::Running => self.today.plus(dice.between(0, 7)),
            Phase::Upcoming => self.today.plus(dice.between(1, (self.window_end().0 - self.today.0).max(1))),
        };
        let weekend = anchor.weekday() >= 6;
        if !template.fits_month(anchor.date().1)
            || !suits_season(template, anchor)
            || (template.time == Time::Weekend && !weekend)
        {
            return None;
        }
        let weekdays = weekdays(template, anchor, dice);
        let start = *dice.pick(starts(template, anchor));
        let fits =
            |day: Day| weekdays.contains(&day.weekday()) && self.is_open(hours, day, start, template.minutes);
        if !fits(anchor) {
            return None;
        }
        let back = match phase {
            Phase::Past => count - 1,
            Phase::Running => (dice.between(1, 2) as usize).min(count - 1),
            Phase::Upcoming => 0,
        };
        let oldest = self.today.plus(-HISTORY_DAYS);
        // A running class goes on with its next day from today, which may lie before the anchor.
        let mut days: Vec<Day> = (1..=anchor.0 - oldest.0)
            .map(|n| anchor.plus(-n))
            .filter(|day| fits(*day))
            .filter(|day| phase != Phase::Running || *day < self.today)
            .take(back)
            .collect();
        if days.len() < back || (phase == Phase::Running && days.is_empty()) {
            return None;
        }
        days.reverse();
        let next = if phase == Phase::Running { self.today } else { anchor };
        days.extend((0..400).map(|n| next.plus(n)).filter(|day| fits(*day)).take(count - back));
        let session =
            |day| Session { day, start, minutes: template.minutes, attendances: Vec::new(), headcount: None };
        let in_season = days.iter().all(|day| template.fits_month(day.date().1));
        (days.len() == count && in_season).then(|| days.into_iter().map(session).collect())
    }
}

fn is_summer(day: Day) -> bool {
    matches!(day.date(), (_, 7, 5..) | (_, 8, ..=28))
}

/// Classes for children lie mostly in the summer holidays, or at weekends and after school.
fn suits_season(template: &Template, day: Day) -> bool {
    !template.audience.starts_with(&[Audience::Children])
        || is_summer(day)
        || day.weekday() >= 6
        || (template.sessions > 1 && template.minutes <= 90)
}

/// The weekdays on which a run meets, the anchor's among them.
fn weekdays(template: &Template, anchor: Day, dice: &mut Dice) -> Vec<u8> {
    let first = anchor.weekday();
    let intensive = template.kind == OfferKind::Training
        || (template.audience.starts_with(&[Audience::Children])
            && is_summer(anchor)
            && template.time != Time::Weekend);
    if template.sessions == 1 {
        vec![first]
    } else if intensive {
        (1..=5).collect()
    } else if first <= 5 && template.sessions >= 8 && dice.percent(30) {
        // Twice a week with a day or two between.
        vec![first, if first <= 3 { first + 2 } else { first - 2 }]
    } else {
        vec![first]
    }
}

/// Usual starting times for the audience, in minutes after midnight.
fn starts(template: &Template, day: Day) -> &'static [u16] {
    const H: u16 = 60;
    match (template.time, template.minutes) {
        (Time::Evening, 180..) => return &[18 * H],
        (Time::Evening, _) => return &[18 * H + 30, 19 * H, 19 * H, 19 * H + 30],
        (Time::Morning, _) => return &[8 * H + 30, 9 * H, 9 * H + 30, 10 * H],
        (Time::Weekend, 0..180) => return &[9 * H + 30, 10 * H, 14 * H, 14 * H + 30, 15 * H],
        (_, 180..) => return &[9 * H, 9 * H + 30],
        (Time::Any, _) => {}
    }
    match (template.audience[0], day.weekday()) {
        (Audience::Older, _) => &[9 * H, 9 * H, 9 * H + 30, 10 * H, 14 * H, 14 * H + 30, 15 * H],
        (Audience::Children, 1..=5) if !is_summer(day) => &[16 * H + 30],
        (Audience::Children | Audience::Family, _) => &[9 * H, 9 * H + 30, 10 * H, 14 * H + 30, 15 * H],
        (Audience::Adults | Audience::Jobseekers, 1..=5) => {
            &[9 * H + 30, 14 * H, 14 * H + 30, 19 * H, 19 * H, 19 * H + 30]
        }
        (Audience::Farmers | Audience::Staff, _) => &[9 * H, 9 * H + 30, 14 * H, 14 * H + 30],
        _ => &[9 * H + 30, 10 * H, 14 * H + 30, 15 * H, 19 * H],
    }
}
