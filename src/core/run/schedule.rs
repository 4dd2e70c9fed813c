//! What can be asked next, what cannot and because of whom. Pure: it knows neither a clock nor a task.
//!
//! A check has one case, or, when it is asked per node, one for each node. Between per-node checks an edge joins the
//! cases of the same node; every other edge waits for the whole of what it points at. The nodes are asked for once some
//! per-node check stands on firm ground; where none ever does, each per-node check ends as one case without a node.

use std::collections::BTreeSet;

/// One check as the schedule sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// One case per node.
    pub per_node: bool,
    /// Places of the checks it stands on, in the same list. The graph has no cycle.
    pub needs: Vec<usize>,
}

/// One case: the place of its check, and of its node where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    pub check: usize,
    pub node: Option<usize>,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask this case; it is out until [`Schedule::ended`].
    Case(Slot),
    /// Ask for the nodes; then call [`Schedule::nodes`] or [`Schedule::no_nodes`].
    Nodes,
    /// Nothing until something that is out has ended.
    Wait,
    /// Every case has ended.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subjects {
    Unasked,
    Asked,
    Known(usize),
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Ready,
    Out,
    Ended,
}

#[derive(Debug, Clone)]
struct Case {
    /// Needs that have not ended yet.
    waiting: usize,
    /// The cases of its needs that do not hold.
    fallen: Vec<Slot>,
    phase: Phase,
}

/// The state of one check: its cases once they are known, and those of them that do not hold.
#[derive(Debug, Clone)]
struct State {
    cases: Option<Vec<Case>>,
    open: usize,
    fallen: Vec<Slot>,
    dependents: Vec<usize>,
}

impl State {
    fn complete(&self) -> bool {
        self.cases.is_some() && self.open == 0
    }
}

/// The schedule of one run.
#[derive(Debug, Clone)]
pub struct Schedule {
    checks: Vec<Planned>,
    states: Vec<State>,
    subjects: Subjects,
    ready: BTreeSet<Slot>,
    out: usize,
    blocked: Vec<(Slot, Vec<Slot>)>,
}

impl Schedule {
    /// A schedule in which nothing was asked yet. Needs that are not places of the list are ignored.
    pub fn new(mut checks: Vec<Planned>) -> Schedule {
        let count = checks.len();
        let fresh = State { cases: None, open: 0, fallen: Vec::new(), dependents: Vec::new() };
        let mut states = vec![fresh; count];
        for (at, check) in checks.iter_mut().enumerate() {
            check.needs.retain(|need| *need < count && *need != at);
            check.needs.sort_unstable();
            check.needs.dedup();
            for need in &check.needs {
                states[*need].dependents.push(at);
            }
        }
        let mut schedule = Schedule {
            checks,
            states,
            subjects: Subjects::Unasked,
            ready: BTreeSet::new(),
            out: 0,
            blocked: Vec::new(),
        };
        let whole: Vec<usize> = (0..count).filter(|at| !schedule.checks[*at].per_node).collect();
        schedule.open(&whole);
        schedule
    }

    /// What to do next. Cases come in the order of the list, nodes in order within a check.
    pub fn advance(&mut self) -> Next {
        if self.wants_nodes() {
            self.subjects = Subjects::Asked;
            return Next::Nodes;
        }
        if self.ready.is_empty() && self.out == 0 && self.subjects == Subjects::Unasked {
            // Nothing can make a per-node check ready any more: what is left of them ends without a node.
            self.no_nodes();
        }
        if let Some(slot) = self.ready.pop_first() {
            self.case(slot).phase = Phase::Out;
            self.out += 1;
            return Next::Case(slot);
        }
        if self.out > 0 || self.subjects == Subjects::Asked { Next::Wait } else { Next::Done }
    }

    /// The cases that became blocked since the last call, each with the cases that block it, sorted.
    pub fn take_blocked(&mut self) -> Vec<(Slot, Vec<Slot>)> {
        std::mem::take(&mut self.blocked)
    }

    /// A case that was out has ended; `lets` is true where its dependents may go on.
    pub fn ended(&mut self, slot: Slot, lets: bool) {
        if self.case(slot).phase != Phase::Out {
            return;
        }
        self.out -= 1;
        self.settle(vec![(slot, lets)]);
    }

    /// The nodes are known; there is at least one.
    pub fn nodes(&mut self, count: usize) {
        debug_assert!(count > 0, "an empty node list is `no_nodes`");
        self.subjects = Subjects::Known(count);
        self.open_per_node();
    }

    /// There are no nodes to ask: every per-node check has one case without a node.
    pub fn no_nodes(&mut self) {
        self.subjects = Subjects::None;
        self.open_per_node();
    }

    /// Ends everything that has not ended, and says what that was: first what was out, then what was never asked.
    pub fn give_up(&mut self) -> (Vec<Slot>, Vec<Slot>) {
        if matches!(self.subjects, Subjects::Unasked | Subjects::Asked) {
            self.no_nodes();
        }
        let (mut out, mut unasked) = (Vec::new(), Vec::new());
        let per_node: Vec<bool> = self.checks.iter().map(|check| check.per_node).collect();
        let known = self.subjects;
        for (check, state) in self.states.iter_mut().enumerate() {
            state.open = 0;
            for (at, case) in state.cases.iter_mut().flatten().enumerate() {
                let node = (per_node[check] && matches!(known, Subjects::Known(_))).then_some(at);
                match case.phase {
                    Phase::Out => out.push(Slot { check, node }),
                    Phase::Waiting | Phase::Ready => unasked.push(Slot { check, node }),
                    Phase::Ended => {}
                }
                case.phase = Phase::Ended;
            }
        }
        self.ready.clear();
        self.out = 0;
        (out, unasked)
    }

    /// How many cases are known so far.
    pub fn known(&self) -> usize {
        self.states.iter().map(|state| state.cases.as_ref().map_or(1, Vec::len)).sum()
    }

    /// True when some per-node check waits for nothing but its nodes.
    fn wants_nodes(&self) -> bool {
        let stands = |need: &usize| self.states[*need].complete() && self.states[*need].fallen.is_empty();
        self.subjects == Subjects::Unasked
            && self.checks.iter().any(|check| check.per_node && check.needs.iter().all(stands))
    }

    fn open_per_node(&mut self) {
        let per_node: Vec<usize> = (0..self.checks.len()).filter(|at| self.checks[*at].per_node).collect();
        self.open(&per_node);
    }

    /// Makes the cases of these checks.
    fn open(&mut self, checks: &[usize]) {
        for &at in checks {
            let cases = match (self.checks[at].per_node, self.subjects) {
                (true, Subjects::Known(count)) => count,
                _ => 1,
            };
            let (mut waiting, mut fallen) = (0, Vec::new());
            for &need in &self.checks[at].needs {
                // What opens together with it has not ended, even where it was not reached by this loop yet.
                match self.states[need].complete() {
                    true => fallen.extend(self.states[need].fallen.iter().copied()),
                    false => waiting += 1,
                }
            }
            let case = Case { waiting, fallen, phase: Phase::Waiting };
            self.states[at].open = cases;
            self.states[at].cases = Some(vec![case; cases]);
        }
        let mut blocked = Vec::new();
        for &at in checks {
            let slots: Vec<Slot> = self.slots(at).collect();
            for slot in slots {
                blocked.extend(self.release(slot).map(|slot| (slot, false)));
            }
        }
        self.settle(blocked);
    }

    /// Every case of a check.
    fn slots(&self, check: usize) -> impl Iterator<Item = Slot> + use<> {
        let count = self.states[check].cases.as_ref().map_or(0, Vec::len);
        let of_nodes = self.of_nodes(check);
        (0..count).map(move |at| Slot { check, node: of_nodes.then_some(at) })
    }

    fn of_nodes(&self, check: usize) -> bool {
        self.checks[check].per_node && matches!(self.subjects, Subjects::Known(_))
    }

    fn case(&mut self, slot: Slot) -> &mut Case {
        let cases = self.states[slot.check].cases.as_mut().expect("only open cases have slots");
        &mut cases[slot.node.unwrap_or(0)]
    }

    /// Where a case waits for nothing more it becomes ready, or is blocked and returned.
    fn release(&mut self, slot: Slot) -> Option<Slot> {
        let case = self.case(slot);
        if case.phase != Phase::Waiting || case.waiting > 0 {
            return None;
        }
        if case.fallen.is_empty() {
            case.phase = Phase::Ready;
            self.ready.insert(slot);
            return None;
        }
        case.fallen.sort_unstable();
        case.fallen.dedup();
        let by = case.fallen.clone();
        self.blocked.push((slot, by));
        Some(slot)
    }

    /// Ends these cases and everything that is blocked in consequence.
    fn settle(&mut self, mut ended: Vec<(Slot, bool)>) {
        while let Some((slot, lets)) = ended.pop() {
            self.case(slot).phase = Phase::Ended;
            let state = &mut self.states[slot.check];
            state.open -= 1;
            if !lets {
                state.fallen.push(slot);
            }
            let complete = state.open == 0;
            let dependents = state.dependents.clone();
            for dependent in dependents {
                if self.states[dependent].cases.is_none() {
                    continue; // It counts this need when it opens.
                }
                let same_node = self.of_nodes(slot.check) && self.of_nodes(dependent);
                if same_node {
                    let other = Slot { check: dependent, node: slot.node };
                    let case = self.case(other);
                    case.waiting -= 1;
                    case.fallen.extend((!lets).then_some(slot));
                    ended.extend(self.release(other).map(|slot| (slot, false)));
                } else if complete {
                    let fallen = self.states[slot.check].fallen.clone();
                    for other in self.slots(dependent) {
                        let case = self.case(other);
                        case.waiting -= 1;
                        case.fallen.extend(fallen.iter().copied());
                        ended.extend(self.release(other).map(|slot| (slot, false)));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
