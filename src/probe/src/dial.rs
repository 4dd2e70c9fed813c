//! A few TCP ports of a host, dialled once each.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, Dial, Dialled, DialledPort, PortState, Resolved, milliseconds};

use crate::refusal;
use crate::resolve::resolve;
use crate::sweep::{self, Step};

/// Connections at once; each has a thread of its own.
const AT_ONCE: usize = 256;
/// What such a thread needs of its stack, several times over: a pod has little memory.
const STACK: usize = 128 << 10;
/// The most connections of one question; more is a sweep.
const MOST: usize = 1024;

/// Dials ports of an address or a name; of a name, every address. One connection may take 10 ms to 60 s.
///
/// # Errors
/// If there is nothing to dial, or this machine lacks what it takes to dial it.
pub(crate) fn dial(question: &Dial) -> Result<Dialled, CannotLook> {
    let Dial { host, ports, .. } = question;
    let timeout = question.timeout().clamp(Duration::from_millis(10), Duration::from_secs(60));
    let addresses = match host.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) => match resolve(host)? {
            Resolved::Addresses { addresses } => addresses,
            Resolved::NoSuchName { said } => return Ok(Dialled::NoSuchName { said }),
            Resolved::NoServer { said } => return Ok(Dialled::NoServer { said }),
        },
    };
    let targets: VecDeque<(IpAddr, u16)> =
        addresses.iter().flat_map(|address| ports.iter().map(|port| (*address, *port))).collect();
    if targets.is_empty() || ports.contains(&0) {
        return Err(CannotLook::because("no ports to dial, or port 0"));
    }
    if targets.len() > MOST {
        let why = format!("{} connections are more than {MOST}: sweep a range", targets.len());
        return Err(CannotLook::because(why));
    }
    let mut all = all(targets, timeout)?;
    let place = |one: &DialledPort| {
        let address = addresses.iter().position(|address| *address == one.address);
        (address, ports.iter().position(|port| *port == one.port))
    };
    all.sort_by_key(place);
    Ok(Dialled::Dialled { ports: all })
}

/// Dials these, in any order.
fn all(targets: VecDeque<(IpAddr, u16)>, timeout: Duration) -> Result<Vec<DialledPort>, CannotLook> {
    let threads = targets.len().min(AT_ONCE);
    let waiting = Mutex::new(targets);
    let take = || waiting.lock().ok()?.pop_front();
    let work = || {
        let mut done = Vec::new();
        while let Some((address, port)) = take() {
            done.push(one(address, port, timeout)?);
        }
        Ok::<_, CannotLook>(done)
    };
    std::thread::scope(|scope| {
        // The first thread is this one: where no other can be started it does all the work.
        let others: Vec<_> = (1..threads)
            .map_while(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok())
            .collect();
        let mut all = work()?;
        for other in others {
            let ended = || Err(CannotLook::because("a thread that dialled ended by itself"));
            all.extend(other.join().unwrap_or_else(|_| ended())?);
        }
        Ok(all)
    })
}

fn one(address: IpAddr, port: u16, timeout: Duration) -> Result<DialledPort, CannotLook> {
    let target = SocketAddr::new(address, port);
    let began = Instant::now();
    let broken = |error: &std::io::Error| CannotLook::because(format!("{target}: {error}"));
    let socket = refusal::socket(target).map_err(|error| broken(&error))?;
    let state = match socket.connect_timeout(&target.into(), timeout) {
        Ok(()) => sweep::open_state(&socket),
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => PortState::Filtered,
        Err(error) => match refusal::failed(&socket, &error, port)? {
            Step::Known(state) => state,
            Step::Pending | Step::LocalLimit => return Err(broken(&error)),
        },
    };
    Ok(DialledPort { address, port, state, took_ms: milliseconds(began.elapsed()) })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::deaf::Deaf;

    fn dialled(host: &str, ports: &[u16], timeout_ms: u64) -> Vec<DialledPort> {
        match dial(&Dial { timeout_ms, ..Dial::new(host, ports.to_vec()) }) {
            Ok(Dialled::Dialled { ports }) => ports,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tells_each_port_in_the_order_asked_and_resolves_a_name_first() {
        let open = TcpListener::bind("127.0.0.1:0").expect("a port");
        let open = (open.local_addr().expect("its address").port(), open);
        let closed = TcpListener::bind("127.0.0.1:0").and_then(|gone| gone.local_addr()).expect("a port").port();
        let ports = dialled("127.0.0.1", &[closed, open.0], 2_000);
        let told: Vec<(u16, PortState)> = ports.iter().map(|one| (one.port, one.state)).collect();
        assert_eq!(told, [(closed, PortState::Closed), (open.0, PortState::Open)]);
        let ports = dialled("localhost", &[open.0], 2_000);
        assert!(ports.iter().any(|one| one.address.is_loopback() && one.state == PortState::Open), "{ports:?}");
        let nowhere = format!("{}.invalid", "a".repeat(70));
        assert!(matches!(dial(&Dial::new(nowhere, vec![80])), Ok(Dialled::NoSuchName { .. })));
        assert!(dial(&Dial::new("127.0.0.1", Vec::new())).is_err());
    }

    #[test]
    fn what_does_not_answer_is_filtered_and_what_has_no_route_is_told_so() {
        let deaf = Deaf::on("127.0.0.83".parse().expect("an address"));
        let port = deaf.port;
        assert_eq!(dialled("127.0.0.83", &[port], 50)[0].state, PortState::Filtered);
        // The kernel refuses to connect to a broadcast address by itself.
        assert_eq!(dialled("255.255.255.255", &[9], 50)[0].state, PortState::Unreachable);
    }
}
