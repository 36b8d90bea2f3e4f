//! The model beside the real thing: plain data that knows what must be true, and what each command must answer.
//!
//! It shares no code with the domains beyond their identifiers, codes and the rule that roles carry rights.

use std::collections::BTreeMap;

use kernel::{Day, Id, Org, Person, Right, Role, Timestamp};

/// Index of a person, organisation, offer, class or session in the model.
pub type Ix = usize;

/// An organisation with its place in the tree.
pub struct OrgNode {
    pub id: Id<Org>,
    /// Itself and everything above it, each from a day on.
    pub above: Vec<(Ix, Day)>,
}

pub struct Human {
    pub id: Id<Person>,
    pub card: String,
    pub phone: String,
    /// Her account is closed.
    pub erased: bool,
}

pub struct OfferNode {
    pub id: catalog::OfferId,
    pub org: Ix,
    pub published: bool,
}

pub struct ClassNode {
    pub id: activities::ClassId,
    pub org: Ix,
    pub teacher: Ix,
    pub capacity: i64,
    pub open: bool,
    pub sessions: Vec<Ix>,
}

pub struct SessionNode {
    pub id: activities::SessionId,
    pub class: Ix,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Codes that the room has shown: text and window of 30 seconds.
    pub shown: Vec<(String, i64)>,
}

impl SessionNode {
    pub fn minutes(&self) -> i64 {
        (self.to.millis() - self.from.millis()) / 60_000
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    pub minutes: i64,
    /// 2 roll call, 3 presence.
    pub grade: i64,
    pub valid: bool,
    /// Somebody has corrected the minutes; to say the same once more changes nothing.
    pub corrected: bool,
}

/// A certificate that the city has issued.
#[derive(Clone, Copy)]
pub struct Issued {
    pub id: credentials::CredentialId,
    pub valid: bool,
}

#[derive(Clone, Copy)]
pub struct Visitors {
    pub id: learning::HeadcountId,
    pub session: Ix,
    pub count: i64,
    pub valid: bool,
}

/// A command with everything that it says.
#[derive(Clone, Debug)]
pub enum Cmd {
    Register { card: String, phone: String },
    Grant { person: Ix, role: Role, org: Ix },
    Revoke { person: Ix, role: Role, org: Ix },
    FoundOrg { parent: Ix, name: String },
    Draft { org: Ix },
    Publish { offer: Ix },
    Withdraw { offer: Ix },
    OpenClass { offer: Ix, teacher: Ix, capacity: i64, sessions: Vec<(Timestamp, Timestamp)> },
    SignUp { class: Ix, person: Ix },
    Cancel { class: Ix, person: Ix },
    ShowCode { session: Ix },
    Code { session: Ix, code: String },
    Card { session: Ix, person: Option<Ix> },
    Roll { session: Ix, person: Ix },
    Visitors { session: Ix, count: i64 },
    UnVisitors { headcount: Ix },
    Minutes { session: Ix, person: Ix, minutes: i64 },
    Reverse { session: Ix, person: Ix },
    Close { class: Ix },
    RevokeCertificate { class: Ix, person: Ix },
    Erase { person: Ix },
    AskCode { phone: String },
}

impl Seen {
    fn says_already(&self, cmd: &Cmd) -> bool {
        matches!(cmd, Cmd::Minutes { minutes, .. } if self.corrected && self.minutes == *minutes)
    }
}

impl Cmd {
    /// What it is called in the report when it is done.
    pub fn name(&self) -> &'static str {
        match self {
            Cmd::Register { .. } => "registered",
            Cmd::Grant { .. } => "role given",
            Cmd::Revoke { .. } => "role taken",
            Cmd::FoundOrg { .. } => "organisation founded",
            Cmd::Draft { .. } => "offer drafted",
            Cmd::Publish { .. } => "offer published",
            Cmd::Withdraw { .. } => "offer withdrawn",
            Cmd::OpenClass { .. } => "class opened",
            Cmd::SignUp { .. } => "seat taken",
            Cmd::Cancel { .. } => "seat given back",
            Cmd::ShowCode { .. } => "code shown",
            Cmd::Code { .. } => "checked in by code",
            Cmd::Card { .. } => "checked in by card",
            Cmd::Roll { .. } => "ticked off",
            Cmd::Visitors { .. } => "visitors counted",
            Cmd::UnVisitors { .. } => "headcount reversed",
            Cmd::Minutes { .. } => "minutes corrected",
            Cmd::Reverse { .. } => "attendance reversed",
            Cmd::Close { .. } => "class closed",
            Cmd::RevokeCertificate { .. } => "certificate revoked",
            Cmd::Erase { .. } => "person erased",
            Cmd::AskCode { .. } => "code asked for",
        }
    }

    /// Whether its form carries a key under which it is done once.
    pub fn keyed(&self) -> bool {
        matches!(
            self,
            Cmd::Draft { .. }
                | Cmd::Publish { .. }
                | Cmd::Withdraw { .. }
                | Cmd::OpenClass { .. }
                | Cmd::SignUp { .. }
                | Cmd::Visitors { .. }
                | Cmd::FoundOrg { .. }
                | Cmd::Register { .. }
        )
    }
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doer {
    Program,
    Person(Ix),
}

/// What must come out: so many new facts, or a refusal.
pub type Expected = Result<i64, &'static str>;

#[derive(Default)]
pub struct Model {
    pub orgs: Vec<OrgNode>,
    pub people: Vec<Human>,
    pub offers: Vec<OfferNode>,
    pub classes: Vec<ClassNode>,
    pub sessions: Vec<SessionNode>,
    pub roles: BTreeMap<(Ix, &'static str, Ix), (Role, Day, Option<Day>)>,
    /// Seats ever taken: (class, person) → seated now.
    pub seats: BTreeMap<(Ix, Ix), bool>,
    /// (session, person)
    pub attended: BTreeMap<(Ix, Ix), Seen>,
    pub visitors: Vec<Visitors>,
    /// (class, person) → (sessions attended, minutes)
    pub completed: BTreeMap<(Ix, Ix), (i64, i64)>,
    /// Certificates of completions, from the moment at which the reactor was seen to have issued them.
    pub issued: BTreeMap<(Ix, Ix), Issued>,
}

const DENIED: &str = "kernel.denied";
const WRONG: &str = "kernel.bad_fields";
/// Minutes before a session from which it can be recorded.
const EARLY: i64 = 30;

pub fn window(now: Timestamp) -> i64 {
    now.millis() / 30_000
}

impl Model {
    pub fn taken(&self, class: Ix) -> i64 {
        self.seats.range((class, 0)..(class + 1, 0)).filter(|(_, seated)| **seated).count() as i64
    }

    pub fn seated(&self, class: Ix, person: Ix) -> bool {
        self.seats.get(&(class, person)).copied().unwrap_or(false)
    }

    /// Who still has an account, from this number on.
    pub fn living(&self, from: Ix) -> Vec<Ix> {
        (from..self.people.len()).filter(|ix| !self.people[*ix].erased).collect()
    }

    /// What somebody holds at any time from a day on.
    fn holds_after(&self, person: Ix, first: Day) -> impl Iterator<Item = Role> {
        let own = self.roles.iter().filter(move |((who, _, _), _)| *who == person);
        own.filter(move |(_, (_, from, to))| to.is_none_or(|to| to > first && to > *from))
            .map(|(_, (role, _, _))| *role)
    }

    pub fn may(&self, doer: Doer, right: Right, org: Ix, today: Day) -> bool {
        let Doer::Person(person) = doer else { return true };
        let held: Vec<Ix> = self
            .roles
            .iter()
            .filter(|((who, _, _), (role, from, to))| {
                *who == person
                    && role.rights().contains(&right)
                    && *from <= today
                    && to.is_none_or(|to| to > today)
            })
            .map(|((_, _, org), _)| *org)
            .collect();
        // Who works at a place keeps it whatever the tree says of that day.
        held.contains(&org)
            || self.orgs[org].above.iter().any(|(above, from)| *from <= today && held.contains(above))
    }

    fn require(&self, doer: Doer, right: Right, org: Ix, now: Timestamp) -> Result<(), &'static str> {
        if self.may(doer, right, org, now.day()) { Ok(()) } else { Err(DENIED) }
    }

    fn teaches(&self, doer: Doer, right: Right, class: Ix, now: Timestamp) -> Result<(), &'static str> {
        let class = &self.classes[class];
        if doer == Doer::Person(class.teacher) {
            return Ok(());
        }
        self.require(doer, right, class.org, now)
    }

    pub fn ends(&self, class: Ix) -> Timestamp {
        self.classes[class].sessions.iter().map(|s| self.sessions[*s].to).max().unwrap_or_default()
    }

    pub fn starts(&self, class: Ix) -> Timestamp {
        self.classes[class].sessions.iter().map(|s| self.sessions[*s].from).min().unwrap_or_default()
    }

    fn can_seat(&self, class: Ix, now: Timestamp) -> Result<(), &'static str> {
        if !self.classes[class].open || self.ends(class) <= now {
            Err("activities.not_open")
        } else if self.taken(class) >= self.classes[class].capacity {
            Err("activities.full")
        } else {
            Ok(())
        }
    }

    fn in_time(&self, session: Ix, now: Timestamp) -> Result<(), &'static str> {
        let session = &self.sessions[session];
        let open = session.from.plus_minutes(-EARLY) <= now && now <= session.to;
        if open { Ok(()) } else { Err("learning.not_now") }
    }

    fn begun(&self, session: Ix, now: Timestamp) -> Result<(), &'static str> {
        let begun = self.sessions[session].from.plus_minutes(-EARLY) <= now;
        if begun { Ok(()) } else { Err("learning.not_begun") }
    }

    fn recorded(&self, session: Ix, person: Ix) -> i64 {
        i64::from(!self.attended.contains_key(&(session, person)))
    }

    fn busy(&self, teacher: Ix, sessions: &[(Timestamp, Timestamp)]) -> bool {
        let mut own = self.sessions.iter().filter(|s| self.classes[s.class].teacher == teacher);
        own.any(|s| sessions.iter().any(|(from, to)| s.from < *to && s.to > *from))
    }

    /// Who completes a class: two thirds of its sessions.
    pub fn completing(&self, class: Ix) -> Vec<(Ix, i64, i64)> {
        let planned = self.classes[class].sessions.len() as i64;
        let seated = self.seats.range((class, 0)..(class + 1, 0)).filter(|(_, seated)| **seated);
        let mut done = Vec::new();
        for ((_, person), _) in seated {
            let own = self.classes[class].sessions.iter().filter_map(|s| self.attended.get(&(*s, *person)));
            let (count, minutes) =
                own.filter(|a| a.valid).fold((0, 0), |(n, sum), a| (n + 1, sum + a.minutes));
            if count > 0 && count * 3 >= planned * 2 {
                done.push((*person, count, minutes));
            }
        }
        done
    }

    /// What a command must answer now.
    pub fn expect(&self, doer: Doer, cmd: &Cmd, now: Timestamp) -> Expected {
        let today = now.day();
        match cmd {
            Cmd::Register { .. } => Ok(1),
            Cmd::AskCode { .. } => Ok(0),
            Cmd::Erase { person } => {
                if doer != Doer::Program && doer != Doer::Person(*person) {
                    return Err(DENIED);
                }
                if self.people[*person].erased { Err("kernel.missing") } else { Ok(1) }
            }
            Cmd::RevokeCertificate { class, person } => {
                let Some(issued) = self.issued.get(&(*class, *person)) else { return Err("kernel.missing") };
                self.require(doer, Right::CloseClass, self.classes[*class].org, now)?;
                if issued.valid { Ok(1) } else { Err("credentials.already_revoked") }
            }
            Cmd::Grant { person, org, role } | Cmd::Revoke { person, org, role } => {
                if doer == Doer::Person(*person) {
                    return Err("people.own_role");
                }
                // Heads staff their organisations, the security administrator appoints administrators.
                let right = if role.is_administrator() { Right::ManageSecurity } else { Right::ManageStaff };
                self.require(doer, right, *org, now)?;
                let known = self.roles.get(&(*person, role.as_str(), *org));
                let held =
                    known.is_some_and(|(_, from, to)| *from <= today && to.is_none_or(|to| to > today));
                let give = matches!(cmd, Cmd::Grant { .. });
                if give && self.people[*person].erased {
                    return Err("kernel.missing");
                }
                // Who is one of the three administrators holds no other role.
                let apart =
                    |other: Role| other != *role && (other.is_administrator() || role.is_administrator());
                // Who holds it with an end, set by a process whose clock was ahead, gets it without one.
                let endless = held && known.is_some_and(|(_, _, to)| to.is_none());
                let first = known.filter(|_| held).map_or(today, |(_, from, _)| *from);
                if give && !endless && self.holds_after(*person, first).any(apart) {
                    return Err("people.separate_duties");
                }
                Ok(i64::from(if give { !endless } else { held }))
            }
            Cmd::FoundOrg { parent, .. } => {
                self.require(doer, Right::ManageNetwork, *parent, now).map(|()| 1)
            }
            Cmd::Draft { org } => self.require(doer, Right::ManageOffers, *org, now).map(|()| 1),
            Cmd::Publish { offer } | Cmd::Withdraw { offer } => {
                let offer = &self.offers[*offer];
                // Whether there is a draft is nobody's business elsewhere.
                let hidden = |denied| if offer.published { denied } else { "kernel.missing" };
                self.require(doer, Right::ManageOffers, offer.org, now).map_err(hidden)?;
                match (cmd, offer.published) {
                    (Cmd::Publish { .. }, true) => Err("catalog.already_published"),
                    (Cmd::Withdraw { .. }, false) => Err("catalog.not_published"),
                    _ => Ok(1),
                }
            }
            Cmd::OpenClass { offer, teacher, sessions, .. } => {
                let offer = &self.offers[*offer];
                self.require(doer, Right::ManageOffers, offer.org, now)?;
                if !offer.published {
                    return Err("activities.offer_not_published");
                }
                if self.busy(*teacher, sessions) { Err("activities.teacher_busy") } else { Ok(1) }
            }
            Cmd::SignUp { class, person } => {
                if doer != Doer::Person(*person) {
                    self.require(doer, Right::ManageOffers, self.classes[*class].org, now)?;
                }
                if self.seated(*class, *person) {
                    return Ok(0);
                }
                self.can_seat(*class, now).map(|()| 1)
            }
            Cmd::Cancel { class, person } => {
                if doer != Doer::Person(*person) {
                    self.require(doer, Right::ManageOffers, self.classes[*class].org, now)?;
                }
                if !self.seated(*class, *person) {
                    return Err("activities.not_seated");
                }
                if self.starts(*class) <= now { Err("activities.already_begun") } else { Ok(1) }
            }
            Cmd::ShowCode { session } => {
                self.teaches(doer, Right::TakeAttendance, self.sessions[*session].class, now).map(|()| 0)
            }
            Cmd::Code { session, code } => {
                let Doer::Person(person) = doer else { return Err("kernel.sign_in") };
                self.in_time(*session, now)?;
                if !self.seated(self.sessions[*session].class, person) {
                    return Err("learning.no_seat");
                }
                let shown = &self.sessions[*session].shown;
                let right = shown.iter().any(|(text, at)| text == code && (window(now) - at).abs() <= 1);
                if right { Ok(self.recorded(*session, person)) } else { Err(WRONG) }
            }
            Cmd::Card { session, person } => {
                let class = self.sessions[*session].class;
                self.teaches(doer, Right::TakeAttendance, class, now)?;
                self.in_time(*session, now)?;
                let known = person.filter(|person| !self.people[*person].erased);
                let Some(person) = &known else { return Err(WRONG) };
                if self.seated(class, *person) {
                    return Ok(self.recorded(*session, *person));
                }
                self.can_seat(class, now)?;
                Ok(1 + self.recorded(*session, *person))
            }
            Cmd::Roll { session, person } => {
                let class = self.sessions[*session].class;
                self.teaches(doer, Right::TakeAttendance, class, now)?;
                self.begun(*session, now)?;
                if !self.classes[class].open {
                    return Err("activities.not_open");
                }
                if !self.seated(class, *person) {
                    return Err("learning.no_seat");
                }
                Ok(self.recorded(*session, *person))
            }
            Cmd::Visitors { session, count } => {
                self.teaches(doer, Right::TakeAttendance, self.sessions[*session].class, now)?;
                if !(1..=10_000).contains(count) {
                    return Err(WRONG);
                }
                self.begun(*session, now).map(|()| 1)
            }
            Cmd::UnVisitors { headcount } => {
                let known = &self.visitors[*headcount];
                self.teaches(doer, Right::TakeAttendance, self.sessions[known.session].class, now)?;
                if known.valid { Ok(1) } else { Err("learning.reversed") }
            }
            Cmd::Minutes { session, person, .. } | Cmd::Reverse { session, person } => {
                self.teaches(doer, Right::TakeAttendance, self.sessions[*session].class, now)?;
                if let Cmd::Minutes { minutes, .. } = cmd
                    && !(0..=self.sessions[*session].minutes()).contains(minutes)
                {
                    return Err(WRONG);
                }
                match self.attended.get(&(*session, *person)) {
                    None => Err("kernel.missing"),
                    Some(seen) if seen.valid && seen.says_already(cmd) => Ok(0),
                    Some(seen) if seen.valid => Ok(1),
                    Some(_) => Err("learning.reversed"),
                }
            }
            Cmd::Close { class } => {
                self.teaches(doer, Right::CloseClass, *class, now)?;
                let last = self.classes[*class].sessions.iter().map(|s| self.sessions[*s].from).max();
                if last.is_some_and(|last| last > now) {
                    return Err("learning.too_early");
                }
                if !self.classes[*class].open {
                    return Err("activities.not_open");
                }
                Ok(1 + self.completing(*class).len() as i64)
            }
        }
    }

    /// Takes over what a command that was done has changed; `answer` names what it made.
    pub fn apply(&mut self, doer: Doer, cmd: &Cmd, now: Timestamp, answer: &str) -> kernel::Result<()> {
        let today = now.day();
        match cmd {
            Cmd::Register { card, phone } => {
                let (id, card, phone) = (answer.parse()?, card.clone(), phone.clone());
                self.people.push(Human { id, card, phone, erased: false });
            }
            Cmd::AskCode { .. } => {}
            Cmd::Erase { person } => self.people[*person].erased = true,
            Cmd::RevokeCertificate { class, person } => {
                if let Some(issued) = self.issued.get_mut(&(*class, *person)) {
                    issued.valid = false;
                }
            }
            Cmd::Grant { person, role, org } => {
                let known = self.roles.get(&(*person, role.as_str(), *org));
                let held = known.filter(|(_, from, to)| *from <= today && to.is_none_or(|to| to > today));
                let first = held.map_or(today, |(_, from, _)| *from);
                self.roles.insert((*person, role.as_str(), *org), (*role, first, None));
            }
            Cmd::Revoke { person, role, org } => {
                if let Some((_, from, to)) = self.roles.get_mut(&(*person, role.as_str(), *org))
                    && *from <= today
                    && to.is_none_or(|to| to > today)
                {
                    *to = Some(today);
                }
            }
            Cmd::FoundOrg { parent, .. } => {
                let own = self.orgs.len();
                let inherited = self.orgs[*parent].above.iter().map(|(org, from)| (*org, (*from).max(today)));
                let above = std::iter::once((own, today)).chain(inherited).collect();
                self.orgs.push(OrgNode { id: answer.parse()?, above });
            }
            Cmd::Draft { org } => {
                self.offers.push(OfferNode { id: answer.parse()?, org: *org, published: false });
            }
            Cmd::Publish { offer } => self.offers[*offer].published = true,
            Cmd::Withdraw { offer } => self.offers[*offer].published = false,
            Cmd::OpenClass { offer, teacher, capacity, sessions } => {
                let mut ids = answer.split(' ');
                let class = self.classes.len();
                let id = ids.next().unwrap_or_default().parse()?;
                let mut own = Vec::new();
                for (id, (from, to)) in ids.zip(sessions) {
                    own.push(self.sessions.len());
                    let node =
                        SessionNode { id: id.parse()?, class, from: *from, to: *to, shown: Vec::new() };
                    self.sessions.push(node);
                }
                let org = self.offers[*offer].org;
                let node =
                    ClassNode { id, org, teacher: *teacher, capacity: *capacity, open: true, sessions: own };
                self.classes.push(node);
            }
            Cmd::SignUp { class, person } => {
                self.seats.insert((*class, *person), true);
            }
            Cmd::Cancel { class, person } => {
                self.seats.insert((*class, *person), false);
            }
            // An answer that was lost is on no wall.
            Cmd::ShowCode { session } if !answer.is_empty() => {
                self.sessions[*session].shown.push((answer.to_owned(), window(now)));
            }
            Cmd::ShowCode { .. } => {}
            Cmd::Code { session, .. } => {
                if let Doer::Person(person) = doer {
                    self.record(*session, person, 3);
                }
            }
            Cmd::Card { session, person } => {
                if let Some(person) = person {
                    self.seats.insert((self.sessions[*session].class, *person), true);
                    self.record(*session, *person, 3);
                }
            }
            Cmd::Roll { session, person } => self.record(*session, *person, 2),
            Cmd::Visitors { session, count } => {
                let node = Visitors { id: answer.parse()?, session: *session, count: *count, valid: true };
                self.visitors.push(node);
            }
            Cmd::UnVisitors { headcount } => self.visitors[*headcount].valid = false,
            Cmd::Minutes { session, person, minutes } => {
                if let Some(seen) = self.attended.get_mut(&(*session, *person)) {
                    seen.minutes = *minutes;
                    seen.corrected = true;
                }
            }
            Cmd::Reverse { session, person } => {
                if let Some(seen) = self.attended.get_mut(&(*session, *person)) {
                    seen.valid = false;
                }
            }
            Cmd::Close { class } => {
                for (person, count, minutes) in self.completing(*class) {
                    self.completed.insert((*class, person), (count, minutes));
                }
                self.classes[*class].open = false;
            }
        }
        Ok(())
    }

    fn record(&mut self, session: Ix, person: Ix, grade: i64) {
        let minutes = self.sessions[session].minutes();
        self.attended.entry((session, person)).or_insert(Seen {
            minutes,
            grade,
            valid: true,
            corrected: false,
        });
    }
}
