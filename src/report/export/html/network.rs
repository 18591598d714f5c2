//! The network as inline SVG: each group is a cluster of dots, servers above, and a server's size is its load. The places follow
//! from the numbers alone.

use std::f64::consts::PI;
use std::fmt::Write as _;

use crate::record::{MapChoice, MapGroup, MapLink, MapRole};
use crate::report::parts::PageNetwork;

use super::markup::{counted, element, escaped, path, px, text};
use super::shapes::{WIDTH, dot, label_at};

/// The radius of a dot for a client, and the least and the greatest one of a server \[units\].
const CLIENT: f64 = 5.0;
const LEAST: f64 = 8.0;
const GREATEST: f64 = 26.0;

/// A cluster has at most this radius, however many instances it has \[units\].
const WIDEST: f64 = 130.0;

/// Room around a cluster, and for its label below \[units\].
const GAP: f64 = 36.0;
const LABEL: f64 = 36.0;

/// So many instances of a group lie on a ring.
const ON_RING: u32 = 6;

/// A group with its place.
struct Cluster<'n> {
    group: &'n MapGroup,
    centre: (f64, f64),
    radius: f64,
}

/// The drawing of `network`, the `number`th of a page, and who may ask whom in words.
pub(super) fn figure(network: &PageNetwork, number: usize) -> String {
    let (servers, others) = (network.groups(true), network.groups(false));
    let mut top = LABEL;
    let mut placed: Vec<(usize, Cluster<'_>)> = Vec::new();
    for row in [servers, others].iter().filter(|row| !row.is_empty()) {
        let height = place(network, row, top, &mut placed);
        top += height + GAP + LABEL;
    }
    placed.sort_by_key(|(index, _)| *index);
    let clusters: Vec<Cluster<'_>> = placed.into_iter().map(|(_, cluster)| cluster).collect();
    let links: String = network.map.links.iter().map(|link| drawn_link(link, &clusters)).collect();
    let groups: String = clusters.iter().map(|cluster| drawn_cluster(cluster, network)).collect();
    let title =
        if network.points.is_empty() { "The network".to_owned() } else { format!("The network of {}", network.points) };
    let told = words(network);
    let svg = element(
        &format!(
            "svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"network-title-{number} network-desc-{number}\"",
            px(WIDTH),
            px(top - GAP)
        ),
        &format!(
            "{}{}{links}{groups}",
            text(&format!("title id=\"network-title-{number}\""), &title),
            text(&format!("desc id=\"network-desc-{number}\""), &told.join(" ")),
        ),
    );
    let list: String = told.iter().map(|line| text("li", line)).collect();
    let heading = text(&format!("h3 id=\"network-{number}\""), &title);
    let label = escaped(&format!("{title}: arrow keys step through its servers"));
    let plot = element(
        &format!("div class=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\""),
        &format!("{svg}<p class=\"tip\" role=\"status\"></p>"),
    );
    element(
        &format!("figure class=\"chart network screen\" aria-labelledby=\"network-{number}\""),
        &format!("{heading}{plot}{}", element("ul class=\"told\"", &list)),
    )
}

/// Places the groups of a row beside each other below `top`; returns the height of the row.
fn place<'n>(network: &'n PageNetwork, row: &[usize], top: f64, placed: &mut Vec<(usize, Cluster<'n>)>) -> f64 {
    let radius = |index: &usize| cluster_radius(&network.map.groups[*index]);
    // A label needs room, too.
    let needed = |index: &usize| (2.0 * radius(index)).max(120.0) + GAP;
    let all: f64 = row.iter().map(needed).sum();
    let factor = (WIDTH / all).min(1.0);
    let highest = row.iter().map(radius).fold(0.0, f64::max) * factor;
    let mut left = (WIDTH - all * factor) / 2.0;
    for index in row {
        let width = needed(index) * factor;
        let centre = (left + width / 2.0, top + highest);
        placed.push((*index, Cluster { group: &network.map.groups[*index], centre, radius: radius(index) * factor }));
        left += width;
    }
    2.0 * highest
}

/// The radius of a cluster \[units\].
fn cluster_radius(group: &MapGroup) -> f64 {
    let (dot, apart) = if group.role == MapRole::PushOpen { (GREATEST, 34.0) } else { (CLIENT, 11.0) };
    (dot + 6.0 + apart * libm::sqrt(f64::from(group.count.saturating_sub(1)))).min(WIDEST)
}

/// Where instance `number` of `count` lies in a cluster of this radius: a few on a ring, and many on a spiral that fills it evenly.
fn spiral(number: u32, count: u32, radius: f64) -> (f64, f64) {
    if count < 2 {
        return (0.0, 0.0);
    }
    if count <= ON_RING {
        let angle = 2.0 * PI * f64::from(number) / f64::from(count) - PI / 2.0;
        return (0.7 * radius * libm::cos(angle), 0.7 * radius * libm::sin(angle));
    }
    let golden = PI * (3.0 - libm::sqrt(5.0));
    let away = radius * libm::sqrt((f64::from(number) + 0.5) / f64::from(count));
    let angle = f64::from(number) * golden;
    (away * libm::cos(angle), away * libm::sin(angle))
}

fn drawn_cluster(cluster: &Cluster<'_>, network: &PageNetwork) -> String {
    /// More dots than these are a grey disc.
    const MOST_DOTS: u32 = 600;
    let Cluster { group, centre: (x, y), radius } = cluster;
    let is_server = group.role == MapRole::PushOpen;
    let mut content = format!("<circle class=\"cluster\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>", px(*x), px(*y), px(*radius));
    let highest = network.highest_load();
    let inner = radius - if is_server { GREATEST.min(radius / 2.0) } else { CLIENT + 4.0 };
    for number in 0..group.count.min(MOST_DOTS) {
        let (right, down) = spiral(number, group.count.min(MOST_DOTS), inner.max(0.0));
        let place = (x + right, y + down);
        let name = format!("{}-{}", group.name, number + 1);
        if is_server {
            let load = network.loads.iter().find(|load| load.server == name);
            let share = load.filter(|_| highest > 0.0).map(|load| load.per_s / highest);
            let size = share.map_or(LEAST * 1.5, |share| LEAST.max(GREATEST * libm::sqrt(share)));
            let told = load.map_or_else(|| name.clone(), |load| format!("{name}: messages {}", load.told));
            dot(&mut content, "hub", place, size.min(radius - 4.0), &told);
        } else {
            let (x, y, size) = (px(place.0), px(place.1), px(CLIENT.min(radius / 3.0)));
            write!(content, "<circle class=\"client\" cx=\"{x}\" cy=\"{y}\" r=\"{size}\"/>")
                .expect("writing into memory");
        }
    }
    // A line leads down from a server, and up from the others: their names are on the other side.
    let beside = if is_server { y - radius - 12.0 } else { y + radius + 24.0 };
    label_at(&mut content, "mid name halo", (*x, beside), &format!("{} × {}", group.count, group.name));
    element("g class=\"series\"", &content)
}

/// A line between two clusters, or a ring around one whose instances know each other.
fn drawn_link(link: &MapLink, clusters: &[Cluster<'_>]) -> String {
    let (from, to) = (&clusters[link.from], &clusters[link.to]);
    let class = if link.choice == MapChoice::All { "link" } else { "link some" };
    if link.from == link.to {
        let (x, y) = from.centre;
        return format!(
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
            px(x),
            px(y),
            px(from.radius + 6.0)
        );
    }
    format!("<path class=\"{class}\" d=\"{}\"/>", path([from.centre, to.centre]))
}

/// What the drawing shows.
fn words(network: &PageNetwork) -> Vec<String> {
    let groups = &network.map.groups;
    let group = |group: &MapGroup| {
        let count = usize::try_from(group.count).unwrap_or(usize::MAX);
        let what = match group.role {
            MapRole::PushOpen => counted(count, "push-open server"),
            MapRole::Open => format!("{} that answer requests", counted(count, "instance")),
            MapRole::Closed => format!("{} that answer nobody", counted(count, "instance")),
            MapRole::Apart => format!("{} without GTNet", counted(count, "instance")),
        };
        let users = match group.users {
            0 => String::new(),
            1 => ", with one user each".to_owned(),
            users => format!(", with {users} users each"),
        };
        format!("{}: {what}{users}.", group.name)
    };
    let link = |link: &MapLink| {
        let whom = match link.choice {
            MapChoice::All => "all of it".to_owned(),
            MapChoice::Random(count) => format!("{count} of it, drawn at random"),
            MapChoice::Nearest(count) => format!("the nearest {count} of it"),
            MapChoice::InTurn(count) => format!("{count} of it, in turn"),
            MapChoice::Listed(pairs) => format!("those that the scenario lists ({pairs} pairs)"),
        };
        let (from, to) = (&groups[link.from].name, &groups[link.to].name);
        if link.from == link.to {
            format!("{from} asks its own group: {whom}.")
        } else {
            format!("{from} asks {to}: {whom}.")
        }
    };
    let size = network.loads.iter().any(|load| load.per_s > 0.0);
    let size = size.then(|| "The area of a server shows how many messages arrive at it.".to_owned());
    groups.iter().map(group).chain(network.map.links.iter().map(link)).chain(size).collect()
}
