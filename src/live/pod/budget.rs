//! How long a pod may take for each step of its start, and what it means when it takes longer.
//!
//! Scheduling, the container's start and the image's pull have budgets of their own. The pod's state does not tell a pull
//! that goes on from a sandbox that is being made; the events do, and are asked when the budget for the start is over.

use std::time::Instant;

use super::causes::Look;
use super::census::Sighting;
use ackcheck_core::config::Limits;
use ackcheck_core::seat::pod::PodStart;

/// What is known of one start so far.
pub(super) struct Waiting {
    created: Instant,
    bound: Option<Instant>,
    /// The kubelet's words about a pull that failed, and whether its next try may do better.
    failed_pull: Option<(String, bool)>,
    /// The events say that the image is being pulled.
    pulls: bool,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Look again when the pod changes, or at this time.
    Until(Instant),
    /// The start took longer than its budget: only the events tell what at.
    AskEvents(String),
    End(PodStart),
}

impl Waiting {
    pub(super) fn new(created: Instant) -> Waiting {
        Waiting { created, bound: None, failed_pull: None, pulls: false }
    }

    /// The events say that the image is being pulled: it has the budget of a pull besides.
    pub(super) fn pulls(&mut self) {
        self.pulls = true;
    }

    /// Takes what was seen, or that nothing was.
    pub(super) fn step(&mut self, seen: Option<&Sighting>, now: Instant, limits: &Limits) -> Step {
        let none = Look::Unscheduled { why: String::new() };
        let look = seen.map_or(&none, |sighting| &sighting.look);
        if !matches!(look, Look::Unscheduled { .. }) {
            self.bound.get_or_insert(now);
        }
        let bound = self.bound.unwrap_or(now);
        match look {
            Look::Ended(end) => Step::End(end.clone()),
            Look::Unscheduled { why } => {
                let end = self.created + limits.schedule;
                let why = if why.is_empty() { "no scheduler has taken it" } else { why };
                until(end, now, || Step::End(PodStart::NotScheduled { why: why.to_owned() }))
            }
            Look::Starting { why } if self.pulls => {
                let within = limits.pull.as_secs_f64();
                let why =
                    format!("the pull did not end within {within} s{}{why}", if why.is_empty() { "" } else { ": " });
                let end = PodStart::NotPulled { why, pull_secret: seen.and_then(|seen| seen.pull_secret.clone()) };
                until(bound + limits.start + limits.pull, now, || Step::End(end))
            }
            Look::Starting { why } => until(bound + limits.start, now, || Step::AskEvents(why.clone())),
            Look::Pulling { why, passing } => {
                // "Back-off pulling image" says less than the failure it backs off from.
                let before = self.failed_pull.take();
                let told = before.filter(|(before, _)| why.contains("Back-off") && !before.contains("Back-off"));
                let (why, passing) = told.unwrap_or((why.clone(), *passing));
                self.failed_pull = Some((why.clone(), passing));
                let pull_secret = seen.and_then(|seen| seen.pull_secret.clone());
                let end = || Step::End(PodStart::NotPulled { why, pull_secret });
                if passing { until(bound + limits.pull, now, end) } else { end() }
            }
        }
    }
}

fn until(end: Instant, now: Instant, over: impl FnOnce() -> Step) -> Step {
    if now < end { Step::Until(end) } else { over() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limits() -> Limits {
        let seconds = Duration::from_secs;
        Limits { schedule: seconds(10), start: seconds(20), pull: seconds(30), ..Limits::default() }
    }

    fn seen(look: Look) -> Sighting {
        Sighting { look, node: None, pull_secret: Some("acr".to_owned()), exit: None }
    }

    #[test]
    fn each_step_of_a_start_has_its_own_budget() {
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let mut waiting = Waiting::new(began);
        let step = waiting.step(None, at(1), &limits());
        assert_eq!(step, Step::Until(at(10)), "to be scheduled");
        let starting = seen(Look::Starting { why: String::new() });
        assert_eq!(
            waiting.step(Some(&starting), at(8), &limits()),
            Step::Until(at(28)),
            "to start, from when it is bound"
        );
        assert_eq!(waiting.step(Some(&starting), at(28), &limits()), Step::AskEvents(String::new()));
        waiting.pulls();
        assert_eq!(waiting.step(Some(&starting), at(28), &limits()), Step::Until(at(58)), "to be pulled besides");
        let Step::End(PodStart::NotPulled { why, .. }) = waiting.step(Some(&starting), at(58), &limits()) else {
            panic!("it never ends")
        };
        assert!(why.contains("30 s"), "{why}");
    }

    #[test]
    fn what_was_never_scheduled_says_what_the_scheduler_said() {
        let began = Instant::now();
        let why = "Unschedulable: 0/2 nodes are available".to_owned();
        let refused = seen(Look::Unscheduled { why: why.clone() });
        let step = Waiting::new(began).step(Some(&refused), began + Duration::from_secs(10), &limits());
        assert_eq!(step, Step::End(PodStart::NotScheduled { why }));
    }

    #[test]
    fn a_pull_that_will_not_get_better_is_not_waited_for() {
        let began = Instant::now();
        let mut waiting = Waiting::new(began);
        let refused = |passing| seen(Look::Pulling { why: "ErrImagePull: words".to_owned(), passing });
        let end = PodStart::NotPulled { why: "ErrImagePull: words".to_owned(), pull_secret: Some("acr".to_owned()) };
        assert!(matches!(waiting.step(Some(&refused(true)), began, &limits()), Step::Until(_)));
        let backing_off = seen(Look::Pulling { why: "Back-off pulling image".to_owned(), passing: true });
        let later = began + Duration::from_secs(30);
        assert_eq!(
            waiting.step(Some(&backing_off), later, &limits()),
            Step::End(end.clone()),
            "the failure's own words"
        );
        assert_eq!(Waiting::new(began).step(Some(&refused(false)), began, &limits()), Step::End(end));
    }
}
