//! The program as an operator meets it: the real binary, its own process, real files, a real database, HTTP over loopback.

mod backup;
mod doctor;
mod durability;
mod installation;
mod kit;
mod load;
mod log;
mod metrics;
mod planted;
mod processes;
mod stop;
