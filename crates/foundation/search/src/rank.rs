//! What beside the words decides the order. Pure.

use tantivy::SegmentReader;

use crate::query::Order;

/// Kilometres of one degree of latitude.
const KM_PER_DEGREE: f64 = 111.32;
/// At this distance nearness is a half.
const NEAR_KM: f64 = 3.0;
/// After so many days soonness is a half.
const SOON_DAYS: f64 = 14.0;
/// Soonness of a document without a session, such as a video that is always there.
const ALWAYS_THERE: f64 = 0.3;
/// How much the very next moment adds to a score, as a share of it.
const SOON_SHARE: f64 = 0.25;
/// How much being on the spot adds to a score, as a share of it.
const NEAR_SHARE: f64 = 0.75;
/// Later than all sessions: ten years.
const NEVER_MINUTES: i64 = 5_256_000;
/// Distances are told apart by twenty metres, so that the numbers stay small enough to keep the words' share beside them.
const STEPS_PER_KM: f64 = 50.0;
/// Farther than everything on earth.
const FAR_STEPS: f64 = 1_100_000.0;
const DAY_MS: f64 = 86_400_000.0;

/// A place on earth from which distances are measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here {
    lon: f64,
    lat: f64,
    /// How much shorter a degree of longitude is here than at the equator.
    narrow: f64,
}

impl Here {
    /// Longitude and latitude in degrees.
    pub(crate) fn new((lon, lat): (f64, f64)) -> Self {
        Self { lon, lat, narrow: lat.to_radians().cos() }
    }

    /// Distance in kilometres as on a flat map: good to a few percent within a province.
    pub(crate) fn kilometres(self, (lon, lat): (f64, f64)) -> f64 {
        let (x, y) = ((lon - self.lon) * self.narrow, lat - self.lat);
        (x * x + y * y).sqrt() * KM_PER_DEGREE
    }
}

/// 1 on the spot, falling to 0 far away.
pub(crate) fn nearness(kilometres: f64) -> f64 {
    NEAR_KM / (NEAR_KM + kilometres)
}

/// 1 now, falling to 0 in the far future; 0 for what has begun already.
pub(crate) fn soonness(now: i64, starts: Option<i64>) -> f64 {
    match starts {
        None => ALWAYS_THERE,
        Some(starts) if starts < now => 0.0,
        Some(starts) => SOON_DAYS / (SOON_DAYS + (starts - now) as f64 / DAY_MS),
    }
}

/// What the ranking needs to know of the question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) now: Option<i64>,
    pub(crate) near: Option<Here>,
    pub(crate) order: Order,
}

/// The factor by which a document's own score is multiplied.
pub(crate) fn factor(reader: Reader, boost: f64, starts: Option<i64>, location: Option<(f64, f64)>) -> f64 {
    let soon = reader.now.map_or(0.0, |now| soonness(now, starts));
    let near = match (reader.near, location) {
        (Some(here), Some(there)) => nearness(here.kilometres(there)),
        _ => 0.0,
    };
    boost * (1.0 + SOON_SHARE * soon) * (1.0 + NEAR_SHARE * near)
}

/// The final score of each document of a segment: its own score and `floor`, times the [`factor`]. A column that is
/// missing counts as unknown.
pub(crate) fn segment_score(
    reader: Reader,
    floor: f32,
    segment: &SegmentReader,
) -> impl Fn(u32, f32) -> f32 + use<> {
    let columns = segment.fast_fields();
    let boost = columns.f64("boost").ok();
    let starts = reader.now.and_then(|_| columns.i64("starts").ok());
    let by_time = reader.now.filter(|_| reader.order == Order::Time);
    let by_distance = reader.near.filter(|_| reader.order == Order::Near);
    let lon = reader.near.and_then(|_| columns.f64("lon").ok());
    let lat = reader.near.and_then(|_| columns.f64("lat").ok());
    move |doc, score| {
        let boost = boost.as_ref().and_then(|column| column.first(doc)).unwrap_or(1.0);
        let starts = starts.as_ref().and_then(|column| column.first(doc));
        if let Some(now) = by_time {
            // In minutes the numbers are small enough to be told apart; the words decide between what starts at the same minute.
            let minutes = starts.map_or(NEVER_MINUTES, |starts| ((starts - now) / 60_000).min(NEVER_MINUTES));
            return -(minutes as f32) + score.min(100.0) / 1_000.0;
        }
        let lon = lon.as_ref().and_then(|column| column.first(doc));
        let lat = lat.as_ref().and_then(|column| column.first(doc));
        if let Some(here) = by_distance {
            let steps = lon
                .zip(lat)
                .map_or(FAR_STEPS, |there| (here.kilometres(there) * STEPS_PER_KM).round().min(FAR_STEPS));
            return -(steps as f32) + score.min(100.0) / 1_000.0;
        }
        (f64::from(score + floor) * factor(reader, boost, starts, lon.zip(lat))) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_in_chongqing() {
        // 解放碑 to 沙坪坝 centre, about 11.4 km.
        let km = Here::new((106.5770, 29.5572)).kilometres((106.4574, 29.5410));
        assert!((11.0..12.2).contains(&km), "{km}");
        assert_eq!(Here::new((106.5, 29.5)).kilometres((106.5, 29.5)), 0.0);
    }

    #[test]
    fn sooner_and_nearer_is_more_but_never_everything() {
        let reader = Reader { now: Some(0), near: Some(Here::new((106.5, 29.5))), order: Order::Fit };
        let day = 86_400_000;
        let tomorrow = factor(reader, 1.0, Some(day), None);
        let next_month = factor(reader, 1.0, Some(30 * day), None);
        let past = factor(reader, 1.0, Some(-1), None);
        assert!(tomorrow > next_month && next_month > past);
        let here = factor(reader, 1.0, Some(0), Some((106.5, 29.5)));
        let away = factor(reader, 1.0, Some(0), Some((106.9, 29.5)));
        assert!(here > away && away >= tomorrow);
        assert!(here <= (1.0 + SOON_SHARE) * (1.0 + NEAR_SHARE));
        assert_eq!(
            factor(Reader { now: None, near: None, order: Order::Fit }, 2.0, Some(day), Some((1.0, 1.0))),
            2.0
        );
    }
}
