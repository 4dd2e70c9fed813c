use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

fn whole(needs: &[usize]) -> Planned {
    Planned { each: None, needs: needs.to_vec() }
}
fn of(each: Each, needs: &[usize]) -> Planned {
    Planned { each: Some(each), needs: needs.to_vec() }
}
fn each(needs: &[usize]) -> Planned {
    of(Each::Node, needs)
}
fn slot(check: usize, subject: impl Into<Option<usize>>) -> Slot {
    Slot { check, subject: subject.into() }
}

/// What became of a case, and what it held up.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Asked(Holds),
    Blocked(Vec<Slot>, Holds),
}

const HELD: End = End::Asked(Holds::Nothing);

impl End {
    fn holds(&self) -> Holds {
        match self {
            End::Asked(holds) | End::Blocked(_, holds) => *holds,
        }
    }
}

/// The subjects of a set where there are `size` nodes: connections are stores too, and stores have one more.
fn subjects(each: Each, size: usize) -> Vec<usize> {
    match each {
        Each::Node => (0..size).collect(),
        Each::Store => (100..100 + size + 1).collect(),
        Each::Connection => (99..100 + size).collect(),
        Each::Namespace | Each::Repository => Vec::new(),
    }
}

type Ends = BTreeMap<Slot, End>;

/// Walks a schedule to its end. `fate` says what a case holds up, `pick` which of the things that are out ends next. Also
/// returns which sets were asked for.
fn walk(
    checks: &[Planned],
    size: usize,
    fate: impl Fn(Slot) -> Holds,
    mut pick: impl FnMut(usize) -> usize,
) -> (Ends, BTreeSet<Each>) {
    let mut schedule = Schedule::new(checks.to_vec());
    let (mut out, mut pending) = (Vec::new(), Vec::new());
    let (mut ends, mut asked) = (BTreeMap::new(), BTreeSet::new());
    loop {
        let next = schedule.advance();
        match next {
            Next::Case(slot) => out.push(slot),
            Next::Subjects(each) => {
                assert!(asked.insert(each), "{each:?} is asked for once");
                pending.push(each);
            }
            Next::Wait => {
                let choices = out.len() + pending.len();
                assert!(choices > 0, "waits for nothing");
                match pick(choices) % choices {
                    at if at < out.len() => {
                        let slot = out.swap_remove(at);
                        assert_eq!(ends.insert(slot, End::Asked(fate(slot))), None, "{slot:?} ended twice");
                        schedule.ended(slot, fate(slot));
                    }
                    at => {
                        let each = pending.swap_remove(at - out.len());
                        match subjects(each, size) {
                            none if none.is_empty() => schedule.no_subjects(each),
                            some => schedule.subjects(each, some),
                        }
                    }
                }
            }
            Next::Done => {}
        }
        for (slot, by) in schedule.take_blocked() {
            let holds = by.iter().map(|slot| ends[slot].holds()).max().unwrap();
            assert_eq!(ends.insert(slot, End::Blocked(by, holds)), None, "{slot:?} ended twice");
        }
        if next == Next::Done {
            break;
        }
    }
    assert_eq!(schedule.known(), ends.len());
    (ends, asked)
}

/// The same by plain recursion: a case is blocked by the cases of its needs that hold it up.
fn expected(checks: &[Planned], size: usize, asked: &BTreeSet<Each>, fate: impl Fn(Slot) -> Holds) -> Ends {
    let slots = |check: usize| -> Vec<Slot> {
        match checks[check].each.filter(|each| asked.contains(each)).map(|each| subjects(each, size)) {
            Some(some) if !some.is_empty() => some.into_iter().map(|subject| slot(check, subject)).collect(),
            _ => vec![slot(check, None)],
        }
    };
    let mut ends: Ends = BTreeMap::new();
    // In these tests an edge always leads to an earlier place.
    for (check, planned) in checks.iter().enumerate() {
        for case in slots(check) {
            let blames = |other: &Slot| {
                let sets = planned.each.zip(checks[other.check].each);
                let joined = sets.is_some_and(|(one, other)| one.joins(other));
                match joined && case.subject.is_some() && other.subject.is_some() {
                    true => other.subject == case.subject && ends[other].holds() > Holds::Nothing,
                    false => ends[other].holds() == Holds::Everything,
                }
            };
            let mut by: Vec<Slot> = planned.needs.iter().flat_map(|need| slots(*need)).filter(blames).collect();
            by.sort();
            by.dedup();
            let end = match by.iter().map(|slot| ends[slot].holds()).max() {
                Some(holds) => End::Blocked(by, holds),
                None => End::Asked(fate(case)),
            };
            ends.insert(case, end);
        }
    }
    ends
}

/// Fails where `falls`, and holds everything up.
fn failing(falls: impl Fn(Slot) -> bool) -> impl Fn(Slot) -> Holds {
    move |slot| if falls(slot) { Holds::Everything } else { Holds::Nothing }
}

fn blocked(by: &[Slot]) -> End {
    End::Blocked(by.to_vec(), Holds::Everything)
}

#[test]
fn a_failure_blocks_what_stands_on_it_and_nothing_else() {
    let checks = [whole(&[]), whole(&[0]), whole(&[1]), whole(&[])];
    let (ends, _) = walk(&checks, 0, failing(|case| case.check == 0), |_| 0);
    assert_eq!(ends[&slot(1, None)], blocked(&[slot(0, None)]));
    assert_eq!(ends[&slot(2, None)], blocked(&[slot(1, None)]));
    assert_eq!(ends[&slot(3, None)], HELD);
}

#[test]
fn per_node_edges_join_the_same_node_and_a_whole_check_waits_for_all_nodes() {
    let checks = [whole(&[]), each(&[0]), each(&[1]), whole(&[2])];
    let (ends, asked) = walk(&checks, 3, failing(|case| case == slot(1, 1)), |_| 0);
    assert!(asked.contains(&Each::Node));
    assert_eq!(ends[&slot(2, 0)], HELD);
    assert_eq!(ends[&slot(2, 1)], blocked(&[slot(1, 1)]));
    assert_eq!(ends[&slot(2, 2)], HELD);
    assert_eq!(ends[&slot(3, None)], blocked(&[slot(2, 1)]));
}

#[test]
fn the_nodes_are_not_asked_for_where_no_per_node_check_can_go() {
    let checks = [whole(&[]), each(&[0]), whole(&[1]), each(&[2])];
    let (ends, asked) = walk(&checks, 3, failing(|case| case.check == 0), |_| 0);
    assert!(asked.is_empty());
    assert_eq!(ends[&slot(1, None)], blocked(&[slot(0, None)]));
    assert_eq!(ends[&slot(3, None)], blocked(&[slot(2, None)]));
}

#[test]
fn without_nodes_each_per_node_check_has_one_case() {
    let checks = [whole(&[]), each(&[0]), each(&[1]), whole(&[1])];
    let (ends, asked) = walk(&checks, 0, failing(|case| case.check == 1), |_| 0);
    assert!(asked.contains(&Each::Node));
    assert_eq!(ends.len(), 4);
    assert_eq!(ends[&slot(2, None)], blocked(&[slot(1, None)]));
    assert_eq!(ends[&slot(3, None)], blocked(&[slot(1, None)]));
}

#[test]
fn giving_up_ends_every_case_once() {
    let checks = [whole(&[]), whole(&[0]), each(&[0])];
    let mut schedule = Schedule::new(checks.to_vec());
    assert_eq!(schedule.advance(), Next::Case(slot(0, None)));
    let (out, unasked) = schedule.give_up();
    assert_eq!(out, [slot(0, None)]);
    assert_eq!(unasked, [slot(1, None), slot(2, None)]);
    schedule.ended(slot(0, None), Holds::Nothing);
    assert_eq!(schedule.advance(), Next::Done);
    assert!(schedule.take_blocked().is_empty());
}

#[test]
fn five_thousand_nodes_are_scheduled_in_moments() {
    let checks: Vec<Planned> =
        (0..10).map(|at| if at == 0 { whole(&[]) } else { each(&(0..at).collect::<Vec<_>>()) }).collect();
    let (ends, _) = walk(&checks, 5000, failing(|case| case == slot(1, 77)), |_| 0);
    assert_eq!(ends.len(), 1 + 9 * 5000);
    assert_eq!(ends.values().filter(|end| matches!(end, End::Blocked(..))).count(), 8);
}

#[test]
fn what_cannot_be_looked_at_holds_up_its_own_subject_alone() {
    // Subject 101 cannot be looked at: the second check of the stores is blocked there, the nodes go on.
    let checks = [of(Each::Store, &[]), of(Each::Store, &[0]), each(&[1]), whole(&[1])];
    let fate = |case: Slot| if case == slot(0, 101) { Holds::Subject } else { Holds::Nothing };
    let (ends, _) = walk(&checks, 2, fate, |_| 0);
    assert_eq!(ends[&slot(1, 101)], End::Blocked(vec![slot(0, 101)], Holds::Subject));
    assert_eq!(ends[&slot(1, 100)], HELD);
    assert_eq!(ends[&slot(2, 0)], HELD);
    assert_eq!(ends[&slot(3, None)], HELD);
}

#[test]
fn sets_that_share_subjects_are_joined_where_they_do() {
    // Connection 99 is not a store, and store 102 is not a connection.
    let checks = [of(Each::Connection, &[]), of(Each::Store, &[0])];
    let (ends, _) = walk(&checks, 2, failing(|case| case == slot(0, 100) || case == slot(0, 99)), |_| 0);
    assert_eq!(ends[&slot(1, 100)], blocked(&[slot(0, 100)]));
    assert_eq!(ends[&slot(1, 101)], HELD);
    assert_eq!(ends[&slot(1, 102)], HELD);
}

#[test]
fn a_case_that_waited_for_two_checks_of_another_set_is_blocked_once() {
    // Connection 99 fails before the stores are known, and it is in none of them.
    let checks =
        [of(Each::Store, &[]), of(Each::Store, &[]), of(Each::Connection, &[]), of(Each::Connection, &[0, 1, 2])];
    for connections_first in [true, false] {
        let mut first = true;
        let pick = |choices: usize| if std::mem::take(&mut first) && connections_first { choices - 1 } else { 0 };
        let (ends, _) = walk(&checks, 0, failing(|case| case == slot(2, 99)), pick);
        assert_eq!(ends[&slot(3, 99)], blocked(&[slot(2, 99)]));
    }
}

/// Up to 9 checks, each of some set or of none, each depending on any earlier ones.
fn graphs() -> impl Strategy<Value = Vec<Planned>> {
    let sets = vec![None, None, Some(Each::Node), Some(Each::Store), Some(Each::Connection)];
    proptest::collection::vec((proptest::sample::select(sets), any::<u16>()), 1..9).prop_map(|seeds| {
        let planned = |(at, (each, bits)): (usize, &(Option<Each>, u16))| Planned {
            each: *each,
            needs: (0..at).filter(|need| bits >> need & 3 == 3).collect(),
        };
        seeds.iter().enumerate().map(planned).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]
    #[test]
    fn every_order_of_endings_brings_the_same_outcomes(
        checks in graphs(), size in 0usize..4, fates in proptest::collection::vec(0usize..3, 64),
        first in proptest::collection::vec(any::<usize>(), 64), second in proptest::collection::vec(any::<usize>(), 64),
    ) {
        // Most cases hold, so that deep graphs are reached too.
        let fate = |case: Slot| {
            let at = case.check * 5 + case.subject.map_or(0, |subject| subject + 1);
            match (fates[at % 64], fates[(at * 7 + 3) % 64]) {
                (0, 0) => Holds::Everything,
                (0, 1) => Holds::Subject,
                _ => Holds::Nothing,
            }
        };
        let order = |picks: Vec<usize>| {
            let mut at = 0;
            move |_: usize| { at += 1; picks[at % picks.len()] }
        };
        let (one, asked) = walk(&checks, size, fate, order(first));
        let (other, asked_too) = walk(&checks, size, fate, order(second));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(&asked, &asked_too);
        prop_assert_eq!(one, expected(&checks, size, &asked, fate));
    }
}
