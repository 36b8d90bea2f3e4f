//! What is acknowledged is kept: flushes seen at the system's boundary, kills, disks and clocks that fail.

mod clock;
mod disk;
mod endurance;
mod flush;
mod killed;
mod town;
mod trace;
