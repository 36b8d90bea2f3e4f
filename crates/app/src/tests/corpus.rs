//! Every input that is kept for the fuzz targets, through the same functions: what once broke a parser never does again.

use std::{fs, panic::catch_unwind, path::Path};

use entries::ENTRIES;

#[path = "../../../../fuzz/src/entries.rs"]
mod entries;

const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");

#[test]
fn every_kept_input_is_survived() {
    let mut replayed = 0;
    let mut broken = Vec::new();
    for (name, _) in ENTRIES {
        let folder = Path::new(FUZZ).join("corpus").join(name);
        let files: Vec<_> =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).collect();
        assert!(files.len() >= 2, "{} has no seeds", folder.display());
        for file in files {
            let path = file.unwrap().path();
            let data = fs::read(&path).unwrap();
            // The first half and bytes out of place as well: they cost nothing.
            for input in [&data[..], &data[..data.len() / 2], &[&[0xff], &data[..]].concat()] {
                if catch_unwind(|| entries::run(name, input)).is_err() {
                    broken.push(format!("{} ({} bytes of it)", path.display(), input.len()));
                }
                replayed += 1;
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(replayed > 200, "only {replayed} inputs");
}

#[test]
fn every_entry_has_its_target_and_every_target_its_entry() {
    let manifest = fs::read_to_string(Path::new(FUZZ).join("Cargo.toml")).unwrap();
    for (name, _) in ENTRIES {
        let target = fs::read_to_string(Path::new(FUZZ).join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("entries::run(\"{name}\", data)")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is not in fuzz/Cargo.toml");
    }
    assert_eq!(fs::read_dir(Path::new(FUZZ).join("fuzz_targets")).unwrap().count(), ENTRIES.len());
}
