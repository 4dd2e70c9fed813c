//! The pace of a run's sweeps: each node's share of what all may dial in a second, looked at again while they go on.

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::LivePod;
use super::dss_host::HostForPods;
use super::head_room::{HeadRoom, Rate, Table};
use super::line::SWEEPS_AT_ONCE;
use ackcheck_core::config::Limits;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::pod::SWEEPS_WITHIN;
use ackcheck_core::seat::{PortState, Ports, Seen, Swept, told};
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_probe_protocol::Sweep;

/// How often the pace is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// For a whole sweep at full pace, and far above what one takes: every port silent, few sockets to dial with, and a node
/// whose own table has room for half of the ports at once.
const SWEEPING: Duration = Duration::from_secs(300);
/// Dials of one port, on the average, where many get lost: for so many the pace is waited for.
const DIALS_OF_A_PORT: u64 = 5;
/// For how long there may be no room at all: what the host does not answer it forgets after two minutes.
const NO_ROOM: Duration = Duration::from_secs(150);

/// What the sweeps of a run share.
pub(super) struct Pace {
    shared: Mutex<Shared>,
}

struct Shared {
    room: HeadRoom,
    /// Sweeps under way.
    turns: u32,
}

/// One sweep under way.
struct Turn<'a> {
    pace: &'a Pace,
    /// What it may dial in a second since then.
    share: Option<(Instant, Rate)>,
    /// The slowest it was.
    slowest: Rate,
    /// The host's table was seen full.
    full: Option<String>,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Pace {
        Pace { shared: Mutex::new(Shared { room: HeadRoom::new(limits.sweep_rate), turns: 0 }) }
    }

    fn turn(&self) -> Turn<'_> {
        locked(&self.shared).turns += 1;
        Turn { pace: self, share: None, slowest: None, full: None }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        locked(&self.pace.shared).turns -= 1;
    }
}

impl Turn<'_> {
    /// Takes down what was allowed since the last look.
    fn told(&mut self) {
        let now = Instant::now();
        if let Some((since, Some(rate))) = self.share.take() {
            let dials = u128::from(rate) * now.saturating_duration_since(since).as_millis() / 1000;
            locked(&self.pace.shared).room.allowed(now, u64::try_from(dials).unwrap_or(u64::MAX));
        }
    }

    /// What this sweep may dial in a second from now on.
    fn share(&mut self, table: Table) -> Rate {
        self.told();
        let now = Instant::now();
        let mut shared = locked(&self.pace.shared);
        let all = shared.room.rate(now, table);
        let share = all.map(|all| all / shared.turns.max(1));
        drop(shared);
        self.share = Some((now, share));
        self.slowest = [self.slowest, share].into_iter().flatten().min();
        if let Table::Entries { count, size } = table
            && size > 0
            && count >= size
        {
            self.full = Some(format!("it was full while ports were dialled: {count} of {size} entries"));
        }
        share
    }

    /// Looks at the pace again and again; ends where the sweep takes too long for it.
    async fn keep(&mut self, pod: &LivePod, ports: Ports, steer: &watch::Sender<u32>) -> Unseen {
        let enough = (ports.count() as u64).saturating_mul(DIALS_OF_A_PORT);
        let (mut allowed, mut waited, mut without) = (0u64, Duration::ZERO, Duration::ZERO);
        loop {
            tokio::time::sleep(EVERY).await;
            let table = table(&pod.run.dss_host, &pod.journal).await;
            let share = self.share(table);
            let rate = share.unwrap_or(u32::MAX);
            let alone = pod.run.line.asks_alone();
            allowed = allowed.saturating_add(if alone { rate / SWEEPS_AT_ONCE } else { rate }.into());
            waited += if allowed >= enough { EVERY } else { Duration::ZERO };
            without = if rate == 0 { without + EVERY } else { Duration::ZERO };
            if without > NO_ROOM {
                return Unseen::unreadable(TABLE, format!("it has no room for a sweep: {}", words(table, share)));
            }
            if waited > SWEEPING {
                let why = format!("the sweep did not end; {}", words(table, share));
                return Unseen::unreadable(format!("the probe on {}", pod.node), why);
            }
            // Said again though it is the same: a rate holds for a few seconds.
            steer.send_replace(rate);
        }
    }
}

/// Some dials under way.
pub(super) struct Dialling<'a> {
    turn: Turn<'a>,
}

impl Drop for Dialling<'_> {
    fn drop(&mut self) {
        self.turn.told();
    }
}

impl LivePod {
    /// Waits until so many ports may be dialled at once by the pace that all sweeps of the run share.
    pub(super) async fn room_for(&self, dials: usize) -> Seen<Dialling<'_>> {
        let mut turn = self.run.pace.turn();
        let (mut left, mut waited) = (u64::try_from(dials).unwrap_or(u64::MAX), Duration::ZERO);
        loop {
            let table = table(&self.run.dss_host, &self.journal).await;
            let share = turn.share(table);
            let Some(rate) = share else { break };
            if waited > NO_ROOM {
                return Err(Unseen::unreadable(TABLE, format!("it has no room to dial: {}", words(table, share))));
            }
            // What a turn may dial in the time that it waits is its own then.
            let wait = if rate == 0 { EVERY } else { Duration::from_secs(left).div_f64(rate.into()).min(EVERY) };
            tokio::time::sleep(wait).await;
            waited = if rate == 0 { waited + wait } else { Duration::ZERO };
            left = left.saturating_sub((wait.as_secs_f64() * f64::from(rate)).ceil() as u64);
            if left == 0 {
                break;
            }
        }
        Ok(Dialling { turn })
    }

    /// Sweeps at the pace that all sweeps of the run share, in its turn.
    pub(super) async fn paced_sweep(&self, address: IpAddr, ports: Ports) -> Seen<Swept> {
        // A sweep waits for its turn before it counts against its own limit.
        let _turn = self.run.line.sweeps.acquire().await;
        self.running().await?;
        let mut turn = self.run.pace.turn();
        let began = Instant::now();
        let table = table(&self.run.dss_host, &self.journal).await;
        let first = turn.share(table);
        self.journal.note(Vantage::Host, "the pace of a sweep", words(table, first), began.elapsed());
        let began = Instant::now();
        let question = Sweep { rate: first, steered: first.is_some(), ..Sweep::new(address, ports) };
        let (steer, rates) = watch::channel(first.unwrap_or(u32::MAX));
        let steered = first.is_some().then_some(rates);
        let ask = self.run.line.ask(&self.node, question, SWEEPS_WITHIN, steered, &self.journal);
        let swept = tokio::select! {
            swept = ask => swept,
            why = turn.keep(self, ports, &steer) => Err(why),
        };
        let slowed = match (first, turn.slowest) {
            (Some(first), Some(slowest)) if slowest < first => format!(", slowed down to {slowest} dials a second"),
            _ => String::new(),
        };
        self.note(&format!("dial TCP {ports} of {address}{slowed}"), told(&swept), began.elapsed());
        let swept = swept?;
        if let Some(full) = turn.full.take()
            && swept.ranges.iter().any(|range| range.state == PortState::Filtered)
        {
            return Err(Unseen::unreadable(TABLE, full));
        }
        Ok(swept)
    }
}

const TABLE: &str = "the DSS host's table of connections (nf_conntrack)";
const COUNT: &str = "/proc/sys/net/netfilter/nf_conntrack_count";
const SIZE: &str = "/proc/sys/net/netfilter/nf_conntrack_max";

/// The table, where ackcheck runs on the host.
async fn table(host: &HostForPods, journal: &Journal) -> Table {
    // Looked at every second: no evidence each time.
    let Ok(host) = host.open(journal.aside()) else { return Table::Unseen };
    let number = |read: Seen<String>| match read {
        Ok(text) => text.trim().parse().ok().map(Some),
        Err(Unseen::Broken(Broken::Unreadable { why, .. })) if why.contains("No such file or directory") => Some(None),
        Err(_) => None,
    };
    match (number(host.read(COUNT).await), number(host.read(SIZE).await)) {
        (Some(Some(count)), Some(Some(size))) => Table::Entries { count, size },
        (Some(None), Some(None)) => Table::None,
        _ => Table::Unseen,
    }
}

fn words(table: Table, share: Rate) -> String {
    let at_most = match share {
        Some(share) => format!("at most {share} dials a second from this node"),
        None => "as fast as can be".to_owned(),
    };
    match table {
        Table::Unseen => format!("{at_most}: the DSS host's table of connections is not seen from here"),
        Table::None => format!("{at_most}: the DSS host tracks no connections"),
        Table::Entries { count, size } => {
            format!("{at_most}: the DSS host's table of connections has {count} of {size} entries")
        }
    }
}
