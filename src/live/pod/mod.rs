//! The pod seat on a real deployment: what holds on a node, asked of a probe that runs in a pod there.

use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;

mod causes;
mod census;
mod budget;
mod discover;
mod dss_host;
mod events;
mod fleet;
mod greeting;
pub mod head_room;
pub(super) mod leftovers;
mod line;
mod names;
mod owner;
mod pace;
mod paths;
mod policies;
mod pull_secrets;
mod pulls;
mod removal;
mod run;
mod spec;
mod starts;
mod sweeps;
mod trip;
mod wait;
mod wanted;
mod way_back;

pub use dss_host::{HostDoor, InstanceFacts, InstanceSource, NoInstance};
pub use paths::RegistryDoor;
pub use run::{Doors, PodRun};

use crate::wire::own_roots;
use ackcheck_core::config::Limits;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::greeting::{CalledPorts, HostGreeting, PodGreeting};
use ackcheck_core::seat::keyring::PullSecret;
use ackcheck_core::seat::pod::{
    CredentialHelper, DssHost, EgressPolicies, Pod, PodStart, PullHost, RoundTrip, StorePath,
};
use ackcheck_core::seat::{AskedServers, Heard, HttpReply, NameAnswer, NoReply, NodeSweep, Ports, Seen, told};
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_probe_protocol::{
    AskServers, Exchange, Failure, Http, Question, RESOLVES_WITHIN, connects_within, milliseconds,
};

/// What a pod writes and reads to see that packets of full size pass, in bytes.
const LARGE_OBJECT: usize = 64 << 10;
/// The same of a request's head: Jetty, in DSS, takes 8 KiB, which are six packets.
const LARGE_HEAD: usize = 6 << 10;

/// Opens the seat on one node.
pub fn open(run: &Arc<PodRun>, node: &str, journal: Journal) -> Seen<Box<dyn Pod>> {
    run.fleet.kubernetes.described()?;
    Ok(Box::new(LivePod { run: run.clone(), node: node.to_owned(), journal, told: AtomicBool::new(false) }))
}

struct LivePod {
    run: Arc<PodRun>,
    node: String,
    journal: Journal,
    /// The evidence of this case says already that the pod runs.
    told: AtomicBool,
}

impl LivePod {
    /// Puts a question to the probe, once its pod runs, and notes it as `asked`.
    async fn ask<Q>(&self, asked: &str, question: Q, limit: Duration) -> Seen<Q::Answer>
    where
        Q: Question<Answer: Display>,
    {
        self.running().await?;
        let began = Instant::now();
        let answer = self.answer(question, limit).await;
        self.note(asked, told(&answer), began.elapsed());
        answer
    }

    /// Nothing can be asked before the pod runs.
    async fn running(&self) -> Seen<()> {
        let told = self.told.swap(true, Ordering::Relaxed);
        let journal = if told { self.journal.aside() } else { self.journal.clone() };
        match self.run.starts.start(&self.node, &journal).await? {
            PodStart::Running => Ok(()),
            other => {
                Err(Unseen::unreadable(format!("the probe pod on {}", self.node), format!("it does not run: {other}")))
            }
        }
    }

    /// `limit` is for the probe's work.
    async fn answer<Q: Question>(&self, question: Q, limit: Duration) -> Seen<Q::Answer> {
        let limit = limit + self.limits().request;
        self.run.line.ask(&self.node, question, limit, None, &self.journal).await
    }

    fn limits(&self) -> &Limits {
        self.run.fleet.kubernetes.limits()
    }

    fn note(&self, asked: &str, told: String, took: Duration) {
        self.journal.note(Vantage::Node, format!("from a pod on {}: {asked}", self.node), told, took);
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
        self.run.fleet.image.clone()
    }

    fn namespace(&self) -> String {
        self.run.fleet.namespace()
    }

    async fn start(&self) -> Seen<PodStart> {
        self.run.starts.start(&self.node, &self.journal).await
    }

    async fn egress_policies(&self) -> Seen<EgressPolicies> {
        let (fleet, labels) = (&self.run.fleet, spec::labels_of(&self.run.fleet.run));
        policies::egress_policies(&fleet.kubernetes, &fleet.namespace(), &labels, &self.journal).await
    }

    async fn credential_helper(&self) -> Seen<Option<CredentialHelper>> {
        match crate::cluster::credential_helper(&self.run.fleet.kubernetes, &self.journal, Vantage::Node).await {
            // Without the right it is not recognized, which the journal tells.
            Err(Unseen::Broken(Broken::Denied { .. })) => Ok(None),
            seen => seen,
        }
    }

    async fn pull_secrets(&self, names: &[String]) -> Seen<Vec<PullSecret>> {
        pull_secrets::read(&self.run.fleet, names, &self.journal).await
    }

    async fn dss_host(&self) -> Seen<DssHost> {
        let began = Instant::now();
        let host = self.run.dss_host.seen(&self.journal).await;
        self.journal.note(Vantage::Host, "the DSS host as pods are given it", told(&host), began.elapsed());
        host
    }

    async fn resolve(&self, name: &str) -> Seen<NameAnswer> {
        self.resolved(name).await
    }

    async fn name_servers(&self, names: &[String]) -> Seen<AskedServers> {
        let question = AskServers { names: names.to_vec(), nobodys: format!("ackcheck-{:08x}", fastrand::u32(..)) };
        self.ask("each name server of resolv.conf", question, RESOLVES_WITHIN).await
    }

    async fn sweep(&self, address: IpAddr, ports: Ports) -> Seen<NodeSweep> {
        self.swept(address, ports).await
    }

    async fn greeted_by_host(&self, called: &CalledPorts) -> Seen<HostGreeting> {
        self.call_host(called).await
    }

    async fn greets_host(&self) -> Seen<PodGreeting> {
        self.called_by_host().await
    }

    async fn get(&self, url: &str, trust_any: bool) -> Seen<Heard<HttpReply>> {
        let limit = self.limits().request;
        let ca_pem = if trust_any { None } else { self.own_roots()? };
        let question = Http { trust_any, ca_pem, timeout_ms: milliseconds(limit), ..Http::new("GET", url) };
        Ok(heard(self.ask(&format!("GET {url}"), question, limit).await?, url, limit))
    }

    async fn store_round_trips(&self) -> Seen<Vec<RoundTrip>> {
        self.round_trips("from", 0).await
    }

    async fn large_round_trips(&self) -> Seen<Vec<RoundTrip>> {
        self.round_trips("large-from", LARGE_OBJECT).await
    }

    async fn store_paths(&self) -> Seen<Vec<StorePath>> {
        self.ways_to_the_store().await
    }

    async fn pull_hosts(&self) -> Seen<Vec<PullHost>> {
        self.ways_of_pulls().await
    }

    async fn get_with_large_head(&self, url: &str) -> Seen<Heard<HttpReply>> {
        let limit = self.limits().request;
        let headers = vec![("X-Ackcheck-Padding".to_owned(), "x".repeat(LARGE_HEAD))];
        let question = Http { headers, trust_any: true, timeout_ms: milliseconds(limit), ..Http::new("GET", url) };
        let asked = format!("GET {url} with a head of {LARGE_HEAD} bytes");
        Ok(heard(self.ask(&asked, question, limit).await?, url, limit))
    }
}

/// What an HTTP exchange with this URL brought.
fn heard(exchange: Exchange, url: &str, limit: Duration) -> Heard<HttpReply> {
    match exchange {
        Exchange::Http { status, headers, body, .. } => Ok(HttpReply { status, headers, body }),
        Exchange::NoHttp { failure, said, .. } => Err(no_reply(failure, said, url, limit)),
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
        Failure::NotConnected => NoReply::NotConnected { after: connects_within(limit) },
        Failure::TimedOut => NoReply::TimedOut { after: limit },
        Failure::Tls => NoReply::Tls { said },
        Failure::Closed => NoReply::Closed { said },
        Failure::Garbled => NoReply::Garbled { said },
    }
}
