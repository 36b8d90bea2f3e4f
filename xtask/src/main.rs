#![doc = include_str!("../README.md")]

mod licences;
mod tidy;
mod tree;

use std::path::Path;
use std::process::{Command, ExitCode};

use serde_json::Value;

fn main() -> ExitCode {
    // The manifest directory is that of this crate; the repository is one above.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the repository");
    let task = std::env::args().nth(1).unwrap_or_default();
    let outcome = match task.as_str() {
        "tidy" => tidy::run(root),
        "licences" => licences::run(root),
        _ => Err("usage: cargo xtask (tidy | licences)".to_owned()),
    };
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// Answer of `cargo metadata` for the repository at `root`.
fn metadata(root: &Path, arguments: &[&str]) -> Result<Value, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}
