//! A few TCP ports of a host, dialled once each.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

use crate::sweep::{self, Step};
use crate::{Answer, Dialled, State};

/// Connections at once; each has a thread of its own.
const AT_ONCE: usize = 32;
/// The most connections of one ask; more is a sweep.
const MOST: usize = 1024;

/// Dials `ports` of `host`, an address or a name; of a name, every address. `timeout` is for one connection, 10 ms to 60 s.
pub fn dial(host: &str, ports: &[u16], timeout: Duration) -> Answer {
    let timeout = timeout.clamp(Duration::from_millis(10), Duration::from_secs(60));
    let addresses = match host.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) => match crate::resolve::resolve(host) {
            Answer::Addresses { addresses } => addresses,
            other => return other,
        },
    };
    let targets: VecDeque<(IpAddr, u16)> =
        addresses.iter().flat_map(|address| ports.iter().map(|port| (*address, *port))).collect();
    if targets.is_empty() || ports.contains(&0) {
        return Answer::Broken { why: "no ports to dial, or port 0".to_owned() };
    }
    if targets.len() > MOST {
        return Answer::Broken { why: format!("{} connections are more than {MOST}: sweep a range", targets.len()) };
    }
    let threads = targets.len().min(AT_ONCE);
    let waiting = Mutex::new(targets);
    let take = || waiting.lock().ok()?.pop_front();
    let work = || {
        let mut done = Vec::new();
        while let Some((address, port)) = take() {
            done.push(one(address, port, timeout)?);
        }
        Ok::<_, String>(done)
    };
    let dialled = std::thread::scope(|scope| {
        // The first thread is this one: where no other can be started it does all the work.
        let others: Vec<_> =
            (1..threads).map_while(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mut parts = vec![work()];
        parts.extend(
            others
                .into_iter()
                .map(|other| other.join().unwrap_or_else(|_| Err("a thread that dialled ended by itself".to_owned()))),
        );
        parts.into_iter().collect::<Result<Vec<_>, String>>()
    });
    match dialled {
        Err(why) => Answer::Broken { why },
        Ok(parts) => {
            let mut all: Vec<Dialled> = parts.into_iter().flatten().collect();
            let place = |one: &Dialled| {
                let address = addresses.iter().position(|address| *address == one.address);
                (address, ports.iter().position(|port| *port == one.port))
            };
            all.sort_by_key(place);
            Answer::Dialled { ports: all }
        }
    }
}

fn one(address: IpAddr, port: u16, timeout: Duration) -> Result<Dialled, String> {
    let target = SocketAddr::new(address, port);
    let began = Instant::now();
    let state = Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))
        .and_then(|socket| socket.connect_timeout(&target.into(), timeout).map(|()| sweep::open_state(&socket)));
    let state = match state {
        Ok(state) => state,
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => State::Filtered,
        Err(error) => match sweep::classify(&error, port)? {
            Step::Known(state) => state,
            Step::Pending | Step::LocalLimit => return Err(format!("{target}: {error}")),
        },
    };
    Ok(Dialled { address, port, state, took_ms: began.elapsed().as_millis().try_into().unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::deaf::Deaf;

    #[test]
    fn tells_each_port_in_the_order_asked_and_resolves_a_name_first() {
        let open = TcpListener::bind("127.0.0.1:0").expect("a port");
        let open = (open.local_addr().expect("its address").port(), open);
        let closed = TcpListener::bind("127.0.0.1:0").and_then(|gone| gone.local_addr()).expect("a port").port();
        let answer = dial("127.0.0.1", &[closed, open.0], Duration::from_secs(2));
        let Answer::Dialled { ports } = answer else { panic!("{answer:?}") };
        let told: Vec<(u16, State)> = ports.iter().map(|one| (one.port, one.state)).collect();
        assert_eq!(told, [(closed, State::Closed), (open.0, State::Open)]);
        let answer = dial("localhost", &[open.0], Duration::from_secs(2));
        let Answer::Dialled { ports } = answer else { panic!("{answer:?}") };
        assert!(ports.iter().any(|one| one.address.is_loopback() && one.state == State::Open), "{ports:?}");
        let nowhere = format!("{}.invalid", "a".repeat(70));
        assert!(matches!(dial(&nowhere, &[80], Duration::from_secs(1)), Answer::NoSuchName { .. }));
        assert!(matches!(dial("127.0.0.1", &[], Duration::from_secs(1)), Answer::Broken { .. }));
    }

    #[test]
    fn what_does_not_answer_is_filtered_and_what_has_no_route_is_told_so() {
        let deaf = Deaf::on("127.0.0.83".parse().expect("an address"));
        let port = deaf.port;
        let answer = dial("127.0.0.83", &[port], Duration::from_millis(50));
        assert!(matches!(&answer, Answer::Dialled { ports } if ports[0].state == State::Filtered), "{answer:?}");
        // The kernel refuses to connect to a broadcast address by itself.
        let answer = dial("255.255.255.255", &[9], Duration::from_millis(50));
        assert!(matches!(&answer, Answer::Dialled { ports } if ports[0].state == State::Unreachable), "{answer:?}");
    }
}
