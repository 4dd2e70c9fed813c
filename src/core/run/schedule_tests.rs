use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn whole(needs: &[usize]) -> Planned {
    Planned { per_node: false, needs: needs.to_vec() }
}
fn each(needs: &[usize]) -> Planned {
    Planned { per_node: true, needs: needs.to_vec() }
}
fn slot(check: usize, node: impl Into<Option<usize>>) -> Slot {
    Slot { check, node: node.into() }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Held,
    Fell,
    Blocked(Vec<Slot>),
}

/// Walks a schedule to its end. `falls` says which cases fail, `pick` which of the cases that are out ends next.
fn walk(
    checks: &[Planned],
    nodes: usize,
    falls: impl Fn(Slot) -> bool,
    mut pick: impl FnMut(usize) -> usize,
) -> (BTreeMap<Slot, End>, bool) {
    let mut schedule = Schedule::new(checks.to_vec());
    let mut out = Vec::new();
    let mut ends = BTreeMap::new();
    let (mut asked, mut pending) = (false, false);
    loop {
        let next = schedule.advance();
        match next {
            Next::Case(slot) => out.push(slot),
            Next::Nodes => {
                assert!(!asked, "the nodes are asked for once");
                (asked, pending) = (true, true);
            }
            Next::Wait => {
                let choices = out.len() + usize::from(pending);
                assert!(choices > 0, "waits for nothing");
                match pick(choices) % choices {
                    at if at < out.len() => {
                        let slot = out.swap_remove(at);
                        let end = if falls(slot) { End::Fell } else { End::Held };
                        assert_eq!(ends.insert(slot, end.clone()), None, "{slot:?} ended twice");
                        schedule.ended(slot, end == End::Held);
                    }
                    _ => {
                        pending = false;
                        if nodes == 0 { schedule.no_nodes() } else { schedule.nodes(nodes) }
                    }
                }
            }
            Next::Done => {}
        }
        for (slot, by) in schedule.take_blocked() {
            assert_eq!(ends.insert(slot, End::Blocked(by)), None, "{slot:?} ended twice");
        }
        if next == Next::Done {
            break;
        }
    }
    assert_eq!(schedule.known(), ends.len());
    (ends, asked)
}

/// The same by plain recursion: a case is blocked by the cases of its needs that did not hold.
fn expected(checks: &[Planned], nodes: usize, expanded: bool, falls: impl Fn(Slot) -> bool) -> BTreeMap<Slot, End> {
    let slots = |check: usize| -> Vec<Slot> {
        match checks[check].per_node && expanded && nodes > 0 {
            true => (0..nodes).map(|node| slot(check, node)).collect(),
            false => vec![slot(check, None)],
        }
    };
    let mut ends: BTreeMap<Slot, End> = BTreeMap::new();
    // In these tests an edge always leads to an earlier place.
    for (check, planned) in checks.iter().enumerate() {
        for case in slots(check) {
            let mut by: Vec<Slot> = planned
                .needs
                .iter()
                .flat_map(|need| slots(*need))
                .filter(|other| case.node.is_none() || other.node.is_none() || case.node == other.node)
                .filter(|other| ends[other] != End::Held)
                .collect();
            by.sort();
            by.dedup();
            let end = match (by.is_empty(), falls(case)) {
                (false, _) => End::Blocked(by),
                (true, true) => End::Fell,
                (true, false) => End::Held,
            };
            ends.insert(case, end);
        }
    }
    ends
}

#[test]
fn a_failure_blocks_what_stands_on_it_and_nothing_else() {
    let checks = [whole(&[]), whole(&[0]), whole(&[1]), whole(&[])];
    let (ends, _) = walk(&checks, 0, |case| case.check == 0, |_| 0);
    assert_eq!(ends[&slot(1, None)], End::Blocked(vec![slot(0, None)]));
    assert_eq!(ends[&slot(2, None)], End::Blocked(vec![slot(1, None)]));
    assert_eq!(ends[&slot(3, None)], End::Held);
}

#[test]
fn per_node_edges_join_the_same_node_and_a_whole_check_waits_for_all_nodes() {
    let checks = [whole(&[]), each(&[0]), each(&[1]), whole(&[2])];
    let (ends, asked) = walk(&checks, 3, |case| case == slot(1, 1), |_| 0);
    assert!(asked);
    assert_eq!(ends[&slot(2, 0)], End::Held);
    assert_eq!(ends[&slot(2, 1)], End::Blocked(vec![slot(1, 1)]));
    assert_eq!(ends[&slot(2, 2)], End::Held);
    assert_eq!(ends[&slot(3, None)], End::Blocked(vec![slot(2, 1)]));
}

#[test]
fn the_nodes_are_not_asked_for_where_no_per_node_check_can_go() {
    let checks = [whole(&[]), each(&[0]), whole(&[1]), each(&[2])];
    let (ends, asked) = walk(&checks, 3, |case| case.check == 0, |_| 0);
    assert!(!asked);
    assert_eq!(ends[&slot(1, None)], End::Blocked(vec![slot(0, None)]));
    assert_eq!(ends[&slot(3, None)], End::Blocked(vec![slot(2, None)]));
}

#[test]
fn without_nodes_each_per_node_check_has_one_case() {
    let checks = [whole(&[]), each(&[0]), each(&[1]), whole(&[1])];
    let (ends, asked) = walk(&checks, 0, |case| case.check == 1, |_| 0);
    assert!(asked);
    assert_eq!(ends.len(), 4);
    assert_eq!(ends[&slot(2, None)], End::Blocked(vec![slot(1, None)]));
    assert_eq!(ends[&slot(3, None)], End::Blocked(vec![slot(1, None)]));
}

#[test]
fn giving_up_ends_every_case_once() {
    let checks = [whole(&[]), whole(&[0]), each(&[0])];
    let mut schedule = Schedule::new(checks.to_vec());
    assert_eq!(schedule.advance(), Next::Case(slot(0, None)));
    let (out, unasked) = schedule.give_up();
    assert_eq!(out, [slot(0, None)]);
    assert_eq!(unasked, [slot(1, None), slot(2, None)]);
    schedule.ended(slot(0, None), true);
    assert_eq!(schedule.advance(), Next::Done);
    assert!(schedule.take_blocked().is_empty());
}

#[test]
fn five_thousand_nodes_are_scheduled_in_moments() {
    let checks: Vec<Planned> =
        (0..10).map(|at| if at == 0 { whole(&[]) } else { each(&(0..at).collect::<Vec<_>>()) }).collect();
    let (ends, _) = walk(&checks, 5000, |case| case == slot(1, 77), |_| 0);
    assert_eq!(ends.len(), 1 + 9 * 5000);
    assert_eq!(ends.values().filter(|end| matches!(end, End::Blocked(_))).count(), 8);
}

/// Up to 9 checks, each per node or not, each standing on any earlier ones.
fn graphs() -> impl Strategy<Value = Vec<Planned>> {
    proptest::collection::vec((any::<bool>(), any::<u16>()), 1..9).prop_map(|seeds| {
        seeds
            .iter()
            .enumerate()
            .map(|(at, (per_node, bits))| Planned {
                per_node: *per_node,
                needs: (0..at).filter(|need| bits >> need & 3 == 3).collect(),
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]
    #[test]
    fn every_order_of_endings_brings_the_same_outcomes(
        checks in graphs(), nodes in 0usize..4, fates in proptest::collection::vec(any::<bool>(), 64),
        first in proptest::collection::vec(any::<usize>(), 64), second in proptest::collection::vec(any::<usize>(), 64),
    ) {
        // Two of three cases hold, so that deep graphs are reached too.
        let falls = |case: Slot| {
            let at = case.check * 5 + case.node.map_or(0, |node| node + 1);
            fates[at % 64] && fates[(at * 7 + 3) % 64]
        };
        let order = |picks: Vec<usize>| {
            let mut at = 0;
            move |_: usize| { at += 1; picks[at % picks.len()] }
        };
        let (one, asked) = walk(&checks, nodes, falls, order(first));
        let (other, asked_too) = walk(&checks, nodes, falls, order(second));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(asked, asked_too);
        prop_assert_eq!(one, expected(&checks, nodes, asked, falls));
    }
}
