//! The picture of the deployment: boxes and arrows, each with what became of its checks, drawn as SVG within the page.
//! Colour says nothing that a mark, a dash or a word does not say as well.

use maud::{Markup, html};

use super::facts::{Alike, Networks, subjects};
use super::places::{self, Found, Place};
use super::{line, tone};
use crate::record::Report;
use crate::report::outcome::{Outcome, Tone};
use crate::report::{names, text};
use crate::subject::Kind;

/// The most boxes within a box: nodes and buckets.
const MOST: usize = 6;
/// Columns of a pill's words; the whole stands in its title and in the table below the picture.
const COLUMNS: usize = 28;

/// A box, in units of the picture.
struct Box {
    x: usize,
    y: usize,
    wide: usize,
    high: usize,
}

/// An arrow: its corners, and the middle of the pill that stands on it.
struct Arrow {
    place: &'static Place,
    corners: &'static [(usize, usize)],
    pill: (usize, usize),
}

const WIDE: usize = 1290;
const HIGH: usize = 640;

static ARROWS: [Arrow; 8] = [
    Arrow { place: &places::HOST_TO_API, corners: &[(280, 150), (540, 150)], pill: (410, 150) },
    Arrow { place: &places::API_TO_NODES, corners: &[(665, 200), (665, 300)], pill: (665, 250) },
    Arrow { place: &places::PODS_TO_HOST, corners: &[(540, 360), (280, 360)], pill: (410, 360) },
    Arrow { place: &places::HOST_TO_PODS, corners: &[(280, 470), (540, 470)], pill: (410, 470) },
    Arrow {
        place: &places::HOST_TO_REGISTRY,
        corners: &[(165, 110), (165, 40), (1160, 40), (1160, 90)],
        pill: (940, 40),
    },
    Arrow {
        place: &places::NODES_TO_REGISTRY,
        corners: &[(790, 340), (930, 340), (930, 150), (1050, 150)],
        pill: (930, 245),
    },
    Arrow { place: &places::PODS_TO_BUCKETS, corners: &[(790, 440), (1050, 440)], pill: (930, 440) },
    Arrow {
        place: &places::HOST_TO_BUCKETS,
        corners: &[(268, 530), (268, 605), (1160, 605), (1160, 560)],
        pill: (940, 605),
    },
];

/// The picture, within what scrolls where the page is narrow.
pub(super) fn picture(report: &Report, found: &[Found]) -> Markup {
    let networks = Networks::of(report);
    html! {
        div.scroll role="region" aria-label="Picture of the deployment" tabindex="0" {
            svg.picture viewBox=(format!("0 0 {WIDE} {HIGH}")) role="group" aria-labelledby="picture-title" {
                title id="picture-title" { "The deployment: its parts, and what each way between them was found to be" }
                (frames(&networks))
                @for arrow in &ARROWS { (arrow_of(arrow, of(found, arrow.place))) }
                (boxes(report, found))
            }
        }
    }
}

/// The ways of the picture in words, in a table.
pub(super) fn in_words(found: &[Found]) -> Markup {
    html! {
        details { summary { "The picture in words" }
        table {
            thead { tr { th scope="col" { "Part or way" } th scope="col" { "What it proves" } th scope="col" { "Found" } } }
            tbody {
                @for found in found {
                    @let outcome = found.outcome();
                    tr {
                        th scope="row" { a href=(format!("#{}", found.place.id)) { (found.place.title) } }
                        td { (found.place.proves) }
                        td class=(tone(outcome)) { (mark(outcome)) " " (line(&found.words())) }
                    }
                }
            }
        } }
    }
}

fn of<'f, 'r>(found: &'f [Found<'r>], place: &Place) -> Option<&'f Found<'r>> {
    found.iter().find(|found| found.place == place)
}

/// The mark of an outcome; of a place without cases that of what was not asked.
pub(super) fn mark(outcome: Option<&Outcome>) -> char {
    outcome.map_or(Tone::Faint.mark(), |outcome| outcome.mark)
}

fn frames(networks: &Networks) -> Markup {
    let named = |what: &str, names: &[String]| match names {
        [] => what.to_owned(),
        names => format!("{what} {}", names.join(", ")),
    };
    html! {
        rect.frame x="16" y="66" width="800" height="516" rx="14" {}
        text.faint x="300" y="90" { (line(&text::shorten(&named("VPC", &networks.vpcs), 60))) }
        rect.frame.inner x="34" y="100" width="262" height="468" rx="10" {}
        rect.frame.inner x="524" y="100" width="282" height="468" rx="10" {}
        (vswitches(&networks.vswitches_of_host, 44))
        (vswitches(&networks.vswitches_of_cluster, 534))
    }
}

/// The names of the vSwitches of one side, at the foot of its frame; no name is told where the cloud was not asked.
fn vswitches(names: &[String], x: usize) -> Markup {
    let shown = names.len().min(2);
    let left = names.len() - shown;
    html! {
        @for (at, name) in names.iter().take(shown).enumerate() {
            @let more = if at + 1 == shown && left > 0 { format!(" and {left} more") } else { String::new() };
            text.faint.small x=(x) y=(561 - 15 * (shown - 1 - at)) { (line(&text::shorten(&format!("vSwitch {name}{more}"), 38))) }
        }
    }
}

fn boxes(report: &Report, found: &[Found]) -> Markup {
    let nodes = subjects(report, &[Kind::Node], MOST);
    let buckets = subjects(report, &[Kind::Connection, Kind::Bucket], MOST);
    let within =
        |place: &'static Place, y: usize| boxed(of(found, place), place, &Box { x: 64, y, wide: 202, high: 80 });
    html! {
        (boxed(of(found, &places::VPC), &places::VPC, &Box { x: 330, y: 196, wide: 160, high: 70 }))
        (boxed(of(found, &places::HOST), &places::HOST, &Box { x: 50, y: 110, wide: 230, high: 420 }))
        (within(&places::DSS, 190))
        (within(&places::HADOOP, 300))
        (within(&places::SPARK, 410))
        (boxed(of(found, &places::API), &places::API, &Box { x: 540, y: 110, wide: 250, high: 90 }))
        (boxed(of(found, &places::NODES), &places::NODES, &Box { x: 540, y: 300, wide: 250, high: 220 }))
        (inside(&nodes, Kind::Node, 552, 368))
        (boxed(of(found, &places::REGISTRY), &places::REGISTRY, &Box { x: 1050, y: 90, wide: 220, high: 90 }))
        (boxed(of(found, &places::BUCKETS), &places::BUCKETS, &Box { x: 1050, y: 300, wide: 220, high: 260 }))
        (inside(&buckets, Kind::Bucket, 1062, 368))
    }
}

/// A box with its name and what became of its checks, which leads to them.
fn boxed(found: Option<&Found>, place: &'static Place, at: &Box) -> Markup {
    let outcome = found.and_then(Found::outcome);
    let words = found.map_or_else(String::new, Found::words);
    let name = format!("{} {}", mark(outcome), place.title);
    let shown = line(&text::shorten(&text::one_line(&words), at.wide / 7));
    html! {
        a href=(format!("#{}", place.id)) {
            rect class=(format!("box {}", tone(outcome))) x=(at.x) y=(at.y) width=(at.wide) height=(at.high) rx="8" {}
            text.name x=(at.x + 12) y=(at.y + 26) { (name) }
            text.small x=(at.x + 12) y=(at.y + 46) { (shown) }
        }
    }
}

/// The subjects within a box, one below the other; those that ended alike as one where there are many.
fn inside(alike: &[Alike], kind: Kind, x: usize, top: usize) -> Markup {
    let shown = if alike.len() > MOST { MOST - 1 } else { alike.len() };
    let left: usize = alike[shown..].iter().map(|same| same.names.len()).sum();
    html! {
        @if shown > 0 { text.small.faint x=(x) y=(top) { "with the ways from and to it:" } }
        @for (at, same) in alike.iter().take(shown).enumerate() {
            @let y = top + 22 + at * 24;
            g {
                title { (line(&names::some_of(&same.names))) }
                text class=(format!("small {}", tone(Some(same.outcome)))) x=(x) y=(y) {
                    (same.outcome.mark) " " (line(&text::shorten(&text::one_line(&name_of(same, kind)), 30)))
                }
            }
        }
        @if left > 0 {
            text.small.faint x=(x) y=(top + 22 + shown * 24) { "… and " (left) " more" }
        }
    }
}

fn name_of(same: &Alike, kind: Kind) -> String {
    match same.names.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("{}, {}", kind.counted(several.len()), same.outcome.word),
    }
}

/// An arrow up to its pill as its outcome has it; behind the pill it goes on only where all of it holds.
fn arrow_of(arrow: &Arrow, found: Option<&Found>) -> Markup {
    let outcome = found.and_then(Found::outcome);
    let tone = tone(outcome);
    let words = found.map_or_else(String::new, Found::words);
    let (x, y) = arrow.pill;
    let name = format!("{} {}", mark(outcome), arrow.place.proves);
    let shown = line(&text::shorten(&text::one_line(&words), COLUMNS));
    let points: Vec<String> = arrow.corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let wide = 7 * text::columns(&name).max(text::columns(&shown)) + 20;
    html! {
        a href=(format!("#{}", arrow.place.id)) {
            polyline class=(format!("way {tone}")) points=(points.join(" ")) {}
            (head(arrow.corners, found))
            rect class=(format!("pill {tone}")) x=(x - wide / 2) y=(y - 22) width=(wide) height="44" rx="10" {}
            text.small.middle x=(x) y=(y - 4) { (name) }
            text class=(format!("small middle {tone}")) x=(x) y=(y + 14) { (shown) }
        }
    }
}

/// The head of an arrow at its last corner where the way leads there; a bar across it where it does not, and neither where
/// nobody asked.
fn head(corners: &[(usize, usize)], found: Option<&Found>) -> Markup {
    let [.., (from_x, from_y), (x, y)] = *corners else { return html! {} };
    let outcome = found.and_then(Found::outcome);
    let (x, y) = (x as isize, y as isize);
    let (dx, dy) = ((x - from_x as isize).signum(), (y - from_y as isize).signum());
    let point =
        |along: isize, across: isize| format!("{},{}", x - dx * along + dy * across, y - dy * along + dx * across);
    html! {
        @if outcome.is_some_and(Outcome::holds) {
            polygon class=(format!("head {}", tone(outcome))) points=([point(0, 0), point(14, 7), point(14, -7)].join(" ")) {}
        } @else if found.is_some_and(|found| found.stop().is_some()) {
            polyline class=(format!("bar {}", tone(outcome))) points=([point(10, 11), point(10, -11)].join(" ")) {}
        }
    }
}
