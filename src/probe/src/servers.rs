//! Each name server of resolv.conf asked by itself, over UDP, without a resolver in between.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{AskServers, AskedName, AskedServer, AskedServers, CannotLook, NameHeard, milliseconds};

use crate::resolv_conf::ResolvConf;

/// How long the C library waits for an answer, unless resolv.conf says otherwise.
const WAITS: Duration = Duration::from_secs(5);
/// An answer that takes longer is remarkable: where resolv.conf has `timeout:1`, nobody waits for it.
pub(crate) const SLOW: Duration = Duration::from_secs(1);
/// When a query that is not answered is sent again: UDP loses some.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];
/// The most names of a question, those that nobody has besides.
const MOST_NAMES: usize = 16;
/// The longest answer over UDP; what is longer comes truncated, and is an answer too.
const LONGEST_ANSWER: usize = 4096;

const A: u16 = 1;
const AAAA: u16 = 28;

/// Asks them all, side by side.
///
/// # Errors
/// If there is nothing to ask, or no socket to ask with.
pub(crate) fn ask(question: &AskServers) -> Result<AskedServers, CannotLook> {
    let conf = ResolvConf::of_this_machine();
    let nobodys = conf.search.iter().map(|domain| format!("{}.{domain}", question.nobodys));
    let names: Vec<String> = question.names.iter().take(MOST_NAMES).cloned().chain(nobodys).collect();
    let servers = std::thread::scope(|scope| {
        let asking: Vec<_> = conf
            .servers
            .iter()
            .map(|(word, address, zone)| {
                let (names, server) = (&names, at_port(*address, zone.as_deref()));
                (word, scope.spawn(move || ask_one(server?, names)))
            })
            .collect();
        let ended = |word: &String, asked: std::thread::Result<Result<Vec<AskedName>, CannotLook>>| {
            let asked = asked.unwrap_or_else(|_| Err(CannotLook::because("a thread that asked ended by itself")))?;
            Ok::<_, CannotLook>(AskedServer { address: word.clone(), asked })
        };
        asking.into_iter().map(|(word, thread)| ended(word, thread.join())).collect::<Result<Vec<_>, _>>()
    })?;
    let waited_ms = milliseconds(WAITS);
    Ok(AskedServers { servers, search: conf.search, ndots: conf.ndots, rotate: conf.rotate, waited_ms })
}

fn at_port(address: IpAddr, zone: Option<&str>) -> Result<SocketAddr, CannotLook> {
    match (address, zone) {
        (IpAddr::V6(address), Some(zone)) => {
            let index = zone.parse().ok().or_else(|| nix::net::if_::if_nametoindex(zone).ok());
            let index = index.ok_or_else(|| CannotLook::because(format!("there is no interface {zone}")))?;
            Ok(SocketAddrV6::new(address, 53, 0, index).into())
        }
        (address, _) => Ok(SocketAddr::new(address, 53)),
    }
}

/// What is known of the queries to one server.
struct Queries<'a> {
    names: Vec<(&'a str, bool)>,
    heard: Vec<Option<NameHeard>>,
    /// By number on the wire: which query it was, and when it was sent.
    sent: HashMap<u16, (usize, Instant)>,
}

fn ask_one(server: SocketAddr, names: &[String]) -> Result<Vec<AskedName>, CannotLook> {
    let any: SocketAddr =
        if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).map_err(|error| CannotLook::because(format!("no socket: {error}")))?;
    let both = names.iter().flat_map(|name| [(name.as_str(), false), (name.as_str(), true)]);
    let names: Vec<(&str, bool)> = both.collect();
    let mut queries = Queries { heard: vec![None; names.len()], names, sent: HashMap::new() };
    // Connected, so that only this server is heard, and an ICMP answer is.
    let began = Instant::now();
    match socket.connect(server) {
        Ok(()) => queries.exchange(&socket, began),
        Err(error) => queries.unsent(&error),
    }
    let heard = queries.heard.into_iter().map(|heard| heard.unwrap_or(NameHeard::Silence));
    let asked = queries.names.iter().zip(heard);
    Ok(asked.map(|((name, sixth), heard)| AskedName { name: (*name).to_owned(), sixth: *sixth, heard }).collect())
}

impl Queries<'_> {
    /// Sends, listens, and sends again what is not answered, until all is or the time is over.
    fn exchange(&mut self, socket: &UdpSocket, began: Instant) {
        let mut rounds = [Duration::ZERO].into_iter().chain(AGAIN).peekable();
        let mut buffer = vec![0; LONGEST_ANSWER];
        while self.heard.iter().any(Option::is_none) {
            let waited = began.elapsed();
            if rounds.next_if(|at| *at <= waited).is_some() {
                self.send(socket);
            }
            let until = rounds.peek().copied().unwrap_or(WAITS);
            let left = until.saturating_sub(began.elapsed());
            if left.is_zero() && rounds.peek().is_none() {
                return;
            }
            let _ = socket.set_read_timeout(Some(left.max(Duration::from_millis(1))));
            match socket.recv(&mut buffer) {
                Ok(length) => self.take(&buffer[..length]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // An ICMP answer: nobody listens there.
                Err(error) => return self.unsent(&error),
            }
        }
    }

    fn send(&mut self, socket: &UdpSocket) {
        for at in 0..self.names.len() {
            if self.heard[at].is_some() {
                continue;
            }
            // Names may be asked thrice, each time by another number.
            let number = self.sent.len() as u16 ^ 0x5ac3;
            let (name, sixth) = self.names[at];
            match query(number, name, if sixth { AAAA } else { A }) {
                None => self.heard[at] = Some(NameHeard::Unsent { said: format!("{name:?} is not a name") }),
                Some(packet) => {
                    self.sent.insert(number, (at, Instant::now()));
                    if let Err(error) = socket.send(&packet) {
                        // An ICMP answer to what was sent before comes here as well.
                        return self.unsent(&error);
                    }
                }
            }
        }
    }

    fn take(&mut self, packet: &[u8]) {
        let Some(number) = packet.first_chunk().map(|number| u16::from_be_bytes(*number)) else { return };
        let Some(&(at, sent)) = self.sent.get(&number) else { return };
        if self.heard[at].is_some() {
            return;
        }
        let kind = if self.names[at].1 { AAAA } else { A };
        if let Some((code, addresses)) = answer(packet, kind) {
            self.heard[at] = Some(NameHeard::Answer { code, addresses, took_ms: milliseconds(sent.elapsed()) });
        }
    }

    fn unsent(&mut self, error: &std::io::Error) {
        let said = error.to_string();
        for heard in self.heard.iter_mut().filter(|heard| heard.is_none()) {
            *heard = Some(NameHeard::Unsent { said: said.clone() });
        }
    }
}

/// A query of one name, recursion desired; none of what is not a name.
fn query(number: u16, name: &str, kind: u16) -> Option<Vec<u8>> {
    let mut packet = number.to_be_bytes().to_vec();
    packet.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    let name = name.trim_end_matches('.');
    if name.is_empty() || name.len() > 253 {
        return None;
    }
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        packet.push(length);
        packet.extend(label.as_bytes());
    }
    packet.push(0);
    packet.extend(kind.to_be_bytes());
    packet.extend([0, 1]);
    Some(packet)
}

/// The code of an answer, and its addresses of this kind; none of what is not an answer.
fn answer(packet: &[u8], kind: u16) -> Option<(u8, Vec<IpAddr>)> {
    let word = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
    let is_answer = packet.get(2)? & 0x80 != 0;
    let (code, questions, answers) = (packet.get(3)? & 0x0f, word(4)?, word(6)?);
    if !is_answer {
        return None;
    }
    let mut at = 12;
    for _ in 0..questions {
        at = after_name(packet, at)? + 4;
    }
    let mut addresses = Vec::new();
    for _ in 0..answers {
        // A truncated answer ends anywhere: what is whole counts.
        let Some(record) = after_name(packet, at) else { break };
        let (Some(of), Some(length)) = (word(record), word(record + 8)) else { break };
        let (data, end) = (record + 10, record + 10 + usize::from(length));
        let Some(bytes) = packet.get(data..end) else { break };
        addresses.extend(match (of == kind, bytes.len()) {
            (true, 4) => bytes.first_chunk::<4>().map(|bytes| IpAddr::from(*bytes)),
            (true, 16) => bytes.first_chunk::<16>().map(|bytes| IpAddr::from(*bytes)),
            _ => None,
        });
        at = end;
    }
    addresses.sort();
    addresses.dedup();
    Some((code, addresses))
}

/// The place after a name, which may end in a pointer.
fn after_name(packet: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *packet.get(at)? {
            0 => return Some(at + 1),
            pointer if pointer & 0xc0 == 0xc0 => return Some(at + 2),
            length => at += usize::from(length) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name server that answers A with an address that its name tells, and AAAA not at all.
    fn server() -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("its address");
        std::thread::spawn(move || {
            let mut buffer = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let asked = &buffer[..length];
                if asked[length - 3] == 28 {
                    continue;
                }
                let mut reply = asked.to_vec();
                reply[2] |= 0x80;
                match asked[13] {
                    b'n' => reply[3] = 3,
                    _ => {
                        reply[7] = 1;
                        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 20]);
                    }
                }
                let _ = socket.send_to(&reply, from);
            }
        });
        address
    }

    #[test]
    fn each_query_is_told_by_itself() {
        let names = ["dss.lab.internal".to_owned(), "none.lab.internal".to_owned(), "a..b".to_owned()];
        let asked = ask_one(server(), &names).expect("answers");
        let told: Vec<String> = asked
            .iter()
            .map(|asked| match &asked.heard {
                NameHeard::Answer { code, addresses, .. } => format!("{} {code} {addresses:?}", asked.name),
                other => format!("{} {other}", asked.name),
            })
            .collect();
        assert_eq!(
            told,
            [
                "dss.lab.internal 0 [10.0.0.20]",
                "dss.lab.internal no answer",
                "none.lab.internal 3 []",
                "none.lab.internal no answer",
                "a..b \"a..b\" is not a name",
                "a..b \"a..b\" is not a name",
            ]
        );
    }

    #[test]
    fn nobody_listening_is_told_at_once() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("its address");
        drop(socket);
        let asked = ask_one(address, &["a.example".to_owned()]).expect("answers");
        assert!(asked.iter().all(|asked| matches!(asked.heard, NameHeard::Unsent { .. })), "{asked:?}");
    }

    #[test]
    fn what_is_not_an_answer_is_none() {
        let asked = query(7, "a.example", A).expect("a query");
        assert_eq!(answer(&asked, A), None);
        for end in 0..asked.len() {
            let mut cut = asked[..end].to_vec();
            if let Some(flags) = cut.get_mut(2) {
                *flags |= 0x80;
            }
            let _ = answer(&cut, A);
        }
    }
}
