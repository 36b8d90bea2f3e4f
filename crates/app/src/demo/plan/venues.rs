//! Public venues that everybody may use while they are open, and what they let one use.

use std::collections::HashMap;

use super::{
    dice::Dice,
    map::Area,
    model::{Audience, Division, Hours, Offer, OfferKind, Org, OrgKey, OrgKind},
    network::{self, Network},
};

const VENUES: &str = include_str!("../../../../../data/demo/venues.csv");

/// What is open at a venue: at most so much.
const OPEN_EACH: usize = 3;

/// The kinds, how each is called behind its district's name, its street, how many districts in a hundred have one, and when it is open.
const KINDS: [(OrgKind, &str, &str, usize, Hours); 4] = [
    (OrgKind::Library, "图书馆", "书香路", 100, without_monday((9 * 60, 20 * 60))),
    (OrgKind::CultureCentre, "文化馆", "群艺路", 100, network::daily(9 * 60, 21 * 60)),
    (OrgKind::Museum, "博物馆", "文博路", 65, without_monday((9 * 60, 17 * 60))),
    (OrgKind::SportsVenue, "全民健身中心", "体育路", 80, network::daily(6 * 60 + 30, 21 * 60 + 30)),
];

const fn without_monday(hours: (u16, u16)) -> Hours {
    let all = Some(hours);
    [None, all, all, all, all, all, all]
}

/// The venues of all districts.
pub(super) fn found(
    net: &mut Network,
    divisions: &[Division],
    areas: &HashMap<String, Area>,
    dice: &mut Dice,
) {
    for district in divisions.iter().filter(|division| division.level == 3) {
        let (area, parent) = (&areas[&district.code], net.college_of[&district.code]);
        for (kind, called, street, share, hours) in KINDS {
            if !dice.percent(share) {
                continue;
            }
            let place = area.near(district.place, area.size * 0.2, dice);
            let org = Org {
                name: format!("{}{called}", district.name),
                address: format!("{}{street}{}号（示意地址）", district.name, dice.between(1, 99)),
                ..network::draft(kind, district, Some(parent), place, hours)
            };
            net.add(org);
        }
    }
}

/// What every venue lets one use, behind the `runs` classes of the city, of which it has none.
pub(super) fn open(net: &Network, runs: usize, dice: &mut Dice) -> Vec<Offer> {
    let rows: Vec<[&'static str; 6]> = VENUES
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&'static str> = line.splitn(6, ',').collect();
            fields.try_into().unwrap_or_else(|_| panic!("venues.csv: {line}"))
        })
        .collect();
    let behind = u32::try_from(runs).expect("the city has fewer than 2^32 classes");
    let mut offers = Vec::new();
    for (org, number) in net.orgs.iter().zip(0_u32..) {
        let mut here: Vec<&[&'static str; 6]> =
            rows.iter().filter(|[kind, ..]| *kind == org.kind.as_str()).collect();
        dice.shuffle(&mut here);
        for [_, subject, audience, title, summary, body] in here.into_iter().take(OPEN_EACH) {
            let audience = Audience::ALL.iter().position(|known| known.as_str() == *audience);
            let audience = audience.unwrap_or_else(|| panic!("venues.csv: {title}: no such audience"));
            offers.push(Offer {
                title: format!("{title}（{}）", org.name),
                summary,
                description: (*body).to_owned(),
                subject,
                kind: OfferKind::OpenVenue,
                audience: &Audience::ALL[audience..=audience],
                sessions: 0,
                minutes: 0,
                capacity: 0,
                fee_fen: 0,
                bring: "",
                certificate: false,
                host: OrgKey(number),
                runs: behind..behind,
            });
        }
    }
    offers
}
