//! Names of places, which people write with or without 街道, 镇, 区 and the like.

/// Endings that a place name may lose, longest first where one ends in another.
const SUFFIXES: [&str; 14] = [
    "街道办事处",
    "社区居委会",
    "村民委员会",
    "居委会",
    "村委会",
    "自治县",
    "街道",
    "社区",
    "新区",
    "镇",
    "乡",
    "村",
    "区",
    "县",
];

/// Peoples named in official names of counties and townships (石柱土家族自治县 is called 石柱).
const PEOPLES: [&str; 14] = [
    "土家族",
    "苗族",
    "回族",
    "彝族",
    "藏族",
    "羌族",
    "侗族",
    "瑶族",
    "壮族",
    "蒙古族",
    "满族",
    "布依族",
    "仡佬族",
    "傣族",
];

/// The short form of a folded place name: without its ending, if at least two characters remain.
pub(crate) fn stem(name: &str) -> &str {
    let strip = |name: &'_ str, ending: &str| -> Option<usize> {
        name.strip_suffix(ending).filter(|rest| rest.chars().count() >= 2).map(str::len)
    };
    let mut rest = name;
    if rest.chars().count() > 2
        && let Some(end) = rest.strip_suffix('市').filter(|rest| rest.chars().count() >= 2).map(str::len)
    {
        return &rest[..end];
    }
    let Some(end) = SUFFIXES.iter().find_map(|ending| strip(rest, ending)) else { return name };
    rest = &rest[..end];
    while let Some(end) = PEOPLES.iter().find_map(|people| strip(rest, people)) {
        rest = &rest[..end];
    }
    rest
}

/// Index terms of a place that a document names: its whole name and its short form.
pub(crate) fn document_keys(name: &str) -> [String; 2] {
    [format!("={name}"), format!("~{}", stem(name))]
}

/// Index terms that a query's place name asks for. `天星桥街道` asks for this name, or for the bare `天星桥`, but not for
/// `天星桥村`; `天星桥` asks for all of them.
pub(crate) fn query_keys(name: &str) -> Vec<String> {
    let short = stem(name);
    if short == name { vec![format!("~{name}")] } else { vec![format!("={name}"), format!("={short}")] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_optional() {
        for (name, short) in [
            ("天星桥街道", "天星桥"),
            ("沙坪坝区", "沙坪坝"),
            ("石柱土家族自治县", "石柱"),
            ("酉阳土家族苗族自治县", "酉阳"),
            ("两江新区", "两江"),
            ("重庆市", "重庆"),
            ("忠县", "忠县"),
            ("歌乐山", "歌乐山"),
            ("天星桥村", "天星桥"),
            ("区", "区"),
        ] {
            assert_eq!(stem(name), short);
        }
    }

    #[test]
    fn a_full_name_asks_for_less_than_a_short_one() {
        let hit = |query: &str, document: &str| {
            document_keys(document).iter().any(|key| query_keys(query).contains(key))
        };
        assert!(hit("天星桥", "天星桥街道"));
        assert!(hit("天星桥", "天星桥村"));
        assert!(hit("天星桥街道", "天星桥街道"));
        assert!(hit("天星桥街道", "天星桥"));
        assert!(!hit("天星桥街道", "天星桥村"));
    }
}
