//! What can be asked next, what cannot and because of whom. Pure: it knows neither a clock nor a task.
//!
//! A check has one case, or one for each of a set of subjects. An edge between two checks whose sets can have a subject
//! in common joins the cases of the same subject; a case whose subject the other check does not have waits for nothing
//! there. Every other edge waits for the whole of what it points at. A set is asked for once some check of it waits for
//! nothing else; if that never comes, or there is nothing in the set, each of its checks ends as one case without a
//! subject.

use std::collections::{BTreeMap, BTreeSet};

use crate::subject::Each;
use crate::verdict::Holds;

/// One check as the schedule sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// One case for each of these; one in all where none.
    pub each: Option<Each>,
    /// Places of the checks it depends on, in the same list. The graph has no cycle.
    pub needs: Vec<usize>,
}

/// One case: the place of its check, and the number of its subject where it has one. Equal subjects of two sets have the
/// same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    pub check: usize,
    pub subject: Option<usize>,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask this case; it is out until [`Schedule::ended`].
    Case(Slot),
    /// Ask for the subjects of this set; then call [`Schedule::subjects`] or [`Schedule::no_subjects`].
    Subjects(Each),
    /// Nothing until something that is out has ended.
    Wait,
    /// Every case has ended.
    Done,
}

/// What is known of a set of subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Unasked,
    Asked,
    Subjects(Vec<usize>),
    Nothing,
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
    /// The cases of its needs that hold it up.
    fallen: Vec<(Slot, Holds)>,
    phase: Phase,
}

impl Case {
    /// Each case of a need that holds it up is blamed once; without any it can be asked.
    fn blame(&mut self) -> Option<(Vec<Slot>, Holds)> {
        self.fallen.sort_unstable();
        self.fallen.dedup();
        let holds = self.fallen.iter().map(|(_, holds)| *holds).max()?;
        Some((self.fallen.iter().map(|(slot, _)| *slot).collect(), holds))
    }
}

/// The state of one check: its cases by subject once they are known, and those of them that hold others up.
#[derive(Debug, Clone, Default)]
struct State {
    cases: Option<BTreeMap<Option<usize>, Case>>,
    open: usize,
    fallen: Vec<(Slot, Holds)>,
    dependents: Vec<usize>,
}

impl State {
    fn complete(&self) -> bool {
        self.cases.is_some() && self.open == 0
    }

    fn has(&self, subject: Option<usize>) -> bool {
        self.cases.as_ref().is_some_and(|cases| cases.contains_key(&subject))
    }

    /// Those of its cases that hold up what waits for the whole of it.
    fn fallen_for_all(&self) -> impl Iterator<Item = (Slot, Holds)> + '_ {
        self.fallen.iter().copied().filter(|(_, holds)| *holds == Holds::Everything)
    }
}

/// The schedule of one run.
#[derive(Debug, Clone)]
pub struct Schedule {
    checks: Vec<Planned>,
    states: Vec<State>,
    known: BTreeMap<Each, Known>,
    ready: BTreeSet<Slot>,
    out: usize,
    blocked: Vec<(Slot, Vec<Slot>)>,
}

impl Schedule {
    /// A schedule in which nothing was asked yet. Needs that are not places of the list are ignored.
    pub fn new(mut checks: Vec<Planned>) -> Schedule {
        let count = checks.len();
        let mut states = vec![State::default(); count];
        for (at, check) in checks.iter_mut().enumerate() {
            check.needs.retain(|need| *need < count && *need != at);
            check.needs.sort_unstable();
            check.needs.dedup();
            for need in &check.needs {
                states[*need].dependents.push(at);
            }
        }
        let known = checks.iter().filter_map(|check| Some((check.each?, Known::Unasked))).collect();
        let (ready, blocked) = (BTreeSet::new(), Vec::new());
        let mut schedule = Schedule { checks, states, known, ready, out: 0, blocked };
        schedule.open(None);
        schedule
    }

    /// What to do next. Cases come in the order of the list, subjects in order within a check.
    pub fn advance(&mut self) -> Next {
        if let Some(each) = self.wanted() {
            self.known.insert(each, Known::Asked);
            return Next::Subjects(each);
        }
        let asking = self.known.values().any(|known| *known == Known::Asked);
        if self.ready.is_empty() && self.out == 0 && !asking {
            // Nothing can make a case of these ready any more: what is left of them ends without a subject.
            let unasked = self.known.iter().find(|(_, known)| **known == Known::Unasked).map(|(each, _)| *each);
            if let Some(each) = unasked {
                self.no_subjects(each);
                return self.advance();
            }
        }
        if let Some(slot) = self.ready.pop_first() {
            self.set(slot, Phase::Out);
            self.out += 1;
            return Next::Case(slot);
        }
        if self.out > 0 || asking { Next::Wait } else { Next::Done }
    }

    /// The cases that became blocked since the last call, each with the cases that block it, sorted.
    pub fn take_blocked(&mut self) -> Vec<(Slot, Vec<Slot>)> {
        std::mem::take(&mut self.blocked)
    }

    /// A case that was out has ended, and holds this up.
    pub fn ended(&mut self, slot: Slot, holds: Holds) {
        if self.case(slot).is_none_or(|case| case.phase != Phase::Out) {
            return;
        }
        self.out -= 1;
        self.settle(vec![(slot, holds)]);
    }

    /// The subjects of a set are known; there is at least one.
    pub fn subjects(&mut self, each: Each, subjects: Vec<usize>) {
        debug_assert!(!subjects.is_empty(), "an empty set is `no_subjects`");
        self.known.insert(each, Known::Subjects(subjects));
        self.open(Some(each));
    }

    /// There is nothing in the set to ask: every check of it has one case without a subject.
    pub fn no_subjects(&mut self, each: Each) {
        self.known.insert(each, Known::Nothing);
        self.open(Some(each));
    }

    /// Ends everything that has not ended, and says what that was: first what was out, then what was never asked.
    pub fn give_up(&mut self) -> (Vec<Slot>, Vec<Slot>) {
        let pending = |known: &Known| matches!(known, Known::Unasked | Known::Asked);
        let unknown: Vec<Each> = self.known.iter().filter(|(_, known)| pending(known)).map(|(each, _)| *each).collect();
        unknown.into_iter().for_each(|each| self.no_subjects(each));
        let (mut out, mut unasked) = (Vec::new(), Vec::new());
        for (check, state) in self.states.iter_mut().enumerate() {
            state.open = 0;
            for (subject, case) in state.cases.iter_mut().flatten() {
                let slot = Slot { check, subject: *subject };
                match case.phase {
                    Phase::Out => out.push(slot),
                    Phase::Waiting | Phase::Ready => unasked.push(slot),
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
        self.states.iter().map(|state| state.cases.as_ref().map_or(1, BTreeMap::len)).sum()
    }

    /// A set of which some check waits for nothing but its subjects.
    fn wanted(&self) -> Option<Each> {
        let stands = |at: usize, need: &usize| {
            let state = &self.states[*need];
            match (self.checks[at].each, self.checks[*need].each) {
                // Of another set, each subject waits for its own case there.
                (Some(one), Some(other)) if one != other && one.joins(other) => true,
                _ => state.complete() && state.fallen_for_all().next().is_none(),
            }
        };
        let firm = |each: Each| {
            let of_set = self.checks.iter().enumerate().filter(|(_, check)| check.each == Some(each));
            of_set.map(|(at, _)| at).any(|at| self.checks[at].needs.iter().all(|need| stands(at, need)))
        };
        let unasked = self.known.iter().filter(|(_, known)| **known == Known::Unasked);
        unasked.map(|(each, _)| *each).find(|each| firm(*each))
    }

    /// The checks of a set, or those without one.
    fn of(&self, each: Option<Each>) -> Vec<usize> {
        (0..self.checks.len()).filter(|at| self.checks[*at].each == each).collect()
    }

    fn slots(&self, check: usize) -> Vec<Slot> {
        let cases = self.states[check].cases.iter().flat_map(BTreeMap::keys);
        cases.map(|subject| Slot { check, subject: *subject }).collect()
    }

    fn case(&mut self, slot: Slot) -> Option<&mut Case> {
        self.states[slot.check].cases.as_mut()?.get_mut(&slot.subject)
    }

    fn set(&mut self, slot: Slot, phase: Phase) {
        if let Some(case) = self.case(slot) {
            case.phase = phase;
        }
    }

    /// True if the edge joins the cases of the same subject. A check without subjects has no such edge.
    fn joined(&self, one: usize, other: usize) -> bool {
        let joins = self.checks[one].each.zip(self.checks[other].each).is_some_and(|(one, other)| one.joins(other));
        joins && !self.states[one].has(None) && !self.states[other].has(None)
    }

    /// Makes the cases of the checks of a set.
    fn open(&mut self, each: Option<Each>) {
        let checks = self.of(each);
        let subjects: Vec<Option<usize>> = match each.and_then(|each| self.known.get(&each)) {
            Some(Known::Subjects(subjects)) => subjects.iter().map(|subject| Some(*subject)).collect(),
            _ => vec![None],
        };
        for &at in &checks {
            let case = Case { waiting: 0, fallen: Vec::new(), phase: Phase::Waiting };
            let cases: BTreeMap<_, _> = subjects.iter().map(|subject| (*subject, case.clone())).collect();
            self.states[at].open = cases.len();
            self.states[at].cases = Some(cases);
        }
        let mut touched = Vec::new();
        for &at in &checks {
            for slot in self.slots(at) {
                let (waiting, fallen) = self.needed(slot);
                if let Some(case) = self.case(slot) {
                    (case.waiting, case.fallen) = (waiting, fallen);
                }
                touched.push(slot);
            }
            touched.extend(self.recounted(at, &checks));
        }
        // A dependent of several checks that opened together is touched by each of them, and must be blocked once.
        touched.sort_unstable();
        touched.dedup();
        let blocked = touched.into_iter().filter_map(|slot| self.release(slot)).collect();
        self.settle(blocked);
    }

    /// The dependents, opened before it, that had to wait for the cases of this check to be known.
    fn recounted(&mut self, at: usize, opened: &[usize]) -> Vec<Slot> {
        let mut slots = Vec::new();
        for dependent in self.states[at].dependents.clone() {
            if opened.contains(&dependent) || !self.joined(dependent, at) {
                continue;
            }
            for slot in self.slots(dependent) {
                if self.states[at].has(slot.subject) {
                    continue;
                }
                if let Some(case) = self.case(slot) {
                    case.waiting -= 1;
                    slots.push(slot);
                }
            }
        }
        slots
    }

    /// How many needs of a case have not ended, and which of those that have hold it up.
    fn needed(&self, slot: Slot) -> (usize, Vec<(Slot, Holds)>) {
        let (mut waiting, mut fallen) = (0, Vec::new());
        for &need in &self.checks[slot.check].needs {
            let state = &self.states[need];
            let Some(cases) = &state.cases else {
                waiting += 1;
                continue;
            };
            if self.joined(slot.check, need) {
                match cases.get(&slot.subject).map(|case| case.phase) {
                    Some(Phase::Ended) => {
                        fallen.extend(state.fallen.iter().filter(|(other, _)| other.subject == slot.subject))
                    }
                    Some(_) => waiting += 1,
                    None => {}
                }
            } else if state.complete() {
                fallen.extend(state.fallen_for_all());
            } else {
                waiting += 1;
            }
        }
        (waiting, fallen)
    }

    /// Where a case waits for nothing more it becomes ready, or is blocked and returned.
    fn release(&mut self, slot: Slot) -> Option<(Slot, Holds)> {
        let case = self.case(slot)?;
        if case.phase != Phase::Waiting || case.waiting > 0 {
            return None;
        }
        match case.blame() {
            None => {
                case.phase = Phase::Ready;
                self.ready.insert(slot);
                None
            }
            Some((by, holds)) => {
                self.blocked.push((slot, by));
                Some((slot, holds))
            }
        }
    }

    /// Ends these cases and everything that is blocked in consequence.
    fn settle(&mut self, mut ended: Vec<(Slot, Holds)>) {
        while let Some((slot, holds)) = ended.pop() {
            let Some(case) = self.case(slot).filter(|case| case.phase != Phase::Ended) else { continue };
            case.phase = Phase::Ended;
            let state = &mut self.states[slot.check];
            state.open -= 1;
            if holds > Holds::Nothing {
                state.fallen.push((slot, holds));
            }
            let complete = state.open == 0;
            for dependent in state.dependents.clone() {
                if self.states[dependent].cases.is_none() {
                    continue; // It counts this need when it opens.
                }
                if self.joined(dependent, slot.check) {
                    let other = Slot { check: dependent, subject: slot.subject };
                    let fallen = (holds > Holds::Nothing).then_some((slot, holds));
                    ended.extend(self.one_less(other, fallen));
                } else if complete {
                    let fallen: Vec<_> = self.states[slot.check].fallen_for_all().collect();
                    for other in self.slots(dependent) {
                        ended.extend(self.one_less(other, fallen.iter().copied()));
                    }
                }
            }
        }
    }

    /// A need of this case has ended.
    fn one_less(&mut self, slot: Slot, fallen: impl IntoIterator<Item = (Slot, Holds)>) -> Option<(Slot, Holds)> {
        let case = self.case(slot)?;
        case.waiting -= 1;
        case.fallen.extend(fallen);
        self.release(slot)
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
