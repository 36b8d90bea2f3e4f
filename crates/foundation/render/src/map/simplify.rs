//! Simplification that keeps neighbours together: borders are cut where they meet, and each piece is simplified
//! by itself, from whichever side it is read, so no gaps or overlaps appear between districts.

use std::collections::HashMap;

/// A corner in tenths of a pixel.
pub(super) type Point = (i64, i64);

/// Simplifies all rings of a picture together (Douglas and Peucker 1973). `tolerance` is in tenths of a pixel. A
/// ring that would shrink below three corners keeps those that it had; one smaller than a tenth of a pixel vanishes.
pub(super) fn simplify(rings: &[Vec<Point>], tolerance: i64) -> Vec<Vec<Point>> {
    let rings: Vec<Vec<Point>> = rings.iter().map(|ring| without_repeats(ring)).collect();
    let junctions = junctions(&rings);
    rings.iter().map(|ring| simplify_ring(ring, &junctions, tolerance)).collect()
}

/// Neighbours on the grid may fall onto one point.
fn without_repeats(ring: &[Point]) -> Vec<Point> {
    let mut ring = ring.to_vec();
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// Corners where borders begin, end or cross: those whose two neighbours are not the same in all rings.
fn junctions(rings: &[Vec<Point>]) -> HashMap<Point, bool> {
    let mut neighbours: HashMap<Point, (Point, Point)> = HashMap::new();
    let mut junctions: HashMap<Point, bool> = HashMap::new();
    for ring in rings {
        let n = ring.len();
        for (i, &corner) in ring.iter().enumerate() {
            let (before, after) = (ring[(i + n - 1) % n], ring[(i + 1) % n]);
            let pair = (before.min(after), before.max(after));
            let differs = *neighbours.entry(corner).or_insert(pair) != pair;
            *junctions.entry(corner).or_default() |= differs;
        }
    }
    junctions
}

fn simplify_ring(ring: &[Point], junctions: &HashMap<Point, bool>, tolerance: i64) -> Vec<Point> {
    if ring.len() < 3 {
        return Vec::new();
    }
    let is_junction = |point: &Point| junctions.get(point).copied().unwrap_or(false);
    // A ring that meets no other at a point (an island, an enclave) is cut at its least corner instead, which
    // both sides of it agree on.
    let least = ring.iter().min().copied().unwrap_or_default();
    let has_junction = ring.iter().any(is_junction);
    let cuts = |point: &Point| if has_junction { is_junction(point) } else { *point == least };
    let start = ring.iter().position(cuts).unwrap_or(0);
    let mut turned: Vec<Point> = ring[start..].iter().chain(&ring[..start]).copied().collect();
    turned.push(turned[0]);

    let mut result = Vec::new();
    let mut from = 0;
    for to in 1..turned.len() {
        if cuts(&turned[to]) || to == turned.len() - 1 {
            keep(&turned[from..=to], tolerance, &mut result);
            from = to;
        }
    }
    if result.len() < 3 { ring.to_vec() } else { result }
}

/// Appends the corners that matter, the last one left to the next piece.
fn keep(piece: &[Point], tolerance: i64, result: &mut Vec<Point>) {
    let (Some(&first), Some(&last)) = (piece.first(), piece.last()) else { return };
    // Ties go to the lesser corner, not to the earlier one: a piece reads the same backwards.
    let farthest = piece[1..piece.len() - 1]
        .iter()
        .enumerate()
        .map(|(i, &corner)| (offset(first, last, corner), std::cmp::Reverse(corner), i + 1))
        .max();
    match farthest {
        Some((offset, _, at)) if beyond(offset, first, last, tolerance) => {
            keep(&piece[..=at], tolerance, result);
            keep(&piece[at..], tolerance, result);
        }
        _ => result.push(first),
    }
}

/// Twice the area of the triangle, or the squared distance if the ends coincide; whole numbers, so exact.
fn offset(first: Point, last: Point, corner: Point) -> i64 {
    let (ax, ay) = (corner.0 - first.0, corner.1 - first.1);
    if first == last {
        return ax * ax + ay * ay;
    }
    ((last.0 - first.0) * ay - (last.1 - first.1) * ax).abs()
}

fn beyond(offset: i64, first: Point, last: Point, tolerance: i64) -> bool {
    let (dx, dy) = (last.0 - first.0, last.1 - first.1);
    if first == last {
        return offset > tolerance * tolerance;
    }
    i128::from(offset).pow(2) > i128::from(tolerance).pow(2) * i128::from(dx * dx + dy * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two districts side by side with a ragged border between them.
    fn neighbours() -> Vec<Vec<Point>> {
        let border: Vec<Point> = (0..=100).map(|i| (500 + (i * 7919 % 13) - 6, i * 10)).collect();
        let mut west = vec![(0, 1000), (0, 0)];
        west.extend(&border);
        let mut east = vec![(1000, 0), (1000, 1000)];
        east.extend(border.iter().rev());
        vec![west, east]
    }

    fn doubled_area(ring: &[Point]) -> i64 {
        (0..ring.len())
            .map(|i| {
                let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
                a.0 * b.1 - b.0 * a.1
            })
            .sum::<i64>()
            .abs()
    }

    #[test]
    fn a_shared_border_stays_shared_and_gets_short() {
        for tolerance in [1, 3, 8, 30] {
            let rings = simplify(&neighbours(), tolerance);
            let total: i64 = rings.iter().map(|ring| doubled_area(ring)).sum();
            assert_eq!(total, 2_000_000, "no gap and no overlap at {tolerance}");
            let shared = |ring: &[Point]| ring.iter().filter(|p| (400..600).contains(&p.0)).count();
            assert_eq!(shared(&rings[0]), shared(&rings[1]));
        }
        assert_eq!(simplify(&neighbours(), 30)[0].len(), 4);
    }

    #[test]
    fn an_enclave_and_its_hole_stay_equal() {
        let circle: Vec<Point> = (0..60)
            .map(|i| {
                let angle = f64::from(i) * std::f64::consts::TAU / 60.0;
                ((angle.cos() * 300.0) as i64, (angle.sin() * 300.0) as i64)
            })
            .collect();
        let mut hole: Vec<Point> = circle.iter().rev().copied().collect();
        hole.rotate_left(17);
        let mut rings = simplify(&[circle, hole], 12);
        assert!(rings[0].len() < 40);
        for ring in &mut rings {
            ring.sort_unstable();
        }
        assert_eq!(rings[0], rings[1]);
    }

    #[test]
    fn every_dropped_corner_was_within_the_tolerance() {
        let ring: Vec<Point> =
            (0..200).map(|i| (i * 10, if i % 40 < 20 { i % 20 } else { 20 - i % 20 })).collect();
        let mut ring = ring;
        ring.push((1990, 500));
        ring.push((0, 500));
        let kept = simplify(&[ring.clone()], 4);
        for corner in ring {
            let near = (0..kept[0].len()).any(|i| {
                let (a, b) = (kept[0][i], kept[0][(i + 1) % kept[0].len()]);
                let within = (a.0.min(b.0)..=a.0.max(b.0)).contains(&corner.0);
                within && !beyond(offset(a, b, corner), a, b, 4)
            });
            assert!(near, "{corner:?} is lost");
        }
        assert!(kept[0].len() < 40, "{}", kept[0].len());
    }

    #[test]
    fn what_is_smaller_than_the_grid_vanishes() {
        assert!(simplify(&[vec![(1, 1), (1, 1), (2, 1), (1, 1)]], 5)[0].is_empty());
        let speck = vec![(0, 0), (2, 0), (2, 2), (0, 2)];
        assert_eq!(simplify(std::slice::from_ref(&speck), 50)[0], speck);
    }
}
