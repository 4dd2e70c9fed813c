//! Ports that are really opened: ackcheck listens in the DSS host's place, and pods listen. Both are addresses of loopback that
//! no other lab has; what is between them is the model's.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use ackcheck_core::seat::cloud::PodNetwork;
use ackcheck_probe::listen::{Listeners, NotOpened, Opened};
use ackcheck_probe_protocol::{CannotLook, Greet, Greeted, Greeting, Listen, Listened, Ports};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::world::{Filtering, NetworkWorld, PodWay};
use super::{Network, Passage};
use crate::site_file::quoted;
use crate::world::{Deployment, Node};

/// Addresses of pods of one node that the site file names one by one: a run has fewer there.
const PODS_OF_A_NODE: u32 = 16;
/// What the kernel refuses to connect to by itself, as where there is no route.
const NO_ROUTE: &str = "255.255.255.255:0";
/// Connections that fill the queue of a listener.
const HELD: usize = 4;

/// Where what is sent to the DSS host and to pods arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loopback {
    pub(crate) host: IpAddr,
    pub(crate) pods: IpAddr,
}

impl Loopback {
    /// Those of a lab with its gateway on this port. Where loopback has one address only, that one.
    pub(crate) fn of(gateway: SocketAddr) -> Loopback {
        let [high, low] = gateway.port().to_be_bytes();
        let usable = |address: IpAddr| match UdpSocket::bind((address, 0)) {
            Ok(_) => address,
            Err(_) => Ipv4Addr::LOCALHOST.into(),
        };
        Loopback { host: usable([127, 101, high, low].into()), pods: usable([127, 102, high, low].into()) }
    }

    /// What `[network.connect]` of the site file says of them.
    pub(super) fn connect(self, deployment: &Deployment, network: &NetworkWorld) -> Vec<String> {
        let line = |of: String, to: String| format!("{} = {}", quoted(of), quoted(to));
        let hosts =
            deployment.host.addresses.iter().map(|address| line(address.to_string(), format!("{}:0", self.host)));
        let lost = |node: &&Node| network.pod_way(&node.name) == Some(PodWay::NoRoute);
        let unreachable = deployment.nodes.iter().filter(lost).flat_map(|node| {
            let first = u32::from(first_pod_address(deployment.pod_network, node));
            (first..first + PODS_OF_A_NODE)
                .map(|address| line(Ipv4Addr::from(address).to_string(), NO_ROUTE.to_owned()))
        });
        let rest = line("0.0.0.0/0".to_owned(), format!("{}:0", self.pods));
        hosts.chain(unreachable).chain([rest]).collect()
    }
}

/// The address of the first pod on a node.
pub(crate) fn first_pod_address(pod_network: PodNetwork, node: &Node) -> Ipv4Addr {
    match pod_network {
        PodNetwork::Terway => node.pod_address,
        PodNetwork::Flannel => Ipv4Addr::from(u32::from(node.pod_range.network()) + 2),
    }
}

impl Network {
    /// Calls ports of the DSS host, of which only those are real that the model lets through.
    pub(super) async fn greet(&self, node: &str, question: &Greet) -> Result<Greeted, CannotLook> {
        let mut greetings = BTreeMap::new();
        let mut real = Vec::new();
        for ports in &question.ports {
            for port in ports.each() {
                match self.greeting_in_its_stead(node, question.address, port) {
                    Some(greeting) => drop(greetings.insert(port, greeting)),
                    None => real.extend(Ports::one(port)),
                }
            }
        }
        let really = Greet { address: self.loopback.host, ports: real, ..question.clone() };
        let greeted = tokio::task::spawn_blocking(move || ackcheck_probe::greet::greet(&really)).await;
        let greeted = greeted.map_err(|error| CannotLook::because(error.to_string()))??;
        greetings.extend(greeted.each());
        Ok(Greeted::of(greetings, greeted.own))
    }

    fn greeting_in_its_stead(&self, node: &str, address: IpAddr, port: u16) -> Option<Greeting> {
        match (self.barrier(node, address, port), self.passage(node, address, port)) {
            (Some(Filtering::Reset), _) => Some(Greeting::Refused),
            (Some(Filtering::Accept), _) => Some(Greeting::Nothing),
            (_, Passage::Dropped) => Some(Greeting::Silent),
            (_, Passage::Unreachable(_)) => Some(Greeting::Unreachable),
            (_, Passage::Open) => Some(Greeting::Nothing),
            (_, Passage::Refused) if self.host.contains(&address) => None,
            (_, Passage::Refused) => Some(Greeting::Refused),
        }
    }

    /// Listens in a pod on a node, as far as what is between it and the DSS host lets calls through.
    pub(super) async fn listen(&self, node: &str, question: &Listen) -> Result<Listened, CannotLook> {
        let (at, until) = (self.loopback.pods, tokio::time::Instant::now() + question.duration());
        match self.world.pod_way(node) {
            None => listen(at, question, question.token.clone(), until.into_std()).await,
            Some(PodWay::Other) => {
                let greeting = "HTTP/1.1 400 Bad Request\r\n\r\n".to_owned();
                listen(at, question, greeting, until.into_std()).await.map(|_| nobody())
            }
            Some(PodWay::Drop) => {
                let _deaf = Deaf::on(SocketAddr::new(at, question.port))
                    .await
                    .map_err(|error| CannotLook::because(format!("port {} of the pod: {error}", question.port)))?;
                tokio::time::sleep_until(until).await;
                Ok(nobody())
            }
            Some(PodWay::NoRoute) => {
                tokio::time::sleep_until(until).await;
                Ok(nobody())
            }
        }
    }
}

fn nobody() -> Listened {
    Listened { callers: Vec::new() }
}

async fn listen(at: IpAddr, question: &Listen, greeting: String, until: Instant) -> Result<Listened, CannotLook> {
    let cannot = |why: String| CannotLook::because(format!("port {} of the pod: {why}", question.port));
    let mut opened = Opened::on(at, [question.port]).map_err(|why| match why {
        NotOpened::NotHere => cannot("it has no such address".to_owned()),
        NotOpened::Broken(why) => cannot(why),
    })?;
    if opened.listeners.ports().next().is_none() {
        return Err(cannot("it is in use, or cannot be opened".to_owned()));
    }
    let one_is_enough = greeting == question.token;
    let serving = tokio::task::spawn_blocking(move || {
        let over = |listeners: &Listeners| Instant::now() >= until || one_is_enough && !listeners.callers().is_empty();
        opened.listeners.serve(greeting.as_bytes(), over).map(|()| opened.listeners.callers())
    });
    let callers = serving.await.map_err(|error| cannot(error.to_string()))?;
    Ok(Listened { callers: callers.map_err(|error| cannot(error.to_string()))? })
}

/// A listener whose queue is full: the kernel drops what comes.
struct Deaf {
    _listener: TcpListener,
    _held: Vec<TcpStream>,
}

impl Deaf {
    async fn on(at: SocketAddr) -> std::io::Result<Deaf> {
        let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind(at)?;
        let listener = socket.listen(0)?;
        let mut held = Vec::new();
        for _ in 0..HELD {
            match tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(at)).await {
                Ok(stream) => held.push(stream?),
                Err(_) => break,
            }
        }
        Ok(Deaf { _listener: listener, _held: held })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NODE, network};
    use super::*;
    use ackcheck_core::fault::Fault;

    #[tokio::test]
    async fn what_stands_between_answers_in_the_hosts_stead() {
        let barrier = |how: &'static str| Fault::Add("/network/filtered", how);
        let network = network(&[
            barrier(r#"{"node": "*", "address": "10.0.0.20", "ports": "30001", "how": "reset"}"#),
            barrier(r#"{"node": "*", "address": "10.0.0.20", "ports": "30002", "how": "accept"}"#),
            barrier(r#"{"node": "*", "address": "10.0.0.20", "ports": "30003", "how": "drop"}"#),
        ]);
        let token = "token";
        let mut opened = Opened::on(network.loopback.host, 30_000..30_004).expect("ports");
        let own: Vec<u16> = opened.listeners.ports().collect();
        let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let ended = over.clone();
        let serving = std::thread::spawn(move || {
            opened.listeners.serve(token.as_bytes(), |_| ended.load(std::sync::atomic::Ordering::SeqCst))
        });
        let host = "10.0.0.20".parse().expect("an address");
        let question = Greet::new(host, vec!["30000-30003".parse().expect("ports")], token);
        let greeted = network.greet(NODE, &question).await.expect("greetings");
        over.store(true, std::sync::atomic::Ordering::SeqCst);
        serving.join().expect("served").expect("served");
        assert_eq!(own, [30_000, 30_001, 30_002, 30_003]);
        assert_eq!(
            greeted.to_string(),
            "30000 greeted, 30001 refused, 30002 accepted without a greeting, 30003 silent"
        );
    }
}
