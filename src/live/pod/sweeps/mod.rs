//! What was swept from which node: once a run, whoever asks.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::OnceCell;

mod classes;
mod rules;
mod sample;

use self::classes::Dials;
use self::rules::Rules;
use self::sample::Answer;
use super::LivePod;
use crate::cloud::Account;
use ackcheck_core::config::SweepFrom;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::{Basis, NodeSweep, Ports, Seen, Swept};
use ackcheck_core::sync::locked;
use ackcheck_core::verdict::Unseen;
use ackcheck_probe_protocol::{DIALS_WITHIN, Dial, Dialled, milliseconds};

/// For one port of a sample: the kernel sends its packet once more after a second.
const SAMPLE_WITHIN: Duration = Duration::from_millis(1_300);
/// Ports of one question to the probe.
const PORTS_AT_ONCE: usize = 1_000;
/// What dialling so many may take besides their own time: they are not all dialled at once.
const SAMPLING: Duration = Duration::from_secs(60);
/// Nodes up to which each sweeps for itself, unless the site file says otherwise.
const FEW_NODES: usize = 50;

/// One sweep, of which every case that asks for it hears. A sweep that brought nothing is made again.
type Once = Arc<OnceCell<Arc<Swept>>>;
/// What is known of each node.
type ByNode = Arc<BTreeMap<String, NodeSweep>>;

/// The sweeps of one run.
#[derive(Default)]
pub(super) struct Sweeps {
    whole: Mutex<HashMap<(String, IpAddr, Ports), Once>>,
    by_class: Mutex<HashMap<IpAddr, Arc<OnceCell<ByNode>>>>,
    /// Every node of the run.
    nodes: OnceLock<Vec<String>>,
    /// Who tells by which rules their packets are judged.
    account: OnceLock<Arc<Account>>,
}

impl Sweeps {
    /// Takes note of every node that the run asks; they may sweep for each other.
    pub(super) fn knows_nodes(&self, nodes: &[String]) {
        let _ = self.nodes.set(nodes.to_vec());
    }

    /// Has nodes sorted by the rules that this account shows.
    pub(super) fn sorts_nodes_by(&self, account: Arc<Account>) {
        let _ = self.account.set(account);
    }

    /// The nodes that may sweep for each other; none where each sweeps for itself.
    fn sharing(&self, from: Option<SweepFrom>) -> Option<&[String]> {
        let nodes = self.nodes.get()?;
        let share = from.map_or(nodes.len() > FEW_NODES, |from| from == SweepFrom::Classes);
        (share && nodes.len() > 1).then_some(nodes)
    }
}

impl LivePod {
    /// What every port of a range answers from here.
    pub(super) async fn swept(&self, address: IpAddr, ports: Ports) -> Seen<NodeSweep> {
        let began = Instant::now();
        let of_class = self.by_class(address, ports).await.and_then(|known| known.get(&self.node).cloned());
        let swept = match of_class {
            Some(swept) => swept,
            None => {
                let (now, swept) = self.whole(address, ports).await?;
                let swept = NodeSweep::dialled(swept);
                if now {
                    return Ok(swept);
                }
                swept
            }
        };
        let asked = match &swept.basis {
            Basis::Dialled => format!("dial TCP {ports} of {address}, once in this run"),
            Basis::Class { dialled, .. } => format!("dial {dialled} ports of TCP {ports} of {address}"),
        };
        self.note(&asked, swept.to_string(), began.elapsed());
        Ok(swept)
    }

    /// What is known of the nodes that sweep for each other; none where each sweeps for itself.
    async fn by_class(&self, address: IpAddr, ports: Ports) -> Option<ByNode> {
        let sweeps = &self.run.sweeps;
        let nodes = sweeps.sharing(self.run.wire.config().network.sweep).filter(|_| ports == Ports::ALL)?;
        let cell = locked(&sweeps.by_class).entry(address).or_default().clone();
        let journal = Journal::new(self.journal.scrubber().clone());
        let sweep = async || {
            let rules = Rules::read(sweeps.account.get(), &journal).await;
            let dials = Apart { pod: self, address };
            Arc::new(classes::sweep(&dials, rules.sort(nodes), rules.edges).await)
        };
        Some(cell.get_or_init(sweep).await.clone())
    }

    /// Every port dialled from here, and whether that was now.
    async fn whole(&self, address: IpAddr, ports: Ports) -> Seen<(bool, Arc<Swept>)> {
        let once = locked(&self.run.sweeps.whole).entry((self.node.clone(), address, ports)).or_default().clone();
        let mut now = false;
        let swept = once
            .get_or_try_init(async || {
                now = true;
                self.dial_whole(address, ports).await.map(Arc::new)
            })
            .await?;
        Ok((now, swept.clone()))
    }

    async fn dial_whole(&self, address: IpAddr, ports: Ports) -> Seen<Swept> {
        let swept = self.paced_sweep(address, ports).await?;
        match swept.covers(ports) {
            true => Ok(swept),
            false => Err(Unseen::unreadable(
                format!("the probe on {}", self.node),
                format!("its ranges do not cover {ports} once each"),
            )),
        }
    }

    /// These ports dialled from here, each once.
    async fn dial_some(&self, address: IpAddr, ports: &[u16], each: Duration) -> Seen<Vec<Answer>> {
        let mut answers = Vec::with_capacity(ports.len());
        for ports in ports.chunks(PORTS_AT_ONCE) {
            let dial = Dial { timeout_ms: milliseconds(each), ..Dial::new(address.to_string(), ports.to_vec()) };
            let asked = format!("dial {} ports of {address}", ports.len());
            let _turn = self.room_for(ports.len()).await?;
            let Dialled::Dialled { ports: dialled } = self.ask(&asked, dial, SAMPLING).await? else {
                return Err(self.not_these());
            };
            if !dialled.iter().map(|one| one.port).eq(ports.iter().copied()) {
                return Err(self.not_these());
            }
            answers.extend(dialled.iter().map(|one| (one.port, one.state)));
        }
        Ok(answers)
    }

    fn not_these(&self) -> Unseen {
        Unseen::unreadable(format!("the probe on {}", self.node), "it did not tell of each port that it was asked")
    }
}

/// Asks every node apart from the case that happens to ask first, whose evidence is of its own node.
struct Apart<'a> {
    pod: &'a LivePod,
    address: IpAddr,
}

impl Apart<'_> {
    fn on(&self, node: &str) -> LivePod {
        let journal = Journal::new(self.pod.journal.scrubber().clone());
        LivePod { run: self.pod.run.clone(), node: node.to_owned(), journal, told: false.into() }
    }
}

#[async_trait]
impl Dials for Apart<'_> {
    async fn all(&self, node: &str) -> Seen<Arc<Swept>> {
        self.on(node).whole(self.address, Ports::ALL).await.map(|(_, swept)| swept)
    }

    async fn some(&self, node: &str, ports: &[u16], again: bool) -> Seen<Vec<Answer>> {
        let each = if again { DIALS_WITHIN } else { SAMPLE_WITHIN };
        self.on(node).dial_some(self.address, ports, each).await
    }
}
