//! Offers and classes in the words of schema.org, for search engines.

use catalog::{Offer, OfferKind};
use network::{Opening, OrgKind, Organisation};
use web::{
    Cx,
    api::{Value, json},
};

use crate::model::Class;

/// A place: its position only where it was measured.
pub fn place(cx: &Cx, org: &Organisation) -> Value {
    let mut place = json!({
        "@type": "Place",
        "name": org.name,
        "url": cx.absolute(&format!("/orgs/{}", org.org_id)),
        "address": address(cx, org),
    });
    if let (Some(lon), Some(lat), true) = (org.lon, org.lat, org.place_note.is_empty()) {
        place["geo"] = json!({ "@type": "GeoCoordinates", "latitude": lat, "longitude": lon });
    }
    if !org.phone.is_empty() {
        place["telephone"] = json!(org.phone);
    }
    if org.opening.is_stated() {
        place["openingHours"] = json!(hours(&org.opening));
    }
    place
}

/// The weekly hours as schema.org writes them, one stretch each: `Mo-Fr 08:30-12:00`.
fn hours(opening: &Opening) -> Vec<String> {
    let week = Opening { week: opening.week.clone(), ..Opening::default() }.to_string();
    let each = |rule: &str| -> Vec<String> {
        let (days, spans) = rule.split_once(' ').unwrap_or((rule, ""));
        spans.split(',').map(|span| format!("{days} {span}")).collect()
    };
    week.split("; ").flat_map(each).collect()
}

/// What schema.org calls a place of this kind.
pub fn place_type(kind: OrgKind) -> &'static str {
    match kind {
        OrgKind::Library => "Library",
        OrgKind::Museum => "Museum",
        OrgKind::SportsVenue => "SportsActivityLocation",
        OrgKind::CultureCentre => "CivicStructure",
        _ => "EducationalOrganization",
    }
}

/// The address of an organisation.
pub fn address(cx: &Cx, org: &Organisation) -> Value {
    json!({
        "@type": "PostalAddress",
        "streetAddress": org.address,
        "addressLocality": cx.site.city_zh,
        "addressCountry": "CN",
    })
}

/// A class as an event (for a course: as its run), with the seats of this moment.
pub fn class(cx: &Cx, offer: &Offer, class: &Class, org: &Organisation) -> Value {
    let url = cx.absolute(&format!("/offers/{}", offer.offer_id));
    let one_time = matches!(offer.kind, OfferKind::Lecture | OfferKind::Tour);
    let mut event = json!({
        "@type": if one_time { "Event" } else { "CourseInstance" },
        "@id": format!("{url}#class-{}", class.class_id),
        "name": class.title,
        "description": offer.summary,
        "url": url,
        "startDate": class.starts_at.rfc3339(),
        "endDate": class.ends_at.rfc3339(),
        "eventStatus": format!(
            "https://schema.org/{}",
            if class.status == "cancelled" { "EventCancelled" } else { "EventScheduled" }
        ),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": place(cx, org),
        "organizer": { "@type": "Organization", "name": org.name, "url": cx.absolute(&format!("/orgs/{}", org.org_id)) },
        "maximumAttendeeCapacity": class.capacity,
        "remainingAttendeeCapacity": class.free(),
        "isAccessibleForFree": offer.cost_fen == 0,
        "offers": price(offer, class.free() > 0, &url),
    });
    if !one_time {
        event["courseMode"] = json!("Onsite");
        event["courseWorkload"] = json!(format!("PT{}M", class.minutes_planned.0));
    }
    event
}

/// An offer: a course with its runs, the events of a lecture or tour, or the venue that is open.
pub fn offer(cx: &Cx, offer: &Offer, classes: &[&Class], org: &Organisation) -> Value {
    if !offer.kind.has_classes() {
        let mut venue = place(cx, org);
        venue["@context"] = json!("https://schema.org");
        venue["@type"] = json!(place_type(org.kind));
        venue["description"] = json!(offer.summary);
        venue["publicAccess"] = json!(true);
        venue["isAccessibleForFree"] = json!(offer.cost_fen == 0);
        return venue;
    }
    let runs: Vec<Value> = classes.iter().map(|run| class(cx, offer, run, org)).collect();
    if matches!(offer.kind, OfferKind::Lecture | OfferKind::Tour) {
        return json!({ "@context": "https://schema.org", "@graph": runs });
    }
    let url = cx.absolute(&format!("/offers/{}", offer.offer_id));
    json!({
        "@context": "https://schema.org",
        "@type": "Course",
        "name": offer.title,
        "description": offer.summary,
        "url": url,
        "inLanguage": "zh-CN",
        "isAccessibleForFree": offer.cost_fen == 0,
        "provider": { "@type": "Organization", "name": org.name, "url": cx.absolute(&format!("/orgs/{}", org.org_id)) },
        "offers": price(offer, classes.iter().any(|run| run.free() > 0), &url),
        "hasCourseInstance": runs,
    })
}

fn price(offer: &Offer, seats: bool, url: &str) -> Value {
    json!({
        "@type": "Offer",
        "category": if offer.cost_fen == 0 { "Free" } else { "Paid" },
        "price": format!("{}.{:02}", offer.cost_fen / 100, offer.cost_fen % 100),
        "priceCurrency": "CNY",
        "availability": format!("https://schema.org/{}", if seats { "InStock" } else { "SoldOut" }),
        "url": url,
    })
}
