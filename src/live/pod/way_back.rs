//! A pod that listens, called from the DSS host: the way that a Spark driver takes to its executors, and DSS to what it
//! serves from pods.

use std::net::{IpAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::LivePod;
use super::census::Known;
use ackcheck_core::seat::greeting::PodGreeting;
use ackcheck_core::seat::pod::{EXEC_CREATE, EXEC_GET};
use ackcheck_core::seat::{Ports, Seen, told};
use ackcheck_core::verdict::Unseen;
use ackcheck_probe_protocol::{GREETED_WITHIN, Greet, Greeting, Listen, Listened, milliseconds};

/// How often the pod listens anew, where somebody else called it first or its port was in use.
const TRIES: usize = 3;
/// Between two calls: the pod may not listen yet.
const PAUSE: Duration = Duration::from_millis(100);
/// Calls at the most while the pod listens.
const MOST_CALLS: usize = 400;
/// Calls that must be refused while the pod surely listens, before somebody else is said to refuse them.
const REFUSALS: usize = 3;
/// How long a pod listens besides twice the wait for a connection: its exec is as slow as the cluster.
const LISTENS: Duration = Duration::from_secs(2);
/// Below the ports that the kernel gives to connections, and above those of services.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// What one time of listening brought.
struct Heard {
    listened: Seen<Listened>,
    /// Of each call that ended before the pod had listened to the end, and of the one that ended it.
    greetings: Vec<Greeting>,
}

/// One call.
#[derive(Debug, Clone, Copy)]
struct Call {
    greeting: Greeting,
    began: Instant,
    ended: Instant,
}

/// A question to listen, as it is seen from here.
struct Asked {
    at: Instant,
    /// For how long to listen.
    listens: Duration,
}

impl Asked {
    /// What the calls heard, once the pod answered that its time is over. Before it listens and after it a pod refuses by
    /// itself, and how slow the exec was on which of its ways nobody knows: so refusals count only from when the pod had
    /// begun at the latest until it ended at the earliest, and only where there are enough.
    fn heard(&self, calls: &[Call], answered: Instant) -> Vec<Greeting> {
        let begun = answered.checked_sub(self.listens).unwrap_or(answered).max(self.at);
        let sure = |call: &Call| call.began >= begun && call.ended <= self.at + self.listens;
        let refused = |call: &Call| call.greeting == Greeting::Refused;
        let enough = calls.iter().filter(|call| refused(call) && sure(call)).count() >= REFUSALS;
        let counts = |call: &&Call| !refused(call) || enough && sure(call);
        calls.iter().filter(counts).map(|call| call.greeting).collect()
    }
}

impl LivePod {
    /// Has the pod listen, and calls it from here, which must be the DSS host.
    pub(super) async fn called_by_host(&self) -> Seen<PodGreeting> {
        self.on_the_host()?;
        self.this_is_the_host()?;
        self.running().await?;
        let began = Instant::now();
        let greeting = self.pod_greeting().await;
        self.note("listen, called by the DSS host", told(&greeting), began.elapsed());
        greeting
    }

    /// That this machine has one of the addresses that the site file gives. Where it gives none they are this machine's.
    fn this_is_the_host(&self) -> Seen<()> {
        let addresses = &self.run.wire.config().host.addresses;
        if addresses.is_empty() || addresses.iter().any(|address| is_here(self.run.wire.instead_of(*address))) {
            return Ok(());
        }
        let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        Err(Unseen::not_described(format!(
            "this machine does not have an address of the DSS host ({}): pods can be called from there alone",
            list.join(", ")
        )))
    }

    async fn pod_greeting(&self) -> Seen<PodGreeting> {
        let what = format!("the probe pod on {}", self.node);
        let address = self.address().await?;
        let mut last = Unseen::unreadable(&what, "it was not called");
        for _ in 0..TRIES {
            let port = fastrand::u16(PORTS);
            let Heard { listened, greetings } = self.listen_and_call(address, port).await;
            if self.run.line.asks_alone() {
                let said = "the probe can only listen while it is asked by exec";
                let rights = [EXEC_GET, EXEC_CREATE].map(|right| self.run.fleet.kubernetes.of_probes(right));
                return Err(Unseen::denied(rights, said));
            }
            let callers = match listened {
                Ok(Listened { callers }) => callers,
                Err(why) => {
                    last = why;
                    continue;
                }
            };
            match judged(&greetings, !callers.is_empty()) {
                Some(greeting) => return Ok(PodGreeting { address, port, greeting, callers }),
                None => {
                    let heard: Vec<String> = greetings.iter().map(ToString::to_string).collect();
                    let why = match heard.is_empty() {
                        true => "no call from the DSS host fell into the time in which it surely listened".to_owned(),
                        false => format!("calls from the DSS host differ: {}", heard.join(", ")),
                    };
                    last = Unseen::unreadable(&what, why);
                }
            }
        }
        Err(last)
    }

    /// The pod's address: the IPv4 one, where it has both.
    async fn address(&self) -> Seen<IpAddr> {
        let name = self.run.starts.pod_on(&self.node);
        let seen = self.run.fleet.census.look_again(&name, &self.journal).await;
        let known = seen.map_err(|silence| silence.unseen("the probe pod", [ackcheck_core::seat::pod::LIST_PODS]))?;
        let Known::There(sighting) = known else {
            return Err(Unseen::unreadable(format!("pod {name}"), "it is gone: deleted, or evicted, during the run"));
        };
        let first = sighting.addresses.into_iter().min_by_key(IpAddr::is_ipv6);
        first.ok_or_else(|| Unseen::unreadable(format!("pod {name}"), "Kubernetes does not tell its address"))
    }

    async fn listen_and_call(&self, address: IpAddr, port: u16) -> Heard {
        let token = format!("ackcheck-{:016x}", fastrand::u64(..));
        let wait = self.limits().connect.min(GREETED_WITHIN);
        let listens = wait * 2 + LISTENS;
        let question = Listen { port, token: token.clone(), for_ms: milliseconds(listens) };
        let mut listening = std::pin::pin!(self.answer(question, listens));
        let call = Greet {
            timeout_ms: milliseconds(wait),
            ..Greet::new(self.run.wire.instead_of(address), Ports::one(port).into_iter().collect(), token)
        };
        let asked = Asked { at: Instant::now(), listens };
        let mut calls = Vec::new();
        for _ in 0..MOST_CALLS {
            let began = Instant::now();
            let call_of = |greeting| Call { greeting, began, ended: Instant::now() };
            let mut calling = std::pin::pin!(async {
                let call = call.clone();
                let greeted = tokio::task::spawn_blocking(move || ackcheck_probe::greet::greet(&call)).await;
                // What this machine lacks to call is not held against anybody.
                greeted.ok().and_then(Result::ok).and_then(|greeted| greeted.each().next())
            });
            let greeted = tokio::select! {
                biased;
                listened = &mut listening => {
                    let answered = Instant::now();
                    // The pod stops once it was called: by this call, if by any of ours.
                    if listened.as_ref().is_ok_and(|listened| !listened.callers.is_empty()) {
                        calls.extend(calling.await.map(|(_, greeting)| call_of(greeting)));
                    }
                    return Heard { listened, greetings: asked.heard(&calls, answered) };
                }
                greeted = &mut calling => greeted,
            };
            calls.extend(greeted.map(|(_, greeting)| call_of(greeting)));
            if calls.last().is_some_and(|call| call.greeting == Greeting::Token) {
                break;
            }
            tokio::select! {
                biased;
                listened = &mut listening => {
                    return Heard { listened, greetings: asked.heard(&calls, Instant::now()) };
                }
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        let listened = listening.await;
        Heard { listened, greetings: asked.heard(&calls, Instant::now()) }
    }
}

/// What the calls say together; none where they contradict each other. Until it listens, a pod refuses.
fn judged(greetings: &[Greeting], called: bool) -> Option<Greeting> {
    use Greeting::{Closed, Nothing, Other, Refused, Token};
    let last = *greetings.last()?;
    let listening = greetings.iter().skip_while(|greeting| **greeting == Refused);
    let accepted = |greeting: &Greeting| matches!(greeting, Other | Closed | Nothing);
    match last {
        Token => Some(Token),
        // The pod's own greeting may have been lost.
        _ if called => None,
        _ if listening.clone().all(|greeting| *greeting == last || accepted(greeting) && accepted(&last)) => Some(last),
        _ => None,
    }
}

/// Whether this machine has an address: a datagram socket can be bound to it, which sends nothing.
fn is_here(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_contradict_each_other_say_nothing() {
        use Greeting::{Nothing, Refused, Silent, Token, Unreachable};
        assert_eq!(judged(&[Refused, Refused, Token], true), Some(Token));
        assert_eq!(judged(&[Silent, Silent], false), Some(Silent));
        assert_eq!(judged(&[Unreachable], false), Some(Unreachable));
        assert_eq!(judged(&[Refused, Refused], false), Some(Refused));
        assert_eq!(judged(&[Refused, Nothing], false), Some(Nothing));
        assert_eq!(judged(&[Refused, Silent, Silent], false), Some(Silent));
        assert_eq!(judged(&[Silent, Refused], false), None);
        assert_eq!(judged(&[Refused, Silent, Refused], false), None);
        assert_eq!(judged(&[Refused, Silent, Unreachable], false), None);
        assert_eq!(judged(&[Refused, Nothing], true), None);
        assert_eq!(judged(&[], false), None);
    }

    #[test]
    fn a_refusal_counts_only_while_the_pod_surely_listens() {
        let at = Instant::now();
        let asked = Asked { at, listens: Duration::from_secs(7) };
        let after = |milliseconds| at + Duration::from_millis(milliseconds);
        let refused = |began| Call { greeting: Greeting::Refused, began: after(began), ended: after(began + 10) };
        let silent = Call { greeting: Greeting::Silent, began: after(500), ended: after(3_000) };
        let heard = |calls: &[Call], answered| asked.heard(calls, after(answered));
        // It listened from 1 s on at the latest, and until 7 s at the earliest.
        let inside = [refused(1_000), refused(3_000), refused(6_990)];
        assert_eq!(heard(&inside, 8_000), [Greeting::Refused; 3]);
        let outside = [refused(0), refused(990), refused(6_995), refused(7_500), refused(3_000), refused(4_000)];
        assert_eq!(heard(&outside, 8_000), []);
        // An exec that took as long again as the pod listened says nothing of when that was.
        let all: Vec<Call> = (0..140).map(|count| refused(count * 100)).collect();
        assert_eq!(heard(&all, 14_000), []);
        assert_eq!(heard(&[silent, refused(7_500)], 8_000), [Greeting::Silent]);
    }

    #[test]
    fn this_machine_has_its_own_addresses_alone() {
        assert!(is_here([127, 0, 0, 1].into()) && !is_here([192, 0, 2, 1].into()));
    }
}
