//! The pod seat on a real deployment: what holds on a node, asked of a probe that runs in a pod there.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

mod causes;
mod census;
mod discover;
mod dss_host;
mod exec;
mod helper;
pub(super) mod leftovers;
mod one_shot;
mod owner;
mod removal;
mod run;
mod spec;
mod told;
mod trip;
mod wait;

pub use dss_host::{HostDoor, InstanceSource, NoInstance, Told};
pub use run::PodRun;

use crate::probe::{Answer, Ask, Failure, State};
use crate::wire::own_roots;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::pod::{CredentialHelper, DssHost, Pod, PodStart, PortRange, PortState, RoundTrip, Sweep};
use ackcheck_core::seat::{Heard, HttpReply, NameAnswer, NoReply, Seen};
use ackcheck_core::verdict::Unseen;

/// The probe gives a resolver this long; exec itself takes some more.
const RESOLVING: Duration = Duration::from_secs(12);
/// For one connection of a sweep, at first.
const DIAL: Duration = Duration::from_millis(400);
/// Connections of a sweep at once.
const DIALS_AT_ONCE: u16 = 1024;
/// For a whole sweep: 65,535 silent ports take about half a minute.
const SWEEPING: Duration = Duration::from_secs(150);

/// Opens the seat on one node.
pub fn open(run: &Arc<PodRun>, node: &str, journal: Journal) -> Seen<Box<dyn Pod>> {
    run.kubernetes.described()?;
    Ok(Box::new(LivePod { run: run.clone(), node: node.to_owned(), journal }))
}

struct LivePod {
    run: Arc<PodRun>,
    node: String,
    journal: Journal,
}

impl LivePod {
    /// Puts an ask to the probe, once its pod runs, and notes it as `asked`.
    async fn ask(&self, asked: &str, ask: &Ask, limit: Duration) -> Seen<Answer> {
        self.running().await?;
        let began = Instant::now();
        let answer = self.answer(ask, limit).await;
        let told = match &answer {
            Ok(answer) => words(answer),
            Err(why) => why.to_string(),
        };
        self.note(asked, told, began.elapsed());
        answer
    }

    /// Nothing can be asked before the pod runs.
    async fn running(&self) -> Seen<()> {
        match self.run.start(&self.node, &self.journal).await? {
            PodStart::Running => Ok(()),
            other => {
                Err(Unseen::unreadable(format!("the probe pod on {}", self.node), format!("it does not run: {other}")))
            }
        }
    }

    async fn answer(&self, ask: &Ask, limit: Duration) -> Seen<Answer> {
        let limit = limit + self.run.kubernetes.limits().request;
        self.run.ask(&self.node, ask, limit, &self.journal).await
    }

    fn note(&self, asked: &str, told: String, took: Duration) {
        self.journal.note(Vantage::Node, format!("from a pod on {}: {asked}", self.node), told, took);
    }

    fn unexpected(&self, answer: &Answer) -> Unseen {
        Unseen::unreadable(
            format!("the probe on {}", self.node),
            format!("it answered something else: {}", words(answer)),
        )
    }

    /// One HTTP exchange from the pod.
    async fn http(&self, asked: &str, ask: Ask, limit: Duration) -> Seen<Heard<HttpReply>> {
        let answer = self.ask(asked, &ask, limit).await?;
        let Ask::Http { url, .. } = &ask else { return Err(self.unexpected(&answer)) };
        self.heard(answer, url, limit)
    }

    /// What an HTTP exchange with this URL brought.
    fn heard(&self, answer: Answer, url: &str, limit: Duration) -> Seen<Heard<HttpReply>> {
        match answer {
            Answer::Http { status, headers, body, .. } => Ok(Ok(HttpReply { status, headers, body })),
            Answer::NoHttp { failure, said, .. } => Ok(Err(no_reply(failure, said, url, limit))),
            other => Err(self.unexpected(&other)),
        }
    }

    /// The certificates that the site trusts besides the built-in roots.
    fn own_roots(&self) -> Seen<Option<String>> {
        Ok(own_roots(self.run.wire.config())?.map(|own| own.pem))
    }
}

#[async_trait]
impl Pod for LivePod {
    fn node(&self) -> &str {
        &self.node
    }

    fn image(&self) -> Seen<String> {
        self.run.image.clone()
    }

    fn namespace(&self) -> String {
        self.run.namespace()
    }

    async fn start(&self) -> Seen<PodStart> {
        self.run.start(&self.node, &self.journal).await
    }

    async fn credential_helper(&self) -> Seen<Option<CredentialHelper>> {
        self.run.credential_helper(&self.journal).await
    }

    async fn dss_host(&self) -> Seen<DssHost> {
        let began = Instant::now();
        let host = self.run.dss_host.get_or_init(|| dss_host::look(&self.run, &self.journal)).await.clone();
        let told = match &host {
            Ok(host) => host.to_string(),
            Err(why) => why.to_string(),
        };
        self.journal.note(Vantage::Host, "the DSS host as pods are given it", told, began.elapsed());
        host
    }

    async fn resolve(&self, name: &str) -> Seen<NameAnswer> {
        let ask = Ask::Resolve { name: name.to_owned() };
        match self.ask(&format!("resolve {name}"), &ask, RESOLVING).await? {
            // Never an empty list: "all of them are the host's own" would be true of it.
            Answer::Addresses { addresses } if addresses.is_empty() => {
                Ok(NameAnswer::NoSuchName { said: "no address".to_owned() })
            }
            Answer::Addresses { addresses } => Ok(NameAnswer::Addresses(addresses)),
            Answer::NoSuchName { said } => Ok(NameAnswer::NoSuchName { said }),
            Answer::NoServer { said } => Ok(NameAnswer::NoServer { said }),
            other => Err(self.unexpected(&other)),
        }
    }

    async fn sweep(&self, address: IpAddr, first: u16, last: u16) -> Seen<Sweep> {
        // A sweep waits for its turn before it counts against its own limit.
        let _turn = self.run.sweeps.acquire().await;
        let timeout_ms = u64::try_from(DIAL.as_millis()).unwrap_or(u64::MAX);
        let ask = Ask::Sweep { address, first, last, timeout_ms, concurrency: DIALS_AT_ONCE };
        let answer = self.ask(&format!("dial TCP {first}-{last} of {address}"), &ask, SWEEPING).await?;
        let Answer::Ports { ranges } = &answer else { return Err(self.unexpected(&answer)) };
        let whole = ranges.iter().try_fold(u32::from(first), |next, range| {
            (u32::from(range.first) == next && range.last >= range.first).then_some(u32::from(range.last) + 1)
        });
        if whole != Some(u32::from(last) + 1) {
            return Err(Unseen::unreadable(
                format!("the probe on {}", self.node),
                format!("its ranges do not cover {first}-{last} once each"),
            ));
        }
        let ranges = ranges.iter().map(|range| PortRange {
            first: range.first,
            last: range.last,
            state: match range.state {
                State::Open => PortState::Open,
                State::Closed => PortState::Closed,
                State::Filtered => PortState::Filtered,
                State::Unreachable => PortState::Unreachable,
            },
        });
        Ok(Sweep { address, ranges: ranges.collect() })
    }

    async fn get(&self, url: &str, trust_any: bool) -> Seen<Heard<HttpReply>> {
        let limit = self.run.kubernetes.limits().request;
        let ask = Ask::Http {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            trust_any,
            ca_pem: if trust_any { None } else { self.own_roots()? },
            timeout_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        };
        self.http(&format!("GET {url}"), ask, limit).await
    }

    async fn store_round_trips(&self) -> Seen<Vec<RoundTrip>> {
        self.round_trips().await
    }
}

/// The answer for the journal.
fn words(answer: &Answer) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match answer {
        Answer::Addresses { addresses } => list(addresses.iter().map(ToString::to_string).collect()),
        Answer::NoSuchName { said } | Answer::NoServer { said } => said.clone(),
        Answer::Ports { ranges } => list(
            ranges
                .iter()
                .map(|range| {
                    let state = in_words(range.state);
                    if range.first == range.last {
                        format!("{} {state}", range.first)
                    } else {
                        format!("{}-{} {state}", range.first, range.last)
                    }
                })
                .collect(),
        ),
        Answer::Dialled { ports } => {
            list(ports.iter().map(|one| format!("{} port {} {}", one.address, one.port, in_words(one.state))).collect())
        }
        Answer::Oss { put, get, delete } => {
            list([Some(put), get.as_ref(), delete.as_ref()].into_iter().flatten().map(|part| words(part)).collect())
        }
        Answer::Http { status, body, .. } => format!("{status} {body}"),
        Answer::NoHttp { said, .. } => format!("no answer: {said}"),
        Answer::Broken { why } => why.clone(),
    }
}

fn in_words(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Closed => "closed",
        State::Filtered => "filtered",
        State::Unreachable => "unreachable",
    }
}

/// The probe's failure in the engine's terms.
fn no_reply(failure: Failure, said: String, url: &str, limit: Duration) -> NoReply {
    let parsed = url::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(url::Url::host_str).unwrap_or_default().to_owned();
    let port = parsed.as_ref().and_then(url::Url::port_or_known_default).unwrap_or_default();
    let address = format!("{host}:{port}");
    match failure {
        Failure::Unresolvable => NoReply::Unresolvable { name: host, said },
        Failure::Refused => NoReply::Refused { address },
        Failure::Unreachable => NoReply::Unreachable { address, said },
        Failure::TimedOut => NoReply::TimedOut { waiting_for: "answer", after: limit },
        Failure::Tls => NoReply::Tls { said },
        Failure::Closed => NoReply::Closed { said },
        Failure::Garbled => NoReply::Garbled { said },
    }
}
