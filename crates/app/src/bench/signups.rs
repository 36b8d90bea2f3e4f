//! Durable sign-ups through the whole command, against the same transaction through the store alone; and a rush of 500
//! attempts on 100 seats.
//!
//! "The same transaction" writes the same rows, byte for byte as long as those of a sign-up of the same run, into tables made from
//! the same migrations (enrolment, class, fact, new fact, command): what is left of the difference is the questions that the
//! command asks (was it done before, is there such a class, who sits there), rights, checks, digests and serialisation.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use activities::{ClassId, OpenClass, SignUp};
use anyhow::{Result, anyhow};
use kernel::{Actor, Chance, Day, Id, Person, SystemClock};
use store::{Location, Migration, Row, Statement, Store, Value, params};

use crate::city::migrations;

/// Attempts of the rush.
const ATTEMPTS: usize = 500;
/// Seats of the rush.
const SEATS: i64 = 100;
/// Classes that people sign up for at the same time, as in a city: one hot row would measure PostgreSQL's row lock.
const CLASSES: usize = 16;
/// Times that each measurement is repeated; the median counts.
const ROUNDS: usize = 3;
/// The tables that a sign-up writes.
const TABLES: [&str; 5] = ["enrolment", "fact", "fact_new", "command", "class"];
const ENROLMENT: usize = 0;
const FACT: usize = 1;
const FACT_NEW: usize = 2;
const COMMAND: usize = 3;
const CLASS: usize = 4;

/// Runs the bench.
pub fn run(json: bool, database: Option<&str>, seconds: u64, clients: usize) -> Result<ExitCode> {
    let folder = std::env::temp_dir().join(format!("xuecheng-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let location = database.map_or_else(|| Location::File(folder.join("bench.db")), Location::parse);
    let outcome = measure(&location, Duration::from_secs(seconds), clients);
    std::fs::remove_dir_all(&folder)?;
    let measured = outcome?;
    let ratio = measured.signups / measured.bare;
    let ok = ratio >= 0.5 && measured.sold == SEATS && measured.rush < Duration::from_millis(200);
    if json {
        println!(
            "{}",
            serde_json::json!({
                "figure": measured.signups.round(),
                "unit": "durable sign-ups per second",
                "bound": measured.bare.round(),
                "ratio": (ratio * 1000.0).round() / 1000.0,
                "ok": ok,
                "inputs": {
                    "engine": if database.is_some() { "postgres" } else { "sqlite" },
                    "clients": clients,
                    "seconds": seconds,
                    "rounds": ROUNDS,
                    "bound_is": "the same rows written through the store alone, in the same run",
                    "rush_attempts": ATTEMPTS,
                    "rush_seats": SEATS,
                    "rush_sold": measured.sold,
                    "rush_seconds": measured.rush.as_secs_f64(),
                },
            })
        );
    } else {
        println!("{:>10.0} sign-ups per second, durable, {clients} clients", measured.signups);
        println!(
            "{:>10.0} per second for the same rows through the store alone (ratio {ratio:.2})",
            measured.bare
        );
        println!(
            "rush: {ATTEMPTS} attempts on {SEATS} seats in {:.3} s, {} sold",
            measured.rush.as_secs_f64(),
            measured.sold
        );
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Measured {
    signups: f64,
    bare: f64,
    rush: Duration,
    sold: i64,
}

pub(super) fn fail(error: kernel::Error) -> anyhow::Error {
    anyhow!("{error:?}")
}

fn measure(location: &Location, time: Duration, clients: usize) -> Result<Measured> {
    let store = Store::open(location, Arc::new(SystemClock), Chance::from_system()).map_err(fail)?;
    store::migrate(&store, &migrations()).map_err(fail)?;
    store::migrate(&store, &[&[same_tables()]]).map_err(fail)?;
    // Warm both ways before the clock runs.
    signups(&store, Duration::from_millis(500), clients)?;
    bare(&store, Duration::from_millis(500), clients)?;
    let (mut full, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        full.push(signups(&store, time, clients)?);
        // More of them, so that the writer never waits for a client: their groups are then as large as they can be.
        alone.push(bare(&store, time, clients * 4)?);
    }
    let mut rushes = Vec::new();
    let mut sold = SEATS;
    for _ in 0..ROUNDS {
        let (duration, count) = rush(&store)?;
        rushes.push(duration);
        sold = if count == SEATS { sold } else { count };
    }
    rushes.sort();
    Ok(Measured { signups: median(full), bare: median(alone), rush: rushes[ROUNDS / 2], sold })
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Opens a class of this many seats, with all that has to be there for it.
pub(super) fn open_class(store: &Store, capacity: i64) -> Result<ClassId> {
    store
        .write_blocking("bench.class", move |tx| {
            let (org_id, offer_id) = world(tx)?;
            let from = tx.now().plus_minutes(60);
            let cmd = OpenClass {
                org_id,
                offer_id,
                title: "书法".to_owned(),
                teacher_id: None,
                capacity,
                venue: "教室".to_owned(),
                room: String::new(),
                sessions: vec![(from, from.plus_minutes(90))],
                demo: true,
            };
            activities::open_class(tx, &Actor::System("bench"), &cmd).map(|opened| opened.class_id)
        })
        .map_err(fail)
}

fn world(tx: &mut store::Tx) -> kernel::Result<(Id<kernel::Org>, catalog::OfferId)> {
    let actor = Actor::System("bench");
    let code: kernel::RegionCode = "500000000000".parse()?;
    if network::region(tx, &code)?.is_none() {
        let rows = network::read_regions(
            "code,name,short_name,level,parent,kind,region_group\n500000000000,重庆市,重庆市,1,,直辖市,\n",
            Day(0),
        )?;
        network::import_regions(tx, &actor, &rows)?;
        let subjects = catalog::read_subjects(
            "code,name,parent,examples,isced_f\n01,公民素养,,,0312\n0101,时事,01,,0312\n",
        )?;
        catalog::import_subjects(tx, &actor, &subjects)?;
    }
    let today = tx.now().day();
    let org_id = network::found_org(
        tx,
        &actor,
        &network::FoundOrg {
            kind: network::OrgKind::College,
            name: "学院".to_owned(),
            region_code: code,
            parent_id: None,
            address: String::new(),
            phone: String::new(),
            hours: String::new(),
            opening: network::Opening::default(),
            place: None,
            place_note: String::new(),
            opened_on: today,
            demo: true,
        },
    )?;
    let words = catalog::OfferWords {
        kind: catalog::OfferKind::Course,
        title: "书法".to_owned(),
        summary: "书法".to_owned(),
        body: "书法".to_owned(),
        subject_code: "0101".to_owned(),
        audience: catalog::Audience::Everyone,
        cost_fen: 0,
        bring: String::new(),
    };
    let offer_id = catalog::draft_offer(tx, &actor, &catalog::DraftOffer { org_id, words, demo: true })?;
    catalog::publish_offer(tx, &actor, offer_id)?;
    Ok((org_id, offer_id))
}

/// The command as the page sends it: once per key.
fn sign_up(store: &Store, class_id: ClassId, person: Id<Person>, key: String) -> kernel::Result<bool> {
    let actor = Actor::Person { id: person, grants: Vec::new() };
    let cmd = SignUp { class_id, person_id: person };
    store.write_blocking("activities.sign_up", move |tx| {
        journal::once(tx, &actor, &key, &cmd, |tx| activities::sign_up(tx, &actor, &cmd)).map(|seat| seat.new)
    })
}

/// Runs `work` on `clients` threads for a time; returns how often it was done per second.
fn rate(time: Duration, clients: usize, work: impl Fn(&mut Chance) -> Result<()> + Sync) -> Result<f64> {
    let (done, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut seeds = Chance::from_system();
    let started = Instant::now();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..clients {
            let mut chance = seeds.fork();
            let (done, over, work) = (&done, &over, &work);
            threads.push(scope.spawn(move || -> Result<()> {
                while !over.load(Ordering::Relaxed) {
                    work(&mut chance)?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            }));
        }
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
        threads.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow!("a client panicked"))?)
    })?;
    Ok(done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64())
}

fn signups(store: &Store, time: Duration, clients: usize) -> Result<f64> {
    let classes =
        (0..CLASSES).map(|_| open_class(store, activities::CAPACITY_MAX)).collect::<Result<Vec<_>>>()?;
    rate(time, clients, |chance| {
        let class = classes[usize::from(chance.bytes::<1>()[0]) % classes.len()];
        let person = Id::random(chance);
        let key = seal::hex(&chance.bytes::<16>());
        sign_up(store, class, person, key).map(|_| ()).map_err(fail)
    })
}

/// The tables that a sign-up writes, under other names: made from the migrations' own text, so that columns, keys and indexes
/// are the same.
fn same_tables() -> Migration {
    let mut sql = String::new();
    let all =
        journal::MIGRATIONS.iter().chain(activities::MIGRATIONS).flat_map(|migration| migration.sql.lines());
    // Comments go first: they may hold a semicolon.
    let lines: Vec<&str> = all.map(|line| line.split("--").next().unwrap_or("").trim()).collect();
    for words in lines.join(" ").split(';').map(str::trim) {
        for table in TABLES {
            let made = words.strip_prefix(&format!("CREATE TABLE {table} "));
            let altered = words.strip_prefix(&format!("ALTER TABLE {table} "));
            if let Some(rest) = made {
                sql.push_str(&format!("CREATE TABLE bare_{table} {rest};\n"));
            } else if let Some(rest) = altered {
                sql.push_str(&format!("ALTER TABLE bare_{table} {rest};\n"));
            } else if let Some((name, rest)) = words.split_once(&format!(" ON {table} "))
                && let Some((kind, name)) = name.rsplit_once(' ')
                && kind.starts_with("CREATE")
            {
                sql.push_str(&format!("{kind} bare_{name} ON bare_{table} {rest};\n"));
            }
        }
    }
    // The text of a migration lives as long as the program, as this bench does.
    Migration { domain: "bench", number: 1, name: "0001_same_tables", sql: sql.leak() }
}

/// What one sign-up has written: a row of each table, in the order of [`TABLES`].
fn written(store: &Store, class_id: ClassId) -> Result<Vec<Vec<Value>>> {
    let person = Id::random(&mut Chance::from_system());
    let key = seal::hex(&Chance::from_system().bytes::<16>());
    sign_up(store, class_id, person, key).map_err(fail)?;
    let actor = Actor::Person { id: person, grants: Vec::new() }.label();
    store
        .read_blocking(move |tx| {
            let rows: Vec<Row> = [
                ("SELECT * FROM enrolment WHERE person_id = $1", person.to_string()),
                ("SELECT * FROM fact WHERE actor = $1", actor.clone()),
                (
                    "SELECT n.* FROM fact_new n JOIN fact f ON f.home = n.home AND f.id = n.fact_id WHERE f.actor = $1",
                    actor.clone(),
                ),
                ("SELECT * FROM command WHERE actor = $1", actor.clone()),
                ("SELECT * FROM class WHERE class_id = $1", class_id.to_string()),
            ]
            .into_iter()
            .map(|(text, key)| tx.one(Statement::dynamic(text.to_owned()), params![key]))
            .collect::<kernel::Result<_>>()?;
            Ok(rows.into_iter().map(Row::into_values).collect())
        })
        .map_err(fail)
}

/// `INSERT INTO bare_… VALUES ($1, …)` for a row of this width.
fn insert(table: &str, width: usize) -> String {
    let marks: Vec<String> = (1..=width).map(|n| format!("${n}")).collect();
    format!("INSERT INTO bare_{table} VALUES ({})", marks.join(", "))
}

/// The same rows with the same bytes, under new identifiers: an enrolment, a fact, the new fact, the command's answer, and the
/// class's counter. Only the counter is waited for, because whether there was a seat has to be known.
fn bare(store: &Store, time: Duration, clients: usize) -> Result<f64> {
    let classes = (0..CLASSES)
        .map(|_| written(store, open_class(store, activities::CAPACITY_MAX)?))
        .collect::<Result<Vec<_>>>()?;
    let texts: Vec<String> =
        TABLES.iter().zip(&classes[0]).map(|(table, row)| insert(table, row.len())).collect();
    let (copies, text) = (classes.clone(), texts[CLASS].clone());
    store
        .write_blocking("bench.classes", move |tx| {
            copies.iter().try_for_each(|rows| tx.exec_later(Statement::dynamic(text.clone()), &rows[CLASS]))
        })
        .map_err(fail)?;
    let texts: Arc<Vec<String>> = Arc::new(texts);
    let clock = store.clock().clone();
    rate(time, clients, |chance| {
        let mut rows = classes[usize::from(chance.bytes::<1>()[0]) % CLASSES].clone();
        let class = rows.swap_remove(CLASS);
        let enrolment = Id::<Person>::ordered(clock.now(), chance).to_string();
        let fact = Id::<Person>::ordered(clock.now(), chance).to_string();
        let person = Id::<Person>::random(chance);
        let actor = Actor::Person { id: person, grants: Vec::new() }.label();
        let org = rows[ENROLMENT][0].clone();
        rows[ENROLMENT][1] = enrolment.as_str().into();
        rows[ENROLMENT][3] = person.into();
        rows[FACT][1] = fact.as_str().into();
        if let Value::Text(home) = &org {
            rows[FACT][3] = format!("enrolment:{home}/{enrolment}").into();
        }
        rows[FACT][5] = actor.as_str().into();
        rows[FACT_NEW][1] = fact.into();
        rows[COMMAND][0] = actor.into();
        rows[COMMAND][1] = seal::hex(&chance.bytes::<16>()).into();
        let texts = texts.clone();
        store
            .write_blocking("bench.bare", move |tx| {
                let later = |tx: &mut store::Tx, table: usize| {
                    tx.exec_later(Statement::dynamic(texts[table].clone()), &rows[table])
                };
                later(tx, ENROLMENT)?;
                let counter = "UPDATE bare_class SET taken = taken + 1, rev = rev + 1 \
                               WHERE org_id = $1 AND class_id = $2 AND (taken < capacity) IS TRUE";
                tx.exec(Statement::dynamic(counter.to_owned()), &[class[0].clone(), class[1].clone()])?;
                [FACT, FACT_NEW, COMMAND].into_iter().try_for_each(|table| later(tx, table))
            })
            .map_err(fail)
    })
}

/// 500 people want 100 seats at the same moment.
fn rush(store: &Store) -> Result<(Duration, i64)> {
    let class_id = open_class(store, SEATS)?;
    let sold = AtomicI64::new(0);
    let next = AtomicU64::new(0);
    let mut seeds = Chance::from_system();
    let started = Instant::now();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..64 {
            let mut chance = seeds.fork();
            let (sold, next) = (&sold, &next);
            threads.push(scope.spawn(move || -> Result<()> {
                while next.fetch_add(1, Ordering::Relaxed) < ATTEMPTS as u64 {
                    let key = seal::hex(&chance.bytes::<16>());
                    match sign_up(store, class_id, Id::random(&mut chance), key) {
                        Ok(_) => {
                            sold.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) if error.is(&activities::FULL) => {}
                        Err(error) => return Err(fail(error)),
                    }
                }
                Ok(())
            }));
        }
        threads.into_iter().try_for_each(|t| t.join().map_err(|_| anyhow!("a client panicked"))?)
    })?;
    Ok((started.elapsed(), sold.load(Ordering::Relaxed)))
}
