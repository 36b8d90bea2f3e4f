//! `xuecheng rules`: rule packs and their examples.

use std::process::ExitCode;

use anyhow::{Result, anyhow};

/// Runs the examples of every rule pack.
pub fn test() -> Result<ExitCode> {
    let outcomes = bank::rules_test().map_err(|error| anyhow!("a rule pack cannot be read: {error:?}"))?;
    let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
    for outcome in &outcomes {
        println!(
            "{} {} v{}: {}: {}",
            if outcome.passed() { "ok   " } else { "WRONG" },
            outcome.rule_id,
            outcome.rule_version,
            outcome.name,
            outcome.computed
        );
        if !outcome.passed() {
            println!("      expected {}", outcome.expected);
        }
    }
    println!("{passed} passed, {} failed", outcomes.len() - passed);
    Ok(if passed == outcomes.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
