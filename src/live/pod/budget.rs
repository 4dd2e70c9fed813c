//! How long a pod may take for each step of its start, and what it means when it takes longer.
//!
//! Scheduling, the container's start and the image's pull have budgets of their own. The pod's state does not tell a pull
//! that goes on from a sandbox that is being made; the events do, and are asked when the budget for the start is over.

use std::time::Instant;

use super::causes::Look;
use super::census::Sighting;
use super::pulls;
use ackcheck_core::config::Limits;
use ackcheck_core::seat::pod::PodStart;
use ackcheck_core::seat::pull::PullFailure;

/// What is known of one start so far.
pub(super) struct Waiting {
    created: Instant,
    bound: Option<Instant>,
    /// What a pull that failed comes to, and whether the kubelet's next try may do better.
    failed_pull: Option<(PodStart, bool)>,
    /// The container whose image the events say is being pulled, and that image.
    pulls: Option<(String, String)>,
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
        Waiting { created, bound: None, failed_pull: None, pulls: None }
    }

    /// The events say that the image of this container is being pulled: it has the budget of a pull besides.
    pub(super) fn pulls(&mut self, container: String, image: String) {
        self.pulls = Some((container, image));
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
            Look::Starting { why } if self.pulls.is_some() => {
                let within = limits.pull.as_secs_f64();
                let said =
                    format!("the pull did not end within {within} s{}{why}", if why.is_empty() { "" } else { ": " });
                let (container, image) = self.pulls.clone().unwrap_or_default();
                let end = || {
                    let known = seen.map(|seen| (*seen.unpulled).clone());
                    let known = known.map(|known| PullFailure { container, image, said: vec![said], ..known });
                    Step::End(known.map_or(PodStart::NotStarted { why: why.clone() }, |known| pulls::end(known, false)))
                };
                until(bound + limits.start + limits.pull, now, end)
            }
            Look::Starting { why } => until(bound + limits.start, now, || Step::AskEvents(why.clone())),
            Look::Pulling { end, passing } => {
                // "Back-off pulling image" says less than the failure it backs off from.
                let backs_off = pulls::failure(end).is_some_and(pulls::is_back_off);
                let before = self.failed_pull.take().filter(|_| backs_off);
                let (end, passing) = before.unwrap_or_else(|| (end.clone(), *passing));
                self.failed_pull = Some((end.clone(), passing));
                if passing { until(bound + limits.pull, now, || Step::End(end)) } else { Step::End(end) }
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

    fn failure(said: &str) -> PullFailure {
        PullFailure {
            container: "probe".to_owned(),
            image: "r/a:1".to_owned(),
            said: vec![said.to_owned()],
            pull_secrets: vec!["acr".to_owned()],
            not_retrieved: Vec::new(),
            clock_ahead: None,
        }
    }

    fn seen(look: Look) -> Sighting {
        Sighting { look, node: None, unpulled: Box::new(failure("")), exit: None, addresses: Vec::new() }
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
        waiting.pulls("probe".to_owned(), "r/a:1".to_owned());
        assert_eq!(waiting.step(Some(&starting), at(28), &limits()), Step::Until(at(58)), "to be pulled besides");
        let Step::End(PodStart::NotPulled(failure)) = waiting.step(Some(&starting), at(58), &limits()) else {
            panic!("it never ends")
        };
        assert!(failure.why().contains("30 s"), "{failure:?}");
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
        let end = PodStart::NotPulled(Box::new(failure("ErrImagePull: words")));
        let refused = |passing| seen(Look::Pulling { end: end.clone(), passing });
        assert!(matches!(waiting.step(Some(&refused(true)), began, &limits()), Step::Until(_)));
        let backing_off = PodStart::NotPulled(Box::new(failure("ImagePullBackOff: Back-off pulling image \"r/a:1\"")));
        let backing_off = seen(Look::Pulling { end: backing_off, passing: true });
        let later = began + Duration::from_secs(30);
        assert_eq!(
            waiting.step(Some(&backing_off), later, &limits()),
            Step::End(end.clone()),
            "the failure's own words"
        );
        assert_eq!(Waiting::new(began).step(Some(&refused(false)), began, &limits()), Step::End(end));
    }
}
