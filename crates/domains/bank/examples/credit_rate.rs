//! How many attendances a second become credit: `cargo run --release -p bank --example credit_rate [postgres]`.
//!
//! 20,000 attendances of 2,000 people at 200 places over a year are recorded and sequenced first; then only the reactor is timed.

use std::time::Instant;

use journal::{Fact, drain};
use kernel::{Actor, Day, Id, Minutes};
use learning::{
    ATTENDANCE, EvidenceGrade, Method,
    facts::{ATTENDED, Attended},
};
use store::{Engine, params, testing::TestStore};

const ATTENDANCES: u32 = 20_000;

fn main() {
    let postgres = std::env::args().nth(1).is_some_and(|word| word == "postgres");
    let engine = if postgres { Engine::Postgres } else { Engine::Sqlite };
    let store = TestStore::new(engine, &[journal::MIGRATIONS, learning::MIGRATIONS, bank::MIGRATIONS]);
    for batch in 0..ATTENDANCES / 500 {
        let write = move |tx: &mut store::Tx| {
            for n in batch * 500..(batch + 1) * 500 {
                let id =
                    |kind: u32, n: u32| Id::<()>::derived(&seal::sha256(format!("{kind} {n}").as_bytes()));
                let day = Day::of(2026, 1, 1).unwrap_or(Day(0)).plus((n / 2_000 * 30 + n % 30) as i32);
                let a = Attended {
                    attendance_id: id(1, n).cast(),
                    org_id: id(2, n % 200).cast(),
                    session_id: id(3, n).cast(),
                    class_id: id(4, n % 400).cast(),
                    offer_id: id(5, n % 400).cast(),
                    person_id: id(6, n % 2_000).cast(),
                    grade: EvidenceGrade::Presence,
                    minutes: Minutes(90),
                    method: Method::Card,
                    learned_at: day.at(540),
                };
                let mut fact = Fact::new(ATTENDED, a.org_id).at(a.org_id).payload(&a).occurred(a.learned_at);
                let row = params![
                    a.org_id,
                    a.attendance_id,
                    a.session_id,
                    a.class_id,
                    a.offer_id,
                    a.person_id,
                    a.grade,
                    a.minutes,
                    a.method,
                    "system:test",
                    a.learned_at,
                    "valid",
                    ""
                ];
                fact.insert(tx, &ATTENDANCE, row.to_vec())?;
                fact.emit(tx, &Actor::System("test"))?;
            }
            Ok(())
        };
        store.write_blocking("example.attend", write).expect("attendances are written");
    }
    drain(&store, &[]).expect("facts are sequenced");
    let reactor = bank::consumers().remove(0);
    let started = Instant::now();
    loop {
        let consumer = reactor.clone();
        let taken = store.write_blocking("bank.credit", move |tx| journal::step(tx, consumer.as_ref()));
        if taken.expect("the reactor works") == 0 {
            break;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{ATTENDANCES} attendances in {seconds:.2} s: {:.0} a second on {engine:?}",
        f64::from(ATTENDANCES) / seconds
    );
}
