//! Walks the graph of checks: asks what can be asked, as many at once as allowed, each under its own deadline.
//!
//! The run owns every outcome: a panic, a deadline and an interruption become outcomes here, so that each selected check has
//! an outcome for each expected subject. What may be asked next is [`schedule`]'s, how long to wait [`patience`]'s.

mod asked;
mod case;
mod explained;
mod options;
mod waivers;
pub mod patience;
pub mod schedule;
pub mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ackcheck_clock::Watch;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::catalogue::Plan;
use crate::context::{Context, Shared};
use crate::evidence::{Evidence, Journal};
use crate::record::{Case, CaseId, Event, Report};
use crate::seat::{Seats, Seen};
use crate::subject::{Each, Subject};
use crate::verdict::{Broken, Outcome, Unseen, Verdict};
pub use asked::Asked;
pub use options::{Clock, Options};
use patience::Patience;
use schedule::{Next, Planned, Schedule, Slot};
use waivers::Waivers;

/// The reason of cases that a stopped run never asked, or gave up.
pub const INTERRUPTED: &str = "interrupted";

/// How long a set of subjects may be asked for; the seats' own limits are shorter.
const SUBJECTS_DEADLINE: Duration = Duration::from_secs(60);
/// How long given-up cases may take to let go of what they hold before cleaning up starts.
const LETTING_GO: Duration = Duration::from_secs(1);
/// Beyond so many subjects a case that passes keeps only what was asked last: thousands of nodes say the same.
const MANY_SUBJECTS: usize = 1000;

/// Runs the plan to its end, or until `stop` is cancelled or the time is up; then cleans up, and reports.
pub async fn run(
    plan: &Plan,
    seats: Arc<dyn Seats>,
    options: Options,
    watch: UnboundedSender<Event>,
    stop: CancellationToken,
) -> Report {
    let asked = ask(plan, seats, options, watch, stop).await;
    let left_behind = asked.remove().await;
    asked.finish(left_behind)
}

/// Asks what the plan has, until its end, until `stop` is cancelled or the time is up. For those who do something of
/// their own before what the run created is removed.
pub async fn ask(
    plan: &Plan,
    seats: Arc<dyn Seats>,
    options: Options,
    watch: UnboundedSender<Event>,
    stop: CancellationToken,
) -> Asked<'_> {
    let started = (options.clock)();
    let mut run = Run::new(plan, seats, options, watch, started);
    run.walk(&stop).await;
    Asked { run, started }
}

/// What a task of the run brings.
enum Brought {
    Case(Slot, Outcome),
    Subjects(Each, Seen<Vec<Subject>>),
}

struct Out {
    journal: Journal,
    since: Instant,
    abort: AbortHandle,
    /// Begun with the case.
    watch: Watch,
    /// Its deadline was put off.
    put_off: bool,
}

struct Run<'a> {
    plan: &'a Plan,
    seats: Arc<dyn Seats>,
    options: Options,
    watch: UnboundedSender<Event>,
    facts: Vec<(&'static str, String)>,
    began: Instant,
    schedule: Schedule,
    patience: Patience,
    tasks: JoinSet<Brought>,
    out: BTreeMap<Slot, Out>,
    /// Every subject known so far; a slot has its place here.
    subjects: Vec<Subject>,
    /// Why a set has no subjects, and what was heard when they were asked for.
    without: BTreeMap<Each, (Unseen, Vec<Evidence>)>,
    subject_journals: BTreeMap<Each, Journal>,
    cases: BTreeMap<Slot, Arc<Case>>,
    interrupted: Option<String>,
    shared: Shared,
    waivers: Waivers,
}

impl<'a> Run<'a> {
    fn new(
        plan: &'a Plan,
        seats: Arc<dyn Seats>,
        options: Options,
        watch: UnboundedSender<Event>,
        started: jiff::Timestamp,
    ) -> Run<'a> {
        let planned = plan.checks.iter().enumerate().map(|(at, chosen)| Planned {
            // A check that is not to be asked has one case, whatever its subjects.
            each: chosen.check.judge.each().filter(|_| chosen.skipped.is_none()),
            needs: plan.needs(at),
        });
        let mut facts = words::described_facts(&options.config);
        facts.extend(options.facts.iter().cloned());
        let began = Instant::now();
        Run {
            plan,
            seats,
            watch,
            facts,
            began,
            schedule: Schedule::new(planned.collect()),
            patience: Patience::new(began, options.timeout),
            tasks: JoinSet::new(),
            out: BTreeMap::new(),
            subjects: Vec::new(),
            without: BTreeMap::new(),
            subject_journals: BTreeMap::new(),
            cases: BTreeMap::new(),
            interrupted: None,
            shared: Shared::default(),
            waivers: Waivers::of(&options.config, started),
            options,
        }
    }

    async fn walk(&mut self, stop: &CancellationToken) {
        self.tell(Event::Planned { cases: self.schedule.known() });
        loop {
            self.take_blocked();
            if stop.is_cancelled() {
                return self.give_up("stopped by the user").await;
            }
            while self.out.len() < self.options.jobs.max(1) {
                match self.schedule.advance() {
                    Next::Case(slot) => self.begin(slot),
                    Next::Subjects(each) => self.ask_for_subjects(each),
                    Next::Wait => break,
                    Next::Done => {
                        self.take_blocked();
                        return;
                    }
                }
                self.take_blocked();
            }
            let wake = tokio::time::Instant::from_std(self.patience.next());
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                Some(joined) = self.tasks.join_next() => match joined {
                    Ok(Brought::Case(slot, outcome)) => self.end(slot, outcome),
                    Ok(Brought::Subjects(each, answer)) => self.take_subjects(each, answer),
                    // A case given up at its deadline; its outcome is recorded already.
                    Err(error) if error.is_cancelled() => {}
                    Err(error) => debug_assert!(false, "cases catch their own panics: {error}"),
                },
                () = tokio::time::sleep_until(wake) => {
                    let now = Instant::now();
                    self.put_off_deadlines(now);
                    for (slot, after) in self.patience.expired(now) {
                        self.end(slot, Outcome::TimedOut { after });
                    }
                    if self.patience.run_is_over(now) {
                        let whole = self.options.timeout.as_secs_f64();
                        return self.give_up(&format!("the time limit of {whole} s for the whole run was reached")).await;
                    }
                }
            }
        }
    }

    /// Starts one case, or ends it at once where there is nothing to ask.
    fn begin(&mut self, slot: Slot) {
        let chosen = &self.plan.checks[slot.check];
        let check = chosen.check;
        let id = self.case_id(slot);
        self.tell(Event::Started { case: id, title: check.title.into() });
        let journal = Journal::new(self.options.scrubber.clone());
        let since = Instant::now();
        if let Some(reason) = &chosen.skipped {
            let outcome = Outcome::Skipped { reason: reason.clone() };
            return self.end_now(slot, outcome, journal.take(), since);
        }
        let subject = self.subject(slot);
        let without = check.judge.each().and_then(|each| self.without.get(&each));
        if let (None, Some((unseen, evidence))) = (&subject, without) {
            let (outcome, evidence) = (case::unseen_outcome(unseen.clone()), evidence.clone());
            return self.end_now(slot, outcome, evidence, since);
        }
        let until = self.patience.begin(slot, since, check.deadline);
        let (config, seats) = (self.options.config.clone(), self.seats.clone());
        let context = Context::new(config, (self.options.clock)(), until, seats.clone(), journal.clone());
        let context = context.sharing(self.shared.clone());
        let asked = case::ask(check, subject, context, seats, journal.clone());
        let abort = self.tasks.spawn(async move { Brought::Case(slot, asked.await) });
        self.out.insert(slot, Out { journal, since, abort, watch: Watch::begin(), put_off: false });
    }

    /// Gives cases whose deadline has come while ackcheck itself was stopped their whole time once more.
    fn put_off_deadlines(&mut self, now: Instant) {
        for slot in self.patience.due(now) {
            let deadline = self.plan.checks[slot.check].check.deadline;
            if let Some(out) = self.out.get_mut(&slot).filter(|out| !out.put_off)
                && out.watch.spoils(deadline).is_some()
            {
                out.put_off = true;
                self.patience.extend(slot, now.saturating_duration_since(out.since));
            }
        }
    }

    /// Ends a case that was out. One that has ended before, by its deadline, stays as it ended.
    fn end(&mut self, slot: Slot, outcome: Outcome) {
        let Some(out) = self.out.remove(&slot) else { return };
        self.patience.end(slot);
        out.abort.abort();
        self.end_now(slot, outcome, out.journal.take(), out.since);
    }

    fn end_now(&mut self, slot: Slot, outcome: Outcome, evidence: Vec<Evidence>, since: Instant) {
        let holds = outcome.holds();
        self.record(slot, outcome, evidence, since.elapsed());
        self.schedule.ended(slot, holds);
    }

    fn take_blocked(&mut self) {
        for (slot, by) in self.schedule.take_blocked() {
            let by = by.into_iter().map(|slot| self.case_id(slot).to_string()).collect();
            self.record(slot, Outcome::Blocked { by }, Vec::new(), Duration::ZERO);
        }
    }

    fn ask_for_subjects(&mut self, each: Each) {
        let journal = Journal::new(self.options.scrubber.clone());
        self.subject_journals.insert(each, journal.clone());
        let seats = self.seats.clone();
        self.tasks.spawn(async move {
            let asked = tokio::spawn(async move {
                let subjects = tokio::time::timeout(SUBJECTS_DEADLINE, seats.subjects(each, journal));
                subjects.await.unwrap_or_else(|_| {
                    let why = format!("no answer within {} s", SUBJECTS_DEADLINE.as_secs());
                    Err(Unseen::unreadable(each.list(), why))
                })
            });
            let answer = asked.await.unwrap_or_else(|error| Err(Broken::Internal(error.to_string()).into()));
            Brought::Subjects(each, answer)
        });
    }

    fn take_subjects(&mut self, each: Each, answer: Seen<Vec<Subject>>) {
        let unseen = match answer {
            Ok(mut subjects) if !subjects.is_empty() => {
                subjects.sort();
                subjects.dedup();
                let places = subjects.into_iter().map(|subject| self.place(subject)).collect();
                self.schedule.subjects(each, places);
                return self.tell(Event::Planned { cases: self.schedule.known() });
            }
            Ok(_) if each == Each::Node => {
                Unseen::unreadable(each.list(), "the cluster does not have a schedulable node")
            }
            Ok(_) => Unseen::unreadable(each.list(), "it is empty"),
            Err(unseen) => unseen,
        };
        let heard = self.subject_journals.get(&each).map(Journal::take).unwrap_or_default();
        self.without.insert(each, (unseen, heard));
        self.schedule.no_subjects(each);
    }

    /// The place of a subject among all; equal subjects of two sets have the same.
    fn place(&mut self, subject: Subject) -> usize {
        // Sets of thousands of subjects share no kind with another: only a short list is searched.
        let shared = Each::ALL.iter().filter(|each| each.kinds().contains(&subject.kind)).count() > 1;
        let known = shared.then(|| self.subjects.iter().position(|known| *known == subject)).flatten();
        known.unwrap_or_else(|| {
            self.subjects.push(subject);
            self.subjects.len() - 1
        })
    }

    /// Ends everything that has not ended, and lets go of what was out.
    async fn give_up(&mut self, why: &str) {
        self.interrupted = Some(why.to_owned());
        let (_, unasked) = self.schedule.give_up();
        let skipped = || Outcome::Skipped { reason: INTERRUPTED.to_owned() };
        for (slot, out) in std::mem::take(&mut self.out) {
            out.abort.abort();
            self.record(slot, skipped(), out.journal.take(), out.since.elapsed());
        }
        for slot in unasked {
            self.record(slot, skipped(), Vec::new(), Duration::ZERO);
        }
        self.tasks.abort_all();
        let all_ended = async { while self.tasks.join_next().await.is_some() {} };
        // One that never yields holds nothing up: cleaning up starts without it.
        drop(tokio::time::timeout(LETTING_GO, all_ended).await);
    }

    async fn clean_up(&self) -> Vec<String> {
        self.tell(Event::CleaningUp);
        let (seats, limit) = (self.seats.clone(), self.options.config.limits.clean_up);
        let cleaning = tokio::spawn(async move { seats.clean_up().await });
        let abort = cleaning.abort_handle();
        match tokio::time::timeout(limit, cleaning).await {
            Ok(Ok(left_behind)) => left_behind,
            Ok(Err(error)) => vec![format!("cleaning up failed: {error}")],
            Err(_) => {
                abort.abort();
                vec![format!("cleaning up did not finish within {} s; something may be left", limit.as_secs_f64())]
            }
        }
    }

    fn record(&mut self, slot: Slot, outcome: Outcome, mut evidence: Vec<Evidence>, took: Duration) {
        let chosen = &self.plan.checks[slot.check];
        if self.subjects.len() > MANY_SUBJECTS && matches!(outcome, Outcome::Judged(Verdict::Pass)) {
            words::shorten(&mut evidence);
        }
        let id = self.case_id(slot);
        let ending = self.waivers.apply(&id, words::ending(chosen.check, outcome, &self.facts));
        let mut case = Case {
            id,
            title: chosen.check.title.into(),
            area: chosen.area,
            stage: chosen.check.stage,
            vantage: chosen.check.judge.vantage(),
            required: chosen.required,
            ending,
            evidence,
            took,
        };
        words::scrub_case(&mut case, &self.options.scrubber);
        let case = Arc::new(case);
        self.cases.insert(slot, case.clone());
        self.tell(Event::Ended { case });
    }

    fn subject(&self, slot: Slot) -> Option<Subject> {
        slot.subject.and_then(|place| self.subjects.get(place)).cloned()
    }

    fn case_id(&self, slot: Slot) -> CaseId {
        CaseId { check: self.plan.checks[slot.check].check.id.to_owned(), subject: self.subject(slot) }
    }

    /// Whoever watches may have gone; the run goes on.
    fn tell(&self, event: Event) {
        let _ = self.watch.send(event);
    }

    fn report(&self, started: jiff::Timestamp, left_behind: Vec<String>, cases: BTreeMap<Slot, Arc<Case>>) -> Report {
        let scrubber = &self.options.scrubber;
        let clean = |text: &String| scrubber.scrub(text);
        // Secrets learned late may stand in what was written before.
        let place: BTreeMap<&str, usize> =
            self.plan.checks.iter().enumerate().map(|(at, chosen)| (chosen.check.id, at)).collect();
        let mut cases: Vec<Case> = cases.into_values().map(Arc::unwrap_or_clone).collect();
        cases.sort_unstable_by(|one, other| {
            let key = |case: &Case| place.get(case.id.check.as_str()).copied();
            (key(one), &one.id.subject).cmp(&(key(other), &other.id.subject))
        });
        explained::settle(&mut cases);
        cases.iter_mut().for_each(|case| words::scrub_case(case, scrubber));
        let unused_waivers = self.waivers.unused(&cases);
        Report {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            site: clean(&self.options.site),
            options: self.options.shown.iter().map(|(name, value)| (name.clone(), clean(value))).collect(),
            started,
            took: self.began.elapsed(),
            cases,
            catalogue: self.plan.catalogue,
            undescribed: self.options.config.undescribed(),
            unused_waivers: unused_waivers.iter().map(clean).collect(),
            left_behind: left_behind.iter().map(clean).collect(),
            interrupted: self.interrupted.clone(),
        }
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
