//! What must hold: a little after every step, everything whenever the journal has been followed to its end.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Id, Month, Org, Person, Result};
use statistics::{Counts, Months};
use store::{FromRow, Row, Statement, Store, Tx, Value};

use super::{
    model::Ix,
    world::{Broken, Outcome, World},
};

/// A class has no more holders of seats than seats, and counts exactly those whom it has.
pub const SEATS: &str = "seats";
/// Every transfer, and all balances together, add up to zero; every balance is the sum of its entries.
pub const BOOKS: &str = "books";
/// A command is answered as the model says.
pub const ANSWER: &str = "answer";
/// A form that was sent again gets its first answer.
pub const REPEAT: &str = "repeat";
/// What was acknowledged is there, and nothing of what was not.
pub const KEPT: &str = "kept";
/// Positions are dense.
pub const DENSE: &str = "dense";
/// The versions of a record stand in the journal in their order.
pub const ORDER: &str = "order";
/// No consumer is ahead of the journal.
pub const CURSOR: &str = "cursor";
/// Every committed fact gets a position.
pub const LOST: &str = "lost fact";
/// An attendance is credited once while it stands, and not at all when it was taken back.
pub const ONCE: &str = "credited once";
/// Balances are what the rule's text says.
pub const CREDIT: &str = "credit";
/// Seats, attendances, headcounts and completions are the model's.
pub const RECORDS: &str = "records";
/// People's own lists say the same.
pub const LISTS: &str = "own lists";
/// Each completion has one certificate, valid unless it was revoked.
pub const CERTIFICATES: &str = "certificates";
/// Figures are the sums of the model.
pub const FIGURES: &str = "figures";
/// Projections that are rebuilt from nothing come out as they were.
pub const REBUILT: &str = "rebuilt";
/// Heads chain, and everything is under one.
pub const HEADS: &str = "heads";
/// The log continues each head that somebody kept.
pub const WITNESS: &str = "witness";
/// `verify` is green.
pub const VERIFY: &str = "verify";
/// No message is sent twice without need, and each has an end.
pub const MESSAGES: &str = "messages";
/// Nothing fails that was not broken on purpose.
pub const RUNS: &str = "runs";

fn all<R: FromRow>(tx: &mut Tx, text: &str) -> Result<Vec<R>> {
    tx.all(Statement::dynamic(text.to_owned()), &[])
}

fn same<T: PartialEq + std::fmt::Debug>(rule: &'static str, what: &str, real: &T, model: &T) -> Outcome {
    if real == model {
        Ok(())
    } else {
        Err(Broken::new(rule, format!("{what}: the records say {real:?}, the model {model:?}")))
    }
}

/// After every step, through a process that is not broken: what needs no model.
pub fn cheap(world: &mut World, process: usize) -> Outcome {
    let store = &world.processes[process].store;
    let before = world.ordered;
    let (oversold, unbalanced, twice, positions, ahead, turned) = store.read_blocking(move |tx| {
        let oversold: Vec<(String, i64, i64, i64)> = all(
            tx,
            "SELECT c.class_id, c.capacity, c.taken, count(e.enrolment_id) FROM class c LEFT JOIN enrolment e \
             ON e.org_id = c.org_id AND e.class_id = c.class_id AND e.status = 'seated' \
             GROUP BY c.class_id, c.capacity, c.taken \
             HAVING c.taken > c.capacity OR c.taken <> count(e.enrolment_id)",
        )?;
        let unbalanced: Vec<(String, i64)> = all(
            tx,
            "SELECT 'transfer ' || transfer_id, CAST(sum(amount) AS bigint) FROM entry GROUP BY transfer_id \
             HAVING sum(amount) <> 0 OR count(*) <> 2 UNION ALL \
             SELECT 'all accounts', CAST(sum(balance) AS bigint) FROM account HAVING sum(balance) <> 0 UNION ALL \
             SELECT 'account ' || a.account_id, CAST(a.balance - coalesce(sum(e.amount), 0) AS bigint) FROM account a \
             LEFT JOIN entry e ON e.account_id = a.account_id GROUP BY a.account_id, a.balance \
             HAVING a.balance <> coalesce(sum(e.amount), 0)",
        )?;
        let twice: Vec<(String, i64)> = all(
            tx,
            "SELECT e.record_id, CAST(sum(CASE WHEN e.kind = 'deposit' THEN 1 ELSE -1 END) AS bigint) FROM entry e \
             JOIN account a ON a.account_id = e.account_id AND a.owner_kind = 'person' \
             LEFT JOIN attendance r ON r.attendance_id = e.record_id GROUP BY e.record_id \
             HAVING sum(CASE WHEN e.kind = 'deposit' THEN 1 ELSE -1 END) NOT IN (0, 1) OR count(r.attendance_id) = 0",
        )?;
        let positions: Vec<(i64, i64)> = all(tx, "SELECT count(*), coalesce(max(pos), 0) FROM fact_pos")?;
        let ahead: Vec<(String, i64)> =
            all(tx, "SELECT name, pos FROM consumer WHERE pos > (SELECT coalesce(max(pos), 0) FROM fact_pos)")?;
        let turned: Vec<(String, i64, i64)> = tx.all(
            Statement::dynamic(
                "SELECT f.subject, f.version, p.pos FROM fact_pos p JOIN fact f ON f.home = p.home AND f.id = p.fact_id \
                 JOIN fact g ON g.home = f.home AND g.subject = f.subject AND g.version < f.version \
                 LEFT JOIN fact_pos q ON q.home = g.home AND q.fact_id = g.id \
                 WHERE p.pos > $1 AND (q.pos IS NULL OR q.pos > p.pos)"
                    .to_owned(),
            ),
            store::params![before],
        )?;
        Ok((oversold, unbalanced, twice, positions, ahead, turned))
    })?;
    if let Some((class, capacity, taken, seated)) = oversold.first() {
        let what =
            format!("class {class} has {capacity} seats, counts {taken} taken, and {seated} people hold one");
        return Err(Broken::new(SEATS, what));
    }
    if let Some((what, sum)) = unbalanced.first() {
        return Err(Broken::new(BOOKS, format!("{what} adds up to {sum}")));
    }
    if let Some((record, times)) = twice.first() {
        return Err(Broken::new(
            ONCE,
            format!("attendance {record} stands in the ledger {times} times, or is none"),
        ));
    }
    if let Some((count, last)) = positions.first() {
        same(DENSE, "positions and the last of them", count, last)?;
        world.ordered = *last;
    }
    if let Some((name, pos)) = ahead.first() {
        return Err(Broken::new(CURSOR, format!("{name} stands at {pos}, behind the end of the journal")));
    }
    if let Some((subject, version, pos)) = turned.first() {
        return Err(Broken::new(
            ORDER,
            format!("version {version} of {subject} at {pos} comes before an earlier one"),
        ));
    }
    world.post.once()
}

/// After every step that was answered as the model says: there are exactly the facts of the commands that were done.
pub fn kept(world: &World, process: usize) -> Outcome {
    let facts: Vec<(i64,)> = world.processes[process].store.read_blocking(|tx| {
        // What reactors write is not the answer to a command.
        all(tx, "SELECT count(*) FROM fact WHERE kind NOT LIKE 'bank.%' AND kind <> 'credentials.issued.v1'")
    })?;
    same(KEPT, "facts of commands", &facts.first().map_or(0, |row| row.0), &world.facts)
}

/// Everything, after the journal was followed to its end and sealed.
pub fn full(world: &mut World, process: usize) -> Outcome {
    cheap(world, process)?;
    let store = world.processes[process].store.clone();
    let lost: Vec<(String, String, i64)> = store.read_blocking(|tx| {
        all(
            tx,
            "SELECT f.kind, f.subject, f.recorded_at FROM fact f LEFT JOIN fact_pos p ON p.home = f.home AND p.fact_id = f.id \
             WHERE p.pos IS NULL",
        )
    })?;
    if let Some((kind, subject, at)) = lost.first() {
        let at = kernel::Timestamp::from_millis(*at);
        let what =
            format!("{kind} about {subject}, written down at {}, never gets a position", at.minute_text());
        return Err(Broken::new(LOST, what));
    }
    records(world, &store)?;
    certificates(world, &store)?;
    once(world, &store)?;
    credit(world, &store)?;
    figures(world, &store)?;
    let (key, origin) = (world.sealer.verifying_key(), world.sealer.origin().to_owned());
    let report = store.read_blocking(move |tx| journal::verify(tx, &key, &origin, &|_| {}))?;
    if let Some(problem) = report.problems.first() {
        let rule = if problem.check == "seal" { HEADS } else { VERIFY };
        return Err(Broken::new(rule, format!("{problem} ({} problems)", report.problems.len())));
    }
    same(HEADS, "facts without a head", &report.unsealed, &0)?;
    witness(world, &store)
}

/// Somebody outside keeps heads; the log of today continues each.
fn witness(world: &mut World, store: &Store) -> Outcome {
    let (kept, sealer) = (world.kept_heads.clone(), world.sealer.clone());
    let newest = store.read_blocking(move |tx| {
        for note in &kept {
            let verdict = crate::witness::judge(tx, &sealer, note)?;
            if !matches!(verdict, crate::witness::Verdict::Continued(_)) {
                return Ok(Err(format!("{verdict:?}")));
            }
        }
        Ok(Ok(journal::heads(tx, 1)?.pop()))
    })?;
    let newest = newest.map_err(|what| Broken::new(WITNESS, what))?;
    // The first ones and the last ones.
    if world.kept_heads.len() > 12 {
        world.kept_heads.remove(6);
    }
    if let Some(head) = newest {
        let note = world.sealer.note(&head)?;
        world.kept_heads.push(note);
    }
    Ok(())
}

fn records(world: &World, store: &Store) -> Outcome {
    type Seat = (String, String, bool);
    let model = &world.model;
    let person = |ix: &Ix| model.people[*ix].id.to_string();
    let class = |ix: &Ix| model.classes[*ix].id.to_string();
    let session = |ix: &Ix| model.sessions[*ix].id.to_string();
    let (seats, mine, seen, passport, visitors, mut done) = store.read_blocking(|tx| {
        let seats: Vec<(String, String, String)> =
            all(tx, "SELECT class_id, person_id, status FROM enrolment")?;
        let mine: Vec<(String, String, String)> =
            all(tx, "SELECT class_id, person_id, status FROM my_class")?;
        let of = |table: &str| format!("SELECT session_id, person_id, minutes, grade, status FROM {table}");
        let seen: Vec<(String, String, i64, i64, String)> = all(tx, &of("attendance"))?;
        let passport: Vec<(String, String, i64, i64, String)> = all(tx, &of("my_attendance"))?;
        let visitors: Vec<(String, i64, String)> =
            all(tx, "SELECT headcount_id, visitors, status FROM headcount")?;
        let done: Vec<(String, String, i64, i64)> =
            all(tx, "SELECT class_id, person_id, attended, minutes FROM completion")?;
        Ok((seats, mine, seen, passport, visitors, done))
    })?;
    let sorted = |rows: Vec<(String, String, String)>| {
        let mut rows: Vec<Seat> = rows.into_iter().map(|(a, b, status)| (a, b, status == "seated")).collect();
        rows.sort();
        rows
    };
    let mut expected: Vec<Seat> =
        model.seats.iter().map(|((c, p), seated)| (class(c), person(p), *seated)).collect();
    expected.sort();
    same(RECORDS, "seats", &sorted(seats), &expected)?;
    same(LISTS, "people's own lists of classes", &sorted(mine), &expected)?;
    let mut expected: Vec<_> = model
        .attended
        .iter()
        .map(|((s, p), a)| {
            let status = if a.valid { "valid" } else { "reversed" };
            (session(s), person(p), a.minutes, a.grade, status.to_owned())
        })
        .collect();
    expected.sort();
    for (rule, what, mut rows) in
        [(RECORDS, "attendances", seen), (LISTS, "attendances in passports", passport)]
    {
        rows.sort();
        same(rule, what, &rows, &expected)?;
    }
    let real: BTreeSet<_> = visitors.into_iter().collect();
    let told = model.visitors.iter().map(|v| {
        let status = if v.valid { "valid" } else { "reversed" };
        (v.id.to_string(), v.count, status.to_owned())
    });
    same(RECORDS, "headcounts", &real, &told.collect())?;
    let mut expected: Vec<_> =
        model.completed.iter().map(|((c, p), (n, minutes))| (class(c), person(p), *n, *minutes)).collect();
    expected.sort();
    done.sort();
    same(RECORDS, "completions", &done, &expected)
}

/// One certificate for each completion, which says the same; the model learns what they are called.
fn certificates(world: &mut World, store: &Store) -> Outcome {
    type Held = (credentials::CredentialId, activities::ClassId, Id<Person>, i64, i64, String);
    let rows: Vec<Held> = store.read_blocking(|tx| {
        all(tx, "SELECT credential_id, class_id, person_id, attended, minutes, status FROM credential")
    })?;
    let model = &mut world.model;
    let people: BTreeMap<Id<Person>, Ix> =
        model.people.iter().enumerate().map(|(ix, who)| (who.id, ix)).collect();
    let classes: BTreeMap<_, Ix> =
        model.classes.iter().enumerate().map(|(ix, class)| (class.id, ix)).collect();
    let mut held = Vec::new();
    for (id, class, person, attended, minutes, status) in rows {
        let (Some(class), Some(person)) = (classes.get(&class), people.get(&person)) else {
            return Err(Broken::new(CERTIFICATES, format!("{id} is of nobody, or of no class")));
        };
        let own = (*class, *person);
        held.push((own, (attended, minutes)));
        let issued = model.issued.entry(own).or_insert(super::model::Issued { id, valid: true });
        same(
            CERTIFICATES,
            &format!("certificate {id}"),
            &(id, status == "valid"),
            &(issued.id, issued.valid),
        )?;
    }
    held.sort_unstable();
    let due: Vec<_> = model.completed.iter().map(|(own, done)| (*own, *done)).collect();
    same(CERTIFICATES, "certificates", &held, &due)
}

/// Every attendance that stands has one deposit that stands, and none of the others has.
fn once(world: &World, store: &Store) -> Outcome {
    let rows: Vec<(String, String, i64)> = store.read_blocking(|tx| {
        all(
            tx,
            "SELECT r.attendance_id, r.status, CAST(coalesce(sum(CASE WHEN a.account_id IS NULL THEN 0 \
             WHEN e.kind = 'deposit' THEN 1 ELSE -1 END), 0) AS bigint) FROM attendance r \
             LEFT JOIN entry e ON e.record_id = r.attendance_id \
             LEFT JOIN account a ON a.account_id = e.account_id AND a.owner_kind = 'person' \
             GROUP BY r.attendance_id, r.status",
        )
    })?;
    for (record, status, times) in &rows {
        same(
            ONCE,
            &format!("deposits of the {status} attendance {record}"),
            times,
            &i64::from(status == "valid"),
        )?;
    }
    same(ONCE, "attendances", &rows.len(), &world.model.attended.len())
}

/// Every balance is what the ledger of the model says, and its deposits are the valid attendances, once each.
fn credit(world: &World, store: &Store) -> Outcome {
    let people: Vec<Id<Person>> = world.model.people.iter().map(|human| human.id).collect();
    let mut due: Vec<(Id<Person>, i64, i64, i64)> = world
        .model
        .attended
        .iter()
        .filter(|(_, seen)| seen.valid)
        .map(|((s, p), a)| (people[*p], world.model.sessions[*s].from.millis(), a.minutes, a.grade))
        .collect();
    due.sort_unstable();
    let standing = world.ledger.standing.iter().flat_map(|(person, all)| {
        all.iter().map(|deposit| (*person, deposit.from.millis(), deposit.minutes, deposit.grade))
    });
    let mut standing: Vec<_> = standing.collect();
    standing.sort_unstable();
    same(CREDIT, "deposits for attendances that reached the reactor", &standing, &due)?;
    let asked = people.clone();
    let real: Vec<i64> = store
        .read_blocking(move |tx| asked.iter().map(|who| bank::balance(tx, *who).map(|c| c.0)).collect())?;
    let model: Vec<i64> = people.iter().map(|who| world.ledger.balance(*who)).collect();
    for ((who, real), model) in people.iter().zip(&real).zip(&model) {
        same(CREDIT, &format!("credit of {who}"), real, model)?;
    }
    Ok(())
}

/// The figures of every organisation for every month, with all below it, and the city's.
fn figures(world: &World, store: &Store) -> Outcome {
    let model = &world.model;
    // (organisation, month) → counts and people
    let mut cells: BTreeMap<(Ix, Month), (Counts, BTreeSet<Ix>)> = BTreeMap::new();
    for ((session, person), seen) in model.attended.iter().filter(|(_, seen)| seen.valid) {
        let node = &model.sessions[*session];
        let cell = cells.entry((model.classes[node.class].org, node.from.day().month())).or_default();
        cell.0.attendances += 1;
        cell.0.minutes += seen.minutes;
        cell.1.insert(*person);
    }
    for visitors in model.visitors.iter().filter(|visitors| visitors.valid) {
        let node = &model.sessions[visitors.session];
        let cell = cells.entry((model.classes[node.class].org, node.from.day().month())).or_default();
        cell.0.visitors += visitors.count;
    }
    let orgs: Vec<Id<Org>> = model.orgs.iter().map(|org| org.id).collect();
    let (real, summary, today) = store.read_blocking(move |tx| {
        let span = Months(Month::january(2026), Month::january(2030));
        let today = tx.now().day();
        let real: Result<Vec<BTreeMap<Month, Counts>>> = orgs
            .iter()
            .map(|org| {
                let cells = statistics::by_month(tx, *org, span, statistics::Tree::Now)?;
                Ok(cells.into_iter().map(|(month, cell)| (month, Counts::from(&cell))).collect())
            })
            .collect();
        Ok((real?, statistics::city_summary(tx)?, today))
    })?;
    for (ix, real) in real.into_iter().enumerate() {
        let mut expected: BTreeMap<Month, (Counts, BTreeSet<Ix>)> = BTreeMap::new();
        for ((org, month), (counts, people)) in &cells {
            let below = model.orgs[*org].above.iter().any(|(above, from)| *above == ix && *from <= today);
            if below {
                let sum = expected.entry(*month).or_default();
                sum.0.attendances += counts.attendances;
                sum.0.visitors += counts.visitors;
                sum.0.minutes += counts.minutes;
                sum.1.extend(people);
            }
        }
        for (month, real) in real {
            let (mut counts, people) = expected.remove(&month).unwrap_or_default();
            counts.learners = people.len() as i64;
            // Classes and certificates are compared as records, person by person.
            counts.classes = real.classes;
            counts.certificates = real.certificates;
            same(FIGURES, &format!("figures of organisation {ix} in {month}"), &real, &counts)?;
        }
        if let Some((month, _)) = expected.first_key_value() {
            return Err(Broken::new(FIGURES, format!("organisation {ix} has none for {month}")));
        }
    }
    let year = today.month().year();
    let this_year = || cells.iter().filter(|((_, month), _)| month.year() == year);
    let learners = this_year().flat_map(|(_, (_, people))| people).collect::<BTreeSet<_>>().len() as i64;
    let sum = |of: &dyn Fn(&Counts) -> i64| this_year().map(|(_, (counts, _))| of(counts)).sum::<i64>();
    let model = statistics::Summary {
        attendances: sum(&|c| c.attendances),
        visitors: sum(&|c| c.visitors),
        minutes: sum(&|c| c.minutes),
        learners_this_year: learners,
    };
    same(FIGURES, "the city's summary", &summary, &model)
}

/// The tables that projections keep; `person_number` stays when figures are rebuilt.
const VIEWS: [(&str, &str); 5] = [
    ("my_class", "person_id, class_id"),
    ("my_attendance", "person_id, attendance_id"),
    ("figure_cell", "org_id, month"),
    ("figure_city", "year"),
    ("certificate_here", "org_id, credential_id"),
];

/// Everything in the projections.
pub fn views(store: &Store) -> Result<Vec<Vec<Value>>> {
    store.read_blocking(|tx| {
        let mut values = Vec::new();
        for (table, key) in VIEWS {
            let rows: Vec<Row> = all(tx, &format!("SELECT * FROM {table} ORDER BY {key}"))?;
            values.extend(rows.iter().map(|row| row.values().to_vec()));
        }
        Ok(values)
    })
}

/// One number for the whole journal: every fact's hash in the order of positions.
pub fn digest(store: &Store) -> Result<String> {
    store.read_blocking(|tx| {
        let rows: Vec<(i64, Vec<u8>)> = all(tx, "SELECT pos, leaf FROM fact_pos ORDER BY pos")?;
        let text: Vec<u8> = rows.into_iter().flat_map(|(_, leaf)| leaf).collect();
        Ok(seal::hex(&seal::sha256(&text)))
    })
}
