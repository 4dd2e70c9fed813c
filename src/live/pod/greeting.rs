//! Ports of the DSS host where ackcheck itself listens, called from a pod. Who refuses or accepts there in its stead is
//! unmasked: it does not know the token, and ackcheck does not see its callers.
//!
//! Ports are opened in batches, each for the seconds of one question. One pod is asked of all free ports, the others of a
//! sample: what tells pods apart is ranges of addresses and ports, and rarely a single port.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::LivePod;
use crate::host::conntrack::Room;
use crate::host::listener::{Batch, Served};
use ackcheck_core::seat::greeting::{Answered, AnsweredPorts, CalledPorts, HostGreeting};
use ackcheck_core::seat::{Ports, Seen, told};
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::Unseen;
use ackcheck_probe::listen::NotOpened;
use ackcheck_probe_protocol::{GREETED_WITHIN, Greet, Greeting, MOST_GREETED};

/// Ports of a sample: of all ports each 128th, so that it meets every range of so many.
const SAMPLE: usize = 512;
/// Where each pod is asked of a few ports.
const HANDFUL: usize = 4;
/// How often ports that are in use, or others in their place, are tried again at once: another run may have them open.
const TRIES_AT_ONCE: usize = 3;
/// How often in vain the pods of a run wait for them where they are so many that only another run can have them, and how
/// long each time. A batch is open for a minute at the most.
const WAITS: usize = 60;
const WAIT: Duration = Duration::from_secs(1);
/// Of ports that ackcheck may open services use less than one in so many.
const FEW: usize = 4;
/// How often ports that were not greeted are called.
const ROUNDS: usize = 3;
/// Pods at once: each has ports of its own.
const AT_ONCE: u32 = 8;
/// For one question, besides what its connections may take: the calls are begun and answered.
const CALLING: Duration = Duration::from_secs(10);

/// Turns of the pods of one run.
pub(super) struct Turns {
    at_once: Semaphore,
    /// A pod was, or is being, asked of all ports.
    whole: AtomicBool,
    /// Which ports the next sample has.
    next: AtomicUsize,
    /// The ports that the run had open.
    opened: Mutex<BTreeSet<u16>>,
    /// How often it was waited in vain for ports in use.
    waited: AtomicUsize,
}

impl Turns {
    pub(super) fn new() -> Turns {
        Turns {
            at_once: Semaphore::new(AT_ONCE as usize),
            whole: AtomicBool::new(false),
            next: AtomicUsize::new(0),
            opened: Mutex::default(),
            waited: AtomicUsize::new(0),
        }
    }

    /// Waits for a turn, and gives the ports of it: a sample of so many; `all` is of a pod that is asked of all of them.
    async fn take(&self, ports: Vec<u16>, sample: usize, all: bool) -> Seen<(SemaphorePermit<'_>, Share)> {
        let few = ports.len() <= sample;
        let whole = few || all && !self.whole.swap(true, Ordering::SeqCst);
        // Who wants all of them shares none.
        let turns = if whole { AT_ONCE } else { 1 };
        let turn = self.at_once.acquire_many(turns).await;
        let turn = turn.map_err(|_| Unseen::unreadable("the ports of the DSS host", "the run is ending"))?;
        let step = if whole { 1 } else { ports.len().div_ceil(sample) };
        let first = if whole { 0 } else { self.next.fetch_add(1, Ordering::Relaxed) % step };
        Ok((turn, Share { free: ports, first, step }))
    }
}

/// The ports of one turn: each `step`th of those that are free, from the `first` on.
struct Share {
    free: Vec<u16>,
    first: usize,
    step: usize,
}

impl Share {
    fn is_whole(&self) -> bool {
        self.step == 1
    }

    fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.free.iter().copied().skip(self.first).step_by(self.step).collect();
        let last = self.free.last().copied();
        ports.extend(last.filter(|last| ports.last() != Some(last)));
        ports
    }

    /// The ports to try in place of these, which are in use: of a sample others, so far behind them that no pod of the run
    /// has them before long, and else the same.
    fn instead_of(&self, taken: &[u16]) -> Vec<u16> {
        let ahead = if self.is_whole() { 0 } else { self.step / (TRIES_AT_ONCE + 1) };
        let places = taken.iter().filter_map(|port| self.free.binary_search(port).ok());
        places.filter_map(|place| self.free.get((place + ahead) % self.free.len())).copied().collect()
    }
}

/// What is known of ports so far.
#[derive(Default)]
struct Tally {
    /// Each round's greeting of a port.
    heard: BTreeMap<u16, Vec<Greeting>>,
    called: BTreeSet<u16>,
    /// Ports in use.
    taken: Vec<u16>,
    denied: usize,
    callers: BTreeSet<IpAddr>,
    own: BTreeSet<IpAddr>,
}

impl Tally {
    fn greetings(self, whole: bool, unopened: usize) -> HostGreeting {
        let judged = self.heard.iter().map(|(port, heard)| (*port, judged(heard, self.called.contains(port))));
        let ranges = AnsweredPorts::of(judged);
        let reasons = [
            (self.taken.len(), "in use"),
            (self.denied, "not opened: the kernel keeps them for root or for others"),
            (unopened, "not opened: this machine has no more sockets, or its table of connections is filled by others"),
        ];
        let not_opened =
            reasons.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} ports are {why}"));
        HostGreeting {
            not_opened: not_opened.collect(),
            ranges,
            whole,
            pod: self.own.into_iter().collect(),
            callers: self.callers.into_iter().collect(),
        }
    }
}

/// Who answered, from what the pod heard in each round and whether ackcheck saw a caller. A slow ackcheck sees its caller all
/// the same, so that nobody else is blamed for it.
fn judged(heard: &[Greeting], called: bool) -> Answered {
    let last = heard.last().copied().unwrap_or(Greeting::Silent);
    let accepted = |greeting: &Greeting| match greeting {
        Greeting::Other => true,
        Greeting::Closed | Greeting::Nothing => !called,
        _ => false,
    };
    match heard {
        _ if last == Greeting::Token => Answered::Own,
        // One time is not enough for either.
        [_] | [] => Answered::Unclear(last),
        _ if heard.iter().all(|greeting| *greeting == Greeting::Refused) => Answered::Refused,
        _ if heard.iter().all(accepted) => Answered::Accepted,
        _ if !called && heard.iter().all(|greeting| matches!(greeting, Greeting::Silent | Greeting::Unreachable)) => {
            Answered::Nobody
        }
        _ => Answered::Unclear(last),
    }
}

impl LivePod {
    /// Calls those of these ports of the DSS host that are free, or a sample of them.
    pub(super) async fn call_host(&self, called: &CalledPorts) -> Seen<HostGreeting> {
        self.on_the_host()?;
        self.running().await?;
        let began = Instant::now();
        let greeting = self.greetings(called).await;
        let asked = format!("call TCP ports of {} where this ackcheck listens", called.address);
        self.note(&asked, told(&greeting), began.elapsed());
        greeting
    }

    /// That ackcheck runs on the DSS host.
    pub(super) fn on_the_host(&self) -> Seen<()> {
        match self.run.wire.config().host.local {
            true => Ok(()),
            false => Err(Unseen::not_described("ackcheck does not run on the DSS host (`[host] local = false`)")),
        }
    }

    async fn greetings(&self, called: &CalledPorts) -> Seen<HostGreeting> {
        let allowed = self.run.wire.config().host.listen_ports.clone().unwrap_or_else(|| vec![Ports::ALL]);
        let may = |port: &u16| allowed.iter().any(|allowed| allowed.contains(*port));
        let ports: BTreeSet<u16> = called.ports.iter().flat_map(|ports| ports.each()).filter(may).collect();
        if ports.is_empty() {
            return Err(Unseen::not_described("the site file does not let ackcheck open these ports (`listen_ports`)"));
        }
        let turns = &self.run.greetings;
        let all = called.all && !self.run.line.asks_alone();
        let sample = if called.all { SAMPLE } else { HANDFUL };
        let (_turn, share) = turns.take(ports.into_iter().collect(), sample, all).await?;
        let mut tally = Tally::default();
        let untried = self.shared(called, &share, &mut tally).await?;
        let greeting = tally.greetings(share.is_whole(), untried);
        match greeting.ranges.is_empty() {
            true => {
                Err(Unseen::unreadable(format!("free ports of {}", called.listens_on), greeting.not_opened.join("; ")))
            }
            false => Ok(greeting),
        }
    }

    /// Calls the ports of a share; gives how many were not tried.
    async fn shared(&self, called: &CalledPorts, share: &Share, tally: &mut Tally) -> Seen<usize> {
        let waited = &self.run.greetings.waited;
        let ports = share.ports();
        let many = ports.len() / FEW;
        let mut untried = self.batches(called, ports, tally).await?;
        for tried in 0..TRIES_AT_ONCE + WAITS {
            let at_once = tried < TRIES_AT_ONCE;
            if tally.taken.is_empty() || !at_once && tally.taken.len() <= many {
                break;
            }
            if !at_once {
                if waited.fetch_add(1, Ordering::Relaxed) >= WAITS {
                    break;
                }
                tokio::time::sleep(WAIT).await;
            }
            let taken = std::mem::take(&mut tally.taken);
            untried += self.batches(called, share.instead_of(&taken), tally).await?;
            if tally.taken.len() < taken.len() {
                waited.store(0, Ordering::Relaxed);
            }
        }
        Ok(untried)
    }

    /// Calls these ports in batches; gives how many were not tried.
    async fn batches(&self, called: &CalledPorts, ports: Vec<u16>, tally: &mut Tally) -> Seen<usize> {
        let room = Room::now();
        let mut waiting: VecDeque<u16> = ports.into();
        let mut most = MOST_GREETED;
        while !waiting.is_empty() {
            let count = room.of(waiting.len().min(most)).await;
            if count == 0 {
                break;
            }
            let left = self.batch(called, waiting.drain(..count).collect(), tally).await?;
            if !left.is_empty() {
                // What this machine has no sockets for is not asked of it over and over.
                most = count - left.len();
                left.into_iter().rev().for_each(|port| waiting.push_front(port));
            }
            if most == 0 {
                break;
            }
        }
        Ok(waiting.len())
    }

    /// Opens a batch of ports, has the pod call them, and closes them; gives those that were not tried.
    async fn batch(&self, at: &CalledPorts, ports: Vec<u16>, tally: &mut Tally) -> Seen<Vec<u16>> {
        let token = format!("ackcheck-{:016x}", fastrand::u64(..));
        let here = self.run.wire.instead_of(at.listens_on);
        let opened = &self.run.greetings.opened;
        let earlier = locked(opened).clone();
        let batch = Batch::open(here, ports, token.clone(), &earlier).await.map_err(|why| match why {
            NotOpened::NotHere => Unseen::not_described(format!(
                "{here} is not an address of this machine, so that ackcheck cannot listen there in place of the DSS host"
            )),
            NotOpened::Broken(why) => Unseen::unreadable("ports of this machine", why),
        })?;
        locked(opened).extend(&batch.ports);
        tally.taken.extend(&batch.taken);
        tally.denied += batch.denied.len();
        let left = batch.left.clone();
        let mut waiting = batch.ports.clone();
        for _ in 0..ROUNDS {
            if waiting.is_empty() {
                break;
            }
            let question = Greet::new(at.address, ranges(&waiting), token.clone());
            let greeted = self.answer(question, GREETED_WITHIN + CALLING).await?;
            waiting.clear();
            for (port, greeting) in greeted.each() {
                tally.heard.entry(port).or_default().push(greeting);
                waiting.extend((greeting != Greeting::Token).then_some(port));
            }
            tally.own.extend(greeted.own);
        }
        let Served { called, callers, whole } =
            batch.close().await.map_err(|why| Unseen::unreadable("ports of this machine", why))?;
        if !whole {
            return Err(Unseen::unreadable("ports of this machine", "they were called for longer than they listened"));
        }
        tally.called.extend(called);
        tally.callers.extend(callers);
        Ok(left)
    }
}

/// Ports in their order as ranges.
fn ranges(ports: &[u16]) -> Vec<Ports> {
    let mut ranges: Vec<Ports> = Vec::new();
    for next in ports.iter().filter_map(|port| Ports::one(*port)) {
        match ranges.last_mut().and_then(|last| last.joined(next).map(|both| *last = both)) {
            Some(()) => {}
            None => ranges.push(next),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_blamed_for_a_slow_ackcheck_or_for_one_time() {
        use Greeting::{Closed, Nothing, Other, Refused, Silent, Token, Unreachable};
        assert_eq!(judged(&[Nothing, Refused, Token], true), Answered::Own);
        assert_eq!(judged(&[Refused, Refused, Refused], false), Answered::Refused);
        assert_eq!(judged(&[Refused], false), Answered::Unclear(Refused));
        assert_eq!(judged(&[Refused, Silent, Refused], false), Answered::Unclear(Refused));
        assert_eq!(judged(&[Nothing, Closed, Other], false), Answered::Accepted);
        assert_eq!(judged(&[Nothing, Nothing, Nothing], true), Answered::Unclear(Nothing));
        assert_eq!(judged(&[Other, Other, Other], true), Answered::Accepted);
        assert_eq!(judged(&[Silent, Unreachable, Silent], false), Answered::Nobody);
        assert_eq!(judged(&[Silent, Silent, Silent], true), Answered::Unclear(Silent));
        assert_eq!(judged(&[Silent], false), Answered::Unclear(Silent));
    }

    #[tokio::test]
    async fn one_pod_has_all_ports_and_the_others_samples_that_meet_every_range() {
        let turns = Turns::new();
        let all: Vec<u16> = Ports::ALL.each().collect();
        let (turn, share) = turns.take(all.clone(), SAMPLE, true).await.unwrap();
        assert!(share.is_whole() && share.ports() == all);
        drop(turn);
        for _ in 0..3 {
            let (_turn, share) = turns.take(all.clone(), SAMPLE, true).await.unwrap();
            let ports = share.ports();
            assert!(!share.is_whole() && ports.len() <= SAMPLE + 1, "{}", ports.len());
            let widest = ports.windows(2).map(|two| two[1] - two[0]).max();
            assert!(widest <= Some(256) && ports[0] < 256, "{widest:?}");
        }
        let (_turn, few) = turns.take(vec![5, 6], SAMPLE, true).await.unwrap();
        assert!(few.is_whole() && few.ports() == [5, 6] && few.instead_of(&[5]) == [5]);
        drop(_turn);
        let (_turn, handful) = turns.take((30_000..30_017).collect(), HANDFUL, false).await.unwrap();
        assert!(!handful.is_whole() && handful.ports().len() <= HANDFUL + 1, "{:?}", handful.ports());
    }

    #[test]
    fn a_sample_that_another_run_has_open_is_replaced_range_by_range() {
        let share = Share { free: Ports::ALL.each().collect(), first: 0, step: 128 };
        let mut taken = share.ports();
        let mut tried: BTreeSet<u16> = taken.iter().copied().collect();
        for _ in 0..TRIES_AT_ONCE {
            let instead = share.instead_of(&taken);
            assert_eq!(instead.len(), taken.len());
            assert!(instead.iter().all(|port| tried.insert(*port)));
            taken = instead;
        }
    }

    #[test]
    fn ports_go_over_the_wire_as_ranges() {
        let told: Vec<String> = ranges(&[1, 2, 3, 7, 9, 10]).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["1-3", "7", "9-10"]);
    }
}
