//! Tests of the program as a whole.

/// Each test on both engines, in a city whose tables are there.
macro_rules! on_both {
    ($($test:ident $sqlite:ident $postgres:ident,)+) => {$(
        #[test]
        fn $sqlite() {
            $test(&super::scene::whole(store::Engine::Sqlite));
        }

        #[test]
        fn $postgres() {
            $test(&super::scene::whole(store::Engine::Postgres));
        }
    )+};
}

mod api;
mod audit;
mod backup;
mod city;
mod corpus;
mod denial;
mod erasure;
mod exports;
mod finding;
mod forms;
mod helping;
mod housekeeping;
mod import;
mod invitations;
mod jobs;
mod limits;
mod merger;
mod notices;
mod operations;
mod own_data;
mod register;
mod releases;
mod routes;
mod scene;
mod simulate;
mod staff;
mod tickets;
mod witness;
