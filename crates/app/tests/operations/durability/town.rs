//! A town for the tests of durability: people with seats to take, cards to show and classes to close, and what they were promised.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use activities::{ClassId, SessionId, SignUp, testing::class_at};
use catalog::{DraftOffer, OfferId, draft_offer, testing::words};
use kernel::{Actor, Id, Org, Person, Result, Role};
use people::{CardNumber, Register, RoleAt, Vault};
use store::{Store, Tx};

use crate::kit::{Answer, Browser, Ground, On, Serving};

const TEST: Actor = Actor::System("test");
/// People of one act.
pub const PEOPLE: usize = 24;
/// Seats of the class that is on: fewer than people, so that some are refused.
const SEATS: i64 = 18;

/// A founded installation with somebody at its desk.
pub struct Town {
    pub ground: Ground,
    vault: Arc<Vault>,
    org: Id<Org>,
    /// Session of the head of the organisation.
    pub staff: String,
}

/// Somebody with a telephone and a card.
#[derive(Debug, Clone)]
pub struct Player {
    pub person: Id<Person>,
    pub token: String,
    pub card: String,
}

/// What is there to be done: nothing of it was done before.
#[derive(Debug, Clone)]
pub struct Act {
    pub number: u64,
    pub people: Vec<Player>,
    /// A class that is on, for check-in by code.
    pub on: (ClassId, SessionId),
    /// The offer of it.
    pub on_offer: OfferId,
    /// A class that is on, for check-in by card; who comes takes a seat.
    pub desk: (ClassId, SessionId),
    /// A class of next week.
    pub later: ClassId,
    /// Classes that are over, with how many complete them.
    pub over: Vec<(ClassId, i64)>,
    /// Drafts with a title that nothing else has.
    pub drafts: Vec<(OfferId, String)>,
}

/// What an answer promised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    Seat {
        class: ClassId,
        person: Id<Person>,
    },
    /// The seat was given, and giving it back was tried: either may be true.
    Leaving {
        class: ClassId,
        person: Id<Person>,
    },
    NoSeat {
        class: ClassId,
        person: Id<Person>,
    },
    Attended {
        session: SessionId,
        person: Id<Person>,
    },
    Visitors {
        session: SessionId,
        evidence: String,
    },
    Minutes {
        session: SessionId,
        person: Id<Person>,
        minutes: i64,
    },
    Closed {
        class: ClassId,
        complete: i64,
    },
    Published {
        offer: OfferId,
    },
    Message {
        phone: String,
    },
}

/// Promises in the order of their answers, shared by all who ask.
pub type Promises = Arc<Mutex<Vec<Promise>>>;

fn one_class(tx: &mut Tx, org: Id<Org>, seats: i64, begins: i64) -> Result<(ClassId, SessionId)> {
    let class = class_at(tx, org, None, seats, 1, begins)?;
    Ok((class.class_id, class.sessions[0]))
}

impl Town {
    pub fn founded(on: On) -> Self {
        Self::on(Ground::founded(on))
    }

    /// A town on a ground that was founded.
    pub fn on(ground: Ground) -> Self {
        let text = std::fs::read_to_string(ground.data().join("keys/master.key")).unwrap();
        let vault = Arc::new(Vault::new(seal::KeyFile::parse(&text).unwrap().master_key().unwrap()));
        let sealed = vault.clone();
        let (org, staff) = ground
            .store()
            .write_blocking("test.town", move |tx| {
                let org = network::top_org(tx)?.ok_or_else(kernel::Error::missing)?.org_id;
                let cmd = Register { name: "张敏".to_owned(), ..Register::default() };
                let person = people::register(tx, &sealed, &TEST, &cmd)?;
                people::consent(tx, &TEST, person, people::PRIVACY_NOTICE)?;
                people::grant_role(tx, &TEST, &RoleAt { person, role: Role::Head, org })?;
                // Her second factor is shown: head of the top, she is asked for one.
                let token = people::open_session(tx, person, "test")?.token;
                people::note_proof(tx, person, &token)?;
                Ok((org, token))
            })
            .unwrap();
        Self { ground, vault, org, staff }
    }

    /// Sets the next act up through the commands.
    pub fn act(&self, store: &Store, number: u64) -> Act {
        let (vault, org) = (self.vault.clone(), self.org);
        store
            .write_blocking("test.act", move |tx| {
                let mut people = Vec::new();
                for n in 0..PEOPLE as u64 {
                    let serial = number * PEOPLE as u64 + n;
                    let cmd = Register {
                        name: "王秀英".to_owned(),
                        phone: Some(format!("198{serial:08}")),
                        ..Register::default()
                    };
                    let person = people::register(tx, &vault, &TEST, &cmd)?;
                    people::consent(tx, &TEST, person, people::PRIVACY_NOTICE)?;
                    let card = CardNumber::of_serial(serial).digits().to_owned();
                    people::issue_card(tx, &vault, &TEST, person, &card)?;
                    people.push(Player {
                        person,
                        token: people::open_session(tx, person, "test")?.token,
                        card,
                    });
                }
                let on = one_class(tx, org, SEATS, -5)?;
                let on_offer = activities::class(tx, on.0)?.ok_or_else(kernel::Error::missing)?.offer_id;
                let desk = one_class(tx, org, 100, -5)?;
                let later = one_class(tx, org, 12, 7 * 24 * 60)?.0;
                let head = Actor::Person {
                    id: people[0].person,
                    grants: vec![kernel::Grant { role: Role::Head, org }],
                };
                let mut over = Vec::new();
                for n in 0..6_usize {
                    let (class, session) = one_class(tx, org, 10, -80)?;
                    for player in &people[..n + 2] {
                        let seat = SignUp { class_id: class, person_id: player.person };
                        activities::sign_up(tx, &TEST, &seat)?;
                        learning::roll_call(tx, &head, session, player.person)?;
                    }
                    over.push((class, n as i64 + 2));
                }
                let mut drafts = Vec::new();
                for n in 0..8 {
                    // Letters only: a title is found by its words.
                    let letter = |value: u64| char::from(b'a' + (value % 26) as u8);
                    let title: String =
                        ['q', letter(number / 26), letter(number), letter(n), 'x', 'z'].into_iter().collect();
                    let cmd =
                        DraftOffer { org_id: org, words: words(&format!("书法 {title}")), demo: false };
                    drafts.push((draft_offer(tx, &TEST, &cmd)?, title));
                }
                Ok(Act { number, people, on, on_offer, desk, later, over, drafts })
            })
            .unwrap()
    }
}

/// A browser that knows its token for forms, and sends each form under a key of its own.
pub struct Door {
    pub browser: Browser,
    csrf: String,
}

impl Door {
    /// Fails (with nothing) when the program dies meanwhile.
    pub fn open(serving: &Serving, token: &str) -> Option<Self> {
        Self::at(serving.browser(), token)
    }

    pub fn at(mut browser: Browser, token: &str) -> Option<Self> {
        browser.cookies.insert("session".to_owned(), token.to_owned());
        let page = browser.try_send("GET", "/sign-in/code", "").ok()?;
        let page =
            if page.text.contains("_csrf") { page } else { browser.try_send("GET", "/help", "").ok()? };
        let page = if page.text.contains("_csrf") { page } else { browser.try_send("GET", "/", "").ok()? };
        let csrf = page.field("_csrf");
        (!csrf.is_empty()).then_some(Self { browser, csrf })
    }

    /// Sends a form; nothing if no whole answer came.
    pub fn send(&mut self, path: &str, key: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let mut body = format!("_csrf={}&_key={key}", self.csrf);
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", crate::kit::encode(value)));
        }
        self.browser.try_send("POST", path, &body).ok()
    }

    /// The code that the room shows.
    pub fn code(&mut self, session: SessionId) -> Option<String> {
        let page = self.browser.try_send("GET", &format!("/teach/sessions/{session}/code"), "").ok()?;
        let plain: Vec<char> = page.text.chars().collect();
        let shown = plain.windows(9).find(|w| {
            !w[0].is_ascii_digit()
                && w[1..4].iter().all(char::is_ascii_digit)
                && w[4] == ' '
                && w[5..8].iter().all(char::is_ascii_digit)
                && !w[8].is_ascii_digit()
        })?;
        Some(shown[1..8].iter().filter(|c| c.is_ascii_digit()).collect())
    }
}

/// 32 hexadecimal digits that no other command has.
pub fn key(act: u64, who: u64, n: u64) -> String {
    seal::hex(&seal::sha256(format!("{act} {who} {n}").as_bytes())[..16])
}

/// How often each status was answered, and how often none came.
pub type Counts = Arc<Mutex<BTreeMap<u16, usize>>>;

/// Everybody acts at once, until all is done or the program is gone or `stop` is set. Refusals are answers, not failures.
pub struct Crowd {
    threads: Vec<thread::JoinHandle<()>>,
    pub promises: Promises,
    pub counts: Counts,
    pub stop: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Hand {
    promises: Promises,
    counts: Counts,
    stop: Arc<AtomicBool>,
}

impl Hand {
    fn note(&self, promise: Promise) {
        self.promises.lock().unwrap_or_else(PoisonError::into_inner).push(promise);
    }

    /// Keeps the promise of an answer of success; tells whether to go on.
    fn told(&self, answer: Option<Answer>, promise: Promise) -> bool {
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_insert(0) += 1;
        if status == 303 {
            self.note(promise);
        }
        assert_ne!(status, 500, "{}", answer.map_or_else(String::new, |answer| answer.text));
        status != 0 && !self.stop.load(Ordering::Relaxed)
    }
}

impl Crowd {
    /// `endless`: the visitors' counter does not stop by itself.
    pub fn starts(serving: &Serving, town: &Town, act: &Act, endless: bool) -> Self {
        let promises = Promises::default();
        let (counts, stop) = (Counts::default(), Arc::new(AtomicBool::new(false)));
        let hand = Hand { promises: promises.clone(), counts: counts.clone(), stop: stop.clone() };
        let mut threads = Vec::new();
        let mut start = |run: Box<dyn FnOnce(&Hand) -> Option<()> + Send>| {
            let hand = hand.clone();
            threads.push(thread::spawn(move || {
                let _ = run(&hand);
            }));
        };
        for (group, players) in act.people.chunks(PEOPLE / 4).enumerate() {
            let (players, act, browser, staff) =
                (players.to_vec(), act.clone(), serving.browser(), town.staff.clone());
            start(Box::new(move |hand| residents(hand, browser, &staff, &act, &players, group as u64)));
        }
        let (browser, staff, own) = (serving.browser(), town.staff.clone(), act.clone());
        start(Box::new(move |hand| at_the_desk(hand, browser, &staff, &own)));
        let (browser, staff, own) = (serving.browser(), town.staff.clone(), act.clone());
        start(Box::new(move |hand| counting(hand, browser, &staff, &own, endless)));
        let (browser, staff, own) = (serving.browser(), town.staff.clone(), act.clone());
        start(Box::new(move |hand| in_the_office(hand, browser, &staff, &own)));
        let (browser, number) = (serving.browser(), act.number);
        start(Box::new(move |hand| strangers(hand, browser, number)));
        Self { threads, promises, counts, stop }
    }

    /// Waits for all and gives what was promised.
    pub fn ends(self) -> Vec<Promise> {
        for thread in self.threads {
            thread.join().expect("no answer was a failure of the program");
        }
        std::mem::take(&mut *self.promises.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A seat now, a check-in by code, a seat next week, and for some the seat back.
fn residents(hand: &Hand, at: Browser, staff: &str, act: &Act, people: &[Player], group: u64) -> Option<()> {
    let mut room = Door::at(at.clone(), staff)?;
    for (n, Player { person, token, .. }) in people.iter().enumerate() {
        let (person, n, who) = (*person, n as u64 * 10, 100 + group);
        let mut door = Door::at(at.clone(), token)?;
        let (class, session) = act.on;
        let seat = door.send(&format!("/classes/{class}/sign-up"), &key(act.number, who, n), &[]);
        let seated = seat.as_ref().is_some_and(|answer| answer.status == 303);
        hand.told(seat, Promise::Seat { class, person }).then_some(())?;
        if seated {
            let code = room.code(session)?;
            let checked =
                door.send(&format!("/check-in/{session}"), &key(act.number, who, n + 1), &[("code", &code)]);
            hand.told(checked, Promise::Attended { session, person }).then_some(())?;
        }
        let class = act.later;
        let seat = door.send(&format!("/classes/{class}/sign-up"), &key(act.number, who, n + 2), &[]);
        let seated = seat.as_ref().is_some_and(|answer| answer.status == 303);
        hand.told(seat, Promise::Seat { class, person }).then_some(())?;
        if seated && n % 20 == 0 {
            hand.note(Promise::Leaving { class, person });
            let back = door.send(&format!("/classes/{class}/cancel"), &key(act.number, who, n + 3), &[]);
            hand.told(back, Promise::NoSeat { class, person }).then_some(())?;
        }
    }
    Some(())
}

/// Cards, and minutes put right.
fn at_the_desk(hand: &Hand, at: Browser, staff: &str, act: &Act) -> Option<()> {
    let mut door = Door::at(at, staff)?;
    let session = act.desk.1;
    for (n, player) in act.people.iter().enumerate() {
        let n = n as u64;
        let fields = [("card", player.card.as_str())];
        let answer =
            door.send(&format!("/teach/sessions/{session}/card"), &key(act.number, 200, 2 * n), &fields);
        hand.told(answer, Promise::Attended { session, person: player.person }).then_some(())?;
        if n.is_multiple_of(3) {
            let minutes = 30 + i64::try_from(n).unwrap_or(0);
            let person = player.person;
            let answer = door.send(
                &format!("/teach/sessions/{session}/minutes"),
                &key(act.number, 200, 2 * n + 1),
                &[("person", &person.to_string()), ("minutes", &minutes.to_string()), ("reason", "提前离开")],
            );
            hand.told(answer, Promise::Minutes { session, person, minutes }).then_some(())?;
        }
    }
    Some(())
}

/// Visitors, again and again.
fn counting(hand: &Hand, at: Browser, staff: &str, act: &Act, endless: bool) -> Option<()> {
    let mut door = Door::at(at, staff)?;
    let session = act.on.1;
    for n in (0..).take_while(|n| endless || *n < 40) {
        let evidence = format!("签到纸 {}", key(act.number, 300, n));
        let fields = [("visitors", "3"), ("evidence", evidence.as_str())];
        let answer =
            door.send(&format!("/teach/sessions/{session}/headcount"), &key(act.number, 300, n), &fields);
        hand.told(answer, Promise::Visitors { session, evidence }).then_some(())?;
    }
    Some(())
}

/// Offers published and classes closed in turn.
fn in_the_office(hand: &Hand, at: Browser, staff: &str, act: &Act) -> Option<()> {
    let mut door = Door::at(at, staff)?;
    for (n, (offer, _)) in act.drafts.iter().enumerate() {
        let path = format!("/desk/offers/{offer}/publish");
        let answer = door.send(&path, &key(act.number, 400, n as u64), &[]);
        hand.told(answer, Promise::Published { offer: *offer }).then_some(())?;
        if let Some((class, complete)) = act.over.get(n) {
            let path = format!("/teach/classes/{class}/close");
            let answer = door.send(&path, &key(act.number, 401, n as u64), &[]);
            hand.told(answer, Promise::Closed { class: *class, complete: *complete }).then_some(())?;
        }
    }
    Some(())
}

/// People who ask for a code to sign in, so that the message worker has work.
fn strangers(hand: &Hand, at: Browser, number: u64) -> Option<()> {
    for n in 0..10 {
        let mut browser = at.clone();
        let shown = browser.try_send("GET", "/sign-in", "").ok()?;
        let phone = format!("139{:08}", number * 100 + n);
        let body = format!("_csrf={}&_key={}&phone={phone}", shown.field("_csrf"), key(number, 500, n));
        let answer = browser.try_send("POST", "/sign-in", &body).ok();
        hand.told(answer, Promise::Message { phone }).then_some(())?;
    }
    Some(())
}
