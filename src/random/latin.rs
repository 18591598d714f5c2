//! Latin hypercubes: points of the unit cube of which each coordinate has one in each of as many layers as there are points.

use super::stream::Stream;
use super::streams::{Entity, Purpose, Streams};

/// The points of block `block`: `count` of them, with `dimensions` coordinates in (0, 1). Blocks are independent of each other,
/// and a coordinate does not depend on how many others there are.
///
/// Source: `McKay`, Beckman and Conover, *A comparison of three methods for selecting values of input variables in the analysis
/// of output from a computer code*, 1979.
#[must_use]
pub fn latin_hypercube(streams: &Streams, block: u64, count: usize, dimensions: usize) -> Vec<Vec<f64>> {
    let mut points = vec![Vec::with_capacity(dimensions); count];
    for coordinate in 0..dimensions {
        let mut stream = streams.stream(Purpose::UncertainPoint, Entity::indexed(coordinate as u64));
        let column = layered(stream.at(block), count);
        points.iter_mut().zip(column).for_each(|(point, place)| point.push(place));
    }
    points
}

/// The coordinate `name` of the `count` points of a Latin hypercube, in (0, 1). It stays the same whatever other coordinates the
/// points have.
#[must_use]
pub fn latin_coordinate(streams: &Streams, name: &str, count: usize) -> Vec<f64> {
    layered(&mut streams.stream(Purpose::UncertainWorld, Entity::named(name, 0)), count)
}

/// One number in each of `count` layers of (0, 1), in random order.
fn layered(stream: &mut Stream, count: usize) -> Vec<f64> {
    let layers = shuffled(stream, count);
    layers.into_iter().map(|layer| (layer as f64 + stream.open_unit()) / count as f64).collect()
}

/// The numbers below `count` in random order (Fisher and Yates).
pub(super) fn shuffled(stream: &mut Stream, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, stream.index(last + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_of_each_coordinate_has_one_point() {
        let points = latin_hypercube(&Streams::new(42, 0), 3, 16, 5);
        for coordinate in 0..5 {
            let mut values: Vec<f64> = points.iter().map(|point| point[coordinate]).collect();
            values.sort_by(f64::total_cmp);
            for (layer, value) in (0_u32..).zip(values) {
                assert!((f64::from(layer) / 16.0..f64::from(layer + 1) / 16.0).contains(&value), "{value}");
            }
        }
    }

    #[test]
    fn coordinates_with_names_have_one_point_in_each_layer_and_differ() {
        let streams = Streams::new(42, 0);
        let [one, other] = ["visits", "latency"].map(|name| latin_coordinate(&streams, name, 16));
        assert_ne!(one, other);
        for mut values in [one, other] {
            values.sort_by(f64::total_cmp);
            let layers = (0_u32..).zip(&values);
            assert!(
                layers.into_iter().all(|(layer, value)| (0.0..1.0).contains(&(value * 16.0 - f64::from(layer)))),
                "{values:?}"
            );
        }
    }

    #[test]
    fn a_coordinate_stays_whatever_others_there_are() {
        let streams = Streams::new(42, 0);
        let (few, many) = (latin_hypercube(&streams, 0, 8, 2), latin_hypercube(&streams, 0, 8, 6));
        assert!(few.iter().zip(&many).all(|(few, many)| few[..] == many[..2]));
        assert_ne!(few, latin_hypercube(&streams, 1, 8, 2), "another block has other points");
    }
}
