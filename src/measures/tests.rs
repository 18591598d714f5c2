//! What the definitions of measures must say, so that tables and sentences can rely on them.

use super::*;
use crate::metrics::{WRONG_STAMP_S, WRONG_STAMPS_MATTER};

/// Metrics cannot look up what matters, so that they name it themselves.
#[test]
fn wrong_timestamps_last_as_long_as_they_matter() {
    let Matters::Absolute(least) = PRICE_WRONG_STAMP.matters else { panic!("{:?}", PRICE_WRONG_STAMP.matters) };
    assert!(least.total_cmp(&WRONG_STAMPS_MATTER).is_eq());
    assert!(PRICE_WRONG_STAMP.definition.contains(&format!("{WRONG_STAMP_S} s")));
}

/// Nobody looks for a pool in an open server.
#[test]
fn open_servers_have_the_measures_of_push_open_ones() {
    for measure in ALL.iter().filter(|measure| measure.name.starts_with("server_")) {
        let Some(open) = measure.of_open_servers() else {
            assert_eq!(measure.name, "server_pool_size");
            continue;
        };
        let same_source = match (open.source, measure.source) {
            (Source::OpenServers(like), _) => like == *measure,
            (Source::Quantile(open, q), Source::Quantile(kind, p)) => {
                open.of_push_open() == Some(kind) && q.total_cmp(&p).is_eq()
            }
            _ => false,
        };
        assert!(same_source && open.unit == measure.unit && open.needs == measure.needs, "{}", open.name);
    }
}

/// Sentences list measures, with commas between them.
#[test]
fn no_spoken_name_holds_what_divides_a_list() {
    for measure in ALL {
        let divides = [",", ";", ":", " and "].into_iter().find(|divides| measure.spoken.contains(divides));
        assert_eq!(divides, None, "{} is spoken of as `{}`", measure.name, measure.spoken);
    }
}
