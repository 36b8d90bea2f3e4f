//! What the simulation's tests plant to see that it is found is in no program that is built to run.

use std::fs;

/// What stands before the name of each planted bug in `src/tests/simulate.rs`, which shows that its own binary has them.
const PLANTED: &[u8] = b"a planted bug: ";

#[test]
fn the_program_has_no_planted_bug() {
    let program = fs::read(env!("CARGO_BIN_EXE_xuecheng")).unwrap();
    let contains = |part: &[u8]| program.windows(part.len()).any(|window| window == part);
    // The search finds what is there: a word of the simulation itself.
    assert!(contains(b"rush for seats"));
    assert!(!contains(PLANTED), "a bug of the tests is in the program");
}
