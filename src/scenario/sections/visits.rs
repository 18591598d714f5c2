//! What the users of a group watch, and when they visit.

use crate::model::config::{VisitsConfig, WatchlistConfig};
use crate::random::Distribution;
use crate::scenario::context::OrNoted;
use crate::scenario::distribution::{self, Variate};
use crate::scenario::fields::optional_fields;
use crate::scenario::item::{Item, Read, quoted, real_text};
use crate::scenario::range::Range;
use crate::scenario::section::Section;
use crate::scenario::sections::instruments;

/// Relative visits by hour of the local day, and the visits of a day of the weekend relative to a weekday.
///
/// All three are assumptions: no hourly profile of visits to portfolios has been published.
#[derive(Clone, Debug, PartialEq)]
struct Profile {
    hourly: [f64; 24],
    weekend: f64,
}

/// People who look from work: from seven on, most at nine and after lunch, hardly any in the evening.
const OFFICE: Profile = Profile {
    hourly: [
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 2.0, 5.0, 8.0, 7.0, 6.0, 6.0, 7.0, 6.0, 6.0, 6.0, 5.0, 2.0, 1.0, 1.0, 0.5,
        0.0, 0.0,
    ],
    weekend: 0.0,
};

/// People who look at home: a little before work and at noon, most between seven and ten in the evening.
const EVENING: Profile = Profile {
    hourly: [
        0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 1.5, 1.0, 0.5, 0.5, 1.0, 2.0, 4.0, 7.0, 8.0, 7.0,
        4.0, 1.5,
    ],
    weekend: 0.5,
};

/// All hours and days alike.
const UNIFORM: Profile = Profile { hourly: [1.0; 24], weekend: 1.0 };

/// What the users of a group do.
pub(super) struct Habits {
    pub(super) watchlist: WatchlistConfig,
    pub(super) visits: Option<VisitsConfig>,
}

/// `watchlist` and `visits`, which a group without users need not have.
pub(super) fn habits(group: &mut Section<'_>, users: OrNoted<u32>) -> OrNoted<Habits> {
    let needed = users.is_ok_and(|users| users > 0);
    let watchlist = if group.node("watchlist").is_some() || needed {
        watchlist(group)
    } else {
        // Nothing reads this: without users there are no watchlists.
        Ok(WatchlistConfig { instruments: Distribution::Constant(1.0), per_user: 1 })
    };
    let visits = (group.node("visits").is_some() || needed).then(|| visits(group));
    Ok(Habits { watchlist: watchlist?, visits: visits.transpose()? })
}

fn watchlist(group: &mut Section<'_>) -> OrNoted<WatchlistConfig> {
    if !group.has("watchlist") {
        return Err(group.lacks("watchlist", "{ instruments = { uniform = [20, 60] }, per_user = 1 }"));
    }
    let mut section = group.section("watchlist");
    let number = |item: &Item<'_>| distribution::distribution(item, Variate::Instruments);
    let instruments = section.required("instruments", "{ uniform = [20, 60] }", number);
    let per_user = section.default("per_user", "1", |item| item.whole_u32(1, 1_000));
    section.close();
    Ok(WatchlistConfig { instruments: instruments?, per_user: per_user? })
}

fn visits(group: &mut Section<'_>) -> OrNoted<VisitsConfig> {
    if !group.has("visits") {
        return Err(group.lacks("visits", "{ per_day = 8, profile = \"office\", time_zone = \"Europe/Zurich\" }"));
    }
    let mut section = group.section("visits");
    let per_day = section.required("per_day", "8", |item| item.real(Range::from(0.0, 100_000.0)));
    let profile = section.required("profile", "\"office\"", profile);
    let zone = section.required("time_zone", "\"Europe/Zurich\"", instruments::time_zone);
    section.close();
    let (per_day, profile, zone) = (per_day?, profile?, zone?);
    Ok(VisitsConfig { per_day, hourly: profile.hourly, weekend: profile.weekend, zone })
}

fn profile(item: &Item<'_>) -> OrNoted<Read<Profile>> {
    if let Some(name) = item.as_text() {
        let profile = match name {
            "office" => OFFICE,
            "evening" => EVENING,
            "uniform" => UNIFORM,
            _ => {
                return Err(item.unknown_choice(name, &["office", "evening", "uniform"]));
            }
        };
        return Read::new(profile, quoted(name));
    }
    let help = "write \"office\", \"evening\", \"uniform\" or { hourly = [24 numbers], weekend = 0.2 }";
    let [Some(hourly), weekend] = optional_fields(item, ["hourly", "weekend"], help)? else {
        return Err(item.wrong_kind("a named profile, or a table with `hourly` and perhaps `weekend`", help));
    };
    let weekend = match weekend {
        Some(weekend) => weekend.real(Range::from(0.0, 1_000.0)),
        None => Read::new(1.0, "1.0"),
    };
    let (hourly, weekend) = (hours(&hourly), weekend?);
    let hourly = hourly?;
    let toml = format!("{{ hourly = {}, weekend = {} }}", numbers_toml(&hourly), real_text(weekend.value));
    Read::new(Profile { hourly, weekend: weekend.value }, toml)
}

const HOURS: &str = "write a number for each hour, from 0 to 23 o'clock; only their ratios count";

fn hours(item: &Item<'_>) -> OrNoted<[f64; 24]> {
    let Some(elements) = item.elements() else {
        return Err(item.wrong_kind("a list of 24 numbers", HOURS));
    };
    let rate = |item: &Item<'_>| item.real(Range::from(0.0, 1e9));
    let numbers: Vec<_> = elements.iter().map(rate).collect();
    let numbers: Vec<f64> = numbers.into_iter().map(|read| Ok(read?.value)).collect::<OrNoted<_>>()?;
    let Ok(hours) = <[f64; 24]>::try_from(numbers) else {
        return Err(item.out_of_range(format!("a list of {}", elements.len()), "a list of 24 numbers", HOURS));
    };
    if hours.iter().all(|rate| *rate == 0.0) {
        let help = "for users who never visit, write per_day = 0";
        return Err(item.out_of_range("all zero", "greater than 0 for at least one hour", help));
    }
    Ok(hours)
}

/// How 24 relative rates look as TOML.
fn numbers_toml(numbers: &[f64]) -> String {
    let texts: Vec<String> = numbers.iter().map(|number| real_text(*number)).collect();
    format!("[{}]", texts.join(", "))
}
