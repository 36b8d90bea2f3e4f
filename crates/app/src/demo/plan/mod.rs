#![doc = include_str!("README.md")]

use kernel::Day;

mod cast;
mod crowd;
mod dice;
mod learning;
mod library;
mod map;
mod model;
mod naming;
mod network;
mod notices;
mod offers;
mod people;
mod sources;
#[cfg(test)]
mod tests;
mod timetable;
mod venues;

pub use library::{Words, library_words};
pub use model::*;

/// Today's class of the demonstration starts at this minute if the caller has no wish: 14:30.
const AFTERNOON: u16 = 14 * 60 + 30;

/// Plans the demo city around a day. The same seed and day give the same city.
pub fn plan(seed: u64, today: Day) -> World {
    plan_at(seed, today, AFTERNOON)
}

/// As [`plan`], with the start of today's class of the cast in minutes after midnight, so that it can be shown at any
/// hour; it is moved into the opening hours of its school (8:30 to 21:00).
pub fn plan_at(seed: u64, today: Day, start: u16) -> World {
    let mut divisions = sources::divisions();
    let areas = map::areas();
    map::place_divisions(&mut divisions, &areas, &mut dice::Dice::new(seed, 1));
    let mut net = network::Network::found(&divisions, &areas, &mut dice::Dice::new(seed, 2));
    venues::found(&mut net, &divisions, &areas, &mut dice::Dice::new(seed, 7));
    net.give_phones();

    let names = sources::Names::read();
    let year = today.date().0;
    let mut people = people::People::default();
    let players = cast::Players::appoint(&mut people, &net);
    people.appoint(&net, &names, year, &mut dice::Dice::new(seed, 3));
    people.settle_residents(&divisions, &net, &names, year, cast::STAGE, &mut dice::Dice::new(seed, 4));

    let templates = library::templates();
    let closings = library::closings();
    let timetable = timetable::Timetable { today, holidays: sources::Holidays::read() };
    let mut catalogue = offers::Catalogue::new(&net, &divisions, &templates, &closings, &timetable, &people);
    let cast = players.enter(&mut catalogue, start, &mut dice::Dice::new(seed, 5));
    catalogue.fill(&mut dice::Dice::new(seed, 6));
    let notices = notices::plan(&net, &people.list, cast, today, &mut dice::Dice::new(seed, 9));
    let (mut offers, runs) = (catalogue.offers, catalogue.runs);
    offers.extend(venues::open(&net, runs.len(), &mut dice::Dice::new(seed, 8)));
    World {
        seed,
        today,
        subjects: sources::subjects(),
        orgs: net.orgs,
        people: people.list,
        divisions,
        offers,
        runs,
        cast,
        notices,
    }
}
