//! `cargo xtask licences`: every third-party crate has a licence that `deny.toml` permits. `cargo deny` would say the same, but is a
//! long build of its own and not everywhere.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// Reads the permitted licences and the whole dependency graph; answers the closing line, or the crates that have none of them.
pub fn run(root: &Path) -> Result<String, String> {
    let text =
        std::fs::read_to_string(root.join("deny.toml")).map_err(|error| format!("deny.toml: {error}"))?;
    let permitted = permitted(&text);
    let metadata = crate::metadata(root, &["--locked"])?;
    let refused = refused(&metadata, &permitted);
    if refused.is_empty() {
        let crates = metadata["packages"].as_array().map_or(0, Vec::len);
        return Ok(format!("licences: {crates} crates passed"));
    }
    Err(refused.join("\n"))
}

/// The texts of the list `allow` under `[licenses]`.
fn permitted(deny: &str) -> BTreeSet<String> {
    let section = deny.split("\n[licenses]").nth(1).unwrap_or_default();
    let list = section.split("allow = [").nth(1).and_then(|list| list.split(']').next()).unwrap_or_default();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn refused(metadata: &Value, permitted: &BTreeSet<String>) -> Vec<String> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let third_party = packages.iter().filter(|package| !package["source"].is_null());
    let refused = third_party.filter_map(|package| {
        let licence = package["license"].as_str().unwrap_or("");
        let line =
            format!("{} {}: licence `{licence}` is not permitted", package["name"], package["version"]);
        (!allows(licence, permitted)).then_some(line.replace('"', ""))
    });
    refused.collect()
}

/// Whether an SPDX expression leaves a choice made of permitted licences only. `/` is the old spelling of `OR`.
fn allows(expression: &str, permitted: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let value = either(&tokens, &mut at, permitted);
    value && at == tokens.len()
}

fn either(tokens: &[&str], at: &mut usize, permitted: &BTreeSet<String>) -> bool {
    let mut value = both(tokens, at, permitted);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        value |= both(tokens, at, permitted);
    }
    value
}

fn both(tokens: &[&str], at: &mut usize, permitted: &BTreeSet<String>) -> bool {
    let mut value = single(tokens, at, permitted);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        value &= single(tokens, at, permitted);
    }
    value
}

fn single(tokens: &[&str], at: &mut usize, permitted: &BTreeSet<String>) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if *token == "(" {
        let value = either(tokens, at, permitted);
        *at += 1;
        return value;
    }
    let mut name = (*token).to_owned();
    if tokens.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", tokens.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
    }
    permitted.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> BTreeSet<String> {
        permitted(
            "[bans]\nallow = [\"GPL\"]\n[licenses]\nallow = [\n  \"MIT\",\n  \"Apache-2.0 WITH LLVM-exception\",\n  \"ISC\",\n]\n",
        )
    }

    #[test]
    fn the_list_is_read_from_its_section() {
        assert_eq!(some().into_iter().collect::<Vec<_>>(), ["Apache-2.0 WITH LLVM-exception", "ISC", "MIT"]);
    }

    #[test]
    fn expressions_are_judged() {
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(MIT OR GPL-3.0) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(allows(good, &some()), "{good}");
        }
        for bad in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(MIT AND GPL-3.0) OR Apache-2.0", "MIT ISC"]
        {
            assert!(!allows(bad, &some()), "{bad}");
        }
    }

    #[test]
    fn a_crate_without_a_permitted_licence_is_named_and_ours_are_left_out() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "ours", "version": "1.0.0", "source": null, "license": "GPL-3.0" },
            { "name": "theirs", "version": "2.0.0", "source": "registry+x", "license": "GPL-3.0" },
            { "name": "none", "version": "3.0.0", "source": "registry+x", "license": null },
            { "name": "fine", "version": "4.0.0", "source": "registry+x", "license": "MIT" },
        ]});
        assert_eq!(
            refused(&metadata, &some()),
            ["theirs 2.0.0: licence `GPL-3.0` is not permitted", "none 3.0.0: licence `` is not permitted"]
        );
    }
}
